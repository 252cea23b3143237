#include "server/hooks_send.h"

#include <stdio.h>

#include "base/fault.h"
#include "base/hash.h"
#include "server/hooks_say.h"

enum { CONNECT_MS = 5 * 1000, ANSWER_BYTES_MAX = 64 * 1024, BODY_BYTES_MAX = 1024 * 1024 };
enum { HEADERS = 3, HEADER_ROOM = 160, STATUS_GONE = 410 };

static const int64_t wait_first_us = 12500 * 1000LL; // 10 s and what chance may take from it
static const int64_t wait_most_us = 3600 * 1000 * 1000LL;

int64_t hooks_wait_us(const struct delivery *delivery, int64_t attempts) {
    struct {
        int64_t delivery, attempts;
    } seed = {delivery->id, attempts};
    int64_t test_us = (int64_t)fault_number("WEIR_HOOK_WAIT_MS") * 1000;
    if (test_us > 0) { // a test can't wait so long
        return test_us;
    }
    int64_t most_us = wait_first_us;
    for (int64_t i = 1; i < attempts && most_us < wait_most_us; i++) {
        most_us *= 2;
    }
    most_us = most_us < wait_most_us ? most_us : wait_most_us;
    struct print print = print_of((struct text){(const char *)&seed, sizeof seed}, (uint64_t)delivery->at_us);
    return most_us - (int64_t)(print.low % (uint64_t)(most_us / 5 + 1));
}

static bool say_error(const struct error *why, struct arena *arena, struct hooks_sent *out, struct error *error) {
    struct buffer shown;
    buffer_init(&shown, 2 * (size_t)ERROR_MESSAGE_MAX);
    hooks_show_message(&shown, text_of(why->message));
    bool ok = arena_text(arena, buffer_view(&shown), &out->message);
    buffer_clear(&shown);
    return ok || error_memory(error);
}

// What the answer means. Its body is of no use: whoever takes a delivery says so by the status.
static bool judge(struct http_call *call, struct arena *arena, struct hooks_sent *out, struct error *error) {
    struct http_head head;
    struct error why;
    if (!http_head(call, &head, &why)) {
        return say_error(&why, arena, out, error);
    }
    char *message = arena_print(arena, "it answered with %d", head.status);
    if (message == NULL) {
        return error_memory(error);
    }
    out->outcome = head.status >= 200 && head.status < 300 ? HOOKS_TAKEN
                   : head.status == STATUS_GONE            ? HOOKS_GONE
                                                           : HOOKS_AGAIN;
    out->after_us = head.after_us;
    out->message = out->outcome == HOOKS_TAKEN ? (struct text){"", 0} : text_of(message);
    return true;
}

static bool post(struct http *http, const struct clock *clock, const struct delivery *delivery, struct text body,
                 struct arena *arena, struct hooks_sent *out, struct error *error) {
    char name[HOOKS_NAME];
    char signature[HOOKS_SIGNATURE];
    char lines[HEADERS][HEADER_ROOM];
    struct text headers[HEADERS];
    struct http_call *call = NULL;
    struct error why;
    hooks_name(delivery, name);
    if (!hooks_sign(delivery->hook.secret, clock_now(clock), body, signature)) {
        return error_memory(error);
    }
    snprintf(lines[0], HEADER_ROOM, "Weir-Event: %.*s", TEXT_ARGS(delivery->event));
    snprintf(lines[1], HEADER_ROOM, "Weir-Delivery: %s", name);
    snprintf(lines[2], HEADER_ROOM, "Weir-Signature: %s", signature);
    for (size_t i = 0; i < HEADERS; i++) {
        headers[i] = text_of(lines[i]);
    }
    struct http_request request = {
        .verb = "POST",
        .url = delivery->hook.url,
        .body = body,
        .type = TEXT_LITERAL("application/json"),
        .headers = headers,
        .header_count = HEADERS,
        .writes = true,
        .small = true,
    };
    bool ok =
        http_send(http, &request, &call, &why) ? judge(call, arena, out, error) : say_error(&why, arena, out, error);
    http_call_close(call);
    return ok;
}

bool hooks_send(struct ledger *ledger, const struct clock *clock, const struct http_rules *rules,
                const struct delivery *delivery, struct arena *arena, struct hooks_sent *out, struct error *error) {
    struct http_setup setup = {
        .base = delivery->hook.url,
        .at_once_max = 1,
        .connect_ms = CONNECT_MS,
        .total_ms = HOOKS_SEND_MS,
        .silence_ms = HOOKS_SEND_MS,
        .body_bytes_max = ANSWER_BYTES_MAX,
        .rules = *rules,
        .clock = clock,
    };
    struct http *http;
    struct job job;
    struct buffer body;
    struct error why;
    bool known = false;
    *out = (struct hooks_sent){.outcome = HOOKS_AGAIN};
    if (delivery->job != 0 && !ledger_job_find(ledger, delivery->job, arena, &known, &job, error)) {
        return false;
    }
    buffer_init(&body, BODY_BYTES_MAX);
    bool ok = hooks_body(&body, delivery, known ? &job : NULL, arena, error);
    if (ok && http_open(&setup, &http, &why)) {
        ok = post(http, clock, delivery, buffer_view(&body), arena, out, error);
        http_close(http);
    } else if (ok) {
        ok = say_error(&why, arena, out, error);
    }
    buffer_clear(&body);
    return ok;
}

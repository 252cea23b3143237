// http/http.h without a network: a client belongs to a simulated datasource of what is being played. A request is
// carried out when it is sent, unless the plan says otherwise (sim_http_fate.c); its answer waits until it is read.

#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "sim_http_inner.h"

enum { CLIENT_BYTES_MAX = 1024 * 1024, BASE_PATH = 4 }; // "/api"

#define SILENCE_US INT64_C(60000000)

// --- clients ---

bool http_open(const struct http_setup *setup, struct http **out, struct error *error) {
    struct sim *sim = sim_now;
    *out = NULL;
    struct http *http = memory_zero(1, sizeof *http);
    if (http == NULL) {
        return error_memory(error);
    }
    arena_init(&http->arena, CLIENT_BYTES_MAX);
    http->sim = sim;
    http->clock = setup->clock;
    http->silence_us = setup->silence_ms > 0 ? setup->silence_ms * 1000 : SILENCE_US;
    if (!http_url_read(setup->base, &http->arena, &http->base, error)) {
        http_close(http);
        return false;
    }
    for (int source = 0; source < SIM_SOURCES; source++) {
        char host[40];
        snprintf(host, sizeof host, "%s.sim", sim_place_name((enum sim_place)(SIM_EAST + source)));
        if (text_is(http->base.host, host)) {
            http->remote = &sim->remotes[source];
        }
    }
    SIM_CHECK(http->remote != NULL && http->remote->knobs != NULL && setup->host_count == 0);
    *out = http;
    return true;
}

void http_close(struct http *http) {
    if (http == NULL) {
        return;
    }
    while (http->first != NULL) {
        http_call_close(http->first);
    }
    arena_clear(&http->arena);
    memory_free(http);
}

void http_poll(struct http *http) {
    (void)http;
}

// It stands here so that whoever plays gets this file, and not the real client's.
void sim_http_end(struct sim *sim) {
    sim_late_arrive(sim);
}

// --- sending ---

static bool take_url(struct http_call *call, struct text url, struct error *error) {
    const struct http_url *base = &call->http->base;
    if (!http_url_join(base, url, &call->arena, &call->url, error)) {
        return false;
    }
    if (!http_url_same(base, &call->url)) {
        return error_set(error, ERROR_HTTP_ADDRESS, "%s is not where this datasource is", call->url.host.data);
    }
    struct text path = call->url.path;
    SIM_CHECK(path.length > BASE_PATH && memcmp(path.data, "/api", BASE_PATH) == 0);
    call->ask.path = (struct text){path.data + BASE_PATH, path.length - BASE_PATH};
    call->ask.query = call->url.given_query ? call->url.query : TEXT_LITERAL("");
    return true;
}

static bool take_key(struct http_call *call, const struct http_request *request, struct error *error) {
    static const char name[] = "Idempotency-Key:";
    call->ask.key = TEXT_LITERAL("");
    for (size_t i = 0; i < request->header_count; i++) {
        struct text line = request->headers[i];
        if (line.length >= sizeof name - 1 && strncasecmp(line.data, name, sizeof name - 1) == 0) {
            struct text value = text_trim((struct text){line.data + sizeof name - 1, line.length - (sizeof name - 1)});
            return arena_text(&call->arena, value, &call->ask.key) || error_memory(error);
        }
    }
    return true;
}

bool http_send(struct http *http, const struct http_request *request, struct http_call **out, struct error *error) {
    *out = NULL;
    if (sim_http_dead(http)) {
        return sim_http_say_dead(error);
    }
    struct http_call *call = memory_zero(1, sizeof *call);
    if (call == NULL) {
        return error_memory(error);
    }
    arena_init(&call->arena, SIM_CALL_BYTES_MAX);
    call->http = http;
    call->fault = SIM_FAULTS;
    call->writes = request->writes;
    call->ask.body = request->body.length > 0 ? request->body : TEXT_LITERAL("");
    if (http->last != NULL) {
        http->last->next = call;
    } else {
        http->first = call;
    }
    http->last = call;
    call->verb = arena_copy(&call->arena, request->verb, strlen(request->verb));
    if (call->verb == NULL) {
        error_memory(error);
    }
    if (call->verb == NULL || !take_url(call, request->url, error) || !take_key(call, request, error)) {
        http_call_close(call);
        return false;
    }
    call->ask.verb = text_of(call->verb);
    sim_call_send(call);
    *out = call;
    return true;
}

void http_call_close(struct http_call *call) {
    if (call == NULL) {
        return;
    }
    struct http *http = call->http;
    struct http_call *before = NULL;
    for (struct http_call *each = http->first; each != call; each = each->next) {
        before = each;
    }
    if (before != NULL) {
        before->next = call->next;
    } else {
        http->first = call->next;
    }
    if (http->last == call) {
        http->last = before;
    }
    arena_clear(&call->arena);
    memory_free(call);
}

// --- what came before the body ---

// False: no answer comes.
static bool await(struct http_call *call, struct error *error) {
    sim_call_await(call);
    if (sim_http_dead(call->http)) {
        return sim_http_say_dead(error);
    }
    if (call->step == SIM_STEP_FAILED) {
        *error = call->error;
        return false;
    }
    return true;
}

bool http_head(struct http_call *call, struct http_head *out, struct error *error) {
    struct buffer url;
    *out = (struct http_head){0};
    if (!await(call, error)) {
        return false;
    }
    if (call->writes && call->say.status >= 300 && call->say.status < 400) {
        return error_set(error, ERROR_HTTP_REDIRECT,
                         "%s %s was answered with %d and sent to '%s'; a write is not sent on", call->verb,
                         call->url.whole.data, call->say.status, call->say.moved.data);
    }
    buffer_init(&url, HTTP_URL_MAX + 64);
    http_url_hide(&url, call->url.whole, TEXT_LITERAL(""));
    bool fine = !url.failed && arena_text(&call->arena, buffer_view(&url), &out->url);
    buffer_clear(&url);
    out->status = call->say.status;
    out->type = call->say.type;
    out->unproven = call->unproven;
    out->after_us = call->say.retry_s > 0 ? clock_now(call->http->clock) + call->say.retry_s * 1000000 : 0;
    return fine || error_memory(error);
}

struct text http_headers(const struct http_call *call) {
    struct arena *arena = (struct arena *)(uintptr_t)&call->arena;
    const struct sim_say *say = &call->say;
    struct buffer lines;
    struct text out = TEXT_LITERAL("");
    buffer_init(&lines, SIM_CALL_BYTES_MAX);
    if (say->type.length > 0) {
        buffer_print(&lines, "Content-Type: %.*s\n", TEXT_ARGS(say->type));
    }
    if (say->link.length > 0) {
        buffer_print(&lines, "Link: %.*s\n", TEXT_ARGS(say->link));
    }
    if (say->moved.length > 0) {
        buffer_print(&lines, "Location: %.*s\n", TEXT_ARGS(say->moved));
    }
    if (say->retry_s > 0) {
        buffer_print(&lines, "Retry-After: %lld\n", (long long)say->retry_s);
    }
    SIM_CHECK(lines.length == 0 || arena_text(arena, buffer_view(&lines), &out));
    buffer_clear(&lines);
    return out;
}

struct text http_header(const struct http_call *call, const char *name) {
    struct text lines = http_headers(call);
    size_t length = strlen(name);
    for (size_t at = 0; at < lines.length;) {
        const char *line = lines.data + at;
        const char *end = memchr(line, '\n', lines.length - at);
        size_t size = (size_t)(end - line);
        if (size > length && line[length] == ':' && strncasecmp(line, name, length) == 0) {
            return text_trim((struct text){line + length + 1, size - length - 1});
        }
        at += size + 1;
    }
    return TEXT_LITERAL("");
}

// --- the body ---

// What reached its reader whole, and as the datasource said it, is known to weir.
static void took(struct http_call *call, size_t count) {
    call->taken += count;
    if (call->taken == call->arrives && !call->harmed && count > 0) {
        sim_remote_served(call->http->remote, call->say.body);
    }
}

static bool end_body(struct http_call *call, struct error *error) {
    if (!call->torn) {
        return true;
    }
    sim_call_lose(call, "the connection was closed with bytes missing");
    *error = call->error;
    return false;
}

bool http_read(struct http_call *call, char *into, size_t room, size_t *got, struct error *error) {
    *got = 0;
    if (!await(call, error)) {
        return false;
    }
    size_t left = call->arrives - call->taken;
    if (left == 0) {
        return end_body(call, error);
    }
    *got = left < room ? left : room;
    memcpy(into, call->say.body.data + call->taken, *got);
    took(call, *got);
    return true;
}

bool http_finish(struct http_call *call, size_t bytes_max, struct arena *arena, struct text *out, struct error *error) {
    *out = TEXT_LITERAL("");
    if (!await(call, error)) {
        return false;
    }
    size_t left = call->arrives - call->taken;
    if (left > bytes_max) {
        return error_set(error, ERROR_HTTP_SIZE, "the body is larger than its limit of %zu bytes", bytes_max);
    }
    if (!end_body(call, error)) {
        return false;
    }
    struct text rest = {call->say.body.data + call->taken, left};
    if (left > 0 && !arena_text(arena, rest, out)) {
        return error_memory(error);
    }
    took(call, left);
    return true;
}

static enum error_code code_of(int status) {
    if (status == 401 || status == 403) {
        return ERROR_HTTP_REFUSED;
    }
    if (status == 429 || status == 503) {
        return ERROR_HTTP_BUSY;
    }
    return status >= 500 ? ERROR_HTTP_SERVER : ERROR_HTTP_STATUS;
}

bool http_refuse(struct http_call *call, struct error *error) {
    struct http_head head;
    struct buffer shown;
    if (!http_head(call, &head, error)) {
        return false;
    }
    struct text what = sim_call_show(call, &shown);
    error_set(error, code_of(head.status), "%.*s was answered with %d: %.*s", TEXT_ARGS(what), head.status,
              TEXT_ARGS(call->say.body));
    if (error != NULL) {
        error->after_us = head.after_us;
    }
    buffer_clear(&shown);
    return false;
}

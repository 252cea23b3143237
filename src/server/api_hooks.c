// Webhooks: who is told of the ends of runs, and what became of telling them.

#include <openssl/crypto.h>
#include <stdio.h>
#include <sys/random.h>

#include "http/http_url.h"
#include "server/api.h"
#include "server/hooks.h"
#include "server/hooks_say.h"
#include "server/job_json.h"
#include "server/service.h"

enum { URL_BYTES_MAX = 2000, SECRET_BYTES_MIN = 16, SECRET_BYTES_MAX = 200, ORG_HOOKS_MAX = 50 };
enum { LIST_LIMIT = 100, LIST_LIMIT_MAX = 1000, EVENTS_ROOM = 200 };

// A prefix that a scanner for leaked secrets can look for, and 256 bits in hex.
static const char secret_prefix[] = "whsec_";
enum { SECRET_RANDOM = 32, SECRET_ROOM = sizeof secret_prefix + 2 * SECRET_RANDOM };

static const char *const events_known[] = {"done", "warning", "failed", "interrupted", "cancelled", "waiting", NULL};

// --- list ---

static void put_events(struct members *members, struct text events) {
    members_open_list(members, "events");
    for (const char *const *event = events_known; *event != NULL; event++) {
        if (memmem(events.data, events.length, *event, strlen(*event)) != NULL) {
            members_string(members, NULL, *event);
        }
    }
    members_close_list(members);
}

static bool put_hook(struct members *members, const struct hook *hook, struct error *error) {
    struct buffer shown;
    buffer_init(&shown, URL_BYTES_MAX + 16);
    hooks_show_url(&shown, hook->url);
    members_integer(members, "id", hook->id);
    members_text(members, "org", hook->org);
    members_text(members, "url", buffer_view(&shown));
    put_events(members, hook->events);
    members_text(members, "form", hook->form);
    members_time(members, "created", hook->created_us);
    bool ok = !shown.failed || error_memory(error);
    buffer_clear(&shown);
    return ok;
}

static bool list_row(void *context, const struct hook *hook, struct error *error) {
    struct exchange *exchange = context;
    members_open(&exchange->members, NULL);
    bool ok = put_hook(&exchange->members, hook, error);
    members_close(&exchange->members);
    return ok;
}

void api_hooks_list(struct exchange *exchange) {
    struct error error;
    struct members *members = exchange_begin(exchange, 200);
    members_open(members, NULL);
    members_open_list(members, "hooks");
    if (!ledger_hook_scan(exchange->service->ledger, exchange->org, list_row, exchange, &error)) {
        exchange_fail(exchange, &error);
        return;
    }
    members_close_list(members);
    members_close(members);
    exchange_end(exchange);
}

// --- create ---

static bool count_row(void *context, const struct hook *hook, struct error *error) {
    (void)hook;
    (void)error;
    ++*(int *)context;
    return true;
}

static bool url_good(struct exchange *exchange, struct text url) {
    struct http_url parts;
    struct error error;
    if (url.length == 0 || url.length > URL_BYTES_MAX) {
        exchange_refuse(exchange, 422, ERROR_REQUEST, "\"url\" is an address of %d bytes at most", URL_BYTES_MAX);
        return false;
    }
    if (!http_url_read(url, &exchange->arena, &parts, &error)) {
        exchange_refuse(exchange, 422, ERROR_REQUEST, "%s", error.message);
        return false;
    }
    return true;
}

static bool event_add(struct exchange *exchange, const struct value *event, char room[EVENTS_ROOM], size_t *length) {
    for (const char *const *known = events_known; *known != NULL; known++) {
        if (event->kind == VALUE_TEXT && text_is(value_slice(event), *known)) {
            *length += (size_t)snprintf(room + *length, EVENTS_ROOM - *length, "%s%s", *length > 0 ? " " : "", *known);
            return true;
        }
    }
    exchange_refuse(exchange, 422, ERROR_REQUEST,
                    "\"events\" lists done, warning, failed, interrupted, cancelled and waiting, each once");
    return false;
}

static bool events_read(struct exchange *exchange, const struct object *body, char room[EVENTS_ROOM],
                        struct text *out) {
    const struct value *events = object_find(body, TEXT_LITERAL("events"));
    size_t length = 0;
    if (events != NULL && events->kind != VALUE_NULL &&
        (events->kind != VALUE_LIST || events->length >= sizeof events_known / sizeof events_known[0])) {
        exchange_refuse(exchange, 422, ERROR_REQUEST, "\"events\" is a list of what ends of runs are told");
        return false;
    }
    for (uint32_t i = 0; events != NULL && events->kind == VALUE_LIST && i < events->length; i++) {
        if (!event_add(exchange, &events->as.items[i], room, &length)) {
            return false;
        }
    }
    *out = (struct text){room, length};
    return true;
}

// The one that was given, or one of the server's.
static bool secret_make(struct exchange *exchange, struct text *secret, char room[SECRET_ROOM]) {
    unsigned char random[SECRET_RANDOM];
    for (size_t i = 0; i < secret->length; i++) {
        if ((unsigned char)secret->data[i] <= ' ' || (unsigned char)secret->data[i] >= 0x7f) {
            exchange_refuse(exchange, 422, ERROR_REQUEST, "\"secret\" is made of ASCII characters without spaces");
            return false;
        }
    }
    if (secret->length > 0) {
        if (secret->length < SECRET_BYTES_MIN || secret->length > SECRET_BYTES_MAX) {
            exchange_refuse(exchange, 422, ERROR_REQUEST, "\"secret\" has %d to %d characters", SECRET_BYTES_MIN,
                            SECRET_BYTES_MAX);
            return false;
        }
        return true;
    }
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random) {
        exchange_refuse(exchange, 503, ERROR_MEMORY, "the system gives no random bytes");
        return false;
    }
    memcpy(room, secret_prefix, sizeof secret_prefix);
    for (size_t i = 0; i < sizeof random; i++) {
        snprintf(room + sizeof secret_prefix - 1 + 2 * i, 3, "%02x", random[i]);
    }
    OPENSSL_cleanse(random, sizeof random);
    *secret = (struct text){room, SECRET_ROOM - 1};
    return true;
}

static bool room_left(struct exchange *exchange) {
    struct error error;
    int count = 0;
    if (!ledger_hook_scan(exchange->service->ledger, exchange->org, count_row, &count, &error)) {
        exchange_fail(exchange, &error);
        return false;
    }
    if (count >= ORG_HOOKS_MAX) {
        exchange_refuse(exchange, 422, ERROR_REQUEST, "an organisation has %d webhooks at most", ORG_HOOKS_MAX);
        return false;
    }
    return true;
}

static void answer_made(struct exchange *exchange, const struct hook *hook) {
    struct error error;
    struct members *members = exchange_begin(exchange, 201);
    members_open(members, NULL);
    bool ok = put_hook(members, hook, &error);
    members_text(members, "secret", hook->secret); // shown this once
    members_close(members);
    exchange_end(exchange);
    if (!ok) {
        exchange_fail(exchange, &error);
    }
}

void api_hooks_create(struct exchange *exchange) {
    static const char *const known[] = {"url", "events", "form", "secret", NULL};
    struct service *service = exchange->service;
    const struct object *body;
    struct actor who = job_actor(exchange);
    struct error error;
    char events[EVENTS_ROOM];
    char secret[SECRET_ROOM];
    struct hook hook = {.org = exchange->org,
                        .url = {"", 0},
                        .secret = {"", 0},
                        .form = TEXT_LITERAL("json"),
                        .created_us = clock_now(service->setup->clock)};
    if (!exchange_object(exchange, &body) || !exchange_members_known(exchange, body, known) ||
        !exchange_member_text(exchange, body, "url", &hook.url) ||
        !exchange_member_text(exchange, body, "form", &hook.form) ||
        !exchange_member_text(exchange, body, "secret", &hook.secret) || !url_good(exchange, hook.url) ||
        !events_read(exchange, body, events, &hook.events)) {
        return;
    }
    if (!text_is(hook.form, "json") && !text_is(hook.form, "slack")) {
        exchange_refuse(exchange, 422, ERROR_REQUEST, "\"form\" is json or slack");
        return;
    }
    if (!room_left(exchange) || !secret_make(exchange, &hook.secret, secret)) {
        return;
    }
    if (!ledger_hook_add(service->ledger, &hook, &who, &hook.id, &error)) {
        exchange_fail(exchange, &error);
        return;
    }
    answer_made(exchange, &hook);
}

// --- remove, try ---

static void no_hook(struct exchange *exchange, int64_t id) {
    exchange_refuse(exchange, 404, ERROR_NOT_THERE, "there is no webhook %lld", (long long)id);
}

void api_hooks_remove(struct exchange *exchange) {
    struct actor who = job_actor(exchange);
    struct error error;
    int64_t id;
    bool found;
    if (!exchange_id(exchange, 0, &id)) {
        return;
    }
    if (!ledger_hook_drop(exchange->service->ledger, exchange->org, id, &who, &found, &error)) {
        exchange_fail(exchange, &error);
    } else if (!found) {
        no_hook(exchange, id);
    } else {
        exchange_empty(exchange);
    }
}

static void answer_asked(struct exchange *exchange, int64_t delivery) {
    hooks_rouse(exchange->service->hooks);
    struct members *members = exchange_begin(exchange, 202);
    members_open(members, NULL);
    members_integer(members, "delivery", delivery);
    members_close(members);
    exchange_end(exchange);
}

void api_hooks_test(struct exchange *exchange) {
    struct actor who = job_actor(exchange);
    struct error error;
    int64_t id;
    int64_t delivery;
    bool found;
    if (!exchange_id(exchange, 0, &id)) {
        return;
    }
    if (!ledger_delivery_add(exchange->service->ledger, exchange->org, id, TEXT_LITERAL("test"), &who, &found,
                             &delivery, &error)) {
        exchange_fail(exchange, &error);
    } else if (!found) {
        no_hook(exchange, id);
    } else {
        answer_asked(exchange, delivery);
    }
}

// --- deliveries ---

static bool delivery_row(void *context, const struct delivery *row, struct error *error) {
    (void)error;
    struct exchange *exchange = context;
    struct members *members = &exchange->members;
    char name[HOOKS_NAME];
    hooks_name(row, name);
    members_open(members, NULL);
    members_integer(members, "id", row->id);
    members_string(members, "delivery", name);
    members_integer(members, "hook", row->hook.id);
    if (row->job != 0) {
        members_integer(members, "run", row->job);
    } else {
        members_null(members, "run");
    }
    members_text(members, "event", row->event);
    members_text(members, "state", row->state);
    members_integer(members, "attempts", row->attempts);
    members_time(members, "at", row->at_us);
    members_time(members, "due", text_is(row->state, "waiting") ? row->due_us : 0);
    if (row->message.length > 0) {
        members_text(members, "message", row->message);
    } else {
        members_null(members, "message");
    }
    members_close(members);
    return true;
}

void api_deliveries_list(struct exchange *exchange) {
    struct error error;
    int64_t limit;
    int64_t before;
    struct text state = exchange_query(exchange, "state");
    if (state.length > 0 && !text_is(state, "waiting") && !text_is(state, "done") && !text_is(state, "dead")) {
        exchange_refuse(exchange, 400, ERROR_REQUEST, "state is waiting, done or dead");
        return;
    }
    if (!exchange_count(exchange, "limit", LIST_LIMIT, 1, LIST_LIMIT_MAX, &limit) ||
        !exchange_count(exchange, "before", 0, 0, INT64_MAX, &before)) {
        return;
    }
    struct members *members = exchange_begin(exchange, 200);
    members_open(members, NULL);
    members_open_list(members, "deliveries");
    if (!ledger_delivery_scan(exchange->service->ledger, exchange->org, state, before, limit, delivery_row, exchange,
                              &error)) {
        exchange_fail(exchange, &error);
        return;
    }
    members_close_list(members);
    members_close(members);
    exchange_end(exchange);
}

void api_deliveries_retry(struct exchange *exchange) {
    struct actor who = job_actor(exchange);
    struct error error;
    int64_t id;
    bool found;
    if (!exchange_id(exchange, 0, &id)) {
        return;
    }
    if (!ledger_delivery_retry(exchange->service->ledger, exchange->org, id, &who, &found, &error)) {
        exchange_fail(exchange, &error);
    } else if (!found) {
        exchange_refuse(exchange, 404, ERROR_NOT_THERE, "there is no dead delivery %lld", (long long)id);
    } else {
        answer_asked(exchange, id);
    }
}

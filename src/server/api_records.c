// Records that a datasource gives and takes by itself: posted ones go into home's inbox, which is durable before the
// answer, and through the sync's transforms in a warm child; home's come out through its push transforms in another.

#include <stdio.h>

#include "base/clock.h"
#include "base/memory.h"
#include "engine/inbox.h"
#include "format/format_json.h"
#include "server/api.h"
#include "server/homes.h"
#include "server/service.h"
#include "server/supervisor.h"
#include "server/sync_params.h"
#include "server/warm.h"
#include "server/warm_answer.h"

enum {
    WAIT_SECONDS_MAX = 60,
    RECEIPTS_LIMIT = 1000,
    VIEW_WAIT_SECONDS = 60,
    LIMIT_DEFAULT = 100,
    LIMIT_MAX = 1000,
    AFTER_MAX = 200
};
static const int64_t second_us = 1000 * 1000;

// What a post or a question waits for.
struct waiting {
    int64_t question; // 0: it is answered
    struct text key;  // sync_key
    struct inbox_receipts receipts;
    bool drains; // asked for even when nobody waits any more
};

static void waiting_end(struct exchange *exchange) {
    struct waiting *waiting = exchange->state;
    if (waiting->question != 0) {
        (waiting->drains ? warm_release : warm_forget)(exchange->service->warm, waiting->question);
    }
    memory_free(waiting);
}

static struct waiting *waiting_make(struct exchange *exchange) {
    struct waiting *waiting = memory_zero(1, sizeof *waiting);
    if (waiting == NULL) {
        exchange_refuse(exchange, 503, ERROR_MEMORY, "there is no memory for this");
        return NULL;
    }
    exchange->state = waiting;
    exchange->end = waiting_end;
    return waiting;
}

// Whether the sync has a type of this name.
static bool type_check(struct exchange *exchange, const struct catalog_sync *sync, struct text type) {
    const struct value *types =
        sync->declared.kind == VALUE_OBJECT ? object_find(sync->declared.as.object, TEXT_LITERAL("types")) : NULL;
    for (uint32_t i = 0; types != NULL && types->kind == VALUE_LIST && i < types->length; i++) {
        const struct value *row = &types->as.items[i];
        const struct value *name = row->kind == VALUE_OBJECT ? object_find(row->as.object, TEXT_LITERAL("name")) : NULL;
        if (name != NULL && name->kind == VALUE_TEXT && text_same(value_slice(name), type)) {
            return true;
        }
    }
    exchange_refuse(exchange, 404, ERROR_NOT_THERE, "%.*s has no type %.*s", TEXT_ARGS(sync->name), TEXT_ARGS(type));
    return false;
}

static struct text key_of(const struct catalog_sync *sync) {
    const struct value *key =
        sync->declared.kind == VALUE_OBJECT ? object_find(sync->declared.as.object, TEXT_LITERAL("key")) : NULL;
    return key != NULL && key->kind == VALUE_TEXT ? value_slice(key) : (struct text){"", 0};
}

// --- receipts ---

static bool put_receipt(void *context, const struct inbox_row *row, struct error *error) {
    (void)error;
    struct members *members = context;
    members_open(members, NULL);
    members_integer(members, "receipt", row->id);
    members_string(members, "state", row->done ? "done" : "waiting");
    if (row->done) {
        members_text(members, "outcome", row->outcome);
    } else {
        members_null(members, "outcome");
    }
    if (row->home > 0) {
        members_integer(members, "id", row->home);
    } else {
        members_null(members, "id");
    }
    if (row->code.length > 0) {
        members_text(members, "code", row->code);
        members_text(members, "reason", row->reason);
    }
    members_close(members);
    return true;
}

static bool put_receipts(struct exchange *exchange, const struct inbox_ask *ask, struct error *error) {
    struct service *service = exchange->service;
    struct home *home;
    if (!homes_take(service->homes, exchange->org, false, false, &home, error)) {
        return false;
    }
    bool ok = home->store->type->snapshot(home->store, error);
    if (ok) {
        members_open_list(&exchange->members, "receipts");
        ok = home->store->type->inbox_scan(home->store, ask, put_receipt, &exchange->members, error);
        members_close_list(&exchange->members);
        home->store->type->snapshot_end(home->store);
    }
    homes_give(service->homes, home);
    return ok;
}

static void answer_receipts(struct exchange *exchange, const struct waiting *waiting) {
    struct error error;
    struct inbox_ask ask = {
        .after = waiting->receipts.first - 1, .limit = (int64_t)waiting->receipts.count, .key = waiting->key};
    struct members *members = exchange_begin(exchange, 202);
    members_open(members, NULL);
    members_bool(members, "again", waiting->receipts.again);
    if (!put_receipts(exchange, &ask, &error)) {
        exchange_fail(exchange, &error);
        return;
    }
    members_close(members);
    exchange_end(exchange);
}

// --- posting ---

static bool records_read(struct exchange *exchange, const struct value **records, size_t *count) {
    struct error error;
    struct value *body = arena_take(&exchange->arena, sizeof *body);
    if (body == NULL) {
        exchange_refuse(exchange, 503, ERROR_MEMORY, "there is no memory for the records");
        return false;
    }
    if (!json_read(buffer_view(&exchange->body), &exchange->arena, NULL, body, &error)) {
        exchange_fail(exchange, &error);
        return false;
    }
    bool is_list = body->kind == VALUE_LIST;
    *records = is_list ? body->as.items : body;
    *count = is_list ? body->length : 1;
    return true;
}

// With `question`, somebody waits for it.
static bool drain_ask(struct exchange *exchange, const struct catalog_sync *sync, int64_t *question,
                      struct error *error) {
    struct warm_ask ask = {"inbox", sync->org, sync->name, TEXT_LITERAL("{}"), TEXT_LITERAL("{\"drain\":true}")};
    bool ok = question != NULL ? warm_put(exchange->service->warm, &ask, question, error)
                               : warm_wish(exchange->service->warm, &ask, error);
    if (ok) {
        supervisor_nudge(exchange->service->supervisor);
    }
    return ok;
}

// A drain takes in all that waits. Where another one holds the lease, a receipt may say that it waits still.
static bool posted(struct exchange *exchange, bool late) {
    struct waiting *waiting = exchange->state;
    struct text line;
    if (!late && !warm_answer(exchange->service->warm, waiting->question, &exchange->arena, &line)) {
        return false;
    }
    waiting->question = late ? waiting->question : 0;
    answer_receipts(exchange, waiting);
    return true;
}

static bool post(struct exchange *exchange, const struct catalog_sync *sync, const struct value *records, size_t count,
                 struct waiting *waiting) {
    struct service *service = exchange->service;
    struct home *home;
    struct error error;
    char name[300];
    char origin[160];
    int length = snprintf(name, sizeof name, "%.*s/%.*s", TEXT_ARGS(sync->org), TEXT_ARGS(sync->name));
    int origin_length = snprintf(origin, sizeof origin, "api:%.*s", TEXT_ARGS(exchange->identity.name));
    if (!homes_take(service->homes, exchange->org, true, true, &home, &error)) {
        exchange_fail(exchange, &error);
        return false;
    }
    struct inbox_post wish = {
        .store = home->store,
        .clock = service->setup->clock,
        .key = waiting->key,
        .sync = {name, (size_t)length},
        .type = exchange->params[1],
        .batch = exchange_header(exchange, "Idempotency-Key"),
        .origin = {origin, origin_length < (int)sizeof origin ? (size_t)origin_length : sizeof origin - 1},
        .print = print_of(buffer_view(&exchange->body), 0),
        .bytes = exchange->body.length,
        .records = records,
        .count = count,
    };
    bool ok = inbox_post(&wish, &waiting->receipts, &error);
    homes_give(service->homes, home);
    if (!ok && error.code == ERROR_KEY_REUSED) {
        exchange_refuse(exchange, 422, error.code, "%s", error.message);
    } else if (!ok) {
        exchange_fail(exchange, &error);
    }
    return ok;
}

void api_records_post(struct exchange *exchange) {
    struct catalog_sync sync;
    struct waiting *waiting;
    const struct value *records;
    struct error error;
    size_t count;
    int64_t seconds;
    if (!exchange_count(exchange, "wait", 0, 0, WAIT_SECONDS_MAX, &seconds) || !sync_find_good(exchange, &sync) ||
        !type_check(exchange, &sync, exchange->params[1]) || !records_read(exchange, &records, &count) ||
        (waiting = waiting_make(exchange)) == NULL) {
        return;
    }
    waiting->key = key_of(&sync);
    if (waiting->key.length == 0) {
        exchange_refuse(exchange, 409, ERROR_PARAM,
                        "%.*s has parameters without defaults; records are posted to a sync that is made of it with "
                        "settings (POST /v1/syncs)",
                        TEXT_ARGS(sync.name));
        return;
    }
    if (!post(exchange, &sync, records, count, waiting)) {
        return;
    }
    waiting->drains = true;
    // They are in; what can't be asked of a child now is asked for in the next round (supervisor_inbox.c).
    if (!drain_ask(exchange, &sync, seconds > 0 ? &waiting->question : NULL, &error) || seconds == 0) {
        answer_receipts(exchange, waiting);
        return;
    }
    exchange->until_us = exchange->at_us + seconds * second_us;
    exchange->ready = posted;
}

void api_receipts_show(struct exchange *exchange) {
    struct catalog_sync sync;
    struct error error;
    struct inbox_ask ask = {.limit = 1};
    if (!sync_find_good(exchange, &sync)) {
        return;
    }
    ask.key = key_of(&sync);
    ask.batch = exchange_query(exchange, "batch");
    if (!exchange_count(exchange, "after", 0, 0, INT64_MAX, &ask.after) ||
        !exchange_count(exchange, "limit", LIMIT_DEFAULT, 1, RECEIPTS_LIMIT, &ask.limit)) {
        return;
    }
    ask.waiting = text_is(exchange_query(exchange, "state"), "waiting");
    struct members *members = exchange_begin(exchange, 200);
    members_open(members, NULL);
    if (!put_receipts(exchange, &ask, &error)) {
        exchange_fail(exchange, &error);
        return;
    }
    members_close(members);
    exchange_end(exchange);
}

// --- taking ---

static bool viewed(struct exchange *exchange, bool late) {
    struct waiting *waiting = exchange->state;
    struct text line;
    if (!warm_answer(exchange->service->warm, waiting->question, &exchange->arena, &line)) {
        if (late) {
            exchange_refuse(exchange, 503, ERROR_SERVER_BUSY, "the script took too long for this page");
        }
        return late;
    }
    waiting->question = 0;
    warm_answer_put(exchange, line);
    return true;
}

// The question as a line of JSON.
static bool view_line(struct exchange *exchange, struct text *out) {
    int64_t limit;
    int64_t start;
    int64_t page;
    struct text after = exchange_query(exchange, "after");
    if (after.length > AFTER_MAX) {
        exchange_refuse(exchange, 400, ERROR_REQUEST, "after is what an answer gave as next");
        return false;
    }
    bool counts = exchange_query(exchange, "start").length > 0 || exchange_query(exchange, "page").length > 0;
    if (!exchange_count(exchange, "limit", LIMIT_DEFAULT, 1, LIMIT_MAX, &limit) ||
        !exchange_count(exchange, "start", 0, 0, INT64_C(1) << 40, &start) ||
        !exchange_count(exchange, "page", 0, 0, INT64_C(1) << 40, &page)) {
        return false;
    }
    struct buffer buffer;
    buffer_init(&buffer, 64 * 1024);
    struct members members = members_begin(&buffer);
    members_open(&members, NULL);
    members_text(&members, "type", exchange->params[1]);
    members_integer(&members, "limit", limit);
    if (after.length > 0) {
        members_text(&members, "after", after);
    }
    if (counts) {
        members_integer(&members, "start", start);
        members_integer(&members, "page", page);
    }
    members_close(&members);
    bool ok = !buffer.failed && arena_text(&exchange->arena, buffer_view(&buffer), out);
    buffer_clear(&buffer);
    if (!ok) {
        exchange_refuse(exchange, 413, ERROR_LIMIT, "the question is too long");
    }
    return ok;
}

void api_records_list(struct exchange *exchange) {
    static const char *const others[] = {"org", "after", "start", "limit", "page", NULL};
    struct catalog_sync sync;
    struct warm_ask ask = {.command = "view"};
    struct waiting *waiting;
    struct error error;
    if (!sync_find_good(exchange, &sync) || !type_check(exchange, &sync, exchange->params[1]) ||
        !sync_params_query(exchange, &sync, others, &ask.params) || !view_line(exchange, &ask.line) ||
        (waiting = waiting_make(exchange)) == NULL) {
        return;
    }
    ask.org = sync.org;
    ask.sync = sync.name;
    if (!warm_put(exchange->service->warm, &ask, &waiting->question, &error)) {
        exchange_fail(exchange, &error);
        return;
    }
    supervisor_nudge(exchange->service->supervisor);
    exchange->until_us = exchange->at_us + VIEW_WAIT_SECONDS * second_us;
    exchange->ready = viewed;
}

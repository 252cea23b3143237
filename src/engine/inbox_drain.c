// The inbox's other half: what waits goes in. A drain is a run in all that makes a page, and none in what surrounds it.

#include "base/memory.h"
#include "engine/inbox.h"
#include "engine/run_work.h"

// A page: its records are changed as they are found, so that a first load's size would only make a client wait.
enum {
    DRAIN_BYTES_MAX = 16 * 1024 * 1024,
    DRAIN_RECORDS = 1000,
    STRAYS_PAGE = 500,
    STRAYS_BYTES_MAX = 256 * 1024 * 1024,
};

#define INBOX_KEPT_US (7 * INT64_C(24) * 3600 * 1000000)

struct drain {
    struct run run; // without a row
    struct intake intake;
    struct run_request request;
    struct run_report report; // of the parts that a drain shares with a run; nobody sees it
    int64_t strays;           // receipts of types that the sync doesn't have
};

// --- what there is to do ---

static bool take_last(void *context, const struct inbox_row *row, struct error *error) {
    (void)error;
    *(int64_t *)context = row->id;
    return false;
}

static bool find_until(struct drain *drain, struct error *error) {
    const struct inbox_ask ask = {.key = drain->intake.key, .waiting = true, .limit = 1, .newest_first = true};
    return drain->run.store->type->inbox_scan(drain->run.store, &ask, take_last, &drain->intake.until, error);
}

static bool any_stale(void *context, const struct stale_row *row, struct error *error) {
    (void)row;
    (void)error;
    *(bool *)context = true;
    return false;
}

// A drain that was killed may have left derived fields to be computed.
static bool find_stale(struct drain *drain, bool *stale, struct error *error) {
    const struct sync *sync = drain->run.sync;
    const struct scan scan = {.limit = 1};
    bool derives = false;
    *stale = false;
    for (size_t i = 0; i < sync->datatype_count; i++) {
        derives = derives || sync->datatypes[i]->derive_count > 0;
    }
    return !derives || drain->run.store->type->stale_scan(drain->run.store, &scan, any_stale, stale, error);
}

static bool check_open(struct drain *drain, struct error *error) {
    struct closed_row closed;
    return drain->run.store->type->closed(drain->run.store, &drain->run.arena, &closed, error) &&
           (closed.run == 0 || store_closed_error(&closed, error));
}

// --- receipts of a type that the sync has no longer ---

struct strays {
    struct drain *drain;
    struct arena arena;
    struct dead_row deads[STRAYS_PAGE];
    struct inbox_done done[STRAYS_PAGE];
    size_t count;
    size_t weight;
    bool full; // rows are left
    int64_t after;
};

static bool is_known(const struct sync *sync, struct text type) {
    for (size_t i = 0; i < sync->type_count; i++) {
        if (text_same(sync->types[i].name, type)) {
            return true;
        }
    }
    return false;
}

// A dead letter of its type: a script that has the type again can retry it.
static bool take_stray(void *context, const struct inbox_row *row, struct error *error) {
    struct strays *strays = context;
    struct run *run = &strays->drain->run;
    struct arena *arena = &strays->arena;
    if (row->id > strays->drain->intake.until) {
        return false;
    }
    strays->full = strays->count == STRAYS_PAGE || strays->weight > INTAKE_BYTES;
    if (strays->full) {
        return false;
    }
    strays->after = row->id;
    if (is_known(run->sync, row->type)) {
        return true;
    }
    strays->weight += intake_weight(&row->payload);
    struct dead_row *dead = &strays->deads[strays->count];
    *dead = (struct dead_row){
        .flow = run->name,
        .datasource = run->sync->datasource,
        .print = value_print(&row->payload),
        .code = TEXT_LITERAL("W5011"),
        .attempts = 1,
        .at_us = clock_now(run->request->clock),
    };
    char hex[PRINT_HEX + 1];
    print_hex(dead->print, hex);
    char *external = arena_print(arena, "#%s", hex);
    char *place = arena_print(arena, "receipt %lld", (long long)row->id);
    char *reason = arena_print(arena, "the sync has no type \"%.*s\" any more", TEXT_ARGS(row->type));
    if (external == NULL || place == NULL || reason == NULL || !arena_text(arena, row->type, &dead->type) ||
        !value_copy(arena, &row->payload, &dead->payload)) {
        return error_memory(error);
    }
    dead->external = text_of(external);
    dead->place = text_of(place);
    dead->reason = text_of(reason);
    strays->done[strays->count++] = (struct inbox_done){row->id, TEXT_LITERAL("dead"), 0, dead->code, dead->reason};
    return true;
}

static bool close_strays(struct drain *drain, struct strays *strays, struct error *error) {
    struct run *run = &drain->run;
    const struct page page = {
        .lease = &run->lease,
        .origin = run->sync->datasource,
        .at_us = clock_now(run->request->clock),
        .deads = strays->deads,
        .dead_count = strays->count,
        .inboxes_done = strays->done,
        .inbox_done_count = strays->count,
    };
    enum commit_outcome outcome;
    bool ok = store_commit(run->store, &page, &outcome, error);
    drain->strays += ok && outcome == COMMIT_DONE ? (int64_t)strays->count : 0;
    return ok;
}

static bool drain_strays(struct drain *drain, struct error *error) {
    struct strays *strays = memory_zero(1, sizeof *strays);
    bool ok = strays != NULL || error_memory(error);
    for (bool more = ok; ok && more; more = strays->full) {
        struct inbox_ask ask = {.key = drain->intake.key, .waiting = true, .after = strays->after};
        strays->drain = drain;
        strays->count = 0;
        strays->weight = 0;
        strays->full = false;
        arena_init(&strays->arena, STRAYS_BYTES_MAX);
        ok = drain->run.store->type->inbox_scan(drain->run.store, &ask, take_stray, strays, error) &&
             (strays->count == 0 || close_strays(drain, strays, error));
        arena_clear(&strays->arena);
    }
    memory_free(strays);
    return ok;
}

// --- the whole ---

static bool begin(struct drain *drain, const struct run_request *request, struct error *error) {
    struct run *run = &drain->run;
    const struct sync *sync = request->sync;
    drain->request = (struct run_request){
        .sync = sync,
        .store = request->store,
        .clock = request->clock,
        .log = request->log,
        .watch = request->watch,
        .stop = request->stop,
        .threads = request->threads,
        .page_records = request->page_records > 0 ? request->page_records : DRAIN_RECORDS,
    };
    run->request = &drain->request;
    run->sync = sync;
    run->store = request->store;
    run->report = &drain->report;
    run->log = request->log;
    run->intake = &drain->intake;
    char *name = arena_print(&run->arena, "%.*s/%.*s", TEXT_ARGS(sync->org), TEXT_ARGS(sync->name));
    if (name == NULL || !sync_key(sync, &run->arena, &run->key)) {
        return error_memory(error);
    }
    if (sync->direction == SYNC_PUSH) {
        return error_set(error, ERROR_REQUEST, "%s only pushes: it takes in no posted records", name);
    }
    run->name = text_of(name);
    drain->intake = (struct intake){.store = run->store, .key = run->key, .source = sync->source};
    return true;
}

static bool take_lease(struct drain *drain, struct error *error) {
    struct run *run = &drain->run;
    char *key = arena_print(&run->arena, "%.*s inbox", TEXT_ARGS(run->key));
    if (key == NULL) {
        return error_memory(error);
    }
    run->leased = store_lease_take(run->store, text_of(key), &run->lease, error);
    return run->leased;
}

static bool trim(struct drain *drain, struct error *error) {
    struct run *run = &drain->run;
    int64_t now_us = clock_now(run->request->clock);
    const struct page page = {
        .lease = &run->lease,
        .origin = run->sync->datasource,
        .at_us = now_us,
        .inboxes_before_us = now_us - INBOX_KEPT_US,
    };
    enum commit_outcome outcome;
    return page.inboxes_before_us <= 0 || store_commit(run->store, &page, &outcome, error);
}

static bool take_in(struct drain *drain, struct inbox_report *report, struct error *error) {
    struct run *run = &drain->run;
    struct counts none = {0};
    enum pass_end end = PASS_COMPLETE;
    const struct sync *sync = run->sync;
    if (!check_open(drain, error) ||
        !store_prepare(run->store, sync->datatypes, sync->datatype_count, sync->datatype_text, error)) {
        return false;
    }
    resolver_init(&run->resolver, run->store);
    journal_init(&run->journal, run->request->clock, run->log);
    bool ok = pipeline_open(&run->pipeline, run->store, &run->journal, run->request->threads, &none, error);
    if (ok) {
        ok = run_pull(run, &end, error) &&
             (end != PASS_COMPLETE || (drain_strays(drain, error) && run_derive(run, error) && trim(drain, error)));
        report->counts = pipeline_totals(&run->pipeline);
        report->counts.read += drain->strays;
        report->counts.dead += drain->strays;
        report->taken = report->counts.read;
        report->stopped = end == PASS_STOPPED;
        pipeline_close(&run->pipeline);
    }
    journal_clear(&run->journal);
    resolver_clear(&run->resolver);
    return ok;
}

bool inbox_drain(const struct run_request *request, struct inbox_report *report, struct error *error) {
    struct drain *drain = memory_zero(1, sizeof *drain);
    *report = (struct inbox_report){.taken = 0};
    if (drain == NULL) {
        return error_memory(error);
    }
    arena_init(&drain->run.arena, DRAIN_BYTES_MAX);
    bool stale;
    bool ok = begin(drain, request, error) && find_until(drain, error) && find_stale(drain, &stale, error);
    if (ok && (drain->intake.until > 0 || stale)) {
        // What another drain has taken in meanwhile isn't read: the look at what waits comes after the lease.
        ok = take_lease(drain, error) && take_in(drain, report, error);
    }
    if (drain->run.leased) {
        store_lease_free(drain->run.store, &drain->run.lease);
    }
    ok = ok && request->store->type->inbox_count(request->store, drain->run.key, &report->left, error);
    arena_clear(&drain->run.arena);
    memory_free(drain);
    return ok;
}

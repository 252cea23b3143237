// Runs: what was asked for, how it goes, and its story.

#include <stdio.h>

#include "base/clock.h"
#include "base/memory.h"
#include "server/api.h"
#include "server/homes.h"
#include "server/hooks.h"
#include "server/hub.h"
#include "server/job_json.h"
#include "server/service.h"
#include "server/supervisor.h"

enum { LIST_LIMIT = 50, LIST_LIMIT_MAX = 500, WAIT_SECONDS_MAX = 60, LOG_LIMIT = 1000, LOG_LIMIT_MAX = 10000 };
enum { LOOK_ARENA_MAX = 1024 * 1024 };
enum { ATTEMPTS_MAX = 100, RUNS_LOOKED = 2000, BREATH_SECONDS = 15 };
static const int64_t second_us = 1000 * 1000;

// --- list ---

static bool list_row(void *context, const struct job *job, struct error *error) {
    (void)error;
    struct exchange *exchange = context;
    members_open(&exchange->members, NULL);
    job_put(&exchange->members, job);
    members_close(&exchange->members);
    return true;
}

void api_runs_list(struct exchange *exchange) {
    struct error error;
    struct job_filter filter = {
        .org = exchange->org, .sync = exchange_query(exchange, "sync"), .states = exchange_query(exchange, "state")};
    static const char *const states[] = {"", "queued", "running", "ended", "live"};
    bool known = false;
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        known = known || text_is(filter.states, states[i]);
    }
    if (!known) {
        exchange_refuse(exchange, 400, ERROR_REQUEST, "state is queued, running, ended or live");
        return;
    }
    if (!exchange_count(exchange, "limit", LIST_LIMIT, 1, LIST_LIMIT_MAX, &filter.limit) ||
        !exchange_count(exchange, "before", 0, 0, INT64_MAX, &filter.before)) {
        return;
    }
    struct members *members = exchange_begin(exchange, 200);
    members_open(members, NULL);
    members_open_list(members, "runs");
    if (!ledger_job_scan(exchange->service->ledger, &filter, list_row, exchange, &error)) {
        exchange_fail(exchange, &error);
        return;
    }
    members_close_list(members);
    members_close(members);
    exchange_end(exchange);
}

// --- show, at once or when it has ended ---

static void show(struct exchange *exchange, const struct job *job) {
    struct error error;
    struct text progress = {"", 0};
    if (job->state == JOB_RUNNING &&
        !hub_progress(exchange->service->hub, job->id, &exchange->arena, &progress, &error)) {
        exchange_fail(exchange, &error);
        return;
    }
    struct members *members = exchange_begin(exchange, 200);
    members_open(members, NULL);
    job_put(members, job);
    if (progress.length > 0) {
        members_json(members, "progress", progress);
    } else {
        members_null(members, "progress");
    }
    members_close(members);
    exchange_end(exchange);
}

// It is asked at every news, so what it looks at may not stay in the exchange.
static bool is_live(struct exchange *exchange, int64_t id) {
    struct arena arena;
    struct error error;
    struct job job;
    bool found = false;
    arena_init(&arena, LOOK_ARENA_MAX);
    bool live = ledger_job_find(exchange->service->ledger, id, &arena, &found, &job, &error) && found &&
                text_same(job.org, exchange->org) && job.state != JOB_ENDED;
    arena_clear(&arena);
    return live;
}

static bool show_when_ended(struct exchange *exchange, bool late) {
    struct job job;
    int64_t id;
    if (!late && (!exchange_id(exchange, 0, &id) || is_live(exchange, id))) {
        return exchange->status != 0;
    }
    if (job_find(exchange, &job)) {
        show(exchange, &job);
    }
    return true;
}

void api_runs_show(struct exchange *exchange) {
    int64_t seconds;
    if (!exchange_count(exchange, "wait", 0, 0, WAIT_SECONDS_MAX, &seconds)) {
        return;
    }
    exchange->until_us = exchange->at_us + seconds * second_us;
    if (!show_when_ended(exchange, seconds == 0)) {
        exchange->ready = show_when_ended;
    }
}

// --- cancel, resume, retry ---

void api_runs_cancel(struct exchange *exchange) {
    struct service *service = exchange->service;
    struct actor who = job_actor(exchange);
    struct job job;
    struct error error;
    bool found;
    if (!job_find(exchange, &job)) {
        return;
    }
    if (!ledger_job_cancel(service->ledger, job.id, &who, &found, &error)) {
        exchange_fail(exchange, &error);
        return;
    }
    if (!found) {
        exchange_refuse(exchange, 409, ERROR_REQUEST, "run %lld has ended already", (long long)job.id);
        return;
    }
    supervisor_nudge(service->supervisor);
    hooks_wake(service->hooks); // one that was queued has ended by that
    job_answer_asked(exchange, job.id, false);
}

void api_runs_resume(struct exchange *exchange) {
    struct service *service = exchange->service;
    struct actor who = job_actor(exchange);
    struct job job;
    struct error error;
    bool joined;
    int64_t live;
    if (!job_find(exchange, &job)) {
        return;
    }
    bool resumable = job.state != JOB_ENDED || text_is(job.status, "cancelled") || text_is(job.status, "interrupted") ||
                     text_is(job.status, "failed");
    if (!resumable) {
        exchange_refuse(exchange, 409, ERROR_REQUEST, "run %lld is %.*s: there is nothing to go on with",
                        (long long)job.id, TEXT_ARGS(job.status));
        return;
    }
    if (job.state == JOB_RUNNING && job.cancelled) {
        exchange_refuse(exchange, 409, ERROR_REQUEST, "run %lld is about to end; resume it when it has",
                        (long long)job.id);
        return;
    }
    if (!ledger_job_resume(service->ledger, job.id, &who, &joined, &live, &error)) {
        exchange_fail(exchange, &error);
        return;
    }
    supervisor_nudge(service->supervisor);
    job_answer_asked(exchange, live, joined);
}

// The same again, as a new run.
void api_runs_retry(struct exchange *exchange) {
    struct job job;
    if (!job_find(exchange, &job)) {
        return;
    }
    struct job again = {.org = job.org,
                        .sync = job.sync,
                        .params = job.params,
                        .method = job.method,
                        .deads = job.deads,
                        .force = job.force,
                        .cause = TEXT_LITERAL("api"),
                        .asked_by = exchange->identity.name};
    job_ask(exchange, &again);
}

// --- its log, of all its attempts ---

struct attempts {
    int64_t request;
    int64_t runs[ATTEMPTS_MAX]; // newest first
    size_t count;
    int64_t looked;
};

static bool take_attempt(void *context, const struct run_row *row, struct error *error) {
    (void)error;
    struct attempts *attempts = context;
    if (row->request == attempts->request) {
        attempts->runs[attempts->count++] = row->id;
    }
    return attempts->count < ATTEMPTS_MAX && ++attempts->looked < RUNS_LOOKED;
}

static bool put_line(void *context, const struct log_row *row, struct error *error) {
    (void)error;
    struct members *members = context;
    members_open(members, NULL);
    members_time(members, "at", row->at_us);
    members_string(members, "level", log_level_name(row->level));
    members_text(members, "text", row->text);
    members_close(members);
    return true;
}

static bool put_log(struct exchange *exchange, const struct job *job, struct store *store, int64_t limit,
                    struct error *error) {
    char name[300];
    char number[TEXT_INTEGER_MAX];
    struct attempts attempts = {.request = job->id};
    int length = snprintf(name, sizeof name, "%.*s/%.*s", TEXT_ARGS(job->org), TEXT_ARGS(job->sync));
    struct scan runs = {.filter = {name, (size_t)length}, .newest_first = true};
    error_clear(error);
    if (!scan_ended(store->type->run_scan(store, &runs, take_attempt, &attempts, error), error)) {
        return false;
    }
    for (size_t i = attempts.count; i-- > 0;) {
        struct scan lines = {.filter = text_digits(attempts.runs[i], number), .limit = limit};
        if (!store->type->log_scan(store, &lines, put_line, &exchange->members, error)) {
            return false;
        }
    }
    return true;
}

void api_runs_log(struct exchange *exchange) {
    struct service *service = exchange->service;
    struct home *home = NULL;
    struct job job;
    struct error error;
    int64_t limit;
    if (!exchange_count(exchange, "limit", LOG_LIMIT, 1, LOG_LIMIT_MAX, &limit) || !job_find(exchange, &job)) {
        return;
    }
    struct members *members = exchange_begin(exchange, 200);
    members_open(members, NULL);
    members_open_list(members, "log");
    bool ok = homes_take(service->homes, job.org, false, false, &home, &error);
    bool nothing_yet = !ok && error.code == ERROR_HOME_MISSING;
    if (ok && (ok = home->store->type->snapshot(home->store, &error))) {
        ok = put_log(exchange, &job, home->store, limit, &error);
        home->store->type->snapshot_end(home->store);
    }
    homes_give(service->homes, home);
    if (!ok && !nothing_yet) {
        exchange_fail(exchange, &error);
        return;
    }
    members_close_list(members);
    members_close(members);
    exchange_end(exchange);
}

// --- its events, as they come ---

struct watching {
    int64_t job;
    int64_t last;
    bool told_end;
};

static void watching_end(struct exchange *exchange) {
    memory_free(exchange->state);
}

// What the ledger says of a run that the hub knows nothing of, or nothing more.
static enum given give_end(struct exchange *exchange, struct watching *watching, struct buffer *out) {
    struct job job;
    struct error error;
    bool found;
    if (watching->told_end ||
        !ledger_job_find(exchange->service->ledger, watching->job, &exchange->arena, &found, &job, &error) || !found) {
        return GIVEN_END;
    }
    if (job.state != JOB_ENDED) {
        return GIVEN_NOTHING_YET; // it is queued, or queued again
    }
    watching->told_end = true;
    buffer_string(out, "event: run\ndata: ");
    struct members members = members_begin(out);
    members_open(&members, NULL);
    job_put(&members, &job);
    members_close(&members);
    buffer_string(out, "\n\n");
    return GIVEN_SOME;
}

// A quiet run says that it is there: a reader who has gone is noticed, and no proxy takes the connection for dead.
static enum given give_breath(struct exchange *exchange, struct buffer *out) {
    int64_t now_us = clock_coarse_us();
    if (exchange->until_us > now_us) {
        return GIVEN_NOTHING_YET;
    }
    bool first = exchange->until_us == 0;
    exchange->until_us = now_us + BREATH_SECONDS * second_us;
    buffer_string(out, first ? "" : ": still here\n\n");
    return first ? GIVEN_NOTHING_YET : GIVEN_SOME;
}

static enum given give_events(struct exchange *exchange, struct buffer *out) {
    struct watching *watching = exchange->state;
    bool ended;
    arena_reset(&exchange->arena);
    hub_events(exchange->service->hub, watching->job, watching->last, out, &watching->last, &ended);
    if (out->length > 0) {
        return GIVEN_SOME;
    }
    enum given given = ended ? give_end(exchange, watching, out) : GIVEN_NOTHING_YET;
    return given == GIVEN_NOTHING_YET ? give_breath(exchange, out) : given;
}

void api_runs_events(struct exchange *exchange) {
    struct job job;
    if (!job_find(exchange, &job)) {
        return;
    }
    struct watching *watching = memory_zero(1, sizeof *watching);
    if (watching == NULL) {
        exchange_refuse(exchange, 503, ERROR_MEMORY, "there is no memory to watch the run");
        return;
    }
    watching->job = job.id;
    // A client that was cut off says what it saw last.
    if (!text_integer(exchange_header(exchange, "Last-Event-ID"), &watching->last) || watching->last < 0) {
        watching->last = 0;
    }
    exchange->state = watching;
    exchange->end = watching_end;
    exchange->give = give_events;
    exchange->status = 200;
    exchange->type = "text/event-stream";
}

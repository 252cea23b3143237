// Runs: from the queue to their end, each a child of its own.

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/civil.h"
#include "base/fault.h"
#include "base/memory.h"
#include "format/format_json.h"
#include "format/format_members.h"
#include "port/counts.h"
#include "server/child_line.h"
#include "server/homes.h"
#include "server/hooks.h"
#include "server/hub.h"
#include "server/scrub.h"
#include "server/supervisor_work.h"
#include "server/web.h"

enum { RUN_ARENA_MAX = 16 * 1024 * 1024, COUNTS_BYTES = 1024, QUEUE_READ_MAX = 2000 };

// A run whose process died is gone on with so many times, each a little later; then it has failed.
enum { DEATHS_MAX = 5 };
static const int64_t death_wait_us = 5 * 1000 * 1000;

// One that was interrupted though nobody here asked for it: somebody else's process had it, or was told to end.
static const int64_t interrupted_wait_us = 1000 * 1000;

static int64_t death_wait(void) {
    int64_t test_us = (int64_t)fault_number("WEIR_DEATH_MS") * 1000;
    return test_us > 0 ? test_us : death_wait_us;
}

// Until a run that found home closed or busy tries again.
static const int64_t busy_wait_us = 5 * 1000 * 1000;

// How long a run that was asked to end may take for its page, before it is killed.
static const int64_t stop_wait_us = 30 * 1000 * 1000;

// --- what a child says ---

static bool keep_text(struct live_run *run, struct text text, struct text *out) {
    return arena_text(&run->arena, text, out);
}

// The counts of a report, as JSON.
static bool keep_counts(struct live_run *run, const struct object *event, struct text *out) {
    struct buffer buffer;
    buffer_init(&buffer, COUNTS_BYTES);
    struct members members = members_begin(&buffer);
    members_open(&members, NULL);
    for (const struct count_name *name = count_names; name->name != NULL; name++) {
        members_integer(&members, name->name, object_integer(event, name->name));
    }
    const struct value *valid = object_find(event, TEXT_LITERAL("valid"));
    if (valid != NULL && valid->kind == VALUE_INTEGER) {
        members_integer(&members, "valid", valid->as.integer);
    }
    members_close(&members);
    bool ok = !buffer.failed && keep_text(run, buffer_view(&buffer), out);
    buffer_clear(&buffer);
    return ok;
}

static bool read_time(struct text text, int64_t *out_us) {
    return civil_parse(text, TEXT_LITERAL("YYYY-MM-DDTHH:mm:ssZ"), zone_utc(), out_us) ||
           civil_parse(text, TEXT_LITERAL("YYYY-MM-DDTHH:mm:ss.SSSZ"), zone_utc(), out_us);
}

static bool is_busy(struct text code) {
    static const enum error_code codes[] = {ERROR_HOME_CLOSED, ERROR_HOME_BUSY, ERROR_LEASE_HELD};
    int64_t number;
    if (code.length < 2 || !text_integer((struct text){code.data + 1, code.length - 1}, &number)) {
        return false;
    }
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        if (number == (int64_t)codes[i]) {
            return true;
        }
    }
    return false;
}

static void on_ended(struct live_run *run, const struct object *event) {
    const struct value *error = object_find(event, TEXT_LITERAL("error"));
    const struct object *reason = error != NULL && error->kind == VALUE_OBJECT ? error->as.object : NULL;
    int64_t until_us;
    run->ended =
        keep_text(run, object_text(event, "status"), &run->end.status) && keep_counts(run, event, &run->end.counts);
    if (reason != NULL) {
        run->ended = run->ended && keep_text(run, object_text(reason, "code"), &run->end.code) &&
                     keep_text(run, object_text(reason, "message"), &run->end.message);
    }
    if (text_is(run->end.status, "waiting") && read_time(object_text(event, "until"), &until_us)) {
        run->end.again_us = until_us;
    }
    // Home was closed by another run, or is to be closed and wasn't free: a turn later.
    if (text_is(run->end.status, "failed") && is_busy(run->end.code)) {
        run->end.status = TEXT_LITERAL("waiting");
        run->end.quiet = true;
        run->end.again_us = clock_now(run->supervisor->service->setup->clock) + busy_wait_us;
    }
    // A run that met a live one of somebody at the command line was answered with that one's outcome.
    int64_t number = object_integer(event, "run");
    struct error ignored; // it is told by its attempt, below
    if (number > 0 && number != run->job.run) {
        run->job.run = number;
        (void)!ledger_job_run(run->supervisor->service->ledger, run->job.id, number, &ignored);
    }
}

// Whoever watches is told what the child says, but for its parameters: an upload is a path there.
static void tell(struct live_run *run, struct text event, const struct object *said) {
    struct buffer buffer;
    buffer_init(&buffer, CHILD_LINE_MAX);
    struct members members = members_begin(&buffer);
    members_open(&members, NULL);
    for (uint32_t i = 0; i < said->shape->count; i++) {
        char name[64];
        struct text given = said->shape->names[i];
        if (!text_is(given, "params") && given.length < sizeof name) {
            snprintf(name, sizeof name, "%.*s", TEXT_ARGS(given));
            members_value(&members, name, &said->values[i]);
        }
    }
    members_close(&members);
    if (!buffer.failed) {
        buffer.length = scrub_bytes(run->supervisor->service, buffer.data, buffer.length);
        hub_tell(run->supervisor->service->hub, run->job.id, event, buffer_view(&buffer));
    }
    buffer_clear(&buffer);
}

static void on_line(struct child *child, struct text line) {
    struct live_run *run = child_owner(child);
    struct service *service = run->supervisor->service;
    struct arena arena;
    struct error error;
    struct value value;
    arena_init(&arena, RUN_ARENA_MAX);
    if (json_read(line, &arena, NULL, &value, &error) && value.kind == VALUE_OBJECT) {
        struct text event = object_text(value.as.object, "event");
        if (text_is(event, "began")) {
            run->job.run = object_integer(value.as.object, "run");
            if (!ledger_job_run(service->ledger, run->job.id, run->job.run, &error)) {
                supervisor_log(run->supervisor, LOG_WARNING, "%s", error.message);
            }
            homes_forget(service->homes, run->job.org);
        } else if (text_is(event, "ended")) {
            on_ended(run, value.as.object);
        }
        tell(run, event, value.as.object);
        web_wake(service->web);
    }
    arena_clear(&arena);
}

// --- its end ---

static void set_end(struct live_run *run, const char *status, enum error_code code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static void set_end(struct live_run *run, const char *status, enum error_code code, const char *format, ...) {
    char message[ERROR_MESSAGE_MAX];
    va_list values;
    va_start(values, format);
    vsnprintf(message, sizeof message, format, values);
    va_end(values);
    run->end.status = text_of(status);
    char *kept = arena_copy(&run->arena, message, strlen(message));
    run->end.message = text_of(kept != NULL ? kept : "");
    char *number = code != ERROR_NONE ? arena_print(&run->arena, "W%d", (int)code) : NULL;
    run->end.code = text_of(number != NULL ? number : "");
}

static void run_drop(struct live_run *run) {
    arena_clear(&run->arena);
    memory_free(run);
}

static bool end_kept(struct live_run *run) {
    struct supervisor *supervisor = run->supervisor;
    struct error error;
    run->end.message = scrub_text(supervisor->service, run->end.message, &run->arena);
    if (!ledger_job_end(supervisor->service->ledger, run->job.id, &run->end, &error)) {
        supervisor_log(supervisor, LOG_ERROR, "run %lld ended, and that can't be kept yet: %s", (long long)run->job.id,
                       error.message);
        return false;
    }
    hooks_wake(supervisor->service->hooks);
    hub_end(supervisor->service->hub, run->job.id);
    web_wake(supervisor->service->web);
    run_drop(run);
    return true;
}

// An end that the ledger can't take now (a full disk) is given to it again: until it has it, nobody else may begin the
// same, and whoever asks for it is told that it runs.
static void run_close(struct live_run *run) {
    struct supervisor *supervisor = run->supervisor;
    if (!end_kept(run)) {
        run->next = supervisor->unended;
        supervisor->unended = run;
    }
}

void supervisor_close_ended(struct supervisor *supervisor) {
    struct live_run *list = supervisor->unended;
    supervisor->unended = NULL;
    while (list != NULL) {
        struct live_run *run = list;
        list = run->next;
        run_close(run);
    }
}

void supervisor_drop_unended(struct supervisor *supervisor) {
    while (supervisor->unended != NULL) {
        struct live_run *run = supervisor->unended;
        supervisor->unended = run->next;
        run_drop(run); // the next start finds it running, and goes on with it
    }
}

// It died without a word.
static void judge_death(struct live_run *run, struct child *child, int status) {
    struct text tail = child_tail(child);
    int64_t now_us = clock_now(run->supervisor->service->setup->clock);
    run->supervisor->died++;
    if (child_overdue(child) && !run->stops) {
        set_end(run, "failed", ERROR_RUN_DEADLINE, "the run was ended at its time limit");
        return;
    }
    if (run->stops) {
        return; // it was killed since it took too long to stop: nothing is lost
    }
    int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    const char *why = signal == SIGXCPU   ? "its limit of processor time"
                      : signal == SIGXFSZ ? "its limit of a file's size"
                                          : "";
    int64_t deaths = run->job.deaths + 1;
    bool again = run->resumes && why[0] == '\0' && deaths < DEATHS_MAX;
    run->end.died = true;
    set_end(run, again ? "interrupted" : "failed", ERROR_CHILD_DIED, "the run's process died%s%s (%s %d)%s%.*s",
            why[0] != '\0' ? ": " : "", why, signal != 0 ? "signal" : "exit",
            signal != 0 ? signal : WEXITSTATUS(status), tail.length > 0 ? ": " : "", TEXT_ARGS(tail));
    run->end.again_us = again ? now_us + death_wait() * deaths : 0;
}

static void on_end(struct child *child, int status) {
    struct live_run *run = child_owner(child);
    struct supervisor *supervisor = run->supervisor;
    struct service *service = supervisor->service;
    if (!run->ended) {
        judge_death(run, child, status);
    }
    bool interrupted = !run->ended || text_is(run->end.status, "interrupted");
    if (run->cancelled && (interrupted || run->end.again_us != 0)) {
        set_end(run, "cancelled", ERROR_NONE, "somebody ended it; it can be gone on with");
        run->end.again_us = 0;
    } else if (run->stops && interrupted) {
        // The server stops: the next one goes on with it.
        set_end(run, "interrupted", ERROR_NONE, "the server stopped; it goes on with it when it is back");
        run->end.again_us = clock_now(service->setup->clock);
    } else if (run->ended && interrupted) {
        run->end.again_us = clock_now(service->setup->clock) + interrupted_wait_us;
    }
    for (struct live_run **place = &supervisor->runs; *place != NULL; place = &(*place)->next) {
        if (*place == run) {
            *place = run->next;
            supervisor->run_count--;
            break;
        }
    }
    supervisor->ended++;
    supervisor->failed += text_is(run->end.status, "failed");
    homes_forget(service->homes, run->job.org);
    run_close(run);
    supervisor->nudged = true;
}

static const struct child_type run_type = {.line = on_line, .end = on_end};

// --- its start ---

// The words behind "weir".
static bool make_line(struct live_run *run, const struct object *manifest, struct child_line *line,
                      struct error *error) {
    const struct job *job = &run->job;
    bool is_retry = text_is(job->method, "retry");
    if (is_retry) {
        child_line_add(line, "dead");
    }
    child_line_add(line, is_retry ? "retry" : "run");
    child_line_sync(line, run->supervisor->service->setup, job->snapshot, job->org, job->sync);
    for (struct text rest = is_retry ? job->deads : (struct text){"", 0}; rest.length > 0;) {
        const char *space = memchr(rest.data, ' ', rest.length);
        size_t length = space != NULL ? (size_t)(space - rest.data) : rest.length;
        child_line_add_text(line, (struct text){rest.data, length});
        rest = text_trim((struct text){rest.data + length, rest.length - length});
    }
    child_line_add(line, "--events");
    child_line_number(line, "--request", job->id);
    if (job->force) {
        child_line_add(line, "--force");
    }
    if (!is_retry && !text_is(job->method, "run")) {
        child_line_add(line, "--method");
        child_line_add_text(line, job->method);
    }
    child_line_limits(line, manifest);
    return child_line_params(line, run->supervisor->service->uploads, manifest, job->org, job->params, is_retry,
                             error) &&
           child_line_whole(line, error);
}

// `cancelled`: somebody did it since the queue was read.
static bool run_launch(struct live_run *run, bool *cancelled, struct error *error) {
    struct supervisor *supervisor = run->supervisor;
    struct service *service = supervisor->service;
    struct job *job = &run->job;
    struct catalog_sync sync;
    bool found;
    struct child_line line = {.arena = &run->arena};
    *cancelled = false;
    if (!catalog_find(service->catalog, job->org, job->sync, &run->arena, &found, &sync, error)) {
        return false;
    }
    if (!found || sync.manifest.length == 0) {
        return error_set(error, ERROR_NOT_THERE, "there is no sync %.*s/%.*s%s%.*s", TEXT_ARGS(job->org),
                         TEXT_ARGS(job->sync), found ? " that can run: " : "",
                         TEXT_ARGS(found ? sync.broken : job->deads));
    }
    // What it was begun with, it is ended with. Of a run that ended long ago the copy may have gone.
    if (job->snapshot.length == 0 || !tree_is_kept(service->setup->data, job->snapshot)) {
        job->snapshot = sync.snapshot;
    }
    const struct object *manifest = sync.declared.kind == VALUE_OBJECT ? sync.declared.as.object : NULL;
    const struct value *policy = manifest != NULL ? object_find(manifest, TEXT_LITERAL("on_crash")) : NULL;
    run->resumes = policy == NULL || policy->kind != VALUE_TEXT || !text_is(value_slice(policy), "fail");
    bool started;
    if (!make_line(run, manifest, &line, error) ||
        !ledger_job_start(service->ledger, job->id, job->snapshot, &started, error)) {
        return false;
    }
    *cancelled = !started;
    if (!started) {
        return false;
    }
    job->attempts++;
    struct child_setup setup = {.arguments = line.words,
                                .type = &run_type,
                                .owner = run,
                                .deadline_us = clock_coarse_us() + child_line_time_us(manifest)};
    return children_start(supervisor->children, &setup, &run->child, error);
}

static bool job_copy(const struct job *job, struct arena *arena, struct job *out) {
    *out = *job;
    return arena_text(arena, job->org, &out->org) && arena_text(arena, job->sync, &out->sync) &&
           arena_text(arena, job->params, &out->params) && arena_text(arena, job->method, &out->method) &&
           arena_text(arena, job->deads, &out->deads) && arena_text(arena, job->snapshot, &out->snapshot);
}

static void run_start(struct supervisor *supervisor, const struct job *job) {
    struct error error;
    bool cancelled;
    struct live_run *run = memory_zero(1, sizeof *run);
    if (run == NULL) {
        return; // it stays queued
    }
    arena_init(&run->arena, RUN_ARENA_MAX);
    run->supervisor = supervisor;
    if (!job_copy(job, &run->arena, &run->job)) {
        run_drop(run);
        return;
    }
    if (run_launch(run, &cancelled, &error)) {
        run->next = supervisor->runs;
        supervisor->runs = run;
        supervisor->run_count++;
        supervisor->started++;
        return;
    }
    if (cancelled) {
        run_drop(run);
        return;
    }
    supervisor_log(supervisor, LOG_ERROR, "run %lld of %.*s/%.*s cannot start: %s", (long long)job->id,
                   TEXT_ARGS(job->org), TEXT_ARGS(job->sync), error.message);
    // That there is no process or no memory to be had is no fault of the run: a turn later.
    bool passing = error.code == ERROR_CHILD_DIED || error.code == ERROR_MEMORY;
    set_end(run, passing ? "waiting" : "failed", error.code, "%s", error.message);
    run->end.again_us = passing ? clock_now(supervisor->service->setup->clock) + busy_wait_us : 0;
    run_close(run);
}

// --- the queue ---

struct reading {
    struct arena arena;
    struct job jobs[QUEUE_READ_MAX];
    struct queue_item items[QUEUE_READ_MAX];
    size_t count;
};

static bool take_job(void *context, const struct job *job, struct error *error) {
    struct reading *reading = context;
    struct job *copy = &reading->jobs[reading->count];
    if (!job_copy(job, &reading->arena, copy)) {
        return error_memory(error);
    }
    reading->items[reading->count++] = (struct queue_item){job->id, copy->org, copy->sync, copy->params, job->due_us};
    return true;
}

static void start_due(struct supervisor *supervisor, struct reading *reading) {
    struct queue_item live[RUNS_MOST];
    int64_t now_us = clock_now(supervisor->service->setup->clock);
    while (true) {
        size_t live_count = 0;
        for (struct live_run *run = supervisor->runs; run != NULL && live_count < RUNS_MOST; run = run->next) {
            live[live_count++] = (struct queue_item){run->job.id, run->job.org, run->job.sync, run->job.params, 0};
        }
        ptrdiff_t next = queue_next(reading->items, reading->count, live, live_count, &supervisor->limits, now_us);
        if (next == QUEUE_NONE) {
            return;
        }
        run_start(supervisor, &reading->jobs[next]);
        reading->items[next].due_us = INT64_MAX;
    }
}

static bool note_cancelled(void *context, const struct job *job, struct error *error) {
    (void)error;
    struct supervisor *supervisor = context;
    for (struct live_run *run = supervisor->runs; run != NULL; run = run->next) {
        if (run->job.id == job->id && job->cancelled && !run->cancelled) {
            run->cancelled = true;
            run->stops = true;
            child_stop(run->child);
            child_deadline(run->child, clock_coarse_us() + stop_wait_us);
        }
    }
    return true;
}

void supervisor_queue(struct supervisor *supervisor) {
    struct error error;
    struct job_filter running = {.states = TEXT_LITERAL("running")};
    struct ledger *ledger = supervisor->service->ledger;
    if (!ledger_job_scan(ledger, &running, note_cancelled, supervisor, &error)) {
        supervisor_log(supervisor, LOG_ERROR, "the queue can't be read: %s", error.message);
        return;
    }
    if ((int64_t)supervisor->run_count >= supervisor->limits.runs_max || supervisor->stop) {
        return;
    }
    struct reading *reading = memory_zero(1, sizeof *reading);
    if (reading == NULL) {
        return;
    }
    arena_init(&reading->arena, RUN_ARENA_MAX);
    int64_t now_us = clock_now(supervisor->service->setup->clock);
    int64_t most = QUEUE_READ_MAX;
    bool ok;
    // Where so many have too long parameters, fewer are looked at: of each organisation as many as of any other.
    while (!(ok = ledger_job_queued(ledger, now_us, most, take_job, reading, &error)) && error.code == ERROR_MEMORY &&
           most > 1) {
        most /= 2;
        reading->count = 0;
        arena_reset(&reading->arena);
    }
    if (ok) {
        start_due(supervisor, reading);
    } else {
        supervisor_log(supervisor, LOG_ERROR, "the queue can't be read: %s", error.message);
    }
    arena_clear(&reading->arena);
    memory_free(reading);
}

void supervisor_stop_runs(struct supervisor *supervisor) {
    for (struct live_run *run = supervisor->runs; run != NULL; run = run->next) {
        if (!run->stops) {
            run->stops = true;
            child_stop(run->child);
            child_deadline(run->child, clock_coarse_us() + stop_wait_us);
        }
    }
}

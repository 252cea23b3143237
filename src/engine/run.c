#include "engine/run.h"

#include <assert.h>
#include <string.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/memory.h"
#include "engine/retry.h"
#include "engine/run_work.h"

enum { RUN_BYTES_MAX = 16 * 1024 * 1024 };

static bool pulls(const struct run *run) {
    return run->sync->direction != SYNC_PUSH && run->request->way != RUN_PUSH_ALONE;
}

// --- before: what earlier runs left ---

struct last_run {
    bool found;
    struct run_row row;
};

static bool take_last(void *context, const struct run_row *row, struct error *error) {
    (void)error;
    struct last_run *last = context;
    bool ended_well = row->status == RUN_DONE || row->status == RUN_WARNING;
    if (ended_well) {
        last->found = true;
        last->row = *row;
    }
    return !ended_well; // newest first: the first is the last
}

static bool look_back(struct run *run, bool *answered, struct error *error) {
    const struct run_request *request = run->request;
    const struct store_type *store = run->store->type;
    struct last_run last = {.found = false};
    struct scan scan = {.filter = run->key, .newest_first = true};
    *answered = false;
    if (!store->run_scan(run->store, &scan, take_last, &last, error)) {
        return false;
    }
    if (last.found) {
        run->read_before = last.row.counts.read;
    }
    if (last.found && run->sync->once && !request->force && !request->retry) {
        *answered = true;
        run->report->answered = true;
        run->report->run = last.row.id;
        run->report->status = last.row.status;
        run->report->counts = last.row.counts;
        run->report->span_us = last.row.ended_us - last.row.started_us;
        return true;
    }
    if (request->retry) {
        return true;
    }
    bool found;
    if (!pulls(run)) {
        return true;
    }
    if (!store->checkpoint_find(run->store, run->key, &run->arena, &found, &run->resumed, error)) {
        return false;
    }
    run->has_checkpoint = found && !request->force && print_same(run->resumed.print, run->sync->print) &&
                          run->resumed.type_index < (int64_t)run->sync->type_count;
    return true;
}

// --- after ---

// A green run that did nothing is no green run.
static enum run_status judge(const struct run *run, const struct counts *counts, struct text *message) {
    if (run->unknown > 0) {
        *message = TEXT_LITERAL("nobody knows yet whether some writes went in; run it again: it asks first");
        return RUN_WARNING;
    }
    if (run->row.counts.held > 0) {
        *message = TEXT_LITERAL("it would have deleted too much, and held that back; look at `weir deletes list`");
        return RUN_WARNING;
    }
    if (run->request->retry || !pulls(run)) {
        return RUN_DONE;
    }
    if (counts->read > 0 && counts->dead == counts->read) {
        *message = TEXT_LITERAL("every record is a dead letter; look at `weir dead list`");
        return RUN_WARNING;
    }
    if (run->incremental) {
        return RUN_DONE; // nothing new, or only what was left out before, is what a watermark is for
    }
    if (counts->read == 0 && run->read_before > 0) {
        *message = TEXT_LITERAL("nothing was read, though an earlier run read records; look at the source");
        return RUN_WARNING;
    }
    if (counts->read > 0 && counts->skipped == counts->read) {
        *message = TEXT_LITERAL("every record was left out by the transform; look at its weir.skip");
        return RUN_WARNING;
    }
    return RUN_DONE;
}

static bool count_pending(struct run *run, struct error *error) {
    struct text none = {"", 0};
    return run->store->type->pending_count(run->store, none, none, &run->report->pending_now, error);
}

// A wait that is too long to sit through ends the run; its place is kept.
static void wait_until(struct run *run, const struct error *reason) {
    struct run_report *report = run->report;
    char iso[CIVIL_ISO_MAX];
    civil_iso((reason->after_us + 999999) / 1000000 * 1000000, iso); // whole seconds are enough for a person
    error_set(&report->error, ERROR_RUN_WAITING, "waits until %s: %s; run it again after that, it goes on from here",
              iso, reason->message);
    report->error.after_us = reason->after_us;
    report->until_us = reason->after_us;
    run->row.status = RUN_WAITING;
    run->row.until_us = reason->after_us;
    run->row.message = text_of(report->error.message);
    log_line(&run->journal.log, LOG_WARNING, "%s", report->error.message);
}

// A signal, at a page's end, in a function, or while something that failed in passing waited to be tried again.
static bool was_stopped(const struct run *run, bool ok, enum pass_end end, const struct error *reason) {
    const atomic_bool *stop = run->request->stop;
    bool waited = !ok && reason->scope == ERROR_BATCH && reason->retry != RETRY_NEVER;
    bool broken_off = !ok && reason->code == ERROR_RUN_INTERRUPTED; // in a function that computed for long
    return broken_off || (ok && end == PASS_STOPPED) || (waited && stop != NULL && atomic_load(stop));
}

static void conclude(struct run *run, bool ok, enum pass_end end, const struct error *reason) {
    struct run_row *row = &run->row;
    struct counts pulled = pipeline_totals(&run->pipeline);
    row->message = (struct text){"", 0};
    if (was_stopped(run, ok, end, reason)) {
        row->status = RUN_INTERRUPTED;
        row->message = TEXT_LITERAL("interrupted; run it again: it goes on from here");
    } else if (!ok && retry_is_long(run->request->clock, reason)) {
        wait_until(run, reason);
    } else if (!ok) {
        row->status = RUN_FAILED;
        row->message = text_of(reason->message);
        log_line(&run->journal.log, LOG_ERROR, "W%d %s", (int)reason->code, reason->message);
        run->report->error = *reason;
    } else {
        row->status = judge(run, &pulled, &row->message);
    }
    if (row->status == RUN_WARNING) {
        log_line(&run->journal.log, LOG_WARNING, "%.*s", TEXT_ARGS(row->message));
    }
}

static bool finish_run(struct run *run, bool ok, enum pass_end end, const struct error *reason, struct error *error) {
    struct run_report *report = run->report;
    struct run_row *row = &run->row;
    row->ended_us = clock_now(run->request->clock);
    row->counts = pipeline_totals(&run->pipeline);
    pipeline_counts_add(&row->counts, &run->pushed);
    conclude(run, ok, end, reason);
    // What was stopped by its dead letters starts from the beginning next time: what went in is skipped by its links.
    bool stopped_by_limit = !ok && reason->code == ERROR_RUN_STOPPED;
    // The place of a pull that a push alone knows nothing of stays.
    bool keeps = run->request->retry || run->request->way == RUN_PUSH_ALONE;
    bool complete = !keeps && ((ok && end == PASS_COMPLETE) || stopped_by_limit || run->pulled);
    report->run = row->id;
    report->status = row->status;
    report->counts = row->counts;
    report->span_us = row->ended_us - row->started_us;
    size_t lines;
    const struct log_row *logs = journal_take(&run->journal, &lines);
    return store_run_end(run->store, &run->lease, row, complete, logs, lines, error) && count_pending(run, error);
}

// --- the whole ---

static bool begin(struct run *run, bool *answered, struct error *error) {
    const struct sync *sync = run->sync;
    *answered = false;
    char *name = arena_print(&run->arena, "%.*s/%.*s", TEXT_ARGS(sync->org), TEXT_ARGS(sync->name));
    if (name == NULL || !sync_key(sync, &run->arena, &run->key)) {
        return error_memory(error);
    }
    run->name = text_of(name);
    if (!store_lease_take(run->store, run->key, &run->lease, error)) {
        return false;
    }
    run->leased = true;
    if (!look_back(run, answered, error) || *answered) {
        return *answered;
    }
    if (!store_prepare(run->store, sync->datatypes, sync->datatype_count, sync->datatype_text, error)) {
        return false;
    }
    run->row = (struct run_row){
        .key = run->key,
        .sync = run->name,
        .params = sync->params,
        .status = RUN_RUNNING,
        .started_us = clock_now(run->request->clock),
        .print = sync->print,
        .script_text = sync->script_text,
        .process = getpid(),
        .request = run->request->request,
        .closes = sync->exclusive,
    };
    run->report->resumed = run->has_checkpoint;
    return store_run_begin(run->store, &run->lease, &run->row, &run->row.id, error);
}

// Everything a run does between its first line and its verdict. What was pulled stays, whatever becomes of the rest.
static bool work(struct run *run, enum pass_end *end, struct error *error) {
    *end = PASS_COMPLETE;
    if (!run_restored(run, error) || !run_push_resume(run, error)) {
        return false;
    }
    if (pulls(run) && !run_pull(run, end, error)) {
        return false;
    }
    if (*end != PASS_COMPLETE) {
        return true;
    }
    run->pulled = true;
    if (!run_push(run, end, error)) {
        return false;
    }
    bool whole = !run->request->retry && run->request->way == RUN_WHOLE;
    return *end != PASS_COMPLETE || !whole || run_reconcile(run, error);
}

static bool carry_out(struct run *run, struct error *error) {
    const struct run_request *request = run->request;
    struct counts none = {0};
    const struct counts *carried = run->has_checkpoint ? &run->resumed.counts : &none;
    struct error reason;
    error_clear(&reason);
    enum pass_end end = PASS_COMPLETE;
    run->replay = (struct replay){run->store, request->dead_ids, request->dead_count, 0, run->name};
    resolver_init(&run->resolver, run->store);
    bool ok = pipeline_open(&run->pipeline, run->store, &run->journal, request->threads, carried, &reason);
    if (!ok) {
        *error = reason;
        resolver_clear(&run->resolver);
        return false;
    }
    if (run->has_checkpoint) {
        log_line(&run->journal.log, LOG_INFO, "goes on where run %lld stopped, after %lld records",
                 (long long)run->resumed.run, (long long)run->resumed.counts.read);
    }
    if (request->way != RUN_WHOLE) {
        log_line(&run->journal.log, LOG_INFO, "asked for one way alone: %s",
                 request->way == RUN_PULL_ALONE ? "nothing new is sent" : "nothing is read first");
    }
    ok = work(run, &end, &reason);
    if (ok && run->replay.unreplayable > 0) {
        log_line(&run->journal.log, LOG_WARNING,
                 "%lld dead letters are rows that could not be read; mend the file and run the sync again",
                 (long long)run->replay.unreplayable);
    }
    source_session_close(run->session);
    bool recorded = finish_run(run, ok, end, &reason, error);
    pipeline_close(&run->pipeline);
    resolver_clear(&run->resolver);
    return recorded;
}

bool run_sync(const struct run_request *request, struct run_report *report, struct error *error) {
    memset(report, 0, sizeof *report);
    error_clear(&report->error);
    struct run *run = memory_zero(1, sizeof *run);
    if (run == NULL) {
        return error_memory(error);
    }
    run->request = request;
    run->sync = request->sync;
    run->store = request->store;
    run->report = report;
    arena_init(&run->arena, RUN_BYTES_MAX);
    journal_init(&run->journal, request->clock, request->log);
    run->log = &run->journal.log;
    bool answered;
    bool ok = begin(run, &answered, error);
    if (ok && !answered) {
        if (request->watch != NULL && request->watch->began != NULL) {
            request->watch->began(request->watch->context, run->row.id);
        }
        ok = carry_out(run, error);
    }
    if (run->leased) {
        store_lease_free(run->store, &run->lease);
    }
    journal_clear(&run->journal);
    arena_clear(&run->arena);
    memory_free(run);
    return ok;
}

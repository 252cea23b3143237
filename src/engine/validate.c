#include "engine/validate.h"

#include <stdio.h>
#include <string.h>

#include "engine/guard.h"
#include "engine/rehearse.h"
#include "engine/retry.h"

enum { PAGE_RECORDS = 1000 };

struct validating {
    const struct run_request *request;
    struct validate_report *report;
    const struct record *last; // of this page, that was counted: a record may give several
    int64_t told;
    bool stopped;
};

// --- counting ---

static void tell_refusal(struct validating *validating, const struct preview_row *row) {
    if (validating->told >= VALIDATE_TOLD_MAX) {
        return;
    }
    validating->told++;
    uint64_t line = row->record != NULL ? row->record->line : row->reject->line;
    struct text column = row->reject != NULL ? row->reject->column : (struct text){"", 0};
    char where[64] = "";
    if (line > 0) {
        snprintf(where, sizeof where, " line %llu", (unsigned long long)line);
    }
    bool placed = row->error.place[0] != '\0' || column.length > 0;
    log_line(validating->request->log, LOG_WARNING, "%.*s%s%s%s%.*s: W%d %s", TEXT_ARGS(row->type), where,
             placed ? ", " : "", row->error.place, TEXT_ARGS(column), (int)row->error.code, row->error.message);
    if (validating->told == VALIDATE_TOLD_MAX) {
        log_line(validating->request->log, LOG_WARNING, "further records that are refused are only counted");
    }
}

static bool on_row(void *context, const struct preview_row *row, struct error *error) {
    (void)error;
    struct validating *validating = context;
    struct counts *counts = &validating->report->run.counts;
    if (row->record != NULL && row->record == validating->last) {
        return true; // one more home record of the same
    }
    validating->last = row->record;
    counts->read++;
    if (row->fields != NULL) {
        validating->report->valid++;
    } else if (row->error.code != ERROR_NONE) {
        counts->dead++;
        tell_refusal(validating, row);
    } else {
        counts->skipped++;
    }
    return true;
}

static bool stop_after(const struct validating *validating, bool ended, struct error *error) {
    const struct share *limit = &validating->request->sync->stop_after;
    const struct counts *counts = &validating->report->run.counts;
    if (guard_lets_dead(limit, counts->dead, counts->read, ended)) {
        return true;
    }
    return error_set(error, ERROR_RUN_STOPPED,
                     "%lld of %lld records are refused, which is past errors.stop_after = %g%s",
                     (long long)counts->dead, (long long)counts->read, limit->amount, limit->is_percent ? "%" : "");
}

static bool on_page(void *context, const struct sync_type *type, const struct batch *batch, bool *goes_on,
                    struct error *error) {
    struct validating *validating = context;
    const struct run_request *request = validating->request;
    validating->last = NULL; // the next page's records stand where these stood
    if (request->watch != NULL && request->watch->progress != NULL) {
        request->watch->progress(request->watch->context, type->name, &validating->report->run.counts,
                                 batch->done_bytes, batch->total_bytes);
    }
    validating->stopped = request->stop != NULL && atomic_load(request->stop);
    *goes_on = !validating->stopped;
    return stop_after(validating, false, error);
}

// --- the verdict ---

static void say(const struct run_request *request, struct run_report *report, const char *message) {
    report->status = RUN_WARNING;
    log_line(request->log, LOG_WARNING, "%s", message);
}

static void judge(const struct run_request *request, struct validate_report *report) {
    struct run_report *run = &report->run;
    run->status = RUN_DONE;
    if (run->counts.dead > 0) {
        say(request, run, "some records would be dead letters");
    } else if (run->counts.read == 0) {
        say(request, run, "nothing was read; look at the source");
    } else if (run->counts.skipped == run->counts.read) {
        say(request, run, "every record is left out by the transform; look at its weir.skip");
    }
}

static void conclude(const struct validating *validating, bool ok, const struct error *reason) {
    const struct run_request *request = validating->request;
    struct run_report *run = &validating->report->run;
    bool waited = !ok && reason->scope == ERROR_BATCH && reason->retry != RETRY_NEVER;
    bool asked = request->stop != NULL && atomic_load(request->stop);
    if ((ok && validating->stopped) || (waited && asked) || (!ok && reason->code == ERROR_RUN_INTERRUPTED)) {
        run->status = RUN_INTERRUPTED;
    } else if (!ok && retry_is_long(request->clock, reason)) {
        run->status = RUN_WAITING;
        run->until_us = reason->after_us;
        run->error = *reason;
    } else if (!ok) {
        run->status = RUN_FAILED;
        run->error = *reason;
        log_line(request->log, LOG_ERROR, "W%d %s", (int)reason->code, reason->message);
    } else {
        judge(request, validating->report);
    }
}

void run_validate(const struct run_request *request, struct validate_report *report) {
    struct validating validating = {.request = request, .report = report};
    struct rehearsal rehearsal = {
        .request = request,
        .records = SIZE_MAX,
        .page_records = request->page_records > 0 ? request->page_records : PAGE_RECORDS,
        .show = on_row,
        .page = on_page,
        .context = &validating,
    };
    struct error reason;
    memset(report, 0, sizeof *report);
    error_clear(&report->run.error);
    error_clear(&reason);
    int64_t began_us = clock_now(request->clock);
    bool ok = request->sync->direction != SYNC_PUSH ||
              error_set(&reason, ERROR_USAGE, "the sync only sends: nothing comes in that could be validated");
    ok = ok && rehearse(&rehearsal, &reason) && (validating.stopped || stop_after(&validating, true, &reason));
    conclude(&validating, ok, &reason);
    report->run.span_us = clock_now(request->clock) - began_us;
}

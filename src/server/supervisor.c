#include "server/supervisor.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/memory.h"
#include "server/homes.h"
#include "server/supervisor_work.h"
#include "server/upload.h"
#include "server/warm.h"

enum { SWEEP_ARENA_MAX = 64 * 1024 * 1024, RUNS_DEFAULT = 4, ORG_RUNS_DEFAULT = 2 };
static const int64_t round_us = 500 * 1000; // the longest sleep: what is due is looked at so often
static const int64_t tidy_every_us = 10 * 1000 * 1000;
static const int64_t sweep_every_us = 3600LL * 1000 * 1000;
static const int64_t job_age_us = 90 * 24 * 3600LL * 1000 * 1000;
static const int64_t delivery_age_us = 30 * 24 * 3600LL * 1000 * 1000;
static const int64_t upload_age_us = 24 * 3600LL * 1000 * 1000;

void supervisor_log(struct supervisor *supervisor, enum log_level level, const char *format, ...) {
    char line[1024];
    va_list values;
    va_start(values, format);
    vsnprintf(line, sizeof line, format, values);
    va_end(values);
    log_line(supervisor->service->setup->log, level, "%s", line);
}

// Files that were begun and never finished go after a day.
static void sweep_uploads(struct supervisor *supervisor) {
    struct arena arena;
    struct error error;
    struct catalog_sync *syncs;
    size_t count = 0;
    struct text org = {"", 0};
    arena_init(&arena, SWEEP_ARENA_MAX);
    bool ok = catalog_list(supervisor->service->catalog, org, &arena, &syncs, &count, &error);
    for (size_t i = 0; ok && i < count; i++) {
        size_t removed;
        if (!text_same(org, syncs[i].org)) {
            org = syncs[i].org;
            if (!upload_sweep(supervisor->service->uploads, org, upload_age_us, &removed, &error)) {
                supervisor_log(supervisor, LOG_WARNING, "uploads of %.*s can't be tidied: %s", TEXT_ARGS(org),
                               error.message);
            }
        }
    }
    arena_clear(&arena);
}

// What is long past goes, a part at a time; the audit stays.
static void prune(struct supervisor *supervisor) {
    struct error error;
    bool more = false;
    int64_t now_us = clock_now(supervisor->service->setup->clock);
    if (!ledger_prune(supervisor->service->ledger, now_us - job_age_us, now_us - delivery_age_us, &more, &error)) {
        supervisor_log(supervisor, LOG_WARNING, "old runs can't be forgotten: %s", error.message);
    }
    supervisor->prune_us = clock_coarse_us() + (more ? round_us : sweep_every_us);
}

static void go_round(struct supervisor *supervisor) {
    int64_t now_us = clock_coarse_us();
    if (now_us >= supervisor->scan_us || supervisor->rescan) {
        supervisor_scan(supervisor);
    }
    supervisor_read(supervisor);
    supervisor_plan(supervisor);
    supervisor->nudged = false;
    supervisor_close_ended(supervisor);
    supervisor_queue(supervisor);
    supervisor_derive(supervisor);
    supervisor_inboxes(supervisor);
    warm_work(supervisor->service->warm, supervisor->children);
    if (now_us >= supervisor->tidy_us) {
        homes_tidy(supervisor->service->homes);
        supervisor->tidy_us = now_us + tidy_every_us;
    }
    if (now_us >= supervisor->sweep_us && supervisor->scans > 0) {
        sweep_uploads(supervisor);
        supervisor->sweep_us = now_us + sweep_every_us;
    }
    if (now_us >= supervisor->prune_us) {
        prune(supervisor);
    }
    supervisor->child_count = (int64_t)children_count(supervisor->children);
}

static void *work(void *context) {
    struct supervisor *supervisor = context;
    while (!supervisor->stop) {
        go_round(supervisor);
        children_wait(supervisor->children,
                      supervisor->nudged || supervisor->rescan || supervisor->derive_asked ? 0 : round_us);
    }
    // Warm children have nothing to lose; runs are given time for their page.
    warm_dismiss(supervisor->service->warm);
    supervisor_stop_runs(supervisor);
    while (supervisor->runs != NULL) {
        children_wait(supervisor->children, round_us);
    }
    // The threads' end is what the kernel takes for the parent's death, so the children go first.
    children_end(supervisor->children);
    return NULL;
}

bool supervisor_start(struct service *service, struct supervisor **out, struct error *error) {
    int64_t count;
    struct supervisor *supervisor = memory_zero(1, sizeof *supervisor);
    *out = NULL;
    if (supervisor == NULL) {
        return error_memory(error);
    }
    supervisor->service = service;
    pthread_mutex_init(&supervisor->derive_mutex, NULL);
    supervisor->limits = (struct queue_limits){
        service->setup->runs_max > 0 ? service->setup->runs_max : RUNS_DEFAULT,
        service->setup->org_runs_max > 0 ? service->setup->org_runs_max : ORG_RUNS_DEFAULT,
    };
    supervisor->limits.runs_max = supervisor->limits.runs_max < RUNS_MOST ? supervisor->limits.runs_max : RUNS_MOST;
    if (!ledger_job_recover(service->ledger, &count, error) || !children_open(&supervisor->children, error)) {
        children_close(supervisor->children);
        memory_free(supervisor);
        return false;
    }
    if (count > 0) {
        supervisor_log(supervisor, LOG_INFO, "%lld runs were cut off when the server ended; they are gone on with",
                       (long long)count);
    }
    if (pthread_create(&supervisor->thread, NULL, work, supervisor) != 0) {
        children_close(supervisor->children);
        memory_free(supervisor);
        return error_set(error, ERROR_MEMORY, "cannot start a thread");
    }
    *out = supervisor;
    return true;
}

void supervisor_stop(struct supervisor *supervisor) {
    if (supervisor == NULL) {
        return;
    }
    supervisor->stop = true;
    children_wake(supervisor->children);
    pthread_join(supervisor->thread, NULL);
}

void supervisor_close(struct supervisor *supervisor) {
    if (supervisor == NULL) {
        return;
    }
    children_close(supervisor->children);
    supervisor_scan_clear(supervisor);
    supervisor_drop_unended(supervisor);
    supervisor_derive_clear(supervisor);
    memory_free(supervisor);
}

void supervisor_nudge(struct supervisor *supervisor) {
    supervisor->nudged = true;
    children_wake(supervisor->children);
}

void supervisor_rescan(struct supervisor *supervisor) {
    supervisor->rescan = true;
    children_wake(supervisor->children);
}

int64_t supervisor_scans(struct supervisor *supervisor) {
    return supervisor->scans;
}

void supervisor_count(struct supervisor *supervisor, struct supervisor_counts *out) {
    *out = (struct supervisor_counts){.children = supervisor->child_count,
                                      .started = supervisor->started,
                                      .ended = supervisor->ended,
                                      .failed = supervisor->failed,
                                      .died = supervisor->died};
}

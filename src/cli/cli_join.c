#include "cli/cli_join.h"

#include <string.h>

enum { POLL_US = 200 * 1000 };

// The newest run of a key, copied out of the scan.
struct newest {
    bool found;
    int64_t run;
    enum run_status status;
    struct counts counts;
    int64_t started_us;
    int64_t ended_us;
    char message[ERROR_MESSAGE_MAX];
};

static bool keep_newest(void *context, const struct run_row *row, struct error *error) {
    (void)error;
    struct newest *newest = context;
    *newest = (struct newest){true, row->id, row->status, row->counts, row->started_us, row->ended_us, ""};
    size_t length = row->message.length < sizeof newest->message ? row->message.length : sizeof newest->message - 1;
    if (length > 0) {
        memcpy(newest->message, row->message.data, length);
    }
    newest->message[length] = '\0';
    return true;
}

static bool find_newest(const struct join *join, struct newest *out, struct error *error) {
    const struct store_type *store = join->store->type;
    *out = (struct newest){.found = false};
    struct scan scan = {.filter = join->key, .limit = 1, .newest_first = true};
    if (!store->snapshot(join->store, error)) {
        return false;
    }
    bool ok = store->run_scan(join->store, &scan, keep_newest, out, error);
    store->snapshot_end(join->store);
    return ok;
}

bool join_live(const struct join *join, int64_t *run, struct error *error) {
    struct newest newest;
    if (!find_newest(join, &newest, error)) {
        return false;
    }
    *run = newest.found && newest.status == RUN_RUNNING ? newest.run : 0;
    return true;
}

static void answer(const struct newest *newest, struct run_report *report) {
    *report = (struct run_report){
        .run = newest->run,
        .status = newest->status,
        .counts = newest->counts,
        .span_us = newest->ended_us > newest->started_us ? newest->ended_us - newest->started_us : 0,
        .answered = true,
    };
    error_clear(&report->error);
    if (newest->status == RUN_FAILED) {
        error_set(&report->error, ERROR_RUN_JOINED, "run %lld failed: %s", (long long)newest->run, newest->message);
    } else if (newest->status == RUN_RUNNING) {
        error_set(&report->error, ERROR_RUN_INTERRUPTED, "the wait for run %lld was interrupted; it goes on",
                  (long long)newest->run);
    } else if (newest->status == RUN_INTERRUPTED) {
        error_set(&report->error, ERROR_RUN_INTERRUPTED, "run %lld was interrupted; run it again: it goes on",
                  (long long)newest->run);
    }
}

bool join_wait(const struct join *join, enum join_end *end, struct run_report *report, struct error *error) {
    int64_t live = 0;
    while (true) {
        struct newest newest;
        if (!find_newest(join, &newest, error)) {
            return false;
        }
        bool running = newest.found && newest.status == RUN_RUNNING;
        bool ended_since = newest.found && !running && (newest.run == live || newest.ended_us >= join->asked_us);
        bool stopped = atomic_load(join->stop);
        if (!join->own && (ended_since || (running && stopped))) {
            answer(&newest, report);
            *end = JOIN_ANSWERED;
            return true;
        }
        if (stopped) {
            return error_set(error, ERROR_RUN_INTERRUPTED, "the wait for the live run was interrupted; it goes on");
        }
        live = running ? newest.run : live;
        // A process that was killed leaves a row that says running; only its lease tells the truth.
        struct lease lease;
        if (store_lease_take(join->store, join->key, &lease, error)) {
            store_lease_free(join->store, &lease);
            *end = JOIN_FREE;
            return true;
        }
        if (error->code != ERROR_LEASE_HELD) {
            return false;
        }
        clock_wait(join->clock, POLL_US);
    }
}

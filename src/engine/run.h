#ifndef WEIR_ENGINE_RUN_H
#define WEIR_ENGINE_RUN_H

// One run of a sync, from the lease to the last log line; and the smaller things that share its parts: a preview, a
// retry of dead letters. Nothing here knows which store, source or script language it works with.

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "port/store.h"
#include "port/sync.h"

// What somebody who watches a run is told. Called on the thread that decides; must not block for long.
struct run_watch {
    // After every page: the type in hand, counts so far, bytes of the source done and in all (0: unknown).
    void (*progress)(void *context, struct text type, const struct counts *counts, uint64_t done, uint64_t total);
    void *context;
    void (*began)(void *context, int64_t run); // when the run is recorded; may be NULL
};

// What is done of a sync that goes both ways. What earlier pushes left open is asked about in any case: a pull that
// doesn't know of a record that was sent would make it a second time.
enum run_way { RUN_WHOLE, RUN_PULL_ALONE, RUN_PUSH_ALONE };

struct run_request {
    const struct sync *sync;
    struct store *store;
    const struct clock *clock;
    const struct log *log;         // each line is kept in home's run log too
    const struct run_watch *watch; // may be NULL
    const atomic_bool *stop;       // set by a signal: end at the page boundary, as interrupted; may be NULL
    bool force;                    // run a `once` sync again
    enum run_way way;              // of one that goes both ways; for others and for retries it stays whole
    bool threads;                  // two threads; false drives the run step by step on the caller's
    size_t page_records;           // 0: the default
    const int64_t *dead_ids;       // a retry reads these dead letters instead of the source; NULL: all of the flow's
    size_t dead_count;
    bool retry;                 // this is a retry of dead letters
    int64_t request;            // of the service, that this run is for; 0: none
    struct vault *vault;        // for datasources whose tokens change; may be NULL
    const struct text *allowed; // private address ranges that the settings allow
    size_t allowed_count;
};

struct run_report {
    int64_t run;
    enum run_status status;
    struct counts counts; // of the whole pass when it was resumed, this run's part included
    int64_t pending_now;  // rows in home that wait for a reference when the run ended
    int64_t span_us;
    int64_t until_us;   // RUN_WAITING: when the server takes requests again
    bool resumed;       // it went on from a checkpoint
    bool answered;      // nothing ran: a `once` sync that is done, or the live run that this request joined
    struct error error; // why it failed or was stopped; code ERROR_NONE otherwise
};

// Runs. False only when not even a run could be recorded (home can't be opened for writing, the lease is held by a
// live run: ERROR_LEASE_HELD); a run that failed is true with status RUN_FAILED and the reason in the report.
bool run_sync(const struct run_request *request, struct run_report *report, struct error *error);

// One record of a preview: what came, and what would go into home (or why not). `extra` records are of another type.
struct preview_row {
    struct text type;            // the type in hand
    const struct record *record; // NULL when it is a reject
    const struct reject *reject;
    const struct datatype *datatype; // of `fields`
    const struct value *fields;      // NULL when skipped or dead; references stay unresolved lists
    struct text skip;                // why it is left out
    struct error error;              // why it is a dead letter
};

// Reads up to `rows` records of each type and shows each once per home record that it gives. Writes nothing and
// needs no home: of the request it takes sync, clock, log, and what a session needs.
bool run_preview(const struct run_request *request, size_t rows,
                 bool (*show)(void *context, const struct preview_row *row, struct error *error), void *context,
                 struct error *error);

#endif

#ifndef WEIR_ENGINE_INBOX_H
#define WEIR_ENGINE_INBOX_H

// What a datasource posts. Two halves, in two processes:
//
//    inbox_post    commits the records and gives their receipts. No script is needed.
//    inbox_drain   takes what waits through the sync's pull transforms, links, references and dead letters, as a page
//                  of a pull would. Each page closes its receipts in its own transaction, so a record is taken in
//                  once, whenever a process dies.
//
// A drain is no run: it has a lease of its own (of the sync's key with " inbox" behind it), so it works beside a live
// run of the sync, and leaves no row among the runs, no watermark, no checkpoint. It deletes nothing by absence and
// sends nothing. What it and a run say of each other's records is receipt.h's.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "engine/run.h"
#include "port/store.h"

// Records a post, bytes of its body, bytes of one record (in memory: about what its JSON has), bytes of the key it is
// sent under, records that may wait in one inbox.
enum {
    INBOX_RECORDS_MAX = 10000,
    INBOX_BYTES_MAX = 32 * 1024 * 1024,
    INBOX_RECORD_MAX = 4 * 1024 * 1024,
    INBOX_BATCH_MAX = 256,
    INBOX_WAITING_MAX = 200000,
};

struct inbox_post {
    struct store *store;
    const struct clock *clock;
    struct text key;             // sync_key
    struct text sync;            // ORG/NAME
    struct text type;            // the type's name in the sync
    struct text batch;           // what makes a post the same again (an Idempotency-Key); empty: each is a new one
    struct text origin;          // who posts
    struct print print;          // of the body
    size_t bytes;                // of the body
    const struct value *records; // objects
    size_t count;
};

// The receipts are `first`, `first` + 1, …, one a record, in their order.
struct inbox_receipts {
    int64_t first;
    size_t count;
    bool again; // they are of an earlier post under the same key: nothing was added
};

// Commits the records, all or none. The same batch with the same print gives the receipts of the first time;
// with another print it is ERROR_KEY_REUSED. Too many waiting: ERROR_INBOX_FULL. A record that is no object:
// ERROR_FIELD_TYPE; too many of them, none, or too much: ERROR_LIMIT. No snapshot may be held.
bool inbox_post(const struct inbox_post *post, struct inbox_receipts *out, struct error *error);

struct inbox_report {
    int64_t taken; // receipts that were closed
    struct counts counts;
    int64_t left; // that wait still: it was stopped, or they came meanwhile
    bool stopped; // by request->stop
};

// Takes in what waits now. Of the request it takes sync, store, clock, log, watch, stop, threads and page_records.
// ERROR_LEASE_HELD while another drain of the key is live, ERROR_HOME_CLOSED while a run has closed home. False leaves
// what was committed: the rest waits.
bool inbox_drain(const struct run_request *request, struct inbox_report *report, struct error *error);

#endif

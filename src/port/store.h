#ifndef WEIR_PORT_STORE_H
#define WEIR_PORT_STORE_H

// The contract of home: an organisation's typed tables and all that weir remembers beside them. Everything that must
// agree changes in one store_commit.
//
// A store has two sides that two threads may use at once, each side by one thread:
//
//    the reading side    store_snapshot … store_pending_find, all store_*_scan: sees what was committed when the
//                        snapshot was taken
//    the writing side    store_prepare, store_lease_*, store_run_*, store_track, store_reserve, store_commit,
//                        store_settle
//
// Texts and values that a store gives live in the arena the caller handed in. Ids and seqs start at 1; 0 is none.
// A store takes no clock of its own: times come in.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "model/datatype.h"
#include "model/value.h"
#include "port/store_rows.h"

struct store {
    const struct store_type *type;
};

struct store_setup {
    struct text folder; // DATA/ORG
    bool create;        // else a home that isn't there is ERROR_HOME_MISSING
    bool read_only;     // only the reading side is used; nothing is created or migrated
};

// A scan calls `row` until it returns false or nothing is left. A row that has seen enough returns false without
// setting the error: the scan went well then. Texts live until `row` returns. `after` starts past that id (below it
// with newest_first); `limit` 0 is no limit.
struct scan {
    struct text filter; // what it filters is said at each scan; empty for all
    int64_t after;
    int64_t limit;
    bool newest_first;
};

// For the end of a scan that began with error_clear: whether it went well.
static inline bool scan_ended(bool ok, const struct error *error) {
    return ok || error->code == ERROR_NONE;
}

struct store_type {
    const char *kind; // "sqlite", "memory"

    bool (*open)(const struct store_setup *setup, struct store **out, struct error *error);
    void (*close)(struct store *store); // never fails; accepts NULL

    // Must make home fit the datatypes: create tables, add new fields (a required field without a default on a table
    // with rows, a changed type, a lost field that holds data: ERROR_SCHEMA_CHANGE with the way out, and nothing
    // changed). Remembers `text`, the modules they came from. The datatypes must outlive the store.
    bool (*prepare)(struct store *store, const struct datatype *const *datatypes, size_t count, struct text text,
                    struct error *error);

    // Must give a datatype that home knows, from its memory, or NULL.
    bool (*datatype)(struct store *store, struct text name, struct arena *arena, const struct datatype **out,
                     struct error *error);

    // Must find or make the linkset. `bulk` asks for a bulk one, which is granted while it has no link, or while it is
    // bulk and unsettled already.
    bool (*linkset)(struct store *store, struct text datasource, const struct datatype *datatype, bool bulk,
                    struct linkset **out, struct error *error);

    // Must take the key for this process, or give ERROR_LEASE_HELD. Freed by lease_free and by any death of the
    // process.
    bool (*lease_take)(struct store *store, struct text key, struct lease *out, struct error *error);
    void (*lease_free)(struct store *store, struct lease *lease);

    // Must add a running run (id and counts of `row` are ignored), and end as interrupted all runs of the key that
    // still say running: their process is dead, or it would hold the lease. ERROR_HOME_CLOSED while another key's run
    // closes home. A run that `closes` closes it in the same transaction; ERROR_HOME_BUSY while a run of another key
    // is live.
    bool (*run_begin)(struct store *store, const struct lease *lease, const struct run_row *row, int64_t *id,
                      struct error *error);

    // Must store status, counts, message, ended_us and logs; with `complete`, the checkpoint goes too. Home is open
    // again.
    bool (*run_end)(struct store *store, const struct lease *lease, const struct run_row *row, bool complete,
                    const struct log_row *logs, size_t log_count, struct error *error);

    // Must keep what two-way needs from now on: home's changes of the datatype can be scanned by seq, and the first
    // edit of a record past a tracked link's agreed_seq keeps the form it had then (with the time of each later edit),
    // in its own transaction. A base that no tracked link needs any more goes with the transaction that moved the link.
    bool (*track)(struct store *store, struct linkset *links, struct error *error);

    // Must set `count` ids of home aside for ever and give the first.
    bool (*reserve)(struct store *store, int64_t count, int64_t *first, struct error *error);

    // Must apply the page in one durable transaction, each effect under the seq it was based on. ERROR_HOME_CLOSED
    // while a run of another key than the page's lease closes home: nothing was changed.
    bool (*commit)(struct store *store, const struct page *page, enum commit_outcome *outcome, struct error *error);

    // Must end a bulk linkset's first load: index it and resolve repeats in the order of arrival (the first record
    // stays, the last form wins, a form that lost becomes a "repeat" conflict, equal prints leave no trace). A form
    // that somebody edited since it came stays ahead of what both sides agree on, without a base. `repeats` receives
    // how many links went, `conflicts` how many of those differed. On an already settled linkset it does nothing. May
    // be killed at any point and called again.
    bool (*settle)(struct store *store, struct linkset *links, const struct lease *lease, int64_t run, int64_t at_us,
                   int64_t *repeats, int64_t *conflicts, struct error *error);

    // Must see from now on, on the reading side, what is committed now; until `snapshot_end`.
    bool (*snapshot)(struct store *store, struct error *error);
    void (*snapshot_end)(struct store *store);

    // Home's newest seq.
    bool (*seq)(struct store *store, int64_t *out, struct error *error);

    // Must fill out[i] for externals[i]; fast when they come in the order in which the links were made.
    bool (*link_find)(struct store *store, struct linkset *links, const struct text *externals, size_t count,
                      struct link *out, struct error *error);

    // Must give the external ids that a record has in the linkset: its link, or home 0.
    bool (*link_of)(struct store *store, struct linkset *links, int64_t home, struct arena *arena, struct link *out,
                    struct text *external, struct error *error);

    bool (*record_find)(struct store *store, const struct datatype *datatype, int64_t id, struct arena *arena,
                        struct home_row *out, struct error *error);

    // Must give up to two ids of records with these values in the datatype's key; `count` says how many.
    bool (*key_find)(struct store *store, const struct datatype *datatype, const struct value *key, int64_t ids[2],
                     size_t *count, struct error *error);

    // How many rows wait for a record of (datasource, type); with empty texts, how many wait at all.
    bool (*pending_count)(struct store *store, struct text datasource, struct text type, int64_t *out,
                          struct error *error);

    // Must give the rows that wait for this id, oldest first, at most `max` of them.
    bool (*pending_find)(struct store *store, struct text datasource, struct text type, struct text external,
                         struct arena *arena, struct pending_row *out, size_t max, size_t *count, struct error *error);

    // Must give home's records of the datatype with a seq past `after`, and the traces of deleted ones, by seq, oldest
    // first; at most `limit`. The linkset of the datatype must be tracked.
    bool (*change_scan)(struct store *store, const struct datatype *datatype, int64_t after, int64_t limit,
                        bool (*row)(void *context, const struct change_row *row, struct error *error), void *context,
                        struct error *error);

    // Must give the form that a record had at a seq, if it was kept, and when home's record was last edited since.
    bool (*base_find)(struct store *store, const struct datatype *datatype, int64_t id, int64_t seq,
                      struct arena *arena, bool *found, struct value **fields, int64_t *edited_us, struct error *error);

    // Must give up to `max` ids past `after` of records whose reference `field` is `target`, in order.
    bool (*referrers)(struct store *store, const struct datatype *datatype, uint32_t field, int64_t target,
                      int64_t after, int64_t *ids, size_t max, size_t *count, struct error *error);

    // Must give the watermark's text, empty when there is none.
    bool (*watermark_find)(struct store *store, struct text key, struct text type, struct text direction,
                           struct arena *arena, struct text *out, struct error *error);

    // How many links there are.
    bool (*link_count)(struct store *store, struct linkset *links, int64_t *out, struct error *error);

    // Must give a datasource whose first load of the datatype isn't settled, the empty text when there is none: home
    // may hold its repeats.
    bool (*unsettled)(struct store *store, const struct datatype *datatype, struct arena *arena,
                      struct text *datasource, struct error *error);

    // Whether this home is older than the mark beside it says it was: it came back from a backup, so what was pushed
    // since may be there without a link. Stays true until a page says `reconciled`.
    bool (*restored)(struct store *store, bool *out, struct error *error);

    // Must say who closes home; run 0 while nobody does. A run does so no longer than its process lives.
    bool (*closed)(struct store *store, struct arena *arena, struct closed_row *out, struct error *error);

    // Must give what was posted. How much of a key waits.
    bool (*inbox_scan)(struct store *store, const struct inbox_ask *ask,
                       bool (*row)(void *context, const struct inbox_row *row, struct error *error), void *context,
                       struct error *error);
    bool (*inbox_count)(struct store *store, struct text key, int64_t *out, struct error *error);

    bool (*checkpoint_find)(struct store *store, struct text key, struct arena *arena, bool *found,
                            struct checkpoint *out, struct error *error);

    // Scans. Filters: runs by sync (ORG/NAME) or key; logs by run number as text; deads by flow or flow:type; links,
    // of a datatype, by datasource; records by nothing; pendings and conflicts by datatype.
    bool (*run_scan)(struct store *store, const struct scan *scan,
                     bool (*row)(void *context, const struct run_row *row, struct error *error), void *context,
                     struct error *error);
    bool (*log_scan)(struct store *store, const struct scan *scan,
                     bool (*row)(void *context, const struct log_row *row, struct error *error), void *context,
                     struct error *error);
    bool (*dead_scan)(struct store *store, const struct scan *scan,
                      bool (*row)(void *context, const struct dead_row *row, struct error *error), void *context,
                      struct error *error);
    bool (*pending_scan)(struct store *store, const struct scan *scan,
                         bool (*row)(void *context, const struct pending_row *row, struct error *error), void *context,
                         struct error *error);
    bool (*conflict_scan)(struct store *store, const struct scan *scan,
                          bool (*row)(void *context, const struct conflict_row *row, struct error *error),
                          void *context, struct error *error);
    bool (*link_scan)(struct store *store, const struct datatype *datatype, const struct scan *scan,
                      bool (*row)(void *context, struct text datasource, struct text external, const struct link *link,
                                  struct error *error),
                      void *context, struct error *error);
    bool (*record_scan)(struct store *store, const struct datatype *datatype, const struct scan *scan,
                        bool (*row)(void *context, const struct home_row *row, struct error *error), void *context,
                        struct error *error);
    // Filters: intents and held deletes by sync_key; stale rows by nothing (`after` is not used: what is done goes).
    bool (*intent_scan)(struct store *store, const struct scan *scan,
                        bool (*row)(void *context, const struct intent_row *row, struct error *error), void *context,
                        struct error *error);
    bool (*held_scan)(struct store *store, const struct scan *scan,
                      bool (*row)(void *context, const struct held_row *row, struct error *error), void *context,
                      struct error *error);
    bool (*stale_scan)(struct store *store, const struct scan *scan,
                       bool (*row)(void *context, const struct stale_row *row, struct error *error), void *context,
                       struct error *error);
    bool (*watermark_scan)(struct store *store, const struct scan *scan,
                           bool (*row)(void *context, const struct watermark_row *row, struct error *error),
                           void *context, struct error *error);
    // Must give the datasources that the datatype has, or had, links with, each once.
    bool (*linkset_scan)(struct store *store, const struct datatype *datatype,
                         bool (*row)(void *context, struct text datasource, struct error *error), void *context,
                         struct error *error);
    // Must give the text of every module that home's datatypes were declared in, each once.
    bool (*module_scan)(struct store *store, bool (*row)(void *context, struct text text, struct error *error),
                        void *context, struct error *error);
    bool (*datatype_scan)(struct store *store,
                          bool (*row)(void *context, const struct datatype *datatype, struct error *error),
                          void *context, struct error *error);
};

// What a store says of a run that closes home to others, and of another that is live where one would. Always false.
bool store_closed_error(const struct closed_row *closed, struct error *error);
bool store_others_error(const struct run_row *row, const struct closed_row *other, struct error *error);

// The doors. store_open and the calls that write carry fault points before and after.
bool store_open(const struct store_type *type, const struct store_setup *setup, struct store **out,
                struct error *error);
void store_close(struct store *store);
bool store_prepare(struct store *store, const struct datatype *const *datatypes, size_t count, struct text text,
                   struct error *error);
bool store_linkset(struct store *store, struct text datasource, const struct datatype *datatype, bool bulk,
                   struct linkset **out, struct error *error);
bool store_lease_take(struct store *store, struct text key, struct lease *out, struct error *error);
void store_lease_free(struct store *store, struct lease *lease);
bool store_run_begin(struct store *store, const struct lease *lease, const struct run_row *row, int64_t *id,
                     struct error *error);
bool store_run_end(struct store *store, const struct lease *lease, const struct run_row *row, bool complete,
                   const struct log_row *logs, size_t log_count, struct error *error);
bool store_track(struct store *store, struct linkset *links, struct error *error);
bool store_reserve(struct store *store, int64_t count, int64_t *first, struct error *error);
bool store_commit(struct store *store, const struct page *page, enum commit_outcome *outcome, struct error *error);
bool store_settle(struct store *store, struct linkset *links, const struct lease *lease, int64_t run, int64_t at_us,
                  int64_t *repeats, int64_t *conflicts, struct error *error);

#endif

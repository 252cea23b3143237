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
#include "base/hash.h"
#include "base/log.h"
#include "base/text.h"
#include "model/datatype.h"
#include "model/value.h"

struct store {
    const struct store_type *type;
};

// --- links ---

// The links of one (datasource, datatype). Given by store_linkset, owned by the store, valid until store_close.
// A bulk linkset takes new links without looking for repeats and answers no store_link_find: a first load. It stays
// so, across crashes, until store_settle.
struct linkset {
    struct text datasource;
    const struct datatype *datatype;
    bool bulk;
    bool tracked; // two-way: bases of merges are kept for it (store_track)
    bool spare; // set by the engine: commits of this bulk load have time to spare, so they may do some of settle's work
};

struct link {
    int64_t home; // the record's id; 0: there is no link
    struct print seen;
    int64_t agreed_seq;
    struct print sent;        // of the push form that the datasource has; {0, 0}: it was never pushed
    struct print sent_before; // the one before: a form that comes and goes is a loop
    int64_t bounces;          // how often it came and went
};

// --- records ---

struct home_row {
    int64_t id; // 0: there is no such record
    int64_t seq;
    struct text origin;
    struct value *fields; // in the datatype's order; null, never missing
    struct value extra;   // an object, or missing
};

// --- what a page changes ---

enum effect_kind {
    EFFECT_CREATE, // a new record under a reserved id (or a deleted record's old id: brought back)
    EFFECT_UPDATE, // all fields of the record with base_seq
    EFFECT_DELETE, // the record with base_seq, leaving a tombstone; with `links`, its link goes too
    EFFECT_AGREE,  // only the link: `seen` is what both sides agree on, at the record's base_seq
    EFFECT_FORGET, // only the link, which goes; never stale, also when it has gone already
};

// A merge, and an edit that came while a record was on its way, leave home ahead of what both sides agree on. Then
// `agreed` is the form they agree on, in home's fields:
//
//    UPDATE with `agreed`   takes two seqs: the first is the link's agreed_seq and has `agreed` in history, the second
//                           is the record's. So it counts as edited since, and the next push sends it.
//    AGREE with `agreed`    the link's agreed_seq is base_seq. Where the record (or its tombstone) has gone past that,
//                           `agreed` is put into history at base_seq; it is never stale.

struct effect {
    enum effect_kind kind;
    const struct datatype *datatype;
    int64_t id;
    int64_t base_seq;           // what the decision was based on; 0 for CREATE
    const struct value *fields; // CREATE, UPDATE: all fields in order, checked; missing counts as null
    struct value extra;         // an object, or missing
    struct linkset *links;      // NULL: an edit of home itself
    struct text external;
    struct print seen;
    bool adds_link;             // a new link; else the link of `external` is updated
    const struct value *agreed; // see above; NULL: `fields` (or what stands there) is what both sides agree on
    bool sends;                 // the link's sent, sent_before and bounces are set too
    struct print sent;
    struct print sent_before;
    int64_t bounces;
};

// A record that waits as a whole (`home` is 0), or one reference of a record in home.
struct pending_row {
    int64_t id; // the store's; 0 for a new one
    struct text awaits_datasource;
    struct text awaits_type;
    struct text awaits_external;
    struct text datatype;
    int64_t home;           // the record whose `field` is null meanwhile
    struct text field;      //
    struct text datasource; // a held record: its link to be
    struct text external;   //
    struct print seen;      //
    struct value fields;    // an object: its fields in home form, references that wait as lists of three texts
    struct text place;      // where it came from
    int64_t run;            // that put it; no change by itself
};

struct dead_row {
    int64_t id;            // the store's; 0 for a new one
    struct text flow;      // ORG/NAME of the sync
    struct text direction; // "pull" or "push"; empty counts as "pull"
    struct text datasource;
    struct text type;     // the type's name in the sync
    struct text external; // "#<hex of print>" when the row has no usable key; of a push, home's id as text
    struct print print;   // of the payload
    struct text code;     // "W4001"
    struct text reason;
    struct text place;    // where it came from; a put with an empty one leaves what is there
    struct value payload; // an object: the raw record; or a text: the raw bytes of what was no record
    int64_t attempts;
    int64_t at_us;
    int64_t run;
};

// The version that lost: of a record that came twice in one pass, or of one that both sides changed.
struct conflict_row {
    int64_t id;
    struct text kind; // "repeat"; "edit": home's form lost; "remote": the datasource's lost
    struct text datasource;
    struct text datatype;
    struct text external;
    int64_t home;
    struct print print;   // "repeat": of the raw form that lost
    struct value payload; // the losing form
    struct text place;
    int64_t met_run; // "repeat": the run whose pass met the loser and not yet the winner; else 0
    int64_t at_us;
    int64_t run;
};

struct log_row {
    int64_t at_us;
    enum log_level level;
    struct text text;
};

struct counts {
    int64_t read, created, updated, unchanged, skipped, dead, deleted, pushed, pending, conflicts, held;
};

// --- the way back ---

// A write that is about to be sent, or was, and nobody knows the outcome yet. Put before it is sent, done with the
// outcome. `form` and `sent` are what was sent; a retry never sends an old form, it looks it up.
enum intent_state {
    INTENT_SENDING, // sent or not: the process died, or is at it
    INTENT_UNKNOWN, // sent, and the answer was lost
    INTENT_PARKED,  // can't be found out: a person decides (there is a dead letter for it)
};

struct intent_row {
    int64_t id;            // the store's; 0 for a new one
    struct text operation; // unique; put again, the state is replaced
    struct text key;       // sync_key
    struct text datasource;
    struct text datatype;
    struct text verb; // "create", "update", "delete"
    int64_t home;
    struct text external; // empty for a create
    int64_t base_seq;     // of the record when it was sent
    struct print sent;
    struct value form; // an object; missing for a delete
    enum intent_state state;
    int64_t at_us;
    int64_t run;
};

// How far a flow has read: the source's own text (pull), home's seq (push), or the time of the last whole pass (full).
struct watermark_row {
    struct text key; // sync_key
    struct text type;
    struct text direction; // "pull", "push", "full"
    struct text text;      // empty: forget it
};

// A delete that waits for approval: it went past the guard.
struct held_row {
    int64_t id;            // the store's; 0 for a new one
    struct text key;       // sync_key
    struct text direction; // "pull": of home's record; "push": of the datasource's
    struct text datasource;
    struct text datatype;
    struct text external;
    int64_t home;
    bool approved;
    int64_t at_us;
    int64_t run;
};

// A record whose derived fields, or those of the records that refer to it, are to be computed anew.
struct stale_row {
    struct text datatype;
    int64_t home;
};

// One of home's changes: a record as it stands, or the trace of one that was deleted.
struct change_row {
    int64_t seq;
    bool deleted;
    struct home_row row; // deleted: id, seq and origin alone
};

struct checkpoint {
    struct print print;   // of the sync: another script starts another pass
    int64_t run;          // that began the pass
    int64_t type_index;   // into sync.types
    struct text position; // the source's own text
    int64_t pass_seq;     // home's seq when this type's pass began
    struct text since;    // the watermark that the pass began with
    struct counts counts; // of the pass so far
};

// --- runs ---

enum run_status {
    RUN_PENDING,
    RUN_RUNNING,
    RUN_DONE,
    RUN_WARNING, // it ended, and what it did looks wrong: nothing read where earlier much was, all skipped
    RUN_FAILED,
    RUN_INTERRUPTED,
    RUN_WAITING,
    RUN_NOT_NEEDED,
};

const char *run_status_name(enum run_status status);
bool run_status_find(struct text name, enum run_status *out);

struct run_row {
    int64_t id;
    struct text key;  // sync_key
    struct text sync; // ORG/NAME
    struct text params;
    enum run_status status;
    struct counts counts;
    int64_t started_us;
    int64_t ended_us;    // 0 while it runs
    struct text message; // why it failed, or what to look at
    struct print print;
    struct text script_text; // pinned; not given by scans
    int64_t process;         // pid
    int64_t until_us;        // RUN_WAITING: not before
};

// A lease: one live run a key. `token` grows with every take and is checked in every commit.
struct lease {
    struct text key;
    int64_t token;
    int file; // the store's own
};

// Everything that one page changes. All of it is committed, or nothing. What is done is removed before what is put:
// a row that is done and put stays. An id that is not there any more is done already.
struct page {
    const struct lease *lease; // NULL: an edit from outside a run
    int64_t run;               // 0 likewise
    struct text origin;        // who changes: a datasource's name, "put"
    int64_t at_us;
    int64_t seen_seq; // home's seq when the page was decided: a CREATE is stale when a record past it has its natural
                      // key (not for bulk linksets); 0: don't look
    const struct effect *effects;
    size_t effect_count;
    const struct pending_row *pendings; // put, or replaced: by (datasource, datatype, external) for a held record,
    size_t pending_count;               // by (datatype, home, field) for a reference
    const int64_t *pendings_done;       // removed, by id
    size_t pending_done_count;
    const struct dead_row
        *deads; // put by (flow, type, external); the same print, code and attempts again change nothing
    size_t dead_count;
    const int64_t *deads_done; // removed, by id
    size_t dead_done_count;
    const struct conflict_row *conflicts; // put by (datasource, datatype, external, print) for repeats: met_run is
    size_t conflict_count;                // replaced; edits are always added
    const int64_t *conflicts_done;
    size_t conflict_done_count;
    const struct log_row *logs;
    size_t log_count;
    const struct checkpoint *checkpoint; // NULL: leave it
    const struct intent_row *intents;    // put by operation
    size_t intent_count;
    const int64_t *intents_done;
    size_t intent_done_count;
    const struct watermark_row *watermarks;
    size_t watermark_count;
    const struct held_row *helds; // put by (key, direction, datatype, home): an approval stays
    size_t held_count;
    const int64_t *helds_done;
    size_t held_done_count;
    const struct stale_row *stales; // put once each
    size_t stale_count;
    const struct stale_row *stales_done; // but those that were put again past `seen_seq`, unless that is 0
    size_t stale_done_count;
    bool reconciled;   // home was looked at after it had been restored (store_type.restored)
    const char *audit; // what a person did, one line; NULL for a run's page
};

enum commit_outcome {
    COMMIT_DONE,
    COMMIT_STALE, // nothing was changed: some record, link or bulk linkset isn't what the page was decided on
};

// --- the contract ---

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
    // still say running: their process is dead, or it would hold the lease.
    bool (*run_begin)(struct store *store, const struct lease *lease, const struct run_row *row, int64_t *id,
                      struct error *error);

    // Must store status, counts, message, ended_us and logs; with `complete`, the checkpoint goes too.
    bool (*run_end)(struct store *store, const struct lease *lease, const struct run_row *row, bool complete,
                    const struct log_row *logs, size_t log_count, struct error *error);

    // Must keep what two-way needs from now on: home's changes of the datatype can be scanned by seq, and the first
    // edit of a record past a tracked link's agreed_seq keeps the form it had then (with the time of each later edit),
    // in its own transaction. A base that no tracked link needs any more goes with the transaction that moved the link.
    bool (*track)(struct store *store, struct linkset *links, struct error *error);

    // Must set `count` ids of home aside for ever and give the first.
    bool (*reserve)(struct store *store, int64_t count, int64_t *first, struct error *error);

    // Must apply the page in one durable transaction, each effect under the seq it was based on.
    bool (*commit)(struct store *store, const struct page *page, enum commit_outcome *outcome, struct error *error);

    // Must end a bulk linkset's first load: index it and resolve repeats in the order of arrival (the first record
    // stays, the last form wins, a form that lost becomes a "repeat" conflict, equal prints leave no trace).
    // `repeats` receives how many links went, `conflicts` how many of those differed. On an already settled linkset
    // it does nothing. May be killed at any point and called again.
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

    // Whether this home is older than the mark beside it says it was: it came back from a backup, so what was pushed
    // since may be there without a link. Stays true until a page says `reconciled`.
    bool (*restored)(struct store *store, bool *out, struct error *error);

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
    // Must give the text of every module that home's datatypes were declared in, each once.
    bool (*module_scan)(struct store *store, bool (*row)(void *context, struct text text, struct error *error),
                        void *context, struct error *error);
    bool (*datatype_scan)(struct store *store,
                          bool (*row)(void *context, const struct datatype *datatype, struct error *error),
                          void *context, struct error *error);
};

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

#ifndef WEIR_PORT_STORE_ROWS_H
#define WEIR_PORT_STORE_ROWS_H

// What home holds and remembers, a struct a kind of row, and the page that changes it: the nouns of the contract in
// store.h. Texts and values are owned by whoever made the row: the arena that was handed in, or the caller of a commit.
// Ids and seqs start at 1; 0 is none.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/text.h"
#include "model/datatype.h"
#include "model/value.h"

// --- links ---

// The links of one (datasource, datatype). Given by store_linkset, owned by the store, valid until store_close.
// A bulk linkset takes new links without looking for repeats and answers no store_link_find: a first load. It stays
// so, across crashes, until store_settle; a page that is stale since another process has settled it sets `bulk` anew.
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

#define DEAD_FORM "form"

struct dead_row {
    int64_t id;            // the store's; 0 for a new one
    struct text flow;      // ORG/NAME of the sync
    struct text direction; // "pull" or "push"; empty counts as "pull"; DEAD_FORM: a pull's, in home's form
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
    struct value form; // { form: what was sent, home: the fields it was made of }; missing for a delete
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

// --- what was posted ---

// A record that was posted to a sync, on its way in; and what became of it, which is its receipt.
struct inbox_row {
    int64_t id;           // the receipt's number, never given twice; 0 for a new one
    struct text key;      // sync_key
    struct text sync;     // ORG/NAME
    struct text type;     // the type's name in the sync
    struct text batch;    // what was posted together; unique within the key
    int64_t place;        // in the batch, from 0
    struct print print;   // of the whole body that was posted
    struct value payload; // the raw record, an object
    struct text origin;   // who posted it
    int64_t posted_us;
    int64_t posted_seq; // home's seq then: the store's
    // From here on once it is done.
    bool done;
    struct text outcome; // "created", "updated", "unchanged", "skipped", "dead", "pending", "conflict"; "superseded": a
                         // run brought the record since; "gone": it is gone there, and the next run weighs whether
                         // it goes in home
    int64_t home;        // the record that it went into; 0: none
    struct text code;    // why it is a dead letter: "W4001"
    struct text reason;
    int64_t done_us;
    int64_t done_seq; // home's seq when its page was in: the store's
};

// What became of one.
struct inbox_done {
    int64_t id;
    struct text outcome;
    int64_t home;
    struct text code;
    struct text reason;
};

// Which of them are asked for, oldest first: one of `key` (all of a sync and its parameters), `key` and `batch`, or
// `home` narrows it; none of them asks by id alone.
struct inbox_ask {
    struct text key;
    struct text batch;
    struct text sync; // with `home`: those of this sync
    int64_t home;
    bool waiting;  // those that aren't done
    int64_t after; // ids past this one
    int64_t limit; // 0: none
    bool newest_first;
};

// Who has closed home, while its run goes on.
struct closed_row {
    struct text key;
    struct text sync;
    int64_t run; // 0: home is open
    int64_t since_us;
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
    int64_t request;         // of the service, that it was started for; 0: none
    bool closes;             // home is closed to everybody else while it runs (run_begin's; not given by scans)
};

// A lease: one live run a key. `token` grows with every take and is checked in every commit.
struct lease {
    struct text key;
    int64_t token;
    int file; // the store's own
};

enum { INBOX_TRIM_MAX = 10000 };

// Everything that one page changes. All of it is committed, or nothing. What is done is removed before what is put:
// a row that is done and put stays. An id that is not there any more is done already.
struct page {
    const struct lease *lease; // NULL: an edit from outside a run
    int64_t run;               // 0 likewise, and of a page that takes in what was posted
    struct text origin;        // who changes: a datasource's name, "put"
    int64_t at_us;
    int64_t seen_seq; // home's seq when the page was decided: a CREATE is stale when a record past it, that is not of
                      // this very page, has its natural key (not for bulk linksets); 0: don't look
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
    const struct inbox_row *inboxes; // added; where their batch has such a place already, the page is stale
    size_t inbox_count;
    const struct inbox_done *inboxes_done; // closed; the page is stale where one isn't waiting
    size_t inbox_done_count;
    int64_t inboxes_before_us; // those done before it go, at most INBOX_TRIM_MAX a page, oldest first; 0: none
    bool reconciled;           // home was looked at after it had been restored (store_type.restored)
    const char *audit;         // what a person did, one line; NULL for a run's page
};

enum commit_outcome {
    COMMIT_DONE,
    COMMIT_STALE, // nothing was changed: some record, link or bulk linkset isn't what the page was decided on
};

#endif

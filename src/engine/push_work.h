#ifndef WEIR_ENGINE_PUSH_WORK_H
#define WEIR_ENGINE_PUSH_WORK_H

// What the parts of a push share. Records are looked at in blocks: a block is read and decided under one snapshot,
// which is ended before anything is written; then it is settled, chunk by chunk, and each chunk's outcome committed.
//
//    push.c          blocks: home's changes, records that waited, dead letters that are retried
//    push_open.c     what earlier pushes left: dead letters, intents
//    push_look.c     one record: link, form, decision
//    push_send.c     chunks: intents, writes, tries
//    push_settle.c   decisions and receipts -> rows of the page
//    push_commit.c   the page: its effects on links and records, the watermark
//    push_delete.c   deletes, which wait for the end of the pass and the guard
//    push_resume.c   intents of runs that died
//
// Everything of a block lives in its arena, and ends with it.

#include "base/map.h"
#include "engine/push.h"
#include "engine/push_decide.h"
#include "engine/push_form.h"
#include "port/target.h"

enum {
    PUSH_BLOCK = 500,                    // records a snapshot
    PUSH_BLOCK_BYTES = 16 * 1024 * 1024, // after which a block ends early
    PUSH_BYTES_MAX = 256 * 1024 * 1024,  // of a block's arena
    PUSH_STALE_MAX = 20,                 // edits under one page
    PUSH_BOUNCES_MAX = 5,                // how often a form may come and go
    PUSH_ENDS_MAX = 200000,              // dead letters that are remembered
};

// A push dead letter or an open intent, found by home's id. Id 0: it is done.
struct push_end {
    int64_t home;
    int64_t id;
    int64_t attempts;        // a dead letter's
    struct print print;      // a dead letter's
    enum error_code code;    // a dead letter's
    enum intent_state state; // an intent's
};

struct push_ends {
    struct text dead_filter; // "ORG/NAME:type"
    struct map deads;        // home -> list
    struct map intents;      // home -> list
    struct map waits;        // external id -> 1: what the datasource says of it waits in home
    struct push_end *list;
    size_t count, capacity;
    int64_t dead_last;
    struct arena arena;
};

// How a record's link comes out of the page.
enum push_end_kind {
    PUSH_KEEPS,   // no effect
    PUSH_AGREES,  // home says nothing new
    PUSH_WENT,    // it was written: the receipt says how it stands there
    PUSH_FORGETS, // it is gone there, or was never
};

// One record of a block.
struct push_item {
    struct home_row row; // as it was looked at; `fields` NULL: deleted, id and seq alone
    bool waited;         // looked at again: not one of home's changes in turn
    bool retried;        // by a person
    int64_t held;        // its held row, 0: none
    struct link link;    // home 0: none
    struct text external;
    enum push_decision decision;
    const struct object *form;
    struct print sent;
    int64_t bounces;
    struct error *reason; // why it can't be decided
    bool settled;         // nothing is left to be done in this block
    // Of a write:
    int64_t intent; // 0: not committed yet
    bool late;      // it was asked about long after it was sent: it may have been changed there since
    struct target_item item;
    struct target_receipt receipt;
    enum push_end_kind end;
    const struct form *back; // what the reply gave back; NULL: nothing
    bool anew;               // its link goes, then it is made anew
    bool borrowed;           // push_formed's
    int64_t asked_since;     // an open intent: the run that put it
    bool told;               // that it was met there, in a dead letter
};

// What is committed next. Rows are added while items are settled, effects are made when it is committed, of home as
// it stands then.
struct push_page {
    struct push_item **ends; // with an end
    size_t end_count;
    struct dead_row *deads;
    size_t dead_count;
    int64_t *deads_done;
    size_t dead_done_count;
    struct intent_row *intents;
    size_t intent_count;
    int64_t *intents_done;
    size_t intent_done_count;
    struct held_row *helds;
    size_t held_count;
    int64_t *helds_done;
    size_t held_done_count;
    struct effect *effects;
    size_t effect_count;
    struct stale_row *stales;
    size_t stale_count;
    bool meets; // a record that was found there is still to be weighed against home's
};

// A deleted record that waits for the end of the pass.
struct push_gone {
    int64_t home;
    int64_t seq;
};

struct pushing {
    struct push_pass *pass;
    struct push_former former;
    struct target *target;
    struct push_ends ends;
    struct arena arena; // of the block
    struct push_item *items;
    size_t count;
    size_t turn;                // items of the block before it are dealt with
    struct push_item **chosen;  // room for a block
    struct target_item *sends;  // likewise
    struct target_receipt *got; // likewise
    struct push_page page;
    bool marks;          // changes of this datatype make derived fields stale
    bool writes_deletes; // decided deletes are written; else they wait for the end
    int64_t intent_last; // the newest intent that was read
    int64_t tried;       // records that were pushed or died, for stop_after
    char watermark_text[TEXT_INTEGER_MAX];
    bool stopped;         // by a signal
    bool looks_up;        // nothing is written: what home doesn't know to be there is looked for
    int64_t watermark;    // as home has it
    int64_t position;     // the seq up to which changes were read
    int64_t until;        // home's seq when the push began
    int64_t dead_after;   // the dead letter up to which they were read
    int64_t held_after;   // likewise
    int64_t dealt;        // the seq up to which all is dealt with
    int64_t stuck;        // but for this one and what follows, which must be looked at again; 0: none
    int64_t delete_first; // and the first delete that waits for the end; 0: none
    struct push_gone *deletes;
    size_t delete_count, delete_capacity;
};

// Whether the failure is the record's own: then it is a dead letter, and the push goes on.
static inline bool push_is_own(const struct error *error) {
    return error->scope == ERROR_RECORD;
}

static inline bool push_is_write(const struct push_item *item) {
    return item->decision == PUSH_CREATE || item->decision == PUSH_UPDATE || item->decision == PUSH_DELETE;
}

static inline int64_t push_now(const struct pushing *push) {
    return clock_now(push->pass->request->clock);
}

// --- push_open.c ---

// Opens the target, and reads what earlier pushes left.
bool push_open(struct pushing *push, struct push_pass *pass, struct error *error);
void push_close(struct pushing *push);

// Reads the dead letters that are new; on the reading side.
bool push_refresh(struct pushing *push, struct error *error);

// Remembers an intent that stays open.
bool push_keep_intent(struct pushing *push, int64_t home, int64_t id, enum intent_state state, struct error *error);

struct push_end *push_dead(const struct pushing *push, int64_t home);
struct push_end *push_intent(const struct pushing *push, int64_t home);

// Whether the datasource changed this record and its form waits for a reference.
bool push_waits(const struct pushing *push, struct text external);

// Empties the block, whose page must be committed; and appends an item to it, zeroed.
void push_block(struct pushing *push);
bool push_block_full(const struct pushing *push);
bool push_add(struct pushing *push, struct push_item **out, struct error *error);

// --- push_look.c ---

// Finds a record as home has it now.
bool push_find(struct pushing *push, struct push_item *item, int64_t home, struct error *error);

// Decides every item of the block. Both inside a snapshot.
bool push_look(struct pushing *push, struct error *error);
bool push_look_one(struct pushing *push, struct push_item *item, struct error *error);

// How often a form came and went, when it is sent once more. A retry starts anew.
int64_t push_bounces(const struct link *link, struct print sent, bool retried);

// --- push_send.c ---

// Whether a signal came: the push ends at the next chunk.
bool push_must_stop(struct pushing *push);

// Settles the block: what needs no write, then chunk by chunk what does; up to a chunk's end after a signal.
bool push_act(struct pushing *push, struct error *error);

// Looks the block's creates up, and writes none of them.
bool push_look_up(struct pushing *push, struct error *error);

// Makes the target's item: what is sent, and the operation it is known by.
bool push_prepare(struct pushing *push, struct push_item *item, struct error *error);

// --- push_settle.c ---

bool push_settle_decided(struct pushing *push, struct push_item *item, struct error *error);
bool push_settle_done(struct pushing *push, struct push_item *item, struct error *error);
bool push_settle_dead(struct pushing *push, struct push_item *item, const struct error *reason, struct error *error);
bool push_settle_gone(struct pushing *push, struct push_item *item, struct error *error);
// Nobody knows what became of it: asked again when the next run begins; or parked, with a dead letter.
bool push_settle_unknown(struct pushing *push, struct push_item *item, struct error *error);
bool push_settle_parked(struct pushing *push, struct push_item *item, struct error *error);
// It certainly isn't there: the intent goes, and the record is looked at again at the next push.
void push_settle_unsent(struct pushing *push, struct push_item *item);
bool push_put_intent(struct pushing *push, const struct push_item *item, enum intent_state state, struct error *error);
void push_close_dead(struct pushing *push, int64_t home);
void push_close_held(struct pushing *push, struct push_item *item);
// This record, and what comes behind it, must be looked at by the next push again.
void push_hold_back(struct pushing *push, const struct push_item *item);

// --- push_commit.c ---

// Commits the page, when there is anything in it, with the watermark as far as it may go; and empties it.
bool push_commit(struct pushing *push, struct error *error);

// Takes in how far the block is dealt with.
void push_advance(struct pushing *push);

// Brings the watermark into home, when it moved.
bool push_mark(struct pushing *push, struct error *error);

// --- push_delete.c ---

bool push_delete_later(struct pushing *push, const struct push_item *item, struct error *error);

// At the pass's end: sends what waits or holds it; sends what a person approved.
bool push_deletes(struct pushing *push, struct error *error);

// --- push.c ---

// After home came back from a backup, before anything is pulled: finds the records that were created there since. A
// pull would take them for new ones.
bool push_find_lost(struct pushing *push, struct error *error);

// --- push_resume.c ---

// Ends the parked creates of records that have a link by now: the pull found them, and what home says beyond that must
// go.
bool push_close_found(struct pushing *push, struct error *error);

// Asks what became of the parked writes of the records in the block that are retried.
bool push_ask_parked(struct pushing *push, struct error *error);

#endif

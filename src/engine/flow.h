#ifndef WEIR_ENGINE_FLOW_H
#define WEIR_ENGINE_FLOW_H

// One flow: one type of one sync, read page by page and decided into plans. A flow only reads home; what it decides
// is committed by whoever drives it (pipeline.h). The page in hand is decided on home's snapshot plus the pages in
// flight ahead of it.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "engine/ends.h"
#include "engine/gone.h"
#include "engine/presence.h"
#include "engine/resolve.h"
#include "engine/slot.h"
#include "engine/transform.h"

enum { FLOW_AHEAD_MAX = 2, FLOW_SKIPS_MAX = 100 };

// A block of reserved home ids.
struct id_block {
    int64_t next;
    int64_t end;
    int64_t size; // of the last reservation
};

struct flow {
    const struct sync *sync;
    const struct sync_type *type;
    size_t type_index;
    struct text key; // sync_key
    struct store *store;
    struct linkset *links; // the flow's own: its datasource, its datatype
    struct resolver *resolver;
    struct transformer transformer;
    struct ends ends;
    struct id_block *ids;
    const struct lease *lease;
    int64_t run;
    int64_t pass_run; // that began the pass
    int64_t pass_seq; // home's seq when the pass of this type began
    const struct log *log;
    bool retries; // the records are dead letters, read once more
    bool inbox;   // the records were posted: each one's line is its receipt (receipt.h)
    // The pages in flight while a page is decided, oldest first, and behind them the page in hand.
    struct slot *pages[FLOW_AHEAD_MAX + 1];
    size_t page_count;
    int64_t seen_seq;        // home's seq in the snapshot in hand
    struct map skips;        // why records were left out -> how many
    int64_t awaited;         // rows in home that wait for a record of this flow
    struct presence present; // which of home's records came in this pass
    struct gone gone;        // when it has ended
    // Whether a change of a record of this datatype makes derived fields stale: asked once a datatype.
    const struct datatype *marks_of;
    bool marks;
};

// What deciding a page came to.
enum flow_outcome {
    FLOW_DECIDED,
    FLOW_DRAIN,   // the pages in flight must be committed first: a record of this page was changed by one of them
    FLOW_STARVED, // more ids must be reserved first
};

bool flow_init(struct flow *flow, struct error *error); // with the plain members filled in
void flow_clear(struct flow *flow);

// Decides the page in `slot` (its batch is read) inside a snapshot, with `ahead` in flight, oldest first. Fills the
// plan and its counts. Not decided: the plan is to be forgotten (slot_replan) and made again.
bool flow_decide(struct flow *flow, struct slot *slot, struct slot *const *ahead, size_t ahead_count,
                 enum flow_outcome *outcome, struct error *error);

// After a complete pass: gives the last word to forms that came without the form that once beat them.
bool flow_last_words(struct flow *flow, enum flow_outcome *outcome, struct error *error);

// After a complete pass, page by page from *after = 0 while *more: what waits and no longer needs to.
bool flow_sweep(struct flow *flow, int64_t *after, bool *more, enum flow_outcome *outcome, struct error *error);

// Sets the pages that a plan is made on: those in flight, oldest first, and the one in hand.
void flow_pages(struct flow *flow, struct slot *slot, struct slot *const *ahead, size_t ahead_count);

// Makes a slot's page ready to be committed.
bool flow_page(struct flow *flow, struct slot *slot, int64_t at_us, struct error *error);

// A form that is to become home's, and what it is known by.
struct placing {
    struct linkset *links;
    struct text external;
    struct print print;
    struct form form;
    const struct link *link;     // as found in home; NULL: look it up
    const struct object *record; // the raw record; NULL: it is from an earlier pass
    struct text place;           // where it came from, for reports; empty: line `line` of the batch
    uint64_t line;
};

// The place as text, made only where it is kept: most records need none.
bool placing_place(struct slot *slot, const struct placing *placing, struct text *out);

// How it went, for the counts.
enum placed { PLACED_CREATED, PLACED_UPDATED, PLACED_UNCHANGED, PLACED_HELD, PLACED_DEAD };

// Places one form: references, decision, effects (place.c). An error of scope RECORD is the record's own.
bool flow_place(struct flow *flow, const struct placing *placing, enum placed *placed, enum flow_outcome *outcome,
                struct error *error);

// Closes what was open under an external id: its dead letter and, unless it `waits` on, the form of it that waited.
bool flow_close(struct flow *flow, const struct linkset *links, struct text external, bool waits, struct error *error);

// The linkset of a reference or of a waiting row, or NULL. It may be of a type that this run doesn't read: a held
// record refers to whatever it likes. Those links are opened when they are first met; a first load of them that was
// left unfinished can't be asked, and the pass that finishes it sweeps up what waits (drain.c). FLOW_DRAIN when they
// have to be opened and a page is in flight.
bool flow_linkset(const struct flow *flow, struct text datasource, struct text type, struct linkset **out,
                  enum flow_outcome *outcome, struct error *error);

// Puts a form that lost to a newer one of the same record off until the pass tells which of the two comes last; with
// met_run 0, its winner has come.
bool flow_defer(struct flow *flow, struct loser *loser, int64_t met_run, struct error *error);

// Gives what waited for the plan's new records to them, and to theirs (drain.c).
bool flow_drain(struct flow *flow, enum flow_outcome *outcome, struct error *error);

// Writes a dead letter into the plan.
bool flow_dead(struct flow *flow, struct text external, struct print print, const struct value *payload,
               struct text place, const struct error *reason, struct error *error);

// When the datasource changed a record, by the type's cursor (receipt.c). False when that can't be told.
bool flow_cursor(const struct flow *flow, const struct object *record, struct arena *arena, int64_t *time_us);

static inline struct slot *flow_slot(const struct flow *flow) {
    return flow->pages[flow->page_count - 1];
}

#endif

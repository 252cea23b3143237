#ifndef WEIR_ENGINE_ENDS_H
#define WEIR_ENGINE_ENDS_H

// The open ends of a flow: its dead letters, the records and references that wait, the versions that lost in an
// earlier pass, and the deletes that are held. A record that comes again looks here for what it closes. Read before
// each page, and only what is new: ids never come back.

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/map.h"
#include "port/store.h"

// An end, by what finds it again.
struct end {
    int64_t id;
    int64_t attempts;   // a dead letter's
    struct print print; // a held record's form
    int64_t run;        // that put it there
    bool gone;          // a held delete: of this pass, not yet weighed against the guard (gone.h)
    bool approved;      // a held delete
};

// A form that came and lost within one pass. It counts again only when a pass meets it without the winner.
struct loser {
    int64_t id;
    struct text external;
    struct print print;
    struct value payload;
    int64_t home;
    size_t next; // one more of the same external id, + 1; 0 ends
    bool met;    // in this pass, and its winner not yet
};

struct ends {
    struct store *store;
    struct text dead_filter; // "ORG/NAME:type"
    struct text datasource;
    struct text datatype;
    struct text key; // sync_key
    int64_t run;     // that began the pass
    struct arena arena;
    struct map deads;   // external -> ends
    struct map held;    // external -> ends
    struct map waiting; // "home/field" -> ends
    struct map goings;  // external -> ends: held deletes
    struct map losers;  // external -> the last of its losers; the others follow by `next`
    struct end *list;
    size_t count, capacity;
    struct loser *lost;
    size_t lost_count, lost_capacity;
    int64_t dead_last, pending_last, conflict_last, going_last;
};

// `key` is the sync's, `flow` its ORG/NAME; `run` began the pass.
bool ends_init(struct ends *ends, struct store *store, struct text key, struct text flow, struct text type,
               struct text datasource, struct text datatype, int64_t run, struct error *error);
void ends_clear(struct ends *ends);

// Reads what is new; inside a snapshot.
bool ends_refresh(struct ends *ends, struct error *error);

struct end *ends_dead(struct ends *ends, struct text external);
struct end *ends_held(struct ends *ends, struct text external);
struct end *ends_going(struct ends *ends, struct text external);
struct end *ends_waiting(struct ends *ends, int64_t home, struct text field);
struct loser *ends_loser(struct ends *ends, struct text external, struct print print);

// A loser of this external id that this pass has met without its winner; NULL when there is none.
struct loser *ends_met(struct ends *ends, struct text external);

#endif

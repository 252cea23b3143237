#ifndef WEIR_ENGINE_GONE_H
#define WEIR_ENGINE_GONE_H

// Records that are gone at the datasource: said by a tombstone in the feed, or proven by a full listing that they
// didn't come in. What becomes of home's record is decided like anything else (decide.h); a delete goes under the
// guard, and how many there are is only known when the pass has ended. So:
//
//    tombstone  ──►  a held row of direction GONE_DIRECTION, in its page    so that a kill loses none
//    pass ended ──►  all of them and what is absent are counted; the guard lets them go together,
//                    or they are held rows of direction "pull", which wait for `weir deletes approve`
//    approved   ──►  the next pass reads everything; what it doesn't meet again goes past the guard
//
// A record that is read again takes its held row away.

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "model/record.h"
#include "port/store.h"

struct flow;

#define GONE_DIRECTION "gone"

// How a pass ended, for what is gone.
struct gone {
    bool absent;   // the pass listed everything: a link whose record did not come is gone
    bool all_came; // as many records as there are links means all of them
    bool approved; // the pass began at the very beginning: approved deletes that it didn't meet may go
    bool lets;     // the guard
    bool told;     // a tombstone came
    bool none;     // nothing came at all: that may be an answer gone wrong, so nothing goes, and no link is forgotten
};

// A record that the source says is gone. `link` is as found in home.
bool gone_record(struct flow *flow, const struct record *record, struct text external, const struct link *link,
                 struct error *error);

// A record that is there: what was to be deleted under its id no longer is.
bool gone_back(struct flow *flow, struct text external, struct error *error);

// Whether records of the flow's datatype may come from another type of the sync too: then nothing can be told from
// what a pass of this one didn't bring.
bool gone_is_shared(const struct flow *flow);

// At the end of a pass, in a snapshot: how many records would be deleted, those approved left out, of how many links.
bool gone_count(struct flow *flow, int64_t *deletes, int64_t *links, struct error *error);

// Then, page by page from *after = 0 while *more: held rows (approved ones, tombstones), and after them what is
// absent.
bool gone_plan_held(struct flow *flow, int64_t *after, bool *more, struct error *error);
bool gone_plan_absent(struct flow *flow, int64_t *after, bool *more, struct error *error);

#endif

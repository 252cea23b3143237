#ifndef WEIR_ENGINE_PASS_WORK_H
#define WEIR_ENGINE_PASS_WORK_H

// What the two halves of a pass share: pass.c (its pages) and pass_end.c (what comes after the last of them).

#include "engine/pass.h"

// Makes a plan that is not of a page of the source, inside a snapshot, on flow->pages.
struct planner {
    bool (*plan)(struct flow *flow, struct planner *planner, enum flow_outcome *outcome, struct error *error);
    const struct pass *pass;
    int64_t after; // the place of a walk: of the plan before, and of this one
    int64_t after_next;
    bool more;
    int64_t deletes; // what is gone: how many, of how many links
    int64_t links;
};

// Decides a page (or what the planner plans) with nothing in flight and commits it here; again when home changed in
// between.
bool pass_settle(struct pass *pass, struct slot *slot, struct planner *planner, struct error *error);

// The end of a first load: its links are indexed, its repeats resolved. Nothing may be in flight.
bool pass_settle_links(struct pass *pass, struct error *error);

// After the last page of a complete pass.
bool pass_finish(struct pass *pass, struct error *error);

#endif

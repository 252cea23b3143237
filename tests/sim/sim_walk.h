#ifndef WEIR_TESTS_SIM_SIM_WALK_H
#define WEIR_TESTS_SIM_SIM_WALK_H

// Walks: a short story is played once and measured, then again and again, each time with something else gone wrong,
// until all of it was tried.

#include "sim_batch.h"

enum sim_walk_kind {
    SIM_WALK_CRASH,    // a crash before and after every step of every run; on SQLite, the power going as well
    SIM_WALK_PAIRS,    // the same, and each time one before and after every step of the run behind it as well
    SIM_WALK_OUTCOMES, // every transaction refused, and silent; every request, with every fault; on SQLite, every call
                       // of the disk, with every trouble
};

struct sim_walk {
    enum sim_walk_kind kind;
    const struct sim_plan *plan;
    struct sim_event *cases; // one more event each
    size_t count;
};

// Draws up the cases from what was measured when the plan was played as it stands.
void sim_walk_open(struct sim_walk *walk, enum sim_walk_kind kind, const struct sim_plan *plan,
                   const struct sim_verdict *verdict);
void sim_walk_close(struct sim_walk *walk);

// One case, in a child (see struct sim_batch); of a pair, all the second crashes.
bool sim_walk_play(const struct sim_walk *walk, uint64_t index, struct sim_desk *desk);

#endif

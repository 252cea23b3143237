#ifndef WEIR_TESTS_SIM_SIM_FOUND_H
#define WEIR_TESTS_SIM_SIM_FOUND_H

// What is told of a finding: the plan, made small, what it is, and how it is played again.

#include "sim_batch.h"

struct sim_telling {
    const char *noun; // "seed", "case"
    bool shrinks;
    bool brief; // one line, no plan
};

void sim_found_tell(const struct sim_telling *telling, const struct sim_finding *finding);

#endif

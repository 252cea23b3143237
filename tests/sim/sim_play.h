#ifndef WEIR_TESTS_SIM_SIM_PLAY_H
#define WEIR_TESTS_SIM_SIM_PLAY_H

// Plays a plan from its first line to the verdict.

#include "sim.h"

enum { SIM_RUNS = 128 };

// How far a run of the plan went: what there is to crash at.
struct sim_measure {
    int run; // the number of its event
    int64_t steps, requests, transactions, doors;
    int64_t disk[SIM_DISK_ONCE]; // calls that a trouble of the disk could strike
};

struct sim_verdict {
    bool ok;
    char message[SIM_MESSAGE]; // what was found
    struct print trace;
    struct sim_measure runs[SIM_RUNS];
    size_t run_count;
};

// `told` (may be NULL) gets the trace; `counters` are added to.
void sim_play(const struct sim_plan *plan, FILE *told, struct sim_counters *counters, struct sim_verdict *out);

#endif

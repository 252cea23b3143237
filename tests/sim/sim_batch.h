#ifndef WEIR_TESTS_SIM_SIM_BATCH_H
#define WEIR_TESTS_SIM_SIM_BATCH_H

// Plays plans in forked children, so that an abort, a sanitizer's report or a hang is a finding of its plan and not the
// end of everything. A child plays a batch of cases and leaves by exit(), so that leaks are looked for.

#include "sim_play.h"

enum { SIM_PLAN_TEXT = 512 * 1024, SIM_JOBS_MAX = 64, SIM_SECONDS = 60 };

// A child's desk, in memory that it shares with its parent.
struct sim_desk {
    uint64_t index;   // the case in hand
    unsigned seconds; // a play that takes longer hangs
    bool all;         // all cases were played
    bool found;       // the last play did
    uint64_t plays;   // how often a plan was played
    struct sim_verdict verdict;
    struct sim_counters counters;
    size_t plan_length;
    char plan[SIM_PLAN_TEXT]; // what is being played, as text
};

// In a child: plays a plan that lies on the desk before anything can happen. True: nothing was found.
bool sim_desk_play(struct sim_desk *desk, const struct sim_plan *plan, FILE *told);

struct sim_finding {
    uint64_t index;
    char message[SIM_MESSAGE];
    struct text plan; // its text
};

struct sim_batch {
    uint64_t from, to; // cases; `to` is not among them
    uint64_t size;     // cases a child, at most
    int jobs;
    bool keep_going; // else the first finding ends it
    // In a child. False: sim_desk_play said so.
    bool (*play)(void *context, uint64_t index, struct sim_desk *desk);
    // In the parent.
    void (*found)(void *context, const struct sim_finding *finding);
    void (*progress)(void *context, uint64_t done, uint64_t count); // may be NULL
    void *context;
};

// Adds to the counters, and to `plays` how often a plan was played. Gives the number of findings.
uint64_t sim_batch_run(const struct sim_batch *batch, struct sim_counters *counters, uint64_t *plays);

// One plan in a child; `told` as in sim_play. With `quiet` nobody hears what the child says on standard error.
struct sim_alone {
    unsigned seconds; // 0: SIM_SECONDS
    bool quiet;
    FILE *told;
    struct sim_counters *counters;
};
void sim_alone_play(const struct sim_plan *plan, const struct sim_alone *alone, struct sim_verdict *out);

// Whether two findings are of one kind: their messages are the same but for numbers, at least at their beginning.
bool sim_same_kind(const char *a, const char *b);

#endif

#ifndef WEIR_ENGINE_PASS_H
#define WEIR_ENGINE_PASS_H

// One pass of one flow: the source from a position to its proven end, through the pipeline, then what can only be done
// at the end (forms that come back to their own, records that no longer wait, a first load's repeats).

#include <stdatomic.h>
#include <stdbool.h>

#include "engine/flow.h"
#include "engine/pipeline.h"
#include "engine/run.h"

struct pass {
    const struct run_request *request;
    struct flow flow;
    struct pipeline *pipeline;
    const struct source_type *source;
    void *source_context;
    struct text position;         // where to begin; empty for the beginning
    bool checkpoints;             // keep the place in home (a retry of dead letters does not)
    struct checkpoint checkpoint; // of the pass: print, run, type_index, pass_seq
    size_t page_records;
};

enum pass_end { PASS_COMPLETE, PASS_STOPPED };

// Runs it to its end, or to the page boundary after a signal (PASS_STOPPED). False with the reason otherwise; what was
// committed stays, and the checkpoint says where.
bool pass_run(struct pass *pass, enum pass_end *end, struct error *error);

#endif

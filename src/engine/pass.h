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
    struct session *session; // NULL for a kind without one
    void *source_context;
    struct text position;         // where to begin; empty for the beginning
    struct text since;            // the watermark to begin at; empty: everything is read
    bool checkpoints;             // keep place and watermark in home (a retry of dead letters does not)
    struct checkpoint checkpoint; // of the pass: print, run, type_index, pass_seq
    size_t page_records;
    // Set by pass_run.
    struct text cursor; // the new watermark, as the source gave it with its last page
    bool full;          // the source listed everything
    bool replanned;     // what `flow.present` counts may be more than what came
    bool loads;         // a first load: there was nothing that could be gone
};

enum pass_end { PASS_COMPLETE, PASS_STOPPED };

// Runs it to its end, or to the page boundary after a signal (PASS_STOPPED). False with the reason otherwise; what was
// committed stays, and the checkpoint says where.
bool pass_run(struct pass *pass, enum pass_end *end, struct error *error);

#endif

#ifndef WEIR_ENGINE_VALIDATE_H
#define WEIR_ENGINE_VALIDATE_H

// A run that only looks: every record of every type is read, transformed and checked against its datatype; nothing is
// written, home isn't needed, and no watermark moves. What it can't see is what home alone knows: whether references
// lead anywhere, which records are new, what both sides changed.

#include <stdbool.h>
#include <stdint.h>

#include "engine/run.h"

enum { VALIDATE_TOLD_MAX = 100 }; // refusals that the log gets, each with its place and reason

struct validate_report {
    struct run_report run; // run is 0; of the counts: read, skipped, dead
    int64_t valid;         // records that a run would take in
};

// Of the request it takes sync, clock, log, watch, stop, and what a session needs. It honours errors.retry and
// errors.stop_after. How it ended, also badly, is in the report: done, warning (some records are refused, or all left
// out), failed, interrupted, waiting.
void run_validate(const struct run_request *request, struct validate_report *report);

#endif

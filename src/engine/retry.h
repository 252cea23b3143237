#ifndef WEIR_ENGINE_RETRY_H
#define WEIR_ENGINE_RETRY_H

// When to try again what failed in passing: waits that double, with jitter, up to a number of tries; or as long as the
// other side says.

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"

struct retry {
    const struct clock *clock;
    const struct log *log;   // is told before each wait; may be NULL
    const atomic_bool *stop; // set by a signal: nothing is tried any more; may be NULL
    int64_t tries_max;
    int64_t tries; // that failed so far
    uint64_t seed; // of the jitter
};

struct run_request;

// For something that a run does: it waits by the run's clock, tells the log, and stops when the run is to stop.
struct retry retry_of(const struct run_request *request, const struct log *log, int64_t run);

enum { RETRY_WAIT_MAX_S = 60 }; // a longer wait ends the run, which goes on from its place later

// Whether the failure asks for a wait that is too long to sit through: the run then is *waiting until T*.
bool retry_is_long(const struct clock *clock, const struct error *error);

// After a failure: whether to try again. Waits as long as the failure asks for first; never when that is too long.
bool retry_again(struct retry *retry, const struct error *error);

// After a success: the next failure counts from the start.
void retry_reset(struct retry *retry);

#endif

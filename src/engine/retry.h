#ifndef WEIR_ENGINE_RETRY_H
#define WEIR_ENGINE_RETRY_H

// When to try again what failed in passing: waits that double, with jitter, up to a number of tries.

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"

struct retry {
    const struct clock *clock;
    int64_t tries_max;
    int64_t tries; // that failed so far
    uint64_t seed; // of the jitter
};

// After a failure: whether to try again. Waits as long as the failure asks for first.
bool retry_again(struct retry *retry, const struct error *error);

// After a success: the next failure counts from the start.
void retry_reset(struct retry *retry);

#endif

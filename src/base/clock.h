#ifndef WEIR_BASE_CLOCK_H
#define WEIR_BASE_CLOCK_H

// The time of day, as something that can be replaced: tests and the simulator give their own. weir's clock only
// labels runs and log lines; it never decides what was read (watermarks come from rows).

#include <stdint.h>

struct clock {
    int64_t (*now)(void *context); // microseconds since 1970 UTC
    void (*wait)(void *context, int64_t span_us);
    void *context;
};

// The machine's own clock.
extern const struct clock clock_system;

// How long this thread has computed, in microseconds, and a clock that only goes forward: cheap (4 ns where the other
// takes 180), and exact to some milliseconds. Both are there to bound what a script may do, and decide nothing else.
int64_t clock_computed_us(void);
int64_t clock_coarse_us(void);

static inline int64_t clock_now(const struct clock *clock) {
    return clock->now(clock->context);
}

static inline void clock_wait(const struct clock *clock, int64_t span_us) {
    clock->wait(clock->context, span_us);
}

#endif

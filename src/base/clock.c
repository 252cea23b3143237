#include "base/clock.h"

#include <errno.h>
#include <time.h>

static int64_t read_us(clockid_t id) {
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t system_now(void *context) {
    (void)context;
    return read_us(CLOCK_REALTIME);
}

static void system_wait(void *context, int64_t span_us) {
    (void)context;
    struct timespec left = {.tv_sec = span_us / 1000000, .tv_nsec = span_us % 1000000 * 1000};
    nanosleep(&left, NULL); // a signal ends the wait early: that is wanted
}

int64_t clock_computed_us(void) {
    return read_us(CLOCK_THREAD_CPUTIME_ID);
}

int64_t clock_coarse_us(void) {
    return read_us(CLOCK_MONOTONIC_COARSE);
}

const struct clock clock_system = {system_now, system_wait, NULL};

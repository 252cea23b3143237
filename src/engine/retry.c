#include "engine/retry.h"

enum { WAIT_FIRST_US = 200 * 1000, WAIT_DOUBLINGS_MAX = 7 }; // 0.2 s … 25.6 s, each times 0.5 … 1.0

// xorshift64: enough to keep many runs from trying in step.
static uint64_t random_next(uint64_t *seed) {
    uint64_t x = *seed != 0 ? *seed : 88172645463325252u;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    *seed = x;
    return x;
}

bool retry_again(struct retry *retry, const struct error *error) {
    if (error->scope != ERROR_BATCH || error->retry == RETRY_NEVER || retry->tries >= retry->tries_max) {
        return false;
    }
    if (error->retry == RETRY_LATER) {
        int64_t doublings = retry->tries < WAIT_DOUBLINGS_MAX ? retry->tries : WAIT_DOUBLINGS_MAX;
        int64_t span_us = (int64_t)WAIT_FIRST_US << doublings;
        int64_t half = span_us / 2;
        clock_wait(retry->clock, half + (int64_t)(random_next(&retry->seed) % (uint64_t)(half + 1)));
    }
    retry->tries++;
    return true;
}

void retry_reset(struct retry *retry) {
    retry->tries = 0;
}

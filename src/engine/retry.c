#include "engine/retry.h"

#include "engine/run.h"

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

struct retry retry_of(const struct run_request *request, const struct log *log, int64_t run) {
    return (struct retry){
        .clock = request->clock,
        .log = log,
        .stop = request->stop,
        .tries_max = request->sync->retry_max,
        .seed = (uint64_t)run,
    };
}

bool retry_is_long(const struct clock *clock, const struct error *error) {
    return error->code != ERROR_NONE && error->retry != RETRY_NEVER &&
           error->after_us - clock_now(clock) > (int64_t)RETRY_WAIT_MAX_S * 1000 * 1000;
}

bool retry_again(struct retry *retry, const struct error *error) {
    if (retry_is_long(retry->clock, error)) {
        return false;
    }
    if (error->scope != ERROR_BATCH || error->retry == RETRY_NEVER || retry->tries >= retry->tries_max) {
        return false;
    }
    if (retry->log != NULL) {
        log_line(retry->log, LOG_WARNING, "tried again after: %s", error->message);
    }
    int64_t asked_us = error->after_us - clock_now(retry->clock);
    if (error->after_us > 0 && asked_us > 0) {
        clock_wait(retry->clock, asked_us);
    } else if (error->retry == RETRY_LATER) {
        int64_t doublings = retry->tries < WAIT_DOUBLINGS_MAX ? retry->tries : WAIT_DOUBLINGS_MAX;
        int64_t span_us = (int64_t)WAIT_FIRST_US << doublings;
        int64_t half = span_us / 2;
        clock_wait(retry->clock, half + (int64_t)(random_next(&retry->seed) % (uint64_t)(half + 1)));
    }
    retry->tries++;
    return retry->stop == NULL || !atomic_load(retry->stop);
}

void retry_reset(struct retry *retry) {
    retry->tries = 0;
}

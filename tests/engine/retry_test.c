#include "engine/retry.h"

#include "test.h"

static int64_t waited_us;

static int64_t fake_now(void *context) {
    (void)context;
    return waited_us;
}

static void fake_wait(void *context, int64_t span_us) {
    (void)context;
    waited_us += span_us;
}

static const struct clock fake = {fake_now, fake_wait, NULL};

static struct error failure(enum error_scope scope, enum error_retry how) {
    struct error error;
    error_set(&error, ERROR_HOME_BUSY, "x");
    error.scope = scope;
    error.retry = how;
    return error;
}

TEST(engine_retry, waits_double_and_end) {
    struct retry retry = {.clock = &fake, .tries_max = 5, .seed = 7};
    struct error busy = failure(ERROR_BATCH, RETRY_LATER);
    int64_t least = 100000;
    waited_us = 0;
    for (int i = 0; i < 5; i++, least *= 2) {
        int64_t before = waited_us;
        CHECK(retry_again(&retry, &busy));
        CHECK(waited_us - before >= least && waited_us - before <= 2 * least);
    }
    CHECK(!retry_again(&retry, &busy));
    retry_reset(&retry);
    CHECK(retry_again(&retry, &busy));
}

TEST(engine_retry, only_a_batch_that_may_pass_is_tried_again) {
    struct retry retry = {.clock = &fake, .tries_max = 5};
    struct error never = failure(ERROR_BATCH, RETRY_NEVER);
    struct error source = failure(ERROR_SOURCE, RETRY_LATER);
    struct error now = failure(ERROR_BATCH, RETRY_NOW);
    waited_us = 0;
    CHECK(!retry_again(&retry, &never));
    CHECK(!retry_again(&retry, &source));
    CHECK(retry_again(&retry, &now));
    CHECK_INT(waited_us, 0);
}

TEST(engine_retry, waits_as_long_as_it_is_told_f24) {
    struct retry retry = {.clock = &fake, .tries_max = 5};
    struct error busy = failure(ERROR_BATCH, RETRY_LATER);
    waited_us = 5000000;
    busy.after_us = waited_us + 7000000;
    CHECK(!retry_is_long(&fake, &busy));
    CHECK(retry_again(&retry, &busy));
    CHECK_INT(waited_us, 12000000);
    CHECK(retry_again(&retry, &busy)); // that time has come: it waits as ever
    CHECK(waited_us > 12000000 && waited_us < 13000000);
    busy.after_us = waited_us + (int64_t)RETRY_WAIT_MAX_S * 1000000;
    CHECK(retry_again(&retry, &busy));
    busy.after_us = waited_us + (int64_t)RETRY_WAIT_MAX_S * 1000000 + 1;
    CHECK(retry_is_long(&fake, &busy));
    int64_t before = waited_us;
    CHECK(!retry_again(&retry, &busy));
    CHECK_INT(waited_us, before);
    busy.retry = RETRY_NEVER;
    CHECK(!retry_is_long(&fake, &busy));
}

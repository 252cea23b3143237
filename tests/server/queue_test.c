#include "server/queue.h"

#include "test.h"

#define ITEM(number, org_, sync_, due)                                                                        \
    {                                                                                                         \
        .id = (number), .org = TEXT_LITERAL(org_), .sync = TEXT_LITERAL(sync_), .params = TEXT_LITERAL("{}"), \
        .due_us = (due)                                                                                       \
    }

static const struct queue_limits limits = {3, 2};

static ptrdiff_t next(const struct queue_item *queued, size_t count, const struct queue_item *live, size_t live_count) {
    return queue_next(queued, count, live, live_count, &limits, 100);
}

TEST(server_queue, first_come_first_served) {
    struct queue_item queued[] = {ITEM(1, "a", "x", 0), ITEM(2, "a", "y", 0), ITEM(3, "b", "x", 0)};
    CHECK_INT(next(queued, 3, NULL, 0), 0);
    CHECK_INT(next(queued, 0, NULL, 0), QUEUE_NONE);
}

TEST(server_queue, what_is_not_due_waits) {
    struct queue_item queued[] = {ITEM(1, "a", "x", 101), ITEM(2, "a", "y", 100), ITEM(3, "b", "x", 0)};
    CHECK_INT(next(queued, 3, NULL, 0), 1);
    CHECK_INT(next(queued, 1, NULL, 0), QUEUE_NONE);
}

TEST(server_queue, who_has_fewer_runs_is_served_first) {
    struct queue_item queued[] = {ITEM(1, "a", "x", 0), ITEM(2, "a", "y", 0), ITEM(3, "b", "x", 0)};
    struct queue_item live[] = {ITEM(0, "a", "z", 0)};
    CHECK_INT(next(queued, 3, live, 1), 2);
    struct queue_item both[] = {ITEM(0, "a", "z", 0), ITEM(0, "b", "z", 0)};
    CHECK_INT(next(queued, 3, both, 2), 0);
}

TEST(server_queue, limits_of_one_and_of_all) {
    struct queue_item queued[] = {ITEM(1, "a", "x", 0), ITEM(2, "b", "x", 0)};
    struct queue_item live[] = {ITEM(0, "a", "y", 0), ITEM(0, "a", "z", 0), ITEM(0, "c", "x", 0)};
    CHECK_INT(next(queued, 1, live, 2), QUEUE_NONE);
    CHECK_INT(next(queued, 2, live, 2), 1);
    CHECK_INT(next(queued, 2, live, 3), QUEUE_NONE);
}

// A live run of the same sync and parameters is in the way of it alone.
TEST(server_queue, one_that_is_barred_keeps_its_place) {
    struct queue_item queued[] = {ITEM(1, "a", "x", 0), ITEM(2, "a", "x", 0), ITEM(3, "a", "y", 0)};
    struct queue_item live[] = {ITEM(0, "a", "x", 0)};
    CHECK_INT(next(queued, 3, live, 1), 2);
    CHECK_INT(next(queued, 2, live, 1), QUEUE_NONE);
    CHECK_INT(next(queued, 3, NULL, 0), 0);
    queued[1].params = TEXT_LITERAL("{\"n\":1}");
    CHECK_INT(next(queued, 3, live, 1), 1);
    live[0].org = TEXT_LITERAL("b");
    CHECK_INT(next(queued, 3, live, 1), 0);
}

#ifndef WEIR_SERVER_QUEUE_H
#define WEIR_SERVER_QUEUE_H

// Which of the queued runs starts next. Pure: lists in, a place out. Fair between organisations: the one with the
// fewest live runs is served first, among equals the one that waits longest; in an organisation first come, first
// served. One that an earlier run of the same sync and parameters is in the way of stands aside and keeps its place.

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct queue_item {
    int64_t id; // grows with the time it was asked for
    struct text org;
    struct text sync;
    struct text params;
    int64_t due_us;
};

struct queue_limits {
    int64_t runs_max;
    int64_t org_runs_max;
};

enum { QUEUE_NONE = -1 };

// `queued` in the order of their ids.
ptrdiff_t queue_next(const struct queue_item *queued, size_t queued_count, const struct queue_item *live,
                     size_t live_count, const struct queue_limits *limits, int64_t now_us);

#endif

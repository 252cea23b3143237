#include "server/queue.h"

#include <stdbool.h>

static int64_t live_of(struct text org, const struct queue_item *live, size_t count) {
    int64_t of_org = 0;
    for (size_t i = 0; i < count; i++) {
        of_org += text_same(live[i].org, org);
    }
    return of_org;
}

static bool is_barred(const struct queue_item *item, const struct queue_item *live, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (text_same(live[i].sync, item->sync) && text_same(live[i].org, item->org) &&
            text_same(live[i].params, item->params)) {
            return true;
        }
    }
    return false;
}

ptrdiff_t queue_next(const struct queue_item *queued, size_t queued_count, const struct queue_item *live,
                     size_t live_count, const struct queue_limits *limits, int64_t now_us) {
    ptrdiff_t best = QUEUE_NONE;
    int64_t best_live = 0;
    if ((int64_t)live_count >= limits->runs_max) {
        return QUEUE_NONE;
    }
    for (size_t i = 0; i < queued_count; i++) {
        const struct queue_item *item = &queued[i];
        if (item->due_us > now_us || (best != QUEUE_NONE && text_same(queued[best].org, item->org))) {
            continue;
        }
        int64_t of_org = live_of(item->org, live, live_count);
        if (of_org < limits->org_runs_max && (best == QUEUE_NONE || of_org < best_live) &&
            !is_barred(item, live, live_count)) {
            best = (ptrdiff_t)i;
            best_live = of_org;
        }
    }
    return best;
}

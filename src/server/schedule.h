#ifndef WEIR_SERVER_SCHEDULE_H
#define WEIR_SERVER_SCHEDULE_H

// When a sync is due next. Pure arithmetic: the time is given, nothing is kept, and the same question has the same
// answer on every machine and after every start.
//
// A schedule plans times; a run may begin a little later than planned, by the sync's jitter:
//
//    every    A grid of its span, which begins somewhere in it by the sync's name, so that a thousand syncs with one
//             span don't begin at once. How long runs take doesn't move it.
//    cron     What base/cron.h says.
//    jitter   Adds a part of itself that depends on the sync and the planned time, and always less than the way to the
//             next planned time: no two change places, none is left out.
//
// Planned times that passed since the last one that was used (the server was down) count once, as the latest of them. A
// clock that is set back by an hour at most doesn't bring a planned time again; when it goes back further, it was wrong
// before, and planning begins anew from what it says now. What was planned before must be asked for again then.

#include <stdbool.h>
#include <stdint.h>

#include "base/cron.h"
#include "base/error.h"
#include "base/text.h"

struct schedule {
    int64_t every_us; // 0: none
    bool has_cron;    // else there is no cron
    struct cron cron;
    const struct zone *zone;
    int64_t jitter_us;
    uint64_t seed;
};

// What a manifest says of it; `cron` is empty where there is none. `name` is ORG/NAME. Not for two threads at once
// (zone_find).
struct schedule_terms {
    int64_t every_us;
    struct text cron;
    struct text zone;
    int64_t jitter_us;
    struct text name;
};

bool schedule_read(const struct schedule_terms *terms, struct schedule *out, struct error *error);

// Whether it plans anything.
static inline bool schedule_plans(const struct schedule *schedule) {
    return schedule->every_us > 0 || schedule->has_cron;
}

struct plan {
    int64_t planned_us; // remember it when the run is queued; 0: never again
    int64_t due_us;     // not before this; may have passed
};

// What comes after the planned time that was used last (0: none was; then the past doesn't count). Where the schedule
// itself was changed, give the present as the last: what the new one had planned for the past was not missed.
struct plan schedule_next(const struct schedule *schedule, int64_t last_us, int64_t now_us);

#endif

#include "server/schedule.h"

#include "base/civil.h"
#include "base/hash.h"

#define MINUTE_US INT64_C(60000000)
#define BACK_US_MAX (60 * MINUTE_US)

bool schedule_read(const struct schedule_terms *terms, struct schedule *out, struct error *error) {
    *out = (struct schedule){.every_us = terms->every_us,
                             .has_cron = terms->cron.length > 0,
                             .zone = zone_utc(),
                             .jitter_us = terms->jitter_us,
                             .seed = print_of(terms->name, 0).low};
    if (terms->every_us < 0 || terms->jitter_us < 0 || (terms->every_us > 0 && out->has_cron)) {
        return error_set(error, ERROR_OPTION_TYPE, "a schedule is a span or a cron pattern, and not less than nothing");
    }
    return !out->has_cron || (cron_read(terms->cron, &out->cron, error) &&
                              (terms->zone.length == 0 || zone_find(terms->zone, &out->zone, error)));
}

// The first planned time after a time; 0: none.
static int64_t first_after(const struct schedule *schedule, int64_t after_us) {
    if (schedule->has_cron) {
        return cron_next(&schedule->cron, schedule->zone, after_us);
    }
    if (schedule->every_us <= 0) {
        return 0;
    }
    int64_t phase_us = (int64_t)(schedule->seed % (uint64_t)schedule->every_us);
    if (after_us < phase_us) {
        return phase_us;
    }
    int64_t next_us;
    int64_t start_us = after_us - (after_us - phase_us) % schedule->every_us;
    return __builtin_add_overflow(start_us, schedule->every_us, &next_us) ? 0 : next_us;
}

// The latest planned time up to now, of which there is one after `first_us` at least: by halves, for there may be a
// great many.
static int64_t latest_until(const struct schedule *schedule, int64_t first_us, int64_t now_us) {
    int64_t low_us = first_us - 1; // what follows it has come
    int64_t high_us = now_us;      // what follows it hasn't
    while (high_us - low_us > 1) {
        int64_t middle_us = low_us + (high_us - low_us) / 2;
        int64_t next_us = first_after(schedule, middle_us);
        if (next_us != 0 && next_us <= now_us) {
            low_us = next_us - 1 > middle_us ? next_us - 1 : middle_us;
        } else {
            high_us = middle_us;
        }
    }
    return low_us + 1;
}

static int64_t due_of(const struct schedule *schedule, int64_t planned_us) {
    int64_t next_us = first_after(schedule, planned_us);
    int64_t most_us = schedule->jitter_us;
    if (next_us != 0 && next_us - planned_us < most_us) {
        most_us = next_us - planned_us;
    }
    if (most_us <= 0) {
        return planned_us;
    }
    struct print mixed = print_join((struct print){schedule->seed, 0}, (struct print){(uint64_t)planned_us, 0});
    int64_t due_us;
    int64_t late_us = (int64_t)(mixed.low % (uint64_t)most_us);
    return __builtin_add_overflow(planned_us, late_us, &due_us) ? planned_us : due_us;
}

struct plan schedule_next(const struct schedule *schedule, int64_t last_us, int64_t now_us) {
    int64_t now = now_us > 0 ? now_us : 0;
    bool is_past = last_us > 0 && (last_us <= now || last_us - now <= BACK_US_MAX);
    int64_t planned_us = first_after(schedule, is_past ? last_us : now);
    if (planned_us == 0) {
        return (struct plan){0, 0};
    }
    if (planned_us <= now) {
        planned_us = latest_until(schedule, planned_us, now);
    }
    return (struct plan){planned_us, due_of(schedule, planned_us)};
}

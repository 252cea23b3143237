#include "sim_plan.h"

#include <string.h>

#include "base/memory.h"
#include "sim.h"

enum { SCOPE_WORLD, SCOPE_SOURCE };

#define KNOB(scope, name, text, simplest, help) {text, SCOPE_##scope, simplest},
static const struct {
    const char *name;
    int scope;
    int64_t simplest;
} knobs[SIM_KNOBS] = {
#include "sim_knobs.def"
};
#undef KNOB

const char *sim_knob_name(enum sim_knob knob) {
    return knobs[knob].name;
}

bool sim_knob_of_world(enum sim_knob knob) {
    return knobs[knob].scope == SCOPE_WORLD;
}

int64_t sim_knob_simplest(enum sim_knob knob) {
    return knobs[knob].simplest;
}

const char *sim_fault_name(enum sim_fault fault) {
#define FAULT(name, text, help) text,
    static const char *const names[SIM_FAULTS] = {
#include "sim_faults.def"
    };
#undef FAULT
    return names[fault];
}

const char *sim_place_name(enum sim_place place) {
    static const char *const names[SIM_PLACES] = {"a", "b", "east", "west", "north"};
    return names[place];
}

// --- worlds ---

void sim_world_simplest(struct sim_world *world) {
    for (enum sim_knob knob = 0; knob < SIM_KNOBS; knob++) {
        world->world[knob] = knobs[knob].simplest;
        for (int source = 0; source < SIM_SOURCES; source++) {
            world->sources[source][knob] = knobs[knob].simplest;
        }
    }
}

bool sim_knob_fits(enum sim_knob knob, int64_t value) {
    const int64_t day_us = INT64_C(86400000000), long_us = 400 * day_us;
    switch (knob) {
    case KNOB_PAGER:
        return value >= 0 && value <= 7;
    case KNOB_POLICY:
        return value >= 0 && value <= 4;
    case KNOB_DIRECTION:
    case KNOB_READ_BACK:
        return value >= 0 && value <= 2;
    case KNOB_PAGE:
    case KNOB_SIZE:
    case KNOB_AT_ONCE:
        return value >= 1 && value <= 1000;
    case KNOB_PRECISION:
        return value >= 1 && value <= day_us;
    case KNOB_SKEW: // half a day ahead: what is a whole day ahead is taken for a mistake, and not believed
        return value >= -long_us && value <= day_us / 2;
    case KNOB_CAP: // pages of one record can't overlap
        return value == 0 || (value >= 2 && value <= 1000);
    case KNOB_DELAY:
    case KNOB_LATENCY:
    case KNOB_OVERLAP:
    case KNOB_FULL:
        return value >= 0 && value <= long_us;
    case KNOB_LOG:
    case KNOB_ARRAYS:
    case KNOB_AT_MOST:
        return value >= 0 && value <= 1000000;
    default: // yes or no
        return value == 0 || value == 1;
    }
}

static bool source_sound(const int64_t *source) {
    enum { KEYSET = 6 };
    for (enum sim_knob knob = 0; knob < SIM_KNOBS; knob++) {
        if (!sim_knob_of_world(knob) && !sim_knob_fits(knob, source[knob])) {
            return false;
        }
    }
    // What is shown late has an old stamp, and that is rounded down.
    return (source[KNOB_DELAY] == 0 || source[KNOB_OVERLAP] >= source[KNOB_DELAY] + source[KNOB_PRECISION]) &&
           (source[KNOB_PAGER] < KEYSET || source[KNOB_SINCE] == 1) &&
           (source[KNOB_EPOCH] == 0 || source[KNOB_PRECISION] >= 1000);
}

bool sim_world_sound(const struct sim_world *world) {
    for (enum sim_knob knob = 0; knob < SIM_KNOBS; knob++) {
        if (sim_knob_of_world(knob) && !sim_knob_fits(knob, world->world[knob])) {
            return false;
        }
    }
    for (int source = 0; source < SIM_SOURCES; source++) {
        if (!source_sound(world->sources[source])) {
            return false;
        }
    }
    return true;
}

// --- plans ---

void sim_plan_clear(struct sim_plan *plan) {
    memory_free(plan->events);
    *plan = (struct sim_plan){0};
}

void sim_plan_add(struct sim_plan *plan, const struct sim_event *event) {
    struct sim_event added = *event; // it may be one of the plan's own
    plan->events = memory_grow(plan->events, plan->count + 1, sizeof *plan->events);
    SIM_CHECK(plan->events != NULL);
    plan->events[plan->count++] = added;
}

void sim_plan_copy(const struct sim_plan *from, struct sim_plan *to) {
    *to = *from;
    to->events = NULL;
    if (from->count > 0) {
        to->events = memory_take(from->count * sizeof *to->events);
        SIM_CHECK(to->events != NULL);
        memcpy(to->events, from->events, from->count * sizeof *to->events);
    }
}

void sim_plan_without(struct sim_plan *plan, size_t from, size_t to) {
    static bool gone[SIM_TOKENS];
    memset(gone, 0, sizeof gone);
    size_t kept = 0;
    for (size_t i = 0; i < plan->count; i++) {
        const struct sim_event *event = &plan->events[i];
        if ((i >= from && i < to) || gone[event->run]) {
            gone[event->number] = true;
        } else {
            plan->events[kept++] = *event;
        }
    }
    plan->count = kept;
}

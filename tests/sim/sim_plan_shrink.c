#include "sim.h"

struct shrink {
    struct sim_plan *plan; // fails
    bool (*fails)(void *context, const struct sim_plan *plan);
    void *context;
    size_t tries_left;
    bool changed; // in this round
};

// Takes the candidate when it fails too. It is used up either way.
static bool accept(struct shrink *shrink, struct sim_plan *candidate) {
    if (shrink->tries_left > 0 && sim_world_sound(&candidate->world)) {
        shrink->tries_left--;
        if (shrink->fails(shrink->context, candidate)) {
            sim_plan_clear(shrink->plan);
            *shrink->plan = *candidate;
            return shrink->changed = true;
        }
    }
    sim_plan_clear(candidate);
    return false;
}

// --- events ---

static bool try_without(struct shrink *shrink, size_t from, size_t to) {
    struct sim_plan candidate;
    sim_plan_copy(shrink->plan, &candidate);
    sim_plan_without(&candidate, from, to);
    return accept(shrink, &candidate);
}

// In halves, quarters, … one by one. From the end: what comes late depends on what comes early.
static void drop_events(struct shrink *shrink) {
    size_t size = shrink->plan->count;
    while (size > 0) {
        size_t to = shrink->plan->count;
        while (to > 0) {
            size_t from = to > size ? to - size : 0;
            bool dropped = try_without(shrink, from, to);
            to = from;
            if (dropped && to > shrink->plan->count) {
                to = shrink->plan->count;
            }
        }
        size = size == 1 ? 0 : (size + 1) / 2;
    }
}

// --- knobs ---

static bool try_knob(struct shrink *shrink, int source, enum sim_knob knob, int64_t value) {
    struct sim_plan candidate;
    sim_plan_copy(shrink->plan, &candidate);
    struct sim_world *world = &candidate.world;
    (source < 0 ? world->world : world->sources[source])[knob] = value;
    return accept(shrink, &candidate);
}

// The knobs of the world (source < 0) or of a datasource.
static void lower_knobs(struct shrink *shrink, int source) {
    for (enum sim_knob knob = 0; knob < SIM_KNOBS; knob++) {
        if (sim_knob_of_world(knob) != (source < 0)) {
            continue;
        }
        const int64_t simplest = sim_knob_simplest(knob);
        for (;;) {
            const struct sim_world *world = &shrink->plan->world;
            int64_t value = (source < 0 ? world->world : world->sources[source])[knob];
            // The way is halved, so this ends.
            if (value == simplest || (!try_knob(shrink, source, knob, simplest) &&
                                      !try_knob(shrink, source, knob, simplest + (value - simplest) / 2))) {
                break;
            }
        }
    }
}

// A datasource that goes takes with it what happens there, and in a home that is its alone.
static void drop_source(struct shrink *shrink, enum sim_place place) {
    if (shrink->plan->world.sources[sim_source_of(place)][KNOB_USED] == 0) {
        return;
    }
    struct sim_plan candidate;
    struct sim_world simplest;
    sim_plan_copy(shrink->plan, &candidate);
    sim_world_simplest(&simplest);
    for (enum sim_knob knob = 0; knob < SIM_KNOBS; knob++) {
        candidate.world.sources[sim_source_of(place)][knob] = simplest.sources[sim_source_of(place)][knob];
    }
    for (size_t i = candidate.count; i > 0; i--) {
        enum sim_place at = i <= candidate.count ? candidate.events[i - 1].place : SIM_A;
        if (at == place || (place == SIM_NORTH && at == SIM_B)) {
            sim_plan_without(&candidate, i - 1, i);
        }
    }
    accept(shrink, &candidate);
}

// --- numbers ---

enum number { NUMBER_PICK, NUMBER_DETAIL, NUMBER_AT, NUMBERS };

static int64_t *number_of(struct sim_event *event, enum number number) {
    return number == NUMBER_PICK ? &event->pick : number == NUMBER_DETAIL ? &event->detail : &event->at;
}

static bool try_number(struct shrink *shrink, size_t index, enum number number, int64_t value) {
    struct sim_plan candidate;
    if (*number_of(&shrink->plan->events[index], number) == value) {
        return false;
    }
    sim_plan_copy(shrink->plan, &candidate);
    *number_of(&candidate.events[index], number) = value;
    return accept(shrink, &candidate);
}

// What somebody does in a run, just as well behind it.
static void try_between(struct shrink *shrink, size_t index) {
    struct sim_plan candidate;
    const struct sim_event *event = &shrink->plan->events[index];
    if (event->run != 0 && event->what <= SIM_FUTURE) {
        sim_plan_copy(shrink->plan, &candidate);
        candidate.events[index].run = 0;
        candidate.events[index].at = 0;
        accept(shrink, &candidate);
    }
}

static void lower_numbers(struct shrink *shrink) {
    for (size_t i = 0; i < shrink->plan->count; i++) {
        try_between(shrink, i);
        for (enum number number = 0; number < NUMBERS; number++) {
            const struct sim_event *event = &shrink->plan->events[i];
            int64_t least = number == NUMBER_AT && event->run != 0 ? 1 : 0;
            int64_t value = *number_of(&shrink->plan->events[i], number);
            while (value != least) {
                int64_t step = value > least ? -1 : 1;
                if (!try_number(shrink, i, number, least) &&
                    !try_number(shrink, i, number, least + (value - least) / 2) &&
                    !try_number(shrink, i, number, value + step)) {
                    break;
                }
                value = *number_of(&shrink->plan->events[i], number);
            }
        }
    }
}

void sim_plan_shrink(struct sim_plan *plan, bool (*fails)(void *context, const struct sim_plan *plan), void *context,
                     size_t tries_max) {
    struct shrink shrink = {.plan = plan, .fails = fails, .context = context, .tries_left = tries_max};
    do {
        shrink.changed = false;
        for (enum sim_place place = SIM_EAST; place <= SIM_NORTH; place++) {
            drop_source(&shrink, place);
        }
        drop_events(&shrink);
        for (int source = -1; source < SIM_SOURCES; source++) {
            lower_knobs(&shrink, source);
        }
        lower_numbers(&shrink);
    } while (shrink.changed && shrink.tries_left > 0);
}

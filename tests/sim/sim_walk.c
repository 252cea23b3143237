#include "sim_walk.h"

#include <string.h>

#include "base/memory.h"

// --- the cases ---

static void add_case(struct sim_walk *walk, enum sim_what what, int run, int64_t detail, int64_t at) {
    walk->cases = memory_grow(walk->cases, walk->count + 1, sizeof *walk->cases);
    SIM_CHECK(walk->cases != NULL);
    walk->cases[walk->count++] = (struct sim_event){.what = what, .run = run, .detail = detail, .at = at};
}

static void add_cases(struct sim_walk *walk, enum sim_what what, int run, int64_t details, int64_t most) {
    for (int64_t at = 1; at <= most; at++) {
        for (int64_t detail = 0; detail < details; detail++) {
            add_case(walk, what, run, detail, at);
        }
    }
}

static void add_disk_cases(struct sim_walk *walk, const struct sim_measure *run) {
    for (int64_t trouble = 0; trouble < SIM_DISK_ONCE; trouble++) {
        for (int64_t at = 1; at <= run->disk[trouble]; at++) {
            add_case(walk, SIM_DISK, run->run, trouble, at);
        }
    }
}

// The run of the plan that comes behind this one; 0: none.
static int run_behind(const struct sim_plan *plan, int run) {
    for (size_t i = 0; i < plan->count; i++) {
        const struct sim_event *event = &plan->events[i];
        if (event->number > run && (event->what == SIM_RUN || event->what == SIM_RETRY)) {
            return event->number;
        }
    }
    return 0;
}

void sim_walk_open(struct sim_walk *walk, enum sim_walk_kind kind, const struct sim_plan *plan,
                   const struct sim_verdict *verdict) {
    bool sqlite = plan->world.world[KNOB_SQLITE] != 0;
    *walk = (struct sim_walk){.kind = kind, .plan = plan};
    for (size_t i = 0; i < verdict->run_count; i++) {
        const struct sim_measure *run = &verdict->runs[i];
        if (kind == SIM_WALK_OUTCOMES) {
            add_cases(walk, SIM_COMMIT, run->run, 2, sqlite ? 0 : run->transactions);
            add_disk_cases(walk, run); // commits of a home on disk fail as the disk does
            add_cases(walk, SIM_REQUEST, run->run, SIM_FAULTS, run->requests);
        } else if (kind == SIM_WALK_CRASH || run_behind(plan, run->run) != 0) {
            add_cases(walk, SIM_CRASH, run->run, 2, run->steps);
            add_cases(walk, SIM_POWER, run->run, 2, sqlite ? run->steps : 0);
        }
    }
}

void sim_walk_close(struct sim_walk *walk) {
    memory_free(walk->cases);
    *walk = (struct sim_walk){0};
}

// --- playing one ---

static void put(struct sim_plan *plan, const struct sim_event *added) {
    struct sim_event event = *added;
    event.number = plan->count > 0 ? plan->events[plan->count - 1].number + 1 : 1;
    SIM_CHECK(event.number < SIM_TOKENS);
    sim_plan_add(plan, &event);
}

static uint64_t struck(const struct sim_counters *counters) {
    return counters->crashed_before + counters->crashed_after + counters->commits_refused + counters->commits_silent +
           counters->what[SIM_DISK];
}

// What was to happen must have happened: else the walk goes nowhere.
static bool play(struct sim_desk *desk, const struct sim_plan *plan, uint64_t wanted) {
    uint64_t before = struck(&desk->counters);
    if (!sim_desk_play(desk, plan, NULL)) {
        return false;
    }
    if (struck(&desk->counters) - before < wanted) {
        snprintf(desk->verdict.message, SIM_MESSAGE, "what was planned for it did not happen");
        desk->found = true;
    }
    return !desk->found;
}

static int64_t steps_of(const struct sim_verdict *verdict, int run) {
    for (size_t i = 0; i < verdict->run_count; i++) {
        if (verdict->runs[i].run == run) {
            return verdict->runs[i].steps;
        }
    }
    return 0;
}

static bool play_seconds(const struct sim_plan *plan, int run, struct sim_desk *desk) {
    int64_t steps = steps_of(&desk->verdict, run);
    bool ok = true;
    for (int64_t step = 1; step <= steps && ok; step++) {
        for (int64_t side = 0; side < 2 && ok; side++) {
            struct sim_plan both;
            sim_plan_copy(plan, &both);
            put(&both, &(struct sim_event){.what = SIM_CRASH, .run = run, .detail = side, .at = step});
            ok = play(desk, &both, 2);
            sim_plan_clear(&both);
        }
    }
    return ok;
}

bool sim_walk_play(const struct sim_walk *walk, uint64_t index, struct sim_desk *desk) {
    const struct sim_event *added = &walk->cases[index];
    struct sim_plan plan;
    sim_plan_copy(walk->plan, &plan);
    put(&plan, added);
    bool ok = play(desk, &plan, added->what == SIM_REQUEST ? 0 : 1);
    if (ok && walk->kind == SIM_WALK_PAIRS) {
        ok = play_seconds(&plan, run_behind(walk->plan, added->run), desk);
    }
    sim_plan_clear(&plan);
    return ok;
}

#include "sim.h"
#include "support/disk_fake.h"

#define SECOND_US INT64_C(1000000)
#define HOUR_US (3600 * SECOND_US)
#define DAY_US (24 * HOUR_US)

struct draw {
    struct sim_plan *plan;
    uint64_t state;
    int number; // of the last event
    bool sqlite;
};

// --- chance: one draw an expression, for compilers differ in which of two comes first ---

// splitmix64.
static uint64_t bits(struct draw *draw) {
    uint64_t z = draw->state += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

// 0 to count - 1.
static int64_t below(struct draw *draw, int64_t count) {
    return (int64_t)(bits(draw) % (uint64_t)count);
}

static int64_t between(struct draw *draw, int64_t least, int64_t most) {
    return least + below(draw, most - least + 1);
}

// The same, more often near the least.
static int64_t early(struct draw *draw, int64_t least, int64_t most) {
    int64_t a = between(draw, least, most), b = between(draw, least, most);
    return a < b ? a : b;
}

static bool of_hundred(struct draw *draw, int64_t percent) {
    return below(draw, 100) < percent;
}

#define ONE_OF(draw, ...) \
    (((const int64_t[]){__VA_ARGS__})[below(draw, (int64_t)(sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t)))])

// The number of a request, a step, a door …: most runs are short, some are long.
static int64_t some_time(struct draw *draw, int64_t usual, int64_t most) {
    bool is_late = of_hundred(draw, 15);
    return early(draw, 1, is_late ? most : usual);
}

// --- the world ---

static void draw_time(struct draw *draw, int64_t *knobs) {
    knobs[KNOB_PRECISION] = ONE_OF(draw, 1, 1, 1, 1000, 1000, SECOND_US, SECOND_US, 60 * SECOND_US, HOUR_US, DAY_US);
    knobs[KNOB_EPOCH] = knobs[KNOB_PRECISION] >= 1000 && of_hundred(draw, 40);
    knobs[KNOB_SKEW] = of_hundred(draw, 60) ? 0 : ONE_OF(draw, 1000, 30 * SECOND_US, HOUR_US, DAY_US / 2);
    knobs[KNOB_SKEW] *= ONE_OF(draw, 1, 1, -1);
    knobs[KNOB_DELAY] = of_hundred(draw, 65) ? 0 : between(draw, 1, 10);
    knobs[KNOB_DELAY] *= ONE_OF(draw, SECOND_US, 60 * SECOND_US);
    knobs[KNOB_LATENCY] = of_hundred(draw, 20) ? 0 : between(draw, 1, 200) * 1000;
    if (knobs[KNOB_DELAY] > 0) {
        knobs[KNOB_OVERLAP] = knobs[KNOB_DELAY] + knobs[KNOB_PRECISION] + ONE_OF(draw, 0, 0, SECOND_US, HOUR_US);
    } else if (of_hundred(draw, 25)) {
        knobs[KNOB_OVERLAP] = ONE_OF(draw, 1000, SECOND_US, 60 * SECOND_US, HOUR_US);
    }
}

static void draw_source(struct draw *draw, int64_t *knobs) {
    enum { KEYSET = 6, PAGERS = 8 };
    knobs[KNOB_USED] = 1;
    knobs[KNOB_DIRECTION] = ONE_OF(draw, 2, 2, 2, 2, 2, 2, 0, 0, 1);
    knobs[KNOB_PAGER] = below(draw, PAGERS);
    knobs[KNOB_SIZE] = between(draw, 1, 6);
    bool counts = knobs[KNOB_PAGER] == SIM_COUNTS_ROWS || knobs[KNOB_PAGER] == SIM_COUNTS_PAGES;
    knobs[KNOB_TOTAL] = !counts || of_hundred(draw, 80);
    knobs[KNOB_SINCE] = knobs[KNOB_PAGER] >= KEYSET || of_hundred(draw, 75);
    draw_time(draw, knobs);
    knobs[KNOB_TRIMS] = of_hundred(draw, 25);
    knobs[KNOB_KEYS] = of_hundred(draw, 33);
    knobs[KNOB_FINDS] = of_hundred(draw, 67);
    knobs[KNOB_SILENT] = of_hundred(draw, 25);
    knobs[KNOB_TOMBSTONES] = of_hundred(draw, 65);
    knobs[KNOB_ARRAYS] = of_hundred(draw, 65) ? 0 : between(draw, 1, 4);
    knobs[KNOB_AT_ONCE] = between(draw, 1, 4);
    knobs[KNOB_POLICY] = between(draw, 0, 4);
    knobs[KNOB_DELETES] = of_hundred(draw, 80);
    knobs[KNOB_AT_MOST] = ONE_OF(draw, 5, 5, 0, 1, 2, 100);
    if (of_hundred(draw, knobs[KNOB_TOMBSTONES] != 0 ? 10 : 50)) {
        knobs[KNOB_FULL] = ONE_OF(draw, SECOND_US, HOUR_US, DAY_US);
    }
    knobs[KNOB_BACK] = of_hundred(draw, 25);
    knobs[KNOB_READ_BACK] = ONE_OF(draw, 0, 0, 1, 2);
}

static void draw_world(struct draw *draw) {
    struct sim_world *world = &draw->plan->world;
    int64_t *east = world->sources[sim_source_of(SIM_EAST)], *west = world->sources[sim_source_of(SIM_WEST)];
    sim_world_simplest(world);
    world->world[KNOB_SQLITE] = draw->sqlite;
    world->world[KNOB_NATURAL] = of_hundred(draw, 40);
    world->world[KNOB_PARENTS] = of_hundred(draw, 40);
    world->world[KNOB_READINGS] = of_hundred(draw, 40);
    world->world[KNOB_PAGE] = between(draw, 1, 6);
    if (draw->sqlite && of_hundred(draw, 50)) {
        world->world[KNOB_LOG] = ONE_OF(draw, 1, 8192, 65536);
    }
    draw_source(draw, east);
    if (of_hundred(draw, 33)) {
        draw_source(draw, west);
        if (of_hundred(draw, 40)) { // a relay
            east[KNOB_DIRECTION] = 0;
            west[KNOB_DIRECTION] = 1;
        }
    }
    if (of_hundred(draw, 25)) {
        draw_source(draw, world->sources[sim_source_of(SIM_NORTH)]);
    }
    SIM_CHECK(sim_world_sound(world));
}

// --- what happens ---

static struct sim_event *add(struct draw *draw, enum sim_what what, enum sim_place place) {
    struct sim_event event = {.number = ++draw->number, .what = what, .place = place};
    sim_plan_add(draw->plan, &event);
    return &draw->plan->events[draw->plan->count - 1];
}

static bool is_used(const struct draw *draw, enum sim_place place) {
    return draw->plan->world.sources[sim_source_of(place)][KNOB_USED] != 0;
}

static enum sim_place some_source(struct draw *draw) {
    enum sim_place place = SIM_EAST;
    do {
        place = (enum sim_place)between(draw, SIM_EAST, SIM_NORTH);
    } while (!is_used(draw, place));
    return place;
}

static enum sim_place some_home(struct draw *draw) {
    return some_source(draw) == SIM_NORTH ? SIM_B : SIM_A;
}

static enum sim_place some_place(struct draw *draw) {
    return of_hundred(draw, 50) ? some_source(draw) : some_home(draw);
}

// At the place of a run, or in its home.
static enum sim_place near(struct draw *draw, enum sim_place source) {
    return of_hundred(draw, 60) ? source : sim_org_of(source) == 0 ? SIM_A : SIM_B;
}

static void draw_make(struct draw *draw, enum sim_place place, int run, int64_t at) {
    bool readings = draw->plan->world.world[KNOB_READINGS] != 0;
    struct sim_event *event = add(draw, SIM_MAKE, place);
    event->pick = below(draw, 100);
    event->detail = readings && of_hundred(draw, 35) ? SIM_READING : SIM_WELL;
    event->run = run;
    event->at = at;
}

static void draw_act(struct draw *draw, enum sim_place place, int run, int64_t at) {
    const int64_t *world = draw->plan->world.world;
    bool refers = world[KNOB_PARENTS] != 0 || world[KNOB_READINGS] != 0;
    int64_t dice = below(draw, 100);
    if (dice < 35) {
        draw_make(draw, place, run, at);
        return;
    }
    bool is_future = dice >= 97 && place >= SIM_EAST;
    bool is_delete = dice >= 80 && dice < 97;
    struct sim_event *event = add(draw, is_future ? SIM_FUTURE : is_delete ? SIM_DELETE : SIM_EDIT, place);
    event->pick = below(draw, 100);
    event->detail = event->what == SIM_EDIT ? below(draw, refers ? 3 : 2) : 0;
    event->run = run;
    event->at = at;
}

static void draw_trouble(struct draw *draw, enum sim_what what, int run, int64_t details, int64_t usual, int64_t most) {
    struct sim_event *event = add(draw, what, SIM_A);
    event->detail = below(draw, details);
    event->run = run;
    event->at = some_time(draw, usual, most);
}

// Reads and writes are many in a run; the others few.
static void draw_disk_trouble(struct draw *draw, int run) {
    struct sim_event *event = add(draw, SIM_DISK, SIM_A);
    int64_t trouble = below(draw, SIM_DISK_DETAILS);
    bool is_rare = trouble == DISK_EIO_SYNC || trouble == DISK_EIO_TRUNCATE || trouble == DISK_EIO_DELETE ||
                   trouble == DISK_EIO_OPEN || trouble == SIM_DISK_SYNC_ON;
    event->detail = trouble;
    event->run = run;
    event->at = some_time(draw, is_rare ? 12 : 80, is_rare ? 40 : 300);
}

// Somebody is told that it is done, and the power goes.
static void draw_power_behind(struct draw *draw, int run, int64_t at) {
    if (draw->sqlite && of_hundred(draw, 8)) {
        struct sim_event *event = add(draw, SIM_POWER, SIM_A);
        event->detail = run != 0 ? SIM_POWER_DOOR : SIM_POWER_BEFORE;
        event->run = run;
        event->at = at;
    }
}

static void draw_troubles(struct draw *draw, int run) {
    for (int64_t i = below(draw, 5); i > 0; i--) {
        draw_trouble(draw, SIM_REQUEST, run, SIM_FAULTS, 6, 25);
    }
    if (!draw->sqlite && of_hundred(draw, 25)) {
        draw_trouble(draw, SIM_COMMIT, run, 2, 12, 25);
    }
    if (of_hundred(draw, 25)) {
        draw_trouble(draw, draw->sqlite && of_hundred(draw, 50) ? SIM_POWER : SIM_CRASH, run, 2, 18, 60);
    }
    if (draw->sqlite && of_hundred(draw, 30)) {
        draw_disk_trouble(draw, run);
    }
    if (of_hundred(draw, 6)) {
        draw_trouble(draw, SIM_STOP, run, 1, 40, 120);
    }
}

static void draw_run(struct draw *draw) {
    enum sim_place source = some_source(draw);
    bool retries = of_hundred(draw, 8);
    struct sim_event *event = add(draw, retries ? SIM_RETRY : SIM_RUN, source);
    event->detail = !retries && of_hundred(draw, 12);
    int run = event->number;
    if (of_hundred(draw, 65)) {
        draw_troubles(draw, run);
    }
    if (of_hundred(draw, 35)) {
        for (int64_t i = between(draw, 1, 4); i > 0; i--) {
            enum sim_place place = near(draw, source);
            int64_t at = some_time(draw, 40, 150);
            draw_act(draw, place, run, at);
            draw_power_behind(draw, run, at);
        }
    }
}

static void draw_wait(struct draw *draw) {
    add(draw, SIM_WAIT, SIM_A)->detail = ONE_OF(draw, 1, 5, 60, 600, 3600, 86400, 2 * 86400);
}

// What a plan may have besides people and runs, drawn once for all of it.
struct spice {
    bool backups;
    bool jumps;
};

static void draw_spice(struct draw *draw, const struct spice *spice) {
    if (spice->jumps && of_hundred(draw, 40)) {
        int64_t sign = ONE_OF(draw, 1, -1);
        add(draw, SIM_JUMP, SIM_A)->detail = sign * ONE_OF(draw, 60, 3600, 86400);
    } else if (spice->backups && of_hundred(draw, 60)) {
        enum sim_what what = of_hundred(draw, 50) ? SIM_BACKUP : SIM_RESTORE;
        add(draw, what, some_home(draw));
    } else if (of_hundred(draw, 40)) {
        add(draw, SIM_APPROVE, some_home(draw));
    } else {
        draw_wait(draw);
    }
}

// --- an end with more of what is rare ---

static int draw_plain_run(struct draw *draw, enum sim_place source, bool force) {
    struct sim_event *event = add(draw, SIM_RUN, source);
    event->detail = force;
    return event->number;
}

static void draw_one(struct draw *draw, enum sim_what what, enum sim_place place, int run, int64_t at) {
    struct sim_event *event = add(draw, what, place);
    event->pick = below(draw, 100);
    event->detail = what == SIM_EDIT ? below(draw, 2) : 0;
    event->run = run;
    event->at = at;
}

static void draw_trouble_at(struct draw *draw, enum sim_what what, int run, int64_t detail, int64_t at) {
    struct sim_event *event = add(draw, what, SIM_A);
    event->detail = detail;
    event->run = run;
    event->at = at;
}

// A well that is new when the wells are read already, and readings of it and of others.
static void draw_family(struct draw *draw, enum sim_place source, int run) {
    int64_t at = between(draw, 6, 40);
    draw->plan->world.world[KNOB_READINGS] = 1;
    for (int64_t i = between(draw, 1, 2); i > 0; i--) {
        draw_one(draw, SIM_MAKE, source, run, at);
    }
    for (int64_t i = between(draw, 4, 8); i > 0; i--) {
        draw_one(draw, SIM_MAKE, source, run, at);
        draw->plan->events[draw->plan->count - 1].detail = SIM_READING;
    }
    draw_plain_run(draw, source, false);
}

// A short list moves while it is read, so that it is read again: what is on its way into home comes once more.
static void draw_moved(struct draw *draw) {
    enum sim_place source = some_source(draw);
    int64_t *world = draw->plan->world.world, *knobs = draw->plan->world.sources[sim_source_of(source)];
    world[KNOB_NATURAL] = 1;
    world[KNOB_PAGE] = between(draw, 3, 6);
    knobs[KNOB_PAGER] = ONE_OF(draw, SIM_COUNTS_ROWS, SIM_COUNTS_PAGES);
    knobs[KNOB_SIZE] = between(draw, 3, 6);
    knobs[KNOB_SINCE] = knobs[KNOB_TOMBSTONES] = 1; // nothing is read once more by the way
    for (int64_t i = between(draw, 4, 8); i > 0; i--) {
        draw_make(draw, source, 0, 0);
    }
    int run = draw_plain_run(draw, source, false);
    for (int64_t i = between(draw, 1, 3); i > 0; i--) {
        int64_t at = between(draw, 6, 30);
        draw_one(draw, SIM_EDIT, source, run, at);
    }
}

// Much is new, and while it is read people are at it on both sides: what is in flight moves. Now and then the run dies
// of it, and the next one goes on.
static void draw_crowd(struct draw *draw) {
    enum sim_place source = some_source(draw);
    int64_t there = ONE_OF(draw, 60, 60, 100, 0);
    enum sim_place home = sim_org_of(source) == 0 ? SIM_A : SIM_B;
    for (int64_t i = ONE_OF(draw, 4, 5, 6, 8, 12, 20); i > 0; i--) {
        draw_make(draw, source, 0, 0);
    }
    for (int64_t i = between(draw, 0, 6); i > 0; i--) {
        draw_one(draw, SIM_EDIT, source, 0, 0);
    }
    int run = draw_plain_run(draw, source, of_hundred(draw, 40));
    for (int64_t i = between(draw, 4, 20); i > 0; i--) {
        enum sim_place place = of_hundred(draw, there) ? source : home;
        enum sim_what what = of_hundred(draw, 75) ? SIM_EDIT : of_hundred(draw, 50) ? SIM_DELETE : SIM_MAKE;
        int64_t at = early(draw, 2, 60);
        draw_one(draw, what, place, run, at);
    }
    if (of_hundred(draw, 50)) {
        draw_trouble_at(draw, SIM_CRASH, run, below(draw, 2), between(draw, 3, 16));
        draw_one(draw, of_hundred(draw, 60) ? SIM_EDIT : SIM_DELETE, near(draw, source), 0, 0);
        draw_plain_run(draw, source, false);
    }
}

// One request after the other goes wrong, and with them whatever asks what became of the first.
static void draw_silence(struct draw *draw) {
    enum sim_place source = some_source(draw);
    for (int64_t i = between(draw, 3, 8); i > 0; i--) {
        enum sim_place place = near(draw, source);
        draw_act(draw, place, 0, 0);
    }
    int run = draw_plain_run(draw, source, false);
    int64_t from = between(draw, 2, 12);
    for (int64_t i = between(draw, 2, 7); i > 0; i--) {
        int64_t fault =
            ONE_OF(draw, SIM_FAULT_LOST, SIM_FAULT_LOST, SIM_FAULT_TIMEOUT, SIM_FAULT_BROKEN, SIM_FAULT_CUT);
        draw_trouble_at(draw, SIM_REQUEST, run, fault, from++);
    }
    draw_one(draw, SIM_EDIT, near(draw, source), 0, 0);
}

// More goes at once than the guard lets go.
static void draw_clearing(struct draw *draw) {
    enum sim_place source = some_source(draw), place = near(draw, source);
    if (of_hundred(draw, 40)) { // what is newest goes without a trace
        int64_t *knobs = draw->plan->world.sources[sim_source_of(source)];
        place = source;
        knobs[KNOB_SINCE] = 1;
        knobs[KNOB_TOMBSTONES] = 0;
        knobs[KNOB_OVERLAP] = knobs[KNOB_OVERLAP] > HOUR_US ? knobs[KNOB_OVERLAP] : HOUR_US;
        draw_plain_run(draw, source, false);
    }
    for (int64_t i = between(draw, 2, 8); i > 0; i--) {
        draw_one(draw, SIM_DELETE, place, 0, 0);
    }
    int run = draw_plain_run(draw, source, of_hundred(draw, 30));
    if (of_hundred(draw, 30)) {
        draw_trouble_at(draw, SIM_CRASH, run, below(draw, 2), between(draw, 3, 16));
    }
    if (of_hundred(draw, 50)) {
        add(draw, SIM_APPROVE, sim_org_of(source) == 0 ? SIM_A : SIM_B);
        draw_plain_run(draw, source, false);
    }
}

// What was made before the backup went out behind it.
static void draw_relapse(struct draw *draw) {
    enum sim_place source = some_source(draw), home = sim_org_of(source) == 0 ? SIM_A : SIM_B;
    for (int64_t i = between(draw, 2, 5); i > 0; i--) {
        draw_one(draw, of_hundred(draw, 75) ? SIM_MAKE : SIM_EDIT, home, 0, 0);
    }
    add(draw, SIM_BACKUP, home);
    draw_plain_run(draw, source, false);
    if (of_hundred(draw, 40)) {
        draw_one(draw, SIM_EDIT, near(draw, source), 0, 0);
        draw_plain_run(draw, source, false);
    }
    add(draw, SIM_RESTORE, home);
}

// Of another stream of chances: the rest of the plan is the same with it and without.
static void draw_finale(struct draw *draw) {
    draw->state = draw->plan->seed ^ 0x5d588b656c078965U;
    for (int source = 0; source < SIM_SOURCES; source++) {
        int64_t *knobs = draw->plan->world.sources[source];
        bool counts = knobs[KNOB_PAGER] == SIM_COUNTS_ROWS || knobs[KNOB_PAGER] == SIM_COUNTS_PAGES;
        if (counts && of_hundred(draw, 20)) {
            knobs[KNOB_CAP] = between(draw, 2, 3);
        }
    }
    int64_t dice = below(draw, 100);
    if (dice < 10) {
        enum sim_place source = some_source(draw);
        int run = draw_plain_run(draw, source, false);
        draw_family(draw, source, run);
    } else if (dice < 25) {
        draw_moved(draw);
    } else if (dice < 50) {
        draw_crowd(draw);
    } else if (dice < 68) {
        draw_silence(draw);
    } else if (dice < 78) {
        draw_clearing(draw);
    } else if (dice < 86 && !draw->sqlite) {
        draw_relapse(draw);
    }
}

void sim_plan_draw(struct sim_plan *plan, uint64_t seed, const struct sim_shape *shape) {
    *plan = (struct sim_plan){.seed = seed};
    struct draw draw = {.plan = plan, .state = seed, .sqlite = shape->sqlite};
    draw_world(&draw);
    struct spice spice;
    spice.backups = of_hundred(&draw, 17);
    spice.jumps = of_hundred(&draw, 12);
    // What is there before the first run, so that pages matter.
    for (int64_t i = ONE_OF(&draw, 0, 3, 6, 6, 25); i > 0; i--) {
        draw_make(&draw, some_place(&draw), 0, 0);
    }
    size_t wanted = plan->count + (size_t)between(&draw, 10, 60);
    while (plan->count < wanted) {
        int64_t dice = below(&draw, 100);
        if (dice < 45) {
            for (int64_t i = between(&draw, 1, 3); i > 0; i--) {
                draw_act(&draw, some_place(&draw), 0, 0);
                draw_power_behind(&draw, 0, 0);
            }
        } else if (dice < 82) {
            draw_run(&draw);
        } else {
            draw_spice(&draw, &spice);
        }
    }
    draw_finale(&draw);
}

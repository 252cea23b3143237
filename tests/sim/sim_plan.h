#ifndef WEIR_TESTS_SIM_SIM_PLAN_H
#define WEIR_TESTS_SIM_SIM_PLAN_H

// A plan: a world, and what happens in it, line by line. Each line stands for itself: whatever lines are taken out, the
// rest still means the same. That is what makes a plan shrink.
//
//     seed 17
//     world parents 1 page 2
//     east used 1 pager 1 delay 2000000
//     1 make east 0 well
//     2 run east
//     3 edit a 5 name
//     4 edit east 3 code in 2 at 7          during run 2, at the 7th door it passes
//     5 request lost in 2 at 4              its 4th request
//     6 commit silent in 2 at 3             its 3rd transaction
//     7 crash after in 2 at 9               its 9th step (requests and transactions together)

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/text.h"

// Homes first, then datasources.
enum sim_place { SIM_A, SIM_B, SIM_EAST, SIM_WEST, SIM_NORTH, SIM_PLACES };
enum { SIM_ORGS = 2, SIM_SOURCES = 3, SIM_TYPES = 2 };
enum sim_type { SIM_WELL, SIM_READING };

static inline int sim_source_of(enum sim_place place) {
    return (int)place - (int)SIM_EAST;
}
static inline int sim_org_of(enum sim_place place) { // of either
    return place == SIM_B || place == SIM_NORTH;
}

#define KNOB(scope, name, text, simplest, help) KNOB_##name,
enum sim_knob {
#include "sim_knobs.def"
    SIM_KNOBS
};
#undef KNOB

// Every place has all of them; which are meant is in the list.
struct sim_world {
    int64_t world[SIM_KNOBS];
    int64_t sources[SIM_SOURCES][SIM_KNOBS];
};

#define FAULT(name, text, help) SIM_FAULT_##name,
enum sim_fault {
#include "sim_faults.def"
    SIM_FAULTS
};
#undef FAULT

const char *sim_knob_name(enum sim_knob knob);
bool sim_knob_of_world(enum sim_knob knob); // else of a datasource
int64_t sim_knob_simplest(enum sim_knob knob);
bool sim_knob_fits(enum sim_knob knob, int64_t value); // whether it is one of its values
void sim_world_simplest(struct sim_world *world);      // all of them
// Whether the knobs fit together, so that weir can be asked to lose nothing: each in its range, an overlap that covers
// the delay, what a pager needs. A plan that is drawn does, and shrinking keeps it so.
bool sim_world_sound(const struct sim_world *world);

const char *sim_fault_name(enum sim_fault fault);
const char *sim_place_name(enum sim_place place);

enum sim_what {
    // People, in a home or at a datasource. `pick` says which record, modulo how many there are.
    SIM_MAKE, // detail: type; every fourth pick makes an identity again that was there before (its record may be gone)
    SIM_EDIT, // detail: 0 name, 1 code, 2 the reference
    SIM_DELETE, //
    SIM_FUTURE, // at a datasource: its name is edited, and the record is dated 2099
    // People at weir.
    SIM_APPROVE, // home: all deletes that are held
    SIM_RUN,     // datasource: its sync runs; detail 1: --force
    SIM_RETRY,   // datasource: its sync's dead letters are retried
    SIM_BACKUP,  // home
    SIM_RESTORE, // home: as it was at the backup, if there is one
    // Time, in seconds (detail).
    SIM_WAIT, // passes
    SIM_JUMP, // weir's own clock jumps, also back
    // What goes wrong in a run. `at` counts from 1.
    SIM_REQUEST, // detail: enum sim_fault; at: request
    SIM_COMMIT,  // detail: 0 refused, 1 silent (done, but an error came back); at: transaction
    SIM_CRASH,   // detail: 0 before, 1 after; at: step. Its steps are requests and transactions together
    SIM_POWER,   // on SQLite: the machine goes, not only the process; likewise, or 2: at a door, behind those who came
                 // there; between runs, right behind what was done last
    SIM_DISK,    // on SQLite: detail: enum disk_trouble of the disk, or sim_disk_staying; at: call of that kind
    SIM_STOP,    // a signal; at: door
    SIM_WHATS
};

// Troubles of the disk that stay until the run ends, behind those of support/disk_fake.h, which strike once.
enum { SIM_DISK_ONCE = 10, SIM_DISK_FULL_ON = SIM_DISK_ONCE, SIM_DISK_SYNC_ON, SIM_DISK_WRITE_ON, SIM_DISK_DETAILS };

enum { SIM_POWER_BEFORE, SIM_POWER_AFTER, SIM_POWER_DOOR };

const char *sim_what_name(enum sim_what what);

struct sim_event {
    int number; // its own for ever, from 1, rising: names the value that it writes
    enum sim_what what;
    enum sim_place place;
    int64_t pick;
    int64_t detail;
    int run;    // the number of the run (SIM_RUN, SIM_RETRY) during which it happens; 0: between runs
    int64_t at; // people in a run: at which door
};

struct sim_plan {
    uint64_t seed;
    struct sim_world world;
    struct sim_event *events; // in the order of their numbers
    size_t count;
};

void sim_plan_clear(struct sim_plan *plan);
// A copy of the event, behind the others.
void sim_plan_add(struct sim_plan *plan, const struct sim_event *event);

// Everything follows from the seed. `shape` limits what is drawn.
struct sim_shape {
    bool sqlite; // homes on SQLite (few seeds: they are slow); else in memory
};
void sim_plan_draw(struct sim_plan *plan, uint64_t seed, const struct sim_shape *shape);

// As text and back: what is printed reads as the same plan. An error names the line.
void sim_plan_print(const struct sim_plan *plan, struct buffer *out);
// `#` begins a remark.
bool sim_plan_read(struct sim_plan *plan, struct text text, struct error *error);
// One line of it, as in the plan, without its end.
void sim_event_print(const struct sim_event *event, struct buffer *out);

void sim_plan_copy(const struct sim_plan *from, struct sim_plan *to);
// The same without events from..to-1 (and without those that happened during a run that goes).
void sim_plan_without(struct sim_plan *plan, size_t from, size_t to);

// Makes a failing plan small: takes out events, in halves, then one by one, sets knobs to their simplest and numbers to
// smaller ones, as long as `fails` says that it still fails. Ends when nothing more can go, or after `tries_max`.
void sim_plan_shrink(struct sim_plan *plan, bool (*fails)(void *context, const struct sim_plan *plan), void *context,
                     size_t tries_max);

#endif

#ifndef WEIR_TESTS_ENGINE_STORM_H
#define WEIR_TESTS_ENGINE_STORM_H

// A storm: one seed makes a world (what the datasource can do, what the script says), two crowds of people who edit on
// both sides, and whatever goes wrong meanwhile. Then the storm ends, two runs settle, and what was acknowledged must
// be there. Everything follows from the seed.
//
//     WEIR_STORM=17 weir_engine_tests engine_storm.…      that seed alone, with what happened on standard error
//
// A record's `legacy` is its identity: people never change it, and `find` asks for it. Every value that somebody writes
// into `name` or `code` is "<n>", unique. A value may end when a person saw it and wrote over it, or deleted its
// record; the engine may never be the one that ends it, except into a conflict, a dead letter or a row that waits.

#include "push_rig.h"

enum { STORM_VALUES = 4000, STORM_NAMES = 400, STORM_ROWS = 400 };

struct storm {
    struct push_rig rig;
    uint64_t random;
    bool told; // what happens is printed
    struct log log;
    // The world.
    bool finds, keys, parents, natural, deletes, lively, restores, tombstones;
    // The kill: after so many steps nothing has any effect any more.
    int steps_left;
    bool dies_after; // at the end of a step: what it did is done, its outcome lost
    bool dead;
    bool calm;   // no faults any more
    bool person; // somebody's edit, which no fault touches
    int trouble; // transactions until one goes wrong by itself
    // What people did.
    int value_count;
    bool over[STORM_VALUES];
    int name_count;
    int births[STORM_NAMES]; // how often people made a record of that identity, on either side
    // What may not go back.
    int64_t pushed_to, pulled_to;
    int64_t backup;
    bool restored;
    bool anew; // some record was gone there and was made anew
    struct rule pull_rules[4], push_rules[4], back_rule;
    struct text push_names[4];
    struct shape push_shape;
    uint32_t key[1];
};

// What is going on now: the storm that the hooks of one process belong to.
extern struct storm *storm_now;

uint64_t storm_draw(struct storm *storm, uint64_t below);
static inline bool storm_one_in(struct storm *storm, uint64_t many) {
    return storm_draw(storm, many) == 0;
}
void storm_tell(const struct storm *storm, const char *format, ...) __attribute__((format(printf, 2, 3)));

// --- storm_world.c ---

void storm_open(struct storm *storm, uint64_t seed);
void storm_close(struct storm *storm);

// Home's records, in the rig's arena.
struct home_row *storm_home(struct storm *storm, size_t *count);

// Somebody does something, in home or there.
void storm_act_home(struct storm *storm);
void storm_act_there(struct storm *storm);

// --- storm_faults.c ---

// Puts the faulty doors in, and decides what goes wrong in the next run.
void storm_doors(struct storm *storm);
void storm_trouble(struct storm *storm);
void storm_calm(struct storm *storm);

// --- storm_check.c ---

// After each run; after the storm; and that one more run changes nothing.
void storm_check_run(struct storm *storm);
void storm_check_end(struct storm *storm);
void storm_check_quiet(struct storm *storm);

#endif

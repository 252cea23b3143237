#ifndef WEIR_TESTS_SIM_SIM_H
#define WEIR_TESTS_SIM_SIM_H

// The simulator: the real engine with the real HTTP source and target, over a fake clock, fake stores (or SQLite on a
// fake disk), a fake network and fake datasources; one thread, no wall clock. A seed makes a plan (sim_plan.h): a world
// and a list of events. A plan is played (sim_play.h): people edit on all sides, runs run, whatever goes wrong goes
// wrong. Then the storm ends, runs settle, and an independent checker (sim_check.h) asks the datasources' own logs
// whether anything was lost, doubled or echoed.
//
//      org a:   east ◄──sync──► home a ◄──sync──► west          org b:   north ◄──sync──► home b
//
// Every value that somebody writes into `name` or `code` is "<n>", n being the number of the event: unique. Such a
// token may end when a person saw it and wrote over it, or deleted its record. The engine may never be the one that
// ends it, except into a conflict, a dead letter or a row that waits. A record's identity is "k<n>"; people never
// change it.
//
// Nothing here may depend on addresses, the environment or the machine: the same plan gives the same trace.

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "engine/run.h"
#include "sim_plan.h"
#include "sim_remote.h"

enum { SIM_TOKENS = 4096, SIM_MESSAGE = 600 };

// A mistake of the simulator itself, not a finding: says where and aborts.
#define SIM_CHECK(condition)                                                           \
    do {                                                                               \
        if (!(condition)) {                                                            \
            fprintf(stderr, "%s:%d: simulator: %s\n", __FILE__, __LINE__, #condition); \
            abort();                                                                   \
        }                                                                              \
    } while (0)

// A value that somebody wrote, by the number of its event.
struct sim_token {
    bool made;
    bool over;       // a person ended it, or nobody could have kept it: it may be gone
    bool served;     // a datasource gave it to weir, whole and unharmed
    int64_t visible; // the moment since which a datasource shows it; 0: none does
};

// An organisation's home.
enum { SIM_FIELD_LEGACY, SIM_FIELD_NAME, SIM_FIELD_CODE, SIM_FIELD_REF, SIM_FIELD_AT, SIM_HOME_FIELDS };

struct sim_home {
    char folder[300];
    const struct store_type *type;
    struct store *store;  // the runs'
    struct store *people; // people's own
    struct field fields[SIM_TYPES][SIM_HOME_FIELDS];
    struct shape shapes[SIM_TYPES];
    struct text names[SIM_TYPES][SIM_HOME_FIELDS];
    struct datatype types[SIM_TYPES];
    const struct datatype *list[SIM_TYPES];
    int64_t backup; // 0: none was taken
    bool restored;  // it once came back from a backup
};

// The sync between a datasource and its home.
struct sim_sync {
    struct sync sync;
    struct sync_type types[SIM_TYPES];
    struct rule pull[SIM_TYPES][4], push[SIM_TYPES][4], back[SIM_TYPES];
    struct text push_names[4];
    struct shape push_shape;
    struct mapper mapper;
    struct text key;             // ORG/NAME
    int64_t marks[2][SIM_TYPES]; // the highest push watermark seen; what may not go back
    char pulled[SIM_TYPES][64];  // the pull watermark
    int64_t looked[SIM_TYPES];   // how far home was looked through for what it deleted; -1: not since the backup
    int64_t approved;            // deletes that a person let go, ever
    bool anew;                   // it made some record anew that was gone there
    bool parked_word;            // (the log said that a write is parked)
};

struct sim_counters {
    uint64_t plans, runs, requests, transactions, doors, rounds;
    uint64_t faults[SIM_FAULTS]; // requests that went wrong like this
    uint64_t what[SIM_WHATS];    // events that really happened
    uint64_t crashed_before, crashed_after;
    uint64_t commits_refused, commits_silent;
    uint64_t people_in_runs; // edits that landed between two steps of a run
    uint64_t excused;        // tokens that nobody could have kept (the window between pull and push)
    uint64_t statuses[RUN_NOT_NEEDED + 1];
};

struct sim {
    const struct sim_plan *plan;
    struct arena arena;
    struct sim_remote remotes[SIM_SOURCES]; // by sim_source_of(place)
    struct sim_sync syncs[SIM_SOURCES];
    struct sim_home homes[SIM_ORGS];
    struct sim_token tokens[SIM_TOKENS];
    int births[SIM_TOKENS];             // how often a record of that identity was made, on any side of its org, or may
                                        // have been
    int deaths[SIM_TOKENS];             // how often a person deleted one of that identity, on any side of its org
    signed char identities[SIM_TOKENS]; // whose it is: 1 + org * SIM_TYPES + type; 0: nobody's
    // Time. One clock for the world, in microseconds; weir's own may be wrong.
    int64_t now_us;
    int64_t jump_us;
    struct clock clock; // weir's
    int64_t moment;     // counts everything that happens, so that before and after are clear
    // The run in hand.
    const struct sim_event *run; // NULL: none
    int run_source;              // whose it is; -1: none
    int64_t run_moment;          // when it began
    bool retries;                // it retries dead letters
    int64_t doors, requests, transactions, steps;
    bool forced;             // the run in hand, or the last one, read everything
    bool given_up;           // weir said that a person has to change the script: nothing more can be told
    bool lied_once;          // at some time, so that what did not come was taken for gone
    bool emptied[SIM_TYPES]; // a list of this type was answered as if nothing at all were there
    bool lied;               // a list was answered with an empty one that nobody can tell from the truth
    bool dead;               // the process is dead: nothing has any effect any more
    bool calm;               // the storm is over
    bool person;             // a person is at work: no fault touches them, and no door counts
    bool log_told;
    atomic_bool stop;
    struct log log;
    struct run_report report;
    struct error error;
    // What is told.
    struct print trace; // of all lines
    FILE *told;         // where they are printed; NULL: nowhere
    struct sim_counters *counters;
    bool failed;
    char message[SIM_MESSAGE]; // the first finding
};

// What is being played now: the fakes that have no context of their own (http.h, fault points) belong to it.
extern struct sim *sim_now;

// A line of the trace.
void sim_tell(struct sim *sim, const char *format, ...) __attribute__((format(printf, 2, 3)));
// A finding. The first one stays.
void sim_find(struct sim *sim, const char *format, ...) __attribute__((format(printf, 2, 3)));

// --- tokens (sim_token.c) ---

// The number in "<12>" (spaces around it allowed), or 0.
int sim_token_of(struct text text);
// The number in "k12", or 0.
int sim_identity_of(struct text text);
// A person (or fate) ended what stood there: may be called with any text.
void sim_token_over(struct sim *sim, struct text text);

// A person deleted a record of this identity, in home or at a datasource.
void sim_deleted(struct sim *sim, int identity);

// --- steps (sim_play.c): whatever a kill can come before or after, called by the fake network and the fake homes ---

// False: the process is dead (already, or by a crash planned before this step); the step must have no effect.
bool sim_step_begins(struct sim *sim);
// False: it died right after: the step had its effect, nobody hears of it.
bool sim_step_ends(struct sim *sim);
// The planned event of this kind at this number of the run in hand (counted in the counters), or NULL. None when calm.
const struct sim_event *sim_due(struct sim *sim, enum sim_what what, int64_t at);

#endif

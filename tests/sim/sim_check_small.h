#ifndef WEIR_TESTS_SIM_SIM_CHECK_SMALL_H
#define WEIR_TESTS_SIM_SIM_CHECK_SMALL_H

// A small world by hand, for the checker's own tests: homes in memory and datasources' rows, filled directly.
//
//     org a   k1 <1> made at east, well 11;  k2 <2> made in home, well 12 at east        (home ids: a_1, a_2)
//     org b   k3 <3> made at north, well 31

#include "sim_check_work.h"
#include "test.h"

enum { SMALL_EAST, SMALL_WEST, SMALL_NORTH };

struct small {
    struct sim sim;
    struct sim_plan plan;
    struct sim_event events[64];
    struct sim_counters counters;
    int64_t a_1, a_2, b_1;
};

extern struct small small; // large

void small_open(void);
void small_close(void);

// Checks; with NULL nothing may be found, else the finding has these words in it.
void small_end(const char *words);
void small_run(enum sim_place source, const char *words);

// An event of the plan: whoever writes <n> and makes k<n>.
void small_event(int number, enum sim_what what, enum sim_place place);
// A value that was written in an edit.
void small_wrote(int number, enum sim_place place);
// A record of that identity was made.
void small_born(int number, enum sim_place place);

struct sim_form small_form(const char *legacy, const char *name, const char *code, int64_t ref);

// Home: a record is made (id 0) or changed; a link is made or agrees anew; and so on.
int64_t small_put(int org, enum sim_type type, int64_t id, struct sim_form form);
void small_drop(int org, enum sim_type type, int64_t id);
void small_drop_by(int org, enum sim_type type, int64_t id, const char *origin);
void small_tie(int source, enum sim_type type, int64_t id, int64_t there, bool adds);
void small_untie(int source, enum sim_type type, int64_t id, int64_t there);
void small_track(int source, enum sim_type type);
void small_commit(int org, struct page page);

// There: rows, with their lines in the log.
struct sim_row *small_row(int source, enum sim_type type, int64_t id, struct sim_form form, enum sim_author author);
void small_change(int source, struct sim_row *row, struct sim_form form, enum sim_author author);
void small_gone(int source, struct sim_row *row, enum sim_author author);
struct sim_row *small_find(int source, enum sim_type type, int64_t id);
struct sim_entry *small_last(int source); // of its log

// What is put aside.
void small_dead(int source, const char *direction, enum sim_type type, int64_t external, const char *code,
                const char *name);
void small_held(int source, enum sim_type type, int64_t home);
void small_intent(int source, enum sim_type type, int64_t home, enum intent_state state, const char *name);
void small_conflict(int source, const char *kind, enum sim_type type, int64_t external, const char *name);
void small_pending(int source, enum sim_type type, int64_t external, int64_t home, const char *name);
void small_watermark(int source, const char *direction, const char *text);

#endif

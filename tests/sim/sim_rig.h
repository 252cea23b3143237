#ifndef WEIR_TESTS_SIM_SIM_RIG_H
#define WEIR_TESTS_SIM_SIM_RIG_H

// One simulated datasource, east, read and written by the real source and target, without an engine:
//
//     struct sim_rig *rig = sim_rig_open();
//     rig->knobs[KNOB_PAGER] = 1;
//     sim_rig_start(rig);
//     sim_rig_make(rig, 5);                       somebody makes k5, called <5>
//     sim_rig_fault(rig, SIM_FAULT_LOST, 1);      the first request
//     bool ok = sim_rig_pass(rig, 1);             reads all, trying again once
//     sim_rig_close(rig);

#include "port/source.h"
#include "port/target.h"
#include "sim.h"

enum { SIM_RIG_EVENTS = 16, SIM_RIG_ITEMS = 16 };

struct sim_rig {
    struct sim sim;
    struct sim_plan plan;
    struct sim_event events[SIM_RIG_EVENTS];
    struct sim_event run;
    struct sim_counters counters;
    struct sim_remote *remote;
    int64_t *knobs;
    struct arena arena;
    struct session *session;
    struct source_setup reading;
    struct target_setup writing;
    struct target *target;
    void (*meanwhile)(struct sim_rig *rig); // done when a pass has given its first batch; NULL: nothing
    // What the last pass gave.
    int given[SIM_ROWS]; // how often the row of that id came
    int gone[SIM_ROWS];  // as deleted
    size_t count;
    struct error error;
    // What was written last.
    struct target_item items[SIM_RIG_ITEMS];
    struct target_receipt receipts[SIM_RIG_ITEMS];
    size_t item_count;
    int operations;
};

struct sim_rig *sim_rig_open(void); // one at a time
void sim_rig_start(struct sim_rig *rig);
void sim_rig_close(struct sim_rig *rig);

// A run begins: requests count from 1 again, and what was planned is forgotten.
void sim_rig_run(struct sim_rig *rig);
void sim_rig_plan(struct sim_rig *rig, enum sim_what what, int64_t detail, int64_t at);
void sim_rig_fault(struct sim_rig *rig, enum sim_fault fault, int64_t request);

struct sim_row *sim_rig_make(struct sim_rig *rig, int number);
void sim_rig_name(struct sim_rig *rig, struct sim_row *row, const char *name);
size_t sim_rig_alive(struct sim_rig *rig); // wells that readers see

// From the watermark of the pass before on, when that went well.
bool sim_rig_pass(struct sim_rig *rig, int retries);

void sim_rig_item(struct sim_rig *rig, enum target_verb verb, const char *external, const char *form);
bool sim_rig_write(struct sim_rig *rig); // all items
void sim_rig_next(struct sim_rig *rig);  // forgets them

// GET and its like, without a network: the body.
struct text sim_rig_ask(struct sim_rig *rig, const char *verb, const char *path, const char *query, const char *body,
                        int *status);

#endif

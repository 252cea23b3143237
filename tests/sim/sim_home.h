#ifndef WEIR_TESTS_SIM_SIM_HOME_H
#define WEIR_TESTS_SIM_SIM_HOME_H

// The homes: in memory, or SQLite on the fake disk; and the people who edit them. Each home has two handles: the runs',
// and people's own.

#include "sim.h"

void sim_home_open(struct sim *sim, int org);
void sim_home_close(struct sim *sim, int org);

// A run's process opens its home by itself. False: the disk does not let it, sim->error says why.
bool sim_home_reopen(struct sim *sim, int org);

// What a dead process leaves is opened again.
void sim_home_revive(struct sim *sim);

void sim_home_backup(struct sim *sim, int org);
void sim_home_restore(struct sim *sim, int org);

// --- people ---

void sim_home_make(struct sim *sim, int org, const struct sim_event *event);
void sim_home_edit(struct sim *sim, int org, const struct sim_event *event);
void sim_home_delete(struct sim *sim, int org, const struct sim_event *event);
void sim_home_approve(struct sim *sim, int org);

// Home's records of a type, in the sim's arena, by people's handle.
struct home_row *sim_home_rows(struct sim *sim, int org, enum sim_type type, size_t *count);

#endif

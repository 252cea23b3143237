#ifndef WEIR_TESTS_SIM_SIM_SYNC_H
#define WEIR_TESTS_SIM_SIM_SYNC_H

// The script of a datasource's sync, as plain C data.

#include "sim.h"

void sim_sync_open(struct sim *sim, enum sim_place place);

#endif

#ifndef WEIR_TESTS_SIM_SIM_PRINT_H
#define WEIR_TESTS_SIM_SIM_PRINT_H

#include "sim.h"

// A table of all that happened, on standard output.
void sim_print_counters(const struct sim_counters *counters);

// Whether everything happened that can (homes in memory or on SQLite), each kind by itself; names what did not.
bool sim_all_fired(const struct sim_counters *counters, bool sqlite);

#endif

#ifndef WEIR_TESTS_SIM_SIM_HASHES_H
#define WEIR_TESTS_SIM_SIM_HASHES_H

// The same seed gives the same trace, also in another process, where addresses and the hashes of tables are others.

#include "sim_batch.h"

// Prints each seed's trace hash. False: some could not be played to the end.
bool sim_hashes_print(uint64_t from, uint64_t to, const struct sim_shape *shape, int jobs);

// The same in this process and in another one, and compares. False: some differ.
bool sim_hashes_twice(uint64_t from, uint64_t to, const struct sim_shape *shape, int jobs);

#endif

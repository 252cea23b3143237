#ifndef WEIR_ENGINE_GUARD_H
#define WEIR_ENGINE_GUARD_H

// How many deletes one run may carry over for one type in one direction. Past that (and always when every record
// would go) none of them is done: they are held until a person approves them. And how many dead letters.

#include <stdbool.h>
#include <stdint.h>

#include "port/sync.h"

struct guard {
    const struct share *at_most;
    int64_t links; // of the type
};

// Whether so many deletes may go. Some share of few records is always less than one: one delete is let through from
// two records on.
bool guard_lets(const struct guard *guard, int64_t deletes);

// Whether a pass may go on after so many dead letters: fewer than a count, or no more than a share of what was read
// once that is enough to tell. A limit of 0 lets all through.
bool guard_lets_dead(const struct share *at_most, int64_t dead, int64_t read, bool ended);

#endif

#ifndef WEIR_ENGINE_GUARD_H
#define WEIR_ENGINE_GUARD_H

// How many deletes one run may carry over for one type in one direction. Past that (and always when every record
// would go) none of them is done: they are held until a person approves them.

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

#endif

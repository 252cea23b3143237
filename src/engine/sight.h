#ifndef WEIR_ENGINE_SIGHT_H
#define WEIR_ENGINE_SIGHT_H

// What is known of home while one form is placed: its link, the record behind it or the one with its natural key.

#include <stdbool.h>

#include "engine/decide.h"
#include "engine/flow.h"

struct sight {
    struct link link;
    struct home_row row; // the linked record, or the one to adopt
    enum decide_home home;
    bool posted;     // what stands there was posted since the pass began
    struct text key; // the natural key as text; empty when there is none
};

// Asks home, inside the snapshot. Rows live in the slot's arena.
bool sight_take(struct flow *flow, const struct placing *placing, struct sight *sight, struct error *error);

#endif

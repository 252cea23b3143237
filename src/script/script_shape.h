#ifndef WEIR_SCRIPT_SCRIPT_SHAPE_H
#define WEIR_SCRIPT_SCRIPT_SHAPE_H

// The shapes of the objects that a script makes. Lua gives a table's keys in no fixed order, so they are sorted; a
// function makes tables with the same keys over and over, so their shapes are kept and given again: home then looks
// up a field's place once and not once a record. What does not fit the little that is kept lives in the page's arena.

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"
#include "model/value.h"

enum { SHAPE_NAMES_MAX = 64, SHAPE_SLOTS = 64 };

struct shape_slot {
    const struct shape *shape;
    uint32_t order[SHAPE_NAMES_MAX]; // name i as it came stands at place order[i] of the shape
};

struct shapes {
    struct arena arena; // of what is kept
    struct shape_slot sorted[SHAPE_SLOTS];
    const struct shape *kept[SHAPE_SLOTS];
};

void shapes_init(struct shapes *shapes);
void shapes_clear(struct shapes *shapes);

// The shape with these (different) names in sorted order, and for each name as it came its place. `fresh` says that
// the names were not seen before. False only when out of memory.
bool shapes_sorted(struct shapes *shapes, const struct text *names, uint32_t count, struct arena *arena,
                   const struct shape **shape, const uint32_t **order, bool *fresh);

// The shape with these names as they come. False only when out of memory.
bool shapes_ordered(struct shapes *shapes, const struct text *names, uint32_t count, struct arena *arena,
                    const struct shape **shape);

#endif

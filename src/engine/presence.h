#ifndef WEIR_ENGINE_PRESENCE_H
#define WEIR_ENGINE_PRESENCE_H

// Which records came in a pass: a bit a home id, so that ten million records are little more than a megabyte. At the
// end of a proven full listing the links without their bit are those whose record is gone.

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct presence {
    uint64_t *words;
    size_t word_count;
    int64_t count; // of the ids marked
    bool broken;   // an id past PRESENCE_ID_MAX, or a pass that was resumed: nothing can be told from it
};

enum { PRESENCE_ID_MAX = 1 << 30 };

void presence_init(struct presence *presence);
void presence_clear(struct presence *presence);
bool presence_mark(struct presence *presence, int64_t home, struct error *error);
bool presence_has(const struct presence *presence, int64_t home);

#endif

#ifndef WEIR_SOURCE_SOURCE_CSV_POSITION_H
#define WEIR_SOURCE_SOURCE_CSV_POSITION_H

// Where a pass over CSV files stands, as a text: "v1 FILE OFFSET LINE IDENTITY HEADER". FILE is its place in the list,
// OFFSET counts decoded bytes; HEADER is "-" in a file that was not begun.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/text.h"

struct csv_position {
    size_t index;
    bool started;
    uint64_t offset;
    uint64_t line;
    struct print identity; // of all files
    struct print header;   // of this one
};

// False only when out of memory.
bool csv_position_write(const struct csv_position *position, struct arena *arena, struct text *out);

// False when it is no such text.
bool csv_position_read(struct text text, struct csv_position *out);

#endif

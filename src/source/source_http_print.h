#ifndef WEIR_SOURCE_SOURCE_HTTP_PRINT_H
#define WEIR_SOURCE_SOURCE_HTTP_PRINT_H

// The fingerprint of a record of a web API: of what it says, its names in any order (servers change it), numbers as
// they are written (1.0 is not 1). Reading, and reading back after a write, use this one function, so that what was
// written is known again when it is read. Nothing here allocates or fails.

#include <stdint.h>

#include "base/hash.h"
#include "model/value.h"

enum { HTTP_PRINT_SHAPES = 4, HTTP_PRINT_NAMES = 64 };

// The hashes of the names of shapes met lately: a page's records mostly share one shape. Zeroed is empty. Zero it when
// the arena of the shapes is reset.
struct http_print_shapes {
    struct http_print_names {
        const struct shape *shape;
        uint64_t seeds[HTTP_PRINT_NAMES];
    } recent[HTTP_PRINT_SHAPES];
    unsigned next;
};

// `shapes` may be NULL.
struct print http_print(const struct object *record, uint64_t seed, struct http_print_shapes *shapes);

#endif

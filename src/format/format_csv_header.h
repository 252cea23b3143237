#ifndef WEIR_FORMAT_CSV_HEADER_H
#define WEIR_FORMAT_CSV_HEADER_H

// The names of a CSV's columns: checked, and made into the shape that all rows share. Part of format_csv.

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/hash.h"
#include "model/value.h"

// Checks that the names are there, different, not empty, and UTF-8 without NUL: ERROR_CSV_HEADER names the columns at
// fault. The shape and its names are copied into `arena`.
bool csv_header_shape(const struct text *names, size_t count, struct arena *arena, const struct shape **out,
                      struct error *error);

// Whether a shape has just these names in this order.
bool csv_header_same(const struct shape *shape, const struct text *names, size_t count);

// What a row's bytes mean: the names in their order, and the delimiter and quote between them.
struct print csv_header_print(const struct shape *shape, char delimiter, char quote, uint64_t seed);

#endif

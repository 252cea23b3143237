#ifndef WEIR_BASE_UNIT_H
#define WEIR_BASE_UNIT_H

// Spans and sizes as people write them.

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

// "90s", "15m", "6h", "1d", "2w", "250ms": a whole number and a unit, above zero. False when it is none.
bool span_read(struct text text, int64_t *span_us);

// "512", "100kB", "4MB", "1GB" (powers of 1000), "64KiB", "8MiB" (of 1024), in bytes, above zero.
bool size_read(struct text text, int64_t *bytes);

#endif

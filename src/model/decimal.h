#ifndef WEIR_MODEL_DECIMAL_H
#define WEIR_MODEL_DECIMAL_H

// Decimals as text, exact whatever their size. A decimal's text is a JSON number.

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"

enum { DECIMAL_BYTES_MAX = 512, DECIMAL_EXPONENT_MAX = 9999 };

// Whether the text is a JSON number within the limits above: its exponent as it is written, and as it would be with
// one digit before the point, so that decimal_plain stays within them too.
bool decimal_check(struct text text);

// The order of two numbers: below, at or above 0. Both must pass decimal_check.
int decimal_compare(struct text a, struct text b);

// The shortest plain form: "12.50" -> "12.5", "1e3" -> "1000", "-0.0" -> "0"; numbers whose plain form would be
// longer than DECIMAL_BYTES_MAX keep an exponent. Equal numbers have the same form. False only when out of memory.
bool decimal_plain(struct arena *arena, struct text text, struct text *out);

// Reads a number the way people write it in files: white space around it and a leading + are allowed, "5." and ".5"
// too, and zeros in front; no grouping, no comma. Gives the JSON number, which is the text itself when it is one. False
// when it is none; out of memory is false too, and only then out->data is NULL.
bool decimal_read(struct arena *arena, struct text text, struct text *out);

#endif

#ifndef WEIR_ENGINE_CONVERT_H
#define WEIR_ENGINE_CONVERT_H

// The conversions that a rule may ask for: time, number, text, bool, map, reference. Each takes the rule's input and
// gives the value for home's field; an empty text is empty for all but plain texts and JSON.

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "port/sync.h"

bool convert(const struct rule *rule, const struct field *field, const struct value *input, struct arena *arena,
             struct value *out, struct error *error);

#endif

#ifndef WEIR_FORMAT_JSON_H
#define WEIR_FORMAT_JSON_H

// JSON for records: strict and exact. Integers that fit 64 bits are integers, every other number keeps its text, a
// `\u0000` is a NUL in a text, duplicate keys are refused, UTF-8 is checked, lone surrogates are refused, depth and
// sizes are bounded. (cJSON gets these wrong, which is why it is for small documents only; vendor/README.md.)

#include <stdbool.h>

#include "base/buffer.h"
#include "base/error.h"
#include "model/value.h"

enum { JSON_DEPTH_MAX = 64 };

enum { JSON_SHAPES = 8 };

// Remembers the shapes of earlier objects, so that objects with the same names share one. The shapes live in the arena
// that was read into: zero this when that is reset. A zeroed one is empty.
struct json_shapes {
    const struct shape *recent[JSON_SHAPES];
    bool plain[JSON_SHAPES]; // no name needs an escape, so that names can be compared before they are read
    unsigned next;
};

// Reads the whole of `text` as one value (white space around it allowed, nothing else behind it). The value's texts
// are copied into `arena` only where an escape makes that necessary: `text` must live as long as the value. `shapes`
// may be NULL. `error` names the byte offset in its place.
bool json_read(struct text text, struct arena *arena, struct json_shapes *shapes, struct value *out,
               struct error *error);

// Appends the value as compact JSON. Missing fields are left out; a bare MISSING is null. Texts must be UTF-8. Check
// buffer->failed at the end.
void json_write(struct buffer *buffer, const struct value *value);

// The same with members in the order of their names and decimals plain, so that equal values have equal bytes.
bool json_write_canonical(struct buffer *buffer, const struct value *value, struct arena *scratch);

#endif

#ifndef WEIR_FORMAT_JSON_READER_H
#define WEIR_FORMAT_JSON_READER_H

// What the parts of the JSON reader share; for format_json*.c alone. The members and items of everything that is
// still open stand on one stack of slots and move to the arena when their object or list ends, in one piece.

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "format/format_json.h"
#include "model/value.h"

struct json_slot {
    struct text name; // of an object's member
    struct value value;
};

struct json_reader {
    const char *begin;
    const char *at;
    const char *end;
    struct arena *arena;
    struct json_shapes *shapes; // may be NULL
    struct error *error;
    unsigned depth;
    struct json_slot *slots;
    size_t count;
    size_t capacity;
};

// Sets an error at a byte of the text. Always returns false.
bool json_fail(struct json_reader *reader, const char *at, enum error_code code, const char *message);

// Reads a string whose opening quote is passed already.
bool json_string(struct json_reader *reader, struct text *out);

// The shape of the `count` slots from `base` on: one of the recent ones, or a new one without repeated names.
bool json_shape(struct json_reader *reader, size_t base, size_t count, const struct shape **out);

// A recent plain shape that starts with the names of the slots from `base` on and then `name`; NULL when there is none.
const struct shape *json_guess(const struct json_reader *reader, size_t base, size_t count, struct text name);

#endif

#ifndef WEIR_MODEL_VALUE_H
#define WEIR_MODEL_VALUE_H

// A value that flows: null, bool, 64-bit integer, decimal kept as its text, text, list, object. Sixteen bytes; what
// it points to lives in an arena (a batch's or a run's) and is never changed once it is shared.
//
// MISSING is not null: a field that is missing was not said anything about (home leaves its own alone), a field that
// is null was said to be empty (home clears its own).
//
//    kind      length            as
//    MISSING   0                 -
//    NULL      0                 -
//    BOOL      0                 boolean
//    INTEGER   0                 integer
//    DECIMAL   bytes             text: an exact JSON number, "12.50", "1.0", "-3e-7", never NaN
//    TEXT      bytes             text: UTF-8, may hold NUL
//    LIST      items             items
//    OBJECT    0                 object

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/text.h"

enum value_kind {
    VALUE_MISSING,
    VALUE_NULL,
    VALUE_BOOL,
    VALUE_INTEGER,
    VALUE_DECIMAL,
    VALUE_TEXT,
    VALUE_LIST,
    VALUE_OBJECT,
};

struct object;

struct value {
    uint32_t kind; // enum value_kind
    uint32_t length;
    union {
        bool boolean;
        int64_t integer;
        const char *text;
        const struct value *items;
        const struct object *object;
    } as;
};

// The names of an object's fields, in order and without repeats. Objects of one source mostly have the same names:
// they share one shape, so that a field's place is looked up once and not once a record.
struct shape {
    uint32_t count;
    const struct text *names;
};

struct object {
    const struct shape *shape;
    struct value *values; // shape->count of them
};

#define SHAPE_NONE UINT32_MAX

static inline struct value value_null(void) {
    return (struct value){.kind = VALUE_NULL};
}
static inline struct value value_bool(bool boolean) {
    return (struct value){.kind = VALUE_BOOL, .as.boolean = boolean};
}
static inline struct value value_integer(int64_t integer) {
    return (struct value){.kind = VALUE_INTEGER, .as.integer = integer};
}
static inline struct value value_text(struct text text) {
    return (struct value){.kind = VALUE_TEXT, .length = (uint32_t)text.length, .as.text = text.data};
}
static inline struct value value_decimal(struct text text) {
    return (struct value){.kind = VALUE_DECIMAL, .length = (uint32_t)text.length, .as.text = text.data};
}
static inline struct value value_object(const struct object *object) {
    return (struct value){.kind = VALUE_OBJECT, .as.object = object};
}
static inline struct value value_list(const struct value *items, size_t count) {
    return (struct value){.kind = VALUE_LIST, .length = (uint32_t)count, .as.items = items};
}
// Of a TEXT or a DECIMAL.
static inline struct text value_slice(const struct value *value) {
    return (struct text){value->as.text, value->length};
}
// Missing or null.
static inline bool value_empty(const struct value *value) {
    return value->kind <= VALUE_NULL;
}

const char *value_kind_name(enum value_kind kind); // "null", "integer", ... as a user would say it

enum { VALUE_SHOW_MAX = 192 };

// A value for a message, on one line: 12.50, 'a text cut to 40 characters…', a list. Returns `out`.
const char *value_show(const struct value *value, char out[VALUE_SHOW_MAX]);

// The place of a name in a shape, or SHAPE_NONE.
uint32_t shape_find(const struct shape *shape, struct text name);

// An object's field, or NULL when it has no such name or the field is missing.
const struct value *object_find(const struct object *object, struct text name);

// A member of a kind, where it is there and of that kind; else an empty text, 0, false. A NULL object has none.
struct text object_text(const struct object *object, const char *name);
int64_t object_integer(const struct object *object, const char *name);
bool object_bool(const struct object *object, const char *name);

// A deep copy into an arena; shapes are copied too. False only when out of memory.
bool value_copy(struct arena *arena, const struct value *source, struct value *out);

// Whether two values say the same: decimals and integers by their number (12.50 = 12.5), objects in any order of
// names, missing fields of objects as if they weren't named.
bool value_same(const struct value *a, const struct value *b);

// A fingerprint of what a value says, the same wherever and whenever it is taken; names in the order they stand.
struct print value_print(const struct value *value);

// A field of a field: {"geo", "lat"}. One name is the usual case.
struct path {
    const struct text *names;
    size_t count;
};

// What stands at a path, or NULL when nothing does (or something on the way is no object).
const struct value *path_find(const struct object *object, const struct path *path);

#endif

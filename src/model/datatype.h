#ifndef WEIR_MODEL_DATATYPE_H
#define WEIR_MODEL_DATATYPE_H

// A kind of record and its declared fields. A datatype is declared once, in Lua, and shared; home's tables and the
// checks of every value that enters home come from it. It lives in the arena of the script that declared it (or of
// the home that remembers it) and doesn't change.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "model/value.h"

enum field_type {
    FIELD_TEXT,    // VALUE_TEXT, no NUL
    FIELD_INTEGER, // VALUE_INTEGER
    FIELD_DECIMAL, // VALUE_DECIMAL, the text as it came
    FIELD_BOOL,    // VALUE_BOOL
    FIELD_TIME,    // VALUE_INTEGER: microseconds since 1970 UTC
    FIELD_JSON,    // anything but missing
    FIELD_REF,     // VALUE_INTEGER: the home id of a record of `target`;
                   // until it is resolved: VALUE_LIST of three texts {datasource, datatype, external id}
};

struct field {
    struct text name;
    enum field_type type;
    bool required;
    struct value fallback; // VALUE_MISSING when there is none; taken when a new record says nothing
    struct text target;    // FIELD_REF: the datatype it refers to
};

// A field that is computed from the record and from those it refers to.
struct derive {
    uint32_t field;
    uint32_t function; // the mapper's number; DERIVE_ELSEWHERE when the datatype comes from home's memory
};

enum { DERIVE_ELSEWHERE = UINT32_MAX >> 1 };

enum { DATATYPE_FIELDS_MAX = 500, DATATYPE_NAME_MAX = 60 };

struct datatype {
    struct text name;
    const struct field *fields;
    size_t count;
    const struct shape *shape; // the fields' names in the same order
    const uint32_t *key;       // the natural key: places of fields; may be empty
    size_t key_count;
    const struct derive *derives;
    size_t derive_count;
    bool keeps_extra; // undeclared fields go to `extra`; else they are refused
};

const char *field_type_name(enum field_type type); // "text", "integer", …
bool field_type_find(struct text name, enum field_type *out);

// A name that may be a datatype's or a field's: a letter, then letters, digits and _, at most DATATYPE_NAME_MAX, and
// for fields none of home's own (id, seq, origin, extra). `error` says what is wrong.
bool datatype_name_check(struct text name, bool is_field, struct error *error);

// Takes a value into a field: checks it and gives it the field's form ("12" into an integer field is 12, 12 into a
// text field is "12", an ISO 8601 text into a time field its microseconds, a decimal without a fraction into an
// integer field is that integer). Only changes that lose nothing are made; all else is ERROR_FIELD_TYPE, with the
// value (cut) and the field in the message. MISSING and NULL pass as they are. FIELD_REF takes an integer, or the
// unresolved list.
bool field_take(const struct field *field, const struct value *in, struct arena *arena, struct value *out,
                struct error *error);

// Whether every required field has a value: ERROR_FIELD_REQUIRED otherwise, naming the field.
bool datatype_complete(const struct datatype *datatype, const struct value *fields, struct error *error);

// Whether two values of a field are the same to home (decimals by number, JSON by meaning; missing as null).
bool field_same(const struct field *field, const struct value *a, const struct value *b);

#endif

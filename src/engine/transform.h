#ifndef WEIR_ENGINE_TRANSFORM_H
#define WEIR_ENGINE_TRANSFORM_H

// From a source's record to home's forms. Declared fields are moved here in C; the mapper is asked for the derived
// ones alone. A form is checked against its datatype, its references still named by external ids.

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "model/record.h"
#include "port/sync.h"

// One home record to be. Fields are in the datatype's order; MISSING means that nothing was said.
struct form {
    const struct datatype *datatype;
    struct value *fields;
    struct value extra; // an object, or missing
};

struct formed {
    bool skipped;
    struct text reason;
    struct form *forms;
    size_t count;
};

// Where the fields of one shape stand in one datatype.
struct binding {
    const struct shape *shape;
    const struct datatype *datatype;
    uint32_t *places;
    size_t capacity;
};

// Remembers where the rules' fields stand in the shape met last. One a flow.
struct transformer {
    const struct sync *sync;
    const struct sync_type *type;
    const struct shape *shape; // the places below are of this shape
    uint32_t *places;          // a rule's first path -> its place in the shape
    uint32_t *rests;           // a shape's field -> the datatype's field it is copied to, or SHAPE_NONE
    bool *used;                // a shape's field is the input of some rule
    size_t rest_capacity;
    struct binding returned; // of what the record function gave last
    struct arena arena;
};

bool transformer_init(struct transformer *transformer, const struct sync *sync, const struct sync_type *type,
                      struct error *error);
void transformer_clear(struct transformer *transformer);

// Begins a page: shapes met in the page before may be gone.
void transformer_page(struct transformer *transformer);

// Makes the forms of one record in `arena`. An error of scope RECORD is the record's own: a dead letter. Its place
// names the field.
bool transformer_form(struct transformer *transformer, const struct object *record, struct arena *arena,
                      struct formed *out, struct error *error);

// A form from an object whose names are home's fields, as edits and held records have it.
bool form_take(const struct datatype *datatype, const struct object *object, struct arena *arena, struct form *out,
               struct error *error);

// A form's fields as an object, empty ones left out: what a dead letter or a held record keeps.
bool form_object(const struct form *form, struct arena *arena, struct value *out);

#endif

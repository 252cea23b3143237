#ifndef WEIR_SOURCE_SOURCE_HTTP_TEMPLATE_H
#define WEIR_SOURCE_SOURCE_HTTP_TEMPLATE_H

// Paths, queries and bodies with placeholders, as source_http_option.h says how they work. A text that stands between
// braces and is no name ({"a":1}) stands for itself. Nothing is kept: what is written lives in the caller's buffer or
// arena, or is a part of the template.

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "model/value.h"

// A placeholder's value. MISSING: it has none now, and what needs it is left out.
struct http_field {
    struct text name;
    struct value value;
};

// What the placeholders mean: first the fields by their names, then the members of `parent`. A name that is in neither,
// or null in the parent, is ERROR_FIELD_REQUIRED: leaving a filter out would ask for everything.
struct http_scope {
    const struct http_field *fields;
    size_t count;
    const struct object *parent; // NULL: none
};

// Appends a path with its placeholders filled in and percent-encoded. One without a value is ERROR_HTTP_REQUEST.
bool http_template_path(struct text path, const struct http_scope *scope, struct buffer *out, struct error *error);

// Appends one parameter to a URL: ? or &, the name and the value percent-encoded. Lists and objects are written as
// JSON; a MISSING value appends nothing.
bool http_template_param(struct text name, const struct value *value, struct buffer *out, struct error *error);

// Appends the parameters of a query (an object: names to texts, numbers, or tables that are written as JSON; or
// MISSING) to a URL. `arena` is scratch.
bool http_template_query(const struct value *query, const struct http_scope *scope, struct arena *arena,
                         struct buffer *out, struct error *error);

// The value with its placeholders filled in; MISSING when it is left out.
bool http_template_value(const struct value *template, const struct http_scope *scope, struct arena *arena,
                         struct value *out, struct error *error);

// Whether {name} stands anywhere in the value, names included.
bool http_template_holds(const struct value *template, const char *name);

// What an external id gives the placeholders: {id}, and its parts by the names of the key's fields (the last name of a
// path). A part that is called "id" is {id}; else {id} is the whole external id. `out` has room for key_count + 1.
bool http_template_id(struct text external, const struct path *key, size_t key_count, struct arena *arena,
                      struct http_field *out, size_t *count, struct error *error);

#endif

#ifndef WEIR_SOURCE_SOURCE_HTTP_TYPE_H
#define WEIR_SOURCE_SOURCE_HTTP_TYPE_H

// A type's options as reading uses them, checked for what only reading knows. Everything points into the options or
// into the arena it was read into.

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "port/source.h"
#include "source/source_http_path.h"

enum http_format { HTTP_JSON, HTTP_JSONL, HTTP_CSV };

// A field of the parent that every record gets.
struct http_with {
    struct text name;
    struct path path;
};

struct http_type {
    const struct object *options;
    struct text name;
    struct text path;
    bool is_post;
    struct value query;
    struct value body;
    enum http_format format;
    struct path records;
    const struct object *page; // the pager's options; NULL: all in one answer
    struct http_ok ok;

    struct path cursor;
    struct text cursor_format;
    struct text since; // the query parameter, or empty
    struct text until;
    int64_t overlap_us;
    bool refuses_missing; // records without a cursor
    bool asks_since;      // the watermark is a part of the request
    bool asks_until;

    const struct object *each; // the parent type's options; NULL: none
    struct text each_name;
    const struct http_with *with;
    size_t with_count;
    bool lookup;
    struct value only; // a list of texts; MISSING: all
    struct text ids;
    size_t ids_max;
    bool asks_ids;  // several ids a request
    bool asks_one;  // one id a request
    bool adds_path; // ... whose path is the type's with the id behind it
    struct path gone;
};

bool http_type_read(const struct source_setup *setup, struct arena *arena, struct http_type *out, struct error *error);

// source_type.gone: by the type's option `gone`.
bool http_type_gone(const struct object *options, const struct object *record, bool *gone, struct error *error);

// Whether {name} stands in the type's path, query or body.
bool http_type_holds(const struct http_type *type, const char *name);

#endif

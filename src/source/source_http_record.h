#ifndef WEIR_SOURCE_SOURCE_HTTP_RECORD_H
#define WEIR_SOURCE_SOURCE_HTTP_RECORD_H

// From an element of an answer to a record of the batch: what the parent gives it, its print, whether it is gone,
// whether it takes part at all, and what its cursor says.

#include <stdbool.h>

#include "base/error.h"
#include "base/map.h"
#include "model/record.h"
#include "source/source_http_cursor.h"
#include "source/source_http_listing.h"
#include "source/source_http_print.h"
#include "source/source_http_request.h"
#include "source/source_http_type.h"

enum { HTTP_WIDE_SHAPES = 4 };

struct http_maker {
    const struct http_type *type;
    const struct path *key;
    size_t key_count;
    uint64_t seed;
    struct http_cursor *cursor;
    struct http_listing *listing;
    struct map only; // the chosen ids; empty: all take part
    uint64_t left;   // records that came and don't take part
    uint64_t refused;

    // Of the batch in hand: zeroed when its arena is reset.
    struct http_print_shapes shapes;
    struct {
        const struct shape *from;
        const struct shape *to;
    } wide[HTTP_WIDE_SHAPES]; // shapes with the parent's fields
    unsigned wide_next;
    struct object last; // the record taken last; shape NULL: none
    struct print print; // of the element taken last
};

bool http_maker_init(struct http_maker *maker, const struct http_type *type, struct error *error);
void http_maker_clear(struct http_maker *maker);
void http_maker_batch(struct http_maker *maker); // another batch begins

// Appends a record to the batch, or a reject, or nothing: what takes no part, and what the page before has given just
// so. `raw` is the element for a reject, and may be empty; a CSV row has its print already.
struct http_given {
    struct object fields;
    struct text raw;
    uint64_t line;
    const struct print *row; // NULL: the print is made here
};
bool http_maker_take(struct http_maker *maker, const struct http_subject *subject, const struct http_given *given,
                     struct batch *batch, struct error *error);

// Appends a reject for something that is no record.
bool http_maker_reject(struct http_maker *maker, struct text raw, uint64_t line, enum error_code code,
                       const char *reason, struct batch *batch, struct error *error);

#endif

#ifndef WEIR_SOURCE_SOURCE_HTTP_WALK_H
#define WEIR_SOURCE_SOURCE_HTTP_WALK_H

// Whom the lists of a pass are about, one after the other: the type as a whole, chosen ids (some a request, or one by
// one), or the records of another type (`each`), which are read by a source of their own and held a page at a time.

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "port/source.h"
#include "source/source_http_request.h"
#include "source/source_http_type.h"

struct http_walk {
    const struct http_type *type;
    const struct path *key;
    size_t key_count;

    size_t count; // subjects in hand

    // each
    struct arena arena;
    struct source *parents;
    struct batch batch;
    struct buffer position; // of the parents' source, before the batch
    bool last;              // no parents follow
    bool partial;           // not all parents could be asked
};

// `position` is where an earlier pass of the parents stood; empty for the beginning. Nothing is left open on false.
bool http_walk_open(struct http_walk *walk, const struct source_setup *setup, const struct http_type *type,
                    struct text position, struct error *error);
void http_walk_clear(struct http_walk *walk);

// Gets the next subjects in hand, when those in hand are done. `end` says that there are none.
bool http_walk_more(struct http_walk *walk, bool *end, struct error *error);

// A subject in hand. Its texts live in `arena`.
bool http_walk_subject(const struct http_walk *walk, size_t index, struct arena *arena, struct http_subject *out,
                       struct error *error);

// Whether a subject is passed over: a parent that is gone.
bool http_walk_skips(const struct http_walk *walk, size_t index);

// What a reject says about a subject: the parent's record or the id, as JSON, in the arena.
bool http_walk_raw(const struct http_walk *walk, size_t index, struct arena *arena, struct text *out,
                   struct error *error);

#endif

#ifndef WEIR_FORMAT_JSON_STREAM_H
#define WEIR_FORMAT_JSON_STREAM_H

// Takes a JSON body apart while it comes: the elements of the list that stands at a path are given one by one, as
// bytes for json_read; what is around the list, the envelope, is kept (at most JSON_ENVELOPE_MAX, the list itself left
// empty) and read strictly at the end. So no more of a body is held than the element in hand, and still a body with a
// wrong shape, something behind its end, or without one is an error.
//
//    {"count":2,"results":[{"id":1},{"id":2}],"next":null}     path: results
//                          ---1----  ---2----
//    envelope: {"count":2,"results":[],"next":null}
//
// A splitter is used by one thread for one body after the other. It owns nothing but its own memory; the stream and
// the arena are the caller's.

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "format/format_feed.h"
#include "format/format_stream.h"
#include "model/value.h"

enum { JSON_ENVELOPE_MAX = 1024 * 1024 };

struct json_stream;

// `path` must outlive the splitter; one without names means the body itself. With `lone`, an object where the list
// should be counts as a list of that one. False only when out of memory.
bool json_stream_open(const struct path *path, bool lone, struct json_stream **out, struct error *error);
void json_stream_close(struct json_stream *splitter); // accepts NULL; leaves the stream alone

// Begins a body.
void json_stream_start(struct json_stream *splitter, struct stream *stream);

enum json_found {
    JSON_ELEMENT, // a whole one
    JSON_LONG,    // one over FEED_PIECE_MAX: its first bytes
    JSON_END,     // the body has ended, and its envelope is JSON
};

// Gives the next element. Its bytes stand in the arena; that they are JSON is for json_read to say. An error is the
// stream's own, or ERROR_JSON_SYNTAX and ERROR_LIMIT about what stands around the elements.
bool json_stream_next(struct json_stream *splitter, struct arena *arena, enum json_found *found, struct text *bytes,
                      struct error *error);

// Must be called before the arena is reset: keeps what was read and not yet given.
bool json_stream_leave(struct json_stream *splitter, struct error *error);

// After JSON_END: what stands around the list. `listed` says whether the list was there at all. The value lives in the
// arena.
bool json_stream_envelope(struct json_stream *splitter, struct arena *arena, struct value *out, bool *listed,
                          struct error *error);

#endif

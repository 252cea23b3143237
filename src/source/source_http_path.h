#ifndef WEIR_SOURCE_SOURCE_HTTP_PATH_H
#define WEIR_SOURCE_SOURCE_HTTP_PATH_H

// Where something stands in an answer, as an option says it: a field's name, the list of names that weir.path is, or
// "header:X-Total". And the small questions that reading and writing ask of what stands there. Paths point into the
// option's own texts, or into the arena.

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "model/value.h"

struct http_place {
    struct path path;   // in the body; names NULL when it is no path
    const char *header; // or the name of a header, NUL-terminated; NULL when it is none
};

static inline bool http_place_given(const struct http_place *place) {
    return place->path.names != NULL || place->header != NULL;
}

// Reads a path. A missing option gives a path without names (names NULL, count 0). `key` is the option's, for messages.
bool http_path_read(const struct value *option, const char *key, struct arena *arena, struct path *out,
                    struct error *error);

// The same, or a header.
bool http_place_read(const struct value *option, const char *key, struct arena *arena, struct http_place *out,
                     struct error *error);

// The path as people write it, for messages: data.items. Returns `room`.
enum { HTTP_PATH_SHOW_MAX = 120 };
const char *http_path_show(const struct path *path, char room[HTTP_PATH_SHOW_MAX]);

// Whether a value says yes: anything but nothing, null, false and an empty text. `value` may be NULL.
bool http_is_set(const struct value *value);

// What makes an answer a success beside its status: the option `ok` of a type or of an endpoint.
struct http_ok {
    struct path path; // names NULL: nothing is asked
    struct value is;  // MISSING: it only must be set
};
bool http_ok_read(const struct object *options, struct arena *arena, struct http_ok *out, struct error *error);

// Whether the body says that it went well; ERROR_HTTP_SHAPE, with what it says instead, otherwise. `body` may be any
// value.
bool http_ok_check(const struct http_ok *ok, const struct value *body, struct error *error);

// A setting that a script may have left out, as its list's fallback has it. Tests and the demo give settings that no
// script has completed.
int64_t http_option_integer(const struct object *settings, const char *key, int64_t fallback);

#endif

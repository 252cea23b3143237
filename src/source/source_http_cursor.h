#ifndef WEIR_SOURCE_SOURCE_HTTP_CURSOR_H
#define WEIR_SOURCE_SOURCE_HTTP_CURSOR_H

// The field that says when a record changed last, and the highest value of it met in a pass: the next watermark. It is
// kept as the source's own text, and compared as what it is: numbers by their number, times by the type's
// cursor_format, all else bytewise. Our clock never makes a watermark; it only says which times can't be true: one that
// is more than a day in the future is read like any other, and doesn't move the watermark.

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/error.h"
#include "model/value.h"

enum { HTTP_CURSOR_BYTES_MAX = 4096 };

struct http_cursor {
    struct path path;   // names NULL: the type has none
    struct text format; // empty: it is no time
    int64_t future_us;  // from here on a time is not believed
    struct buffer high; // the highest so far; empty: none
    int64_t high_us;
    uint64_t missing; // records without one
    uint64_t future;  // records with one that isn't believed
};

// One record's.
struct http_mark {
    struct text text; // empty: it has none
    int64_t us;       // by the format
    bool is_future;
};

void http_cursor_init(struct http_cursor *cursor, const struct path *path, struct text format,
                      const struct clock *clock);
void http_cursor_clear(struct http_cursor *cursor);

// The record's cursor. `digits` holds an integer's text. One that is no text and no number, that is too long, or that
// does not fit the format counts as missing.
struct http_mark http_cursor_mark(const struct http_cursor *cursor, const struct object *record,
                                  char digits[TEXT_INTEGER_MAX]);

// The same of a text, such as the watermark.
struct http_mark http_cursor_text(const struct http_cursor *cursor, struct text text);

// Below, at or above 0, as a is before, at or after b. Neither may be empty.
int http_cursor_compare(const struct http_cursor *cursor, const struct http_mark *a, const struct http_mark *b);

// Counts the record's cursor and keeps it when it is the highest.
bool http_cursor_take(struct http_cursor *cursor, const struct http_mark *mark, struct error *error);

// How the watermark is written into a request: whole numbers as numbers, so that they are ones in JSON too.
struct value http_cursor_value(struct text text, struct text format);

// The watermark less an overlap, by the format, appended.
bool http_cursor_back(struct text since, struct text format, int64_t overlap_us, struct buffer *out,
                      struct error *error);

#endif

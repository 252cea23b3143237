#ifndef WEIR_SOURCE_SOURCE_HTTP_KNOWN_H
#define WEIR_SOURCE_SOURCE_HTTP_KNOWN_H

// Which records a list has had, for pages that don't overlap: whether one came twice in this reading of it, and whether
// all that came in the reading before came again. A sum of all prints can be written down and goes on with a position;
// the prints themselves are in memory, eight bytes a record and some, up to a bound. Of a list that is longer, or that
// was begun in an earlier pass, the sum alone is known: it is `blind`.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"

enum { HTTP_KNOWN_PARTS = 64 };

// A table of its own for each part of the prints: one grows at a time, so that there are never two of all of it.
struct http_known_part {
    uint64_t *slots;
    size_t room;
    size_t filled;
};

struct http_known {
    struct http_known_part parts[HTTP_KNOWN_PARTS];
    size_t bytes;
    uint64_t now;     // of this reading, each once
    uint64_t before;  // of the reading before, each once
    uint64_t again;   // of those, which came in this one too
    struct print sum; // of all prints of this reading
    struct print sum_before;
    bool has_before;
    bool repeated;       // a record came twice in this reading
    bool blind;          // of this reading not all is known
    bool was_incomplete; // the one before was blind or had a record twice
};

void http_known_clear(struct http_known *known); // another list
void http_known_again(struct http_known *known); // the same one, once more

bool http_known_take(struct http_known *known, struct print id, struct error *error);

// This reading had just what the one before had, record for record, in any order.
bool http_known_is_same(const struct http_known *known);
// Nothing has gone since the reading before, and neither had a record twice.
bool http_known_holds_all(const struct http_known *known);

#endif

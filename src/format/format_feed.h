#ifndef WEIR_FORMAT_FEED_H
#define WEIR_FORMAT_FEED_H

// Bytes of a stream as they are taken apart: read straight into an arena, so that what is found in them is a slice and
// no copy. For readers that look for one piece after the other (an element, a line).
//
//    block: |given|start: piece in hand ...|at: looked at|length: read so far|size|

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "format/format_stream.h"

enum {
    FEED_PIECE_MAX = 4 * 1024 * 1024,
    FEED_PIECE_KEPT = 64 * 1024, // of a longer one
};

struct feed {
    struct stream *stream;
    bool ended;   // the stream gave its proven end
    bool is_long; // the piece in hand is over the limit: only its first bytes stay
    char *block;  // NULL between two pages
    size_t size;
    size_t start;
    size_t at;
    size_t length;
    struct buffer carry; // between two pages: what stood from `start` on
};

void feed_init(struct feed *feed);
void feed_clear(struct feed *feed);
void feed_start(struct feed *feed, struct stream *stream); // begins a stream, in the arena of the one before

// Brings more bytes behind `length`: those that the last page left, or the stream's next ones. `ended` is set when
// there are none. The block may move; `start` and `at` move with it.
bool feed_more(struct feed *feed, struct arena *arena, struct error *error);

// The piece from `start` to `at`, or the first bytes of one that was too long; the next one starts at `at`. Says
// whether it is whole.
bool feed_take(struct feed *feed, struct text *bytes);

// Must be called before the arena is reset: keeps what was read and not yet given.
bool feed_leave(struct feed *feed, struct error *error);

#endif

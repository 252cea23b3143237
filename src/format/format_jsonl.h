#ifndef WEIR_FORMAT_JSONL_H
#define WEIR_FORMAT_JSONL_H

// JSON lines: one value a line. The lines of a stream are given one by one, as bytes for json_read; empty ones are
// passed. Lines end with LF or CRLF, and the last one needs no end. The stream and the arena are the caller's.

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "format/format_feed.h"

struct jsonl_reader {
    struct feed feed;
    uint64_t line; // of the line given last, from 1
};

enum jsonl_found {
    JSONL_LINE,
    JSONL_LONG, // one over FEED_PIECE_MAX: its first bytes
    JSONL_END,
};

void jsonl_init(struct jsonl_reader *reader);
void jsonl_clear(struct jsonl_reader *reader);
void jsonl_start(struct jsonl_reader *reader, struct stream *stream); // begins a stream

// Gives the next line, without its end; its bytes stand in the arena. Errors are the stream's.
bool jsonl_next(struct jsonl_reader *reader, struct arena *arena, enum jsonl_found *found, struct text *bytes,
                struct error *error);

// Must be called before the arena is reset.
bool jsonl_leave(struct jsonl_reader *reader, struct error *error);

#endif

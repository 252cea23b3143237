#ifndef WEIR_FORMAT_STREAM_H
#define WEIR_FORMAT_STREAM_H

// Bytes that come one piece after the other: a file, what it inflates to, what that decodes to. A stream that stands
// on another one owns it and closes it. Readers of formats take any stream, so that a format and the place its bytes
// come from are chosen apart. A stream is used by one thread.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

struct stream {
    const struct stream_type *type;
};

struct stream_type {
    // Must put 1 to `room` bytes into `into` and say how many; 0 is the proven end. A stream that only stops (a cut
    // file, a lost connection) gives an error instead. `room` is at least 1.
    bool (*read)(struct stream *stream, char *into, size_t room, size_t *got, struct error *error);

    // May be NULL. Must go `count` bytes on without giving them. Past the end is ERROR_SOURCE_CHANGED. Says false
    // with `able` false, and without an error, when only reading gets there.
    bool (*skip)(struct stream *stream, uint64_t count, bool *able, struct error *error);

    // Must free everything, the stream below too. Never fails.
    void (*close)(struct stream *stream);
};

bool stream_read(struct stream *stream, char *into, size_t room, size_t *got, struct error *error);

// Goes `count` bytes on, by reading where there is no shorter way.
bool stream_skip(struct stream *stream, uint64_t count, struct error *error);

void stream_close(struct stream *stream); // accepts NULL

// A stream over bytes that outlive it. NULL only when out of memory.
struct stream *stream_of(struct text bytes);

#endif

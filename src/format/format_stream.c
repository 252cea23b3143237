#include "format/format_stream.h"

#include <assert.h>

#include "base/memory.h"

enum { SKIP_BYTES = 64 * 1024 };

bool stream_read(struct stream *stream, char *into, size_t room, size_t *got, struct error *error) {
    assert(room > 0);
    *got = 0;
    bool ok = stream->type->read(stream, into, room, got, error);
    assert(!ok || *got <= room);
    return ok;
}

static bool skip_by_reading(struct stream *stream, uint64_t count, struct error *error) {
    char *scratch = memory_take(SKIP_BYTES);
    if (scratch == NULL) {
        return error_memory(error);
    }
    bool ok = true;
    while (ok && count > 0) {
        size_t got = 0;
        ok = stream_read(stream, scratch, count < SKIP_BYTES ? (size_t)count : SKIP_BYTES, &got, error);
        if (ok && got == 0) {
            ok = error_set(error, ERROR_SOURCE_CHANGED, "the source is shorter than it was; run again to read it anew");
        }
        count -= got;
    }
    memory_free(scratch);
    return ok;
}

bool stream_skip(struct stream *stream, uint64_t count, struct error *error) {
    bool able = stream->type->skip != NULL;
    if (able && stream->type->skip(stream, count, &able, error)) {
        return true;
    }
    return able ? false : skip_by_reading(stream, count, error);
}

void stream_close(struct stream *stream) {
    if (stream != NULL) {
        stream->type->close(stream);
    }
}

struct text_bytes {
    struct stream stream;
    struct text left;
};

static bool bytes_read(struct stream *stream, char *into, size_t room, size_t *got, struct error *error) {
    (void)error;
    struct text_bytes *bytes = (struct text_bytes *)stream;
    *got = bytes->left.length < room ? bytes->left.length : room;
    if (*got > 0) {
        memcpy(into, bytes->left.data, *got);
    }
    bytes->left.data += *got;
    bytes->left.length -= *got;
    return true;
}

static void bytes_close(struct stream *stream) {
    memory_free(stream);
}

struct stream *stream_of(struct text bytes) {
    static const struct stream_type type = {bytes_read, NULL, bytes_close};
    struct text_bytes *made = memory_take(sizeof *made);
    if (made == NULL) {
        return NULL;
    }
    *made = (struct text_bytes){{&type}, bytes};
    return &made->stream;
}

#include "format/format_gzip.h"

#include <limits.h>
#include <zlib.h>

#include "base/memory.h"

enum { PACKED_BYTES = 64 * 1024, WINDOW_GZIP = 15 + 16 };

struct gzip {
    struct stream stream;
    struct stream *packed;
    z_stream inflater;
    bool between; // before the first member or behind one
    bool any;     // a member was seen
    bool ended;   // the packed stream gave its end
    unsigned char bytes[PACKED_BYTES];
};

static void *zlib_take(void *context, unsigned count, unsigned size) {
    (void)context;
    return memory_zero(count, size);
}

static void zlib_free(void *context, void *taken) {
    (void)context;
    memory_free(taken);
}

// Gets more packed bytes when none are left.
static bool gzip_fill(struct gzip *gzip, struct error *error) {
    if (gzip->inflater.avail_in > 0 || gzip->ended) {
        return true;
    }
    size_t got = 0;
    if (!stream_read(gzip->packed, (char *)gzip->bytes, PACKED_BYTES, &got, error)) {
        return false;
    }
    gzip->ended = got == 0;
    gzip->inflater.next_in = gzip->bytes;
    gzip->inflater.avail_in = (unsigned)got;
    return true;
}

// Behind a member: another one, zeros up to the end, or damage. `done` says that it was the end.
static bool gzip_next_member(struct gzip *gzip, bool *done, struct error *error) {
    *done = false;
    bool padding = false;
    for (;;) {
        if (!gzip_fill(gzip, error)) {
            return false;
        }
        if (gzip->inflater.avail_in == 0) {
            *done = gzip->any;
            return gzip->any || error_set(error, ERROR_GZIP, "the gzip file is empty; fetch it again");
        }
        if (*gzip->inflater.next_in != 0 || !gzip->any) {
            break;
        }
        padding = true;
        gzip->inflater.next_in++;
        gzip->inflater.avail_in--;
    }
    if (padding || (gzip->any && *gzip->inflater.next_in != 0x1F)) {
        return error_set(error, ERROR_GZIP, "something that is no gzip stands behind the gzip data; fetch it again");
    }
    if (inflateReset(&gzip->inflater) != Z_OK) {
        return error_set(error, ERROR_GZIP, "the gzip data cannot be read on");
    }
    gzip->between = false;
    return true;
}

static bool gzip_read(struct stream *stream, char *into, size_t room, size_t *got, struct error *error) {
    struct gzip *gzip = (struct gzip *)stream;
    unsigned limit = room < INT_MAX ? (unsigned)room : (unsigned)INT_MAX;
    gzip->inflater.next_out = (unsigned char *)into;
    gzip->inflater.avail_out = limit;
    while (gzip->inflater.avail_out == limit) {
        bool done = false;
        if (gzip->between && !gzip_next_member(gzip, &done, error)) {
            return false;
        }
        if (done) {
            break;
        }
        if (!gzip_fill(gzip, error)) {
            return false;
        }
        if (gzip->inflater.avail_in == 0) {
            return error_set(error, ERROR_GZIP, "the gzip file is cut short; fetch it again");
        }
        int result = inflate(&gzip->inflater, Z_NO_FLUSH);
        if (result == Z_STREAM_END) {
            gzip->between = true;
            gzip->any = true;
        } else if (result == Z_MEM_ERROR) {
            return error_memory(error);
        } else if (result != Z_OK && result != Z_BUF_ERROR) {
            return error_set(error, ERROR_GZIP, "the gzip file is damaged: %s; fetch it again",
                             gzip->inflater.msg != NULL ? gzip->inflater.msg : "unreadable");
        }
    }
    *got = limit - gzip->inflater.avail_out;
    return true;
}

static void gzip_close(struct stream *stream) {
    struct gzip *gzip = (struct gzip *)stream;
    inflateEnd(&gzip->inflater);
    stream_close(gzip->packed);
    memory_free(gzip);
}

bool gzip_open(struct stream *packed, struct stream **out, struct error *error) {
    static const struct stream_type type = {gzip_read, NULL, gzip_close};
    struct gzip *gzip = memory_zero(1, sizeof *gzip);
    if (gzip == NULL) {
        stream_close(packed);
        return error_memory(error);
    }
    gzip->stream.type = &type;
    gzip->packed = packed;
    gzip->between = true;
    gzip->inflater.zalloc = zlib_take;
    gzip->inflater.zfree = zlib_free;
    if (inflateInit2(&gzip->inflater, WINDOW_GZIP) != Z_OK) {
        stream_close(packed);
        memory_free(gzip);
        return error_memory(error);
    }
    *out = &gzip->stream;
    return true;
}

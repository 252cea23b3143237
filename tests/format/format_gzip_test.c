#include "format/format_gzip.h"

#include <zlib.h>

#include "base/buffer.h"
#include "test.h"

// Appends `text` as a gzip member.
static void pack(struct buffer *out, struct text text) {
    z_stream deflater = {0};
    CHECK(deflateInit2(&deflater, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    CHECK(buffer_reserve(out, deflateBound(&deflater, text.length)));
    deflater.next_in = (unsigned char *)(uintptr_t)text.data;
    deflater.avail_in = (unsigned)text.length;
    deflater.next_out = (unsigned char *)out->data + out->length;
    deflater.avail_out = (unsigned)(out->capacity - out->length);
    CHECK(deflate(&deflater, Z_FINISH) == Z_STREAM_END);
    out->length += deflater.total_out;
    deflateEnd(&deflater);
}

// Inflates the whole of `packed`, `room` bytes at a time.
static bool unpack(struct text packed, size_t room, struct buffer *out, struct error *error) {
    struct stream *stream = stream_of(packed);
    CHECK(stream != NULL);
    CHECK_OK(gzip_open(stream, &stream, error), error);
    char piece[4096];
    size_t got = 1;
    bool ok = true;
    buffer_reset(out);
    while (ok && got > 0) {
        ok = stream_read(stream, piece, room, &got, error);
        CHECK(!ok || buffer_append(out, piece, got));
    }
    stream_close(stream);
    return ok;
}

static struct buffer packed, plain;

static void setup(void) {
    buffer_init(&packed, 1 << 26);
    buffer_init(&plain, 1 << 24);
}

static void teardown(void) {
    buffer_clear(&packed);
    buffer_clear(&plain);
}

TEST(format_gzip, members_are_one_stream) {
    setup();
    struct error error;
    pack(&packed, text_of("id,name\n1,"));
    pack(&packed, text_of(""));
    pack(&packed, text_of("well\n"));
    buffer_append(&packed, "\0\0\0\0", 4); // padding of tapes
    for (size_t room = 1; room < 20; room++) {
        CHECK_OK(unpack(buffer_view(&packed), room, &plain, &error), &error);
        CHECK_TEXT(buffer_view(&plain), "id,name\n1,well\n");
    }
    teardown();
}

TEST(format_gzip, cut_anywhere) {
    setup();
    struct error error;
    pack(&packed, text_of("id,name\n1,well\n2,tank\n"));
    for (size_t length = 0; length < packed.length; length++) {
        CHECK(!unpack((struct text){packed.data, length}, 100, &plain, &error));
        CHECK_INT(error.code, ERROR_GZIP);
    }
    // Behind a whole member too.
    size_t whole = packed.length;
    pack(&packed, text_of("3,pump\n"));
    for (size_t length = whole + 1; length < packed.length; length++) {
        CHECK(!unpack((struct text){packed.data, length}, 100, &plain, &error));
        CHECK_INT(error.code, ERROR_GZIP);
    }
    teardown();
}

TEST(format_gzip, damage) {
    setup();
    struct error error;
    pack(&packed, text_of("id,name\n1,well\n2,tank\n"));
    packed.data[packed.length - 6] ^= 1; // of the checksum
    CHECK(!unpack(buffer_view(&packed), 100, &plain, &error));
    CHECK_INT(error.code, ERROR_GZIP);
    packed.data[packed.length - 6] ^= 1;
    buffer_string(&packed, "more");
    CHECK(!unpack(buffer_view(&packed), 100, &plain, &error));
    CHECK_INT(error.code, ERROR_GZIP);
    CHECK(!unpack(text_of("id,name\n1,well\n"), 100, &plain, &error));
    CHECK_INT(error.code, ERROR_GZIP);
    teardown();
}

TEST(format_gzip, bomb_takes_no_memory) {
    setup();
    struct error error;
    struct buffer zeros;
    buffer_init(&zeros, 1 << 24);
    CHECK(buffer_reserve(&zeros, 1 << 24));
    memset(zeros.data, 0, 1 << 24);
    for (int i = 0; i < 16; i++) {
        pack(&packed, (struct text){zeros.data, 1 << 24});
    }
    CHECK(packed.length < 1 << 20);
    struct stream *stream = stream_of(buffer_view(&packed));
    CHECK_OK(gzip_open(stream, &stream, &error), &error);
    uint64_t total = 0;
    size_t got = 1;
    while (got > 0) {
        CHECK_OK(stream_read(stream, zeros.data, 1 << 16, &got, &error), &error);
        total += got;
    }
    CHECK_INT(total, UINT64_C(16) << 24);
    stream_close(stream);
    buffer_clear(&zeros);
    teardown();
}

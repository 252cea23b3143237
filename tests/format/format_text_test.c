#include "format/format_text.h"

#include "base/buffer.h"
#include "test.h"

// Decodes the whole of `raw`, `room` bytes at a time.
static bool decode(struct text raw, enum encoding encoding, size_t room, struct buffer *out, struct error *error) {
    struct stream *stream = stream_of(raw);
    CHECK(stream != NULL);
    CHECK_OK(decode_open(stream, encoding, &stream, error), error);
    char piece[256];
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

// Whether `raw` decodes to `expected`, whatever the pieces.
static void check(struct text raw, enum encoding encoding, const char *expected) {
    struct buffer out;
    struct error error;
    buffer_init(&out, 1 << 20);
    for (size_t room = 1; room < 12; room++) {
        CHECK_OK(decode(raw, encoding, room, &out, &error), &error);
        CHECK_TEXT(buffer_view(&out), expected);
    }
    buffer_clear(&out);
}

TEST(format_text, utf8) {
    check(TEXT_LITERAL(""), ENCODING_AUTO, "");
    check(TEXT_LITERAL("a"), ENCODING_AUTO, "a");
    check(TEXT_LITERAL("\xEF\xBB\xBF"), ENCODING_AUTO, "");
    check(TEXT_LITERAL("\xEF\xBB\xBFid,n\xC3\xA4me"), ENCODING_AUTO, "id,n\xC3\xA4me");
    check(TEXT_LITERAL("\xEF\xBB\xBFid"), ENCODING_UTF8, "id");
    check(TEXT_LITERAL("\xEF\xBBid"), ENCODING_AUTO, "\xEF\xBBid"); // for the row check to find
}

TEST(format_text, utf16) {
    check(TEXT_LITERAL("\xFF\xFEi\0d\0\x3D\xD8\xA7\xDC"), ENCODING_AUTO, "id\xF0\x9F\x92\xA7");
    check(TEXT_LITERAL("\xFE\xFF\0i\0d\xD8\x3D\xDC\xA7"), ENCODING_AUTO, "id\xF0\x9F\x92\xA7");
    check(TEXT_LITERAL("\xFE\xFF\0i\0d"), ENCODING_UTF16, "id");
    check(TEXT_LITERAL("i\0d\0"), ENCODING_UTF16, "id");
    check(TEXT_LITERAL("i\0\x05\x09"), ENCODING_UTF16LE, "i\xE0\xA4\x85");
    check(TEXT_LITERAL("\xFF\xFEi\0"), ENCODING_UTF16LE, "i");
    check(TEXT_LITERAL("\0i\x09\x05"), ENCODING_UTF16BE, "i\xE0\xA4\x85");
    check(TEXT_LITERAL("\xFE\xFF\0i"), ENCODING_UTF16BE, "i");
}

TEST(format_text, bad_utf16_stays_bad) {
    // A high surrogate alone, a low one alone, one at the end, half a unit at the end.
    check(TEXT_LITERAL("\xFF\xFE\0\xD8i\0"), ENCODING_AUTO, "\xED\xA0\x80i");
    check(TEXT_LITERAL("\xFF\xFE\0\xDCi\0"), ENCODING_AUTO, "\xED\xB0\x80i");
    check(TEXT_LITERAL("\xFF\xFEi\0\0\xD8"), ENCODING_AUTO, "i\xED\xA0\x80");
    check(TEXT_LITERAL("\xFF\xFEi\0d"), ENCODING_AUTO, "i\xFF");
    check(TEXT_LITERAL("\xFF\xFEi\0\0\xD8"
                       "d"),
          ENCODING_AUTO, "i\xED\xA0\x80\xFF");
}

TEST(format_text, single_bytes) {
    check(TEXT_LITERAL("caf\xE9 \x80"), ENCODING_LATIN1, "caf\xC3\xA9 \xC2\x80");
    check(TEXT_LITERAL("caf\xE9 \x80\x93"), ENCODING_WINDOWS1252, "caf\xC3\xA9 \xE2\x82\xAC\xE2\x80\x9C");
    check(TEXT_LITERAL("\x81"), ENCODING_WINDOWS1252, "\x81");
}

TEST(format_text, names) {
    enum encoding encoding;
    struct error error;
    CHECK_OK(encoding_find(text_of("UTF-16le"), &encoding, &error), &error);
    CHECK_INT(encoding, ENCODING_UTF16LE);
    CHECK(!encoding_find(text_of("utf-7"), &encoding, &error));
    CHECK_INT(error.code, ERROR_ENCODING);
    CHECK(strstr(error.message, "windows-1252") != NULL);
    CHECK(!encoding_find(text_of(""), &encoding, &error));
}

TEST(format_text, says_what_a_file_is) {
    struct error error;
    struct buffer out;
    buffer_init(&out, 100);
    CHECK(!decode(TEXT_LITERAL("PK\x03\x04..."), ENCODING_AUTO, 10, &out, &error));
    CHECK(strstr(error.message, "spreadsheet") != NULL);
    CHECK_INT(error.scope, ERROR_SOURCE);
    CHECK(!decode(TEXT_LITERAL("\x1F\x8B\x08"), ENCODING_UTF8, 10, &out, &error));
    CHECK(strstr(error.message, ".gz") != NULL);
    CHECK(!decode(TEXT_LITERAL("\xFF\xFE\0\0i\0\0\0"), ENCODING_AUTO, 10, &out, &error));
    CHECK(strstr(error.message, "UTF-32") != NULL);
    buffer_clear(&out);
}

TEST(format_text, skip) {
    // Over what the look at the mark had read, and by decoding where offsets are not those of the file.
    struct error error;
    struct stream *stream = stream_of(TEXT_LITERAL("\xEF\xBB\xBFid,name\n1,well"));
    CHECK_OK(decode_open(stream, ENCODING_AUTO, &stream, &error), &error);
    CHECK_OK(stream_skip(stream, 8, &error), &error);
    char piece[16];
    size_t got;
    CHECK_OK(stream_read(stream, piece, sizeof piece, &got, &error), &error);
    CHECK_TEXT(((struct text){piece, got}), "1,well");
    stream_close(stream);
    stream = stream_of(TEXT_LITERAL("\xE9\xE9x"));
    CHECK_OK(decode_open(stream, ENCODING_LATIN1, &stream, &error), &error);
    CHECK_OK(stream_skip(stream, 4, &error), &error);
    CHECK_OK(stream_read(stream, piece, sizeof piece, &got, &error), &error);
    CHECK_TEXT(((struct text){piece, got}), "x");
    CHECK(!stream_skip(stream, 1, &error));
    CHECK_INT(error.code, ERROR_SOURCE_CHANGED);
    stream_close(stream);
}

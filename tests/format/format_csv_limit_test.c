// format_csv at its limits: long fields, long rows, many columns, failing streams.

#include "base/memory.h"
#include "format/csv_story.h"
#include "format/format_csv.h"
#include "test.h"

static const struct csv_setup usual = {.delimiter = ',', .quote = '"', .header = true, .seed = 1};

static void repeat(struct buffer *out, const char *text, size_t times) {
    for (size_t i = 0; i < times; i++) {
        buffer_string(out, text);
    }
}

// The story without the long texts: each line cut to 60 bytes.
static void check_cut(const struct buffer *bytes, const char *expected) {
    struct buffer story, cut;
    struct error error;
    buffer_init(&story, 256 << 20);
    buffer_init(&cut, 64 << 20);
    static const size_t pieces[] = {0, 50000};
    static const size_t pages[] = {100, 7};
    for (size_t i = 0; i < 4; i++) {
        buffer_reset(&cut);
        CHECK_OK(csv_story(&usual, buffer_view(bytes), pieces[i / 2], pages[i % 2], &story, &error), &error);
        const char *line = story.data;
        const char *end = story.data + story.length;
        while (line < end) {
            const char *next = memchr(line, '\n', (size_t)(end - line));
            size_t length = (size_t)(next - line);
            buffer_append(&cut, line, length < 30 ? length : 30);
            buffer_print(&cut, " (%zu)\n", length);
            line = next + 1;
        }
        CHECK_TEXT(buffer_view(&cut), expected);
    }
    buffer_clear(&story);
    buffer_clear(&cut);
}

TEST(format_csv_limit, field_just_fits) {
    struct buffer bytes;
    buffer_init(&bytes, 256 << 20);
    buffer_string(&bytes, "a,b\n1,");
    repeat(&bytes, "x", CSV_FIELD_MAX);
    buffer_string(&bytes, "\n2,");
    repeat(&bytes, "x", CSV_FIELD_MAX + 1);
    buffer_string(&bytes, "\n3,\"");
    repeat(&bytes, "x", CSV_FIELD_MAX);
    buffer_string(&bytes, "\"\n4,\"");
    repeat(&bytes, "x", CSV_FIELD_MAX + 1);
    buffer_string(&bytes, "\"\n5,y\n");
    check_cut(&bytes, "2 1|xxxxxxxxxxxxxxxxxxxxxxxxxx (1048580)\n"
                      "!3 W1006 b|2,xxxxxxxxxxxxxxxxx (65547)\n"
                      "4 3|xxxxxxxxxxxxxxxxxxxxxxxxxx (1048580)\n"
                      "!5 W1006 b|4,\"xxxxxxxxxxxxxxxx (65547)\n"
                      "6 5|y (5)\n");
    buffer_clear(&bytes);
}

TEST(format_csv_limit, hundred_megabytes) {
    // Plain and quoted, ending with each kind of line end. What is kept of the row is bounded, and so is the batch.
    static const char *const quotes[] = {"", "\""};
    static const char *const ends[] = {"\n", "\r", "\r\n"};
    for (size_t i = 0; i < 6; i++) {
        struct buffer bytes;
        buffer_init(&bytes, 256 << 20);
        buffer_print(&bytes, "a,b\n1,%s", quotes[i / 3]);
        CHECK(buffer_reserve(&bytes, 100 << 20));
        memset(bytes.data + bytes.length, 'x', 100 << 20);
        bytes.length += 100 << 20;
        buffer_print(&bytes, "%s%s2,y%s", quotes[i / 3], ends[i % 3], ends[i % 3]);
        check_cut(&bytes, i / 3 == 0 ? "!2 W1006 b|1,xxxxxxxxxxxxxxxxx (65547)\n3 2|y (5)\n"
                                     : "!2 W1006 b|1,\"xxxxxxxxxxxxxxxx (65547)\n3 2|y (5)\n");
        buffer_clear(&bytes);
    }
}

TEST(format_csv_limit, line_end_where_a_block_ends) {
    // An overlong row whose CRLF is cut by the end of the block, the first time and when it is filled again.
    static const size_t ends[] = {CSV_ROW_MAX, 2 * (size_t)CSV_ROW_MAX - REJECT_RAW_MAX};
    for (size_t i = 0; i < 8; i++) {
        struct buffer bytes;
        size_t cr = ends[i / 4] - 3 + i % 4;
        buffer_init(&bytes, 256 << 20);
        buffer_string(&bytes, "a,b\n");
        CHECK(buffer_reserve(&bytes, cr));
        memset(bytes.data + bytes.length, 'x', cr);
        bytes.length += cr;
        buffer_string(&bytes, "\r\n2,y\r\n");
        check_cut(&bytes, "!2 W1006 a|xxxxxxxxxxxxxxxxxxx (65547)\n3 2|y (5)\n");
        buffer_clear(&bytes);
    }
}

TEST(format_csv_limit, overlong_rows_differ_by_their_length) {
    struct buffer bytes;
    struct error error;
    struct csv_reader *reader;
    struct batch batch;
    struct print prints[2];
    buffer_init(&bytes, 256 << 20);
    batch_init(&batch, 16 << 20);
    buffer_string(&bytes, "a,b\n");
    repeat(&bytes, "x", 9 << 20);
    buffer_string(&bytes, "\n");
    repeat(&bytes, "x", (9 << 20) + 1);
    struct stream *stream = csv_drip(buffer_view(&bytes), 0);
    CHECK_OK(csv_open(&usual, &reader, &error), &error);
    CHECK_OK(csv_start(reader, stream, '\0', &error), &error);
    size_t count = 0;
    bool end = false;
    while (!end) {
        CHECK_OK(batch_reset(&batch, 10, &error), &error);
        CHECK_OK(csv_read(reader, &batch, &end, &error), &error);
        for (size_t i = 0; i < batch.reject_count; i++) {
            CHECK(count < 2);
            prints[count++] = batch.rejects[i].print;
        }
    }
    CHECK_INT(count, 2);
    CHECK(!print_same(prints[0], prints[1]));
    stream_close(stream);
    csv_close(reader);
    batch_clear(&batch);
    buffer_clear(&bytes);
}

TEST(format_csv_limit, open_quote_looks_ahead_a_bounded_way) {
    // The quote is closed, but only behind more lines than a field may hold: it counts as forgotten.
    struct buffer bytes, expected;
    buffer_init(&bytes, 256 << 20);
    buffer_init(&expected, 256 << 20);
    buffer_string(&bytes, "a,b\n1,\"x\n");
    buffer_string(&expected, "!2 W3004 b|1,\"x (15)\n");
    for (int i = 0; i < 300000; i++) {
        buffer_string(&bytes, "2,y\n");
        buffer_print(&expected, "%d 2|y (%zu)\n", i + 3, (size_t)snprintf(NULL, 0, "%d 2|y", i + 3));
    }
    buffer_string(&bytes, "3,\"z\"\n");
    buffer_print(&expected, "%d 3|z (%d)\n", 300003, 10);
    check_cut(&bytes, expected.data);
    buffer_clear(&bytes);
    buffer_clear(&expected);
}

TEST(format_csv_limit, long_rows) {
    // Four fields of 0.9 MiB fit, five do not; the row that is too long has line ends in it.
    struct buffer bytes;
    buffer_init(&bytes, 256 << 20);
    buffer_string(&bytes, "a,b,c,d,e\n");
    for (int fields = 4; fields <= 5; fields++) {
        for (int i = 0; i < 5; i++) {
            buffer_string(&bytes, i > 0 ? ",\"" : "\"");
            repeat(&bytes, i < fields ? "x" : "", 900 << 10);
            buffer_string(&bytes, i == 1 && fields == 5 ? "\n\"" : "\"");
        }
        buffer_string(&bytes, "\n");
    }
    buffer_string(&bytes, "1,2,3,4,5\n");
    // The rest of the overlong row is a line of its own, and no good one either.
    check_cut(&bytes, "2 xxxxxxxxxxxxxxxxxxxxxxxxxxxx (3686406)\n"
                      "!3 W1006 |\"xxxxxxxxxxxxxxxxxxx (65546)\n"
                      "!4 W3004 a|\",\"xxxxxxxxxxxxxxxx (65547)\n"
                      "5 1|2|3|4|5 (11)\n");
    buffer_clear(&bytes);
}

TEST(format_csv_limit, many_columns) {
    struct buffer bytes, story;
    struct error error;
    buffer_init(&bytes, 256 << 20);
    buffer_init(&story, 256 << 20);
    for (int i = 0; i < 100000; i++) {
        buffer_print(&bytes, "c%d,", i);
    }
    buffer_string(&bytes, "last\n1,2\n");
    CHECK(!csv_story(&usual, buffer_view(&bytes), 0, 10, &story, &error));
    CHECK_INT(error.code, ERROR_CSV_HEADER);
    CHECK(strstr(error.message, "100001") != NULL);
    buffer_reset(&bytes);
    for (int i = 1; i < CSV_COLUMNS_MAX; i++) {
        buffer_print(&bytes, "c%d,", i);
    }
    buffer_string(&bytes, "last\n");
    repeat(&bytes, ",", CSV_COLUMNS_MAX - 1);
    buffer_string(&bytes, "\n");
    repeat(&bytes, ",", 1000000);
    buffer_string(&bytes, "\n");
    CHECK_OK(csv_story(&usual, buffer_view(&bytes), 0, 10, &story, &error), &error);
    CHECK(memcmp(story.data, "2 ||||", 6) == 0);
    CHECK(strstr(story.data, "\n!3 W3003 |,,,,") != NULL);
    // A first line without an end.
    buffer_reset(&bytes);
    repeat(&bytes, "x", CSV_HEADER_MAX + 100000);
    CHECK(!csv_story(&usual, buffer_view(&bytes), 0, 10, &story, &error));
    CHECK_INT(error.code, ERROR_CSV_HEADER);
    buffer_clear(&bytes);
    buffer_clear(&story);
}

// Gives its bytes and then fails.
struct failing {
    struct stream stream;
    struct stream *inner;
};

static bool failing_read(struct stream *stream, char *into, size_t room, size_t *got, struct error *error) {
    struct failing *failing = (struct failing *)stream;
    return stream_read(failing->inner, into, room, got, error) &&
           (*got > 0 || error_set(error, ERROR_GZIP, "cut short"));
}

static void failing_close(struct stream *stream) {
    stream_close(((struct failing *)stream)->inner);
}

TEST(format_csv_limit, failure_in_an_overlong_row) {
    static const struct stream_type type = {failing_read, NULL, failing_close};
    struct buffer bytes;
    buffer_init(&bytes, 256 << 20);
    buffer_string(&bytes, "a,b\n");
    repeat(&bytes, "xxxxxxxxxx", 1 << 20);
    struct failing failing = {{&type}, csv_drip(buffer_view(&bytes), 0)};
    struct csv_reader *reader;
    struct error error;
    struct batch batch;
    bool end = false;
    bool ok = true;
    batch_init(&batch, 16 << 20);
    CHECK_OK(csv_open(&usual, &reader, &error), &error);
    CHECK_OK(csv_start(reader, &failing.stream, '\0', &error), &error);
    for (int pages = 0; ok && pages < 10; pages++) {
        CHECK_OK(batch_reset(&batch, 10, &error), &error);
        ok = csv_read(reader, &batch, &end, &error);
        CHECK(batch.count + batch.reject_count == 0 && !end);
    }
    CHECK(!ok);
    CHECK_INT(error.code, ERROR_GZIP);
    stream_close(&failing.stream);
    csv_close(reader);
    batch_clear(&batch);
    buffer_clear(&bytes);
}

TEST(format_csv_limit, rows_before_a_failure_go_in) {
    static const struct stream_type type = {failing_read, NULL, failing_close};
    struct failing failing = {{&type}, csv_drip(TEXT_LITERAL("a,b\n1,2\n3,4\n5,"), 3)};
    struct csv_reader *reader;
    struct error error;
    struct batch batch;
    bool end = false;
    batch_init(&batch, 16 << 20);
    CHECK_OK(csv_open(&usual, &reader, &error), &error);
    CHECK_OK(csv_start(reader, &failing.stream, '\0', &error), &error);
    CHECK_OK(batch_reset(&batch, 10, &error), &error);
    CHECK_OK(csv_read(reader, &batch, &end, &error), &error);
    CHECK_INT(batch.count, 2);
    CHECK(!end);
    CHECK_INT(csv_mark(reader).offset, 12);
    CHECK_OK(batch_reset(&batch, 10, &error), &error);
    CHECK(!csv_read(reader, &batch, &end, &error));
    CHECK_INT(error.code, ERROR_GZIP);
    stream_close(&failing.stream);
    csv_close(reader);
    batch_clear(&batch);
}

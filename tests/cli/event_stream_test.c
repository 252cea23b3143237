#include "cli/event_stream.h"

#include "test.h"

enum { TOLD_MAX = 64 * 1024 };

// What was given, as "kind|id|data;" with LF as /.
static bool on_event(void *context, const struct stream_event *event, struct error *error) {
    (void)error;
    struct buffer *told = context;
    buffer_print(told, "%.*s|%.*s|", TEXT_ARGS(event->kind), TEXT_ARGS(event->id));
    for (size_t i = 0; i < event->data.length; i++) {
        buffer_byte(told, event->data.data[i] == '\n' ? '/' : event->data.data[i]);
    }
    buffer_byte(told, ';');
    return true;
}

// The stream in pieces of so many bytes.
static void check_pieces(struct text bytes, size_t piece, const char *expected) {
    struct event_stream stream;
    struct buffer told;
    struct error error;
    event_stream_init(&stream);
    buffer_init(&told, TOLD_MAX);
    for (size_t at = 0; at < bytes.length; at += piece) {
        size_t length = bytes.length - at < piece ? bytes.length - at : piece;
        CHECK_OK(event_stream_feed(&stream, (struct text){bytes.data + at, length}, on_event, &told, &error), &error);
    }
    CHECK_TEXT(told.length > 0 ? buffer_view(&told) : TEXT_LITERAL(""), expected);
    buffer_clear(&told);
    event_stream_clear(&stream);
}

static void check(struct text bytes, const char *expected) {
    for (size_t piece = 1; piece <= bytes.length; piece++) {
        check_pieces(bytes, piece, expected);
    }
}

TEST(cli_event_stream, an_event_has_a_kind_an_id_and_lines_of_data) {
    check(TEXT_LITERAL("event: log\nid: 7\ndata: one\ndata: two\n\n"), "log|7|one/two;");
    check(TEXT_LITERAL("data:a\n\ndata: b\n\n"), "message||a;message||b;");
    check(TEXT_LITERAL("data\n\n"), "message||;");
    check(TEXT_LITERAL("data:\ndata: b\n\n"), "message||/b;");
    check(TEXT_LITERAL("data:  two spaces\n\n"), "message|| two spaces;");
}

TEST(cli_event_stream, line_ends_of_every_kind) {
    check(TEXT_LITERAL("data: a\r\n\r\ndata: b\r\rdata: c\n\n"), "message||a;message||b;message||c;");
    check(TEXT_LITERAL("data: a\r\ndata: b\r\n\r\n\r\n"), "message||a/b;");
}

TEST(cli_event_stream, the_latest_id_stays) {
    check(TEXT_LITERAL("id: 4\ndata: a\n\ndata: b\n\nid\ndata: c\n\n"), "message|4|a;message|4|b;message||c;");
    check(TEXT_LITERAL("id: 1\0"
                       "2\ndata: a\n\n"),
          "message||a;"); // an id with a NUL is none
}

TEST(cli_event_stream, remarks_and_strange_fields_say_nothing) {
    check(TEXT_LITERAL(": still here\n\nretry: 10\nfoo: bar\ndata: a\n:\n\n"), "message||a;");
    check(TEXT_LITERAL("event: gone\n\ndata: a\n\n"), "message||a;"); // without data it is none, and its kind goes
    check(TEXT_LITERAL("Data: a\n data: b\n\n"), "");
}

TEST(cli_event_stream, what_the_end_cuts_off_is_no_event) {
    check(TEXT_LITERAL("data: a\n\ndata: b\n"), "message||a;");
    check(TEXT_LITERAL("data: a"), "");
}

TEST(cli_event_stream, a_byte_order_mark_stands_at_the_beginning_alone) {
    check(TEXT_LITERAL("\xef\xbb\xbf"
                       "data: a\n\n\xef\xbb\xbf"
                       "data: b\n\n"),
          "message||a;");
}

TEST(cli_event_stream, any_bytes_of_data_come_through) {
    static const char bytes[] = "data: \x01\xff\x80:|\n\n";
    check((struct text){bytes, sizeof bytes - 1}, "message||\x01\xff\x80:|;");
}

TEST(cli_event_stream, one_that_begins_anew_forgets_the_half_it_had) {
    struct event_stream stream;
    struct buffer told;
    struct error error;
    event_stream_init(&stream);
    buffer_init(&told, TOLD_MAX);
    CHECK(
        event_stream_feed(&stream, TEXT_LITERAL("id: 3\n\nid: 4\nevent: x\ndata: half\nda"), on_event, &told, &error));
    CHECK_TEXT(buffer_view(&stream.last), "3");
    event_stream_begin(&stream);
    CHECK(event_stream_feed(&stream, TEXT_LITERAL("data: whole\n\n"), on_event, &told, &error));
    CHECK_TEXT(buffer_view(&told), "message|3|whole;");
    buffer_clear(&told);
    event_stream_clear(&stream);
}

// --- limits ---

static bool on_counted(void *context, const struct stream_event *event, struct error *error) {
    (void)error;
    *(size_t *)context += event->data.length;
    return true;
}

TEST(cli_event_stream, a_line_that_is_too_long_costs_its_event_alone) {
    struct event_stream stream;
    struct error error;
    char piece[64 * 1024];
    size_t bytes = 0;
    memset(piece, 'x', sizeof piece);
    event_stream_init(&stream);
    CHECK(event_stream_feed(&stream, TEXT_LITERAL("data: "), on_counted, &bytes, &error));
    for (size_t given = 0; given <= EVENT_LINE_MAX; given += sizeof piece) {
        CHECK(event_stream_feed(&stream, (struct text){piece, sizeof piece}, on_counted, &bytes, &error));
        CHECK(stream.line.length <= EVENT_LINE_MAX);
    }
    CHECK(event_stream_feed(&stream, TEXT_LITERAL("\ndata: more\n\ndata: ab\n\n"), on_counted, &bytes, &error));
    CHECK_INT(bytes, 2);
    CHECK_INT(stream.passed, 1);
    event_stream_clear(&stream);
}

TEST(cli_event_stream, so_does_data_that_is_too_long) {
    struct event_stream stream;
    struct error error;
    char line[64 * 1024 + 7];
    size_t bytes = 0;
    memset(line, 'x', sizeof line);
    memcpy(line, "data: ", 6);
    line[sizeof line - 1] = '\n';
    event_stream_init(&stream);
    for (size_t given = 0; given <= EVENT_DATA_MAX; given += sizeof line - 7) {
        CHECK(event_stream_feed(&stream, (struct text){line, sizeof line}, on_counted, &bytes, &error));
        CHECK(stream.data.length <= EVENT_DATA_MAX);
    }
    CHECK(event_stream_feed(&stream, TEXT_LITERAL("\ndata: ab\n\n"), on_counted, &bytes, &error));
    CHECK_INT(bytes, 2);
    CHECK_INT(stream.passed, 1);
    event_stream_clear(&stream);
}

static bool on_refused(void *context, const struct stream_event *event, struct error *error) {
    (void)context;
    (void)event;
    return error_set(error, ERROR_HTTP_SHAPE, "no more");
}

TEST(cli_event_stream, who_is_given_an_event_may_end_it) {
    struct event_stream stream;
    struct error error;
    event_stream_init(&stream);
    CHECK(!event_stream_feed(&stream, TEXT_LITERAL("data: a\n\ndata: b\n\n"), on_refused, NULL, &error));
    CHECK_INT(error.code, ERROR_HTTP_SHAPE);
    event_stream_clear(&stream);
}

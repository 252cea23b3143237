#include "format/format_jsonl.h"

#include "base/buffer.h"
#include "test.h"

enum { ARENA_MAX = 64 << 20, STORY_MAX = 32 << 20 };

// The lines of a body, `page` a page: 1:first|3:third|
static void take(struct text body, size_t page, struct buffer *story) {
    struct jsonl_reader reader;
    struct arena arena;
    struct error error;
    struct stream *stream = stream_of(body);
    CHECK(stream != NULL);
    arena_init(&arena, ARENA_MAX);
    jsonl_init(&reader);
    jsonl_start(&reader, stream);
    buffer_reset(story);
    enum jsonl_found found = JSONL_LINE;
    size_t count = 0;
    while (found != JSONL_END) {
        struct text bytes;
        CHECK_OK(jsonl_next(&reader, &arena, &found, &bytes, &error), &error);
        if (found != JSONL_END) {
            buffer_print(story, "%d:%.*s%s", (int)reader.line, bytes.length > 50 ? 5 : (int)bytes.length, bytes.data,
                         found == JSONL_LONG ? "~" : "|");
            if (++count % page == 0) {
                CHECK_OK(jsonl_leave(&reader, &error), &error);
                arena_reset(&arena);
            }
        }
    }
    jsonl_clear(&reader);
    stream_close(stream);
    arena_clear(&arena);
}

TEST(format_jsonl, lines) {
    struct buffer story;
    buffer_init(&story, STORY_MAX);
    for (size_t page = 1; page < 5; page++) {
        take(text_of("{\"a\":1}\n\r\n {\"b\":2} \r\n\n3"), page, &story);
        CHECK_TEXT(buffer_view(&story), "1:{\"a\":1}|3:{\"b\":2}|5:3|");
        take(text_of(""), page, &story);
        CHECK_TEXT(buffer_view(&story), "");
        take(text_of("1\n2\n"), page, &story);
        CHECK_TEXT(buffer_view(&story), "1:1|2:2|");
    }
    buffer_clear(&story);
}

TEST(format_jsonl, long_line) {
    struct buffer body;
    struct buffer story;
    buffer_init(&body, STORY_MAX);
    buffer_init(&story, STORY_MAX);
    buffer_string(&body, "1\n");
    CHECK(buffer_reserve(&body, FEED_PIECE_MAX + 100));
    memset(body.data + body.length, 'x', FEED_PIECE_MAX + 100);
    body.length += FEED_PIECE_MAX + 100;
    buffer_string(&body, "\n3\n");
    take(buffer_view(&body), 2, &story);
    CHECK_TEXT(buffer_view(&story), "1:1|2:xxxxx~3:3|");
    buffer_clear(&body);
    buffer_clear(&story);
}

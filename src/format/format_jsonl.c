#include "format/format_jsonl.h"

void jsonl_init(struct jsonl_reader *reader) {
    reader->line = 0;
    feed_init(&reader->feed);
}

void jsonl_clear(struct jsonl_reader *reader) {
    feed_clear(&reader->feed);
}

void jsonl_start(struct jsonl_reader *reader, struct stream *stream) {
    reader->line = 0;
    feed_start(&reader->feed, stream);
}

// Finds the line's end. False when the bytes run out before it.
static bool line_walk(struct feed *feed) {
    const char *from = feed->block + feed->at;
    const char *end = feed->length > feed->at ? memchr(from, '\n', feed->length - feed->at) : NULL;
    feed->at = end != NULL ? (size_t)(end - feed->block) + 1 : feed->length;
    return end != NULL;
}

bool jsonl_next(struct jsonl_reader *reader, struct arena *arena, enum jsonl_found *found, struct text *bytes,
                struct error *error) {
    struct feed *feed = &reader->feed;
    for (;;) {
        bool is_line = feed->block != NULL && line_walk(feed);
        if (!is_line && !(feed->ended && feed->block != NULL)) {
            if (!feed_more(feed, arena, error)) {
                return false;
            }
            continue;
        }
        if (!is_line && feed->at == feed->start) {
            *found = JSONL_END;
            return true;
        }
        reader->line++;
        *found = feed_take(feed, bytes) ? JSONL_LINE : JSONL_LONG;
        *bytes = text_trim(*bytes);
        if (bytes->length > 0) {
            return true;
        }
    }
}

bool jsonl_leave(struct jsonl_reader *reader, struct error *error) {
    return feed_leave(&reader->feed, error);
}

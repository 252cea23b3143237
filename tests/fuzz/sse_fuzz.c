// Server-sent events from any bytes, in any pieces: the first byte says how large a piece is, the rest is the stream.
// What is given is what a plain reading of the whole gives, whatever the pieces; nothing grows past its limit.

#include "base/buffer.h"
#include "cli/event_stream.h"
#include "fuzz.h"

enum { TOLD_MAX = 64 << 20 };

static void tell(struct buffer *told, struct text kind, struct text id, struct text data) {
    buffer_print(told, "%zu %zu %zu\n", kind.length, id.length, data.length);
    buffer_text(told, kind);
    buffer_text(told, id);
    buffer_text(told, data);
}

static bool on_event(void *context, const struct stream_event *event, struct error *error) {
    (void)error;
    demand(event->data.length <= EVENT_DATA_MAX && event->id.length <= EVENT_LINE_MAX, "an event has its limits");
    demand(memchr(event->data.data, '\r', event->data.length) == NULL, "no line end is data");
    demand(event->id.length == 0 || memchr(event->id.data, '\0', event->id.length) == NULL, "no id holds a NUL");
    demand(event->kind.length > 0, "an event has a kind");
    tell(context, event->kind, event->id, event->data);
    return true;
}

static void feed(struct text bytes, size_t piece, struct buffer *told) {
    struct event_stream stream;
    struct error error;
    event_stream_init(&stream);
    while (bytes.length > 0) {
        size_t length = bytes.length < piece ? bytes.length : piece;
        // A copy of its own size, so that a read past it is seen.
        char *copy = malloc(length);
        demand(copy != NULL, "there is memory");
        memcpy(copy, bytes.data, length);
        demand(event_stream_feed(&stream, (struct text){copy, length}, on_event, told, &error), "nothing fails");
        free(copy);
        bytes = (struct text){bytes.data + length, bytes.length - length};
    }
    demand(stream.passed == 0, "nothing of this length is passed over");
    event_stream_clear(&stream);
}

// --- the same, read as simply as can be ---

// The next line; false where there is none that ends.
static bool plain_line(struct text *left, struct text *line) {
    size_t end = 0;
    while (end < left->length && left->data[end] != '\n' && left->data[end] != '\r') {
        end++;
    }
    if (end == left->length) {
        return false;
    }
    bool both = left->data[end] == '\r' && end + 1 < left->length && left->data[end + 1] == '\n';
    *line = (struct text){left->data, end};
    *left = (struct text){left->data + end + 1 + both, left->length - end - 1 - both};
    return true;
}

static void plain(struct text bytes, struct buffer *told) {
    struct text kind = {"", 0};
    struct text id = {"", 0};
    struct text line;
    struct buffer data;
    size_t lines = 0;
    buffer_init(&data, EVENT_DATA_MAX);
    if (bytes.length >= 3 && memcmp(bytes.data, "\xef\xbb\xbf", 3) == 0) {
        bytes = (struct text){bytes.data + 3, bytes.length - 3};
    }
    while (plain_line(&bytes, &line)) {
        struct text value = line;
        struct text name = take_until(&value, ':');
        value = name.length == line.length ? (struct text){"", 0} : value;
        if (value.length > 0 && value.data[0] == ' ') {
            value = (struct text){value.data + 1, value.length - 1};
        }
        if (line.length == 0) {
            if (lines > 0) {
                tell(told, kind.length > 0 ? kind : TEXT_LITERAL("message"), id,
                     data.length > 0 ? buffer_view(&data) : TEXT_LITERAL(""));
            }
            buffer_reset(&data);
            kind.length = lines = 0;
        } else if (text_is(name, "data")) {
            buffer_string(&data, lines++ > 0 ? "\n" : "");
            buffer_text(&data, value);
        } else if (text_is(name, "event")) {
            kind = value;
        } else if (text_is(name, "id") && (value.length == 0 || memchr(value.data, '\0', value.length) == NULL)) {
            id = value;
        }
    }
    buffer_clear(&data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct text bytes = {(const char *)data, size};
    size_t piece = 1 + take_byte(&bytes);
    struct buffer given;
    struct buffer wanted;
    if (bytes.length >= EVENT_LINE_MAX) {
        return 0; // limits are the unit tests'
    }
    buffer_init(&given, TOLD_MAX);
    buffer_init(&wanted, TOLD_MAX);
    feed(bytes, piece, &given);
    plain(bytes, &wanted);
    demand(!given.failed && !wanted.failed, "there is room");
    demand(given.length == wanted.length && (given.length == 0 || memcmp(given.data, wanted.data, given.length) == 0),
           "a stream means the same in any pieces");
    buffer_clear(&given);
    buffer_clear(&wanted);
    return 0;
}

#include "cli/event_stream.h"

#include <string.h>

void event_stream_init(struct event_stream *stream) {
    *stream = (struct event_stream){.passed = 0};
    buffer_init(&stream->line, EVENT_LINE_MAX);
    buffer_init(&stream->kind, EVENT_LINE_MAX);
    buffer_init(&stream->id, EVENT_LINE_MAX);
    buffer_init(&stream->last, EVENT_LINE_MAX);
    buffer_init(&stream->data, EVENT_DATA_MAX);
}

void event_stream_clear(struct event_stream *stream) {
    buffer_clear(&stream->line);
    buffer_clear(&stream->kind);
    buffer_clear(&stream->id);
    buffer_clear(&stream->last);
    buffer_clear(&stream->data);
}

static struct text view(const struct buffer *buffer) {
    return buffer->length > 0 ? buffer_view(buffer) : (struct text){"", 0};
}

static bool set(struct buffer *buffer, struct text value) {
    buffer_reset(buffer);
    return buffer_text(buffer, value) || !buffer->starved;
}

static void event_forget(struct event_stream *stream) {
    buffer_reset(&stream->kind);
    buffer_reset(&stream->data);
    stream->has_data = false;
    stream->passes = false;
}

void event_stream_begin(struct event_stream *stream) {
    event_forget(stream);
    set(&stream->id, view(&stream->last)); // it had room for this one before
    buffer_reset(&stream->line);
    stream->line_long = false;
    stream->after_return = false;
    stream->begun = false;
}

// --- a line ---

// False when there is no memory; data over its limit has its event passed over.
static bool add_data(struct event_stream *stream, struct text value) {
    if (stream->has_data) {
        buffer_byte(&stream->data, '\n');
    }
    stream->has_data = true;
    buffer_text(&stream->data, value);
    stream->passes = stream->passes || stream->data.failed;
    return !stream->data.starved;
}

static bool take_field(struct event_stream *stream, struct text line) {
    const char *colon = memchr(line.data, ':', line.length);
    size_t length = colon != NULL ? (size_t)(colon - line.data) : line.length;
    struct text name = {line.data, length};
    struct text value = colon != NULL ? (struct text){colon + 1, line.length - length - 1} : (struct text){"", 0};
    if (value.length > 0 && value.data[0] == ' ') {
        value = (struct text){value.data + 1, value.length - 1};
    }
    if (text_is(name, "data")) {
        return add_data(stream, value);
    }
    if (text_is(name, "event")) {
        return set(&stream->kind, value);
    }
    if (text_is(name, "id") && (value.length == 0 || memchr(value.data, '\0', value.length) == NULL)) {
        return set(&stream->id, value);
    }
    return true; // a remark (its name is empty), "retry", or what nobody knows
}

static bool end_event(struct event_stream *stream,
                      bool (*on_event)(void *context, const struct stream_event *event, struct error *error),
                      void *context, struct error *error) {
    bool ok = set(&stream->last, view(&stream->id)) || error_memory(error);
    stream->passed += stream->passes;
    if (ok && stream->has_data && !stream->passes) {
        struct stream_event event = {
            .kind = stream->kind.length > 0 ? view(&stream->kind) : TEXT_LITERAL("message"),
            .id = view(&stream->id),
            .data = view(&stream->data),
        };
        ok = on_event(context, &event, error);
    }
    event_forget(stream);
    return ok;
}

static bool end_line(struct event_stream *stream,
                     bool (*on_event)(void *context, const struct stream_event *event, struct error *error),
                     void *context, struct error *error) {
    struct text line = view(&stream->line);
    bool ok = true;
    if (!stream->begun && line.length >= 3 && memcmp(line.data, "\xef\xbb\xbf", 3) == 0) {
        line = (struct text){line.data + 3, line.length - 3};
    }
    stream->begun = true;
    if (stream->line_long) {
        stream->passes = true; // what it was a part of can't be known whole
    } else if (line.length == 0) {
        ok = end_event(stream, on_event, context, error);
    } else {
        ok = take_field(stream, line) || error_memory(error);
    }
    buffer_reset(&stream->line);
    stream->line_long = false;
    return ok;
}

// --- pieces ---

static bool add_to_line(struct event_stream *stream, const char *data, size_t length) {
    if (!stream->line_long && !buffer_append(&stream->line, data, length)) {
        stream->line_long = !stream->line.starved;
        return stream->line_long;
    }
    return true;
}

bool event_stream_feed(struct event_stream *stream, struct text bytes,
                       bool (*on_event)(void *context, const struct stream_event *event, struct error *error),
                       void *context, struct error *error) {
    size_t at = 0;
    while (at < bytes.length) {
        if (stream->after_return && bytes.data[at] == '\n') {
            at++;
            stream->after_return = false;
            continue;
        }
        stream->after_return = false;
        size_t end = at;
        while (end < bytes.length && bytes.data[end] != '\n' && bytes.data[end] != '\r') {
            end++;
        }
        if (!add_to_line(stream, bytes.data + at, end - at)) {
            return error_memory(error);
        }
        if (end == bytes.length) {
            return true;
        }
        stream->after_return = bytes.data[end] == '\r';
        at = end + 1;
        if (!end_line(stream, on_event, context, error)) {
            return false;
        }
    }
    return true;
}

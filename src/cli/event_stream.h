#ifndef WEIR_CLI_EVENT_STREAM_H
#define WEIR_CLI_EVENT_STREAM_H

// Server-sent events (text/event-stream of HTML's standard) out of pieces of any size: lines end with LF, CR LF or CR,
// a line that begins with a colon is a remark, an empty line ends an event, one without data is none, and what the
// stream's end cuts off is no event. The bytes are a server's and may be anything: a line or an event over its limit is
// passed over whole, and the next one follows. Nothing fails but for memory.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/text.h"

enum { EVENT_LINE_MAX = 1024 * 1024, EVENT_DATA_MAX = 4 * 1024 * 1024 };

struct stream_event {
    struct text kind; // "message" when it says none
    struct text id;   // the latest that the stream gave; empty: none
    struct text data; // its lines, joined by LF
};

struct event_stream {
    struct buffer line;
    struct buffer kind;
    struct buffer id;   // as it will be with the event in hand
    struct buffer last; // of the last event that was whole: where a stream that is taken up again goes on
    struct buffer data;
    bool has_data;     // also when that is an empty line
    bool line_long;    // the line in hand is over its limit
    bool passes;       // the event in hand is passed over
    bool after_return; // the last byte was a CR: an LF behind it belongs to it
    bool begun;        // past where a byte order mark may stand
    int64_t passed;    // events that were passed over
};

void event_stream_init(struct event_stream *stream);
void event_stream_clear(struct event_stream *stream);

// Forgets the event in hand and its id, for a stream that begins anew; the last whole one's stays.
void event_stream_begin(struct event_stream *stream);

// Takes the next bytes and gives each event that they complete; the texts live for the call. False when it says so, or
// out of memory.
bool event_stream_feed(struct event_stream *stream, struct text bytes,
                       bool (*on_event)(void *context, const struct stream_event *event, struct error *error),
                       void *context, struct error *error);

#endif

#include "format/format_json_stream.h"

#include "base/buffer.h"
#include "base/memory.h"
#include "base/quote.h"
#include "format/format_feed.h"
#include "format/format_json.h"

// Where in the body the splitter stands.
enum part {
    PART_ENVELOPE, // around the list
    PART_FIRST,    // behind the list's bracket
    PART_NEXT,     // behind a comma
    PART_ELEMENT,  // in an element
    PART_BEHIND,   // behind an element
};

// The envelope as far as it has come. Objects and lists that are open are counted; `objects` has a bit for each that is
// an object.
struct envelope {
    struct buffer bytes;
    unsigned depth;
    uint64_t objects;
    unsigned matched; // so many names of the path lead to the object in hand
    bool in_string;
    bool escaped;
    bool is_key;     // the string is one
    bool wants_key;  // a string that begins now is a key
    bool is_next;    // the value that begins now stands at the path's next name
    bool was_listed; // the list was found
    size_t key;      // where the key in hand begins
};

struct json_stream {
    const struct path *path;
    bool lone;
    struct feed feed;

    enum part part;
    struct envelope envelope;

    // Of the element in hand.
    unsigned depth;
    bool in_string;
    bool escaped;
    bool is_lone;   // it is no list's
    bool is_scalar; // it ends where something else begins
};

bool json_stream_open(const struct path *path, bool lone, struct json_stream **out, struct error *error) {
    struct json_stream *splitter = memory_zero(1, sizeof *splitter);
    if (splitter == NULL) {
        return error_memory(error);
    }
    splitter->path = path;
    splitter->lone = lone;
    buffer_init(&splitter->envelope.bytes, JSON_ENVELOPE_MAX);
    feed_init(&splitter->feed);
    *out = splitter;
    return true;
}

void json_stream_close(struct json_stream *splitter) {
    if (splitter != NULL) {
        buffer_clear(&splitter->envelope.bytes);
        feed_clear(&splitter->feed);
        memory_free(splitter);
    }
}

void json_stream_start(struct json_stream *splitter, struct stream *stream) {
    struct buffer bytes = splitter->envelope.bytes;
    struct feed feed = splitter->feed;
    buffer_reset(&bytes);
    feed_start(&feed, stream);
    *splitter = (struct json_stream){
        .path = splitter->path, .lone = splitter->lone, .feed = feed, .envelope = {.bytes = bytes}};
    splitter->envelope.is_next = splitter->path->count == 0;
}

// Whether the key that has just ended is the path's next name. A key with escapes is read the long way.
static bool key_matches(const struct envelope *envelope, const struct path *path) {
    if (envelope->matched + 1 != envelope->depth || envelope->matched >= path->count) {
        return false;
    }
    struct text name = path->names[envelope->matched];
    struct text key = {envelope->bytes.data + envelope->key, envelope->bytes.length - envelope->key};
    if (memchr(key.data, '\\', key.length) == NULL) {
        return key.length == name.length + 2 && memcmp(key.data + 1, name.data, name.length) == 0;
    }
    struct arena arena;
    struct value value;
    arena_init(&arena, JSON_ENVELOPE_MAX);
    bool same = json_read(key, &arena, NULL, &value, NULL) && text_same(value_slice(&value), name);
    arena_clear(&arena);
    return same;
}

static void envelope_string(struct envelope *envelope, const struct path *path, char byte) {
    if (envelope->escaped) {
        envelope->escaped = false;
    } else if (byte == '\\') {
        envelope->escaped = true;
    } else if (byte == '"') {
        envelope->in_string = false;
        envelope->is_next = envelope->is_key && key_matches(envelope, path);
    }
}

static bool envelope_push(struct envelope *envelope, bool is_object, struct error *error) {
    if (envelope->depth == JSON_DEPTH_MAX - 1) {
        return error_set(error, ERROR_JSON_DEPTH, "JSON may be nested %d deep", JSON_DEPTH_MAX);
    }
    if (is_object && envelope->is_next && envelope->depth > 0) {
        envelope->matched = envelope->depth;
    }
    envelope->objects &= ~(UINT64_C(1) << envelope->depth);
    envelope->objects |= (uint64_t)is_object << envelope->depth;
    envelope->depth++;
    envelope->wants_key = is_object;
    envelope->is_next = false;
    return true;
}

static void envelope_pop(struct envelope *envelope) {
    envelope->depth -= envelope->depth > 0;
    if (envelope->matched > 0 && envelope->matched >= envelope->depth) {
        envelope->matched = envelope->depth > 0 ? envelope->depth - 1 : 0;
    }
    envelope->is_next = false;
    envelope->wants_key = false;
}

// Whether the value that begins now stands at the end of the path.
static bool envelope_arrived(const struct envelope *envelope, const struct path *path) {
    return envelope->is_next && !envelope->was_listed &&
           (path->count == 0 ? envelope->depth == 0 : envelope->depth == path->count);
}

// Takes one byte of the envelope that is not the list's.
static bool envelope_byte(struct envelope *envelope, const struct path *path, char byte, struct error *error) {
    bool was_string = envelope->in_string;
    size_t before = envelope->bytes.length;
    buffer_byte(&envelope->bytes, byte);
    if (was_string) {
        envelope_string(envelope, path, byte);
        return true;
    }
    switch (byte) {
    case ' ':
    case '\t':
    case '\r':
    case '\n':
        return true;
    case '"':
        envelope->in_string = true;
        envelope->is_key = envelope->wants_key;
        envelope->wants_key = false;
        envelope->is_next = false;
        envelope->key = before;
        return true;
    case '{':
    case '[':
        return envelope_push(envelope, byte == '{', error);
    case '}':
    case ']':
        envelope_pop(envelope);
        return true;
    case ',':
        envelope->wants_key = envelope->depth > 0 && (envelope->objects >> (envelope->depth - 1) & 1) != 0;
        return true;
    case ':':
        return true;
    default:
        envelope->is_next = false;
        return true;
    }
}

static void element_begin(struct json_stream *splitter, bool is_lone) {
    char byte = splitter->feed.block[splitter->feed.at];
    splitter->feed.start = splitter->feed.at;
    splitter->depth = 0;
    splitter->in_string = false;
    splitter->escaped = false;
    splitter->feed.is_long = false;
    splitter->is_lone = is_lone;
    splitter->is_scalar = byte != '{' && byte != '[' && byte != '"';
    splitter->part = PART_ELEMENT;
}

// Goes on in the envelope until the list begins or the bytes run out.
static bool envelope_walk(struct json_stream *splitter, struct error *error) {
    struct envelope *envelope = &splitter->envelope;
    while (splitter->feed.at < splitter->feed.length && splitter->part == PART_ENVELOPE) {
        char byte = splitter->feed.block[splitter->feed.at];
        bool begins = !envelope->in_string && (byte == '[' || (byte == '{' && splitter->lone)) &&
                      envelope_arrived(envelope, splitter->path);
        if (begins) {
            envelope->was_listed = true;
            envelope->is_next = false;
            buffer_string(&envelope->bytes, "[]");
            if (byte == '{') {
                element_begin(splitter, true);
            } else {
                splitter->feed.at++;
                splitter->part = PART_FIRST;
            }
        } else {
            if (!envelope_byte(envelope, splitter->path, byte, error)) {
                return false;
            }
            splitter->feed.at++;
        }
        if (envelope->bytes.starved) {
            return error_memory(error);
        }
        if (envelope->bytes.failed) {
            return error_set(error, ERROR_LIMIT, "what stands around the records is longer than %d bytes",
                             JSON_ENVELOPE_MAX);
        }
    }
    splitter->feed.start = splitter->part == PART_ELEMENT ? splitter->feed.start : splitter->feed.at;
    return true;
}

// What a byte means in an element, outside its strings.
enum mark { MARK_NONE, MARK_QUOTE, MARK_OPEN, MARK_CLOSE };

static const unsigned char marks[256] = {
    ['"'] = MARK_QUOTE, ['{'] = MARK_OPEN, ['['] = MARK_OPEN, ['}'] = MARK_CLOSE, [']'] = MARK_CLOSE,
};

// Goes on in a string; false when the bytes run out in it.
static bool string_walk(struct json_stream *splitter, const char **at, const char *end) {
    unsigned char seen = 0;
    while (*at < end) {
        if (splitter->escaped) {
            splitter->escaped = false;
            (*at)++;
            continue;
        }
        *at = quote_scan(*at, end, &seen);
        if (*at == end) {
            return false;
        }
        char byte = *(*at)++;
        if (byte == '"') {
            splitter->in_string = false;
            return true;
        }
        splitter->escaped = byte == '\\';
    }
    return false;
}

// Goes on in an element of brackets or a string. True when it has ended.
static bool nested_walk(struct json_stream *splitter) {
    const char *at = splitter->feed.block + splitter->feed.at;
    const char *end = splitter->feed.block + splitter->feed.length;
    unsigned depth = splitter->depth;
    bool has_ended = false;
    while (!has_ended && at < end) {
        if (splitter->in_string) {
            has_ended = string_walk(splitter, &at, end) && depth == 0;
            continue;
        }
        while (at < end && marks[(unsigned char)*at] == MARK_NONE) {
            at++;
        }
        if (at == end) {
            break;
        }
        switch (marks[(unsigned char)*at++]) {
        case MARK_QUOTE:
            splitter->in_string = true;
            break;
        case MARK_OPEN:
            depth++;
            break;
        default:
            depth--;
            has_ended = depth == 0;
            break;
        }
    }
    splitter->depth = depth;
    splitter->feed.at = (size_t)(at - splitter->feed.block);
    return has_ended;
}

static bool is_space(char byte) {
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

// Goes on in a number or a word. True when it has ended.
static bool scalar_walk(struct json_stream *splitter) {
    while (splitter->feed.at < splitter->feed.length) {
        char byte = splitter->feed.block[splitter->feed.at];
        if (byte == ',' || byte == ']' || is_space(byte)) {
            return true;
        }
        splitter->feed.at++;
    }
    return false;
}

static bool list_fail(const struct json_stream *splitter, const char *wanted, struct error *error) {
    char byte = splitter->feed.block[splitter->feed.at];
    if (byte >= 0x20 && byte < 0x7F) {
        return error_set(error, ERROR_JSON_SYNTAX, "%s should stand where %c is, between two records", wanted, byte);
    }
    return error_set(error, ERROR_JSON_SYNTAX, "%s should stand where the byte 0x%02x is, between two records", wanted,
                     (unsigned)(unsigned char)byte);
}

// Passes what stands between two elements.
static bool list_walk(struct json_stream *splitter, struct error *error) {
    while (splitter->feed.at < splitter->feed.length && splitter->part != PART_ELEMENT &&
           splitter->part != PART_ENVELOPE) {
        char byte = splitter->feed.block[splitter->feed.at];
        if (is_space(byte)) {
            splitter->feed.at++;
        } else if (byte == ']' && splitter->part != PART_NEXT) {
            splitter->part = PART_ENVELOPE;
            splitter->feed.at++;
        } else if (splitter->part == PART_BEHIND) {
            if (byte != ',') {
                return list_fail(splitter, "a comma or ]", error);
            }
            splitter->part = PART_NEXT;
            splitter->feed.at++;
        } else if (byte == ',' || byte == ']' || byte == '}' || byte == ':') {
            return list_fail(splitter, "a value", error);
        } else {
            element_begin(splitter, false);
        }
    }
    splitter->feed.start = splitter->part == PART_ELEMENT ? splitter->feed.start : splitter->feed.at;
    return true;
}

// The bytes have run out for good.
static bool body_end(struct json_stream *splitter, enum json_found *found, struct error *error) {
    struct envelope *envelope = &splitter->envelope;
    if (splitter->part != PART_ENVELOPE) {
        return error_set(error, ERROR_JSON_SYNTAX, "the JSON ends in the middle of its list");
    }
    struct arena arena;
    struct value value;
    arena_init(&arena, 16 * JSON_ENVELOPE_MAX);
    bool ok = json_read(buffer_view(&envelope->bytes), &arena, NULL, &value, error);
    arena_clear(&arena);
    *found = JSON_END;
    return ok;
}

static bool element_end(struct json_stream *splitter, enum json_found *found, struct text *bytes) {
    *found = feed_take(&splitter->feed, bytes) ? JSON_ELEMENT : JSON_LONG;
    splitter->part = splitter->is_lone ? PART_ENVELOPE : PART_BEHIND;
    return true;
}

bool json_stream_next(struct json_stream *splitter, struct arena *arena, enum json_found *found, struct text *bytes,
                      struct error *error) {
    for (;;) {
        if (splitter->part == PART_ENVELOPE && !envelope_walk(splitter, error)) {
            return false;
        }
        if (splitter->part != PART_ENVELOPE && splitter->part != PART_ELEMENT && !list_walk(splitter, error)) {
            return false;
        }
        if (splitter->part == PART_ELEMENT && (splitter->is_scalar ? scalar_walk(splitter) : nested_walk(splitter))) {
            return element_end(splitter, found, bytes);
        }
        if (splitter->feed.at < splitter->feed.length) {
            continue; // another part begins
        }
        if (splitter->feed.ended && splitter->feed.block != NULL) {
            return body_end(splitter, found, error);
        }
        if (!feed_more(&splitter->feed, arena, error)) {
            return false;
        }
    }
}

bool json_stream_leave(struct json_stream *splitter, struct error *error) {
    return feed_leave(&splitter->feed, error);
}

bool json_stream_envelope(struct json_stream *splitter, struct arena *arena, struct value *out, bool *listed,
                          struct error *error) {
    struct text bytes;
    *listed = splitter->envelope.was_listed;
    if (!arena_text(arena, buffer_view(&splitter->envelope.bytes), &bytes)) {
        return error_memory(error);
    }
    return json_read(bytes, arena, NULL, out, error);
}

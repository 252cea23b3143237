#include "format/format_text.h"

#include <strings.h>

#include "base/memory.h"

enum { RAW_BYTES = 64 * 1024, CHAR_BYTES = 4, MARK_BYTES = 4 };

struct decoder {
    struct stream stream;
    struct stream *raw;
    enum encoding encoding;
    bool started;
    bool ended;             // raw gave its end
    size_t next;            // of bytes
    size_t length;          // of bytes
    char spill[CHAR_BYTES]; // a character that did not fit where it was to go
    size_t spill_next;
    size_t spill_length;
    unsigned char bytes[RAW_BYTES];
};

static const struct {
    const char *name;
    enum encoding encoding;
} names[] = {
    {"auto", ENCODING_AUTO},
    {"utf-8", ENCODING_UTF8},
    {"utf-16", ENCODING_UTF16},
    {"utf-16le", ENCODING_UTF16LE},
    {"utf-16be", ENCODING_UTF16BE},
    {"latin-1", ENCODING_LATIN1},
    {"windows-1252", ENCODING_WINDOWS1252},
};

bool encoding_find(struct text name, enum encoding *out, struct error *error) {
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strlen(names[i].name) == name.length && strncasecmp(names[i].name, name.data, name.length) == 0) {
            *out = names[i].encoding;
            return true;
        }
    }
    error_set(error, ERROR_ENCODING, "there is no encoding \"%.*s\"; it is one of " ENCODING_NAMES,
              name.length < 40 ? (int)name.length : 40, name.data);
    if (error != NULL) {
        error->scope = ERROR_RUN;
    }
    return false;
}

// Windows-1252 at 0x80 to 0x9F; 0 is unused.
static const uint16_t windows_high[32] = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178,
};

// Writes a code point as UTF-8; a lone surrogate comes out as the three bytes that no UTF-8 check passes.
static size_t put_point(uint32_t point, char *out) {
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    if (point < 0x800) {
        out[0] = (char)(0xC0 | point >> 6);
        out[1] = (char)(0x80 | (point & 0x3F));
        return 2;
    }
    if (point < 0x10000) {
        out[0] = (char)(0xE0 | point >> 12);
        out[1] = (char)(0x80 | (point >> 6 & 0x3F));
        out[2] = (char)(0x80 | (point & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | point >> 18);
    out[1] = (char)(0x80 | (point >> 12 & 0x3F));
    out[2] = (char)(0x80 | (point >> 6 & 0x3F));
    out[3] = (char)(0x80 | (point & 0x3F));
    return 4;
}

// Decodes one character at `bytes`. Returns its length in UTF-8 and how many bytes it took in `used`; 0 used when
// more are needed.
static size_t take_single(const struct decoder *decoder, char *out, size_t *used) {
    unsigned char byte = decoder->bytes[decoder->next];
    *used = 1;
    if (decoder->encoding == ENCODING_WINDOWS1252 && byte >= 0x80 && byte < 0xA0) {
        uint16_t point = windows_high[byte - 0x80];
        if (point == 0) {
            out[0] = (char)byte;
            return 1;
        }
        return put_point(point, out);
    }
    return put_point(byte, out);
}

static uint32_t unit_at(const struct decoder *decoder, size_t at) {
    unsigned first = decoder->bytes[at];
    unsigned second = decoder->bytes[at + 1];
    return decoder->encoding == ENCODING_UTF16BE ? first << 8 | second : second << 8 | first;
}

static size_t take_utf16(const struct decoder *decoder, char *out, size_t *used) {
    size_t left = decoder->length - decoder->next;
    if (left < 2) {
        *used = decoder->ended ? 1 : 0;
        out[0] = (char)0xFF; // half a unit at the very end
        return 1;
    }
    uint32_t unit = unit_at(decoder, decoder->next);
    *used = 2;
    if (unit < 0xD800 || unit >= 0xDC00) {
        return put_point(unit, out);
    }
    if (left < 4) {
        *used = decoder->ended ? 2 : 0;
        return put_point(unit, out);
    }
    uint32_t low = unit_at(decoder, decoder->next + 2);
    if (low < 0xDC00 || low >= 0xE000) {
        return put_point(unit, out);
    }
    *used = 4;
    return put_point(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00), out);
}

static size_t take_character(const struct decoder *decoder, char *out, size_t *used) {
    bool wide = decoder->encoding == ENCODING_UTF16LE || decoder->encoding == ENCODING_UTF16BE;
    return wide ? take_utf16(decoder, out, used) : take_single(decoder, out, used);
}

// Keeps what is left of `bytes` and reads more behind it.
static bool fill(struct decoder *decoder, struct error *error) {
    size_t left = decoder->length - decoder->next;
    if (decoder->next > 0 && left > 0) {
        memmove(decoder->bytes, decoder->bytes + decoder->next, left);
    }
    decoder->next = 0;
    decoder->length = left;
    size_t got = 0;
    if (!stream_read(decoder->raw, (char *)decoder->bytes + left, RAW_BYTES - left, &got, error)) {
        return false;
    }
    decoder->length += got;
    decoder->ended = got == 0;
    return true;
}

static bool starts(const struct decoder *decoder, const char *mark, size_t length) {
    return decoder->length >= length && memcmp(decoder->bytes, mark, length) == 0;
}

static bool refuse_others(const struct decoder *decoder, struct error *error) {
    const char *what = NULL;
    if (starts(decoder, "\x1F\x8B", 2)) {
        what = "gzip; give its name the ending .gz";
    } else if (starts(decoder, "PK\x03\x04", 4)) {
        what = "a zip or a spreadsheet; save it as CSV";
    } else if (starts(decoder, "\xFF\xFE\0\0", 4) || starts(decoder, "\0\0\xFE\xFF", 4)) {
        what = "UTF-32; save it as UTF-8";
    }
    if (what == NULL) {
        return true;
    }
    error_set(error, ERROR_ENCODING, "the file is %s", what);
    if (error != NULL) {
        error->scope = ERROR_SOURCE;
    }
    return false;
}

// Reads the first bytes, settles the encoding by the mark and drops the mark.
static bool start(struct decoder *decoder, struct error *error) {
    while (decoder->length < MARK_BYTES && !decoder->ended) {
        if (!fill(decoder, error)) {
            return false;
        }
    }
    bool guess = decoder->encoding == ENCODING_AUTO;
    bool wide = decoder->encoding == ENCODING_UTF16;
    if (decoder->encoding < ENCODING_LATIN1 && !refuse_others(decoder, error)) {
        return false;
    }
    bool little = starts(decoder, "\xFF\xFE", 2);
    bool big = starts(decoder, "\xFE\xFF", 2);
    if (guess || wide) {
        decoder->encoding = big ? ENCODING_UTF16BE : little || wide ? ENCODING_UTF16LE : ENCODING_UTF8;
    }
    if (decoder->encoding == ENCODING_UTF8 && starts(decoder, "\xEF\xBB\xBF", 3)) {
        decoder->next = 3;
    } else if ((decoder->encoding == ENCODING_UTF16LE && little) || (decoder->encoding == ENCODING_UTF16BE && big)) {
        decoder->next = 2;
    }
    decoder->started = true;
    return true;
}

// UTF-8 goes straight through; only what the look at the mark had read is copied.
static bool pass(struct decoder *decoder, char *into, size_t room, size_t *got, struct error *error) {
    size_t left = decoder->length - decoder->next;
    if (left == 0) {
        return stream_read(decoder->raw, into, room, got, error);
    }
    *got = left < room ? left : room;
    memcpy(into, decoder->bytes + decoder->next, *got);
    decoder->next += *got;
    return true;
}

static size_t take_spill(struct decoder *decoder, char *into, size_t room) {
    size_t count = decoder->spill_length - decoder->spill_next;
    count = count < room ? count : room;
    memcpy(into, decoder->spill + decoder->spill_next, count);
    decoder->spill_next += count;
    return count;
}

static bool convert(struct decoder *decoder, char *into, size_t room, size_t *got, struct error *error) {
    size_t filled = take_spill(decoder, into, room);
    while (filled < room) {
        size_t used = 0;
        size_t count = 0;
        char character[CHAR_BYTES];
        if (decoder->next < decoder->length) {
            count = take_character(decoder, character, &used);
        }
        if (used == 0) {
            if (filled > 0 || decoder->ended) {
                break;
            }
            if (!fill(decoder, error)) {
                return false;
            }
            continue;
        }
        decoder->next += used;
        if (count <= room - filled) {
            memcpy(into + filled, character, count);
            filled += count;
        } else {
            memcpy(decoder->spill, character, count);
            decoder->spill_next = 0;
            decoder->spill_length = count;
            filled += take_spill(decoder, into + filled, room - filled);
        }
    }
    *got = filled;
    return true;
}

static bool decoder_read(struct stream *stream, char *into, size_t room, size_t *got, struct error *error) {
    struct decoder *decoder = (struct decoder *)stream;
    if (!decoder->started && !start(decoder, error)) {
        return false;
    }
    return decoder->encoding == ENCODING_UTF8 ? pass(decoder, into, room, got, error)
                                              : convert(decoder, into, room, got, error);
}

static bool decoder_skip(struct stream *stream, uint64_t count, bool *able, struct error *error) {
    struct decoder *decoder = (struct decoder *)stream;
    if (!decoder->started && !start(decoder, error)) {
        return false;
    }
    *able = decoder->encoding == ENCODING_UTF8 && decoder->raw->type->skip != NULL;
    if (!*able) {
        return false;
    }
    size_t left = decoder->length - decoder->next;
    size_t here = count < left ? (size_t)count : left;
    decoder->next += here;
    return stream_skip(decoder->raw, count - here, error);
}

static void decoder_close(struct stream *stream) {
    struct decoder *decoder = (struct decoder *)stream;
    stream_close(decoder->raw);
    memory_free(decoder);
}

bool decode_open(struct stream *raw, enum encoding encoding, struct stream **out, struct error *error) {
    static const struct stream_type type = {decoder_read, decoder_skip, decoder_close};
    struct decoder *decoder = memory_zero(1, sizeof *decoder);
    if (decoder == NULL) {
        stream_close(raw);
        return error_memory(error);
    }
    decoder->stream.type = &type;
    decoder->raw = raw;
    decoder->encoding = encoding;
    *out = &decoder->stream;
    return true;
}

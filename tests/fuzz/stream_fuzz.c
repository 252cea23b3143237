// Streams of any bytes, read in pieces of any size. What is packed here and read by format_gzip is the same again, and
// what was cut or changed is an error and never a shorter file; decoded text is held against a second decoder; lines
// against a plain split; and rows that were written as CSV come back as the same texts.

#include <zlib.h>

#include "base/buffer.h"
#include "format/format_csv.h"
#include "format/format_csv_write.h"
#include "format/format_gzip.h"
#include "format/format_jsonl.h"
#include "format/format_text.h"
#include "fuzz.h"

enum { BYTES_MAX = 8 << 20, ARENA_MAX = 64 << 20, FIELDS_MAX = 6 };

// Reads a stream to its end or its error, at most BYTES_MAX of it. Closes it.
static bool read_all(struct stream *stream, size_t piece, struct buffer *out, struct error *error) {
    char room[4096];
    size_t got = 1;
    bool ok = true;
    error_clear(error);
    while (ok && got > 0 && out->length < BYTES_MAX) {
        size_t most = piece < sizeof room ? piece + 1 : sizeof room;
        ok = stream_read(stream, room, most, &got, error);
        demand(!ok || got <= most, "a stream gives no more than there is room for");
        if (ok) {
            buffer_append(out, room, got);
        }
    }
    stream_close(stream);
    if (!ok) {
        demand_error(error);
    }
    return ok;
}

static struct stream *open_bytes(struct text bytes) {
    struct stream *stream = stream_of(bytes);
    demand(stream != NULL, "there is memory");
    return stream;
}

// --- gzip ---

static bool unpack(struct text packed, size_t piece, struct buffer *out, struct error *error) {
    struct stream *stream;
    buffer_init(out, BYTES_MAX + 4096);
    demand(gzip_open(open_bytes(packed), &stream, error), "there is memory");
    return read_all(stream, piece, out, error);
}

static void pack(struct text bytes, int level, struct buffer *out) {
    z_stream z = {0};
    demand(deflateInit2(&z, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK, "zlib is ready");
    demand(buffer_reserve(out, deflateBound(&z, bytes.length)), "there is memory");
    z.next_in = (Bytef *)(uintptr_t)bytes.data;
    z.avail_in = (uInt)bytes.length;
    z.next_out = (Bytef *)out->data + out->length;
    z.avail_out = (uInt)(out->capacity - out->length);
    demand(deflate(&z, Z_FINISH) == Z_STREAM_END, "zlib packs");
    out->length = out->capacity - z.avail_out;
    deflateEnd(&z);
}

static void check_packed(struct text bytes, unsigned pick, size_t piece) {
    struct buffer packed;
    struct buffer out;
    struct error error;
    buffer_init(&packed, BYTES_MAX);
    pack(bytes, (int)(pick % 10), &packed);
    demand(unpack(buffer_view(&packed), piece, &out, &error) && text_same(buffer_view(&out), bytes),
           "what was packed comes back");
    buffer_clear(&out);
    struct text cut = {packed.data, pick * packed.length / 256};
    demand(!unpack(cut, piece, &out, &error) && error.code == ERROR_GZIP, "a cut file is never whole");
    demand(out.length <= bytes.length && memcmp(bytes.data, out.data != NULL ? out.data : "", out.length) == 0,
           "what is read of it is its beginning");
    buffer_clear(&out);
    size_t at = packed.length - 1 - pick % 8; // of the checksum and the length
    packed.data[at] = (char)(packed.data[at] ^ 1);
    demand(!unpack(buffer_view(&packed), piece, &out, &error) && error.code == ERROR_GZIP, "a wrong trailer is seen");
    buffer_clear(&out);
    buffer_clear(&packed);
}

static void check_raw_gzip(struct text bytes, size_t piece) {
    struct buffer a;
    struct buffer b;
    struct error error;
    bool first = unpack(bytes, piece, &a, &error);
    bool second = unpack(bytes, 4096, &b, &error);
    size_t both = a.length < b.length ? a.length : b.length;
    demand(a.length >= BYTES_MAX || b.length >= BYTES_MAX || first == second, "the size of pieces changes no end");
    demand(both == 0 || memcmp(a.data, b.data, both) == 0, "the size of pieces changes no bytes");
    demand(!first || !second || a.length == b.length || both >= BYTES_MAX, "the size of pieces changes no length");
    buffer_clear(&a);
    buffer_clear(&b);
}

// --- encodings ---

static void put_point(struct buffer *out, unsigned point) {
    if (point < 0x80) {
        buffer_byte(out, (char)point);
        return;
    }
    if (point < 0x800) {
        buffer_byte(out, (char)(0xc0 | point >> 6));
    } else if (point < 0x10000) {
        buffer_byte(out, (char)(0xe0 | point >> 12));
        buffer_byte(out, (char)(0x80 | (point >> 6 & 63)));
    } else {
        buffer_byte(out, (char)(0xf0 | point >> 18));
        buffer_byte(out, (char)(0x80 | (point >> 12 & 63)));
        buffer_byte(out, (char)(0x80 | (point >> 6 & 63)));
    }
    buffer_byte(out, (char)(0x80 | (point & 63)));
}

// UTF-16 by hand; false where a half of a pair or of a unit is missing.
static bool plain_utf16(struct text bytes, bool big, struct buffer *out) {
    const unsigned char *at = (const unsigned char *)bytes.data;
    size_t skip = bytes.length >= 2 && at[big ? 0 : 1] == 0xfe && at[big ? 1 : 0] == 0xff ? 2 : 0;
    unsigned high = 0;
    for (size_t i = skip; i + 1 < bytes.length; i += 2) {
        unsigned unit = big ? (unsigned)at[i] << 8 | at[i + 1] : (unsigned)at[i + 1] << 8 | at[i];
        bool is_high = unit >= 0xd800 && unit < 0xdc00;
        bool is_low = unit >= 0xdc00 && unit < 0xe000;
        if ((high != 0) != is_low) {
            return false;
        }
        if (is_low) {
            put_point(out, 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00));
        } else if (!is_high) {
            put_point(out, unit);
        }
        high = is_high ? unit : 0;
    }
    return high == 0 && bytes.length % 2 == 0;
}

static bool plain_text(struct text bytes, enum encoding encoding, struct buffer *out) {
    if (encoding == ENCODING_LATIN1) {
        for (size_t i = 0; i < bytes.length; i++) {
            put_point(out, (unsigned char)bytes.data[i]);
        }
        return true;
    }
    if (encoding == ENCODING_UTF8) {
        bool marked = bytes.length >= 3 && memcmp(bytes.data, "\xef\xbb\xbf", 3) == 0;
        buffer_append(out, bytes.data + (marked ? 3 : 0), bytes.length - (marked ? 3 : 0));
        return text_utf8(bytes, NULL);
    }
    return (encoding == ENCODING_UTF16LE || encoding == ENCODING_UTF16BE) &&
           plain_utf16(bytes, encoding == ENCODING_UTF16BE, out);
}

static void check_encoding(struct text bytes, enum encoding encoding, size_t piece) {
    struct buffer whole;
    struct buffer pieces;
    struct buffer plain;
    struct error error;
    struct stream *stream;
    buffer_init(&whole, BYTES_MAX);
    buffer_init(&pieces, BYTES_MAX);
    buffer_init(&plain, BYTES_MAX);
    demand(decode_open(open_bytes(bytes), encoding, &stream, &error), "there is memory");
    bool ok = read_all(stream, 4095, &whole, &error);
    demand(ok || error.code == ERROR_ENCODING, "what can't be decoded is said to be");
    demand(decode_open(open_bytes(bytes), encoding, &stream, &error), "there is memory");
    demand(read_all(stream, piece, &pieces, &error) == ok, "the size of pieces changes no end");
    demand(!ok || text_same(buffer_view(&whole), buffer_view(&pieces)), "the size of pieces changes no text");
    if (ok && plain_text(bytes, encoding, &plain)) {
        demand(text_same(buffer_view(&whole), buffer_view(&plain)), "a text is decoded as it should be");
        demand(text_utf8(buffer_view(&whole), NULL), "a text without faults is UTF-8");
    }
    buffer_clear(&whole);
    buffer_clear(&pieces);
    buffer_clear(&plain);
}

// --- lines ---

static void check_lines(struct text bytes) {
    struct jsonl_reader reader;
    struct arena arena;
    struct error error;
    enum jsonl_found found = JSONL_LINE;
    struct text line;
    struct text rest = bytes;
    struct stream *stream = open_bytes(bytes);
    arena_init(&arena, ARENA_MAX);
    jsonl_init(&reader);
    jsonl_start(&reader, stream);
    while (found != JSONL_END) {
        demand(jsonl_next(&reader, &arena, &found, &line, &error), "lines in memory can be read");
        struct text wanted = {0};
        while (wanted.length == 0 && rest.length > 0) {
            wanted = take_line(&rest);
            if (wanted.length > 0 && wanted.data[wanted.length - 1] == '\r') {
                wanted.length--;
            }
            if (text_trim(wanted).length == 0) {
                wanted.length = 0; // an empty line is passed
            }
        }
        demand((found == JSONL_END) == (wanted.length == 0), "there are as many lines as there are line ends");
        demand(found == JSONL_END || text_same(text_trim(line), text_trim(wanted)), "a line is what stands between");
    }
    jsonl_clear(&reader);
    stream_close(stream);
    arena_clear(&arena);
}

// --- CSV, written and read ---

static void check_csv(struct text bytes, unsigned pick) {
    static const struct text names[] = {{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}, {"e", 1}, {"f", 1}};
    struct text fields[FIELDS_MAX];
    struct csv_style style = {.delimiter = (pick & 1) != 0 ? '\t' : ','};
    struct csv_setup setup = {.delimiter = style.delimiter, .quote = '"', .header = true, .seed = 1};
    struct buffer out;
    struct error error;
    size_t count = 1 + pick % FIELDS_MAX;
    for (size_t i = 0; i < count; i++) {
        fields[i] = i + 1 < count ? take_until(&bytes, '\x1f') : bytes;
        if (!text_utf8(fields[i], NULL)) {
            return;
        }
    }
    buffer_init(&out, BYTES_MAX);
    csv_write_row(&out, &style, names, count);
    csv_write_row(&out, &style, fields, count);
    struct csv_reader *reader;
    struct batch batch;
    bool end = false;
    struct stream *stream = open_bytes(buffer_view(&out));
    demand(csv_open(&setup, &reader, &error) && csv_start(reader, stream, '\0', &error), "a header can be read");
    batch_init(&batch, ARENA_MAX);
    demand(batch_reset(&batch, 10, &error) && csv_read(reader, &batch, &end, &error), "rows can be read");
    demand(batch.reject_count == 0 && batch.count == 1, "a row that was written is one row");
    for (size_t i = 0; i < count; i++) {
        demand(text_same(value_slice(&batch.records[0].fields.values[i]), fields[i]), "a field comes back as it was");
    }
    batch_clear(&batch);
    csv_close(reader);
    stream_close(stream);
    buffer_clear(&out);
}

// The first byte picks how, the second the pieces; the rest are the bytes.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct text bytes = {(const char *)data, size};
    unsigned pick = take_byte(&bytes);
    size_t piece = take_byte(&bytes);
    check_packed(bytes, pick, piece);
    check_raw_gzip(bytes, piece);
    check_encoding(bytes, (enum encoding)(pick % (ENCODING_WINDOWS1252 + 1)), piece);
    check_lines(bytes);
    check_csv(bytes, pick);
    return 0;
}

// format_csv against libcsv: on well-formed input both find the same fields, whatever is in them. And the two ways of
// the scan against each other.

#include <csv.h>

#include "format/csv_story.h"
#include "format/format_csv.h"
#include "format/format_csv_scan.h"
#include "format/format_csv_write.h"
#include "test.h"

enum { COLUMNS = 5, ROWS = 60, ROUNDS = 400 };

static uint64_t seed = 88172645463325252U;

static uint32_t chance(uint32_t limit) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 32) % limit;
}

static void oracle_field(void *bytes, size_t length, void *context) {
    struct buffer *out = context;
    if (out->length > 0 && out->data[out->length - 1] != '\n') {
        buffer_byte(out, '|');
    }
    buffer_byte(out, '<');
    buffer_append(out, bytes, length);
    buffer_byte(out, '>');
}

static void oracle_row(int end, void *context) {
    (void)end;
    buffer_byte(context, '\n');
}

static void oracle(struct text bytes, struct buffer *out) {
    struct csv_parser parser;
    CHECK(csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) == 0);
    // White space is data to us.
    CHECK(csv_parse(&parser, bytes.data, bytes.length, oracle_field, oracle_row, out) == bytes.length);
    CHECK(csv_fini(&parser, oracle_field, oracle_row, out) == 0);
    csv_free(&parser);
}

static void own(struct text bytes, struct buffer *out) {
    static const struct csv_setup setup = {.delimiter = ',', .quote = '"', .header = true};
    struct error error;
    struct csv_reader *reader;
    struct batch batch;
    bool end = false;
    batch_init(&batch, 16 << 20);
    struct stream *stream = csv_drip(bytes, chance(3) * 50);
    CHECK_OK(csv_open(&setup, &reader, &error), &error);
    CHECK_OK(csv_start(reader, stream, '\0', &error), &error);
    while (!end) {
        CHECK_OK(batch_reset(&batch, 1 + chance(20), &error), &error);
        CHECK_OK(csv_read(reader, &batch, &end, &error), &error);
        CHECK_INT(batch.reject_count, 0);
        for (size_t i = 0; i < batch.count; i++) {
            for (uint32_t j = 0; j < batch.records[i].fields.shape->count; j++) {
                struct text text = value_slice(&batch.records[i].fields.values[j]);
                oracle_field((char *)(uintptr_t)text.data, text.length, out);
            }
            oracle_row(0, out);
        }
    }
    csv_close(reader);
    stream_close(stream);
    batch_clear(&batch);
}

// A field that libcsv and RFC 4180 agree on: libcsv trims white space outside quotes, so there is none at the edges.
static void put_field(struct buffer *bytes) {
    static const char *const pieces[] = {"a", "42", "\xC3\xA4",        ",", "\"", "\n", "\r\n", "\r",
                                         " ", "",   "some longer text"};
    struct buffer plain;
    buffer_init(&plain, 4096);
    bool quoted = chance(3) == 0;
    for (uint32_t i = chance(6); i > 0; i--) {
        buffer_string(&plain, pieces[quoted ? chance(11) : chance(3)]);
    }
    struct text text = buffer_view(&plain);
    if (quoted) {
        buffer_byte(bytes, '"');
        for (size_t i = 0; i < text.length; i++) {
            buffer_byte(bytes, text.data[i]);
            if (text.data[i] == '"') {
                buffer_byte(bytes, '"');
            }
        }
        buffer_byte(bytes, '"');
    } else {
        buffer_text(bytes, text);
    }
    buffer_clear(&plain);
}

TEST(format_csv_oracle, same_fields_as_libcsv) {
    static const char *const ends[] = {"\n", "\r\n", "\r"};
    struct buffer bytes, theirs, ours;
    buffer_init(&bytes, 16 << 20);
    buffer_init(&theirs, 16 << 20);
    buffer_init(&ours, 16 << 20);
    for (int round = 0; round < ROUNDS; round++) {
        const char *end = ends[chance(3)];
        buffer_reset(&bytes);
        for (uint32_t row = chance(ROWS); row > 0; row--) {
            buffer_byte(&bytes, 'x'); // so that no row is an empty line
            for (int column = 1; column < COLUMNS; column++) {
                buffer_byte(&bytes, ',');
                put_field(&bytes);
            }
            buffer_string(&bytes, row > 1 || chance(2) == 0 ? end : "");
        }
        buffer_reset(&theirs);
        buffer_reset(&ours);
        oracle(buffer_view(&bytes), &theirs);
        struct buffer whole;
        buffer_init(&whole, 16 << 20);
        buffer_print(&whole, "a,b,c,d,e%s", end);
        buffer_text(&whole, buffer_view(&bytes));
        own(buffer_view(&whole), &ours);
        buffer_clear(&whole);
        if (!text_same(buffer_view(&ours), buffer_view(&theirs))) {
            test_fail(__FILE__, __LINE__, "round %d:\n%.*s\nours:\n%.*s\ntheirs:\n%.*s", round,
                      TEXT_ARGS(buffer_view(&bytes)), TEXT_ARGS(buffer_view(&ours)), TEXT_ARGS(buffer_view(&theirs)));
        }
    }
    buffer_clear(&bytes);
    buffer_clear(&theirs);
    buffer_clear(&ours);
}

TEST(format_csv_oracle, both_scans_agree) {
    static const char bytes[] = {',', '"', '\n', '\r', 'a', '\0', ';', '+', '-', '\x2D', (char)0xAC, (char)0x8A, '!'};
    for (int round = 0; round < 100000; round++) {
        char block[CSV_SCAN_BYTES];
        uint64_t expected = 0;
        bool high = false;
        for (unsigned i = 0; i < sizeof block; i++) {
            block[i] = chance(4) == 0 ? bytes[chance(sizeof bytes)] : (char)chance(round % 2 == 0 ? 128 : 256);
            if (memchr(",\"\n\r", block[i], 4) != NULL) {
                expected |= UINT64_C(1) << i;
            }
            high = high || (unsigned char)block[i] > 0x7F;
        }
        bool portable_high;
        bool native_high;
        CHECK(csv_scan_portable(block, ',', '"', &portable_high) == expected);
        CHECK(csv_scan_marks(block, ',', '"', &native_high) == expected);
        CHECK(portable_high == high && native_high == high);
    }
}

TEST(format_csv_oracle, what_is_written_is_read_back) {
    static const struct csv_style style = {.delimiter = ','};
    struct buffer bytes, expected, ours;
    buffer_init(&bytes, 16 << 20);
    buffer_init(&expected, 16 << 20);
    buffer_init(&ours, 16 << 20);
    for (int round = 0; round < ROUNDS; round++) {
        uint32_t columns = 1 + chance(4);
        char content[64];
        struct text fields[4];
        buffer_reset(&bytes);
        buffer_reset(&expected);
        buffer_reset(&ours);
        buffer_string(&bytes, &"d,c,b,a\n"[8 - 2 * columns]);
        for (uint32_t row = chance(20); row > 0; row--) {
            for (unsigned i = 0; i < sizeof content; i++) {
                content[i] = ",\"\n\rab c\t\0=-"[chance(12)];
            }
            for (uint32_t i = 0; i < columns; i++) {
                fields[i] = (struct text){content + i * 16, chance(16)};
                oracle_field(content + i * 16, fields[i].length, &expected);
            }
            oracle_row(0, &expected);
            csv_write_row(&bytes, &style, fields, columns);
        }
        own(buffer_view(&bytes), &ours);
        CHECK(text_same(buffer_view(&ours), buffer_view(&expected)));
    }
    buffer_clear(&bytes);
    buffer_clear(&expected);
    buffer_clear(&ours);
}

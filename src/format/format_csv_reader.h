#ifndef WEIR_FORMAT_CSV_READER_H
#define WEIR_FORMAT_CSV_READER_H

// What the parts of format_csv share: the reader itself. format_csv opens it and reads headers, format_csv_page fills
// pages, format_csv_reject words what is wrong with a row.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "format/format_csv.h"
#include "format/format_csv_row.h"
#include "format/format_stream.h"

enum {
    CSV_BLOCK_BYTES = 1024 * 1024, // of a page; twice or four times as much when a row needs it
    CSV_FIRST_BYTES = 256 * 1024,  // read for the first page, before the size of rows is known
    CSV_STEP_BYTES = 64 * 1024,    // the least that is read at once
    CSV_RECENT_SHAPES = 8,
};

struct csv_reader {
    struct arena arena; // shapes and names
    char usual_delimiter;
    char quote; // NUL for none
    bool header;
    uint64_t seed;
    struct text *columns;
    size_t column_count;
    struct value *names; // CSV_COLUMNS_MAX of them: a header while it is read
    const struct shape *recent[CSV_RECENT_SHAPES];
    unsigned next_recent;

    // Of the stream in hand.
    struct stream *stream;
    char delimiter;
    const struct shape *shape;
    struct print header_print;
    uint64_t row_seed;
    struct buffer carry; // read, and not yet given as rows
    size_t carry_next;   // the first byte of it that no page took
    uint64_t offset;     // of that byte in the decoded stream
    uint64_t line;       // of the row in hand
    bool ended;          // the stream gave its end
    struct error failed; // the stream failed behind the carry
    size_t block_bytes;  // what the row in the carry asks of the next page
    size_t page_bytes;   // what a page is expected to take
};

// A scan over these bytes; not seated.
static inline struct csv_scan csv_reader_scan(const struct csv_reader *reader, const char *data, size_t end) {
    return (struct csv_scan){
        .data = data,
        .end = end,
        .delimiter = reader->delimiter,
        .quote = reader->quote != '\0' ? reader->quote : reader->delimiter,
    };
}

// Makes a CSV_VALUE_DOUBLED the text that it stands for. False only when out of memory.
bool csv_reader_halve(const struct csv_reader *reader, struct arena *arena, struct value *value);

#endif

#ifndef WEIR_FORMAT_CSV_H
#define WEIR_FORMAT_CSV_H

// Reads CSV (RFC 4180 and what files really look like) from a stream of UTF-8 into batches. Fields are slices of the
// page's own bytes, which are read straight into the batch's arena; only a field with doubled quotes is copied.
//
//   - Rows end with LF, CR or CRLF, in any mixture. Empty lines are skipped. The last row needs no line end.
//   - An empty field is an empty text, never null. White space is kept.
//   - A row that does not fit becomes a reject with line, column, reason and its bytes; the others go in.
//   - A row with a wrong quote or over a limit is rejected up to its own first line end and reading goes on with the
//     next line: a forgotten quote costs one row and never swallows those behind it. To notice one, at most
//     CSV_FIELD_MAX bytes are looked ahead. So a quoted field with line ends in it that is longer than that counts as
//     not closed, and its later lines are read as rows.
//   - A ragged row and one that is no UTF-8 are rejected whole.
//
// The print of a row is that of its raw bytes, without the line end, under the seed and the header: when columns
// change places every print changes. (libcsv is the oracle of the tests, and why it is not the reader is told in
// docs/decisions/0001-csv-reader.md.)

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "format/format_stream.h"
#include "model/record.h"

enum {
    CSV_FIELD_MAX = 1024 * 1024,
    CSV_ROW_MAX = 4 * 1024 * 1024, // with its line end
    CSV_HEADER_MAX = 1024 * 1024,
    CSV_COLUMNS_MAX = 2000,
};

struct csv_setup {
    char delimiter; // one ASCII character; csv_start may say another
    char quote;     // one ASCII character; NUL for none
    bool header;    // the first row names the columns
    // Names for the columns, or none. Needed without a header; with one, they rename its columns in their order.
    const struct text *columns;
    size_t column_count;
    uint64_t seed; // of every print
};

struct csv_reader;

// `setup` is copied, the names too.
bool csv_open(const struct csv_setup *setup, struct csv_reader **out, struct error *error);
void csv_close(struct csv_reader *reader); // accepts NULL; leaves the stream alone

// Begins to read a stream, which must outlive its rows: reads the header. May be called again for the next stream;
// a header of the same names gives the same shape. Shapes live until csv_close. `delimiter` is NUL for the setup's.
bool csv_start(struct csv_reader *reader, struct stream *stream, char delimiter, struct error *error);

// After csv_start: the columns of the stream in hand, as records will have them.
const struct shape *csv_columns(const struct csv_reader *reader);

// Where the reader stands: the first byte not yet given as a row, its line, and what the header was.
struct csv_mark {
    uint64_t offset; // in the decoded stream
    uint64_t line;   // from 1
    struct print header;
};
struct csv_mark csv_mark(const struct csv_reader *reader);

// After csv_start: goes on where an earlier reader of the same stream stood. A header that is not the mark's is
// ERROR_SOURCE_CHANGED.
bool csv_seek(struct csv_reader *reader, const struct csv_mark *mark, struct error *error);

// Fills the reset batch up to its capacity (fewer when rows are long; none, now and then, when one is very long).
// `end` says that the stream's proven end was reached. Rows before a failure of the stream are given first: the
// failure comes with the next call.
bool csv_read(struct csv_reader *reader, struct batch *batch, bool *end, struct error *error);

#endif

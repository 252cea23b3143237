#ifndef WEIR_FORMAT_CSV_REJECT_H
#define WEIR_FORMAT_CSV_REJECT_H

// Rejects of CSV rows: what is said about a row that is no record. Part of format_csv.

#include <stdbool.h>
#include <stdint.h>

#include "format/format_csv_reader.h"

// The bytes of a row. `raw` needs no more than the first REJECT_RAW_MAX of its `length` bytes.
struct csv_bytes {
    const char *raw;
    uint64_t length;
};

// What is wrong, as a phrase: "text stands behind the quote that closes the field".
const char *csv_fault_text(enum csv_fault fault);

// Each appends a reject to the batch, which must have room for it; the row begins at reader->line.
bool csv_reject_fault(const struct csv_reader *reader, struct batch *batch, const struct csv_row *row,
                      struct csv_bytes bytes, struct error *error);
bool csv_reject_ragged(const struct csv_reader *reader, struct batch *batch, const struct csv_row *row,
                       struct csv_bytes bytes, struct error *error);
// `values` are the row's; one of them is no UTF-8.
bool csv_reject_encoding(const struct csv_reader *reader, struct batch *batch, const struct csv_row *row,
                         const struct value *values, struct csv_bytes bytes, struct error *error);

#endif

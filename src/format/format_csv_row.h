#ifndef WEIR_FORMAT_CSV_ROW_H
#define WEIR_FORMAT_CSV_ROW_H

// Splits one CSV row into slices of the bytes it stands in. Part of format_csv, which hands it memory and turns what
// it finds into records and rejects. Nothing here allocates or fails.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "format/format_csv_scan.h"
#include "model/value.h"

// A value's kind while its text still has doubled quotes in it; never leaves format_csv.
enum { CSV_VALUE_DOUBLED = VALUE_OBJECT + 1 };

enum csv_found {
    CSV_FOUND_ROW,
    CSV_FOUND_BLANK, // an empty line
    CSV_FOUND_PART,  // the row goes on behind the bytes at hand
    CSV_FOUND_FAULT,
};

enum csv_fault {
    CSV_FAULT_OPEN,   // a quote is not closed before the end, or within the limit of a field
    CSV_FAULT_STRAY,  // a quote inside a field that does not begin with one
    CSV_FAULT_BEHIND, // text behind the quote that closes a field
    CSV_FAULT_FIELD,  // a field over its limit
    CSV_FAULT_ROW,    // a row over its limit
};

struct csv_row {
    size_t start; // given: where the row begins
    size_t end;   // behind its last byte, without the line end
    size_t next;  // where the next row begins
    size_t count; // how many fields there are
    size_t lines; // how many line ends it takes, its own included
    bool doubled; // some value is a CSV_VALUE_DOUBLED
    enum csv_fault fault;
    size_t fault_column; // from 0
    size_t fault_at;     // offset of the byte at fault
    size_t fault_lines;  // line ends between the row's start and it (for quotes: the quote that opens the field)
};

// Splits the row at row->start. The scan must be seated there (csv_scan_seat, or the row before ended there);
// `ended` says that nothing follows scan->end. Up to `columns` fields are put into `values`; the others are counted.
enum csv_found csv_row_split(struct csv_scan *scan, bool ended, struct value *values, size_t columns,
                             struct csv_row *row);

// The first line end at or behind `from`: `next` is where the line behind it begins. Seats the scan there. False when
// there is none at hand, or when it is a CR whose LF may yet come; at the proven end, the end is a line end too.
bool csv_row_line(struct csv_scan *scan, bool ended, size_t from, size_t *next);

// Halves doubled quotes: writes to `out`, which has room for length - 1 bytes, and returns how many there are.
size_t csv_row_halve(struct text doubled, char quote, char *out);

#endif

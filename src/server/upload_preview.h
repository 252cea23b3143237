#ifndef WEIR_SERVER_UPLOAD_PREVIEW_H
#define WEIR_SERVER_UPLOAD_PREVIEW_H

// What is in an upload, as JSON for people: the first rows of a table, read by the readers that syncs use; what a zip
// holds; the first words of JSON. However large the file or a cell of it is, and whatever it inflates to, some MiB of
// it are read and some MiB of memory taken.
//
//    csv, tsv, and packed    "delimiter", "columns", "rows" (each with "line" and "cells"), "notes" on rows that would
//                            be rejected ("line", "code", "text"), and "more": there are rows behind them
//    zip                     "entries" (how many), "bytes" (that they inflate to), "folders" (name, files, bytes,
//                            troubled), "list" from the entry `first` on (index, name, folder, size, packed, and
//                            "trouble" with what can't be read), and "more"
//    json, and packed        "head": the first words
//
// A cell longer than UPLOAD_CELL_MAX bytes is cut and ends in an ellipsis. The delimiter is the one that a source takes
// for such a file; when that gives one column alone whose name holds another usual one, rows are shown by that one and
// a note says what the script must be told.

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"
#include "server/upload.h"

enum { UPLOAD_ROWS_MAX = 100, UPLOAD_LIST_MAX = 1000, UPLOAD_CELL_MAX = 200 };

struct upload_look {
    size_t rows;  // of a table, or entries of a zip's list; up to the limits above
    size_t first; // entry of a zip's list, from 0
};

// Appends one JSON object. What cannot be previewed at all (a header without names, a damaged zip) is the error that a
// run would give.
bool upload_preview(const struct uploads *uploads, struct text org, struct text id, const struct upload_look *look,
                    struct buffer *out, struct error *error);

#endif

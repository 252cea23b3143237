#ifndef WEIR_FORMAT_CSV_WRITE_H
#define WEIR_FORMAT_CSV_WRITE_H

// Writes CSV (RFC 4180, with LF) that format_csv reads back as the same texts. Appends to a buffer: check
// buffer->failed at the end.

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/text.h"
#include "model/value.h"

struct csv_style {
    char delimiter; // ',' or, for TSV, '\t'
    // For a spreadsheet that a person opens: a text that it would take for a formula (it begins with = + - @, a tab
    // or a CR) gets a ' in front. Never for machines: the text is then another one.
    bool people;
};

// A row of texts.
void csv_write_row(struct buffer *buffer, const struct csv_style *style, const struct text *fields, size_t count);

// A row of values. Null and missing are nothing at all, an empty text is "", lists and objects are JSON. Numbers are
// no formulas.
void csv_write_values(struct buffer *buffer, const struct csv_style *style, const struct value *values, size_t count);

#endif

#ifndef WEIR_FORMAT_CSV_DEAD_H
#define WEIR_FORMAT_CSV_DEAD_H

// Records that were refused, as CSV: the columns of all of them in the order in which they first come, then
// weir_code, weir_reason, weir_place and, for what was no record, weir_raw. Every record is shown twice, first to find
// the columns and then to be written; one that came in between with columns of its own goes into weir_raw as JSON.

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"
#include "format/format_csv_write.h"
#include "model/value.h"

struct csv_dead_row {
    struct text code; // "W4001"
    struct text reason;
    struct text place;
    const struct value *payload; // an object, or the text of what was no record
};

struct csv_dead;

bool csv_dead_open(const struct csv_style *style, struct csv_dead **out, struct error *error);
void csv_dead_close(struct csv_dead *dead); // accepts NULL

// First, for each: takes note of its columns.
bool csv_dead_see(struct csv_dead *dead, const struct value *payload, struct error *error);

// Then the header, and each again; both append a line.
bool csv_dead_head(struct csv_dead *dead, struct buffer *out, struct error *error);
bool csv_dead_write(struct csv_dead *dead, const struct csv_dead_row *row, struct buffer *out, struct error *error);

#endif

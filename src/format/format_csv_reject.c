#include "format/format_csv_reject.h"

#include <inttypes.h>
#include <stdio.h>

enum { NO_COLUMN = CSV_COLUMNS_MAX };

_Static_assert(CSV_FIELD_MAX == 1 << 20 && CSV_ROW_MAX == 4 << 20, "the limits that csv_fault_text names");

const char *csv_fault_text(enum csv_fault fault) {
    switch (fault) {
    case CSV_FAULT_OPEN:
        return "the quote that opens the field is not closed";
    case CSV_FAULT_STRAY:
        return "a quote stands inside a field that does not begin with one";
    case CSV_FAULT_BEHIND:
        return "text stands behind the quote that closes the field";
    case CSV_FAULT_FIELD:
        return "the field is longer than the 1 MiB that a field may have";
    case CSV_FAULT_ROW:
        break;
    }
    return "the row is longer than the 4 MiB that a row may have";
}

// The print of a row that may be cut: its first bytes, with the length when there are more.
static struct print print_cut(struct text kept, uint64_t length, uint64_t seed) {
    struct print print = print_of(kept, seed);
    return length > kept.length ? print_join(print, (struct print){length, 0}) : print;
}

static bool put(const struct csv_reader *reader, struct batch *batch, enum error_code code, size_t column,
                struct csv_bytes bytes, const char *reason, struct error *error) {
    const struct shape *shape = reader->shape;
    struct text kept = {bytes.raw, bytes.length < REJECT_RAW_MAX ? (size_t)bytes.length : REJECT_RAW_MAX};
    struct reject reject = {
        .line = reader->line,
        .column = column < shape->count ? shape->names[column] : (struct text){"", 0},
        .code = code,
        .reason = text_of(reason),
        .raw = kept,
        .print = print_cut(kept, bytes.length, reader->row_seed),
    };
    return batch_reject(batch, &reject, error);
}

bool csv_reject_fault(const struct csv_reader *reader, struct batch *batch, const struct csv_row *row,
                      struct csv_bytes bytes, struct error *error) {
    const char *text = csv_fault_text(row->fault);
    if (row->fault == CSV_FAULT_ROW) {
        return put(reader, batch, ERROR_LIMIT, NO_COLUMN, bytes, text, error);
    }
    char reason[ERROR_MESSAGE_MAX];
    int used = snprintf(reason, sizeof reason, "line %" PRIu64 ", column %zu: %s", reader->line + row->fault_lines,
                        row->fault_column + 1, text);
    char *rest = reason + used;
    size_t room = sizeof reason - (size_t)used;
    enum error_code code = ERROR_CSV_QUOTE;
    switch (row->fault) {
    case CSV_FAULT_STRAY:
    case CSV_FAULT_BEHIND:
        snprintf(rest, room, " (byte %zu of the row); inside quotes, a quote is written twice",
                 row->fault_at - row->start + 1);
        break;
    case CSV_FAULT_FIELD:
        code = ERROR_LIMIT;
        break;
    case CSV_FAULT_OPEN:
    case CSV_FAULT_ROW:
        snprintf(rest, room, "; reading went on with the next line");
        break;
    }
    return put(reader, batch, code, row->fault_column, bytes, reason, error);
}

bool csv_reject_ragged(const struct csv_reader *reader, struct batch *batch, const struct csv_row *row,
                       struct csv_bytes bytes, struct error *error) {
    char reason[ERROR_MESSAGE_MAX];
    size_t wanted = reader->shape->count;
    int used = snprintf(reason, sizeof reason, "the row has %zu field%s, and there %s %zu column%s", row->count,
                        row->count == 1 ? "" : "s", wanted == 1 ? "is" : "are", wanted, wanted == 1 ? "" : "s");
    if (row->lines > 1) {
        snprintf(reason + used, sizeof reason - (size_t)used, " (it spans %zu lines)", row->lines);
    }
    return put(reader, batch, ERROR_CSV_RAGGED, NO_COLUMN, bytes, reason, error);
}

bool csv_reject_encoding(const struct csv_reader *reader, struct batch *batch, const struct csv_row *row,
                         const struct value *values, struct csv_bytes bytes, struct error *error) {
    char reason[ERROR_MESSAGE_MAX];
    size_t column = 0;
    size_t bad = 0;
    struct text field = {values[0].as.text, values[0].length};
    while (text_utf8(field, &bad) && column + 1 < row->count) {
        column++;
        field = (struct text){values[column].as.text, values[column].length};
    }
    snprintf(reason, sizeof reason, "column %zu: byte %zu of the field (0x%02X) is not valid in the file's encoding",
             column + 1, bad + 1, (unsigned)(unsigned char)field.data[bad]);
    return put(reader, batch, ERROR_ENCODING, column, bytes, reason, error);
}

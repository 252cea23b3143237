#include "format/format_csv_row.h"

#include "format/format_csv.h"

static enum csv_found fault(struct csv_row *row, enum csv_fault kind, size_t column, size_t at, size_t lines) {
    row->fault = kind;
    row->fault_column = column;
    row->fault_at = at;
    row->fault_lines = lines;
    return CSV_FOUND_FAULT;
}

// Whether data[at], a CR or LF, ends a line by itself: a CR before an LF leaves that to the LF.
static bool ends_line(const struct csv_scan *scan, size_t at) {
    return scan->data[at] == '\n' || at + 1 == scan->end || scan->data[at + 1] != '\n';
}

struct quoted {
    size_t stop; // where the content ends
    size_t at;   // the mark behind the closing quote
    uint32_t kind;
};

// Goes from the opening quote at `field` behind the closing one. A field over the limit is taken for one that was
// never closed if a line end is in it: otherwise one forgotten quote would swallow the rest of the file.
static enum csv_found split_quoted(struct csv_scan *scan, bool ended, struct csv_row *row, size_t column, size_t field,
                                   struct quoted *out) {
    out->kind = VALUE_TEXT;
    size_t lines = row->lines;
    for (;;) {
        size_t mark = csv_scan_next(scan);
        if (mark - field - 1 > CSV_FIELD_MAX) {
            return fault(row, row->lines > lines ? CSV_FAULT_OPEN : CSV_FAULT_FIELD, column, field, lines);
        }
        if (mark == scan->end) {
            return ended ? fault(row, CSV_FAULT_OPEN, column, field, lines) : CSV_FOUND_PART;
        }
        char c = scan->data[mark];
        if (c == '\n' || c == '\r') {
            row->lines += ends_line(scan, mark);
        }
        if (c != scan->quote) {
            continue;
        }
        out->stop = mark;
        out->at = csv_scan_next(scan);
        if (out->at != mark + 1) {
            return fault(row, CSV_FAULT_BEHIND, column, mark + 1, lines);
        }
        if (out->at == scan->end || scan->data[out->at] != scan->quote) {
            return CSV_FOUND_ROW;
        }
        out->kind = CSV_VALUE_DOUBLED;
        row->doubled = true;
    }
}

// Takes the line end at `at` into the row, or the end of all bytes.
static enum csv_found split_end(struct csv_scan *scan, bool ended, struct csv_row *row, size_t at) {
    row->end = at;
    row->next = at;
    if (at < scan->end) {
        if (scan->data[at] == '\r') {
            if (at + 1 == scan->end && !ended) {
                return CSV_FOUND_PART;
            }
            if (at + 1 < scan->end && scan->data[at + 1] == '\n') {
                (void)csv_scan_next(scan);
                row->next++;
            }
        }
        row->next++;
        row->lines++;
    }
    return row->end == row->start ? CSV_FOUND_BLANK : CSV_FOUND_ROW;
}

enum csv_found csv_row_split(struct csv_scan *scan, bool ended, struct value *values, size_t columns,
                             struct csv_row *row) {
    struct csv_scan local = *scan; // its address is never taken, so it stays in registers
    const char delimiter = local.delimiter;
    const int quote = local.quote != delimiter ? local.quote : -1000;
    local.high = local.block_high;
    row->lines = 0;
    row->doubled = false;
    size_t field = row->start;
    size_t column = 0;
    enum csv_found found = CSV_FOUND_ROW;
    for (;;) {
        size_t at = csv_scan_next(&local);
        size_t begin = field;
        size_t stop = at;
        uint32_t kind = VALUE_TEXT;
        if (at < local.end && local.data[at] == quote) {
            if (at != field) {
                found = fault(row, CSV_FAULT_STRAY, column, at, row->lines);
                break;
            }
            struct csv_scan cold = local;
            struct quoted quoted;
            found = split_quoted(&cold, ended, row, column, field, &quoted);
            local = cold;
            if (found != CSV_FOUND_ROW) {
                break;
            }
            begin = field + 1;
            at = quoted.at;
            stop = quoted.stop;
            kind = quoted.kind;
        }
        if (stop - begin > CSV_FIELD_MAX) {
            found = fault(row, CSV_FAULT_FIELD, column, field, row->lines);
            break;
        }
        if (at == local.end && !ended) {
            found = CSV_FOUND_PART;
            break;
        }
        if (column < columns) {
            values[column] = (struct value){kind, (uint32_t)(stop - begin), {.text = local.data + begin}};
        }
        column++;
        if (at == local.end || local.data[at] != delimiter) {
            row->count = column;
            *scan = local;
            return split_end(scan, ended, row, at);
        }
        field = at + 1;
    }
    row->count = column;
    *scan = local;
    return found;
}

bool csv_row_line(struct csv_scan *scan, bool ended, size_t from, size_t *next) {
    csv_scan_seat(scan, from);
    for (;;) {
        size_t at = csv_scan_next(scan);
        if (at == scan->end) {
            *next = at;
            return ended;
        }
        char c = scan->data[at];
        if (c == '\r' && at + 1 == scan->end && !ended) {
            return false;
        }
        if ((c == '\n' || c == '\r') && ends_line(scan, at)) {
            *next = at + 1;
            return true;
        }
    }
}

size_t csv_row_halve(struct text doubled, char quote, char *out) {
    size_t length = 0;
    for (size_t i = 0; i < doubled.length; i++) {
        out[length++] = doubled.data[i];
        i += doubled.data[i] == quote; // the second of the pair
    }
    return length;
}

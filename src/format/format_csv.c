#include "format/format_csv.h"

#include "base/memory.h"
#include "format/format_csv_header.h"
#include "format/format_csv_reader.h"
#include "format/format_csv_reject.h"

enum {
    NAMES_CEILING = 64 * 1024 * 1024,
    CARRY_CEILING = 2 * CSV_ROW_MAX,
};

static bool is_mark(char c) {
    return c == '\t' || (c >= ' ' && c <= '~');
}

static bool check_marks(char delimiter, char quote, struct error *error) {
    if (!is_mark(delimiter)) {
        return error_set(error, ERROR_OPTION_TYPE, "delimiter must be one printable ASCII character or a tab");
    }
    if (quote != '\0' && (!is_mark(quote) || quote == delimiter)) {
        return error_set(error, ERROR_OPTION_TYPE,
                         "quote must be empty or one ASCII character that is not the delimiter");
    }
    return true;
}

static bool check_columns(const struct csv_setup *setup, struct error *error) {
    if (!setup->header && setup->column_count == 0) {
        return error_set(error, ERROR_OPTION_MISSING, "without a header the columns need names: columns = { … }");
    }
    if (setup->column_count > CSV_COLUMNS_MAX) {
        return error_set(error, ERROR_CSV_HEADER, "columns has %zu names; there may be %d", setup->column_count,
                         (int)CSV_COLUMNS_MAX);
    }
    return true;
}

static bool copy_columns(struct csv_reader *reader, const struct csv_setup *setup) {
    if (setup->column_count == 0) {
        return true;
    }
    reader->columns = arena_take(&reader->arena, setup->column_count * sizeof *reader->columns);
    bool ok = reader->columns != NULL;
    for (size_t i = 0; ok && i < setup->column_count; i++) {
        ok = arena_text(&reader->arena, setup->columns[i], &reader->columns[i]);
    }
    reader->column_count = setup->column_count;
    return ok;
}

bool csv_open(const struct csv_setup *setup, struct csv_reader **out, struct error *error) {
    if (!check_marks(setup->delimiter, setup->quote, error) || !check_columns(setup, error)) {
        return false;
    }
    struct csv_reader *reader = memory_zero(1, sizeof *reader);
    if (reader == NULL) {
        return error_memory(error);
    }
    arena_init(&reader->arena, NAMES_CEILING);
    buffer_init(&reader->carry, CARRY_CEILING);
    reader->usual_delimiter = setup->delimiter;
    reader->quote = setup->quote;
    reader->header = setup->header;
    reader->seed = setup->seed;
    reader->names = memory_take(CSV_COLUMNS_MAX * sizeof *reader->names);
    if (reader->names == NULL || !copy_columns(reader, setup)) {
        csv_close(reader);
        return error_memory(error);
    }
    *out = reader;
    return true;
}

void csv_close(struct csv_reader *reader) {
    if (reader != NULL) {
        buffer_clear(&reader->carry);
        arena_clear(&reader->arena);
        memory_free(reader->names);
        memory_free(reader);
    }
}

// Reads on into the carry, with room for the scan behind it.
static bool carry_more(struct csv_reader *reader, struct error *error) {
    if (!buffer_reserve(&reader->carry, CSV_STEP_BYTES + CSV_SCAN_BYTES)) {
        return error_memory(error);
    }
    size_t got = 0;
    if (!stream_read(reader->stream, reader->carry.data + reader->carry.length, CSV_STEP_BYTES, &got, error)) {
        return false;
    }
    reader->carry.length += got;
    memset(reader->carry.data + reader->carry.length, 0, CSV_SCAN_BYTES);
    reader->ended = got == 0;
    return true;
}

// Finds the first row that is no empty line; its names are slices of the carry.
static bool find_header(struct csv_reader *reader, struct csv_row *row, struct error *error) {
    for (;;) {
        enum csv_found found = CSV_FOUND_PART;
        if (reader->carry.length > 0) {
            struct csv_scan scan = csv_reader_scan(reader, reader->carry.data, reader->carry.length);
            csv_scan_seat(&scan, 0);
            row->start = 0;
            found = csv_row_split(&scan, reader->ended, reader->names, CSV_COLUMNS_MAX, row);
        }
        switch (found) {
        case CSV_FOUND_ROW:
            return true;
        case CSV_FOUND_BLANK:
            buffer_consume(&reader->carry, row->next);
            reader->offset += row->next;
            reader->line += row->lines;
            break;
        case CSV_FOUND_FAULT:
            return error_set(error, ERROR_CSV_HEADER, "the header cannot be read: in column %zu, %s",
                             row->fault_column + 1, csv_fault_text(row->fault));
        case CSV_FOUND_PART:
            if (reader->ended) {
                return error_set(error, ERROR_CSV_HEADER, "the file is empty; its first line should name the columns");
            }
            if (reader->carry.length > CSV_HEADER_MAX) {
                return error_set(error, ERROR_CSV_HEADER, "the first line is longer than 1 MiB; is this a CSV file?");
            }
            if (!carry_more(reader, error)) {
                return false;
            }
            break;
        }
    }
}

bool csv_reader_halve(const struct csv_reader *reader, struct arena *arena, struct value *value) {
    struct text doubled = {value->as.text, value->length};
    char *plain = arena_take(arena, doubled.length);
    if (plain == NULL) {
        return false;
    }
    size_t length = csv_row_halve(doubled, reader->quote, plain);
    *value = value_text((struct text){plain, length});
    return true;
}

// Takes the shape of these names: one that was made before, or a new one.
static bool take_shape(struct csv_reader *reader, const struct text *names, size_t count, struct error *error) {
    reader->shape = NULL;
    for (size_t i = 0; i < CSV_RECENT_SHAPES; i++) {
        if (reader->recent[i] != NULL && csv_header_same(reader->recent[i], names, count)) {
            reader->shape = reader->recent[i];
        }
    }
    if (reader->shape == NULL) {
        if (!csv_header_shape(names, count, &reader->arena, &reader->shape, error)) {
            return false;
        }
        reader->recent[reader->next_recent++ % CSV_RECENT_SHAPES] = reader->shape;
    }
    reader->header_print = csv_header_print(reader->shape, reader->delimiter, reader->quote, 0);
    reader->row_seed = csv_header_print(reader->shape, reader->delimiter, reader->quote, reader->seed).low;
    return true;
}

static bool read_header(struct csv_reader *reader, struct error *error) {
    struct csv_row row = {0};
    if (!find_header(reader, &row, error)) {
        return false;
    }
    if (row.count > CSV_COLUMNS_MAX) {
        return error_set(error, ERROR_CSV_HEADER,
                         "the header has %zu columns; there may be %d (is the delimiter right?)", row.count,
                         (int)CSV_COLUMNS_MAX);
    }
    bool ok = true;
    if (reader->column_count > 0) {
        if (reader->column_count != row.count) {
            return error_set(error, ERROR_CSV_HEADER, "columns has %zu names, and the header of the file has %zu",
                             reader->column_count, row.count);
        }
        ok = take_shape(reader, reader->columns, reader->column_count, error);
    } else {
        struct arena scratch;
        arena_init(&scratch, NAMES_CEILING);
        struct text *names = arena_take(&scratch, row.count * sizeof *names);
        ok = names != NULL || error_memory(error);
        for (size_t i = 0; ok && i < row.count; i++) {
            if (reader->names[i].kind == CSV_VALUE_DOUBLED && !csv_reader_halve(reader, &scratch, &reader->names[i])) {
                ok = error_memory(error);
            }
            names[i] = value_slice(&reader->names[i]);
        }
        ok = ok && take_shape(reader, names, row.count, error);
        arena_clear(&scratch);
    }
    if (ok) {
        buffer_consume(&reader->carry, row.next);
        reader->offset += row.next;
        reader->line += row.lines;
    }
    return ok;
}

bool csv_start(struct csv_reader *reader, struct stream *stream, char delimiter, struct error *error) {
    reader->delimiter = delimiter != '\0' ? delimiter : reader->usual_delimiter;
    if (!check_marks(reader->delimiter, reader->quote, error)) {
        return false;
    }
    reader->stream = stream;
    buffer_reset(&reader->carry);
    reader->carry_next = 0;
    reader->offset = 0;
    reader->line = 1;
    reader->ended = false;
    error_clear(&reader->failed);
    reader->block_bytes = CSV_BLOCK_BYTES;
    reader->page_bytes = CSV_FIRST_BYTES;
    return reader->header ? read_header(reader, error)
                          : take_shape(reader, reader->columns, reader->column_count, error);
}

const struct shape *csv_columns(const struct csv_reader *reader) {
    return reader->shape;
}

struct csv_mark csv_mark(const struct csv_reader *reader) {
    return (struct csv_mark){reader->offset, reader->line, reader->header_print};
}

bool csv_seek(struct csv_reader *reader, const struct csv_mark *mark, struct error *error) {
    if (!print_same(mark->header, reader->header_print) || mark->offset < reader->offset) {
        return error_set(error, ERROR_SOURCE_CHANGED, "the header of the file changed; run again to read it anew");
    }
    uint64_t behind = mark->offset - reader->offset;
    reader->offset = mark->offset;
    reader->line = mark->line;
    if (behind <= reader->carry.length) {
        buffer_consume(&reader->carry, (size_t)behind);
        return true;
    }
    behind -= reader->carry.length;
    buffer_reset(&reader->carry);
    return stream_skip(reader->stream, behind, error);
}

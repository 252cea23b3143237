#include "cli/table.h"

#include <assert.h>
#include <stdio.h>

#include "base/visible.h"

enum { TABLE_BYTES_MAX = 64 * 1024 * 1024, TABLE_GAP = 2 };

struct table_row {
    struct table_row *next;
    struct text cells[];
};

void table_init(struct table *table, const char *const *heads) {
    *table = (struct table){.columns = 0};
    arena_init(&table->arena, TABLE_BYTES_MAX);
    while (heads[table->columns] != NULL) {
        assert(table->columns < TABLE_COLUMNS_MAX);
        table->heads[table->columns] = heads[table->columns];
        table->columns++;
    }
    assert(table->columns > 0);
}

void table_clear(struct table *table) {
    arena_clear(&table->arena);
}

static struct table_row *row_in_hand(struct table *table) {
    if (table->last != NULL && table->filled < table->columns) {
        return table->last;
    }
    struct table_row *row = arena_take_zero(&table->arena, 1, sizeof *row + table->columns * sizeof row->cells[0]);
    if (row == NULL) {
        return NULL;
    }
    *(table->last != NULL ? &table->last->next : &table->first) = row;
    table->last = row;
    table->filled = 0;
    table->rows++;
    return row;
}

static void put(struct table *table, struct text text, bool right) {
    struct table_row *row = table->failed ? NULL : row_in_hand(table);
    if (row == NULL || !arena_text(&table->arena, text, &row->cells[table->filled])) {
        table->failed = true;
        return;
    }
    table->right[table->filled] = table->right[table->filled] || right;
    table->filled++;
}

void table_text(struct table *table, struct text text) {
    put(table, text, false);
}

void table_string(struct table *table, const char *string) {
    put(table, text_of(string), false);
}

void table_number(struct table *table, int64_t number) {
    char text[NUMBER_TEXT_MAX];
    put(table, text_of(number_text(number, text)), true);
}

void table_id(struct table *table, int64_t id) {
    char text[NUMBER_TEXT_MAX];
    snprintf(text, sizeof text, "%lld", (long long)id);
    put(table, text_of(text), true);
}

const char *number_text(int64_t number, char out[NUMBER_TEXT_MAX]) {
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%lld", (long long)number);
    int start = number < 0 ? 1 : 0;
    int used = 0;
    for (int i = 0; i < length; i++) {
        if (i > start && (length - i) % 3 == 0) {
            out[used++] = ',';
        }
        out[used++] = digits[i];
    }
    out[used] = '\0';
    return out;
}

static size_t cell_width(struct text cell) {
    size_t width = visible_width(cell);
    return width < TABLE_CELL_MAX ? width : TABLE_CELL_MAX;
}

static void spaces(struct buffer *out, size_t count) {
    while (count-- > 0) {
        buffer_byte(out, ' ');
    }
}

// How wide the last column may be: what the terminal leaves, but never so little that nothing can be read.
static size_t last_width(const struct table *table, const size_t *widths, size_t width) {
    size_t before = 0;
    for (size_t i = 0; i + 1 < table->columns; i++) {
        before += widths[i] + TABLE_GAP;
    }
    enum { LEAST = 10 };
    return width == 0 ? 0 : width > before + 1 ? width - before : LEAST;
}

static void write_line(const struct table *table, const struct text *cells, const size_t *widths, size_t last,
                       struct buffer *out) {
    for (size_t i = 0; i < table->columns; i++) {
        bool is_last = i + 1 == table->columns;
        size_t used = cell_width(cells[i]);
        if (table->right[i] && used < widths[i]) {
            spaces(out, widths[i] - used);
        }
        // The last column has nothing to its right to line up with: it is cut by the terminal alone.
        visible_write(out, cells[i], is_last && !table->right[i] ? last : TABLE_CELL_MAX);
        if (!is_last) {
            spaces(out, (table->right[i] ? 0 : widths[i] - used) + TABLE_GAP);
        }
    }
    while (out->length > 0 && out->data[out->length - 1] == ' ') {
        out->length--;
    }
    buffer_byte(out, '\n');
}

static void measure(const struct table *table, size_t *widths) {
    bool headed = table->heads[0][0] != '\0';
    for (size_t i = 0; i < table->columns; i++) {
        widths[i] = headed ? cell_width(text_of(table->heads[i])) : 0;
    }
    for (const struct table_row *row = table->first; row != NULL; row = row->next) {
        for (size_t i = 0; i < table->columns; i++) {
            size_t used = cell_width(row->cells[i]);
            widths[i] = used > widths[i] ? used : widths[i];
        }
    }
}

bool table_write(const struct table *table, size_t width, struct buffer *out, struct error *error) {
    if (table->failed) {
        return error_memory(error);
    }
    size_t widths[TABLE_COLUMNS_MAX];
    measure(table, widths);
    size_t last = last_width(table, widths, width);
    if (table->heads[0][0] != '\0') {
        struct text heads[TABLE_COLUMNS_MAX];
        for (size_t i = 0; i < table->columns; i++) {
            heads[i] = text_of(table->heads[i]);
        }
        write_line(table, heads, widths, last, out);
    }
    for (const struct table_row *row = table->first; row != NULL; row = row->next) {
        write_line(table, row->cells, widths, last, out);
    }
    return out->failed ? error_memory(error) : true;
}

bool table_write_narrow(struct table *table, size_t width, size_t *left_out, struct buffer *out, struct error *error) {
    size_t widths[TABLE_COLUMNS_MAX];
    size_t columns = table->columns;
    size_t used = 0;
    size_t kept = 0;
    measure(table, widths);
    while (kept < columns && (kept == 0 || width == 0 || used + widths[kept] <= width)) {
        used += widths[kept++] + TABLE_GAP;
    }
    *left_out = columns - kept;
    table->columns = kept;
    bool ok = table_write(table, width, out, error);
    table->columns = columns;
    return ok;
}

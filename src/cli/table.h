#ifndef WEIR_CLI_TABLE_H
#define WEIR_CLI_TABLE_H

// Aligned tables for people. Cells are collected and laid out at the end, so a table is for what a person reads at
// once; listings bound their rows before they come here. Numbers stand right, texts left; the last column is cut to
// the width of the terminal when there is one. An add that fails for memory shows at table_write.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/text.h"

enum { TABLE_COLUMNS_MAX = 16, TABLE_CELL_MAX = 60 };

struct table_row;

struct table {
    struct arena arena;
    const char *heads[TABLE_COLUMNS_MAX];
    bool right[TABLE_COLUMNS_MAX]; // set by the first number of a column
    size_t columns;
    struct table_row *first;
    struct table_row *last;
    size_t rows;
    size_t filled; // cells of the row in hand
    bool failed;
};

// `heads` names the columns, NULL ends them; they must outlive the table. With an empty first head no head is shown.
void table_init(struct table *table, const char *const *heads);
void table_clear(struct table *table);

// Cells go in from left to right and start a new row by themselves when one is full.
void table_text(struct table *table, struct text text);
void table_string(struct table *table, const char *string);
void table_number(struct table *table, int64_t number); // 1234567 as 1,234,567
void table_id(struct table *table, int64_t id);         // right, as it is

// Appends the whole table, a line a row. `width` 0 is no limit.
bool table_write(const struct table *table, size_t width, struct buffer *out, struct error *error);

// The same for listings with many columns: whole columns that the terminal has no room for are left out from the
// right; `left_out` says how many.
bool table_write_narrow(struct table *table, size_t width, size_t *left_out, struct buffer *out, struct error *error);

// A number with commas: "-1,234,567".
enum { NUMBER_TEXT_MAX = 32 };
const char *number_text(int64_t number, char out[NUMBER_TEXT_MAX]);

#endif

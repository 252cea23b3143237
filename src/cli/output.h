#ifndef WEIR_CLI_OUTPUT_H
#define WEIR_CLI_OUTPUT_H

// What --json prints: one JSON object a line, its members in the order in which they are put. A name must be a plain
// word. Failures of memory stay in the buffer until output_end.

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "cli/cli.h"
#include "format/format_members.h"
#include "model/datatype.h"
#include "model/value.h"
#include "port/store.h"

struct output {
    const struct cli *cli;
    struct buffer line;
    struct members members; // into the line
};

void output_init(struct output *output, const struct cli *cli);
void output_clear(struct output *output);

// Between these two lie the members of a line; output_end writes it.
void output_begin(struct output *output);
bool output_end(struct output *output, struct error *error);

// A text that is no UTF-8 (a file's name may be none) is put with its bad bytes escaped.
void output_text(struct output *output, const char *name, struct text text);
void output_string(struct output *output, const char *name, const char *string);
void output_integer(struct output *output, const char *name, int64_t integer);
void output_bool(struct output *output, const char *name, bool boolean);
void output_null(struct output *output, const char *name);
void output_seconds(struct output *output, const char *name, int64_t span_us);
void output_time(struct output *output, const char *name, int64_t time_us); // ISO 8601; 0 is null
void output_json(struct output *output, const char *name, struct text json);
void output_value(struct output *output, const char *name, const struct value *value);

// An object inside the line; whatever is put goes into it until output_close.
void output_open(struct output *output, const char *name);
void output_close(struct output *output);

// The members of a home record: its fields (times as ISO 8601), then what it keeps in `extra`.
void output_fields(struct output *output, const struct datatype *datatype, const struct value *fields,
                   const struct value *extra);

// "read" to "held".
void output_counts(struct output *output, const struct counts *counts);

// "error":{"code","message","place"}.
void output_error(struct output *output, const struct error *error);

#endif

#include "cli/output.h"

#include "port/counts.h"

enum { OUTPUT_LINE_MAX = 512 * 1024 * 1024 };

void output_init(struct output *output, const struct cli *cli) {
    *output = (struct output){.cli = cli};
    buffer_init(&output->line, OUTPUT_LINE_MAX);
}

void output_clear(struct output *output) {
    buffer_clear(&output->line);
}

void output_begin(struct output *output) {
    buffer_reset(&output->line);
    output->members = members_begin(&output->line);
    members_open(&output->members, NULL);
}

bool output_end(struct output *output, struct error *error) {
    members_close(&output->members);
    buffer_byte(&output->line, '\n');
    if (output->line.failed) {
        return error_memory(error);
    }
    return cli_write(output->cli, buffer_view(&output->line), error);
}

void output_text(struct output *output, const char *name, struct text text) {
    members_text(&output->members, name, text);
}

void output_string(struct output *output, const char *name, const char *string) {
    members_string(&output->members, name, string);
}

void output_integer(struct output *output, const char *name, int64_t integer) {
    members_integer(&output->members, name, integer);
}

void output_bool(struct output *output, const char *name, bool boolean) {
    members_bool(&output->members, name, boolean);
}

void output_null(struct output *output, const char *name) {
    members_null(&output->members, name);
}

void output_seconds(struct output *output, const char *name, int64_t span_us) {
    members_seconds(&output->members, name, span_us);
}

void output_time(struct output *output, const char *name, int64_t time_us) {
    members_time(&output->members, name, time_us);
}

void output_json(struct output *output, const char *name, struct text json) {
    members_json(&output->members, name, json);
}

void output_value(struct output *output, const char *name, const struct value *value) {
    members_value(&output->members, name, value);
}

void output_open(struct output *output, const char *name) {
    members_open(&output->members, name);
}

void output_close(struct output *output) {
    members_close(&output->members);
}

void output_fields(struct output *output, const struct datatype *datatype, const struct value *fields,
                   const struct value *extra) {
    members_fields(&output->members, datatype, fields, extra);
}

void output_error(struct output *output, const struct error *error) {
    members_error(&output->members, error);
}

void output_counts(struct output *output, const struct counts *counts) {
    for (const struct count_name *name = count_names; name->name != NULL; name++) {
        output_integer(output, name->name, count_value(counts, name));
    }
}

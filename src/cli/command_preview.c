#include <stdint.h>

#include "base/visible.h"
#include "cli/cli_script.h"
#include "cli/commands.h"
#include "cli/field_show.h"
#include "cli/output.h"
#include "cli/table.h"
#include "engine/run.h"

enum { PREVIEW_BYTES_MAX = 64 * 1024 * 1024, ROWS_DEFAULT = 5, ROWS_MAX = 100000 };

struct preview {
    const struct cli *cli;
    struct buffer text; // a cell in the making
    int64_t refused;    // records that would be dead letters
    int64_t shown;
};

// --- for programs ---

static void put_before(struct output *output, const struct preview_row *row) {
    if (row->record != NULL) {
        struct value before = value_object(&row->record->fields);
        output_integer(output, "line", (int64_t)row->record->line);
        output_value(output, "before", &before);
    } else {
        output_integer(output, "line", (int64_t)row->reject->line);
        output_text(output, "before", row->reject->raw);
    }
}

static bool show_json(struct preview *preview, const struct preview_row *row, struct error *error) {
    struct output output;
    output_init(&output, preview->cli);
    output_begin(&output);
    output_text(&output, "type", row->type);
    put_before(&output, row);
    if (row->fields != NULL) {
        output_text(&output, "into", row->datatype->name);
        output_open(&output, "after");
        output_fields(&output, row->datatype, row->fields, NULL);
        output_close(&output);
    } else if (row->error.code != ERROR_NONE) {
        output_null(&output, "after");
        output_error(&output, &row->error);
    } else {
        output_null(&output, "after");
        output_text(&output, "skip", row->skip);
    }
    bool ok = output_end(&output, error);
    output_clear(&output);
    return ok;
}

// --- for people ---

static void put_value(struct preview *preview, struct table *table, const struct field *field,
                      const struct value *value) {
    buffer_reset(&preview->text);
    field_show(&preview->text, field, value);
    table_text(table, buffer_view(&preview->text));
}

// The next field from *at on that says something.
static uint32_t next_field(const struct value *values, uint32_t count, uint32_t at) {
    while (at < count && values[at].kind == VALUE_MISSING) {
        at++;
    }
    return at;
}

// Source fields left, home fields right, each aligned in its own columns.
static void put_pairs(struct preview *preview, struct table *table, const struct preview_row *row) {
    const struct object *before = row->record != NULL ? &row->record->fields : NULL;
    uint32_t left_count = before != NULL ? before->shape->count : 0;
    uint32_t right_count = row->fields != NULL ? (uint32_t)row->datatype->count : 0;
    uint32_t left = before != NULL ? next_field(before->values, left_count, 0) : 0;
    uint32_t right = row->fields != NULL ? next_field(row->fields, right_count, 0) : 0;
    while (left < left_count || right < right_count) {
        table_string(table, "");
        if (left < left_count) {
            table_text(table, before->shape->names[left]);
            put_value(preview, table, NULL, &before->values[left]);
            left = next_field(before->values, left_count, left + 1);
        } else {
            table_string(table, "");
            table_string(table, "");
        }
        if (right < right_count) {
            table_string(table, "→");
            table_text(table, row->datatype->fields[right].name);
            put_value(preview, table, &row->datatype->fields[right], &row->fields[right]);
            right = next_field(row->fields, right_count, right + 1);
        } else {
            table_string(table, "");
            table_string(table, "");
            table_string(table, "");
        }
    }
}

static void put_head(struct buffer *out, const struct preview_row *row) {
    uint64_t line = row->record != NULL ? row->record->line : row->reject->line;
    visible_write(out, row->type, 0);
    if (line > 0) {
        buffer_print(out, ", line %llu", (unsigned long long)line);
    }
    if (row->fields != NULL) {
        buffer_string(out, " → ");
        visible_write(out, row->datatype->name, 0);
    } else if (row->error.code != ERROR_NONE) {
        buffer_print(out, " → dead letter: W%d ", (int)row->error.code);
        visible_write(out, text_of(row->error.message), 0);
        if (row->error.place[0] != '\0') {
            buffer_string(out, " (");
            visible_write(out, text_of(row->error.place), 0);
            buffer_byte(out, ')');
        }
    } else {
        buffer_string(out, " → skipped: ");
        visible_write(out, row->skip, 0);
    }
    buffer_byte(out, '\n');
}

static bool show_table(struct preview *preview, const struct preview_row *row, struct error *error) {
    struct buffer out;
    struct table table;
    buffer_init(&out, PREVIEW_BYTES_MAX);
    table_init(&table, (const char *const[]){"", "", "", "", "", "", NULL});
    put_head(&out, row);
    put_pairs(preview, &table, row);
    bool ok = table_write(&table, preview->cli->columns, &out, error);
    if (ok && row->record == NULL) {
        buffer_string(&out, "  ");
        visible_write(&out, row->reject->raw, preview->cli->columns > 12 ? preview->cli->columns - 2 : 200);
        buffer_byte(&out, '\n');
    }
    buffer_byte(&out, '\n');
    ok = ok && (!out.failed || error_memory(error)) && cli_write(preview->cli, buffer_view(&out), error);
    table_clear(&table);
    buffer_clear(&out);
    return ok;
}

static bool show(void *context, const struct preview_row *row, struct error *error) {
    struct preview *preview = context;
    preview->shown++;
    preview->refused += row->error.code != ERROR_NONE;
    return preview->cli->json ? show_json(preview, row, error) : show_table(preview, row, error);
}

static enum cli_exit run(struct cli *cli, const struct cli_arguments *arguments) {
    struct cli_script script = {.script = NULL};
    struct preview preview = {.cli = cli};
    struct error error;
    enum cli_exit code = CLI_DONE;
    int64_t rows;
    buffer_init(&preview.text, PREVIEW_BYTES_MAX);
    if (!cli_count(arguments, "rows", ROWS_DEFAULT, &rows, &error)) {
        code = cli_fail(cli, &error);
        goto done;
    }
    if (rows == 0 || rows > ROWS_MAX) {
        error_set(&error, ERROR_USAGE, "--rows takes 1 to %d", ROWS_MAX);
        code = cli_fail(cli, &error);
        goto done;
    }
    if (!cli_script_open(cli, arguments->words[0], arguments, false, &log_none, &script, &error)) {
        code = cli_fail_as(cli, cli_script_exit(&error), &error);
        goto done;
    }
    struct run_request request = cli_script_request(cli, &script, &log_none);
    if (!run_preview(&request, (size_t)rows, show, &preview, &error)) {
        code = cli_fail(cli, &error);
        goto done;
    }
    if (preview.shown == 0 && !cli->json) {
        fputs(request.sync->direction == SYNC_PUSH ? "the sync only sends: nothing comes in that could be shown\n"
                                                   : "the datasource has no records\n",
              cli->out);
    }
    code = preview.refused > 0 ? CLI_FAILED : CLI_DONE;

done:
    cli_script_clear(&script);
    buffer_clear(&preview.text);
    return code;
}

static const struct cli_option options[] = {
    {"rows", "N", false, "records to show of each type (default 5)"},
    {"param", "NAME=VALUE", true, "give a parameter that the script declares; may be repeated"},
    {NULL, NULL, false, NULL},
};

const struct command command_preview = {
    .name = "preview",
    .purpose = "show the first records before and after the script's transforms",
    .usage = "SCRIPT [--rows N] [--param NAME=VALUE]…",
    .words_min = 1,
    .words_max = 1,
    .options = options,
    .about = "Reads the first records of each type, transforms them and shows what came and what would go into\n"
             "home, or why it would not. Writes nothing, on neither side, and needs no home; references are shown\n"
             "as what they would look for. What a sync would send is not shown.\n",
    .examples = "weir preview syncs/example/first.lua --rows 3\n",
    .exits = "0123",
    .reports = true,
    .run = run,
};

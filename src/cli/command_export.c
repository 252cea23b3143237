#include <string.h>

#include "base/civil.h"
#include "cli/cli_file.h"
#include "cli/cli_home.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "format/format_csv_write.h"
#include "format/format_json.h"

enum { EXPORT_BYTES_MAX = 256 * 1024 * 1024 };

enum export_format { EXPORT_CSV, EXPORT_TSV, EXPORT_JSONL };

struct export {
    const struct datatype *datatype;
    enum export_format format;
    struct csv_style style;
    struct cli_file file;
    struct arena arena; // of one record
    struct buffer line;
    struct value *row; // id, the fields, extra
    size_t columns;
    int64_t count;
};

static bool find_format(const char *name, enum export_format *out, struct error *error) {
    static const char *const names[] = {"csv", "tsv", "jsonl"};
    struct text wanted = text_of(name != NULL ? name : "csv");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (text_is(wanted, names[i])) {
            *out = (enum export_format)i;
            return true;
        }
    }
    return error_set(error, ERROR_USAGE, "--format takes csv, tsv or jsonl, not '%s'", name);
}

static bool write_line(struct export *export, struct error *error) {
    return export->line.failed ? error_memory(error) : cli_file_write(&export->file, buffer_view(&export->line), error);
}

static bool write_head(struct export *export, struct error *error) {
    if (export->format == EXPORT_JSONL) {
        return true;
    }
    const struct datatype *datatype = export->datatype;
    struct text *names = arena_take(&export->arena, export->columns * sizeof *names);
    if (names == NULL) {
        return error_memory(error);
    }
    names[0] = TEXT_LITERAL("id");
    for (size_t i = 0; i < datatype->count; i++) {
        names[i + 1] = datatype->fields[i].name;
    }
    if (datatype->keeps_extra) {
        names[datatype->count + 1] = TEXT_LITERAL("extra");
    }
    csv_write_row(&export->line, &export->style, names, export->columns);
    return write_line(export, error);
}

// Times leave as ISO 8601; every other value as it is.
static bool field_out(struct export *export, size_t place, const struct value *in, struct value *out) {
    *out = *in;
    if (export->datatype->fields[place].type != FIELD_TIME || in->kind != VALUE_INTEGER) {
        return true;
    }
    char iso[CIVIL_ISO_MAX];
    int length = civil_iso(in->as.integer, iso);
    const char *kept = arena_copy(&export->arena, iso, (size_t)length);
    *out = value_text((struct text){kept, (size_t)length});
    return kept != NULL;
}

// One object: the id, the fields, and what is kept in extra beside them.
static void write_object(struct export *export, const struct home_row *row) {
    struct buffer *line = &export->line;
    const struct datatype *datatype = export->datatype;
    buffer_print(line, "{\"id\":%lld", (long long)row->id);
    for (size_t i = 0; i < datatype->count; i++) {
        struct value name = value_text(datatype->fields[i].name);
        buffer_byte(line, ',');
        json_write(line, &name);
        buffer_byte(line, ':');
        json_write(line, &export->row[i + 1]);
    }
    if (row->extra.kind == VALUE_OBJECT) {
        struct buffer extra;
        buffer_init(&extra, EXPORT_BYTES_MAX);
        json_write(&extra, &row->extra);
        struct text inside = buffer_view(&extra);
        if (inside.length > 2) {
            buffer_byte(line, ',');
            buffer_append(line, inside.data + 1, inside.length - 2); // without its own braces
        }
        line->failed = line->failed || extra.failed;
        buffer_clear(&extra);
    }
    buffer_string(line, "}\n");
}

static bool on_record(void *context, const struct home_row *row, struct error *error) {
    struct export *export = context;
    arena_reset(&export->arena);
    buffer_reset(&export->line);
    export->row[0] = value_integer(row->id);
    for (size_t i = 0; i < export->datatype->count; i++) {
        if (!field_out(export, i, &row->fields[i], &export->row[i + 1])) {
            return error_memory(error);
        }
    }
    if (export->format == EXPORT_JSONL) {
        write_object(export, row);
    } else {
        if (export->datatype->keeps_extra) {
            export->row[export->columns - 1] = row->extra;
        }
        csv_write_values(&export->line, &export->style, export->row, export->columns);
    }
    export->count++;
    return write_line(export, error);
}

static bool export_all(struct export *export, const struct cli *cli, struct cli_place *place, const char *path,
                       struct error *error) {
    struct scan scan = {.limit = 0};
    export->datatype = place->datatype;
    export->columns = 1 + place->datatype->count + place->datatype->keeps_extra;
    export->row = arena_take(&place->arena, (export->columns + 1) * sizeof *export->row);
    if (export->row == NULL) {
        return error_memory(error);
    }
    if (!cli_file_open(cli, path, &export->file, error)) {
        return false;
    }
    bool ok = write_head(export, error) &&
              place->store->type->record_scan(place->store, place->datatype, &scan, on_record, export, error);
    struct error ignored; // the first error is the one to report
    return cli_file_close(&export->file, ok, ok ? error : &ignored) && ok;
}

static bool tell(const struct cli *cli, const struct export *export, const char *path, struct error *error) {
    if (path == NULL || cli->quiet) {
        return true;
    }
    if (!cli->json) {
        fprintf(cli->out, "%lld records are in %s\n", (long long)export->count, path);
        return true;
    }
    struct output output;
    output_init(&output, cli);
    output_begin(&output);
    output_text(&output, "type", export->datatype->name);
    output_integer(&output, "records", export->count);
    output_string(&output, "file", path);
    bool ok = output_end(&output, error);
    output_clear(&output);
    return ok;
}

static enum cli_exit run(struct cli *cli, const struct cli_arguments *arguments) {
    struct cli_place place;
    struct error error;
    struct export export = {.count = 0};
    const char *path = cli_value(arguments, "output");
    const char *org = arguments->word_count > 1 ? arguments->words[0] : NULL;
    const char *type = arguments->words[arguments->word_count - 1];
    cli_place_init(&place);
    arena_init(&export.arena, EXPORT_BYTES_MAX);
    buffer_init(&export.line, EXPORT_BYTES_MAX);
    bool ok = find_format(cli_value(arguments, "format"), &export.format, &error);
    export.style = (struct csv_style){export.format == EXPORT_TSV ? '\t' : ',', cli_flag(arguments, "people")};
    ok = ok && cli_place_open(cli, org, type, HOME_READ, &place, &error) &&
         export_all(&export, cli, &place, path, &error) && tell(cli, &export, path, &error);
    buffer_clear(&export.line);
    arena_clear(&export.arena);
    cli_place_clear(&place);
    return ok ? CLI_DONE : cli_fail(cli, &error);
}

static const struct cli_option options[] = {
    {"format", "FORMAT", false, "csv (default), tsv or jsonl"},
    {"output", "FILE", false, "write to FILE, which is there whole or not at all"},
    {"people", NULL, false, "for a spreadsheet: what it would take for a formula gets a ' in front"},
    {NULL, NULL, false, NULL},
};

const struct command command_export = {
    .name = "export",
    .purpose = "write the records of a datatype to a file",
    .usage = "[ORG] TYPE [--format csv|tsv|jsonl] [--output FILE] [--people]",
    .words_min = 1,
    .words_max = 2,
    .options = options,
    .about = "Writes id and fields; times as ISO 8601 in UTC, references as ids of home, lists and objects as JSON.\n"
             "In CSV nothing at all is null and \"\" an empty text. What a datatype keeps beside its fields comes\n"
             "in a column `extra`, in JSON lines beside the fields.\n",
    .examples = "weir export example city > cities.csv\n"
                "weir export example city --format jsonl --output cities.jsonl\n",
    .exits = "0124",
    .reports = true,
    .run = run,
};

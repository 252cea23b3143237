#include "cli/output.h"

#include "base/civil.h"
#include "cli/visible.h"
#include "format/format_json.h"

enum { OUTPUT_LINE_MAX = 512 * 1024 * 1024 };

void output_init(struct output *output, const struct cli *cli) {
    *output = (struct output){.cli = cli, .first = true};
    buffer_init(&output->line, OUTPUT_LINE_MAX);
}

void output_clear(struct output *output) {
    buffer_clear(&output->line);
}

void output_begin(struct output *output) {
    buffer_reset(&output->line);
    buffer_byte(&output->line, '{');
    output->first = true;
}

bool output_end(struct output *output, struct error *error) {
    buffer_string(&output->line, "}\n");
    if (output->line.failed) {
        return error_memory(error);
    }
    return cli_write(output->cli, buffer_view(&output->line), error);
}

static void write_text(struct output *output, struct text text) {
    struct value value = value_text(text);
    if (text_utf8(text, NULL)) {
        json_write(&output->line, &value);
        return;
    }
    struct buffer shown;
    buffer_init(&shown, OUTPUT_LINE_MAX);
    visible_write(&shown, text, 0);
    output->line.failed = output->line.failed || shown.failed;
    value = value_text(buffer_view(&shown));
    json_write(&output->line, &value);
    buffer_clear(&shown);
}

static void put_name(struct output *output, struct text name) {
    if (!output->first) {
        buffer_byte(&output->line, ',');
    }
    output->first = false;
    write_text(output, name);
    buffer_byte(&output->line, ':');
}

void output_text(struct output *output, const char *name, struct text text) {
    put_name(output, text_of(name));
    write_text(output, text);
}

void output_string(struct output *output, const char *name, const char *string) {
    output_text(output, name, text_of(string));
}

void output_integer(struct output *output, const char *name, int64_t integer) {
    put_name(output, text_of(name));
    buffer_print(&output->line, "%lld", (long long)integer);
}

void output_bool(struct output *output, const char *name, bool boolean) {
    put_name(output, text_of(name));
    buffer_string(&output->line, boolean ? "true" : "false");
}

void output_null(struct output *output, const char *name) {
    put_name(output, text_of(name));
    buffer_string(&output->line, "null");
}

void output_seconds(struct output *output, const char *name, int64_t span_us) {
    put_name(output, text_of(name));
    // Whole numbers, so that no locale puts a comma here.
    buffer_print(&output->line, "%lld.%03lld", (long long)(span_us / 1000000), (long long)(span_us / 1000 % 1000));
}

void output_time(struct output *output, const char *name, int64_t time_us) {
    if (time_us == 0) {
        output_null(output, name);
        return;
    }
    char iso[CIVIL_ISO_MAX];
    civil_iso(time_us, iso);
    output_string(output, name, iso);
}

void output_json(struct output *output, const char *name, struct text json) {
    put_name(output, text_of(name));
    buffer_text(&output->line, json.length > 0 ? json : TEXT_LITERAL("{}"));
}

void output_value(struct output *output, const char *name, const struct value *value) {
    put_name(output, text_of(name));
    json_write(&output->line, value);
}

void output_open(struct output *output, const char *name) {
    put_name(output, text_of(name));
    buffer_byte(&output->line, '{');
    output->first = true;
}

void output_close(struct output *output) {
    buffer_byte(&output->line, '}');
    output->first = false;
}

void output_fields(struct output *output, const struct datatype *datatype, const struct value *fields,
                   const struct value *extra) {
    for (size_t i = 0; i < datatype->count; i++) {
        if (fields[i].kind == VALUE_MISSING) {
            continue;
        }
        put_name(output, datatype->fields[i].name);
        if (datatype->fields[i].type == FIELD_TIME && fields[i].kind == VALUE_INTEGER) {
            char iso[CIVIL_ISO_MAX];
            int length = civil_iso(fields[i].as.integer, iso);
            write_text(output, (struct text){iso, (size_t)length});
        } else {
            json_write(&output->line, &fields[i]);
        }
    }
    if (extra == NULL || extra->kind != VALUE_OBJECT) {
        return;
    }
    const struct object *object = extra->as.object;
    for (uint32_t i = 0; i < object->shape->count; i++) {
        if (object->values[i].kind != VALUE_MISSING) {
            put_name(output, object->shape->names[i]);
            json_write(&output->line, &object->values[i]);
        }
    }
}

void output_counts(struct output *output, const struct counts *counts) {
    output_integer(output, "read", counts->read);
    output_integer(output, "created", counts->created);
    output_integer(output, "updated", counts->updated);
    output_integer(output, "unchanged", counts->unchanged);
    output_integer(output, "skipped", counts->skipped);
    output_integer(output, "dead", counts->dead);
    output_integer(output, "deleted", counts->deleted);
    output_integer(output, "pushed", counts->pushed);
    output_integer(output, "conflicts", counts->conflicts);
    output_integer(output, "held", counts->held);
}

void output_error(struct output *output, const struct error *error) {
    output_open(output, "error");
    char code[16];
    snprintf(code, sizeof code, "W%d", (int)error->code);
    output_string(output, "code", code);
    output_string(output, "message", error->message);
    output_string(output, "place", error->place);
    output_close(output);
}

#include "format/format_members.h"

#include <stdio.h>

#include "base/civil.h"
#include "base/visible.h"
#include "format/format_json.h"

struct members members_begin(struct buffer *out) {
    return (struct members){.out = out, .first = true};
}

static void write_text(struct members *members, struct text text) {
    struct value value = value_text(text);
    if (text_utf8(text, NULL)) {
        json_write(members->out, &value);
        return;
    }
    struct buffer shown;
    buffer_init(&shown, members->out->ceiling);
    visible_write(&shown, text, 0);
    members->out->failed = members->out->failed || shown.failed;
    value = value_text(buffer_view(&shown));
    json_write(members->out, &value);
    buffer_clear(&shown);
}

static void put_text_name(struct members *members, struct text name) {
    if (!members->first) {
        buffer_byte(members->out, ',');
    }
    members->first = false;
    write_text(members, name);
    buffer_byte(members->out, ':');
}

static void put_name(struct members *members, const char *name) {
    if (name != NULL) {
        put_text_name(members, text_of(name));
    } else if (!members->first) {
        buffer_byte(members->out, ',');
    }
    members->first = false;
}

// What begins the whole has neither a name nor something before it.
static void open_with(struct members *members, const char *name, char bracket) {
    put_name(members, name);
    buffer_byte(members->out, bracket);
    members->first = true;
}

static void close_with(struct members *members, char bracket) {
    buffer_byte(members->out, bracket);
    members->first = false;
}

void members_open(struct members *members, const char *name) {
    open_with(members, name, '{');
}

void members_close(struct members *members) {
    close_with(members, '}');
}

void members_open_list(struct members *members, const char *name) {
    open_with(members, name, '[');
}

void members_close_list(struct members *members) {
    close_with(members, ']');
}

void members_text(struct members *members, const char *name, struct text text) {
    put_name(members, name);
    write_text(members, text);
}

void members_string(struct members *members, const char *name, const char *string) {
    if (string == NULL) {
        members_null(members, name);
    } else {
        members_text(members, name, text_of(string));
    }
}

void members_integer(struct members *members, const char *name, int64_t integer) {
    char digits[TEXT_INTEGER_MAX];
    put_name(members, name);
    buffer_text(members->out, text_digits(integer, digits));
}

void members_bool(struct members *members, const char *name, bool boolean) {
    put_name(members, name);
    buffer_string(members->out, boolean ? "true" : "false");
}

void members_null(struct members *members, const char *name) {
    put_name(members, name);
    buffer_string(members->out, "null");
}

void members_seconds(struct members *members, const char *name, int64_t span_us) {
    put_name(members, name);
    // Whole numbers, so that no locale puts a comma here.
    buffer_print(members->out, "%lld.%03lld", (long long)(span_us / 1000000), (long long)(span_us / 1000 % 1000));
}

void members_time(struct members *members, const char *name, int64_t time_us) {
    if (time_us == 0) {
        members_null(members, name);
        return;
    }
    char iso[CIVIL_ISO_MAX];
    civil_iso(time_us, iso);
    members_string(members, name, iso);
}

void members_json(struct members *members, const char *name, struct text json) {
    put_name(members, name);
    buffer_text(members->out, json.length > 0 ? json : TEXT_LITERAL("{}"));
}

void members_value(struct members *members, const char *name, const struct value *value) {
    put_name(members, name);
    json_write(members->out, value);
}

static void put_field(struct members *members, const struct field *field, const struct value *value) {
    put_text_name(members, field->name);
    if (field->type == FIELD_TIME && value->kind == VALUE_INTEGER) {
        char iso[CIVIL_ISO_MAX];
        int length = civil_iso(value->as.integer, iso);
        write_text(members, (struct text){iso, (size_t)length});
    } else {
        json_write(members->out, value);
    }
}

void members_fields(struct members *members, const struct datatype *datatype, const struct value *fields,
                    const struct value *extra) {
    for (size_t i = 0; i < datatype->count; i++) {
        if (fields[i].kind != VALUE_MISSING) {
            put_field(members, &datatype->fields[i], &fields[i]);
        }
    }
    if (extra == NULL || extra->kind != VALUE_OBJECT) {
        return;
    }
    const struct object *object = extra->as.object;
    for (uint32_t i = 0; i < object->shape->count; i++) {
        if (object->values[i].kind != VALUE_MISSING) {
            put_text_name(members, object->shape->names[i]);
            json_write(members->out, &object->values[i]);
        }
    }
}

void members_error(struct members *members, const struct error *error) {
    char code[16];
    snprintf(code, sizeof code, "W%d", (int)error->code);
    members_open(members, "error");
    members_string(members, "code", code);
    members_string(members, "message", error->message);
    members_string(members, "place", error->place);
    members_close(members);
}

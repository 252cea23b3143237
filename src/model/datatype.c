#include "model/datatype.h"

#include <strings.h>

#include "base/civil.h"
#include "model/decimal.h"

static const char *const type_names[] = {
    [FIELD_TEXT] = "text", [FIELD_INTEGER] = "integer", [FIELD_DECIMAL] = "decimal", [FIELD_BOOL] = "bool",
    [FIELD_TIME] = "time", [FIELD_JSON] = "json",       [FIELD_REF] = "ref",
};

enum { TYPES = sizeof type_names / sizeof type_names[0], REF_PARTS = 3 };

const char *field_type_name(enum field_type type) {
    return type_names[type];
}

bool field_type_find(struct text name, enum field_type *out) {
    for (int i = 0; i < TYPES; i++) {
        if (text_is(name, type_names[i])) {
            *out = (enum field_type)i;
            return true;
        }
    }
    return false;
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool datatype_name_check(struct text name, bool is_field, struct error *error) {
    // Databases take ID and id for the same column.
    static const char *const taken[] = {"id", "seq", "origin", "extra"};
    const char *what = is_field ? "a field" : "a datatype";
    struct value shown = value_text(name);
    char room[VALUE_SHOW_MAX];
    if (name.length == 0) {
        return error_set(error, ERROR_SCRIPT_SHAPE, "the name of %s is empty; give it one", what);
    }
    if (name.length > DATATYPE_NAME_MAX) {
        return error_set(error, ERROR_SCRIPT_SHAPE, "%s is too long a name for %s; it may have %d characters",
                         value_show(&shown, room), what, DATATYPE_NAME_MAX);
    }
    for (size_t i = 0; i < name.length; i++) {
        char c = name.data[i];
        if (!is_letter(c) && (i == 0 || (!is_digit(c) && c != '_'))) {
            return error_set(error, ERROR_SCRIPT_SHAPE,
                             "%s cannot be the name of %s; use a letter, then letters, digits and _",
                             value_show(&shown, room), what);
        }
    }
    if (name.length >= 7 && strncasecmp(name.data, "sqlite_", 7) == 0) {
        return error_set(error, ERROR_SCRIPT_SHAPE, "%s is a name that SQLite keeps to itself; choose another",
                         value_show(&shown, room));
    }
    for (size_t i = 0; is_field && i < sizeof taken / sizeof taken[0]; i++) {
        if (name.length == strlen(taken[i]) && strncasecmp(name.data, taken[i], name.length) == 0) {
            return error_set(error, ERROR_SCRIPT_SHAPE,
                             "%s is a field that every record of home has already; choose another name",
                             value_show(&shown, room));
        }
    }
    return true;
}

static bool misfit(const struct field *field, const struct value *in, const char *hint, struct error *error) {
    char room[VALUE_SHOW_MAX];
    return error_set(error, ERROR_FIELD_TYPE, "%s is no %s for field %.*s%s", value_show(in, room),
                     field_type_name(field->type), TEXT_ARGS(field->name), hint);
}

static bool text_take(const struct field *field, const struct value *in, struct arena *arena, struct value *out,
                      struct error *error) {
    char digits[TEXT_INTEGER_MAX];
    struct text text;
    switch ((enum value_kind)in->kind) {
    case VALUE_TEXT:
        if (in->length > 0 && memchr(in->as.text, 0, in->length) != NULL) {
            char room[VALUE_SHOW_MAX];
            return error_set(error, ERROR_TEXT_NUL, "%s holds a NUL character, which field %.*s cannot keep",
                             value_show(in, room), TEXT_ARGS(field->name));
        }
        *out = *in;
        return true;
    case VALUE_DECIMAL:
        *out = value_text(value_slice(in));
        return true;
    case VALUE_BOOL:
        *out = value_text(in->as.boolean ? TEXT_LITERAL("true") : TEXT_LITERAL("false"));
        return true;
    case VALUE_INTEGER:
        if (!arena_text(arena, text_digits(in->as.integer, digits), &text)) {
            return error_memory(error);
        }
        *out = value_text(text);
        return true;
    default:
        return misfit(field, in, "", error);
    }
}

// A number's text as a 64-bit integer, when it is a whole number that fits. 1e3 and 12.0 are whole.
static bool whole_read(struct arena *arena, struct text number, int64_t *out, bool *has_memory) {
    struct text plain;
    *has_memory = true;
    if (text_integer(number, out)) {
        return true;
    }
    if (!decimal_plain(arena, number, &plain)) {
        *has_memory = false;
        return false;
    }
    return text_integer(plain, out);
}

// The JSON number of a text as people write it; false with an error when it is none.
static bool number_read(const struct field *field, const struct value *in, struct arena *arena, struct text *out,
                        struct error *error) {
    if (decimal_read(arena, value_slice(in), out)) {
        return true;
    }
    return out->data == NULL ? error_memory(error) : misfit(field, in, "", error);
}

static bool integer_take(const struct field *field, const struct value *in, struct arena *arena, struct value *out,
                         struct error *error) {
    struct text number;
    int64_t integer;
    bool has_memory;
    if (in->kind == VALUE_TEXT) {
        if (text_integer(value_slice(in), &integer)) {
            *out = value_integer(integer);
            return true;
        }
        if (!number_read(field, in, arena, &number, error)) {
            return false;
        }
    } else if (in->kind == VALUE_DECIMAL) {
        number = value_slice(in);
    } else {
        return misfit(field, in, "", error);
    }
    if (!whole_read(arena, number, &integer, &has_memory)) {
        return has_memory ? misfit(field, in, "; it takes whole numbers of 64 bits", error) : error_memory(error);
    }
    *out = value_integer(integer);
    return true;
}

static bool decimal_take(const struct field *field, const struct value *in, struct arena *arena, struct value *out,
                         struct error *error) {
    char digits[TEXT_INTEGER_MAX];
    struct text number;
    if (in->kind == VALUE_TEXT) {
        if (!number_read(field, in, arena, &number, error)) {
            return false;
        }
    } else if (in->kind == VALUE_INTEGER) {
        if (!arena_text(arena, text_digits(in->as.integer, digits), &number)) {
            return error_memory(error);
        }
    } else {
        return misfit(field, in, "", error);
    }
    *out = value_decimal(number);
    return true;
}

static bool bool_take(const struct field *field, const struct value *in, struct value *out, struct error *error) {
    if (in->kind == VALUE_TEXT && text_is(value_slice(in), "true")) {
        *out = value_bool(true);
    } else if (in->kind == VALUE_TEXT && text_is(value_slice(in), "false")) {
        *out = value_bool(false);
    } else if (in->kind == VALUE_INTEGER && (in->as.integer == 0 || in->as.integer == 1)) {
        *out = value_bool(in->as.integer == 1);
    } else {
        return misfit(field, in, "; it takes true, false, 1 and 0", error);
    }
    return true;
}

static bool time_take(const struct field *field, const struct value *in, struct arena *arena, struct value *out,
                      struct error *error) {
    int64_t time_us;
    bool has_memory = true;
    bool is_read = false;
    if (in->kind == VALUE_TEXT) {
        is_read = civil_parse(value_slice(in), TEXT_LITERAL("iso"), zone_utc(), &time_us);
    } else if (in->kind == VALUE_DECIMAL) {
        is_read = whole_read(arena, value_slice(in), &time_us, &has_memory);
    }
    if (!is_read) {
        return has_memory ? misfit(field, in, "; it takes ISO 8601 or whole microseconds since 1970", error)
                          : error_memory(error);
    }
    *out = value_integer(time_us);
    return true;
}

// Three texts: datasource, datatype, external id.
static bool ref_take(const struct field *field, const struct value *in, struct value *out, struct error *error) {
    bool is_list = in->kind == VALUE_LIST && in->length == REF_PARTS;
    for (uint32_t i = 0; is_list && i < REF_PARTS; i++) {
        is_list = in->as.items[i].kind == VALUE_TEXT;
    }
    if (!is_list) {
        return misfit(field, in, "; use weir.ref to find the record by its external id", error);
    }
    *out = *in;
    return true;
}

bool field_take(const struct field *field, const struct value *in, struct arena *arena, struct value *out,
                struct error *error) {
    // What already has the field's form: nearly every value of nearly every row.
    static const uint8_t settled[TYPES] = {
        [FIELD_INTEGER] = VALUE_INTEGER, [FIELD_DECIMAL] = VALUE_DECIMAL, [FIELD_BOOL] = VALUE_BOOL,
        [FIELD_TIME] = VALUE_INTEGER,    [FIELD_REF] = VALUE_INTEGER,
    };
    if (value_empty(in) || in->kind == settled[field->type] || field->type == FIELD_JSON) {
        *out = *in;
        return true;
    }
    switch (field->type) {
    case FIELD_TEXT:
        return text_take(field, in, arena, out, error);
    case FIELD_INTEGER:
        return integer_take(field, in, arena, out, error);
    case FIELD_DECIMAL:
        return decimal_take(field, in, arena, out, error);
    case FIELD_BOOL:
        return bool_take(field, in, out, error);
    case FIELD_TIME:
        return time_take(field, in, arena, out, error);
    case FIELD_REF:
        return ref_take(field, in, out, error);
    case FIELD_JSON:
        break;
    }
    *out = *in;
    return true;
}

bool field_same(const struct field *field, const struct value *a, const struct value *b) {
    (void)field; // the kinds tell: a decimal and an integer of a decimal field are compared by number all the same
    if (value_empty(a) || value_empty(b)) {
        return value_empty(a) && value_empty(b);
    }
    return value_same(a, b);
}

bool datatype_complete(const struct datatype *datatype, const struct value *fields, struct error *error) {
    for (size_t i = 0; i < datatype->count; i++) {
        const struct field *field = &datatype->fields[i];
        if (field->required && value_empty(&fields[i])) {
            error_set(error, ERROR_FIELD_REQUIRED, "%.*s needs a %.*s; fill it or give it a default",
                      TEXT_ARGS(datatype->name), TEXT_ARGS(field->name));
            return error_place(error, "field %.*s", TEXT_ARGS(field->name));
        }
    }
    return true;
}

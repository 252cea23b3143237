#include "engine/convert.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/civil.h"
#include "model/decimal.h"

// The input as a text to be read: a text itself, or a number's digits. False when it is neither.
static bool as_text(const struct value *input, char digits[24], struct text *out) {
    if (input->kind == VALUE_TEXT || input->kind == VALUE_DECIMAL) {
        *out = value_slice(input);
        return true;
    }
    if (input->kind == VALUE_INTEGER) {
        snprintf(digits, 24, "%lld", (long long)input->as.integer);
        *out = text_of(digits);
        return true;
    }
    return false;
}

// Says what the value is that did not fit.
static bool misfit(struct error *error, enum error_code code, const struct value *input, const char *what) {
    char shown[VALUE_SHOW_MAX];
    return error_set(error, code, "%s %s", value_show(input, shown), what);
}

static bool convert_time(const struct rule *rule, const struct value *input, struct value *out, struct error *error) {
    char digits[24];
    struct text text;
    if (as_text(input, digits, &text)) {
        text = text_trim(text);
        if (text.length == 0) {
            *out = value_null();
            return true;
        }
        for (size_t i = 0; i < rule->format_count; i++) {
            int64_t time_us;
            if (civil_parse(text, rule->formats[i], rule->zone, &time_us)) {
                *out = value_integer(time_us);
                return true;
            }
        }
    }
    const char *or_more = rule->format_count > 1 ? " or the others given" : "";
    struct text first = rule->format_count > 0 ? rule->formats[0] : TEXT_LITERAL("iso");
    char shown[VALUE_SHOW_MAX];
    return error_set(error, ERROR_TIME_FORMAT, "%s is no time in the format %.*s%s", value_show(input, shown),
                     TEXT_ARGS(first), or_more);
}

static bool convert_number(const struct value *input, struct arena *arena, struct value *out, struct error *error) {
    if (input->kind == VALUE_INTEGER || input->kind == VALUE_DECIMAL) {
        *out = *input;
        return true;
    }
    if (input->kind == VALUE_TEXT) {
        struct text text = value_slice(input);
        if (text_trim(text).length == 0) {
            *out = value_null();
            return true;
        }
        struct text number;
        if (decimal_read(arena, text, &number)) {
            *out = value_decimal(number);
            return true;
        }
        if (number.data == NULL) {
            return error_memory(error);
        }
    }
    return misfit(error, ERROR_NUMBER_FORMAT, input, "is no number");
}

static bool convert_text(const struct value *input, struct arena *arena, struct value *out, struct error *error) {
    char digits[24];
    struct text text;
    if (input->kind == VALUE_BOOL) {
        text = text_of(input->as.boolean ? "true" : "false");
    } else if (!as_text(input, digits, &text)) {
        return error_set(error, ERROR_FIELD_TYPE, "a %s is no text; take a field of it with weir.path or a function",
                         value_kind_name(input->kind));
    }
    text = text_trim(text);
    if (text.length == 0) {
        *out = value_null();
        return true;
    }
    if (!arena_text(arena, text, &text)) {
        return error_memory(error);
    }
    *out = value_text(text);
    return true;
}

static bool convert_bool(const struct value *input, struct value *out, struct error *error) {
    if (input->kind == VALUE_BOOL) {
        *out = *input;
        return true;
    }
    static const struct {
        const char *word;
        bool means;
    } words[] = {{"true", true}, {"false", false}, {"yes", true}, {"no", false}, {"y", true},  {"n", false},
                 {"t", true},    {"f", false},     {"1", true},   {"0", false},  {"on", true}, {"off", false}};
    char digits[24];
    struct text text;
    if (as_text(input, digits, &text)) {
        text = text_trim(text);
        if (text.length == 0) {
            *out = value_null();
            return true;
        }
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
            if (strlen(words[i].word) == text.length && strncasecmp(words[i].word, text.data, text.length) == 0) {
                *out = value_bool(words[i].means);
                return true;
            }
        }
    }
    return misfit(error, ERROR_FIELD_TYPE, input, "is neither yes nor no; weir.map can name other words");
}

static bool convert_map(const struct rule *rule, const struct value *input, struct value *out, struct error *error) {
    char digits[24];
    struct text text;
    if (input->kind == VALUE_BOOL) {
        text = text_of(input->as.boolean ? "true" : "false");
    } else if (!as_text(input, digits, &text)) {
        return error_set(error, ERROR_MAP_MISSING, "a %s cannot be looked up in weir.map",
                         value_kind_name(input->kind));
    }
    const struct value *found = object_find(rule->map, text);
    if (found == NULL && rule->constant.kind != VALUE_MISSING) {
        found = &rule->constant;
    }
    if (found == NULL) {
        char shown[VALUE_SHOW_MAX];
        return error_set(error, ERROR_MAP_MISSING,
                         "%s is not in the map of line %d; add it, or give weir.map a default",
                         value_show(input, shown), rule->line);
    }
    *out = *found;
    return true;
}

// A reference is named here and found later: {datasource, datatype, external id}.
static bool convert_ref(const struct rule *rule, const struct value *input, struct arena *arena, struct value *out,
                        struct error *error) {
    const struct value *parts = input;
    size_t count = 1;
    if (input->kind == VALUE_LIST) {
        parts = input->as.items;
        count = input->length;
    }
    bool empty = count == 0;
    for (size_t i = 0; i < count; i++) {
        empty = empty || value_empty(&parts[i]) || (parts[i].kind == VALUE_TEXT && parts[i].length == 0);
    }
    if (empty) {
        *out = value_null(); // an id with an empty part names nothing
        return true;
    }
    struct text external;
    struct value *names = arena_take(arena, 3 * sizeof *names);
    if (names == NULL) {
        return error_memory(error);
    }
    if (!value_key(parts, count, arena, &external, error)) {
        return false;
    }
    names[0] = value_text(rule->datasource);
    names[1] = value_text(rule->target);
    names[2] = value_text(external);
    *out = value_list(names, 3);
    return true;
}

// A field moved as it is. Files say "empty" with an empty text, which only a text field can hold.
static void convert_copy(const struct field *field, const struct value *input, struct value *out) {
    bool holds_empty = field->type == FIELD_TEXT || field->type == FIELD_JSON;
    bool is_empty = input->kind == VALUE_TEXT && input->length == 0;
    *out = is_empty && !holds_empty ? value_null() : *input;
}

bool convert(const struct rule *rule, const struct field *field, const struct value *input, struct arena *arena,
             struct value *out, struct error *error) {
    if (rule->kind == RULE_CONST) {
        *out = rule->constant;
        return true;
    }
    if (value_empty(input)) {
        *out = *input; // missing stays missing, null stays null, whatever it was to become
        return true;
    }
    switch (rule->kind) {
    case RULE_COPY:
        convert_copy(field, input, out);
        return true;
    case RULE_TIME:
        return convert_time(rule, input, out, error);
    case RULE_NUMBER:
        return convert_number(input, arena, out, error);
    case RULE_TEXT:
        return convert_text(input, arena, out, error);
    case RULE_BOOL:
        return convert_bool(input, out, error);
    case RULE_MAP:
        return convert_map(rule, input, out, error);
    case RULE_LINK: // of a push alone
    case RULE_REF:
        return convert_ref(rule, input, arena, out, error);
    case RULE_CONST:
        break;
    }
    return error_set(error, ERROR_TRANSFORM, "the rule of line %d has no kind", rule->line);
}

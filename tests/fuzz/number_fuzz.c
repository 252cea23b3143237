// Numbers, ids and declared fields from any bytes. Decimals: what is read is a JSON number, equal numbers have one form
// and one place in a total order, which the C library's doubles agree with as far as they go. Spans and sizes are held
// against a plain product. A datatype's declaration prints and reads the same; what a field takes it takes again as it
// is; external ids are different for different keys.

#include <inttypes.h>
#include <math.h>

#include "base/buffer.h"
#include "base/unit.h"
#include "format/format_datatype.h"
#include "format/format_json.h"
#include "fuzz.h"
#include "model/decimal.h"
#include "model/record.h"

enum { ARENA_MAX = 64 << 20, TEXT_MAX = 64 << 20 };

// --- decimals ---

static double number_of(struct text text) {
    char room[DECIMAL_BYTES_MAX + 1];
    memcpy(room, text.data, text.length);
    room[text.length] = '\0';
    return strtod(room, NULL);
}

static int sign(int order) {
    return (order > 0) - (order < 0);
}

static bool is_json(struct text text, struct arena *arena) {
    struct value value;
    struct error error;
    return json_read(text, arena, NULL, &value, &error) && (value.kind == VALUE_DECIMAL || value.kind == VALUE_INTEGER);
}

static void check_plain(struct text number, struct arena *arena) {
    struct text plain;
    struct text again;
    demand(decimal_plain(arena, number, &plain), "there is memory");
    demand(decimal_check(plain) && is_json(plain, arena), "the plain form is a number");
    demand(decimal_compare(number, plain) == 0, "the plain form is the same number");
    demand(plain.length <= DECIMAL_BYTES_MAX, "the plain form is not too long");
    demand(decimal_plain(arena, plain, &again) && text_same(plain, again), "the plain form is its own plain form");
    double a = number_of(number);
    double b = number_of(plain);
    demand(a == b, "the C library reads the plain form as the same number");
}

static void check_pair(struct text a, struct text b, struct arena *arena) {
    struct text plain_a = {0};
    struct text plain_b = {0};
    int order = sign(decimal_compare(a, b));
    demand(order == -sign(decimal_compare(b, a)), "an order has two sides");
    demand(decimal_plain(arena, a, &plain_a) && decimal_plain(arena, b, &plain_b), "there is memory");
    demand((order == 0) == text_same(plain_a, plain_b), "equal numbers have one form, and others have others");
    double x = number_of(a);
    double y = number_of(b);
    demand(x == y || (x < y) == (order < 0), "the order is the C library's");
}

static void check_decimals(const struct text words[3], struct arena *arena) {
    struct text read[3];
    for (size_t i = 0; i < 3; i++) {
        demand(decimal_check(words[i]) ==
                   (is_json(words[i], arena) && words[i].length > 0 && text_trim(words[i]).length == words[i].length),
               "a decimal is what JSON calls a number");
        if (!decimal_read(arena, words[i], &read[i])) {
            demand(read[i].data != NULL && !decimal_check(words[i]), "what is a number is read");
            return;
        }
        demand(decimal_check(read[i]), "what was read is a number");
        check_plain(read[i], arena);
    }
    check_pair(read[0], read[1], arena);
    check_pair(read[1], read[2], arena);
    check_pair(read[0], read[2], arena);
    int first = sign(decimal_compare(read[0], read[1]));
    int second = sign(decimal_compare(read[1], read[2]));
    demand(first != second || sign(decimal_compare(read[0], read[2])) == first, "the order is total");
}

// --- units ---

static void check_unit(struct text word) {
    static const struct {
        const char *name;
        int64_t factor;
        bool is_span;
    } units[] = {{"ms", 1000, true},      {"s", 1000000, true},      {"m", 60000000, true},
                 {"h", 3600000000, true}, {"d", 86400000000, true},  {"w", 604800000000, true},
                 {"", 1, false},          {"B", 1, false},           {"kB", 1000, false},
                 {"MB", 1000000, false},  {"GB", 1000000000, false}, {"KiB", 1 << 10, false},
                 {"MiB", 1 << 20, false}, {"GiB", 1 << 30, false}};
    char room[16];
    int64_t span = 0;
    int64_t size = 0;
    bool is_span = span_read(word, &span);
    bool is_size = size_read(word, &size);
    int64_t number = 0;
    size_t digits = 0;
    while (digits < word.length && digits < 9 && word.data[digits] >= '0' && word.data[digits] <= '9') {
        number = number * 10 + (word.data[digits++] - '0');
    }
    size_t rest = word.length - digits;
    bool wanted_span = false;
    bool wanted_size = false;
    if (digits > 0 && number > 0 && rest < sizeof room && memchr(word.data + digits, 0, rest) == NULL) {
        memcpy(room, word.data + digits, rest);
        room[rest] = '\0';
        for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
            int64_t product;
            if (strcmp(room, units[i].name) == 0 && !__builtin_mul_overflow(number, units[i].factor, &product)) {
                *(units[i].is_span ? &wanted_span : &wanted_size) = true;
                demand(units[i].is_span ? is_span && span == product : is_size && size == product,
                       "a span or a size is its product");
            }
        }
    }
    demand(is_span == wanted_span && is_size == wanted_size, "nothing else is a span or a size");
}

// --- declared fields ---

static void check_field(const struct field *field, const struct value *in, struct arena *arena) {
    struct value taken;
    struct value again;
    struct error error;
    error_clear(&error);
    if (!field_take(field, in, arena, &taken, &error)) {
        demand_error(&error);
        return;
    }
    bool in_form = value_empty(&taken) || field->type == FIELD_JSON ||
                   (field->type == FIELD_TEXT && taken.kind == VALUE_TEXT) ||
                   (field->type == FIELD_INTEGER && taken.kind == VALUE_INTEGER) ||
                   (field->type == FIELD_DECIMAL && taken.kind == VALUE_DECIMAL) ||
                   (field->type == FIELD_BOOL && taken.kind == VALUE_BOOL) ||
                   (field->type == FIELD_TIME && taken.kind == VALUE_INTEGER) ||
                   (field->type == FIELD_REF && (taken.kind == VALUE_INTEGER || taken.kind == VALUE_LIST));
    demand(in_form, "a value has its field's form");
    demand(field_take(field, &taken, arena, &again, &error) && field_same(field, &taken, &again),
           "what a field took it takes again");
    demand(field->type != FIELD_TEXT || taken.kind != VALUE_TEXT || memchr(taken.as.text, 0, taken.length) == NULL,
           "a text has no NUL");
}

static void check_datatype(struct text text, const struct value *value, struct arena *arena) {
    const struct datatype *datatype;
    const struct datatype *again;
    struct error error;
    struct buffer first;
    struct buffer second;
    error_clear(&error);
    if (!datatype_read(text, arena, &datatype, &error)) {
        demand_error(&error);
        return;
    }
    buffer_init(&first, TEXT_MAX);
    buffer_init(&second, TEXT_MAX);
    datatype_write(&first, datatype);
    demand(!first.failed, "there is room");
    demand(datatype_read(buffer_view(&first), arena, &again, &error), "a declaration that was written can be read");
    datatype_write(&second, again);
    demand(text_same(buffer_view(&first), buffer_view(&second)), "it is the same declaration");
    for (size_t i = 0; i < datatype->count && i < 16; i++) {
        demand(datatype_name_check(datatype->fields[i].name, true, &error), "a field has a name that may be one");
        check_field(&datatype->fields[i], value, arena);
    }
    buffer_clear(&first);
    buffer_clear(&second);
}

static void check_types(const struct value *value, struct arena *arena) {
    for (enum field_type type = FIELD_TEXT; type <= FIELD_REF; type++) {
        struct field field = {.name = TEXT_LITERAL("f"), .type = type, .target = TEXT_LITERAL("other")};
        check_field(&field, value, arena);
    }
}

// --- external ids ---

// A key of two values, and of one: the canonical list of their texts, or the text itself.
static void check_key(const struct value *value, struct arena *arena) {
    struct error error;
    struct text id;
    struct value list;
    error_clear(&error);
    bool is_list = value->kind == VALUE_LIST && value->length > 0;
    const struct value *values = is_list ? value->as.items : value;
    size_t count = is_list ? value->length : 1;
    if (!value_key(values, count, arena, &id, &error)) {
        demand_error(&error);
        return;
    }
    demand(id.length > 0 && memchr(id.data, 0, id.length) == NULL, "an id says something");
    if (count < 2) {
        return;
    }
    demand(json_read(id, arena, NULL, &list, &error) && list.kind == VALUE_LIST && list.length == count,
           "an id of several parts is the list of them");
    for (size_t i = 0; i < count; i++) {
        char digits[TEXT_INTEGER_MAX];
        struct text part = values[i].kind == VALUE_INTEGER ? text_digits(values[i].as.integer, digits)
                           : values[i].kind == VALUE_BOOL  ? text_of(values[i].as.boolean ? "true" : "false")
                                                           : value_slice(&values[i]);
        demand(list.as.items[i].kind == VALUE_TEXT && text_same(value_slice(&list.as.items[i]), part),
               "each part is the value's text");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct text rest = {(const char *)data, size};
    struct text words[3];
    struct arena arena;
    struct value value;
    struct error error;
    arena_init(&arena, ARENA_MAX);
    for (size_t i = 0; i < 3; i++) {
        words[i] = take_line(&rest);
        check_unit(words[i]);
    }
    check_decimals(words, &arena);
    struct text json = take_line(&rest);
    if (!json_read(json, &arena, NULL, &value, &error)) {
        value = value_text(json);
        if (!text_utf8(json, NULL)) {
            value = value_null();
        }
    }
    check_types(&value, &arena);
    check_key(&value, &arena);
    check_datatype(rest, &value, &arena);
    arena_clear(&arena);
    return 0;
}

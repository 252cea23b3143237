#include "format/format_json.h"

#include <stdio.h>

#include "base/memory.h"
#include "format/format_json_reader.h"
#include "model/decimal.h"

// Slots that stand on the C stack; only larger documents ask the heap.
enum { SLOTS_FIRST = 64, DIGITS_SAFE = 18 };

bool json_fail(struct json_reader *reader, const char *at, enum error_code code, const char *message) {
    error_set(reader->error, code, "%s", message);
    return error_place(reader->error, "byte %zu", (size_t)(at - reader->begin) + 1);
}

static void space_skip(struct json_reader *reader) {
    const char *at = reader->at;
    while (at < reader->end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) {
        at++;
    }
    reader->at = at;
}

// Skips space and gives the next byte, or 0 at the end (a NUL in the text fits nowhere either).
static char next_byte(struct json_reader *reader) {
    space_skip(reader);
    return reader->at < reader->end ? *reader->at : '\0';
}

static bool expected(struct json_reader *reader, const char *what) {
    char message[160];
    if (reader->at == reader->end) {
        snprintf(message, sizeof message, "the text ends where %s is expected", what);
    } else {
        struct value found = value_text((struct text){reader->at, 1});
        char room[VALUE_SHOW_MAX];
        snprintf(message, sizeof message, "%s is expected, not %.60s", what, value_show(&found, room));
    }
    return json_fail(reader, reader->at, ERROR_JSON_SYNTAX, message);
}

static bool slots_enlarge(struct json_reader *reader, struct json_slot *first) {
    size_t capacity = reader->capacity * 2;
    bool is_first = reader->slots == first;
    struct json_slot *slots = memory_grow(is_first ? NULL : reader->slots, capacity, sizeof *slots);
    if (slots == NULL) {
        return error_memory(reader->error);
    }
    if (is_first) {
        memcpy(slots, first, reader->count * sizeof *slots);
    }
    reader->slots = slots;
    reader->capacity = capacity;
    return true;
}

static const char *digits_skip(const char *at, const char *end) {
    while (at < end && *at >= '0' && *at <= '9') {
        at++;
    }
    return at;
}

// The end of the JSON number at `at`, or NULL when it is none.
static const char *number_end(const char *at, const char *end) {
    at += at < end && *at == '-';
    const char *stop = digits_skip(at, end);
    if (stop == at || (*at == '0' && stop - at > 1)) {
        return NULL;
    }
    at = stop;
    if (at < end && *at == '.') {
        stop = digits_skip(at + 1, end);
        if (stop == at + 1) {
            return NULL;
        }
        at = stop;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        at += at < end && (*at == '+' || *at == '-');
        stop = digits_skip(at, end);
        return stop > at ? stop : NULL;
    }
    return at;
}

static bool number_read(struct json_reader *reader, struct value *out) {
    const char *start = reader->at;
    const char *at = start + (*start == '-');
    const char *digits = at;
    int64_t sum = 0;
    while (at < reader->end && *at >= '0' && *at <= '9' && at - digits < DIGITS_SAFE) {
        sum = sum * 10 + (*at - '0');
        at++;
    }
    bool goes_on = at < reader->end && ((*at >= '0' && *at <= '9') || *at == '.' || *at == 'e' || *at == 'E');
    if (!goes_on && at > digits && (*digits != '0' || (at - digits == 1 && digits == start))) {
        reader->at = at;
        *out = value_integer(digits == start ? sum : -sum);
        return true;
    }
    const char *stop = number_end(start, reader->end);
    if (stop == NULL) {
        return json_fail(reader, start, ERROR_JSON_SYNTAX, "a number is not written the way JSON has it");
    }
    struct text text = {start, (size_t)(stop - start)};
    int64_t integer;
    reader->at = stop;
    if (text_integer(text, &integer) && !text_is(text, "-0")) {
        *out = value_integer(integer);
        return true;
    }
    if (!decimal_check(text)) {
        char message[160];
        snprintf(message, sizeof message,
                 "a number is too large to be kept exactly; it may have %d characters and an exponent of %d",
                 DECIMAL_BYTES_MAX, DECIMAL_EXPONENT_MAX);
        return json_fail(reader, start, ERROR_JSON_NUMBER, message);
    }
    *out = value_decimal(text);
    return true;
}

static bool word_read(struct json_reader *reader, struct text word, struct value value, struct value *out) {
    if ((size_t)(reader->end - reader->at) < word.length || memcmp(reader->at, word.data, word.length) != 0) {
        return expected(reader, "a JSON value");
    }
    reader->at += word.length;
    *out = value;
    return true;
}

static bool value_read(struct json_reader *reader, struct json_slot *first, struct value *out);

// Whether a string that is exactly `name` begins here; passes it then. Only for names without escapes.
static inline bool name_skip(struct json_reader *reader, struct text name) {
    const char *at = reader->at;
    if ((size_t)(reader->end - at) < name.length + 2 || at[name.length + 1] != '"' ||
        memcmp(at + 1, name.data, name.length) != 0) {
        return false;
    }
    reader->at = at + name.length + 2;
    return true;
}

// Reads a member's name and the colon. `guess` is the shape this object seems to have, as long as it does.
static bool name_read(struct json_reader *reader, size_t base, const struct shape **guess, struct text *out) {
    if (next_byte(reader) != '"') {
        return expected(reader, "a key in quotes");
    }
    size_t count = reader->count - base;
    const struct shape *shape = *guess;
    if (shape != NULL && count < shape->count && name_skip(reader, shape->names[count])) {
        *out = shape->names[count];
    } else {
        reader->at++;
        if (!json_string(reader, out)) {
            return false;
        }
        bool may_guess = reader->shapes != NULL && (count == 0 || shape != NULL);
        *guess = may_guess ? json_guess(reader, base, count, *out) : NULL;
    }
    if (next_byte(reader) != ':') {
        return expected(reader, "a colon");
    }
    reader->at++;
    return true;
}

static bool slot_push(struct json_reader *reader, struct json_slot *first, struct json_slot slot) {
    if (reader->count == reader->capacity && !slots_enlarge(reader, first)) {
        return false;
    }
    reader->slots[reader->count++] = slot;
    return true;
}

// Moves the slots' values from `base` on to the arena, behind `head` bytes of room.
static void *values_settle(struct json_reader *reader, size_t base, size_t head) {
    size_t count = reader->count - base;
    char *room = arena_take(reader->arena, head + count * sizeof(struct value));
    if (room == NULL) {
        error_memory(reader->error);
        return NULL;
    }
    struct value *values = (struct value *)(void *)(room + head);
    for (size_t i = 0; i < count; i++) {
        values[i] = reader->slots[base + i].value;
    }
    return room;
}

static bool object_end(struct json_reader *reader, size_t base, const struct shape *guess, struct value *out) {
    size_t count = reader->count - base;
    const struct shape *shape = guess;
    if ((shape == NULL || shape->count != count) && !json_shape(reader, base, count, &shape)) {
        return false;
    }
    struct object *object = values_settle(reader, base, sizeof *object);
    if (object == NULL) {
        return false;
    }
    *object = (struct object){shape, (struct value *)(object + 1)};
    reader->count = base;
    *out = value_object(object);
    return true;
}

static bool object_read(struct json_reader *reader, struct json_slot *first, struct value *out) {
    size_t base = reader->count;
    const struct shape *guess = NULL;
    reader->at++;
    if (next_byte(reader) == '}') {
        reader->at++;
        return object_end(reader, base, NULL, out);
    }
    for (;;) {
        struct json_slot slot;
        if (!name_read(reader, base, &guess, &slot.name) || !value_read(reader, first, &slot.value) ||
            !slot_push(reader, first, slot)) {
            return false;
        }
        char byte = next_byte(reader);
        if (byte != ',' && byte != '}') {
            return expected(reader, "a comma or }");
        }
        reader->at++;
        if (byte == '}') {
            return object_end(reader, base, guess, out);
        }
    }
}

static bool list_end(struct json_reader *reader, size_t base, struct value *out) {
    const struct value *items = values_settle(reader, base, 0);
    if (items == NULL) {
        return false;
    }
    *out = value_list(items, reader->count - base);
    reader->count = base;
    return true;
}

static bool list_read(struct json_reader *reader, struct json_slot *first, struct value *out) {
    size_t base = reader->count;
    reader->at++;
    if (next_byte(reader) == ']') {
        reader->at++;
        return list_end(reader, base, out);
    }
    for (;;) {
        struct json_slot slot = {.name = {NULL, 0}};
        if (!value_read(reader, first, &slot.value) || !slot_push(reader, first, slot)) {
            return false;
        }
        char byte = next_byte(reader);
        if (byte != ',' && byte != ']') {
            return expected(reader, "a comma or ]");
        }
        reader->at++;
        if (byte == ']') {
            return list_end(reader, base, out);
        }
    }
}

static bool nested_read(struct json_reader *reader, struct json_slot *first, struct value *out) {
    if (reader->depth == JSON_DEPTH_MAX) {
        char message[80];
        snprintf(message, sizeof message, "JSON may be nested %d deep", JSON_DEPTH_MAX);
        return json_fail(reader, reader->at, ERROR_JSON_DEPTH, message);
    }
    reader->depth++;
    bool ok = *reader->at == '{' ? object_read(reader, first, out) : list_read(reader, first, out);
    reader->depth--;
    return ok;
}

static bool value_read(struct json_reader *reader, struct json_slot *first, struct value *out) {
    struct text text;
    switch (next_byte(reader)) {
    case '{':
    case '[':
        return nested_read(reader, first, out);
    case '"':
        reader->at++;
        if (!json_string(reader, &text)) {
            return false;
        }
        *out = value_text(text);
        return true;
    case 't':
        return word_read(reader, TEXT_LITERAL("true"), value_bool(true), out);
    case 'f':
        return word_read(reader, TEXT_LITERAL("false"), value_bool(false), out);
    case 'n':
        return word_read(reader, TEXT_LITERAL("null"), value_null(), out);
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
        return number_read(reader, out);
    default:
        return expected(reader, "a JSON value");
    }
}

bool json_read(struct text text, struct arena *arena, struct json_shapes *shapes, struct value *out,
               struct error *error) {
    struct json_slot first[SLOTS_FIRST];
    const char *begin = text.data != NULL ? text.data : "";
    struct json_reader reader = {
        .begin = begin,
        .at = begin,
        .end = begin + text.length,
        .arena = arena,
        .shapes = shapes,
        .error = error,
        .slots = first,
        .capacity = SLOTS_FIRST,
    };
    struct value value;
    bool ok = false;
    if (text.length > UINT32_MAX) {
        return error_set(error, ERROR_LIMIT, "a JSON text may have 4 GiB; send it in parts");
    }
    if (text.length >= 3 && memcmp(begin, "\xEF\xBB\xBF", 3) == 0) {
        return json_fail(&reader, begin, ERROR_JSON_SYNTAX,
                         "JSON begins with a byte order mark; save it as UTF-8 without one");
    }
    if (!value_read(&reader, first, &value)) {
        goto done;
    }
    space_skip(&reader);
    if (reader.at != reader.end) {
        json_fail(&reader, reader.at, ERROR_JSON_SYNTAX, "something stands behind the end of the JSON value");
        goto done;
    }
    *out = value;
    ok = true;
done:
    if (reader.slots != first) {
        memory_free(reader.slots);
    }
    return ok;
}

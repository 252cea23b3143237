#include "model/record.h"

#include <stdio.h>

#include "base/quote.h"

void batch_init(struct batch *batch, size_t ceiling) {
    *batch = (struct batch){0};
    arena_init(&batch->arena, ceiling);
}

void batch_clear(struct batch *batch) {
    arena_clear(&batch->arena);
    batch_init(batch, batch->arena.ceiling);
}

bool batch_reset(struct batch *batch, size_t records, struct error *error) {
    struct arena arena = batch->arena;
    arena_reset(&arena);
    *batch = (struct batch){.arena = arena};
    batch->records = arena_take_zero(&batch->arena, records, sizeof *batch->records);
    batch->rejects = arena_take_zero(&batch->arena, records, sizeof *batch->rejects);
    if (batch->records == NULL || batch->rejects == NULL) {
        return error_memory(error);
    }
    batch->capacity = records;
    batch->reject_capacity = records;
    return true;
}

bool batch_reject(struct batch *batch, const struct reject *reject, struct error *error) {
    if (error != NULL) {
        error_clear(error);
    }
    if (batch->reject_count == batch->reject_capacity) {
        return false;
    }
    struct reject kept = *reject;
    struct text raw = {reject->raw.data, reject->raw.length < REJECT_RAW_MAX ? reject->raw.length : REJECT_RAW_MAX};
    if (!arena_text(&batch->arena, reject->column, &kept.column) ||
        !arena_text(&batch->arena, reject->reason, &kept.reason) || !arena_text(&batch->arena, raw, &kept.raw)) {
        return error_memory(error);
    }
    batch->rejects[batch->reject_count++] = kept;
    return true;
}

// What a part of a key is called in a message: its field ("geo.lat"), or its number where it has no name.
static const char *part_name(const struct path *path, size_t index, char room[128]) {
    if (path == NULL) {
        snprintf(room, 128, "part %zu of the key", index + 1);
        return room;
    }
    size_t used = (size_t)snprintf(room, 128, "key field ");
    for (size_t i = 0; i < path->count && used < 100; i++) {
        struct text name = path->names[i];
        size_t length = name.length < 60 ? name.length : 60;
        int more = snprintf(room + used, 128 - used, "%s%.*s", i > 0 ? "." : "", (int)length, name.data);
        used += more > 0 ? (size_t)more : 0;
    }
    return room;
}

// One part of a key as a text; `digits` holds an integer's.
static bool part_read(const struct value *value, const struct path *path, size_t index, char digits[TEXT_INTEGER_MAX],
                      struct text *out, struct error *error) {
    char room[128];
    switch (value != NULL ? (enum value_kind)value->kind : VALUE_MISSING) {
    case VALUE_TEXT:
        if (value->length == 0) {
            return error_set(error, ERROR_KEY_EMPTY, "%s is an empty text; it must say which record this is",
                             part_name(path, index, room));
        }
        if (memchr(value->as.text, 0, value->length) != NULL) {
            return error_set(error, ERROR_TEXT_NUL, "%s holds a NUL character, which an id cannot have",
                             part_name(path, index, room));
        }
        *out = value_slice(value);
        return true;
    case VALUE_DECIMAL:
        *out = value_slice(value);
        return true;
    case VALUE_INTEGER:
        *out = text_digits(value->as.integer, digits);
        return true;
    case VALUE_BOOL:
        *out = value->as.boolean ? TEXT_LITERAL("true") : TEXT_LITERAL("false");
        return true;
    case VALUE_LIST:
    case VALUE_OBJECT:
        return error_set(error, ERROR_FIELD_TYPE, "%s is %s %s; it must be a text or a number",
                         part_name(path, index, room), value->kind == VALUE_LIST ? "a" : "an",
                         value_kind_name((enum value_kind)value->kind));
    case VALUE_MISSING:
    case VALUE_NULL:
        break;
    }
    return error_set(error, ERROR_KEY_EMPTY, "%s is %s; it must say which record this is", part_name(path, index, room),
                     value != NULL && value->kind == VALUE_NULL ? "null" : "missing");
}

// Where the parts come from: an object's fields or given values.
struct parts {
    const struct object *fields;
    const struct path *key;
    const struct value *values;
    size_t count;
};

static const struct value *parts_value(const struct parts *parts, size_t index) {
    return parts->fields == NULL ? &parts->values[index] : path_find(parts->fields, &parts->key[index]);
}

static bool parts_text(const struct parts *parts, size_t index, char digits[TEXT_INTEGER_MAX], struct text *out,
                       struct error *error) {
    const struct path *path = parts->fields == NULL ? NULL : &parts->key[index];
    return part_read(parts_value(parts, index), path, index, digits, out, error);
}

// ["a","b"]: measured first, then written.
static bool parts_join(const struct parts *parts, struct arena *arena, struct text *out, struct error *error) {
    char digits[TEXT_INTEGER_MAX];
    struct text part;
    size_t length = 1 + parts->count;
    for (size_t i = 0; i < parts->count; i++) {
        if (!parts_text(parts, i, digits, &part, error)) {
            return false;
        }
        length += quote_length(part);
    }
    char *data = arena_take(arena, length + 1);
    if (data == NULL) {
        return error_memory(error);
    }
    char *to = data;
    for (size_t i = 0; i < parts->count; i++) {
        if (!parts_text(parts, i, digits, &part, error)) {
            return false;
        }
        *to++ = i == 0 ? '[' : ',';
        to = quote_write(to, part);
    }
    *to++ = ']';
    *to = '\0';
    *out = (struct text){data, length};
    return true;
}

static bool parts_key(const struct parts *parts, struct arena *arena, struct text *out, struct error *error) {
    char digits[TEXT_INTEGER_MAX];
    struct text part;
    if (parts->count == 0) {
        return error_set(error, ERROR_KEY_EMPTY, "a key has no parts; name the fields that say which record it is");
    }
    if (parts->count > 1) {
        return parts_join(parts, arena, out, error);
    }
    if (!parts_text(parts, 0, digits, &part, error)) {
        return false;
    }
    if (parts_value(parts, 0)->kind == VALUE_INTEGER) {
        return arena_text(arena, part, out) || error_memory(error);
    }
    *out = part;
    return true;
}

bool record_key(const struct object *fields, const struct path *key, size_t count, struct arena *arena,
                struct text *out, struct error *error) {
    struct parts parts = {.fields = fields, .key = key, .count = count};
    return parts_key(&parts, arena, out, error);
}

bool value_key(const struct value *values, size_t count, struct arena *arena, struct text *out, struct error *error) {
    struct parts parts = {.values = values, .count = count};
    return parts_key(&parts, arena, out, error);
}

#include "server/demo_records.h"

#include <string.h>

#include "base/civil.h"
#include "base/memory.h"
#include "format/format_json.h"
#include "model/value.h"

enum { RECORD_BYTES_MAX = 256 * 1024, RECORDS_MAX = 10000, TIME_MAX = 32 };

static const int64_t clock_start_us = 1767225600000000; // 2026-01-01

void demo_records_init(struct demo_records *records) {
    *records = (struct demo_records){.last_id = 0};
}

void demo_records_clear(struct demo_records *records) {
    for (size_t i = 0; i < records->count; i++) {
        memory_free((void *)(uintptr_t)records->list[i].json.data);
    }
    memory_free(records->list);
}

static struct demo_record *find(struct demo_records *records, struct text type, int64_t id) {
    for (size_t i = 0; i < records->count; i++) {
        if (records->list[i].id == id && text_is(type, records->list[i].type)) {
            return &records->list[i];
        }
    }
    return NULL;
}

static void drop(struct demo_records *records, struct demo_record *record) {
    memory_free((void *)(uintptr_t)record->json.data);
    memmove(record, record + 1, (size_t)(records->list + records->count - record - 1) * sizeof *record);
    records->count--;
}

// The members of both, the later ones over the earlier ones.
static bool merge(const struct object *under, const struct object *over, struct arena *arena, struct value *out) {
    uint32_t room = under->shape->count + over->shape->count;
    struct shape *shape = arena_take(arena, sizeof *shape);
    struct object *object = arena_take(arena, sizeof *object);
    struct text *names = arena_take(arena, (room + 1) * sizeof *names);
    struct value *values = arena_take(arena, (room + 1) * sizeof *values);
    if (shape == NULL || object == NULL || names == NULL || values == NULL) {
        return false;
    }
    uint32_t count = 0;
    for (uint32_t i = 0; i < under->shape->count; i++) {
        const struct value *said = object_find(over, under->shape->names[i]);
        names[count] = under->shape->names[i];
        values[count++] = said != NULL ? *said : under->values[i];
    }
    for (uint32_t i = 0; i < over->shape->count; i++) {
        if (shape_find(under->shape, over->shape->names[i]) == SHAPE_NONE) {
            names[count] = over->shape->names[i];
            values[count++] = over->values[i];
        }
    }
    *shape = (struct shape){count, names};
    *object = (struct object){shape, values};
    *out = value_object(object);
    return true;
}

static bool read_object(struct text json, struct arena *arena, const struct object **out, struct error *error) {
    struct value value;
    if (!json_read(json, arena, NULL, &value, error)) {
        return false;
    }
    if (value.kind != VALUE_OBJECT) {
        return error_set(error, ERROR_JSON_SYNTAX, "a record is a JSON object");
    }
    *out = value.as.object;
    return true;
}

// The text of the record as it shall be: what was there, what is said, and its id and time last.
static bool compose(const struct demo_record *old, struct text said, int64_t id, int64_t clock, struct arena *arena,
                    struct buffer *out, struct error *error) {
    static const struct text own_names[] = {{"id", 2}, {"updatedAt", 9}};
    static const struct shape own_shape = {2, own_names};
    static const struct shape no_shape = {0, NULL};
    struct object none = {&no_shape, NULL};
    const struct object *under = &none;
    const struct object *over;
    struct value merged;
    char time[TIME_MAX];
    if ((old != NULL && !read_object(old->json, arena, &under, error)) || !read_object(said, arena, &over, error)) {
        return false;
    }
    int length = civil_iso(clock_start_us + clock * 1000000, time);
    struct value own_values[] = {value_integer(id), value_text((struct text){time, (size_t)length})};
    struct object own = {&own_shape, own_values};
    if (!merge(under, over, arena, &merged) || !merge(merged.as.object, &own, arena, &merged)) {
        return error_memory(error);
    }
    json_write(out, &merged);
    return !out->failed || error_memory(error);
}

static bool append(struct demo_records *records, struct demo_record **out, struct error *error) {
    if (records->count == RECORDS_MAX) {
        return error_set(error, ERROR_LIMIT, "the demo's counterpart keeps at most %d records", RECORDS_MAX);
    }
    if (records->count == records->capacity) {
        size_t capacity = records->capacity > 0 ? records->capacity * 2 : 64;
        struct demo_record *list = memory_grow(records->list, capacity, sizeof *list);
        if (list == NULL) {
            return error_memory(error);
        }
        records->list = list;
        records->capacity = capacity;
    }
    *out = &records->list[records->count];
    return true;
}

bool demo_records_put(struct demo_records *records, struct text type, int64_t id, struct text json, bool *found,
                      const struct demo_record **out, struct error *error) {
    struct demo_record *old = id != 0 ? find(records, type, id) : NULL;
    struct demo_record *place = NULL;
    struct arena arena;
    struct buffer text;
    *found = id == 0 || old != NULL;
    if (!*found) {
        return true;
    }
    if (type.length >= DEMO_TYPE_MAX) {
        return error_set(error, ERROR_LIMIT, "a type's name is too long");
    }
    arena_init(&arena, 4 * RECORD_BYTES_MAX);
    buffer_init(&text, RECORD_BYTES_MAX);
    int64_t given = id != 0 ? id : records->last_id + 1;
    bool ok = compose(old, json, given, records->clock + 1, &arena, &text, error) && append(records, &place, error);
    if (ok) {
        struct demo_record record = {.id = given, .changed = ++records->clock, .json = buffer_view(&text)};
        memcpy(record.type, type.data, type.length);
        records->last_id = given > records->last_id ? given : records->last_id;
        *place = record;
        records->count++;
        text = (struct buffer){.data = NULL}; // it is the record's now
        // The list stays in the order of change: the old form leaves its place.
        if (old != NULL) {
            drop(records, find(records, type, id));
        }
        *out = &records->list[records->count - 1];
    }
    buffer_clear(&text);
    arena_clear(&arena);
    return ok;
}

bool demo_records_delete(struct demo_records *records, struct text type, int64_t id) {
    struct demo_record *old = find(records, type, id);
    if (old == NULL) {
        return false;
    }
    drop(records, old);
    return true;
}

bool demo_record_says(const struct demo_record *record, struct text name, struct text value) {
    struct arena arena;
    struct error error;
    const struct object *object;
    arena_init(&arena, 4 * RECORD_BYTES_MAX);
    bool says = false;
    if (read_object(record->json, &arena, &object, &error)) {
        const struct value *member = object_find(object, name);
        char digits[TEXT_INTEGER_MAX];
        if (member != NULL && member->kind == VALUE_INTEGER) {
            says = text_same(text_digits(member->as.integer, digits), value);
        } else if (member != NULL && (member->kind == VALUE_TEXT || member->kind == VALUE_DECIMAL)) {
            says = text_same(value_slice(member), value);
        }
    }
    arena_clear(&arena);
    return says;
}

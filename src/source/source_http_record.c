#include "source/source_http_record.h"

#include <assert.h>
#include <stdio.h>

#include "format/format_json.h"

enum { RAW_BYTES_MAX = REJECT_RAW_MAX };

bool http_maker_init(struct http_maker *maker, const struct http_type *type, struct error *error) {
    map_init(&maker->only);
    maker->type = type;
    for (uint32_t i = 0; type->only.kind == VALUE_LIST && i < type->only.length; i++) {
        if (!map_put(&maker->only, value_slice(&type->only.as.items[i]), i)) {
            return error_memory(error);
        }
    }
    return true;
}

void http_maker_clear(struct http_maker *maker) {
    map_clear(&maker->only);
}

void http_maker_batch(struct http_maker *maker) {
    maker->shapes = (struct http_print_shapes){0};
    memset(maker->wide, 0, sizeof maker->wide);
    maker->last = (struct object){NULL, NULL};
}

// The shape with the parent's fields behind it, or where they stand in it already.
static bool shape_widen(struct http_maker *maker, const struct shape *from, struct arena *arena,
                        const struct shape **out, struct error *error) {
    for (size_t i = 0; i < HTTP_WIDE_SHAPES; i++) {
        if (maker->wide[i].from == from) {
            *out = maker->wide[i].to;
            return true;
        }
    }
    struct shape *shape = arena_take(arena, sizeof *shape);
    struct text *names = arena_take(arena, (from->count + maker->type->with_count) * sizeof *names);
    if (shape == NULL || names == NULL) {
        return error_memory(error);
    }
    uint32_t count = from->count;
    for (uint32_t i = 0; i < from->count; i++) {
        names[i] = from->names[i];
    }
    for (size_t i = 0; i < maker->type->with_count; i++) {
        if (shape_find(from, maker->type->with[i].name) == SHAPE_NONE) {
            names[count++] = maker->type->with[i].name;
        }
    }
    *shape = (struct shape){count, names};
    unsigned place = maker->wide_next++ % HTTP_WIDE_SHAPES;
    maker->wide[place].from = from;
    maker->wide[place].to = shape;
    *out = shape;
    return true;
}

// Gives the record the parent's fields.
static bool fields_widen(struct http_maker *maker, const struct object *parent, struct arena *arena,
                         struct object *fields, struct print *row, struct error *error) {
    const struct shape *shape = NULL;
    if (!shape_widen(maker, fields->shape, arena, &shape, error)) {
        return false;
    }
    struct value *values = arena_take_zero(arena, shape->count, sizeof *values);
    if (values == NULL) {
        return error_memory(error);
    }
    memcpy(values, fields->values, fields->shape->count * sizeof *values);
    for (size_t i = 0; i < maker->type->with_count; i++) {
        const struct value *found = path_find(parent, &maker->type->with[i].path);
        uint32_t place = shape_find(shape, maker->type->with[i].name);
        struct value value = found != NULL ? *found : value_null();
        // The parent's page is given back before this one may be.
        if (!value_copy(arena, &value, &values[place])) {
            return error_memory(error);
        }
        *row = print_join(*row, value_print(&value));
    }
    *fields = (struct object){shape, values};
    return true;
}

bool http_maker_reject(struct http_maker *maker, struct text raw, uint64_t line, enum error_code code,
                       const char *reason, struct batch *batch, struct error *error) {
    struct reject reject = {
        .line = line, .code = code, .reason = text_of(reason), .raw = raw, .print = print_of(raw, maker->seed)};
    struct http_mark none = {0};
    bool repeat;
    maker->print = reject.print;
    if (!http_listing_take(maker->listing, (struct http_sight){reject.print, reject.print}, &none, &repeat, error)) {
        return false;
    }
    if (repeat) {
        return true;
    }
    maker->refused++;
    assert(batch->reject_count < batch->reject_capacity);
    return batch_reject(batch, &reject, error);
}

// What the type wants of every record, and this one lacks.
static bool refuse_missing(struct http_maker *maker, const struct http_given *given, struct batch *batch,
                           struct error *error) {
    char path[HTTP_PATH_SHOW_MAX];
    char reason[HTTP_PATH_SHOW_MAX + 120];
    snprintf(reason, sizeof reason, "%s, the cursor, is empty or no %s: a later run would not see the record again",
             http_path_show(&maker->type->cursor, path), maker->type->cursor_format.length > 0 ? "time" : "value");
    struct text raw = given->raw;
    struct buffer buffer;
    buffer_init(&buffer, 16 * RAW_BYTES_MAX);
    if (raw.length == 0) {
        struct value value = value_object(&given->fields);
        json_write(&buffer, &value);
        raw = buffer_view(&buffer);
    }
    bool ok = http_maker_reject(maker, raw, given->line, ERROR_FIELD_REQUIRED, reason, batch, error);
    buffer_clear(&buffer);
    return ok;
}

// Who a record is: by its key, or by what it says where that has no value.
static struct print sight_id(const struct http_maker *maker, const struct object *fields, struct print form,
                             struct arena *arena) {
    struct text key;
    if (!maker->listing->watches || !record_key(fields, maker->key, maker->key_count, arena, &key, NULL)) {
        return form;
    }
    return print_of(key, 0);
}

// Whether the record is one of the chosen.
static bool takes_part(struct http_maker *maker, const struct object *fields, struct arena *arena) {
    struct text key;
    return maker->only.count == 0 ||
           (record_key(fields, maker->key, maker->key_count, arena, &key, NULL) && map_find(&maker->only, key) != NULL);
}

bool http_maker_take(struct http_maker *maker, const struct http_subject *subject, const struct http_given *given,
                     struct batch *batch, struct error *error) {
    char digits[TEXT_INTEGER_MAX];
    struct record record = {.fields = given->fields, .line = given->line};
    const struct value *gone = maker->type->gone.names != NULL ? path_find(&given->fields, &maker->type->gone) : NULL;
    struct http_mark mark = http_cursor_mark(maker->cursor, &given->fields, digits);
    record.gone = http_is_set(gone);
    record.print = given->row != NULL ? *given->row : (struct print){0, 0};
    if (mark.text.length == 0 && maker->type->refuses_missing && !record.gone) {
        return refuse_missing(maker, given, batch, error);
    }
    if (maker->type->with_count > 0 && subject->parent != NULL &&
        !fields_widen(maker, subject->parent, &batch->arena, &record.fields, &record.print, error)) {
        return false;
    }
    if (given->row == NULL) {
        record.print = http_print(&record.fields, maker->seed, &maker->shapes);
    }
    maker->last = record.fields;
    maker->print = record.print;
    struct http_sight sight = {sight_id(maker, &record.fields, record.print, &batch->arena), record.print};
    bool repeat;
    if (!http_listing_take(maker->listing, sight, &mark, &repeat, error)) {
        return false;
    }
    if (repeat) {
        return true;
    }
    if (!takes_part(maker, &record.fields, &batch->arena)) {
        maker->left++;
        return true;
    }
    assert(batch->count < batch->capacity);
    batch->records[batch->count++] = record;
    return http_cursor_take(maker->cursor, &mark, error);
}

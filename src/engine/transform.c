#include "engine/transform.h"

#include <string.h>

#include "engine/convert.h"

enum { TRANSFORMER_BYTES_MAX = 64 * 1024 * 1024 };

bool transformer_init(struct transformer *transformer, const struct sync *sync, const struct sync_type *type,
                      struct error *error) {
    *transformer = (struct transformer){.sync = sync, .type = type};
    arena_init(&transformer->arena, TRANSFORMER_BYTES_MAX);
    transformer->places = arena_take_zero(&transformer->arena, type->pull.count + 1, sizeof(uint32_t));
    return transformer->places != NULL || error_memory(error);
}

void transformer_clear(struct transformer *transformer) {
    arena_clear(&transformer->arena);
}

void transformer_page(struct transformer *transformer) {
    transformer->shape = NULL;
    transformer->returned.shape = NULL;
}

static bool copies(const struct transform *transform) {
    return transform->rest || (transform->count == 0 && !transform->has_function);
}

// Looks up where everything stands in a shape that wasn't met before.
static bool transformer_bind(struct transformer *transformer, const struct shape *shape, struct error *error) {
    const struct transform *pull = &transformer->type->pull;
    const struct datatype *datatype = transformer->type->datatype;
    if (shape->count > transformer->rest_capacity) {
        transformer->rests = arena_take(&transformer->arena, shape->count * sizeof *transformer->rests);
        transformer->used = arena_take(&transformer->arena, shape->count * sizeof *transformer->used);
        if (transformer->rests == NULL || transformer->used == NULL) {
            transformer->rest_capacity = 0;
            return error_memory(error);
        }
        transformer->rest_capacity = shape->count;
    }
    if (shape->count > 0) {
        memset(transformer->used, 0, shape->count * sizeof *transformer->used);
    }
    for (size_t i = 0; i < pull->count; i++) {
        const struct rule *rule = &pull->rules[i];
        transformer->places[i] = SHAPE_NONE;
        for (size_t p = 0; p < rule->path_count; p++) {
            uint32_t place = shape_find(shape, rule->paths[p].names[0]);
            if (place != SHAPE_NONE) {
                transformer->used[place] = true;
            }
            if (p == 0 && rule->paths[p].count == 1) {
                transformer->places[i] = place;
            }
        }
    }
    for (uint32_t i = 0; copies(pull) && i < shape->count; i++) {
        transformer->rests[i] = shape_find(datatype->shape, shape->names[i]);
    }
    transformer->shape = shape;
    return true;
}

static bool form_start(const struct datatype *datatype, struct arena *arena, struct form *form, struct error *error) {
    form->datatype = datatype;
    form->extra = (struct value){.kind = VALUE_MISSING};
    form->fields = arena_take_zero(arena, datatype->count, sizeof *form->fields); // zero is MISSING
    return form->fields != NULL || error_memory(error);
}

// The input of a rule: a field, several, or what a function says.
static bool rule_input(struct transformer *transformer, size_t index, const struct object *record, struct arena *arena,
                       struct mapped *out, struct error *error) {
    const struct rule *rule = &transformer->type->pull.rules[index];
    *out = (struct mapped){0};
    if (rule->input == INPUT_FUNCTION) {
        return mapper_field(transformer->sync->mapper, rule->function, record, arena, out, error);
    }
    if (rule->input == INPUT_PATH) {
        if (rule->paths[0].count == 1) {
            uint32_t place = transformer->places[index];
            if (place != SHAPE_NONE) {
                out->value = record->values[place];
            }
            return true;
        }
        const struct value *found = path_find(record, &rule->paths[0]);
        if (found != NULL) {
            out->value = *found;
        }
        return true;
    }
    if (rule->input == INPUT_PATHS) {
        struct value *items = arena_take(arena, rule->path_count * sizeof *items);
        if (items == NULL) {
            return error_memory(error);
        }
        for (size_t i = 0; i < rule->path_count; i++) {
            const struct value *found = path_find(record, &rule->paths[i]);
            items[i] = found != NULL ? *found : value_null();
        }
        out->value = value_list(items, rule->path_count);
    }
    return true;
}

static bool apply_rule(struct transformer *transformer, size_t index, const struct object *record, struct arena *arena,
                       struct form *form, struct formed *out, struct error *error) {
    const struct rule *rule = &transformer->type->pull.rules[index];
    const struct field *field = &form->datatype->fields[rule->field];
    struct mapped input;
    struct value converted;
    if (!rule_input(transformer, index, record, arena, &input, error)) {
        return error_place(error, "field %.*s", TEXT_ARGS(field->name));
    }
    if (input.skipped) {
        out->skipped = true;
        out->reason = input.reason;
        return true;
    }
    if (!convert(rule, field, &input.value, arena, &converted, error) ||
        !field_take(field, &converted, arena, &form->fields[rule->field], error)) {
        return error_place(error, "field %.*s", TEXT_ARGS(field->name));
    }
    return true;
}

// Puts undeclared fields into `extra`, or refuses them.
static bool form_extras(struct form *form, const struct object *source, const bool *is_extra, size_t count,
                        struct arena *arena, struct error *error) {
    if (count == 0) {
        return true;
    }
    struct text *names = arena_take(arena, count * sizeof *names);
    struct value *values = arena_take(arena, count * sizeof *values);
    struct shape *shape = arena_take(arena, sizeof *shape);
    struct object *object = arena_take(arena, sizeof *object);
    if (names == NULL || values == NULL || shape == NULL || object == NULL) {
        return error_memory(error);
    }
    size_t used = 0;
    for (uint32_t i = 0; i < source->shape->count; i++) {
        if (!is_extra[i] || source->values[i].kind == VALUE_MISSING) {
            continue;
        }
        if (!form->datatype->keeps_extra) {
            error_set(error, ERROR_FIELD_UNKNOWN,
                      "%.*s has no field %.*s; declare it, leave it out in the transform, or keep undeclared fields "
                      "with extra = \"keep\"",
                      TEXT_ARGS(form->datatype->name), TEXT_ARGS(source->shape->names[i]));
            return error_place(error, "field %.*s", TEXT_ARGS(source->shape->names[i]));
        }
        names[used] = source->shape->names[i];
        values[used] = source->values[i];
        used++;
    }
    if (used > 0) {
        *shape = (struct shape){(uint32_t)used, names};
        *object = (struct object){shape, values};
        form->extra = value_object(object);
    }
    return true;
}

// The fields of the same name: all of them without a table, what the table left with weir.rest.
static bool copy_rest(struct transformer *transformer, const struct object *record, struct arena *arena,
                      struct form *form, struct error *error) {
    const struct transform *pull = &transformer->type->pull;
    const struct shape *shape = record->shape;
    bool *is_extra = arena_take_zero(arena, shape->count + 1, sizeof *is_extra);
    size_t extras = 0;
    if (is_extra == NULL) {
        return error_memory(error);
    }
    for (uint32_t i = 0; i < shape->count; i++) {
        uint32_t place = transformer->rests[i];
        if (place == SHAPE_NONE) {
            // With a table, a field that some rule reads has been dealt with, and one that nobody keeps is left.
            bool wanted = pull->count == 0 || (form->datatype->keeps_extra && !transformer->used[i]);
            is_extra[i] = wanted;
            extras += wanted;
            continue;
        }
        if (form->fields[place].kind != VALUE_MISSING) {
            continue; // a rule said it
        }
        const struct field *field = &form->datatype->fields[place];
        struct rule copy = {.kind = RULE_COPY};
        struct value value;
        if (!convert(&copy, field, &record->values[i], arena, &value, error) ||
            !field_take(field, &value, arena, &form->fields[place], error)) {
            return error_place(error, "field %.*s", TEXT_ARGS(field->name));
        }
    }
    return form_extras(form, record, is_extra, extras, arena, error);
}

// As form_take; `places` says where the object's fields stand in the datatype, NULL: look.
static bool form_fill(const struct datatype *datatype, const struct object *object, const uint32_t *places,
                      struct arena *arena, struct form *out, struct error *error) {
    if (!form_start(datatype, arena, out, error)) {
        return false;
    }
    bool *is_extra = NULL; // mostly there are none
    size_t extras = 0;
    for (uint32_t i = 0; i < object->shape->count; i++) {
        uint32_t place = places != NULL ? places[i] : shape_find(datatype->shape, object->shape->names[i]);
        if (place == SHAPE_NONE) {
            is_extra = is_extra != NULL ? is_extra : arena_take_zero(arena, object->shape->count, sizeof *is_extra);
            if (is_extra == NULL) {
                return error_memory(error);
            }
            is_extra[i] = true;
            extras++;
            continue;
        }
        const struct field *field = &datatype->fields[place];
        if (!field_take(field, &object->values[i], arena, &out->fields[place], error)) {
            return error_place(error, "field %.*s", TEXT_ARGS(field->name));
        }
    }
    return form_extras(out, object, is_extra, extras, arena, error);
}

bool form_take(const struct datatype *datatype, const struct object *object, struct arena *arena, struct form *out,
               struct error *error) {
    return form_fill(datatype, object, NULL, arena, out, error);
}

// A function gives records of the same shape again and again: their names are looked up once.
static bool form_returned(struct transformer *transformer, const struct datatype *datatype, const struct object *object,
                          struct arena *arena, struct form *out, struct error *error) {
    struct binding *binding = &transformer->returned;
    const struct shape *shape = object->shape;
    if (binding->shape != shape || binding->datatype != datatype) {
        if (shape->count > binding->capacity) {
            binding->places = arena_take(&transformer->arena, shape->count * sizeof *binding->places);
            binding->capacity = binding->places != NULL ? shape->count : 0;
            if (binding->places == NULL) {
                return error_memory(error);
            }
        }
        for (uint32_t i = 0; i < shape->count; i++) {
            binding->places[i] = shape_find(datatype->shape, shape->names[i]);
        }
        binding->shape = shape;
        binding->datatype = datatype;
    }
    return form_fill(datatype, object, binding->places, arena, out, error);
}

bool form_object(const struct form *form, struct arena *arena, struct value *out) {
    const struct datatype *datatype = form->datatype;
    size_t extras = form->extra.kind == VALUE_OBJECT ? form->extra.as.object->shape->count : 0;
    struct text *names = arena_take(arena, (datatype->count + extras) * sizeof *names);
    struct value *values = arena_take(arena, (datatype->count + extras) * sizeof *values);
    struct shape *shape = arena_take(arena, sizeof *shape);
    struct object *object = arena_take(arena, sizeof *object);
    if (names == NULL || values == NULL || shape == NULL || object == NULL) {
        return false;
    }
    uint32_t used = 0;
    for (size_t i = 0; i < datatype->count; i++) {
        if (form->fields[i].kind != VALUE_MISSING) {
            names[used] = datatype->fields[i].name;
            values[used++] = form->fields[i];
        }
    }
    for (size_t i = 0; i < extras; i++) {
        names[used] = form->extra.as.object->shape->names[i];
        values[used++] = form->extra.as.object->values[i];
    }
    *shape = (struct shape){used, names};
    *object = (struct object){shape, values};
    *out = value_object(object);
    return true;
}

// What a whole-record function gave.
static bool form_mapped(struct transformer *transformer, const struct object *record, struct arena *arena,
                        struct formed *out, struct error *error) {
    struct mapped mapped;
    if (!mapper_record(transformer->sync->mapper, transformer->type->pull.function, record, arena, &mapped, error)) {
        return false;
    }
    out->skipped = mapped.skipped;
    out->reason = mapped.reason;
    if (mapped.skipped) {
        return true;
    }
    out->forms = arena_take_zero(arena, mapped.count + 1, sizeof *out->forms);
    if (out->forms == NULL) {
        return error_memory(error);
    }
    for (size_t i = 0; i < mapped.count; i++) {
        const struct mapped_record *from = &mapped.records[i];
        const struct datatype *datatype = transformer->type->datatype;
        if (from->type.length > 0) {
            datatype = sync_datatype(transformer->sync, from->type);
        }
        if (datatype == NULL) {
            return error_set(error, ERROR_TRANSFORM, "the function gave a record of %.*s, which is no datatype here",
                             TEXT_ARGS(from->type));
        }
        if (!form_returned(transformer, datatype, &from->fields, arena, &out->forms[i], error)) {
            return false;
        }
    }
    out->count = mapped.count;
    return true;
}

bool transformer_form(struct transformer *transformer, const struct object *record, struct arena *arena,
                      struct formed *out, struct error *error) {
    const struct transform *pull = &transformer->type->pull;
    *out = (struct formed){0};
    if (pull->has_function) {
        return form_mapped(transformer, record, arena, out, error);
    }
    if (record->shape != transformer->shape && !transformer_bind(transformer, record->shape, error)) {
        return false;
    }
    out->forms = arena_take(arena, sizeof *out->forms);
    if (out->forms == NULL) {
        return error_memory(error);
    }
    out->count = 1;
    struct form *form = &out->forms[0];
    if (!form_start(transformer->type->datatype, arena, form, error)) {
        return false;
    }
    for (size_t i = 0; i < pull->count; i++) {
        if (!apply_rule(transformer, i, record, arena, form, out, error)) {
            return false;
        }
        if (out->skipped) {
            return true;
        }
    }
    return !copies(pull) || copy_rest(transformer, record, arena, form, error);
}

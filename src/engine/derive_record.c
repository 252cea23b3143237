// One record's derived fields: the views its functions get, what they give, and whether home says something else.

#include <string.h>

#include "engine/derive_work.h"

enum { DERIVE_ROUNDS_MAX = 10 }; // of one record's own fields, which may follow from each other

// --- the views of a function ---

static bool view_make(struct arena *arena, const struct datatype *datatype, const struct home_row *row,
                      struct value *values, struct object *out) {
    size_t extras = row->extra.kind == VALUE_OBJECT ? row->extra.as.object->shape->count : 0;
    size_t count = datatype->count;
    struct shape *shape = arena_take(arena, sizeof *shape);
    struct text *names = arena_take(arena, (count + extras + 1) * sizeof *names);
    struct value *all = arena_take(arena, (count + extras + 1) * sizeof *all);
    if (shape == NULL || names == NULL || all == NULL) {
        return false;
    }
    names[0] = TEXT_LITERAL("id");
    all[0] = value_integer(row->id);
    memcpy(names + 1, datatype->shape->names, count * sizeof *names);
    memcpy(all + 1, values, count * sizeof *all);
    for (size_t i = 0; i < extras; i++) {
        names[count + 1 + i] = row->extra.as.object->shape->names[i];
        all[count + 1 + i] = row->extra.as.object->values[i];
    }
    *shape = (struct shape){(uint32_t)(count + extras + 1), names};
    *out = (struct object){shape, all};
    return true;
}

// The record that a reference leads to, as a value; missing when there is none.
static bool refer(struct deriving *deriving, const struct field *field, const struct value *reference,
                  struct value *out, struct error *error) {
    const struct derive_setup *setup = deriving->setup;
    const struct datatype *target = NULL;
    struct home_row row;
    *out = (struct value){.kind = VALUE_MISSING};
    for (size_t i = 0; i < setup->datatype_count; i++) {
        target = text_same(setup->datatypes[i]->name, field->target) ? setup->datatypes[i] : target;
    }
    if (reference->kind != VALUE_INTEGER || target == NULL) {
        return true;
    }
    if (!setup->store->type->record_find(setup->store, target, reference->as.integer, &deriving->arena, &row, error)) {
        return false;
    }
    if (row.id == 0) {
        return true;
    }
    struct object *object = arena_take(&deriving->arena, sizeof *object);
    if (object == NULL || !view_make(&deriving->arena, target, &row, row.fields, object)) {
        return error_memory(error);
    }
    *out = value_object(object);
    return true;
}

static bool refs_make(struct deriving *deriving, const struct datatype *datatype, const struct value *fields,
                      struct object *out, struct error *error) {
    struct arena *arena = &deriving->arena;
    struct shape *shape = arena_take(arena, sizeof *shape);
    struct text *names = arena_take(arena, (datatype->count + 1) * sizeof *names);
    struct value *values = arena_take(arena, (datatype->count + 1) * sizeof *values);
    uint32_t count = 0;
    if (shape == NULL || names == NULL || values == NULL) {
        return error_memory(error);
    }
    for (size_t i = 0; i < datatype->count; i++) {
        const struct field *field = &datatype->fields[i];
        if (field->type != FIELD_REF) {
            continue;
        }
        if (!refer(deriving, field, &fields[i], &values[count], error)) {
            return false;
        }
        names[count++] = field->name;
    }
    *shape = (struct shape){count, names};
    *out = (struct object){shape, values};
    return true;
}

// --- one record ---

// A function that fails leaves its field alone; so does a value that doesn't fit.
static void complain(const struct deriving *deriving, const struct datatype *datatype, const struct field *field,
                     int64_t id, const struct error *failure) {
    log_line(deriving->setup->log, LOG_WARNING, "%.*s %lld: %.*s could not be derived: W%d %s%s%s",
             TEXT_ARGS(datatype->name), (long long)id, TEXT_ARGS(field->name), (int)failure->code, failure->message,
             failure->place[0] != '\0' ? ", " : "", failure->place);
}

static bool derive_one(struct deriving *deriving, const struct datatype *datatype, const struct derive *derive,
                       const struct home_row *row, struct value *fields, bool *changed, bool tells,
                       struct error *error) {
    const struct field *field = &datatype->fields[derive->field];
    struct object record;
    struct object refs;
    struct mapped mapped;
    struct value value = {.kind = VALUE_MISSING};
    struct error failure;
    const struct object *objects[] = {&record, &refs};
    if (!view_make(&deriving->arena, datatype, row, fields, &record)) {
        return error_memory(error);
    }
    if (!refs_make(deriving, datatype, fields, &refs, error)) {
        return false;
    }
    error_clear(&failure);
    bool ok = mapper_call(deriving->setup->mapper, derive->function, objects, 2, &deriving->arena, &mapped, &failure);
    if (ok && !mapped.skipped) {
        ok = field_take(field, &mapped.value, &deriving->arena, &value, &failure) &&
             (!field->required || value.kind != VALUE_NULL ||
              error_set(&failure, ERROR_FIELD_REQUIRED, "it is required and was given null"));
    }
    if (!ok && failure.scope != ERROR_RECORD) {
        *error = failure;
        return false;
    }
    if (!ok) {
        if (tells) {
            complain(deriving, datatype, field, row->id, &failure);
        }
        return true;
    }
    if (value.kind != VALUE_MISSING && !field_same(field, &value, &fields[derive->field])) {
        fields[derive->field] = value;
        *changed = true;
    }
    return true;
}

// Computes a record's derived fields until they rest. `changed` says whether home says something else.
static bool derive_record(struct deriving *deriving, const struct datatype *datatype, const struct home_row *row,
                          struct value **out, bool *changed, struct error *error) {
    struct value *fields = arena_take(&deriving->arena, (datatype->count + 1) * sizeof *fields);
    bool moved = true;
    *changed = false;
    if (fields == NULL) {
        return error_memory(error);
    }
    memcpy(fields, row->fields, datatype->count * sizeof *fields);
    for (int round = 0; moved && round < DERIVE_ROUNDS_MAX; round++) {
        moved = false;
        for (size_t i = 0; i < datatype->derive_count; i++) {
            if (!derive_one(deriving, datatype, &datatype->derives[i], row, fields, &moved, round == 0, error)) {
                return false;
            }
        }
    }
    if (moved) {
        log_line(deriving->setup->log, LOG_ERROR,
                 "%.*s %lld: its derived fields follow from each other in a circle and never rest; they are left as "
                 "they are",
                 TEXT_ARGS(datatype->name), (long long)row->id);
        return true;
    }
    for (size_t i = 0; i < datatype->derive_count; i++) {
        uint32_t place = datatype->derives[i].field;
        *changed = *changed || !field_same(&datatype->fields[place], &fields[place], &row->fields[place]);
    }
    *out = fields;
    return true;
}

// Derives a record into the page.
bool derive_into(struct deriving *deriving, const struct datatype *datatype, int64_t id, struct error *error) {
    const struct derive_setup *setup = deriving->setup;
    struct home_row row;
    struct value *fields;
    bool changed;
    if (datatype->derive_count == 0 || !derive_is_computed(datatype)) {
        return true;
    }
    if (!setup->store->type->record_find(setup->store, datatype, id, &deriving->arena, &row, error)) {
        return false;
    }
    if (row.id == 0) {
        return true;
    }
    if (!derive_record(deriving, datatype, &row, &fields, &changed, error)) {
        return false;
    }
    if (!changed) {
        return true;
    }
    deriving->effects[deriving->effect_count++] = (struct effect){
        .kind = EFFECT_UPDATE,
        .datatype = datatype,
        .id = id,
        .base_seq = row.seq,
        .fields = fields,
        .extra = row.extra,
    };
    if (derive_is_seen(setup->datatypes, setup->datatype_count, datatype->name)) {
        deriving->stales[deriving->stale_count++] = (struct stale_row){datatype->name, id};
    }
    return true;
}

#include "store/store_memory_parts.h"

// Whether some record holds something in a field; with an empty name, whether there is a record at all.
static bool records_hold(const struct ram_records *records, struct text name) {
    for (size_t i = 0; i < records->rows.count; i++) {
        const struct ram_version *version = ram_visible(records->rows.cells[i], RAM_NEWEST);
        if (version != NULL) {
            const struct value *value = object_find(&((const struct ram_row *)version->row)->fields, name);
            if (name.length == 0 || (value != NULL && !value_empty(value))) {
                return true;
            }
        }
    }
    return false;
}

// A field that home knows, against the new declaration.
static bool known_fits(const struct ram_records *records, const struct field *field, const struct datatype *datatype,
                       struct error *error) {
    uint32_t place = shape_find(datatype->shape, field->name);
    if (place == SHAPE_NONE) {
        return !records_hold(records, field->name) ||
               error_set(error, ERROR_SCHEMA_CHANGE,
                         "%.*s.%.*s is declared no more and home has data in it; declare it, or clear it first",
                         TEXT_ARGS(datatype->name), TEXT_ARGS(field->name));
    }
    const struct field *now = &datatype->fields[place];
    if (now->type != field->type) {
        return error_set(error, ERROR_SCHEMA_CHANGE,
                         "%.*s.%.*s is %s in home and declared as %s; give the new field another name",
                         TEXT_ARGS(datatype->name), TEXT_ARGS(field->name), field_type_name(field->type),
                         field_type_name(now->type));
    }
    if (field->type == FIELD_REF && !text_same(now->target, field->target)) {
        return error_set(
            error, ERROR_SCHEMA_CHANGE,
            "%.*s.%.*s refers to %.*s in home and is declared to refer to %.*s; give the new field another "
            "name",
            TEXT_ARGS(datatype->name), TEXT_ARGS(field->name), TEXT_ARGS(field->target), TEXT_ARGS(now->target));
    }
    return true;
}

static bool datatype_fits(const struct ram_records *records, const struct datatype *known,
                          const struct datatype *datatype, struct error *error) {
    for (size_t i = 0; i < known->count; i++) {
        if (!known_fits(records, &known->fields[i], datatype, error)) {
            return false;
        }
    }
    for (size_t i = 0; i < datatype->count; i++) {
        const struct field *field = &datatype->fields[i];
        bool is_new = shape_find(known->shape, field->name) == SHAPE_NONE;
        if (is_new && field->required && value_empty(&field->fallback) && records_hold(records, (struct text){"", 0})) {
            return error_set(error, ERROR_SCHEMA_CHANGE,
                             "%.*s.%.*s is new and required, and home has records without it; give it a default",
                             TEXT_ARGS(datatype->name), TEXT_ARGS(field->name));
        }
    }
    return true;
}

static bool shape_same(const struct shape *a, const struct shape *b) {
    bool same = a->count == b->count;
    for (uint32_t i = 0; same && i < a->count; i++) {
        same = text_same(a->names[i], b->names[i]);
    }
    return same;
}

// Gives each record the fields of its new declaration; those it lacks get the default. Its seq stays: nothing that
// was said about it changed.
static bool records_refill(struct ram_home *home, struct ram_change *change, const struct ram_records *records,
                           const struct datatype *datatype, struct error *error) {
    for (size_t i = 0; i < records->rows.count; i++) {
        const struct ram_version *version = ram_visible(records->rows.cells[i], RAM_NEWEST);
        if (version == NULL) {
            continue;
        }
        struct ram_row *row = arena_take(&home->arena, sizeof *row);
        struct value *values = arena_take_zero(&home->arena, datatype->count, sizeof *values);
        if (row == NULL || values == NULL) {
            return error_memory(error);
        }
        *row = *(const struct ram_row *)version->row;
        for (size_t field = 0; field < datatype->count; field++) {
            const struct value *value = object_find(&row->fields, datatype->fields[field].name);
            value = value != NULL ? value : &datatype->fields[field].fallback;
            values[field] = value_empty(value) ? value_null() : *value;
        }
        row->fields = (struct object){datatype->shape, values};
        if (!ram_row_put(home, change, datatype, row, error)) {
            return false;
        }
    }
    return true;
}

static bool datatype_prepare(struct ram_home *home, struct ram_change *change, const struct datatype *datatype,
                             const struct text *module, struct error *error) {
    const struct datatype *known = ram_datatype(home, datatype->name, RAM_NEWEST);
    const struct ram_records *records = ram_records_of(home, datatype->name);
    const struct datatype *copy;
    if (records == NULL || !ram_datatype_copy(&home->arena, datatype, &copy)) {
        return error_memory(error);
    }
    if (known != NULL && !datatype_fits(records, known, datatype, error)) {
        return false;
    }
    return ((ram_put(change, &home->datatypes, copy->name, 0, copy) &&
             ram_put(change, &home->texts, copy->name, 0, module)) ||
            error_memory(error)) &&
           (known == NULL || shape_same(known->shape, copy->shape) ||
            records_refill(home, change, records, copy, error));
}

bool ram_prepare(struct store *store, const struct datatype *const *datatypes, size_t count, struct text text,
                 struct error *error) {
    struct ram_change change;
    struct ram_home *home = ram_begin(store, &change);
    struct text *modules = arena_take(&home->arena, sizeof *modules);
    int64_t number = RAM_MODULES;
    bool ok = (modules != NULL && arena_text(&home->arena, text, modules) &&
               ram_put(&change, &home->modules, ram_number_key(&number), number, modules)) ||
              error_memory(error);
    for (size_t i = 0; ok && i < count; i++) {
        ok = datatype_prepare(home, &change, datatypes[i], modules, error);
    }
    return ram_finish(home, &change, "prepare", ok, error);
}

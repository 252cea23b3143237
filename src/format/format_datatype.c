#include "format/format_datatype.h"

#include <stdio.h>
#include <strings.h>

#include "format/format_json.h"

static void member_write(struct buffer *buffer, const char *before, const char *name, struct value value) {
    buffer_print(buffer, "%s\"%s\":", before, name);
    json_write(buffer, &value);
}

static void field_write(struct buffer *buffer, const struct field *field) {
    member_write(buffer, "{", "name", value_text(field->name));
    member_write(buffer, ",", "type", value_text(text_of(field_type_name(field->type))));
    if (field->required) {
        member_write(buffer, ",", "required", value_bool(true));
    }
    if (field->fallback.kind != VALUE_MISSING) {
        member_write(buffer, ",", "default", field->fallback);
    }
    if (field->target.length > 0) {
        member_write(buffer, ",", "target", value_text(field->target));
    }
    buffer_byte(buffer, '}');
}

static void name_write(struct buffer *buffer, size_t place, const struct field *field) {
    struct value name = value_text(field->name);
    if (place > 0) {
        buffer_byte(buffer, ',');
    }
    json_write(buffer, &name);
}

void datatype_write(struct buffer *buffer, const struct datatype *datatype) {
    member_write(buffer, "{", "name", value_text(datatype->name));
    member_write(buffer, ",", "extra", value_text(text_of(datatype->keeps_extra ? "keep" : "refuse")));
    buffer_string(buffer, ",\"key\":[");
    for (size_t i = 0; i < datatype->key_count; i++) {
        name_write(buffer, i, &datatype->fields[datatype->key[i]]);
    }
    // Nothing of it where nothing is derived: the same declaration is the same text as before there was such a thing.
    for (size_t i = 0; i < datatype->derive_count; i++) {
        buffer_string(buffer, i == 0 ? "],\"derived\":[" : "");
        name_write(buffer, i, &datatype->fields[datatype->derives[i].field]);
    }
    buffer_string(buffer, "],\"fields\":[");
    for (size_t i = 0; i < datatype->count; i++) {
        if (i > 0) {
            buffer_byte(buffer, ',');
        }
        field_write(buffer, &datatype->fields[i]);
    }
    buffer_string(buffer, "]}");
}

static bool damaged(struct error *error, const char *what) {
    return error_set(error, ERROR_HOME_DAMAGED, "a datatype's declaration cannot be used: %s", what);
}

// Whether an object has no names but those given.
static bool names_known(const struct object *object, const char *const *known, size_t count, struct error *error) {
    for (uint32_t i = 0; i < object->shape->count; i++) {
        bool is_known = false;
        for (size_t j = 0; j < count && !is_known; j++) {
            is_known = text_is(object->shape->names[i], known[j]);
        }
        if (!is_known) {
            struct value name = value_text(object->shape->names[i]);
            char room[VALUE_SHOW_MAX];
            char what[VALUE_SHOW_MAX + 32];
            snprintf(what, sizeof what, "%s is not known", value_show(&name, room));
            return damaged(error, what);
        }
    }
    return true;
}

// A member of the kind that it must have; NULL with an error when it is missing or another.
static const struct value *member_find(const struct object *object, const char *name, enum value_kind kind,
                                       struct error *error) {
    const struct value *value = object_find(object, text_of(name));
    if (value == NULL || value->kind != (uint32_t)kind) {
        char what[96];
        snprintf(what, sizeof what, "'%s' must be there and be of kind %s", name, value_kind_name(kind));
        damaged(error, what);
        return NULL;
    }
    return value;
}

static bool field_read(const struct value *in, struct arena *arena, struct field *out, struct error *error) {
    static const char *const known[] = {"name", "type", "required", "default", "target"};
    if (in->kind != VALUE_OBJECT) {
        return damaged(error, "a field must be an object");
    }
    const struct object *object = in->as.object;
    if (!names_known(object, known, sizeof known / sizeof known[0], error)) {
        return false;
    }
    const struct value *name = member_find(object, "name", VALUE_TEXT, error);
    const struct value *type = name != NULL ? member_find(object, "type", VALUE_TEXT, error) : NULL;
    const struct value *required = object_find(object, TEXT_LITERAL("required"));
    const struct value *fallback = object_find(object, TEXT_LITERAL("default"));
    const struct value *target = object_find(object, TEXT_LITERAL("target"));
    if (type == NULL) {
        return false;
    }
    *out = (struct field){.name = value_slice(name)};
    if (!datatype_name_check(out->name, true, error)) {
        return false;
    }
    if (!field_type_find(value_slice(type), &out->type)) {
        return damaged(error, "a field's type is not known");
    }
    if (required != NULL && required->kind != VALUE_BOOL) {
        return damaged(error, "'required' must be true or false");
    }
    out->required = required != NULL && required->as.boolean;
    if ((out->type == FIELD_REF) != (target != NULL) || (target != NULL && target->kind != VALUE_TEXT)) {
        return damaged(error, "a ref field has a target, the name of a datatype, and no other field has one");
    }
    if (target != NULL) {
        out->target = value_slice(target);
        if (!datatype_name_check(out->target, false, error)) {
            return false;
        }
    }
    return fallback == NULL || field_take(out, fallback, arena, &out->fallback, error);
}

// Databases take Name and name for the same column.
static bool names_differ(const struct field *fields, size_t count, struct error *error) {
    for (size_t i = 1; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (fields[i].name.length == fields[j].name.length &&
                strncasecmp(fields[i].name.data, fields[j].name.data, fields[i].name.length) == 0) {
                char what[DATATYPE_NAME_MAX + 64];
                snprintf(what, sizeof what, "two fields are called %.*s", TEXT_ARGS(fields[i].name));
                return damaged(error, what);
            }
        }
    }
    return true;
}

static bool fields_read(const struct value *in, struct arena *arena, struct datatype *out, struct error *error) {
    if (in->length == 0 || in->length > DATATYPE_FIELDS_MAX) {
        return damaged(error, "it has no fields or too many");
    }
    struct field *fields = arena_take_zero(arena, in->length, sizeof *fields);
    struct text *names = arena_take_zero(arena, in->length, sizeof *names);
    struct shape *shape = arena_take(arena, sizeof *shape);
    if (fields == NULL || names == NULL || shape == NULL) {
        return error_memory(error);
    }
    for (uint32_t i = 0; i < in->length; i++) {
        if (!field_read(&in->as.items[i], arena, &fields[i], error)) {
            return false;
        }
        names[i] = fields[i].name;
    }
    *shape = (struct shape){in->length, names};
    out->fields = fields;
    out->count = in->length;
    out->shape = shape;
    return names_differ(fields, in->length, error);
}

// Places of fields by a list of their names, each once. `what` begins the message: "its key".
static bool places_read(const struct value *in, const char *what, struct arena *arena, const struct datatype *datatype,
                        uint32_t **out, struct error *error) {
    char message[96];
    uint32_t *places = arena_take_zero(arena, in->length, sizeof *places);
    if (places == NULL) {
        return error_memory(error);
    }
    if (in->length > datatype->count) {
        snprintf(message, sizeof message, "%s has more parts than there are fields", what);
        return damaged(error, message);
    }
    for (uint32_t i = 0; i < in->length; i++) {
        const struct value *name = &in->as.items[i];
        places[i] = name->kind == VALUE_TEXT ? shape_find(datatype->shape, value_slice(name)) : SHAPE_NONE;
        if (places[i] == SHAPE_NONE) {
            snprintf(message, sizeof message, "%s names no field of it", what);
            return damaged(error, message);
        }
        for (uint32_t j = 0; j < i; j++) {
            if (places[j] == places[i]) {
                snprintf(message, sizeof message, "%s names a field twice", what);
                return damaged(error, message);
            }
        }
    }
    *out = places;
    return true;
}

static bool key_read(const struct value *in, struct arena *arena, struct datatype *out, struct error *error) {
    uint32_t *key;
    if (!places_read(in, "its key", arena, out, &key, error)) {
        return false;
    }
    out->key = key;
    out->key_count = in->length;
    return true;
}

static bool derived_read(const struct value *in, struct arena *arena, struct datatype *out, struct error *error) {
    uint32_t *places;
    if (in == NULL) {
        return true;
    }
    if (in->kind != VALUE_LIST) {
        return damaged(error, "'derived' must be a list");
    }
    struct derive *derives = arena_take_zero(arena, in->length, sizeof *derives);
    if (derives == NULL) {
        return error_memory(error);
    }
    if (!places_read(in, "its list of derived fields", arena, out, &places, error)) {
        return false;
    }
    for (uint32_t i = 0; i < in->length; i++) {
        derives[i] = (struct derive){.field = places[i], .function = DERIVE_ELSEWHERE};
    }
    out->derives = derives;
    out->derive_count = in->length;
    return true;
}

bool datatype_read(struct text text, struct arena *arena, const struct datatype **out, struct error *error) {
    static const char *const known[] = {"name", "extra", "key", "derived", "fields"};
    struct text kept;
    struct value value;
    struct datatype *datatype = arena_take_zero(arena, 1, sizeof *datatype);
    if (datatype == NULL || !arena_text(arena, text, &kept)) {
        return error_memory(error);
    }
    if (!json_read(kept, arena, NULL, &value, error)) {
        return false;
    }
    if (value.kind != VALUE_OBJECT) {
        return damaged(error, "it must be an object");
    }
    const struct object *object = value.as.object;
    if (!names_known(object, known, sizeof known / sizeof known[0], error)) {
        return false;
    }
    const struct value *name = member_find(object, "name", VALUE_TEXT, error);
    const struct value *extra = name != NULL ? member_find(object, "extra", VALUE_TEXT, error) : NULL;
    const struct value *key = extra != NULL ? member_find(object, "key", VALUE_LIST, error) : NULL;
    const struct value *fields = key != NULL ? member_find(object, "fields", VALUE_LIST, error) : NULL;
    if (fields == NULL || !datatype_name_check(value_slice(name), false, error)) {
        return false;
    }
    datatype->name = value_slice(name);
    datatype->keeps_extra = text_is(value_slice(extra), "keep");
    if (!datatype->keeps_extra && !text_is(value_slice(extra), "refuse")) {
        return damaged(error, "'extra' must be keep or refuse");
    }
    if (!fields_read(fields, arena, datatype, error) || !key_read(key, arena, datatype, error) ||
        !derived_read(object_find(object, TEXT_LITERAL("derived")), arena, datatype, error)) {
        return false;
    }
    *out = datatype;
    return true;
}

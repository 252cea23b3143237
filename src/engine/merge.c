#include "engine/merge.h"

// A field without a base is taken as if both sides had begun with nothing: what one of them alone has is its own doing,
// and where both have something else, both did it.
static const struct value nothing = {.kind = VALUE_MISSING};

// One field, as the three of them have it.
struct sides {
    const struct field *field;
    const struct value *base;
    const struct value *home;
    const struct value *remote; // what the datasource said; MISSING: nothing
};

static struct sides sides_of(const struct merge *merge, size_t place) {
    return (struct sides){
        .field = &merge->datatype->fields[place],
        .base = merge->base != NULL ? &merge->base[place] : &nothing,
        .home = &merge->home[place],
        .remote = &merge->remote->fields[place],
    };
}

static bool home_changed(const struct sides *sides) {
    return !field_same(sides->field, sides->home, sides->base);
}

static bool remote_changed(const struct sides *sides) {
    return sides->remote->kind != VALUE_MISSING && !field_same(sides->field, sides->remote, sides->base);
}

//    home        datasource    by field
//    any         unsaid        home's
//    as base     any           the datasource's
//    changed     as base       home's
//    changed     changed       the datasource's (the same, or home's loses)
static const struct value *by_field(const struct sides *sides) {
    bool keeps = sides->remote->kind == VALUE_MISSING || (home_changed(sides) && !remote_changed(sides));
    return keeps ? sides->home : sides->remote;
}

static const struct value *by_policy(enum conflict_policy policy, const struct sides *sides) {
    switch (policy) {
    case CONFLICT_HOME:
        return sides->home;
    case CONFLICT_FIELDS:
        return by_field(sides);
    case CONFLICT_DATASOURCE:
    case CONFLICT_NEWEST:
    case CONFLICT_FUNCTION:
        break;
    }
    return sides->remote->kind != VALUE_MISSING ? sides->remote : sides->home;
}

bool merge_may_say(const struct transform *pull, size_t place) {
    bool any = pull == NULL || pull->has_function || pull->rest || pull->count == 0;
    for (size_t i = 0; !any && i < pull->count; i++) {
        any = pull->rules[i].field == place;
    }
    return any;
}

bool merge_is_told(const struct sync_type *type, const struct field *field) {
    const struct transform *push = &type->push.transform;
    bool told = push->has_function || push->rest || push->count == 0;
    for (size_t i = 0; !told && i < push->count; i++) {
        const struct rule *rule = &push->rules[i];
        told = rule->input == INPUT_FUNCTION;
        for (size_t k = 0; !told && k < rule->path_count; k++) {
            told = text_same(rule->paths[k].names[0], field->name);
        }
    }
    return type->pushes && told;
}

// What both sides agree on of a field that the datasource said nothing about. Without a base it doesn't have the field,
// as far as anybody knows, so that home's is still to be pushed; what never comes from there is home's own affair.
static const struct value *unsaid(const struct merge *merge, size_t place, const struct sides *sides) {
    static const struct value null = {.kind = VALUE_NULL};
    if (merge->base != NULL) {
        return sides->base;
    }
    return merge_may_say(merge->pull, place) ? &null : sides->home;
}

static bool as_object(const struct datatype *datatype, const struct value *fields, struct arena *arena,
                      struct value *out, struct error *error) {
    struct value *copy = arena_take(arena, datatype->count * sizeof *copy + 1);
    if (copy == NULL) {
        return error_memory(error);
    }
    for (size_t i = 0; i < datatype->count; i++) {
        copy[i] = fields[i];
    }
    struct form form = {datatype, copy, {.kind = VALUE_MISSING}};
    return form_object(&form, arena, out) || error_memory(error);
}

// The script's own function. What its answer leaves out stays as home has it.
static bool by_function(const struct merge *merge, struct arena *arena, struct value *fields, struct error *error) {
    const struct datatype *datatype = merge->datatype;
    const struct value *forms[] = {merge->base, merge->home, merge->remote->fields};
    struct value values[3];
    const struct object *objects[3] = {NULL, NULL, NULL};
    for (size_t i = 0; i < 3; i++) {
        if (forms[i] == NULL) {
            continue;
        }
        if (!as_object(datatype, forms[i], arena, &values[i], error)) {
            return false;
        }
        objects[i] = values[i].as.object;
    }
    struct mapped mapped = {0};
    if (!mapper_call(merge->mapper, merge->function, objects, 3, arena, &mapped, error)) {
        return false;
    }
    if (mapped.skipped || mapped.value.kind != VALUE_OBJECT) {
        return error_set(error, ERROR_TRANSFORM,
                         "the conflict function gave %s; it must give the fields as they shall be: a table, or one of "
                         "its arguments",
                         mapped.skipped ? "weir.skip" : value_kind_name(mapped.value.kind));
    }
    struct form form;
    if (!form_take(datatype, mapped.value.as.object, arena, &form, error)) {
        return false;
    }
    for (size_t i = 0; i < datatype->count; i++) {
        fields[i] = form.fields[i].kind != VALUE_MISSING ? form.fields[i] : merge->home[i];
    }
    return true;
}

static void compare(const struct merge *merge, struct merged *out) {
    out->same_as_home = true;
    out->same_as_agreed = true;
    for (size_t i = 0; i < merge->datatype->count; i++) {
        struct sides sides = sides_of(merge, i);
        bool is_home = field_same(sides.field, &out->fields[i], sides.home);
        out->home_lost = out->home_lost || (home_changed(&sides) && !is_home);
        out->remote_lost =
            out->remote_lost || (remote_changed(&sides) && !field_same(sides.field, &out->fields[i], sides.remote));
        out->same_as_home = out->same_as_home && is_home;
        out->same_as_agreed = out->same_as_agreed && field_same(sides.field, &out->fields[i], &out->agreed[i]);
    }
}

bool merge_forms(const struct merge *merge, struct arena *arena, struct merged *out, struct error *error) {
    size_t count = merge->datatype->count;
    enum conflict_policy policy = merge->policy;
    *out = (struct merged){0};
    out->fields = arena_take(arena, count * sizeof *out->fields + 1);
    out->agreed = arena_take(arena, count * sizeof *out->agreed + 1);
    if (out->fields == NULL || out->agreed == NULL) {
        return error_memory(error);
    }
    if (policy == CONFLICT_NEWEST) {
        policy = merge->home_is_newer ? CONFLICT_HOME : CONFLICT_DATASOURCE;
    }
    for (size_t i = 0; i < count; i++) {
        struct sides sides = sides_of(merge, i);
        bool said = sides.remote->kind != VALUE_MISSING;
        out->agreed[i] = said ? *sides.remote : *unsaid(merge, i, &sides);
        out->fields[i] = *by_policy(policy, &sides);
    }
    if (policy == CONFLICT_FUNCTION && !by_function(merge, arena, out->fields, error)) {
        return false;
    }
    compare(merge, out);
    return true;
}

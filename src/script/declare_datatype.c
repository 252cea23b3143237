// weir.datatype and weir.field: home's datatypes.

#include <lauxlib.h>
#include <stdlib.h>

#include "script/declare.h"
#include "script/script_handle.h"
#include "script/script_lines.h"
#include "script/script_option.h"
#include "script/script_value.h"

static const char *const type_names[] = {"text", "integer", "decimal", "bool", "time", "json", NULL};

// A field's type as the script writes it: "decimal", or weir.ref "resource".
static void take_type(lua_State *lua, int index, const struct script_where *where, const char *key,
                      struct field *field) {
    const struct rule_draft *draft = handle_data(lua, index, HANDLE_RULE);
    if (draft != NULL && draft->rule.kind == RULE_REF && draft->rule.input == INPUT_NONE && !draft->names_datasource) {
        field->type = FIELD_REF;
        field->target = draft->rule.target;
        return;
    }
    if (lua_type(lua, index) != LUA_TSTRING) {
        script_raise_at(lua, where, key, ERROR_OPTION_TYPE,
                        "a field's type is a text like \"decimal\", weir.ref \"other\" or weir.field(type, options), "
                        "not %s",
                        handle_describe(lua, index));
    }
    struct text name = text_of(lua_tostring(lua, index));
    if (!field_type_find(name, &field->type) || field->type == FIELD_REF) {
        const char *meant = script_meant(name, type_names);
        script_raise_at(lua, where, key, ERROR_OPTION_TYPE, "there is no field type \"%.60s\"%s%s%s", name.data,
                        meant != NULL ? "; did you mean \"" : "; there are text, integer, decimal, bool, time and json",
                        meant != NULL ? meant : "", meant != NULL ? "\"?" : "");
    }
}

int declare_field(lua_State *lua) {
    struct script_where where = script_where(lua, "field");
    struct script *script = script_of(lua);
    script_must_declare(lua, "weir.field");
    lua_settop(lua, 2);
    struct field *field = script_take(lua, 1, sizeof *field);
    take_type(lua, 1, &where, NULL, field);
    if (!lua_isnil(lua, 2)) {
        struct option_reader reader = {.where = where, .name = "weir.field", .fixed = true};
        const struct object *options = option_read(lua, 2, option_field, &reader);
        struct value given = option_value(options, "default");
        struct error error;
        field->required = option_bool(options, "required");
        field->name = TEXT_LITERAL("default");
        if (!field_take(field, &given, &script->arena, &field->fallback, &error)) {
            script_raise_at(lua, &where, "default", ERROR_OPTION_TYPE, "%s", error.message);
        }
    }
    handle_push(lua, HANDLE_FIELD, field, 0);
    return 1;
}

// A field with its place in the text, for their order.
struct placed {
    struct field field;
    size_t offset;
};

static int compare_placed(const void *a, const void *b) {
    const struct placed *left = a;
    const struct placed *right = b;
    if (left->offset != right->offset) {
        return left->offset < right->offset ? -1 : 1;
    }
    return text_compare(left->field.name, right->field.name);
}

static bool is_option(struct text name) {
    return text_is(name, "key") || text_is(name, "extra") || text_is(name, "derive");
}

// The field whose name and declaration are the last two on the stack.
static struct placed take_field(lua_State *lua, const struct script_where *where) {
    struct placed placed = {.offset = SIZE_MAX};
    struct key_place place;
    struct error error;
    struct text name;
    name.data = lua_tolstring(lua, -2, &name.length);
    if (!datatype_name_check(name, true, &error)) {
        script_raise_at(lua, where, name.data, ERROR_OPTION_UNKNOWN, "%s", error.message);
    }
    const struct field *field = handle_data(lua, -1, HANDLE_FIELD);
    if (field != NULL) {
        placed.field = *field;
    } else {
        take_type(lua, lua_gettop(lua), where, name.data, &placed.field);
    }
    placed.field.name = script_text_copy(lua, name);
    if (where->chunk != NULL && lines_find_in_call(where->chunk->text, where->line, where->opener, name, &place)) {
        placed.offset = place.offset;
    }
    return placed;
}

static void take_fields(lua_State *lua, const struct script_where *where, struct datatype *datatype) {
    size_t count = 0;
    for (lua_pushnil(lua); lua_next(lua, 1) != 0; lua_pop(lua, 1)) {
        count += !is_option(text_of(lua_tostring(lua, -2)));
    }
    if (count == 0 || count > DATATYPE_FIELDS_MAX) {
        script_raise_at(lua, where, NULL, ERROR_OPTION_MISSING, "a datatype has 1 to %d fields, this one %zu",
                        DATATYPE_FIELDS_MAX, count);
    }
    struct placed *placed = script_take(lua, count, sizeof *placed);
    struct field *fields = script_take(lua, count, sizeof *fields);
    struct text *names = script_take(lua, count, sizeof *names);
    struct shape *shape = script_take(lua, 1, sizeof *shape);
    size_t at = 0;
    for (lua_pushnil(lua); lua_next(lua, 1) != 0; lua_pop(lua, 1)) {
        if (!is_option(text_of(lua_tostring(lua, -2)))) {
            placed[at++] = take_field(lua, where);
        }
    }
    qsort(placed, count, sizeof *placed, compare_placed);
    for (size_t i = 0; i < count; i++) {
        fields[i] = placed[i].field;
        names[i] = placed[i].field.name;
    }
    *shape = (struct shape){(uint32_t)count, names};
    datatype->fields = fields;
    datatype->count = count;
    datatype->shape = shape;
}

static void take_key(lua_State *lua, const struct script_where *where, const struct value *given,
                     struct datatype *datatype) {
    size_t count = given->kind == VALUE_LIST ? given->length : 0;
    uint32_t *key = script_take(lua, count, sizeof *key);
    for (size_t i = 0; i < count; i++) {
        struct text name = value_slice(&given->as.items[i]);
        key[i] = shape_find(datatype->shape, name);
        if (key[i] == SHAPE_NONE) {
            const char *meant = declare_meant_field(lua, datatype, name);
            script_raise_at(lua, where, "key", ERROR_OPTION_UNKNOWN, "the key names \"%.60s\", which is no field%s%s%s",
                            name.data, meant != NULL ? "; did you mean \"" : "", meant != NULL ? meant : "",
                            meant != NULL ? "\"?" : "");
        }
        for (size_t j = 0; j < i; j++) {
            if (key[j] == key[i]) {
                script_raise_at(lua, where, "key", ERROR_OPTION_TYPE, "the key names \"%.60s\" twice", name.data);
            }
        }
    }
    datatype->key = key;
    datatype->key_count = count;
}

static int compare_derives(const void *a, const void *b) {
    uint32_t left = ((const struct derive *)a)->field;
    uint32_t right = ((const struct derive *)b)->field;
    return left < right ? -1 : left > right;
}

// derive = { field = function(record, refs) … end }
static void take_derives(lua_State *lua, const struct script_where *where, struct datatype *datatype) {
    struct script *script = script_of(lua);
    lua_pushliteral(lua, "derive");
    lua_rawget(lua, 1);
    int index = lua_gettop(lua);
    if (lua_isnil(lua, index)) {
        return;
    }
    if (!lua_istable(lua, index)) {
        script_raise_at(lua, where, "derive", ERROR_OPTION_TYPE,
                        "derive is weir's own word: a table of fields with a function(record, refs) each, not %s",
                        handle_describe(lua, index));
    }
    struct script_where inside = *where;
    inside.line = script_line(where, TEXT_LITERAL("derive"));
    inside.opener = NULL;
    size_t count = 0;
    struct derive *derives = script_take(lua, datatype->count, sizeof *derives);
    for (lua_pushnil(lua); lua_next(lua, index) != 0; lua_pop(lua, 1)) {
        const char *key = lua_type(lua, -2) == LUA_TSTRING ? lua_tostring(lua, -2) : NULL;
        uint32_t field = key != NULL ? shape_find(datatype->shape, text_of(key)) : SHAPE_NONE;
        if (field == SHAPE_NONE) {
            const char *meant = key != NULL ? declare_meant_field(lua, datatype, text_of(key)) : NULL;
            script_raise_at(lua, &inside, key, ERROR_OPTION_UNKNOWN, "derive has \"%.60s\", which is no field%s%s%s",
                            key != NULL ? key : "1", meant != NULL ? "; did you mean \"" : "",
                            meant != NULL ? meant : "", meant != NULL ? "\"?" : "");
        }
        if (!lua_isfunction(lua, -1)) {
            script_raise_at(lua, &inside, key, ERROR_OPTION_TYPE, "derive: %s takes a function(record, refs), not %s",
                            key, handle_describe(lua, -1));
        }
        uint32_t function = script_mapper_add(lua, &script->mapper, lua_gettop(lua), ANSWER_VALUE);
        derives[count++] = (struct derive){field, function};
    }
    qsort(derives, count, sizeof *derives, compare_derives);
    datatype->derives = derives;
    datatype->derive_count = count;
    lua_pop(lua, 1);
}

// For what home keeps: where this datatype comes from.
static void remember(lua_State *lua, const struct script_where *where, const struct datatype *datatype) {
    struct script *script = script_of(lua);
    if (where->chunk != NULL) {
        struct script_declaration *declaration = script_take(lua, 1, sizeof *declaration);
        *declaration =
            (struct script_declaration){script->declarations, datatype, where->chunk, ++where->chunk->datatypes};
        script->declarations = declaration;
    }
}

int declare_datatype(lua_State *lua) {
    struct option_reader reader = {
        .where = script_where(lua, "datatype"), .name = "weir.datatype", .keep_any = true, .fixed = true, .open = true};
    script_must_declare(lua, "weir.datatype");
    lua_settop(lua, 1);
    const struct object *options = option_read(lua, 1, option_datatype, &reader);
    struct datatype *datatype = script_take(lua, 1, sizeof *datatype);
    struct value key = option_value(options, "key");
    take_fields(lua, &reader.where, datatype);
    take_key(lua, &reader.where, &key, datatype);
    take_derives(lua, &reader.where, datatype);
    datatype->keeps_extra = text_is(option_text(options, "extra"), "keep");
    remember(lua, &reader.where, datatype);
    handle_push(lua, HANDLE_DATATYPE, datatype, 0);
    return 1;
}

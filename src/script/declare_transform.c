// pull = { reading = … }: a table of home's fields, or one function of the whole record. And the `back` of a push,
// which is such a table too.

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>

#include "script/declare.h"
#include "script/script_handle.h"

const char *declare_meant_field(lua_State *lua, const struct datatype *datatype, struct text name) {
    const char **names = script_take(lua, datatype->count + 1, sizeof *names);
    for (size_t i = 0; i < datatype->count; i++) {
        names[i] = datatype->fields[i].name.data;
    }
    return script_meant(name, names);
}

void declare_rule_at_top(lua_State *lua, const struct script_where *where, const char *key, const char *from,
                         struct rule *rule) {
    const struct rule_draft *draft = handle_data(lua, -1, HANDLE_RULE);
    const struct path *path = handle_data(lua, -1, HANDLE_PATH);
    if (draft != NULL) {
        *rule = draft->rule;
    } else if (path != NULL) {
        *rule = (struct rule){.kind = RULE_COPY, .input = INPUT_PATH, .paths = path, .path_count = 1};
    } else if (lua_isfunction(lua, -1)) {
        uint32_t function = script_mapper_add(lua, &script_of(lua)->mapper, lua_gettop(lua), ANSWER_VALUE);
        *rule = (struct rule){.kind = RULE_COPY, .input = INPUT_FUNCTION, .function = function};
    } else if (lua_type(lua, -1) == LUA_TSTRING) {
        struct text *name = script_take(lua, 1, sizeof *name);
        struct path *named = script_take(lua, 1, sizeof *named);
        *name = script_text_copy(lua, text_of(lua_tostring(lua, -1)));
        *named = (struct path){name, 1};
        *rule = (struct rule){.kind = RULE_COPY, .input = INPUT_PATH, .paths = named, .path_count = 1};
    } else {
        script_raise_at(
            lua, where, key, ERROR_OPTION_TYPE,
            "%s takes the name of a field of %s, a function of the record, or one of weir.time, weir.number "
            "and so on, not %s; a fixed value is weir.const(value)",
            key, from, handle_describe(lua, -1));
    }
}

// What is left out is filled in: the input is the field of the same name, a reference's ids are the datasource's own.
static void complete_rule(lua_State *lua, const struct script_where *where, const struct field *field,
                          struct rule *rule) {
    struct script *script = script_of(lua);
    if (rule->input == INPUT_NONE && rule->kind != RULE_CONST) {
        struct path *path = script_take(lua, 1, sizeof *path);
        *path = (struct path){&field->name, 1};
        rule->input = INPUT_PATH;
        rule->paths = path;
        rule->path_count = 1;
    }
    if (rule->kind == RULE_LINK) {
        script_raise_at(
            lua, where, field->name.data, ERROR_OPTION_TYPE,
            "%s: weir.link belongs in push; a reference of home's is %s = weir.ref(\"other\", \"source field\")",
            field->name.data, field->name.data);
    }
    if (rule->kind == RULE_REF && rule->datasource.length == 0) {
        rule->datasource = script->sync.datasource;
    }
    if (rule->kind == RULE_REF && (field->type != FIELD_REF || !text_same(field->target, rule->target))) {
        script_raise_at(lua, where, field->name.data, ERROR_OPTION_TYPE, "%s is no reference to %s in its datatype",
                        field->name.data, rule->target.data);
    }
    bool moves_ids = rule->kind != RULE_REF && rule->kind != RULE_CONST && rule->input != INPUT_FUNCTION;
    if (field->type == FIELD_REF && moves_ids) {
        script_raise_at(lua, where, field->name.data, ERROR_OPTION_TYPE,
                        "%s is a reference; say whose id it takes: %s = weir.ref(\"%s\", \"source field\")",
                        field->name.data, field->name.data, field->target.data);
    }
}

static int compare_rules(const void *a, const void *b) {
    uint32_t left = ((const struct rule *)a)->field;
    uint32_t right = ((const struct rule *)b)->field;
    return left < right ? -1 : left > right;
}

// One entry of the table; its key and value are the last two on the stack.
static void take_entry(lua_State *lua, const struct script_where *where, const struct fields_table *table,
                       struct transform *out, struct rule *rules) {
    const struct handle *handle = handle_at(lua, -1);
    const struct datatype *datatype = table->datatype;
    if (lua_type(lua, -2) != LUA_TSTRING) {
        if (handle == NULL || handle->kind != HANDLE_REST || !table->rest) {
            script_raise_at(lua, where, NULL, ERROR_OPTION_TYPE, "%s has a value without a field's name%s", table->name,
                            table->rest ? "; only weir.rest stands alone" : "");
        }
        out->rest = true;
        return;
    }
    const char *key = lua_tostring(lua, -2);
    uint32_t field = shape_find(datatype->shape, text_of(key));
    if (field == SHAPE_NONE) {
        const char *meant = declare_meant_field(lua, datatype, text_of(key));
        script_raise_at(lua, where, key, ERROR_OPTION_UNKNOWN, "%s has no field \"%.60s\"%s%s%s", datatype->name.data,
                        key, meant != NULL ? "; did you mean \"" : "", meant != NULL ? meant : "",
                        meant != NULL ? "\"?" : "");
    }
    struct rule *rule = &rules[out->count++];
    declare_rule_at_top(lua, where, key, table->from, rule);
    complete_rule(lua, where, &datatype->fields[field], rule);
    rule->field = field;
    rule->line = script_line(where, text_of(key));
}

void declare_fields(lua_State *lua, int index, const struct script_where *where, const struct fields_table *table,
                    struct transform *out) {
    size_t count = 0;
    index = lua_absindex(lua, index);
    for (lua_pushnil(lua); lua_next(lua, index) != 0; lua_pop(lua, 1)) {
        count++;
    }
    struct rule *rules = script_take(lua, count, sizeof *rules);
    for (lua_pushnil(lua); lua_next(lua, index) != 0; lua_pop(lua, 1)) {
        take_entry(lua, where, table, out, rules);
    }
    if (out->count == 0 && !out->rest) {
        script_raise_at(lua, where, NULL, ERROR_OPTION_MISSING, "%s moves nothing", table->name);
    }
    qsort(rules, out->count, sizeof *rules, compare_rules);
    out->rules = rules;
}

void declare_transform(lua_State *lua, int index, const struct script_where *where, struct sync_type *type) {
    struct transform *out = &type->pull;
    index = lua_absindex(lua, index);
    if (lua_isnil(lua, index)) {
        return; // fields of the same name are copied
    }
    if (lua_isfunction(lua, index)) {
        out->has_function = true;
        out->function = script_mapper_add(lua, &script_of(lua)->mapper, index, ANSWER_VALUE);
        return;
    }
    if (!lua_istable(lua, index)) {
        script_raise_at(lua, where, type->name.data, ERROR_OPTION_TYPE,
                        "the transform of %s is a table of home's fields or a function of the record, not %s",
                        type->name.data, handle_describe(lua, index));
    }
    struct script_where inside = *where;
    inside.line = script_line(where, type->name);
    inside.opener = NULL;
    char name[ERROR_PLACE_MAX];
    snprintf(name, sizeof name, "the transform of %s", type->name.data);
    struct fields_table table = {type->datatype, name, "the source", true};
    declare_fields(lua, index, &inside, &table, out);
}

// push = { reading = … }: a table of the datasource's fields, a function of home's whole record, or true. The rules are
// those of pull, the other way: their inputs are home's fields.

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>

#include "script/declare.h"
#include "script/script_handle.h"
#include "script/script_option.h"

// A rule with the name it fills, until the names are in order.
struct named_rule {
    struct text name;
    struct rule rule;
};

// What take_entry needs to know.
struct pushing {
    struct script_where where; // the type's line in push
    const struct sync_type *type;
    struct push *out;
    struct named_rule *rules;
    size_t count;
};

// The home field that a path begins with; NULL for `id`, and for what a datatype keeps beside its fields.
static const struct field *home_field(lua_State *lua, const struct pushing *p, const char *key,
                                      const struct path *path) {
    const struct datatype *datatype = p->type->datatype;
    struct text name = path->names[0];
    uint32_t place = shape_find(datatype->shape, name);
    if (place == SHAPE_NONE) {
        if (text_is(name, "id") || datatype->keeps_extra) {
            return NULL;
        }
        const char *meant = declare_meant_field(lua, datatype, name);
        script_raise_at(lua, &p->where, key, ERROR_OPTION_UNKNOWN,
                        "%s takes \"%.60s\", but home's %s has no such "
                        "field%s%s%s",
                        key, name.data, datatype->name.data, meant != NULL ? "; did you mean \"" : "",
                        meant != NULL ? meant : "", meant != NULL ? "\"?" : "");
    }
    const struct field *field = &datatype->fields[place];
    if (path->count > 1 && field->type != FIELD_JSON) {
        script_raise_at(lua, &p->where, key, ERROR_OPTION_TYPE,
                        "%s looks inside %s, which is of type %s; only a json "
                        "field has something inside",
                        key, field->name.data, field_type_name(field->type));
    }
    return field;
}

// How many parts the ids of a type of the sync's own datasource have; 0 when it has no such type.
static size_t key_parts(const struct sync *sync, struct text type) {
    const struct value *settings = object_find(sync->source_types, type);
    struct value key = settings != NULL ? option_value(settings->as.object, "key") : (struct value){0};
    return key.kind == VALUE_LIST ? key.length : key.kind == VALUE_TEXT;
}

static void complete_link(lua_State *lua, const struct pushing *p, const char *key, const struct field *field,
                          struct rule *rule) {
    const struct sync *sync = &script_of(lua)->sync;
    if (field == NULL || field->type != FIELD_REF) {
        script_raise_at(lua, &p->where, key, ERROR_OPTION_TYPE, "%s: weir.link takes a reference, and %s is none", key,
                        rule->paths[0].names[0].data);
    }
    bool is_own = rule->datasource.length == 0 || text_same(rule->datasource, sync->datasource);
    rule->target = field->target;
    rule->datasource = is_own ? sync->datasource : rule->datasource;
    size_t parts = is_own ? key_parts(sync, rule->target) : 0;
    if (parts > 0 && rule->part > parts) {
        script_raise_at(lua, &p->where, key, ERROR_OPTION_TYPE, "%s: part is %u, but the ids of %s have %zu %s", key,
                        (unsigned)rule->part, rule->target.data, parts, parts == 1 ? "part" : "parts");
    }
    rule->part = parts == 1 ? 0 : rule->part; // an id of one part is that part
}

static void complete_rule(lua_State *lua, const struct pushing *p, struct text name, struct rule *rule) {
    const char *key = name.data;
    if (rule->kind == RULE_REF) {
        script_raise_at(lua, &p->where, key, ERROR_OPTION_TYPE,
                        "%s: weir.ref belongs in pull; the id by which the datasource knows a record is "
                        "weir.link(\"field\")",
                        key);
    }
    if (rule->input == INPUT_NONE && rule->kind != RULE_CONST) {
        struct path *path = script_take(lua, 1, sizeof *path);
        struct text *own = script_take(lua, 1, sizeof *own);
        *own = name;
        *path = (struct path){own, 1};
        rule->input = INPUT_PATH;
        rule->paths = path;
        rule->path_count = 1;
    }
    if (rule->input != INPUT_PATH) {
        return;
    }
    const struct field *field = home_field(lua, p, key, &rule->paths[0]);
    if (rule->kind == RULE_LINK) {
        complete_link(lua, p, key, field, rule);
    } else if (field != NULL && field->type == FIELD_REF) {
        script_raise_at(lua, &p->where, key, ERROR_OPTION_TYPE,
                        "%s takes the reference %s, whose number means nothing to the datasource; its own id is "
                        "weir.link(\"%s\")",
                        key, field->name.data, field->name.data);
    } else if (rule->kind == RULE_TIME && field != NULL && rule->paths[0].count == 1 && field->type != FIELD_TIME) {
        script_raise_at(lua, &p->where, key, ERROR_OPTION_TYPE,
                        "%s: weir.time writes one of home's times, and %s is of type %s", key, field->name.data,
                        field_type_name(field->type));
    }
}

// `when` and `back` at the top of the stack.
static void take_when(lua_State *lua, const struct pushing *p) {
    if (!lua_isfunction(lua, -1)) {
        script_raise_at(lua, &p->where, "when", ERROR_OPTION_TYPE,
                        "when is weir's own word: a function of home's record that says whether it goes out, not %s",
                        handle_describe(lua, -1));
    }
    p->out->has_when = true;
    p->out->when = script_mapper_add(lua, &script_of(lua)->mapper, lua_gettop(lua), ANSWER_TRUTH);
}

static void take_back(lua_State *lua, const struct pushing *p) {
    struct script_where inside = p->where;
    char name[ERROR_PLACE_MAX];
    if (!lua_istable(lua, -1)) {
        script_raise_at(lua, &p->where, "back", ERROR_OPTION_TYPE,
                        "back is weir's own word: a table of home's fields with where each stands in the reply, not %s",
                        handle_describe(lua, -1));
    }
    inside.line = script_line(&p->where, TEXT_LITERAL("back"));
    snprintf(name, sizeof name, "back of %s", p->type->name.data);
    struct fields_table table = {p->type->datatype, name, "the reply", false};
    declare_fields(lua, -1, &inside, &table, &p->out->back);
}

// One entry of the table; its key and value are the last two on the stack.
static void take_entry(lua_State *lua, struct pushing *p) {
    const struct handle *handle = handle_at(lua, -1);
    if (lua_type(lua, -2) != LUA_TSTRING) {
        if (handle == NULL || handle->kind != HANDLE_REST) {
            script_raise_at(lua, &p->where, NULL, ERROR_OPTION_TYPE,
                            "the push of %s has a value without a field's name; only weir.rest stands alone",
                            p->type->name.data);
        }
        p->out->transform.rest = true;
        return;
    }
    struct text name;
    name.data = lua_tolstring(lua, -2, &name.length);
    if (text_is(name, "when")) {
        take_when(lua, p);
    } else if (text_is(name, "back")) {
        take_back(lua, p);
    } else {
        struct named_rule *named = &p->rules[p->count];
        if (!text_utf8(name, NULL) || name.length == 0 || memchr(name.data, '\0', name.length) != NULL) {
            script_raise_at(lua, &p->where, NULL, ERROR_OPTION_TYPE, "the push of %s names a field that is no text",
                            p->type->name.data);
        }
        named->name = script_text_copy(lua, name);
        declare_rule_at_top(lua, &p->where, named->name.data, "home", &named->rule);
        complete_rule(lua, p, named->name, &named->rule);
        named->rule.line = script_line(&p->where, named->name);
        p->count++;
    }
}

static int compare_names(const void *a, const void *b) {
    return text_compare(((const struct named_rule *)a)->name, ((const struct named_rule *)b)->name);
}

// The rules in the order of their names: two scripts that say the same send the same.
static void take_rules(lua_State *lua, struct pushing *p) {
    struct transform *out = &p->out->transform;
    struct rule *rules = script_take(lua, p->count, sizeof *rules);
    struct text *names = script_take(lua, p->count, sizeof *names);
    struct shape *shape = script_take(lua, 1, sizeof *shape);
    qsort(p->rules, p->count, sizeof *p->rules, compare_names);
    for (size_t i = 0; i < p->count; i++) {
        names[i] = p->rules[i].name;
        rules[i] = p->rules[i].rule;
        rules[i].field = (uint32_t)i;
    }
    *shape = (struct shape){(uint32_t)p->count, names};
    out->rules = rules;
    out->count = p->count;
    out->names = shape;
}

void declare_push(lua_State *lua, int index, const struct script_where *where, struct sync_type *type) {
    struct pushing p = {.where = *where, .type = type, .out = &type->push};
    index = lua_absindex(lua, index);
    type->pushes = !lua_isnil(lua, index);
    p.where.line = script_line(where, type->name);
    p.where.opener = NULL;
    if (lua_isfunction(lua, index)) {
        p.out->transform.has_function = true;
        p.out->transform.function = script_mapper_add(lua, &script_of(lua)->mapper, index, ANSWER_VALUE);
    } else if (lua_istable(lua, index)) {
        size_t count = 0;
        for (lua_pushnil(lua); lua_next(lua, index) != 0; lua_pop(lua, 1)) {
            count++;
        }
        p.rules = script_take(lua, count, sizeof *p.rules);
        for (lua_pushnil(lua); lua_next(lua, index) != 0; lua_pop(lua, 1)) {
            take_entry(lua, &p);
        }
        if (p.count == 0 && !p.out->transform.rest) {
            script_raise_at(lua, &p.where, NULL, ERROR_OPTION_MISSING,
                            "the push of %s sends nothing; name the datasource's fields, or add weir.rest",
                            type->name.data);
        }
        take_rules(lua, &p);
    } else if (type->pushes && !(lua_isboolean(lua, index) && lua_toboolean(lua, index))) {
        script_raise_at(lua, where, type->name.data, ERROR_OPTION_TYPE,
                        "the push of %s is a table of the datasource's fields, a function of home's record, or true, "
                        "not %s",
                        type->name.data, lua_isboolean(lua, index) ? "false" : handle_describe(lua, index));
    }
}

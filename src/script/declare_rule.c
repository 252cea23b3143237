// weir.time, weir.number, weir.text, weir.bool, weir.const, weir.map, weir.ref, weir.link: how one field comes about.

#include <lauxlib.h>

#include "base/civil.h"
#include "script/declare.h"
#include "script/script_handle.h"
#include "script/script_option.h"
#include "script/script_value.h"

enum { PATHS_MAX = RULE_PATHS_MAX, MAP_MAX = 10000 };

static struct rule_draft *draft_new(lua_State *lua, enum rule_kind kind, const char *name) {
    struct rule_draft *draft = script_take(lua, 1, sizeof *draft);
    draft->rule.kind = kind;
    draft->name = name;
    return draft;
}

// One source field: its name, or a path.
static bool take_path(lua_State *lua, int index, const struct script_where *where, struct path *out) {
    const struct path *path = handle_data(lua, index, HANDLE_PATH);
    if (path != NULL) {
        *out = *path;
        return true;
    }
    if (lua_type(lua, index) != LUA_TSTRING) {
        return false;
    }
    struct take take = {.views = &script_of(lua)->mapper.views, .arena = &script_of(lua)->arena, .where = where};
    struct text *name = script_take(lua, 1, sizeof *name);
    *name = value_take_text(lua, index, &take);
    *out = (struct path){name, 1};
    return true;
}

// Where the value comes from: nothing (the home field's own name), a name, weir.path, names (for a reference), or a
// function.
static void take_input(lua_State *lua, int index, const struct script_where *where, struct rule_draft *draft) {
    bool is_ref = draft->rule.kind == RULE_REF;
    int type = lua_type(lua, index);
    if (type == LUA_TNIL) {
        return;
    }
    if (type == LUA_TFUNCTION) {
        draft->rule.input = INPUT_FUNCTION;
        draft->rule.function =
            script_mapper_add(lua, &script_of(lua)->mapper, index, is_ref ? ANSWER_SEQUENCE : ANSWER_VALUE);
        return;
    }
    size_t count = type == LUA_TTABLE ? (size_t)lua_rawlen(lua, index) : 1;
    if (count == 0 || count > PATHS_MAX || (type == LUA_TTABLE && !is_ref)) {
        script_raise_at(lua, where, NULL, ERROR_OPTION_TYPE,
                        "%s takes a source field's name, weir.path, a function%s, not %s", draft->name,
                        is_ref ? " or a list of names" : "", handle_describe(lua, index));
    }
    struct path *paths = script_take(lua, count, sizeof *paths);
    for (size_t i = 0; i < count; i++) {
        if (type == LUA_TTABLE) {
            lua_rawgeti(lua, index, (lua_Integer)i + 1);
        } else {
            lua_pushvalue(lua, index);
        }
        if (!take_path(lua, lua_gettop(lua), where, &paths[i])) {
            script_raise_at(lua, where, NULL, ERROR_OPTION_TYPE, "%s takes a source field's name, not %s", draft->name,
                            handle_describe(lua, -1));
        }
        lua_pop(lua, 1);
    }
    draft->rule.input = type == LUA_TTABLE ? INPUT_PATHS : INPUT_PATH;
    draft->rule.paths = paths;
    draft->rule.path_count = count;
}

// Whether the table at an index has options by name, not a list of source fields: the input was left out.
static bool is_options(lua_State *lua, int index) {
    return lua_istable(lua, index) && lua_rawlen(lua, index) == 0;
}

static void take_time_options(lua_State *lua, int index, const struct script_where *where, struct rule *rule) {
    struct option_reader reader = {.where = *where, .name = "weir.time", .fixed = true};
    const struct object *options = option_read(lua, index, option_time, &reader);
    struct value formats = option_value(options, "formats");
    struct error error;
    if (formats.length == 0) {
        script_raise_at(lua, where, "formats", ERROR_OPTION_MISSING, "weir.time needs at least one format");
    }
    struct text *texts = script_take(lua, formats.length, sizeof *texts);
    for (uint32_t i = 0; i < formats.length; i++) {
        texts[i] = value_slice(&formats.as.items[i]);
        if (!civil_check(texts[i], &error)) {
            script_raise_at(lua, where, "formats", ERROR_OPTION_TYPE, "weir.time: %s", error.message);
        }
    }
    rule->formats = texts;
    rule->format_count = formats.length;
    if (!zone_find(option_text(options, "zone"), &rule->zone, &error)) {
        script_raise_at(lua, where, "zone", ERROR_OPTION_TYPE, "weir.time: %s", error.message);
    }
}

static const char *rule_name(enum rule_kind kind) {
    return kind == RULE_TIME     ? "weir.time"
           : kind == RULE_NUMBER ? "weir.number"
           : kind == RULE_TEXT   ? "weir.text"
                                 : "weir.bool";
}

void declare_push_rule(lua_State *lua, enum rule_kind kind) {
    struct rule_draft *draft = draft_new(lua, kind, rule_name(kind));
    if (kind == RULE_TIME) {
        struct script_where nowhere = {0};
        lua_newtable(lua);
        take_time_options(lua, lua_gettop(lua), &nowhere, &draft->rule);
        lua_pop(lua, 1);
    }
    handle_push(lua, HANDLE_RULE, draft, 0);
}

int declare_rule(lua_State *lua) {
    const struct rule_draft *from = handle_data(lua, 1, HANDLE_RULE);
    if (from == NULL || from->rule.kind == RULE_CONST || from->rule.kind >= RULE_MAP) {
        return luaL_error(lua, "this rule is complete and can't be called");
    }
    struct script_where where = script_where(lua, from->name + strlen("weir."));
    script_must_declare(lua, from->name);
    lua_settop(lua, 3);
    if (lua_isnil(lua, 3) && is_options(lua, 2)) {
        lua_pushnil(lua); // weir.time { formats = … }
        lua_insert(lua, 2);
        lua_settop(lua, 3);
    }
    struct rule_draft *draft = draft_new(lua, from->rule.kind, from->name);
    draft->rule = from->rule;
    take_input(lua, 2, &where, draft);
    if (!lua_isnil(lua, 3)) {
        if (draft->rule.kind != RULE_TIME) {
            script_raise_at(lua, &where, NULL, ERROR_OPTION_UNKNOWN, "%s has no options", draft->name);
        }
        take_time_options(lua, 3, &where, &draft->rule);
    }
    handle_push(lua, HANDLE_RULE, draft, 0);
    return 1;
}

int declare_const(lua_State *lua) {
    struct script *script = script_of(lua);
    struct script_where where = script_where(lua, "const");
    struct rule_draft *draft = draft_new(lua, RULE_CONST, "weir.const");
    script_must_declare(lua, "weir.const");
    luaL_checkany(lua, 1);
    struct take take = {.views = &script->mapper.views,
                        .arena = &script->arena,
                        .sequences = true,
                        .where = &where,
                        .name = "weir.const"};
    if (!option_later(lua, 1, OPTION_ANY, NULL, "weir.const", &where, &draft->rule.constant)) {
        value_take(lua, 1, &take, 0, &draft->rule.constant);
    }
    handle_push(lua, HANDLE_RULE, draft, 0);
    return 1;
}

// The table of a map: from the text of a key to a value.
static const struct object *take_map(lua_State *lua, int index, const struct script_where *where) {
    struct script *script = script_of(lua);
    size_t count = 0;
    size_t at = 0;
    for (lua_pushnil(lua); lua_next(lua, index) != 0; lua_pop(lua, 1)) {
        if (lua_type(lua, -2) != LUA_TSTRING && !lua_isinteger(lua, -2)) {
            script_raise_at(lua, where, NULL, ERROR_OPTION_TYPE,
                            "weir.map: what is mapped is a text or a whole number");
        }
        count++;
    }
    if (count == 0 || count > MAP_MAX) {
        script_raise_at(lua, where, NULL, ERROR_OPTION_TYPE, "weir.map takes 1 to %d values, not %zu", MAP_MAX, count);
    }
    struct text *names = script_take(lua, count, sizeof *names);
    struct value *values = script_take(lua, count, sizeof *values);
    struct shape *shape = script_take(lua, 1, sizeof *shape);
    struct object *object = script_take(lua, 1, sizeof *object);
    struct take take = {
        .views = &script->mapper.views, .arena = &script->arena, .sequences = true, .where = where, .name = "weir.map"};
    for (lua_pushnil(lua); lua_next(lua, index) != 0; lua_pop(lua, 1)) {
        lua_pushvalue(lua, -2);
        names[at] = value_take_text(lua, -1, &take);
        lua_pop(lua, 1);
        value_take(lua, -1, &take, 0, &values[at]);
        for (size_t i = 0; i < at && count <= 64; i++) {
            if (text_same(names[i], names[at])) {
                script_raise_at(lua, where, NULL, ERROR_OPTION_TYPE, "weir.map has %s twice, as a number and as a text",
                                names[at].data);
            }
        }
        at++;
    }
    *shape = (struct shape){(uint32_t)count, names};
    *object = (struct object){shape, values};
    return object;
}

int declare_map(lua_State *lua) {
    struct script_where where = script_where(lua, "map");
    struct rule_draft *draft = draft_new(lua, RULE_MAP, "weir.map");
    script_must_declare(lua, "weir.map");
    lua_settop(lua, 3);
    // weir.map({ a = "b" }, options): the input was left out.
    if (lua_istable(lua, 1)) {
        lua_pushnil(lua);
        lua_insert(lua, 1);
        lua_settop(lua, 3);
    }
    if (!lua_istable(lua, 2)) {
        script_raise_at(lua, &where, NULL, ERROR_OPTION_TYPE,
                        "weir.map takes a table of values: weir.map(\"kind\", { W = \"well\" }), not %s",
                        handle_describe(lua, 2));
    }
    take_input(lua, 1, &where, draft);
    draft->rule.map = take_map(lua, 2, &where);
    if (!lua_isnil(lua, 3)) {
        struct option_reader reader = {.where = where, .name = "weir.map", .fixed = true};
        draft->rule.constant = option_value(option_read(lua, 3, option_map, &reader), "default");
    }
    handle_push(lua, HANDLE_RULE, draft, 0);
    return 1;
}

int declare_ref(lua_State *lua) {
    struct script_where where = script_where(lua, "ref");
    struct rule_draft *draft = draft_new(lua, RULE_REF, "weir.ref");
    script_must_declare(lua, "weir.ref");
    lua_settop(lua, 3);
    if (lua_type(lua, 1) != LUA_TSTRING) {
        script_raise_at(lua, &where, NULL, ERROR_OPTION_TYPE,
                        "weir.ref takes a datatype's name first: weir.ref(\"resource\", \"resourceId\"), not %s",
                        handle_describe(lua, 1));
    }
    if (lua_isnil(lua, 3) && is_options(lua, 2)) {
        lua_pushnil(lua);
        lua_insert(lua, 2);
        lua_settop(lua, 3);
    }
    draft->rule.target = script_text_copy(lua, text_of(lua_tostring(lua, 1)));
    take_input(lua, 2, &where, draft);
    if (!lua_isnil(lua, 3)) {
        struct option_reader reader = {.where = where, .name = "weir.ref", .fixed = true};
        draft->rule.datasource = option_text(option_read(lua, 3, option_ref, &reader), "datasource");
        draft->names_datasource = draft->rule.datasource.length > 0;
    }
    handle_push(lua, HANDLE_RULE, draft, 0);
    return 1;
}

int declare_link(lua_State *lua) {
    struct script_where where = script_where(lua, "link");
    struct rule_draft *draft = draft_new(lua, RULE_LINK, "weir.link");
    script_must_declare(lua, "weir.link");
    lua_settop(lua, 2);
    if (lua_isnil(lua, 2) && is_options(lua, 1)) {
        lua_pushnil(lua); // weir.link { part = 1 }
        lua_insert(lua, 1);
        lua_settop(lua, 2);
    }
    if (!lua_isnil(lua, 1) && lua_type(lua, 1) != LUA_TSTRING) {
        script_raise_at(lua, &where, NULL, ERROR_OPTION_TYPE,
                        "weir.link takes the name of a reference in home: weir.link(\"resource\"), not %s",
                        handle_describe(lua, 1));
    }
    take_input(lua, 1, &where, draft);
    if (!lua_isnil(lua, 2)) {
        struct option_reader reader = {.where = where, .name = "weir.link", .fixed = true};
        const struct object *options = option_read(lua, 2, option_link, &reader);
        struct value part = option_value(options, "part");
        draft->rule.datasource = option_text(options, "datasource");
        draft->names_datasource = draft->rule.datasource.length > 0;
        if (part.kind == VALUE_INTEGER && (part.as.integer < 1 || part.as.integer > PATHS_MAX)) {
            script_raise_at(lua, &where, "part", ERROR_OPTION_TYPE, "weir.link: part is between 1 and %d", PATHS_MAX);
        }
        draft->rule.number = option_bool(options, "number");
        draft->rule.part = part.kind == VALUE_INTEGER ? (uint32_t)part.as.integer : 0;
    }
    handle_push(lua, HANDLE_RULE, draft, 0);
    return 1;
}

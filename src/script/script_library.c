#include "script/script_library.h"

#include <lauxlib.h>

#include "base/log.h"
#include "script/declare.h"
#include "script/script_handle.h"
#include "script/script_value.h"

// Keys of the registry.
static const char weir_key;
static const char core_key;

enum { LOG_MAX = 4096, LOG_STEPS = 200 };

// weir.skip(reason)
static int core_skip(lua_State *lua) {
    size_t length = 0;
    const char *reason = lua_type(lua, 1) == LUA_TSTRING ? lua_tolstring(lua, 1, &length) : NULL;
    if (reason == NULL || length == 0) {
        return luaL_error(lua, "weir.skip takes the reason as a text: weir.skip \"no value\"");
    }
    handle_push(lua, HANDLE_SKIP, NULL, 1);
    lua_pushvalue(lua, 1);
    lua_setiuservalue(lua, -2, 1);
    return 1;
}

// weir.record(type, fields)
static int core_record(lua_State *lua) {
    struct script *script = script_of(lua);
    if (lua_type(lua, 1) != LUA_TSTRING || (lua_type(lua, 2) != LUA_TTABLE && view_at(lua, 2) == NULL)) {
        return luaL_error(lua, "weir.record takes a datatype's name and a table of its fields");
    }
    bool known = !script->has_sync;
    for (size_t i = 0; i < script->sync.datatype_count && !known; i++) {
        known = text_is(script->sync.datatypes[i]->name, lua_tostring(lua, 1));
    }
    if (!known) {
        return luaL_error(lua, "weir.record: there is no datatype \"%s\"", lua_tostring(lua, 1));
    }
    handle_push(lua, HANDLE_RECORD, NULL, 2);
    lua_pushvalue(lua, 2);
    lua_setiuservalue(lua, -2, 1);
    lua_pushvalue(lua, 1);
    lua_setiuservalue(lua, -2, 2);
    return 1;
}

// weir.list { … }
static int core_list(lua_State *lua) {
    struct views *views = &script_of(lua)->mapper.views;
    if (lua_isnoneornil(lua, 1)) {
        lua_newtable(lua);
    } else if (lua_type(lua, 1) != LUA_TTABLE) {
        return luaL_error(lua, "weir.list takes a table: weir.list { \"a\", \"b\" }");
    } else if (lua_getmetatable(lua, 1) && !value_is_list(lua, 1, views)) {
        return luaL_error(lua, "weir.list takes a plain table, without a metatable");
    }
    lua_settop(lua, 1);
    value_mark_list(lua, views);
    return 1;
}

// weir.copy(record)
static int core_copy(lua_State *lua) {
    struct script *script = script_of(lua);
    struct views *views = &script->mapper.views;
    struct value value;
    lua_settop(lua, 1);
    int type = lua_type(lua, 1);
    if (type != LUA_TTABLE && view_at(lua, 1) == NULL) {
        return 1; // a text or a number is its own copy
    }
    struct take take = {.views = views, .arena = views->arena, .name = "weir.copy"};
    if (take.arena == NULL) {
        return luaL_error(lua, "weir.copy copies records, and there are none while the script is loaded");
    }
    value_take(lua, 1, &take, 0, &value);
    value_push_plain(lua, views, &value, 0);
    return 1;
}

// weir.exact(record, name)
static int core_exact(lua_State *lua) {
    if (view_at(lua, 1) == NULL) {
        return luaL_error(lua, "weir.exact takes a record and a field's name: weir.exact(r, \"value\")");
    }
    lua_settop(lua, 2);
    view_push_exact(lua);
    if (lua_type(lua, -1) == LUA_TNUMBER) {
        lua_tolstring(lua, -1, NULL);
    }
    return 1;
}

// weir.log(text)
static int core_log(lua_State *lua) {
    size_t length;
    sandbox_spend(lua, LOG_STEPS);
    const char *text = sandbox_show(lua, 1, &length);
    const struct log *log = script_of(lua)->setup.log;
    if (log != NULL) {
        log_line(log, LOG_INFO, "%.*s", length < LOG_MAX ? (int)length : LOG_MAX, text);
    }
    return 0;
}

static int handle_call(lua_State *lua) {
    const struct handle *handle = handle_at(lua, 1);
    return handle != NULL && handle->kind == HANDLE_PARAM ? declare_param(lua) : declare_rule(lua);
}

// The core: one C function a name, the ready-made rules and marks, and a constructor for every kind of datasource.
static void push_core(lua_State *lua, const struct script *script) {
    static const luaL_Reg functions[] = {{"sync", declare_sync},
                                         {"datatype", declare_datatype},
                                         {"field", declare_field},
                                         {"path", declare_path},
                                         {"secret", declare_secret},
                                         {"const", declare_const},
                                         {"map", declare_map},
                                         {"ref", declare_ref},
                                         {"link", declare_link},
                                         {"param", declare_param_use},
                                         {"made", declare_made},
                                         {"refuse", declare_refuse},
                                         {"skip", core_skip},
                                         {"record", core_record},
                                         {"list", core_list},
                                         {"copy", core_copy},
                                         {"exact", core_exact},
                                         {"log", core_log},
                                         {NULL, NULL}};
    static const struct {
        const char *name;
        enum rule_kind kind;
    } rules[] = {{"time", RULE_TIME}, {"number", RULE_NUMBER}, {"text", RULE_TEXT}, {"bool", RULE_BOOL}};
    static const struct {
        const char *name;
        enum param_type type;
    } params[] = {{"param_text", PARAM_TEXT},
                  {"param_integer", PARAM_INTEGER},
                  {"param_bool", PARAM_BOOL},
                  {"param_file", PARAM_FILE}};
    lua_newtable(lua);
    luaL_setfuncs(lua, functions, 0);
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        declare_push_rule(lua, rules[i].kind);
        lua_setfield(lua, -2, rules[i].name);
    }
    for (size_t i = 0; i < sizeof params / sizeof *params; i++) {
        declare_push_param(lua, params[i].type);
        lua_setfield(lua, -2, params[i].name);
    }
    handle_push_null(lua);
    lua_setfield(lua, -2, "null");
    handle_push(lua, HANDLE_REST, NULL, 0);
    lua_setfield(lua, -2, "rest");
    lua_newtable(lua);
    for (size_t i = 0; i < script->setup.source_count; i++) {
        lua_pushlightuserdata(lua, (void *)(uintptr_t)script->setup.sources[i]);
        lua_pushcclosure(lua, declare_datasource, 1);
        lua_setfield(lua, -2, script->setup.sources[i]->kind);
    }
    lua_setfield(lua, -2, "datasources");
}

static int library_setup(lua_State *lua) {
    struct script *script = script_of(lua);
    handle_setup(lua, handle_call);
    script_mapper_setup(lua, &script->mapper);
    push_core(lua, script);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &core_key);
    lua_newtable(lua);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &weir_key);
    return 0;
}

bool library_load(struct script *script, struct error *error) {
    struct sandbox *sandbox = script->sandbox;
    lua_State *lua = sandbox_lua(sandbox);
    lua_pushcfunction(lua, library_setup);
    if (!sandbox_call(sandbox, 0, 0, ERROR_SCRIPT_RAISED, error)) {
        script_reason(script, error);
        return false;
    }
    for (const struct library_part *part = library_parts; part->name != NULL; part++) {
        struct text text = {(const char *)part->text, part->length};
        if (!sandbox_load(sandbox, text, part->name, error)) {
            return false;
        }
        lua_rawgetp(lua, LUA_REGISTRYINDEX, &weir_key);
        lua_rawgetp(lua, LUA_REGISTRYINDEX, &core_key);
        if (!sandbox_call(sandbox, 2, 0, ERROR_SCRIPT_RAISED, error)) {
            return false;
        }
    }
    return true;
}

int library_open(lua_State *lua) {
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &weir_key);
    return 1;
}

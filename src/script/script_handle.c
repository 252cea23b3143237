#include "script/script_handle.h"

#include <lauxlib.h>
#include <stddef.h>

static const uint64_t handle_mark = UINT64_C(0x7765697248616e64);

// The addresses of these are keys of Lua's registry.
static const char metatable_keys[HANDLE_KINDS];
static const char null_key;

static const char *const names[HANDLE_KINDS] = {
    [HANDLE_NULL] = "weir.null",          [HANDLE_SKIP] = "weir.skip",
    [HANDLE_RECORD] = "weir.record",      [HANDLE_PATH] = "weir.path",
    [HANDLE_RULE] = "a field's rule",     [HANDLE_REST] = "weir.rest",
    [HANDLE_FIELD] = "weir.field",        [HANDLE_DATATYPE] = "weir.datatype",
    [HANDLE_DATASOURCE] = "a datasource", [HANDLE_PARAM] = "a parameter's declaration",
    [HANDLE_PARAM_USE] = "weir.param",    [HANDLE_SECRET] = "weir.secret",
    [HANDLE_SYNC] = "weir.sync",
};

const char *handle_name(enum handle_kind kind) {
    return names[kind];
}

const struct handle *handle_at(lua_State *lua, int index) {
    if (lua_type(lua, index) != LUA_TUSERDATA || lua_rawlen(lua, index) != sizeof(struct handle)) {
        return NULL;
    }
    const struct handle *handle = lua_touserdata(lua, index);
    return handle->mark == handle_mark ? handle : NULL;
}

const void *handle_data(lua_State *lua, int index, enum handle_kind kind) {
    const struct handle *handle = handle_at(lua, index);
    return handle != NULL && handle->kind == kind ? handle->data : NULL;
}

void handle_push(lua_State *lua, enum handle_kind kind, const void *data, int user_values) {
    struct handle *handle = lua_newuserdatauv(lua, sizeof *handle, user_values);
    *handle = (struct handle){handle_mark, kind, data};
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &metatable_keys[kind]);
    lua_setmetatable(lua, -2);
}

void handle_push_null(lua_State *lua) {
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &null_key);
}

const char *handle_describe(lua_State *lua, int index) {
    const struct handle *handle = handle_at(lua, index);
    if (handle != NULL) {
        return names[handle->kind];
    }
    switch (lua_type(lua, index)) {
    case LUA_TNONE:
    case LUA_TNIL:
        return "nothing";
    case LUA_TBOOLEAN:
        return "true or false";
    case LUA_TNUMBER:
        return "a number";
    case LUA_TSTRING:
        return "a text";
    case LUA_TTABLE:
        return "a table";
    case LUA_TFUNCTION:
        return "a function";
    default:
        return "a record";
    }
}

static int handle_tostring(lua_State *lua) {
    const struct handle *handle = handle_at(lua, 1);
    lua_pushstring(lua, handle != NULL ? names[handle->kind] : "weir");
    return 1;
}

static int handle_index(lua_State *lua) {
    const struct handle *handle = handle_at(lua, 1);
    const char *name = handle != NULL ? names[handle->kind] : "it";
    return luaL_error(lua, "%s has no fields to read or change", name);
}

void handle_setup(lua_State *lua, lua_CFunction call) {
    for (int kind = 0; kind < HANDLE_KINDS; kind++) {
        lua_newtable(lua);
        lua_pushstring(lua, names[kind]);
        lua_setfield(lua, -2, "__name");
        lua_pushcfunction(lua, handle_tostring);
        lua_setfield(lua, -2, "__tostring");
        lua_pushcfunction(lua, handle_index);
        lua_setfield(lua, -2, "__index");
        lua_pushcfunction(lua, handle_index);
        lua_setfield(lua, -2, "__newindex");
        if (kind == HANDLE_RULE || kind == HANDLE_PARAM) {
            lua_pushcfunction(lua, call);
            lua_setfield(lua, -2, "__call");
        }
        lua_rawsetp(lua, LUA_REGISTRYINDEX, &metatable_keys[kind]);
    }
    handle_push(lua, HANDLE_NULL, NULL, 0);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &null_key);
}

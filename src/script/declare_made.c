// What weir.auth and weir.page make: plain tables for an option, checked where they are written, so that a mistake
// names the function that was called and not the option that its table becomes.

#include <lauxlib.h>

#include "script/declare.h"
#include "script/script_handle.h"

enum { KEYS_MAX = 32 };

static const char *last_name(const char *name) {
    const char *dot = strrchr(name, '.');
    return dot != NULL ? dot + 1 : name;
}

// The texts of the list at an index, behind those that are there already.
static size_t take_names(lua_State *lua, int index, const char **names, size_t count) {
    luaL_checktype(lua, index, LUA_TTABLE);
    for (lua_Integer i = 1; lua_rawgeti(lua, index, i) == LUA_TSTRING && count < KEYS_MAX; i++) {
        names[count++] = lua_tostring(lua, -1); // the list keeps it
        lua_pop(lua, 1);
    }
    lua_pop(lua, 1);
    return count;
}

static bool is_among(const char *const *names, const char *key) {
    for (; *names != NULL; names++) {
        if (strcmp(*names, key) == 0) {
            return true;
        }
    }
    return false;
}

// The table's key and value are the last two on the stack.
static void check_key(lua_State *lua, const struct script_where *where, const char *name, const char *const *names) {
    if (lua_type(lua, -2) != LUA_TSTRING) {
        script_raise_at(lua, where, NULL, ERROR_OPTION_UNKNOWN,
                        "%s takes options by name; name what stands alone: key = value", name);
    }
    const char *key = lua_tostring(lua, -2);
    if (!is_among(names, key)) {
        const char *meant = script_meant(text_of(key), names);
        script_raise_at(lua, where, key, ERROR_OPTION_UNKNOWN, "%s has no option \"%.60s\"%s%s%s", name, key,
                        meant != NULL ? "; did you mean \"" : "", meant != NULL ? meant : "",
                        meant != NULL ? "\"?" : "");
    }
}

int declare_made(lua_State *lua) {
    const char *names[KEYS_MAX + 1] = {0};
    lua_settop(lua, 5);
    const char *name = luaL_checkstring(lua, 1);
    struct script_where where = script_where(lua, last_name(name));
    script_must_declare(lua, name);
    luaL_checkstring(lua, 2);
    size_t needed = take_names(lua, 4, names, 0);
    take_names(lua, 5, names, needed);
    if (!lua_istable(lua, 3)) {
        script_raise_at(lua, &where, NULL, ERROR_OPTION_TYPE, "%s takes a table of options, not %s: %s { ... }", name,
                        handle_describe(lua, 3), name);
    }
    lua_newtable(lua);
    for (lua_pushnil(lua); lua_next(lua, 3) != 0; lua_pop(lua, 1)) {
        check_key(lua, &where, name, names);
        lua_pushvalue(lua, -2);
        lua_pushvalue(lua, -2);
        lua_rawset(lua, 6);
    }
    for (size_t i = 0; i < needed; i++) {
        lua_pushstring(lua, names[i]);
        if (lua_rawget(lua, 3) == LUA_TNIL) {
            script_raise_at(lua, &where, NULL, ERROR_OPTION_MISSING, "%s needs %s", name, names[i]);
        }
        lua_pop(lua, 1);
    }
    lua_pushvalue(lua, 2);
    lua_setfield(lua, 6, "kind");
    return 1;
}

int declare_refuse(lua_State *lua) {
    const char *name = luaL_checkstring(lua, 1);
    const char *key = luaL_checkstring(lua, 2);
    const char *message = luaL_checkstring(lua, 3);
    struct script_where where = script_where(lua, last_name(name));
    script_raise_at(lua, &where, key, ERROR_OPTION_TYPE, "%s: %s", name, message);
}

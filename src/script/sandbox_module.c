// `require`: modules come from the finder that the sandbox was given, are run once, and are kept.

#include <lauxlib.h>

#include "script/sandbox_state.h"

// Keys of the registry: by address, so that nothing else can have them.
static const char modules_key; // name → value
static const char loading_key; // stands for a value while the module runs

static void push_modules(lua_State *lua) {
    if (lua_rawgetp(lua, LUA_REGISTRYINDEX, &modules_key) != LUA_TTABLE) {
        lua_pop(lua, 1);
        lua_newtable(lua);
        lua_pushvalue(lua, -1);
        lua_rawsetp(lua, LUA_REGISTRYINDEX, &modules_key);
    }
}

// The name of the chunk that asks: of the nearest Lua function, with only C (require, perhaps pcall) in between. Its
// bytes stay while that function runs.
static struct text asking_chunk(lua_State *lua) {
    enum { LEVELS_MAX = 8 };
    lua_Debug activation;
    for (int level = 1; level < LEVELS_MAX && lua_getstack(lua, level, &activation); level++) {
        lua_getinfo(lua, "S", &activation);
        if (activation.source[0] == '@') {
            return text_of(activation.source + 1);
        }
    }
    return (struct text){"", 0};
}

// Pushes the function that makes the module.
static void push_maker(lua_State *lua, struct text name) {
    struct sandbox *sandbox = sandbox_of(lua);
    struct sandbox_module module = {0};
    struct error error = {0};
    if (sandbox->find == NULL || !sandbox->find(sandbox->find_context, name, asking_chunk(lua), &module, &error)) {
        luaL_error(lua, "%s", error.message[0] != '\0' ? error.message : "there are no modules here");
    }
    if (module.open != NULL) {
        lua_pushcfunction(lua, module.open);
        return;
    }
    if (sandbox_compile(sandbox, module.chunk, module.name) != LUA_OK) {
        lua_error(lua); // its message names the module's own line
    }
}

// Runs the module; on an error the mark is taken back, so that a script that catches it may ask again.
static int run_module(lua_State *lua) {
    size_t length;
    const char *name = lua_tolstring(lua, 1, &length);
    push_maker(lua, (struct text){name, length});
    lua_pushvalue(lua, 1);
    lua_call(lua, 1, 1);
    if (lua_isnil(lua, -1)) {
        lua_pushboolean(lua, 1);
    }
    return 1;
}

int sandbox_forget(lua_State *lua) {
    lua_pushnil(lua);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &modules_key);
    return 0;
}

int sandbox_require(lua_State *lua) {
    luaL_checkstring(lua, 1);
    lua_settop(lua, 1);
    push_modules(lua);
    lua_pushvalue(lua, 1);
    if (lua_rawget(lua, 2) != LUA_TNIL) {
        if (lua_touserdata(lua, -1) == &loading_key) {
            return luaL_error(lua, "the module '%s' requires itself", lua_tostring(lua, 1));
        }
        return 1;
    }
    lua_pushvalue(lua, 1);
    lua_pushlightuserdata(lua, (void *)(uintptr_t)&loading_key);
    lua_rawset(lua, 2);
    lua_settop(lua, 2);
    lua_pushcfunction(lua, run_module);
    lua_pushvalue(lua, 1);
    int status = lua_pcall(lua, 1, 1, 0);
    lua_pushvalue(lua, 1);
    if (status != LUA_OK) {
        lua_pushnil(lua);
        lua_rawset(lua, 2);
        return lua_error(lua);
    }
    lua_pushvalue(lua, 3);
    lua_rawset(lua, 2);
    return 1;
}

// What scripts can reach: an allow list, not a list of what is taken away. Lua's own libraries are opened on the side
// and only what is named here is carried over, into a fresh table of globals.

#include <assert.h>
#include <lauxlib.h>
#include <lualib.h>
#include <string.h>

#include "script/sandbox_state.h"

static const char *const base_allowed[] = {"_VERSION", "assert", "error",  "ipairs", "next",   "pairs", "pcall",
                                           "rawequal", "rawget", "rawlen", "rawset", "select", "type",  NULL};
static const char *const base_counted[] = {"tonumber", NULL};
static const char *const math_allowed[] = {"abs",  "acos",       "asin",      "atan", "ceil", "cos",    "deg",
                                           "exp",  "floor",      "fmod",      "huge", "log",  "max",    "maxinteger",
                                           "min",  "mininteger", "modf",      "pi",   "rad",  "random", "sin",
                                           "sqrt", "tan",        "tointeger", "type", "ult",  NULL};
static const char *const utf8_counted[] = {"char", "codepoint", "codes", "len", "offset", NULL};
static const char *const utf8_allowed[] = {"charpattern", NULL};

// One print line; what is longer is cut.
enum { PRINT_MAX = 4096, PRINT_STEPS = 200 };

// math.random starts from here in every sandbox, so that a run can be repeated.
enum { RANDOM_SEED = 0x77656972 };

// Calls the original C function, in this very frame, after charging it for the texts it is given.
static int counted_call(lua_State *lua) {
    uint64_t bytes = 0;
    for (int i = lua_gettop(lua); i > 0; i--) {
        if (lua_type(lua, i) == LUA_TSTRING) {
            bytes += lua_rawlen(lua, i);
        }
    }
    sandbox_spend(lua, 1 + bytes / 16);
    return lua_tocfunction(lua, lua_upvalueindex(1))(lua);
}

void sandbox_allow(lua_State *lua, const char *const *names, bool counted) {
    for (; *names != NULL; names++) {
        int type = lua_getfield(lua, -2, *names);
        assert(type != LUA_TNIL);
        (void)type;
        if (counted) {
            lua_pushcclosure(lua, counted_call, 1);
        }
        lua_setfield(lua, -2, *names);
    }
}

const char *sandbox_show(lua_State *lua, int index, size_t *length) {
    index = lua_absindex(lua, index);
    int type = lua_type(lua, index);
    if (type == LUA_TNIL || type == LUA_TBOOLEAN || type == LUA_TNUMBER || type == LUA_TSTRING) {
        return luaL_tolstring(lua, index, length); // these have no address
    }
    if (luaL_callmeta(lua, index, "__tostring")) {
        if (!lua_isstring(lua, -1)) {
            luaL_error(lua, "'__tostring' must return a string");
        }
    } else if (luaL_getmetafield(lua, index, "__name") != LUA_TSTRING) {
        lua_pushstring(lua, lua_typename(lua, type));
    }
    return lua_tolstring(lua, -1, length);
}

static int base_tostring(lua_State *lua) {
    luaL_checkany(lua, 1);
    sandbox_show(lua, 1, NULL);
    return 1;
}

// The metatables of texts and of weir's own values are not for scripts.
static int base_getmetatable(lua_State *lua) {
    luaL_checkany(lua, 1);
    if (lua_type(lua, 1) != LUA_TTABLE || !lua_getmetatable(lua, 1)) {
        lua_pushnil(lua);
        return 1;
    }
    luaL_getmetafield(lua, 1, "__metatable"); // pushes nothing when there is none
    return 1;
}

// __gc would run where no hook reaches it, even while the state is closed; __mode would show when memory is
// collected; __metatable is weir's own way to lock a table. (Lua looks for __gc only here, so adding it later does
// nothing.) __close stays: it runs like any function, under the budget.
static int base_setmetatable(lua_State *lua) {
    static const char *const refused[] = {"__gc", "__mode", "__metatable"};
    luaL_checktype(lua, 1, LUA_TTABLE);
    int type = lua_type(lua, 2);
    luaL_argexpected(lua, type == LUA_TNIL || type == LUA_TTABLE, 2, "nil or table");
    if (luaL_getmetafield(lua, 1, "__metatable") != LUA_TNIL) {
        return luaL_error(lua, "cannot change a protected metatable");
    }
    for (size_t i = 0; type == LUA_TTABLE && i < sizeof refused / sizeof *refused; i++) {
        lua_pushstring(lua, refused[i]);
        if (lua_rawget(lua, 2) != LUA_TNIL) {
            return luaL_error(lua, "a metatable may not have the field %s here", refused[i]);
        }
        lua_pop(lua, 1);
    }
    lua_settop(lua, 2);
    lua_setmetatable(lua, 1);
    return 1;
}

// An error that is caught costs a thousand instructions of time to no step at all.
enum { CATCH_STEPS = 20 };

static int base_pcall(lua_State *lua) {
    luaL_checkany(lua, 1);
    sandbox_spend(lua, CATCH_STEPS);
    lua_pushboolean(lua, 1);
    lua_insert(lua, 1);
    if (lua_pcall(lua, lua_gettop(lua) - 2, LUA_MULTRET, 0) != LUA_OK) {
        lua_pushboolean(lua, 0);
        lua_replace(lua, 1);
    }
    return lua_gettop(lua);
}

// Lua's own runs the handler where the error was raised, with hooks off when that was a hook. Here it runs afterwards,
// like any other function.
static int base_xpcall(lua_State *lua) {
    luaL_checktype(lua, 2, LUA_TFUNCTION);
    sandbox_spend(lua, CATCH_STEPS);
    lua_pushvalue(lua, 1);
    lua_insert(lua, 3); // function, handler, function, arguments …
    int arguments = lua_gettop(lua) - 3;
    if (lua_pcall(lua, arguments, LUA_MULTRET, 0) == LUA_OK) {
        lua_pushboolean(lua, 1);
        lua_replace(lua, 2);
        return lua_gettop(lua) - 1;
    }
    lua_insert(lua, 3); // function, handler, error
    lua_settop(lua, 3);
    lua_call(lua, 1, 1);
    lua_pushboolean(lua, 0);
    lua_replace(lua, 1);
    return lua_gettop(lua);
}

// Hands the texts of all arguments to the log. Apart from base_print, so that the line is not on the C stack while
// __tostring runs, which may print again.
static void print_line(lua_State *lua, int count) {
    struct sandbox *sandbox = sandbox_of(lua);
    char line[PRINT_MAX];
    size_t length = 0;
    for (int i = 1; i <= count && length < sizeof line; i++) {
        size_t more;
        const char *text = lua_tolstring(lua, i, &more);
        if (i > 1) {
            line[length++] = '\t';
        }
        more = more < sizeof line - length ? more : sizeof line - length;
        memcpy(line + length, text, more);
        length += more;
    }
    sandbox->log.line(sandbox->log.context, LOG_INFO, (struct text){line, length});
}

// Writes a line to the run's log.
static int base_print(lua_State *lua) {
    int count = lua_gettop(lua);
    sandbox_spend(lua, PRINT_STEPS + (uint64_t)count);
    luaL_checkstack(lua, 4, NULL);
    for (int i = 1; i <= count; i++) {
        sandbox_show(lua, i, NULL);
        lua_replace(lua, i);
    }
    print_line(lua, count);
    return 0;
}

static const luaL_Reg base_own[] = {{"getmetatable", base_getmetatable},
                                    {"setmetatable", base_setmetatable},
                                    {"tostring", base_tostring},
                                    {"xpcall", base_xpcall},
                                    {"pcall", base_pcall},
                                    {"print", base_print},
                                    {"require", sandbox_require},
                                    {NULL, NULL}};

// Leaves the library that Lua's own opener makes.
static void open_original(lua_State *lua, lua_CFunction opener) {
    lua_pushcfunction(lua, opener);
    lua_call(lua, 0, 1);
}

static void open_math(lua_State *lua) {
    open_original(lua, luaopen_math);
    lua_getfield(lua, -1, "randomseed");
    lua_pushinteger(lua, RANDOM_SEED);
    lua_call(lua, 1, 0);
    lua_newtable(lua);
    sandbox_allow(lua, math_allowed, false);
    lua_remove(lua, -2);
}

static void open_utf8(lua_State *lua) {
    open_original(lua, luaopen_utf8);
    lua_newtable(lua);
    sandbox_allow(lua, utf8_counted, true);
    sandbox_allow(lua, utf8_allowed, false);
    lua_remove(lua, -2);
}

int sandbox_library(lua_State *lua) {
    static const struct {
        const char *name;
        void (*open)(lua_State *lua);
    } libraries[] = {{"math", open_math},
                     {"utf8", open_utf8},
                     {"string", sandbox_open_string},
                     {"table", sandbox_open_table},
                     {"os", sandbox_open_time}};
    open_original(lua, luaopen_base);
    lua_newtable(lua);
    sandbox_allow(lua, base_allowed, false);
    sandbox_allow(lua, base_counted, true);
    luaL_setfuncs(lua, base_own, 0);
    lua_pushvalue(lua, -1);
    lua_setfield(lua, -2, "_G");
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
        libraries[i].open(lua);
        lua_setfield(lua, -2, libraries[i].name);
    }
    lua_rawseti(lua, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
    // A million small userdata and tables made and dropped, time against incremental collection: 0.99 with nothing else
    // alive, 0.82 beside 10,000 tables and beside 50,000, in the same memory.
    lua_gc(lua, LUA_GCGEN, 0, 0);
    return 0;
}

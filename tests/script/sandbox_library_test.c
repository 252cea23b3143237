// What can be reached from a script, all of it, against tests/script/sandbox_golden.txt. After a wanted change the
// file is written anew with WEIR_GOLDEN=renew in the environment.

#include <lauxlib.h>
#include <unistd.h>

#include "script/sandbox.h"
#include "test.h"

enum { LINES_MAX = 400, LINE_BYTES = 96 };

static char lines[LINES_MAX][LINE_BYTES];
static int line_count;

static void add_line(const char *path, const char *kind) {
    CHECK(line_count < LINES_MAX);
    CHECK(snprintf(lines[line_count++], LINE_BYTES, "%s %s\n", path, kind) < LINE_BYTES);
}

// Walks the value at the top of the stack: keys, values and metatables. The table at 1 has what was seen.
static void walk(lua_State *lua, const char *path) {
    char below[LINE_BYTES];
    luaL_checkstack(lua, 10, NULL);
    lua_pushvalue(lua, -1);
    bool seen = lua_rawget(lua, 1) != LUA_TNIL;
    lua_pop(lua, 1);
    add_line(path, lua_isstring(lua, -1) ? lua_tostring(lua, -1) : luaL_typename(lua, -1));
    if (lua_type(lua, -1) != LUA_TTABLE || seen) {
        return;
    }
    lua_pushvalue(lua, -1);
    lua_pushboolean(lua, 1);
    lua_rawset(lua, 1);
    lua_pushnil(lua);
    while (lua_next(lua, -2)) {
        CHECK_INT(lua_type(lua, -2), LUA_TSTRING);
        CHECK(snprintf(below, sizeof below, "%s.%s", path, lua_tostring(lua, -2)) < LINE_BYTES);
        walk(lua, below);
        lua_pop(lua, 1);
    }
    if (lua_getmetatable(lua, -1)) {
        snprintf(below, sizeof below, "%s(metatable)", path);
        walk(lua, below);
        lua_pop(lua, 1);
    }
}

static int compare(const void *a, const void *b) {
    return strcmp(a, b);
}

TEST(script_sandbox_library, is_the_golden_list) {
    alarm(30);
    struct sandbox_setup setup = {0};
    struct sandbox *sandbox = NULL;
    struct error error = {0};
    CHECK_OK(sandbox_open(&setup, &sandbox, &error), &error);
    lua_State *lua = sandbox_lua(sandbox);
    lua_newtable(lua);
    lua_pushglobaltable(lua);
    walk(lua, "_G");
    lua_settop(lua, 1);
    // Every other kind of value may have a metatable for all of its kind; texts have one, the others must not.
    lua_pushliteral(lua, "");
    CHECK(lua_getmetatable(lua, -1));
    walk(lua, "(text metatable)");
    lua_settop(lua, 1);
    lua_pushnil(lua);
    lua_pushboolean(lua, 1);
    lua_pushinteger(lua, 1);
    lua_pushlightuserdata(lua, lines);
    lua_getglobal(lua, "print");
    for (int i = 2; i <= lua_gettop(lua); i++) {
        CHECK(!lua_getmetatable(lua, i));
    }
    // Lua's loaders keep what they load in the registry; here nothing may be there.
    CHECK_INT(lua_getfield(lua, LUA_REGISTRYINDEX, LUA_LOADED_TABLE), LUA_TNIL);
    CHECK_INT(lua_getfield(lua, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE), LUA_TNIL);
    sandbox_close(sandbox);

    qsort(lines, (size_t)line_count, LINE_BYTES, compare);
    static char now[LINES_MAX * LINE_BYTES], golden[LINES_MAX * LINE_BYTES];
    size_t length = 0;
    for (int i = 0; i < line_count; i++) {
        length += (size_t)snprintf(now + length, sizeof now - length, "%s", lines[i]);
    }
    const char *path = test_source_path("tests/script/sandbox_golden.txt");
    const char *renew = getenv("WEIR_GOLDEN");
    if (renew != NULL && strcmp(renew, "renew") == 0) {
        test_write(path, now, length);
    }
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL);
    size_t golden_length = fread(golden, 1, sizeof golden - 1, file);
    fclose(file);
    for (size_t i = 0; i < length || i < golden_length; i++) {
        if (now[i] != golden[i]) {
            while (i > 0 && now[i - 1] != '\n') {
                i--;
            }
            test_fail(__FILE__, __LINE__, "scripts reach '%.*s', the golden list has '%.*s' there",
                      (int)strcspn(now + i, "\n"), now + i, (int)strcspn(golden + i, "\n"), golden + i);
        }
    }
}

static bool holds(struct sandbox *sandbox, const char *condition) {
    char source[1024];
    struct error error = {0};
    CHECK(snprintf(source, sizeof source, "return %s", condition) < (int)sizeof source);
    CHECK_OK(sandbox_load(sandbox, text_of(source), "a.lua", &error), &error);
    CHECK_OK(sandbox_call(sandbox, 0, 1, ERROR_SCRIPT_RAISED, &error), &error);
    bool result = lua_toboolean(sandbox_lua(sandbox), -1) != 0;
    lua_pop(sandbox_lua(sandbox), 1);
    return result;
}

TEST(script_sandbox_library, leaves_out_what_is_dangerous) {
    alarm(30);
    static const char *const gone[] = {"load",        "loadstring",      "loadfile",       "dofile",       "package",
                                       "io",          "debug",           "collectgarbage", "coroutine",    "warn",
                                       "string.dump", "math.randomseed", "os.execute",     "os.exit",      "os.getenv",
                                       "os.remove",   "os.rename",       "os.tmpname",     "os.setlocale", "module"};
    struct sandbox_setup setup = {0};
    struct sandbox *sandbox = NULL;
    struct error error = {0};
    CHECK_OK(sandbox_open(&setup, &sandbox, &error), &error);
    for (size_t i = 0; i < sizeof gone / sizeof *gone; i++) {
        char condition[100];
        snprintf(condition, sizeof condition, "%s == nil", gone[i]);
        if (!holds(sandbox, condition)) {
            test_fail(__FILE__, __LINE__, "scripts reach %s", gone[i]);
        }
    }
    CHECK(holds(sandbox, "('').rep == string.rep and ('').find == string.find and ('').format == string.format"));
    CHECK(holds(sandbox, "('').dump == nil and #'abc' == 3 and '10' + 1 == 11"));
    CHECK(holds(sandbox, "_G == _G._G and _VERSION == 'Lua 5.4'"));
    // What one sandbox changes is not seen in another.
    CHECK(!holds(sandbox, "rawset(string, 'rep', nil).rep"));
    struct sandbox *other = NULL;
    CHECK_OK(sandbox_open(&setup, &other, &error), &error);
    CHECK(holds(other, "string.rep"));
    sandbox_close(other);
    sandbox_close(sandbox);
}

// Equal elements keep their order, and an order that contradicts itself ends.
TEST(script_sandbox_library, sorts_stably) {
    alarm(30);
    struct sandbox_setup setup = {0};
    struct sandbox *sandbox = NULL;
    struct error error = {0};
    CHECK_OK(sandbox_open(&setup, &sandbox, &error), &error);
    CHECK(holds(sandbox,
                "(function() local t = {} for i = 1, 1000 do t[i] = {i % 10, i} end "
                "table.sort(t, function(a, b) return a[1] < b[1] end) "
                "for i = 2, 1000 do local a, b = t[i - 1], t[i] "
                "if a[1] > b[1] or (a[1] == b[1] and a[2] > b[2]) then return false end end return true end)()"));
    CHECK(holds(sandbox, "(function() local t = {} for i = 1, 1000 do t[i] = i end "
                         "table.sort(t, function(a, b) return true end) local sum = 0 "
                         "for i = 1, 1000 do sum = sum + t[i] end return sum == 500500 end)()"));
    sandbox_close(sandbox);
}

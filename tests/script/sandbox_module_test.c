#include <lauxlib.h>
#include <unistd.h>

#include "script/sandbox.h"
#include "test.h"

static int opened;
static char asked[64];

static int open_native(lua_State *lua) {
    opened++;
    CHECK_TEXT(text_of(lua_tostring(lua, 1)), "native");
    lua_newtable(lua);
    lua_pushinteger(lua, 42);
    lua_setfield(lua, -2, "answer");
    return 1;
}

// A folder of modules in a table.
static bool find(void *context, struct text name, struct text from, struct sandbox_module *out, struct error *error) {
    static const char *const modules[][2] = {
        {"plain", "count = (count or 0) + 1 return { name = ... }"},
        {"silent", "local x = 1"},
        {"falsy", "return false"},
        {"broken", "\nlocal x = = 1"},
        {"raising", "\n\nerror('no luck')"},
        {"raising_table", "error({})"},
        {"endless", "while true do end"},
        {"selfish", "return require 'selfish'"},
        {"left", "return require 'right'"},
        {"right", "return require 'left'"},
        {"large", "return ('x'):rep(60 << 20), ('y'):rep(60 << 20)"},
    };
    CHECK(context == &opened);
    snprintf(asked, sizeof asked, "%.*s from %.*s", TEXT_ARGS(name), TEXT_ARGS(from));
    if (text_is(name, "native")) {
        out->open = open_native;
        return true;
    }
    for (size_t i = 0; i < sizeof modules / sizeof *modules; i++) {
        static char path[64];
        if (text_is(name, modules[i][0])) {
            snprintf(path, sizeof path, "lib/%s.lua", modules[i][0]);
            out->chunk = text_of(modules[i][1]);
            out->name = path;
            return true;
        }
    }
    return error_set(error, ERROR_SCRIPT_RAISED, "there is no module '%.*s'", TEXT_ARGS(name));
}

static struct sandbox *open_with_modules(void) {
    struct sandbox_setup setup = {.steps_max = 10000000};
    struct sandbox *sandbox = NULL;
    struct error error = {0};
    alarm(30);
    CHECK_OK(sandbox_open(&setup, &sandbox, &error), &error);
    sandbox_modules(sandbox, find, &opened);
    return sandbox;
}

static bool run(struct sandbox *sandbox, const char *source, struct error *error) {
    error_clear(error);
    return sandbox_load(sandbox, text_of(source), "a.lua", error) &&
           sandbox_call(sandbox, 0, 1, ERROR_SCRIPT_RAISED, error);
}

static void expect(struct sandbox *sandbox, const char *source, const char *expected) {
    struct error error = {0};
    CHECK_OK(run(sandbox, source, &error), &error);
    luaL_tolstring(sandbox_lua(sandbox), -1, NULL);
    CHECK_TEXT(text_of(lua_tostring(sandbox_lua(sandbox), -1)), expected);
    lua_settop(sandbox_lua(sandbox), 0);
}

static void expect_error(struct sandbox *sandbox, const char *source, enum error_code code, const char *place,
                         const char *message) {
    struct error error = {0};
    CHECK(!run(sandbox, source, &error));
    CHECK_TEXT(text_of(error.message), message);
    CHECK_TEXT(text_of(error.place), place);
    CHECK_INT(error.code, code);
}

TEST(script_sandbox_module, loads_once) {
    struct sandbox *sandbox = open_with_modules();
    expect(sandbox, "return require('plain') == require('plain') and count == 1 and require('plain').name", "plain");
    CHECK_TEXT(text_of(asked), "plain from a.lua");
    expect(sandbox, "return require('plain') and count", "1");
    expect(sandbox, "return require 'silent'", "true");
    expect(sandbox, "return require 'falsy'", "false");
    expect(sandbox, "return require('native').answer + require('native').answer", "84");
    CHECK_INT(opened, 1);
    sandbox_close(sandbox);
}

TEST(script_sandbox_module, names_the_modules_line) {
    struct sandbox *sandbox = open_with_modules();
    expect_error(sandbox, "require 'nowhere'", ERROR_SCRIPT_RAISED, "a.lua:1", "there is no module 'nowhere'");
    expect_error(sandbox, "\nrequire 'broken'", ERROR_SCRIPT_RAISED, "lib/broken.lua:2", "unexpected symbol near '='");
    expect_error(sandbox, "require 'raising'", ERROR_SCRIPT_RAISED, "lib/raising.lua:3", "no luck");
    expect_error(sandbox, "require 'raising_table'", ERROR_SCRIPT_RAISED, "a.lua:1", "table");
    expect_error(sandbox, "require 'selfish'", ERROR_SCRIPT_RAISED, "lib/selfish.lua:1",
                 "the module 'selfish' requires itself");
    expect_error(sandbox, "require 'left'", ERROR_SCRIPT_RAISED, "lib/right.lua:1",
                 "the module 'left' requires itself");
    CHECK_TEXT(text_of(asked), "right from lib/left.lua");
    expect_error(sandbox, "require 'endless'", ERROR_SCRIPT_TIME, "lib/endless.lua:1",
                 "the script used its 10000000 steps without coming to an end");
    expect_error(sandbox, "require {}", ERROR_SCRIPT_RAISED, "a.lua:1",
                 "bad argument #1 to 'require' (string expected, got table)");
    struct error error = {0};
    CHECK(!run(sandbox, "require 'large'", &error));
    CHECK_INT(error.code, ERROR_SCRIPT_MEMORY);
    CHECK_TEXT(text_of(error.place), "lib/large.lua:1");
    sandbox_close(sandbox);
}

// A module that failed can be asked for again, and is run again.
TEST(script_sandbox_module, forgets_a_failure) {
    struct sandbox *sandbox = open_with_modules();
    for (int i = 0; i < 2; i++) {
        expect(sandbox, "return select(2, pcall(require, 'raising'))", "lib/raising.lua:3: no luck");
    }
    sandbox_close(sandbox);
}

TEST(script_sandbox_module, finds_none_without_a_finder) {
    struct sandbox_setup setup = {0};
    struct sandbox *sandbox = NULL;
    struct error error = {0};
    CHECK_OK(sandbox_open(&setup, &sandbox, &error), &error);
    expect_error(sandbox, "require 'plain'", ERROR_SCRIPT_RAISED, "a.lua:1", "there are no modules here");
    sandbox_close(sandbox);
}

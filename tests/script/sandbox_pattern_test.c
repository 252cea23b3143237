// The sandbox's own functions against Lua's: the chunks in tests/script/same/ run in a plain Lua and in the sandbox and
// must say the same, errors included, over the cases of the manual and over patterns and texts drawn at random.

#include "script/sandbox_pattern.h"

#include <lauxlib.h>
#include <lualib.h>
#include <unistd.h>

#include "base/buffer.h"
#include "script/sandbox.h"
#include "test.h"

static char *run_plain(const char *source, size_t *length) {
    lua_State *lua = luaL_newstate();
    CHECK(lua != NULL);
    luaL_openlibs(lua);
    if (luaL_loadbuffer(lua, source, strlen(source), "@same") != LUA_OK || lua_pcall(lua, 0, 1, 0) != LUA_OK) {
        test_fail(__FILE__, __LINE__, "plain Lua: %s", lua_tostring(lua, -1));
    }
    const char *text = luaL_checklstring(lua, -1, length);
    char *copy = malloc(*length + 1);
    CHECK(copy != NULL);
    memcpy(copy, text, *length + 1);
    lua_close(lua);
    return copy;
}

static void check_line_by_line(const char *ours, const char *plain) {
    for (int line = 1; *ours != '\0' || *plain != '\0'; line++) {
        size_t a = strcspn(ours, "\n"), b = strcspn(plain, "\n");
        if (a != b || memcmp(ours, plain, a) != 0) {
            test_fail(__FILE__, __LINE__, "line %d: the sandbox says '%.*s', Lua '%.*s'", line, (int)a, ours, (int)b,
                      plain);
        }
        ours += a + (ours[a] == '\n' ? 1 : 0);
        plain += b + (plain[b] == '\n' ? 1 : 0);
    }
}

// Adds a file of tests/script/same/ to the chunk.
static void add_file(struct buffer *chunk, const char *name) {
    char path[64];
    char part[4096];
    size_t length;
    snprintf(path, sizeof path, "tests/script/same/%s.lua", name);
    FILE *file = fopen(test_source_path(path), "rb");
    CHECK(file != NULL);
    while ((length = fread(part, 1, sizeof part, file)) > 0) {
        CHECK(buffer_append(chunk, part, length));
    }
    fclose(file);
}

static void check_same(const char *name) {
    alarm(60);
    struct buffer chunk;
    buffer_init(&chunk, 1 << 20);
    add_file(&chunk, "show");
    add_file(&chunk, name);
    CHECK(buffer_append(&chunk, "\nreturn table.concat(out, '\\n')", sizeof "\nreturn table.concat(out, '\\n')"));
    const char *source = chunk.data;
    struct sandbox_setup setup = {.memory_max = 256 << 20, .steps_max = 1000000000};
    struct sandbox *sandbox = NULL;
    struct error error = {0};
    CHECK_OK(sandbox_open(&setup, &sandbox, &error), &error);
    CHECK_OK(sandbox_load(sandbox, text_of(source), "same", &error), &error);
    CHECK_OK(sandbox_call(sandbox, 0, 1, ERROR_SCRIPT_RAISED, &error), &error);
    size_t length, plain_length;
    const char *text = lua_tolstring(sandbox_lua(sandbox), -1, &length);
    char *plain = run_plain(source, &plain_length);
    check_line_by_line(text, plain);
    CHECK_INT(length, plain_length);
    free(plain);
    buffer_clear(&chunk);
    sandbox_close(sandbox);
}

TEST(script_sandbox_pattern, like_the_manual) {
    check_same("manual");
}

TEST(script_sandbox_pattern, replaces_like_lua) {
    check_same("replace");
}

TEST(script_sandbox_pattern, like_lua_at_random) {
    check_same("random");
}

TEST(script_sandbox_pattern, tables_like_lua) {
    check_same("tables");
}

TEST(script_sandbox_pattern, dates_like_lua) {
    setenv("TZ", "UTC", 1);
    check_same("dates");
}

TEST(script_sandbox_pattern, the_rest_like_lua) {
    check_same("rest");
}

#include "script/sandbox.h"

#include <lauxlib.h>
#include <unistd.h>

#include "test.h"

// What the tests of this file print.
static char printed[256];

static void keep_line(void *context, enum log_level level, struct text text) {
    (void)context;
    CHECK_INT(level, LOG_INFO);
    snprintf(printed, sizeof printed, "%.*s", TEXT_ARGS(text));
}

static int64_t fixed_now(void *context) {
    (void)context;
    return INT64_C(1533565800123456); // 2018-08-06T14:30:00.123456Z
}

static const struct clock fixed_clock = {fixed_now, NULL, NULL};
static const struct log kept_log = {keep_line, NULL};

static struct sandbox *open_small(void) {
    struct sandbox_setup setup = {.memory_max = 8 << 20, .steps_max = 1000000, .clock = &fixed_clock, .log = &kept_log};
    struct sandbox *sandbox = NULL;
    struct error error = {0};
    alarm(30);
    CHECK_OK(sandbox_open(&setup, &sandbox, &error), &error);
    return sandbox;
}

static bool run(struct sandbox *sandbox, const char *source, const char *name, struct error *error) {
    error_clear(error);
    return sandbox_load(sandbox, text_of(source), name, error) &&
           sandbox_call(sandbox, 0, 1, ERROR_SCRIPT_RAISED, error);
}

// Runs a chunk and compares what it returns, as text.
static void expect(struct sandbox *sandbox, const char *source, const char *expected) {
    struct error error = {0};
    CHECK_OK(run(sandbox, source, "syncs/mywell/a.lua", &error), &error);
    size_t length;
    const char *text = luaL_tolstring(sandbox_lua(sandbox), -1, &length);
    CHECK_TEXT(((struct text){text, length}), expected);
    lua_pop(sandbox_lua(sandbox), 2);
    CHECK_INT(lua_gettop(sandbox_lua(sandbox)), 0);
}

static void expect_error(struct sandbox *sandbox, const char *source, enum error_code code, const char *place,
                         const char *message) {
    struct error error = {0};
    CHECK(!run(sandbox, source, "syncs/mywell/a.lua", &error));
    CHECK_TEXT(text_of(error.message), message);
    CHECK_TEXT(text_of(error.place), place);
    CHECK_INT(error.code, code);
    CHECK_INT(lua_gettop(sandbox_lua(sandbox)), 0);
}

TEST(script_sandbox, runs_a_chunk) {
    struct sandbox *sandbox = open_small();
    expect(sandbox, "local t = {} for i = 1, 10 do t[i] = i * i end return table.concat(t, ',')",
           "1,4,9,16,25,36,49,64,81,100");
    expect(sandbox, "return 2^53 | 1", "9007199254740993");
    CHECK(sandbox_of(sandbox_lua(sandbox)) == sandbox);
    sandbox_close(sandbox);
    sandbox_close(NULL);
}

TEST(script_sandbox, says_where_and_what) {
    struct sandbox *sandbox = open_small();
    const char *place = "syncs/mywell/a.lua:2";
    expect_error(sandbox, "\nerror('no such well')", ERROR_SCRIPT_RAISED, place, "no such well");
    expect_error(sandbox, "\nerror('no such well', 0)", ERROR_SCRIPT_RAISED, place, "no such well");
    expect_error(sandbox, "\nreturn nil + 1", ERROR_SCRIPT_RAISED, place,
                 "attempt to perform arithmetic on a nil value");
    expect_error(sandbox, "\nerror({})", ERROR_SCRIPT_RAISED, place, "table");
    expect_error(sandbox, "\nerror()", ERROR_SCRIPT_RAISED, place, "nil");
    expect_error(sandbox, "\nerror(setmetatable({}, {__tostring = function() return 'my own' end}))",
                 ERROR_SCRIPT_RAISED, place, "my own");
    expect_error(sandbox, "\nerror(setmetatable({}, {__tostring = function() return {} end}))", ERROR_SCRIPT_RAISED,
                 place, "an error was raised that has no text");
    expect_error(sandbox, "\nerror('12:30: not a place', 0)", ERROR_SCRIPT_RAISED, place, "12:30: not a place");
    expect_error(sandbox, "\nerror('two\\nlines\\0\\xff', 0)", ERROR_SCRIPT_RAISED, place, "two lines ?");
    expect_error(sandbox, "\n\nlocal x = = 1", ERROR_SCRIPT_SYNTAX, "syncs/mywell/a.lua:3",
                 "unexpected symbol near '='");
    char nested[400] = "\nreturn ";
    memset(nested + 8, '{', sizeof nested - 9);
    expect_error(sandbox, nested, ERROR_SCRIPT_SYNTAX, place, "brackets or blocks are nested too deeply");
    expect_error(sandbox, "\x1bLua", ERROR_SCRIPT_SYNTAX, "syncs/mywell/a.lua:1",
                 "attempt to load a binary chunk (mode is 't')");
    expect_error(sandbox, "#!/usr/bin/weir\n\nerror('x')", ERROR_SCRIPT_RAISED, "syncs/mywell/a.lua:3", "x");
    expect_error(sandbox, "\xEF\xBB\xBF\nerror('x')", ERROR_SCRIPT_RAISED, place, "x");
    sandbox_close(sandbox);
}

// Lua shortens long chunk names in its messages; the place has the whole of it.
TEST(script_sandbox, knows_long_chunk_names) {
    struct sandbox *sandbox = open_small();
    struct error error = {0};
    for (int length = 50; length < 70; length++) {
        char name[80];
        snprintf(name, sizeof name, "%0*d.lua", length, 7);
        CHECK(!run(sandbox, "\nerror 'bad'", name, &error));
        char place[90];
        snprintf(place, sizeof place, "%s:2", name);
        CHECK_TEXT(text_of(error.place), place);
        CHECK_TEXT(text_of(error.message), "bad");
        CHECK(!run(sandbox, "\nx x", name, &error));
        CHECK_TEXT(text_of(error.place), place);
    }
    sandbox_close(sandbox);
}

TEST(script_sandbox, cuts_long_messages_between_characters) {
    struct sandbox *sandbox = open_small();
    struct error error = {0};
    CHECK(!run(sandbox, "error(('\\u{20AC}'):rep(10000), 0)", "a.lua", &error));
    CHECK(strlen(error.message) > ERROR_MESSAGE_MAX - 8);
    CHECK(text_utf8(text_of(error.message), NULL));
    sandbox_close(sandbox);
}

TEST(script_sandbox, ends_by_its_steps) {
    struct sandbox *sandbox = open_small();
    const char *message = "the script used its 1000000 steps without coming to an end";
    expect_error(sandbox, "\nwhile true do\nend", ERROR_SCRIPT_TIME, "syncs/mywell/a.lua:2", message);
    expect_error(sandbox, "pcall(function()\n\nwhile true do end end)\nreturn 1", ERROR_SCRIPT_TIME,
                 "syncs/mywell/a.lua:3", message);
    expect_error(sandbox, "error(setmetatable({}, {__tostring = function()\nwhile true do end end}))",
                 ERROR_SCRIPT_TIME, "syncs/mywell/a.lua:2", message);
    expect(sandbox, "local n = 0 for i = 1, 200000 do n = n + 1 end return n", "200000");
    sandbox_close(sandbox);
}

// A C function as the door's own function may catch the error of its callee and return as if all were well.
TEST(script_sandbox, is_not_fooled_by_a_pcall_at_the_door) {
    struct sandbox *sandbox = open_small();
    struct error error = {0};
    lua_State *lua = sandbox_lua(sandbox);
    CHECK_OK(sandbox_load(sandbox, TEXT_LITERAL("while true do end"), "a.lua", &error), &error);
    lua_getglobal(lua, "pcall");
    lua_insert(lua, -2);
    CHECK(!sandbox_call(sandbox, 1, LUA_MULTRET, ERROR_SCRIPT_RAISED, &error));
    CHECK_INT(error.code, ERROR_SCRIPT_TIME);
    CHECK_INT(lua_gettop(lua), 0);
    sandbox_close(sandbox);
}

static int call_again(lua_State *lua) {
    struct error error = {0};
    lua_settop(lua, 1);
    lua_pushboolean(lua, sandbox_call(sandbox_of(lua), 0, 0, ERROR_SCRIPT_RAISED, &error));
    return 1;
}

// A host function that calls back gives the script no second budget.
TEST(script_sandbox, shares_the_budget_with_calls_inside) {
    struct sandbox *sandbox = open_small();
    lua_register(sandbox_lua(sandbox), "again", call_again);
    expect_error(sandbox, "while true do\nagain(function() for i = 1, 1000 do end end) end", ERROR_SCRIPT_TIME,
                 "syncs/mywell/a.lua:2", "the script used its 1000000 steps without coming to an end");
    expect(sandbox, "return again(error)", "false");
    sandbox_close(sandbox);
}

TEST(script_sandbox, refills_for_many_small_calls) {
    struct sandbox *sandbox = open_small();
    struct error error = {0};
    lua_State *lua = sandbox_lua(sandbox);
    CHECK_OK(run(sandbox, "return function() for i = 1, 1000 do end end", "a.lua", &error), &error);
    for (int i = 0; i < 2000; i++) {
        sandbox_refill(sandbox);
        lua_pushvalue(lua, 1);
        CHECK_OK(sandbox_call(sandbox, 0, 0, ERROR_TRANSFORM, &error), &error);
    }
    CHECK_INT(lua_gettop(lua), 1);
    sandbox_close(sandbox);
}

TEST(script_sandbox, holds_the_memory_ceiling) {
    struct sandbox *sandbox = open_small();
    const char *message = "the script needs more than the 8192 KiB that it may hold";
    expect_error(sandbox, "local t = {} for i = 1, 1e9 do t[i] = {} end", ERROR_SCRIPT_MEMORY, "syncs/mywell/a.lua:1",
                 message);
    expect_error(sandbox, "local s = 'x' while true do s = s .. s end", ERROR_SCRIPT_MEMORY, "syncs/mywell/a.lua:1",
                 message);
    expect(sandbox, "local t = {} for i = 1, 1000 do t[i] = {} end return #t", "1000");
    sandbox_close(sandbox);

    struct sandbox_setup setup = {.memory_max = 1000};
    struct error error = {0};
    CHECK(!sandbox_open(&setup, &sandbox, &error));
    CHECK_INT(error.code, ERROR_SCRIPT_MEMORY);
    setup.memory_max = 10000;
    CHECK(!sandbox_open(&setup, &sandbox, &error));
    CHECK_INT(error.code, ERROR_SCRIPT_MEMORY);
}

TEST(script_sandbox, refuses_large_and_deep_chunks) {
    struct sandbox *sandbox = open_small();
    struct error error = {0};
    size_t size = 5 << 20;
    char *chunk = calloc(1, size + 1);
    CHECK(chunk != NULL);
    memset(chunk, ' ', size);
    CHECK(!sandbox_load(sandbox, (struct text){chunk, size}, "a.lua", &error));
    CHECK_INT(error.code, ERROR_LIMIT);
    memcpy(chunk, "return ", 7);
    memset(chunk + 7, '(', 100000);
    error_clear(&error);
    CHECK(!sandbox_load(sandbox, (struct text){chunk, 100007}, "a.lua", &error));
    CHECK_INT(error.code, ERROR_SCRIPT_SYNTAX);
    memset(chunk + 7, '-', 1 << 20);
    chunk[7] = '{';
    for (size_t i = 8; i < 1 << 20; i += 2) {
        memcpy(chunk + i, "1,", 2);
    }
    error_clear(&error);
    CHECK(!sandbox_load(sandbox, (struct text){chunk, 1 << 20}, "a.lua", &error));
    free(chunk);
    expect(sandbox, "return 1", "1");
    sandbox_close(sandbox);
}

TEST(script_sandbox, prints_to_the_log) {
    struct sandbox *sandbox = open_small();
    expect(sandbox, "print('a', 1, nil, {}, print, setmetatable({}, {__tostring = function() return 'T' end}))", "nil");
    CHECK_TEXT(text_of(printed), "a\t1\tnil\ttable\tfunction\tT");
    expect(sandbox, "print() print(('x'):rep(100000))", "nil");
    sandbox_close(sandbox);
}

TEST(script_sandbox, shows_no_addresses) {
    struct sandbox *sandbox = open_small();
    expect(sandbox, "return tostring({})", "table");
    expect(sandbox, "return tostring(print) .. tostring(nil) .. tostring(1.0)", "functionnil1.0");
    expect(sandbox, "return ('%s|%10s|%s|%%s|%d'):format({}, print, true, 7)", "table|  function|true|%s|7");
    expect_error(sandbox, "return ('%p'):format({})", ERROR_SCRIPT_RAISED, "syncs/mywell/a.lua:1",
                 "invalid conversion '%p' to 'format': addresses are not shown");
    expect_error(sandbox, "return ('%s'):format()", ERROR_SCRIPT_RAISED, "syncs/mywell/a.lua:1",
                 "bad argument #1 to 'format' (no value)");
    sandbox_close(sandbox);
}

TEST(script_sandbox, keeps_metatables_apart) {
    struct sandbox *sandbox = open_small();
    expect(sandbox, "return getmetatable('')", "nil");
    expect(sandbox, "local m = {} return getmetatable(setmetatable({}, m)) == m", "true");
    expect(sandbox, "return pcall(setmetatable, '', {})", "false");
    for (int i = 0; i < 3; i++) {
        static const char *const refused[] = {"__gc", "__mode", "__metatable"};
        char source[100];
        char message[100];
        snprintf(source, sizeof source, "setmetatable({}, {%s = 'k'})", refused[i]);
        snprintf(message, sizeof message, "a metatable may not have the field %s here", refused[i]);
        expect_error(sandbox, source, ERROR_SCRIPT_RAISED, "syncs/mywell/a.lua:1", message);
    }
    expect(sandbox,
           "local out = {} do local a <close> = setmetatable({}, {__close = function() out[1] = 'closed' end}) end "
           "return out[1]",
           "closed");
    sandbox_close(sandbox);
}

TEST(script_sandbox, catches_with_a_handler) {
    struct sandbox *sandbox = open_small();
    expect(sandbox, "return table.concat({select(2, xpcall(function(a, b) return a, b end, error, 3, 4))}, ' ')",
           "3 4");
    expect(sandbox, "return select(2, xpcall(error, function(e) return 'caught ' .. e end, 'it', 0))", "caught it");
    expect(sandbox, "return xpcall(error, function() end)", "false");
    expect(sandbox, "return select('#', xpcall(error, function() return 1, 2 end))", "2");
    expect(sandbox, "return pcall(xpcall, error)", "false");
    sandbox_close(sandbox);
}

TEST(script_sandbox, tells_the_time_in_utc) {
    setenv("TZ", "Asia/Kolkata", 1);
    struct sandbox *sandbox = open_small();
    expect(sandbox, "return os.time()", "1533565800");
    expect(sandbox, "return os.clock()", "0.0");
    expect(sandbox, "return os.date()", "Mon Aug  6 14:30:00 2018");
    expect(sandbox, "return os.date('!%Y-%m-%dT%H:%M:%SZ', 0)", "1970-01-01T00:00:00Z");
    expect(sandbox, "return os.time(os.date('*t', 1e9 | 0))", "1000000000");
    expect(sandbox, "return os.time { year = 2018, month = 14, day = -3 }", "1548676800");
    expect(sandbox, "local d = { year = 2018, month = 14, day = -3 } os.time(d) return d.month .. '/' .. d.day",
           "1/28");
    expect(sandbox, "return os.difftime(5, 3)", "2.0");
    expect(sandbox, "return pcall(os.date, '%Ez')", "false");
    expect(sandbox, "return pcall(os.date, '%')", "false");
    expect(sandbox, "return pcall(os.date, '%Y', 1 << 62)", "false");
    expect(sandbox, "return pcall(os.time, { year = 1 << 40, month = 1, day = 1 })", "false");
    expect(sandbox, "return pcall(os.time, { year = 2000 })", "false");
    expect(sandbox, "return pcall(os.time, { year = 2000, month = 'x', day = 1 })", "false");
    expect(sandbox, "return os.getenv or os.exit or os.remove or os.execute", "nil");
    sandbox_close(sandbox);
}

TEST(script_sandbox, draws_the_same_numbers_again) {
    char first[64];
    for (int i = 0; i < 2; i++) {
        struct sandbox *sandbox = open_small();
        struct error error = {0};
        CHECK_OK(run(sandbox, "return math.random(1 << 40) .. ' ' .. math.random(1 << 40)", "a.lua", &error), &error);
        const char *text = lua_tostring(sandbox_lua(sandbox), -1);
        CHECK(i == 0 || strcmp(first, text) == 0);
        snprintf(first, sizeof first, "%s", text);
        sandbox_close(sandbox);
    }
}

// Scripts that try to hang, fill or crash their host. Each runs as it is, inside a loop of pcall, inside metamethods,
// and where the state is closed; each must be stopped by an error with memory under the ceiling, and both the same
// sandbox and the next one must work afterwards.

#include <lauxlib.h>
#include <pthread.h>
#include <unistd.h>

#include "script/failing_memory.h"
#include "script/sandbox.h"
#include "test.h"

static size_t memory_max = 8 << 20;
static uint64_t steps_max = 1000000;

static struct sandbox *open_sandbox(void) {
    struct sandbox_setup setup = {.memory_max = memory_max, .steps_max = steps_max};
    struct sandbox *sandbox = NULL;
    struct error error = {0};
    CHECK_OK(sandbox_open(&setup, &sandbox, &error), &error);
    return sandbox;
}

static void check_works(struct sandbox *sandbox) {
    struct error error = {0};
    CHECK_OK(sandbox_load(sandbox, TEXT_LITERAL("return (('x'):rep(3):gsub('x', 'ab'))"), "b.lua", &error), &error);
    CHECK_OK(sandbox_call(sandbox, 0, 1, ERROR_SCRIPT_RAISED, &error), &error);
    CHECK_TEXT(text_of(lua_tostring(sandbox_lua(sandbox), -1)), "ababab");
    lua_pop(sandbox_lua(sandbox), 1);
    CHECK_INT(lua_gettop(sandbox_lua(sandbox)), 0);
}

static enum error_code run(const char *form, const char *bomb) {
    char source[4096];
    CHECK(snprintf(source, sizeof source, form, bomb) < (int)sizeof source);
    failing_memory_plan(0, 0);
    size_t before = failing_memory_held();
    struct sandbox *sandbox = open_sandbox();
    struct error error = {0};
    CHECK_OK(sandbox_load(sandbox, text_of(source), "bomb.lua", &error), &error);
    if (!sandbox_call(sandbox, 0, 0, ERROR_SCRIPT_RAISED, &error)) {
        CHECK(error.message[0] != '\0');
    }
    CHECK(failing_memory_peak() - before < memory_max + memory_max / 4); // with what the heap rounds up
    check_works(sandbox);
    sandbox_close(sandbox);
    CHECK_INT(failing_memory_held(), before);
    sandbox = open_sandbox();
    check_works(sandbox);
    sandbox_close(sandbox);
    return error.code;
}

// `code` is how the bare bomb ends; ERROR_NONE when it is defused, which is just as well.
static void explode(const char *bomb, enum error_code code) {
    alarm(60);
    CHECK_INT(run("%s", bomb), code);
    enum error_code caught = run("while true do pcall(function() %s end) end", bomb);
    CHECK(caught == ERROR_SCRIPT_TIME || caught == code); // no pcall holds a stack overflow
    caught = run("while true do xpcall(function() %s end, function(e) return e end) end", bomb);
    CHECK(caught == ERROR_SCRIPT_TIME || caught == code);
    CHECK_INT(run("return setmetatable({}, {__index = function() %s end}).x", bomb), code);
    CHECK_INT(run("local c <close> = setmetatable({}, {__close = function() %s end})", bomb), code);
    run("error(setmetatable({}, {__tostring = function() %s end}))", bomb);
    run("table.sort({3, 2, 1}, function() %s end)", bomb);
    run("return (('aaa'):gsub('a', function() %s end))", bomb);
    // At close: nothing of a script may run there.
    run("local m = {} kept = setmetatable({}, m) m.__gc = function() %s end", bomb);
    CHECK_INT(run("kept = setmetatable({}, {__gc = function() %s end})", bomb), ERROR_SCRIPT_RAISED);
}

TEST(script_sandbox_bomb, endless_loop) {
    explode("while true do end", ERROR_SCRIPT_TIME);
    explode("for i = 1, math.huge do end", ERROR_SCRIPT_TIME);
    explode("::again:: goto again", ERROR_SCRIPT_TIME);
}

TEST(script_sandbox_bomb, looping_handler) {
    explode("local function loop() while true do end end xpcall(loop, loop)", ERROR_SCRIPT_TIME);
    explode("local function loop() while true do end end xpcall(error, loop)", ERROR_SCRIPT_TIME);
}

TEST(script_sandbox_bomb, long_repetition_of_nothing) {
    explode("string.rep('', 1 << 62)", ERROR_NONE);
    explode("string.rep('', 1 << 62, '')", ERROR_NONE);
}

TEST(script_sandbox_bomb, long_repetition) {
    explode("string.rep('x', 1 << 62)", ERROR_SCRIPT_RAISED);
    explode("string.rep('x', 8 << 20)", ERROR_SCRIPT_MEMORY);
    explode("string.rep('', 1 << 62, 'x')", ERROR_SCRIPT_RAISED);
}

TEST(script_sandbox_bomb, loop_of_long_texts) {
    explode("local s = ('x'):rep(1 << 20) while true do local t = s .. s end", ERROR_SCRIPT_TIME);
    explode("local s = ('x'):rep(1 << 20) while true do local t = s:upper() end", ERROR_SCRIPT_TIME);
    explode("local s = ('x'):rep(1 << 20) while true do local t = ('%s'):format(s) end", ERROR_SCRIPT_TIME);
    memory_max = 64 << 20;
    steps_max = 10000000;
    explode("while true do local s = ('x'):rep(30 << 20) end", ERROR_SCRIPT_TIME);
}

TEST(script_sandbox_bomb, move_without_end) {
    explode("table.move({}, 1, 1 << 62, 2)", ERROR_SCRIPT_TIME);
    explode("table.move({}, 1 << 62, math.maxinteger, 2)", ERROR_SCRIPT_TIME);
    explode("table.move({}, math.mininteger, math.maxinteger, 2)", ERROR_SCRIPT_RAISED);
}

TEST(script_sandbox_bomb, lying_length) {
    const char *tables[] = {"table.insert(t, 1, 1)", "table.remove(t, 1)", "table.concat(t)", "table.sort(t)",
                            "table.unpack(t)"};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        char bomb[300];
        snprintf(bomb, sizeof bomb,
                 "local t = setmetatable({}, {__len = function() return 1 << 62 end, __index = function() return 'x' "
                 "end}) %s",
                 tables[i]);
        explode(bomb, ERROR_NONE);
    }
}

TEST(script_sandbox_bomb, long_ranges) {
    explode("table.concat({}, 'x', 1, 1 << 62)", ERROR_SCRIPT_TIME);
    explode("table.unpack({}, 1, 1 << 62)", ERROR_SCRIPT_RAISED);
    explode("table.unpack({}, 1, 1 << 30)", ERROR_SCRIPT_RAISED);
    explode("while true do table.unpack({}, 1, 10000) end", ERROR_SCRIPT_TIME);
    explode("local t = {} for i = 1, 1e4 do t[i] = i end while true do table.insert(t, 1, 0) end", ERROR_SCRIPT_TIME);
}

TEST(script_sandbox_bomb, sorting) {
    explode("local t = {} for i = 1, 1e4 do t[i] = i % 7 end while true do table.sort(t) end", ERROR_SCRIPT_TIME);
    explode("local t = {} for i = 1, 1e3 do t[i] = i end while true do table.sort(t, function() return true end) end",
            ERROR_SCRIPT_TIME);
    explode("local t = {3, 2, 1} table.sort(t, function() t[1] = nil t[2] = nil t[3] = nil end)", ERROR_NONE);
}

TEST(script_sandbox_bomb, backtracking) {
    explode("return (('a'):rep(200):match(('.-'):rep(12) .. 'b'))", ERROR_SCRIPT_TIME);
    explode("return (('a'):rep(200):find(('a*'):rep(12) .. 'b'))", ERROR_SCRIPT_TIME);
    explode("return (('a'):rep(200):gsub(('a?.-'):rep(12) .. 'b', ''))", ERROR_SCRIPT_TIME);
    explode("for x in ('a'):rep(200):gmatch(('.-'):rep(12) .. 'b') do end", ERROR_SCRIPT_TIME);
    explode("return (('a'):rep(300000):find('.-b'))", ERROR_SCRIPT_TIME);
    explode("return (('('):rep(300000):find('%b()'))", ERROR_SCRIPT_TIME);
    explode("return (('a'):rep(9000):find('(a*)%1b'))", ERROR_SCRIPT_TIME);
    explode("return (('a'):rep(100000):find('[' .. ('b'):rep(100000) .. ']'))", ERROR_SCRIPT_TIME);
    explode("return (('a'):rep(100000):find('%f[' .. ('b'):rep(100000) .. ']'))", ERROR_SCRIPT_TIME);
    explode("return ('a'):rep(300):find(('a?'):rep(10000))", ERROR_SCRIPT_RAISED);
    explode("return ('a'):find(('('):rep(10000))", ERROR_SCRIPT_RAISED);
}

TEST(script_sandbox_bomb, plain_search) {
    explode("local a, b = ('a'):rep(1 << 20), ('a'):rep(1 << 19) .. 'b' while true do a:find(b, 1, true) end",
            ERROR_SCRIPT_TIME);
    explode("local a = ('a'):rep(1 << 20) while true do a:find('b') end", ERROR_SCRIPT_TIME);
}

TEST(script_sandbox_bomb, long_arguments) {
    const char *calls[] = {"utf8.len(s)",        "tonumber(s)", "tonumber(s, 16)",
                           "s:byte(1, 10000)",   "s:reverse()", "s:lower()",
                           "utf8.offset(s, -1)", "s:format()",  "utf8.codepoint(s, 1, 10000)"};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        char bomb[200];
        snprintf(bomb, sizeof bomb, "local s = ('1'):rep(1 << 20) while true do local _ = %s end", calls[i]);
        explode(bomb, ERROR_SCRIPT_TIME);
    }
}

TEST(script_sandbox_bomb, filling_memory) {
    explode("local t = {} while true do t[#t + 1] = {} end", ERROR_SCRIPT_MEMORY);
    explode("local t = {} while true do t = {t} end", ERROR_SCRIPT_MEMORY);
    explode("local s = ('x'):rep(1 << 18) while true do s = s .. s end", ERROR_SCRIPT_MEMORY);
}

// With memory full and the error caught, every further allocation makes Lua collect all that is held.
TEST(script_sandbox_bomb, living_at_the_ceiling) {
    explode(
        "local t = {} for i = 1, 5 do t[i] = ('x'):rep(1 << 20) end while true do pcall(string.rep, 'x', 2 << 20) end",
        ERROR_SCRIPT_TIME);
    explode("local t = {} pcall(function() while true do t[#t + 1] = ('x'):rep(99) end end) "
            "while true do pcall(string.rep, 'x', 1 << 16) end",
            ERROR_SCRIPT_TIME);
}

// A table that is its own __call keeps Lua busy inside one instruction until its stack is full.
TEST(script_sandbox_bomb, call_cycle) {
    explode("local t = setmetatable({}, {}) getmetatable(t).__call = t t()", ERROR_SCRIPT_RAISED);
}

// The same with a stack that many values at once made large.
TEST(script_sandbox_bomb, call_cycle_on_a_large_stack) {
    memory_max = 64 << 20;
    explode("local t = setmetatable({}, {}) getmetatable(t).__call = t t(string.byte(('x'):rep(900000), 1, -1))",
            ERROR_SCRIPT_RAISED);
    explode("local t = setmetatable({}, {}) getmetatable(t).__call = t t(table.unpack({}, 1, 900000))",
            ERROR_SCRIPT_RAISED);
}

TEST(script_sandbox_bomb, printing) {
    explode("while true do print(('x'):rep(5000)) end", ERROR_SCRIPT_TIME);
}

static const char *const recursions[] = {
    "local function f() return 1 + f() end f()",
    "local function f() return (('x'):gsub('x', f)) end f()",
    "local function f() table.sort({2, 1}, f) end f()",
    "local t = setmetatable({}, {}) getmetatable(t).__tostring = function() return tostring(t) end tostring(t)",
    "local t = setmetatable({}, {}) getmetatable(t).__tostring = function() print(t) return '' end print(t)",
    "local t = setmetatable({}, {}) getmetatable(t).__tostring = function() return ('%s'):format(t) end tostring(t)",
    "local t = setmetatable({}, {}) getmetatable(t).__index = t return t.x",
    "local t = setmetatable({}, {}) getmetatable(t).__index = function(_, k) return t[k] end return t.x",
    "local t = setmetatable({}, {}) getmetatable(t).__concat = function() return t .. t end return t .. t",
    "local t = setmetatable({}, {}) getmetatable(t).__lt = function() return t < t end return t < t",
    "local function f() local x <close> = setmetatable({}, {__close = f}) end f()",
    "local function f() error(f()) end f()",
};

TEST(script_sandbox_bomb, recursion) {
    for (size_t i = 0; i < sizeof recursions / sizeof *recursions; i++) {
        explode(recursions[i], ERROR_SCRIPT_RAISED);
    }
    run("local function f() pcall(f) end f()%s", "");
    run("local function f() xpcall(f, f) end f()%s", "");
    run("local function f() return pcall(error, setmetatable({}, {__tostring = f})) end f()%s", "");
}

static void *recurse(void *context) {
    (void)context;
    for (size_t i = 0; i < sizeof recursions / sizeof *recursions; i++) {
        run("%s", recursions[i]);
        run("pcall(function() %s end)", recursions[i]);
    }
    run("local function f() pcall(f) end f()%s", "");
    run("local function f() xpcall(f, f) end f()%s", "");
    return context;
}

#if defined(__SANITIZE_ADDRESS__)
#define STACK_BYTES (4 << 20)
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define STACK_BYTES (4 << 20)
#endif
#endif
#ifndef STACK_BYTES
#define STACK_BYTES (512 << 10)
#endif

// Lua's limit on C calls inside each other (200) must come before the end of a thread's stack.
TEST(script_sandbox_bomb, recursion_on_a_small_stack) {
    alarm(60);
    pthread_attr_t attributes;
    pthread_t thread;
    CHECK(pthread_attr_init(&attributes) == 0);
    CHECK(pthread_attr_setstacksize(&attributes, STACK_BYTES) == 0);
    CHECK(pthread_create(&thread, &attributes, recurse, NULL) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(pthread_attr_destroy(&attributes) == 0);
}

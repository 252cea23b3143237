// Every allocation fails once, alone and with all behind it: a clean error, nothing leaked, and the sandbox goes on.

#include "script/failing_memory.h"

#include <lauxlib.h>
#include <unistd.h>

#include "script/sandbox.h"
#include "test.h"

static bool find(void *context, struct text name, struct text from, struct sandbox_module *out, struct error *error) {
    (void)context, (void)from, (void)error;
    CHECK_TEXT(name, "module");
    out->chunk = TEXT_LITERAL("return { f = function(x) return x .. 'y' end }");
    out->name = "lib/module.lua";
    return true;
}

static const char source[] = "local module = require 'module'\n"
                             "local t = {}\n"
                             "for i = 1, 50 do t[i] = setmetatable({ key = module.f('k' .. i) }, { __tostring = "
                             "function(s) return s.key end }) end\n"
                             "table.sort(t, function(a, b) return a.key > b.key end)\n"
                             "for i = 1, 50 do t[i] = ('%s'):format(t[i]):gsub('(k)(%d)', '%2%1') end\n"
                             "local ok, e = pcall(error, 'caught')\n"
                             "xpcall(error, function(x) return x .. '!' end, 'e')\n"
                             "print(table.concat(t, ','), os.date('%c', 0), e)\n"
                             "for a, b in ('a=1,b=2'):gmatch('(%w)=(%w)') do t[a] = b:rep(100) end\n"
                             "return table.concat(t, ',')\n";

// The whole life of a sandbox. False with an error when some of it failed.
static bool live(struct error *error) {
    struct sandbox_setup setup = {.steps_max = 1000000};
    struct sandbox *sandbox = NULL;
    if (!sandbox_open(&setup, &sandbox, error)) {
        return false;
    }
    sandbox_modules(sandbox, find, NULL);
    bool done = sandbox_load(sandbox, text_of(source), "a.lua", error);
    if (done) {
        done = sandbox_call(sandbox, 0, 1, ERROR_SCRIPT_RAISED, error);
        CHECK_INT(lua_gettop(sandbox_lua(sandbox)), done ? 1 : 0);
    }
    if (!done) { // with memory again, the same sandbox works
        struct error none = {0};
        failing_memory_plan(0, 0);
        CHECK_OK(sandbox_load(sandbox, text_of(source), "a.lua", &none), &none);
        CHECK_OK(sandbox_call(sandbox, 0, 1, ERROR_SCRIPT_RAISED, &none), &none);
    }
    CHECK_INT(lua_rawlen(sandbox_lua(sandbox), 1), 240);
    sandbox_close(sandbox);
    return done;
}

static void fail_each(int all_after) {
    alarm(100);
    size_t before = failing_memory_held();
    struct error error = {0};
    failing_memory_plan(0, 0);
    CHECK_OK(live(&error), &error);
    size_t count = failing_memory_count();
    CHECK(count > 200);
    size_t failed = 0;
    for (size_t n = 1; n <= count; n++) {
        failing_memory_plan(n, all_after);
        error_clear(&error);
        if (!live(&error)) { // a single failure may be made good by collecting what is no longer needed
            CHECK_INT(error.code, ERROR_MEMORY);
            failed++;
        }
        CHECK_INT(failing_memory_held(), before);
    }
    CHECK(all_after ? failed > count / 2 : failed > 0);
}

TEST(script_sandbox_memory, one_allocation_fails) {
    fail_each(0);
}

TEST(script_sandbox_memory, all_allocations_fail_from_one_on) {
    fail_each(1);
}

// The same at the sandbox's own ceiling, at every height of it.
TEST(script_sandbox_memory, every_ceiling) {
    alarm(100);
    size_t before = failing_memory_held();
    bool done = false;
    for (size_t ceiling = 1; !done; ceiling += 97) {
        struct sandbox_setup setup = {.memory_max = ceiling, .steps_max = 100000000};
        struct sandbox *sandbox = NULL;
        struct error error = {0};
        failing_memory_plan(0, 0);
        if (sandbox_open(&setup, &sandbox, &error)) {
            sandbox_modules(sandbox, find, NULL);
            done = sandbox_load(sandbox, text_of(source), "a.lua", &error) &&
                   sandbox_call(sandbox, 0, 0, ERROR_SCRIPT_RAISED, &error);
            sandbox_close(sandbox);
        }
        CHECK(done || error.code == ERROR_SCRIPT_MEMORY);
        CHECK_INT(failing_memory_held(), before);
        CHECK(ceiling < 1 << 20);
    }
}

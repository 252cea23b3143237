// What takes long inside one instruction, where no count of steps sees it: the clock of the thread ends it, and memory
// and the next call are as they were. Each takes a second, which is the least that a call may compute for.

#include <unistd.h>

#include "script/sandbox.h"
#include "test.h"

static void slow(const char *source) {
    alarm(60);
    struct sandbox_setup setup = {.memory_max = 64 << 20, .steps_max = 10000000};
    struct sandbox *sandbox = NULL;
    struct error error = {0};
    CHECK_OK(sandbox_open(&setup, &sandbox, &error), &error);
    CHECK_OK(sandbox_load(sandbox, text_of(source), "slow.lua", &error), &error);
    CHECK(!sandbox_call(sandbox, 0, 0, ERROR_SCRIPT_RAISED, &error));
    CHECK_INT(error.code, ERROR_SCRIPT_TIME);
    CHECK(strstr(error.message, "computed for its 1 s") != NULL);
    CHECK(strncmp(error.place, "slow.lua:", 9) == 0);
    error_clear(&error);
    CHECK_OK(sandbox_load(sandbox, TEXT_LITERAL("for i = 1, 1e6 do end return 1"), "fine.lua", &error), &error);
    CHECK_OK(sandbox_call(sandbox, 0, 1, ERROR_SCRIPT_RAISED, &error), &error);
    sandbox_close(sandbox);
}

#define TEXTS "local a, b = ('\\0'):rep(14 << 20) .. 'a', ('\\0'):rep(14 << 20) .. 'b' "
#define EMPTIED "local t = {} for i = 1, 1 << 18 do t[i] = 1 end for i = 1, 1 << 18 do t[i] = nil end "

TEST(script_sandbox_slow, comparing_long_texts) {
    slow(TEXTS "while true do local _ = a < b end");
    slow(TEXTS "while true do local _ = a == b end");
}

TEST(script_sandbox_slow, caught_again_and_again) {
    slow(TEXTS "while true do pcall(function() while true do local _ = a < b end end) end");
    slow(TEXTS "return setmetatable({}, { __index = function() while true do local _ = a < b end end }).x");
    slow(TEXTS "local x <close> = setmetatable({}, { __close = function() while true do local _ = a < b end end })");
}

TEST(script_sandbox_slow, walking_an_emptied_table) {
    slow(EMPTIED "while true do next(t) end");
    slow(EMPTIED "while true do for _ in pairs(t) do end end");
    slow(EMPTIED "local l = {} for i = 1, 1e4 do l[i] = t end table.sort(l, function(one) return next(one) end)");
}

TEST(script_sandbox_slow, handing_on_many_arguments) {
    slow("local function f(...) while true do local _ = select('#', ...) end end f(table.unpack({}, 1, 5000))");
}

// Sorting long texts compares inside C, where no hook runs: it is paid for by their length.
TEST(script_sandbox_slow, sorting_long_texts) {
    alarm(60);
    struct sandbox_setup setup = {.memory_max = 64 << 20, .steps_max = 10000000};
    struct sandbox *sandbox = NULL;
    struct error error = {0};
    static const char source[] = TEXTS "local t = {} for i = 1, 1e5 do t[i] = i % 2 == 0 and a or b end table.sort(t)";
    CHECK_OK(sandbox_open(&setup, &sandbox, &error), &error);
    CHECK_OK(sandbox_load(sandbox, text_of(source), "slow.lua", &error), &error);
    CHECK(!sandbox_call(sandbox, 0, 0, ERROR_SCRIPT_RAISED, &error));
    CHECK_INT(error.code, ERROR_SCRIPT_TIME);
    sandbox_close(sandbox);
}

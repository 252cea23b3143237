// A signal ends a function that computes for long, and lets one that doesn't come to its end.

#include <stdatomic.h>

#include "script/sandbox.h"
#include "test.h"

static atomic_bool stop;

static enum error_code run(struct sandbox *sandbox, const char *source) {
    struct error error = {0};
    CHECK_OK(sandbox_load(sandbox, text_of(source), "long.lua", &error), &error);
    bool ok = sandbox_call(sandbox, 0, 0, ERROR_SCRIPT_RAISED, &error);
    CHECK(ok || error.place[0] != '\0');
    return ok ? ERROR_NONE : error.code;
}

TEST(script_sandbox_stop, ends_what_computes_for_long_and_nothing_else) {
    struct sandbox_setup setup = {.steps_max = 10000000, .stop = &stop};
    struct sandbox *sandbox = NULL;
    struct error error = {0};
    CHECK_OK(sandbox_open(&setup, &sandbox, &error), &error);
    CHECK_INT(run(sandbox, "for i = 1, 3000000 do end"), ERROR_NONE);
    CHECK_INT(run(sandbox, "while true do end"), ERROR_SCRIPT_TIME);
    atomic_store(&stop, true);
    CHECK_INT(run(sandbox, "for i = 1, 500000 do end"), ERROR_NONE); // a twentieth of its steps
    CHECK_INT(run(sandbox, "for i = 1, 3000000 do end"), ERROR_RUN_INTERRUPTED);
    CHECK_INT(run(sandbox, "while true do pcall(function() while true do end end) end"), ERROR_RUN_INTERRUPTED);
    CHECK_INT(run(sandbox, "coroutine = nil while true do ('x'):rep(1000) end"), ERROR_RUN_INTERRUPTED);
    CHECK_INT(run(sandbox, "for i = 1, 500000 do end"), ERROR_NONE); // it can be used again
    atomic_store(&stop, false);
    CHECK_INT(run(sandbox, "for i = 1, 3000000 do end"), ERROR_NONE);
    sandbox_close(sandbox);
}

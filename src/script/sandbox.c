#include "script/sandbox.h"

#include <assert.h>
#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "script/sandbox_state.h"

enum { MEMORY_DEFAULT = 64 << 20, STEPS_DEFAULT = 100000000, CHUNK_MAX = 4 << 20 };

// How often, in instructions, the hook looks at the budget. Time against no hook at all:
//
//     interval                            1     10    100   1000  10000
//     an addition in a loop            4.36   2.08   1.90   1.84   1.84
//     a function that makes a record   1.34   1.21   1.13   1.11   1.11
//     a call of tostring               1.58   1.35   1.27   1.26   1.25
//
// Lua counts each instruction as soon as there is a count hook: that is most of it. Past 1000 nothing is gained.
//
// An instruction may take long all the same: it compares two texts (0.17 s at the worst, two of 30 MB), looks for what
// is left in an emptied table (0.7 ms for a million slots), hands on 30,000 arguments. No count sees that, the clock
// does. Such an instruction needs large blocks; while there are any the hook looks more often.
enum { HOOK_INTERVAL = 1000, HOOK_INTERVAL_LARGE = 10 };

// The time that a call may compute for, in proportion to its steps: twenty times what they take on an ordinary machine,
// so that only such instructions come near it; and no less than a second. It is the thread's own, so a machine that is
// busy with other things changes nothing.
enum { STEP_NANOSECONDS = 100, COMPUTING_LEAST_US = 1000000 };

// Which part of its steps a call must have used to be ended by `stop`: 50 ms of the default's half a second.
enum { STOPPED_AFTER = 10 };

static void on_count(lua_State *lua, lua_Debug *activation);

static void hook_set(struct sandbox *sandbox, int interval) {
    sandbox->interval = interval;
    lua_sethook(sandbox->lua, on_count, LUA_MASKCOUNT, interval);
}

void sandbox_met_large(struct sandbox *sandbox) {
    if (sandbox->lua != NULL && sandbox->interval > HOOK_INTERVAL_LARGE) {
        hook_set(sandbox, HOOK_INTERVAL_LARGE); // lua_sethook may be called at any moment, even from the allocator
    }
}

void sandbox_charge(struct sandbox *sandbox, uint64_t steps) {
    if (steps >= (uint64_t)INT64_MAX || sandbox->left <= (int64_t)steps) {
        sandbox->left = 0;
        if (sandbox->lua != NULL && sandbox->interval > 1) {
            hook_set(sandbox, 1);
        }
    } else {
        sandbox->left -= (int64_t)steps;
    }
}

// The budget is used up. From here the hook runs before every instruction and raises each time, so a pcall that
// catches this error gets no further than its own return.
static int expire(lua_State *lua, struct sandbox *sandbox) {
    if (!sandbox->expired) {
        sandbox->expired = true;
        sandbox_where(lua, sandbox->expiry);
    }
    hook_set(sandbox, 1);
    lua_pushliteral(lua, "the step budget is used up");
    return lua_error(lua);
}

// Whether the running call has computed for too long. Its time counts from the first look on. The cheap clock says
// when it is worth asking the dear one.
static bool is_overtime(struct sandbox *sandbox) {
    int64_t now_us = clock_coarse_us();
    if (sandbox->look_us == 0) {
        sandbox->computed_us = clock_computed_us();
        sandbox->look_us = now_us + sandbox->computing_max_us;
    } else if (now_us >= sandbox->look_us) {
        int64_t left_us = sandbox->computing_max_us - (clock_computed_us() - sandbox->computed_us);
        sandbox->overtime = left_us <= 0;
        sandbox->look_us = now_us + (left_us > 0 ? left_us : 0);
    }
    return sandbox->overtime;
}

// Whether the running call is to end because all is to end. One that did little so far comes to its end by itself.
static bool is_stopped(struct sandbox *sandbox) {
    int64_t used = sandbox->steps_max - sandbox->left;
    sandbox->stopped = sandbox->stopped || (sandbox->stop != NULL && used > sandbox->steps_max / STOPPED_AFTER &&
                                            atomic_load_explicit(sandbox->stop, memory_order_relaxed));
    return sandbox->stopped;
}

static void on_count(lua_State *lua, lua_Debug *activation) {
    (void)activation;
    struct sandbox *sandbox = sandbox_of(lua);
    sandbox->left -= sandbox->interval;
    if (sandbox->left <= 0 || is_overtime(sandbox) || is_stopped(sandbox)) {
        expire(lua, sandbox);
    }
}

void sandbox_spend(lua_State *lua, uint64_t steps) {
    struct sandbox *sandbox = sandbox_of(lua);
    sandbox_charge(sandbox, steps);
    if (sandbox->left <= 0 || is_overtime(sandbox)) {
        expire(lua, sandbox);
    }
}

void sandbox_refill(struct sandbox *sandbox) {
    sandbox->left = sandbox->steps_max;
    sandbox->expired = sandbox->overflown = sandbox->overtime = sandbox->stopped = false;
    sandbox->look_us = 0;
    int interval = sandbox->large_blocks > 0 ? HOOK_INTERVAL_LARGE : HOOK_INTERVAL;
    if (sandbox->interval != interval) {
        hook_set(sandbox, interval);
    }
}

static bool open_state(struct sandbox *sandbox, struct error *error) {
    sandbox->left = INT64_MAX;
    lua_State *lua = lua_newstate(sandbox_allocate, sandbox);
    if (lua == NULL) {
        return sandbox_report(sandbox, LUA_ERRMEM, ERROR_SCRIPT_MEMORY, error);
    }
    sandbox->lua = lua;
    memcpy(lua_getextraspace(lua), &sandbox, sizeof sandbox);
    hook_set(sandbox, HOOK_INTERVAL);
    int status = sandbox_find_stack(sandbox) ? LUA_OK : LUA_ERRMEM;
    if (status == LUA_OK) {
        lua_pushcfunction(lua, sandbox_library); // a light function: takes no memory
        status = lua_pcall(lua, 0, 0, 0);
    }
    return status == LUA_OK || sandbox_report(sandbox, status, ERROR_SCRIPT_RAISED, error);
}

bool sandbox_open(const struct sandbox_setup *setup, struct sandbox **out, struct error *error) {
    struct sandbox *sandbox = memory_zero(1, sizeof *sandbox);
    if (sandbox == NULL) {
        return error_memory(error);
    }
    sandbox->clock = setup->clock != NULL ? *setup->clock : clock_system;
    sandbox->log = setup->log != NULL ? *setup->log : log_none;
    sandbox->stop = setup->stop;
    sandbox->memory_max = setup->memory_max != 0 ? setup->memory_max : MEMORY_DEFAULT;
    sandbox->steps_max = setup->steps_max == 0                    ? STEPS_DEFAULT
                         : setup->steps_max > (uint64_t)INT64_MAX ? INT64_MAX
                                                                  : (int64_t)setup->steps_max;
    int64_t computing_us = sandbox->steps_max / (1000 / STEP_NANOSECONDS);
    sandbox->computing_max_us = computing_us > COMPUTING_LEAST_US ? computing_us : COMPUTING_LEAST_US;
    sandbox->opened_us = clock_now(&sandbox->clock);
    if (!open_state(sandbox, error)) {
        sandbox_close(sandbox);
        return false;
    }
    *out = sandbox;
    return true;
}

void sandbox_close(struct sandbox *sandbox) {
    if (sandbox == NULL) {
        return;
    }
    if (sandbox->lua != NULL) {
        sandbox->left = INT64_MAX; // freeing is not charged; no code of a script runs here (no __gc)
        lua_close(sandbox->lua);
    }
    assert(sandbox->held == 0);
    sandbox_give_back(sandbox);
    for (size_t i = 0; i < sandbox->name_count; i++) {
        memory_free(sandbox->names[i]);
    }
    memory_free(sandbox->names);
    memory_free(sandbox);
}

lua_State *sandbox_lua(struct sandbox *sandbox) {
    return sandbox->lua;
}

struct sandbox *sandbox_of(lua_State *lua) {
    struct sandbox *sandbox;
    memcpy(&sandbox, lua_getextraspace(lua), sizeof sandbox);
    return sandbox;
}

// Keeps a chunk's name, by which an error's place is recognised later.
static bool name_keep(struct sandbox *sandbox, const char *name) {
    for (size_t i = 0; i < sandbox->name_count; i++) {
        if (strcmp(sandbox->names[i], name) == 0) {
            return true;
        }
    }
    char **names = memory_grow(sandbox->names, sandbox->name_count + 1, sizeof *names);
    if (names == NULL) {
        return false;
    }
    sandbox->names = names;
    size_t size = strlen(name) + 1;
    names[sandbox->name_count] = memory_take(size);
    if (names[sandbox->name_count] == NULL) {
        return false;
    }
    memcpy(names[sandbox->name_count++], name, size);
    return true;
}

// A line at a time, so that how far the compiler came is known where it doesn't say so itself.
static const char *give_line(lua_State *lua, void *data, size_t *length) {
    (void)lua;
    struct sandbox *sandbox = data;
    struct text rest = sandbox->unread;
    const char *end = rest.length > 0 ? memchr(rest.data, '\n', rest.length) : NULL;
    *length = end != NULL ? (size_t)(end - rest.data) + 1 : rest.length;
    sandbox->unread = (struct text){rest.data + *length, rest.length - *length};
    sandbox->line++;
    return *length > 0 ? rest.data : NULL;
}

int sandbox_compile(struct sandbox *sandbox, struct text chunk, const char *name) {
    // A byte order mark and a first line for the shell are no Lua; the line's end stays, so that lines keep their
    // numbers.
    if (chunk.length >= 3 && memcmp(chunk.data, "\xEF\xBB\xBF", 3) == 0) {
        chunk.data += 3;
        chunk.length -= 3;
    }
    while (chunk.length > 0 && chunk.data[0] == '#') {
        const char *end = memchr(chunk.data, '\n', chunk.length);
        size_t line = end != NULL ? (size_t)(end - chunk.data) : chunk.length;
        chunk.data += line;
        chunk.length -= line;
    }
    char source[1024];
    snprintf(source, sizeof source, "@%s", name);
    if (!name_keep(sandbox, source + 1)) {
        sandbox->refusal = REFUSED_BY_HEAP;
        lua_pushliteral(sandbox->lua, "not enough memory");
        return LUA_ERRMEM;
    }
    sandbox->unread = chunk;
    sandbox->line = 0;
    return lua_load(sandbox->lua, give_line, sandbox, source, "t");
}

bool sandbox_load(struct sandbox *sandbox, struct text chunk, const char *name, struct error *error) {
    lua_State *lua = sandbox->lua;
    if (chunk.length > CHUNK_MAX) {
        error_set(error, ERROR_LIMIT, "the script has %zu bytes; a script may have %d", chunk.length, CHUNK_MAX);
        return error_place(error, "%s", name);
    }
    if (!lua_checkstack(lua, LUA_MINSTACK)) {
        return error_memory(error);
    }
    if (sandbox->depth == 0) {
        sandbox_refill(sandbox);
    }
    sandbox->place[0] = sandbox->refused[0] = '\0';
    int status = sandbox_compile(sandbox, chunk, name);
    if (status == LUA_OK) {
        return true;
    }
    sandbox_report(sandbox, status, ERROR_SCRIPT_SYNTAX, error);
    lua_pop(lua, 1);
    if (strcmp(error->message, "C stack overflow") == 0) {
        error_set(error, ERROR_SCRIPT_SYNTAX, "brackets or blocks are nested too deeply");
    }
    return error_place(error, "%s:%d", name, sandbox->line);
}

// Runs where the error was raised, before the stack is unwound. It may run with hooks off, so it does nothing but
// look; the error value itself is passed on.
static int on_raise(lua_State *lua) {
    sandbox_where(lua, sandbox_of(lua)->place);
    return 1;
}

static int collect(lua_State *lua) {
    lua_gc(lua, LUA_GCCOLLECT);
    return 0;
}

bool sandbox_prepare(struct sandbox *sandbox, struct error *error) {
    if (!lua_checkstack(sandbox->lua, LUA_MINSTACK)) {
        return error_memory(error);
    }
    lua_pushcfunction(sandbox->lua, on_raise);
    return true;
}

bool sandbox_enter(struct sandbox *sandbox, int arguments, int results, enum error_code code, struct error *error) {
    lua_State *lua = sandbox->lua;
    int base = lua_gettop(lua) - arguments - 1; // where on_raise is
    assert(base > 0);
    if (sandbox->depth++ == 0) {
        sandbox_refill(sandbox);
    }
    sandbox->place[0] = sandbox->refused[0] = '\0';
    int status = lua_pcall(lua, arguments, results, base);
    bool done = status == LUA_OK && !sandbox->expired && !sandbox->overflown;
    if (!done) {
        // A call that caught its own expiry and returned has results here, not an error.
        if (status == LUA_OK) {
            lua_settop(lua, base);
            lua_pushnil(lua);
        }
        sandbox_report(sandbox, status, code, error);
        lua_settop(lua, base - 1);
        if (status == LUA_ERRMEM || sandbox->overflown) { // makes room, and the stack small again
            lua_pushcfunction(lua, collect);
            if (lua_pcall(lua, 0, 0, 0) != LUA_OK) {
                lua_settop(lua, base - 1);
            }
        }
    }
    sandbox->depth--;
    return done;
}

bool sandbox_call(struct sandbox *sandbox, int arguments, int results, enum error_code code, struct error *error) {
    lua_State *lua = sandbox->lua;
    int base = lua_gettop(lua) - arguments; // where the function is
    if (!sandbox_prepare(sandbox, error)) {
        lua_settop(lua, base - 1);
        return false;
    }
    lua_insert(lua, base);
    if (!sandbox_enter(sandbox, arguments, results, code, error)) {
        return false;
    }
    lua_remove(lua, base);
    return true;
}

void sandbox_modules(struct sandbox *sandbox,
                     bool (*find)(void *context, struct text name, struct text from, struct sandbox_module *out,
                                  struct error *error),
                     void *context) {
    sandbox->find = find;
    sandbox->find_context = context;
}

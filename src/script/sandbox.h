#ifndef WEIR_SCRIPT_SANDBOX_H
#define WEIR_SCRIPT_SANDBOX_H

// A Lua state that hostile text can't break out of, hang or fill: allow-listed libraries, text chunks only, a capped
// allocator, a step budget that pcall can't swallow. The limits here give good error messages; the boundary that holds
// is the process and its own limits. One protected door, sandbox_call: everything else of Lua runs inside it.
//
// A step is an instruction of Lua; what C does for a script (large allocations, pattern matching, copying) is counted
// in the same coin. What Lua does inside one instruction that asks for no memory (comparing two long texts, `next` over
// a large table that was emptied) no count sees: a call that computes far longer than its steps explain ends by the
// thread's clock. Functions here that take a `struct sandbox *` never raise; those that take a `lua_State *` are for C
// functions that Lua called, and may raise.

#include <lua.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/text.h"

struct sandbox;

struct sandbox_setup {
    size_t memory_max;         // bytes that Lua may hold; 0: the default (64 MiB)
    uint64_t steps_max;        // steps of one sandbox_call; 0: the default (100 million, about half a second)
    const struct clock *clock; // for os.time and os.clock; NULL: the machine's
    const struct log *log;     // print goes here; NULL: nowhere
    const atomic_bool *stop;   // set by a signal: a call that has computed for long by then ends; may be NULL
};

bool sandbox_open(const struct sandbox_setup *setup, struct sandbox **out, struct error *error);
void sandbox_close(struct sandbox *sandbox); // never hangs, never fails; accepts NULL

lua_State *sandbox_lua(struct sandbox *sandbox);
struct sandbox *sandbox_of(lua_State *lua); // back from a C function that Lua called

// Calls the function below `arguments` arguments on the stack, with a fresh step budget, and leaves `results`
// results. On false the stack is as before the function was pushed, and `error` has the reason in its message and
// "syncs/mywell/a.lua:12" in its place: ERROR_SCRIPT_TIME, ERROR_SCRIPT_MEMORY, ERROR_RUN_INTERRUPTED, or `code` for
// whatever was raised.
// The sandbox can be used again after any of them. A call from inside another call shares its budget.
bool sandbox_call(struct sandbox *sandbox, int arguments, int results, enum error_code code, struct error *error);

// The same for a caller that calls often: sandbox_prepare pushes what has to stand below the function and returns false
// when out of memory; sandbox_enter makes the call and leaves it there, below the results. On false it is gone too.
bool sandbox_prepare(struct sandbox *sandbox, struct error *error);
bool sandbox_enter(struct sandbox *sandbox, int arguments, int results, enum error_code code, struct error *error);

// Pushes the function of a text chunk (no bytecode). `name` is what errors call it: its path as the user knows it.
// On false (ERROR_SCRIPT_SYNTAX, ERROR_LIMIT or no memory) nothing is pushed.
bool sandbox_load(struct sandbox *sandbox, struct text chunk, const char *name, struct error *error);

// Sets a new step budget, for a caller that makes many small calls through one door.
void sandbox_refill(struct sandbox *sandbox);

// What `require` loads: a text chunk and the name that errors call it, or (where `open` is not NULL) a C function,
// which is called as Lua would call it and returns the module's value. What is pointed at must stay until the next
// call of the finder.
struct sandbox_module {
    struct text chunk;
    const char *name;
    lua_CFunction open;
};

// Says who finds modules; until then `require` finds none. `from` is the name of the chunk that asks, as it was given
// to sandbox_load or in a sandbox_module (empty when no chunk asks); a script can make another chunk's function ask, so
// it is for messages, not for rights. False with an error when there is no such module:
// its message is what the script sees. A module is run once; its value (true when it returns none) is kept for the
// life of the sandbox. The finder is called by C that holds nothing, but must not raise or call into Lua.
void sandbox_modules(struct sandbox *sandbox,
                     bool (*find)(void *context, struct text name, struct text from, struct sandbox_module *out,
                                  struct error *error),
                     void *context);

// What scripts call `require`, and what makes it forget the modules that it has run. Both are for calls through the
// door.
int sandbox_require(lua_State *lua);
int sandbox_forget(lua_State *lua);

// Takes steps from the budget of the call that runs, for a C function whose work grows with its arguments. Raises
// when none are left. Call it before the work and while holding nothing.
void sandbox_spend(lua_State *lua, uint64_t steps);

// Pushes the text that tostring and print show of a value (never an address) and returns it. May run __tostring.
const char *sandbox_show(lua_State *lua, int index, size_t *length);

#endif

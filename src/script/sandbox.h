#ifndef WEIR_SCRIPT_SANDBOX_H
#define WEIR_SCRIPT_SANDBOX_H

// A Lua state that hostile text can't break out of, hang or fill: allow-listed libraries, text chunks only, a capped
// allocator, a step budget that pcall can't swallow. The limits here give good error messages; the boundary that holds
// is the process and its own limits. One protected door, sandbox_call: everything else of Lua runs inside it.

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/text.h"

struct sandbox;

struct sandbox_setup {
    size_t memory_max;  // bytes that Lua may hold; 0: the default (64 MiB)
    uint64_t steps_max; // instructions of one sandbox_call; 0: the default
    const struct clock *clock;
    const struct log *log; // print and weir.log go here
};

bool sandbox_open(const struct sandbox_setup *setup, struct sandbox **out, struct error *error);
void sandbox_close(struct sandbox *sandbox); // never hangs, never fails; accepts NULL

lua_State *sandbox_lua(struct sandbox *sandbox);
struct sandbox *sandbox_of(lua_State *lua); // back from a C function that Lua called

// Calls the function below `arguments` arguments on the stack, with a fresh step budget, and leaves `results`
// results. On false the stack is as before the function was pushed, and `error` has the reason in its message and
// "syncs/mywell/a.lua:12" in its place: ERROR_SCRIPT_TIME, ERROR_SCRIPT_MEMORY, or `code` for whatever was raised.
bool sandbox_call(struct sandbox *sandbox, int arguments, int results, enum error_code code, struct error *error);

// Pushes the function of a text chunk (no bytecode). `name` is what errors call it: its path as the user knows it.
bool sandbox_load(struct sandbox *sandbox, struct text chunk, const char *name, struct error *error);

// Sets a new step budget, for a caller that makes many small calls through one door.
void sandbox_refill(struct sandbox *sandbox);

#endif

#ifndef WEIR_SCRIPT_SANDBOX_STATE_H
#define WEIR_SCRIPT_SANDBOX_STATE_H

// What the sandbox's own files share; nobody else includes this. sandbox.c owns the struct. The others are parts of
// the library that scripts see: each `sandbox_open_*` is called once while the state is opened and leaves its table
// (or function) on the stack.

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "script/sandbox.h"

// Small blocks come in classes of sizes; up to SPARE_LARGEST a few of each are kept when Lua gives them back.
enum { SPARE_LARGEST = 520, SPARE_CLASSES = 33 };
struct spare;

enum refusal { REFUSED_BY_HEAP, REFUSED_BY_CEILING };

struct sandbox {
    lua_State *lua; // NULL until the state stands
    struct clock clock;
    struct log log;
    const atomic_bool *stop; // may be NULL
    int64_t opened_us;

    size_t memory_max;
    size_t held;
    enum refusal refusal;          // who said no last
    char refused[ERROR_PLACE_MAX]; // where

    struct spare *spares[SPARE_CLASSES];
    size_t spare_bytes; // beside what is held

    const void *stack; // Lua's own stack, a block with a ceiling of its own
    size_t stack_size;
    bool stack_sought;  // the next block is the stack
    const void *latest; // the block taken last
    size_t latest_size;

    size_t large_blocks; // held: with them, one instruction may take long

    int64_t steps_max;
    int64_t left;
    int interval;             // in instructions, between two runs of the hook
    int64_t computing_max_us; // the time that a call may compute for
    int64_t computed_us;      // the thread's, when the running call was looked at first
    int64_t look_us;          // when to look next; 0: not yet looked at
    bool expired;             // the running call is to end: its budget is used up
    bool overtime;            // and that is because of its time
    bool stopped;             // or because all is to end
    bool overflown;           // or rather Lua's stack is too large
    int depth;                // sandbox_calls inside each other

    struct text unread;           // of the chunk that is compiled
    int line;                     // that the compiler was given last
    char place[ERROR_PLACE_MAX];  // where the error that left the running call was raised
    char expiry[ERROR_PLACE_MAX]; // where the budget ended

    char **names; // of every chunk loaded; owned
    size_t name_count;

    bool (*find)(void *context, struct text name, struct text from, struct sandbox_module *out, struct error *error);
    void *find_context;
};

// Lua's allocator (sandbox_memory.c); its context is the sandbox.
void *sandbox_allocate(void *context, void *old, size_t old_size, size_t size);

// Gives the spare blocks to the heap.
void sandbox_give_back(struct sandbox *sandbox);

// A large block is about to be held.
void sandbox_met_large(struct sandbox *sandbox);

// Learns which block is Lua's stack. False when out of memory.
bool sandbox_find_stack(struct sandbox *sandbox);

// Takes steps without raising: the next instruction of Lua does when none are left.
void sandbox_charge(struct sandbox *sandbox, uint64_t steps);

// Loads a chunk as sandbox_load does, but as Lua's own status with the message (or function) on the stack; may raise
// nothing.
int sandbox_compile(struct sandbox *sandbox, struct text chunk, const char *name);

// Fills `place` with the line of the innermost Lua function that runs. Allocates nothing, raises nothing.
void sandbox_where(lua_State *lua, char place[ERROR_PLACE_MAX]);

// Turns what lua_pcall left on the top of the stack (and leaves it there) into an error.
bool sandbox_report(struct sandbox *sandbox, int status, enum error_code code, struct error *error);

int sandbox_library(lua_State *lua); // a C function for lua_pcall: makes the globals
void sandbox_open_string(lua_State *lua);
void sandbox_open_table(lua_State *lua);
void sandbox_open_time(lua_State *lua);

// Puts into the table on the top of the stack what `names` (ended by NULL) allows of the table below it. What is
// copied as `counted` pays a step for every 16 bytes of its text arguments.
void sandbox_allow(lua_State *lua, const char *const *names, bool counted);

#endif

// The memory of a sandbox: a ceiling for all of it, a lower one for Lua's stack, and steps charged for what costs time.

#include <assert.h>

#include "base/memory.h"
#include "script/sandbox_state.h"

// Memory is charged where it costs time: blocks over a page by their size, and a refusal at the ceiling, for which
// Lua collects everything it holds, by what it holds. Without this, a loop that fills memory and catches the error
// would collect 64 MiB for a handful of instructions a turn.
enum { CHARGE_FROM = 4096, BYTES_A_STEP = 16 };

// Lua lets its stack grow to a million slots. A table whose __call is the table itself is followed, inside a single
// instruction, until the stack is full, and every turn moves all of it by one slot: minutes. With a ceiling of 32,768
// slots it is a tenth of a second, at 6,000 calls inside each other for honest recursion. A stack that gets there ends
// the running call, whatever pcall says, so that it is a tenth of a second once.
enum { SLOT_BYTES = 16, SLOTS_BEHIND = 5, STACK_MAX = 32768 * SLOT_BYTES, STACK_LAST = (1000000 + SLOTS_BEHIND) * 16 };

static void overflow(struct sandbox *sandbox) {
    sandbox->overflown = true;
    sandbox_charge(sandbox, UINT64_MAX);
}

// Whether a new block of this size is the stack, grown past its ceiling. Lua says nothing of what a block is for, but
// it doubles its stack (a few slots behind its end excepted); that another block asks for just as many bytes while
// the stack is this large would be a rare accident, and the script near its end anyway.
static bool is_stack_growing(const struct sandbox *sandbox, size_t size) {
    size_t doubled = 2 * sandbox->stack_size - SLOTS_BEHIND * SLOT_BYTES;
    return size > STACK_MAX && (size == doubled || (doubled > STACK_LAST && size == STACK_LAST));
}

// Notes what moved where. Lua takes a new stack, copies, and gives the old one back, with nothing in between.
static void track_stack(struct sandbox *sandbox, const void *old, const void *block, size_t size) {
    bool given_back = old != NULL && old == sandbox->stack;
    if (block == NULL && given_back) {
        sandbox->stack = sandbox->latest;
        sandbox->stack_size = sandbox->latest_size;
    } else if (block != NULL && (given_back || sandbox->stack_sought)) {
        sandbox->stack = block;
        sandbox->stack_size = size;
        sandbox->stack_sought = false;
    }
    if (block != NULL) {
        sandbox->latest = block;
        sandbox->latest_size = size;
    }
    if (given_back && sandbox->stack_size > STACK_MAX) { // by one large step: many values at once
        overflow(sandbox);
    }
}

bool sandbox_find_stack(struct sandbox *sandbox) {
    sandbox->stack_sought = true; // lua_checkstack makes the stack grow, and nothing else
    bool grown = lua_checkstack(sandbox->lua, 4 * LUA_MINSTACK) != 0;
    assert(!grown || !sandbox->stack_sought);
    return grown;
}

static void *refuse(struct sandbox *sandbox, enum refusal refusal) {
    sandbox->refusal = refusal;
    sandbox_charge(sandbox, sandbox->held / BYTES_A_STEP);
    if (sandbox->lua != NULL) {
        sandbox_where(sandbox->lua, sandbox->refused);
    }
    return NULL;
}

void *sandbox_allocate(void *context, void *old, size_t old_size, size_t size) {
    struct sandbox *sandbox = context;
    size_t before = old != NULL ? old_size : 0; // for a new block Lua passes its kind in old_size
    if (size == 0) {
        track_stack(sandbox, old, NULL, 0);
        memory_free(old);
        sandbox->held -= before;
        return NULL;
    }
    if (size >= CHARGE_FROM) {
        sandbox_charge(sandbox, size / BYTES_A_STEP);
    }
    if (size > before && is_stack_growing(sandbox, size)) {
        overflow(sandbox);
        return refuse(sandbox, REFUSED_BY_CEILING);
    }
    if (size > before && size - before > sandbox->memory_max - sandbox->held) {
        return refuse(sandbox, REFUSED_BY_CEILING);
    }
    void *block = memory_grow(old, size, 1);
    if (block == NULL && size <= before) {
        block = old; // Lua relies on shrinking; a block that stays larger does no harm
    }
    if (block == NULL) {
        return refuse(sandbox, REFUSED_BY_HEAP);
    }
    track_stack(sandbox, old, block, size);
    sandbox->held = sandbox->held - before + size;
    return block;
}

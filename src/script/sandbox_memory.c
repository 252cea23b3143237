// The memory of a sandbox: a ceiling for all of it, a lower one for Lua's stack, and steps charged for what costs time.
// Small blocks that Lua gave back are kept for the next that it asks for.

#include <assert.h>

#include "base/memory.h"
#include "script/sandbox_state.h"

#if defined(__SANITIZE_ADDRESS__)
#define SPARES_POISONED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SPARES_POISONED 1
#endif
#endif
#ifdef SPARES_POISONED
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#endif

// Memory is charged where it costs time: blocks over a page by their size, and a refusal at the ceiling, for which
// Lua collects everything it holds, by what it holds. Without this, a loop that fills memory and catches the error
// would collect 64 MiB for a handful of instructions a turn.
enum { CHARGE_FROM = 4096, BYTES_A_STEP = 16 };

// From here a block is large: comparing two such texts may take 3 ms (measured on texts of zeros).
enum { LARGE_FROM = 1 << 20 };

// Lua lets its stack grow to a million slots. A table whose __call is the table itself is followed, inside a single
// instruction, until the stack is full, and every turn moves all of it by one slot: minutes. With a ceiling of 32,768
// slots it is a tenth of a second, at 6,000 calls inside each other for honest recursion. A stack that gets there ends
// the running call, whatever pcall says, so that it is a tenth of a second once.
enum { SLOT_BYTES = 16, SLOTS_BEHIND = 5, STACK_MAX = 32768 * SLOT_BYTES, STACK_LAST = (1000000 + SLOTS_BEHIND) * 16 };

// A function of records makes strings and tables and drops them, in bursts between two collections: more than malloc
// keeps at hand. Spare blocks wait here instead. A call that makes a record of ten fields takes 0.89 of the
// instructions so, and 0.90 with 64 KiB of spares.
enum { SPARE_BYTES_MAX = 256 * 1024 };
static_assert(SPARE_LARGEST < 2 * LUA_MINSTACK * SLOT_BYTES, "no stack is a small block");

struct spare {
    struct spare *next;
};

static size_t spare_class(size_t size) {
    return (size + 7) / 16;
}

// The bytes of the blocks of a class, 8, 24, 40 …: what the usual malloc would round to anyway.
static size_t spare_size(size_t rank) {
    return 16 * rank + 8;
}

// What the heap is asked for: blocks of one class are of one size.
static size_t block_size(size_t size) {
    return size <= SPARE_LARGEST ? spare_size(spare_class(size)) : size;
}

// A spare block of at least this size, or NULL.
static void *spare_take(struct sandbox *sandbox, size_t size) {
    size_t rank = spare_class(size);
    struct spare *spare = sandbox->spares[rank];
    if (spare != NULL) {
        sandbox->spares[rank] = spare->next;
        sandbox->spare_bytes -= spare_size(rank);
        ASAN_UNPOISON_MEMORY_REGION(spare, spare_size(rank));
    }
    return spare;
}

static void spare_give(struct sandbox *sandbox, void *block, size_t size) {
    size_t rank = spare_class(size);
    size_t bytes = spare_size(rank);
    if (sandbox->spare_bytes + bytes > SPARE_BYTES_MAX) {
        memory_free(block);
        return;
    }
    struct spare *spare = block;
    spare->next = sandbox->spares[rank];
    sandbox->spares[rank] = spare;
    sandbox->spare_bytes += bytes;
    ASAN_POISON_MEMORY_REGION(spare + 1, bytes - sizeof *spare);
}

void sandbox_give_back(struct sandbox *sandbox) {
    for (size_t rank = 0; rank < SPARE_CLASSES; rank++) {
        struct spare *spare = sandbox->spares[rank];
        while (spare != NULL) {
            struct spare *next = spare->next;
            ASAN_UNPOISON_MEMORY_REGION(spare, spare_size(rank));
            memory_free(spare);
            spare = next;
        }
        sandbox->spares[rank] = NULL;
    }
    sandbox->spare_bytes = 0;
}

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
    if (size == 0 && before > 0 && before <= SPARE_LARGEST) {
        spare_give(sandbox, old, before);
        sandbox->held -= before;
        return NULL;
    }
    if (size == 0) {
        sandbox->large_blocks -= before >= LARGE_FROM;
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
    if (old == NULL && size <= SPARE_LARGEST) {
        void *spare = spare_take(sandbox, size);
        if (spare != NULL) {
            sandbox->held += size;
            return spare;
        }
    }
    void *block = memory_grow(old, block_size(size), 1);
    if (block == NULL && size <= before) {
        block = old; // Lua relies on shrinking; a block that stays larger does no harm
    }
    if (block == NULL) {
        return refuse(sandbox, REFUSED_BY_HEAP);
    }
    if (size > SPARE_LARGEST || before > SPARE_LARGEST) {
        track_stack(sandbox, old, block, size);
        sandbox->large_blocks += (size_t)(size >= LARGE_FROM) - (size_t)(before >= LARGE_FROM);
    }
    if (size >= LARGE_FROM) {
        sandbox_met_large(sandbox);
    }
    sandbox->held = sandbox->held - before + size;
    return block;
}

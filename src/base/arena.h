#ifndef WEIR_BASE_ARENA_H
#define WEIR_BASE_ARENA_H

// Memory that is given back all at once: one arena a run, one a batch. An arena has a ceiling; past it (or out of
// memory) arena_take returns NULL and the caller says so with error_memory. arena_reset keeps the chunks for the
// next batch, so a steady run stops asking the heap. Under AddressSanitizer what was reset is poisoned, so that a
// stale pointer into an old batch is caught.

#include <stddef.h>

#include "base/text.h"

struct arena_chunk;

struct arena {
    struct arena_chunk *first;
    struct arena_chunk *current;
    char *next;
    char *end;
    size_t held;    // bytes taken from the heap
    size_t ceiling; // the most bytes that may be held
};

// Never fails: the first chunk is taken at the first use.
void arena_init(struct arena *arena, size_t ceiling);
void arena_clear(struct arena *arena);
void arena_reset(struct arena *arena);

// 16-byte aligned, uninitialised. NULL at the ceiling or out of memory.
void *arena_take(struct arena *arena, size_t size);
void *arena_take_zero(struct arena *arena, size_t count, size_t size);

// A copy of the bytes with a NUL behind them, so it serves as a C string too when it holds no NUL itself.
char *arena_copy(struct arena *arena, const char *data, size_t length);
bool arena_text(struct arena *arena, struct text source, struct text *out);

// A formatted, terminated string; NULL as above.
char *arena_print(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif

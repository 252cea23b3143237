#ifndef WEIR_BASE_MEMORY_H
#define WEIR_BASE_MEMORY_H

// The one door to the heap, so that a test can make any allocation fail. All of weir's own objects come through
// here; each returns NULL when there is no memory, and the caller says so with error_memory.

#include <stddef.h>

void *memory_take(size_t size);                          // uninitialised
void *memory_zero(size_t count, size_t size);            // zeroed; NULL too when count * size overflows
void *memory_grow(void *old, size_t count, size_t size); // `old` stays valid when NULL is returned
void memory_free(void *taken);                           // NULL is fine

#endif

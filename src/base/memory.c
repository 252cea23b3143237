#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>

void *memory_take(size_t size) {
    return malloc(size > 0 ? size : 1);
}

void *memory_zero(size_t count, size_t size) {
    return calloc(count > 0 ? count : 1, size > 0 ? size : 1);
}

void *memory_grow(void *old, size_t count, size_t size) {
    if (size != 0 && count > SIZE_MAX / size) {
        return NULL;
    }
    size_t bytes = count * size;
    return realloc(old, bytes > 0 ? bytes : 1);
}

void memory_free(void *taken) {
    free(taken);
}

#include "script/failing_memory.h"

#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/memory.h"

static size_t fail_at;
static bool fail_after;
static _Atomic size_t count; // threads take memory too
static _Atomic size_t held;
static _Atomic size_t peak;

void failing_memory_plan(size_t n, int all_after) {
    fail_at = n;
    fail_after = all_after != 0;
    count = 0;
    peak = held;
}

size_t failing_memory_count(void) {
    return count;
}

size_t failing_memory_held(void) {
    return held;
}

size_t failing_memory_peak(void) {
    return peak;
}

static bool is_failing(void) {
    count++;
    return fail_at != 0 && (count == fail_at || (fail_after && count > fail_at));
}

static void *taken(void *block) {
    held += malloc_usable_size(block);
    peak = held > peak ? held : peak;
    return block;
}

void *memory_take(size_t size) {
    return is_failing() ? NULL : taken(malloc(size > 0 ? size : 1));
}

void *memory_zero(size_t number, size_t size) {
    return is_failing() ? NULL : taken(calloc(number > 0 ? number : 1, size > 0 ? size : 1));
}

void *memory_grow(void *old, size_t number, size_t size) {
    if (is_failing() || (size != 0 && number > SIZE_MAX / size)) {
        return NULL;
    }
    size_t bytes = number * size;
    size_t before = malloc_usable_size(old);
    void *block = realloc(old, bytes > 0 ? bytes : 1);
    if (block != NULL) {
        held -= before;
        taken(block);
    }
    return block;
}

void memory_free(void *block) {
    held -= malloc_usable_size(block);
    free(block);
}

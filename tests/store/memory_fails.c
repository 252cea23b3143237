#include "memory_fails.h"

#include <stddef.h>

void *__real_memory_take(size_t size);
void *__real_memory_zero(size_t count, size_t size);
void *__real_memory_grow(void *old, size_t count, size_t size);
void *__wrap_memory_take(size_t size);
void *__wrap_memory_zero(size_t count, size_t size);
void *__wrap_memory_grow(void *old, size_t count, size_t size);

static _Thread_local unsigned long left; // requests until one fails; 0: none does
static _Thread_local bool failed;

void memory_fail_at(unsigned long nth) {
    left = nth;
    failed = false;
}

bool memory_failed(void) {
    return failed;
}

static bool fails(void) {
    failed = failed || left == 1;
    return left > 0 && --left == 0;
}

void *__wrap_memory_take(size_t size) {
    return fails() ? NULL : __real_memory_take(size);
}

void *__wrap_memory_zero(size_t count, size_t size) {
    return fails() ? NULL : __real_memory_zero(count, size);
}

void *__wrap_memory_grow(void *old, size_t count, size_t size) {
    return fails() ? NULL : __real_memory_grow(old, count, size);
}

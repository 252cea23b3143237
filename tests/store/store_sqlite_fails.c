#include "store_sqlite_fails.h"

#include <sqlite3.h>

#include "test.h"

static sqlite3_mem_methods real_heap;
static unsigned long heap_left;
static bool heap_has_failed;

void heap_fail_at(unsigned long nth) {
    heap_left = nth;
    heap_has_failed = false;
}

bool heap_failed(void) {
    return heap_has_failed;
}

// From the nth on, all fail: SQLite tries again in places, and gives memory back first.
static bool heap_fails(void) {
    if (heap_left == 0) {
        return false;
    }
    if (heap_left > 1) {
        heap_left--;
        return false;
    }
    heap_has_failed = true;
    return true;
}

static void *heap_take(int size) {
    return heap_fails() ? NULL : real_heap.xMalloc(size);
}

static void *heap_grow(void *old, int size) {
    return heap_fails() ? NULL : real_heap.xRealloc(old, size);
}

void heap_install(void) {
    CHECK(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real_heap) == SQLITE_OK);
    sqlite3_mem_methods heap = real_heap;
    heap.xMalloc = heap_take;
    heap.xRealloc = heap_grow;
    CHECK(sqlite3_config(SQLITE_CONFIG_MALLOC, &heap) == SQLITE_OK);
}

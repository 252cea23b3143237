// A library to be loaded before a program (LD_PRELOAD) that makes one of its allocations fail, or all from one on:
//
//   WEIR_MEMORY=count FILE   writes how many allocations there were to the file at exit
//   WEIR_MEMORY=17           the 17th gives NULL
//   WEIR_MEMORY=17+          the 17th and all after it give NULL
//
// glibc's own allocator stands behind; it is reached by the names that don't lead back here.

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VISIBLE __attribute__((visibility("default")))

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
VISIBLE void *malloc(size_t size);
VISIBLE void *calloc(size_t count, size_t size);
VISIBLE void *realloc(void *old, size_t size);

static atomic_ulong passed;
static unsigned long fail_at;
static bool fail_after;
static const char *count_file;

// Runs before main and, like everything here, takes no memory.
__attribute__((constructor)) static void load(void) {
    const char *plan = getenv("WEIR_MEMORY");
    atomic_store(&passed, 0);
    if (plan == NULL) {
        return;
    }
    if (strncmp(plan, "count ", 6) == 0) {
        count_file = plan + 6;
        return;
    }
    char *end = NULL;
    fail_at = strtoul(plan, &end, 10);
    fail_after = *end == '+';
}

__attribute__((destructor)) static void report(void) {
    if (count_file == NULL) {
        return;
    }
    char text[32];
    int length = snprintf(text, sizeof text, "%lu\n", atomic_load(&passed));
    int file = open(count_file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file < 0 || write(file, text, (size_t)length) != length || close(file) != 0) {
        _exit(99);
    }
}

static bool is_failing(void) {
    unsigned long number = atomic_fetch_add(&passed, 1) + 1;
    if (fail_at == 0 || number < fail_at || (number > fail_at && !fail_after)) {
        return false;
    }
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size) {
    return is_failing() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    return is_failing() ? NULL : __libc_calloc(count, size);
}

// Growing and shrinking count; giving back does not.
void *realloc(void *old, size_t size) {
    return size > 0 && is_failing() ? NULL : __libc_realloc(old, size);
}

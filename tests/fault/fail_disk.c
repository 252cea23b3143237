// A library to be loaded before a program (LD_PRELOAD) that makes one of its writes to files fail, or all from one on:
//
//   WEIR_DISK=count FILE   writes how many there were to the file at exit
//   WEIR_DISK=eio:17       the 17th fails with EIO: write, pwrite, ftruncate, fsync, fdatasync or rename
//   WEIR_DISK=eio:17+      the 17th and all after it
//   WEIR_DISK=short:17     the 17th writes the first half, and says so
//   WEIR_DISK=full:17+     the 17th writes the first half; all after it fail with ENOSPC (fsync too, as on a full disk
//                          whose file system only then looks for room)
//
// Files alone are counted: no sockets, pipes or terminals, and nothing of the standard streams.

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define VISIBLE __attribute__((visibility("default")))

VISIBLE ssize_t write(int file, const void *bytes, size_t size);
VISIBLE ssize_t pwrite(int file, const void *bytes, size_t size, off_t at);
VISIBLE ssize_t pwrite64(int file, const void *bytes, size_t size, off64_t at);
VISIBLE int ftruncate(int file, off_t size);
VISIBLE int ftruncate64(int file, off64_t size);
VISIBLE int fsync(int file);
VISIBLE int fdatasync(int file);
VISIBLE int rename(const char *from, const char *to);

static atomic_ulong passed;
static unsigned long fail_at;
static bool fail_after;
static bool is_short; // the first to fail is a short write
static int number;    // of the error
static const char *count_file;

__attribute__((constructor)) static void load(void) {
    const char *plan = getenv("WEIR_DISK");
    const char *colon = plan != NULL ? strchr(plan, ':') : NULL;
    if (plan != NULL && strncmp(plan, "count ", 6) == 0) {
        count_file = plan + 6;
    }
    if (colon == NULL || count_file != NULL) {
        return;
    }
    char *end = NULL;
    fail_at = strtoul(colon + 1, &end, 10);
    fail_after = *end == '+';
    is_short = plan[0] != 'e';
    number = plan[0] == 'e' ? EIO : ENOSPC;
}

// What the C library has under that name. There is no way to a function but by its address as data.
static void real(const char *name, void *function) {
    void *found = dlsym(RTLD_NEXT, name);
    if (found == NULL) {
        _exit(99);
    }
    memcpy(function, &found, sizeof found);
}

__attribute__((destructor)) static void report(void) {
    char text[32];
    if (count_file == NULL) {
        return;
    }
    FILE *file = fopen(count_file, "w");
    int length = snprintf(text, sizeof text, "%lu\n", atomic_load(&passed));
    if (file == NULL || fwrite(text, 1, (size_t)length, file) != (size_t)length || fclose(file) != 0) {
        _exit(99);
    }
}

static bool is_file(int file) {
    struct stat stat;
    return file > STDERR_FILENO && fstat(file, &stat) == 0 && S_ISREG(stat.st_mode);
}

enum fate { GOES, HALF, FAILS };

static enum fate next(void) {
    unsigned long turn = atomic_fetch_add(&passed, 1) + 1;
    if (fail_at == 0 || turn < fail_at || (turn > fail_at && !fail_after)) {
        return GOES;
    }
    if (turn == fail_at && is_short) {
        return HALF;
    }
    errno = number;
    return FAILS;
}

ssize_t write(int file, const void *bytes, size_t size) {
    ssize_t (*go)(int, const void *, size_t);
    real("write", &go);
    enum fate fate = is_file(file) ? next() : GOES;
    return fate == FAILS ? -1 : go(file, bytes, fate == HALF && size > 1 ? size / 2 : size);
}

ssize_t pwrite64(int file, const void *bytes, size_t size, off64_t at) {
    ssize_t (*go)(int, const void *, size_t, off64_t);
    real("pwrite64", &go);
    enum fate fate = is_file(file) ? next() : GOES;
    return fate == FAILS ? -1 : go(file, bytes, fate == HALF && size > 1 ? size / 2 : size, at);
}

ssize_t pwrite(int file, const void *bytes, size_t size, off_t at) {
    return pwrite64(file, bytes, size, at);
}

int ftruncate64(int file, off64_t size) {
    int (*go)(int, off64_t);
    real("ftruncate64", &go);
    return is_file(file) && next() == FAILS ? -1 : go(file, size);
}

int ftruncate(int file, off_t size) {
    return ftruncate64(file, size);
}

// Folders count here: that a name is on the disk is what is waited for.
int fsync(int file) {
    int (*go)(int);
    real("fsync", &go);
    return next() == FAILS ? -1 : go(file);
}

int fdatasync(int file) {
    int (*go)(int);
    real("fdatasync", &go);
    return next() == FAILS ? -1 : go(file);
}

int rename(const char *from, const char *to) {
    int (*go)(const char *, const char *);
    real("rename", &go);
    return next() == FAILS ? -1 : go(from, to);
}

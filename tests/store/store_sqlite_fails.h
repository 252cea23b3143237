#ifndef WEIR_TESTS_STORE_STORE_SQLITE_FAILS_H
#define WEIR_TESTS_STORE_STORE_SQLITE_FAILS_H

// A disk and a heap that fail SQLite when a test says so. Both must be installed before the process first uses SQLite.

#include <stdbool.h>

enum disk_failure {
    DISK_FULL,  // the write is refused: no room
    DISK_ERROR, // the write is refused: an I/O error
    DISK_TORN,  // half of the write is done, then the process is killed
    DISK_KILL,  // the process is killed before the write
};

void disk_install(void);

// The `nth` write or sync from now on, from 1, fails; 0: none does.
void disk_fail_at(unsigned long nth, enum disk_failure failure);

// Whether it came to that.
bool disk_failed(void);

// Called before each write and sync; NULL: nothing is.
void disk_watch(void (*write)(void));

void heap_install(void);
void heap_fail_at(unsigned long nth);
bool heap_failed(void);

#endif

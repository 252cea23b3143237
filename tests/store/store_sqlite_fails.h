#ifndef WEIR_TESTS_STORE_STORE_SQLITE_FAILS_H
#define WEIR_TESTS_STORE_STORE_SQLITE_FAILS_H

// A heap that fails SQLite when a test says so. It must be installed before the process first uses SQLite. The disk
// that does is tests/support/disk_fake.h.

#include <stdbool.h>

void heap_install(void);
void heap_fail_at(unsigned long nth);
bool heap_failed(void);

#endif

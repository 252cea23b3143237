#ifndef WEIR_TESTS_STORE_MEMORY_FAILS_H
#define WEIR_TESTS_STORE_MEMORY_FAILS_H

// Makes base/memory.h fail: the linker leads its calls through here (--wrap in tests/CMakeLists.txt).

#include <stdbool.h>

// The `nth` request of this thread from now on, from 1, gets no memory; 0: none fails. (A server that a test runs in
// another thread is not what is to fail.)
void memory_fail_at(unsigned long nth);

// Whether it came to that.
bool memory_failed(void);

#endif

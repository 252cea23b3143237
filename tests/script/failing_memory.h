#ifndef WEIR_TESTS_SCRIPT_FAILING_MEMORY_H
#define WEIR_TESTS_SCRIPT_FAILING_MEMORY_H

// The heap of this folder's tests: the functions of base/memory.h, which stand here in place of the library's own, so
// that a test can make any allocation fail and see how much was held.

#include <stddef.h>

// From here on the n-th allocation (counted from 1) fails, and with `all_after` every one behind it too; n = 0 lets
// all succeed. Starts the counts anew.
void failing_memory_plan(size_t n, int all_after);

size_t failing_memory_count(void); // allocations since the plan
size_t failing_memory_held(void);  // bytes now
size_t failing_memory_peak(void);  // the most bytes since the plan

#endif

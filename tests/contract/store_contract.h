#ifndef WEIR_TESTS_CONTRACT_STORE_CONTRACT_H
#define WEIR_TESTS_CONTRACT_STORE_CONTRACT_H

// What port/store.h promises, a case a promise, for every store. A store's test file (tests/store/
// store_KIND_contract_test.c) has one line a case,
//
//     TEST(store_KIND_contract, lease_held) {
//         store_contract_run(&store_KIND, "lease_held");
//     }
//
// and one test that calls store_contract_check_lines, which fails while a case of store_contract_list.def has no line.

#include <stddef.h>

#include "port/store.h"

struct store_contract {
    const char *name;
    void (*run)(const struct store_type *type, const char *folder);
};

extern const struct store_contract store_contracts[];
extern const size_t store_contract_count;

// Runs a case in a home of its own, under test_folder().
void store_contract_run(const struct store_type *type, const char *name);

// Whether the source files have the line of every case for the group.
void store_contract_check_lines(const char *const *relative_paths, size_t count, const char *group);

#endif

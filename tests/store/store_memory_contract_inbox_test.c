// What port/store.h promises for posted records and a closed home, held by store_memory. A line a case: ctest finds
// tests by their lines.

#include "contract/store_contract.h"
#include "store/store_memory.h"
#include "test.h"

TEST(store_memory_contract, inbox_kept) {
    store_contract_run(&store_memory, "inbox_kept");
}

TEST(store_memory_contract, inbox_batch_once) {
    store_contract_run(&store_memory, "inbox_batch_once");
}

TEST(store_memory_contract, inbox_closed_with_its_page) {
    store_contract_run(&store_memory, "inbox_closed_with_its_page");
}

TEST(store_memory_contract, inbox_stays_with_stale_page) {
    store_contract_run(&store_memory, "inbox_stays_with_stale_page");
}

TEST(store_memory_contract, inbox_scanned) {
    store_contract_run(&store_memory, "inbox_scanned");
}

TEST(store_memory_contract, inbox_trimmed) {
    store_contract_run(&store_memory, "inbox_trimmed");
}

TEST(store_memory_contract, closed_while_it_runs) {
    store_contract_run(&store_memory, "closed_while_it_runs");
}

TEST(store_memory_contract, closed_no_longer_than_its_run) {
    store_contract_run(&store_memory, "closed_no_longer_than_its_run");
}

TEST(store_memory_contract, closes_when_alone) {
    store_contract_run(&store_memory, "closes_when_alone");
}

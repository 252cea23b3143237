// What port/store.h promises for posted records and a closed home, held by store_sqlite. A line a case: ctest finds
// tests by their lines.

#include "contract/store_contract.h"
#include "store/store_sqlite.h"
#include "test.h"

TEST(store_sqlite_contract, inbox_kept) {
    store_contract_run(&store_sqlite, "inbox_kept");
}

TEST(store_sqlite_contract, inbox_batch_once) {
    store_contract_run(&store_sqlite, "inbox_batch_once");
}

TEST(store_sqlite_contract, inbox_closed_with_its_page) {
    store_contract_run(&store_sqlite, "inbox_closed_with_its_page");
}

TEST(store_sqlite_contract, inbox_stays_with_stale_page) {
    store_contract_run(&store_sqlite, "inbox_stays_with_stale_page");
}

TEST(store_sqlite_contract, inbox_scanned) {
    store_contract_run(&store_sqlite, "inbox_scanned");
}

TEST(store_sqlite_contract, inbox_trimmed) {
    store_contract_run(&store_sqlite, "inbox_trimmed");
}

TEST(store_sqlite_contract, closed_while_it_runs) {
    store_contract_run(&store_sqlite, "closed_while_it_runs");
}

TEST(store_sqlite_contract, closed_no_longer_than_its_run) {
    store_contract_run(&store_sqlite, "closed_no_longer_than_its_run");
}

TEST(store_sqlite_contract, closes_when_alone) {
    store_contract_run(&store_sqlite, "closes_when_alone");
}

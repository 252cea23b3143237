// What port/store.h promises for two ways, held by store_sqlite. A line a case: ctest finds tests by their lines.

#include "contract/store_contract.h"
#include "store/store_sqlite.h"
#include "test.h"

TEST(store_sqlite_contract, link_sent_kept) {
    store_contract_run(&store_sqlite, "link_sent_kept");
}

TEST(store_sqlite_contract, link_sent_of_its_own) {
    store_contract_run(&store_sqlite, "link_sent_of_its_own");
}

TEST(store_sqlite_contract, link_forgotten) {
    store_contract_run(&store_sqlite, "link_forgotten");
}

TEST(store_sqlite_contract, delete_takes_its_link) {
    store_contract_run(&store_sqlite, "delete_takes_its_link");
}

TEST(store_sqlite_contract, link_counted) {
    store_contract_run(&store_sqlite, "link_counted");
}

TEST(store_sqlite_contract, track_stays) {
    store_contract_run(&store_sqlite, "track_stays");
}

TEST(store_sqlite_contract, track_is_seen_by_others) {
    store_contract_run(&store_sqlite, "track_is_seen_by_others");
}

TEST(store_sqlite_contract, base_only_where_tracked) {
    store_contract_run(&store_sqlite, "base_only_where_tracked");
}

TEST(store_sqlite_contract, base_kept_by_first_edit) {
    store_contract_run(&store_sqlite, "base_kept_by_first_edit");
}

TEST(store_sqlite_contract, base_goes_with_its_link) {
    store_contract_run(&store_sqlite, "base_goes_with_its_link");
}

TEST(store_sqlite_contract, base_not_of_a_given_up_page) {
    store_contract_run(&store_sqlite, "base_not_of_a_given_up_page");
}

TEST(store_sqlite_contract, base_of_a_deleted_record) {
    store_contract_run(&store_sqlite, "base_of_a_deleted_record");
}

TEST(store_sqlite_contract, base_for_each_link) {
    store_contract_run(&store_sqlite, "base_for_each_link");
}

TEST(store_sqlite_contract, base_is_exact) {
    store_contract_run(&store_sqlite, "base_is_exact");
}

TEST(store_sqlite_contract, agreed_update_takes_two_seqs) {
    store_contract_run(&store_sqlite, "agreed_update_takes_two_seqs");
}

TEST(store_sqlite_contract, agreed_update_adopts) {
    store_contract_run(&store_sqlite, "agreed_update_adopts");
}

TEST(store_sqlite_contract, agreed_while_edited) {
    store_contract_run(&store_sqlite, "agreed_while_edited");
}

TEST(store_sqlite_contract, agreed_of_a_new_link) {
    store_contract_run(&store_sqlite, "agreed_of_a_new_link");
}

TEST(store_sqlite_contract, agreed_of_a_deleted_record) {
    store_contract_run(&store_sqlite, "agreed_of_a_deleted_record");
}

TEST(store_sqlite_contract, changes_in_order) {
    store_contract_run(&store_sqlite, "changes_in_order");
}

TEST(store_sqlite_contract, changes_of_a_snapshot) {
    store_contract_run(&store_sqlite, "changes_of_a_snapshot");
}

TEST(store_sqlite_contract, changes_of_a_first_load) {
    store_contract_run(&store_sqlite, "changes_of_a_first_load");
}

TEST(store_sqlite_contract, intent_kept) {
    store_contract_run(&store_sqlite, "intent_kept");
}

TEST(store_sqlite_contract, intent_state_replaced) {
    store_contract_run(&store_sqlite, "intent_state_replaced");
}

TEST(store_sqlite_contract, intent_done) {
    store_contract_run(&store_sqlite, "intent_done");
}

TEST(store_sqlite_contract, intent_scanned) {
    store_contract_run(&store_sqlite, "intent_scanned");
}

TEST(store_sqlite_contract, watermark_kept) {
    store_contract_run(&store_sqlite, "watermark_kept");
}

TEST(store_sqlite_contract, held_kept) {
    store_contract_run(&store_sqlite, "held_kept");
}

TEST(store_sqlite_contract, held_approval_stays) {
    store_contract_run(&store_sqlite, "held_approval_stays");
}

TEST(store_sqlite_contract, stale_page_leaves_nothing) {
    store_contract_run(&store_sqlite, "stale_page_leaves_nothing");
}

TEST(store_sqlite_contract, restored_is_not_said_of_others) {
    store_contract_run(&store_sqlite, "restored_is_not_said_of_others");
}

TEST(store_sqlite_contract, stale_kept) {
    store_contract_run(&store_sqlite, "stale_kept");
}

TEST(store_sqlite_contract, stale_again_is_not_done) {
    store_contract_run(&store_sqlite, "stale_again_is_not_done");
}

TEST(store_sqlite_contract, derived_remembered) {
    store_contract_run(&store_sqlite, "derived_remembered");
}

TEST(store_sqlite_contract, modules_of_derived_fields) {
    store_contract_run(&store_sqlite, "modules_of_derived_fields");
}

TEST(store_sqlite_contract, referrers_found) {
    store_contract_run(&store_sqlite, "referrers_found");
}

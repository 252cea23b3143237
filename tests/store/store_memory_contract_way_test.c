// What port/store.h promises for two ways, held by store_memory. A line a case: ctest finds tests by their lines.

#include "contract/store_contract.h"
#include "store/store_memory.h"
#include "test.h"

TEST(store_memory_contract, link_sent_kept) {
    store_contract_run(&store_memory, "link_sent_kept");
}

TEST(store_memory_contract, link_sent_of_its_own) {
    store_contract_run(&store_memory, "link_sent_of_its_own");
}

TEST(store_memory_contract, link_forgotten) {
    store_contract_run(&store_memory, "link_forgotten");
}

TEST(store_memory_contract, delete_takes_its_link) {
    store_contract_run(&store_memory, "delete_takes_its_link");
}

TEST(store_memory_contract, link_counted) {
    store_contract_run(&store_memory, "link_counted");
}

TEST(store_memory_contract, track_stays) {
    store_contract_run(&store_memory, "track_stays");
}

TEST(store_memory_contract, track_is_seen_by_others) {
    store_contract_run(&store_memory, "track_is_seen_by_others");
}

TEST(store_memory_contract, base_only_where_tracked) {
    store_contract_run(&store_memory, "base_only_where_tracked");
}

TEST(store_memory_contract, base_kept_by_first_edit) {
    store_contract_run(&store_memory, "base_kept_by_first_edit");
}

TEST(store_memory_contract, base_goes_with_its_link) {
    store_contract_run(&store_memory, "base_goes_with_its_link");
}

TEST(store_memory_contract, base_not_of_a_given_up_page) {
    store_contract_run(&store_memory, "base_not_of_a_given_up_page");
}

TEST(store_memory_contract, base_of_a_deleted_record) {
    store_contract_run(&store_memory, "base_of_a_deleted_record");
}

TEST(store_memory_contract, base_for_each_link) {
    store_contract_run(&store_memory, "base_for_each_link");
}

TEST(store_memory_contract, base_is_exact) {
    store_contract_run(&store_memory, "base_is_exact");
}

TEST(store_memory_contract, agreed_update_takes_two_seqs) {
    store_contract_run(&store_memory, "agreed_update_takes_two_seqs");
}

TEST(store_memory_contract, agreed_update_adopts) {
    store_contract_run(&store_memory, "agreed_update_adopts");
}

TEST(store_memory_contract, agreed_while_edited) {
    store_contract_run(&store_memory, "agreed_while_edited");
}

TEST(store_memory_contract, agreed_of_a_new_link) {
    store_contract_run(&store_memory, "agreed_of_a_new_link");
}

TEST(store_memory_contract, agreed_of_a_deleted_record) {
    store_contract_run(&store_memory, "agreed_of_a_deleted_record");
}

TEST(store_memory_contract, changes_in_order) {
    store_contract_run(&store_memory, "changes_in_order");
}

TEST(store_memory_contract, changes_of_a_snapshot) {
    store_contract_run(&store_memory, "changes_of_a_snapshot");
}

TEST(store_memory_contract, changes_of_a_first_load) {
    store_contract_run(&store_memory, "changes_of_a_first_load");
}

TEST(store_memory_contract, intent_kept) {
    store_contract_run(&store_memory, "intent_kept");
}

TEST(store_memory_contract, intent_state_replaced) {
    store_contract_run(&store_memory, "intent_state_replaced");
}

TEST(store_memory_contract, intent_done) {
    store_contract_run(&store_memory, "intent_done");
}

TEST(store_memory_contract, intent_scanned) {
    store_contract_run(&store_memory, "intent_scanned");
}

TEST(store_memory_contract, watermark_kept) {
    store_contract_run(&store_memory, "watermark_kept");
}

TEST(store_memory_contract, held_kept) {
    store_contract_run(&store_memory, "held_kept");
}

TEST(store_memory_contract, held_approval_stays) {
    store_contract_run(&store_memory, "held_approval_stays");
}

TEST(store_memory_contract, stale_page_leaves_nothing) {
    store_contract_run(&store_memory, "stale_page_leaves_nothing");
}

TEST(store_memory_contract, restored_is_not_said_of_others) {
    store_contract_run(&store_memory, "restored_is_not_said_of_others");
}

TEST(store_memory_contract, stale_kept) {
    store_contract_run(&store_memory, "stale_kept");
}

TEST(store_memory_contract, stale_again_is_not_done) {
    store_contract_run(&store_memory, "stale_again_is_not_done");
}

TEST(store_memory_contract, derived_remembered) {
    store_contract_run(&store_memory, "derived_remembered");
}

TEST(store_memory_contract, modules_of_derived_fields) {
    store_contract_run(&store_memory, "modules_of_derived_fields");
}

TEST(store_memory_contract, referrers_found) {
    store_contract_run(&store_memory, "referrers_found");
}

// What port/store.h promises, held by store_memory. A line a case: ctest finds tests by their lines.

#include "contract/store_contract.h"
#include "store/store_memory.h"
#include "test.h"

TEST(store_memory_contract, every_case_has_its_line) {
    static const char *const files[] = {"tests/store/store_memory_contract_test.c",
                                        "tests/store/store_memory_contract_way_test.c",
                                        "tests/store/store_memory_contract_inbox_test.c"};
    store_contract_check_lines(files, sizeof files / sizeof files[0], "store_memory_contract");
}

TEST(store_memory_contract, open_missing_home) {
    store_contract_run(&store_memory, "open_missing_home");
}

TEST(store_memory_contract, open_again) {
    store_contract_run(&store_memory, "open_again");
}

TEST(store_memory_contract, open_read_only) {
    store_contract_run(&store_memory, "open_read_only");
}

TEST(store_memory_contract, open_two_stores) {
    store_contract_run(&store_memory, "open_two_stores");
}

TEST(store_memory_contract, prepare_creates) {
    store_contract_run(&store_memory, "prepare_creates");
}

TEST(store_memory_contract, prepare_again) {
    store_contract_run(&store_memory, "prepare_again");
}

TEST(store_memory_contract, prepare_remembers) {
    store_contract_run(&store_memory, "prepare_remembers");
}

TEST(store_memory_contract, prepare_extends) {
    store_contract_run(&store_memory, "prepare_extends");
}

TEST(store_memory_contract, prepare_required_needs_default) {
    store_contract_run(&store_memory, "prepare_required_needs_default");
}

TEST(store_memory_contract, prepare_required_on_empty_table) {
    store_contract_run(&store_memory, "prepare_required_on_empty_table");
}

TEST(store_memory_contract, prepare_refuses_changed_type) {
    store_contract_run(&store_memory, "prepare_refuses_changed_type");
}

TEST(store_memory_contract, prepare_refuses_lost_data) {
    store_contract_run(&store_memory, "prepare_refuses_lost_data");
}

TEST(store_memory_contract, prepare_drops_empty_field) {
    store_contract_run(&store_memory, "prepare_drops_empty_field");
}

TEST(store_memory_contract, prepare_is_all_or_nothing) {
    store_contract_run(&store_memory, "prepare_is_all_or_nothing");
}

TEST(store_memory_contract, prepare_many_fields) {
    store_contract_run(&store_memory, "prepare_many_fields");
}

TEST(store_memory_contract, lease_held) {
    store_contract_run(&store_memory, "lease_held");
}

TEST(store_memory_contract, lease_token_grows) {
    store_contract_run(&store_memory, "lease_token_grows");
}

TEST(store_memory_contract, lease_freed_by_death) {
    store_contract_run(&store_memory, "lease_freed_by_death");
}

TEST(store_memory_contract, lease_fences_commit) {
    store_contract_run(&store_memory, "lease_fences_commit");
}

TEST(store_memory_contract, lease_fences_run_end) {
    store_contract_run(&store_memory, "lease_fences_run_end");
}

TEST(store_memory_contract, run_begins) {
    store_contract_run(&store_memory, "run_begins");
}

TEST(store_memory_contract, run_ids_grow) {
    store_contract_run(&store_memory, "run_ids_grow");
}

TEST(store_memory_contract, run_interrupts_dead_ones) {
    store_contract_run(&store_memory, "run_interrupts_dead_ones");
}

TEST(store_memory_contract, run_ends) {
    store_contract_run(&store_memory, "run_ends");
}

TEST(store_memory_contract, run_status_kept) {
    store_contract_run(&store_memory, "run_status_kept");
}

TEST(store_memory_contract, run_scan_filters) {
    store_contract_run(&store_memory, "run_scan_filters");
}

TEST(store_memory_contract, checkpoint_kept) {
    store_contract_run(&store_memory, "checkpoint_kept");
}

TEST(store_memory_contract, checkpoint_goes_with_complete) {
    store_contract_run(&store_memory, "checkpoint_goes_with_complete");
}

TEST(store_memory_contract, checkpoint_of_each_key) {
    store_contract_run(&store_memory, "checkpoint_of_each_key");
}

TEST(store_memory_contract, reserve_never_repeats) {
    store_contract_run(&store_memory, "reserve_never_repeats");
}

TEST(store_memory_contract, commit_create) {
    store_contract_run(&store_memory, "commit_create");
}

TEST(store_memory_contract, commit_survives) {
    store_contract_run(&store_memory, "commit_survives");
}

TEST(store_memory_contract, commit_update) {
    store_contract_run(&store_memory, "commit_update");
}

TEST(store_memory_contract, commit_delete) {
    store_contract_run(&store_memory, "commit_delete");
}

TEST(store_memory_contract, commit_brings_back) {
    store_contract_run(&store_memory, "commit_brings_back");
}

TEST(store_memory_contract, commit_agree) {
    store_contract_run(&store_memory, "commit_agree");
}

TEST(store_memory_contract, commit_adopts) {
    store_contract_run(&store_memory, "commit_adopts");
}

TEST(store_memory_contract, commit_in_order) {
    store_contract_run(&store_memory, "commit_in_order");
}

TEST(store_memory_contract, commit_empty_page) {
    store_contract_run(&store_memory, "commit_empty_page");
}

TEST(store_memory_contract, commit_many_at_once) {
    store_contract_run(&store_memory, "commit_many_at_once");
}

TEST(store_memory_contract, stale_changed_record) {
    store_contract_run(&store_memory, "stale_changed_record");
}

TEST(store_memory_contract, stale_vanished_record) {
    store_contract_run(&store_memory, "stale_vanished_record");
}

TEST(store_memory_contract, stale_record_back_already) {
    store_contract_run(&store_memory, "stale_record_back_already");
}

TEST(store_memory_contract, stale_repeated_link) {
    store_contract_run(&store_memory, "stale_repeated_link");
}

TEST(store_memory_contract, stale_missing_link) {
    store_contract_run(&store_memory, "stale_missing_link");
}

TEST(store_memory_contract, stale_taken_key) {
    store_contract_run(&store_memory, "stale_taken_key");
}

TEST(store_memory_contract, stale_settled_bulk) {
    store_contract_run(&store_memory, "stale_settled_bulk");
}

TEST(store_memory_contract, pending_held) {
    store_contract_run(&store_memory, "pending_held");
}

TEST(store_memory_contract, pending_reference) {
    store_contract_run(&store_memory, "pending_reference");
}

TEST(store_memory_contract, pending_replaced) {
    store_contract_run(&store_memory, "pending_replaced");
}

TEST(store_memory_contract, pending_done) {
    store_contract_run(&store_memory, "pending_done");
}

TEST(store_memory_contract, pending_done_is_of_its_row) {
    store_contract_run(&store_memory, "pending_done_is_of_its_row");
}

TEST(store_memory_contract, pending_done_and_put_stays) {
    store_contract_run(&store_memory, "pending_done_and_put_stays");
}

TEST(store_memory_contract, pending_counted) {
    store_contract_run(&store_memory, "pending_counted");
}

TEST(store_memory_contract, pending_found_oldest_first) {
    store_contract_run(&store_memory, "pending_found_oldest_first");
}

TEST(store_memory_contract, pending_scanned) {
    store_contract_run(&store_memory, "pending_scanned");
}

TEST(store_memory_contract, dead_kept) {
    store_contract_run(&store_memory, "dead_kept");
}

TEST(store_memory_contract, dead_bytes_exact) {
    store_contract_run(&store_memory, "dead_bytes_exact");
}

TEST(store_memory_contract, dead_same_changes_nothing) {
    store_contract_run(&store_memory, "dead_same_changes_nothing");
}

TEST(store_memory_contract, dead_replaced) {
    store_contract_run(&store_memory, "dead_replaced");
}

TEST(store_memory_contract, dead_done) {
    store_contract_run(&store_memory, "dead_done");
}

TEST(store_memory_contract, dead_done_and_put_stays) {
    store_contract_run(&store_memory, "dead_done_and_put_stays");
}

TEST(store_memory_contract, dead_scanned) {
    store_contract_run(&store_memory, "dead_scanned");
}

TEST(store_memory_contract, conflict_kept) {
    store_contract_run(&store_memory, "conflict_kept");
}

TEST(store_memory_contract, conflict_repeat_once) {
    store_contract_run(&store_memory, "conflict_repeat_once");
}

TEST(store_memory_contract, conflict_edits_added) {
    store_contract_run(&store_memory, "conflict_edits_added");
}

TEST(store_memory_contract, conflict_done) {
    store_contract_run(&store_memory, "conflict_done");
}

TEST(store_memory_contract, logs_kept_in_order) {
    store_contract_run(&store_memory, "logs_kept_in_order");
}

TEST(store_memory_contract, audit_line_taken) {
    store_contract_run(&store_memory, "audit_line_taken");
}

TEST(store_memory_contract, bulk_granted_while_empty) {
    store_contract_run(&store_memory, "bulk_granted_while_empty");
}

TEST(store_memory_contract, bulk_stays_until_settled) {
    store_contract_run(&store_memory, "bulk_stays_until_settled");
}

TEST(store_memory_contract, settle_without_repeats) {
    store_contract_run(&store_memory, "settle_without_repeats");
}

TEST(store_memory_contract, settle_empty) {
    store_contract_run(&store_memory, "settle_empty");
}

TEST(store_memory_contract, settle_equal_repeats) {
    store_contract_run(&store_memory, "settle_equal_repeats");
}

TEST(store_memory_contract, settle_differing_repeats) {
    store_contract_run(&store_memory, "settle_differing_repeats");
}

TEST(store_memory_contract, settle_many_forms) {
    store_contract_run(&store_memory, "settle_many_forms");
}

TEST(store_memory_contract, settle_form_comes_back) {
    store_contract_run(&store_memory, "settle_form_comes_back");
}

TEST(store_memory_contract, settle_again_does_nothing) {
    store_contract_run(&store_memory, "settle_again_does_nothing");
}

TEST(store_memory_contract, settle_leaves_others) {
    store_contract_run(&store_memory, "settle_leaves_others");
}

TEST(store_memory_contract, settle_keeps_what_waits) {
    store_contract_run(&store_memory, "settle_keeps_what_waits");
}

TEST(store_memory_contract, settle_keeps_other_links) {
    store_contract_run(&store_memory, "settle_keeps_other_links");
}

TEST(store_memory_contract, settle_keeps_edits) {
    store_contract_run(&store_memory, "settle_keeps_edits");
}

TEST(store_memory_contract, settle_fenced_by_lease) {
    store_contract_run(&store_memory, "settle_fenced_by_lease");
}

TEST(store_memory_contract, settle_left_is_told) {
    store_contract_run(&store_memory, "settle_left_is_told");
}

TEST(store_memory_contract, settle_large) {
    store_contract_run(&store_memory, "settle_large");
}

TEST(store_memory_contract, snapshot_stands_still) {
    store_contract_run(&store_memory, "snapshot_stands_still");
}

TEST(store_memory_contract, snapshot_ends) {
    store_contract_run(&store_memory, "snapshot_ends");
}

TEST(store_memory_contract, snapshot_of_other_store) {
    store_contract_run(&store_memory, "snapshot_of_other_store");
}

TEST(store_memory_contract, link_find_any_order) {
    store_contract_run(&store_memory, "link_find_any_order");
}

TEST(store_memory_contract, link_of_record) {
    store_contract_run(&store_memory, "link_of_record");
}

TEST(store_memory_contract, link_scanned) {
    store_contract_run(&store_memory, "link_scanned");
}

TEST(store_memory_contract, linksets_scanned) {
    store_contract_run(&store_memory, "linksets_scanned");
}

TEST(store_memory_contract, linkset_outlives_datatype) {
    store_contract_run(&store_memory, "linkset_outlives_datatype");
}

TEST(store_memory_contract, record_missing) {
    store_contract_run(&store_memory, "record_missing");
}

TEST(store_memory_contract, record_scanned) {
    store_contract_run(&store_memory, "record_scanned");
}

TEST(store_memory_contract, scan_stops) {
    store_contract_run(&store_memory, "scan_stops");
}

TEST(store_memory_contract, key_found) {
    store_contract_run(&store_memory, "key_found");
}

TEST(store_memory_contract, key_found_by_number) {
    store_contract_run(&store_memory, "key_found_by_number");
}

TEST(store_memory_contract, two_threads) {
    store_contract_run(&store_memory, "two_threads");
}

TEST(store_memory_contract, exact_decimals) {
    store_contract_run(&store_memory, "exact_decimals");
}

TEST(store_memory_contract, exact_integers) {
    store_contract_run(&store_memory, "exact_integers");
}

TEST(store_memory_contract, exact_texts) {
    store_contract_run(&store_memory, "exact_texts");
}

TEST(store_memory_contract, exact_null_and_empty) {
    store_contract_run(&store_memory, "exact_null_and_empty");
}

TEST(store_memory_contract, exact_json) {
    store_contract_run(&store_memory, "exact_json");
}

TEST(store_memory_contract, exact_extra) {
    store_contract_run(&store_memory, "exact_extra");
}

TEST(store_memory_contract, exact_references) {
    store_contract_run(&store_memory, "exact_references");
}

TEST(store_memory_contract, odd_externals) {
    store_contract_run(&store_memory, "odd_externals");
}

TEST(store_memory_contract, odd_datasources) {
    store_contract_run(&store_memory, "odd_datasources");
}

TEST(store_memory_contract, odd_datatypes) {
    store_contract_run(&store_memory, "odd_datatypes");
}

TEST(store_memory_contract, dead_of_each_direction) {
    store_contract_run(&store_memory, "dead_of_each_direction");
}

TEST(store_memory_contract, run_waits_until) {
    store_contract_run(&store_memory, "run_waits_until");
}

// What port/store.h promises, held by store_sqlite. A line a case: ctest finds tests by their lines.

#include "contract/store_contract.h"
#include "store/store_sqlite.h"
#include "test.h"

TEST(store_sqlite_contract, every_case_has_its_line) {
    static const char *const files[] = {"tests/store/store_sqlite_contract_test.c",
                                        "tests/store/store_sqlite_contract_way_test.c",
                                        "tests/store/store_sqlite_contract_inbox_test.c"};
    store_contract_check_lines(files, sizeof files / sizeof files[0], "store_sqlite_contract");
}

TEST(store_sqlite_contract, open_missing_home) {
    store_contract_run(&store_sqlite, "open_missing_home");
}

TEST(store_sqlite_contract, open_again) {
    store_contract_run(&store_sqlite, "open_again");
}

TEST(store_sqlite_contract, open_read_only) {
    store_contract_run(&store_sqlite, "open_read_only");
}

TEST(store_sqlite_contract, open_two_stores) {
    store_contract_run(&store_sqlite, "open_two_stores");
}

TEST(store_sqlite_contract, prepare_creates) {
    store_contract_run(&store_sqlite, "prepare_creates");
}

TEST(store_sqlite_contract, prepare_again) {
    store_contract_run(&store_sqlite, "prepare_again");
}

TEST(store_sqlite_contract, prepare_remembers) {
    store_contract_run(&store_sqlite, "prepare_remembers");
}

TEST(store_sqlite_contract, prepare_extends) {
    store_contract_run(&store_sqlite, "prepare_extends");
}

TEST(store_sqlite_contract, prepare_required_needs_default) {
    store_contract_run(&store_sqlite, "prepare_required_needs_default");
}

TEST(store_sqlite_contract, prepare_required_on_empty_table) {
    store_contract_run(&store_sqlite, "prepare_required_on_empty_table");
}

TEST(store_sqlite_contract, prepare_refuses_changed_type) {
    store_contract_run(&store_sqlite, "prepare_refuses_changed_type");
}

TEST(store_sqlite_contract, prepare_refuses_lost_data) {
    store_contract_run(&store_sqlite, "prepare_refuses_lost_data");
}

TEST(store_sqlite_contract, prepare_drops_empty_field) {
    store_contract_run(&store_sqlite, "prepare_drops_empty_field");
}

TEST(store_sqlite_contract, prepare_is_all_or_nothing) {
    store_contract_run(&store_sqlite, "prepare_is_all_or_nothing");
}

TEST(store_sqlite_contract, prepare_many_fields) {
    store_contract_run(&store_sqlite, "prepare_many_fields");
}

TEST(store_sqlite_contract, lease_held) {
    store_contract_run(&store_sqlite, "lease_held");
}

TEST(store_sqlite_contract, lease_token_grows) {
    store_contract_run(&store_sqlite, "lease_token_grows");
}

TEST(store_sqlite_contract, lease_freed_by_death) {
    store_contract_run(&store_sqlite, "lease_freed_by_death");
}

TEST(store_sqlite_contract, lease_fences_commit) {
    store_contract_run(&store_sqlite, "lease_fences_commit");
}

TEST(store_sqlite_contract, lease_fences_run_end) {
    store_contract_run(&store_sqlite, "lease_fences_run_end");
}

TEST(store_sqlite_contract, run_begins) {
    store_contract_run(&store_sqlite, "run_begins");
}

TEST(store_sqlite_contract, run_ids_grow) {
    store_contract_run(&store_sqlite, "run_ids_grow");
}

TEST(store_sqlite_contract, run_interrupts_dead_ones) {
    store_contract_run(&store_sqlite, "run_interrupts_dead_ones");
}

TEST(store_sqlite_contract, run_ends) {
    store_contract_run(&store_sqlite, "run_ends");
}

TEST(store_sqlite_contract, run_status_kept) {
    store_contract_run(&store_sqlite, "run_status_kept");
}

TEST(store_sqlite_contract, run_scan_filters) {
    store_contract_run(&store_sqlite, "run_scan_filters");
}

TEST(store_sqlite_contract, checkpoint_kept) {
    store_contract_run(&store_sqlite, "checkpoint_kept");
}

TEST(store_sqlite_contract, checkpoint_goes_with_complete) {
    store_contract_run(&store_sqlite, "checkpoint_goes_with_complete");
}

TEST(store_sqlite_contract, checkpoint_of_each_key) {
    store_contract_run(&store_sqlite, "checkpoint_of_each_key");
}

TEST(store_sqlite_contract, reserve_never_repeats) {
    store_contract_run(&store_sqlite, "reserve_never_repeats");
}

TEST(store_sqlite_contract, commit_create) {
    store_contract_run(&store_sqlite, "commit_create");
}

TEST(store_sqlite_contract, commit_survives) {
    store_contract_run(&store_sqlite, "commit_survives");
}

TEST(store_sqlite_contract, commit_update) {
    store_contract_run(&store_sqlite, "commit_update");
}

TEST(store_sqlite_contract, commit_delete) {
    store_contract_run(&store_sqlite, "commit_delete");
}

TEST(store_sqlite_contract, commit_brings_back) {
    store_contract_run(&store_sqlite, "commit_brings_back");
}

TEST(store_sqlite_contract, commit_agree) {
    store_contract_run(&store_sqlite, "commit_agree");
}

TEST(store_sqlite_contract, commit_adopts) {
    store_contract_run(&store_sqlite, "commit_adopts");
}

TEST(store_sqlite_contract, commit_in_order) {
    store_contract_run(&store_sqlite, "commit_in_order");
}

TEST(store_sqlite_contract, commit_empty_page) {
    store_contract_run(&store_sqlite, "commit_empty_page");
}

TEST(store_sqlite_contract, commit_many_at_once) {
    store_contract_run(&store_sqlite, "commit_many_at_once");
}

TEST(store_sqlite_contract, stale_changed_record) {
    store_contract_run(&store_sqlite, "stale_changed_record");
}

TEST(store_sqlite_contract, stale_vanished_record) {
    store_contract_run(&store_sqlite, "stale_vanished_record");
}

TEST(store_sqlite_contract, stale_record_back_already) {
    store_contract_run(&store_sqlite, "stale_record_back_already");
}

TEST(store_sqlite_contract, stale_repeated_link) {
    store_contract_run(&store_sqlite, "stale_repeated_link");
}

TEST(store_sqlite_contract, stale_missing_link) {
    store_contract_run(&store_sqlite, "stale_missing_link");
}

TEST(store_sqlite_contract, stale_taken_key) {
    store_contract_run(&store_sqlite, "stale_taken_key");
}

TEST(store_sqlite_contract, stale_settled_bulk) {
    store_contract_run(&store_sqlite, "stale_settled_bulk");
}

TEST(store_sqlite_contract, pending_held) {
    store_contract_run(&store_sqlite, "pending_held");
}

TEST(store_sqlite_contract, pending_reference) {
    store_contract_run(&store_sqlite, "pending_reference");
}

TEST(store_sqlite_contract, pending_replaced) {
    store_contract_run(&store_sqlite, "pending_replaced");
}

TEST(store_sqlite_contract, pending_done) {
    store_contract_run(&store_sqlite, "pending_done");
}

TEST(store_sqlite_contract, pending_done_is_of_its_row) {
    store_contract_run(&store_sqlite, "pending_done_is_of_its_row");
}

TEST(store_sqlite_contract, pending_done_and_put_stays) {
    store_contract_run(&store_sqlite, "pending_done_and_put_stays");
}

TEST(store_sqlite_contract, pending_counted) {
    store_contract_run(&store_sqlite, "pending_counted");
}

TEST(store_sqlite_contract, pending_found_oldest_first) {
    store_contract_run(&store_sqlite, "pending_found_oldest_first");
}

TEST(store_sqlite_contract, pending_scanned) {
    store_contract_run(&store_sqlite, "pending_scanned");
}

TEST(store_sqlite_contract, dead_kept) {
    store_contract_run(&store_sqlite, "dead_kept");
}

TEST(store_sqlite_contract, dead_bytes_exact) {
    store_contract_run(&store_sqlite, "dead_bytes_exact");
}

TEST(store_sqlite_contract, dead_same_changes_nothing) {
    store_contract_run(&store_sqlite, "dead_same_changes_nothing");
}

TEST(store_sqlite_contract, dead_replaced) {
    store_contract_run(&store_sqlite, "dead_replaced");
}

TEST(store_sqlite_contract, dead_done) {
    store_contract_run(&store_sqlite, "dead_done");
}

TEST(store_sqlite_contract, dead_done_and_put_stays) {
    store_contract_run(&store_sqlite, "dead_done_and_put_stays");
}

TEST(store_sqlite_contract, dead_scanned) {
    store_contract_run(&store_sqlite, "dead_scanned");
}

TEST(store_sqlite_contract, conflict_kept) {
    store_contract_run(&store_sqlite, "conflict_kept");
}

TEST(store_sqlite_contract, conflict_repeat_once) {
    store_contract_run(&store_sqlite, "conflict_repeat_once");
}

TEST(store_sqlite_contract, conflict_edits_added) {
    store_contract_run(&store_sqlite, "conflict_edits_added");
}

TEST(store_sqlite_contract, conflict_done) {
    store_contract_run(&store_sqlite, "conflict_done");
}

TEST(store_sqlite_contract, logs_kept_in_order) {
    store_contract_run(&store_sqlite, "logs_kept_in_order");
}

TEST(store_sqlite_contract, audit_line_taken) {
    store_contract_run(&store_sqlite, "audit_line_taken");
}

TEST(store_sqlite_contract, bulk_granted_while_empty) {
    store_contract_run(&store_sqlite, "bulk_granted_while_empty");
}

TEST(store_sqlite_contract, bulk_stays_until_settled) {
    store_contract_run(&store_sqlite, "bulk_stays_until_settled");
}

TEST(store_sqlite_contract, settle_without_repeats) {
    store_contract_run(&store_sqlite, "settle_without_repeats");
}

TEST(store_sqlite_contract, settle_empty) {
    store_contract_run(&store_sqlite, "settle_empty");
}

TEST(store_sqlite_contract, settle_equal_repeats) {
    store_contract_run(&store_sqlite, "settle_equal_repeats");
}

TEST(store_sqlite_contract, settle_differing_repeats) {
    store_contract_run(&store_sqlite, "settle_differing_repeats");
}

TEST(store_sqlite_contract, settle_many_forms) {
    store_contract_run(&store_sqlite, "settle_many_forms");
}

TEST(store_sqlite_contract, settle_form_comes_back) {
    store_contract_run(&store_sqlite, "settle_form_comes_back");
}

TEST(store_sqlite_contract, settle_again_does_nothing) {
    store_contract_run(&store_sqlite, "settle_again_does_nothing");
}

TEST(store_sqlite_contract, settle_leaves_others) {
    store_contract_run(&store_sqlite, "settle_leaves_others");
}

TEST(store_sqlite_contract, settle_keeps_what_waits) {
    store_contract_run(&store_sqlite, "settle_keeps_what_waits");
}

TEST(store_sqlite_contract, settle_keeps_other_links) {
    store_contract_run(&store_sqlite, "settle_keeps_other_links");
}

TEST(store_sqlite_contract, settle_keeps_edits) {
    store_contract_run(&store_sqlite, "settle_keeps_edits");
}

TEST(store_sqlite_contract, settle_fenced_by_lease) {
    store_contract_run(&store_sqlite, "settle_fenced_by_lease");
}

TEST(store_sqlite_contract, settle_left_is_told) {
    store_contract_run(&store_sqlite, "settle_left_is_told");
}

TEST(store_sqlite_contract, settle_large) {
    store_contract_run(&store_sqlite, "settle_large");
}

TEST(store_sqlite_contract, snapshot_stands_still) {
    store_contract_run(&store_sqlite, "snapshot_stands_still");
}

TEST(store_sqlite_contract, snapshot_ends) {
    store_contract_run(&store_sqlite, "snapshot_ends");
}

TEST(store_sqlite_contract, snapshot_of_other_store) {
    store_contract_run(&store_sqlite, "snapshot_of_other_store");
}

TEST(store_sqlite_contract, link_find_any_order) {
    store_contract_run(&store_sqlite, "link_find_any_order");
}

TEST(store_sqlite_contract, link_of_record) {
    store_contract_run(&store_sqlite, "link_of_record");
}

TEST(store_sqlite_contract, link_scanned) {
    store_contract_run(&store_sqlite, "link_scanned");
}

TEST(store_sqlite_contract, linksets_scanned) {
    store_contract_run(&store_sqlite, "linksets_scanned");
}

TEST(store_sqlite_contract, linkset_outlives_datatype) {
    store_contract_run(&store_sqlite, "linkset_outlives_datatype");
}

TEST(store_sqlite_contract, record_missing) {
    store_contract_run(&store_sqlite, "record_missing");
}

TEST(store_sqlite_contract, record_scanned) {
    store_contract_run(&store_sqlite, "record_scanned");
}

TEST(store_sqlite_contract, scan_stops) {
    store_contract_run(&store_sqlite, "scan_stops");
}

TEST(store_sqlite_contract, key_found) {
    store_contract_run(&store_sqlite, "key_found");
}

TEST(store_sqlite_contract, key_found_by_number) {
    store_contract_run(&store_sqlite, "key_found_by_number");
}

TEST(store_sqlite_contract, two_threads) {
    store_contract_run(&store_sqlite, "two_threads");
}

TEST(store_sqlite_contract, exact_decimals) {
    store_contract_run(&store_sqlite, "exact_decimals");
}

TEST(store_sqlite_contract, exact_integers) {
    store_contract_run(&store_sqlite, "exact_integers");
}

TEST(store_sqlite_contract, exact_texts) {
    store_contract_run(&store_sqlite, "exact_texts");
}

TEST(store_sqlite_contract, exact_null_and_empty) {
    store_contract_run(&store_sqlite, "exact_null_and_empty");
}

TEST(store_sqlite_contract, exact_json) {
    store_contract_run(&store_sqlite, "exact_json");
}

TEST(store_sqlite_contract, exact_extra) {
    store_contract_run(&store_sqlite, "exact_extra");
}

TEST(store_sqlite_contract, exact_references) {
    store_contract_run(&store_sqlite, "exact_references");
}

TEST(store_sqlite_contract, odd_externals) {
    store_contract_run(&store_sqlite, "odd_externals");
}

TEST(store_sqlite_contract, odd_datasources) {
    store_contract_run(&store_sqlite, "odd_datasources");
}

TEST(store_sqlite_contract, odd_datatypes) {
    store_contract_run(&store_sqlite, "odd_datatypes");
}

TEST(store_sqlite_contract, dead_of_each_direction) {
    store_contract_run(&store_sqlite, "dead_of_each_direction");
}

TEST(store_sqlite_contract, run_waits_until) {
    store_contract_run(&store_sqlite, "run_waits_until");
}

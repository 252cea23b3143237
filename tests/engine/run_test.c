#include "rig.h"

TEST(engine_run, first_pull_creates) {
    struct rig rig;
    rig_open(&rig, "resource");
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", "well"), LIST_PAIRS("id", "2", "name", "tank"),
             LIST_PAIRS("id", "3", "name", "dam"), LIST_PAIRS("id", "4", "name", "gauge"));
    rig_run(&rig);
    CHECK(rig.report.status == RUN_DONE);
    CHECK_INT(rig.report.counts.read, 4);
    CHECK_INT(rig.report.counts.created, 4);
    CHECK_INT(rig_records(&rig, "resource"), 4);
    struct home_row row = rig_record(&rig, "resource", "3");
    CHECK_TEXT(value_slice(&row.fields[0]), "dam");
    rig_close(&rig);
}

TEST(engine_run, rerun_writes_nothing) {
    struct rig rig;
    rig_open(&rig, "resource");
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", "well"), LIST_PAIRS("id", "2", "name", ""),
             LIST_PAIRS("id", "", "name", "dam"), LIST_REJECT("4", "one field"));
    rig_run(&rig);
    CHECK_INT(rig.report.counts.created, 1);
    CHECK_INT(rig.report.counts.dead, 3);
    int64_t seq = rig_seq(&rig);
    int64_t deads = rig_deads(&rig);
    rig_run(&rig);
    CHECK_INT(rig.report.counts.unchanged, 1);
    CHECK_INT(rig.report.counts.created + rig.report.counts.updated, 0);
    CHECK_INT(rig_seq(&rig), seq);
    CHECK_INT(rig_deads(&rig), deads);
    rig_close(&rig);
}

TEST(engine_run, changed_record_is_updated) {
    struct rig rig;
    rig_open(&rig, "resource");
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", "well"), LIST_PAIRS("id", "2", "name", "tank"));
    rig_run(&rig);
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", "well"), LIST_PAIRS("id", "2", "name", "cistern"));
    rig_run(&rig);
    CHECK_INT(rig.report.counts.updated, 1);
    CHECK_INT(rig.report.counts.unchanged, 1);
    struct home_row row = rig_record(&rig, "resource", "2");
    CHECK_TEXT(value_slice(&row.fields[0]), "cistern");
    rig_close(&rig);
}

TEST(engine_run, required_reference_waits_and_comes_later) {
    struct rig rig;
    rig_open(&rig, "reading");
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "resource", "1", "value", "12.50"),
             LIST_PAIRS("id", "b", "resource", "2", "value", "7"));
    rig_run(&rig);
    CHECK_INT(rig.report.counts.pending, 2);
    CHECK_INT(rig.report.pending_now, 2);
    CHECK_INT(rig_records(&rig, "reading"), 0);
    // Another sync brings resource 1: the reading goes in with it or at the reading sync's next run.
    rig_close(&rig);
}

TEST(engine_run, optional_reference_waits_in_the_same_page) {
    struct rig rig;
    rig_open(&rig, "resource");
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", "child", "parent", "2"), LIST_PAIRS("id", "2", "name", "parent"));
    rig_run(&rig);
    CHECK_INT(rig.report.pending_now, 0);
    struct home_row child = rig_record(&rig, "resource", "1");
    struct home_row parent = rig_record(&rig, "resource", "2");
    CHECK(child.fields[1].kind == VALUE_INTEGER);
    CHECK_INT(child.fields[1].as.integer, parent.id);
    int64_t seq = rig_seq(&rig);
    rig_run(&rig);
    CHECK_INT(rig_seq(&rig), seq);
    rig_close(&rig);
}

TEST(engine_run, optional_reference_waits_over_pages) {
    struct rig rig;
    rig_open(&rig, "resource");
    rig.request.page_records = 1;
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", "child", "parent", "4"),
             LIST_PAIRS("id", "2", "name", "child", "parent", "1"), LIST_PAIRS("id", "3", "name", "x"),
             LIST_PAIRS("id", "4", "name", "parent", "parent", "5"));
    rig_run(&rig);
    CHECK_INT(rig.report.pending_now, 1); // nobody brought 5
    struct home_row parent = rig_record(&rig, "resource", "4");
    struct home_row child = rig_record(&rig, "resource", "1");
    CHECK_INT(child.fields[1].as.integer, parent.id);
    rig_close(&rig);
}

TEST(engine_run, waiting_ends_in_a_later_run) {
    struct rig rig;
    rig_open(&rig, "resource");
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", "child", "parent", "9"));
    rig_run(&rig);
    CHECK_INT(rig.report.pending_now, 1);
    RIG_ROWS(&rig, LIST_PAIRS("id", "9", "name", "parent"));
    rig_run(&rig);
    CHECK_INT(rig.report.pending_now, 0);
    struct home_row parent = rig_record(&rig, "resource", "9");
    struct home_row child = rig_record(&rig, "resource", "1");
    CHECK_INT(child.fields[1].as.integer, parent.id);
    int64_t seq = rig_seq(&rig);
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", "child", "parent", "9"), LIST_PAIRS("id", "9", "name", "parent"));
    rig_run(&rig);
    CHECK_INT(rig_seq(&rig), seq);
    rig_close(&rig);
}

TEST(engine_run, same_id_again_equal_is_a_repeat) {
    struct rig rig;
    rig_open(&rig, "resource");
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", "well"), LIST_PAIRS("id", "1", "name", "well"),
             LIST_PAIRS("id", "2", "name", "tank"), LIST_PAIRS("id", "1", "name", "well"));
    rig_run(&rig);
    CHECK_INT(rig.report.counts.created, 2);
    CHECK_INT(rig.report.counts.unchanged, 2);
    CHECK_INT(rig_conflicts(&rig), 0);
    rig_close(&rig);
}

// The later form wins, the earlier is kept, and the same list again changes nothing: over one page and over several.
static void repeats_differ(size_t page_records) {
    struct rig rig;
    rig_open(&rig, "resource");
    rig.request.page_records = page_records;
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", "well"), LIST_PAIRS("id", "2", "name", "tank"),
             LIST_PAIRS("id", "1", "name", "borewell"), LIST_PAIRS("id", "3", "name", "dam"));
    rig_run(&rig);
    CHECK_INT(rig_records(&rig, "resource"), 3);
    CHECK_INT(rig_conflicts(&rig), 1);
    struct home_row row = rig_record(&rig, "resource", "1");
    CHECK_TEXT(value_slice(&row.fields[0]), "borewell");
    int64_t seq = rig_seq(&rig);
    for (int i = 0; i < 3; i++) {
        rig_run(&rig);
        CHECK_INT(rig_seq(&rig), seq);
        CHECK_INT(rig.report.counts.unchanged, 4);
        CHECK_INT(rig_conflicts(&rig), 1);
    }
    // The winner goes from the source: then the form that lost has the last word.
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", "well"), LIST_PAIRS("id", "2", "name", "tank"),
             LIST_PAIRS("id", "3", "name", "dam"));
    rig_run(&rig);
    row = rig_record(&rig, "resource", "1");
    CHECK_TEXT(value_slice(&row.fields[0]), "well");
    CHECK_INT(rig_conflicts(&rig), 0);
    seq = rig_seq(&rig);
    rig_run(&rig);
    CHECK_INT(rig_seq(&rig), seq);
    rig_close(&rig);
}

TEST(engine_run, same_id_again_different_in_one_page) {
    repeats_differ(10);
}

TEST(engine_run, same_id_again_different_in_the_page_in_flight) {
    repeats_differ(2);
}

TEST(engine_run, same_id_again_different_many_pages_on) {
    repeats_differ(1);
}

TEST(engine_run, dead_letter_is_closed_by_a_newer_success) {
    struct rig rig;
    rig_open(&rig, "resource");
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", ""));
    rig_run(&rig);
    CHECK(rig.report.status == RUN_WARNING);
    CHECK_INT(rig_deads(&rig), 1);
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", "well"));
    rig_run(&rig);
    CHECK_INT(rig_deads(&rig), 0);
    CHECK_INT(rig_records(&rig, "resource"), 1);
    rig_close(&rig);
}

TEST(engine_run, another_script_meets_the_same_dead_letters) {
    struct rig rig;
    rig_open(&rig, "resource");
    RIG_ROWS(&rig, LIST_PAIRS("id", "", "name", "a"), LIST_REJECT("4", "one field"), LIST_PAIRS("id", "", "name", "b"));
    rig_run(&rig);
    CHECK_INT(rig_deads(&rig), 3);
    rig.sync.print.low++;
    rig_run(&rig);
    CHECK_INT(rig.report.counts.dead, 3);
    CHECK_INT(rig_deads(&rig), 3);
    rig_close(&rig);
}

TEST(engine_run, dead_then_good_in_one_page) {
    struct rig rig;
    rig_open(&rig, "resource");
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", ""), LIST_PAIRS("id", "1", "name", "well"));
    rig_run(&rig);
    CHECK_INT(rig_deads(&rig), 0);
    CHECK_INT(rig_records(&rig, "resource"), 1);
    rig_close(&rig);
}

TEST(engine_run, stop_after_fails_the_run_and_keeps_what_went_in) {
    struct rig rig;
    rig_open(&rig, "resource");
    rig.sync.stop_after = (struct share){.amount = 2};
    rig.request.page_records = 2;
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", "well"), LIST_PAIRS("id", "2", "name", ""),
             LIST_PAIRS("id", "3", "name", ""), LIST_PAIRS("id", "4", "name", "tank"),
             LIST_PAIRS("id", "5", "name", "tank"), LIST_PAIRS("id", "6", "name", "tank"),
             LIST_PAIRS("id", "7", "name", "tank"), LIST_PAIRS("id", "8", "name", "tank"),
             LIST_PAIRS("id", "9", "name", "tank"), LIST_PAIRS("id", "10", "name", "tank"),
             LIST_PAIRS("id", "11", "name", "tank"), LIST_PAIRS("id", "12", "name", "tank"),
             LIST_PAIRS("id", "13", "name", "tank"), LIST_PAIRS("id", "14", "name", "tank"));
    rig_run(&rig);
    CHECK(rig.report.status == RUN_FAILED);
    CHECK(rig.report.error.code == ERROR_RUN_STOPPED);
    CHECK_INT(rig_deads(&rig), 2);
    CHECK(rig_records(&rig, "resource") >= 1);
    CHECK(rig_records(&rig, "resource") < 12);
    rig.sync.stop_after.amount = 3;
    rig_run(&rig);
    CHECK(rig.report.status == RUN_DONE);
    CHECK_INT(rig_records(&rig, "resource"), 12);
    rig_close(&rig);
}

TEST(engine_run, interrupted_goes_on) {
    struct rig rig;
    rig_open(&rig, "resource");
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", "well"), LIST_PAIRS("id", "2", "name", "tank"));
    atomic_store(&rig.stop, true);
    rig_run(&rig);
    CHECK(rig.report.status == RUN_INTERRUPTED);
    atomic_store(&rig.stop, false);
    rig_run(&rig);
    CHECK(rig.report.status == RUN_DONE);
    CHECK_INT(rig_records(&rig, "resource"), 2);
    rig_close(&rig);
}

TEST(engine_run, failing_source_keeps_its_place) {
    struct rig rig;
    rig_open(&rig, "resource");
    rig.request.page_records = 1;
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", "well"), LIST_PAIRS("id", "2", "name", "tank"),
             LIST_PAIRS("id", "3", "name", "dam"));
    error_set(&rig.list.fail, ERROR_FILE_READ, "the disk is gone");
    rig.list.fail_read = 3;
    rig.list.fail_times = 1;
    rig_run(&rig);
    CHECK(rig.report.status == RUN_FAILED);
    CHECK(rig.report.error.code == ERROR_FILE_READ);
    CHECK_INT(rig_records(&rig, "resource"), 2);
    rig_reopen(&rig, true);
    rig_run(&rig);
    CHECK(rig.report.resumed);
    CHECK(rig.report.status == RUN_DONE);
    CHECK_INT(rig.report.counts.read, 3);
    CHECK_INT(rig_records(&rig, "resource"), 3);
    rig_close(&rig);
}

TEST(engine_run, once_answers_with_its_finished_run) {
    struct rig rig;
    rig_open(&rig, "resource");
    rig.sync.once = true;
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", "well"));
    rig_run(&rig);
    int64_t first = rig.report.run;
    CHECK(!rig.report.answered);
    rig_run(&rig);
    CHECK(rig.report.answered);
    CHECK_INT(rig.report.run, first);
    CHECK_INT(rig.report.counts.created, 1);
    rig.request.force = true;
    rig_run(&rig);
    CHECK(!rig.report.answered);
    CHECK(rig.report.run > first);
    CHECK_INT(rig.report.counts.unchanged, 1);
    rig_close(&rig);
}

TEST(engine_run, nothing_read_where_much_was_is_a_warning) {
    struct rig rig;
    rig_open(&rig, "resource");
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", "well"));
    rig_run(&rig);
    CHECK(rig.report.status == RUN_DONE);
    rig_rows(&rig, NULL, 0);
    rig_run(&rig);
    CHECK(rig.report.status == RUN_WARNING);
    rig_close(&rig);
}

TEST(engine_run, a_live_lease_refuses_a_second_run) {
    struct rig rig;
    rig_open(&rig, "resource");
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", "well"));
    struct lease lease;
    CHECK_OK(store_lease_take(rig.store, TEXT_LITERAL("test/resources"), &lease, &rig.error), &rig.error);
    CHECK(!run_sync(&rig.request, &rig.report, &rig.error));
    CHECK(rig.error.code == ERROR_LEASE_HELD);
    store_lease_free(rig.store, &lease);
    rig_run(&rig);
    CHECK(rig.report.status == RUN_DONE);
    rig_close(&rig);
}

TEST(engine_run, retry_reads_dead_letters_again) {
    struct rig rig;
    rig_open(&rig, "resource");
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "title", "well", "name", ""), LIST_PAIRS("id", "2", "title", "", "name", ""));
    rig_run(&rig);
    CHECK_INT(rig_deads(&rig), 2);
    static const struct text title[] = {{"title", 5}};
    static const struct path path = {title, 1};
    rig.resource_rules[0].paths = &path; // the script was mended
    rig.request.retry = true;
    rig_run(&rig);
    CHECK_INT(rig.report.counts.read, 2);
    CHECK_INT(rig.report.counts.created, 1);
    CHECK_INT(rig_deads(&rig), 1);
    rig_close(&rig);
}

TEST(engine_run, two_threads_give_the_same_end) {
    struct rig rig;
    rig_open(&rig, "resource");
    enum { COUNT = 500 };
    static struct source_list_row rows[COUNT];
    static char texts[COUNT][80];
    for (int i = 0; i < COUNT; i++) {
        snprintf(texts[i], sizeof texts[i], "{\"id\":\"%d\",\"name\":\"n%d\",\"parent\":\"%d\"}", i % 400, i / 3,
                 (i * 7) % 410);
        rows[i] = (struct source_list_row){.json = texts[i]};
    }
    rig_rows(&rig, rows, COUNT);
    rig.request.threads = true;
    rig.request.page_records = 7;
    rig_run(&rig);
    CHECK(rig.report.status == RUN_DONE);
    CHECK_INT(rig_records(&rig, "resource"), 400);
    CHECK_INT(rig.report.counts.read, COUNT);
    int64_t seq = rig_seq(&rig);
    rig_run(&rig);
    CHECK_INT(rig_seq(&rig), seq);
    CHECK_INT(rig.report.counts.unchanged, COUNT);
    rig_close(&rig);
}

// --- what else goes wrong ---

TEST(engine_run, ids_are_texts_f09) {
    struct rig rig;
    rig_open(&rig, "resource");
    RIG_ROWS(&rig, LIST_JSON("{\"id\":1,\"name\":\"a\"}"), LIST_PAIRS("id", "01", "name", "b"),
             LIST_JSON("{\"id\":1.0,\"name\":\"c\"}"), LIST_PAIRS("id", " 1", "name", "d"));
    rig_run(&rig);
    CHECK_INT(rig_records(&rig, "resource"), 4);
    CHECK_TEXT(value_slice(&rig_record(&rig, "resource", "1").fields[0]), "a");
    CHECK_TEXT(value_slice(&rig_record(&rig, "resource", "01").fields[0]), "b");
    CHECK_TEXT(value_slice(&rig_record(&rig, "resource", "1.0").fields[0]), "c");
    int64_t seq = rig_seq(&rig);
    rig_run(&rig);
    CHECK_INT(rig_seq(&rig), seq);
    rig_close(&rig);
}

TEST(engine_run, a_poison_record_is_a_dead_letter_and_the_rest_goes_on_f22) {
    struct rig rig;
    rig_open(&rig, "resource");
    rig.request.page_records = 1;
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", "a"), LIST_PAIRS("id", "2", "name", ""),
             LIST_PAIRS("id", "3", "name", "c"));
    for (int i = 0; i < 3; i++) {
        rig_run(&rig);
        CHECK(rig.report.status == RUN_DONE);
        CHECK_INT(rig_records(&rig, "resource"), 2);
        CHECK_INT(rig_deads(&rig), 1);
    }
    rig_close(&rig);
}

// A retry plans from what stands there today: what was edited since is weighed, not overwritten.
TEST(engine_run, a_replayed_dead_letter_is_decided_anew_f25) {
    struct rig rig;
    rig_open(&rig, "reading");
    rig.reading_fields[0].required = false;
    rig.sync.conflict = CONFLICT_FIELDS;
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "1"));
    rig_run(&rig);
    rig.reading_rules[1].kind = RULE_BOOL; // a mistake in the script: no number is one
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "2"));
    rig_run(&rig);
    CHECK_INT(rig_deads(&rig), 1);
    rig.reading_rules[1].kind = RULE_NUMBER;
    rig_change(&rig, "reading", "a", 1, value_decimal(text_of("3")));
    rig.request.retry = true;
    rig_run(&rig);
    CHECK_INT(rig_deads(&rig), 0);
    struct home_row row = rig_record(&rig, "reading", "a");
    struct value lost;
    CHECK_TEXT(value_slice(&row.fields[1]), "2"); // of a field that both changed the datasource's goes in
    CHECK_INT(rig_conflicts_of(&rig, "edit", &lost), 1);
    CHECK_TEXT(value_slice(object_find(lost.as.object, TEXT_LITERAL("value"))), "3");
    rig.request.retry = false;
    // A newer form came meanwhile: then there is nothing to replay.
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "many"));
    rig_run(&rig);
    CHECK_INT(rig_deads(&rig), 1);
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "5"));
    rig_run(&rig);
    CHECK_INT(rig_deads(&rig), 0);
    rig.request.retry = true;
    rig_run(&rig);
    CHECK_INT(rig.report.counts.read, 0);
    CHECK_TEXT(value_slice(&rig_record(&rig, "reading", "a").fields[1]), "5");
    rig_close(&rig);
}

TEST(engine_run, a_green_run_that_left_everything_out_is_a_warning_f28) {
    struct rig rig;
    rig_open(&rig, "resource");
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", ""), LIST_PAIRS("id", "2", "name", ""));
    rig_run(&rig);
    CHECK(rig.report.status == RUN_WARNING);
    rig_close(&rig);
}

#include "sim_check_small.h"
#include "store/store_memory.h"

// The checker's own proof: it is silent about a good world, and of each thing that may go wrong it speaks.

TEST(sim_check, a_good_world_is_silent) {
    struct sim_stamp before, after;
    small_open();
    sim_stamp_take(&small.sim, &before);
    small_end(NULL);
    for (int source = 0; source < SIM_SOURCES; source++) {
        small_run((enum sim_place)(SIM_EAST + source), NULL);
    }
    sim_stamp_take(&small.sim, &after);
    CHECK(sim_stamp_differs(&before, &after) == SIM_PLACES);
    small_close();
}

TEST(sim_check, tokens_and_identities_are_read_exactly) {
    CHECK_INT(sim_token_of(text_of("<12>")), 12);
    CHECK_INT(sim_token_of(text_of(" <12> ")), 12);
    static const char *const none[] = {"",    "<>",    "<0>",  "<01>",   "12",           "<12",
                                       "12>", "<1 2>", "<-1>", "<4096>", "<99999999999>"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        CHECK_INT(sim_token_of(text_of(none[i])), 0);
    }
    CHECK_INT(sim_identity_of(text_of("k7")), 7);
    CHECK_INT(sim_identity_of(text_of("k")), 0);
    CHECK_INT(sim_identity_of(text_of("k07")), 0);
    CHECK_INT(sim_identity_of(text_of("<7>")), 0);
}

// --- values ---

TEST(sim_check, a_lost_value_is_found) {
    small_open();
    small_wrote(4, SIM_EAST);
    small_end("the value <4>, written at east, is lost");
    sim_token_over(&small.sim, text_of(" <4>"));
    small_end(NULL);
    small_close();
}

static void small_lacks_four(void) {
    small_open();
    small_wrote(4, SIM_A);
    small_end("the value <4>, written at a, is lost");
}

TEST(sim_check, a_value_that_was_put_aside_is_not_lost) {
    small_lacks_four();
    small_conflict(SMALL_EAST, "edit", SIM_WELL, 11, "<4>");
    small_end(NULL);
    small_close();
    small_lacks_four();
    small_dead(SMALL_EAST, "pull", SIM_WELL, 77, "W4005", " <4> ");
    small_end(NULL);
    small_close();
    small_lacks_four();
    small_pending(SMALL_EAST, SIM_WELL, 77, 0, "<4>");
    small_end(NULL);
    small_close();
}

TEST(sim_check, a_value_in_a_parked_write_is_not_lost) {
    small_lacks_four();
    small.plan.world.sources[SMALL_EAST][KNOB_FINDS] = 0;
    small_intent(SMALL_EAST, SIM_WELL, small.a_2, INTENT_PARKED, "<4>");
    small_dead(SMALL_EAST, "push", SIM_WELL, small.a_2, "W4022", "");
    small_end(NULL);
    small_close();
}

TEST(sim_check, a_value_that_fate_wrote_over_is_excused) {
    small_open();
    small_wrote(4, SIM_EAST);
    struct sim_row *row = small_find(SMALL_EAST, SIM_WELL, 11);
    struct sim_form form = row->form;
    small_change(SMALL_EAST, row, small_form("k1", "<4>", "", 0), SIM_PERSON);
    small_change(SMALL_EAST, row, form, SIM_WEIR);
    small_end("the value <4>");
    small_last(SMALL_EAST)->again = true;
    small_end(NULL);
    small_close();
}

TEST(sim_check, a_value_that_nobody_sees_yet_is_no_place) {
    small_open();
    small_wrote(4, SIM_EAST);
    small_find(SMALL_EAST, SIM_WELL, 11)->next = small_form("k1", "<4>", "", 0);
    small_end("the value <4>");
    small_close();
}

TEST(sim_check, what_is_written_where_nothing_is_read_may_go) {
    small_open();
    small_wrote(4, SIM_EAST);
    small_wrote(5, SIM_A);
    small.plan.world.sources[SMALL_EAST][KNOB_DIRECTION] = SYNC_PUSH;
    small_end("the value <5>, written at a, is lost");
    sim_token_over(&small.sim, text_of("<5>"));
    small_end(NULL);
    small_close();
}

TEST(sim_check, what_is_dated_beyond_all_windows_may_go) {
    small_open();
    small_wrote(4, SIM_EAST);
    small.plan.world.sources[SMALL_EAST][KNOB_PAGER] = SIM_WINDOWS;
    small_end("the value <4>, written at east, is lost");
    small.events[small.plan.count - 1].what = SIM_FUTURE;
    small_end(NULL);
    small.plan.world.sources[SMALL_EAST][KNOB_PAGER] = 0;
    small_end("the value <4>, written at east, is lost");
    small_close();
}

TEST(sim_check, what_a_lost_home_alone_knew_is_excused) {
    small_open();
    small_wrote(4, SIM_A);
    struct sim_row *row = small_find(SMALL_EAST, SIM_WELL, 11);
    struct sim_form form = row->form;
    small_change(SMALL_EAST, row, small_form("k1", "<4>", "", 0), SIM_WEIR);
    small_change(SMALL_EAST, row, form, SIM_WEIR);
    small.sim.homes[0].restored = true;
    small_end("the value <4>, written at a, is lost");
    small.plan.world.sources[SMALL_EAST][KNOB_DIRECTION] = SYNC_PUSH;
    small_end(NULL);
    small.sim.homes[0].restored = false;
    small_end("the value <4>, written at a, is lost");
    small_close();
}

// --- doubles ---

TEST(sim_check, a_double_in_home_is_found) {
    small_open();
    int64_t twin = small_put(0, SIM_WELL, 0, small_form("k1", "<1>", "", 0));
    small_row(SMALL_EAST, SIM_WELL, 13, small_form("k1", "<1>", "", 0), SIM_WEIR);
    small_tie(SMALL_EAST, SIM_WELL, twin, 13, true);
    small_end("k1 was made once and is 2 times at a");
    small.sim.births[1] = 2;
    small_end(NULL);
    small_close();
}

TEST(sim_check, a_double_at_a_datasource_is_found) {
    small_open();
    small.plan.world.sources[SMALL_EAST][KNOB_DIRECTION] = SYNC_PUSH; // nobody reads it
    small_row(SMALL_EAST, SIM_WELL, 13, small_form("k2", "<2>", "", 0), SIM_WEIR);
    small_end("k2 was made once and is 2 times at east: 12, 13");
    small_last(SMALL_EAST)->again = true; // a request that came twice
    small_end(NULL);
    small_last(SMALL_EAST)->again = false;
    small.plan.world.sources[SMALL_EAST][KNOB_FINDS] = 0; // nobody can tell
    small_end(NULL);
    small.plan.world.sources[SMALL_EAST][KNOB_KEYS] = 1;
    small_end("k2 was made once");
    small.sim.homes[0].restored = true; // keys of before the backup
    small_end(NULL);
    small_close();
}

// --- deaths ---

TEST(sim_check, a_delete_by_nobody_is_found) {
    small_open();
    struct sim_row *row = small_find(SMALL_EAST, SIM_WELL, 11);
    small_drop(0, SIM_WELL, small.a_1);
    sim_token_over(&small.sim, text_of("<1>"));
    small_end("well 11 (k1) is at east, its record 1 is gone from a, and nobody deleted it");
    small_gone(SMALL_EAST, row, SIM_WEIR);
    small_untie(SMALL_EAST, SIM_WELL, small.a_1, 11);
    small_end("weir deleted well 11 (k1) at east in run 0, and nobody had deleted it");
    sim_deleted(&small.sim, 1);
    small_end(NULL);
    small_close();
}

TEST(sim_check, what_fate_deletes_is_mourned) {
    small_open();
    small_drop(0, SIM_WELL, small.a_2);
    sim_token_over(&small.sim, text_of("<2>"));
    small_untie(SMALL_EAST, SIM_WELL, small.a_2, 12);
    small_gone(SMALL_EAST, small_find(SMALL_EAST, SIM_WELL, 12), SIM_WEIR);
    small_end("weir deleted well 12 (k2) at east");
    small_last(SMALL_EAST)->again = true;
    small_end(NULL);
    small_close();
}

TEST(sim_check, a_record_made_in_home_is_not_gone_from_there) {
    small_open();
    small_drop(0, SIM_WELL, small.a_2);
    small_untie(SMALL_EAST, SIM_WELL, small.a_2, 12);
    small_find(SMALL_EAST, SIM_WELL, 12)->gone = true; // by no line of its log
    sim_token_over(&small.sim, text_of("<2>"));
    small_end("k2 was made in a, nobody deleted it, and it is gone from there");
    small.sim.homes[0].restored = true;
    small_end(NULL);
    small.sim.homes[0].restored = false;
    sim_deleted(&small.sim, 2);
    small_end(NULL);
    small_close();
}

TEST(sim_check, what_was_deleted_does_not_come_back_by_itself) {
    small_open();
    sim_deleted(&small.sim, 1);
    small_end("well 1 (k1) was deleted in a, nobody changed it anywhere else, and it is there again");
    small.sim.homes[0].restored = true;
    small_end(NULL);
    small.sim.homes[0].restored = false;
    struct sim_row *row = small_find(SMALL_EAST, SIM_WELL, 11);
    small_change(SMALL_EAST, row, row->form, SIM_WEIR);
    small_end("well 1 (k1) was deleted in a");
    small_change(SMALL_EAST, row, row->form, SIM_PERSON);
    small_end(NULL);
    small.sim.births[1] = 2;
    small_end(NULL);
    small_close();
}

// --- apart ---

TEST(sim_check, a_foreign_value_is_found_everywhere) {
    small_open();
    small_row(SMALL_EAST, SIM_WELL, 13, small_form("k1", "<3>", "", 0), SIM_PERSON);
    small_end("the value <3> stands in row 13 of east: it is another organisation's");
    small_run(SIM_EAST, "the value <3> stands in row 13 of east");
    small_run(SIM_NORTH, NULL);
    small_close();
    small_open();
    small_put(1, SIM_WELL, small.b_1, small_form("k3", "<3>", "<1>", 0));
    small_run(SIM_NORTH, "the value <1> stands in record 1 of b: it is another organisation's");
    small_close();
    small_open();
    small_conflict(SMALL_NORTH, "edit", SIM_WELL, 31, "<2>");
    small_run(SIM_NORTH, "the value <2> stands in conflict 1 of b");
    small_close();
    small_open();
    small_dead(SMALL_EAST, "pull", SIM_WELL, 13, "W4005", "<3>");
    small_run(SIM_EAST, "the value <3> stands in dead letter 1 of a");
    small_close();
}

TEST(sim_check, a_foreign_identity_is_found) {
    small_open();
    small_put(1, SIM_WELL, small.b_1, small_form("k1", "<3>", "", 0));
    small_run(SIM_NORTH, "k1 stands in record 1 of b: it is another organisation's");
    small_close();
}

TEST(sim_check, what_nobody_wrote_is_found) {
    small_open();
    small_put(0, SIM_WELL, small.a_1, small_form("k1", "<9>", "", 0));
    small_run(SIM_EAST, "the value <9> stands in record 1 of a: nobody ever wrote it");
    small_put(0, SIM_WELL, small.a_1, small_form("k9", "<1>", "", 0));
    small_run(SIM_EAST, "k9 stands in record 1 of a: nobody ever made it");
    small_close();
}

static int64_t begin_run(const char *line) {
    struct store *store = small.sim.homes[0].store;
    struct lease lease;
    struct run_row row = {.key = small.sim.syncs[SMALL_EAST].key,
                          .sync = small.sim.syncs[SMALL_EAST].key,
                          .params = TEXT_LITERAL("{}"),
                          .message = TEXT_LITERAL(""),
                          .script_text = TEXT_LITERAL(""),
                          .status = RUN_RUNNING};
    struct log_row log = {.at_us = 1, .level = LOG_INFO, .text = text_of(line)};
    struct error error;
    CHECK_OK(store_lease_take(store, row.key, &lease, &error), &error);
    CHECK_OK(store_run_begin(store, &lease, &row, &row.id, &error), &error);
    row.status = RUN_DONE;
    CHECK_OK(store_run_end(store, &lease, &row, true, &log, 1, &error), &error);
    store_lease_free(store, &lease);
    return row.id;
}

TEST(sim_check, a_foreign_value_in_a_log_is_found) {
    struct sim_stamp before, after;
    small_open();
    sim_stamp_take(&small.sim, &before);
    begin_run("it read <1>");
    small_run(SIM_EAST, NULL);
    begin_run("it read <3>");
    small_run(SIM_EAST, "the value <3> stands in the log of run 2 of a");
    sim_stamp_take(&small.sim, &after); // runs and logs are none of it
    CHECK(sim_stamp_differs(&before, &after) == SIM_PLACES);
    small_close();
}

// --- runs ---

static bool two_running(struct store *store, const struct scan *scan,
                        bool (*row)(void *context, const struct run_row *row, struct error *error), void *context,
                        struct error *error) {
    (void)store;
    (void)scan;
    struct run_row first = {.id = 1, .key = small.sim.syncs[SMALL_EAST].key, .status = RUN_RUNNING};
    struct run_row second = first;
    second.id = 2;
    return row(context, &first, error) && row(context, &second, error);
}

TEST(sim_check, two_live_runs_of_one_sync_are_found) {
    struct store_type broken = store_memory; // no store lets it come to this
    small_open();
    broken.run_scan = two_running;
    small.sim.homes[0].type = &broken;
    small_run(SIM_EAST, "runs 1 and 2 of east both say that they are running");
    small_run(SIM_WEST, NULL);
    small.sim.homes[0].type = &store_memory;
    small_close();
}

static void marks(const char *direction, const char *text, const char *words) {
    small_watermark(SMALL_EAST, direction, text);
    small_run(SIM_EAST, words);
}

TEST(sim_check, a_push_watermark_does_not_go_back) {
    small_open();
    marks("push", "9", NULL);
    marks("push", "10", NULL);
    marks("push", "9", "the push watermark of east, well went back from 10 to '9'");
    memset(small.sim.syncs[SMALL_EAST].marks, 0, sizeof small.sim.syncs[SMALL_EAST].marks); // home was restored
    marks("push", "3", NULL);
    marks("push", "", "went back from 3 to ''");
    small_close();
}

TEST(sim_check, a_pull_watermark_does_not_go_back) {
    small_open();
    marks("full", "once", NULL);
    marks("pull", "2026-01-02T00:00:00.000000Z", NULL);
    marks("pull", "2026-01-03T00:00:00.000000Z", NULL);
    marks("pull", "2026-01-02T00:00:00.000000Z", "went back from '2026-01-03T00:00:00.000000Z' to '2026-01-02");
    small_watermark(SMALL_EAST, "full", "again"); // everything was read: what was newest may be gone
    marks("pull", "2026-01-01T00:00:00.000000Z", NULL);
    marks("pull", "2025-01-01T00:00:00.000000Z", "the pull watermark of east, well went back");
    marks("pull", "", "the pull watermark of east, well went back");
    small_close();
}

TEST(sim_check, a_pull_watermark_of_numbers_is_compared_as_numbers) {
    small_open();
    marks("full", "once", NULL);
    marks("pull", "999", NULL);
    marks("pull", "1000", NULL);
    marks("pull", "999", "the pull watermark of east, well went back from '1000' to '999'");
    small_close();
}

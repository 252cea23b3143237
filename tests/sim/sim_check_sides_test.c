#include "sim_check_small.h"

// The checker on home and a datasource, record by record: what must be equal, what may be missing.

static int64_t *knobs(void) {
    return small.plan.world.sources[SMALL_EAST];
}

// --- missing ---

TEST(sim_check_sides, a_row_that_is_not_in_home_is_found) {
    small_open();
    small_untie(SMALL_EAST, SIM_WELL, small.a_1, 11);
    small_drop(0, SIM_WELL, small.a_1);
    small_end("well 11 (k1, <1>) at east is not in a: it has no link, no dead letter, and doesn't wait");
    small_pending(SMALL_EAST, SIM_WELL, 11, 0, "");
    small_end(NULL);
    small_close();
    small_open();
    small_row(SMALL_EAST, SIM_WELL, 13, small_form("k1", "<1>", "", 0), SIM_PERSON);
    small_end("well 13 (k1, <1>) at east is not in a");
    small.sim.births[1] = 2;
    small_dead(SMALL_EAST, "pull", SIM_WELL, 13, "W4005", "");
    small_end(NULL);
    small_close();
}

TEST(sim_check_sides, what_is_dated_beyond_a_window_is_not_met) {
    small_open();
    struct sim_row *row = small_row(SMALL_EAST, SIM_WELL, 13, small_form("k1", "<1>", "", 0), SIM_PERSON);
    small.sim.births[1] = 2;
    row->stamp_us = 2;
    knobs()[KNOB_PAGER] = 7;
    small_end(NULL);
    small.sim.now_us = 2;
    small_end("well 13 (k1, <1>) at east is not in a");
    small.sim.now_us = 0;
    knobs()[KNOB_PAGER] = 6;
    small_end("well 13 (k1, <1>) at east is not in a");
    row->gone = true;
    row = small_find(SMALL_EAST, SIM_WELL, 11);
    row->form.ref = 12;
    small_end("well 1 (k1) refers to well 0 in a, and to 12 at east, 11");
    knobs()[KNOB_PAGER] = 7;
    row->stamp_us = 2;
    small_end(NULL);
    small_close();
}

TEST(sim_check_sides, under_push_alone_rows_need_no_record) {
    small_open();
    knobs()[KNOB_DIRECTION] = SYNC_PUSH;
    small_row(SMALL_EAST, SIM_WELL, 13, small_form("k1", "<1>", "", 0), SIM_PERSON);
    small.sim.births[1] = 2;
    small_end(NULL);
    small_close();
}

TEST(sim_check_sides, a_record_that_is_not_there_is_found) {
    small_open();
    small_untie(SMALL_EAST, SIM_WELL, small.a_2, 12);
    small_find(SMALL_EAST, SIM_WELL, 12)->gone = true;
    small_end("well 2 (k2) of a is not at east: it has no link, no dead letter, and no write is parked");
    knobs()[KNOB_DIRECTION] = SYNC_PULL;
    small_end(NULL);
    knobs()[KNOB_DIRECTION] = SYNC_PUSH;
    small_end("well 2 (k2) of a is not at east");
    small_held(SMALL_EAST, SIM_WELL, small.a_2);
    small_end(NULL);
    small_close();
}

TEST(sim_check_sides, a_record_whose_write_was_put_aside_is_excused) {
    small_open();
    small_untie(SMALL_EAST, SIM_WELL, small.a_2, 12);
    small_find(SMALL_EAST, SIM_WELL, 12)->gone = true;
    small.plan.world.sources[SMALL_EAST][KNOB_FINDS] = 0;
    small_intent(SMALL_EAST, SIM_WELL, small.a_2, INTENT_PARKED, "");
    small_dead(SMALL_EAST, "push", SIM_WELL, small.a_2, "W4022", "");
    small_end(NULL);
    small_close();
}

TEST(sim_check_sides, a_link_to_what_never_was_is_found) {
    small_open();
    struct sim_remote *remote = &small.sim.remotes[SMALL_EAST];
    remote->row_count--;
    small_end("well 2 (k2) of a is linked to 12 of east, which never was there");
    small_close();
}

// --- equal ---

TEST(sim_check_sides, unequal_fields_are_found) {
    small_open();
    struct sim_row *row = small_find(SMALL_EAST, SIM_WELL, 11);
    small_wrote(4, SIM_EAST);
    small_change(SMALL_EAST, row, small_form("k1", "<4>", "", 0), SIM_PERSON);
    small_end("name of well 1 (k1) is '<1>' in a and '<4>' at east, 11");
    small_change(SMALL_EAST, row, small_form("k1", "<1>", "<4>", 0), SIM_PERSON);
    small_end("code of well 1 (k1) is '' in a and '<4>' at east, 11");
    knobs()[KNOB_DIRECTION] = SYNC_PULL;
    small_end("code of well 1 (k1)");
    knobs()[KNOB_DIRECTION] = SYNC_PUSH; // what people do there stays there
    small_end(NULL);
    small_last(SMALL_EAST)->author = SIM_WEIR;
    small_end("code of well 1 (k1)");
    small_close();
}

TEST(sim_check_sides, spaces_count_unless_they_are_trimmed) {
    small_open();
    small_put(0, SIM_WELL, small.a_1, small_form("k1", "<1> ", "", 0));
    small_tie(SMALL_EAST, SIM_WELL, small.a_1, 11, false);
    small_end("name of well 1 (k1) is '<1> ' in a and '<1>' at east");
    knobs()[KNOB_TRIMS] = 1;
    small_end(NULL);
    small_close();
}

TEST(sim_check_sides, a_change_that_was_not_pushed_is_found) {
    small_open();
    small_put(0, SIM_WELL, small.a_1, small_form("k1", "<1>", "<2>", 0));
    small_end("a change waits to be pushed");
    knobs()[KNOB_DIRECTION] = SYNC_PUSH;
    small_end("a change waits to be pushed");
    small_close();
}

TEST(sim_check_sides, under_pull_alone_homes_edit_may_stay_and_theirs_must_have_come) {
    small_open();
    knobs()[KNOB_DIRECTION] = SYNC_PULL;
    small_track(SMALL_EAST, SIM_WELL);
    small_tie(SMALL_EAST, SIM_WELL, small.a_1, 11, false);
    small_wrote(4, SIM_A);
    small_put(0, SIM_WELL, small.a_1, small_form("k1", "<1>", "<4>", 0));
    small_end(NULL);
    small_wrote(5, SIM_EAST);
    small_change(SMALL_EAST, small_find(SMALL_EAST, SIM_WELL, 11), small_form("k1", "<5>", "", 0), SIM_PERSON);
    small_end("name of well 1 (k1) is '<1>' in a (as they agreed last) and '<5>' at east, 11");
    small_pending(SMALL_EAST, SIM_WELL, 11, 0, "<5>"); // it came, and was put aside
    small_end(NULL);
    small_close();
}

// --- references ---

TEST(sim_check_sides, another_reference_is_found) {
    small_open();
    struct sim_row *row = small_find(SMALL_EAST, SIM_WELL, 12);
    small_change(SMALL_EAST, row, small_form("k2", "<2>", "", 11), SIM_PERSON);
    small_end("well 2 (k2) refers to well 0 in a, and to 11 at east, 12");
    small_pending(SMALL_EAST, SIM_WELL, 12, small.a_2, "");
    small_end(NULL);
    small_put(0, SIM_WELL, small.a_2, small_form("k2", "<2>", "", small.a_1));
    small_tie(SMALL_EAST, SIM_WELL, small.a_2, 12, false);
    small_end(NULL);
    small_change(SMALL_EAST, row, small_form("k2", "<2>", "", 12), SIM_PERSON);
    small_end("well 2 (k2) refers to well 1 in a, and to 12 at east, 12");
    small_change(SMALL_EAST, row, small_form("k2", "<2>", "", 0), SIM_PERSON);
    small_end("well 2 (k2) refers to well 1 in a, and to 0 at east, 12");
    small.sim.syncs[SMALL_EAST].anew = true;
    small_end(NULL);
    small_close();
}

// --- deletes ---

TEST(sim_check_sides, what_was_deleted_in_home_is_gone_there) {
    small_open();
    small_drop(0, SIM_WELL, small.a_1);
    sim_deleted(&small.sim, 1);
    small_end("well 11 (k1) was deleted in a as 1 and is still at east");
    knobs()[KNOB_DELETES] = 0;
    small_end(NULL);
    knobs()[KNOB_DELETES] = 1;
    knobs()[KNOB_DIRECTION] = SYNC_PULL;
    small_end(NULL);
    knobs()[KNOB_DIRECTION] = SYNC_PUSH;
    small_end("is still at east");
    small_held(SMALL_EAST, SIM_WELL, small.a_1);
    small_end(NULL);
    small_close();
}

static void delete_there(void) {
    small_open();
    small_gone(SMALL_EAST, small_find(SMALL_EAST, SIM_WELL, 11), SIM_PERSON);
    sim_deleted(&small.sim, 1);
}

TEST(sim_check_sides, what_was_deleted_there_is_gone_in_home) {
    delete_there();
    small_end("well 1 (k1) is in a; its row 11 is gone at east");
    knobs()[KNOB_DELETES] = 0;
    small_end(NULL);
    knobs()[KNOB_DELETES] = 1;
    knobs()[KNOB_TOMBSTONES] = 0; // a whole pass tells
    small_end("its row 11 is gone at east");
    knobs()[KNOB_PAGER] = 7; // windows never say that they are whole
    small_end(NULL);
    knobs()[KNOB_PAGER] = 0;
    small_held(SMALL_EAST, SIM_WELL, small.a_1);
    small_end(NULL);
    small_close();
}

TEST(sim_check_sides, what_was_deleted_there_stays_where_home_edited_it_or_does_not_read) {
    delete_there();
    knobs()[KNOB_DIRECTION] = SYNC_PULL;
    small_end("well 1 (k1) is in a; its row 11 is gone at east");
    small_put(0, SIM_WELL, small.a_1, small_form("k1", "<1>", "<2>", 0));
    small_end(NULL);
    knobs()[KNOB_DIRECTION] = SYNC_BOTH;
    small_end("well 1 (k1) is in a; its row 11 is gone at east");
    knobs()[KNOB_DIRECTION] = SYNC_PUSH;
    small_end(NULL);
    small_last(SMALL_EAST)->author = SIM_WEIR;
    small.sim.births[1] = 2; // so that its return has a reason
    small_end("its row 11 is gone at east, deleted by weir");
    small_close();
}

TEST(sim_check_sides, keys_of_before_a_backup_excuse_what_is_gone) {
    delete_there();
    small.sim.homes[0].restored = true;
    small_end("its row 11 is gone at east");
    knobs()[KNOB_KEYS] = 1;
    small_end(NULL);
    small_close();
}

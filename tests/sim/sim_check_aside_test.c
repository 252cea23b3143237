#include "sim_check_small.h"

// The checker on what home has put aside, and the stamps of all places.

static int64_t *knobs(void) {
    return small.plan.world.sources[SMALL_EAST];
}

// --- writes ---

TEST(sim_check_aside, an_open_write_is_found) {
    static const struct {
        enum intent_state state;
        const char *words;
    } cases[] = {
        {INTENT_SENDING, "(create of well 2 to east) is still said to be under way"},
        {INTENT_UNKNOWN, "(create of well 2 to east) is still unknown"},
        {INTENT_PARKED, "(create of well 2 to east) is parked, and no dead letter tells of it"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        small_open();
        small_intent(SMALL_EAST, SIM_WELL, small.a_2, cases[i].state, "");
        small_end(cases[i].words);
        small_close();
    }
}

// --- dead letters ---

static void dead(const char *direction, int64_t external, const char *code) {
    small_open();
    small_dead(SMALL_EAST, direction, SIM_WELL, external, code, "");
}

TEST(sim_check_aside, a_dead_letter_without_a_reason_is_found) {
    static const char *const codes[] = {"W4001", "W4003", "W4004", "W4008", "W4020", "W4023", "W3001", "W3032"};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        dead("pull", 11, codes[i]);
        small_end("has no reason");
        small_close();
        dead("push", 2, codes[i]);
        small_end(codes[i]);
        small_close();
    }
}

TEST(sim_check_aside, an_ambiguous_record_has_a_twin) {
    dead("push", 2, "W4005");
    small_end("dead letter 1 (push of well 2, k0, east) has no reason: W4005 a reason");
    small.sim.births[2] = 2;
    small_end(NULL);
    small_close();
}

TEST(sim_check_aside, a_dead_letter_about_what_is_in_by_now_is_found) {
    dead("pull", 13, "W4005");
    small_run(SIM_EAST, NULL);
    small_close();
    dead("push", 11, "W4005");
    small_run(SIM_EAST, NULL);
    small_close();
    dead("pull", 11, "W4005");
    small_run(SIM_EAST, "dead letter 1 says of well 11 of east that it can't be told from another, and it is in");
    small_close();
    dead("pull", 11, "W4005");
    small.sim.births[1] = 2;
    small_end("dead letter 1 (pull of well 11, k0, east) has no reason: W4005");
    small_close();
}

TEST(sim_check_aside, what_waits_refers_to_what_is_not_there) {
    dead("push", 2, "W4021");
    small_end("has no reason: W4021");
    small_put(0, SIM_WELL, small.a_2, small_form("k2", "<2>", "", small.a_1));
    small_end("has no reason: W4021"); // that one is there
    int64_t third = small_put(0, SIM_WELL, 0, small_form("k1", "<1>", "", 0));
    small.sim.births[1] = 2;
    small_held(SMALL_EAST, SIM_WELL, third);
    small_put(0, SIM_WELL, small.a_2, small_form("k2", "<2>", "", third));
    small_end(NULL);
    small_close();
}

TEST(sim_check_aside, a_parked_write_could_not_be_asked_about) {
    dead("push", 2, "W4022");
    knobs()[KNOB_FINDS] = 0;
    small_end("has no reason: W4022"); // no write is parked
    small_intent(SMALL_EAST, SIM_WELL, small.a_2, INTENT_PARKED, "");
    small_end(NULL);
    knobs()[KNOB_KEYS] = 1;
    small_end("has no reason: W4022");
    small_event(60, SIM_REQUEST, SIM_EAST);
    small_end(NULL);
    small_close();
}

TEST(sim_check_aside, what_is_gone_there_is_a_dead_letter_under_two_policies) {
    static const bool earned[] = {
        [CONFLICT_DATASOURCE] = true, [CONFLICT_HOME] = false,    [CONFLICT_NEWEST] = false,
        [CONFLICT_FIELDS] = false,    [CONFLICT_FUNCTION] = true,
    };
    for (int policy = CONFLICT_DATASOURCE; policy <= CONFLICT_FUNCTION; policy++) {
        dead("push", 2, "W4024");
        knobs()[KNOB_POLICY] = policy;
        small_end(earned[policy] ? NULL : "has no reason: W4024");
        small_close();
    }
}

TEST(sim_check_aside, a_refused_record_was_answered_so) {
    dead("push", 2, "W4020");
    small_put(0, SIM_WELL, small.a_2, small_form("k2", "<2>", "", small.a_1));
    small_end("has no reason: W4020"); // its well is there
    small_untie(SMALL_EAST, SIM_WELL, small.a_1, 11);
    small_held(SMALL_EAST, SIM_WELL, small.a_1);
    small_pending(SMALL_EAST, SIM_WELL, 11, 0, "");
    small_end(NULL);
    small_close();
    dead("push", 2, "W3032");
    small_event(60, SIM_REQUEST, SIM_EAST);
    small_end(NULL);
    small_close();
}

TEST(sim_check_aside, a_reading_without_a_well_is_a_dead_letter) {
    small_open();
    small_dead(SMALL_EAST, "pull", SIM_READING, 5, "W4002", "");
    small_end(NULL);
    small_dead(SMALL_EAST, "pull", SIM_WELL, 5, "W4002", "");
    small_end("(pull of well 5, k0, east) has no reason: W4002");
    small_close();
}

// --- conflicts ---

static void conflict(const char *kind, int64_t external) {
    small_open();
    small_conflict(SMALL_EAST, kind, SIM_WELL, external, "");
}

TEST(sim_check_aside, a_conflict_where_one_side_changed_is_found) {
    static const char *const kinds[] = {"edit", "remote"};
    for (size_t i = 0; i < 2; i++) {
        conflict(kinds[i], 11);
        small_end(NULL); // a person made it there
        small_close();
        conflict(kinds[i], 12);
        small_end("12 of east, where only one side changed it");
        small_change(SMALL_EAST, small_find(SMALL_EAST, SIM_WELL, 12), small_form("k2", "<2>", "", 0), SIM_PERSON);
        small_end(NULL);
        small_close();
    }
}

TEST(sim_check_aside, a_record_adopted_without_a_past_may_clash) {
    conflict("edit", 12);
    small_end("only one side changed it");
    knobs()[KNOB_TRIMS] = 1;
    small_end(NULL);
    knobs()[KNOB_TRIMS] = 0;
    small.plan.world.world[KNOB_NATURAL] = 1;
    small_end(NULL);
    small.plan.world.world[KNOB_NATURAL] = 0;
    small.sim.homes[0].restored = true;
    small_end(NULL);
    small_close();
}

TEST(sim_check_aside, a_repeat_had_two_forms) {
    conflict("repeat", 11);
    small_end("conflict 1 (repeat) about well 0, 11 of east, where only one side changed it");
    small_change(SMALL_EAST, small_find(SMALL_EAST, SIM_WELL, 11), small_form("k1", "<1>", "", 0), SIM_PERSON);
    small_end(NULL);
    small_close();
}

// --- stamps ---

static struct sim_stamp stamp;

static void begin(void) {
    small_open();
    sim_stamp_take(&small.sim, &stamp);
}

static void end(enum sim_place place) {
    struct sim_stamp now;
    sim_stamp_take(&small.sim, &now);
    CHECK_INT(sim_stamp_differs(&stamp, &now), place);
    small_close();
}

TEST(sim_check_aside, a_stamp_tells_of_homes_records_and_links) {
    begin();
    small_put(0, SIM_WELL, small.a_1, small_form("k1", "<1>", "<2>", 0));
    end(SIM_A);
    begin();
    small_drop(1, SIM_WELL, small.b_1);
    end(SIM_B);
    begin();
    small_untie(SMALL_NORTH, SIM_WELL, small.b_1, 31);
    end(SIM_B);
    begin();
    end(SIM_PLACES);
}

TEST(sim_check_aside, a_stamp_tells_of_what_is_put_aside) {
    begin();
    small_dead(SMALL_EAST, "pull", SIM_WELL, 11, "W4005", "");
    end(SIM_A);
    begin();
    small_conflict(SMALL_EAST, "edit", SIM_WELL, 11, "");
    end(SIM_A);
    begin();
    small_pending(SMALL_EAST, SIM_WELL, 11, 0, "");
    end(SIM_A);
    begin();
    small_held(SMALL_NORTH, SIM_WELL, small.b_1);
    end(SIM_B);
    begin();
    small_intent(SMALL_EAST, SIM_WELL, small.a_1, INTENT_UNKNOWN, "");
    end(SIM_A);
    begin();
    small_watermark(SMALL_EAST, "push", "3");
    end(SIM_A);
}

TEST(sim_check_aside, a_stamp_tells_that_everything_was_read_and_not_when) {
    begin();
    small_watermark(SMALL_EAST, "full", "today");
    sim_stamp_take(&small.sim, &stamp);
    small_watermark(SMALL_EAST, "full", "tomorrow");
    end(SIM_PLACES);
    begin();
    small_watermark(SMALL_EAST, "full", "today");
    end(SIM_A);
}

TEST(sim_check_aside, a_stamp_tells_of_datasources) {
    begin();
    small_find(SMALL_EAST, SIM_WELL, 11)->form.name[1] = '7';
    end(SIM_EAST);
    begin();
    small_find(SMALL_NORTH, SIM_WELL, 31)->stamp_us++;
    end(SIM_NORTH);
    begin();
    small.sim.remotes[SMALL_EAST].writes++;
    end(SIM_EAST);
    begin();
    small.sim.remotes[SMALL_WEST].journal_count++;
    end(SIM_WEST);
}

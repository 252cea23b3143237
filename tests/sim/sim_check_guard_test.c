#include "sim_check_small.h"

// The checker on how much one run may take away.

static int64_t *knobs(void) {
    return small.plan.world.sources[SMALL_EAST];
}

static void two_gone_there(void) {
    small_open();
    knobs()[KNOB_AT_MOST] = 1;
    small_gone(SMALL_EAST, small_find(SMALL_EAST, SIM_WELL, 11), SIM_WEIR);
    small_run(SIM_EAST, NULL);
    small_gone(SMALL_EAST, small_find(SMALL_EAST, SIM_WELL, 12), SIM_WEIR);
}

TEST(sim_check_guard, more_deletes_there_than_the_guard_lets_go_are_found) {
    two_gone_there();
    small_run(SIM_EAST, "one run deleted 2 of well at east, where 1 may go and 0 were approved");
    small.sim.syncs[SMALL_EAST].approved = 1;
    small_run(SIM_EAST, NULL);
    small.sim.syncs[SMALL_EAST].approved = 0;
    small_run(SIM_EAST, "one run deleted 2 of well");
    small.sim.run_moment = small_last(SMALL_EAST)->moment - 1; // the other one was the run's before
    small_run(SIM_EAST, NULL);
    small_close();
}

TEST(sim_check_guard, what_people_fate_and_a_retry_delete_there_is_not_the_runs) {
    two_gone_there();
    small_last(SMALL_EAST)->again = true;
    small_run(SIM_EAST, NULL);
    small_last(SMALL_EAST)->again = false;
    small_last(SMALL_EAST)->author = SIM_PERSON;
    small_run(SIM_EAST, NULL);
    small_last(SMALL_EAST)->author = SIM_WEIR;
    small.sim.retries = true;
    small_run(SIM_EAST, NULL);
    small_close();
}

TEST(sim_check_guard, more_deletes_in_home_than_the_guard_lets_go_are_found) {
    small_open();
    knobs()[KNOB_AT_MOST] = 1;
    small_drop_by(0, SIM_WELL, small.a_1, "east");
    small_run(SIM_EAST, NULL);
    small_drop_by(0, SIM_WELL, small.a_2, "east"); // in another run
    small_run(SIM_EAST, NULL);
    small_close();
    small_open();
    knobs()[KNOB_AT_MOST] = 1;
    small_drop_by(0, SIM_WELL, small.a_1, "east");
    small_drop_by(0, SIM_WELL, small.a_2, "east");
    small_run(SIM_WEST, NULL);
    small_run(SIM_EAST, "one run of east deleted 2 of well in a, where 1 may go and 0 were approved");
    small_run(SIM_EAST, NULL); // they were counted
    small_close();
}

static void both_gone_in_home(const char *origin) {
    small_open();
    knobs()[KNOB_AT_MOST] = 1;
    small_drop_by(0, SIM_WELL, small.a_1, origin);
    small_drop_by(0, SIM_WELL, small.a_2, origin);
}

TEST(sim_check_guard, what_people_delete_in_home_or_approve_is_not_the_runs) {
    both_gone_in_home("put");
    small_run(SIM_EAST, NULL);
    small_close();
    both_gone_in_home("east");
    small.sim.syncs[SMALL_EAST].approved = 1;
    small_run(SIM_EAST, NULL);
    small_close();
    both_gone_in_home("east");
    small.sim.report.resumed = true; // it read twice
    small_run(SIM_EAST, NULL);
    small_close();
    both_gone_in_home("east");
    small.sim.syncs[SMALL_EAST].looked[SIM_WELL] = -1; // home came back: of before
    small_run(SIM_EAST, NULL);
    small_close();
}

TEST(sim_check_guard, an_empty_answer_takes_nothing_away) {
    small_open();
    knobs()[KNOB_TOMBSTONES] = 0;
    small.sim.emptied[SIM_WELL] = true;
    small_drop_by(0, SIM_WELL, small.a_1, "east");
    small_run(SIM_EAST, "east said that it has nothing at all, and 1 of well went from a");
    small_close();
    small_open();
    small.sim.emptied[SIM_READING] = true;
    small_drop_by(0, SIM_WELL, small.a_1, "east");
    small_run(SIM_EAST, NULL);
    small_close();
}

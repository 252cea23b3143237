#include "push_rig.h"

// One way alone of a sync that goes both.

static void stop_at_once(void *context, struct text type, const struct counts *counts, uint64_t done, uint64_t total) {
    (void)type;
    (void)counts;
    (void)done;
    (void)total;
    atomic_store((atomic_bool *)context, true);
}

TEST(engine_run_way, a_pull_alone_sends_nothing_and_the_next_run_does) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_BOTH);
    remote_put(&rig.remote, "resource", "{\"id\":7,\"name\":\"theirs\"}");
    push_rig_put(&rig, "resource", "{\"name\":\"ours\"}");
    rig.request.way = RUN_PULL_ALONE;
    push_rig_run(&rig, RUN_DONE);
    CHECK_TEXT(remote_log(&rig.remote), "");
    CHECK_INT(rig.remote.writes, 0);
    CHECK_INT(rig.report.counts.created, 1);
    rig.request.way = RUN_WHOLE;
    push_rig_run(&rig, RUN_DONE);
    CHECK_TEXT(remote_log(&rig.remote), "create resource 8\n");
    push_rig_close(&rig);
}

TEST(engine_run_way, a_push_alone_reads_nothing_and_the_next_run_does) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_BOTH);
    remote_put(&rig.remote, "resource", "{\"id\":7,\"name\":\"theirs\"}");
    push_rig_put(&rig, "resource", "{\"name\":\"ours\"}");
    rig.request.way = RUN_PUSH_ALONE;
    push_rig_run(&rig, RUN_DONE);
    CHECK_TEXT(remote_log(&rig.remote), "create resource 8\n");
    CHECK_INT(rig.remote.opens, 0);
    CHECK_INT(rig.report.counts.read, 0);
    rig.request.way = RUN_WHOLE;
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(rig.report.counts.created, 1);
    CHECK_INT(remote_count(&rig.remote, "resource"), 2);
    push_rig_close(&rig);
}

TEST(engine_run_way, a_push_alone_leaves_the_place_of_a_pull_that_was_interrupted) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_BOTH);
    rig.request.page_records = 1;
    struct run_watch watch = {.progress = stop_at_once, .context = &rig.stop};
    remote_put(&rig.remote, "resource", "{\"id\":7,\"name\":\"a\"}");
    remote_put(&rig.remote, "resource", "{\"id\":8,\"name\":\"b\"}");
    remote_put(&rig.remote, "resource", "{\"id\":9,\"name\":\"c\"}");
    rig.request.watch = &watch;
    push_rig_run(&rig, RUN_INTERRUPTED);
    CHECK_INT(rig.report.counts.read, 1);
    rig.request.watch = NULL;
    atomic_store(&rig.stop, false);
    rig.request.way = RUN_PUSH_ALONE;
    push_rig_run(&rig, RUN_DONE);
    CHECK(!rig.report.resumed);
    CHECK_INT(rig.report.counts.read, 0);
    rig.request.way = RUN_WHOLE;
    push_rig_run(&rig, RUN_DONE);
    CHECK(rig.report.resumed);
    CHECK_INT(rig.report.counts.created, 3);
    push_rig_close(&rig);
}

TEST(engine_run_way, a_pull_alone_asks_first_what_became_of_writes_whose_answer_was_lost_f22) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_BOTH);
    rig.remote.dark = true;
    remote_fault(&rig.remote, 1, REMOTE_LOST);
    push_rig_put(&rig, "resource", "{\"name\":\"ours\"}");
    push_rig_run(&rig, RUN_WARNING);
    CHECK_INT(remote_count(&rig.remote, "resource"), 1); // it went in, and home doesn't know
    rig.remote.dark = false;
    rig.remote.has_find = true;
    rig.remote.find[0] = "name";
    rig.request.way = RUN_PULL_ALONE;
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(rig.report.counts.created, 0); // it was met as what it is
    CHECK_INT(push_rig_intents(&rig, INTENT_SENDING), 0);
    rig.request.way = RUN_WHOLE;
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(remote_count(&rig.remote, "resource"), 1);
    push_rig_close(&rig);
}

static void note_run(void *context, int64_t run) {
    *(int64_t *)context = run;
}

TEST(engine_run_way, whoever_watches_is_told_the_runs_number_when_it_begins) {
    struct push_rig rig;
    int64_t began = 0;
    push_rig_open(&rig, SYNC_BOTH);
    struct run_watch watch = {.began = note_run, .context = &began};
    rig.request.watch = &watch;
    push_rig_run(&rig, RUN_DONE);
    CHECK(began > 0);
    CHECK_INT(began, rig.report.run);
    rig.sync.once = true;
    began = 0;
    push_rig_run(&rig, RUN_DONE);
    CHECK(rig.report.answered);
    CHECK_INT(began, 0); // nothing began
    push_rig_close(&rig);
}

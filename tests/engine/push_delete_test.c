#include "push_rig.h"
#include "store/store_sqlite.h"

#define ID(id) ((long long)(id))

enum { WELLS = 6 };

// Six records that are there.
static void fill(struct push_rig *rig, int64_t ids[WELLS]) {
    for (int i = 0; i < WELLS; i++) {
        ids[i] = push_rig_put(rig, "resource", "{\"name\":\"w%d\"}", i);
    }
    push_rig_run(rig, RUN_DONE);
    remote_log_reset(&rig->remote);
    rig->remote.changes = 0;
}

TEST(engine_push_delete, deleted_here_is_deleted_there_f12) {
    struct push_rig rig;
    int64_t ids[WELLS];
    push_rig_open(&rig, SYNC_BOTH);
    fill(&rig, ids);
    push_rig_delete(&rig, "resource", ids[1]);
    push_rig_delete(&rig, "resource", ids[3]);
    push_rig_run(&rig, RUN_DONE);
    CHECK_TEXT(remote_log(&rig.remote), "delete resource 2\ndelete resource 4\n");
    CHECK_INT(rig.report.counts.pushed, 2);
    CHECK_INT(push_rig_link(&rig, "resource", ids[1], NULL).home, 0);
    CHECK_INT(push_rig_watermark(&rig, "resource"), push_rig_seq(&rig));
    push_rig_run(&rig, RUN_DONE);
    push_rig_quiet(&rig);
    push_rig_close(&rig);
}

TEST(engine_push_delete, more_than_the_guard_lets_are_held_until_approved_f13) {
    struct push_rig rig;
    int64_t ids[WELLS];
    push_rig_open(&rig, SYNC_BOTH);
    fill(&rig, ids);
    for (int i = 0; i < 3; i++) {
        push_rig_delete(&rig, "resource", ids[i]);
    }
    push_rig_put(&rig, "resource", "{\"id\":%lld,\"name\":\"edited\"}", ID(ids[5]));
    push_rig_run(&rig, RUN_DONE);
    CHECK_TEXT(remote_log(&rig.remote), "update resource 6\n");
    CHECK_INT(rig.report.counts.held, 3);
    CHECK_INT(push_rig_helds(&rig), 3);
    CHECK_INT(push_rig_watermark(&rig, "resource"), push_rig_seq(&rig));
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(push_rig_helds(&rig), 3);
    push_rig_quiet(&rig);
    push_rig_approve(&rig);
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(push_rig_helds(&rig), 0);
    CHECK_INT(remote_count(&rig.remote, "resource"), 3);
    push_rig_run(&rig, RUN_DONE);
    push_rig_quiet(&rig);
    push_rig_close(&rig);
}

TEST(engine_push_delete, never_all_of_them_f13) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_PUSH);
    rig.sync.deletes_at_most = (struct share){true, 100};
    int64_t one = push_rig_put(&rig, "resource", "{\"name\":\"one\"}");
    push_rig_run(&rig, RUN_DONE);
    push_rig_delete(&rig, "resource", one);
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(remote_count(&rig.remote, "resource"), 1);
    CHECK_INT(push_rig_helds(&rig), 1);
    push_rig_close(&rig);
}

TEST(engine_push_delete, kept_and_reported_where_the_script_does_not_say_f12) {
    struct push_rig rig;
    int64_t ids[WELLS];
    push_rig_open(&rig, SYNC_BOTH);
    rig.sync.deletes = false;
    fill(&rig, ids);
    push_rig_delete(&rig, "resource", ids[1]);
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(rig.remote.changes, 0);
    CHECK(push_rig_link(&rig, "resource", ids[1], NULL).home != 0);
    CHECK_INT(push_rig_watermark(&rig, "resource"), push_rig_seq(&rig));
    push_rig_quiet(&rig);
    push_rig_close(&rig);
}

TEST(engine_push_delete, what_was_never_there_needs_no_delete) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_PUSH);
    rig.remote.refuse = "bad";
    int64_t bad = push_rig_put(&rig, "resource", "{\"name\":\"bad\"}");
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(push_rig_deads(&rig), 1);
    push_rig_delete(&rig, "resource", bad);
    size_t writes = rig.remote.writes;
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(rig.remote.writes, writes);
    CHECK_INT(push_rig_deads(&rig), 0); // nothing is left to be done about it
    push_rig_quiet(&rig);
    push_rig_close(&rig);
}

TEST(engine_push_delete, a_lost_answer_of_a_delete_is_found_out_f08) {
    struct push_rig rig;
    int64_t ids[WELLS];
    push_rig_open(&rig, SYNC_BOTH);
    fill(&rig, ids);
    rig.remote.dark = true;
    remote_fault(&rig.remote, WELLS + 1, REMOTE_LOST);
    remote_fault(&rig.remote, WELLS + 2, REMOTE_DROPPED);
    push_rig_delete(&rig, "resource", ids[1]);
    push_rig_delete(&rig, "resource", ids[2]);
    push_rig_run(&rig, RUN_WARNING);
    CHECK_INT(push_rig_intents(&rig, INTENT_UNKNOWN), 2);
    CHECK(push_rig_watermark(&rig, "resource") < push_rig_seq(&rig));
    rig.remote.dark = false;
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(push_rig_intents(&rig, INTENT_UNKNOWN), 0);
    CHECK_INT(remote_count(&rig.remote, "resource"), WELLS - 2);
    CHECK_INT(push_rig_link(&rig, "resource", ids[1], NULL).home, 0);
    CHECK_INT(push_rig_link(&rig, "resource", ids[2], NULL).home, 0);
    push_rig_run(&rig, RUN_DONE);
    push_rig_quiet(&rig);
    push_rig_close(&rig);
}

TEST(engine_push_delete, a_refused_delete_is_a_dead_letter_and_a_retry_sends_it) {
    struct push_rig rig;
    int64_t ids[WELLS];
    push_rig_open(&rig, SYNC_PUSH);
    fill(&rig, ids);
    remote_fault(&rig.remote, WELLS + 1, REMOTE_REFUSE);
    push_rig_delete(&rig, "resource", ids[1]);
    push_rig_run(&rig, RUN_DONE);
    CHECK_TEXT(push_rig_dead(&rig, ids[1]).code, "W4020");
    push_rig_quiet(&rig);
    push_rig_retry(&rig, NULL, 0);
    CHECK_INT(push_rig_deads(&rig), 0);
    CHECK_INT(remote_count(&rig.remote, "resource"), WELLS - 1);
    push_rig_quiet(&rig);
    push_rig_close(&rig);
}

TEST(engine_push_delete, approved_but_brought_back_meanwhile_stays) {
    struct push_rig rig;
    int64_t ids[WELLS];
    push_rig_open(&rig, SYNC_BOTH);
    fill(&rig, ids);
    for (int i = 0; i < 3; i++) {
        push_rig_delete(&rig, "resource", ids[i]);
    }
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(push_rig_helds(&rig), 3);
    push_rig_approve(&rig);
    remote_put(&rig.remote, "resource", "{\"id\":1,\"name\":\"changed there\"}");
    push_rig_run(&rig, RUN_DONE); // the pull brings it back first
    CHECK_INT(remote_count(&rig.remote, "resource"), WELLS - 2);
    CHECK(push_rig_record(&rig, "resource", ids[0]).id == ids[0]);
    CHECK_INT(push_rig_helds(&rig), 0);
    push_rig_run(&rig, RUN_DONE);
    push_rig_quiet(&rig);
    push_rig_close(&rig);
}

// --- the same on disk ---

TEST(engine_push_delete_sqlite, more_than_the_guard_lets_are_held_until_approved_f13) {
    push_rig_store = &store_sqlite;
    test_engine_push_delete_more_than_the_guard_lets_are_held_until_approved_f13();
}

TEST(engine_push_delete_sqlite, a_lost_answer_of_a_delete_is_found_out_f08) {
    push_rig_store = &store_sqlite;
    test_engine_push_delete_a_lost_answer_of_a_delete_is_found_out_f08();
}

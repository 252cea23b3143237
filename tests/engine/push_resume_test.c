#include "push_rig.h"
#include "store/store_sqlite.h"

#define ID(id) ((long long)(id))

TEST(engine_push_resume, a_lost_answer_is_found_out_at_once_f08) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_PUSH);
    rig.remote.has_find = true;
    rig.remote.find[0] = "name";
    push_rig_put(&rig, "resource", "{\"name\":\"a\"}");
    int64_t lost = push_rig_put(&rig, "resource", "{\"name\":\"b\"}");
    push_rig_put(&rig, "resource", "{\"name\":\"c\"}");
    remote_fault(&rig.remote, 2, REMOTE_LOST);
    remote_fault(&rig.remote, 3, REMOTE_DROPPED);
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(remote_count(&rig.remote, "resource"), 3);
    CHECK(push_rig_link(&rig, "resource", lost, NULL).home == lost);
    CHECK_INT(rig.report.counts.pushed, 3);
    push_rig_quiet(&rig);
    push_rig_close(&rig);
}

TEST(engine_push_resume, an_unknown_outcome_is_asked_for_when_the_next_run_begins_f08) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_BOTH);
    rig.remote.has_find = true;
    rig.remote.find[0] = "name";
    rig.remote.dark = true;
    int64_t lost = push_rig_put(&rig, "resource", "{\"name\":\"lost\"}");
    int64_t dropped = push_rig_put(&rig, "resource", "{\"name\":\"dropped\"}");
    push_rig_put(&rig, "resource", "{\"name\":\"fine\"}");
    remote_fault(&rig.remote, 1, REMOTE_LOST);
    remote_fault(&rig.remote, 2, REMOTE_DROPPED);
    push_rig_run(&rig, RUN_WARNING);
    CHECK_INT(push_rig_intents(&rig, INTENT_UNKNOWN), 2);
    CHECK_INT(push_rig_deads(&rig), 0);
    CHECK(push_rig_watermark(&rig, "resource") < push_rig_record(&rig, "resource", lost).seq);
    rig.remote.dark = false;
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(push_rig_intents(&rig, INTENT_UNKNOWN), 0);
    CHECK_INT(remote_count(&rig.remote, "resource"), 3);
    CHECK(push_rig_link(&rig, "resource", lost, NULL).home == lost);
    CHECK(push_rig_link(&rig, "resource", dropped, NULL).home == dropped);
    push_rig_run(&rig, RUN_DONE);
    push_rig_quiet(&rig);
    push_rig_close(&rig);
}

TEST(engine_push_resume, what_nobody_can_find_out_is_parked_f08) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_PUSH);
    int64_t lost = push_rig_put(&rig, "resource", "{\"name\":\"lost\"}");
    remote_fault(&rig.remote, 1, REMOTE_LOST);
    push_rig_run(&rig, RUN_WARNING);
    CHECK_INT(push_rig_intents(&rig, INTENT_UNKNOWN), 1);
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(push_rig_intents(&rig, INTENT_PARKED), 1);
    CHECK_TEXT(push_rig_dead(&rig, lost).code, "W4022");
    push_rig_put(&rig, "resource", "{\"id\":%lld,\"code\":\"edited\"}", ID(lost));
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(remote_count(&rig.remote, "resource"), 1); // never guessed
    push_rig_quiet(&rig);
    push_rig_retry(&rig, NULL, 0); // of all: nobody said anything about this one
    CHECK_INT(remote_count(&rig.remote, "resource"), 1);
    int64_t dead = push_rig_dead(&rig, lost).id;
    remote_remove(&rig.remote, "resource", "1"); // a person looked: it isn't what they want, and says so
    push_rig_retry(&rig, &dead, 1);
    CHECK_INT(push_rig_intents(&rig, INTENT_PARKED), 0);
    CHECK_INT(push_rig_deads(&rig), 0);
    CHECK_INT(remote_count(&rig.remote, "resource"), 1);
    push_rig_quiet(&rig);
    push_rig_close(&rig);
}

// --- the same on disk ---

TEST(engine_push_resume_sqlite, an_unknown_outcome_is_asked_for_when_the_next_run_begins_f08) {
    push_rig_store = &store_sqlite;
    test_engine_push_resume_an_unknown_outcome_is_asked_for_when_the_next_run_begins_f08();
}

TEST(engine_push_resume_sqlite, what_nobody_can_find_out_is_parked_f08) {
    push_rig_store = &store_sqlite;
    test_engine_push_resume_what_nobody_can_find_out_is_parked_f08();
}

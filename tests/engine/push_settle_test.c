#include "push_rig.h"
#include "store/store_sqlite.h"

#define ID(id) ((long long)(id))

TEST(engine_push_settle, a_form_that_comes_and_goes_is_stopped_f10) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_PUSH);
    int64_t well = push_rig_put(&rig, "resource", "{\"name\":\"a\"}");
    push_rig_run(&rig, RUN_DONE);
    for (int i = 0; i < 20; i++) {
        push_rig_put(&rig, "resource", "{\"id\":%lld,\"name\":\"%s\"}", ID(well), i % 2 == 0 ? "b" : "a");
        push_rig_run(&rig, RUN_DONE);
    }
    CHECK_INT(rig.remote.changes, 6); // a, b, and four that came back
    struct dead_row dead = push_rig_dead(&rig, well);
    CHECK_TEXT(dead.code, "W4023");
    push_rig_quiet(&rig);
    push_rig_retry(&rig, &dead.id, 1); // somebody has looked at it
    CHECK_INT(rig.remote.changes, 7);
    CHECK_INT(push_rig_deads(&rig), 0);
    CHECK_INT(push_rig_link(&rig, "resource", well, NULL).bounces, 0);
    push_rig_close(&rig);
}

static int64_t gone_there(struct push_rig *rig) {
    int64_t well = push_rig_put(rig, "resource", "{\"name\":\"well\"}");
    push_rig_run(rig, RUN_DONE);
    remote_remove(&rig->remote, "resource", "1");
    push_rig_put(rig, "resource", "{\"id\":%lld,\"name\":\"edited\"}", ID(well));
    push_rig_run(rig, RUN_DONE);
    return well;
}

TEST(engine_push_settle, edited_here_and_gone_there_is_made_anew_f12) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_PUSH);
    int64_t well = gone_there(&rig);
    struct text external;
    push_rig_link(&rig, "resource", well, &external);
    CHECK_TEXT(external, "2");
    CHECK_INT(remote_count(&rig.remote, "resource"), 1);
    push_rig_quiet(&rig);
    push_rig_close(&rig);
}

TEST(engine_push_settle, edited_here_and_gone_there_is_kept_where_the_datasource_decides_f12) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_PUSH);
    rig.sync.conflict = CONFLICT_DATASOURCE;
    int64_t well = gone_there(&rig);
    CHECK_INT(remote_count(&rig.remote, "resource"), 0);
    struct dead_row dead = push_rig_dead(&rig, well);
    CHECK_TEXT(dead.code, "W4024");
    CHECK(push_rig_record(&rig, "resource", well).id == well);
    push_rig_quiet(&rig);
    push_rig_retry(&rig, &dead.id, 1);
    CHECK_INT(remote_count(&rig.remote, "resource"), 1);
    CHECK_INT(push_rig_deads(&rig), 0);
    push_rig_quiet(&rig);
    push_rig_close(&rig);
}

// --- the same on disk ---

TEST(engine_push_settle_sqlite, edited_here_and_gone_there_is_made_anew_f12) {
    push_rig_store = &store_sqlite;
    test_engine_push_settle_edited_here_and_gone_there_is_made_anew_f12();
}

TEST(engine_push_settle_sqlite, a_form_that_comes_and_goes_is_stopped_f10) {
    push_rig_store = &store_sqlite;
    test_engine_push_settle_a_form_that_comes_and_goes_is_stopped_f10();
}

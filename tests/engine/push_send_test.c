#include "push_rig.h"

#define ID(id) ((long long)(id))

TEST(engine_push_send, a_refused_record_becomes_a_dead_letter_and_the_rest_goes_on_f06) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_PUSH);
    rig.remote.refuse = "bad";
    int64_t bad = push_rig_put(&rig, "resource", "{\"name\":\"bad\"}");
    push_rig_put(&rig, "resource", "{\"name\":\"good\"}");
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(rig.report.counts.pushed, 1);
    CHECK_INT(rig.report.counts.dead, 1);
    struct dead_row dead = push_rig_dead(&rig, bad);
    CHECK_TEXT(dead.code, "W4020");
    CHECK_INT(dead.attempts, 1);
    CHECK(object_find(dead.payload.as.object, TEXT_LITERAL("name")) != NULL);
    CHECK_INT(push_rig_intents(&rig, INTENT_SENDING), 0);
    push_rig_quiet(&rig); // it isn't sent again by itself
    push_rig_put(&rig, "resource", "{\"id\":%lld,\"code\":\"still bad\"}", ID(bad));
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(push_rig_dead(&rig, bad).attempts, 2);
    push_rig_put(&rig, "resource", "{\"id\":%lld,\"name\":\"mended\",\"code\":null}", ID(bad));
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(push_rig_deads(&rig), 0);
    CHECK_INT(remote_count(&rig.remote, "resource"), 2);
    push_rig_quiet(&rig);
    push_rig_close(&rig);
}

TEST(engine_push_send, failures_in_passing_are_tried_again) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_PUSH);
    push_rig_put(&rig, "resource", "{\"name\":\"a\"}");
    push_rig_put(&rig, "resource", "{\"name\":\"b\"}");
    remote_fault(&rig.remote, 1, REMOTE_UNSENT);
    remote_fault(&rig.remote, 3, REMOTE_BUSY);
    rig.remote.busy_until = rig.now_us + 5000000;
    int64_t began = rig.now_us;
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(rig.report.counts.pushed, 2);
    CHECK_INT(rig.remote.writes, 4);
    CHECK(rig.now_us >= began + 5000000);
    CHECK_INT(push_rig_deads(&rig), 0);
    push_rig_quiet(&rig);
    push_rig_close(&rig);
}

TEST(engine_push_send, a_server_that_is_away_ends_the_run_and_costs_nothing_f24) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_PUSH);
    push_rig_put(&rig, "resource", "{\"name\":\"a\"}");
    for (size_t i = 1; i <= 4; i++) {
        remote_fault(&rig.remote, i, REMOTE_UNSENT);
    }
    push_rig_run(&rig, RUN_FAILED);
    CHECK(rig.report.error.code == ERROR_HTTP_CONNECT);
    CHECK_INT(push_rig_intents(&rig, INTENT_SENDING), 0);
    CHECK_INT(push_rig_deads(&rig), 0);
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(remote_count(&rig.remote, "resource"), 1);
    push_rig_quiet(&rig);
    push_rig_close(&rig);
}

TEST(engine_push_send, a_record_that_alone_fails_again_and_again_becomes_a_dead_letter_f22) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_PUSH);
    rig.sync.retry_max = 0;
    int64_t poison = push_rig_put(&rig, "resource", "{\"name\":\"poison\"}");
    push_rig_put(&rig, "resource", "{\"name\":\"fine\"}");
    remote_fault(&rig.remote, 1, REMOTE_UNSENT);
    push_rig_run(&rig, RUN_DONE);
    CHECK_TEXT(push_rig_dead(&rig, poison).code, "W3022");
    CHECK_INT(remote_count(&rig.remote, "resource"), 1);
    push_rig_close(&rig);
}

TEST(engine_push_send, a_long_wait_makes_the_run_wait_f24) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_PUSH);
    rig.remote.chunk = 1;
    push_rig_put(&rig, "resource", "{\"name\":\"a\"}");
    push_rig_put(&rig, "resource", "{\"name\":\"b\"}");
    remote_fault(&rig.remote, 2, REMOTE_BUSY);
    rig.remote.busy_until = rig.now_us + INT64_C(3600000000);
    push_rig_run(&rig, RUN_WAITING);
    CHECK_INT(rig.report.until_us, rig.remote.busy_until);
    CHECK_INT(rig.report.counts.pushed, 1);
    CHECK_INT(push_rig_intents(&rig, INTENT_SENDING), 0);
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(remote_count(&rig.remote, "resource"), 2);
    push_rig_quiet(&rig);
    push_rig_close(&rig);
}

TEST(engine_push_send, no_permission_ends_the_run) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_PUSH);
    push_rig_put(&rig, "resource", "{\"name\":\"a\"}");
    push_rig_put(&rig, "resource", "{\"name\":\"b\"}");
    remote_fault(&rig.remote, 2, REMOTE_DENIED);
    push_rig_run(&rig, RUN_FAILED);
    CHECK(rig.report.error.code == ERROR_HTTP_REFUSED);
    CHECK_INT(rig.report.counts.pushed, 1);
    CHECK_INT(push_rig_intents(&rig, INTENT_SENDING), 0);
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(remote_count(&rig.remote, "resource"), 2);
    push_rig_quiet(&rig);
    push_rig_close(&rig);
}

TEST(engine_push_send, too_many_dead_letters_stop_the_run) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_PUSH);
    rig.sync.stop_after = (struct share){false, 3};
    rig.remote.refuse = "bad";
    rig.remote.chunk = 1;
    for (int i = 0; i < 10; i++) {
        push_rig_put(&rig, "resource", "{\"name\":\"bad %d\"}", i);
    }
    push_rig_run(&rig, RUN_FAILED);
    CHECK(rig.report.error.code == ERROR_RUN_STOPPED);
    CHECK_INT(rig.remote.writes, 3);
    CHECK_INT(push_rig_deads(&rig), 3);
    push_rig_close(&rig);
}

TEST(engine_push_send, a_signal_ends_it_at_a_chunk) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_PUSH);
    push_rig_put(&rig, "resource", "{\"name\":\"a\"}");
    atomic_store(&rig.stop, true);
    push_rig_run(&rig, RUN_INTERRUPTED);
    CHECK_INT(rig.remote.writes, 0);
    atomic_store(&rig.stop, false);
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(remote_count(&rig.remote, "resource"), 1);
    push_rig_close(&rig);
}

struct operations {
    struct arena *arena;
    struct text seen[8];
    size_t count;
};

static void note_operation(void *context, const struct target_item *item) {
    struct operations *operations = context;
    CHECK(operations->count < 8);
    CHECK(arena_text(operations->arena, item->operation, &operations->seen[operations->count++]));
}

TEST(engine_push_send, an_operation_keeps_its_name_over_tries_and_runs_and_another_form_has_another_f07) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_PUSH);
    struct operations operations = {.arena = &rig.arena};
    rig.remote.on_write = note_operation;
    rig.remote.context = &operations;
    rig.sync.retry_max = 1;
    int64_t well = push_rig_put(&rig, "resource", "{\"name\":\"a\"}");
    remote_fault(&rig.remote, 1, REMOTE_UNSENT);
    remote_fault(&rig.remote, 2, REMOTE_UNSENT);
    push_rig_run(&rig, RUN_FAILED);
    rig.now_us += 1000000;
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(operations.count, 3);
    CHECK_INT(operations.seen[0].length, PRINT_HEX);
    CHECK(text_same(operations.seen[0], operations.seen[1]) && text_same(operations.seen[0], operations.seen[2]));
    push_rig_put(&rig, "resource", "{\"id\":%lld,\"name\":\"b\"}", ID(well));
    push_rig_run(&rig, RUN_DONE);
    push_rig_put(&rig, "resource", "{\"id\":%lld,\"name\":\"a\"}", ID(well));
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(operations.count, 5);
    for (size_t i = 3; i < 5; i++) {
        CHECK(!text_same(operations.seen[i], operations.seen[0]));
    }
    CHECK(!text_same(operations.seen[3], operations.seen[4]));
    push_rig_close(&rig);
}

#include "push_rig.h"
#include "store/store_sqlite.h"

#define ID(id) ((long long)(id))

static void check_there(struct push_rig *rig, const char *type, const char *id, const char *json) {
    CHECK_TEXT(remote_get(&rig->remote, type, id), json);
}

TEST(engine_push, creates_then_updates_then_rests) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_PUSH);
    int64_t well = push_rig_put(&rig, "resource", "{\"name\":\"well\",\"code\":\"w\"}");
    push_rig_put(&rig, "reading", "{\"resource\":%lld,\"value\":12.50}", ID(well));
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(rig.report.counts.pushed, 2);
    CHECK_TEXT(remote_log(&rig.remote), "create resource 1\ncreate reading 2\n");
    check_there(&rig, "resource", "1", "{\"id\":1,\"code\":\"w\",\"name\":\"well\",\"parent\":null}");
    check_there(&rig, "reading", "2", "{\"id\":2,\"resource\":\"1\",\"value\":12.50}");
    struct text external;
    struct link link = push_rig_link(&rig, "resource", well, &external);
    CHECK_TEXT(external, "1");
    CHECK_INT(link.agreed_seq, push_rig_record(&rig, "resource", well).seq);
    CHECK_INT(push_rig_intents(&rig, INTENT_SENDING), 0);
    push_rig_quiet(&rig);
    push_rig_put(&rig, "resource", "{\"id\":%lld,\"name\":\"tank\"}", ID(well));
    remote_log_reset(&rig.remote);
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(rig.report.counts.pushed, 1);
    CHECK_TEXT(remote_log(&rig.remote), "update resource 1\n");
    check_there(&rig, "resource", "1", "{\"id\":1,\"code\":\"w\",\"name\":\"tank\",\"parent\":null}");
    push_rig_quiet(&rig);
    push_rig_close(&rig);
}

TEST(engine_push, both_ways_echo_nothing_f10) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_BOTH);
    rig.remote.trims = true;
    remote_put(&rig.remote, "resource", "{\"id\":7,\"name\":\"theirs\"}");
    int64_t ours = push_rig_put(&rig, "resource", "{\"name\":\"ours \"}");
    push_rig_run(&rig, RUN_DONE);
    CHECK_TEXT(remote_log(&rig.remote), "create resource 8\n");
    CHECK_INT(remote_count(&rig.remote, "resource"), 2);
    push_rig_run(&rig, RUN_DONE); // its own writes come back by the feed
    CHECK_INT(rig.remote.changes, 1);
    push_rig_quiet(&rig);
    struct home_row row = push_rig_record(&rig, "resource", ours);
    CHECK_TEXT(value_slice(&row.fields[RES_NAME]), "ours ");
    push_rig_close(&rig);
}

TEST(engine_push, an_edit_that_says_nothing_new_is_agreed_without_a_write) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_PUSH);
    int64_t well = push_rig_put(&rig, "resource", "{\"name\":\"well\"}");
    push_rig_run(&rig, RUN_DONE);
    push_rig_put(&rig, "resource", "{\"id\":%lld,\"legacy\":\"not pushed\"}", ID(well));
    size_t writes = rig.remote.writes;
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(rig.remote.writes, writes);
    CHECK_INT(rig.report.counts.pushed, 0);
    CHECK_INT(push_rig_link(&rig, "resource", well, NULL).agreed_seq, push_rig_record(&rig, "resource", well).seq);
    push_rig_quiet(&rig);
    push_rig_close(&rig);
}

TEST(engine_push, many_records_go_in_chunks_and_blocks) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_PUSH);
    rig.remote.chunk = 7;
    for (int i = 0; i < 1203; i++) {
        push_rig_put(&rig, "resource", "{\"name\":\"r%d\"}", i);
    }
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(rig.report.counts.pushed, 1203);
    CHECK_INT(remote_count(&rig.remote, "resource"), 1203);
    CHECK_INT(push_rig_watermark(&rig, "resource"), push_rig_seq(&rig));
    push_rig_quiet(&rig);
    push_rig_close(&rig);
}

// --- failures ---

TEST(engine_push, a_refused_record_becomes_a_dead_letter_and_the_rest_goes_on_f06) {
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

TEST(engine_push, a_retry_sends_what_home_says_today_f25) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_PUSH);
    rig.remote.refuse = "bad";
    int64_t well = push_rig_put(&rig, "resource", "{\"name\":\"bad\"}");
    push_rig_run(&rig, RUN_DONE);
    int64_t dead = push_rig_dead(&rig, well).id;
    CHECK(dead != 0);
    push_rig_put(&rig, "resource", "{\"id\":%lld,\"name\":\"newer\"}", ID(well));
    push_rig_retry(&rig, &dead, 1);
    CHECK_INT(push_rig_deads(&rig), 0);
    check_there(&rig, "resource", "1", "{\"id\":1,\"code\":null,\"name\":\"newer\",\"parent\":null}");
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(rig.remote.changes, 1);
    push_rig_quiet(&rig);
    push_rig_close(&rig);
}

TEST(engine_push, a_retry_takes_the_chosen_ones_alone) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_PUSH);
    rig.remote.refuse = "bad";
    int64_t one = push_rig_put(&rig, "resource", "{\"name\":\"bad 1\"}");
    push_rig_put(&rig, "resource", "{\"name\":\"bad 2\"}");
    push_rig_run(&rig, RUN_DONE);
    rig.remote.refuse = NULL;
    int64_t dead = push_rig_dead(&rig, one).id;
    push_rig_retry(&rig, &dead, 1);
    CHECK_INT(remote_count(&rig.remote, "resource"), 1);
    CHECK_INT(push_rig_deads(&rig), 1);
    push_rig_retry(&rig, NULL, 0);
    CHECK_INT(remote_count(&rig.remote, "resource"), 2);
    CHECK_INT(push_rig_deads(&rig), 0);
    push_rig_close(&rig);
}

TEST(engine_push, a_lost_answer_is_found_out_at_once_f08) {
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

TEST(engine_push, an_unknown_outcome_is_asked_for_when_the_next_run_begins_f08) {
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
    push_rig_run(&rig, RUN_DONE);
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

TEST(engine_push, what_nobody_can_find_out_is_parked_f08) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_PUSH);
    int64_t lost = push_rig_put(&rig, "resource", "{\"name\":\"lost\"}");
    remote_fault(&rig.remote, 1, REMOTE_LOST);
    push_rig_run(&rig, RUN_DONE);
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

TEST(engine_push, failures_in_passing_are_tried_again) {
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

TEST(engine_push, a_server_that_is_away_ends_the_run_and_costs_nothing_f24) {
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

TEST(engine_push, a_record_that_alone_fails_again_and_again_becomes_a_dead_letter_f22) {
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

TEST(engine_push, a_long_wait_makes_the_run_wait_f24) {
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

TEST(engine_push, no_permission_ends_the_run) {
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

TEST(engine_push, too_many_dead_letters_stop_the_run) {
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

TEST(engine_push, a_signal_ends_it_at_a_chunk) {
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

TEST(engine_push, an_operation_keeps_its_name_over_tries_and_runs_and_another_form_has_another_f07) {
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

// --- waiting ---

TEST(engine_push, what_refers_to_a_record_that_is_not_there_yet_waits_and_goes_by_itself) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_PUSH);
    rig.remote.refuse = "bad";
    int64_t parent = push_rig_put(&rig, "resource", "{\"name\":\"bad\"}");
    int64_t child = push_rig_put(&rig, "resource", "{\"name\":\"child\",\"parent\":%lld}", ID(parent));
    int64_t grandchild = push_rig_put(&rig, "resource", "{\"name\":\"grandchild\",\"parent\":%lld}", ID(child));
    push_rig_run(&rig, RUN_DONE);
    CHECK_TEXT(push_rig_dead(&rig, child).code, "W4021");
    CHECK_TEXT(push_rig_dead(&rig, grandchild).code, "W4021");
    CHECK_INT(remote_count(&rig.remote, "resource"), 0);
    push_rig_quiet(&rig);
    CHECK_INT(push_rig_dead(&rig, child).attempts, 1);
    push_rig_put(&rig, "resource", "{\"id\":%lld,\"name\":\"mended\"}", ID(parent));
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(remote_count(&rig.remote, "resource"), 3);
    CHECK_INT(push_rig_deads(&rig), 0);
    push_rig_quiet(&rig);
    push_rig_close(&rig);
}

TEST(engine_push, parent_and_child_of_one_type_go_in_one_push) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_PUSH);
    int64_t parent = push_rig_put(&rig, "resource", "{\"name\":\"parent\"}");
    push_rig_put(&rig, "resource", "{\"name\":\"child\",\"parent\":%lld}", ID(parent));
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(rig.report.counts.pushed, 2);
    CHECK_INT(push_rig_deads(&rig), 0);
    check_there(&rig, "resource", "2", "{\"id\":2,\"code\":null,\"name\":\"child\",\"parent\":\"1\"}");
    push_rig_quiet(&rig);
    push_rig_close(&rig);
}

// --- edits while it is on its way, and what comes back ---

struct meanwhile {
    struct push_rig *rig;
    int64_t id;
    bool deletes;
    bool done;
};

static void edit_meanwhile(void *context, const struct target_item *item) {
    struct meanwhile *meanwhile = context;
    (void)item;
    if (!meanwhile->done) {
        meanwhile->done = true;
        if (meanwhile->deletes) {
            push_rig_delete(meanwhile->rig, "resource", meanwhile->id);
        } else {
            push_rig_put(meanwhile->rig, "resource", "{\"id\":%lld,\"code\":\"edited\"}", ID(meanwhile->id));
        }
    }
}

static void give_back(struct push_rig *rig) {
    rig->types[0].push.back = (struct transform){.rules = rig->back_rules, .count = 1};
}

TEST(engine_push, an_edit_while_it_is_sent_stays_an_edit) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_BOTH);
    struct meanwhile meanwhile = {.rig = &rig};
    meanwhile.id = push_rig_put(&rig, "resource", "{\"name\":\"a\"}");
    rig.remote.on_write = edit_meanwhile;
    rig.remote.context = &meanwhile;
    push_rig_run(&rig, RUN_DONE);
    push_rig_run(&rig, RUN_DONE);
    check_there(&rig, "resource", "1", "{\"id\":1,\"code\":\"edited\",\"name\":\"a\",\"parent\":null}");
    CHECK_TEXT(remote_log(&rig.remote), "create resource 1\nupdate resource 1\n");
    push_rig_run(&rig, RUN_DONE);
    push_rig_quiet(&rig);
    push_rig_close(&rig);
}

TEST(engine_push, a_delete_while_it_is_sent_follows) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_BOTH);
    give_back(&rig);
    push_rig_put(&rig, "resource", "{\"name\":\"x\"}");
    push_rig_put(&rig, "resource", "{\"name\":\"y\"}");
    push_rig_run(&rig, RUN_DONE);
    struct meanwhile meanwhile = {.rig = &rig, .deletes = true};
    meanwhile.id = push_rig_put(&rig, "resource", "{\"name\":\"a\"}");
    rig.remote.on_write = edit_meanwhile;
    rig.remote.context = &meanwhile;
    push_rig_run(&rig, RUN_DONE);
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(remote_count(&rig.remote, "resource"), 2);
    CHECK_INT(push_rig_link(&rig, "resource", meanwhile.id, NULL).home, 0);
    push_rig_run(&rig, RUN_DONE);
    push_rig_quiet(&rig);
    push_rig_close(&rig);
}

TEST(engine_push, what_the_reply_gives_back_is_agreed) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_BOTH);
    give_back(&rig);
    int64_t well = push_rig_put(&rig, "resource", "{\"name\":\"well\"}");
    push_rig_run(&rig, RUN_DONE);
    struct home_row row = push_rig_record(&rig, "resource", well);
    CHECK_TEXT(value_slice(&row.fields[RES_LEGACY]), "1");
    CHECK_INT(push_rig_link(&rig, "resource", well, NULL).agreed_seq, row.seq);
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(rig.remote.changes, 1);
    push_rig_quiet(&rig);
    push_rig_close(&rig);
}

TEST(engine_push, what_comes_back_does_not_hide_an_edit) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_BOTH);
    give_back(&rig);
    struct meanwhile meanwhile = {.rig = &rig};
    meanwhile.id = push_rig_put(&rig, "resource", "{\"name\":\"a\"}");
    rig.remote.on_write = edit_meanwhile;
    rig.remote.context = &meanwhile;
    push_rig_run(&rig, RUN_DONE);
    struct home_row row = push_rig_record(&rig, "resource", meanwhile.id);
    CHECK_TEXT(value_slice(&row.fields[RES_LEGACY]), "1");
    CHECK_TEXT(value_slice(&row.fields[RES_CODE]), "edited");
    struct link link = push_rig_link(&rig, "resource", meanwhile.id, NULL);
    CHECK(link.agreed_seq < row.seq);
    bool found;
    struct value *base;
    int64_t edited_us;
    CHECK_OK(rig.store_type->base_find(rig.store, &rig.resource, row.id, link.agreed_seq, &rig.arena, &found, &base,
                                       &edited_us, &rig.error),
             &rig.error);
    CHECK(found);
    CHECK_TEXT(value_slice(&base[RES_LEGACY]), "1");
    CHECK(base[RES_CODE].kind == VALUE_NULL);
    push_rig_run(&rig, RUN_DONE);
    check_there(&rig, "resource", "1", "{\"id\":1,\"code\":\"edited\",\"name\":\"a\",\"parent\":null}");
    push_rig_run(&rig, RUN_DONE);
    push_rig_quiet(&rig);
    push_rig_close(&rig);
}

TEST(engine_push, without_a_reply_the_link_is_made_all_the_same) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_BOTH);
    give_back(&rig);
    rig.remote.silent = true;
    int64_t well = push_rig_put(&rig, "resource", "{\"name\":\"well\"}");
    push_rig_run(&rig, RUN_DONE);
    CHECK(push_rig_link(&rig, "resource", well, NULL).home == well);
    push_rig_run(&rig, RUN_DONE);
    push_rig_run(&rig, RUN_DONE);
    push_rig_quiet(&rig);
    CHECK_INT(rig.remote.changes, 1);
    push_rig_close(&rig);
}

// --- which records go ---

static bool has_code(const struct object *const *objects, size_t count, struct arena *arena, struct mapped *out,
                     struct error *error) {
    (void)arena;
    (void)error;
    CHECK_INT(count, 1);
    const struct value *code = object_find(objects[0], TEXT_LITERAL("code"));
    out->value = value_bool(code != NULL && !value_empty(code));
    return true;
}

TEST(engine_push, when_says_which_records_go) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_PUSH);
    rig.functions[0] = has_code;
    rig.types[0].push.has_when = true;
    int64_t without = push_rig_put(&rig, "resource", "{\"name\":\"without\"}");
    push_rig_put(&rig, "resource", "{\"name\":\"with\",\"code\":\"c\"}");
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(rig.report.counts.pushed, 1);
    CHECK_INT(rig.report.counts.skipped, 1);
    push_rig_quiet(&rig);
    push_rig_put(&rig, "resource", "{\"id\":%lld,\"code\":\"now\"}", ID(without));
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(rig.report.counts.pushed, 1);
    push_rig_close(&rig);
}

static bool raises(const struct object *const *objects, size_t count, struct arena *arena, struct mapped *out,
                   struct error *error) {
    (void)objects;
    (void)count;
    (void)arena;
    (void)out;
    return error_set(error, ERROR_TRANSFORM, "the function fails");
}

TEST(engine_push, a_form_that_cannot_be_made_is_a_dead_letter) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_PUSH);
    rig.functions[0] = raises;
    rig.types[0].push.has_when = true;
    int64_t well = push_rig_put(&rig, "resource", "{\"name\":\"well\"}");
    push_rig_run(&rig, RUN_DONE);
    CHECK_TEXT(push_rig_dead(&rig, well).code, "W4008");
    CHECK(object_find(push_rig_dead(&rig, well).payload.as.object, TEXT_LITERAL("name")) != NULL);
    push_rig_quiet(&rig);
    rig.functions[0] = has_code; // the script is mended: the record is left out now
    push_rig_retry(&rig, NULL, 0);
    CHECK_INT(push_rig_deads(&rig), 0);
    push_rig_close(&rig);
}

// --- loops ---

TEST(engine_push, a_form_that_comes_and_goes_is_stopped_f10) {
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

// --- gone there ---

static int64_t gone_there(struct push_rig *rig) {
    int64_t well = push_rig_put(rig, "resource", "{\"name\":\"well\"}");
    push_rig_run(rig, RUN_DONE);
    remote_remove(&rig->remote, "resource", "1");
    push_rig_put(rig, "resource", "{\"id\":%lld,\"name\":\"edited\"}", ID(well));
    push_rig_run(rig, RUN_DONE);
    return well;
}

TEST(engine_push, edited_here_and_gone_there_is_made_anew_f12) {
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

TEST(engine_push, edited_here_and_gone_there_is_kept_where_the_datasource_decides_f12) {
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

// --- ids ---

TEST(engine_push, a_create_that_finds_another_records_id_is_refused_f09) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_PUSH);
    rig.remote.has_find = true;
    rig.remote.find[0] = "name";
    push_rig_put(&rig, "resource", "{\"name\":\"same\"}");
    push_rig_run(&rig, RUN_DONE);
    int64_t twin = push_rig_put(&rig, "resource", "{\"name\":\"same\",\"code\":\"twin\"}");
    remote_fault(&rig.remote, 2, REMOTE_DROPPED); // and what is found is the other's
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(push_rig_link(&rig, "resource", twin, NULL).home, 0);
    CHECK_TEXT(push_rig_dead(&rig, twin).code, "W4005");
    push_rig_quiet(&rig);
    push_rig_close(&rig);
}

// --- the same on disk ---

TEST(engine_push_sqlite, creates_then_updates_then_rests) {
    push_rig_store = &store_sqlite;
    test_engine_push_creates_then_updates_then_rests();
}

TEST(engine_push_sqlite, both_ways_echo_nothing_f10) {
    push_rig_store = &store_sqlite;
    test_engine_push_both_ways_echo_nothing_f10();
}

TEST(engine_push_sqlite, many_records_go_in_chunks_and_blocks) {
    push_rig_store = &store_sqlite;
    test_engine_push_many_records_go_in_chunks_and_blocks();
}

TEST(engine_push_sqlite, a_retry_sends_what_home_says_today_f25) {
    push_rig_store = &store_sqlite;
    test_engine_push_a_retry_sends_what_home_says_today_f25();
}

TEST(engine_push_sqlite, an_unknown_outcome_is_asked_for_when_the_next_run_begins_f08) {
    push_rig_store = &store_sqlite;
    test_engine_push_an_unknown_outcome_is_asked_for_when_the_next_run_begins_f08();
}

TEST(engine_push_sqlite, what_nobody_can_find_out_is_parked_f08) {
    push_rig_store = &store_sqlite;
    test_engine_push_what_nobody_can_find_out_is_parked_f08();
}

TEST(engine_push_sqlite, what_refers_to_a_record_that_is_not_there_yet_waits_and_goes_by_itself) {
    push_rig_store = &store_sqlite;
    test_engine_push_what_refers_to_a_record_that_is_not_there_yet_waits_and_goes_by_itself();
}

TEST(engine_push_sqlite, an_edit_while_it_is_sent_stays_an_edit) {
    push_rig_store = &store_sqlite;
    test_engine_push_an_edit_while_it_is_sent_stays_an_edit();
}

TEST(engine_push_sqlite, what_comes_back_does_not_hide_an_edit) {
    push_rig_store = &store_sqlite;
    test_engine_push_what_comes_back_does_not_hide_an_edit();
}

TEST(engine_push_sqlite, a_delete_while_it_is_sent_follows) {
    push_rig_store = &store_sqlite;
    test_engine_push_a_delete_while_it_is_sent_follows();
}

TEST(engine_push_sqlite, edited_here_and_gone_there_is_made_anew_f12) {
    push_rig_store = &store_sqlite;
    test_engine_push_edited_here_and_gone_there_is_made_anew_f12();
}

TEST(engine_push_sqlite, a_form_that_comes_and_goes_is_stopped_f10) {
    push_rig_store = &store_sqlite;
    test_engine_push_a_form_that_comes_and_goes_is_stopped_f10();
}

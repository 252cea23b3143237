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

TEST(engine_push, dead_letters_of_both_ways_with_the_same_number_stay_apart) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_BOTH);
    rig.remote.refuse = "bad";
    int64_t bad = push_rig_put(&rig, "resource", "{\"name\":\"bad\"}");
    char json[60];
    snprintf(json, sizeof json, "{\"id\":%lld,\"name\":\"\"}", ID(bad)); // a required field is empty
    remote_put(&rig.remote, "resource", json);
    push_rig_run(&rig, RUN_WARNING);
    CHECK_INT(rig.report.counts.dead, 2);
    CHECK_TEXT(push_rig_dead(&rig, bad).code, "W4020");
    snprintf(json, sizeof json, "{\"id\":%lld,\"name\":\"mended\"}", ID(bad));
    remote_put(&rig.remote, "resource", json);
    push_rig_run(&rig, RUN_DONE);
    CHECK_TEXT(push_rig_dead(&rig, bad).code, "W4020"); // theirs is closed, ours is not
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

TEST(engine_push_sqlite, what_refers_to_a_record_that_is_not_there_yet_waits_and_goes_by_itself) {
    push_rig_store = &store_sqlite;
    test_engine_push_what_refers_to_a_record_that_is_not_there_yet_waits_and_goes_by_itself();
}

TEST(engine_push_sqlite, dead_letters_of_both_ways_with_the_same_number_stay_apart) {
    push_rig_store = &store_sqlite;
    test_engine_push_dead_letters_of_both_ways_with_the_same_number_stay_apart();
}

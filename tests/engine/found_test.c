#include "push_rig.h"
#include "rig.h"
#include "store/store_memory.h"
#include "store/store_sqlite.h"

// What whole worlds at random found before the simulator did, each made small: writes whose outcome was learned late,
// and records that were found there.

#define ID(id) ((long long)(id))

static void run(struct push_rig *rig) {
    error_clear(&rig->error);
    CHECK_OK(run_sync(&rig->request, &rig->report, &rig->error), &rig->error);
}

// A write that goes wrong and can't be asked about in its own run.
static void run_in_doubt(struct push_rig *rig, enum remote_trouble trouble) {
    rig->remote.dark = true;
    remote_fault(&rig->remote, rig->remote.writes + 1, trouble);
    run(rig);
    rig->remote.dark = false;
    rig->remote.fault_count = 0;
}

static void settle(struct push_rig *rig) {
    run(rig);
    run(rig);
    push_rig_quiet(rig);
}

static struct text code_of(struct push_rig *rig, int64_t id) {
    struct home_row row = push_rig_record(rig, "resource", id);
    CHECK(row.id == id);
    return row.fields[RES_CODE].kind == VALUE_TEXT ? value_slice(&row.fields[RES_CODE]) : text_of("");
}

static void begin(struct push_rig *rig, enum sync_direction direction, bool keys) {
    push_rig_open(rig, direction);
    rig->remote.honours_keys = keys;
    rig->remote.has_find = !keys;
    rig->remote.find[0] = "name";
}

// Home's records of one name are one record.
static void begin_with_key(struct push_rig *rig) {
    static const uint32_t key[] = {RES_NAME};
    begin(rig, SYNC_BOTH, false);
    store_close(rig->store);
    store_memory_forget();
    rig->store = NULL;
    rig->resource.key = key;
    rig->resource.key_count = 1;
    push_rig_reopen(rig, false);
}

static void change_before_asking(bool keys) {
    struct push_rig rig;
    begin(&rig, SYNC_BOTH, keys);
    int64_t id = push_rig_put(&rig, "resource", "{\"name\":\"a\"}");
    run_in_doubt(&rig, REMOTE_LOST);
    remote_put(&rig.remote, "resource", "{\"id\":1,\"code\":\"theirs\"}");
    settle(&rig);
    CHECK_TEXT(code_of(&rig, id), "theirs");
    CHECK_INT(remote_count(&rig.remote, "resource"), 1);
    push_rig_close(&rig);
}

TEST(engine_found, what_was_changed_there_before_it_was_asked_about_comes_home_f08) {
    change_before_asking(false);
    change_before_asking(true);
}

TEST(engine_found, a_late_delete_is_not_sent_over_a_change_f12) {
    struct push_rig rig;
    begin(&rig, SYNC_BOTH, true);
    int64_t id = push_rig_put(&rig, "resource", "{\"name\":\"a\"}");
    push_rig_put(&rig, "resource", "{\"name\":\"b\"}");
    settle(&rig);
    push_rig_delete(&rig, "resource", id);
    run_in_doubt(&rig, REMOTE_DROPPED);
    remote_put(&rig.remote, "resource", "{\"id\":1,\"code\":\"theirs\"}");
    settle(&rig);
    CHECK_TEXT(code_of(&rig, id), "theirs"); // brought back: the datasource changed it
    CHECK_INT(remote_count(&rig.remote, "resource"), 2);
    push_rig_close(&rig);
}

TEST(engine_found, a_change_decided_anew_is_not_answered_as_before_f08) {
    struct push_rig rig;
    begin(&rig, SYNC_BOTH, true);
    int64_t id = push_rig_put(&rig, "resource", "{\"name\":\"a\"}");
    settle(&rig);
    push_rig_put(&rig, "resource", "{\"id\":%lld,\"code\":\"ours\"}", ID(id));
    run_in_doubt(&rig, REMOTE_LOST);
    remote_remove(&rig.remote, "resource", "1"); // and the server still knows that it took the change
    settle(&rig);
    CHECK_TEXT(remote_get(&rig.remote, "resource", "2"), "{\"id\":2,\"code\":\"ours\",\"name\":\"a\",\"parent\":null}");
    push_rig_close(&rig);
}

static void put_the_same(void *context, const struct target_item *item) {
    struct remote_fake *remote = context;
    if (item->verb == TARGET_CREATE && remote->writes == 0) {
        remote_put(remote, "resource", "{\"name\":\"same\",\"code\":\"theirs\"}");
    }
}

static bool take_conflict(void *context, const struct conflict_row *row, struct error *error) {
    (void)error;
    const struct value *code = object_find(row->payload.as.object, TEXT_LITERAL("code"));
    CHECK(text_is(row->kind, "edit") && code != NULL);
    CHECK_TEXT(value_slice(code), "ours");
    ++*(int *)context;
    return true;
}

// The create went nowhere, and what is found in its place was made there by somebody else.
TEST(engine_found, anothers_record_is_weighed_and_the_loser_kept_f11) {
    struct push_rig rig;
    begin(&rig, SYNC_BOTH, false);
    rig.remote.on_write = put_the_same;
    rig.remote.context = &rig.remote;
    int64_t id = push_rig_put(&rig, "resource", "{\"name\":\"same\",\"code\":\"ours\"}");
    remote_fault(&rig.remote, 1, REMOTE_DROPPED);
    run(&rig);
    CHECK_INT(remote_count(&rig.remote, "resource"), 1);
    settle(&rig);
    CHECK_TEXT(code_of(&rig, id), "theirs");
    CHECK_INT(remote_count(&rig.remote, "resource"), 1);
    int conflicts = 0;
    struct scan scan = {.filter = TEXT_LITERAL("resource")};
    CHECK_OK(rig.store_type->conflict_scan(rig.store, &scan, take_conflict, &conflicts, &rig.error), &rig.error);
    CHECK_INT(conflicts, 1);
    push_rig_close(&rig);
}

TEST(engine_found, what_an_adopted_record_lacks_there_is_pushed) {
    struct push_rig rig;
    begin_with_key(&rig);
    int64_t id = push_rig_put(&rig, "resource", "{\"name\":\"a\",\"code\":\"ours\"}");
    remote_put(&rig.remote, "resource", "{\"name\":\"a\"}");
    run(&rig);
    CHECK(push_rig_link(&rig, "resource", id, NULL).home == id);
    CHECK_TEXT(remote_get(&rig.remote, "resource", "1"), "{\"id\":1,\"name\":\"a\",\"code\":\"ours\",\"parent\":null}");
    settle(&rig);
    push_rig_close(&rig);
}

TEST(engine_found, a_parked_create_that_a_pull_finds_is_pushed_on) {
    struct push_rig rig;
    begin_with_key(&rig);
    rig.remote.has_find = false;
    int64_t id = push_rig_put(&rig, "resource", "{\"name\":\"a\"}");
    run_in_doubt(&rig, REMOTE_DROPPED);
    run(&rig);
    CHECK_INT(push_rig_intents(&rig, INTENT_PARKED), 1);
    push_rig_put(&rig, "resource", "{\"id\":%lld,\"code\":\"ours\"}", ID(id));
    run(&rig); // it passes the parked one by
    remote_put(&rig.remote, "resource", "{\"name\":\"a\"}");
    settle(&rig);
    CHECK_INT(push_rig_intents(&rig, INTENT_PARKED), 0);
    CHECK_INT(push_rig_deads(&rig), 0);
    CHECK_TEXT(remote_get(&rig.remote, "resource", "1"), "{\"id\":1,\"name\":\"a\",\"code\":\"ours\",\"parent\":null}");
    push_rig_close(&rig);
}

// Two records of home find the same one there: the second is refused, and the looking comes to an end.
TEST(engine_found, looking_for_what_is_lost_ends_f18) {
    struct push_rig rig;
    begin(&rig, SYNC_BOTH, false);
    push_rig_put(&rig, "resource", "{\"name\":\"same\"}");
    run(&rig);
    int64_t twin = push_rig_put(&rig, "resource", "{\"name\":\"same\",\"code\":\"twin\"}");
    int64_t backup = store_memory_backup(text_of(test_folder()));
    run(&rig);
    store_close(rig.store);
    remote_remove(&rig.remote, "resource", "2");
    store_memory_restore(text_of(test_folder()), backup);
    rig.store = NULL;
    push_rig_reopen(&rig, false);
    run(&rig);
    CHECK_INT(remote_count(&rig.remote, "resource"), 1);
    CHECK_TEXT(push_rig_dead(&rig, twin).code, "W4005");
    push_rig_close(&rig);
}

TEST(engine_found, a_retry_does_not_retry_what_it_refused_itself_f25) {
    struct push_rig rig;
    begin(&rig, SYNC_PUSH, false);
    push_rig_put(&rig, "resource", "{\"name\":\"same\"}");
    run(&rig);
    int64_t twin = push_rig_put(&rig, "resource", "{\"name\":\"same\",\"code\":\"twin\"}");
    run_in_doubt(&rig, REMOTE_DROPPED);
    rig.remote.has_find = false;
    run(&rig);
    CHECK_TEXT(push_rig_dead(&rig, twin).code, "W4022");
    rig.remote.has_find = true;
    rig.request.retry = true;
    run(&rig);
    CHECK_INT(remote_count(&rig.remote, "resource"), 1);
    CHECK_TEXT(push_rig_dead(&rig, twin).code, "W4005");
    push_rig_close(&rig);
}

// --- the same on disk ---

TEST(engine_found_sqlite, what_was_changed_there_before_it_was_asked_about_comes_home_f08) {
    push_rig_store = &store_sqlite;
    change_before_asking(false);
}

TEST(engine_found_sqlite, anothers_record_is_weighed_and_the_loser_kept_f11) {
    push_rig_store = &store_sqlite;
    test_engine_found_anothers_record_is_weighed_and_the_loser_kept_f11();
}

// --- two pages in flight ---

TEST(engine_found, a_tombstone_behind_its_record_in_flight_is_met_f12) {
    struct rig rig;
    rig_open(&rig, "resource");
    rig.sync.deletes = true;
    rig.sync.deletes_at_most = (struct share){.amount = 4};
    rig.request.page_records = 1;
    RIG_ROWS(&rig, LIST_PAIRS("id", "2", "name", "b"), LIST_PAIRS("id", "3", "name", "c"),
             LIST_PAIRS("id", "4", "name", "d"), LIST_PAIRS("id", "5", "name", "e"), LIST_PAIRS("id", "1", "name", "a"),
             LIST_GONE("id", "1", "name", "a"));
    rig_run(&rig);
    CHECK(rig.report.status == RUN_DONE);
    CHECK_INT(rig_records(&rig, "resource"), 4);
    rig_close(&rig);
}

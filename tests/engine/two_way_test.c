#include "rig.h"
#include "store/store_memory.h"
#include "support/remote_fake.h"

// Whole runs in both directions, against a datasource in memory: their order, what they leave, and that a third quiet
// run writes nothing. What a push does in detail is told in its own tests.

static const struct text path_updated[] = {{"updatedAt", 9}};

struct two {
    struct rig rig;
    struct remote_fake remote;
};

static void two_open(struct two *two, enum sync_direction direction) {
    struct rig *rig = &two->rig;
    rig_open(rig, "resource");
    remote_open(&two->remote);
    two->remote.tombstones = true;
    rig->sync.source = &remote_fake;
    rig->sync.source_settings = remote_settings(&two->remote);
    rig->sync.direction = direction;
    rig->sync.conflict = direction == SYNC_BOTH ? CONFLICT_FIELDS : CONFLICT_HOME;
    rig->sync.deletes = true;
    rig->sync.deletes_at_most = (struct share){.amount = 3};
    rig->types[0].settings = remote_settings(&two->remote);
    rig->types[0].pushes = true;
    rig->types[0].cursor = (struct path){path_updated, 1};
    CHECK_OK(store_prepare(rig->store, rig->datatypes, 2, TEXT_LITERAL(""), &rig->error), &rig->error);
}

static void two_close(struct two *two) {
    remote_close(&two->remote);
    rig_close(&two->rig);
}

static void two_run(struct two *two) {
    rig_run(&two->rig);
    if (two->rig.report.status != (two->rig.report.counts.held > 0 ? RUN_WARNING : RUN_DONE)) {
        test_fail(__FILE__, __LINE__, "status %d: %s", (int)two->rig.report.status, two->rig.report.error.message);
    }
}

static void two_put(struct two *two, const char *name) {
    struct rig *rig = &two->rig;
    struct value fields[2] = {value_text(text_of(name)), value_null()};
    int64_t id;
    CHECK_OK(store_reserve(rig->store, 1, &id, &rig->error), &rig->error);
    struct effect effect = {.kind = EFFECT_CREATE, .datatype = &rig->resource, .id = id, .fields = fields};
    struct page page = {.origin = TEXT_LITERAL("put"), .effects = &effect, .effect_count = 1, .audit = "a test"};
    enum commit_outcome outcome;
    CHECK_OK(store_commit(rig->store, &page, &outcome, &rig->error), &rig->error);
    CHECK(outcome == COMMIT_DONE);
}

// Nothing is written here or there, however often it runs.
static void check_quiet(struct two *two) {
    for (int i = 0; i < 2; i++) {
        int64_t seq = rig_seq(&two->rig);
        size_t changes = two->remote.changes;
        size_t writes = two->remote.writes;
        int64_t conflicts = rig_conflicts(&two->rig);
        two_run(two);
        CHECK_INT(rig_seq(&two->rig), seq);
        CHECK_INT(two->remote.changes, changes);
        CHECK_INT(two->remote.writes, writes);
        CHECK_INT(rig_conflicts(&two->rig), conflicts);
        CHECK_INT(two->rig.report.counts.pushed, 0);
    }
}

TEST(engine_two_way, edits_of_both_sides_arrive) {
    struct two two;
    two_open(&two, SYNC_BOTH);
    remote_put(&two.remote, "resource", "{\"id\":1,\"name\":\"well\"}");
    remote_put(&two.remote, "resource", "{\"id\":2,\"name\":\"tank\"}");
    two_run(&two);
    CHECK_INT(two.rig.report.counts.created, 2);
    CHECK_TEXT(remote_log(&two.remote), ""); // what came in doesn't go back
    check_quiet(&two);
    two_put(&two, "dam");
    rig_change(&two.rig, "resource", "1", 0, value_text(text_of("borewell")));
    remote_put(&two.remote, "resource", "{\"id\":2,\"name\":\"cistern\"}");
    two_run(&two);
    CHECK_INT(two.rig.report.counts.updated, 1);
    CHECK_INT(two.rig.report.counts.pushed, 2);
    CHECK_TEXT(value_slice(&rig_record(&two.rig, "resource", "2").fields[0]), "cistern");
    CHECK(strstr(remote_get(&two.remote, "resource", "1").data, "borewell") != NULL);
    CHECK_INT(remote_count(&two.remote, "resource"), 3);
    check_quiet(&two);
    two_close(&two);
}

// The datasource trims a space: what it keeps is what both agree on.
TEST(engine_two_way, what_the_datasource_makes_of_it_is_no_change_f10) {
    struct two two;
    two_open(&two, SYNC_BOTH);
    two.remote.trims = true;
    two_put(&two, " dam ");
    two_run(&two);
    CHECK_INT(two.remote.changes, 1);
    check_quiet(&two);
    two.remote.silent = true; // it doesn't even say what it made of it
    two_put(&two, " well ");
    two_run(&two);
    CHECK_INT(two.remote.changes, 2);
    two_run(&two); // its form is read once, and that is all
    check_quiet(&two);
    CHECK_INT(two.remote.changes, 2);
    two_close(&two);
}

TEST(engine_two_way, both_change_one_record_and_agree_again_f11) {
    struct two two;
    static const enum conflict_policy policies[] = {CONFLICT_DATASOURCE, CONFLICT_HOME, CONFLICT_FIELDS};
    static const char *const names[] = {"theirs", "ours", "theirs"};
    for (size_t i = 0; i < 3; i++) {
        two_open(&two, SYNC_BOTH);
        two.rig.sync.conflict = policies[i];
        remote_put(&two.remote, "resource", "{\"id\":1,\"name\":\"well\"}");
        two_run(&two);
        rig_change(&two.rig, "resource", "1", 0, value_text(text_of("ours")));
        remote_put(&two.remote, "resource", "{\"id\":1,\"name\":\"theirs\"}");
        two_run(&two);
        CHECK_TEXT(value_slice(&rig_record(&two.rig, "resource", "1").fields[0]), names[i]);
        CHECK(strstr(remote_get(&two.remote, "resource", "1").data, names[i]) != NULL);
        CHECK_INT(rig_conflicts(&two.rig), 1);
        check_quiet(&two);
        two_close(&two);
    }
}

TEST(engine_two_way, deletes_travel_both_ways_f12) {
    struct two two;
    two_open(&two, SYNC_BOTH);
    for (int i = 1; i <= 6; i++) {
        char json[64];
        snprintf(json, sizeof json, "{\"id\":%d,\"name\":\"well %d\"}", i, i);
        remote_put(&two.remote, "resource", json);
    }
    two_run(&two);
    rig_delete(&two.rig, "resource", "1");
    remote_remove(&two.remote, "resource", "2");
    two_run(&two);
    CHECK_INT(rig_records(&two.rig, "resource"), 4);
    CHECK_INT(remote_count(&two.remote, "resource"), 4);
    CHECK(!rig_linked(&two.rig, "resource", "1"));
    CHECK(!rig_linked(&two.rig, "resource", "2"));
    check_quiet(&two);
    two_close(&two);
}

// Where home decides, what it deleted goes there too, though it was changed there.
TEST(engine_two_way, a_deletion_that_stands_is_pushed_f12) {
    struct two two;
    two_open(&two, SYNC_BOTH);
    two.rig.sync.conflict = CONFLICT_HOME;
    remote_put(&two.remote, "resource", "{\"id\":1,\"name\":\"well\"}");
    remote_put(&two.remote, "resource", "{\"id\":2,\"name\":\"tank\"}");
    two_run(&two);
    rig_delete(&two.rig, "resource", "1");
    remote_put(&two.remote, "resource", "{\"id\":1,\"name\":\"changed\"}");
    two_run(&two);
    CHECK_INT(remote_count(&two.remote, "resource"), 1);
    CHECK_INT(rig_conflicts_of(&two.rig, "remote", NULL), 1);
    check_quiet(&two);
    two_close(&two);
}

TEST(engine_two_way, a_push_alone_reads_nothing_and_is_done_f28) {
    struct two two;
    two_open(&two, SYNC_PUSH);
    remote_put(&two.remote, "resource", "{\"id\":7,\"name\":\"theirs\"}");
    two_run(&two); // with nothing to push: done, no warning
    CHECK_INT(two.remote.opens, 0);
    two_put(&two, "dam");
    two_run(&two);
    CHECK_INT(two.rig.report.counts.pushed, 1);
    CHECK_INT(two.remote.opens, 0);
    CHECK_INT(rig_records(&two.rig, "resource"), 1);
    check_quiet(&two);
    two_close(&two);
}

TEST(engine_two_way, a_sync_that_read_before_may_push_alone_f28) {
    struct two two;
    two_open(&two, SYNC_BOTH);
    remote_put(&two.remote, "resource", "{\"id\":7,\"name\":\"theirs\"}");
    two_run(&two);
    two.rig.sync.direction = SYNC_PUSH;
    two_run(&two);
    CHECK_INT(two.rig.report.counts.read, 0);
    two_close(&two);
}

TEST(engine_two_way, a_failing_push_loses_nothing_that_was_pulled) {
    struct two two;
    two_open(&two, SYNC_BOTH);
    two_put(&two, "dam");
    remote_put(&two.remote, "resource", "{\"id\":1,\"name\":\"well\"}");
    remote_fault(&two.remote, 1, REMOTE_DENIED);
    rig_run(&two.rig);
    CHECK(two.rig.report.status == RUN_FAILED);
    CHECK_INT(two.rig.report.counts.created, 1);
    CHECK(rig_linked(&two.rig, "resource", "1"));
    CHECK(rig_watermark(&two.rig, "pull").length > 0);
    two_run(&two);
    CHECK(!two.rig.report.resumed); // the pull is through
    CHECK_INT(two.rig.report.counts.pushed, 1);
    check_quiet(&two);
    two_close(&two);
}

// A record that was created without our knowing is looked up before anything is read: it doesn't come back as another.
TEST(engine_two_way, a_lost_answer_is_settled_before_the_next_pull_f07) {
    struct two two;
    two_open(&two, SYNC_BOTH);
    two.remote.dark = true; // can't be asked yet
    two_put(&two, "dam");
    remote_fault(&two.remote, 1, REMOTE_LOST);
    rig_run(&two.rig);
    CHECK_INT(remote_count(&two.remote, "resource"), 1);
    CHECK(!rig_linked(&two.rig, "resource", "1"));
    two.remote.dark = false;
    two.remote.has_find = true;
    two.remote.find[0] = "name";
    two_run(&two);
    CHECK(rig_linked(&two.rig, "resource", "1"));
    CHECK_INT(rig_records(&two.rig, "resource"), 1);
    CHECK_INT(remote_count(&two.remote, "resource"), 1);
    check_quiet(&two);
    two_close(&two);
}

TEST(engine_two_way, a_retry_takes_the_push_dead_letters_along_f25) {
    struct two two;
    two_open(&two, SYNC_BOTH);
    remote_put(&two.remote, "resource", "{\"id\":1,\"name\":\"\"}"); // a dead letter of the pull
    two_put(&two, "bad dam");
    two.remote.refuse = "bad";
    rig_run(&two.rig);
    CHECK_INT(rig_deads(&two.rig), 2);
    rig_run(&two.rig);
    CHECK_INT(rig_deads(&two.rig), 2); // neither closes the other
    two.remote.refuse = NULL;
    two.rig.request.retry = true;
    two_run(&two);
    CHECK_INT(two.rig.report.counts.read, 1);
    CHECK_INT(two.rig.report.counts.pushed, 1);
    CHECK_INT(rig_deads(&two.rig), 1);
    CHECK_INT(remote_count(&two.remote, "resource"), 2);
    two_close(&two);
}

// A push's dead letter is known by home's id, a pull's by the datasource's: they may be the same number.
TEST(engine_two_way, what_is_read_does_not_close_a_push_dead_letter) {
    struct two two;
    two_open(&two, SYNC_BOTH);
    two_put(&two, "bad dam");
    two.remote.refuse = "bad";
    rig_run(&two.rig);
    CHECK_INT(rig_deads(&two.rig), 1);
    remote_put(&two.remote, "resource", "{\"id\":1,\"name\":\"well\"}");
    rig_run(&two.rig);
    CHECK(rig_linked(&two.rig, "resource", "1"));
    CHECK_INT(rig_deads(&two.rig), 1);
    two_close(&two);
}

TEST(engine_two_way, a_long_wait_of_the_push_ends_the_run_f24) {
    struct two two;
    two_open(&two, SYNC_BOTH);
    two_put(&two, "dam");
    two.remote.busy_until = clock_now(&clock_system) + 3600000000;
    remote_fault(&two.remote, 1, REMOTE_BUSY);
    rig_run(&two.rig);
    CHECK(two.rig.report.status == RUN_WAITING);
    CHECK_INT(two.rig.report.until_us, two.remote.busy_until);
    two_run(&two);
    CHECK_INT(two.rig.report.counts.pushed, 1);
    check_quiet(&two);
    two_close(&two);
}

TEST(engine_two_way, deletes_held_on_both_sides_go_when_approved_f13) {
    struct two two;
    two_open(&two, SYNC_BOTH);
    two.rig.sync.deletes_at_most = (struct share){.amount = 1};
    for (int i = 1; i <= 6; i++) {
        char json[64];
        snprintf(json, sizeof json, "{\"id\":%d,\"name\":\"well %d\"}", i, i);
        remote_put(&two.remote, "resource", json);
    }
    two_run(&two);
    remote_remove(&two.remote, "resource", "1");
    remote_remove(&two.remote, "resource", "2");
    rig_delete(&two.rig, "resource", "3");
    rig_delete(&two.rig, "resource", "4");
    two_run(&two);
    CHECK_INT(rig_helds(&two.rig, "pull"), 2);
    CHECK_INT(rig_helds(&two.rig, "push"), 2);
    CHECK_INT(remote_count(&two.remote, "resource"), 4);
    check_quiet(&two);
    rig_approve(&two.rig); // those of home
    two_run(&two);
    CHECK_INT(two.rig.report.counts.deleted, 2);
    CHECK_INT(rig_records(&two.rig, "resource"), 2);
    CHECK_INT(rig_helds(&two.rig, "pull"), 0);
    check_quiet(&two);
    two_close(&two);
}

// --- a home that comes back from a backup ---

static bool is_restored(struct two *two) {
    struct rig *rig = &two->rig;
    bool restored;
    CHECK_OK(rig->store_type->restored(rig->store, &restored, &rig->error), &rig->error);
    return restored;
}

static void restore(struct two *two, int64_t backup) {
    store_close(two->rig.store);
    store_memory_restore(text_of(test_folder()), backup);
    rig_reopen_only(&two->rig);
    CHECK(is_restored(two));
}

TEST(engine_two_way, what_was_pushed_since_the_backup_is_found_again_f18) {
    struct two two;
    static const uint32_t key[] = {0};
    two_open(&two, SYNC_BOTH);
    two.rig.resource.key = key;
    two.rig.resource.key_count = 1;
    remote_put(&two.remote, "resource", "{\"id\":1,\"name\":\"well\"}");
    two_run(&two);
    two_put(&two, "dam");
    int64_t backup = store_memory_backup(text_of(test_folder()));
    two_run(&two);
    CHECK_INT(remote_count(&two.remote, "resource"), 2);
    restore(&two, backup);
    two_run(&two);
    CHECK_INT(two.rig.report.counts.read, 2); // everything, whatever the watermark says
    CHECK_INT(remote_count(&two.remote, "resource"), 2);
    CHECK_INT(rig_records(&two.rig, "resource"), 2);
    CHECK(rig_linked(&two.rig, "resource", "2"));
    CHECK(!is_restored(&two));
    check_quiet(&two);
    two_close(&two);
}

// Every sync of the home looks once, whether the backup knows of it or not.
TEST(engine_two_way, each_sync_looks_once_after_a_backup_f18) {
    struct two two;
    two_open(&two, SYNC_BOTH);
    remote_put(&two.remote, "resource", "{\"id\":1,\"name\":\"well\"}");
    two_run(&two);
    two.rig.sync.name = TEXT_LITERAL("others");
    two_put(&two, "dam");
    two_run(&two);
    int64_t backup = store_memory_backup(text_of(test_folder()));
    two_put(&two, "tank");
    two_run(&two);
    restore(&two, backup);
    two_run(&two);
    CHECK_INT(two.rig.report.counts.read, 3);
    CHECK(!is_restored(&two));
    two_run(&two);
    CHECK_INT(two.rig.report.counts.read, 1); // this one has looked
    two.rig.sync.name = TEXT_LITERAL("resources");
    two_run(&two);
    CHECK_INT(two.rig.report.counts.read, 3);
    two_run(&two);
    CHECK_INT(two.rig.report.counts.read, 1);
    two_close(&two);
}

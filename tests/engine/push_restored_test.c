#include "push_rig.h"
#include "store/store_memory.h"

// Home comes back from a backup: what was created there since has no link here.

#define ID(id) ((long long)(id))

struct story {
    struct push_rig rig;
    int64_t old, lost, child;
};

static void restore(struct push_rig *rig, int64_t backup) {
    store_close(rig->store);
    store_memory_restore(text_of(test_folder()), backup);
    struct store_setup setup = {.folder = text_of(test_folder()), .create = true};
    CHECK_OK(store_open(rig->store_type, &setup, &rig->store, &rig->error), &rig->error);
    rig->request.store = rig->store;
    CHECK_OK(store_prepare(rig->store, rig->datatypes, 2, TEXT_LITERAL(""), &rig->error), &rig->error);
}

static void tell(struct story *story, enum sync_direction direction, bool has_find) {
    struct push_rig *rig = &story->rig;
    push_rig_open(rig, direction);
    rig->remote.has_find = has_find;
    rig->remote.find[0] = "name";
    story->old = push_rig_put(rig, "resource", "{\"name\":\"old\"}");
    push_rig_run(rig, RUN_DONE);
    story->lost = push_rig_put(rig, "resource", "{\"name\":\"lost\"}");
    story->child = push_rig_put(rig, "resource", "{\"name\":\"child\",\"parent\":%lld}", ID(story->lost));
    int64_t backup = store_memory_backup(text_of(test_folder()));
    push_rig_run(rig, RUN_DONE);
    CHECK_INT(remote_count(&rig->remote, "resource"), 3);
    remote_put(&rig->remote, "resource", "{\"id\":2,\"name\":\"lost\",\"code\":\"changed there since\"}");
    restore(rig, backup);
    CHECK_INT(push_rig_link(rig, "resource", story->lost, NULL).home, 0);
}

TEST(engine_push_restored, what_was_created_since_the_backup_is_found_f18) {
    struct story story;
    tell(&story, SYNC_PUSH, true);
    push_rig_run(&story.rig, RUN_DONE);
    CHECK_INT(remote_count(&story.rig.remote, "resource"), 3);
    CHECK(push_rig_link(&story.rig, "resource", story.lost, NULL).home == story.lost);
    CHECK(push_rig_link(&story.rig, "resource", story.child, NULL).home == story.child);
    CHECK_INT(push_rig_deads(&story.rig), 0);
    push_rig_quiet(&story.rig);
    push_rig_close(&story.rig);
}

TEST(engine_push_restored, before_a_pull_takes_it_for_new_f18) {
    struct story story;
    tell(&story, SYNC_BOTH, true);
    push_rig_run(&story.rig, RUN_DONE);
    CHECK_INT(remote_count(&story.rig.remote, "resource"), 3);
    struct home_row row = push_rig_record(&story.rig, "resource", story.lost);
    CHECK_TEXT(value_slice(&row.fields[RES_CODE]), "changed there since");
    struct text external;
    push_rig_link(&story.rig, "resource", story.child, &external);
    CHECK_TEXT(external, "3");
    push_rig_run(&story.rig, RUN_DONE);
    push_rig_run(&story.rig, RUN_DONE);
    push_rig_quiet(&story.rig);
    push_rig_close(&story.rig);
}

static bool constant(const struct object *const *objects, size_t count, struct arena *arena, struct mapped *out,
                     struct error *error) {
    (void)objects;
    (void)count;
    (void)arena;
    (void)error;
    out->value = value_text(TEXT_LITERAL("derived"));
    return true;
}

static bool has_code(const struct object *const *objects, size_t count, struct arena *arena, struct mapped *out,
                     struct error *error) {
    (void)count;
    (void)arena;
    (void)error;
    const struct value *code = object_find(objects[0], TEXT_LITERAL("code"));
    out->value = value_bool(code != NULL && !value_empty(code));
    return true;
}

// A record that is only wanted there once its field is derived, after everything was looked up.
TEST(engine_push_restored, what_is_created_is_looked_up_last_of_all_f18) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_PUSH);
    rig.remote.has_find = true;
    rig.remote.find[0] = "name";
    rig.functions[0] = constant;
    rig.functions[1] = has_code;
    rig.derives[0] = (struct derive){RES_CODE, 0};
    rig.resource.derives = rig.derives;
    rig.resource.derive_count = 1;
    rig.types[0].push.has_when = true;
    rig.types[0].push.when = 1;
    push_rig_run(&rig, RUN_DONE);
    int64_t id = push_rig_put(&rig, "resource", "{\"name\":\"late\"}");
    int64_t backup = store_memory_backup(text_of(test_folder()));
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(remote_count(&rig.remote, "resource"), 1);
    restore(&rig, backup);
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(remote_count(&rig.remote, "resource"), 1);
    CHECK(push_rig_link(&rig, "resource", id, NULL).home == id);
    push_rig_close(&rig);
}

TEST(engine_push_restored, what_cannot_be_looked_up_is_not_created_twice_f18) {
    struct story story;
    tell(&story, SYNC_PUSH, false);
    push_rig_run(&story.rig, RUN_DONE);
    CHECK_INT(remote_count(&story.rig.remote, "resource"), 3);
    CHECK_TEXT(push_rig_dead(&story.rig, story.lost).code, "W4022");
    CHECK_INT(push_rig_intents(&story.rig, INTENT_PARKED), 1);
    push_rig_close(&story.rig);
}

// --- who notices, and when ---

static bool is_restored(struct push_rig *rig) {
    bool restored;
    CHECK_OK(rig->store_type->restored(rig->store, &restored, &rig->error), &rig->error);
    return restored;
}

// Another sync of the same home, which only reads readings.
static void run_reader(struct push_rig *rig) {
    struct sync pushes = rig->sync;
    rig->sync.name = TEXT_LITERAL("reader");
    rig->sync.direction = SYNC_PULL;
    rig->sync.types = &rig->types[1];
    rig->sync.type_count = 1;
    push_rig_run(rig, RUN_DONE);
    rig->sync = pushes;
}

static void check_found(struct story *story) {
    CHECK_INT(remote_count(&story->rig.remote, "resource"), 3);
    CHECK(push_rig_link(&story->rig, "resource", story->lost, NULL).home == story->lost);
    CHECK(push_rig_link(&story->rig, "resource", story->child, NULL).home == story->child);
    push_rig_quiet(&story->rig);
}

TEST(engine_push_restored, another_sync_notices_first_f18) {
    struct story story;
    tell(&story, SYNC_PUSH, true);
    run_reader(&story.rig);
    CHECK(!is_restored(&story.rig));
    push_rig_run(&story.rig, RUN_DONE);
    check_found(&story);
    push_rig_close(&story.rig);
}

// The backup was made before this sync ever ran: nothing in home says that it pushed.
TEST(engine_push_restored, a_sync_that_the_backup_does_not_know_f18) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_PUSH);
    rig.remote.has_find = true;
    rig.remote.find[0] = "name";
    run_reader(&rig);
    int64_t id = push_rig_put(&rig, "resource", "{\"name\":\"lost\"}");
    int64_t backup = store_memory_backup(text_of(test_folder()));
    push_rig_run(&rig, RUN_DONE);
    restore(&rig, backup);
    run_reader(&rig);
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(remote_count(&rig.remote, "resource"), 1);
    CHECK(push_rig_link(&rig, "resource", id, NULL).home == id);
    push_rig_quiet(&rig);
    push_rig_close(&rig);
}

TEST(engine_push_restored, once_more_after_it_was_noticed_f18) {
    struct story story;
    struct push_rig *rig = &story.rig;
    push_rig_open(rig, SYNC_PUSH);
    rig->remote.has_find = true;
    rig->remote.find[0] = "name";
    story.lost = push_rig_put(rig, "resource", "{\"name\":\"lost\"}");
    int64_t first = store_memory_backup(text_of(test_folder()));
    push_rig_run(rig, RUN_DONE);
    restore(rig, first);
    push_rig_run(rig, RUN_DONE); // it has looked
    story.child = push_rig_put(rig, "resource", "{\"name\":\"child\"}");
    int64_t second = store_memory_backup(text_of(test_folder()));
    push_rig_run(rig, RUN_DONE);
    CHECK_INT(remote_count(&rig->remote, "resource"), 2);
    restore(rig, second);
    run_reader(rig);
    push_rig_run(rig, RUN_DONE); // and looks again
    CHECK_INT(remote_count(&rig->remote, "resource"), 2);
    CHECK(push_rig_link(rig, "resource", story.child, NULL).home == story.child);
    restore(rig, first); // the same one twice
    push_rig_run(rig, RUN_DONE);
    CHECK_INT(remote_count(&rig->remote, "resource"), 2);
    CHECK(push_rig_link(rig, "resource", story.lost, NULL).home == story.lost);
    push_rig_close(rig);
}

// A retry of dead letters looks at nothing else.
TEST(engine_push_restored, a_retry_does_not_count_as_a_look_f18) {
    struct story story;
    tell(&story, SYNC_PUSH, true);
    push_rig_retry(&story.rig, NULL, 0);
    CHECK(is_restored(&story.rig));
    push_rig_run(&story.rig, RUN_DONE);
    CHECK(!is_restored(&story.rig));
    check_found(&story);
    push_rig_close(&story.rig);
}

// Neither does a run that didn't come through.
TEST(engine_push_restored, a_run_that_fails_does_not_count_as_a_look_f18) {
    struct story story;
    tell(&story, SYNC_PUSH, true);
    push_rig_put(&story.rig, "resource", "{\"name\":\"after the backup\"}");
    remote_fault(&story.rig.remote, story.rig.remote.writes + 1, REMOTE_DENIED);
    push_rig_run(&story.rig, RUN_FAILED);
    CHECK(is_restored(&story.rig));
    push_rig_run(&story.rig, RUN_DONE);
    CHECK_INT(remote_count(&story.rig.remote, "resource"), 4);
    push_rig_quiet(&story.rig);
    push_rig_close(&story.rig);
}

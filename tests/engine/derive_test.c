#include "engine/derive.h"

#include "engine/edit.h"
#include "push_rig.h"
#include "store/store_memory.h"
#include "store/store_sqlite.h"

#define ID(id) ((long long)(id))

// `legacy` of a resource is derived: the name of its parent.
static bool parents_name(const struct object *const *objects, size_t count, struct arena *arena, struct mapped *out,
                         struct error *error) {
    (void)arena;
    (void)error;
    CHECK_INT(count, 2);
    CHECK(object_find(objects[0], TEXT_LITERAL("id")) != NULL);
    const struct value *parent = object_find(objects[1], TEXT_LITERAL("parent"));
    if (parent != NULL) {
        out->value = *object_find(parent->as.object, TEXT_LITERAL("name"));
    }
    return true;
}

static void begin(struct push_rig *rig, enum sync_direction direction, push_rig_function *function) {
    push_rig_open(rig, direction);
    rig->functions[0] = function;
    rig->derives[0] = (struct derive){RES_LEGACY, 0};
    rig->resource.derives = rig->derives;
    rig->resource.derive_count = 1;
    CHECK_OK(store_prepare(rig->store, rig->datatypes, 2, TEXT_LITERAL("derived"), &rig->error), &rig->error);
}

struct story {
    char text[4000];
};

static void keep_line(void *context, enum log_level level, struct text text) {
    (void)level;
    struct story *story = context;
    size_t length = strlen(story->text);
    snprintf(story->text + length, sizeof story->text - length, "%.*s\n", TEXT_ARGS(text));
}

static int64_t run(struct push_rig *rig, struct story *story) {
    memset(story, 0, sizeof *story);
    struct log log = {keep_line, story};
    struct derive_setup setup = {.store = rig->store,
                                 .datatypes = rig->datatypes,
                                 .datatype_count = 2,
                                 .mapper = &rig->mapper,
                                 .clock = &rig->clock,
                                 .log = &log};
    int64_t changed;
    CHECK_OK(derive_run(&setup, &changed, &rig->error), &rig->error);
    return changed;
}

static struct text legacy(struct push_rig *rig, int64_t id) {
    struct home_row row = push_rig_record(rig, "resource", id);
    return row.fields[RES_LEGACY].kind == VALUE_TEXT ? value_slice(&row.fields[RES_LEGACY]) : text_of("");
}

TEST(engine_derive, marks_what_is_derived_and_what_derived_fields_see) {
    struct push_rig rig;
    begin(&rig, SYNC_PUSH, parents_name);
    CHECK(derive_marks(rig.datatypes, 2, &rig.resource));
    CHECK(!derive_marks(rig.datatypes, 2, &rig.reading));
    rig.resource.derive_count = 0;
    rig.reading.derives = rig.derives;
    rig.reading.derive_count = 1;
    CHECK(derive_marks(rig.datatypes, 2, &rig.resource)); // a reading refers to it
    CHECK(derive_marks(rig.datatypes, 2, &rig.reading));
    rig.reading.derive_count = 0;
    CHECK(!derive_marks(rig.datatypes, 2, &rig.resource));
    push_rig_close(&rig);
}

TEST(engine_derive, an_edit_marks_and_a_run_computes) {
    struct push_rig rig;
    struct story story;
    begin(&rig, SYNC_PUSH, parents_name);
    int64_t parent = push_rig_put(&rig, "resource", "{\"name\":\"p\"}");
    int64_t child = push_rig_put(&rig, "resource", "{\"name\":\"c\",\"parent\":%lld}", ID(parent));
    CHECK_INT(push_rig_stales(&rig), 2);
    CHECK_INT(run(&rig, &story), 1);
    CHECK_INT(push_rig_stales(&rig), 0);
    CHECK_TEXT(legacy(&rig, child), "p");
    CHECK_TEXT(push_rig_record(&rig, "resource", child).origin, "derive");
    int64_t seq = push_rig_seq(&rig);
    CHECK_INT(run(&rig, &story), 0);
    CHECK_INT(push_rig_seq(&rig), seq);
    push_rig_put(&rig, "resource", "{\"id\":%lld,\"name\":\"p2\"}", ID(parent));
    CHECK_INT(push_rig_stales(&rig), 1);
    CHECK_INT(run(&rig, &story), 1);
    CHECK_TEXT(legacy(&rig, child), "p2");
    CHECK_INT(push_rig_stales(&rig), 0);
    push_rig_put(&rig, "resource", "{\"id\":%lld,\"code\":\"no matter\"}", ID(parent));
    CHECK_INT(run(&rig, &story), 0);
    push_rig_close(&rig);
}

TEST(engine_derive, a_delete_marks_too) {
    struct push_rig rig;
    struct story story;
    begin(&rig, SYNC_PUSH, parents_name);
    int64_t parent = push_rig_put(&rig, "resource", "{\"name\":\"p\"}");
    int64_t child = push_rig_put(&rig, "resource", "{\"name\":\"c\",\"parent\":%lld}", ID(parent));
    run(&rig, &story);
    push_rig_delete(&rig, "resource", parent);
    CHECK_INT(push_rig_stales(&rig), 1);
    CHECK_INT(run(&rig, &story), 0); // nil leaves it as it is
    CHECK_INT(push_rig_stales(&rig), 0);
    CHECK_TEXT(legacy(&rig, child), "p");
    push_rig_close(&rig);
}

TEST(engine_derive, many_that_refer_to_one_go_in_blocks) {
    struct push_rig rig;
    struct story story;
    begin(&rig, SYNC_PUSH, parents_name);
    int64_t parent = push_rig_put(&rig, "resource", "{\"name\":\"p\"}");
    int64_t last = 0;
    for (int i = 0; i < 450; i++) {
        last = push_rig_put(&rig, "resource", "{\"name\":\"c%d\",\"parent\":%lld}", i, ID(parent));
    }
    CHECK_INT(run(&rig, &story), 450);
    push_rig_put(&rig, "resource", "{\"id\":%lld,\"name\":\"p2\"}", ID(parent));
    CHECK_INT(run(&rig, &story), 450);
    CHECK_TEXT(legacy(&rig, last), "p2");
    CHECK_INT(push_rig_stales(&rig), 0);
    push_rig_close(&rig);
}

static enum store_memory_outcome refuse_at(void *context, const char *name) {
    (void)name;
    return --*(int *)context == 0 ? STORE_MEMORY_REFUSE : STORE_MEMORY_COMMIT;
}

TEST(engine_derive, a_kill_between_blocks_loses_none) {
    for (int at = 1; at <= 4; at++) {
        struct push_rig rig;
        struct story story;
        begin(&rig, SYNC_PUSH, parents_name);
        int64_t parent = push_rig_put(&rig, "resource", "{\"name\":\"p\"}");
        int64_t last = 0;
        for (int i = 0; i < 450; i++) {
            last = push_rig_put(&rig, "resource", "{\"name\":\"c%d\",\"parent\":%lld}", i, ID(parent));
        }
        run(&rig, &story);
        push_rig_put(&rig, "resource", "{\"id\":%lld,\"name\":\"p2\"}", ID(parent));
        struct derive_setup setup = {.store = rig.store,
                                     .datatypes = rig.datatypes,
                                     .datatype_count = 2,
                                     .mapper = &rig.mapper,
                                     .clock = &rig.clock,
                                     .log = &log_none};
        int64_t changed;
        int left = at;
        store_memory_hook(refuse_at, &left);
        CHECK(!derive_run(&setup, &changed, &rig.error));
        store_memory_hook(NULL, NULL);
        run(&rig, &story);
        CHECK_TEXT(legacy(&rig, last), "p2");
        CHECK_INT(push_rig_stales(&rig), 0);
        push_rig_close(&rig);
    }
}

// The parent's own derived field: a change that travels down a chain.
static bool parents_path(const struct object *const *objects, size_t count, struct arena *arena, struct mapped *out,
                         struct error *error) {
    (void)count;
    (void)error;
    const struct value *parent = object_find(objects[1], TEXT_LITERAL("parent"));
    const struct value *above = parent != NULL ? object_find(parent->as.object, TEXT_LITERAL("legacy")) : NULL;
    struct text path = above != NULL && above->kind == VALUE_TEXT ? value_slice(above) : text_of("");
    struct text name = value_slice(object_find(objects[0], TEXT_LITERAL("name")));
    char *text = arena_print(arena, "%.*s/%.*s", TEXT_ARGS(path), TEXT_ARGS(name));
    CHECK(text != NULL);
    out->value = value_text(text_of(text));
    return true;
}

TEST(engine_derive, a_change_travels_along_references) {
    struct push_rig rig;
    struct story story;
    begin(&rig, SYNC_PUSH, parents_path);
    int64_t a = push_rig_put(&rig, "resource", "{\"name\":\"a\"}");
    int64_t b = push_rig_put(&rig, "resource", "{\"name\":\"b\",\"parent\":%lld}", ID(a));
    int64_t c = push_rig_put(&rig, "resource", "{\"name\":\"c\",\"parent\":%lld}", ID(b));
    int64_t d = push_rig_put(&rig, "resource", "{\"name\":\"d\",\"parent\":%lld}", ID(c));
    run(&rig, &story);
    CHECK_TEXT(legacy(&rig, d), "/a/b/c/d");
    push_rig_put(&rig, "resource", "{\"id\":%lld,\"name\":\"A\"}", ID(a));
    run(&rig, &story);
    CHECK_TEXT(legacy(&rig, d), "/A/b/c/d");
    CHECK_INT(push_rig_stales(&rig), 0);
    CHECK_INT(strlen(story.text), 0);
    push_rig_close(&rig);
}

// Each is one more than the other.
static bool grows(const struct object *const *objects, size_t count, struct arena *arena, struct mapped *out,
                  struct error *error) {
    (void)count;
    (void)error;
    const struct value *parent = object_find(objects[1], TEXT_LITERAL("parent"));
    const struct value *above = parent != NULL ? object_find(parent->as.object, TEXT_LITERAL("legacy")) : NULL;
    int64_t number = 0;
    if (above != NULL && above->kind == VALUE_TEXT) {
        CHECK(text_integer(value_slice(above), &number));
    }
    char *text = arena_print(arena, "%lld", ID(number + 1));
    CHECK(text != NULL);
    out->value = value_text(text_of(text));
    return true;
}

TEST(engine_derive, a_circle_ends_with_a_clear_line) {
    struct push_rig rig;
    struct story story;
    begin(&rig, SYNC_PUSH, grows);
    int64_t a = push_rig_put(&rig, "resource", "{\"name\":\"a\"}");
    int64_t b = push_rig_put(&rig, "resource", "{\"name\":\"b\",\"parent\":%lld}", ID(a));
    push_rig_put(&rig, "resource", "{\"id\":%lld,\"parent\":%lld}", ID(a), ID(b));
    run(&rig, &story);
    CHECK(strstr(story.text, "in a circle") != NULL);
    CHECK_INT(push_rig_stales(&rig), 0);
    CHECK_INT(run(&rig, &story), 0);
    push_rig_close(&rig);
}

static bool flips(const struct object *const *objects, size_t count, struct arena *arena, struct mapped *out,
                  struct error *error) {
    (void)count;
    (void)arena;
    (void)error;
    const struct value *now = object_find(objects[0], TEXT_LITERAL("legacy"));
    bool is_on = now != NULL && now->kind == VALUE_TEXT && text_is(value_slice(now), "on");
    out->value = value_text(is_on ? TEXT_LITERAL("off") : TEXT_LITERAL("on"));
    return true;
}

TEST(engine_derive, a_field_that_never_rests_is_left_alone) {
    struct push_rig rig;
    struct story story;
    begin(&rig, SYNC_PUSH, flips);
    int64_t a = push_rig_put(&rig, "resource", "{\"name\":\"a\"}");
    CHECK_INT(run(&rig, &story), 0);
    CHECK(strstr(story.text, "never rest") != NULL);
    CHECK_TEXT(legacy(&rig, a), "");
    push_rig_close(&rig);
}

static bool fails(const struct object *const *objects, size_t count, struct arena *arena, struct mapped *out,
                  struct error *error) {
    const struct value *name = object_find(objects[0], TEXT_LITERAL("name"));
    if (text_is(value_slice(name), "bad")) {
        error_set(error, ERROR_TRANSFORM, "attempt to index a nil value");
        return error_place(error, "ourwater.lua:12");
    }
    if (text_is(value_slice(name), "wrong")) {
        out->value = value_list(NULL, 0);
        return true;
    }
    return parents_name(objects, count, arena, out, error);
}

TEST(engine_derive, a_function_that_fails_is_logged_and_the_others_go_on) {
    struct push_rig rig;
    struct story story;
    begin(&rig, SYNC_PUSH, fails);
    int64_t parent = push_rig_put(&rig, "resource", "{\"name\":\"bad\"}");
    push_rig_put(&rig, "resource", "{\"name\":\"wrong\"}");
    int64_t child = push_rig_put(&rig, "resource", "{\"name\":\"c\",\"parent\":%lld}", ID(parent));
    CHECK_INT(run(&rig, &story), 1);
    CHECK_TEXT(legacy(&rig, child), "bad");
    CHECK(strstr(story.text, "resource") != NULL && strstr(story.text, "ourwater.lua:12") != NULL);
    CHECK(strstr(story.text, "W4001") != NULL);
    CHECK_INT(push_rig_stales(&rig), 0);
    push_rig_close(&rig);
}

static bool ends_the_run(const struct object *const *objects, size_t count, struct arena *arena, struct mapped *out,
                         struct error *error) {
    (void)objects;
    (void)count;
    (void)arena;
    (void)out;
    return error_set(error, ERROR_SCRIPT_TIME, "too many steps");
}

TEST(engine_derive, a_script_that_may_not_go_on_ends_it_and_leaves_the_marks) {
    struct push_rig rig;
    struct story story;
    begin(&rig, SYNC_PUSH, ends_the_run);
    push_rig_put(&rig, "resource", "{\"name\":\"a\"}");
    struct derive_setup setup = {.store = rig.store,
                                 .datatypes = rig.datatypes,
                                 .datatype_count = 2,
                                 .mapper = &rig.mapper,
                                 .clock = &rig.clock,
                                 .log = &log_none};
    int64_t changed;
    CHECK(!derive_run(&setup, &changed, &rig.error));
    CHECK(rig.error.code == ERROR_SCRIPT_TIME);
    CHECK_INT(push_rig_stales(&rig), 1);
    rig.functions[0] = parents_name;
    run(&rig, &story);
    CHECK_INT(push_rig_stales(&rig), 0);
    push_rig_close(&rig);
}

static struct push_rig *edited_rig;
static int64_t edited_id;

// Somebody edits the record while its field is computed.
static bool edited_meanwhile(const struct object *const *objects, size_t count, struct arena *arena, struct mapped *out,
                             struct error *error) {
    (void)objects;
    (void)count;
    (void)arena;
    (void)error;
    if (edited_id != 0) {
        struct effect effect = {.kind = EFFECT_UPDATE, .datatype = &edited_rig->resource, .id = edited_id};
        struct home_row row = push_rig_record(edited_rig, "resource", edited_id);
        row.fields[RES_CODE] = value_text(TEXT_LITERAL("edited"));
        effect.base_seq = row.seq;
        effect.fields = row.fields;
        struct page page = {.origin = TEXT_LITERAL("put"), .effects = &effect, .effect_count = 1};
        enum commit_outcome outcome;
        edited_id = 0;
        CHECK_OK(store_commit(edited_rig->store, &page, &outcome, &edited_rig->error), &edited_rig->error);
        CHECK(outcome == COMMIT_DONE);
    }
    out->value = value_text(TEXT_LITERAL("derived"));
    return true;
}

TEST(engine_derive, an_edit_meanwhile_is_kept) {
    struct push_rig rig;
    struct story story;
    begin(&rig, SYNC_PUSH, edited_meanwhile);
    int64_t a = push_rig_put(&rig, "resource", "{\"name\":\"a\"}");
    edited_rig = &rig;
    edited_id = a;
    CHECK_INT(run(&rig, &story), 1);
    struct home_row row = push_rig_record(&rig, "resource", a);
    CHECK_TEXT(value_slice(&row.fields[RES_CODE]), "edited");
    CHECK_TEXT(legacy(&rig, a), "derived");
    push_rig_close(&rig);
}

TEST(engine_derive, what_another_script_derives_stays_stale) {
    struct push_rig rig;
    struct story story;
    begin(&rig, SYNC_PUSH, parents_name);
    push_rig_put(&rig, "resource", "{\"name\":\"a\"}");
    rig.derives[0].function = DERIVE_ELSEWHERE;
    CHECK_INT(run(&rig, &story), 0);
    CHECK_INT(push_rig_stales(&rig), 1);
    rig.derives[0].function = 0;
    run(&rig, &story);
    CHECK_INT(push_rig_stales(&rig), 0);
    push_rig_close(&rig);
}

TEST(engine_derive, a_push_derives_first_and_pulled_records_are_derived) {
    struct push_rig rig;
    begin(&rig, SYNC_BOTH, parents_name);
    rig.push_rules[0].paths = &(struct path){&(struct text){"legacy", 6}, 1}; // code = legacy
    remote_put(&rig.remote, "resource", "{\"id\":1,\"name\":\"theirs\"}");
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(push_rig_stales(&rig), 0);
    int64_t parent = 0;
    for (int64_t i = 1; i < 100 && parent == 0; i++) {
        parent = push_rig_link(&rig, "resource", i, NULL).home;
    }
    push_rig_put(&rig, "resource", "{\"name\":\"c\",\"parent\":%lld}", ID(parent));
    push_rig_run(&rig, RUN_DONE);
    CHECK_TEXT(remote_get(&rig.remote, "resource", "2"),
               "{\"id\":2,\"code\":\"theirs\",\"name\":\"c\",\"parent\":\"1\"}");
    remote_put(&rig.remote, "resource", "{\"id\":1,\"name\":\"theirs2\"}");
    push_rig_run(&rig, RUN_DONE);
    CHECK_TEXT(remote_get(&rig.remote, "resource", "2"),
               "{\"id\":2,\"code\":\"theirs2\",\"name\":\"c\",\"parent\":\"1\"}");
    push_rig_run(&rig, RUN_DONE);
    push_rig_run(&rig, RUN_DONE);
    push_rig_quiet(&rig);
    push_rig_close(&rig);
}

// --- the same on disk ---

TEST(engine_derive_sqlite, an_edit_marks_and_a_run_computes) {
    push_rig_store = &store_sqlite;
    test_engine_derive_an_edit_marks_and_a_run_computes();
}

TEST(engine_derive_sqlite, many_that_refer_to_one_go_in_blocks) {
    push_rig_store = &store_sqlite;
    test_engine_derive_many_that_refer_to_one_go_in_blocks();
}

TEST(engine_derive_sqlite, an_edit_meanwhile_is_kept) {
    push_rig_store = &store_sqlite;
    test_engine_derive_an_edit_meanwhile_is_kept();
}

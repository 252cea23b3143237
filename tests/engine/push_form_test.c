#include "engine/push_form.h"

#include "base/civil.h"
#include "format/format_json.h"
#include "push_rig.h"

// The push form of one record, as JSON.

static const struct text path_at[] = {{"at", 2}};
static const struct text path_id[] = {{"id", 2}};
static const struct text path_name[] = {{"name", 4}};
static const struct text path_parent[] = {{"parent", 6}};
static const struct path at = {path_at, 1}, id = {path_id, 1}, name = {path_name, 1}, parent = {path_parent, 1};
static const struct text one_name[] = {{"out", 3}};
static const struct shape one_shape = {1, one_name};
static const struct text iso[] = {{"iso", 3}};
static const struct text day[] = {{"DD.MM.YYYY HH:mm", 16}};

struct forming {
    struct push_rig rig;
    struct rule rule;
    struct push_former former;
    struct push_formed formed;
    struct home_row row;
    struct error error;
    struct text json;
};

static void begin(struct forming *forming) {
    struct push_rig *rig = &forming->rig;
    memset(forming, 0, sizeof *forming);
    push_rig_open(rig, SYNC_PUSH);
    rig->types[0].push.transform = (struct transform){.rules = &forming->rule, .count = 1, .names = &one_shape};
    forming->rule = (struct rule){.input = INPUT_PATH, .paths = &name, .path_count = 1, .kind = RULE_COPY, .line = 9};
    forming->row.id = 17;
    forming->row.fields = arena_take_zero(&rig->arena, RES_FIELDS, sizeof *forming->row.fields);
    for (int i = 0; i < RES_FIELDS; i++) {
        forming->row.fields[i] = value_null();
    }
    forming->row.fields[RES_NAME] = value_text(TEXT_LITERAL("well"));
    forming->row.fields[RES_AT] = value_integer(INT64_C(1533565800000000));
}

static bool make(struct forming *forming) {
    struct push_rig *rig = &forming->rig;
    push_former_clear(&forming->former);
    CHECK_OK(push_former_init(&forming->former, &rig->sync, &rig->types[0], rig->store, NULL, 0, 0, &forming->error),
             &forming->error);
    bool ok = push_form(&forming->former, &forming->row, &rig->arena, &forming->formed, &forming->error);
    forming->json = text_of("");
    if (ok && !forming->formed.skipped) {
        struct buffer buffer;
        struct value value = value_object(forming->formed.form);
        buffer_init(&buffer, 1 << 20);
        json_write(&buffer, &value);
        CHECK(arena_text(&rig->arena, buffer_view(&buffer), &forming->json));
        buffer_clear(&buffer);
    }
    return ok;
}

static void finish(struct forming *forming) {
    push_former_clear(&forming->former);
    push_rig_close(&forming->rig);
}

TEST(engine_push_form, times_go_out_in_their_format_and_zone) {
    struct forming forming;
    begin(&forming);
    forming.rule.kind = RULE_TIME;
    forming.rule.paths = &at;
    forming.rule.formats = iso;
    forming.rule.format_count = 1;
    CHECK_OK(make(&forming), &forming.error);
    CHECK_TEXT(forming.json, "{\"out\":\"2018-08-06T14:30:00Z\"}");
    forming.rule.formats = day;
    CHECK_OK(zone_find(TEXT_LITERAL("Asia/Kolkata"), &forming.rule.zone, &forming.error), &forming.error);
    CHECK_OK(make(&forming), &forming.error);
    CHECK_TEXT(forming.json, "{\"out\":\"06.08.2018 20:00\"}");
    forming.rule.format_count = 0;
    forming.rule.zone = NULL;
    CHECK_OK(make(&forming), &forming.error);
    CHECK_TEXT(forming.json, "{\"out\":\"2018-08-06T14:30:00Z\"}");
    forming.rule.kind = RULE_COPY; // moved as it is, it is a time all the same
    CHECK_OK(make(&forming), &forming.error);
    CHECK_TEXT(forming.json, "{\"out\":\"2018-08-06T14:30:00Z\"}");
    forming.rule.kind = RULE_TIME;
    forming.rule.paths = &name;
    CHECK(!make(&forming));
    CHECK(forming.error.code == ERROR_TIME_FORMAT && forming.error.scope == ERROR_RECORD);
    CHECK_TEXT(text_of(forming.error.place), "field out");
    finish(&forming);
}

TEST(engine_push_form, null_goes_out_as_null_and_what_is_not_there_does_not_go_out) {
    struct forming forming;
    begin(&forming);
    forming.rule.paths = &parent;
    CHECK_OK(make(&forming), &forming.error);
    CHECK_TEXT(forming.json, "{\"out\":null}");
    struct path nowhere = {&(struct text){"nowhere", 7}, 1};
    forming.rule.paths = &nowhere;
    CHECK_OK(make(&forming), &forming.error);
    CHECK_TEXT(forming.json, "{}");
    forming.rule.paths = &id;
    CHECK_OK(make(&forming), &forming.error);
    CHECK_TEXT(forming.json, "{\"out\":17}");
    forming.rule.kind = RULE_TEXT;
    CHECK_OK(make(&forming), &forming.error);
    CHECK_TEXT(forming.json, "{\"out\":\"17\"}");
    finish(&forming);
}

TEST(engine_push_form, links_become_the_datasources_ids_and_their_parts) {
    struct forming forming;
    begin(&forming);
    struct push_rig *rig = &forming.rig;
    remote_put(&rig->remote, "resource", "{\"id\":\"[\\\"313603\\\",\\\"11\\\"]\",\"name\":\"parent\"}");
    rig->sync.direction = SYNC_PULL;
    push_rig_run(rig, RUN_DONE);
    int64_t home = 0;
    for (int64_t i = 1; i < 100 && home == 0; i++) {
        home = push_rig_link(rig, "resource", i, NULL).home;
    }
    CHECK(home != 0);
    forming.rule.kind = RULE_LINK;
    forming.rule.paths = &parent;
    forming.rule.target = TEXT_LITERAL("resource");
    CHECK_OK(make(&forming), &forming.error);
    CHECK_TEXT(forming.json, "{\"out\":null}");
    forming.row.fields[RES_PARENT] = value_integer(home);
    CHECK_OK(make(&forming), &forming.error);
    CHECK_TEXT(forming.json, "{\"out\":\"[\\\"313603\\\",\\\"11\\\"]\"}");
    forming.rule.part = 2;
    CHECK_OK(make(&forming), &forming.error);
    CHECK_TEXT(forming.json, "{\"out\":\"11\"}");
    forming.rule.part = 3;
    CHECK(!make(&forming));
    CHECK(forming.error.code == ERROR_KEY_EMPTY);
    forming.row.fields[RES_PARENT] = value_integer(home + 50);
    CHECK(!make(&forming));
    CHECK(forming.error.code == ERROR_PUSH_WAITS);
    finish(&forming);
}

TEST(engine_push_form, parts_of_ids) {
    struct arena arena;
    struct text out;
    struct error error;
    arena_init(&arena, 1 << 20);
    CHECK(push_part(TEXT_LITERAL("plain"), 0, &arena, &out, &error));
    CHECK_TEXT(out, "plain");
    CHECK(push_part(TEXT_LITERAL("plain"), 1, &arena, &out, &error));
    CHECK_TEXT(out, "plain");
    CHECK(!push_part(TEXT_LITERAL("plain"), 2, &arena, &out, &error));
    static const char id_text[] = "[\"a\\\"\\\\b\",\"c,]\",\"\\u000a\\n\"]";
    CHECK(push_part(text_of(id_text), 1, &arena, &out, &error));
    CHECK_TEXT(out, "a\"\\b");
    CHECK(push_part(text_of(id_text), 2, &arena, &out, &error));
    CHECK_TEXT(out, "c,]");
    CHECK(push_part(text_of(id_text), 3, &arena, &out, &error));
    CHECK_TEXT(out, "\n\n");
    CHECK(!push_part(text_of(id_text), 4, &arena, &out, &error));
    static const char *const broken[] = {"[]",    "[\"a]",         "[\"a\\]",      "[\"a\\u00]",
                                         "[a,b]", "[\"a\"x\"b\"]", "[\"\\u00zz\"]"};
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        for (uint32_t part = 1; part < 4; part++) {
            CHECK(!push_part(text_of(broken[i]), part, &arena, &out, &error));
            CHECK(error.scope == ERROR_RECORD);
        }
    }
    arena_clear(&arena);
}

TEST(engine_push_form, a_reference_by_external_id_belongs_in_pull) {
    struct forming forming;
    begin(&forming);
    forming.rule.kind = RULE_REF;
    CHECK(!make(&forming));
    CHECK(forming.error.code == ERROR_TRANSFORM);
    finish(&forming);
}

TEST(engine_push_form, without_a_table_the_fields_of_the_same_name_go_out) {
    struct forming forming;
    begin(&forming);
    struct push_rig *rig = &forming.rig;
    rig->types[0].push.transform = (struct transform){.count = 0};
    CHECK_OK(make(&forming), &forming.error);
    CHECK_TEXT(forming.json,
               "{\"name\":\"well\",\"parent\":null,\"code\":null,\"at\":\"2018-08-06T14:30:00Z\",\"legacy\":null}");
    // With a table, the rest: but for what a rule reads or fills.
    rig->types[0].push.transform =
        (struct transform){.rules = &forming.rule, .count = 1, .names = &one_shape, .rest = true};
    CHECK_OK(make(&forming), &forming.error);
    CHECK_TEXT(forming.json,
               "{\"out\":\"well\",\"parent\":null,\"code\":null,\"at\":\"2018-08-06T14:30:00Z\",\"legacy\":null}");
    // A reference goes out as the datasource's id.
    forming.row.fields[RES_PARENT] = value_integer(3);
    CHECK(!make(&forming));
    CHECK(forming.error.code == ERROR_PUSH_WAITS);
    finish(&forming);
}

TEST(engine_push_form, a_reference_without_a_rule_goes_out_as_the_id_there) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_PUSH);
    rig.types[0].push.transform = (struct transform){.count = 0};
    int64_t dam = push_rig_put(&rig, "resource", "{\"name\":\"dam\"}");
    push_rig_put(&rig, "resource", "{\"name\":\"well\",\"parent\":%lld}", (long long)dam);
    push_rig_run(&rig, RUN_DONE);
    CHECK(strstr(remote_get(&rig.remote, "resource", "2").data, "\"parent\":\"1\"") != NULL);
    push_rig_quiet(&rig);
    push_rig_close(&rig);
}

static struct mapped_record given;
static size_t given_count;

static bool whole(const struct object *const *objects, size_t count, struct arena *arena, struct mapped *out,
                  struct error *error) {
    (void)arena;
    (void)error;
    CHECK_INT(count, 1);
    CHECK_INT(object_find(objects[0], TEXT_LITERAL("id"))->as.integer, 17);
    given.fields = *objects[0];
    static struct mapped_record two[2];
    two[0] = two[1] = given;
    out->records = two;
    out->count = given_count;
    return true;
}

static bool skips(const struct object *const *objects, size_t count, struct arena *arena, struct mapped *out,
                  struct error *error) {
    (void)objects;
    (void)count;
    (void)arena;
    (void)error;
    out->skipped = true;
    out->reason = TEXT_LITERAL("not this one");
    return true;
}

TEST(engine_push_form, a_function_gives_one_record_or_none) {
    struct forming forming;
    begin(&forming);
    struct push_rig *rig = &forming.rig;
    rig->types[0].push.transform = (struct transform){.has_function = true, .function = 0};
    rig->functions[0] = whole;
    given_count = 1;
    CHECK_OK(make(&forming), &forming.error);
    CHECK(strstr(forming.json.data, "\"name\":\"well\"") != NULL);
    given_count = 0;
    CHECK_OK(make(&forming), &forming.error);
    CHECK(forming.formed.skipped);
    given_count = 2;
    CHECK(!make(&forming));
    CHECK(forming.error.code == ERROR_TRANSFORM);
    rig->functions[0] = skips;
    CHECK_OK(make(&forming), &forming.error);
    CHECK(forming.formed.skipped);
    CHECK_TEXT(forming.formed.reason, "not this one");
    finish(&forming);
}

static bool shouts(const struct object *const *objects, size_t count, struct arena *arena, struct mapped *out,
                   struct error *error) {
    (void)objects;
    (void)count;
    (void)arena;
    (void)error;
    out->value = value_text(TEXT_LITERAL(" 12.50 "));
    return true;
}

TEST(engine_push_form, a_function_of_a_field_is_converted) {
    struct forming forming;
    begin(&forming);
    forming.rule.input = INPUT_FUNCTION;
    forming.rule.path_count = 0;
    forming.rule.kind = RULE_NUMBER;
    forming.rig.functions[0] = shouts;
    CHECK_OK(make(&forming), &forming.error);
    CHECK_TEXT(forming.json, "{\"out\":12.50}");
    forming.rig.functions[0] = skips;
    CHECK_OK(make(&forming), &forming.error);
    CHECK(forming.formed.skipped);
    finish(&forming);
}

TEST(engine_push_form, undeclared_fields_are_seen_and_not_copied) {
    struct forming forming;
    begin(&forming);
    struct value extra;
    CHECK_OK(json_read(TEXT_LITERAL("{\"colour\":\"red\",\"id\":5}"), &forming.rig.arena, NULL, &extra, &forming.error),
             &forming.error);
    forming.row.extra = extra;
    struct path colour = {&(struct text){"colour", 6}, 1};
    forming.rule.paths = &colour;
    CHECK_OK(make(&forming), &forming.error);
    CHECK_TEXT(forming.json, "{\"out\":\"red\"}");
    forming.rule.paths = &id; // home's own
    CHECK_OK(make(&forming), &forming.error);
    CHECK_TEXT(forming.json, "{\"out\":17}");
    finish(&forming);
}

TEST(engine_push_form, the_print_is_of_what_goes_out_alone) {
    struct forming forming;
    begin(&forming);
    CHECK_OK(make(&forming), &forming.error);
    struct print first = forming.formed.print;
    forming.row.fields[RES_CODE] = value_text(TEXT_LITERAL("not pushed"));
    forming.row.seq = 99;
    CHECK_OK(make(&forming), &forming.error);
    CHECK(print_same(forming.formed.print, first));
    forming.row.fields[RES_NAME] = value_text(TEXT_LITERAL("well "));
    CHECK_OK(make(&forming), &forming.error);
    CHECK(!print_same(forming.formed.print, first));
    finish(&forming);
}

TEST(engine_push_form, as_many_waits_are_remembered_as_may_be) {
    enum { WAITS = 200000 };
    struct forming forming;
    begin(&forming);
    CHECK_OK(make(&forming), &forming.error);
    for (int64_t i = 1; i <= WAITS; i++) {
        char external[48];
        snprintf(external, sizeof external, "resource-of-the-datasource-%012lld", (long long)i);
        struct pending_row row = {
            .awaits_datasource = TEXT_LITERAL("remote"),
            .awaits_type = TEXT_LITERAL("resource"),
            .awaits_external = text_of(external),
            .home = i,
            .field = TEXT_LITERAL("parent"),
        };
        CHECK_OK(push_former_wait(&forming.former, &row, &forming.error), &forming.error);
    }
    CHECK_INT(forming.former.waits.count, WAITS);
    finish(&forming);
}

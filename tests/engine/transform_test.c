#include "engine/transform.h"

#include "format/format_json.h"
#include "rig.h"

// A datatype note {title text, size integer, tags json}, and one record through one transform.

static const struct text path_title[] = {{"title", 5}};
static const struct text path_deep[] = {{"geo", 3}, {"lat", 3}};
static const struct path paths[] = {{path_title, 1}, {path_deep, 2}};
static struct field fields[3];
static const struct text names[] = {{"title", 5}, {"size", 4}, {"tags", 4}};
static const struct shape shape = {3, names};
static struct datatype note;
static const struct datatype *datatypes[] = {&note};
static struct sync_type type;
static struct sync sync;
static struct mapper mapper;
static struct mapper_type mapper_type;
static struct arena arena;
static struct error error;
static struct formed formed;

static void set_up(const struct rule *rules, size_t count) {
    arena_init(&arena, 1024 * 1024);
    fields[0] = (struct field){.name = names[0], .type = FIELD_TEXT};
    fields[1] = (struct field){.name = names[1], .type = FIELD_INTEGER};
    fields[2] = (struct field){.name = names[2], .type = FIELD_JSON};
    note = (struct datatype){.name = TEXT_LITERAL("note"), .fields = fields, .count = 3, .shape = &shape};
    type =
        (struct sync_type){.name = TEXT_LITERAL("note"), .datatype = &note, .pull = {.rules = rules, .count = count}};
    mapper.type = &mapper_type;
    sync =
        (struct sync){.datatypes = datatypes, .datatype_count = 1, .types = &type, .type_count = 1, .mapper = &mapper};
}

static bool form(const char *json) {
    struct transformer transformer;
    struct value value;
    error_clear(&error);
    CHECK_OK(json_read(text_of(json), &arena, NULL, &value, &error), &error);
    CHECK_OK(transformer_init(&transformer, &sync, &type, &error), &error);
    bool ok = transformer_form(&transformer, value.as.object, &arena, &formed, &error);
    transformer_clear(&transformer);
    return ok;
}

TEST(engine_transform, without_rules_copies_fields_of_the_same_name) {
    set_up(NULL, 0);
    CHECK_OK(form("{\"title\":\"a\",\"size\":\"12\"}"), &error);
    CHECK_INT(formed.count, 1);
    CHECK_TEXT(value_slice(&formed.forms[0].fields[0]), "a");
    CHECK_INT(formed.forms[0].fields[1].as.integer, 12);
    CHECK(formed.forms[0].fields[2].kind == VALUE_MISSING);
    arena_clear(&arena);
}

TEST(engine_transform, without_rules_refuses_or_keeps_undeclared_fields) {
    set_up(NULL, 0);
    CHECK(!form("{\"title\":\"a\",\"colour\":\"red\"}"));
    CHECK(error.code == ERROR_FIELD_UNKNOWN);
    CHECK(strstr(error.place, "colour") != NULL);
    note.keeps_extra = true;
    CHECK_OK(form("{\"title\":\"a\",\"colour\":\"red\"}"), &error);
    const struct value *colour = object_find(formed.forms[0].extra.as.object, TEXT_LITERAL("colour"));
    CHECK_TEXT(value_slice(colour), "red");
    arena_clear(&arena);
}

TEST(engine_transform, a_table_moves_only_what_it_lists) {
    struct rule rules[] = {{.field = 0, .input = INPUT_PATH, .kind = RULE_TEXT, .paths = paths, .path_count = 1}};
    set_up(rules, 1);
    CHECK_OK(form("{\"title\":\" a \",\"size\":12,\"colour\":\"red\"}"), &error);
    CHECK_TEXT(value_slice(&formed.forms[0].fields[0]), "a");
    CHECK(formed.forms[0].fields[1].kind == VALUE_MISSING);
    type.pull.rest = true;
    CHECK_OK(form("{\"title\":\" a \",\"size\":12,\"colour\":\"red\"}"), &error);
    CHECK_TEXT(value_slice(&formed.forms[0].fields[0]), "a");
    CHECK_INT(formed.forms[0].fields[1].as.integer, 12);
    arena_clear(&arena);
}

TEST(engine_transform, a_path_reaches_inside) {
    struct rule rules[] = {{.field = 2, .input = INPUT_PATH, .kind = RULE_COPY, .paths = &paths[1], .path_count = 1}};
    set_up(rules, 1);
    CHECK_OK(form("{\"geo\":{\"lat\":24.5931130555556}}"), &error);
    CHECK_TEXT(value_slice(&formed.forms[0].fields[2]), "24.5931130555556");
    CHECK_OK(form("{\"geo\":null}"), &error);
    CHECK(formed.forms[0].fields[2].kind == VALUE_MISSING);
    arena_clear(&arena);
}

TEST(engine_transform, an_error_names_the_field) {
    struct rule rules[] = {{.field = 1, .input = INPUT_PATH, .kind = RULE_NUMBER, .paths = paths, .path_count = 1}};
    set_up(rules, 1);
    CHECK(!form("{\"title\":\"many\"}"));
    CHECK(error.code == ERROR_NUMBER_FORMAT);
    CHECK(error.scope == ERROR_RECORD);
    CHECK(strcmp(error.place, "field size") == 0);
    arena_clear(&arena);
}

static bool skip_field(struct mapper *self, uint32_t function, const struct object *record, struct arena *scratch,
                       struct mapped *out, struct error *failure) {
    (void)self;
    (void)record;
    (void)scratch;
    out->skipped = function == 1;
    out->reason = TEXT_LITERAL("not wanted");
    out->value = value_integer(9);
    return function != 2 || error_set(failure, ERROR_TRANSFORM, "it raised");
}

TEST(engine_transform, a_field_function_gives_skips_or_raises) {
    struct rule rules[] = {{.field = 1, .input = INPUT_FUNCTION, .kind = RULE_COPY, .function = 0}};
    set_up(rules, 1);
    mapper_type.field = skip_field;
    CHECK_OK(form("{}"), &error);
    CHECK_INT(formed.forms[0].fields[1].as.integer, 9);
    rules[0].function = 1;
    CHECK_OK(form("{}"), &error);
    CHECK(formed.skipped);
    CHECK_TEXT(formed.reason, "not wanted");
    rules[0].function = 2;
    CHECK(!form("{}"));
    CHECK(error.code == ERROR_TRANSFORM);
    arena_clear(&arena);
}

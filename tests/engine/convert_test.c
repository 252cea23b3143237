#include "engine/convert.h"

#include "base/civil.h"
#include "test.h"

static struct arena arena;
static struct error error;
static struct value out;

static bool run(struct rule rule, enum field_type type, struct value input) {
    if (arena.ceiling == 0) {
        arena_init(&arena, 1024 * 1024);
    }
    struct field field = {.name = TEXT_LITERAL("f"), .type = type};
    error_clear(&error);
    return convert(&rule, &field, &input, &arena, &out, &error);
}

static struct value words(const char *text) {
    return value_text(text_of(text));
}

TEST(engine_convert, empty_stays_empty_whatever_it_was_to_become) {
    for (int kind = RULE_COPY; kind <= RULE_REF; kind++) {
        if (kind == RULE_CONST) {
            continue;
        }
        CHECK_OK(run((struct rule){.kind = (enum rule_kind)kind}, FIELD_TEXT, value_null()), &error);
        CHECK(out.kind == VALUE_NULL);
        CHECK_OK(run((struct rule){.kind = (enum rule_kind)kind}, FIELD_TEXT, (struct value){0}), &error);
        CHECK(out.kind == VALUE_MISSING);
    }
    arena_clear(&arena);
}

TEST(engine_convert, copy_of_an_empty_text) {
    CHECK_OK(run((struct rule){.kind = RULE_COPY}, FIELD_TEXT, words("")), &error);
    CHECK(out.kind == VALUE_TEXT);
    CHECK_OK(run((struct rule){.kind = RULE_COPY}, FIELD_DECIMAL, words("")), &error);
    CHECK(out.kind == VALUE_NULL);
    arena_clear(&arena);
}

TEST(engine_convert, time_in_several_formats) {
    static const struct text formats[] = {{"YYYY/MM/DD", 10}, {"DD/MM/YYYY", 10}};
    const struct zone *zone;
    CHECK_OK(zone_find(TEXT_LITERAL("+05:30"), &zone, &error), &error);
    struct rule rule = {.kind = RULE_TIME, .formats = formats, .format_count = 2, .zone = zone};
    CHECK_OK(run(rule, FIELD_TIME, words("1970/01/02")), &error);
    CHECK_INT(out.as.integer, INT64_C(86400000000) - INT64_C(19800000000));
    CHECK_OK(run(rule, FIELD_TIME, words(" 02/01/1970 ")), &error);
    CHECK_INT(out.as.integer, INT64_C(86400000000) - INT64_C(19800000000));
    CHECK_OK(run(rule, FIELD_TIME, words("")), &error);
    CHECK(out.kind == VALUE_NULL);
    CHECK(!run(rule, FIELD_TIME, words("0000-00-00")));
    CHECK(error.code == ERROR_TIME_FORMAT);
    CHECK(!run(rule, FIELD_TIME, words("31/02/2018")));
    CHECK(!run(rule, FIELD_TIME, value_bool(true)));
    arena_clear(&arena);
}

TEST(engine_convert, number) {
    struct rule rule = {.kind = RULE_NUMBER};
    CHECK_OK(run(rule, FIELD_DECIMAL, words(" 12.50 ")), &error);
    CHECK(out.kind == VALUE_DECIMAL);
    CHECK_TEXT(value_slice(&out), "12.50");
    CHECK_OK(run(rule, FIELD_DECIMAL, value_integer(7)), &error);
    CHECK_INT(out.as.integer, 7);
    CHECK_OK(run(rule, FIELD_DECIMAL, words("  ")), &error);
    CHECK(out.kind == VALUE_NULL);
    CHECK(!run(rule, FIELD_DECIMAL, words("12,5")));
    CHECK(error.code == ERROR_NUMBER_FORMAT);
    CHECK(!run(rule, FIELD_DECIMAL, value_list(NULL, 0)));
    arena_clear(&arena);
}

TEST(engine_convert, text) {
    struct rule rule = {.kind = RULE_TEXT};
    CHECK_OK(run(rule, FIELD_TEXT, words("  a b ")), &error);
    CHECK_TEXT(value_slice(&out), "a b");
    CHECK_OK(run(rule, FIELD_TEXT, words(" ")), &error);
    CHECK(out.kind == VALUE_NULL);
    CHECK_OK(run(rule, FIELD_TEXT, value_integer(-5)), &error);
    CHECK_TEXT(value_slice(&out), "-5");
    CHECK_OK(run(rule, FIELD_TEXT, value_bool(true)), &error);
    CHECK_TEXT(value_slice(&out), "true");
    CHECK(!run(rule, FIELD_TEXT, value_list(NULL, 0)));
    CHECK(error.code == ERROR_FIELD_TYPE);
    arena_clear(&arena);
}

TEST(engine_convert, bool_words) {
    struct rule rule = {.kind = RULE_BOOL};
    static const char *const yes[] = {"true", "YES", "y", "T", "1", "On"};
    static const char *const no[] = {"false", "No", "N", "f", "0", "off"};
    for (size_t i = 0; i < 6; i++) {
        CHECK_OK(run(rule, FIELD_BOOL, words(yes[i])), &error);
        CHECK(out.kind == VALUE_BOOL && out.as.boolean);
        CHECK_OK(run(rule, FIELD_BOOL, words(no[i])), &error);
        CHECK(out.kind == VALUE_BOOL && !out.as.boolean);
    }
    CHECK_OK(run(rule, FIELD_BOOL, value_integer(1)), &error);
    CHECK(out.as.boolean);
    CHECK(!run(rule, FIELD_BOOL, words("maybe")));
    CHECK(!run(rule, FIELD_BOOL, value_integer(2)));
    arena_clear(&arena);
}

TEST(engine_convert, map) {
    struct text names[] = {TEXT_LITERAL("w"), TEXT_LITERAL("1")};
    struct value values[] = {words("well"), words("one")};
    struct shape shape = {2, names};
    struct object map = {&shape, values};
    struct rule rule = {.kind = RULE_MAP, .map = &map};
    CHECK_OK(run(rule, FIELD_TEXT, words("w")), &error);
    CHECK_TEXT(value_slice(&out), "well");
    CHECK_OK(run(rule, FIELD_TEXT, value_integer(1)), &error);
    CHECK_TEXT(value_slice(&out), "one");
    CHECK(!run(rule, FIELD_TEXT, words("x")));
    CHECK(error.code == ERROR_MAP_MISSING);
    rule.constant = value_null();
    CHECK_OK(run(rule, FIELD_TEXT, words("x")), &error);
    CHECK(out.kind == VALUE_NULL);
    arena_clear(&arena);
}

TEST(engine_convert, reference_names_what_it_means) {
    struct rule rule = {.kind = RULE_REF, .datasource = TEXT_LITERAL("mywell"), .target = TEXT_LITERAL("resource")};
    struct value parts[] = {words("313603"), value_integer(1111)};
    CHECK_OK(run(rule, FIELD_REF, value_list(parts, 2)), &error);
    CHECK(out.kind == VALUE_LIST && out.length == 3);
    CHECK_TEXT(value_slice(&out.as.items[0]), "mywell");
    CHECK_TEXT(value_slice(&out.as.items[1]), "resource");
    CHECK_TEXT(value_slice(&out.as.items[2]), "[\"313603\",\"1111\"]");
    parts[1] = words("");
    CHECK_OK(run(rule, FIELD_REF, value_list(parts, 2)), &error);
    CHECK(out.kind == VALUE_NULL);
    CHECK_OK(run(rule, FIELD_REF, words("7")), &error);
    CHECK_TEXT(value_slice(&out.as.items[2]), "7");
    arena_clear(&arena);
}

TEST(engine_convert, constant) {
    struct rule rule = {.kind = RULE_CONST, .constant = value_integer(5)};
    CHECK_OK(run(rule, FIELD_INTEGER, (struct value){0}), &error);
    CHECK_INT(out.as.integer, 5);
    arena_clear(&arena);
}

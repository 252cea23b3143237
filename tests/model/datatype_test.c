#include "model/datatype.h"

#include "test.h"

static struct arena arena;
static struct error error;

static struct value take(enum field_type type, struct value in) {
    struct field field = {.name = text_of("value"), .type = type};
    struct value out = {.kind = 99};
    error_clear(&error);
    CHECK_OK(field_take(&field, &in, &arena, &out, &error), &error);
    struct value again;
    CHECK_OK(field_take(&field, &out, &arena, &again, &error), &error); // the field's form stays as it is
    CHECK(again.kind == out.kind && value_same(&out, &again));
    return out;
}

static struct text refuse(enum field_type type, struct value in) {
    struct field field = {.name = text_of("value"), .type = type};
    struct value out;
    error_clear(&error);
    CHECK(!field_take(&field, &in, &arena, &out, &error));
    CHECK(error.code == ERROR_FIELD_TYPE && error.scope == ERROR_RECORD);
    return text_of(error.message);
}

static struct value text_value(const char *text) {
    return value_text(text_of(text));
}

static struct value decimal_value(const char *text) {
    return value_decimal(text_of(text));
}

static void open_arena(void) {
    arena_init(&arena, 1 << 20);
}

TEST(model_datatype, type_names) {
    enum field_type type;
    for (int i = FIELD_TEXT; i <= FIELD_REF; i++) {
        CHECK(field_type_find(text_of(field_type_name((enum field_type)i)), &type) && type == (enum field_type)i);
    }
    CHECK(!field_type_find(text_of("Text"), &type) && !field_type_find(text_of(""), &type));
}

TEST(model_datatype, names_that_may_be) {
    static const char *const good[] = {"reading", "r", "externalIds", "a_1", "idx", "sequence"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        CHECK(datatype_name_check(text_of(good[i]), true, &error));
        CHECK(datatype_name_check(text_of(good[i]), false, &error));
    }
    static const char *const bad[] = {"", "1a", "_a", "a b", "a-b", "a\"b", "\xC3\xA9", "sqlite_master", "SQLite_x"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CHECK(!datatype_name_check(text_of(bad[i]), true, &error));
        CHECK(!datatype_name_check(text_of(bad[i]), false, &error));
        CHECK_INT(error.code, ERROR_SCRIPT_SHAPE);
    }
    static const char *const taken[] = {"id", "seq", "origin", "extra", "ID", "Extra"};
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
        CHECK(!datatype_name_check(text_of(taken[i]), true, &error));
        CHECK(datatype_name_check(text_of(taken[i]), false, &error));
    }
    char lengthy[DATATYPE_NAME_MAX + 1];
    memset(lengthy, 'x', sizeof lengthy);
    CHECK(datatype_name_check((struct text){lengthy, DATATYPE_NAME_MAX}, true, &error));
    CHECK(!datatype_name_check((struct text){lengthy, DATATYPE_NAME_MAX + 1}, true, &error));
}

TEST(model_datatype, missing_and_null_pass_everywhere) {
    open_arena();
    for (int type = FIELD_TEXT; type <= FIELD_REF; type++) {
        CHECK_INT(take((enum field_type)type, (struct value){0}).kind, VALUE_MISSING);
        CHECK_INT(take((enum field_type)type, value_null()).kind, VALUE_NULL);
    }
    arena_clear(&arena);
}

TEST(model_datatype, a_text_field) {
    open_arena();
    struct value out = take(FIELD_TEXT, text_value("abc"));
    CHECK_TEXT(value_slice(&out), "abc");
    out = take(FIELD_TEXT, value_integer(-12));
    CHECK_TEXT(value_slice(&out), "-12");
    out = take(FIELD_TEXT, decimal_value("12.50"));
    CHECK(out.kind == VALUE_TEXT);
    CHECK_TEXT(value_slice(&out), "12.50");
    out = take(FIELD_TEXT, value_bool(true));
    CHECK_TEXT(value_slice(&out), "true");
    out = take(FIELD_TEXT, text_value(""));
    CHECK(out.kind == VALUE_TEXT && out.length == 0);
    CHECK_TEXT(refuse(FIELD_TEXT, value_list(NULL, 0)), "a list is no text for field value");
    struct field field = {.name = text_of("name"), .type = FIELD_TEXT};
    struct value nul = value_text((struct text){"a\0b", 3});
    CHECK(!field_take(&field, &nul, &arena, &out, &error));
    CHECK_INT(error.code, ERROR_TEXT_NUL);
    CHECK_TEXT(text_of(error.message), "'a\\x00b' holds a NUL character, which field name cannot keep");
    arena_clear(&arena);
}

TEST(model_datatype, an_integer_field) {
    open_arena();
    CHECK_INT(take(FIELD_INTEGER, value_integer(INT64_MIN)).as.integer, INT64_MIN);
    CHECK_INT(take(FIELD_INTEGER, text_value("12")).as.integer, 12);
    CHECK_INT(take(FIELD_INTEGER, text_value(" +12.0 ")).as.integer, 12);
    CHECK_INT(take(FIELD_INTEGER, decimal_value("1.2e3")).as.integer, 1200);
    CHECK_INT(take(FIELD_INTEGER, decimal_value("-0")).as.integer, 0);
    CHECK_INT(take(FIELD_INTEGER, decimal_value("9223372036854775807.000")).as.integer, INT64_MAX);
    CHECK_TEXT(refuse(FIELD_INTEGER, decimal_value("12.5")),
               "12.5 is no integer for field value; it takes whole numbers of 64 bits");
    refuse(FIELD_INTEGER, decimal_value("9223372036854775808"));
    refuse(FIELD_INTEGER, decimal_value("1e9999"));
    CHECK_TEXT(refuse(FIELD_INTEGER, text_value("twelve")), "'twelve' is no integer for field value");
    refuse(FIELD_INTEGER, text_value(""));
    refuse(FIELD_INTEGER, value_bool(true));
    arena_clear(&arena);
}

TEST(model_datatype, a_decimal_field) {
    open_arena();
    struct value out = take(FIELD_DECIMAL, decimal_value("12.50"));
    CHECK_TEXT(value_slice(&out), "12.50");
    out = take(FIELD_DECIMAL, text_value("12345678901234567.89"));
    CHECK(out.kind == VALUE_DECIMAL);
    CHECK_TEXT(value_slice(&out), "12345678901234567.89");
    out = take(FIELD_DECIMAL, text_value(" .5 "));
    CHECK_TEXT(value_slice(&out), "0.5");
    out = take(FIELD_DECIMAL, value_integer(-7));
    CHECK(out.kind == VALUE_DECIMAL);
    CHECK_TEXT(value_slice(&out), "-7");
    CHECK_TEXT(refuse(FIELD_DECIMAL, text_value("abc")), "'abc' is no decimal for field value");
    refuse(FIELD_DECIMAL, text_value("1,5"));
    refuse(FIELD_DECIMAL, text_value("NaN"));
    refuse(FIELD_DECIMAL, value_bool(false));
    arena_clear(&arena);
}

TEST(model_datatype, a_bool_field) {
    open_arena();
    CHECK(take(FIELD_BOOL, value_bool(true)).as.boolean);
    CHECK(take(FIELD_BOOL, text_value("true")).as.boolean);
    CHECK(!take(FIELD_BOOL, text_value("false")).as.boolean);
    CHECK(take(FIELD_BOOL, value_integer(1)).as.boolean);
    CHECK(!take(FIELD_BOOL, value_integer(0)).as.boolean);
    refuse(FIELD_BOOL, value_integer(2));
    CHECK_TEXT(refuse(FIELD_BOOL, text_value("yes")),
               "'yes' is no bool for field value; it takes true, false, 1 and 0");
    arena_clear(&arena);
}

TEST(model_datatype, a_time_field) {
    open_arena();
    CHECK_INT(take(FIELD_TIME, value_integer(-1)).as.integer, -1);
    CHECK_INT(take(FIELD_TIME, text_value("1970-01-02")).as.integer, INT64_C(86400000000));
    CHECK_INT(take(FIELD_TIME, text_value("1970-01-01T05:30:00.000001+05:30")).as.integer, 1);
    CHECK_INT(take(FIELD_TIME, decimal_value("1.5e3")).as.integer, 1500);
    CHECK_TEXT(refuse(FIELD_TIME, text_value("2018/08/06")),
               "'2018/08/06' is no time for field value; it takes ISO 8601 or whole microseconds since 1970");
    refuse(FIELD_TIME, text_value("0000-00-00"));
    refuse(FIELD_TIME, text_value("12"));
    refuse(FIELD_TIME, value_bool(true));
    arena_clear(&arena);
}

TEST(model_datatype, a_ref_field) {
    open_arena();
    struct value parts[] = {text_value("mywell"), text_value("resource"), text_value("[\"1\",\"2\"]")};
    CHECK_INT(take(FIELD_REF, value_integer(12)).as.integer, 12);
    CHECK_INT(take(FIELD_REF, value_list(parts, 3)).length, 3);
    refuse(FIELD_REF, value_list(parts, 2));
    parts[1] = value_integer(1);
    refuse(FIELD_REF, value_list(parts, 3));
    CHECK_TEXT(refuse(FIELD_REF, text_value("12")),
               "'12' is no ref for field value; use weir.ref to find the record by its external id");
    arena_clear(&arena);
}

TEST(model_datatype, a_json_field_takes_anything) {
    open_arena();
    CHECK_INT(take(FIELD_JSON, value_bool(true)).kind, VALUE_BOOL);
    CHECK_INT(take(FIELD_JSON, value_text((struct text){"a\0b", 3})).length, 3);
    CHECK_INT(take(FIELD_JSON, value_list(NULL, 0)).kind, VALUE_LIST);
    arena_clear(&arena);
}

TEST(model_datatype, long_values_are_cut_in_messages) {
    open_arena();
    char lengthy[1000];
    memset(lengthy, 'x', sizeof lengthy);
    CHECK_TEXT(refuse(FIELD_DECIMAL, value_text((struct text){lengthy, sizeof lengthy})),
               "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…' is no decimal for field value");
    arena_clear(&arena);
}

TEST(model_datatype, out_of_memory_is_no_misfit) {
    static const struct {
        enum field_type type;
        struct value value;
    } cases[] = {
        {FIELD_TEXT, {.kind = VALUE_INTEGER, .as.integer = 5}},
        {FIELD_DECIMAL, {.kind = VALUE_INTEGER, .as.integer = 5}},
        {FIELD_DECIMAL, {.kind = VALUE_TEXT, .length = 2, .as.text = "+5"}},
        {FIELD_INTEGER, {.kind = VALUE_DECIMAL, .length = 3, .as.text = "5.0"}},
        {FIELD_TIME, {.kind = VALUE_DECIMAL, .length = 3, .as.text = "5.0"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct field field = {.name = text_of("value"), .type = cases[i].type};
        struct value out;
        arena_init(&arena, 0);
        CHECK(!field_take(&field, &cases[i].value, &arena, &out, &error));
        CHECK_INT(error.code, ERROR_MEMORY);
    }
}

TEST(model_datatype, same_to_home) {
    struct field field = {.name = text_of("value"), .type = FIELD_DECIMAL};
    struct value missing = {0};
    struct value null = value_null();
    struct value a = decimal_value("12.50");
    struct value b = decimal_value("12.5");
    struct value c = value_integer(12);
    CHECK(field_same(&field, &missing, &null) && field_same(&field, &null, &missing));
    CHECK(!field_same(&field, &null, &a) && !field_same(&field, &a, &missing));
    CHECK(field_same(&field, &a, &b) && !field_same(&field, &a, &c));
}

#include "script/script_mapper.h"

#include "script_case.h"
#include "test.h"

#define CHECK_CALL(c, json, expected) CHECK_TEXT(text_of(case_call(c, json)), expected)

// The pull of one field function with this body.
static void field(struct script_case *c, const char *body) {
    char text[4096];
    snprintf(text, sizeof text, "{ json = function(r) %s end }", body);
    CHECK_OK(case_pull(c, text), &c->error);
}

static void whole(struct script_case *c, const char *body) {
    char text[4096];
    snprintf(text, sizeof text, "function(r) %s end", body);
    CHECK_OK(case_pull(c, text), &c->error);
}

static void says(struct script_case *c, const char *json, const char *words) {
    const char *answer = case_call(c, json);
    if (strstr(answer, words) == NULL) {
        test_fail(__FILE__, __LINE__, "'%s' does not say '%s'", answer, words);
    }
}

TEST(script_mapper, field_values) {
    struct script_case c = {0};
    static const char *const cases[][2] = {
        {"return nil", "missing"},
        {"return", "missing"},
        {"return weir.null", "null"},
        {"return true", "true"},
        {"return false", "false"},
        {"return 12", "12"},
        {"return math.maxinteger", "9223372036854775807"},
        {"return math.mininteger", "-9223372036854775808"},
        {"return 12.5", "12.5"},
        {"return 3.0", "3.0"},
        {"return 0.1 + 0.2", "0.30000000000000004"},
        {"return -0.0", "-0.0"},
        {"return 1e100", "1e+100"},
        {"return 'a\\0b'", "\"a\\u0000b\""},
        {"return ''", "\"\""},
        {"return {}", "{}"},
        {"return { b = 1, a = 'x', c = { d = weir.null } }", "{\"a\":\"x\",\"b\":1,\"c\":{\"d\":null}}"},
        {"return weir.list {}", "[]"},
        {"return weir.list { 1, weir.null, 'x' }", "[1,null,\"x\"]"},
        {"return r.tags", "[1,2.50,null]"},
        {"return r.geo", "{\"lat\":1.10,\"lng\":null}"},
        {"return { whole = r.geo }", "{\"whole\":{\"lat\":1.10,\"lng\":null}}"},
        {"return weir.skip 'old'", "skip: old"},
        {"return r", "{\"tags\":[1,2.50,null],\"geo\":{\"lat\":1.10,\"lng\":null}}"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        field(&c, cases[i][0]);
        CHECK_CALL(&c, "{\"tags\":[1,2.50,null],\"geo\":{\"lat\":1.10,\"lng\":null}}", cases[i][1]);
    }
    case_close(&c);
}

TEST(script_mapper, values_that_cannot_be_kept) {
    struct script_case c = {0};
    static const char *const cases[][2] = {{"return 0/0", "NaN"},
                                           {"return 1/0", "infinity"},
                                           {"return { x = -1/0 }", "x: infinity"},
                                           {"return '\\xff'", "UTF-8 at byte 1"},
                                           {"return { ['\\xff'] = 1 }", "not valid UTF-8"},
                                           {"return { 1, 2 }", "weir.list{ ... }"},
                                           {"return { [true] = 2 }", "keys are names"},
                                           {"return { a = { 1 } }", "weir.list"},
                                           {"return weir.list { 1, a = 2 }", "no names"},
                                           {"return print", "a function can't be kept"},
                                           {"return { f = print }", "f: a function"},
                                           {"return weir.rest", "weir.rest can't be kept"},
                                           {"local t = {} t.t = t return t", "holds itself"},
                                           {"local t = weir.list{} t[1] = t return t", "holds itself"},
                                           {"local t = weir.list{1} t[3] = 2 return t", "gap"},
                                           {"return weir.skip()", "takes the reason"},
                                           {"error 'mine'", "mine"},
                                           {"error()", "nil"},
                                           {"return nil + 1", "arithmetic on a nil"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        field(&c, cases[i][0]);
        says(&c, "{}", cases[i][1]);
        CHECK_INT(c.error.code, ERROR_TRANSFORM);
        CHECK_INT(c.error.scope, ERROR_RECORD);
        CHECK(strstr(c.error.place, "syncs/acme/case.lua:11") != NULL);
    }
    case_close(&c);
}

TEST(script_mapper, limits_end_the_record_and_not_the_script) {
    struct script_case c = {.steps_max = 10000000, .memory_max = 4 * 1024 * 1024};
    field(&c, "if r.bad then while true do end end return 'fine'");
    CHECK_CALL(&c, "{}", "\"fine\"");
    says(&c, "{\"bad\":true}", "steps");
    CHECK_INT(c.error.code, ERROR_SCRIPT_TIME);
    CHECK_INT(c.error.scope, ERROR_RECORD);
    CHECK_CALL(&c, "{}", "\"fine\"");
    field(&c, "if r.bad then local t = {} for i = 1, 1e9 do t[i] = i end end return 'fine'");
    says(&c, "{\"bad\":true}", "KiB");
    CHECK_INT(c.error.code, ERROR_SCRIPT_MEMORY);
    CHECK_INT(c.error.scope, ERROR_RECORD);
    CHECK_CALL(&c, "{}", "\"fine\"");
    case_close(&c);
}

TEST(script_mapper, many_records_and_functions) {
    struct script_case c = {0};
    CHECK_OK(case_pull(&c, "{ name = function(r) return r.a .. r.b end, json = function(r) return { n = r.b } end }"),
             &c.error);
    const struct rule *rules = c.sync->types[0].pull.rules;
    for (int i = 0; i < 1000; i++) {
        char json[64];
        char expected[64];
        snprintf(json, sizeof json, "{\"a\":\"x\",\"b\":%d}", i);
        snprintf(expected, sizeof expected, "\"x%d\"", i);
        CHECK_TEXT(text_of(case_field(&c, rules[0].function, json)), expected);
        snprintf(expected, sizeof expected, "{\"n\":%d}", i);
        CHECK_TEXT(text_of(case_field(&c, rules[1].function, json)), expected);
        if (i % 100 == 99) {
            mapper_release(c.sync->mapper);
        }
    }
    case_close(&c);
}

// Functions of one record share a view; what one keeps is that record's as long as its page is there.
TEST(script_mapper, functions_of_one_record_share_its_view) {
    struct script_case c = {0};
    struct mapped mapped;
    struct value values[] = {value_integer(7)};
    struct text name = TEXT_LITERAL("a");
    struct shape shape = {1, &name};
    CHECK_OK(
        case_pull(&c,
                  "(function() local kept = {}\n"
                  "return { name = function(r) kept[1] = r return 'x' end,\n"
                  "json = function(r) return weir.list { kept[1] == r, rawequal(kept[1], r), kept[1].a } end } end)()"),
        &c.error);
    const struct rule *rules = c.sync->types[0].pull.rules;
    struct object record = {&shape, values};
    CHECK_OK(mapper_field(c.sync->mapper, rules[0].function, &record, &c.arena, &mapped, &c.error), &c.error);
    struct object again = {&shape, values}; // the same record, handed in anew
    CHECK_OK(mapper_field(c.sync->mapper, rules[1].function, &again, &c.arena, &mapped, &c.error), &c.error);
    CHECK_INT(mapped.value.length, 3);
    CHECK(mapped.value.as.items[0].as.boolean && mapped.value.as.items[1].as.boolean);
    struct value other_values[] = {value_integer(8)};
    struct object other = {&shape, other_values};
    CHECK_OK(mapper_field(c.sync->mapper, rules[1].function, &other, &c.arena, &mapped, &c.error), &c.error);
    CHECK(!mapped.value.as.items[0].as.boolean);
    CHECK_INT(mapped.value.as.items[2].as.integer, 7);
    mapper_release(c.sync->mapper);
    CHECK(!mapper_field(c.sync->mapper, rules[1].function, &record, &c.arena, &mapped, &c.error));
    CHECK(strstr(c.error.message, "page is gone; keep a copy with weir.copy(r)") != NULL);
    case_close(&c);
}

TEST(script_mapper, records) {
    struct script_case c = {0};
    static const char record[] = "{\"name\":\"x\",\"size\":12.50,\"big\":9007199254740993,\"none\":null,\"tags\":[]}";
    static const char *const cases[][2] = {
        {"return r", record},
        {"return { name = r.name, size = r.size }", "{\"name\":\"x\",\"size\":12.5}"},
        {"return { name = r.name, big = r.big }", "{\"big\":9007199254740993,\"name\":\"x\"}"},
        {"r.name = 'y' return r", "{\"name\":\"y\",\"size\":12.50,\"big\":9007199254740993,\"none\":null,\"tags\":[]}"},
        {"r.more = 1 r.also = 2 return r",
         "{\"name\":\"x\",\"size\":12.50,\"big\":9007199254740993,\"none\":null,\"tags\":[],\"also\":2,\"more\":1}"},
        {"r.name = nil r.size = weir.null return r",
         "{\"size\":null,\"big\":9007199254740993,\"none\":null,\"tags\":[]}"},
        {"return weir.record('part', { name = 'p' })", "part{\"name\":\"p\"}"},
        {"return { { name = 'a' }, weir.record('part', r) , r }",
         "{\"name\":\"a\"} part{\"name\":\"x\",\"size\":12.50,\"big\":9007199254740993,\"none\":null,\"tags\":[]} "
         "{\"name\":\"x\",\"size\":12.50,\"big\":9007199254740993,\"none\":null,\"tags\":[]}"},
        {"return weir.list { r }", record},
        {"return weir.skip('why ' .. r.name)", "skip: why x"},
        {"return weir.copy(r)", "{\"big\":9007199254740993,\"name\":\"x\",\"size\":12.5,\"tags\":[]}"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        whole(&c, cases[i][0]);
        CHECK_CALL(&c, record, cases[i][1]);
        CHECK_CALL(&c, record, cases[i][1]); // the record itself did not change
    }
    case_close(&c);
}

TEST(script_mapper, records_that_are_none) {
    struct script_case c = {0};
    static const char *const cases[][2] = {{"return { name = r.name }, { name = 'b' }", "more than one value"},
                                           {"", "returned nothing"},
                                           {"return 1", "returned a number"},
                                           {"return {}", "without fields"},
                                           {"return weir.list {}", "no records"},
                                           {"return { r, 5 }", "returned a number"},
                                           {"return { r, name = 1 }", "no names"},
                                           {"return { r, [4] = r }", "without a gap"},
                                           {"return weir.record('prat', r)", "no datatype \"prat\""},
                                           {"return weir.record('part')", "takes a datatype's name and a table"},
                                           {"return r.tags", "returned a record"},
                                           {"return weir.null", "returned weir.null"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        whole(&c, cases[i][0]);
        says(&c, "{\"tags\":[]}", cases[i][1]);
        CHECK_INT(c.error.code, ERROR_TRANSFORM);
    }
    case_close(&c);
}

// A shape is given again, so that whoever looks up fields by it does so once.
TEST(script_mapper, shapes_are_kept) {
    struct script_case c = {0};
    struct mapped first;
    struct mapped second;
    struct text name = TEXT_LITERAL("a");
    struct shape shape = {1, &name};
    struct value values[] = {value_integer(1)};
    struct object record = {&shape, values};
    static const char *const bodies[] = {"return { name = r.a, json = 1 }", "r.more = 1 return r"};
    for (size_t i = 0; i < 2; i++) {
        whole(&c, bodies[i]);
        uint32_t function = c.sync->types[0].pull.function;
        CHECK_OK(mapper_record(c.sync->mapper, function, &record, &c.arena, &first, &c.error), &c.error);
        CHECK_OK(mapper_record(c.sync->mapper, function, &record, &c.arena, &second, &c.error), &c.error);
        CHECK(first.records[0].fields.shape == second.records[0].fields.shape);
    }
    case_close(&c);
}

TEST(script_mapper, log_and_params) {
    struct script_case c = {0};
    field(&c, "weir.log('seen ' .. r.a) print(r.a, r) return 1");
    CHECK_CALL(&c, "{\"a\":\"x\"}", "1");
    CHECK_TEXT(text_of(c.logged), "info: seen x\ninfo: x\t{\"a\":\"x\"}\n");
    case_close(&c);
}

// --- functions of several objects ---

static const char *merge(struct script_case *c, const char *body, const char *const *forms, size_t count) {
    char text[4096];
    snprintf(text, sizeof text,
             "local weir = require 'weir'\n"
             "return weir.sync { datasource = weir.table { name = 'h', types = { t = { key = 'id' } } },\n"
             "datatypes = { t = weir.datatype { a = 'text' } }, types = 't', conflict = function(a, b, c) %s end }",
             body);
    CHECK_OK(case_open(c, text), &c->error);
    return case_several(c, c->sync->conflict_function, forms, count);
}

TEST(script_mapper, several_objects) {
    struct script_case c = {0};
    static const char *const forms[] = {"{\"x\":1,\"in\":{\"deep\":[1,{\"y\":2}]}}", NULL,
                                        "{\"id\":9007199254740993,\"x\":12.50,\"none\":null}"};
    static const char *const cases[][2] = {{"return a.x == 1 and b == nil and c.x == 12.5", "true"},
                                           {"return c.id", "9007199254740993"},
                                           {"return a['in'].deep[2].y", "2"},
                                           {"return c", "{\"id\":9007199254740993,\"x\":12.50,\"none\":null}"},
                                           {"return { x = c.x, deep = a['in'].deep, gone = weir.null }",
                                            "{\"deep\":[1,{\"y\":2}],\"gone\":null,\"x\":12.5}"},
                                           {"return { mine = a, theirs = c }",
                                            "{\"mine\":{\"x\":1,\"in\":{\"deep\":[1,{\"y\":2}]}},\"theirs\":{\"id\":"
                                            "9007199254740993,\"x\":12.50,\"none\":null}}"},
                                           {"return weir.exact(c, 'x')", "\"12.50\""},
                                           {"return nil", "missing"},
                                           {"", "missing"},
                                           {"return false, 'second'", "false"},
                                           {"return weir.skip 'no'", "skip: no"},
                                           {"local n = 0 for _ in pairs(c) do n = n + 1 end return n", "2"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK_TEXT(text_of(merge(&c, cases[i][0], forms, 3)), cases[i][1]);
    }
    CHECK_TEXT(text_of(merge(&c, "return a == nil", NULL, 0)), "true");
    case_close(&c);
}

TEST(script_mapper, several_objects_are_read_only_and_fail_clearly) {
    struct script_case c = {.steps_max = 1000000};
    static const char *const forms[] = {"{\"x\":1}", "{\"x\":2}"};
    static const char *const cases[][2] = {{"a.x = 2 return a", "only reads"},
                                           {"return print", "a function can't be kept"},
                                           {"error 'mine'", "mine"},
                                           {"return c.x", "index a nil"},
                                           {"while true do end", "steps"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *said = merge(&c, cases[i][0], forms, 2);
        CHECK(strncmp(said, "error: ", 7) == 0 && strstr(said, cases[i][1]) != NULL);
        CHECK_INT(c.error.scope, ERROR_RECORD);
        CHECK(strstr(c.error.place, "case.lua:3") != NULL);
    }
    case_close(&c);
}

// The pool of views is filled again and again, and never between the views of one call.
TEST(script_mapper, several_objects_many_times) {
    struct script_case c = {0};
    static const char *const none[3];
    merge(&c, "if a == nil then return nil end return weir.list { a.x, b.x, c.x, a ~= b and b ~= c }", none, 3);
    for (int i = 0; i < 500; i++) {
        char texts[3][32];
        char expected[64];
        const char *forms[3];
        for (int j = 0; j < 3; j++) {
            snprintf(texts[j], sizeof texts[j], "{\"x\":%d}", i * 3 + j);
            forms[j] = texts[j];
        }
        snprintf(expected, sizeof expected, "[%d,%d,%d,true]", i * 3, i * 3 + 1, i * 3 + 2);
        CHECK_TEXT(text_of(case_several(&c, c.sync->conflict_function, forms, 3)), expected);
    }
    case_close(&c);
}

// A view that a function kept says so when its page is gone.
TEST(script_mapper, several_objects_go_with_their_page) {
    struct script_case c = {0};
    static const char *const forms[] = {"{\"x\":1}"};
    CHECK_TEXT(text_of(merge(&c, "if kept then return kept.x end kept = a return a.x", forms, 1)), "1");
    CHECK_TEXT(text_of(case_several(&c, c.sync->conflict_function, forms, 1)), "1");
    mapper_release(c.sync->mapper);
    const char *said = case_several(&c, c.sync->conflict_function, forms, 1);
    CHECK(strstr(said, "page is gone") != NULL);
    case_close(&c);
}

// One small answer that is large when it is written out, and errors that would end a run: they are one record's.
TEST(script_mapper, an_answer_is_bounded_and_the_record_s_own) {
    struct script_case c = {0};
    static const char *const cases[][2] = {
        {"local t = {} for i = 1, 60 do t = { a = t, b = t } end return t", "larger than 32 MiB"},
        {"local s, l = ('x'):rep(20 << 20), weir.list {} for i = 1, 9 do l[i] = s end return l", "larger than 32 MiB"},
        {"return require '../x'", "plain name"},
        {"return require 'nothing'", "require belongs"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        field(&c, cases[i][0]);
        says(&c, "{}", cases[i][1]);
        CHECK_INT(c.error.scope, ERROR_RECORD);
        whole(&c, cases[i][0]);
        case_call(&c, "{}");
        CHECK_INT(c.error.scope, ERROR_RECORD);
    }
    case_close(&c);
}

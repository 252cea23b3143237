#include "script/declare.h"

#include "script_case.h"
#include "test.h"

// A sync of three types over the web; its own tables go in at the end.
#define HEAD                                                                                                        \
    "local weir = require 'weir'\n"                                                                                 \
    "local place = weir.datatype { name = 'text', changed = 'time' }\n"                                             \
    "local well = weir.datatype { name = 'text', depth = 'decimal', place = weir.ref 'place', ids = 'json', dug = " \
    "'time', other = weir.ref 'well', count = 'integer' }\n"                                                        \
    "local loose = weir.datatype { extra = 'keep', name = 'text' }\n"                                               \
    "local web = weir.http { name = 'web', base = 'https://a.example', types = {\n"                                 \
    "  place = { path = '/places', key = 'code' },\n"                                                               \
    "  well = { path = '/wells', key = { 'place', 'number' }, cursor = weir.path('meta', 'at'), cursor_format = "   \
    "'iso' },\n"                                                                                                    \
    "  loose = { path = '/loose', key = 'id' } } }\n"                                                               \
    "return weir.sync { datasource = web, datatypes = { place = place, well = well, loose = loose }, direction = "  \
    "'both', types = { 'place', 'well', 'loose' },\n"
#define WHERE "syncs/acme/case.lua:"

static bool open_push(struct script_case *c, const char *push) {
    static char text[8192];
    snprintf(text, sizeof text, HEAD "push = {\n%s\n} }", push);
    return case_open(c, text);
}

static void refused(const char *push, enum error_code code, const char *line, const char *words) {
    static char text[8192];
    char place[64];
    snprintf(text, sizeof text, HEAD "push = {\n%s\n} }", push);
    snprintf(place, sizeof place, WHERE "%s", line);
    case_refused(text, code, place, words);
}

static const struct rule *rule_named(const struct transform *transform, const char *name) {
    uint32_t place = shape_find(transform->names, text_of(name));
    CHECK(place != SHAPE_NONE && transform->rules[place].field == place);
    return &transform->rules[place];
}

TEST(script_declare_push, fields) {
    struct script_case c = {0};
    CHECK_OK(open_push(&c,
                       "well = { when = function(r) return r.depth > 5 end,\n"
                       "  title = 'name', name = weir.text, number = 'id', ['a b'] = weir.const(7),\n"
                       "  depth = weir.number(function(r) return r.depth end), dug = weir.time { formats = "
                       "'YYYY-MM-DD' },\n"
                       "  kind = weir.map('name', { a = 'b' }), deep = weir.path('ids', 'x', 'y'), code = weir.link "
                       "'place',\n"
                       "  placeCode = weir.link('other', { part = 1 }), far = weir.link('place', { part = 3, "
                       "datasource = 'else' }),\n"
                       "  place = weir.link(), flag = weir.bool 'count' }"),
             &c.error);
    CHECK_INT(c.sync->direction, SYNC_BOTH);
    CHECK(!c.sync->types[0].pushes && c.sync->types[1].pushes && !c.sync->types[2].pushes);
    const struct push *push = &c.sync->types[1].push;
    const struct transform *out = &push->transform;
    CHECK(push->has_when && !out->rest && !out->has_function && push->back.count == 0);
    CHECK_INT(out->count, 13);
    CHECK_INT(out->names->count, 13);
    for (uint32_t i = 1; i < out->names->count; i++) {
        CHECK(text_compare(out->names->names[i - 1], out->names->names[i]) < 0);
    }
    CHECK_TEXT(rule_named(out, "title")->paths[0].names[0], "name");
    CHECK_INT(rule_named(out, "title")->line, 12);
    CHECK_TEXT(rule_named(out, "number")->paths[0].names[0], "id");
    CHECK_INT(rule_named(out, "name")->kind, RULE_TEXT);
    CHECK_TEXT(rule_named(out, "name")->paths[0].names[0], "name");
    CHECK_INT(rule_named(out, "a b")->constant.as.integer, 7);
    CHECK_INT(rule_named(out, "depth")->input, INPUT_FUNCTION);
    CHECK_INT(rule_named(out, "dug")->kind, RULE_TIME);
    CHECK_INT(rule_named(out, "kind")->kind, RULE_MAP);
    CHECK_INT(rule_named(out, "deep")->paths[0].count, 3);
    const struct rule *link = rule_named(out, "code");
    CHECK(link->kind == RULE_LINK && link->input == INPUT_PATH && link->part == 0);
    CHECK_TEXT(link->paths[0].names[0], "place");
    CHECK_TEXT(link->target, "place");
    CHECK_TEXT(link->datasource, "web");
    CHECK_INT(rule_named(out, "placeCode")->part, 1);
    CHECK_TEXT(rule_named(out, "placeCode")->target, "well");
    CHECK_TEXT(rule_named(out, "far")->datasource, "else");
    CHECK_INT(rule_named(out, "far")->part, 3);
    CHECK_TEXT(rule_named(out, "place")->paths[0].names[0], "place");
    CHECK_TEXT(c.sync->types[1].cursor.names[1], "at");
    CHECK_INT(c.sync->types[1].cursor.count, 2);
    CHECK_TEXT(c.sync->types[1].cursor_format, "iso");
    CHECK(c.sync->types[0].cursor.names == NULL);
    CHECK_TEXT(c.sync->source_types->shape->names[0], c.sync->source_types->shape->names[0].data);
    CHECK_INT(c.sync->source_types->shape->count, 3);
    static const char *const deep[] = {"{\"id\":4,\"depth\":7.5}"};
    CHECK_TEXT(text_of(case_several(&c, push->when, deep, 1)), "true");
    CHECK_TEXT(text_of(case_field(&c, rule_named(out, "depth")->function, deep[0])), "7.5");
    case_close(&c);
}

// Whatever `when` gives is taken as Lua's `if` would take it.
TEST(script_declare_push, when_is_true_or_false) {
    struct script_case c = {0};
    static const char *const cases[][2] = {{"return r.name", "true"},      {"return r.none", "false"},
                                           {"return nil", "false"},        {"", "false"},
                                           {"return 0", "true"},           {"return weir.null", "false"},
                                           {"return r", "true"},           {"return r.name and r.none", "false"},
                                           {"return {}", "true"},          {"return weir.skip 'late'", "skip: late"},
                                           {"error 'mine'", "error: mine"}};
    static const char *const record[] = {"{\"id\":4,\"name\":\"x\",\"none\":null}"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char push[256];
        snprintf(push, sizeof push, "well = { weir.rest, when = function(r) %s end }", cases[i][0]);
        CHECK_OK(open_push(&c, push), &c.error);
        CHECK_TEXT(text_of(case_several(&c, c.sync->types[1].push.when, record, 1)), cases[i][1]);
    }
    case_close(&c);
}

// An id of one part is that part.
TEST(script_declare_push, part_of_a_plain_id) {
    struct script_case c = {0};
    CHECK_OK(open_push(&c, "well = { a = weir.link('place', { part = 1 }) }"), &c.error);
    CHECK_INT(c.sync->types[1].push.transform.rules[0].part, 0);
    case_close(&c);
}

TEST(script_declare_push, shapes) {
    struct script_case c = {0};
    CHECK_OK(open_push(&c, "place = true, well = function(r) return { title = r.name, n = r.id } end,\n"
                           "loose = { weir.rest, anything = 'something' }"),
             &c.error);
    const struct sync_type *types = c.sync->types;
    CHECK(types[0].pushes && !types[0].push.transform.has_function && types[0].push.transform.count == 0);
    CHECK(types[1].pushes && types[1].push.transform.has_function && !types[1].push.has_when);
    static const char *const one[] = {"{\"id\":4,\"name\":\"x\"}"};
    CHECK_TEXT(text_of(case_several(&c, types[1].push.transform.function, one, 1)), "{\"n\":4,\"title\":\"x\"}");
    CHECK(types[2].push.transform.rest && types[2].push.transform.count == 1);
    CHECK_OK(open_push(&c, "loose = { weir.rest }"), &c.error);
    CHECK_INT(c.sync->types[2].push.transform.names->count, 0);
    case_close(&c);
}

TEST(script_declare_push, back) {
    struct script_case c = {0};
    CHECK_OK(open_push(&c,
                       "well = { title = 'name', back = { name = 'title', count = weir.number 'n', depth = "
                       "weir.path('a', 'b'),\n"
                       "  place = weir.ref('place', 'code'), ids = function(r, reply) return { code = r.id .. '.' .. "
                       "reply.code } end } }"),
             &c.error);
    const struct transform *back = &c.sync->types[1].push.back;
    CHECK_INT(back->count, 5);
    CHECK(back->names == NULL && !back->rest);
    CHECK(back->rules[0].field == 0 && back->rules[0].kind == RULE_COPY);
    CHECK_TEXT(back->rules[0].paths[0].names[0], "title");
    CHECK_INT(back->rules[1].paths[0].count, 2);
    CHECK(back->rules[2].kind == RULE_REF);
    CHECK_TEXT(back->rules[2].datasource, "web");
    static const char *const both[] = {"{\"id\":4}", "{\"code\":\"x\"}"};
    CHECK_TEXT(text_of(case_several(&c, back->rules[3].function, both, 2)), "{\"code\":\"4.x\"}");
    CHECK_INT(back->rules[4].kind, RULE_NUMBER);
    case_close(&c);
}

TEST(script_declare_push, mistakes) {
    refused("well = {\ntitle = 'nmae' }", ERROR_OPTION_UNKNOWN, "12",
            "title takes \"nmae\", but home's well has no such field; did you mean \"name\"?");
    refused("well = {\ntitle = weir.text }", ERROR_OPTION_UNKNOWN, "12", "home's well has no such field");
    refused("well = {\ntitle = 5 }", ERROR_OPTION_TYPE, "12", "the name of a field of home");
    refused("well = {\n'name' }", ERROR_OPTION_TYPE, "11", "only weir.rest stands alone");
    refused("well = {\ntitle = weir.path('name', 'x') }", ERROR_OPTION_TYPE, "12", "only a json field");
    refused("well = {\ntitle = 'place' }", ERROR_OPTION_TYPE, "12", "weir.link(\"place\")");
    refused("well = {\ntitle = weir.text 'place' }", ERROR_OPTION_TYPE, "12", "weir.link(\"place\")");
    refused("well = {\ntitle = weir.ref('place', 'place') }", ERROR_OPTION_TYPE, "12", "weir.ref belongs in pull");
    refused("well = {\ntitle = weir.link 'name' }", ERROR_OPTION_TYPE, "12",
            "weir.link takes a reference, and name is");
    refused("well = {\ntitle = weir.link 'plcae' }", ERROR_OPTION_UNKNOWN, "12", "did you mean \"place\"?");
    refused("well = {\ntitle = weir.link 'id' }", ERROR_OPTION_TYPE, "12", "and id is none");
    refused("well = {\ntitle = weir.link(5) }", ERROR_OPTION_TYPE, "12", "weir.link takes the name of a reference");
    refused("well = {\ntitle = weir.link { 'place' } }", ERROR_OPTION_TYPE, "12", "the name of a reference");
    refused("well = {\ntitle = weir.link('place', {\npart = 0 }) }", ERROR_OPTION_TYPE, "13", "part is between 1 and");
    refused("well = {\ntitle = weir.link('place', {\nprat = 1 }) }", ERROR_OPTION_UNKNOWN, "13",
            "did you mean \"part\"");
    refused("well = {\ntitle = weir.link('other', { part = 3 }) }", ERROR_OPTION_TYPE, "12",
            "part is 3, but the ids of well have 2 parts");
    refused("well = {\ntitle = weir.time 'name' }", ERROR_OPTION_TYPE, "12", "name is of type text");
    refused("well = { }", ERROR_OPTION_MISSING, "11", "the push of well sends nothing");
    refused("well = { when = function() end }", ERROR_OPTION_MISSING, "11", "sends nothing");
    refused("well = { title = 'name',\nwhen = true }", ERROR_OPTION_TYPE, "12", "when is weir's own word");
    refused("well = { title = 'name',\nback = 'name' }", ERROR_OPTION_TYPE, "12", "back is weir's own word");
    refused("well = { title = 'name', back = {\nnmae = 'x' } }", ERROR_OPTION_UNKNOWN, "12", "did you mean \"name\"");
    refused("well = { title = 'name', back = {\nname = 7 } }", ERROR_OPTION_TYPE, "12", "a field of the reply");
    refused("well = { title = 'name', back = { } }", ERROR_OPTION_MISSING, "11", "back of well moves nothing");
    refused("well = { title = 'name', back = { weir.rest } }", ERROR_OPTION_TYPE, "11", "without a field's name");
    refused("well = { title = 'name', back = {\nplace = 'x' } }", ERROR_OPTION_TYPE, "12", "weir.ref(\"place\"");
    refused("well = { title = 'name', back = {\nplace = weir.link 'place' } }", ERROR_OPTION_TYPE, "12",
            "weir.link belongs in push");
    refused("well = 5", ERROR_OPTION_TYPE, "11", "a table of the datasource's fields, a function of home's record, or");
    refused("well = false", ERROR_OPTION_TYPE, "11", "not false");
    refused("wlel = true", ERROR_OPTION_UNKNOWN, "11", "push has \"wlel\", which is not among types; did you mean");
    case_refused(HEAD "push = 7 }", ERROR_OPTION_TYPE, WHERE "10", "push takes a table of transforms by type");
    case_refused(HEAD "push = { well = true }, pull = {\nwell = { place = weir.link 'place' } } }", ERROR_OPTION_TYPE,
                 WHERE "11", "weir.link belongs in push");
}

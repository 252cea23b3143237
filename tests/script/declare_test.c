#include "script/declare.h"

#include "script_case.h"
#include "test.h"

#define HEAD "local weir = require 'weir'\n"
#define WHERE "syncs/acme/case.lua:"

TEST(script_declare, datasource_settings) {
    struct script_case c = {0};
    CHECK_OK(case_open(&c, HEAD
                       "return weir.sync { datatypes = { thing = weir.datatype { a = 'text' } }, types = { 'thing' },\n"
                       "datasource = weir.table { name = 'here', rows = 5, quick = false, columns = 'a',\n"
                       "  page = { size = 3 }, made = function() end, extra = { 1, { a = 2.5 } },\n"
                       "  types = { thing = { key = { 'id', weir.path('geo', 'lat') }, path = 'x' } } } }"),
             &c.error);
    const struct object *settings = c.sync->source_settings;
    CHECK_INT(option_integer(settings, "rows"), 5);
    CHECK(!option_bool(settings, "quick"));
    CHECK_TEXT(option_text(settings, "mode"), "plain");
    CHECK_TEXT(option_text(settings, "delimiter"), "\t");
    CHECK_TEXT(option_text(settings, "share"), "5%");
    CHECK_TEXT(option_text(settings, "file"), "");
    CHECK_INT(option_value(settings, "file").kind, VALUE_MISSING);
    CHECK_INT(option_value(settings, "columns").length, 1);
    CHECK_INT(option_integer(option_value(settings, "page").as.object, "size"), 3);
    CHECK_TEXT(option_text(option_value(settings, "page").as.object, "offset"), "skip");
    CHECK_INT(option_value(settings, "made").kind, VALUE_INTEGER);
    CHECK_INT(option_value(settings, "extra").length, 2);
    const struct sync_type *type = &c.sync->types[0];
    CHECK_TEXT(option_text(type->settings, "path"), "x");
    CHECK_INT(type->key_count, 2);
    CHECK_TEXT(type->key[0].names[0], "id");
    CHECK_INT(type->key[1].count, 2);
    CHECK_TEXT(type->key[1].names[1], "lat");
    case_close(&c);
}

#define SOURCE(options) HEAD "\nlocal s = weir.table {\n  name = 'x',\n  " options "\n}"

TEST(script_declare, mistakes_in_options) {
    case_refused(SOURCE("rwos = 1"), ERROR_OPTION_UNKNOWN, WHERE "5", "no option \"rwos\"; did you mean \"rows\"?");
    case_refused(SOURCE("zzzzzz = 1"), ERROR_OPTION_UNKNOWN, WHERE "5", "weir.table has no option \"zzzzzz\"");
    case_refused(SOURCE("'a'"), ERROR_OPTION_UNKNOWN, WHERE "3", "options by name");
    case_refused(SOURCE("rows = '5'"), ERROR_OPTION_TYPE, WHERE "5", "rows takes a whole number, not a text");
    case_refused(SOURCE("rows = 5.5"), ERROR_OPTION_TYPE, WHERE "5", "rows takes a whole number");
    case_refused(SOURCE("quick = 1"), ERROR_OPTION_TYPE, WHERE "5", "quick takes true or false, not a number");
    case_refused(SOURCE("file = {}"), ERROR_OPTION_TYPE, WHERE "5", "file takes a text, not a table");
    case_refused(SOURCE("mode = 'fancyy'"), ERROR_OPTION_TYPE, WHERE "5", "it can be \"plain\", \"fancy\"");
    case_refused(SOURCE("columns = { 1 }"), ERROR_OPTION_TYPE, WHERE "5", "a text or a list of texts, not a number");
    case_refused(SOURCE("columns = { a = 1 }"), ERROR_OPTION_TYPE, WHERE "5", "a text or a list of texts");
    case_refused(SOURCE("page = 1"), ERROR_OPTION_TYPE, WHERE "5", "page takes a table of options");
    case_refused(SOURCE("page = {\n  siez = 1 }"), ERROR_OPTION_UNKNOWN, WHERE "6", "did you mean \"size\"");
    case_refused(SOURCE("page = {}"), ERROR_OPTION_MISSING, WHERE "5", "weir.table: page needs the option size");
    case_refused(SOURCE("made = 'x'"), ERROR_OPTION_TYPE, WHERE "5", "made takes a function");
    case_refused(SOURCE("share = '5'"), ERROR_OPTION_TYPE, WHERE "5", "share takes a count (100) or a share");
    case_refused(SOURCE("share = '101%'"), ERROR_OPTION_TYPE, WHERE "5", "share takes");
    case_refused(SOURCE("share = -1"), ERROR_OPTION_TYPE, WHERE "5", "share takes");
    case_refused(SOURCE("span = '15 m'"), ERROR_OPTION_TYPE, WHERE "5", "span takes a span of time like \"15m\"");
    case_refused(SOURCE("span = 15"), ERROR_OPTION_TYPE, WHERE "5", "not a number");
    case_refused(SOURCE("bytes = '5XB'"), ERROR_OPTION_TYPE, WHERE "5", "bytes takes a size like \"100kB\"");
    case_refused(SOURCE("bytes = 0"), ERROR_OPTION_TYPE, WHERE "5", "or a whole number of bytes");
    case_refused(SOURCE("bytes = {}"), ERROR_OPTION_TYPE, WHERE "5", "not a table");
    case_refused(SOURCE("extra = print"), ERROR_OPTION_TYPE, WHERE "5", "a function can't be kept");
    case_refused(SOURCE("file = '\\xff'"), ERROR_OPTION_TYPE, WHERE "5", "UTF-8");
    case_refused(SOURCE("types = { t = {\n kye = 'a' } }"), ERROR_OPTION_UNKNOWN, WHERE "6",
                 "weir.table: types.t has no option");
    case_refused(SOURCE("types = { t = { } }"), ERROR_OPTION_MISSING, WHERE "5", "types.t needs the option key");
    case_refused(SOURCE("types = { }"), ERROR_OPTION_MISSING, WHERE "5", "types names no type");
    case_refused(SOURCE("types = { 'a' }"), ERROR_OPTION_TYPE, WHERE "5", "table of names");
    case_refused(SOURCE("quick = true"), ERROR_OPTION_MISSING, WHERE "3", "needs the option types");
    case_refused(HEAD "weir.table 'x'", ERROR_OPTION_TYPE, WHERE "2", "takes a table of options, not a text");
    case_refused(HEAD "weir.table()", ERROR_OPTION_TYPE, WHERE "2", "takes a table of options, not nothing");
    case_refused(HEAD "weir.table { name = 'a b', types = { t = { key = 'id' } } }", ERROR_OPTION_TYPE, WHERE "2",
                 "name:");
}

TEST(script_declare, spans_sizes_and_anything) {
    struct script_case c = {0};
    CHECK_OK(
        case_open(
            &c,
            SOURCE(
                "span = '15m', bytes = '100kB', extra = { p = weir.path('a', 'b'), n = 1.5, "
                "l = { 'x', { y = true } }, e = {} }, types = { thing = { key = 'id' } }") "return weir.sync { "
                                                                                           "datatypes = { thing = "
                                                                                           "weir.datatype { a = 'text' "
                                                                                           "} }, types = 'thing', "
                                                                                           "datasource = s }"),
        &c.error);
    CHECK_INT(option_integer(c.sync->source_settings, "span"), 15 * 60 * INT64_C(1000000));
    CHECK_INT(option_integer(c.sync->source_settings, "bytes"), 100000);
    const struct object *extra = option_value(c.sync->source_settings, "extra").as.object;
    struct value path = option_value(extra, "p");
    CHECK(path.kind == VALUE_LIST && path.length == 2);
    CHECK_TEXT(value_slice(&path.as.items[1]), "b");
    CHECK_INT(option_value(extra, "n").kind, VALUE_DECIMAL);
    CHECK_INT(option_value(extra, "l").as.items[1].kind, VALUE_OBJECT);
    CHECK_INT(option_value(extra, "e").kind, VALUE_OBJECT);
    CHECK_OK(
        case_open(
            &c,
            SOURCE(
                "bytes = 7, extra = weir.path 'a', types = { thing = { key = weir.path('a', 'b') } }") "return "
                                                                                                       "weir.sync { "
                                                                                                       "datatypes = { "
                                                                                                       "thing = "
                                                                                                       "weir.datatype "
                                                                                                       "{ a = 'text' } "
                                                                                                       "}, types = "
                                                                                                       "'thing', "
                                                                                                       "datasource = s "
                                                                                                       "}"),
        &c.error);
    CHECK_INT(option_integer(c.sync->source_settings, "span"), 86400 * INT64_C(1000000));
    CHECK_INT(option_integer(c.sync->source_settings, "bytes"), 7);
    path = option_value(c.sync->source_settings, "extra");
    CHECK(path.kind == VALUE_LIST && path.length == 1 && path.as.items[0].kind == VALUE_TEXT);
    CHECK_INT(c.sync->types[0].key_count, 1);
    CHECK_INT(c.sync->types[0].key[0].count, 2);
    CHECK(c.sync->source_types->shape->count == 1);
    CHECK(c.sync->types[0].cursor.names == NULL && c.sync->types[0].cursor_format.length == 0);
    CHECK_OK(case_open(&c, SOURCE("types = { thing = { key = 'id' } }") "return weir.sync { datatypes = { thing = "
                                                                        "weir.datatype { a = 'text' } }, types = "
                                                                        "'thing', datasource = s }"),
             &c.error);
    extra = option_value(c.sync->source_settings, "extra").as.object; // its fallback
    CHECK_INT(option_value(extra, "a").length, 2);
    case_close(&c);
}

#define TYPE(fields) HEAD "local t = weir.datatype {\n" fields "\n}"

TEST(script_declare, datatypes) {
    struct script_case c = {0};
    CHECK_OK(
        case_open(
            &c, HEAD
            "-- zeta = 'a comment', alpha = '}'\n"
            "return weir.sync { datatypes = {\n"
            "  other = weir.datatype { a = 'text' },\n"
            "  thing = weir.datatype { key = { 'zeta', 'alpha' }, extra = 'keep',\n"
            "    zeta = 'text', --[[ beta = 1, ]] alpha = weir.field('integer', { default = '7', required = true }),\n"
            "    ['middle'] = weir.ref 'other', ref = weir.field(weir.ref('thing')),\n"
            "    beta = weir.field('json', { default = weir.list {} }), when = 'time', yes = 'bool', d = 'decimal' } "
            "},\n"
            "  types = 'thing',\n"
            "  datasource = weir.table { name = 'here', types = { thing = { key = 'id' } } } }"),
        &c.error);
    const struct datatype *thing = c.sync->types[0].datatype;
    static const char *const names[] = {"zeta", "alpha", "middle", "ref", "beta", "when", "yes", "d"};
    CHECK_INT(thing->count, 8);
    for (size_t i = 0; i < 8; i++) {
        CHECK_TEXT(thing->fields[i].name, names[i]);
        CHECK_TEXT(thing->shape->names[i], names[i]);
    }
    CHECK(thing->keeps_extra);
    CHECK_INT(thing->key_count, 2);
    CHECK_INT(thing->key[0], 0);
    CHECK(thing->fields[1].required && thing->fields[1].fallback.kind == VALUE_INTEGER);
    CHECK_INT(thing->fields[1].fallback.as.integer, 7);
    CHECK_TEXT(thing->fields[3].target, "thing");
    CHECK_INT(thing->fields[4].fallback.kind, VALUE_LIST);
    CHECK_INT(thing->fields[5].type, FIELD_TIME);
    case_close(&c);
}

TEST(script_declare, mistakes_in_datatypes) {
    case_refused(TYPE("a = 'txet'"), ERROR_OPTION_TYPE, WHERE "3", "did you mean \"text\"?");
    case_refused(TYPE("a = 'blob'"), ERROR_OPTION_TYPE, WHERE "3", "there are text, integer");
    case_refused(TYPE("a = 'text',\nb = 5"), ERROR_OPTION_TYPE, WHERE "4", "not a number");
    case_refused(TYPE("a = weir.ref('b', 'c')"), ERROR_OPTION_TYPE, WHERE "3", "a field's type is");
    case_refused(TYPE("a = weir.time"), ERROR_OPTION_TYPE, WHERE "3", "a field's type is");
    case_refused(TYPE("['a b'] = 'text'"), ERROR_OPTION_UNKNOWN, WHERE "3", "a b");
    case_refused(TYPE("seq = 'text'"), ERROR_OPTION_UNKNOWN, WHERE "3", "seq");
    case_refused(TYPE("key = 'b', a = 'text'"), ERROR_OPTION_UNKNOWN, WHERE "3", "the key names \"b\"");
    case_refused(TYPE("key = { 'a', 'a' }, a = 'text'"), ERROR_OPTION_TYPE, WHERE "3", "\"a\" twice");
    case_refused(TYPE("key = 'date', dates = 'text'"), ERROR_OPTION_UNKNOWN, WHERE "3", "did you mean \"dates\"");
    case_refused(TYPE("extra = 'maybe', a = 'text'"), ERROR_OPTION_TYPE, WHERE "3", "\"refuse\", \"keep\"");
    case_refused(TYPE("'text'"), ERROR_OPTION_UNKNOWN, WHERE "2", "by name");
    case_refused(TYPE(""), ERROR_OPTION_MISSING, WHERE "2", "1 to 500 fields");
    case_refused(TYPE("a = weir.field('integer', {\n defualt = 1 })"), ERROR_OPTION_UNKNOWN, WHERE "4",
                 "did you mean \"default\"");
    case_refused(TYPE("a = weir.field('integer', { default = 'x' })"), ERROR_OPTION_TYPE, WHERE "3", "default");
    case_refused(TYPE("a = weir.field()"), ERROR_OPTION_TYPE, WHERE "3", "not nothing");
    case_refused(TYPE("a = weir.field('text', { default = weir.param 'x' })"), ERROR_OPTION_TYPE, WHERE "3",
                 "can't be a parameter");
}

TEST(script_declare, rules) {
    struct script_case c = {0};
    CHECK_OK(case_pull(&c, "{\n"
                           "  name = weir.text,\n"
                           "  size = weir.number 'Size, m',\n"
                           "  at = weir.time { formats = 'epoch_ms' },\n"
                           "  other = weir.ref('thing', { 'a', weir.path('b', 'c') }),\n"
                           "  json = weir.const { 1, 'x' },\n"
                           "  count = weir.map('kind', { a = 1, [7] = 2 }, { default = weir.null }),\n"
                           "  ok = weir.bool(function(r) return r.a end),\n"
                           "  weir.rest }"),
             &c.error);
    const struct transform *pull = &c.sync->types[0].pull;
    CHECK(pull->rest);
    CHECK_INT(pull->count, 7);
    const struct rule *rules = pull->rules;
    CHECK(rules[0].kind == RULE_TEXT && rules[0].field == 0 && rules[0].line == 12);
    CHECK_TEXT(rules[0].paths[0].names[0], "name");
    CHECK_TEXT(rules[1].paths[0].names[0], "Size, m");
    CHECK(rules[2].kind == RULE_TIME && rules[2].format_count == 1);
    CHECK_TEXT(rules[2].paths[0].names[0], "at");
    CHECK(rules[3].kind == RULE_REF && rules[3].input == INPUT_PATHS && rules[3].paths[1].count == 2);
    CHECK_TEXT(rules[3].datasource, "here");
    CHECK(rules[4].kind == RULE_CONST && rules[4].constant.length == 2);
    CHECK(rules[5].kind == RULE_MAP && rules[5].constant.kind == VALUE_NULL);
    CHECK_INT(object_find(rules[5].map, TEXT_LITERAL("7"))->as.integer, 2);
    CHECK(rules[6].kind == RULE_BOOL && rules[6].input == INPUT_FUNCTION);
    CHECK_OK(case_pull(&c,
                       "{ name = weir.path('a', 'b'), size = 'x', json = function(r) return 1 end,\n"
                       "other = weir.ref('thing', function(r) return { r.a, 'b' } end, { datasource = 'there' }) }"),
             &c.error);
    rules = c.sync->types[0].pull.rules;
    CHECK(rules[0].kind == RULE_COPY && rules[0].input == INPUT_PATH && rules[0].paths[0].count == 2);
    CHECK_TEXT(rules[2].datasource, "there");
    CHECK_TEXT(text_of(case_field(&c, rules[2].function, "{\"a\":\"x\"}")), "[\"x\",\"b\"]");
    CHECK_OK(case_pull(&c, "{ weir.rest }"), &c.error);
    CHECK(c.sync->types[0].pull.rest && c.sync->types[0].pull.count == 0);
    CHECK_OK(case_pull(&c, "nil"), &c.error);
    CHECK_OK(case_pull(&c, "{ name = weir.map { a = 'b' } }"), &c.error);
    CHECK_TEXT(c.sync->types[0].pull.rules[0].paths[0].names[0], "name");
    case_close(&c);
}

static void pull_refused(const char *transform, enum error_code code, int line, const char *words) {
    struct script_case c = {0};
    char place[64];
    if (case_pull(&c, transform)) {
        test_fail(__FILE__, __LINE__, "not refused: %s", transform);
    }
    snprintf(place, sizeof place, "case.lua:%d", line);
    if (c.error.code != code || strstr(c.error.message, words) == NULL || strstr(c.error.place, place) == NULL) {
        test_fail(__FILE__, __LINE__, "%s: W%d at %s: %s", transform, (int)c.error.code, c.error.place,
                  c.error.message);
    }
    case_close(&c);
}

TEST(script_declare, mistakes_in_rules) {
    pull_refused("{\nnmae = 'a' }", ERROR_OPTION_UNKNOWN, 12, "thing has no field \"nmae\"; did you mean \"name\"?");
    pull_refused("{\nname = 5 }", ERROR_OPTION_TYPE, 12, "weir.const(value)");
    pull_refused("{\nname = weir.skip 'x' }", ERROR_OPTION_TYPE, 12, "not weir.skip");
    pull_refused("{\n'name' }", ERROR_OPTION_TYPE, 10, "only weir.rest stands alone");
    pull_refused("{ }", ERROR_OPTION_MISSING, 10, "moves nothing");
    pull_refused("5", ERROR_OPTION_TYPE, 10, "a table of home's fields or a function");
    pull_refused("{\nother = 'id' }", ERROR_OPTION_TYPE, 12, "other = weir.ref(\"thing\"");
    pull_refused("{\nname = weir.ref('thing', 'id') }", ERROR_OPTION_TYPE, 12, "no reference to thing");
    pull_refused("{\nother = weir.ref('part', 'id') }", ERROR_OPTION_TYPE, 12, "no reference to part");
    pull_refused("{\nother = weir.ref() }", ERROR_OPTION_TYPE, 12, "a datatype's name first");
    pull_refused("{\nname = weir.text(5) }", ERROR_OPTION_TYPE, 12, "weir.text takes a source field's name");
    pull_refused("{\nname = weir.text { 'a', 'b' } }", ERROR_OPTION_TYPE, 12, "not a table");
    pull_refused("{\nname = weir.text('a', {}) }", ERROR_OPTION_UNKNOWN, 12, "no options");
    pull_refused("{\nat = weir.time('a', {\n format = 'iso' }) }", ERROR_OPTION_UNKNOWN, 13,
                 "did you mean \"formats\"");
    pull_refused("{\nat = weir.time('a', {\n formats = 'YYYY-QQ' }) }", ERROR_OPTION_TYPE, 13, "weir.time: ");
    pull_refused("{\nat = weir.time('a', { formats = {} }) }", ERROR_OPTION_MISSING, 12, "at least one format");
    pull_refused("{\nat = weir.time('a', {\n zone = 'Asia/Nowhere' }) }", ERROR_OPTION_TYPE, 13, "weir.time: ");
    pull_refused("{\nname = weir.map('a', 'b') }", ERROR_OPTION_TYPE, 12, "takes a table of values");
    pull_refused("{\nname = weir.map('a', {}) }", ERROR_OPTION_TYPE, 12, "1 to 10000 values");
    pull_refused("{\nname = weir.map('a', { [1.5] = 'x' }) }", ERROR_OPTION_TYPE, 12, "a text or a whole number");
    pull_refused("{\nname = weir.map('a', { [1] = 'x', ['1'] = 'y' }) }", ERROR_OPTION_TYPE, 12, "twice");
    pull_refused("{\nname = weir.const(print) }", ERROR_OPTION_TYPE, 12, "a function can't be kept");
    pull_refused("{\nname = weir.path() }", ERROR_OPTION_TYPE, 12, "weir.path takes names");
    pull_refused("{\nname = weir.path('a', 1) }", ERROR_OPTION_TYPE, 12, "weir.path takes names");
    pull_refused("{\nname = weir.const('a')('b') }", ERROR_SCRIPT_RAISED, 12, "can't be called");
}

#define SYNC(options)                                                                  \
    HEAD "local src = weir.table { name = 'h', types = { thing = { key = 'id' } } }\n" \
         "local t = { thing = weir.datatype { a = 'text' } }\nreturn weir.sync {\n" options "\n}"

TEST(script_declare, mistakes_in_syncs) {
    case_refused(SYNC("datasource = src, datatypes = t, types = 'thing',\ndirection = 'in'"), ERROR_OPTION_TYPE,
                 WHERE "6", "it can be \"pull\"");
    case_refused(SYNC("datasource = src, datatypes = t"), ERROR_OPTION_MISSING, WHERE "4", "types");
    case_refused(SYNC("datasource = src, datatypes = t, types = {}"), ERROR_OPTION_MISSING, WHERE "5", "nothing");
    case_refused(SYNC("datasource = src, datatypes = t, types = { 'thing', 'thing' }"), ERROR_OPTION_TYPE, WHERE "5",
                 "twice");
    case_refused(SYNC("datasource = src, datatypes = t,\ntypes = 'Thing'"), ERROR_OPTION_UNKNOWN, WHERE "6",
                 "no datatype \"Thing\"; did you mean \"thing\"?");
    case_refused(SYNC("datasource = {}, datatypes = t, types = 'thing'"), ERROR_OPTION_TYPE, WHERE "5",
                 "like weir.csv");
    case_refused(SYNC("datasource = src, datatypes = 'x', types = 'thing'"), ERROR_OPTION_TYPE, WHERE "5", "by name");
    case_refused(SYNC("datasource = src, datatypes = { a = 1 }, types = 'thing'"), ERROR_OPTION_TYPE, WHERE "5",
                 "not a number");
    case_refused(SYNC("datasource = src, datatypes = t, types = 'thing', pull = {\nThing = {} }"), ERROR_OPTION_UNKNOWN,
                 WHERE "6", "\"Thing\", which is not among types; did you mean \"thing\"?");
    case_refused(SYNC("datasource = src, datatypes = t, types = 'thing', pull = 5"), ERROR_OPTION_TYPE, WHERE "5",
                 "by type");
    case_refused(SYNC("datasource = src, datatypes = t, types = 'thing', errors = {\nretry = -1 }"), ERROR_OPTION_TYPE,
                 WHERE "6", "between 0 and 1000");
    case_refused(SYNC("datasource = src, datatypes = t, types = 'thing', errors = {\nstopafter = 1 }"),
                 ERROR_OPTION_UNKNOWN, WHERE "6", "did you mean \"stop_after\"");
    case_refused(SYNC("datasource = src, datatypes = { x = weir.datatype { r = weir.ref 'y' }, thing = t.thing }, "
                      "types = 'thing'"),
                 ERROR_OPTION_MISSING, WHERE "5", "x.r refers to \"y\"");
    case_refused(SYNC("datasource = src, datatypes = { other = t.thing }, types = 'other'"), ERROR_OPTION_MISSING,
                 WHERE "5", "has no type \"other\"");
    case_refused(HEAD "weir.sync(5)", ERROR_OPTION_TYPE, WHERE "2", "weir.sync takes a table");
    case_refused(HEAD "local function sync() return weir.sync { datasource = weir.table { name = 'h', types = { a = { "
                      "key = 'i' } } },\n"
                      "datatypes = { a = weir.datatype { a = 'text' } }, types = 'a' } end\nsync()\nreturn sync()",
                 ERROR_SCRIPT_SHAPE, WHERE "2", "not two");
}

TEST(script_declare, how_much_may_go_wrong) {
    struct script_case c = {0};
    CHECK_OK(case_open(&c, SYNC("datasource = src, datatypes = t, types = 'thing', once = true,\n"
                                "errors = { retry = 0, stop_after = '2.5%' }")),
             &c.error);
    CHECK(c.sync->stop_after.is_percent && c.sync->stop_after.amount == 2.5);
    CHECK(c.sync->once && c.sync->retry_max == 0);
    case_close(&c);
}

// A mistake that a script catches is not remembered as the reason of a later one.
TEST(script_declare, a_caught_mistake_is_forgotten) {
    case_refused(HEAD "pcall(weir.table, { rwos = 1 })\nerror 'mine'", ERROR_SCRIPT_RAISED, WHERE "3", "mine");
}

TEST(script_declare, declarations_cannot_be_read_or_changed) {
    static const char *const uses[] = {"s.name",
                                       "s.name = 1",
                                       "#s",
                                       "s .. 'x'",
                                       "s + 1",
                                       "s < s",
                                       "(function() for _ in pairs(s) do end end)()",
                                       "s()",
                                       "next(s)",
                                       "string.rep(s, 2)",
                                       "rawget(s, 1)",
                                       "setmetatable(s, {})"};
    for (size_t i = 0; i < sizeof uses / sizeof *uses; i++) {
        struct script_case c = {0};
        char text[512];
        snprintf(text, sizeof text, HEAD "local s = weir.secret 'token'\nlocal x = %s", uses[i]);
        CHECK(!case_open(&c, text));
        CHECK(c.error.code == ERROR_SCRIPT_RAISED || c.error.code == ERROR_SCRIPT_SYNTAX);
        case_close(&c);
    }
}

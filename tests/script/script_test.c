#include "script/script.h"

#include <unistd.h>

#include "script/script_case.h"
#include "test.h"

#define HEAD "local weir = require 'weir'\n"

static const char small[] = HEAD "return weir.sync {\n"
                                 "  datasource = weir.table { name = 'here', types = { thing = { key = 'id' } } },\n"
                                 "  datatypes = { thing = weir.datatype { name = 'text' } },\n"
                                 "  types = { 'thing' },\n"
                                 "}\n";

TEST(script_script, declares_a_sync) {
    struct script_case c = {0};
    CHECK_OK(case_open(&c, small), &c.error);
    CHECK_TEXT(c.sync->org, "acme");
    CHECK_TEXT(c.sync->name, "case");
    CHECK_TEXT(c.sync->params, "{}");
    CHECK_TEXT(c.sync->datasource, "here");
    CHECK_TEXT(c.sync->script_text, small);
    CHECK(c.sync->source == &source_table);
    CHECK_INT(c.sync->type_count, 1);
    CHECK_TEXT(c.sync->types[0].name, "thing");
    CHECK_TEXT(c.sync->types[0].datatype->name, "thing");
    CHECK_INT(c.sync->types[0].key_count, 1);
    CHECK_TEXT(c.sync->types[0].key[0].names[0], "id");
    CHECK_INT(c.sync->types[0].pull.count, 0);
    CHECK(!c.sync->types[0].pull.has_function);
    CHECK_INT(c.sync->retry_max, 5);
    CHECK(!c.sync->stop_after.is_percent && c.sync->stop_after.amount == 100);
    CHECK(!c.sync->once);
    case_close(&c);
}

TEST(script_script, readings_of_mywell) {
    struct script_case c = {0};
    case_param(&c, "file", "/data/readings.csv");
    CHECK_OK(case_open_path(&c, test_source_path("syncs/mywell/csv_readings.lua")), &c.error);
    CHECK_TEXT(c.sync->org, "mywell");
    CHECK_TEXT(c.sync->name, "csv_readings");
    CHECK_TEXT(c.sync->params, "{\"file\":\"/data/readings.csv\"}");
    struct value file = option_value(c.sync->source_settings, "file");
    CHECK_INT(file.length, 1);
    CHECK_TEXT(value_slice(&file.as.items[0]), "/data/readings.csv");
    CHECK_TEXT(c.sync->datasource, "mywell_file");
    CHECK(!c.sync->stop_after.is_percent && c.sync->stop_after.amount == 1000);
    const struct sync_type *type = &c.sync->types[0];
    CHECK_INT(type->key_count, 3);
    CHECK_TEXT(type->key[2].names[0], "date");
    CHECK_INT(type->pull.count, 5);
    const struct rule *rules = type->pull.rules;
    CHECK(rules[0].kind == RULE_REF && rules[0].input == INPUT_PATHS && rules[0].path_count == 2);
    CHECK_TEXT(rules[0].datasource, "mywell");
    CHECK_TEXT(rules[0].target, "resource");
    CHECK(rules[1].kind == RULE_TIME && rules[1].format_count == 2 && rules[1].zone != NULL);
    CHECK_TEXT(rules[1].formats[1], "DD/MM/YYYY");
    CHECK_TEXT(rules[1].paths[0].names[0], "date");
    CHECK(rules[2].kind == RULE_NUMBER);
    CHECK(rules[3].kind == RULE_COPY && rules[3].input == INPUT_FUNCTION);
    const char *ids = case_field(&c, rules[3].function, "{\"pincode\":\"313603\",\"resourceId\":\"1111\"}");
    CHECK_TEXT(text_of(ids), "{\"legacyMyWellPincode\":\"313603\",\"legacyMyWellResourceId\":\"1111\"}");
    const struct datatype *reading = type->datatype;
    CHECK_INT(c.sync->datatype_count, 4);
    CHECK_TEXT(reading->fields[0].name, "resource");
    CHECK(reading->fields[0].required && reading->fields[0].type == FIELD_REF);
    CHECK_TEXT(reading->fields[0].target, "resource");
    CHECK_TEXT(reading->fields[1].name, "datetime");
    CHECK_INT(reading->key_count, 2);
    CHECK_INT(reading->key[0], 0);
    CHECK_INT(reading->key[1], 1);
    CHECK_TEXT(value_slice(&reading->fields[5].fallback), "default");
    CHECK(strstr(c.sync->datatype_text.data, "weir.datatype") != NULL);
    case_close(&c);
}

TEST(script_script, resources_of_mywell) {
    struct script_case c = {0};
    case_param(&c, "file", "/data/resources.csv");
    CHECK_OK(case_open_path(&c, test_source_path("syncs/mywell/csv_resources.lua")), &c.error);
    CHECK_TEXT(c.sync->datasource, "mywell");
    CHECK_TEXT(c.sync->types[0].datatype->name, "resource");
    const struct rule *rules = c.sync->types[0].pull.rules;
    CHECK_TEXT(rules[1].paths[0].names[0], "id");
    CHECK_TEXT(rules[2].paths[0].names[0], "name");
    CHECK(rules[3].kind == RULE_MAP && rules[3].map->shape->count == 3);
    case_close(&c);
}

TEST(script_script, org_and_name) {
    struct script_case c = {0};
    const char *elsewhere =
        case_file("place/a.lua", HEAD "return weir.sync { org = 'zoo', name = 'animals',\n"
                                      "  datasource = weir.table { name = 'h', types = { t = { key = 'id' } } },\n"
                                      "  datatypes = { t = weir.datatype { a = 'text' } }, types = { 't' } }\n");
    CHECK_OK(case_open_path(&c, elsewhere), &c.error);
    CHECK_TEXT(c.sync->org, "zoo");
    CHECK_TEXT(c.sync->name, "animals");
    CHECK(!case_open_path(&c, case_file("place/b.lua", small)));
    CHECK_INT(c.error.code, ERROR_OPTION_MISSING);
    CHECK(strstr(c.error.message, "org =") != NULL);
    case_close(&c);
    case_refused("local weir = require 'weir'\nreturn weir.sync {\n  org = 'other',\n"
                 "  datasource = 1, datatypes = 1, types = 'a' }",
                 ERROR_OPTION_TYPE, "syncs/acme/case.lua:3", "folder says \"acme\"");
    CHECK(!case_open_path(&c, case_file("place/c.lua", "local weir = require 'weir'\nreturn weir.sync { org = '../x',\n"
                                                       "  datasource = 1, datatypes = 1, types = 'a' }")));
    CHECK(strstr(c.error.message, "can't name an organisation") != NULL);
    case_close(&c);
}

TEST(script_script, must_return_a_sync) {
    case_refused("return 1", ERROR_SCRIPT_SHAPE, "syncs/acme/case.lua", "return weir.sync");
    case_refused("", ERROR_SCRIPT_SHAPE, "syncs/acme/case.lua", "return weir.sync");
    case_refused("return require 'weir'", ERROR_SCRIPT_SHAPE, "syncs/acme/case.lua", "return weir.sync");
    case_refused("x = = 1", ERROR_SCRIPT_SYNTAX, "syncs/acme/case.lua:1", "unexpected symbol");
    case_refused("\n\nerror 'no'", ERROR_SCRIPT_RAISED, "syncs/acme/case.lua:3", "no");
    case_refused("while true do end", ERROR_SCRIPT_TIME, "syncs/acme/case.lua:1", "steps");
    case_refused("local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1000) .. i end", ERROR_SCRIPT_MEMORY,
                 "syncs/acme/case.lua:1", "KiB");
}

TEST(script_script, missing_file) {
    struct script_case c = {0};
    CHECK(!case_open_path(&c, "nowhere/a.lua"));
    CHECK_INT(c.error.code, ERROR_FILE_MISSING);
    CHECK(!case_open_path(&c, "/tmp"));
    CHECK_INT(c.error.code, ERROR_FILE_READ);
    case_close(&c);
}

TEST(script_script, modules_of_the_folder_and_of_datatypes_alone) {
    struct script_case c = {0};
    case_file("syncs/acme/own.lua", "return { name = 'own' }");
    case_file("syncs/datatypes/shared.lua", HEAD "return { thing = weir.datatype { name = 'text' } }");
    case_file("syncs/acme/both.lua", "return 1");
    case_file("syncs/datatypes/both.lua", "return 2");
    case_file("syncs/other/far.lua", "return 1");
    CHECK_OK(
        case_open(&c, HEAD
                  "assert(require('own').name == 'own')\n"
                  "assert(require('own') == require('own'))\n"
                  "assert(require('both') == 1)\n"
                  "for _, name in ipairs { 'far', '../other/far', 'other.far', '/etc/passwd', '', 'io', 'a b' } do\n"
                  "  local ok, why = pcall(require, name) assert(not ok) print(why)\n"
                  "end\n"
                  "return weir.sync {\n"
                  "  datasource = weir.table { name = 'h', types = { thing = { key = 'id' } } },\n"
                  "  datatypes = require 'shared', types = { 'thing' } }\n"),
        &c.error);
    CHECK(strstr(c.logged, "syncs/acme/far.lua nor ") != NULL);
    CHECK(strstr(c.logged, "plain name") != NULL);
    CHECK(strstr(c.sync->datatype_text.data, "-- datatypes: thing = shared 1\n-- shared.lua: 1 datatypes, ") ==
          c.sync->datatype_text.data);
    case_close(&c);
    case_refused("local w = require 'weir'\nrequire 'gone'", ERROR_FILE_MISSING, "syncs/acme/case.lua:2",
                 "there is no module \"gone\"");
    case_file("syncs/acme/bad.lua", "\nlocal x = nil + 1");
    case_refused("require 'bad'", ERROR_SCRIPT_RAISED, "syncs/acme/bad.lua:2", "arithmetic on a nil");
    case_file("syncs/acme/typo.lua",
              "local weir = require 'weir'\nreturn weir.datatype {\n a = 'text',\n b = 'texd' }");
    case_refused("require 'typo'", ERROR_OPTION_TYPE, "syncs/acme/typo.lua:4", "did you mean \"text\"");
    case_file("syncs/acme/round.lua", "return require 'round'");
    case_refused("require 'round'", ERROR_SCRIPT_RAISED, "syncs/acme/round.lua:1", "requires itself");
}

TEST(script_script, require_inside_a_function_is_refused) {
    struct script_case c = {0};
    case_file("syncs/acme/late.lua", "return 1");
    CHECK_OK(case_pull(&c, "{ name = function() return require 'late' end }"), &c.error);
    CHECK(strstr(case_call(&c, "{}"), "top of the script") != NULL);
    CHECK_OK(case_pull(&c, "{ name = function() return tostring(require 'weir' ~= nil) end }"), &c.error);
    CHECK(strcmp(case_call(&c, "{}"), "\"true\"") == 0);
    CHECK_OK(case_pull(&c, "{ name = function() return weir.text 'a' end }"), &c.error);
    CHECK(strstr(case_call(&c, "{}"), "outside of functions") != NULL);
    case_close(&c);
}

static struct print print_with(struct script_case *c, const char *text) {
    CHECK_OK(case_open(c, text), &c->error);
    return c->sync->print;
}

TEST(script_script, fingerprint) {
    struct script_case c = {0};
    static const char with_param[] =
        HEAD "local m = require 'mod'\nreturn weir.sync { params = { n = weir.param.integer { default = 1 } },\n"
             "  datasource = weir.table { name = 'h', types = { thing = { key = 'id' } } },\n"
             "  datatypes = { thing = weir.datatype { name = 'text' } }, types = { 'thing' } }\n";
    case_file("syncs/acme/mod.lua", "return 1");
    struct print first = print_with(&c, with_param);
    CHECK(print_same(first, print_with(&c, with_param)));
    CHECK(!print_same(first, print_with(&c, small)));
    case_file("syncs/acme/mod.lua", "return 2");
    CHECK(!print_same(first, print_with(&c, with_param)));
    case_file("syncs/acme/mod.lua", "return 1");
    CHECK(print_same(first, print_with(&c, with_param)));
    case_param(&c, "n", "2");
    CHECK(!print_same(first, print_with(&c, with_param)));
    CHECK_TEXT(c.sync->params, "{\"n\":2}");
    case_close(&c);
}

TEST(script_script, fingerprint_takes_no_file_name) {
    struct script_case c = {0};
    static const char with_file[] =
        HEAD "return weir.sync { params = { f = weir.param.file, n = weir.param.integer { default = 1 } },\n"
             "  datasource = weir.table { name = 'h', types = { thing = { key = 'id' } } },\n"
             "  datatypes = { thing = weir.datatype { name = 'text' } }, types = { 'thing' } }\n";
    case_param(&c, "f", "march.csv");
    struct print first = print_with(&c, with_file);
    case_close(&c);
    c = (struct script_case){0};
    case_param(&c, "f", "april.csv");
    CHECK(print_same(first, print_with(&c, with_file)));
    CHECK(strstr(c.sync->params.data, "april.csv") != NULL); // it is another run key all the same
    case_param(&c, "n", "2");
    CHECK(!print_same(first, print_with(&c, with_file)));
    case_close(&c);
}

TEST(script_script, option_lists_are_complete) {
    size_t count = 0;
    const struct option_list *const *lists = script_options(&count);
    CHECK(count >= 8);
    for (size_t i = 0; i < count; i++) {
        CHECK(lists[i]->name[0] != '\0' && lists[i]->help[0] != '\0');
        for (const struct option *option = lists[i]->options; option->key != NULL; option++) {
            CHECK(option->help != NULL && option->help[0] != '\0');
        }
    }
}

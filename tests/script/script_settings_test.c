#include "script/script_settings.h"

#include <unistd.h>

#include "script_case.h"
#include "test.h"

static const char both[] =
    "local weir = require 'weir'\n"
    "return weir.sync { template = true, name = 'its_own', every = '1h', jitter = '2m',\n"
    "  params = { base = weir.param.text, year = weir.param.integer { default = 2020 },\n"
    "    dry = weir.param.bool { default = false } },\n"
    "  datasource = weir.http { name = 'web', base = weir.param 'base',\n"
    "    types = { well = { path = '/w', key = 'id' }, place = { path = '/p', key = 'id' }, note = { path = '/n', key "
    "= "
    "'id' } } },\n"
    "  datatypes = { well = weir.datatype { name = 'text' }, place = weir.datatype { name = 'text' },\n"
    "    note = weir.datatype { name = 'text' } },\n"
    "  types = { 'well', 'place', 'note' }, direction = 'both',\n"
    "  pull = { well = { name = 'n' } }, push = { well = { n = 'name' }, place = true } }\n";

static const char one_way[] =
    "local weir = require 'weir'\n"
    "return weir.sync { template = true, datasource = weir.table { name = 't', types = { well = { key = 'id' } } },\n"
    "  datatypes = { well = weir.datatype { name = 'text' } }, types = 'well' }\n";

// Lays out a template and opens a sync of it.
static bool open_settings(struct script_case *c, const char *template, const char *settings) {
    case_file("syncs/templates/county.lua", template);
    return case_open_path(c, case_file("syncs/acme/my-wells.json", settings));
}

static const struct sync *opened(struct script_case *c, const char *settings) {
    CHECK_OK(open_settings(c, both, settings), &c->error);
    return c->sync;
}

#define MIN "{\"template\": \"county\", \"params\": {\"base\": \"https://a.example\"}"

TEST(script_settings, a_sync_is_made_of_a_template) {
    struct script_case c = {0};
    const struct sync *sync = opened(&c, MIN "}");
    CHECK_TEXT(sync->org, "acme");
    CHECK_TEXT(sync->name, "my-wells");
    CHECK_TEXT(sync->params, "{\"base\":\"https://a.example\",\"dry\":false,\"year\":2020}");
    CHECK(sync->direction == SYNC_BOTH && sync->conflict == CONFLICT_FIELDS && sync->type_count == 3);
    CHECK(!sync->is_template && !sync->once);
    CHECK_INT(sync->every_us, INT64_C(3600000000));
    CHECK_INT(sync->jitter_us, 120000000);
    case_close(&c);
}

TEST(script_settings, parameters_are_given_and_stay) {
    struct script_case c = {0};
    const struct sync *sync =
        opened(&c, "{\"template\": \"county\", \"params\": {\"base\": \"b\", \"year\": -7, \"dry\": true}}");
    CHECK_TEXT(sync->params, "{\"base\":\"b\",\"dry\":true,\"year\":-7}");
    size_t count;
    script_params(c.script, &count);
    CHECK_INT(count, 0);
    case_param(&c, "year", "9");
    sync = opened(&c, MIN "}");
    CHECK_TEXT(sync->params, "{\"base\":\"https://a.example\",\"dry\":false,\"year\":9}");
    const struct script_declared *declared = script_params(c.script, &count);
    CHECK_INT(count, 2);
    CHECK_TEXT(declared[0].name, "year");
    CHECK_TEXT(declared[1].name, "dry");
    CHECK(!open_settings(&c, both, "{\"template\": \"county\", \"params\": {\"base\": \"b\", \"year\": 7}}"));
    CHECK_INT(c.error.code, ERROR_PARAM);
    CHECK(strstr(c.error.message, "year is given twice; it stands in ") != NULL);
    CHECK(!open_settings(&c, both, "{\"template\": \"county\"}"));
    CHECK(c.error.code == ERROR_PARAM && strstr(c.error.message, "the parameter base is missing") != NULL);
    case_close(&c);
}

TEST(script_settings, one_way_of_two) {
    struct script_case c = {0};
    const struct sync *sync = opened(&c, MIN ", \"direction\": \"pull\"}");
    CHECK(sync->direction == SYNC_PULL && sync->conflict == CONFLICT_DATASOURCE && sync->type_count == 3);
    CHECK(!sync->types[0].pushes && sync->types[0].push.transform.count == 0 && sync->types[0].pull.count == 1);
    sync = opened(&c, MIN ", \"direction\": \"push\", \"types\": [\"place\", \"well\"]}");
    CHECK(sync->direction == SYNC_PUSH && sync->conflict == CONFLICT_HOME && sync->type_count == 2);
    CHECK_TEXT(sync->types[0].name, "well");
    CHECK(sync->types[0].pushes && sync->types[0].push.transform.count == 1 && sync->types[0].pull.count == 0);
    sync = opened(&c, MIN ", \"direction\": \"both\", \"types\": [\"note\"]}");
    CHECK(sync->direction == SYNC_BOTH && sync->type_count == 1 && sync->datatype_count == 3);
    CHECK_OK(open_settings(&c, one_way, "{\"template\": \"county\", \"direction\": \"pull\"}"), &c.error);
    case_close(&c);
}

TEST(script_settings, a_schedule_takes_the_place_of_the_templates) {
    struct script_case c = {0};
    const struct sync *sync = opened(&c, MIN ", \"cron\": \"0 3 * * *\", \"zone\": \"Asia/Kolkata\"}");
    CHECK(sync->every_us == 0 && sync->jitter_us == 120000000);
    CHECK_TEXT(sync->cron, "0 3 * * *");
    CHECK_TEXT(sync->zone, "Asia/Kolkata");
    CHECK_TEXT(opened(&c, MIN ", \"cron\": \"@daily\"}")->zone, "UTC");
    CHECK_INT(opened(&c, MIN ", \"every\": \"30m\"}")->every_us, INT64_C(1800000000));
    sync = opened(&c, MIN ", \"once\": true}");
    CHECK(sync->once && sync->every_us == 0 && sync->jitter_us == 0);
    case_close(&c);
}

static struct print print_with(struct script_case *c, const char *template, const char *settings) {
    CHECK_OK(open_settings(c, template, settings), &c->error);
    return c->sync->print;
}

TEST(script_settings, both_texts_are_pinned) {
    struct script_case c = {0};
    char changed[4096];
    snprintf(changed, sizeof changed, "%s-- more\n", both);
    struct print first = print_with(&c, both, MIN "}");
    CHECK(memmem(c.sync->script_text.data, c.sync->script_text.length, MIN, sizeof MIN - 1) != NULL);
    CHECK(memmem(c.sync->script_text.data, c.sync->script_text.length, both, sizeof both - 1) != NULL);
    CHECK(memmem(c.sync->datatype_text.data, c.sync->datatype_text.length, MIN, sizeof MIN - 1) == NULL);
    CHECK(print_same(first, print_with(&c, both, MIN "}")));
    CHECK(!print_same(first, print_with(&c, changed, MIN "}")));
    CHECK(!print_same(first, print_with(&c, both, MIN ", \"direction\": \"both\"}")));
    case_close(&c);
}

TEST(script_settings, a_template_beside_the_file_comes_first) {
    struct script_case c = {0};
    char path[1024];
    case_file("syncs/templates/county.lua", "error('not this one')");
    case_file("syncs/acme/helper.lua", "return 1");
    case_file("syncs/acme/county.lua",
              "local weir = require 'weir'\nrequire 'helper'\n"
              "return weir.sync { template = true, datasource = weir.table { name = 't', types = { well = { key = "
              "'id' } } },\n  datatypes = { well = weir.datatype { name = 'text' } }, types = 'well' }\n");
    snprintf(path, sizeof path, "%s", case_file("syncs/acme/a.json", "{\"template\": \"county\"}"));
    CHECK_OK(case_open_path(&c, path), &c.error);
    CHECK_TEXT(c.sync->name, "a");
    // Named from where one stands in, too; links lead nowhere else.
    char folder[1024];
    snprintf(folder, sizeof folder, "%s/syncs/acme", test_folder());
    CHECK(chdir(folder) == 0);
    CHECK_OK(case_open_path(&c, "a.json"), &c.error);
    CHECK_TEXT(c.sync->org, "acme");
    CHECK(unlink("county.lua") == 0);
    case_file("syncs/templates/county.lua", one_way);
    CHECK_OK(case_open_path(&c, "a.json"), &c.error);
    CHECK_OK(case_open_path(&c, "./a.json"), &c.error);
    CHECK_OK(case_open_path(&c, "../acme/a.json"), &c.error);
    CHECK_TEXT(c.sync->org, "acme");
    case_close(&c);
}

static void refused(const char *template, const char *settings, enum error_code code, const char *words) {
    struct script_case c = {0};
    CHECK(!open_settings(&c, template, settings));
    if (c.error.code != code || strstr(c.error.message, words) == NULL) {
        printf("%s\n  W%d %s (%s)\n", settings, (int)c.error.code, c.error.message, c.error.place);
    }
    CHECK_INT(c.error.code, code);
    CHECK(strstr(c.error.message, words) != NULL);
    CHECK(strstr(c.error.place, "syncs/acme/my-wells.json") != NULL);
    case_close(&c);
}

TEST(script_settings, mistakes_of_the_file) {
    refused(both, "", ERROR_JSON_SYNTAX, "");
    refused(both, "{\"template\": \"county\",}", ERROR_JSON_SYNTAX, "");
    refused(both, "{\"template\": \"county\", \"template\": \"county\"}", ERROR_JSON_DUPLICATE, "");
    refused(both, "[]", ERROR_OPTION_TYPE, "a JSON object");
    refused(both, "{}", ERROR_OPTION_MISSING, "template is missing");
    refused(both, "{\"templat\": \"county\"}", ERROR_OPTION_UNKNOWN, "did you mean \"template\"?");
    refused(both, MIN ", \"org\": \"other\"}", ERROR_OPTION_UNKNOWN, "has no \"org\"");
    refused(both, "{\"template\": \"cuonty\"}", ERROR_FILE_MISSING, "there is no template \"cuonty\": neither ");
    static const char *const names[] = {"../acme/x", "/etc/passwd", "a/b", "a.b",     ".",
                                        "..",        "county.lua",  "",    "a\\u0000"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char settings[256];
        snprintf(settings, sizeof settings, "{\"template\": \"%s\"}", names[i]);
        refused(both, settings, ERROR_OPTION_TYPE, "template takes a script's plain name");
    }
    refused(both, "{\"template\": 7}", ERROR_OPTION_TYPE, "template takes");
    refused(both, "{\"template\": \"county\", \"params\": []}", ERROR_OPTION_TYPE, "params takes an object");
    refused(both, "{\"template\": \"county\", \"params\": {\"base\": null}}", ERROR_OPTION_TYPE, "params: base takes");
    refused(both, "{\"template\": \"county\", \"params\": {\"base\": 1.5}}", ERROR_OPTION_TYPE, "params: base takes");
    refused(both, MIN ", \"direction\": \"pul\"}", ERROR_OPTION_TYPE, "did you mean \"pull\"?");
    refused(both, MIN ", \"direction\": null}", ERROR_OPTION_TYPE, "direction takes");
    refused(both, MIN ", \"types\": []}", ERROR_OPTION_TYPE, "types takes a list");
    refused(both, MIN ", \"types\": \"well\"}", ERROR_OPTION_TYPE, "types takes a list");
    refused(both, MIN ", \"types\": [\"well\", 1]}", ERROR_OPTION_TYPE, "types takes a list");
    refused(both, MIN ", \"types\": [\"well\", \"well\"]}", ERROR_OPTION_TYPE, "types names \"well\" twice");
    refused(both, MIN ", \"once\": 1}", ERROR_OPTION_TYPE, "once takes true or false");
    refused(both, MIN ", \"every\": 60}", ERROR_OPTION_TYPE, "every takes a span");
    refused(both, MIN ", \"every\": \"1 hour\"}", ERROR_OPTION_TYPE, "every takes a span");
    refused(both, MIN ", \"cron\": \"\"}", ERROR_OPTION_TYPE, "cron takes a text");
    refused(both, MIN ", \"zone\": 3}", ERROR_OPTION_TYPE, "zone takes a text");
}

TEST(script_settings, what_does_not_fit_the_template) {
    refused(both, "{\"template\": \"county\", \"params\": {\"bsae\": \"b\"}}", ERROR_PARAM, "did you mean \"base\"?");
    refused(both, "{\"template\": \"county\", \"params\": {\"base\": \"b\", \"year\": \"x\"}}", ERROR_PARAM,
            "year is a whole number");
    refused(both, MIN ", \"types\": [\"wel\"]}", ERROR_OPTION_UNKNOWN, "no type \"wel\"; did you mean \"well\"?");
    refused(both, MIN ", \"direction\": \"push\"}", ERROR_OPTION_MISSING, "doesn't push note");
    refused(one_way, "{\"template\": \"county\", \"direction\": \"push\"}", ERROR_OPTION_TYPE, "goes \"pull\" alone");
    refused(one_way, "{\"template\": \"county\", \"direction\": \"both\"}", ERROR_OPTION_TYPE, "goes \"pull\" alone");
    refused(both, MIN ", \"every\": \"1h\", \"cron\": \"@daily\"}", ERROR_OPTION_TYPE, "two schedules");
    refused(both, MIN ", \"every\": \"1m\"}", ERROR_OPTION_TYPE, "jitter is shorter than every");
    refused(both, MIN ", \"every\": \"1ms\"}", ERROR_OPTION_TYPE, "every is a second at least");
    refused(both, MIN ", \"zone\": \"UTC\"}", ERROR_OPTION_TYPE, "there is no cron");
    refused(both, MIN ", \"cron\": \"@dayly\"}", ERROR_OPTION_TYPE, "@dayly");
    refused(both, MIN ", \"once\": true, \"every\": \"1h\"}", ERROR_OPTION_TYPE, "runs once");
}

static void check_refused(struct script_case *c, const char *path, enum error_code code, const char *words,
                          const char *place) {
    CHECK(!case_open_path(c, path));
    CHECK_INT(c->error.code, code);
    CHECK(strstr(c->error.message, words) != NULL && strstr(c->error.place, place) != NULL);
}

TEST(script_settings, only_templates_are_templates) {
    struct script_case c = {0};
    char path[1024];
    case_file("syncs/templates/county.lua",
              "local weir = require 'weir'\n\nreturn weir.sync { datasource = weir.table { "
              "name = 't', types = { well = { key = 'id' } } },\n  datatypes = { well = "
              "weir.datatype { name = 'text' } }, types = 'well' }\n");
    snprintf(path, sizeof path, "%s", case_file("syncs/acme/a.json", "{\"template\": \"county\"}"));
    check_refused(&c, path, ERROR_OPTION_MISSING, "template = true", "syncs/templates/county.lua:3");
    // One that is none of an organisation's can be looked at, not run.
    case_file("syncs/templates/a.json", "{\"template\": \"county\"}");
    snprintf(path, sizeof path, "%s", case_file("syncs/templates/county.lua", one_way));
    check_refused(&c, path, ERROR_SCRIPT_SHAPE, "{\"template\": \"county\"}", "county.lua:2");
    c.declare_only = true;
    CHECK_OK(case_open_path(&c, path), &c.error);
    CHECK(c.sync->is_template);
    snprintf(path, sizeof path, "%s/syncs/templates/a.json", test_folder());
    check_refused(&c, path, ERROR_SCRIPT_SHAPE, "no organisation's", "county.lua:2");
    case_close(&c);
}

TEST(script_settings, a_script_that_is_broken_has_its_own_line) {
    struct script_case c = {0};
    char path[1024];
    case_file("syncs/templates/county.lua", "local weir = require 'weir'\nreturn weir.sync {\n typse = 1 }\n");
    snprintf(path, sizeof path, "%s", case_file("syncs/acme/a.json", "{\"template\": \"county\"}"));
    check_refused(&c, path, ERROR_OPTION_UNKNOWN, "typse", "syncs/templates/county.lua:3");
    snprintf(path, sizeof path, "%s/syncs/acme/none.json", test_folder());
    check_refused(&c, path, ERROR_FILE_MISSING, "none.json", "");
    case_close(&c);
}

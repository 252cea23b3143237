#include <sys/stat.h>
#include <unistd.h>

#include "script/declare.h"

#include "script_case.h"
#include "test.h"

static const char script[] =
    "local weir = require 'weir'\n"
    "return weir.sync { params = {\n"
    "    file = weir.param.file, word = weir.param.text { default = 'plain', help = 'A word.' },\n"
    "    count = weir.param.integer { default = 3 }, brief = weir.param.bool { default = false } },\n"
    "  datasource = weir.table { name = 'h', file = weir.param 'file', rows = weir.param 'count', mode = weir.param "
    "'word',\n"
    "    quick = weir.param 'brief', columns = { 'a', weir.param 'word' }, extra = weir.param 'count',\n"
    "    types = { thing = { key = 'id', path = weir.param 'word' } } },\n"
    "  datatypes = { thing = weir.datatype { json = 'json', c = 'text' } }, types = 'thing',\n"
    "  pull = { thing = { c = weir.const(weir.param 'word'), json = function()\n"
    "    return weir.list { weir.param 'file', weir.param 'word', weir.param 'count', weir.param 'brief' } end } } }\n";

TEST(script_declare_param, given) {
    struct script_case c = {0};
    case_param(&c, "file", "/a/b.csv");
    case_param(&c, "count", "12");
    case_param(&c, "word", "fancy");
    case_param(&c, "brief", "yes");
    CHECK_OK(case_open(&c, script), &c.error);
    const struct object *settings = c.sync->source_settings;
    CHECK_TEXT(option_text(settings, "file"), "/a/b.csv");
    CHECK_INT(option_integer(settings, "rows"), 12);
    CHECK_TEXT(option_text(settings, "mode"), "fancy");
    CHECK(option_bool(settings, "quick"));
    struct value columns = option_value(settings, "columns");
    CHECK_TEXT(value_slice(&columns.as.items[1]), "fancy");
    CHECK_TEXT(option_text(c.sync->types[0].settings, "path"), "fancy");
    CHECK_INT(option_value(settings, "extra").as.integer, 12);
    CHECK_TEXT(c.sync->params, "{\"brief\":true,\"count\":12,\"file\":\"/a/b.csv\",\"word\":\"fancy\"}");
    const struct rule *rules = c.sync->types[0].pull.rules;
    CHECK_TEXT(text_of(case_field(&c, rules[0].function, "{}")), "[\"/a/b.csv\",\"fancy\",12,true]");
    CHECK_TEXT(value_slice(&rules[1].constant), "fancy");
    case_close(&c);
}

TEST(script_declare_param, defaults_and_what_is_declared) {
    struct script_case c = {0};
    char folder[1024];
    char expected[1100];
    CHECK(getcwd(folder, sizeof folder) != NULL);
    snprintf(expected, sizeof expected, "%s/b.csv", folder);
    case_param(&c, "file", "./b.csv");
    CHECK_OK(case_open(&c, script), &c.error);
    CHECK_TEXT(option_text(c.sync->source_settings, "file"), expected);
    CHECK_INT(option_integer(c.sync->source_settings, "rows"), 3);
    size_t count;
    const struct script_declared *declared = script_params(c.script, &count);
    CHECK_INT(count, 4);
    CHECK_TEXT(declared[0].name, "file");
    CHECK_TEXT(declared[0].type, "file");
    CHECK(declared[0].required && !declared[1].required);
    CHECK_TEXT(declared[1].name, "word");
    CHECK_TEXT(declared[1].fallback, "plain");
    CHECK_TEXT(declared[1].help, "A word.");
    CHECK_TEXT(declared[2].fallback, "3");
    CHECK_TEXT(declared[3].fallback, "false");
    case_close(&c);
}

static void refused(const char *name, const char *value, const char *words) {
    struct script_case c = {0};
    if (strcmp(name, "file") != 0) {
        case_param(&c, "file", "/x");
    }
    case_param(&c, name, value);
    CHECK(!case_open(&c, script));
    if (c.error.code != ERROR_PARAM || strstr(c.error.message, words) == NULL) {
        test_fail(__FILE__, __LINE__, "W%d %s", (int)c.error.code, c.error.message);
    }
    case_close(&c);
}

TEST(script_declare_param, mistakes) {
    struct script_case c = {0};
    CHECK(!case_open(&c, script));
    CHECK_INT(c.error.code, ERROR_PARAM);
    CHECK(strstr(c.error.message, "--param file=PATH") != NULL);
    c.declare_only = true;
    CHECK_OK(case_open(&c, script), &c.error);
    CHECK_TEXT(option_text(c.sync->source_settings, "file"), "");
    case_close(&c);
    refused("count", "many", "a whole number, not \"many\"");
    refused("brief", "perhaps", "true or false");
    refused("word", "other", "none of plain|fancy");
    refused("cuont", "1", "no parameter \"cuont\"; did you mean \"count\"?");
    refused("file", "", "names no file");
    refused("word", "\xff", "no text");
    CHECK(!case_open(
        &c, "local weir = require 'weir'\nreturn weir.sync { datatypes = { t = weir.datatype { a = 'text' } }, types = "
            "'t',\n"
            "  datasource = weir.table { name = 'h',\n  file = weir.param 'fiel', types = { t = { key = 'i' } } } }"));
    CHECK_INT(c.error.code, ERROR_PARAM);
    CHECK(strstr(c.error.place, "case.lua:4") != NULL && strstr(c.error.message, "\"fiel\" is not declared") != NULL);
    case_refused("local weir = require 'weir'\nlocal p = weir.param.integer {\n default = 'x' }", ERROR_OPTION_TYPE,
                 "syncs/acme/case.lua:3", "type integer can't be");
    case_refused("local weir = require 'weir'\nreturn weir.sync { datatypes = 1, types = 't', datasource = 1,\n params "
                 "= { x = 'text' } }",
                 ERROR_OPTION_TYPE, "syncs/acme/case.lua:3", "weir.param.text");
    case_close(&c);
}

static const char secret_script[] =
    "local weir = require 'weir'\n"
    "local s = weir.secret 'the_token'\n"
    "print(s, tostring(s))\n"
    "return weir.sync { datasource = weir.table { name = 'h', file = s, types = { t = { key = 'i' } } },\n"
    "  datatypes = { t = weir.datatype { a = 'text' } }, types = 't' }\n";

TEST(script_declare_param, secrets) {
    struct script_case c = {0};
    CHECK(!case_open(&c, secret_script));
    CHECK_INT(c.error.code, ERROR_SECRET);
    CHECK(strstr(c.error.message, "WEIR_SECRET_THE_TOKEN") != NULL && strstr(c.error.place, "case.lua:4") != NULL);
    char path[1024];
    snprintf(path, sizeof path, "%s", case_file("data/secrets/acme/the_token", "canary\n"));
    CHECK(chmod(path, 0644) == 0);
    CHECK(!case_open(&c, secret_script));
    CHECK(strstr(c.error.message, "has the mode 644") != NULL && strstr(c.error.message, "chmod 600") != NULL);
    CHECK(chmod(path, 0600) == 0);
    CHECK_OK(case_open(&c, secret_script), &c.error);
    CHECK_TEXT(option_text(c.sync->source_settings, "file"), "canary");
    CHECK(strstr(c.logged, "canary") == NULL && strstr(c.logged, "weir.secret") != NULL);
    CHECK(strstr(c.sync->params.data, "canary") == NULL);
    CHECK(setenv("WEIR_SECRET_THE_TOKEN", "from outside", 1) == 0);
    CHECK_OK(case_open(&c, secret_script), &c.error);
    CHECK_TEXT(option_text(c.sync->source_settings, "file"), "from outside");
    CHECK(unsetenv("WEIR_SECRET_THE_TOKEN") == 0);
    CHECK(unlink(path) == 0 && mkfifo(path, 0600) == 0);
    CHECK(!case_open(&c, secret_script));
    CHECK(strstr(c.error.message, "no ordinary file") != NULL);
    CHECK(unlink(path) == 0 && symlink("/etc/hostname", path) == 0);
    CHECK(!case_open(&c, secret_script));
    c.declare_only = true;
    CHECK_OK(case_open(&c, secret_script), &c.error);
    case_close(&c);
    case_refused("local weir = require 'weir'\nweir.secret '../x'", ERROR_SECRET, "syncs/acme/case.lua:2", "letters");
    case_refused("local weir = require 'weir'\nweir.table { name = 'x', types = { t = { key = 'i' } },\n rows = "
                 "weir.secret 'a' }",
                 ERROR_OPTION_TYPE, "syncs/acme/case.lua:3", "can't be a secret");
}

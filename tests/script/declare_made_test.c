#include "script/declare.h"

#include <sys/stat.h>

#include "script_case.h"
#include "test.h"

// What the library makes for the HTTP datasource, against that datasource's own lists.

#define SYNC \
    "\nreturn weir.sync { datatypes = { well = weir.datatype { name = 'text' } }, types = 'well', datasource = s }"
#define WHERE "syncs/acme/case.lua:"

// Opens a datasource with these options on line 3.
static const struct object *open_web(struct script_case *c, const char *options) {
    char text[4096];
    snprintf(text, sizeof text,
             "local weir = require 'weir'\nlocal s = weir.http { name = 'web', base = 'https://a.example',\n%s\n,\n"
             "types = { well = { path = '/wells', key = 'id' } } }" SYNC,
             options);
    CHECK_OK(case_open(c, text), &c->error);
    return c->sync->source_settings;
}

static void check_table(struct script_case *c, const char *key, const char *options, const char *const *expected) {
    const struct object *table = option_value(open_web(c, options), key).as.object;
    for (; *expected != NULL; expected += 2) {
        char shown[VALUE_SHOW_MAX];
        struct value value = option_value(table, expected[0]);
        if (value.kind == VALUE_TEXT) {
            CHECK_TEXT(value_slice(&value), expected[1]);
        } else {
            CHECK_TEXT(text_of(value_show(&value, shown)), expected[1]);
        }
    }
}

#define AUTH(options, ...) check_table(&c, "auth", "auth = " options, (const char *const[]){__VA_ARGS__, NULL})
#define PAGE(options, ...) check_table(&c, "page", "page = " options, (const char *const[]){__VA_ARGS__, NULL})

TEST(script_declare_made, auth) {
    struct script_case c = {0};
    AUTH("weir.auth.none", "kind", "none");
    AUTH("weir.auth.basic('ann', 'pw')", "kind", "basic", "user", "ann", "password", "pw");
    AUTH("weir.auth.bearer 'tok'", "kind", "bearer", "token", "tok");
    AUTH("weir.auth.header('X-Key', 'tok', 'Token ')", "kind", "header", "name", "X-Key", "token", "tok", "prefix",
         "Token ");
    AUTH("weir.auth.query('access_token', 'tok')", "kind", "query", "name", "access_token", "token", "tok");
    AUTH("weir.auth.login { url = '/l', body = { u = 'x' }, field = 'id', ttl = 'ttl', into = 'query', name = 't' }",
         "kind", "login", "url", "/l", "field", "id", "ttl", "ttl", "into", "query", "name", "t");
    AUTH("weir.auth.login { url = '/l', body = {}, field = weir.path('data', 'id') }", "into", "header");
    struct value path = option_value(option_value(c.sync->source_settings, "auth").as.object, "field");
    CHECK(path.kind == VALUE_LIST && path.length == 2);
    AUTH("weir.auth.oauth2 { url = '/t', client = 'c', secret = 's', scope = 'all', refresh = 'r' }", "kind", "oauth2",
         "client", "c", "refresh", "r", "scope", "all");
    AUTH("weir.auth.aws { key = 'k', secret = 's', region = 'eu-west-1', service = 'x' }", "kind", "aws", "region",
         "eu-west-1");
    AUTH("weir.auth.jwt { key = 'k', algorithm = 'ES256', claims = { iss = 'weir' }, life = '2m' }", "kind", "jwt",
         "algorithm", "ES256", "life", "120000000");
    case_close(&c);
}

TEST(script_declare_made, pages) {
    struct script_case c = {0};
    check_table(&c, "page", "at_once = 4", (const char *const[]){"kind", "whole", "size", "500", NULL});
    PAGE("weir.page.whole", "kind", "whole");
    PAGE("weir.page.offset { offset = 'skip', limit = 'n', size = 5, overlap = 0, total = 'header:X-Total' }", "kind",
         "offset", "offset", "skip", "limit", "n", "size", "5", "overlap", "0", "total", "header:X-Total");
    PAGE("weir.page.number { page = 'p', first = 0, pages = 'pages', pages_max = 9 }", "kind", "number", "page", "p",
         "first", "0", "pages", "pages", "pages_max", "9");
    PAGE("weir.page.link {}", "kind", "link");
    PAGE("weir.page.next 'next'", "kind", "next", "next", "next");
    PAGE("weir.page.next { next = 'next', pages_max = 2 }", "next", "next", "pages_max", "2");
    PAGE("weir.page.cursor { cursor = 'after', next = 'n', more = 'more', in_body = true }", "kind", "cursor", "cursor",
         "after", "more", "more");
    PAGE("weir.page.keyset { after = 'since', limit = 'n' }", "kind", "keyset", "after", "since");
    PAGE("weir.page.window { from = 'a', to = 'b', width = '2d', start = '2020' }", "kind", "window", "from", "a", "to",
         "b", "width", "172800000000", "start", "2020");
    PAGE("weir.page.next(weir.path('a', 'b'))", "kind", "next");
    CHECK_INT(option_value(option_value(c.sync->source_settings, "page").as.object, "next").length, 2);
    case_close(&c);
}

// A pager of the script's own: given an answer and the request before, it gives the next one.
TEST(script_declare_made, custom_pages) {
    struct script_case c = {0};
    PAGE("weir.page.custom(function(answer, request) if answer == nil then return { path = '/a' } end\n"
         "if answer.body.next then return { path = '/a', query = { after = answer.body.next, ids = { 1, 2 } } } end "
         "end)",
         "kind", "function");
    uint32_t call = (uint32_t)option_integer(option_value(c.sync->source_settings, "page").as.object, "call");
    static const char *const first[] = {NULL, NULL};
    CHECK_TEXT(text_of(case_several(&c, call, first, 2)), "{\"path\":\"/a\"}");
    static const char *const second[] = {"{\"status\":200,\"body\":{\"next\":\"x\"}}", "{\"path\":\"/a\"}"};
    CHECK_TEXT(text_of(case_several(&c, call, second, 2)),
               "{\"path\":\"/a\",\"query\":{\"after\":\"x\",\"ids\":[1,2]}}");
    static const char *const last[] = {"{\"status\":200,\"body\":{\"next\":null}}", "{\"path\":\"/a\"}"};
    CHECK_TEXT(text_of(case_several(&c, call, last, 2)), "missing");
    case_close(&c);
}

TEST(script_declare_made, ways_of_writing) {
    struct script_case c = {0};
    CHECK_OK(case_open(&c, "local weir = require 'weir'\nlocal well = { path = '/wells', key = 'id', create = "
                           "'one-at-a-time', update = 'PUT /wells/{id}', delete = { request = 'DELETE /w' },\n"
                           "upsert = { array = true, bytes = '100kB' } }\n"
                           "local s = weir.http { name = 'web', base = 'https://a.example', types = { well = well } }\n"
                           "assert(well.create == 'one-at-a-time')" SYNC),
             &c.error);
    const struct object *type = c.sync->types[0].settings;
    const struct object *create = option_value(type, "create").as.object;
    CHECK_INT(option_integer(create, "at_once"), 1);
    CHECK_TEXT(option_text(create, "request"), "");
    CHECK_TEXT(option_text(option_value(type, "update").as.object, "request"), "PUT /wells/{id}");
    CHECK_INT(option_integer(option_value(type, "update").as.object, "at_once"), 4);
    CHECK_TEXT(option_text(option_value(type, "delete").as.object, "request"), "DELETE /w");
    CHECK_INT(option_integer(option_value(type, "upsert").as.object, "bytes"), 100000);
    case_close(&c);
}

// Secrets and parameters stand wherever a value may, inside tables too.
TEST(script_declare_made, secrets_and_parameters_inside) {
    struct script_case c = {0};
    char path[512];
    case_file("data/secrets/acme/user", "ann\n");
    snprintf(path, sizeof path, "%s/data/secrets/acme/user", test_folder());
    CHECK(chmod(path, 0600) == 0);
    case_file("data/secrets/acme/pass", "");
    snprintf(path, sizeof path, "%s/data/secrets/acme/pass", test_folder());
    CHECK(chmod(path, 0600) == 0);
    static const char text[] =
        "local weir = require 'weir'\n"
        "local s = weir.http { name = 'web', base = weir.param 'base', timeout = weir.param 'wait', body_max = "
        "weir.param "
        "'most', hosts = { weir.param 'base' },\n"
        "auth = weir.auth.login { url = '/l', field = 'id', body = { a = 1, who = { user = weir.secret 'user', n = "
        "weir.param 'n', list = { 'x', weir.secret 'user' } }, pass = weir.secret 'pass', empty = '' } },\n"
        "headers = { ['X-Who'] = weir.secret 'user' },\n"
        "types = { well = { path = '/wells', key = 'id', query = { n = weir.param 'n' } } } }\n"
        "return weir.sync { params = { base = weir.param.text { default = 'https://a.example' }, n = "
        "weir.param.integer, "
        "wait = weir.param.text { default = '5s' }, most = weir.param.integer { default = 9 } },\n"
        "datatypes = { well = weir.datatype { name = 'text' } }, types = 'well', datasource = s }";
    case_param(&c, "n", "7");
    CHECK_OK(case_open(&c, text), &c.error);
    const struct object *settings = c.sync->source_settings;
    CHECK_TEXT(option_text(settings, "base"), "https://a.example");
    CHECK_INT(option_integer(settings, "timeout"), 5000000);
    CHECK_INT(option_integer(settings, "body_max"), 9);
    const struct object *body = option_value(option_value(settings, "auth").as.object, "body").as.object;
    const struct object *who = option_value(body, "who").as.object;
    CHECK_TEXT(option_text(who, "user"), "ann");
    CHECK_INT(option_integer(who, "n"), 7);
    struct value list = option_value(who, "list");
    CHECK_TEXT(value_slice(&list.as.items[1]), "ann");
    CHECK_TEXT(option_text(body, "pass"), "");
    CHECK_INT(option_integer(body, "a"), 1);
    CHECK_TEXT(option_text(option_value(settings, "headers").as.object, "X-Who"), "ann");
    CHECK_INT(option_integer(option_value(c.sync->types[0].settings, "query").as.object, "n"), 7);
    case_close(&c);
    c = (struct script_case){.declare_only = true};
    CHECK_OK(case_open(&c, text), &c.error); // a check reads no secret and needs no parameter
    case_close(&c);
    c = (struct script_case){0};
    case_param(&c, "n", "7");
    case_param(&c, "wait", "long");
    CHECK(!case_open(&c, text));
    CHECK(strstr(c.error.message, "\"wait\" is not a span of time") != NULL);
    CHECK(strstr(c.error.place, "case.lua:2") != NULL);
    case_close(&c);
    c = (struct script_case){0};
    case_param(&c, "n", "7");
    snprintf(path, sizeof path, "%s/data/secrets/acme/user", test_folder());
    CHECK(remove(path) == 0);
    CHECK(!case_open(&c, text));
    CHECK_INT(c.error.code, ERROR_SECRET);
    case_close(&c);
}

static void refused(const char *options, enum error_code code, const char *line, const char *words) {
    char text[4096];
    char place[64];
    snprintf(text, sizeof text,
             "local weir = require 'weir'\nlocal s = weir.http { name = 'web', base = 'https://a.example',\n%s }" SYNC,
             options);
    snprintf(place, sizeof place, WHERE "%s", line);
    case_refused(text, code, place, words);
}

#define TYPES "types = { well = { path = '/wells', key = 'id' } },\n"

TEST(script_declare_made, mistakes) {
    refused(TYPES "auth = weir.auth.basic 'ann'", ERROR_OPTION_MISSING, "4", "weir.auth.basic needs password");
    refused(TYPES "auth = weir.auth.login 'x'", ERROR_OPTION_TYPE, "4", "weir.auth.login takes a table of options");
    refused(TYPES "auth = weir.auth.login { url = '/l', body = {},\nfeild = 'id' }", ERROR_OPTION_UNKNOWN, "5",
            "weir.auth.login has no option \"feild\"; did you mean \"field\"?");
    refused(TYPES "auth = weir.auth.login { url = '/l', body = {}, field = 'x', 'y' }", ERROR_OPTION_UNKNOWN, "4",
            "name what stands alone");
    refused(TYPES "auth = weir.auth.login { url = '/l', field = 'x',\nbody = print }", ERROR_OPTION_TYPE, "5",
            "a function can't be kept");
    refused(TYPES "auth = weir.auth.login { url = '/l', body = {}, field = 'x',\ninto = 'body' }", ERROR_OPTION_TYPE,
            "5", "it can be \"header\", \"query\"");
    refused(TYPES "auth = weir.auth.oauth2 { url = '/l',\nrefresh = weir.secret 'x' }", ERROR_OPTION_TYPE, "5",
            "the secret's name as a text");
    refused(TYPES "auth = weir.auth.oauth2()", ERROR_OPTION_TYPE, "4", "not nothing");
    refused(TYPES "auth = weir.auth.jwt {}", ERROR_OPTION_MISSING, "4", "weir.auth.jwt needs key");
    refused(TYPES "auth = { kind = 'basick' }", ERROR_OPTION_TYPE, "4", "kind is \"basick\"");
    refused(TYPES "page = weir.page.offset {\nofset = 'x' }", ERROR_OPTION_UNKNOWN, "5", "did you mean \"offset\"");
    refused(TYPES "page = weir.page.offset { limit = 'x' }", ERROR_OPTION_MISSING, "4",
            "weir.page.offset needs offset");
    refused(TYPES "page = weir.page.window { from = 'a', to = 'b',\nwidth = 5 }", ERROR_OPTION_TYPE, "5", "\"15m\"");
    refused(TYPES "page = weir.page.custom(5)", ERROR_OPTION_TYPE, "4", "call takes a function");
    refused(TYPES "page = weir.page.link", ERROR_OPTION_TYPE, "4", "page takes a table of options, not a function");
    refused("types = { well = { path = '/wells', key = 'id',\ncreate = 'one at a time' } }", ERROR_OPTION_TYPE, "4",
            "create is a verb and a path like \"POST /levels\"");
    refused("types = { well = { path = '/wells', key = 'id',\nupdate = { requst = 'x' } } }", ERROR_OPTION_UNKNOWN, "4",
            "did you mean \"request\"");
    refused("types = { well = { path = '/wells', key = 'id',\ndelete = 5 } }", ERROR_OPTION_TYPE, "4",
            "delete takes a table of options, not a number");
    refused("types = { well = { key = 'id' } }", ERROR_OPTION_MISSING, "3", "needs the option path");
    refused("types = { well = 5 }", ERROR_OPTION_TYPE, "3", "table of names");
    case_refused("local weir = require 'weir'\nweir.http 'x'", ERROR_OPTION_TYPE, WHERE "2",
                 "takes a table of options");
    refused(TYPES "auth = weir.auth.bearer(weir.param 'gone')", ERROR_PARAM, "4", "\"gone\" is not declared");
}

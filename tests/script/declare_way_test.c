#include "script/declare.h"

#include "script_case.h"
#include "test.h"

#define HEAD                                                                                                         \
    "local weir = require 'weir'\n"                                                                                  \
    "local web = weir.http { name = 'web', base = 'https://a.example', types = { well = { path = '/w', key = 'id', " \
    "cursor = 'at', cursor_format = 'iso' }, place = { path = '/p', key = 'id', cursor = 'at' } } }\n"               \
    "local file = weir.table { name = 'file', types = { well = { key = 'id' } } }\n"                                 \
    "local t = { well = weir.datatype { name = 'text' }, place = weir.datatype { name = 'text' } }\n"                \
    "return weir.sync { datatypes = t, "
#define WHERE "syncs/acme/case.lua:"

static const struct sync *open_way(struct script_case *c, const char *way) {
    char text[4096];
    snprintf(text, sizeof text, HEAD "%s }", way);
    CHECK_OK(case_open(c, text), &c->error);
    return c->sync;
}

#define WEB "datasource = web, types = 'well', "

TEST(script_declare_way, directions_and_defaults) {
    struct script_case c = {0};
    const struct sync *sync = open_way(&c, "datasource = file, types = 'well'");
    CHECK(sync->direction == SYNC_PULL && sync->conflict == CONFLICT_DATASOURCE);
    CHECK(!sync->deletes && sync->every_us == 0 && !sync->types[0].pushes);
    sync = open_way(&c, WEB "direction = 'push', push = { well = true }");
    CHECK(sync->direction == SYNC_PUSH && sync->conflict == CONFLICT_HOME && sync->types[0].pushes);
    sync = open_way(&c, WEB "direction = 'both', push = { well = true }, deletes = {}, every = '15m'");
    CHECK(sync->direction == SYNC_BOTH && sync->conflict == CONFLICT_FIELDS);
    CHECK(sync->deletes && sync->deletes_at_most.is_percent && sync->deletes_at_most.amount == 5);
    CHECK_INT(sync->every_us, 15 * 60 * INT64_C(1000000));
    sync = open_way(&c, WEB "deletes = { at_most = 7 }");
    CHECK(sync->deletes && !sync->deletes_at_most.is_percent && sync->deletes_at_most.amount == 7);
    case_close(&c);
}

TEST(script_declare_way, policies) {
    struct script_case c = {0};
    static const struct {
        const char *name;
        enum conflict_policy policy;
    } cases[] = {{"conflict = 'home'", CONFLICT_HOME},
                 {"conflict = 'datasource'", CONFLICT_DATASOURCE},
                 {"conflict = 'newest'", CONFLICT_NEWEST},
                 {"conflict = 'fields'", CONFLICT_FIELDS}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char way[256];
        snprintf(way, sizeof way, WEB "direction = 'both', push = { well = true }, %s", cases[i].name);
        CHECK_INT(open_way(&c, way)->conflict, cases[i].policy);
    }
    const struct sync *sync = open_way(&c, WEB "conflict = function(base, home, remote)\n"
                                               "  return { name = home.name .. remote.name .. tostring(base) } end");
    CHECK_INT(sync->conflict, CONFLICT_FUNCTION);
    static const char *const forms[] = {NULL, "{\"name\":\"a\"}", "{\"name\":\"b\"}"};
    CHECK_TEXT(text_of(case_several(&c, sync->conflict_function, forms, 3)), "{\"name\":\"abnil\"}");
    case_close(&c);
}

TEST(script_declare_way, the_fingerprint_covers_it) {
    struct script_case c = {0};
    struct print first = open_way(&c, WEB "direction = 'both', push = { well = { n = 'name' } }")->print;
    CHECK(!print_same(first, open_way(&c, WEB "direction = 'both', push = { well = { m = 'name' } }")->print));
    CHECK(print_same(first, open_way(&c, WEB "direction = 'both', push = { well = { n = 'name' } }")->print));
    case_close(&c);
}

static void refused(const char *way, enum error_code code, const char *line, const char *words) {
    char text[4096];
    char place[64];
    snprintf(text, sizeof text, HEAD "%s }", way);
    snprintf(place, sizeof place, WHERE "%s", line);
    case_refused(text, code, place, words);
}

TEST(script_declare_way, mistakes) {
    refused(WEB "\ndirection = 'bth'", ERROR_OPTION_TYPE, "6", "it can be \"pull\", \"push\", \"both\"");
    refused("datasource = file, types = 'well',\ndirection = 'both', push = { well = true }", ERROR_OPTION_TYPE, "6",
            "weir.table can only be read");
    refused(WEB "\ndirection = 'both'", ERROR_OPTION_MISSING, "6", "no push says what goes out");
    refused(WEB "\npush = { well = true }", ERROR_OPTION_TYPE, "6", "the direction is \"pull\"");
    refused(WEB "direction = 'push', push = { well = true },\npull = { well = { name = 'n' } }", ERROR_OPTION_TYPE, "6",
            "the direction is \"push\"");
    refused("datasource = web, direction = 'push', push = { well = true },\ntypes = { 'well', 'place' }",
            ERROR_OPTION_MISSING, "6", "types names \"place\", but push says nothing of it");
    refused(WEB "\nconflict = 'newst'", ERROR_OPTION_TYPE, "6", "conflict is \"newst\"; did you mean \"newest\"?");
    refused(WEB "\nconflict = 'whatever'", ERROR_OPTION_TYPE, "6", "it can be \"home\", \"datasource\"");
    refused(WEB "\nconflict = {}", ERROR_OPTION_TYPE, "6", "or a function, not a table");
    refused("datasource = web, types = { 'well', 'place' },\nconflict = 'newest'", ERROR_OPTION_MISSING, "6",
            "give the datasource's type place a cursor and its cursor_format");
    refused("datasource = file, types = 'well',\nconflict = 'newest'", ERROR_OPTION_MISSING, "6", "a cursor and its");
    refused(WEB "\ndeletes = true", ERROR_OPTION_TYPE, "6", "deletes takes a table of options");
    refused(WEB "deletes = {\natmost = 1 }", ERROR_OPTION_UNKNOWN, "6", "did you mean \"at_most\"");
    refused(WEB "deletes = {\nat_most = '105%' }", ERROR_OPTION_TYPE, "6", "a count (100) or a share");
    refused(WEB "\nevery = '15 minutes'", ERROR_OPTION_TYPE, "6", "every takes a span of time like \"15m\"");
    refused(WEB "\nevery = '15ms'", ERROR_OPTION_TYPE, "6", "every is a second at least");
    refused(WEB "once = true,\nevery = '15m'", ERROR_OPTION_TYPE, "6", "runs once has no every");
    refused(
        "datasource = weir.http { name = 'w', base = 'b', types = { well = { path = '/w', key = 'id', cursor = 5 } } "
        "},\ntypes = 'well'",
        ERROR_OPTION_TYPE, "6", "the cursor of the datasource's type well is a source field's name");
    refused(
        "datasource = weir.http { name = 'w', base = 'b', types = { well = { path = '/w', key = 'id', cursor_format "
        "= 'QQ' } } },\ntypes = 'well'",
        ERROR_OPTION_TYPE, "6", "cursor_format of the datasource's type well: ");
}

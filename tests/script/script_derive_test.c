#include "script_case.h"
#include "test.h"

// What home keeps of its datatypes' modules, and their functions without the sync.

#define HEAD "local weir = require 'weir'\n"

static const char areas[] =
    HEAD "local plain = weir.datatype { name = 'text' }\n"
         "local helpers = require('helpers')\n"
         "return { group = weir.datatype { name = 'text', type = 'text' }, plain = plain,\n"
         "  resource = weir.datatype { title = 'text', ids = 'json', size = 'integer', group = weir.ref 'group',\n"
         "    derive = {\n"
         "      ids = function(resource, refs)\n"
         "        if refs.group and refs.group.type == 'pincode' then return { pincode = helpers.of(refs.group) } end\n"
         "      end,\n"
         "      title = function(resource) return 'resource ' .. resource.id end } } }\n";

static const char sync_text[] =
    HEAD "local areas = require 'areas'\n"
         "require 'unrelated'\n"
         "return weir.sync { datasource = weir.table { name = 'h', types = { site = { key = 'id' } } },\n"
         "  datatypes = { group = areas.group, site = areas.resource, other = areas.plain }, types = 'site' }\n";

struct derive_case {
    struct script_case c;
    struct script *derived;
    const struct datatype *const *datatypes;
    size_t count;
};

static void open_sync(struct derive_case *d, const char *text) {
    case_file("syncs/datatypes/areas.lua", areas);
    case_file("syncs/datatypes/helpers.lua", "return { of = function(group) return group.name end }");
    case_file("syncs/acme/unrelated.lua", "return 1");
    CHECK_OK(case_open(&d->c, text), &d->c.error);
}

static bool derive_open(struct derive_case *d, const struct text *texts, size_t count) {
    static const struct source_type *const sources[] = {&source_table};
    struct script_setup setup = {.sources = sources, .source_count = 1};
    script_close(d->derived);
    d->derived = NULL;
    error_clear(&d->c.error);
    if (!script_derive_open(&setup, texts, count, &d->derived, &d->c.error)) {
        return false;
    }
    d->datatypes = script_datatypes(d->derived, &d->count);
    return true;
}

static void derive_close(struct derive_case *d) {
    script_close(d->derived);
    case_close(&d->c);
}

static const struct datatype *datatype_named(const struct derive_case *d, const char *name) {
    for (size_t i = 0; i < d->count; i++) {
        if (text_is(d->datatypes[i]->name, name)) {
            return d->datatypes[i];
        }
    }
    return NULL;
}

// Calls a function with the record and a group of this type; gives the answer's kind, and its text or first member.
static struct value derived(struct derive_case *d, struct mapper *mapper, uint32_t function, const char *type) {
    struct text group_names[] = {TEXT_LITERAL("name"), TEXT_LITERAL("type")};
    struct shape group_shape = {2, group_names};
    struct value group_values[] = {value_text(TEXT_LITERAL("313603")), value_text(text_of(type))};
    struct object group = {&group_shape, group_values};
    struct text ref_names[] = {TEXT_LITERAL("group")};
    struct shape ref_shape = {1, ref_names};
    struct value ref_values[] = {value_object(&group)};
    struct object refs = {&ref_shape, ref_values};
    struct text names[] = {TEXT_LITERAL("id")};
    struct shape shape = {1, names};
    struct value values[] = {value_integer(7)};
    struct object record = {&shape, values};
    const struct object *objects[] = {&record, &refs};
    struct mapped mapped;
    CHECK_OK(mapper_call(mapper, function, objects, 2, &d->c.arena, &mapped, &d->c.error), &d->c.error);
    mapper_release(mapper);
    return mapped.value;
}

static void check_functions(struct derive_case *d, const struct datatype *site, struct mapper *mapper) {
    CHECK_INT(site->derive_count, 2);
    CHECK_INT(site->derives[0].field, 0);
    CHECK_INT(site->derives[1].field, 1);
    struct value title = derived(d, mapper, site->derives[0].function, "village");
    CHECK_TEXT(value_slice(&title), "resource 7");
    CHECK_INT(derived(d, mapper, site->derives[1].function, "village").kind, VALUE_MISSING);
    struct value ids = derived(d, mapper, site->derives[1].function, "pincode");
    CHECK(ids.kind == VALUE_OBJECT);
    CHECK_TEXT(value_slice(object_find(ids.as.object, TEXT_LITERAL("pincode"))), "313603");
}

TEST(script_derive, functions_of_a_sync) {
    struct derive_case d = {0};
    open_sync(&d, sync_text);
    check_functions(&d, d.c.sync->types[0].datatype, d.c.sync->mapper);
    CHECK_INT(sync_datatype(d.c.sync, TEXT_LITERAL("group"))->derive_count, 0);
    derive_close(&d);
}

TEST(script_derive, what_home_keeps_is_loaded_again) {
    struct derive_case d = {0};
    open_sync(&d, sync_text);
    struct text text = d.c.sync->datatype_text;
    CHECK(strstr(text.data, "-- datatypes: group = areas 2, other = areas 1, site = areas 3\n") == text.data);
    CHECK(strstr(text.data, "-- areas.lua: 3 datatypes, ") != NULL);
    CHECK(strstr(text.data, "-- helpers.lua: 0 datatypes, ") != NULL);
    CHECK(strstr(text.data, "unrelated") == NULL);
    CHECK_OK(derive_open(&d, &text, 1), &d.c.error);
    CHECK_INT(d.count, 3);
    const struct datatype *site = datatype_named(&d, "site");
    CHECK(site != NULL && datatype_named(&d, "group") != NULL && datatype_named(&d, "other")->count == 1);
    CHECK_TEXT(site->fields[3].target, "group");
    check_functions(&d, site, script_functions(d.derived));
    derive_close(&d);
}

// A script that declares its datatypes itself: all of it is kept, and only its datatypes are wanted of it.
TEST(script_derive, a_script_with_its_own_datatypes) {
    struct derive_case d = {.c.declare_only = true};
    open_sync(&d, HEAD
              "local helpers = require 'helpers'\n"
              "-- datatypes: x = y 1\n"
              "-- 0.lua: 7 datatypes, 3 bytes\n"
              "return weir.sync { params = { must = weir.param.text },\n"
              "datasource = weir.table { name = 'h', file = weir.secret 'none', delimiter = weir.param 'must', types "
              "= { a = { key = 'id' } } },\n"
              "datatypes = { a = weir.datatype { ids = 'text', derive = { ids = function(r, refs)\n"
              "  return helpers.of(refs.group) end } } }, types = 'a' }\n");
    struct text text = d.c.sync->datatype_text;
    CHECK(strstr(text.data, "-- datatypes: a = 0 1\n-- 0.lua: 1 datatypes, ") == text.data);
    CHECK_OK(derive_open(&d, &text, 1), &d.c.error);
    CHECK_INT(d.count, 1);
    struct value ids = derived(&d, script_functions(d.derived), d.datatypes[0]->derives[0].function, "x");
    CHECK_TEXT(value_slice(&ids), "313603");
    derive_close(&d);
}

// Two syncs of one home with modules of the same name: each text has its own, and the first one's datatypes are taken.
TEST(script_derive, several_texts) {
    struct derive_case d = {0};
    struct text texts[2];
    open_sync(&d, sync_text);
    CHECK(arena_text(&d.c.arena, d.c.sync->datatype_text, &texts[0]));
    case_file("syncs/datatypes/areas.lua",
              HEAD "return { site = weir.datatype { a = 'text', b = 'text' }, more = "
                   "weir.datatype { a = 'text', derive = { a = function() return 'm' end } } }");
    CHECK_OK(case_open(&d.c,
                       HEAD "return weir.sync { datasource = weir.table { name = 'h', types = { more = { key = 'id' "
                            "} } }, datatypes = require 'areas', types = 'more' }"),
             &d.c.error);
    CHECK(arena_text(&d.c.arena, d.c.sync->datatype_text, &texts[1]));
    CHECK_OK(derive_open(&d, texts, 2), &d.c.error);
    CHECK_INT(d.count, 4);
    check_functions(&d, datatype_named(&d, "site"), script_functions(d.derived));
    const struct datatype *more = datatype_named(&d, "more");
    struct value value = derived(&d, script_functions(d.derived), more->derives[0].function, "x");
    CHECK_TEXT(value_slice(&value), "m");
    CHECK_OK(derive_open(&d, NULL, 0), &d.c.error);
    CHECK_INT(d.count, 0);
    derive_close(&d);
}

static void refused(const char *text, enum error_code code, const char *place, const char *words) {
    struct derive_case d = {0};
    struct text given = text_of(text);
    CHECK(!derive_open(&d, &given, 1));
    if (d.c.error.code != code || strcmp(d.c.error.place, place) != 0 || strstr(d.c.error.message, words) == NULL) {
        test_fail(__FILE__, __LINE__, "W%d at '%s': %s", (int)d.c.error.code, d.c.error.place, d.c.error.message);
    }
    derive_close(&d);
}

TEST(script_derive, texts_that_are_none) {
    static const char *const damaged[] = {
        "",
        "-- ourwater.lua\nreturn {}",
        "-- datatypes: a = m 1\n",
        "-- datatypes: a = m 1\n-- m.lua: 1 datatypes, 10 bytes\nshort",
        "-- datatypes: a = m 1\n-- m.lua: 1 datatypes, 3 bytes\nabcdef",
        "-- datatypes: a = m 1\n-- m.lua: x datatypes, 3 bytes\nabc\n",
        "-- datatypes: a = m -1\n-- m.lua: 1 datatypes, 3 bytes\nabc\n",
        "-- datatypes: a = m 1\n-- m.lua: 1 datatypes, 99999999999999999999 bytes\nabc\n",
        "-- datatypes: ../a = m 1\n-- m.lua: 1 datatypes, 3 bytes\nabc\n"};
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        refused(damaged[i], ERROR_HOME_DAMAGED, "", "run a sync of theirs to renew them");
    }
    refused("-- datatypes: a = m 1\n-- m.lua: 0 datatypes, 8 bytes\nreturn 1\n", ERROR_HOME_DAMAGED, "",
            "no declaration of the datatype a");
    refused("-- datatypes: a = m 1\n-- m.lua: 1 datatypes, 8 bytes\nreturn 1\n", ERROR_SCRIPT_SHAPE, "home's m.lua",
            "0 datatypes without its sync and 1 with it");
    refused("-- datatypes: a = m 1\n-- m.lua: 0 datatypes, 9 bytes\n\nerror 'x'\n", ERROR_HOME_DAMAGED, "", "renew");
    refused("-- datatypes: a = m 1\n-- m.lua: 0 datatypes, 10 bytes\n\nerror 'x'\n", ERROR_SCRIPT_RAISED,
            "home's m.lua:2", "x");
    refused("-- datatypes: a = m 1\n-- m.lua: 0 datatypes, 14 bytes\nrequire 'gone'\n", ERROR_FILE_MISSING,
            "home's m.lua", "home keeps no module \"gone\"");
}

static void declare_refused(const char *derive, enum error_code code, const char *line, const char *words) {
    char text[1024];
    char place[64];
    snprintf(text, sizeof text, HEAD "local t = weir.datatype { name = 'text', size = 'integer',\nderive = %s }",
             derive);
    snprintf(place, sizeof place, "syncs/acme/case.lua:%s", line);
    case_refused(text, code, place, words);
}

TEST(script_derive, mistakes) {
    declare_refused("'text'", ERROR_OPTION_TYPE, "3", "derive is weir's own word");
    declare_refused("{\nnmae = function() end }", ERROR_OPTION_UNKNOWN, "4",
                    "which is no field; did you mean \"name\"?");
    declare_refused("{\nname = 'x' }", ERROR_OPTION_TYPE, "4", "name takes a function(record, refs), not a text");
    declare_refused("{ function() end }", ERROR_OPTION_UNKNOWN, "3", "which is no field");
}

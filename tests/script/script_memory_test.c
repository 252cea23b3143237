// Every allocation of a script fails once: while it is loaded, and while its functions run. There is an error that says
// so, nothing leaks, and what comes after works.

#include "failing_memory.h"

#include <stdio.h>

#include "script/script.h"
#include "script_case.h"
#include "test.h"

static const char text[] =
    "local weir = require 'weir'\n"
    "local types = require 'types'\n"
    "return weir.sync {\n"
    "  params = { file = weir.param.file { default = 'x' } },\n"
    "  datasource = weir.table { name = 'h', file = weir.param 'file', types = { thing = { key = { 'a', 'b' } } } },\n"
    "  datatypes = types, types = 'thing',\n"
    "  pull = { thing = { name = function(r) return weir.list { r.a, { x = r.geo, y = 1.5 } } end,\n"
    "    at = weir.time { zone = '+05:30' }, more = weir.map('m', { a = 1 }) } } }\n";
static const char types_text[] = "local weir = require 'weir'\n"
                                 "return { thing = weir.datatype { name = 'json', at = 'time', more = 'integer' } }";

static const char record_text[] =
    "local weir = require 'weir'\n"
    "return weir.sync {\n"
    "  datasource = weir.table { name = 'h', file = 'x', types = { thing = { key = { 'a', 'b' } } } },\n"
    "  datatypes = require 'types', types = 'thing',\n"
    "  pull = { thing = function(r) return { name = r.a .. '!', more = r.a, at = r.geo } end } }\n";

static const char two_way_text[] =
    "local weir = require 'weir'\n"
    "return weir.sync {\n"
    "  datasource = weir.http { name = 'h', base = weir.param 'base', page = weir.page.next 'next',\n"
    "    auth = weir.auth.login { url = '/l', field = 'id', body = { deep = { weir.param 'base' } } },\n"
    "    types = { thing = { path = '/t', key = 'id', cursor = 'at', cursor_format = 'iso', create = 'POST /t' } } },\n"
    "  params = { base = weir.param.text { default = 'https://a.example' } },\n"
    "  datatypes = { thing = weir.datatype { name = 'json', at = 'time', other = weir.ref 'thing',\n"
    "    derive = { name = function(r) return { r.at } end } } },\n"
    "  types = 'thing', direction = 'both', every = '1h', deletes = {}, conflict = function(a, b, c)\n"
    "    return { a = { n = a.x }, b = b, c = c.x } end,\n"
    "  push = { thing = { when = function(r) return r.name end, title = 'name', far = weir.link 'other',\n"
    "    back = { name = function(r, reply) return reply end } } } }\n";

static const char template_text[] =
    "local weir = require 'weir'\n"
    "return weir.sync {\n"
    "  template = true, jitter = '2m', limits = { time = '2h' }, every = '1h', direction = 'both',\n"
    "  params = { base = weir.param.text, n = weir.param.integer },\n"
    "  datasource = weir.http { name = 'h', base = weir.param 'base',\n"
    "    types = { thing = { path = '/t', key = 'id', create = 'POST /t' }, other = { path = '/o', key = 'id' } } },\n"
    "  datatypes = { thing = weir.datatype { name = 'json' }, other = weir.datatype { name = 'json' } },\n"
    "  types = { 'thing', 'other' }, push = { thing = { title = 'name' } } }\n";

static const char *path;

static bool open_once(struct script **out, struct error *error) {
    static const struct source_type *const sources[] = {&source_table, &source_web};
    struct script_setup setup = {.path = path, .data = "nowhere", .sources = sources, .source_count = 2};
    return script_open(&setup, out, error);
}

// Writes the script and opens it once: the zone it names is kept to the end of the process.
static void prepare(void) {
    struct script *script;
    struct error error;
    case_file("syncs/acme/types.lua", types_text);
    path = case_file("syncs/acme/memory.lua", text);
    CHECK_OK(open_once(&script, &error), &error);
    script_close(script);
}

static void loading(int all_after) {
    struct script *script;
    struct error error;
    size_t held = failing_memory_held();
    size_t n = 1;
    for (;; n++) {
        failing_memory_plan(n, all_after);
        error_clear(&error);
        bool ok = open_once(&script, &error);
        bool fired = failing_memory_count() >= n;
        failing_memory_plan(0, 0);
        if (ok) {
            script_close(script);
        }
        CHECK_INT(failing_memory_held(), held);
        if (ok && !fired) {
            break;
        }
        // A refusal that Lua could work around, by collecting, is no error.
        if (!ok && error.code != ERROR_MEMORY) {
            test_fail(__FILE__, __LINE__, "allocation %zu: W%d %s", n, (int)error.code, error.message);
        }
    }
    CHECK(n > 100);
}

TEST(script_script_memory, loading_once) {
    prepare();
    loading(0);
}

TEST(script_script_memory, loading_from_one_on) {
    prepare();
    loading(1);
}

TEST(script_script_memory, loading_two_ways) {
    prepare();
    path = case_file("syncs/acme/two_way.lua", two_way_text);
    loading(0);
    loading(1);
}

TEST(script_script_memory, loading_a_sync_of_a_template) {
    static char kept[1024];
    prepare();
    case_file("syncs/templates/two_way.lua", template_text);
    snprintf(kept, sizeof kept, "%s",
             case_file("syncs/acme/a.json", "{\"template\": \"two_way\", \"params\": {\"base\": \"b\", \"n\": 1}, "
                                            "\"direction\": \"push\", \"types\": [\"thing\"], \"cron\": \"@daily\"}"));
    path = kept;
    loading(0);
    loading(1);
}

// What home keeps of the datatypes' modules, loaded again.
TEST(script_script_memory, loading_for_derive) {
    struct script *script;
    struct error error;
    prepare();
    path = case_file("syncs/acme/two_way.lua", two_way_text);
    CHECK_OK(open_once(&script, &error), &error);
    static const struct source_type *const sources[] = {&source_web};
    struct script_setup setup = {.sources = sources, .source_count = 1};
    size_t held = failing_memory_held();
    for (size_t n = 1;; n++) {
        struct script *derived;
        failing_memory_plan(n, n % 2 == 0);
        error_clear(&error);
        bool ok = script_derive_open(&setup, &script_sync(script)->datatype_text, 1, &derived, &error);
        bool fired = failing_memory_count() >= n;
        failing_memory_plan(0, 0);
        if (ok) {
            script_close(derived);
        }
        CHECK_INT(failing_memory_held(), held);
        if (ok && !fired) {
            break;
        }
        CHECK(ok || error.code == ERROR_MEMORY);
    }
    script_close(script);
}

static void several_objects(int all_after) {
    struct text name = TEXT_LITERAL("x");
    struct shape shape = {1, &name};
    struct error error;
    prepare();
    path = case_file("syncs/acme/two_way.lua", two_way_text);
    bool fired = true;
    for (size_t n = 1; fired; n++) {
        struct script *script;
        struct arena arena;
        struct mapped mapped;
        CHECK_OK(open_once(&script, &error), &error);
        arena_init(&arena, 1024 * 1024);
        const struct sync *sync = script_sync(script);
        fired = false;
        for (int i = 0; i < 50; i++) {
            struct value values[] = {value_integer(i), value_integer(i + 1), value_integer(i + 2)};
            struct object forms[] = {{&shape, &values[0]}, {&shape, &values[1]}, {&shape, &values[2]}};
            const struct object *objects[] = {&forms[0], &forms[1], &forms[2]};
            failing_memory_plan(i == 21 ? n : 0, all_after); // fills the pool of views anew
            bool ok = mapper_call(sync->mapper, sync->conflict_function, objects, 3, &arena, &mapped, &error);
            fired = fired || (i == 21 && failing_memory_count() >= n);
            failing_memory_plan(0, 0);
            CHECK(ok || (i == 21 && error.code == ERROR_MEMORY));
            CHECK(!ok || object_find(mapped.value.as.object, TEXT_LITERAL("c"))->as.integer == i + 2);
            mapper_release(sync->mapper);
        }
        script_close(script);
        arena_clear(&arena);
    }
}

TEST(script_script_memory, functions_of_several_objects) {
    several_objects(0);
    several_objects(1);
}

// One call of many has its n-th allocation fail: the first, those in which what is kept between calls is still being
// made, and those that make new views. How many allocations there were to fail.
static size_t functions(bool whole, int at) {
    struct script *script;
    struct error error;
    struct arena arena;
    struct mapped mapped;
    struct text names[] = {TEXT_LITERAL("a"), TEXT_LITERAL("geo")};
    struct text inner_names[] = {TEXT_LITERAL("lat")};
    struct shape shape = {2, names};
    struct shape inner_shape = {1, inner_names};
    struct value inner_values[] = {value_integer(1)};
    struct object inner = {&inner_shape, inner_values};
    prepare();
    path = whole ? case_file("syncs/acme/record.lua", record_text) : path;
    for (size_t n = 1;; n++) {
        size_t held = failing_memory_held();
        size_t fired = 0;
        CHECK_OK(open_once(&script, &error), &error);
        arena_init(&arena, 1024 * 1024);
        const struct sync *sync = script_sync(script);
        for (int i = 0; i < 200; i++) {
            struct value values[] = {value_integer(i), value_object(&inner)};
            char digits[64]; // longer than what Lua keeps once
            if (whole) {
                int length = snprintf(digits, sizeof digits, "%050d", i);
                values[0] = value_text((struct text){digits, (size_t)length});
            }
            struct object record = {&shape, values};
            const struct transform *pull = &sync->types[0].pull;
            failing_memory_plan(i == at ? n : 0, 0);
            bool ok = whole ? mapper_record(sync->mapper, pull->function, &record, &arena, &mapped, &error)
                            : mapper_field(sync->mapper, pull->rules[0].function, &record, &arena, &mapped, &error);
            fired += i == at && failing_memory_count() >= n;
            failing_memory_plan(0, 0);
            CHECK(ok || (i == at && error.code == ERROR_MEMORY));
            if (ok && whole) {
                CHECK(value_same(object_find(&mapped.records[0].fields, TEXT_LITERAL("more")), &values[0]));
            } else if (ok) {
                CHECK(mapped.value.kind == VALUE_LIST && mapped.value.as.items[0].as.integer == i);
            }
            mapper_release(sync->mapper);
        }
        script_close(script);
        arena_clear(&arena);
        CHECK_INT(failing_memory_held(), held);
        if (fired == 0) {
            return n - 1;
        }
    }
}

static void functions_at_each(bool whole) {
    static const int calls[] = {0, 1, 2, 3, 64, 100, 128};
    size_t count = 0;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        count += functions(whole, calls[i]);
    }
    CHECK(count > 80);
}

TEST(script_script_memory, functions_of_fields) {
    functions_at_each(false);
}

TEST(script_script_memory, functions_of_records) {
    functions_at_each(true);
}

// The script's own ceiling, met anywhere, ends in an error too.
TEST(script_script_memory, every_ceiling) {
    static const struct source_type *const sources[] = {&source_table};
    struct script *script;
    struct error error;
    prepare();
    size_t max = 1024;
    for (;; max += 64) {
        struct script_setup setup = {
            .path = path, .data = "nowhere", .sources = sources, .source_count = 1, .memory_max = max};
        if (script_open(&setup, &script, &error)) {
            script_close(script);
            break;
        }
        if (error.code != ERROR_SCRIPT_MEMORY) {
            test_fail(__FILE__, __LINE__, "%zu bytes: W%d %s", max, (int)error.code, error.message);
        }
    }
    CHECK(max < 256 * 1024);
}

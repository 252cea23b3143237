// Every allocation of a script fails once: while it is loaded, and while its functions run. There is an error that says
// so, nothing leaks, and what comes after works.

#include "failing_memory.h"
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

static const char *path;

static bool open_once(struct script **out, struct error *error) {
    static const struct source_type *const sources[] = {&source_table};
    struct script_setup setup = {.path = path, .data = "nowhere", .sources = sources, .source_count = 1};
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

TEST(script_script_memory, functions) {
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
    for (size_t n = 1;; n++) {
        size_t held = failing_memory_held();
        size_t fired = 0;
        CHECK_OK(open_once(&script, &error), &error);
        arena_init(&arena, 1024 * 1024);
        const struct sync *sync = script_sync(script);
        for (int i = 0; i < 200; i++) {
            struct value values[] = {value_integer(i), value_object(&inner)};
            struct object record = {&shape, values};
            failing_memory_plan(i == 100 ? n : 0, 0);
            bool ok =
                mapper_field(sync->mapper, sync->types[0].pull.rules[0].function, &record, &arena, &mapped, &error);
            fired += i == 100 && failing_memory_count() >= n;
            failing_memory_plan(0, 0);
            CHECK(ok || (i == 100 && error.code == ERROR_MEMORY));
            CHECK(!ok || (mapped.value.kind == VALUE_LIST && mapped.value.as.items[0].as.integer == i));
            mapper_release(sync->mapper);
        }
        script_close(script);
        arena_clear(&arena);
        CHECK_INT(failing_memory_held(), held);
        if (fired == 0) {
            break;
        }
    }
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

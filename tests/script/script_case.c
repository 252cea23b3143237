#include "script/script_case.h"

#include <sys/stat.h>

#include "base/buffer.h"
#include "format/format_json.h"
#include "port/mapper.h"
#include "port/target.h"
#include "test.h"

static const struct option page_options[] = {
    {"size", OPTION_INTEGER, true, NULL, NULL, NULL, "How many."},
    {"offset", OPTION_TEXT, false, "\"skip\"", NULL, NULL, "Where."},
    {0},
};
static const struct option table_options[] = {
    {"file", OPTION_TEXT, false, NULL, NULL, NULL, "A file."},
    {"rows", OPTION_INTEGER, false, "1000", NULL, NULL, "How many rows."},
    {"quick", OPTION_BOOL, false, "true", NULL, NULL, "Whether it is quick."},
    {"mode", OPTION_TEXT, false, "\"plain\"", "plain|fancy", NULL, "How."},
    {"delimiter", OPTION_TEXT, false, "\"\\t\"", NULL, NULL, "What stands between."},
    {"columns", OPTION_NAMES, false, NULL, NULL, NULL, "Which columns."},
    {"page", OPTION_TABLE, false, NULL, NULL, page_options, "Pages."},
    {"made", OPTION_FUNCTION, false, NULL, NULL, NULL, "Makes."},
    {"share", OPTION_SHARE, false, "\"5%\"", NULL, NULL, "How much."},
    {"span", OPTION_SPAN, false, "\"1d\"", NULL, NULL, "How long."},
    {"bytes", OPTION_SIZE, false, "\"1MB\"", NULL, NULL, "How large."},
    {"extra", OPTION_ANY, false, "{ a = { 1, \"x\" } }", NULL, NULL, "Anything."},
    {0},
};
static const struct option type_options[] = {{"path", OPTION_TEXT, false, NULL, NULL, NULL, "Where it is."}, {0}};
static const struct option_list table_list = {"weir.table", "A table.", table_options};
static const struct option_list type_list = {"weir.table.types", "A type.", type_options};
const struct source_type source_table = {.kind = "table", .options = &table_list, .type_options = &type_list};

// Stands for the CSV datasource, which is another room's, so that the scripts of the tree can be loaded.
static const struct option csv_options[] = {{"file", OPTION_NAMES, false, NULL, NULL, NULL, "The file."}, {0}};
static const struct option_list csv_list = {"weir.csv", "Files.", csv_options};
static const struct source_type source_files = {.kind = "csv", .options = &csv_list};

// Stands for the HTTP datasource, which is another room's too, with that room's own lists: what the library makes must
// be what they take. It can be written to.
#include "source/source_http_option.c" // NOLINT(bugprone-suspicious-include): lists alone, without the room behind them

static const struct target_type target_web;
const struct source_type source_web = {
    .kind = "http", .options = &source_http_options, .type_options = &source_http_type_options, .target = &target_web};

static void log_keep(void *context, enum log_level level, struct text text) {
    struct script_case *c = context;
    size_t used = strlen(c->logged);
    snprintf(c->logged + used, sizeof c->logged - used, "%s: %.*s\n", log_level_name(level), TEXT_ARGS(text));
}

const char *case_file(const char *relative, const char *text) {
    static char path[1024];
    snprintf(path, sizeof path, "%s/%s", test_folder(), relative);
    for (char *slash = strchr(path + strlen(test_folder()) + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    test_write(path, text, strlen(text));
    return path;
}

void case_param(struct script_case *c, const char *name, const char *value) {
    c->params[c->param_count++] = (struct script_param){text_of(name), text_of(value)};
}

bool case_open_path(struct script_case *c, const char *path) {
    static const struct source_type *const sources[] = {&source_table, &source_files, &source_web};
    static struct log log;
    char data[512];
    script_close(c->script);
    c->script = NULL;
    log = (struct log){log_keep, c};
    snprintf(data, sizeof data, "%s/data", test_folder());
    struct script_setup setup = {.path = path,
                                 .data = data,
                                 .params = c->params,
                                 .param_count = c->param_count,
                                 .declare_only = c->declare_only,
                                 .sources = sources,
                                 .source_count = 3,
                                 .log = &log,
                                 .memory_max = c->memory_max,
                                 .steps_max = c->steps_max};
    if (c->arena.ceiling == 0) {
        arena_init(&c->arena, 64 * 1024 * 1024);
    }
    error_clear(&c->error);
    if (!script_open(&setup, &c->script, &c->error)) {
        return false;
    }
    c->sync = script_sync(c->script);
    return true;
}

bool case_open(struct script_case *c, const char *text) {
    return case_open_path(c, case_file("syncs/acme/case.lua", text));
}

void case_close(struct script_case *c) {
    script_close(c->script);
    arena_clear(&c->arena);
    *c = (struct script_case){0};
}

bool case_pull(struct script_case *c, const char *transform) {
    static char text[8192];
    snprintf(text, sizeof text,
             "local weir = require 'weir'\n"
             "return weir.sync {\n"
             "  datasource = weir.table { name = 'here', types = { thing = { key = 'id' } } },\n"
             "  datatypes = {\n"
             "    thing = weir.datatype { extra = 'keep', name = 'text', size = 'decimal', at = 'time', other = "
             "weir.ref 'thing',\n"
             "      json = 'json', count = 'integer', ok = 'bool' },\n"
             "    part = weir.datatype { name = 'text' },\n"
             "  },\n"
             "  types = { 'thing' },\n"
             "  pull = { thing =\n"
             "%s\n"
             "  } }\n",
             transform);
    return case_open(c, text);
}

static const char *answer(struct script_case *c, bool ok, const struct mapped *mapped) {
    static char shown[8192];
    struct buffer buffer;
    if (!ok) {
        snprintf(shown, sizeof shown, "error: %s", c->error.message);
        return shown;
    }
    if (mapped->skipped) {
        snprintf(shown, sizeof shown, "skip: %.*s", TEXT_ARGS(mapped->reason));
        return shown;
    }
    buffer_init(&buffer, 1024 * 1024);
    if (mapped->count == 0) {
        buffer_string(&buffer, mapped->value.kind == VALUE_MISSING ? "missing" : "");
        if (mapped->value.kind != VALUE_MISSING) {
            json_write(&buffer, &mapped->value);
        }
    }
    for (size_t i = 0; i < mapped->count; i++) {
        struct value value = value_object(&mapped->records[i].fields);
        buffer_string(&buffer, i > 0 ? " " : "");
        buffer_text(&buffer, mapped->records[i].type);
        json_write(&buffer, &value);
    }
    snprintf(shown, sizeof shown, "%.*s", (int)buffer.length, buffer.data);
    buffer_clear(&buffer);
    return shown;
}

static const struct object *record_of(struct script_case *c, const char *json) {
    struct value value;
    CHECK_OK(json_read(text_of(json), &c->arena, NULL, &value, &c->error), &c->error);
    CHECK(value.kind == VALUE_OBJECT);
    return value.as.object;
}

const char *case_field(struct script_case *c, uint32_t function, const char *json) {
    struct mapped mapped;
    error_clear(&c->error);
    bool ok = mapper_field(c->sync->mapper, function, record_of(c, json), &c->arena, &mapped, &c->error);
    return answer(c, ok, &mapped);
}

const char *case_several(struct script_case *c, uint32_t function, const char *const *jsons, size_t count) {
    const struct object *objects[8];
    struct mapped mapped;
    error_clear(&c->error);
    for (size_t i = 0; i < count; i++) {
        objects[i] = jsons[i] != NULL ? record_of(c, jsons[i]) : NULL;
    }
    bool ok = mapper_call(c->sync->mapper, function, objects, count, &c->arena, &mapped, &c->error);
    return answer(c, ok, &mapped);
}

const char *case_call(struct script_case *c, const char *json) {
    const struct transform *pull = &c->sync->types[0].pull;
    struct mapped mapped;
    error_clear(&c->error);
    if (!pull->has_function) {
        return case_field(c, pull->rules[0].function, json);
    }
    bool ok = mapper_record(c->sync->mapper, pull->function, record_of(c, json), &c->arena, &mapped, &c->error);
    return answer(c, ok, &mapped);
}

void case_refused(const char *text, enum error_code code, const char *place, const char *words) {
    struct script_case c = {0};
    if (case_open(&c, text)) {
        test_fail(__FILE__, __LINE__, "not refused: %s", text);
    }
    const char *at = c.error.place;
    size_t folder = strlen(test_folder());
    at += strncmp(at, test_folder(), folder) == 0 ? folder + 1 : 0;
    if (c.error.code != code || strcmp(at, place) != 0 || strstr(c.error.message, words) == NULL) {
        test_fail(__FILE__, __LINE__, "W%d at %s: %s\n(not W%d at %s with: %s)", (int)c.error.code, at, c.error.message,
                  (int)code, place, words);
    }
    case_close(&c);
}

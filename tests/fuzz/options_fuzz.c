// Any text as a script, loaded as `weir check` and as `weir run` load it, with the real datasources and their lists of
// options. A script that is refused has a code, a message and a line of its own; one that is taken has settings that
// are what their lists say, and a declaration whose parts point at each other. Nothing crashes, leaks or goes on.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/log.h"
#include "fuzz.h"
#include "script/script.h"
#include "source/source_csv.h"
#include "source/source_http.h"

enum { MEMORY_MAX = 16 << 20, STEPS_MAX = 300000, DEPTH_MAX = 8 };

static char folder[] = "/tmp/weir-options-fuzz-XXXXXX";
static char path[sizeof folder + 32];

static void script_remove(void) {
    static const char *const parts[] = {"/syncs/org/fuzz.lua", "/syncs/org", "/syncs", ""};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        snprintf(path, sizeof path, "%s%s", folder, parts[i]);
        remove(path);
    }
}

static int script_make(void) {
    static const char *const parts[] = {"/syncs", "/syncs/org"};
    demand(mkdtemp(folder) != NULL, "a folder can be made");
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        snprintf(path, sizeof path, "%s%s", folder, parts[i]);
        demand(mkdir(path, 0700) == 0, "a folder can be made");
    }
    snprintf(path, sizeof path, "%s/syncs/org/fuzz.lua", folder);
    atexit(script_remove);
    return open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
}

static void script_write(struct text text) {
    static int file = -1;
    static const char head[] = "local weir = require 'weir' ";
    file = file < 0 ? script_make() : file;
    bool ok = file >= 0 && ftruncate(file, 0) == 0 && lseek(file, 0, SEEK_SET) == 0 &&
              write(file, head, sizeof head - 1) == (ssize_t)sizeof head - 1 &&
              write(file, text.data, text.length) == (ssize_t)text.length;
    demand(ok, "the script can be written");
}

// Whether a value is what its option says. A parameter that is not given yet is missing.
static bool fits(const struct option *option, const struct value *value) {
    static const uint32_t kinds[] = {
        [OPTION_TEXT] = VALUE_TEXT,        [OPTION_INTEGER] = VALUE_INTEGER, [OPTION_BOOL] = VALUE_BOOL,
        [OPTION_NAMES] = VALUE_LIST,       [OPTION_TABLE] = VALUE_OBJECT,    [OPTION_MAP] = VALUE_OBJECT,
        [OPTION_FUNCTION] = VALUE_INTEGER, [OPTION_SHARE] = VALUE_MISSING,   [OPTION_SPAN] = VALUE_INTEGER,
        [OPTION_SIZE] = VALUE_INTEGER,     [OPTION_ANY] = VALUE_MISSING};
    if (value_empty(value) || kinds[option->type] == VALUE_MISSING) {
        return true;
    }
    bool is_above = (option->type != OPTION_SPAN && option->type != OPTION_SIZE) || value->as.integer > 0;
    return value->kind == kinds[option->type] && is_above;
}

static bool is_choice(const char *choices, struct text text) {
    struct text rest = text_of(choices);
    while (rest.length > 0) {
        if (text_same(take_until(&rest, '|'), text)) {
            return true;
        }
    }
    return false;
}

static void check_settings(const struct option *options, const struct object *settings, int depth) {
    demand(depth < DEPTH_MAX, "lists of options are not deep");
    for (const struct option *option = options; option->key != NULL; option++) {
        const struct value *value = object_find(settings, text_of(option->key));
        if (value == NULL) {
            demand(!option->required, "what is required is there");
            continue;
        }
        demand(fits(option, value), "a setting is of its option's kind");
        if (option->choices != NULL && value->kind == VALUE_TEXT) {
            demand(is_choice(option->choices, value_slice(value)), "a setting is one of its choices");
        }
        for (uint32_t i = 0; option->type == OPTION_NAMES && i < value->length; i++) {
            demand(value->as.items[i].kind == VALUE_TEXT || value_empty(&value->as.items[i]), "names are texts");
        }
        if (option->type == OPTION_TABLE && value->kind == VALUE_OBJECT) {
            check_settings(option->inner, value->as.object, depth + 1);
        }
    }
}

static void check_transform(const struct transform *transform, const struct datatype *datatype) {
    for (size_t i = 0; i < transform->count; i++) {
        const struct rule *rule = &transform->rules[i];
        demand(transform->names != NULL ? rule->field < transform->names->count : rule->field < datatype->count,
               "a rule is for a field");
        demand(rule->kind != RULE_TIME || rule->format_count > 0, "a time has a format");
        demand(rule->input != INPUT_PATH || rule->path_count == 1, "a path is one path");
        for (size_t j = 0; j < rule->format_count; j++) {
            struct error error;
            demand(civil_check(rule->formats[j], &error), "a format is one that times can have");
        }
    }
}

static void check_sync(const struct sync *sync) {
    demand(sync->org.length > 0 && sync->name.length > 0, "a sync has a name");
    demand(sync->source != NULL, "a sync has a datasource");
    check_settings(sync->source->options->options, sync->source_settings, 0);
    demand(sync->type_count > 0, "a sync has a type");
    demand(!sync->deletes_at_most.is_percent ||
               (sync->deletes_at_most.amount >= 0 && sync->deletes_at_most.amount <= 100),
           "a share is one of a whole");
    demand(sync->every_us >= 0, "time goes on");
    for (size_t i = 0; i < sync->type_count; i++) {
        const struct sync_type *type = &sync->types[i];
        demand(sync_datatype(sync, type->datatype->name) == type->datatype, "a type has one of the datatypes");
        demand(type->key_count > 0, "a type has a key");
        check_settings(sync->source->type_options->options, type->settings, 0);
        check_transform(&type->pull, type->datatype);
        if (type->pushes) {
            check_transform(&type->push.transform, type->datatype);
        }
    }
}

static bool has_line(const char *place) {
    const char *colon = strrchr(place, ':');
    return colon != NULL && colon[1] >= '1' && colon[1] <= '9';
}

static void load(bool declare_only) {
    static const struct source_type *const sources[] = {&source_csv, &source_http};
    static const struct script_param params[] = {{{"base", 4}, {"http://a.org", 12}}, {{"n", 1}, {"5", 1}}};
    struct script *script;
    struct error error;
    struct script_setup setup = {.path = path,
                                 .params = params,
                                 .param_count = declare_only ? 0 : 1,
                                 .declare_only = declare_only,
                                 .sources = sources,
                                 .source_count = 2,
                                 .clock = &clock_system,
                                 .log = &log_none,
                                 .memory_max = MEMORY_MAX,
                                 .steps_max = STEPS_MAX};
    error_clear(&error);
    if (!script_open(&setup, &script, &error)) {
        demand_error(&error);
        demand(error.code == ERROR_PARAM || error.code == ERROR_SCRIPT_SHAPE || error.code == ERROR_SCRIPT_MEMORY ||
                   error.code == ERROR_SECRET || has_line(error.place),
               "a refusal says its line");
        return;
    }
    check_sync(script_sync(script));
    size_t count;
    const struct script_declared *declared = script_params(script, &count);
    for (size_t i = 0; i < count; i++) {
        demand(declared[i].name.length > 0 && declared[i].type.length > 0, "a parameter has a name and a type");
    }
    script_close(script);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    script_write((struct text){(const char *)data, size});
    load(true);
    load(false);
    return 0;
}

#include "server/child_line.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "format/format_json.h"
#include "server/script_tree.h"
#include "server/upload.h"

// The most that a run may have; a sync may ask for less. It is more than the largest run that was measured takes
// (5M rows: 10 s of processor time, 100 MB), and less than what would harm the machine.
enum { CPU_SECONDS = 4 * 3600, MEMORY_BYTES = 1024 * 1024 * 1024 };
static const int64_t time_us = 6LL * 3600 * 1000 * 1000;

void child_line_add(struct child_line *line, const char *word) {
    if (word == NULL || line->count == CHILD_ARGUMENTS_MAX) {
        line->failed = true;
        return;
    }
    line->words[line->count++] = word;
}

void child_line_add_text(struct child_line *line, struct text word) {
    child_line_add(line, arena_copy(line->arena, word.data, word.length));
}

void child_line_number(struct child_line *line, const char *option, int64_t number) {
    child_line_add(line, option);
    child_line_add(line, arena_print(line->arena, "%" PRId64, number));
}

void child_line_sync(struct child_line *line, const struct service_setup *setup, struct text snapshot, struct text org,
                     struct text name) {
    child_line_add(line, tree_path(setup->data, snapshot, org, name, line->arena));
    child_line_add(line, "--data");
    child_line_add(line, setup->data);
    child_line_add(line, "--files");
    child_line_add(line, arena_print(line->arena, "%s/%.*s", setup->syncs, TEXT_ARGS(org)));
}

static struct text as_text(const struct value *value, char digits[TEXT_INTEGER_MAX]) {
    switch ((enum value_kind)value->kind) {
    case VALUE_INTEGER:
        return text_digits(value->as.integer, digits);
    case VALUE_BOOL:
        return value->as.boolean ? TEXT_LITERAL("true") : TEXT_LITERAL("false");
    case VALUE_TEXT:
    case VALUE_DECIMAL:
        return value_slice(value);
    default:
        return (struct text){"", 0};
    }
}

static bool is_file(const struct object *manifest, struct text name) {
    const struct value *list = manifest != NULL ? object_find(manifest, TEXT_LITERAL("params")) : NULL;
    for (uint32_t i = 0; list != NULL && list->kind == VALUE_LIST && i < list->length; i++) {
        const struct value *param = &list->as.items[i];
        if (param->kind == VALUE_OBJECT && text_same(object_text(param->as.object, "name"), name)) {
            return text_is(object_text(param->as.object, "type"), "file");
        }
    }
    return false;
}

bool child_line_params(struct child_line *line, const struct uploads *uploads, const struct object *manifest,
                       struct text org, struct text params, bool paths, struct error *error) {
    struct value value;
    if (params.length == 0) {
        return true;
    }
    if (!json_read(params, line->arena, NULL, &value, error)) {
        return false;
    }
    for (uint32_t i = 0; value.kind == VALUE_OBJECT && i < value.as.object->shape->count; i++) {
        const struct value *given = &value.as.object->values[i];
        char digits[TEXT_INTEGER_MAX];
        struct text name = value.as.object->shape->names[i];
        struct text text = as_text(given, digits);
        char path[PATH_MAX];
        if (value_empty(given)) {
            continue;
        }
        bool is_path = paths && text.length > 0 && text.data[0] == '/';
        if (is_file(manifest, name) && !is_path) {
            if (!upload_path(uploads, org, text, path, error)) {
                return false;
            }
            text = text_of(path);
        }
        child_line_add(line, "--param");
        child_line_add(line, arena_print(line->arena, "%.*s=%.*s", TEXT_ARGS(name), TEXT_ARGS(text)));
    }
    return true;
}

static int64_t limit_of(const struct object *manifest, const char *name) {
    const struct value *limits = manifest != NULL ? object_find(manifest, TEXT_LITERAL("limits")) : NULL;
    const struct value *value =
        limits != NULL && limits->kind == VALUE_OBJECT ? object_find(limits->as.object, text_of(name)) : NULL;
    return value != NULL && value->kind == VALUE_INTEGER ? value->as.integer : 0;
}

void child_line_limits(struct child_line *line, const struct object *manifest) {
    int64_t cpu_us = limit_of(manifest, "cpu_us");
    int64_t memory = limit_of(manifest, "memory_bytes");
    int64_t seconds = cpu_us / 1000000 + (cpu_us % 1000000 != 0);
    child_line_number(line, "--cpu", cpu_us > 0 && seconds < CPU_SECONDS ? seconds : CPU_SECONDS);
    child_line_number(line, "--memory", memory > 0 && memory < MEMORY_BYTES ? memory : MEMORY_BYTES);
    child_line_number(line, "--parent", getpid());
}

int64_t child_line_time_us(const struct object *manifest) {
    int64_t given = limit_of(manifest, "time_us");
    return given > 0 && given < time_us ? given : time_us;
}

bool child_line_whole(const struct child_line *line, struct error *error) {
    return !line->failed || error_set(error, ERROR_LIMIT, "the run has more parameters than a process takes");
}

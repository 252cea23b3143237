#include "source/source_http_type.h"

#include "base/civil.h"
#include "source/source_http_template.h"

enum { IDS_MAX = 50 };

bool http_type_holds(const struct http_type *type, const char *name) {
    struct value path = value_text(type->path);
    return http_template_holds(&path, name) || http_template_holds(&type->query, name) ||
           http_template_holds(&type->body, name);
}

static bool take_format(struct http_type *type, struct error *error) {
    struct text format = option_text(type->options, "format");
    type->format = text_is(format, "jsonl") ? HTTP_JSONL : text_is(format, "csv") ? HTTP_CSV : HTTP_JSON;
    if (format.length > 0 && type->format == HTTP_JSON && !text_is(format, "json")) {
        return error_set(error, ERROR_OPTION_TYPE, "format is \"%.*s\"; it can be json, jsonl or csv",
                         TEXT_ARGS(format));
    }
    return true;
}

static bool take_cursor(struct http_type *type, struct arena *arena, struct error *error) {
    struct value cursor = option_value(type->options, "cursor");
    type->cursor_format = option_text(type->options, "cursor_format");
    type->overlap_us = http_option_integer(type->options, "overlap", 0);
    type->refuses_missing = text_is(option_text(type->options, "without_cursor"), "refuse");
    type->since = option_text(type->options, "since");
    type->until = option_text(type->options, "until");
    type->asks_since = type->since.length > 0 || http_type_holds(type, "since");
    type->asks_until = type->until.length > 0 || http_type_holds(type, "until");
    if (!http_path_read(&cursor, "cursor", arena, &type->cursor, error) ||
        (type->cursor_format.length > 0 && !civil_check(type->cursor_format, error))) {
        return false;
    }
    if (type->cursor.names == NULL && type->asks_since) {
        return error_set(error, ERROR_OPTION_MISSING,
                         "since needs cursor, the field whose highest value is the watermark: cursor = \"updatedAt\"");
    }
    if ((type->overlap_us > 0 || type->asks_until) && type->cursor_format.length == 0) {
        return error_set(error, ERROR_OPTION_MISSING,
                         "%s needs cursor_format, to know how the cursor is written: cursor_format = \"iso\"",
                         type->overlap_us > 0 ? "overlap" : "until");
    }
    return true;
}

static bool take_with(struct http_type *type, struct arena *arena, struct error *error) {
    struct value with = option_value(type->options, "with");
    if (value_empty(&with)) {
        return true;
    }
    if (with.kind != VALUE_OBJECT || type->each == NULL) {
        return error_set(error, ERROR_OPTION_TYPE, "with goes with each and is a table: with = { station = \"code\" }");
    }
    const struct object *object = with.as.object;
    struct http_with *items = arena_take_zero(arena, object->shape->count, sizeof *items);
    if (items == NULL) {
        return error_memory(error);
    }
    for (uint32_t i = 0; i < object->shape->count; i++) {
        items[i].name = object->shape->names[i];
        if (!http_path_read(&object->values[i], "with", arena, &items[i].path, error)) {
            return false;
        }
    }
    type->with = items;
    type->with_count = object->shape->count;
    return true;
}

static bool take_each(const struct source_setup *setup, struct http_type *type, struct error *error) {
    struct text name = option_text(type->options, "each");
    if (name.length == 0) {
        return true;
    }
    const struct value *parent = setup->types != NULL ? object_find(setup->types, name) : NULL;
    if (parent == NULL || parent->kind != VALUE_OBJECT || text_same(name, setup->type_name)) {
        return error_set(error, ERROR_OPTION_TYPE, "each = \"%.*s\": the datasource has no other type of that name",
                         TEXT_ARGS(name));
    }
    type->each = parent->as.object;
    type->each_name = name;
    return true;
}

static bool take_only(const struct source_setup *setup, struct http_type *type, struct error *error) {
    type->only = option_value(type->options, "only");
    type->ids = option_text(type->options, "ids");
    int64_t most = http_option_integer(type->options, "ids_max", IDS_MAX);
    if (type->only.kind != VALUE_LIST) {
        type->only = (struct value){.kind = VALUE_MISSING};
        return true;
    }
    if (type->each != NULL) {
        return error_set(error, ERROR_OPTION_TYPE, "only and each don't go together; put only on the type \"%.*s\"",
                         TEXT_ARGS(type->each_name));
    }
    if (most < 1 || most > 10000) {
        return error_set(error, ERROR_OPTION_TYPE, "ids_max can be 1 to 10000");
    }
    type->ids_max = (size_t)most;
    type->asks_ids = type->ids.length > 0 || http_type_holds(type, "ids");
    type->asks_one = !type->asks_ids;
    bool holds_id = http_type_holds(type, "id");
    for (size_t i = 0; i < setup->key_count && !holds_id; i++) {
        struct text last = setup->key[i].names[setup->key[i].count - 1];
        char name[64];
        if (last.length < sizeof name) {
            memcpy(name, last.data, last.length);
            name[last.length] = '\0';
            holds_id = http_type_holds(type, name);
        }
    }
    type->adds_path = type->asks_one && !holds_id;
    struct text one = option_text(type->options, "one");
    if (type->adds_path && one.length > 0) {
        type->path = one;
        type->adds_path = false;
    }
    return true;
}

bool http_type_gone(const struct object *options, const struct object *record, bool *gone, struct error *error) {
    enum { PATH_BYTES_MAX = 64 * 1024 };
    struct value option = option_value(options, "gone");
    struct arena arena;
    struct path path;
    *gone = false;
    if (value_empty(&option)) {
        return true;
    }
    arena_init(&arena, PATH_BYTES_MAX);
    bool ok = http_path_read(&option, "gone", &arena, &path, error);
    *gone = ok && http_is_set(path_find(record, &path));
    arena_clear(&arena);
    return ok;
}

bool http_type_read(const struct source_setup *setup, struct arena *arena, struct http_type *out, struct error *error) {
    const struct object *options = setup->type;
    *out = (struct http_type){.options = options, .name = setup->type_name, .path = option_text(options, "path")};
    struct value records = option_value(options, "records");
    struct value gone = option_value(options, "gone");
    struct value page = option_value(options, "page");
    if (page.kind != VALUE_OBJECT) {
        page = option_value(setup->settings, "page");
    }
    out->page = page.kind == VALUE_OBJECT ? page.as.object : NULL;
    out->query = option_value(options, "query");
    out->body = option_value(options, "body");
    out->is_post = text_is(option_text(options, "method"), "POST");
    out->lookup = option_bool(options, "lookup");
    if (out->path.length == 0) {
        return error_set(error, ERROR_OPTION_MISSING, "the type %.*s has no path: path = \"/readings\"",
                         TEXT_ARGS(setup->type_name));
    }
    return take_format(out, error) && http_path_read(&records, "records", arena, &out->records, error) &&
           http_path_read(&gone, "gone", arena, &out->gone, error) && http_ok_read(options, arena, &out->ok, error) &&
           take_cursor(out, arena, error) && take_each(setup, out, error) && take_with(out, arena, error) &&
           take_only(setup, out, error);
}

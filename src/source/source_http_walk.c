#include "source/source_http_walk.h"

#include "format/format_json.h"
#include "source/source_http.h"

enum { PARENTS = 200, PARENTS_CEILING = 64 * 1024 * 1024, POSITION_MAX = 256 * 1024, RAW_MAX = 64 * 1024 };

// The parent type's key as paths: "id", { "postcode", "id" }, or weir.path(…) in a list of its own.
static bool parent_key(const struct object *options, struct arena *arena, struct source_setup *out,
                       struct error *error) {
    struct value key = option_value(options, "key");
    size_t count = key.kind == VALUE_LIST ? key.length : key.kind == VALUE_TEXT ? 1 : 0;
    struct path *paths = arena_take_zero(arena, count, sizeof *paths);
    if (paths == NULL) {
        return error_memory(error);
    }
    for (size_t i = 0; i < count; i++) {
        const struct value *part = key.kind == VALUE_LIST ? &key.as.items[i] : &key;
        if (!http_path_read(part, "key", arena, &paths[i], error)) {
            return false;
        }
    }
    out->key = paths;
    out->key_count = count;
    return true;
}

static bool parents_open(struct http_walk *walk, const struct source_setup *setup, struct text position,
                         struct error *error) {
    struct source_setup parent = *setup;
    parent.type = walk->type->each;
    parent.type_name = walk->type->each_name;
    parent.since = (struct text){"", 0};
    parent.position = position;
    parent.page_records = PARENTS;
    return (parent_key(walk->type->each, &walk->arena, &parent, error) &&
            source_open(&source_http, &parent, &walk->parents, error)) ||
           error_place(error, "each = \"%.*s\"", TEXT_ARGS(walk->type->each_name));
}

bool http_walk_open(struct http_walk *walk, const struct source_setup *setup, const struct http_type *type,
                    struct text position, struct error *error) {
    *walk = (struct http_walk){.type = type, .key = setup->key, .key_count = setup->key_count};
    buffer_init(&walk->position, POSITION_MAX);
    batch_init(&walk->batch, PARENTS_CEILING);
    arena_init(&walk->arena, PARENTS_CEILING);
    if (type->each == NULL) {
        return true;
    }
    if (!buffer_text(&walk->position, position)) {
        return error_memory(error);
    }
    return parents_open(walk, setup, position, error);
}

void http_walk_clear(struct http_walk *walk) {
    source_close(walk->parents);
    batch_clear(&walk->batch);
    arena_clear(&walk->arena);
    buffer_clear(&walk->position);
    walk->parents = NULL;
}

static bool parents_more(struct http_walk *walk, bool *end, struct error *error) {
    *end = walk->last;
    if (walk->last) {
        return true;
    }
    struct text position = walk->batch.position;
    if (position.length > 0) {
        buffer_reset(&walk->position);
        if (!buffer_text(&walk->position, position)) {
            return error_memory(error);
        }
    }
    if (!batch_reset(&walk->batch, PARENTS, error) || !source_read(walk->parents, &walk->batch, error)) {
        walk->count = 0;
        return false;
    }
    walk->last = walk->batch.last;
    walk->partial = walk->partial || walk->batch.reject_count > 0 || (walk->last && !walk->batch.full);
    walk->count = walk->batch.count;
    return true;
}

bool http_walk_more(struct http_walk *walk, bool *end, struct error *error) {
    if (walk->type->each != NULL) {
        return parents_more(walk, end, error);
    }
    *end = walk->last;
    walk->last = true;
    walk->count = 1;
    if (walk->type->only.kind == VALUE_LIST) {
        size_t each = walk->type->asks_ids ? walk->type->ids_max : 1;
        walk->count = (walk->type->only.length + each - 1) / each;
    }
    return true;
}

// The ids of one request: 17,18,19.
static bool ids_join(const struct http_walk *walk, size_t index, struct arena *arena, struct text *out,
                     struct error *error) {
    const struct value *only = &walk->type->only;
    struct buffer ids;
    buffer_init(&ids, HTTP_REQUEST_BODY_MAX);
    size_t from = index * walk->type->ids_max;
    for (size_t i = from; i < only->length && i < from + walk->type->ids_max; i++) {
        struct text id = value_slice(&only->as.items[i]);
        if (memchr(id.data, ',', id.length) != NULL) {
            buffer_clear(&ids);
            return error_set(error, ERROR_OPTION_TYPE, "only: the id '%.*s' has a comma, which parts ids in a request",
                             TEXT_ARGS(id));
        }
        if (i > from) {
            buffer_byte(&ids, ',');
        }
        buffer_text(&ids, id);
    }
    bool ok = !ids.failed && arena_text(arena, buffer_view(&ids), out);
    buffer_clear(&ids);
    return ok || error_memory(error);
}

bool http_walk_skips(const struct http_walk *walk, size_t index) {
    return walk->type->each != NULL && walk->batch.records[index].gone;
}

bool http_walk_subject(const struct http_walk *walk, size_t index, struct arena *arena, struct http_subject *out,
                       struct error *error) {
    *out = (struct http_subject){0};
    if (walk->type->each != NULL) {
        out->parent = &walk->batch.records[index].fields;
        return true;
    }
    if (walk->type->only.kind != VALUE_LIST) {
        return true;
    }
    if (walk->type->asks_ids) {
        return ids_join(walk, index, arena, &out->ids, error);
    }
    struct http_field *fields = arena_take(arena, (walk->key_count + 1) * sizeof *fields);
    if (fields == NULL) {
        return error_memory(error);
    }
    out->fields = fields;
    return http_template_id(value_slice(&walk->type->only.as.items[index]), walk->key, walk->key_count, arena, fields,
                            &out->field_count, error);
}

bool http_walk_raw(const struct http_walk *walk, size_t index, struct arena *arena, struct text *out,
                   struct error *error) {
    struct buffer raw;
    struct value value = {.kind = VALUE_NULL};
    buffer_init(&raw, RAW_MAX);
    if (walk->type->each != NULL) {
        value = value_object(&walk->batch.records[index].fields);
    } else if (walk->type->only.kind == VALUE_LIST) {
        value = walk->type->only.as.items[index];
    }
    json_write(&raw, &value);
    // One that is too long is cut by where it stopped: it only has to be told from others and shown.
    bool ok = arena_text(arena, buffer_view(&raw), out);
    buffer_clear(&raw);
    return ok || error_memory(error);
}

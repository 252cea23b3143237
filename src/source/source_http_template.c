#include "source/source_http_template.h"

#include <stdio.h>

#include "format/format_json.h"
#include "http/http_url.h"
#include "source/source_http_path.h"

enum { NAME_MAX_BYTES = 200, VALUE_BYTES_MAX = 1024 * 1024 };

// A piece of a template's text: a placeholder's name, or bytes that stand for themselves.
struct piece {
    struct text text;
    bool is_name;
};

static bool is_name_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.' || c == ',';
}

// Whether a placeholder begins at the brace; `length` receives that of its name.
static bool name_at(const char *brace, const char *end, size_t *length) {
    const char *at = brace + 1;
    while (at < end && is_name_byte(*at)) {
        at++;
    }
    *length = (size_t)(at - brace) - 1;
    return at < end && *at == '}' && *length > 0 && *length <= NAME_MAX_BYTES;
}

// Takes the piece at the front of the text. False at its end.
static bool piece_next(struct text *rest, struct piece *out) {
    if (rest->length == 0) {
        return false;
    }
    const char *end = rest->data + rest->length;
    const char *stop = rest->data;
    size_t name = 0;
    while (stop < end && !(*stop == '{' && name_at(stop, end, &name))) {
        stop++;
    }
    out->is_name = stop == rest->data;
    out->text = out->is_name ? (struct text){stop + 1, name} : (struct text){rest->data, (size_t)(stop - rest->data)};
    size_t taken = out->is_name ? name + 2 : out->text.length;
    rest->data += taken;
    rest->length -= taken;
    return true;
}

static bool scope_find(const struct http_scope *scope, struct text name, struct value *out, struct error *error) {
    for (size_t i = 0; i < scope->count; i++) {
        if (text_same(scope->fields[i].name, name)) {
            *out = scope->fields[i].value;
            return true;
        }
    }
    const struct value *found = scope->parent != NULL ? object_find(scope->parent, name) : NULL;
    if (found == NULL || found->kind == VALUE_NULL) {
        return error_set(error, ERROR_FIELD_REQUIRED, "{%.*s} has no value%s; the request needs it", TEXT_ARGS(name),
                         scope->parent != NULL ? " in the record that is asked for" : "");
    }
    *out = *found;
    return true;
}

// Appends a value as plain text: JSON for a list or an object.
static bool plain_write(const struct value *value, struct buffer *out) {
    switch ((enum value_kind)value->kind) {
    case VALUE_MISSING:
    case VALUE_NULL:
        return true;
    case VALUE_TEXT:
    case VALUE_DECIMAL:
        return buffer_text(out, value_slice(value));
    default:
        json_write(out, value);
        return !out->failed;
    }
}

static bool write_failed(const struct buffer *out, struct error *error) {
    return out->starved ? error_memory(error)
                        : error_set(error, ERROR_HTTP_REQUEST,
                                    "a request's path, query or body is longer than %d bytes", VALUE_BYTES_MAX);
}

static bool escape_value(const struct value *value, struct buffer *out, struct error *error) {
    struct buffer plain;
    buffer_init(&plain, VALUE_BYTES_MAX);
    bool ok = plain_write(value, &plain);
    if (ok) {
        http_encode(out, buffer_view(&plain));
    }
    bool fine = (ok && !out->failed) || write_failed(ok ? out : &plain, error);
    buffer_clear(&plain);
    return fine;
}

bool http_template_path(struct text path, const struct http_scope *scope, struct buffer *out, struct error *error) {
    struct piece piece;
    while (piece_next(&path, &piece)) {
        struct value value;
        if (!piece.is_name) {
            buffer_text(out, piece.text);
            continue;
        }
        if (!scope_find(scope, piece.text, &value, error)) {
            return false;
        }
        if (value_empty(&value)) {
            return error_set(error, ERROR_HTTP_REQUEST, "the path needs {%.*s}, which has no value",
                             TEXT_ARGS(piece.text));
        }
        // A segment that is a dot or two would lead to another path.
        struct text text = value.kind == VALUE_TEXT ? value_slice(&value) : (struct text){"", 0};
        if (text_is(text, ".") || text_is(text, "..") || (value.kind == VALUE_TEXT && text.length == 0)) {
            return error_set(error, ERROR_HTTP_REQUEST, "{%.*s} is '%.*s', which can't stand in a path",
                             TEXT_ARGS(piece.text), TEXT_ARGS(text));
        }
        if (!escape_value(&value, out, error)) {
            return false;
        }
    }
    return !out->failed || write_failed(out, error);
}

bool http_template_param(struct text name, const struct value *value, struct buffer *out, struct error *error) {
    if (value->kind == VALUE_MISSING) {
        return true;
    }
    bool has_query = out->length > 0 && memchr(out->data, '?', out->length) != NULL;
    char last = out->length > 0 ? out->data[out->length - 1] : '\0';
    if (!has_query || (last != '?' && last != '&')) {
        buffer_byte(out, has_query ? '&' : '?');
    }
    http_encode(out, name);
    buffer_byte(out, '=');
    return escape_value(value, out, error);
}

bool http_template_query(const struct value *query, const struct http_scope *scope, struct arena *arena,
                         struct buffer *out, struct error *error) {
    if (value_empty(query)) {
        return true;
    }
    if (query->kind != VALUE_OBJECT) {
        return error_set(error, ERROR_OPTION_TYPE, "query is a table of names: query = { status = \"open\" }");
    }
    const struct object *object = query->as.object;
    for (uint32_t i = 0; i < object->shape->count; i++) {
        struct value value;
        if (!http_template_value(&object->values[i], scope, arena, &value, error) ||
            !http_template_param(object->shape->names[i], &value, out, error)) {
            return false;
        }
    }
    return true;
}

static bool text_fill(const struct value *template, const struct http_scope *scope, struct arena *arena,
                      struct value *out, struct error *error) {
    struct text rest = value_slice(template);
    struct piece piece;
    *out = *template;
    if (rest.length == 0 || memchr(rest.data, '{', rest.length) == NULL) {
        return true;
    }
    if (piece_next(&rest, &piece) && piece.is_name && rest.length == 0) {
        return scope_find(scope, piece.text, out, error); // alone: it keeps its kind
    }
    struct buffer filled;
    buffer_init(&filled, VALUE_BYTES_MAX);
    bool ok = true;
    bool is_left_out = false;
    rest = value_slice(template);
    while (ok && !is_left_out && piece_next(&rest, &piece)) {
        struct value value = value_text(piece.text);
        ok = !piece.is_name || scope_find(scope, piece.text, &value, error);
        is_left_out = ok && value.kind == VALUE_MISSING;
        ok = ok && (plain_write(&value, &filled) || write_failed(&filled, error));
    }
    struct text text = {"", 0};
    if (ok && !is_left_out) {
        ok = arena_text(arena, buffer_view(&filled), &text) || error_memory(error);
    }
    buffer_clear(&filled);
    *out = is_left_out ? (struct value){.kind = VALUE_MISSING} : value_text(text);
    return ok;
}

static bool list_fill(const struct value *template, const struct http_scope *scope, struct arena *arena,
                      struct value *out, struct error *error) {
    struct value *items = arena_take(arena, template->length * sizeof *items);
    if (items == NULL) {
        return error_memory(error);
    }
    size_t count = 0;
    for (uint32_t i = 0; i < template->length; i++) {
        if (!http_template_value(&template->as.items[i], scope, arena, &items[count], error)) {
            return false;
        }
        count += items[count].kind != VALUE_MISSING;
    }
    bool is_left_out = count == 0 && template->length > 0;
    *out = is_left_out ? (struct value){.kind = VALUE_MISSING} : value_list(items, count);
    return true;
}

static bool object_fill(const struct value *template, const struct http_scope *scope, struct arena *arena,
                        struct value *out, struct error *error) {
    const struct object *source = template->as.object;
    struct object *object = arena_take(arena, sizeof *object);
    struct value *values = arena_take(arena, source->shape->count * sizeof *values);
    if (object == NULL || values == NULL) {
        return error_memory(error);
    }
    bool has_any = source->shape->count == 0;
    for (uint32_t i = 0; i < source->shape->count; i++) {
        if (!http_template_value(&source->values[i], scope, arena, &values[i], error)) {
            return false;
        }
        has_any = has_any || values[i].kind != VALUE_MISSING;
    }
    *object = (struct object){source->shape, values};
    *out = has_any ? value_object(object) : (struct value){.kind = VALUE_MISSING};
    return true;
}

bool http_template_value(const struct value *template, const struct http_scope *scope, struct arena *arena,
                         struct value *out, struct error *error) {
    switch ((enum value_kind) template->kind) {
    case VALUE_TEXT:
        return text_fill(template, scope, arena, out, error);
    case VALUE_LIST:
        return list_fill(template, scope, arena, out, error);
    case VALUE_OBJECT:
        return object_fill(template, scope, arena, out, error);
    default:
        *out = *template;
        return true;
    }
}

static bool text_holds(struct text text, struct text name) {
    struct piece piece;
    while (piece_next(&text, &piece)) {
        if (piece.is_name && text_same(piece.text, name)) {
            return true;
        }
    }
    return false;
}

bool http_template_holds(const struct value *template, const char *name) {
    if (template->kind == VALUE_TEXT) {
        return text_holds(value_slice(template), text_of(name));
    }
    if (template->kind == VALUE_LIST) {
        for (uint32_t i = 0; i < template->length; i++) {
            if (http_template_holds(&template->as.items[i], name)) {
                return true;
            }
        }
    }
    if (template->kind == VALUE_OBJECT) {
        const struct object *object = template->as.object;
        for (uint32_t i = 0; i < object->shape->count; i++) {
            if (http_template_holds(&object->values[i], name)) {
                return true;
            }
        }
    }
    return false;
}

bool http_template_id(struct text external, const struct path *key, size_t key_count, struct arena *arena,
                      struct http_field *out, size_t *count, struct error *error) {
    struct value whole = value_text(external);
    struct value parts = whole;
    char room[HTTP_PATH_SHOW_MAX];
    if (key_count > 1 &&
        (!json_read(external, arena, NULL, &parts, error) || parts.kind != VALUE_LIST || parts.length != key_count)) {
        return error_set(error, ERROR_KEY_EMPTY, "the id %s doesn't have the %zu parts of the key",
                         value_show(&whole, (char[VALUE_SHOW_MAX]){0}), key_count);
    }
    bool has_id = false;
    *count = 0;
    for (size_t i = 0; i < key_count; i++) {
        if (key[i].count == 0) {
            return error_set(error, ERROR_KEY_EMPTY, "the key has a part without a name (%s)",
                             http_path_show(&key[i], room));
        }
        struct text name = key[i].names[key[i].count - 1];
        has_id = has_id || text_is(name, "id");
        out[(*count)++] = (struct http_field){name, key_count > 1 ? parts.as.items[i] : whole};
    }
    if (!has_id) {
        out[(*count)++] = (struct http_field){TEXT_LITERAL("id"), whole};
    }
    return true;
}

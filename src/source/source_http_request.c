#include "source/source_http_request.h"

#include "format/format_json.h"
#include "source/source_http_cursor.h"

enum { FIELDS_MAX = 40 };

// Names that always mean something, if only nothing.
static const char *const builtin[] = {"since", "until", "limit", "offset", "page", "cursor",
                                      "from",  "to",    "ids",   "id",     NULL};

// All placeholders, those that have a value first: the first of a name counts.
static size_t scope_fill(const struct http_type *type, const struct http_subject *subject, const struct http_ask *ask,
                         struct text until, struct http_field fields[FIELDS_MAX]) {
    size_t count = 0;
    for (size_t i = 0; i < ask->field_count; i++) {
        fields[count++] = ask->fields[i];
    }
    for (size_t i = 0; i < subject->field_count && count < FIELDS_MAX - 16; i++) {
        fields[count++] = subject->fields[i];
    }
    if (ask->since.length > 0) {
        fields[count++] =
            (struct http_field){TEXT_LITERAL("since"), http_cursor_value(ask->since, type->cursor_format)};
    }
    if (until.length > 0) {
        fields[count++] = (struct http_field){TEXT_LITERAL("until"), http_cursor_value(until, type->cursor_format)};
    }
    if (subject->ids.length > 0) {
        fields[count++] = (struct http_field){TEXT_LITERAL("ids"), value_text(subject->ids)};
    }
    for (const char *const *name = builtin; *name != NULL; name++) {
        // A parent's own field of such a name, mostly id, goes before nothing.
        bool is_parents = subject->parent != NULL && object_find(subject->parent, text_of(*name)) != NULL;
        if (!is_parents) {
            fields[count++] = (struct http_field){text_of(*name), {.kind = VALUE_MISSING}};
        }
    }
    return count;
}

static bool param_add(struct text name, struct text text, struct buffer *url, struct error *error) {
    struct value value = value_text(text);
    return name.length == 0 || text.length == 0 || http_template_param(name, &value, url, error);
}

// A change feed has one parameter for both: where it began, and how far its pages have come. What the pager says wins.
static bool pager_says(const struct http_ask *ask, struct text name) {
    for (size_t i = 0; i < ask->param_count; i++) {
        if (text_same(ask->params[i].name, name) && !value_empty(&ask->params[i].value)) {
            return true;
        }
    }
    return false;
}

static bool url_make(const struct http_type *type, const struct http_subject *subject, const struct http_ask *ask,
                     const struct http_scope *scope, struct text until, struct buffer *url, struct error *error) {
    if (ask->url.length > 0) {
        return buffer_text(url, ask->url) || error_memory(error);
    }
    struct text path = ask->path.length > 0 ? ask->path : type->path;
    const struct value *query = ask->query.kind != VALUE_MISSING ? &ask->query : &type->query;
    if (!http_template_path(path, scope, url, error)) {
        return false;
    }
    if (type->adds_path && (!buffer_byte(url, '/') || !http_template_path(TEXT_LITERAL("{id}"), scope, url, error))) {
        return false;
    }
    struct text since = pager_says(ask, type->since) ? (struct text){"", 0} : ask->since;
    if (!http_template_query(query, scope, ask->arena, url, error) || !param_add(type->since, since, url, error) ||
        !param_add(type->until, until, url, error) || !param_add(type->ids, subject->ids, url, error)) {
        return false;
    }
    for (size_t i = 0; i < ask->param_count; i++) {
        if (!http_template_param(ask->params[i].name, &ask->params[i].value, url, error)) {
            return false;
        }
    }
    if (url->failed) {
        return url->starved
                   ? error_memory(error)
                   : error_set(error, ERROR_HTTP_REQUEST, "a URL would be longer than %d bytes", HTTP_REQUEST_URL_MAX);
    }
    return true;
}

// The body with one member more, or with that member's value replaced.
static bool member_put(struct value *body, const struct http_field *member, struct arena *arena, struct error *error) {
    static const struct shape none = {0, NULL};
    static const struct object nothing = {&none, NULL};
    const struct object *old = body->kind == VALUE_OBJECT ? body->as.object : &nothing;
    uint32_t place = shape_find(old->shape, member->name);
    uint32_t count = old->shape->count + (place == SHAPE_NONE);
    struct text *names = arena_take(arena, count * sizeof *names);
    struct value *values = arena_take(arena, count * sizeof *values);
    struct shape *shape = arena_take(arena, sizeof *shape);
    struct object *object = arena_take(arena, sizeof *object);
    if (names == NULL || values == NULL || shape == NULL || object == NULL) {
        return error_memory(error);
    }
    for (uint32_t i = 0; i < old->shape->count; i++) {
        names[i] = old->shape->names[i];
        values[i] = old->values[i];
    }
    place = place == SHAPE_NONE ? count - 1 : place;
    names[place] = member->name;
    values[place] = member->value;
    *shape = (struct shape){count, names};
    *object = (struct object){shape, values};
    *body = value_object(object);
    return true;
}

static bool body_make(const struct http_type *type, const struct http_ask *ask, const struct http_scope *scope,
                      struct text *out, struct error *error) {
    struct value body = {.kind = VALUE_MISSING};
    struct buffer text;
    *out = (struct text){"", 0};
    if (!type->is_post) {
        return true;
    }
    if (!http_template_value(&type->body, scope, ask->arena, &body, error) ||
        (ask->member.name.length > 0 && !member_put(&body, &ask->member, ask->arena, error))) {
        return false;
    }
    if (body.kind == VALUE_MISSING) {
        return true;
    }
    buffer_init(&text, HTTP_REQUEST_BODY_MAX);
    json_write(&text, &body);
    bool ok =
        !text.failed || text.starved ||
        error_set(error, ERROR_HTTP_REQUEST, "a request's body would be longer than %d bytes", HTTP_REQUEST_BODY_MAX);
    ok = ok && ((!text.failed && arena_text(ask->arena, buffer_view(&text), out)) || error_memory(error));
    buffer_clear(&text);
    return ok;
}

bool http_request_make(const struct http_type *type, const struct http_subject *subject, const struct http_ask *ask,
                       struct text until, struct buffer *url, struct text *body, struct error *error) {
    struct http_field fields[FIELDS_MAX];
    struct http_scope scope = {fields, scope_fill(type, subject, ask, until, fields), subject->parent};
    return url_make(type, subject, ask, &scope, until, url, error) && body_make(type, ask, &scope, body, error);
}

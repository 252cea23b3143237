// The pager that is a function of the script: (answer, request) -> request, or nil at the end.

#include "format/format_json.h"
#include "source/source_http_pager.h"

enum { CALL_CEILING = 16 * 1024 * 1024, HEADERS_MAX = 100 };

static bool function_check(struct http_pager *pager, struct error *error) {
    struct value call = option_value(pager->options, "call");
    pager->has_function = call.kind == VALUE_INTEGER && pager->mapper != NULL;
    pager->function = pager->has_function ? (uint32_t)call.as.integer : 0;
    return pager->has_function ||
           error_set(error, ERROR_OPTION_MISSING, "weir.page.custom needs a function of the answer and the request");
}

// The name of a header's line in lower case, NUL-terminated; NULL for a line that is none.
static char *header_name(struct text line, struct arena *arena) {
    const char *colon = line.length > 0 ? memchr(line.data, ':', line.length) : NULL;
    char *name = colon != NULL ? arena_copy(arena, line.data, (size_t)(colon - line.data)) : NULL;
    for (char *at = name; at != NULL && *at != '\0'; at++) {
        *at = (char)(*at >= 'A' && *at <= 'Z' ? *at | 32 : *at);
    }
    return name;
}

// The answer's headers, their names in lower case, several of one name joined.
static bool headers_make(const struct http_call *call, struct arena *arena, struct value *out, struct error *error) {
    struct text *names = arena_take(arena, HEADERS_MAX * sizeof *names);
    struct value *values = arena_take(arena, HEADERS_MAX * sizeof *values);
    struct shape *shape = arena_take(arena, sizeof *shape);
    struct object *object = arena_take(arena, sizeof *object);
    if (names == NULL || values == NULL || shape == NULL || object == NULL) {
        return error_memory(error);
    }
    *shape = (struct shape){0, names};
    struct text rest = http_headers(call);
    while (rest.length > 0 && shape->count < HEADERS_MAX) {
        const char *end = memchr(rest.data, '\n', rest.length);
        size_t length = end != NULL ? (size_t)(end - rest.data) + 1 : rest.length;
        const char *name = header_name((struct text){rest.data, length}, arena);
        if (name != NULL && shape_find(shape, text_of(name)) == SHAPE_NONE) {
            names[shape->count] = text_of(name);
            values[shape->count++] = value_text(http_header(call, name));
        }
        rest.data += length;
        rest.length -= length;
    }
    *object = (struct object){shape, values};
    *out = value_object(object);
    return true;
}

// { status =, headers =, body =, count =, last = }
static bool answer_make(const struct http_page *page, struct arena *arena, const struct object **out,
                        struct error *error) {
    static const struct text names[] = {{"status", 6}, {"headers", 7}, {"body", 4}, {"count", 5}, {"last", 4}};
    static const struct shape shape = {5, names};
    struct value *values = arena_take_zero(arena, shape.count, sizeof *values);
    struct object *answer = arena_take(arena, sizeof *answer);
    if (values == NULL || answer == NULL) {
        return error_memory(error);
    }
    values[0] = value_integer(page->head->status);
    values[2] = page->envelope != NULL ? *page->envelope : value_null();
    values[3] = value_integer(page->count);
    if (page->last != NULL) {
        values[4] = value_object(page->last);
    }
    *answer = (struct object){&shape, values};
    *out = answer;
    return headers_make(page->call, arena, &values[1], error);
}

// Calls the function and keeps what it gives as JSON. `before` may be NULL.
static bool function_call(struct http_pager *pager, const struct object *answer, const struct object *before,
                          struct arena *arena, struct http_at *next, bool *end, struct error *error) {
    const struct object *given[] = {answer, before};
    struct mapped mapped;
    if (!mapper_call(pager->mapper, pager->function, given, 2, arena, &mapped, error)) {
        if (error != NULL && error->scope == ERROR_RECORD) {
            error->scope = ERROR_SOURCE; // it is no record's fault
        }
        return false;
    }
    *end = value_empty(&mapped.value);
    if (!*end && mapped.value.kind != VALUE_OBJECT) {
        char shown[VALUE_SHOW_MAX];
        return error_set(error, ERROR_OPTION_TYPE,
                         "the function of weir.page.custom gave %s; it gives { path =, query = } or nil at the end",
                         value_show(&mapped.value, shown));
    }
    buffer_reset(&next->text);
    if (!*end) {
        json_write(&next->text, &mapped.value);
    }
    if (next->text.starved) {
        return error_memory(error);
    }
    return !next->text.failed ||
           error_set(error, ERROR_LIMIT, "the next request is longer than %d bytes", HTTP_AT_TEXT_MAX);
}

static bool function_first(struct http_pager *pager, struct http_at *at, struct error *error) {
    struct arena arena;
    bool end;
    arena_init(&arena, CALL_CEILING);
    bool ok = function_call(pager, NULL, NULL, &arena, at, &end, error);
    mapper_release(pager->mapper);
    arena_clear(&arena);
    if (ok && end) {
        return http_at_text(at, TEXT_LITERAL("{}"), error); // the type's own request
    }
    return ok;
}

static bool function_fill(struct http_pager *pager, const struct http_at *at, struct http_ask *ask,
                          struct error *error) {
    (void)pager;
    struct text text;
    struct value request;
    if (!arena_text(ask->arena, buffer_view(&at->text), &text)) {
        return error_memory(error);
    }
    if (!json_read(text, ask->arena, NULL, &request, error) || request.kind != VALUE_OBJECT) {
        return error_set(error, ERROR_OPTION_TYPE, "the request of weir.page.custom is no table");
    }
    http_ask_field(ask, "limit", value_integer(at->size));
    ask->path = option_text(request.as.object, "path");
    ask->query = option_value(request.as.object, "query");
    return true;
}

static bool function_after(struct http_pager *pager, const struct http_at *at, const struct http_page *page,
                           struct http_at *next, struct http_step *step, struct error *error) {
    struct arena arena;
    struct value request;
    const struct object *answer = NULL;
    arena_init(&arena, CALL_CEILING);
    bool ok = json_read(buffer_view(&at->text), &arena, NULL, &request, error) &&
              answer_make(page, &arena, &answer, error) &&
              function_call(pager, answer, request.as.object, &arena, next, &step->end, error);
    if (ok && !step->end && text_same(buffer_view(&next->text), buffer_view(&at->text))) {
        ok = error_set(error, ERROR_PAGE_REPEATS, "the function of weir.page.custom gave the same request again");
    }
    mapper_release(pager->mapper);
    arena_clear(&arena);
    return ok;
}

const struct http_pager_type http_pager_function = {
    .kind = "function",
    .check = function_check,
    .first = function_first,
    .fill = function_fill,
    .after = function_after,
};

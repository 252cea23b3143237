#include "source/source_http_path.h"

#include <stdio.h>

#include "port/option.h"

static bool path_refuse(const char *key, struct error *error) {
    return error_set(error, ERROR_OPTION_TYPE, "%s takes a field's name or weir.path(\"data\", \"items\")", key);
}

bool http_path_read(const struct value *option, const char *key, struct arena *arena, struct path *out,
                    struct error *error) {
    *out = (struct path){NULL, 0};
    if (value_empty(option)) {
        return true;
    }
    bool is_text = option->kind == VALUE_TEXT;
    if ((!is_text && option->kind != VALUE_LIST) || option->length == 0) {
        return path_refuse(key, error);
    }
    size_t count = is_text ? 1 : option->length;
    struct text *names = arena_take(arena, count * sizeof *names);
    if (names == NULL) {
        return error_memory(error);
    }
    for (size_t i = 0; i < count; i++) {
        const struct value *name = is_text ? option : &option->as.items[i];
        if (name->kind != VALUE_TEXT) {
            return path_refuse(key, error);
        }
        names[i] = value_slice(name);
    }
    *out = (struct path){names, count};
    return true;
}

bool http_place_read(const struct value *option, const char *key, struct arena *arena, struct http_place *out,
                     struct error *error) {
    const struct text mark = TEXT_LITERAL("header:");
    *out = (struct http_place){0};
    if (option->kind != VALUE_TEXT || option->length <= mark.length ||
        memcmp(option->as.text, mark.data, mark.length) != 0) {
        return http_path_read(option, key, arena, &out->path, error);
    }
    out->header = arena_copy(arena, option->as.text + mark.length, option->length - mark.length);
    return out->header != NULL || error_memory(error);
}

const char *http_path_show(const struct path *path, char room[HTTP_PATH_SHOW_MAX]) {
    size_t used = 0;
    room[0] = '\0';
    for (size_t i = 0; i < path->count && used + 1 < HTTP_PATH_SHOW_MAX; i++) {
        struct text name = path->names[i];
        int more = snprintf(room + used, HTTP_PATH_SHOW_MAX - used, "%s%.*s", i > 0 ? "." : "",
                            name.length > 60 ? 60 : (int)name.length, name.data);
        used += more > 0 ? (size_t)more : 0;
    }
    return room;
}

bool http_is_set(const struct value *value) {
    if (value == NULL || value_empty(value)) {
        return false;
    }
    return (value->kind != VALUE_BOOL || value->as.boolean) && (value->kind != VALUE_TEXT || value->length > 0);
}

bool http_ok_read(const struct object *options, struct arena *arena, struct http_ok *out, struct error *error) {
    struct value ok = option_value(options, "ok");
    *out = (struct http_ok){0};
    if (ok.kind != VALUE_OBJECT) {
        return true;
    }
    struct value path = option_value(ok.as.object, "path");
    out->is = option_value(ok.as.object, "is");
    return http_path_read(&path, "ok.path", arena, &out->path, error);
}

bool http_ok_check(const struct http_ok *ok, const struct value *body, struct error *error) {
    if (ok->path.names == NULL) {
        return true;
    }
    const struct value *found = body->kind == VALUE_OBJECT ? path_find(body->as.object, &ok->path) : NULL;
    bool asks = ok->is.kind != VALUE_MISSING;
    if (asks ? found != NULL && value_same(found, &ok->is) : http_is_set(found)) {
        return true;
    }
    char room[HTTP_PATH_SHOW_MAX];
    char shown[VALUE_SHOW_MAX];
    char wanted[VALUE_SHOW_MAX];
    struct value missing = {.kind = VALUE_MISSING};
    return error_set(error, ERROR_HTTP_SHAPE, "the answer doesn't say that it went well: %s is %s%s%s",
                     http_path_show(&ok->path, room), value_show(found != NULL ? found : &missing, shown),
                     asks ? ", not " : "", asks ? value_show(&ok->is, wanted) : "");
}

int64_t http_option_integer(const struct object *settings, const char *key, int64_t fallback) {
    struct value value = option_value(settings, key);
    return value.kind == VALUE_INTEGER ? value.as.integer : fallback;
}

#include "server/sync_params.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "format/format_json.h"
#include "server/service.h"
#include "server/upload.h"

enum { PARAMS_MAX = 64, VALUE_BYTES_MAX = 4096 };

// What the sync declares of a parameter, or NULL.
static const struct object *declared(const struct catalog_sync *sync, struct text name) {
    const struct value *list =
        sync->declared.kind == VALUE_OBJECT ? object_find(sync->declared.as.object, TEXT_LITERAL("params")) : NULL;
    for (uint32_t i = 0; list != NULL && list->kind == VALUE_LIST && i < list->length; i++) {
        const struct value *param = &list->as.items[i];
        if (param->kind == VALUE_OBJECT && text_same(object_text(param->as.object, "name"), name)) {
            return param->as.object;
        }
    }
    return NULL;
}

static bool refuse(struct exchange *exchange, const char *what, struct text name) {
    exchange_refuse(exchange, 422, ERROR_PARAM, "the parameter %.*s %s", TEXT_ARGS(name), what);
    return false;
}

// A file is named by its upload's number. Where a path is wanted (`paths`), the number becomes one.
static bool file_of(struct exchange *exchange, struct text name, bool paths, struct text *text) {
    char path[PATH_MAX];
    struct error error;
    if (!upload_path(exchange->service->uploads, exchange->org, *text, path, &error)) {
        return refuse(exchange, "is the number of an upload, and there is none of this number", name);
    }
    return !paths || arena_text(&exchange->arena, text_of(path), text) || refuse(exchange, "is too long", name);
}

static bool take(struct exchange *exchange, const struct catalog_sync *sync, struct text name,
                 const struct value *given, bool paths, struct value *out) {
    const struct object *param = declared(sync, name);
    char digits[TEXT_INTEGER_MAX];
    struct text text;
    if (param == NULL) {
        return refuse(exchange, "is none of this sync's", name);
    }
    switch ((enum value_kind)given->kind) {
    case VALUE_TEXT:
    case VALUE_DECIMAL:
        text = value_slice(given);
        break;
    case VALUE_INTEGER:
        text = text_digits(given->as.integer, digits);
        break;
    case VALUE_BOOL:
        text = given->as.boolean ? TEXT_LITERAL("true") : TEXT_LITERAL("false");
        break;
    default:
        return refuse(exchange, "is a text, a number or true or false", name);
    }
    if (text.length > VALUE_BYTES_MAX || memchr(text.data, '\0', text.length) != NULL) {
        return refuse(exchange, "is too long, or has a NUL in it", name);
    }
    if (text_is(object_text(param, "type"), "file") && !file_of(exchange, name, paths, &text)) {
        return false;
    }
    struct text kept;
    if (!arena_text(&exchange->arena, text, &kept)) {
        return refuse(exchange, "is too long", name);
    }
    *out = value_text(kept);
    return true;
}

// What is required is there.
static bool check_whole(struct exchange *exchange, const struct catalog_sync *sync, const struct text *names,
                        size_t count) {
    const struct value *list =
        sync->declared.kind == VALUE_OBJECT ? object_find(sync->declared.as.object, TEXT_LITERAL("params")) : NULL;
    for (uint32_t i = 0; list != NULL && list->kind == VALUE_LIST && i < list->length; i++) {
        const struct object *param = list->as.items[i].kind == VALUE_OBJECT ? list->as.items[i].as.object : NULL;
        const struct value *required = param != NULL ? object_find(param, TEXT_LITERAL("required")) : NULL;
        bool there = required == NULL || required->kind != VALUE_BOOL || !required->as.boolean;
        for (size_t j = 0; !there && j < count; j++) {
            there = text_same(names[j], object_text(param, "name"));
        }
        if (!there) {
            return refuse(exchange, "is missing", object_text(param, "name"));
        }
    }
    return true;
}

static bool write_out(struct exchange *exchange, const struct text *names, struct value *values, size_t count,
                      struct text *out) {
    struct buffer buffer;
    struct shape shape = {(uint32_t)count, names};
    struct object object = {&shape, values};
    struct value value = value_object(&object);
    buffer_init(&buffer, PARAMS_MAX * VALUE_BYTES_MAX);
    bool ok = json_write_canonical(&buffer, &value, &exchange->arena) && !buffer.failed &&
              arena_text(&exchange->arena, buffer_view(&buffer), out);
    buffer_clear(&buffer);
    if (!ok) {
        exchange_refuse(exchange, 413, ERROR_LIMIT, "the parameters are too long");
    }
    return ok;
}

bool sync_params_read(struct exchange *exchange, const struct catalog_sync *sync, const struct object *given, bool part,
                      struct text *out) {
    struct text names[PARAMS_MAX];
    struct value values[PARAMS_MAX];
    size_t count = 0;
    for (uint32_t i = 0; i < given->shape->count; i++) {
        if (value_empty(&given->values[i])) {
            continue;
        }
        if (count == PARAMS_MAX) {
            exchange_refuse(exchange, 422, ERROR_PARAM, "a run has %d parameters at most", PARAMS_MAX);
            return false;
        }
        names[count] = given->shape->names[i];
        if (!take(exchange, sync, names[count], &given->values[i], part, &values[count])) {
            return false;
        }
        count++;
    }
    return (part || check_whole(exchange, sync, names, count)) && write_out(exchange, names, values, count, out);
}

// The number of the upload that a path is; what is none of them stays as it is.
static bool number_of(struct exchange *exchange, struct value *value) {
    char path[PATH_MAX];
    struct error ignored; // it is no upload's then
    struct text text = value->kind == VALUE_TEXT ? value_slice(value) : (struct text){"", 0};
    struct text id = {text.data, UPLOAD_ID_HEX - 1};
    const char *slash = text.length > id.length ? memrchr(text.data, '/', text.length - id.length) : NULL;
    if (slash == NULL) {
        return true;
    }
    id.data = slash + 1;
    // The same file by another way: home keeps whole paths.
    const char *given = arena_copy(&exchange->arena, text.data, text.length);
    struct stat one;
    struct stat other;
    if (given == NULL || !upload_path(exchange->service->uploads, exchange->org, id, path, &ignored) ||
        stat(path, &one) != 0 || stat(given, &other) != 0 || one.st_dev != other.st_dev || one.st_ino != other.st_ino) {
        return given != NULL;
    }
    bool ok = arena_text(&exchange->arena, id, &id);
    *value = value_text(id);
    return ok;
}

bool sync_params_of_run(struct exchange *exchange, const struct catalog_sync *sync, struct text params,
                        struct text *out) {
    struct value values[PARAMS_MAX];
    struct value read;
    struct error error;
    *out = params;
    if (!json_read(params, &exchange->arena, NULL, &read, &error)) {
        exchange_fail(exchange, &error);
        return false;
    }
    if (read.kind != VALUE_OBJECT || read.as.object->shape->count > PARAMS_MAX) {
        return true;
    }
    const struct shape *shape = read.as.object->shape;
    for (uint32_t i = 0; i < shape->count; i++) {
        const struct object *param = declared(sync, shape->names[i]);
        values[i] = read.as.object->values[i];
        if (param != NULL && text_is(object_text(param, "type"), "file") && !number_of(exchange, &values[i])) {
            return refuse(exchange, "is too long", shape->names[i]);
        }
    }
    return write_out(exchange, shape->names, values, shape->count, out);
}

bool sync_params_query(struct exchange *exchange, const struct catalog_sync *sync, const char *const *others,
                       struct text *out) {
    struct text names[QUERY_MAX];
    struct value values[QUERY_MAX];
    size_t count = 0;
    for (size_t i = 0; i < exchange->query_count; i++) {
        const struct pair *pair = &exchange->query[i];
        const char *const *other = others;
        while (*other != NULL && !text_is(pair->name, *other)) {
            other++;
        }
        if (*other != NULL) {
            continue;
        }
        struct value given = value_text(pair->value);
        names[count] = pair->name;
        if (!take(exchange, sync, pair->name, &given, false, &values[count])) {
            return false;
        }
        count++;
    }
    return check_whole(exchange, sync, names, count) && write_out(exchange, names, values, count, out);
}

bool sync_find(struct exchange *exchange, struct catalog_sync *out) {
    struct error error;
    bool found;
    struct text own = exchange->identity.sync;
    struct text name = exchange->params[0];
    if (!catalog_find(exchange->service->catalog, exchange->org, name, &exchange->arena, &found, out, &error)) {
        exchange_fail(exchange, &error);
        return false;
    }
    if (!found || (own.length > 0 && !text_same(own, name))) {
        exchange_refuse(exchange, 404, ERROR_NOT_THERE, "there is no sync %.*s", TEXT_ARGS(name));
        return false;
    }
    return true;
}

bool sync_find_good(struct exchange *exchange, struct catalog_sync *out) {
    if (!sync_find(exchange, out)) {
        return false;
    }
    if (out->manifest.length == 0) {
        exchange_refuse(exchange, 409, ERROR_SCRIPT_SHAPE, "the script of %.*s is broken: %.*s", TEXT_ARGS(out->name),
                        TEXT_ARGS(out->broken));
        return false;
    }
    return true;
}

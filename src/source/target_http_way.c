// How a type is written, from its settings: what a script left out gets its defaults here.

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/unit.h"
#include "source/target_http_internal.h"

static const char *const verbs[] = {"POST", "PUT", "PATCH", "DELETE", "GET"};
static const char *const names[] = {[TARGET_CREATE] = "create", [TARGET_UPDATE] = "update", [TARGET_DELETE] = "delete"};

// "POST /readings/{id}" in its two parts.
static bool take_request(struct text request, const char *name, struct target_way *way, struct error *error) {
    const char *space = request.length > 0 ? memchr(request.data, ' ', request.length) : NULL;
    size_t length = space != NULL ? (size_t)(space - request.data) : 0;
    for (size_t i = 0; length > 0 && i < sizeof verbs / sizeof *verbs; i++) {
        if (text_same((struct text){request.data, length}, text_of(verbs[i]))) {
            way->verb = verbs[i];
            way->path = text_trim((struct text){space, request.length - length});
        }
    }
    if (way->verb == NULL || way->path.length == 0 || way->path.data[0] != '/') {
        return error_set(error, ERROR_OPTION_TYPE,
                         "%s: \"%.*s\" is no request; write a verb and a path, such as \"POST /readings\"", name,
                         TEXT_ARGS(request));
    }
    return true;
}

static size_t bounded(int64_t number, int64_t least, int64_t most) {
    return (size_t)(number < least ? least : number > most ? most : number);
}

// OPTION_SIZE is bytes in checked settings; settings of a test may hold the text.
static int64_t take_bytes(const struct object *options) {
    int64_t bytes = 0;
    struct value value = option_value(options, "bytes");
    if (value.kind == VALUE_TEXT && size_read(value_slice(&value), &bytes)) {
        return bytes;
    }
    return value.kind == VALUE_INTEGER ? value.as.integer : 1000000;
}

static bool take_table(struct target_http *target, const struct object *options, const char *name,
                       struct target_way *way, struct error *error) {
    way->array = option_bool(options, "array");
    way->items_max = bounded(http_option_integer(options, "max", 500), 1, 100000);
    way->bytes_max = bounded(take_bytes(options), 2, TARGET_BODY_MAX);
    way->under = option_text(options, "under");
    way->at_once = bounded(http_option_integer(options, "at_once", 4), 1, TARGET_AT_ONCE_MAX);
    way->order = option_bool(options, "order");
    struct value reply = option_value(options, "reply");
    if (!http_path_read(&reply, "reply", &target->arena, &way->reply, error) ||
        !http_ok_read(options, &target->arena, &way->ok, error)) {
        return false;
    }
    struct text request = option_text(options, "request");
    return request.length == 0 || take_request(request, name, way, error);
}

// An endpoint's option: a table, or for short a request or "one-at-a-time".
static bool take_way(struct target_http *target, const char *name, struct target_way *way, bool *given,
                     struct error *error) {
    struct value value = option_value(target->setup.type, name);
    *given = !value_empty(&value);
    if (value.kind == VALUE_OBJECT) {
        return take_table(target, value.as.object, name, way, error);
    }
    if (value.kind == VALUE_TEXT && text_is(value_slice(&value), "one-at-a-time")) {
        way->at_once = 1;
        return true;
    }
    return value.kind != VALUE_TEXT || take_request(value_slice(&value), name, way, error);
}

// path/{id}, or NULL when a key of several fields has none that is called id: {id} would be all of them as one text.
static bool path_of_one(struct target_http *target, struct text *out, struct error *error) {
    const struct path *key = target->setup.key;
    bool has = target->setup.key_count == 1;
    for (size_t i = 0; i < target->setup.key_count; i++) {
        has = has || text_is(key[i].names[key[i].count - 1], "id");
    }
    *out = text_of("");
    if (!has) {
        return true;
    }
    struct text path = target->path;
    const char *query = memchr(path.data, '?', path.length);
    size_t length = query != NULL ? (size_t)(query - path.data) : path.length;
    length -= length > 0 && path.data[length - 1] == '/' ? 1 : 0;
    const char *one =
        arena_print(&target->arena, "%.*s/{id}%.*s", (int)length, path.data,
                    query != NULL ? (int)(path.length - (size_t)(query - path.data)) : 0, query != NULL ? query : "");
    if (one == NULL) {
        return error_memory(error);
    }
    *out = text_of(one);
    return true;
}

static bool take_ways(struct target_http *target, struct text path_one, struct error *error) {
    struct target_way usual = {.items_max = 1, .bytes_max = TARGET_BODY_MAX, .at_once = 4, .under = {"", 0}};
    struct target_way upsert = usual;
    bool upserts, given;
    if (!take_way(target, "upsert", &upsert, &upserts, error)) {
        return false;
    }
    for (int verb = TARGET_CREATE; verb <= TARGET_DELETE; verb++) {
        struct target_way *way = &target->ways[verb];
        *way = upserts && verb != TARGET_DELETE ? upsert : usual;
        if (!take_way(target, names[verb], way, &given, error)) {
            return false;
        }
        if (way->verb != NULL) {
            continue;
        }
        static const char *const defaults[] = {
            [TARGET_CREATE] = "POST", [TARGET_UPDATE] = "PATCH", [TARGET_DELETE] = "DELETE"};
        bool posts = verb == TARGET_CREATE || (upserts && verb == TARGET_UPDATE);
        way->verb = posts ? "POST" : defaults[verb];
        way->path = posts ? target->path : path_one;
        if (way->path.length == 0 && verb != TARGET_DELETE) { // deletes are rare: said when there is one
            return error_set(error, ERROR_OPTION_MISSING,
                             "%.*s: its key has several fields; say how one record is reached: %s = \"%s %.*s/{%.*s}"
                             "/{%.*s}\"",
                             TEXT_ARGS(target->setup.type_name), names[verb], way->verb, TEXT_ARGS(target->path),
                             TEXT_ARGS(target->setup.key[0].names[target->setup.key[0].count - 1]),
                             TEXT_ARGS(target->setup.key[1].names[target->setup.key[1].count - 1]));
        }
    }
    if (target->ways[TARGET_DELETE].array) {
        return error_set(error, ERROR_OPTION_TYPE, "%.*s: delete takes no array; records are deleted one by one",
                         TEXT_ARGS(target->setup.type_name));
    }
    return true;
}

static bool take_find(struct target_http *target, struct error *error) {
    struct value find = option_value(target->setup.type, "find");
    target->match = option_text(target->setup.type, "match");
    target->match = target->match.length > 0 ? target->match : text_of("{field}");
    if (find.kind != VALUE_LIST || find.length == 0) {
        return true;
    }
    struct text *fields = arena_take(&target->arena, find.length * sizeof *fields);
    if (fields == NULL) {
        return error_memory(error);
    }
    for (uint32_t i = 0; i < find.length; i++) {
        fields[i] = value_slice(&find.as.items[i]);
    }
    target->find = fields;
    target->find_count = find.length;
    return true;
}

static bool take_read_back(struct target_http *target, struct error *error) {
    static const char *const words[] = {
        [READ_BACK_REPLY] = "reply", [READ_BACK_ONE] = "one",   [READ_BACK_FIND] = "find",
        [READ_BACK_IDS] = "ids",     [READ_BACK_NONE] = "none",
    };
    struct text word = option_text(target->setup.type, "read_back");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (text_is(word, words[i])) {
            target->read_back = (enum target_read_back)i;
        }
    }
    struct text type = target->setup.type_name;
    if (target->read_back == READ_BACK_FIND && target->find_count == 0) {
        return error_set(error, ERROR_OPTION_MISSING, "%.*s: read_back = \"find\" needs find", TEXT_ARGS(type));
    }
    if (target->read_back == READ_BACK_ONE && target->one.length == 0) {
        return error_set(error, ERROR_OPTION_MISSING, "%.*s: read_back = \"one\" needs one, the path of one record",
                         TEXT_ARGS(type));
    }
    struct value query = option_value(target->setup.type, "query");
    if (target->read_back == READ_BACK_IDS && target->ids.length == 0 && !http_template_holds(&query, "ids")) {
        return error_set(error, ERROR_OPTION_MISSING, "%.*s: read_back = \"ids\" needs ids, or {ids} in query",
                         TEXT_ARGS(type));
    }
    return true;
}

// A type that is read in a way that says nothing of writing must say how it is written.
static bool check_told(const struct target_http *target, struct error *error) {
    const struct object *type = target->setup.type;
    struct text format = option_text(type, "format");
    bool plain = !text_is(option_text(type, "method"), "POST") && (format.length == 0 || text_is(format, "json"));
    struct value create = option_value(type, "create"), update = option_value(type, "update"),
                 upsert = option_value(type, "upsert");
    if (plain || !value_empty(&create) || !value_empty(&update) || !value_empty(&upsert)) {
        return true;
    }
    return error_set(error, ERROR_OPTION_MISSING,
                     "%.*s: nothing says how it is written; give create = \"POST /path\" and update = \"PATCH "
                     "/path/{id}\"",
                     TEXT_ARGS(target->setup.type_name));
}

bool target_http_ways(struct target_http *target, struct error *error) {
    const struct object *type = target->setup.type;
    struct text path_one;
    struct value records = option_value(type, "records"), with = option_value(type, "with");
    target->widened = !value_empty(&with);
    target->path = option_text(type, "path");
    target->ids = option_text(type, "ids");
    target->ids_max = bounded(http_option_integer(type, "ids_max", 50), 1, 10000);
    target->idempotency = option_text(type, "idempotency");
    if (!check_told(target, error) || !path_of_one(target, &path_one, error) || !take_ways(target, path_one, error) ||
        !take_find(target, error) || !http_path_read(&records, "records", &target->arena, &target->records, error)) {
        return false;
    }
    target->one = option_text(type, "one");
    target->one = target->one.length > 0 ? target->one : path_one;
    return take_read_back(target, error);
}

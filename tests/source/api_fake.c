#include "api_fake.h"

#include <ctype.h>

#include "base/memory.h"
#include "format/format_json.h"
#include "test.h"

static const struct text things = {"thing", 5};

void api_open(struct api *api) {
    *api = (struct api){.say_status = 500, .say_body = "{}"};
    remote_open(&api->remote);
    pthread_mutex_init(&api->lock, NULL);
    buffer_init(&api->story, 1 << 24);
    buffer_init(&api->last_body, 1 << 24);
    buffer_init(&api->last_key, 1 << 12);
}

void api_close(struct api *api) {
    remote_close(&api->remote);
    pthread_mutex_destroy(&api->lock);
    buffer_clear(&api->story);
    buffer_clear(&api->last_body);
    buffer_clear(&api->last_key);
}

void api_sync(struct api *api) {
    pthread_mutex_lock(&api->lock);
    pthread_mutex_unlock(&api->lock);
}

struct text api_story(struct api *api) {
    return api->story.length > 0 ? buffer_view(&api->story) : text_of("");
}

static int hex(char digit) {
    return isdigit((unsigned char)digit) ? digit - '0' : tolower((unsigned char)digit) - 'a' + 10;
}

static struct text decoded(struct text text, struct arena *arena) {
    char *out = arena_take(arena, text.length + 1);
    size_t length = 0;
    CHECK(out != NULL);
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] == '%' && i + 2 < text.length) {
            out[length++] = (char)(hex(text.data[i + 1]) * 16 + hex(text.data[i + 2]));
            i += 2;
        } else {
            out[length++] = text.data[i];
        }
    }
    return (struct text){out, length};
}

static void say(struct api_reply *reply, int status, const char *body) {
    reply->status = status;
    reply->body = text_of(body);
}

static void say_value(struct api_reply *reply, int status, struct value value, struct arena *arena) {
    struct buffer json;
    buffer_init(&json, 1 << 24);
    json_write(&json, &value);
    CHECK(!json.failed && arena_text(arena, buffer_view(&json), &reply->body));
    buffer_clear(&json);
    reply->status = status;
}

static bool value_is(const struct value *value, struct text text) {
    char digits[TEXT_INTEGER_MAX];
    if (value == NULL) {
        return false;
    }
    return value->kind == VALUE_INTEGER ? text_same(text_digits(value->as.integer, digits), text)
                                        : value->kind == VALUE_TEXT && text_same(value_slice(value), text);
}

// ?ids=1,2 or ?field=value, as often as it stands there.
static bool passes(const struct api *api, const struct remote_row *row, struct text query, struct arena *arena) {
    while (query.length > 0 && !api->ignores_filters) {
        const char *end = memchr(query.data, '&', query.length);
        size_t length = end != NULL ? (size_t)(end - query.data) : query.length;
        const char *equals = memchr(query.data, '=', length);
        CHECK(equals != NULL);
        struct text name = decoded((struct text){query.data, (size_t)(equals - query.data)}, arena);
        struct text value = decoded((struct text){equals + 1, length - (size_t)(equals - query.data) - 1}, arena);
        bool ok = text_is(name, "order") || value_is(object_find(&row->fields, name), value);
        if (text_is(name, "ids")) {
            const char *all = arena_print(arena, ",%.*s,", TEXT_ARGS(value));
            const char *one = arena_print(arena, ",%.*s,", TEXT_ARGS(row->id));
            CHECK(all != NULL && one != NULL);
            ok = strstr(all, one) != NULL;
        }
        if (!ok) {
            return false;
        }
        query.data += length + (end != NULL ? 1 : 0);
        query.length -= length + (end != NULL ? 1 : 0);
    }
    return true;
}

static void list(struct api *api, struct text query, struct arena *arena, struct api_reply *reply) {
    struct value *items = arena_take(arena, (api->remote.count + 1) * sizeof *items);
    size_t count = 0;
    CHECK(items != NULL);
    for (size_t i = 0; i < api->remote.count; i++) {
        const struct remote_row *row = &api->remote.rows[i];
        if (!row->gone && passes(api, row, query, arena)) {
            items[count++] = value_object(&row->fields);
        }
    }
    say_value(reply, 200, value_list(items, count), arena);
}

static bool is_bad(const struct api *api, const struct value *form, struct arena *arena) {
    struct api_reply reply;
    say_value(&reply, 0, *form, arena);
    return api->bad != NULL && strstr(reply.body.data, api->bad) != NULL;
}

static size_t key_row(const struct api *api, struct text key) {
    for (size_t i = 0; i < api->remote.key_count; i++) {
        if (text_same(api->remote.keys[i].operation, key)) {
            return api->remote.keys[i].row;
        }
    }
    return SIZE_MAX;
}

// The rows of a repeated key lie behind each other.
static void keep_key(struct api *api, struct text key, size_t row) {
    struct remote_fake *remote = &api->remote;
    if (remote->key_count == remote->key_capacity) {
        remote->key_capacity += 64;
        remote->keys = memory_grow(remote->keys, remote->key_capacity, sizeof *remote->keys);
        CHECK(remote->keys != NULL);
    }
    CHECK(arena_text(&remote->arena, key, &remote->keys[remote->key_count].operation));
    remote->keys[remote->key_count++].row = row;
}

static void post(struct api *api, const struct api_request *request, struct value body, struct arena *arena,
                 struct api_reply *reply) {
    const struct value *forms = body.kind == VALUE_LIST ? body.as.items : &body;
    size_t count = body.kind == VALUE_LIST ? body.length : 1, in = 0;
    size_t old = api->keys && request->key.length > 0 ? key_row(api, request->key) : SIZE_MAX;
    bool any_bad = false;
    for (size_t i = 0; i < count; i++) {
        any_bad = any_bad || is_bad(api, &forms[i], arena);
    }
    size_t *rows = arena_take(arena, (count + 1) * sizeof *rows);
    struct value *replies = arena_take(arena, (count + 1) * sizeof *replies);
    CHECK(rows != NULL && replies != NULL);
    for (size_t i = 0; i < count; i++) {
        if (old == SIZE_MAX && (is_bad(api, &forms[i], arena) || (any_bad && api->atomic))) {
            continue;
        }
        const struct remote_row *row = old != SIZE_MAX
                                           ? &api->remote.rows[old + i]
                                           : remote_keep(&api->remote, things, NULL, forms[i].as.object, false);
        rows[in] = (size_t)(row - api->remote.rows);
        if (old == SIZE_MAX && in == 0) {
            keep_key(api, request->key, rows[0]);
        }
        in++;
    }
    if (any_bad && old == SIZE_MAX) {
        say(reply, 422, "{\"error\":{\"message\":\"the row is bad\"}}");
        return;
    }
    for (size_t i = 0; i < in; i++) {
        replies[i] = value_object(&api->remote.rows[rows[api->reversed ? in - 1 - i : i]].fields);
    }
    if (api->silent) {
        say(reply, 201, body.kind == VALUE_LIST ? "[]" : "{}");
    } else {
        say_value(reply, 200, body.kind == VALUE_LIST ? value_list(replies, in) : replies[0], arena);
    }
}

static void write_one(struct api *api, const struct api_request *request, struct text id, struct value body,
                      struct arena *arena, struct api_reply *reply) {
    struct remote_row *row = remote_find(&api->remote, things, id);
    bool there = row != NULL && !row->gone;
    if (text_is(request->verb, "DELETE")) {
        if (there) {
            row->gone = true;
            row->cursor = ++api->remote.tick;
        }
        say(reply,
            api->counts ? 200
            : there     ? 204
                        : 404,
            !api->counts ? (there ? "" : "{\"error\":\"no such thing\"}")
            : there      ? "{\"count\":1}"
                         : "{\"count\":0}");
    } else if (!there) {
        say(reply, 404, "{\"error\":\"no such thing\"}");
    } else if (is_bad(api, &body, arena)) {
        say(reply, 422, "{\"error\":{\"message\":\"the row is bad\"}}");
    } else {
        row = remote_keep(&api->remote, things, row, body.as.object, text_is(request->verb, "PUT"));
        if (api->silent) {
            say(reply, 204, "");
        } else {
            say_value(reply, 200, value_object(&row->fields), arena);
        }
    }
}

static void apply(struct api *api, const struct api_request *request, struct text path, struct arena *arena,
                  struct api_reply *reply) {
    struct value body = {0};
    struct error error;
    if (request->body.length > 0 && !json_read(request->body, arena, NULL, &body, &error)) {
        say(reply, 400, "{\"error\":\"no JSON\"}");
    } else if (text_is(path, "/things")) {
        post(api, request, body, arena, reply);
    } else {
        write_one(api, request, decoded((struct text){path.data + 8, path.length - 8}, arena), body, arena, reply);
    }
}

static void write_any(struct api *api, const struct api_request *request, struct text path, struct arena *arena,
                      struct api_reply *reply) {
    api->writes++;
    api->body_most = request->body.length > api->body_most ? request->body.length : api->body_most;
    buffer_reset(&api->last_body);
    buffer_text(&api->last_body, request->body);
    buffer_reset(&api->last_key);
    buffer_text(&api->last_key, request->key);
    if (api->body_max > 0 && request->body.length > api->body_max) {
        say(reply, 413, "{\"error\":\"too large\"}");
        return;
    }
    int status = api->say_status;
    enum api_trouble trouble = api->next_after == 0 ? api->next : API_FINE;
    api->next_after -= api->next_after > 0 ? 1 : 0;
    if (trouble != API_FINE && !api->always) {
        api->next = api->then_status != 0 ? API_SAY : API_FINE;
        api->say_status = api->then_status != 0 ? api->then_status : api->say_status;
        api->then_status = 0;
    }
    if (trouble == API_FINE || trouble == API_LOST || trouble == API_CUT || trouble == API_BROKEN) {
        apply(api, request, path, arena, reply);
    }
    if (trouble == API_LOST || trouble == API_DROPPED) {
        reply->status = 0;
    } else if (trouble == API_CUT) {
        reply->cut = reply->body.length / 2;
    } else if (trouble == API_SAY || trouble == API_BROKEN) {
        say(reply, status, api->say_body);
        reply->header = api->say_header;
        reply->type = api->say_type != NULL ? api->say_type : reply->type;
    }
}

void api_answer(struct api *api, const struct api_request *request, struct arena *arena, struct api_reply *reply) {
    size_t under_way = atomic_fetch_add(&api->under_way, 1) + 1;
    pthread_mutex_lock(&api->lock);
    api->under_way_most = under_way > api->under_way_most ? under_way : api->under_way_most;
    const char *mark = memchr(request->url.data, '?', request->url.length);
    size_t length = mark != NULL ? (size_t)(mark - request->url.data) : request->url.length;
    struct text path = {request->url.data, length};
    struct text query = mark != NULL ? (struct text){mark + 1, request->url.length - length - 1} : text_of("");
    *reply = (struct api_reply){.type = "application/json", .body = {"", 0}};
    buffer_print(&api->story, "%.*s %.*s\n", TEXT_ARGS(request->verb), TEXT_ARGS(path));
    api->reads += text_is(request->verb, "GET") ? 1 : 0;
    if (!text_is(request->verb, "GET")) {
        write_any(api, request, path, arena, reply);
    } else if (text_is(path, "/things")) {
        list(api, query, arena, reply);
    } else {
        struct text id = decoded((struct text){path.data + 8, path.length - 8}, arena);
        const struct remote_row *row = remote_find(&api->remote, things, id);
        if (row == NULL || row->gone) {
            say(reply, 404, "{\"error\":\"no such thing\"}");
        } else {
            say_value(reply, 200, value_object(&row->fields), arena);
        }
    }
    pthread_mutex_unlock(&api->lock);
    atomic_fetch_sub(&api->under_way, 1);
}

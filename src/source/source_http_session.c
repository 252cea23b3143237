#include "source/source_http_session.h"

#include <stdio.h>

#include "base/memory.h"
#include "base/unit.h"
#include "source/source_http.h"
#include "source/source_http_path.h"

enum {
    SETTINGS_CEILING = 16 * 1024 * 1024,
    AT_ONCE = 4,
    AT_ONCE_MAX = 64,
    HEADERS_MAX = 100,
};

#define TIMEOUT_US INT64_C(120000000)
#define BODY_MAX INT64_C(1000000000)

bool http_session_file(struct text folder, struct text file, struct arena *arena, struct text *out) {
    bool stands_alone = file.length == 0 || file.data[0] == '/' || folder.length == 0;
    const char *path = stands_alone ? arena_copy(arena, file.data, file.length)
                                    : arena_print(arena, "%.*s/%.*s", TEXT_ARGS(folder), TEXT_ARGS(file));
    *out = path != NULL ? text_of(path) : (struct text){"", 0};
    return path != NULL;
}

// "10/s", "100/m", "5000/h" as requests a second.
static bool take_rate(const struct object *settings, double *out, struct error *error) {
    struct text rate = option_text(settings, "rate");
    *out = 0;
    if (rate.length == 0) {
        return true;
    }
    const char *slash = memchr(rate.data, '/', rate.length);
    int64_t count = 0;
    size_t digits = slash != NULL ? (size_t)(slash - rate.data) : 0;
    if (slash == NULL || rate.length - digits != 2 || !text_integer((struct text){rate.data, digits}, &count) ||
        count <= 0 || strchr("smh", slash[1]) == NULL) {
        return error_set(error, ERROR_OPTION_TYPE, "rate is \"%.*s\"; it is written \"10/s\", \"100/m\" or \"5000/h\"",
                         TEXT_ARGS(rate));
    }
    *out = (double)count / (slash[1] == 's' ? 1 : slash[1] == 'm' ? 60 : 3600);
    return true;
}

static bool take_headers(const struct object *settings, struct arena *arena, struct http_setup *out,
                         struct error *error) {
    struct value headers = option_value(settings, "headers");
    if (value_empty(&headers)) {
        return true;
    }
    if (headers.kind != VALUE_OBJECT || headers.as.object->shape->count > HEADERS_MAX) {
        return error_set(error, ERROR_OPTION_TYPE, "headers is a table of at most %d: { [\"X-Client\"] = \"weir\" }",
                         HEADERS_MAX);
    }
    const struct object *object = headers.as.object;
    struct text *lines = arena_take_zero(arena, object->shape->count, sizeof *lines);
    if (lines == NULL) {
        return error_memory(error);
    }
    for (uint32_t i = 0; i < object->shape->count; i++) {
        struct text name = object->shape->names[i];
        if (object->values[i].kind != VALUE_TEXT) {
            return error_set(error, ERROR_OPTION_TYPE, "headers: %.*s must be a text", TEXT_ARGS(name));
        }
        struct text value = value_slice(&object->values[i]);
        const char *line = arena_print(arena, "%.*s: %.*s", TEXT_ARGS(name), TEXT_ARGS(value));
        if (line == NULL) {
            return error_memory(error);
        }
        lines[i] = (struct text){line, name.length + 2 + value.length};
    }
    out->headers = lines;
    out->header_count = object->shape->count;
    return true;
}

static bool take_hosts(const struct object *settings, struct arena *arena, struct http_setup *out,
                       struct error *error) {
    struct value hosts = option_value(settings, "hosts");
    if (hosts.kind != VALUE_LIST || hosts.length == 0) {
        return true;
    }
    struct text *names = arena_take(arena, hosts.length * sizeof *names);
    if (names == NULL) {
        return error_memory(error);
    }
    for (uint32_t i = 0; i < hosts.length; i++) {
        names[i] = value_slice(&hosts.as.items[i]);
    }
    out->hosts = names;
    out->host_count = hosts.length;
    return true;
}

static bool take_rules(const struct session_setup *setup, struct arena *arena, struct http_setup *out,
                       struct error *error) {
    struct http_range *ranges = arena_take_zero(arena, setup->allowed_count, sizeof *ranges);
    if (ranges == NULL) {
        return error_memory(error);
    }
    for (size_t i = 0; i < setup->allowed_count; i++) {
        if (!http_range_read(setup->allowed[i], &ranges[i])) {
            return error_set(error, ERROR_OPTION_TYPE,
                             "\"%.*s\" is no range of addresses; write 127.0.0.1 or 10.0.0.0/8",
                             TEXT_ARGS(setup->allowed[i]));
        }
    }
    out->rules = (struct http_rules){ranges, setup->allowed_count};
    return true;
}

static bool setup_make(const struct session_setup *setup, struct http_session *session, struct http_setup *out,
                       struct error *error) {
    const struct object *settings = setup->settings;
    struct arena *arena = &session->arena;
    int64_t at_once = http_option_integer(settings, "at_once", AT_ONCE);
    if (at_once < 1 || at_once > AT_ONCE_MAX) {
        return error_set(error, ERROR_OPTION_TYPE, "at_once is %lld; it can be 1 to %d", (long long)at_once,
                         AT_ONCE_MAX);
    }
    session->at_once = (size_t)at_once;
    *out = (struct http_setup){
        .base = session->base,
        .user_agent = TEXT_LITERAL("weir"),
        .at_once_max = at_once,
        .total_ms = http_option_integer(settings, "timeout", TIMEOUT_US) / 1000,
        .body_bytes_max = (uint64_t)http_option_integer(settings, "body_max", BODY_MAX),
        .vault = setup->vault,
        .clock = setup->clock,
        .log = setup->log,
    };
    struct text ca = option_text(settings, "ca");
    return take_rate(settings, &out->rate_max, error) && take_headers(settings, arena, out, error) &&
           take_hosts(settings, arena, out, error) && take_rules(setup, arena, out, error) &&
           (http_session_file(setup->folder, ca, arena, &out->ca_file) || error_memory(error)) &&
           http_session_auth(setup, arena, &out->auth, error);
}

bool http_session_open(const struct session_setup *setup, struct session **out, struct error *error) {
    struct http_session *session = memory_zero(1, sizeof *session);
    if (session == NULL) {
        return error_memory(error);
    }
    session->session.type = &source_http;
    arena_init(&session->arena, SETTINGS_CEILING);
    session->settings = setup->settings;
    session->name = setup->name;
    session->mapper = setup->mapper;
    session->clock = setup->clock;
    session->log = setup->log;
    session->base = option_text(setup->settings, "base");
    while (session->base.length > 0 && session->base.data[session->base.length - 1] == '/') {
        session->base.length--;
    }
    struct http_setup http;
    bool ok = session->base.length > 0 ||
              error_set(error, ERROR_OPTION_MISSING, "base is missing: base = \"https://example.org/api\"");
    if (!ok || !setup_make(setup, session, &http, error) || !http_open(&http, &session->http, error)) {
        http_session_close(&session->session);
        return false;
    }
    *out = &session->session;
    return true;
}

void http_session_close(struct session *given) {
    struct http_session *session = (struct http_session *)given;
    if (session != NULL) {
        http_close(session->http);
        arena_clear(&session->arena);
        memory_free(session);
    }
}

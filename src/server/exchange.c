#include "server/exchange.h"

#include <stdarg.h>
#include <stdio.h>

#include "format/format_json.h"
#include "server/scrub.h"
#include "server/web.h"

enum {
    EXCHANGE_ARENA_MAX = 256 * 1024 * 1024,
    ANSWER_BYTES_MAX = 256 * 1024 * 1024,
    BODY_BYTES_MAX = 64 * 1024 * 1024
};

static const char json_type[] = "application/json";

void exchange_init(struct exchange *exchange) {
    *exchange = (struct exchange){.status = 0};
    arena_init(&exchange->arena, EXCHANGE_ARENA_MAX);
    buffer_init(&exchange->body, BODY_BYTES_MAX);
    buffer_init(&exchange->answer, ANSWER_BYTES_MAX);
}

void exchange_clear(struct exchange *exchange) {
    if (exchange->end != NULL) {
        exchange->end(exchange);
    }
    buffer_clear(&exchange->answer);
    buffer_clear(&exchange->body);
    arena_clear(&exchange->arena);
}

// --- asking ---

struct text exchange_header(const struct exchange *exchange, const char *name) {
    return web_header(exchange->web, name);
}

struct text exchange_query(const struct exchange *exchange, const char *name) {
    for (size_t i = 0; i < exchange->query_count; i++) {
        if (text_is(exchange->query[i].name, name)) {
            return exchange->query[i].value;
        }
    }
    return (struct text){"", 0};
}

bool exchange_count(struct exchange *exchange, const char *name, int64_t fallback, int64_t least, int64_t most,
                    int64_t *out) {
    struct text given = exchange_query(exchange, name);
    *out = fallback;
    if (given.length == 0) {
        return true;
    }
    if (!text_integer(given, out) || *out < least || *out > most) {
        exchange_refuse(exchange, 400, ERROR_REQUEST, "%s takes a whole number from %lld to %lld", name,
                        (long long)least, (long long)most);
        return false;
    }
    return true;
}

bool exchange_object(struct exchange *exchange, const struct object **out) {
    static const struct shape no_names = {0, NULL};
    static const struct object nothing = {&no_names, NULL};
    struct error error;
    struct value value;
    *out = &nothing;
    if (text_trim(buffer_view(&exchange->body)).length == 0) {
        return true;
    }
    if (!json_read(buffer_view(&exchange->body), &exchange->arena, NULL, &value, &error)) {
        exchange_fail(exchange, &error);
        return false;
    }
    if (value.kind != VALUE_OBJECT) {
        exchange_refuse(exchange, 400, ERROR_REQUEST, "the body is a JSON object, not %s", value_kind_name(value.kind));
        return false;
    }
    *out = value.as.object;
    return true;
}

// The member, when it is there and of this kind.
static const struct value *member(struct exchange *exchange, const struct object *object, const char *name,
                                  enum value_kind kind, bool *ok) {
    const struct value *value = object_find(object, text_of(name));
    *ok = true;
    if (value == NULL || value->kind == VALUE_NULL) {
        return NULL;
    }
    if (value->kind != kind) {
        exchange_refuse(exchange, 400, ERROR_REQUEST, "\"%s\" is %s and not %s", name, value_kind_name(kind),
                        value_kind_name(value->kind));
        *ok = false;
        return NULL;
    }
    return value;
}

bool exchange_member_text(struct exchange *exchange, const struct object *object, const char *name, struct text *out) {
    bool ok;
    const struct value *value = member(exchange, object, name, VALUE_TEXT, &ok);
    if (value != NULL) {
        *out = value_slice(value);
    }
    return ok;
}

bool exchange_member_bool(struct exchange *exchange, const struct object *object, const char *name, bool *out) {
    bool ok;
    const struct value *value = member(exchange, object, name, VALUE_BOOL, &ok);
    if (value != NULL) {
        *out = value->as.boolean;
    }
    return ok;
}

bool exchange_member_integer(struct exchange *exchange, const struct object *object, const char *name, int64_t *out) {
    bool ok;
    const struct value *value = member(exchange, object, name, VALUE_INTEGER, &ok);
    if (value != NULL) {
        *out = value->as.integer;
    }
    return ok;
}

bool exchange_members_known(struct exchange *exchange, const struct object *object, const char *const *names) {
    for (uint32_t i = 0; i < object->shape->count; i++) {
        const char *const *name = names;
        while (*name != NULL && !text_is(object->shape->names[i], *name)) {
            name++;
        }
        if (*name == NULL) {
            exchange_refuse(exchange, 400, ERROR_REQUEST, "\"%.*s\" is not known here",
                            TEXT_ARGS(object->shape->names[i]));
            return false;
        }
    }
    return true;
}

bool exchange_id(struct exchange *exchange, size_t param, int64_t *out) {
    if (!text_integer(exchange->params[param], out) || *out <= 0) {
        exchange_refuse(exchange, 404, ERROR_NOT_THERE, "there is nothing with this number");
        return false;
    }
    return true;
}

// --- answering ---

struct members *exchange_begin(struct exchange *exchange, int status) {
    buffer_reset(&exchange->answer);
    exchange->status = status;
    exchange->type = json_type;
    exchange->members = members_begin(&exchange->answer);
    return &exchange->members;
}

static void scrub(struct exchange *exchange) {
    if (exchange->service != NULL) {
        exchange->answer.length = scrub_bytes(exchange->service, exchange->answer.data, exchange->answer.length);
    }
}

void exchange_end(struct exchange *exchange) {
    scrub(exchange);
    buffer_byte(&exchange->answer, '\n');
    if (exchange->answer.failed) {
        struct error error;
        error_memory(&error);
        exchange_fail(exchange, &error);
    }
}

void exchange_text(struct exchange *exchange, int status, const char *type) {
    exchange->status = status;
    exchange->type = type;
    scrub(exchange);
    if (exchange->answer.failed) {
        struct error error;
        error_memory(&error);
        exchange_fail(exchange, &error);
    }
}

void exchange_empty(struct exchange *exchange) {
    buffer_reset(&exchange->answer);
    exchange->status = 204;
    exchange->type = NULL;
}

static int status_of(const struct error *error) {
    switch (error->code) {
    case ERROR_NOT_THERE:
    case ERROR_HOME_MISSING:
        return 404;
    case ERROR_MEMORY:
    case ERROR_HOME_BUSY:
    case ERROR_LEASE_HELD:
    case ERROR_HOME_CLOSED:
    case ERROR_SERVER_BUSY:
        return 503;
    case ERROR_HOME_FULL:
        return 507;
    case ERROR_REQUEST:
    case ERROR_JSON_SYNTAX:
    case ERROR_JSON_DUPLICATE:
    case ERROR_JSON_DEPTH:
    case ERROR_JSON_NUMBER:
    case ERROR_ENCODING:
        return 400;
    case ERROR_LIMIT:
        return 413;
    default:
        // What is wrong with a record or with a parameter is the asker's to mend.
        return error->code / 1000 == 4 || error->code / 1000 == 2 ? 422 : 500;
    }
}

static void answer_error(struct exchange *exchange, int status, const struct error *error) {
    char code[16];
    const struct error_info *info = error_info(error->code);
    snprintf(code, sizeof code, "W%d", (int)error->code);
    struct members *members = exchange_begin(exchange, status);
    members_open(members, NULL);
    members_open(members, "error");
    members_string(members, "code", code);
    members_string(members, "message", error->message);
    members_string(members, "place", error->place);
    members_string(members, "help", info != NULL ? info->help : "");
    members_close(members);
    members_close(members);
    scrub(exchange);
    if (!exchange->answer.failed) {
        buffer_byte(&exchange->answer, '\n');
    }
}

void exchange_fail(struct exchange *exchange, const struct error *error) {
    answer_error(exchange, status_of(error), error);
}

void exchange_refuse(struct exchange *exchange, int status, enum error_code code, const char *format, ...) {
    struct error error;
    char message[ERROR_MESSAGE_MAX];
    va_list values;
    va_start(values, format);
    vsnprintf(message, sizeof message, format, values);
    va_end(values);
    error_set(&error, code, "%s", message);
    answer_error(exchange, status, &error);
}

void exchange_header_put(struct exchange *exchange, const char *name, struct text value) {
    if (exchange->header_count < ANSWER_HEADERS_MAX) {
        exchange->headers[exchange->header_count++] = (struct pair){text_of(name), value};
    }
}

#include "base/buffer.h"
#include "format/format_json.h"
#include "source/source_http_path.h"
#include "source/source_http_session.h"

enum { JSON_BYTES_MAX = 64 * 1024, KINDS = 9, MUST_MAX = 4 };

#define LIFE_US INT64_C(300000000)

// What each kind can't do without.
static const struct {
    const char *name;
    enum http_auth_kind kind;
    const char *must[MUST_MAX + 1];
} kinds[KINDS] = {
    {"none", AUTH_NONE, {NULL}},
    {"basic", AUTH_BASIC, {"user", "password", NULL}},
    {"bearer", AUTH_BEARER, {"token", NULL}},
    {"header", AUTH_HEADER, {"name", "token", NULL}},
    {"query", AUTH_QUERY, {"name", "token", NULL}},
    {"login", AUTH_LOGIN, {"url", "body", "field", NULL}},
    {"oauth2", AUTH_OAUTH2, {"url", NULL}},
    {"aws", AUTH_AWS, {"key", "secret", "region", "service", NULL}},
    {"jwt", AUTH_JWT, {"key", NULL}},
};

// A table as JSON, a text as it is.
static bool take_json(const struct object *options, const char *key, struct arena *arena, struct text *out,
                      struct error *error) {
    struct value value = option_value(options, key);
    *out = value.kind == VALUE_TEXT ? value_slice(&value) : (struct text){"", 0};
    if (value.kind != VALUE_OBJECT && value.kind != VALUE_LIST) {
        return true;
    }
    struct buffer buffer;
    buffer_init(&buffer, JSON_BYTES_MAX);
    json_write(&buffer, &value);
    bool ok = !buffer.failed || buffer.starved ||
              error_set(error, ERROR_LIMIT, "auth.%s is longer than %d bytes", key, JSON_BYTES_MAX);
    ok = ok && ((!buffer.failed && arena_text(arena, buffer_view(&buffer), out)) || error_memory(error));
    buffer_clear(&buffer);
    return ok;
}

static bool take_path(const struct object *options, const char *key, struct arena *arena, const struct text **names,
                      size_t *count, struct error *error) {
    struct value value = option_value(options, key);
    struct path path;
    if (!http_path_read(&value, key, arena, &path, error)) {
        return false;
    }
    *names = path.names;
    *count = path.count;
    return true;
}

static bool take_kind(const struct object *options, struct http_auth *out, struct error *error) {
    struct text name = option_text(options, "kind");
    for (size_t i = 0; i < KINDS; i++) {
        if (!text_is(name, kinds[i].name)) {
            continue;
        }
        out->kind = kinds[i].kind;
        for (const char *const *must = kinds[i].must; *must != NULL; must++) {
            struct value value = option_value(options, *must);
            if (!http_is_set(&value)) {
                return error_set(error, ERROR_OPTION_MISSING, "auth of the kind %s needs %s", kinds[i].name, *must);
            }
        }
        return true;
    }
    return error_set(error, ERROR_OPTION_TYPE, "auth has no kind \"%.*s\"; see weir.auth", TEXT_ARGS(name));
}

// What weir.auth.* says.
static bool take_auth(const struct object *options, struct arena *arena, struct http_auth *out, struct error *error) {
    if (!take_kind(options, out, error)) {
        return false;
    }
    out->user = option_text(options, "user");
    out->password = option_text(options, "password");
    out->name = option_text(options, "name");
    out->token = option_text(options, "token");
    out->prefix = option_text(options, "prefix");
    out->in_query = text_is(option_text(options, "into"), "query");
    out->url = option_text(options, "url");
    out->client = option_text(options, "client");
    out->secret = option_text(options, "secret");
    out->scope = option_text(options, "scope");
    out->refresh = option_text(options, "refresh");
    out->secret_in_body = option_bool(options, "secret_in_body");
    out->session = option_text(options, "session");
    out->region = option_text(options, "region");
    out->service = option_text(options, "service");
    out->algorithm = option_text(options, "algorithm");
    out->key_id = option_text(options, "key_id");
    out->life_s = http_option_integer(options, "life", LIFE_US) / 1000000;
    struct text key = option_text(options, "key");
    out->key = out->kind == AUTH_AWS ? key : (struct text){"", 0};
    out->private_key = out->kind == AUTH_JWT ? key : (struct text){"", 0};
    if (out->kind == AUTH_JWT && out->algorithm.length == 0) {
        out->algorithm = TEXT_LITERAL("RS256");
    }
    if (out->kind == AUTH_LOGIN && out->name.length == 0) {
        out->name = out->in_query ? TEXT_LITERAL("access_token") : TEXT_LITERAL("Authorization");
    }
    return take_json(options, "body", arena, &out->body, error) &&
           take_json(options, "claims", arena, &out->claims, error) &&
           take_path(options, "field", arena, &out->token_path, &out->token_path_count, error) &&
           take_path(options, "ttl", arena, &out->ttl_path, &out->ttl_path_count, error);
}

bool http_session_auth(const struct session_setup *setup, struct arena *arena, struct http_auth *out,
                       struct error *error) {
    *out = (struct http_auth){.kind = AUTH_NONE};
    struct value auth = option_value(setup->settings, "auth");
    if (auth.kind == VALUE_OBJECT && !take_auth(auth.as.object, arena, out, error)) {
        return false;
    }
    struct text certificate = option_text(setup->settings, "certificate");
    struct text key = option_text(setup->settings, "certificate_key");
    return (http_session_file(setup->folder, certificate, arena, &out->certificate) &&
            http_session_file(setup->folder, key, arena, &out->certificate_key)) ||
           error_memory(error);
}

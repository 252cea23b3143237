#include "http/http_auth.h"

#include <openssl/evp.h>
#include <stdarg.h>
#include <string.h>

#include "base/memory.h"
#include "http/http_internal.h"
#include "http/http_jwt.h"
#include "http/http_sign.h"

bool http_line_add(struct curl_slist **lines, struct error *error, const char *format, ...) {
    char shorter[512];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(shorter, sizeof shorter, format, arguments);
    va_end(arguments);
    char *line = shorter;
    if (length >= (int)sizeof shorter) {
        line = memory_take((size_t)length + 1);
        if (line != NULL) {
            va_start(arguments, format);
            vsnprintf(line, (size_t)length + 1, format, arguments);
            va_end(arguments);
        }
    }
    struct curl_slist *longer = length >= 0 && line != NULL ? curl_slist_append(*lines, line) : NULL;
    if (line != shorter) {
        memory_free(line);
    }
    if (longer == NULL) {
        return error_memory(error);
    }
    *lines = longer;
    return true;
}

bool http_base64(struct buffer *out, struct text bytes) {
    if (bytes.length > INT32_MAX / 2 || !buffer_reserve(out, (bytes.length + 2) / 3 * 4 + 1)) {
        return false;
    }
    int length =
        EVP_EncodeBlock((unsigned char *)out->data + out->length, (const unsigned char *)bytes.data, (int)bytes.length);
    out->length += (size_t)length;
    return true;
}

bool http_auth_has_token(const struct http_auth *auth) {
    return auth->kind == AUTH_LOGIN || auth->kind == AUTH_OAUTH2 || auth->kind == AUTH_JWT;
}

// ---- what each kind must have ----

static bool need(struct text text, const char *what, const char *kind, struct error *error) {
    return text.length > 0 || error_set(error, ERROR_OPTION_MISSING, "auth of the kind %s needs %s", kind, what);
}

static bool check_kind(const struct http *http, struct error *error) {
    const struct http_auth *auth = &http->auth;
    switch (auth->kind) {
    case AUTH_NONE:
        return true;
    case AUTH_BASIC:
        if (memchr(auth->user.data, ':', auth->user.length) != NULL) {
            return error_set(error, ERROR_HTTP_REQUEST, "the user of basic auth may not hold a colon");
        }
        return need(auth->user, "user", "basic", error);
    case AUTH_BEARER:
        return need(auth->token, "token", "bearer", error);
    case AUTH_HEADER:
        return need(auth->name, "name", "header", error) && need(auth->token, "token", "header", error);
    case AUTH_QUERY:
        return need(auth->name, "name", "query", error) && need(auth->token, "token", "query", error);
    case AUTH_LOGIN:
        if (auth->token_path_count == 0) {
            return error_set(error, ERROR_OPTION_MISSING, "auth of the kind login needs field, where the token stands");
        }
        return need(auth->url, "url", "login", error) && (!auth->in_query || need(auth->name, "name", "login", error));
    case AUTH_OAUTH2:
        if (auth->refresh.length > 0 && http->vault == NULL) {
            return error_set(error, ERROR_SECRET, "there is no place for secrets, where the refresh token is kept");
        }
        return need(auth->url, "url", "oauth2", error) && need(auth->client, "client", "oauth2", error);
    case AUTH_AWS:
        return need(auth->key, "key", "aws", error) && need(auth->secret, "secret", "aws", error) &&
               need(auth->region, "region", "aws", error) && need(auth->service, "service", "aws", error);
    case AUTH_JWT:
        return need(auth->private_key, "key", "jwt", error) && need(auth->algorithm, "algorithm", "jwt", error);
    }
    return error_set(error, ERROR_OPTION_TYPE, "auth has no such kind");
}

bool http_auth_check(const struct http *http, struct error *error) {
    const struct http_auth *auth = &http->auth;
    const struct text shown[] = {auth->name,   auth->prefix,  auth->token,  auth->key,
                                 auth->region, auth->service, auth->session};
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        if (!http_header_check(shown[i], error)) {
            return error_set(error, ERROR_HTTP_REQUEST,
                             "a text of auth holds a line's end or another control character");
        }
    }
    for (size_t i = 0; i < auth->name.length; i++) {
        if (auth->name.data[i] <= ' ' || auth->name.data[i] == ':') {
            return error_set(error, ERROR_HTTP_REQUEST, "'%.*s' is not a name for auth", TEXT_ARGS(auth->name));
        }
    }
    return check_kind(http, error);
}

// ---- what each kind does with a request ----

static bool add_basic(struct curl_slist **lines, struct text user, struct text password, struct error *error) {
    struct buffer pair;
    struct buffer line;
    buffer_init(&pair, HTTP_TOKEN_BYTES_MAX);
    buffer_init(&line, 2 * HTTP_TOKEN_BYTES_MAX);
    buffer_text(&pair, user);
    buffer_byte(&pair, ':');
    buffer_text(&pair, password);
    bool fine = !pair.failed && http_base64(&line, buffer_view(&pair)) && buffer_byte(&line, '\0');
    fine = fine ? http_line_add(lines, error, "Authorization: Basic %s", line.data) : error_memory(error);
    buffer_clear(&pair);
    buffer_clear(&line);
    return fine;
}

static bool add_query(struct http_call *call, struct text token, struct text *url, struct error *error) {
    const struct http_auth *auth = &call->http->auth;
    struct text whole = call->url.whole;
    const char *mark = memchr(whole.data, '?', whole.length);
    struct buffer made;
    buffer_init(&made, 2 * HTTP_URL_MAX);
    buffer_append(&made, whole.data, mark != NULL ? (size_t)(mark - whole.data) : whole.length);
    buffer_byte(&made, '?');
    size_t start = made.length;
    // A next link of a server often repeats the old token.
    http_query_without(&made, call->url.query, auth->name);
    if (made.length > start) {
        buffer_byte(&made, '&');
    }
    http_encode(&made, auth->name);
    buffer_byte(&made, '=');
    http_encode(&made, token);
    bool fine = !made.failed && arena_text(call->arena, buffer_view(&made), url);
    buffer_clear(&made);
    return fine || error_memory(error);
}

static bool add_line(struct curl_slist **lines, struct text name, struct text prefix, struct text token,
                     struct error *error) {
    return http_line_add(lines, error, "%.*s: %.*s%.*s", TEXT_ARGS(name), TEXT_ARGS(prefix), TEXT_ARGS(token));
}

// In a header: Authorization with a Bearer before it where nothing else is said.
static bool add_bearer(struct http_call *call, struct text token, struct curl_slist **lines, struct error *error) {
    const struct http_auth *auth = &call->http->auth;
    if (auth->name.length > 0) {
        return add_line(lines, auth->name, auth->prefix, token, error);
    }
    return add_line(lines, TEXT_LITERAL("Authorization"),
                    auth->prefix.length > 0 ? auth->prefix : TEXT_LITERAL("Bearer "), token, error);
}

static bool add_token(struct http_call *call, struct curl_slist **lines, struct text *url, struct error *error) {
    struct http *http = call->http;
    struct text token = buffer_view(&http->token.value);
    call->token_number = http->token.number;
    if (http->auth.kind != AUTH_LOGIN) {
        return add_bearer(call, token, lines, error);
    }
    if (http->auth.in_query) {
        return add_query(call, token, url, error);
    }
    struct text name = http->auth.name.length > 0 ? http->auth.name : TEXT_LITERAL("Authorization");
    return add_line(lines, name, http->auth.prefix, token, error);
}

static bool add_signature(struct http_call *call, struct curl_slist **lines, struct error *error) {
    struct http *http = call->http;
    const struct http_auth *auth = &http->auth;
    struct http_sign_key key = {auth->key, auth->secret, auth->session, auth->region, auth->service};
    struct http_sign_request request = {.verb = text_of(call->verb),
                                        .scheme = call->url.scheme,
                                        .host = call->url.host,
                                        .port = call->url.port,
                                        .path = call->url.path,
                                        .query = call->url.query,
                                        .type = call->type,
                                        .lines = *lines,
                                        .body = call->body,
                                        .now_us = clock_now(http->clock)};
    return http_sign(&key, &request, lines, error);
}

bool http_auth_apply(struct http_call *call, struct curl_slist **lines, struct text *url, struct error *error) {
    const struct http_auth *auth = &call->http->auth;
    switch (auth->kind) {
    case AUTH_NONE:
        return true;
    case AUTH_BASIC:
        return add_basic(lines, auth->user, auth->password, error);
    case AUTH_BEARER:
        return add_bearer(call, auth->token, lines, error);
    case AUTH_HEADER:
        return add_line(lines, auth->name, auth->prefix, auth->token, error);
    case AUTH_QUERY:
        return add_query(call, auth->token, url, error);
    case AUTH_LOGIN:
    case AUTH_OAUTH2:
    case AUTH_JWT:
        return add_token(call, lines, url, error);
    case AUTH_AWS:
        return add_signature(call, lines, error);
    }
    return true;
}

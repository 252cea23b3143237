#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

#include "http/http_internal.h"
#include "http/http_jwt.h"

// A token is given up before it ends: by a tenth of its life, at most a minute.
static const int64_t early_us_max = INT64_C(60) * 1000000;
static const int64_t life_s_max = INT64_C(10) * 365 * 86400;

// An answer of the token's server.
struct answer {
    struct arena arena;
    struct http_head head;
    struct text body;
    cJSON *json;
};

static void answer_clear(struct answer *answer) {
    cJSON_Delete(answer->json);
    arena_clear(&answer->arena);
}

// A token that can't be had now keeps the request from being sent: whatever went wrong, the request itself did not
// reach its server, and the error must not say otherwise.
static bool not_now(struct error *error) {
    if (error->code == ERROR_HTTP_LOST || error->code == ERROR_HTTP_UNKNOWN || error->code == ERROR_HTTP_SERVER) {
        char words[ERROR_MESSAGE_MAX];
        memcpy(words, error->message, sizeof words);
        return error_set(error, ERROR_HTTP_CONNECT, "no token: %s", words);
    }
    return false;
}

static bool refused(struct http *http, struct answer *answer, struct error *error) {
    struct buffer words;
    buffer_init(&words, ERROR_MESSAGE_MAX * 4);
    http_words(http, answer->head.type, answer->body, &words);
    int status = answer->head.status;
    enum error_code code = status == 429 || status == 503 ? ERROR_HTTP_BUSY
                           : status >= 500                ? ERROR_HTTP_CONNECT
                                                          : ERROR_HTTP_TOKEN;
    error_set(error, code, "no token: %.*s answered with %d%s%.*s", TEXT_ARGS(answer->head.url), status,
              words.length > 0 ? ": " : "", TEXT_ARGS(buffer_view(&words)));
    error->after_us = answer->head.after_us;
    buffer_clear(&words);
    return false;
}

// Posts and reads the answer as JSON.
static bool ask(struct http *http, struct text type, struct text body, const struct text *headers, size_t count,
                struct answer *answer, struct error *error) {
    struct http_request request = {.verb = "POST",
                                   .url = http->auth.url,
                                   .body = body,
                                   .type = type,
                                   .accept = TEXT_LITERAL("application/json"),
                                   .headers = headers,
                                   .header_count = count,
                                   .writes = true,
                                   .small = true};
    struct http_call *call = NULL;
    bool fine = http_send_as(http, &request, true, &call, error) && http_head(call, &answer->head, error) &&
                http_finish(call, HTTP_TOKEN_BYTES_MAX, &answer->arena, &answer->body, error);
    if (fine) {
        fine = arena_text(&answer->arena, answer->head.url, &answer->head.url) &&
               arena_text(&answer->arena, answer->head.type, &answer->head.type);
        fine = fine || error_memory(error);
    }
    http_call_close(call);
    if (!fine) {
        return not_now(error);
    }
    if (answer->head.status < 200 || answer->head.status > 299) {
        return refused(http, answer, error);
    }
    // cJSON cuts names and texts at a NUL: "id\u0000" would be "id".
    if (memmem(answer->body.data, answer->body.length, "\\u0000", strlen("\\u0000")) != NULL) {
        return error_set(error, ERROR_HTTP_TOKEN, "no token: the answer of %.*s has a NUL in it",
                         TEXT_ARGS(answer->head.url));
    }
    answer->json = cJSON_ParseWithLength(answer->body.data, answer->body.length);
    if (!cJSON_IsObject(answer->json)) {
        return error_set(error, ERROR_HTTP_TOKEN, "no token: the answer of %.*s is not a JSON object",
                         TEXT_ARGS(answer->head.url));
    }
    return true;
}

static const cJSON *find(const cJSON *json, const struct text *path, size_t count) {
    for (size_t i = 0; i < count && json != NULL; i++) {
        const cJSON *child = json->child;
        while (child != NULL && (child->string == NULL || !text_is(path[i], child->string))) {
            child = child->next;
        }
        json = cJSON_IsObject(json) ? child : NULL;
    }
    return json;
}

// Keeps the token that stands there. A token that could end a header's line is none.
static bool keep(struct http *http, const cJSON *token, const cJSON *life, struct error *error) {
    const char *string = cJSON_GetStringValue(token);
    if (string == NULL || string[0] == '\0') {
        return error_set(error, ERROR_HTTP_TOKEN, "no token: the answer has none where it should stand");
    }
    struct error inner = {0};
    if (!http_header_check(text_of(string), &inner)) {
        return error_set(error, ERROR_HTTP_TOKEN, "no token: the one that came holds control characters");
    }
    buffer_reset(&http->token.value);
    if (!buffer_string(&http->token.value, string)) {
        return error_memory(error);
    }
    double life_s = cJSON_IsNumber(life) ? life->valuedouble : 0;
    int64_t whole = 0;
    if (cJSON_IsString(life) && text_integer(text_of(life->valuestring), &whole)) {
        life_s = (double)whole; // some servers send it as a text
    }
    http->token.expires_us = 0;
    if (life_s > 0) {
        int64_t life_us = (life_s < (double)life_s_max ? (int64_t)life_s : life_s_max) * 1000000;
        int64_t early = life_us / 10 < early_us_max ? life_us / 10 : early_us_max;
        http->token.expires_us = clock_now(http->clock) + life_us - early;
    }
    return true;
}

// ---- a login ----

static bool log_in(struct http *http, struct error *error) {
    const struct http_auth *auth = &http->auth;
    struct answer answer = {0};
    arena_init(&answer.arena, 4 * (size_t)HTTP_TOKEN_BYTES_MAX);
    bool fine = ask(http, TEXT_LITERAL("application/json"), auth->body, NULL, 0, &answer, error) &&
                keep(http, find(answer.json, auth->token_path, auth->token_path_count),
                     auth->ttl_path_count > 0 ? find(answer.json, auth->ttl_path, auth->ttl_path_count) : NULL, error);
    answer_clear(&answer);
    return fine;
}

// ---- OAuth2 ----

static void add_field(struct buffer *body, const char *name, struct text value) {
    if (body->length > 0) {
        buffer_byte(body, '&');
    }
    buffer_string(body, name);
    buffer_byte(body, '=');
    http_encode(body, value);
}

// "Authorization: Basic …" of client and secret, each encoded before (RFC 6749, 2.3.1).
static bool add_client(const struct http_auth *auth, struct buffer *header) {
    struct buffer pair;
    buffer_init(&pair, HTTP_TOKEN_BYTES_MAX);
    http_encode(&pair, auth->client);
    buffer_byte(&pair, ':');
    http_encode(&pair, auth->secret);
    buffer_string(header, "Authorization: Basic ");
    bool fine = !pair.failed && http_base64(header, buffer_view(&pair));
    buffer_clear(&pair);
    return fine && !header->failed;
}

static bool grant(struct http *http, struct text refresh, struct answer *answer, struct error *error) {
    const struct http_auth *auth = &http->auth;
    struct buffer body;
    struct buffer header;
    buffer_init(&body, HTTP_TOKEN_BYTES_MAX);
    buffer_init(&header, 2 * HTTP_TOKEN_BYTES_MAX);
    if (refresh.length > 0) {
        add_field(&body, "grant_type", TEXT_LITERAL("refresh_token"));
        add_field(&body, "refresh_token", refresh);
    } else {
        add_field(&body, "grant_type", TEXT_LITERAL("client_credentials"));
    }
    if (auth->scope.length > 0) {
        add_field(&body, "scope", auth->scope);
    }
    // A client without a secret (a public one) says who it is in the body.
    bool in_body = auth->secret_in_body || auth->secret.length == 0;
    if (in_body) {
        add_field(&body, "client_id", auth->client);
        if (auth->secret.length > 0) {
            add_field(&body, "client_secret", auth->secret);
        }
    }
    bool fine = !body.failed && (in_body || add_client(auth, &header));
    struct text line = buffer_view(&header);
    fine = fine ? ask(http, TEXT_LITERAL("application/x-www-form-urlencoded"), buffer_view(&body), &line,
                      in_body ? 0 : 1, answer, error)
                : error_memory(error);
    if (body.data != NULL) {
        explicit_bzero(body.data, body.capacity);
    }
    buffer_clear(&body);
    buffer_clear(&header);
    return fine;
}

static bool use_grant(struct http *http, const struct answer *answer, struct error *error) {
    return keep(http, cJSON_GetObjectItemCaseSensitive(answer->json, "access_token"),
                cJSON_GetObjectItemCaseSensitive(answer->json, "expires_in"), error);
}

// Under the name's lock: what another process renewed meanwhile is read, and what the server gives in its place is
// stored before anything is done with it. A crash in between costs nothing but the access token.
static bool renew(struct http *http, struct error *error) {
    struct vault *vault = http->vault;
    struct text name = http->auth.refresh;
    struct answer answer = {0};
    struct text refresh = {0};
    arena_init(&answer.arena, 8 * (size_t)HTTP_TOKEN_BYTES_MAX);
    if (!vault->type->lock(vault, name, error)) {
        return false;
    }
    bool fine = vault->type->get(vault, name, &answer.arena, &refresh, error);
    refresh = text_trim(refresh);
    if (fine && refresh.length == 0) {
        fine = error_set(error, ERROR_SECRET, "the secret '%.*s', which should hold a refresh token, is empty",
                         TEXT_ARGS(name));
    }
    fine = fine && grant(http, refresh, &answer, error);
    if (fine) {
        const char *next = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(answer.json, "refresh_token"));
        if (next != NULL && next[0] != '\0' && !text_is(refresh, next)) {
            fine = vault->type->put(vault, name, text_of(next), error);
        }
    }
    fine = fine && use_grant(http, &answer, error);
    vault->type->unlock(vault, name);
    answer_clear(&answer);
    return fine;
}

static bool authorize(struct http *http, struct error *error) {
    if (http->auth.refresh.length > 0) {
        return renew(http, error);
    }
    struct answer answer = {0};
    arena_init(&answer.arena, 8 * (size_t)HTTP_TOKEN_BYTES_MAX);
    bool fine = grant(http, (struct text){0}, &answer, error) && use_grant(http, &answer, error);
    answer_clear(&answer);
    return fine;
}

// ---- a token made here ----

static bool make(struct http *http, struct error *error) {
    int64_t now = clock_now(http->clock);
    int64_t life_s = http->auth.life_s > 0 ? http->auth.life_s : 300;
    life_s = life_s < life_s_max ? life_s : life_s_max;
    buffer_reset(&http->token.value);
    if (!http_jwt_make(&http->auth, now / 1000000, &http->token.value, error)) {
        return false;
    }
    http->token.expires_us = now + life_s * 1000000 * 9 / 10;
    return true;
}

bool http_token_ready(struct http *http, struct error *error) {
    struct http_token *token = &http->token;
    if (token->there && (token->expires_us == 0 || clock_now(http->clock) < token->expires_us)) {
        return true;
    }
    token->there = false;
    token->busy = true;
    bool fine = http->auth.kind == AUTH_JWT     ? make(http, error)
                : http->auth.kind == AUTH_LOGIN ? log_in(http, error)
                                                : authorize(http, error);
    token->busy = false;
    token->there = fine;
    token->number++;
    return fine;
}

void http_token_drop(struct http *http, uint64_t number) {
    if (http->token.number == number) {
        http->token.there = false;
    }
}

// Any answer to a login, a grant or a renewal, and any claims of a token that is made here. A token is what the answer
// says, as the strict JSON reader reads it, and nothing that could end a header's line; it lives as long as it should;
// a refresh token is put back before it is used; a refusal shows no secret. A made token's parts are base64 of JSON
// with all its claims and a time to end. A signed request is the same in whatever order its query stands.

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

#include "format/format_json.h"
#include "fuzz.h"
#include "http/http_internal.h"
#include "http/http_jwt.h"
#include "http/http_sign.h"

enum { ARENA_MAX = 16 << 20, TEXT_MAX = 4 << 20, PARAMS_MAX = 16 };

#define SECRET "s3cr3tW0rd"
#define NOW_US INT64_C(1700000000000000)
#define YEARS_US (INT64_C(11) * 366 * 86400 * 1000000)

// The answer that every request for a token gets, and what was asked.
static struct {
    int status;
    struct text type;
    struct text body;
    unsigned asked;
    char put[HTTP_TOKEN_BYTES_MAX + 1]; // the refresh token that was put back
    bool locked;
} server;

static int64_t fixed_now(void *context) {
    (void)context;
    return NOW_US;
}

static const struct clock fixed_clock = {fixed_now, NULL, NULL};

// --- in the place of http.c and http_call.c (the linker's --wrap) ---

bool __wrap_http_send_as(struct http *http, const struct http_request *request, bool inner, struct http_call **out,
                         struct error *error);
bool __wrap_http_head(struct http_call *call, struct http_head *out, struct error *error);
bool __wrap_http_finish(struct http_call *call, size_t bytes_max, struct arena *arena, struct text *out,
                        struct error *error);
void __wrap_http_call_close(struct http_call *call);

bool __wrap_http_send_as(struct http *http, const struct http_request *request, bool inner, struct http_call **out,
                         struct error *error) {
    (void)http, (void)error;
    demand(inner && request->writes, "a token is asked for by a write without a token");
    server.asked++;
    *out = NULL;
    return true;
}

bool __wrap_http_head(struct http_call *call, struct http_head *out, struct error *error) {
    (void)call;
    *out = (struct http_head){.status = server.status, .type = server.type, .url = TEXT_LITERAL("http://a.org/token")};
    return server.status != 0 || error_set(error, ERROR_HTTP_LOST, "the connection was lost");
}

bool __wrap_http_finish(struct http_call *call, size_t bytes_max, struct arena *arena, struct text *out,
                        struct error *error) {
    (void)call;
    if (server.body.length > bytes_max) {
        return error_set(error, ERROR_HTTP_SIZE, "the body is larger than its limit");
    }
    return arena_text(arena, server.body, out) || error_memory(error);
}

void __wrap_http_call_close(struct http_call *call) {
    (void)call;
}

// --- the vault ---

static bool vault_get(struct vault *vault, struct text name, struct arena *arena, struct text *out,
                      struct error *error) {
    (void)vault, (void)name;
    return arena_text(arena, TEXT_LITERAL("refresh-0"), out) || error_memory(error);
}

static bool vault_put(struct vault *vault, struct text name, struct text text, struct error *error) {
    (void)vault, (void)name, (void)error;
    demand(server.locked && server.asked == 1, "a new refresh token is put back under its lock, when it has come");
    demand(text.length > 0 && text.length <= HTTP_TOKEN_BYTES_MAX, "a new refresh token says something");
    memcpy(server.put, text.data, text.length);
    server.put[text.length] = '\0';
    return true;
}

static bool vault_lock(struct vault *vault, struct text name, struct error *error) {
    (void)vault, (void)name, (void)error;
    return server.locked = true;
}

static void vault_unlock(struct vault *vault, struct text name) {
    (void)vault, (void)name;
    server.locked = false;
}

// --- tokens that are got ---

static bool fits_header(struct text text) {
    for (size_t i = 0; i < text.length; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        if ((byte < 0x20 && byte != '\t') || byte == 0x7f) {
            return false;
        }
    }
    return text.length > 0;
}

// The text at a name of the answer, as the strict reader sees it; NULL where it sees none.
static const struct value *answer_text(const struct value *answer, const char *name) {
    const struct value *found = answer->kind == VALUE_OBJECT ? object_find(answer->as.object, text_of(name)) : NULL;
    return found != NULL && found->kind == VALUE_TEXT ? found : NULL;
}

static void check_token(const struct http *http, bool ready, const char *name, struct arena *arena) {
    struct value answer;
    struct error error;
    struct text token = buffer_view(&http->token.value);
    if (ready) {
        demand(fits_header(token), "a token fits a header");
        demand(server.status >= 200 && server.status <= 299, "a refusal gives no token");
        int64_t expires = http->token.expires_us;
        demand(expires == 0 || (expires >= NOW_US && expires < NOW_US + YEARS_US), "a token's end is not absurd");
    }
    if (!json_read(server.body, arena, NULL, &answer, &error) || answer.kind != VALUE_OBJECT) {
        return;
    }
    const struct value *text = answer_text(&answer, name);
    bool has_nul = memmem(server.body.data, server.body.length, "\\u0000", strlen("\\u0000")) != NULL;
    bool wanted = text != NULL && !has_nul && fits_header(value_slice(text)) && server.status >= 200 &&
                  server.status <= 299 && text->length < HTTP_TOKEN_BYTES_MAX;
    demand(ready == wanted, "a token is there where the answer has one");
    demand(!ready || text_same(token, value_slice(text)), "it is the answer's");
    const struct value *refresh = answer_text(&answer, "refresh_token");
    if (ready && http->auth.refresh.length > 0 && refresh != NULL && refresh->length > 0 &&
        !text_is(value_slice(refresh), "refresh-0") && memchr(refresh->as.text, 0, refresh->length) == NULL) {
        demand(text_is(value_slice(refresh), server.put), "a new refresh token is kept");
    }
}

static void check_answer(unsigned pick, struct text body, struct arena *arena) {
    static const int statuses[] = {200, 201, 400, 401, 429, 500, 503, 0};
    static const struct text types[] = {{"application/json", 16}, {"text/html", 9}};
    static const struct text path[] = {{"id", 2}};
    static const struct text ttl[] = {{"ttl", 3}};
    static const struct vault_type vault_type = {vault_get, vault_put, vault_lock, vault_unlock};
    struct vault vault = {&vault_type};
    struct http_auth login = {.kind = AUTH_LOGIN,
                              .name = TEXT_LITERAL("Authorization"),
                              .url = TEXT_LITERAL("/login"),
                              .body = TEXT_LITERAL("{\"password\":\"" SECRET "\"}"),
                              .password = TEXT_LITERAL(SECRET),
                              .token_path = path,
                              .token_path_count = 1,
                              .ttl_path = ttl,
                              .ttl_path_count = 1};
    struct http_auth oauth = {.kind = AUTH_OAUTH2,
                              .url = TEXT_LITERAL("/token"),
                              .client = TEXT_LITERAL("me"),
                              .secret = TEXT_LITERAL(SECRET),
                              .refresh = (pick & 2) != 0 ? TEXT_LITERAL("name") : (struct text){"", 0}};
    struct http_setup setup = {.base = TEXT_LITERAL("http://a.org"),
                               .auth = (pick & 1) != 0 ? login : oauth,
                               .at_once_max = 1,
                               .vault = &vault,
                               .clock = &fixed_clock,
                               .log = &log_none};
    struct http *http;
    struct error error;
    error_clear(&error);
    server.status = statuses[pick / 4 % 8];
    server.type = types[pick / 32 % 2];
    server.body = body;
    server.asked = 0;
    server.put[0] = '\0';
    demand(http_open(&setup, &http, &error), "a client opens");
    bool ready = http_token_ready(http, &error);
    demand(server.asked == 1 && !server.locked, "a token is asked for once, and its lock given back");
    if (!ready) {
        demand_error(&error);
        demand((pick & 1) != 0 || strstr(error.message, SECRET) == NULL, "a refusal does not show the secret");
        demand(error.code != ERROR_HTTP_UNKNOWN && error.code != ERROR_HTTP_LOST, "the request itself was not sent");
    }
    check_token(http, ready, (pick & 1) != 0 ? "id" : "access_token", arena);
    demand(!ready || (http_token_ready(http, &error) && server.asked >= 1), "a token is there");
    http_close(http);
}

// --- tokens that are made ---

static const char *made_key(void) {
    static char pem[1024];
    if (pem[0] == '\0') {
        EVP_PKEY *key = EVP_EC_gen("P-256");
        BIO *out = BIO_new(BIO_s_mem());
        demand(key != NULL && PEM_write_bio_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL) == 1, "a key is made");
        int length = BIO_read(out, pem, sizeof pem - 1);
        pem[length > 0 ? length : 0] = '\0';
        BIO_free(out);
        EVP_PKEY_free(key);
    }
    return pem;
}

// A part of a token: base64 as URLs have it, decoded.
static struct text decode(struct text part, struct arena *arena) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    char *out = arena_take(arena, part.length + 1);
    size_t length = 0;
    unsigned bits = 0;
    unsigned held = 0;
    demand(out != NULL, "there is memory");
    for (size_t i = 0; i < part.length; i++) {
        const char *letter = strchr(letters, part.data[i]);
        demand(letter != NULL && part.data[i] != '\0', "a token is base64 as URLs have it");
        bits = bits << 6 | (unsigned)(letter - letters);
        held += 6;
        if (held >= 8) {
            held -= 8;
            out[length++] = (char)(bits >> held & 255);
        }
    }
    return (struct text){out, length};
}

static void check_claims(struct text given, struct text made, struct arena *arena) {
    struct value before;
    struct value after;
    struct error error;
    if (given.length > 0 && !json_read(given, arena, NULL, &before, &error)) {
        return; // cJSON is laxer: doubled names, for one
    }
    demand(json_read(made, arena, NULL, &after, &error) && after.kind == VALUE_OBJECT, "claims are JSON");
    demand(object_find(after.as.object, TEXT_LITERAL("iat")) != NULL, "a token says when it was made");
    demand(object_find(after.as.object, TEXT_LITERAL("exp")) != NULL, "a token has an end");
    for (uint32_t i = 0; given.length > 0 && i < before.as.object->shape->count; i++) {
        const struct value *kept = object_find(after.as.object, before.as.object->shape->names[i]);
        demand(kept != NULL && value_same(kept, &before.as.object->values[i]), "every claim stays as it was");
    }
}

static void check_made(unsigned pick, struct text claims, struct text key, struct arena *arena) {
    static const char *const algorithms[] = {"HS256", "ES256", "RS256", "none"};
    struct http_auth auth = {.kind = AUTH_JWT,
                             .algorithm = text_of(algorithms[pick % 4]),
                             .claims = claims,
                             .key_id = (pick & 8) != 0 ? claims : (struct text){"", 0},
                             .private_key = (pick & 4) != 0 && pick % 4 == 1 ? text_of(made_key()) : key,
                             .life_s = pick};
    struct buffer token;
    struct error error;
    error_clear(&error);
    buffer_init(&token, TEXT_MAX);
    if (!http_jwt_make(&auth, NOW_US / 1000000, &token, &error)) {
        demand_error(&error);
    } else {
        struct text rest = buffer_view(&token);
        struct text whole = rest;
        struct text head = take_until(&rest, '.');
        struct text body = take_until(&rest, '.');
        struct value value;
        demand(pick % 4 < 3, "a token that is not signed is not made");
        demand(!text_utf8(claims, NULL) || json_read(decode(head, arena), arena, NULL, &value, &error),
               "a token's head is JSON");
        check_claims(text_trim(claims), decode(body, arena), arena);
        if (pick % 4 == 0) {
            unsigned char wanted[32];
            unsigned length = 0;
            whole.length = head.length + body.length + 1;
            demand(HMAC(EVP_sha256(), key.data, (int)key.length, (const unsigned char *)whole.data, whole.length,
                        wanted, &length) != NULL,
                   "there is memory");
            demand(text_same(decode(rest, arena), (struct text){(const char *)wanted, length}), "it is signed right");
        }
    }
    buffer_clear(&token);
}

// --- signed requests ---

static void check_signed(struct text path, struct text query) {
    struct text params[PARAMS_MAX];
    struct text headers[] = {TEXT_LITERAL("host:a.org"), TEXT_LITERAL("x-amz-date:20231114T221320Z")};
    struct buffer turned, one, two, names;
    struct text rest = query;
    size_t count = 0;
    while (rest.length > 0 && count < PARAMS_MAX) {
        params[count++] = take_until(&rest, '&');
    }
    if (rest.length > 0 || (query.length > 0 && query.data[query.length - 1] == '&')) {
        return;
    }
    buffer_init(&turned, TEXT_MAX);
    buffer_init(&one, TEXT_MAX);
    buffer_init(&two, TEXT_MAX);
    buffer_init(&names, TEXT_MAX);
    for (size_t i = count; i-- > 0;) {
        buffer_text(&turned, params[i]);
        buffer_string(&turned, i > 0 ? "&" : "");
    }
    demand(http_sign_canonical(&one, &names, TEXT_LITERAL("GET"), path, query, headers, 2, TEXT_LITERAL("0"), false),
           "there is memory");
    buffer_reset(&names);
    demand(http_sign_canonical(&two, &names, TEXT_LITERAL("GET"), path, buffer_view(&turned), headers, 2,
                               TEXT_LITERAL("0"), false),
           "there is memory");
    demand(text_same(buffer_view(&one), buffer_view(&two)), "the order of a query does not change what is signed");
    demand(text_is(buffer_view(&names), "host;x-amz-date"), "the headers that are signed are named");
    buffer_clear(&turned);
    buffer_clear(&one);
    buffer_clear(&two);
    buffer_clear(&names);
}

// The first byte picks how; a line of claims, one of a key; the rest is an answer.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct text body = {(const char *)data, size};
    struct arena arena;
    unsigned pick = take_byte(&body);
    arena_init(&arena, ARENA_MAX);
    struct text claims = take_line(&body);
    struct text key = take_line(&body);
    check_answer(pick, body, &arena);
    check_made(pick, claims, key, &arena);
    if (memchr(data, '\0', size) == NULL) {
        check_signed(claims, key);
    }
    arena_clear(&arena);
    return 0;
}

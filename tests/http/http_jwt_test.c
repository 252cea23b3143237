// Tokens made here are checked the way their receiver would: taken apart and verified with libcrypto.

#include "http/http_jwt.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "http/client.h"

// Decodes base64url into `out`; its length.
static size_t decode(struct text text, unsigned char *out) {
    char plain[4096];
    size_t length = 0;
    for (; length < text.length; length++) {
        char c = text.data[length];
        CHECK(c != '+' && c != '/' && c != '=');
        plain[length] = (char)(c == '-' ? '+' : c == '_' ? '/' : c);
    }
    size_t real = text.length * 3 / 4;
    while (length % 4 != 0) {
        plain[length++] = '=';
    }
    CHECK(EVP_DecodeBlock(out, (unsigned char *)plain, (int)length) >= 0);
    return real;
}

struct parts {
    struct text signed_part;
    char head[512];
    char claims[1024];
    unsigned char signature[1024];
    size_t signature_length;
};

static void take_apart(struct text token, struct parts *out) {
    unsigned char decoded[4096];
    const char *first = memchr(token.data, '.', token.length);
    CHECK(first != NULL);
    const char *second = memchr(first + 1, '.', token.length - (size_t)(first + 1 - token.data));
    CHECK(second != NULL);
    size_t length = decode((struct text){token.data, (size_t)(first - token.data)}, decoded);
    snprintf(out->head, sizeof out->head, "%.*s", (int)length, (char *)decoded);
    length = decode((struct text){first + 1, (size_t)(second - first - 1)}, decoded);
    snprintf(out->claims, sizeof out->claims, "%.*s", (int)length, (char *)decoded);
    out->signed_part = (struct text){token.data, (size_t)(second - token.data)};
    struct text rest = {second + 1, token.length - out->signed_part.length - 1};
    out->signature_length = decode(rest, out->signature);
}

static EVP_PKEY *make_key(const char *kind, char *pem, size_t room) {
    EVP_PKEY *key = strcmp(kind, "RSA") == 0 ? EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048)
                                             : EVP_PKEY_Q_keygen(NULL, NULL, "EC", kind);
    BIO *memory = BIO_new(BIO_s_mem());
    CHECK(key != NULL && memory != NULL);
    CHECK(PEM_write_bio_PrivateKey(memory, key, NULL, NULL, 0, NULL, NULL) == 1);
    int length = BIO_read(memory, pem, (int)room - 1);
    CHECK(length > 0);
    pem[length] = '\0';
    BIO_free(memory);
    return key;
}

static bool verifies(EVP_PKEY *key, const unsigned char *signature, size_t length, struct text text) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    CHECK(context != NULL && EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1);
    int result = EVP_DigestVerify(context, signature, length, (const unsigned char *)text.data, text.length);
    EVP_MD_CTX_free(context);
    return result == 1;
}

TEST(http_jwt, hs256) {
    struct http_auth auth = {.kind = AUTH_JWT,
                             .algorithm = TEXT_LITERAL("HS256"),
                             .private_key = TEXT_LITERAL("a shared secret"),
                             .claims = TEXT_LITERAL(" {\"iss\":\"weir\",\"big\":9007199254740993} "),
                             .key_id = TEXT_LITERAL("one\"two"),
                             .life_s = 60};
    struct buffer token;
    struct error error = {0};
    struct parts parts;
    buffer_init(&token, 10000);
    CHECK_OK(http_jwt_make(&auth, 1000, &token, &error), &error);
    take_apart(buffer_view(&token), &parts);
    CHECK_TEXT(text_of(parts.head), "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"one\\\"two\"}");
    CHECK_TEXT(text_of(parts.claims), "{\"iss\":\"weir\",\"big\":9007199254740993,\"iat\":1000,\"exp\":1060}");
    unsigned char expected[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    CHECK(HMAC(EVP_sha256(), "a shared secret", 15, (const unsigned char *)parts.signed_part.data,
               parts.signed_part.length, expected, &length) != NULL);
    CHECK_INT(parts.signature_length, length);
    CHECK(memcmp(parts.signature, expected, length) == 0);
    buffer_clear(&token);
}

TEST(http_jwt, rs256) {
    char pem[4096];
    EVP_PKEY *key = make_key("RSA", pem, sizeof pem);
    struct http_auth auth = {.kind = AUTH_JWT, .algorithm = TEXT_LITERAL("RS256"), .private_key = text_of(pem)};
    struct buffer token;
    struct error error = {0};
    struct parts parts;
    buffer_init(&token, 10000);
    CHECK_OK(http_jwt_make(&auth, 1000, &token, &error), &error);
    take_apart(buffer_view(&token), &parts);
    CHECK_TEXT(text_of(parts.claims), "{\"iat\":1000,\"exp\":1300}");
    CHECK(verifies(key, parts.signature, parts.signature_length, parts.signed_part));
    EVP_PKEY_free(key);
    buffer_clear(&token);
}

// Names of claims are told apart by their case: these are no times.
TEST(http_jwt, claims_of_another_case) {
    struct http_auth auth = {.kind = AUTH_JWT,
                             .algorithm = TEXT_LITERAL("HS256"),
                             .private_key = TEXT_LITERAL("a secret of enough bytes to be one"),
                             .claims = TEXT_LITERAL("{\"Exp\":5,\"iAt\":4}")};
    struct buffer token;
    struct error error = {0};
    struct parts parts;
    buffer_init(&token, 10000);
    CHECK_OK(http_jwt_make(&auth, 1000, &token, &error), &error);
    take_apart(buffer_view(&token), &parts);
    CHECK_TEXT(text_of(parts.claims), "{\"Exp\":5,\"iAt\":4,\"iat\":1000,\"exp\":1300}");
    buffer_clear(&token);
}

TEST(http_jwt, es256) {
    char pem[4096];
    EVP_PKEY *key = make_key("P-256", pem, sizeof pem);
    struct http_auth auth = {.kind = AUTH_JWT,
                             .algorithm = TEXT_LITERAL("ES256"),
                             .private_key = text_of(pem),
                             .claims = TEXT_LITERAL("{\"exp\":5,\"iat\":4}")};
    struct error error = {0};
    // Often enough that a number with a leading zero byte is among them.
    for (int i = 0; i < 600; i++) {
        struct buffer token;
        struct parts parts;
        buffer_init(&token, 10000);
        CHECK_OK(http_jwt_make(&auth, 1000, &token, &error), &error);
        take_apart(buffer_view(&token), &parts);
        CHECK_TEXT(text_of(parts.claims), "{\"exp\":5,\"iat\":4}");
        CHECK_INT(parts.signature_length, 64);
        ECDSA_SIG *pair = ECDSA_SIG_new();
        CHECK(pair != NULL && ECDSA_SIG_set0(pair, BN_bin2bn(parts.signature, 32, NULL),
                                             BN_bin2bn(parts.signature + 32, 32, NULL)) == 1);
        unsigned char *der = NULL;
        int length = i2d_ECDSA_SIG(pair, &der);
        CHECK(length > 0 && verifies(key, der, (size_t)length, parts.signed_part));
        OPENSSL_free(der);
        ECDSA_SIG_free(pair);
        buffer_clear(&token);
    }
    EVP_PKEY_free(key);
}

TEST(http_jwt, wrong_keys_and_claims) {
    char rsa[4096];
    char ec[4096];
    char other[4096];
    EVP_PKEY_free(make_key("RSA", rsa, sizeof rsa));
    EVP_PKEY_free(make_key("P-256", ec, sizeof ec));
    EVP_PKEY_free(make_key("P-384", other, sizeof other));
    const struct {
        const char *algorithm, *key, *claims, *words;
    } cases[] = {
        {"none", "x", "{}", "HS256"},        {"RS256", "no key", "{}", "PEM"}, {"RS256", ec, "{}", "RSA"},
        {"ES256", rsa, "{}", "P-256"},       {"ES256", other, "{}", "P-256"},  {"HS256", "x", "[1]", "object"},
        {"HS256", "x", "{\"a\":", "object"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct http_auth auth = {.kind = AUTH_JWT,
                                 .algorithm = text_of(cases[i].algorithm),
                                 .private_key = text_of(cases[i].key),
                                 .claims = text_of(cases[i].claims)};
        struct buffer token;
        struct error error = {0};
        buffer_init(&token, 10000);
        CHECK(!http_jwt_make(&auth, 1000, &token, &error));
        CHECK_INT(error.code, ERROR_HTTP_TOKEN);
        CHECK(error_says(&error, cases[i].words));
        buffer_clear(&token);
    }
}

TEST(http_jwt, is_made_again_before_it_ends) {
    struct client client;
    client_open(&client);
    client.setup.clock = &fixed_clock;
    client.setup.auth = (struct http_auth){.kind = AUTH_JWT,
                                           .algorithm = TEXT_LITERAL("HS256"),
                                           .private_key = TEXT_LITERAL("a shared secret"),
                                           .life_s = 100};
    const struct raw_exchange exchanges[] = {
        {"GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", .forever = true}};
    client_play(&client, exchanges, COUNT_OF(exchanges));
    client_ask(&client, "GET", "/", NULL, 200);
    fixed_now_us += INT64_C(50) * 1000000;
    client_ask(&client, "GET", "/", NULL, 200);
    fixed_now_us += INT64_C(45) * 1000000;
    client_ask(&client, "GET", "/", NULL, 200);
    const char *lines[3];
    for (size_t i = 0; i < 3; i++) {
        lines[i] = strstr(raw_server_request(client.server, i).data, "Authorization: Bearer ey");
        CHECK(lines[i] != NULL);
    }
    size_t length = strcspn(lines[0], "\r");
    CHECK(strncmp(lines[0], lines[1], length) == 0);
    CHECK(strncmp(lines[0], lines[2], length) != 0);
    client_close(&client);
}

#include "http/http_jwt.h"

#include <cjson/cJSON.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <string.h>

#include "base/quote.h"
#include "http/http_internal.h"

enum { JWT_BYTES_MAX = 64 * 1024, SIGNATURE_BYTES_MAX = 2048, ES256_HALF = 32 };

// Base64 as URLs have it: other last two characters, nothing at the end.
static bool add_base64(struct buffer *out, struct text bytes) {
    size_t start = out->length;
    if (!http_base64(out, bytes)) {
        return false;
    }
    for (size_t i = start; i < out->length; i++) {
        char *byte = &out->data[i];
        *byte = (char)(*byte == '+' ? '-' : *byte == '/' ? '_' : *byte);
    }
    while (out->length > start && out->data[out->length - 1] == '=') {
        out->length--;
    }
    return true;
}

static void add_quoted(struct buffer *out, struct text text) {
    size_t length = quote_length(text);
    if (buffer_reserve(out, length)) {
        quote_write(out->data + out->length, text);
        out->length += length;
    }
}

// The claims as the script wrote them (a parser would change large numbers), with the two times behind them.
static bool make_claims(const struct http_auth *auth, int64_t now_s, struct buffer *out, struct error *error) {
    struct text claims = auth->claims.length > 0 ? text_trim(auth->claims) : TEXT_LITERAL("{}");
    cJSON *read = cJSON_ParseWithLength(claims.data, claims.length);
    bool fine = cJSON_IsObject(read) && claims.data[claims.length - 1] == '}';
    bool has_iat = fine && cJSON_GetObjectItemCaseSensitive(read, "iat") != NULL;
    bool has_exp = fine && cJSON_GetObjectItemCaseSensitive(read, "exp") != NULL;
    bool empty = fine && cJSON_GetArraySize(read) == 0;
    cJSON_Delete(read);
    if (!fine) {
        return error_set(error, ERROR_HTTP_TOKEN, "the claims of auth are not a JSON object");
    }
    int64_t end_s = now_s + (auth->life_s > 0 ? auth->life_s : 300);
    buffer_append(out, claims.data, claims.length - 1);
    if (!has_iat) {
        buffer_print(out, "%s\"iat\":%lld", empty ? "" : ",", (long long)now_s);
        empty = false;
    }
    if (!has_exp) {
        buffer_print(out, "%s\"exp\":%lld", empty ? "" : ",", (long long)end_s);
    }
    buffer_byte(out, '}');
    return !out->failed || error_memory(error);
}

// A key with a pass phrase is refused: libcrypto would ask for it on the terminal.
static int no_phrase(char *into, int size, int writing, void *context) {
    (void)into;
    (void)size;
    (void)writing;
    (void)context;
    return -1;
}

// libcrypto's form of an ES256 signature is DER; a token has the two numbers one behind the other.
static bool raw_es256(const unsigned char *der, size_t length, unsigned char out[2 * ES256_HALF]) {
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)length);
    bool fine = pair != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(pair), out, ES256_HALF) == ES256_HALF &&
                BN_bn2binpad(ECDSA_SIG_get0_s(pair), out + ES256_HALF, ES256_HALF) == ES256_HALF;
    ECDSA_SIG_free(pair);
    return fine;
}

static bool sign_with_key(const struct http_auth *auth, struct text text, struct buffer *out, struct error *error) {
    bool elliptic = text_is(auth->algorithm, "ES256");
    unsigned char signature[SIGNATURE_BYTES_MAX];
    size_t length = sizeof signature;
    bool fine = false;
    EVP_MD_CTX *context = NULL;
    BIO *input = BIO_new_mem_buf(auth->private_key.data, (int)auth->private_key.length);
    EVP_PKEY *key = input != NULL ? PEM_read_bio_PrivateKey(input, NULL, no_phrase, NULL) : NULL;
    if (key == NULL) {
        error_set(error, ERROR_HTTP_TOKEN, "the key of auth is not a private key in PEM form without a pass phrase");
        goto done;
    }
    bool fits = elliptic ? EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_bits(key) == 256 : EVP_PKEY_is_a(key, "RSA") != 0;
    if (!fits || EVP_PKEY_get_size(key) > (int)sizeof signature) {
        error_set(error, ERROR_HTTP_TOKEN, "the key of auth does not fit %.*s, which takes %s",
                  TEXT_ARGS(auth->algorithm), elliptic ? "an EC key on P-256" : "an RSA key");
        goto done;
    }
    context = EVP_MD_CTX_new();
    fine = context != NULL && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
           EVP_DigestSign(context, signature, &length, (const unsigned char *)text.data, text.length) == 1;
    if (fine && elliptic) {
        unsigned char raw[2 * ES256_HALF];
        fine = raw_es256(signature, length, raw);
        memcpy(signature, raw, sizeof raw);
        length = sizeof raw;
    }
    fine = fine && add_base64(out, (struct text){(const char *)signature, length});
    if (!fine) {
        error_set(error, ERROR_HTTP_TOKEN, "a token could not be signed with the key of auth");
    }
done:
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    BIO_free(input);
    return fine;
}

static bool sign_with_secret(const struct http_auth *auth, struct text text, struct buffer *out, struct error *error) {
    unsigned char signature[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    bool fine = HMAC(EVP_sha256(), auth->private_key.data, (int)auth->private_key.length,
                     (const unsigned char *)text.data, text.length, signature, &length) != NULL &&
                add_base64(out, (struct text){(const char *)signature, length});
    return fine || error_memory(error);
}

bool http_jwt_make(const struct http_auth *auth, int64_t now_s, struct buffer *out, struct error *error) {
    bool shared = text_is(auth->algorithm, "HS256");
    if (!shared && !text_is(auth->algorithm, "RS256") && !text_is(auth->algorithm, "ES256")) {
        return error_set(error, ERROR_HTTP_TOKEN, "auth signs with HS256, RS256 or ES256, not with '%.*s'",
                         TEXT_ARGS(auth->algorithm));
    }
    struct buffer head;
    struct buffer claims;
    buffer_init(&head, JWT_BYTES_MAX);
    buffer_init(&claims, JWT_BYTES_MAX);
    buffer_print(&head, "{\"alg\":\"%.*s\",\"typ\":\"JWT\"", TEXT_ARGS(auth->algorithm));
    if (auth->key_id.length > 0) {
        buffer_string(&head, ",\"kid\":");
        add_quoted(&head, auth->key_id);
    }
    buffer_byte(&head, '}');
    size_t start = out->length;
    bool fine = make_claims(auth, now_s, &claims, error);
    if (fine) {
        fine = (!head.failed && add_base64(out, buffer_view(&head)) && buffer_byte(out, '.') &&
                add_base64(out, buffer_view(&claims))) ||
               error_memory(error);
    }
    if (fine) {
        // The signature is appended to what it signs: the text is copied away, because the buffer may move.
        struct buffer text;
        buffer_init(&text, 2 * JWT_BYTES_MAX);
        buffer_append(&text, out->data + start, out->length - start);
        buffer_byte(out, '.');
        fine = (!text.failed && !out->failed) || error_memory(error);
        fine = fine && (shared ? sign_with_secret(auth, buffer_view(&text), out, error)
                               : sign_with_key(auth, buffer_view(&text), out, error));
        buffer_clear(&text);
    }
    buffer_clear(&head);
    buffer_clear(&claims);
    return fine;
}

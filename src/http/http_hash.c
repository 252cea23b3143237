#include "http/http_hash.h"

#include <openssl/evp.h>

// The hash is libcrypto's own; its name here keeps that out of the header.
static EVP_MD_CTX *context_of(struct http_hash *hash) {
    return (EVP_MD_CTX *)hash;
}

struct http_hash *http_hash_begin(void) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1) {
        EVP_MD_CTX_free(context);
        context = NULL;
    }
    return (struct http_hash *)context;
}

bool http_hash_add(struct http_hash *hash, struct text bytes) {
    return bytes.length == 0 || EVP_DigestUpdate(context_of(hash), bytes.data, bytes.length) == 1;
}

bool http_hash_end(struct http_hash *hash, char out[HTTP_HASH_HEX]) {
    unsigned char bytes[EVP_MAX_MD_SIZE];
    bool ok = out != NULL && EVP_DigestFinal_ex(context_of(hash), bytes, NULL) == 1;
    EVP_MD_CTX_free(context_of(hash));
    if (ok) {
        http_hash_hex(bytes, out);
    }
    return ok;
}

void http_hash_hex(const unsigned char bytes[HTTP_HASH_BYTES], char out[HTTP_HASH_HEX]) {
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < HTTP_HASH_BYTES; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[HTTP_HASH_HEX - 1] = '\0';
}

#ifndef WEIR_HTTP_HTTP_SIGN_H
#define WEIR_HTTP_HTTP_SIGN_H

// AWS Signature Version 4. The signed form of a request is made in two steps that the tests look into one by one:
// the canonical request, and the signature of it. libcurl 7.88 has a signer of its own that doesn't sort the query.

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/text.h"
#include "http/http_hash.h"

struct http_sign_key {
    struct text key; // the access key's id
    struct text secret;
    struct text session; // of temporary keys, or empty
    struct text region;
    struct text service;
};

struct http_sign_request {
    struct text verb;
    struct text scheme, host, port;
    struct text path;  // as it is sent
    struct text query; // likewise
    struct text type;
    const struct curl_slist *lines; // "Name: value": the x-amz- ones are signed
    struct text body;
    int64_t now_us;
};

enum { HTTP_SIGN_STAMP = 17, HTTP_SIGN_HEX = HTTP_HASH_HEX };

// Adds X-Amz-Date, X-Amz-Content-Sha256, X-Amz-Security-Token (with a session) and Authorization.
bool http_sign(const struct http_sign_key *key, const struct http_sign_request *request, struct curl_slist **lines,
               struct error *error);

// The canonical request: every one of the `count` headers ("name:value", in any order and case) is signed. `names`
// receives their names: "host;x-amz-date". `s3`: the path is taken as it is. False: no memory.
bool http_sign_canonical(struct buffer *out, struct buffer *names, struct text verb, struct text path,
                         struct text query, struct text *headers, size_t count, struct text body_hash, bool s3);

// The text that is signed, and its signature in hex. False: no memory.
bool http_sign_seal(const struct http_sign_key *key, struct text canonical, const char stamp[HTTP_SIGN_STAMP],
                    struct buffer *signed_text, char signature[HTTP_SIGN_HEX]);

// SHA-256 in lower-case hex. False: no memory.
bool http_sign_hash(struct text bytes, char out[HTTP_SIGN_HEX]);

#endif

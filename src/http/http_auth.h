#ifndef WEIR_HTTP_HTTP_AUTH_H
#define WEIR_HTTP_HTTP_AUTH_H

// How a client proves who it is: the plain facts, as settings give them. What each kind does with a request is in
// http_auth.c; getting and renewing tokens in http_token.c; signatures in http_sign.c (AWS) and http_jwt.c.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

enum http_auth_kind {
    AUTH_NONE,
    AUTH_BASIC,  // user, password
    AUTH_BEARER, // token
    AUTH_HEADER, // name: token
    AUTH_QUERY,  // ?name=token
    AUTH_LOGIN,  // a login call gives a token, as LoopBack has it
    AUTH_OAUTH2, // client credentials, or a refresh token
    AUTH_AWS,    // Signature Version 4
    AUTH_JWT,    // a token signed with a key, made here
};

// An empty text is one that was not given.
struct http_auth {
    enum http_auth_kind kind;
    struct text user;
    struct text password;
    struct text name;   // of the header or the query's parameter the token goes into
    bool in_query;      // LOGIN: it goes into the query, not into a header
    struct text token;  // BEARER, HEADER, QUERY
    struct text prefix; // before the token in a header: "Bearer "

    // LOGIN, OAUTH2: where a token comes from
    struct text url;               // whole, or behind the base
    struct text body;              // LOGIN: the JSON that is posted
    const struct text *token_path; // LOGIN: where the token stands in the answer: {"id"}
    size_t token_path_count;
    const struct text *ttl_path; // LOGIN: seconds it lives; none: until a 401
    size_t ttl_path_count;
    struct text client;  // OAUTH2
    struct text secret;  // OAUTH2
    struct text scope;   // OAUTH2
    struct text refresh; // OAUTH2: the name of the vault's secret that holds the refresh token; empty: client
                         // credentials. A new refresh token is put back under the name's lock before it is used.
    bool secret_in_body; // OAUTH2: client and secret go into the body instead of a basic header

    // AWS
    struct text key;
    struct text session; // a session token, or empty
    struct text region;
    struct text service;

    // JWT
    struct text algorithm;   // "HS256", "RS256", "ES256"
    struct text private_key; // PEM, or the shared secret
    struct text claims;      // a JSON object; iat and exp are added
    struct text key_id;
    int64_t life_s;

    // any kind: a client certificate
    struct text certificate;     // PEM file
    struct text certificate_key; // PEM file
};

#endif

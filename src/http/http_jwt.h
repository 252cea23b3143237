#ifndef WEIR_HTTP_HTTP_JWT_H
#define WEIR_HTTP_HTTP_JWT_H

// A JSON Web Token made and signed here: HS256, RS256 or ES256. `iat` and `exp` are added to the claims unless they
// are there already. The token is appended; errors name what is wrong with key or claims, never the key.

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "http/http_auth.h"

bool http_jwt_make(const struct http_auth *auth, int64_t now_s, struct buffer *out, struct error *error);

#endif

#ifndef WEIR_HTTP_HTTP_HASH_H
#define WEIR_HTTP_HTTP_HASH_H

// SHA-256 of what comes piece by piece.

#include <stdbool.h>

#include "base/text.h"

enum { HTTP_HASH_BYTES = 32, HTTP_HASH_HEX = 65 };

struct http_hash;

struct http_hash *http_hash_begin(void); // NULL: no memory
bool http_hash_add(struct http_hash *hash, struct text bytes);

// In lower-case hex, terminated. The hash goes in any case; NULL is fine when `out` is NULL too, which only lets it go.
bool http_hash_end(struct http_hash *hash, char out[HTTP_HASH_HEX]);

void http_hash_hex(const unsigned char bytes[HTTP_HASH_BYTES], char out[HTTP_HASH_HEX]);

#endif

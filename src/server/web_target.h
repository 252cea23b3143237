#ifndef WEIR_SERVER_WEB_TARGET_H
#define WEIR_SERVER_WEB_TARGET_H

// A request's target, taken apart: "/v1/home/reading?limit=5". Strict: what can't be read in one way alone is refused.

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"
#include "server/exchange.h"

// Splits path and query; the query's names and values are decoded, the path is left with its escapes (a segment may
// hold an encoded slash). False: `wrong` says what. The texts live in the arena or in the target.
bool web_target_read(struct text target, struct arena *arena, struct text *path, struct pair query[QUERY_MAX],
                     size_t *query_count, const char **wrong);

// Decodes one segment or value: %xx must be two hex digits and no NUL, and the whole is UTF-8 without control
// characters. `plus` reads + as a space.
bool web_target_decode(struct text text, bool plus, struct arena *arena, struct text *out);

#endif

#ifndef WEIR_SOURCE_TARGET_HTTP_H
#define WEIR_SOURCE_TARGET_HTTP_H

// Writing to an API over HTTP: the way back of source_http. How a type is written (verbs, paths, arrays, what an
// answer means) is in its settings, source_http_option.h. What became of a write is never guessed: an answer that was
// lost is looked up by `find`, asked for by id, or sent again under the same idempotency key; where none of these can
// be, it stays unknown.

#include "port/target.h"

extern const struct target_type target_http;

#endif

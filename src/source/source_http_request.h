#ifndef WEIR_SOURCE_SOURCE_HTTP_REQUEST_H
#define WEIR_SOURCE_SOURCE_HTTP_REQUEST_H

// One request of reading: the type's path, query and body with what the pager, the watermark, the parent record and the
// chosen ids put into them.

#include <stdbool.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "source/source_http_pager.h"
#include "source/source_http_template.h"
#include "source/source_http_type.h"

enum { HTTP_REQUEST_URL_MAX = 64 * 1024, HTTP_REQUEST_BODY_MAX = 1024 * 1024 };

// Whom a listing is about: a parent record, or some of the chosen ids. Zeroed for neither.
struct http_subject {
    const struct object *parent;
    const struct http_field *fields; // {id} and its parts
    size_t field_count;
    struct text ids; // comma-separated
};

// Appends the URL; `body` is empty for none and lives in ask->arena.
bool http_request_make(const struct http_type *type, const struct http_subject *subject, const struct http_ask *ask,
                       struct text until, struct buffer *url, struct text *body, struct error *error);

#endif

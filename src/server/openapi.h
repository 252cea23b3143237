#ifndef WEIR_SERVER_OPENAPI_H
#define WEIR_SERVER_OPENAPI_H

// The OpenAPI 3.1 document of what the server answers: made of the table of routes (route.h), which has each one's
// names, and of openapi_parts.json, which says what those names are. The two can't drift apart unseen: a name that the
// parts lack is a reference that leads nowhere, and a test follows them all.
//
// In the parts, components.parameters has a query's or a header's parameter under the name that routes give it, and a
// path's under "SEGMENT.NAME": {id} of /v1/runs/{id} is "runs.id". components.responses has the refusals by status.

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "server/exchange.h"

// An embedded file. The list is made by cmake/weir_embed.cmake and ends with one without a name.
struct openapi_part {
    const char *name;
    const unsigned char *text;
    size_t length;
};

extern const struct openapi_part openapi_parts[];

// Appends the document. The arena is for the time being.
bool openapi_write(struct buffer *out, const char *version, struct arena *arena, struct error *error);

#endif

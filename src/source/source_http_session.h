#ifndef WEIR_SOURCE_SOURCE_HTTP_SESSION_H
#define WEIR_SOURCE_SOURCE_HTTP_SESSION_H

// What the passes and the writes of a run over one web API share: the client with its connections, token and budget.
// A session outlives the sources and targets that were opened with it.

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "http/http.h"
#include "port/source.h"

struct http_session {
    struct session session;
    struct arena arena; // what the settings were made into
    struct http *http;
    const struct object *settings;
    struct text name; // of the datasource
    struct text base; // without a slash at its end
    struct mapper *mapper;
    const struct clock *clock;
    const struct log *log;
    size_t at_once; // requests in flight, at least 1
};

bool http_session_open(const struct session_setup *setup, struct session **out, struct error *error);
void http_session_close(struct session *session); // accepts NULL

// The settings' auth as the client takes it; in source_http_auth.c. Relative files (certificates) start in `folder`.
bool http_session_auth(const struct session_setup *setup, struct arena *arena, struct http_auth *out,
                       struct error *error);

// A file named in the settings, as a path from `folder` on.
bool http_session_file(struct text folder, struct text file, struct arena *arena, struct text *out);

#endif

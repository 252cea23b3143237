#ifndef WEIR_HTTP_HTTP_URL_H
#define WEIR_HTTP_HTTP_URL_H

// URLs: taking them apart, putting paths behind a base, following links, encoding, and hiding secrets. One parser
// (libcurl's own) reads every URL, so that what is checked is what is connected to. Results live in the arena that is
// handed in; errors are ERROR_HTTP_REQUEST, and name a URL without its secrets.

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/text.h"

enum { HTTP_URL_MAX = 64 * 1024 };

// A URL taken apart. All texts are NUL-terminated.
struct http_url {
    struct text whole; // as it is sent: without user, password and fragment
    struct text scheme;
    struct text host; // in lower case; an IPv6 one in brackets
    struct text port; // the scheme's own when none is given
    struct text path; // at least "/"
    struct text query;
    bool given_query; // there is a '?'
};

// Takes a whole http or https URL apart. Spaces and bytes beyond ASCII are percent-encoded; control characters, a user
// and other schemes are refused.
bool http_url_read(struct text url, struct arena *arena, struct http_url *out, struct error *error);

// Where `link` leads from `from`, as in a browser: whole, "//host/path", "/path", "path" or "?query".
bool http_url_follow(const struct http_url *from, struct text link, struct arena *arena, struct http_url *out,
                     struct error *error);

// A whole URL as it is; anything else is put behind the base: "/readings" to "https://example.org/api/readings".
bool http_url_join(const struct http_url *base, struct text url, struct arena *arena, struct http_url *out,
                   struct error *error);

// The same with texts: where a link of an answer (a next page) leads, as a whole URL. For callers of the client, which
// checks its host when it is sent.
bool http_link(struct text from, struct text link, struct arena *arena, struct text *out, struct error *error);

// Whether scheme, host and port are the same.
bool http_url_same(const struct http_url *a, const struct http_url *b);

// Whether the URL's host and port are `allowed` ("host" or "host:port"), and its scheme is the base's or safer.
bool http_url_listed(const struct http_url *base, const struct http_url *url, struct text allowed);

// Appends the text percent-encoded: all but letters, digits and -._~
void http_encode(struct buffer *buffer, struct text text);

// Appends a URL with its user and the values of parameters that look like secrets (or are called `name`, which may be
// empty) replaced by ***. Never fails but by the buffer's ceiling.
void http_url_hide(struct buffer *buffer, struct text url, struct text name);

// Appends a query without the parameters of that name. True when there were any.
bool http_query_without(struct buffer *buffer, struct text query, struct text name);

#endif

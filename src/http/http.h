#ifndef WEIR_HTTP_HTTP_H
#define WEIR_HTTP_HTTP_H

// The one HTTP client: every request of weir goes through it. A client belongs to one datasource in one run: it keeps
// the connections, the login's token, the host's budget (requests at once, requests a second) and the rules of where
// it may connect. It is used by one thread. Requests are sent ahead and their answers read as they come: all calls of
// a client make progress while any of them is waited for.
//
// What the client sees to by itself:
//   - TLS is always verified (a CA file of one's own is possible), http and https alone, no proxy, no .netrc
//   - an address that is private is refused at the socket unless the rules allow it; a host that is not the base's
//     (or one of `hosts`) is refused before
//   - a read follows redirects by hand (at most 5, each checked again, without credentials when the host, port or
//     scheme changes); a write answered with 3xx is an error
//   - gzip and br are offered; bytes are counted after decompression, and a body past its cap ends the call
//   - a body is whole or an error: length or last chunk are checked. A body that is only ended by the connection's
//     close says so (`unproven`): whoever reads it must prove its end otherwise
//   - CR, LF and NUL in a URL or a header are refused
//   - a 401 renews the token once and sends the request again (when the server can't have acted on it)
//   - credentials and the headers of the setup go to the base's scheme, host and port alone, whoever the link is from
// What it leaves to its caller: that SIGPIPE is ignored in the process (TLS may raise it), retries (retry.h of the
// engine), what a status means, what a body says.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "base/vault.h"
#include "http/http_auth.h"

// A range of addresses that the settings allow although it is private: "127.0.0.1", "10.0.0.0/8", "::1/128".
struct http_range {
    unsigned char address[16]; // IPv4 as ::ffff:a.b.c.d
    unsigned bits;             // of the 128
};

// Reads one range. False when it is none.
bool http_range_read(struct text text, struct http_range *out);

struct http_rules {
    const struct http_range *allowed; // private ranges
    size_t allowed_count;
};

struct http_setup {
    struct text base;         // "https://host:port/api": scheme, host and port are the ones that may be reached
    const struct text *hosts; // further "host" or "host:port" that redirects and next links may lead to
    size_t host_count;
    struct http_auth auth;
    struct text ca_file; // empty: the system's
    struct text user_agent;
    const struct text *headers; // "Name: value", sent with each request
    size_t header_count;
    int64_t at_once_max;       // requests in flight; at least 1
    double rate_max;           // requests a second; 0: no limit
    int64_t connect_ms;        // time limits; 0: the defaults
    int64_t total_ms;          // from the first byte sent to the last one received
    int64_t silence_ms;        // without a byte
    uint64_t body_bytes_max;   // after decompression; 0: the default
    struct http_rules rules;   // copied
    struct vault *vault;       // for tokens that change; may be NULL
    const struct clock *clock; // for budgets, signatures and expiry
    const struct log *log;
};

struct http;

// Everything in the setup is copied or outlives the client.
bool http_open(const struct http_setup *setup, struct http **out, struct error *error);
void http_close(struct http *http); // ends the calls that are still open; accepts NULL

struct http_request {
    const char *verb;           // "GET"
    struct text url;            // whole, or a path with its query that is put behind the base
    struct text body;           // sent as it is; empty for none. Must live until the call is closed
    struct text type;           // of the body: "application/json"
    struct text accept;         // "application/json"; empty: anything
    const struct text *headers; // further "Name: value"
    size_t header_count;
    bool writes; // it may change something: no redirect is followed, and a lost answer is ERROR_HTTP_UNKNOWN
    bool small;  // the whole body will be wanted at once (http_finish)
};

// One request on its way.
struct http_call;

// Puts the request on its way, as soon as the budget allows; copies all but the body. May wait for a token. Errors here
// are of the request itself (a wrong URL, a host that may not be reached).
bool http_send(struct http *http, const struct http_request *request, struct http_call **out, struct error *error);

// What came before the body. Waits for it.
struct http_head {
    int status;
    struct text type; // content type in lower case, without its parameters: "application/json"
    struct text url;  // that was answered, after redirects, without secrets: for messages and relative links
    bool unproven;    // the body's end is only the connection's (known once it is read)
    int64_t after_us; // Retry-After: not before this time of our clock; 0: it doesn't say
};

// A lost connection, a timeout and their like are errors of scope BATCH: ERROR_HTTP_CONNECT when nothing can have
// been sent, ERROR_HTTP_LOST for a read, ERROR_HTTP_UNKNOWN for a write whose outcome nobody knows. A status is never
// an error here.
bool http_head(struct http_call *call, struct http_head *out, struct error *error);

// A header of the answer by its name in any case, or an empty text. Several are joined by ", ". After http_head.
struct text http_header(const struct http_call *call, const char *name);

// All of them as they came, a line each. After http_head.
struct text http_headers(const struct http_call *call);

// The next bytes of the body, as they come: 1 to `room` of them, 0 at its proven end.
bool http_read(struct http_call *call, char *into, size_t room, size_t *got, struct error *error);

// The whole body at once (at most `bytes_max`), NUL-terminated, in the arena.
bool http_finish(struct http_call *call, size_t bytes_max, struct arena *arena, struct text *out, struct error *error);

// Frees the call; one that is still under way is ended. Accepts NULL.
void http_call_close(struct http_call *call);

// Makes progress without waiting: called now and then by whoever works on other things meanwhile.
void http_poll(struct http *http);

// An error for an answer that wasn't wanted: by its status ERROR_HTTP_REFUSED (401, 403), ERROR_HTTP_BUSY (429, 503,
// with after_us), ERROR_HTTP_SERVER (other 5xx), ERROR_HTTP_STATUS (the rest); the first bytes of the body are put
// into the message, cleaned. Always returns false.
bool http_refuse(struct http_call *call, struct error *error);

#endif

#ifndef WEIR_HTTP_HTTP_INTERNAL_H
#define WEIR_HTTP_HTTP_INTERNAL_H

// What the files of the client share. A call goes through these steps:
//
//     QUEUED ── budget, token ──> RUNNING ── transfer ended ──> DONE or FAILED
//        ^                           │
//        └── a redirect, or a 401 ───┘
//
// libcurl's callbacks only fill the call; everything is decided in http_pump, when libcurl is not on the stack.

#include <arpa/inet.h>
#include <curl/curl.h>

#include "base/buffer.h"
#include "http/http.h"
#include "http/http_url.h"

enum {
    HTTP_HOLD_BYTES = 2 * 1024 * 1024,    // of a body that is not read yet; beyond it the connection waits
    HTTP_HEAD_BYTES_MAX = 256 * 1024,     // of the answer's headers
    HTTP_DROP_BYTES_MAX = 64 * 1024,      // of a body nobody wants, read so that its connection can be used again
    HTTP_REDIRECTS_MAX = 5,               //
    HTTP_SPARE_MAX = 8,                   // handles kept for the next calls: they hold TLS sessions
    HTTP_RECEIVE_BYTES = 32 * 1024,       // a gzip bomb of one piece becomes 33 MB, less than libcurl may hold (64)
    HTTP_REQUEST_BYTES_MAX = 1024 * 1024, // of a call's own memory: URL, headers
    HTTP_CLIENT_BYTES_MAX = 4 * 1024 * 1024,
    HTTP_TOKEN_BYTES_MAX = 64 * 1024, // of a token, and of an answer that holds one
};

enum http_step { STEP_QUEUED, STEP_RUNNING, STEP_DONE, STEP_FAILED };

// What becomes of a request whose answer is not the caller's.
enum http_again { AGAIN_NO, AGAIN_REDIRECT, AGAIN_TOKEN };

// A token that was got or made, and how long it is good.
struct http_token {
    struct buffer value;
    int64_t expires_us; // of our clock; 0: until a 401
    uint64_t number;    // counts them, so that a late 401 does not throw away a newer one
    bool there;
    bool busy; // it is being got: only that request goes
};

struct http {
    struct arena arena;
    CURLM *multi;
    struct http_url base;
    struct text *hosts;
    size_t host_count;
    struct http_auth auth;
    struct http_token token;
    struct text *headers;
    size_t header_count;
    struct text ca_file;
    struct text user_agent;
    struct http_rules rules;
    struct vault *vault;
    const struct clock *clock;
    const struct log *log;
    int64_t connect_ms, total_ms, silence_ms;
    uint64_t body_bytes_max;

    // the budget
    size_t at_once_max;
    size_t running;
    int64_t gap_us;  // between two requests
    int64_t next_us; // not before

    struct http_call *first; // in the order in which they were sent
    struct http_call *last;
    CURL *spare[HTTP_SPARE_MAX];
    size_t spare_count;
    size_t unpumped; // bytes handed out since libcurl was last at work
};

struct http_call {
    struct http *http;
    struct http_call *next;
    struct arena *arena;

    // the request
    const char *verb;
    struct http_url url; // without the token
    struct text body, type, accept;
    struct text *headers;
    size_t header_count;
    bool writes, small;
    bool inner;    // it gets a token: no credentials, no budget
    bool foreign;  // its origin is not the base's: no credentials, none of the client's headers
    bool stripped; // a redirect led it there: none of the request's headers either
    bool renewed;  // a 401 had the token renewed once
    uint64_t token_number;
    unsigned redirects;
    enum http_step step;
    enum http_again again;

    // on the wire
    CURL *easy;
    struct curl_slist *lines;
    char words[CURL_ERROR_SIZE];
    bool touched;            // the server may have seen something of the request
    bool admitted;           // an address was allowed
    const char *refused_why; // one was not
    char refused[INET6_ADDRSTRLEN];
    curl_off_t uploaded;
    int64_t waited_us;
    int64_t silent_us;
    bool paused;

    // the answer
    int status;
    bool head_done; // of any answer
    bool answered;  // the head is the caller's
    bool framed;    // its end can be proven
    struct buffer head;
    struct buffer held; // the body's bytes that were not read yet, from `taken` on
    size_t taken;
    uint64_t body_bytes;
    uint64_t body_bytes_max;
    struct error error;
};

static inline size_t http_unread(const struct http_call *call) {
    return call->held.length - call->taken;
}

static inline bool http_ended(const struct http_call *call) {
    return call->step == STEP_DONE || call->step == STEP_FAILED;
}

// http.c: starts what may start (`wanted` even past the budget, when everything else waits to be read), lets libcurl
// work, and takes what is done. Never waits.
void http_pump(struct http *http, struct http_call *wanted);
// One step of waiting for `wanted`: returns when something may have happened.
void http_wait(struct http *http, struct http_call *wanted);
// A call is put on its way; `inner` ones get a token.
bool http_send_as(struct http *http, const struct http_request *request, bool inner, struct http_call **out,
                  struct error *error);
bool http_check_host(const struct http *http, const struct http_url *url, struct error *error);

// http_wire.c: makes the call's handle ready and gives it to libcurl; takes it back.
bool http_wire_start(struct http_call *call, struct error *error);
void http_wire_stop(struct http_call *call);
// Whether the text may be a header's value or name.
bool http_header_check(struct text line, struct error *error);

// http_lost.c: gives the call its error, as what it means for a read or a write; from within libcurl's callbacks too.
void http_call_blame(struct http_call *call, enum error_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
// The same, and ends it. Not from within callbacks.
void http_call_fail(struct http_call *call, enum error_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
// The error of a transfer that libcurl ended.
void http_call_lost(struct http_call *call, CURLcode code);
// "GET https://example.org/api" without secrets, for messages.
struct text http_call_show(struct http_call *call, struct buffer *room);
// The text without the client's own secrets, which a server may repeat.
void http_hide(const struct http *http, struct buffer *out, struct text text);

// http_after.c: when a server that sends Retry-After may be asked again, by our clock; 0: it doesn't say. `after` is a
// number of seconds, or a date of the server's clock; how far that one is off, its Date header says.
int64_t http_after(struct text after, struct text date, int64_t now_us);

// http_redirect.c: turns an answered read to where its answer leads. False: it may not go there (call->error).
bool http_redirect(struct http_call *call);
bool http_is_redirect(int status);

// http_auth.c
bool http_auth_check(const struct http *http, struct error *error);
bool http_auth_has_token(const struct http_auth *auth); // one that is got or made, and runs out
// Adds what proves who asks: header lines, or a parameter of the URL (`url` is replaced).
bool http_auth_apply(struct http_call *call, struct curl_slist **lines, struct text *url, struct error *error);
bool http_line_add(struct curl_slist **lines, struct error *error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool http_base64(struct buffer *out, struct text bytes);

// http_token.c: sees to it that there is a token that is good now. May wait for an answer.
bool http_token_ready(struct http *http, struct error *error);
void http_token_drop(struct http *http, uint64_t number);

// http_refuse.c: the server's own words out of a body, cleaned.
void http_words(const struct http *http, struct text type, struct text body, struct buffer *out);

#endif

#ifndef WEIR_TESTS_SOURCE_HTTP_STUB_H
#define WEIR_TESTS_SOURCE_HTTP_STUB_H

// A small HTTP server for tests: a thread, loopback, a port of the kernel's choosing. A C callback answers each
// request; it may also answer wrongly (cut off, drop the connection). Requests are answered one a connection at a time,
// so that the callback is never entered twice at once, and each is written into a log.
//
//     static void answer(void *context, const struct stub_request *request, struct stub_reply *reply) {
//         stub_print(reply, "[{\"id\":%lld}]", stub_integer(request, "offset", 0));
//     }
//     struct http_stub *stub = http_stub_open(answer, NULL);
//     ... http_stub_base(stub) is "http://127.0.0.1:PORT" ...
//     CHECK_TEXT(http_stub_log(stub), "GET /readings?offset=0\n");
//     http_stub_close(stub);

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/text.h"

struct stub_request {
    struct text verb;
    struct text path;    // without the query
    struct text query;   // as it came
    struct text headers; // all lines
    struct text body;
    size_t number; // of the request, from 1
};

struct stub_reply {
    int status; // 200 at first
    struct buffer body;
    struct buffer headers; // further lines, each with its \r\n
    const char *type;      // application/json at first; NULL: none is sent
    size_t cut;            // so many bytes of the body are sent, then the connection is closed; SIZE_MAX: all
    bool drop;             // the connection is closed without an answer
    bool unframed;         // no length is sent: the body ends with the connection
};

struct http_stub;
typedef void (*stub_answer)(void *context, const struct stub_request *request, struct stub_reply *reply);

struct http_stub *http_stub_open(stub_answer answer, void *context); // fails the test when it can't
void http_stub_close(struct http_stub *stub);
const char *http_stub_base(const struct http_stub *stub);

// What was asked so far, a line a request: "GET /readings?limit=2\n"; with a body, a space and the body behind it.
struct text http_stub_log(struct http_stub *stub);
size_t http_stub_count(struct http_stub *stub);
void http_stub_forget(struct http_stub *stub); // empties the log; the count goes on

// A query parameter, decoded, in `room`; false when it is not there.
bool stub_param(const struct stub_request *request, const char *name, char *room, size_t size);
int64_t stub_integer(const struct stub_request *request, const char *name, int64_t fallback);
// A request's header by its name in any case; empty when it is not there.
struct text stub_header(const struct stub_request *request, const char *name);
void stub_print(struct stub_reply *reply, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif

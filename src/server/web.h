#ifndef WEIR_SERVER_WEB_H
#define WEIR_SERVER_WEB_H

// The HTTP side of the server, on libmicrohttpd: listens, reads requests within limits, and writes answers. What a
// request means is the handler's; what is no proper request never reaches it:
//
//   - a head that a proxy may read differently (web_head.h), %00 or a broken escape in the target: 400 and the
//   connection
//     ends, so that nothing behind it is taken for a request
//   - a head larger than HEAD_BYTES, a body past the route's limit (413), more connections than there may be
//   - a request that doesn't come in within its time: from the first byte to the last of its head, then of its body; an
//     answer that isn't read in its time. The connection ends, however steadily it drips
//
// Threads: a few of libmicrohttpd's answer requests, so a handler must be quick; one watches the deadlines.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "server/exchange.h"

struct web;

struct web_setup {
    const char *address; // "127.0.0.1"
    unsigned port;       // 0: any free one
    unsigned threads;
    unsigned connections_max;
    unsigned address_connections_max; // of one address; 0: as many
    int64_t head_us;                  // for a head to come in, also between two requests of a connection
    int64_t body_us;                  // for a body to come in
    int64_t answer_us;                // for an answer to be read; more when it is large
    const struct log *log;

    // The head is there: routes it and says how large a body may be (0: there must be none), or answers it at once.
    // Sets `take` for a body that is taken as it comes (`body_max` holds for it too).
    void (*begin)(void *context, struct exchange *exchange, uint64_t *body_max, int64_t *body_us);
    // The body is there too: answers it, or sets `ready` or `give`.
    void (*handle)(void *context, struct exchange *exchange);
    void *context;
};

// In two steps, so that whoever wakes it may be started between them.
bool web_open(const struct web_setup *setup, struct web **out, struct error *error);
bool web_start(struct web *web, struct error *error);

// Takes no new connections, wakes whoever waits, ends what is open. Accepts NULL; may be woken still.
void web_stop(struct web *web);
void web_close(struct web *web); // accepts NULL

unsigned web_port(const struct web *web);

// Something happened: whoever waits looks again. From any thread.
void web_wake(struct web *web);

// For metrics: requests answered and connections open.
void web_counts(struct web *web, int64_t *requests, int64_t *connections);

// web.c's, for exchange.c.
struct text web_header(const struct web_request *request, const char *name);

#endif

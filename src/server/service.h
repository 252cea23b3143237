#ifndef WEIR_SERVER_SERVICE_H
#define WEIR_SERVER_SERVICE_H

// What a running server is made of. Every part has its own lock, or none because one thread has it; nobody holds the
// lock of one part while calling another that could call back.
//
//    web          reads requests, writes answers            (libmicrohttpd's threads)
//    keys         who is behind a token
//    ledger       the server's own database
//    homes        open homes, to be borrowed
//    catalog      the syncs there are, and what they declare
//    supervisor   the queue, the schedule, the children      (a thread)
//    hub          what happens in the live runs, for whoever watches
//    warm         children that answer: inbox and view       (the supervisor's)
//    hooks        deliveries of webhooks                     (a thread)

#include <limits.h>
#include <stdatomic.h>

#include "port/serving.h"
#include "server/exchange.h"

struct catalog;
struct homes;
struct hooks;
struct hub;
struct keys;
struct ledger;
struct supervisor;
struct uploads;
struct warm;
struct web;

struct service {
    const struct service_setup *setup;
    struct web *web;
    struct keys *keys;
    struct ledger *ledger;
    struct homes *homes;
    struct catalog *catalog;
    struct supervisor *supervisor;
    struct hub *hub;
    struct warm *warm;
    struct hooks *hooks;
    const struct uploads *uploads;
    struct buffer openapi; // the document, built once
    atomic_bool stopping;
    int64_t started_us;
    char folder[PATH_MAX]; // DATA, from the root on
};

extern const struct service_type service_here;

#endif

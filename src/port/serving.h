#ifndef WEIR_PORT_SERVING_H
#define WEIR_PORT_SERVING_H

// The contract of the server as the command line sees it: `weir serve` runs it until it is told to stop, and `weir
// token` works on its database, also beside a server that runs.

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "port/store.h"

struct service_setup {
    const char *version;
    const char *data;    // the folder of homes
    const char *syncs;   // the folder of scripts
    const char *address; // to listen at
    unsigned port;       // 0: any free one
    const struct store_type *store;
    const struct clock *clock;
    const struct log *log;
    const atomic_bool *stop;    // set by a signal
    int64_t runs_max;           // children at once; 0: the default
    int64_t org_runs_max;       // of one organisation
    uint64_t upload_bytes_max;  // of one file
    const struct text *allowed; // private addresses that webhooks may go to
    size_t allowed_count;
    void (*ready)(void *context, const char *url); // it listens
    void *context;
};

struct service_token {
    int64_t id;
    struct text name, role, org, sync;
    int64_t created_us, expires_us, revoked_us;
};

struct service_type {
    // Must answer until `stop` is set, then let the runs finish their page. False: it could not start, or had to end.
    bool (*serve)(const struct service_setup *setup, struct error *error);

    // Must make a token and give its text, which is kept nowhere: SERVICE_TOKEN_MAX bytes with the NUL.
    bool (*token_create)(const char *data, const struct clock *clock, const struct service_token *token, char *out,
                         int64_t *id, struct error *error);
    bool (*token_list)(const char *data, const struct clock *clock,
                       bool (*row)(void *context, const struct service_token *token, struct error *error),
                       void *context, struct error *error);
    bool (*token_revoke)(const char *data, const struct clock *clock, int64_t id, struct error *error);
};

enum { SERVICE_TOKEN_MAX = 80 };

#endif

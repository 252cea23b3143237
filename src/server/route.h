#ifndef WEIR_SERVER_ROUTE_H
#define WEIR_SERVER_ROUTE_H

// The one table of what the server answers: method, path, who may, what comes and goes. The router reads it, the
// OpenAPI document is made from it, and a test tries every row with every role. What isn't in it is a 404.
//
// The organisation comes from the token. A token that is for any names one with ?org=; of somebody else's organisation
// there is nothing to be found: 404, never 403.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/exchange.h"

enum route_scope {
    SCOPE_SERVER, // of the server as a whole
    SCOPE_ORG,    // of one organisation
};

struct route {
    const char *method;
    const char *path; // "/v1/syncs/{id}/run"
    unsigned may;     // roles; MAY_ALL: no token is asked for
    enum route_scope scope;
    bool stays_open;                           // also while an exclusive run has closed the organisation
    uint64_t body_max;                         // 0: there must be none
    void (*handle)(struct exchange *exchange); // answers, or sets `ready` or `give`
    // For a body that is taken as it comes: sets `take`, and says how large it may be. NULL: it is held whole.
    void (*begin)(struct exchange *exchange, uint64_t *body_max, int64_t *body_us);

    // for the document
    const char *operation; // "listSyncs"
    const char *tag;       // "syncs"
    const char *summary;
    const char *query;   // names of parameters in openapi_parts.json, separated by spaces
    const char *request; // a schema's name there, or a media type; NULL: no body
    const char *answer;  // "200 SyncList": status and schema or media type
};

extern const struct route routes[]; // a method of NULL ends it

// The web's begin and handle; the context is the service.
void route_begin(void *context, struct exchange *exchange, uint64_t *body_max, int64_t *body_us);
void route_handle(void *context, struct exchange *exchange);

#endif

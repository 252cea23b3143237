#ifndef WEIR_PORT_REMOTE_H
#define WEIR_PORT_REMOTE_H

// The contract of the demo's counterpart: somebody else's system, inside this process. It is a web API like many, and
// can be told to behave as badly as real ones do.
//
//    GET    /TYPE?since=&limit=&offset=&FIELD=VALUE   the records by updatedAt, changed at or after `since`
//    POST   /TYPE                                     a new record: the system gives it its id
//    PATCH  /TYPE/ID                                  some of its fields
//    DELETE /TYPE/ID

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/text.h"

struct remote;

struct remote_type {
    // Must listen on a free port of the loopback address.
    bool (*start)(struct remote **out, struct error *error);
    void (*stop)(struct remote *remote); // accepts NULL

    const char *(*url)(const struct remote *remote);

    // Must put a record as somebody who works with that system would: `id` 0 makes a new one. `json` is an object.
    bool (*put)(struct remote *remote, struct text type, int64_t id, struct text json, struct error *error);

    // Must take the next new record that comes over HTTP, and then break the connection instead of answering.
    void (*lose_next)(struct remote *remote);

    // How many writes came over HTTP so far, and how many records of a type there are.
    size_t (*writes)(struct remote *remote);
    size_t (*count)(struct remote *remote, struct text type);

    // Must give each record of a type as JSON, oldest first.
    bool (*each)(struct remote *remote, struct text type, bool (*row)(void *context, struct text json), void *context,
                 struct error *error);
};

#endif

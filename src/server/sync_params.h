#ifndef WEIR_SERVER_SYNC_PARAMS_H
#define WEIR_SERVER_SYNC_PARAMS_H

// The parameters of a run as somebody gives them over HTTP, held against what the sync's manifest declares: unknown and
// missing ones are refused, and a file is an upload's number, never a path.

#include "server/catalog.h"
#include "server/exchange.h"

// Canonical JSON of the parameters ("{}" for none). False: answered.
// With `part` they are a sync's settings: those that are missing may be, and a file is written as its path.
bool sync_params_read(struct exchange *exchange, const struct catalog_sync *sync, const struct object *given, bool part,
                      struct text *out);

// The parameters of a run as home keeps them: an upload's path is its number again, as nobody is shown a path.
bool sync_params_of_run(struct exchange *exchange, const struct catalog_sync *sync, struct text params,
                        struct text *out);

// As sync_params_read, from the query's parameters that aren't in `others` (NULL ends them).
bool sync_params_query(struct exchange *exchange, const struct catalog_sync *sync, const char *const *others,
                       struct text *out);

// The sync that the path names, of the exchange's organisation and for this token; false: answered with 404.
bool sync_find(struct exchange *exchange, struct catalog_sync *out);

// The same, with a script that can run; false: answered with 404 or 409.
bool sync_find_good(struct exchange *exchange, struct catalog_sync *out);

#endif

#ifndef WEIR_SERVER_SYNC_JSON_H
#define WEIR_SERVER_SYNC_JSON_H

// A sync, as the API shows it.

#include "format/format_members.h"
#include "server/catalog.h"

// The members of a sync's object.
void sync_put(struct members *members, const struct catalog_sync *sync);

#endif

#ifndef WEIR_SERVER_DEMO_REMOTE_H
#define WEIR_SERVER_DEMO_REMOTE_H

// The counterpart of `weir demo`, over libmicrohttpd in a thread of its own.

#include "port/remote.h"

extern const struct remote_type demo_remote;

#endif

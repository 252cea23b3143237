#ifndef WEIR_SERVER_WEB_HEAD_H
#define WEIR_SERVER_WEB_HEAD_H

// Whether a request's head is one that everybody reads alike. A proxy in front of the server that reads it otherwise
// would let a second request through behind the first, unseen (request smuggling). libmicrohttpd 0.9.75 takes two
// Content-Length, one beside a Transfer-Encoding, lines that end in a bare CR or LF, lines that are folded, a NUL in a
// value and a line without a name; none of them is taken here.

#include <microhttpd.h>
#include <stdbool.h>

// `version` is what the library gave to the handler. False: `wrong` says what is the matter, and nothing that follows
// on the connection is a request.
bool web_head_check(struct MHD_Connection *connection, const char *version, const char **wrong);

#endif

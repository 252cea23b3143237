#ifndef WEIR_TESTS_HTTP_RAW_SERVER_H
#define WEIR_TESTS_HTTP_RAW_SERVER_H

// A server that says exactly the bytes it is told to, on a port of its own on loopback: what no well-behaved server
// would send can be tried so. Each connection has a thread; requests are answered by the first exchange that fits and
// was not used up. Everything that was asked is kept.

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

enum raw_end {
    RAW_KEEP,  // goes on with the next request
    RAW_CLOSE, // closes in order
    RAW_RESET, // cuts the connection
    RAW_HANG,  // says nothing more, until the server stops
};

struct raw_exchange {
    const char *request; // what a request begins with; NULL: any
    const char *answer;  // NULL: none. "Content-Length: *" becomes the length of what follows the head
    size_t length;       // of the answer; 0: its strlen
    enum raw_end end;
    size_t piece; // sent in pieces of so many bytes
    bool held;    // answered only after raw_server_release
    bool forever; // any number of times
};

// An answer like any other.
#define RAW_SAY(what, text) \
    { .request = (what), .answer = (text) }

struct raw_server;

struct raw_server *raw_server_open(void);
// From now on connections are answered. The exchanges and their texts outlive the server.
void raw_server_play(struct raw_server *server, const struct raw_exchange *exchanges, size_t count);
void raw_server_close(struct raw_server *server);

int raw_server_port(const struct raw_server *server);
const char *raw_server_base(const struct raw_server *server); // "http://127.0.0.1:PORT"

// Lets everything that is held be answered.
void raw_server_release(struct raw_server *server);

// What was asked so far: all requests, one of them whole (head and body), and how many connections they came over.
size_t raw_server_asked(struct raw_server *server);
struct text raw_server_request(struct raw_server *server, size_t index);
size_t raw_server_connections(struct raw_server *server);

// Whether the request holds the line.
bool raw_has_line(struct text request, const char *line);

#endif

#ifndef WEIR_TESTS_HTTP_CLIENT_H
#define WEIR_TESTS_HTTP_CLIENT_H

// What the tests of the client share: a server, a client of it that may reach loopback, and requests in one line.

#include "http/http.h"
#include "http/raw_server.h"
#include "test.h"

#define COUNT_OF(list) (sizeof(list) / sizeof *(list))

struct client {
    struct raw_server *server;
    struct http_setup setup;
    struct http_range range;
    struct http *http;
    struct arena arena;
    struct error error;
};

// Opens the server; the setup may be changed before client_play opens the client.
void client_open(struct client *client);
void client_play(struct client *client, const struct raw_exchange *exchanges, size_t count);
void client_close(struct client *client);

struct http_call *client_send(struct client *client, const char *verb, const char *url, const char *body);
struct http_call *client_get(struct client *client, const char *url);

// The whole answer of one request; fails the test when there is none.
struct text client_ask(struct client *client, const char *verb, const char *url, const char *body, int status);

// One request that must fail; its error, by code.
enum error_code client_fails(struct client *client, const char *verb, const char *url, const char *body);

// A clock that stands still until it is moved or waited on.
extern int64_t fixed_now_us;
extern const struct clock fixed_clock;

bool error_says(const struct error *error, const char *words);

#endif

#ifndef WEIR_HTTP_HTTP_SOCKET_H
#define WEIR_HTTP_HTTP_SOCKET_H

// Where a connection may go: asked with the resolved address, right before its socket is made, so that no way of
// writing an address (127.1, 2130706433, 0177.0.0.1, ::ffff:127.0.0.1, a name that resolves to it) gets past. Nothing
// here allocates.

#include <curl/curl.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "http/http.h"

// Whether the address is a public one, or a private one that the rules allow. When not, `why` says what it is.
bool http_address_allowed(const struct sockaddr *address, const struct http_rules *rules, const char **why);

// libcurl's CURLOPT_OPENSOCKETFUNCTION; `context` is the struct http_call, which remembers what was refused.
curl_socket_t http_socket_open(void *context, curlsocktype purpose, struct curl_sockaddr *address);

#endif

#include "http/raw_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test.h"

enum { CONNECTIONS_MAX = 64, REQUESTS_MAX = 256, REQUEST_BYTES_MAX = 4 * 1024 * 1024 };

struct connection {
    struct raw_server *server;
    pthread_t thread;
    int socket;
};

struct raw_server {
    int listener;
    int port;
    char base[64];
    pthread_t thread;
    bool playing;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    const struct raw_exchange *exchanges;
    size_t exchange_count;
    bool used[256];
    bool released;
    bool stopped;
    struct connection connections[CONNECTIONS_MAX];
    size_t connection_count;
    struct text requests[REQUESTS_MAX];
    size_t request_count;
};

struct raw_server *raw_server_open(void) {
    struct raw_server *server = calloc(1, sizeof *server);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    CHECK(server != NULL);
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(server->listener >= 0);
    CHECK(bind(server->listener, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK(listen(server->listener, 64) == 0);
    CHECK(getsockname(server->listener, (struct sockaddr *)&address, &length) == 0);
    server->port = ntohs(address.sin_port);
    snprintf(server->base, sizeof server->base, "http://127.0.0.1:%d", server->port);
    pthread_mutex_init(&server->mutex, NULL);
    pthread_cond_init(&server->changed, NULL);
    return server;
}

int raw_server_port(const struct raw_server *server) {
    return server->port;
}

const char *raw_server_base(const struct raw_server *server) {
    return server->base;
}

static size_t content_length(const char *head) {
    const char *line = strcasestr(head, "\r\ncontent-length:");
    return line != NULL ? (size_t)strtoul(line + 17, NULL, 10) : 0;
}

// Reads one request. What belongs to the next one stays in `held`. Its length, or 0 at the end.
static size_t read_request(int from, char *held, size_t *filled) {
    for (;;) {
        held[*filled] = '\0';
        char *end = strstr(held, "\r\n\r\n");
        if (end != NULL) {
            size_t whole = (size_t)(end - held) + 4 + content_length(held);
            if (*filled >= whole) {
                return whole;
            }
        }
        ssize_t got = *filled < REQUEST_BYTES_MAX ? recv(from, held + *filled, REQUEST_BYTES_MAX - *filled, 0) : 0;
        if (got <= 0) {
            return 0;
        }
        *filled += (size_t)got;
    }
}

static const struct raw_exchange *choose(struct raw_server *server, const char *request, size_t length) {
    pthread_mutex_lock(&server->mutex);
    if (server->request_count < REQUESTS_MAX) {
        char *copy = malloc(length + 1);
        if (copy != NULL) {
            memcpy(copy, request, length);
            copy[length] = '\0';
            server->requests[server->request_count++] = (struct text){copy, length};
        }
    }
    const struct raw_exchange *found = NULL;
    for (size_t i = 0; i < server->exchange_count && found == NULL; i++) {
        const struct raw_exchange *each = &server->exchanges[i];
        if (!server->used[i] &&
            (each->request == NULL || strncmp(request, each->request, strlen(each->request)) == 0)) {
            server->used[i] = !each->forever;
            found = each;
        }
    }
    while (found != NULL && found->held && !server->released && !server->stopped) {
        pthread_cond_wait(&server->changed, &server->mutex);
    }
    pthread_mutex_unlock(&server->mutex);
    return found;
}

static bool send_all(int to, const char *bytes, size_t length, size_t piece) {
    piece = piece > 0 ? piece : length;
    for (size_t at = 0; at < length;) {
        size_t part = piece < length - at ? piece : length - at;
        ssize_t sent = send(to, bytes + at, part, MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        at += (size_t)sent;
    }
    return true;
}

static bool say(int to, const struct raw_exchange *exchange) {
    const char *answer = exchange->answer != NULL ? exchange->answer : "";
    const char *star = exchange->length == 0 ? strstr(answer, "Content-Length: *\r\n") : NULL;
    if (star == NULL) {
        return send_all(to, answer, exchange->length > 0 ? exchange->length : strlen(answer), exchange->piece);
    }
    char length[32];
    star += strlen("Content-Length: ");
    snprintf(length, sizeof length, "%zu", strlen(strstr(star, "\r\n\r\n")) - 4);
    return send_all(to, answer, (size_t)(star - answer), exchange->piece) &&
           send_all(to, length, strlen(length), exchange->piece) &&
           send_all(to, star + 1, strlen(star + 1), exchange->piece);
}

static void hang(struct raw_server *server) {
    pthread_mutex_lock(&server->mutex);
    while (!server->stopped) {
        pthread_cond_wait(&server->changed, &server->mutex);
    }
    pthread_mutex_unlock(&server->mutex);
}

static void *serve(void *context) {
    struct connection *connection = context;
    char *held = malloc(REQUEST_BYTES_MAX + 1);
    size_t filled = 0;
    int on = 1;
    setsockopt(connection->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    for (size_t length; held != NULL && (length = read_request(connection->socket, held, &filled)) > 0;) {
        const struct raw_exchange *exchange = choose(connection->server, held, length);
        memmove(held, held + length, filled - length);
        filled -= length;
        if (exchange == NULL || !say(connection->socket, exchange)) {
            break;
        }
        if (exchange->end == RAW_RESET) {
            struct linger at_once = {.l_onoff = 1};
            setsockopt(connection->socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        } else if (exchange->end == RAW_HANG) {
            hang(connection->server);
        }
        if (exchange->end != RAW_KEEP) {
            break;
        }
    }
    free(held);
    pthread_mutex_lock(&connection->server->mutex);
    close(connection->socket);
    connection->socket = -1;
    pthread_mutex_unlock(&connection->server->mutex);
    return NULL;
}

static void *accept_all(void *context) {
    struct raw_server *server = context;
    for (;;) {
        int socket = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
        pthread_mutex_lock(&server->mutex);
        bool more = socket >= 0 && !server->stopped && server->connection_count < CONNECTIONS_MAX;
        if (more) {
            struct connection *connection = &server->connections[server->connection_count++];
            connection->server = server;
            connection->socket = socket;
            more = pthread_create(&connection->thread, NULL, serve, connection) == 0;
        } else if (socket >= 0) {
            close(socket);
        }
        pthread_mutex_unlock(&server->mutex);
        if (!more) {
            return NULL;
        }
    }
}

void raw_server_play(struct raw_server *server, const struct raw_exchange *exchanges, size_t count) {
    CHECK(count <= sizeof server->used);
    server->exchanges = exchanges;
    server->exchange_count = count;
    server->playing = true;
    CHECK(pthread_create(&server->thread, NULL, accept_all, server) == 0);
}

void raw_server_close(struct raw_server *server) {
    pthread_mutex_lock(&server->mutex);
    server->stopped = true;
    pthread_cond_broadcast(&server->changed);
    shutdown(server->listener, SHUT_RDWR);
    for (size_t i = 0; i < server->connection_count; i++) {
        if (server->connections[i].socket >= 0) {
            shutdown(server->connections[i].socket, SHUT_RDWR);
        }
    }
    pthread_mutex_unlock(&server->mutex);
    if (server->playing) {
        pthread_join(server->thread, NULL);
    }
    for (size_t i = 0; i < server->connection_count; i++) {
        pthread_join(server->connections[i].thread, NULL);
    }
    close(server->listener);
    for (size_t i = 0; i < server->request_count; i++) {
        free((char *)(uintptr_t)server->requests[i].data);
    }
    pthread_mutex_destroy(&server->mutex);
    pthread_cond_destroy(&server->changed);
    free(server);
}

void raw_server_release(struct raw_server *server) {
    pthread_mutex_lock(&server->mutex);
    server->released = true;
    pthread_cond_broadcast(&server->changed);
    pthread_mutex_unlock(&server->mutex);
}

size_t raw_server_asked(struct raw_server *server) {
    pthread_mutex_lock(&server->mutex);
    size_t count = server->request_count;
    pthread_mutex_unlock(&server->mutex);
    return count;
}

struct text raw_server_request(struct raw_server *server, size_t index) {
    pthread_mutex_lock(&server->mutex);
    CHECK(index < server->request_count);
    struct text request = server->requests[index];
    pthread_mutex_unlock(&server->mutex);
    return request;
}

size_t raw_server_connections(struct raw_server *server) {
    pthread_mutex_lock(&server->mutex);
    size_t count = server->connection_count;
    pthread_mutex_unlock(&server->mutex);
    return count;
}

bool raw_has_line(struct text request, const char *line) {
    size_t length = strlen(line);
    for (const char *at = request.data; (at = strstr(at, line)) != NULL; at++) {
        bool starts = at == request.data || at[-1] == '\n';
        if (starts && (at[length] == '\r' || at[length] == '\n')) {
            return true;
        }
    }
    return false;
}

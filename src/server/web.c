#include "server/web.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "server/web_head.h"
#include "server/web_target.h"

enum {
    HEAD_BYTES = 32 * 1024,
    GIVE_BYTES = 16 * 1024,
    READ_BYTES_A_SECOND = 16 * 1024, // the slowest reader
    MICROSECONDS = 1000 * 1000,
    WATCH_STEP_US = 200 * 1000,
    FAREWELL_US = 2 * 1000 * 1000, // for the last answers
    FAREWELL_STEP_US = 5 * 1000,
    IDLE_SECONDS = 60, // libmicrohttpd's own; ours comes first
};

// A connection and the time that what is going on there may take.
struct peer {
    struct peer *next, *previous;
    int socket;
    int64_t until_us; // 0: no limit (an answer is made or given)
};

struct web_request {
    struct exchange exchange; // first: an exchange is its request
    struct web *web;
    struct MHD_Connection *connection;
    struct peer *peer;
    uint64_t body_max;
    uint64_t taken;
    bool is_sleeping; // suspended, and in the list
    struct web_request *next_asleep;
    struct buffer given; // of an answer without end, not yet sent
    size_t sent;         // of it
};

struct web {
    struct web_setup setup;
    struct MHD_Daemon *daemon;
    pthread_t watch;
    bool watches;
    atomic_bool stopping;
    _Atomic int64_t requests, connections;
    _Atomic int64_t open;  // requests whose head is there and whose answer isn't gone yet
    _Atomic uint64_t news; // counts wakes: whoever looked before the latest one looks again before it sleeps
    pthread_mutex_t mutex; // of the peers and of who sleeps
    struct peer *peers;
    struct web_request *asleep;
};

// --- deadlines ---

static void peer_until(struct web_request *request, int64_t until_us) {
    if (request->peer != NULL) {
        pthread_mutex_lock(&request->web->mutex);
        request->peer->until_us = until_us;
        pthread_mutex_unlock(&request->web->mutex);
    }
}

static void on_connection(void *context, struct MHD_Connection *connection, void **place,
                          enum MHD_ConnectionNotificationCode what) {
    struct web *web = context;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        struct peer *peer = memory_zero(1, sizeof *peer);
        *place = peer;
        if (peer == NULL || info == NULL) {
            return; // it lives without our deadline, under the library's own
        }
        peer->socket = info->connect_fd;
        peer->until_us = clock_coarse_us() + web->setup.head_us;
        web->connections++;
        pthread_mutex_lock(&web->mutex);
        peer->next = web->peers;
        if (web->peers != NULL) {
            web->peers->previous = peer;
        }
        web->peers = peer;
        pthread_mutex_unlock(&web->mutex);
        return;
    }
    struct peer *peer = *place;
    if (peer == NULL) {
        return;
    }
    web->connections--;
    pthread_mutex_lock(&web->mutex);
    *(peer->previous != NULL ? &peer->previous->next : &web->peers) = peer->next;
    if (peer->next != NULL) {
        peer->next->previous = peer->previous;
    }
    pthread_mutex_unlock(&web->mutex);
    memory_free(peer);
    *place = NULL;
}

// --- sleeping ---

static void wake_some(struct web *web, int64_t now_us) {
    struct web_request **place = &web->asleep;
    while (*place != NULL) {
        struct web_request *request = *place;
        if (now_us != 0 && (request->exchange.until_us == 0 || request->exchange.until_us > now_us)) {
            place = &request->next_asleep;
            continue;
        }
        *place = request->next_asleep;
        request->is_sleeping = false;
        MHD_resume_connection(request->connection);
    }
}

void web_wake(struct web *web) {
    if (web == NULL) {
        return;
    }
    pthread_mutex_lock(&web->mutex);
    web->news++;
    wake_some(web, 0);
    pthread_mutex_unlock(&web->mutex);
}

// Puts the request to sleep, unless there were news since it looked.
static bool sleep_on(struct web_request *request, uint64_t looked) {
    struct web *web = request->web;
    bool sleeps = false;
    pthread_mutex_lock(&web->mutex);
    if (web->news == looked && !web->stopping) {
        sleeps = true;
        request->is_sleeping = true;
        request->next_asleep = web->asleep;
        web->asleep = request;
        MHD_suspend_connection(request->connection);
    }
    pthread_mutex_unlock(&web->mutex);
    return sleeps;
}

static void *watch(void *context) {
    struct web *web = context;
    while (!web->stopping) {
        clock_wait(&clock_system, WATCH_STEP_US);
        int64_t now_us = clock_coarse_us();
        pthread_mutex_lock(&web->mutex);
        for (struct peer *peer = web->peers; peer != NULL; peer = peer->next) {
            if (peer->until_us != 0 && peer->until_us < now_us) {
                shutdown(peer->socket, SHUT_RDWR);
                peer->until_us = 0;
            }
        }
        wake_some(web, now_us);
        pthread_mutex_unlock(&web->mutex);
    }
    return NULL;
}

// --- answers ---

static void free_answer(void *data) {
    memory_free(data);
}

static ssize_t on_give(void *context, uint64_t at, char *into, size_t room) {
    (void)at;
    struct web_request *request = context;
    struct exchange *exchange = &request->exchange;
    while (request->sent == request->given.length) {
        uint64_t looked = request->web->news;
        buffer_reset(&request->given);
        request->sent = 0;
        enum given given = request->web->stopping ? GIVEN_END : exchange->give(exchange, &request->given);
        if (given == GIVEN_END || request->given.failed) {
            return MHD_CONTENT_READER_END_OF_STREAM;
        }
        if (given == GIVEN_NOTHING_YET && sleep_on(request, looked)) {
            return 0;
        }
    }
    size_t left = request->given.length - request->sent;
    size_t count = left < room ? left : room;
    memcpy(into, request->given.data + request->sent, count);
    request->sent += count;
    return (ssize_t)count;
}

static struct MHD_Response *make_response(struct web_request *request) {
    struct exchange *exchange = &request->exchange;
    if (exchange->give != NULL) {
        return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, GIVE_BYTES, on_give, request, NULL);
    }
    struct buffer *answer = &exchange->answer;
    struct MHD_Response *response =
        MHD_create_response_from_buffer_with_free_callback(answer->length, answer->data, free_answer);
    if (response != NULL) {
        // The bytes are the response's now.
        buffer_init(answer, answer->ceiling);
    }
    return response;
}

static enum MHD_Result respond(struct web_request *request) {
    struct exchange *exchange = &request->exchange;
    size_t length = exchange->answer.length;
    struct MHD_Response *response = make_response(request);
    if (response == NULL) {
        return MHD_NO;
    }
    bool ok = exchange->type == NULL ||
              MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, exchange->type) == MHD_YES;
    ok = ok && MHD_add_response_header(response, "X-Content-Type-Options", "nosniff") == MHD_YES &&
         MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store") == MHD_YES;
    for (size_t i = 0; ok && i < exchange->header_count; i++) {
        char *value = arena_copy(&exchange->arena, exchange->headers[i].value.data, exchange->headers[i].value.length);
        ok = value != NULL && MHD_add_response_header(response, exchange->headers[i].name.data, value) == MHD_YES;
    }
    if (exchange->closes) {
        ok = ok && MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close") == MHD_YES;
    }
    // An answer has its time too, by its size: who reads slower than that has gone for all we know. One without an end
    // is its giver's.
    int64_t span_us = request->web->setup.answer_us + (int64_t)(length * MICROSECONDS / READ_BYTES_A_SECOND);
    peer_until(request, exchange->give != NULL ? 0 : clock_coarse_us() + span_us);
    enum MHD_Result result =
        ok ? MHD_queue_response(request->connection, (unsigned)exchange->status, response) : MHD_NO;
    MHD_destroy_response(response);
    return result;
}

// --- requests ---

struct text web_header(const struct web_request *request, const char *name) {
    const char *value = MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
    return text_of(value != NULL ? value : "");
}

static void begin(struct web_request *request, const char *url, const char *method, const char *version) {
    struct web *web = request->web;
    struct exchange *exchange = &request->exchange;
    const char *wrong;
    exchange->method = text_of(method);
    // Refused before anything is made of it: the connection ends, so nothing behind it is taken for another request.
    if (!web_head_check(request->connection, version, &wrong) ||
        !web_target_read(text_of(url), &exchange->arena, &exchange->path, exchange->query, &exchange->query_count,
                         &wrong)) {
        exchange->closes = true;
        exchange_refuse(exchange, 400, ERROR_REQUEST, "%s", wrong);
        return;
    }
    int64_t body_us = web->setup.body_us;
    web->setup.begin(web->setup.context, exchange, &request->body_max, &body_us);
    struct text given = web_header(request, "Content-Length");
    int64_t bytes = 0;
    (void)!text_integer(given, &bytes); // none is 0
    if (exchange->status == 0 && (uint64_t)bytes > request->body_max) {
        exchange_refuse(exchange, 413, ERROR_LIMIT, "the body is larger than %llu bytes",
                        (unsigned long long)request->body_max);
    }
    // A refused body isn't read, so what follows on this connection is no request.
    exchange->closes = exchange->closes ||
                       (exchange->status != 0 && (bytes > 0 || web_header(request, "Transfer-Encoding").length > 0));
    peer_until(request, clock_coarse_us() + body_us);
}

static void take_body(struct web_request *request, const char *bytes, size_t count) {
    struct exchange *exchange = &request->exchange;
    if (exchange->status != 0) {
        return; // answered already: the rest is read and let go
    }
    request->taken += count;
    if (request->taken > request->body_max) {
        exchange->closes = true;
        exchange_refuse(exchange, 413, ERROR_LIMIT, "the body is larger than %llu bytes",
                        (unsigned long long)request->body_max);
    } else if (exchange->take != NULL) {
        (void)!exchange->take(exchange, (struct text){bytes, count});
    } else if (!buffer_append(&exchange->body, bytes, count)) {
        exchange->closes = true;
        exchange_refuse(exchange, 503, ERROR_MEMORY, "there is no memory for the body");
    }
}

// The answer, or sleep until there is one.
static enum MHD_Result conclude(struct web_request *request) {
    struct exchange *exchange = &request->exchange;
    while (exchange->status == 0 && exchange->ready != NULL) {
        uint64_t looked = request->web->news;
        bool late = request->web->stopping || (exchange->until_us != 0 && clock_coarse_us() >= exchange->until_us);
        peer_until(request, 0);
        if (!exchange->ready(exchange, late) && !late && sleep_on(request, looked)) {
            return MHD_YES;
        }
        if (late && exchange->status == 0) {
            exchange_refuse(exchange, 503, ERROR_SERVER_STOPS, "the server is stopping");
        }
    }
    if (exchange->status == 0) {
        exchange_refuse(exchange, 500, ERROR_REQUEST, "there is no answer");
    }
    return respond(request);
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *bytes, size_t *count, void **state) {
    (void)url;
    struct web *web = context;
    struct web_request *request = *state; // made by on_target
    if (request == NULL) {
        return MHD_NO;
    }
    if (request->connection == NULL) {
        const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
        request->connection = connection;
        request->peer = info != NULL ? info->socket_context : NULL;
        request->exchange.at_us = clock_coarse_us();
        web->open++;
        begin(request, request->exchange.path.data, method, version);
        web->requests++;
        return request->exchange.status != 0 && request->exchange.closes ? respond(request) : MHD_YES;
    }
    if (*count > 0) {
        take_body(request, bytes, *count);
        *count = 0;
        return MHD_YES;
    }
    if (request->exchange.status == 0 && request->exchange.ready == NULL) {
        web->setup.handle(web->setup.context, &request->exchange);
        if (request->exchange.give != NULL) {
            return respond(request);
        }
    }
    return conclude(request);
}

// The whole target as it came, before the library takes it apart.
static void *on_target(void *context, const char *target, struct MHD_Connection *connection) {
    (void)connection;
    struct web *web = context;
    struct web_request *request = memory_zero(1, sizeof *request);
    if (request == NULL) {
        return NULL;
    }
    exchange_init(&request->exchange);
    request->exchange.web = request;
    request->web = web;
    buffer_init(&request->given, HEAD_BYTES * 64);
    char *copy = arena_copy(&request->exchange.arena, target, strlen(target));
    if (copy == NULL) {
        memory_free(request);
        return NULL;
    }
    request->exchange.path = text_of(copy);
    return request;
}

static size_t keep_escapes(void *context, struct MHD_Connection *connection, char *text) {
    (void)context;
    (void)connection;
    return strlen(text); // web_target reads them
}

static void on_end(void *context, struct MHD_Connection *connection, void **state,
                   enum MHD_RequestTerminationCode how) {
    (void)connection;
    (void)how;
    struct web *web = context;
    struct web_request *request = *state;
    if (request == NULL) {
        return;
    }
    *state = NULL;
    web->open -= request->connection != NULL;
    peer_until(request, clock_coarse_us() + web->setup.head_us); // for the next head
    exchange_clear(&request->exchange);
    buffer_clear(&request->given);
    memory_free(request);
}

// --- the whole ---

static void on_library_log(void *context, const char *format, va_list values) {
    (void)context;
    (void)format;
    (void)values; // what clients do wrong is no news
}

static bool address_read(const struct web_setup *setup, struct sockaddr_storage *out, struct error *error) {
    struct sockaddr_in *four = (struct sockaddr_in *)out;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)out;
    memset(out, 0, sizeof *out);
    if (inet_pton(AF_INET, setup->address, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons((uint16_t)setup->port);
        return true;
    }
    if (inet_pton(AF_INET6, setup->address, &six->sin6_addr) == 1) {
        six->sin6_family = AF_INET6;
        six->sin6_port = htons((uint16_t)setup->port);
        return true;
    }
    return error_set(error, ERROR_USAGE, "'%s' is no address to listen at; 127.0.0.1 or 0.0.0.0 are", setup->address);
}

static bool daemon_start(struct web *web, struct error *error) {
    const struct web_setup *setup = &web->setup;
    struct sockaddr_storage address;
    if (!address_read(setup, &address, error)) {
        return false;
    }
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_TURBO | MHD_USE_ERROR_LOG;
    flags |= address.ss_family == AF_INET6 ? MHD_USE_IPv6 : 0;
    web->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, on_request, web, MHD_OPTION_EXTERNAL_LOGGER, on_library_log, NULL, MHD_OPTION_SOCK_ADDR,
        (struct sockaddr *)&address, MHD_OPTION_THREAD_POOL_SIZE, setup->threads, MHD_OPTION_CONNECTION_LIMIT,
        setup->connections_max, MHD_OPTION_PER_IP_CONNECTION_LIMIT, setup->address_connections_max,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEAD_BYTES, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_URI_LOG_CALLBACK, on_target, web, MHD_OPTION_UNESCAPE_CALLBACK,
        keep_escapes, NULL, MHD_OPTION_NOTIFY_CONNECTION, on_connection, web, MHD_OPTION_NOTIFY_COMPLETED, on_end, web,
        MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u, MHD_OPTION_END);
    if (web->daemon == NULL) {
        return error_set_errno(error, ERROR_LISTEN, errno, "cannot listen at %s port %u", setup->address, setup->port);
    }
    return true;
}

bool web_open(const struct web_setup *setup, struct web **out, struct error *error) {
    struct web *web = memory_zero(1, sizeof *web);
    *out = web;
    if (web == NULL) {
        return error_memory(error);
    }
    web->setup = *setup;
    pthread_mutex_init(&web->mutex, NULL);
    return true;
}

bool web_start(struct web *web, struct error *error) {
    if (!daemon_start(web, error)) {
        return false;
    }
    web->watches = pthread_create(&web->watch, NULL, watch, web) == 0;
    return web->watches || error_set(error, ERROR_MEMORY, "cannot start a thread");
}

void web_stop(struct web *web) {
    if (web == NULL) {
        return;
    }
    web->stopping = true;
    if (web->watches) {
        pthread_join(web->watch, NULL);
        web->watches = false;
    }
    if (web->daemon != NULL) {
        // Whoever waits is answered now, and gets what is on its way.
        int listener = MHD_quiesce_daemon(web->daemon);
        int64_t until_us = clock_coarse_us() + FAREWELL_US;
        web_wake(web);
        while (web->open > 0 && clock_coarse_us() < until_us) {
            clock_wait(&clock_system, FAREWELL_STEP_US);
        }
        MHD_stop_daemon(web->daemon);
        web->daemon = NULL;
        if (listener >= 0) {
            close(listener);
        }
    }
}

void web_close(struct web *web) {
    if (web != NULL) {
        web_stop(web);
        pthread_mutex_destroy(&web->mutex);
        memory_free(web);
    }
}

unsigned web_port(const struct web *web) {
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(web->daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info != NULL ? info->port : 0;
}

void web_counts(struct web *web, int64_t *requests, int64_t *connections) {
    *requests = web->requests;
    *connections = web->connections;
}

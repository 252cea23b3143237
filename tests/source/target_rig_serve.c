#include "target_rig_serve.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "format/format_json.h"
#include "source/source_http.h"
#include "test.h"

enum { CONNECTIONS_MAX = 4000, REQUEST_MAX = 1 << 24 };

// One thread accepts, one more for each connection; each connection carries one request.
struct target_rig_server {
    struct api *api;
    int listener;
    pthread_t accepter;
    pthread_t threads[CONNECTIONS_MAX];
    size_t count;
    uint16_t closed_port; // where nobody listens
};

struct connection {
    struct api *api;
    int socket;
};

static bool send_all(int socket, const char *data, size_t length) {
    while (length > 0) {
        ssize_t sent = send(socket, data, length, MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        data += sent;
        length -= (size_t)sent;
    }
    return true;
}

// A header's value, or an empty text.
static struct text header(struct text head, const char *name) {
    size_t length = strlen(name);
    for (size_t i = 0; i + length + 2 < head.length; i++) {
        if (head.data[i] == '\n' && strncasecmp(head.data + i + 1, name, length) == 0 &&
            head.data[i + 1 + length] == ':') {
            const char *from = head.data + i + length + 2;
            const char *end = memchr(from, '\r', head.length - (size_t)(from - head.data));
            CHECK(end != NULL);
            return text_trim((struct text){from, (size_t)(end - from)});
        }
    }
    return text_of("");
}

// The whole request, as far as it comes; its head's length, or 0.
static size_t receive(int socket, struct buffer *in) {
    for (;;) {
        const char *end = in->length > 0 ? memmem(in->data, in->length, "\r\n\r\n", 4) : NULL;
        if (end != NULL) {
            size_t head = (size_t)(end - in->data) + 4;
            int64_t body = 0;
            text_integer(header((struct text){in->data, head}, "content-length"), &body);
            if (in->length >= head + (size_t)body) {
                return head;
            }
        }
        CHECK(buffer_reserve(in, 65536));
        ssize_t got = recv(socket, in->data + in->length, 65536, 0);
        if (got <= 0) {
            return 0;
        }
        in->length += (size_t)got;
    }
}

static void answer(int socket, const struct api_reply *reply) {
    if (reply->status == 0) {
        return;
    }
    char head[512];
    int length = snprintf(head, sizeof head, "HTTP/1.1 %d Said\r\nContent-Type: %s\r\n%s%s", reply->status, reply->type,
                          reply->header != NULL ? reply->header : "", reply->header != NULL ? "\r\n" : "");
    if (reply->status != 204) {
        length += snprintf(head + length, sizeof head - (size_t)length, "Content-Length: %zu\r\n", reply->body.length);
    }
    if (reply->status >= 300 && reply->status < 400) {
        length += snprintf(head + length, sizeof head - (size_t)length, "Location: /things\r\n");
    }
    length += snprintf(head + length, sizeof head - (size_t)length, "Connection: close\r\n\r\n");
    if (send_all(socket, head, (size_t)length)) {
        send_all(socket, reply->body.data, reply->cut > 0 ? reply->cut : reply->body.length);
    }
}

static void *serve(void *given) {
    struct connection connection = *(struct connection *)given;
    free(given);
    struct buffer in;
    struct arena arena;
    buffer_init(&in, REQUEST_MAX);
    arena_init(&arena, REQUEST_MAX * (size_t)8);
    size_t head = receive(connection.socket, &in);
    if (head > 0) {
        const char *space = memchr(in.data, ' ', head);
        CHECK(space != NULL);
        const char *end = memchr(space + 1, ' ', head - (size_t)(space + 1 - in.data));
        CHECK(end != NULL);
        struct api_request request = {
            .verb = {in.data, (size_t)(space - in.data)},
            .url = {space + 1, (size_t)(end - space) - 1},
            .body = {in.data + head, in.length - head},
            .key = header((struct text){in.data, head}, "idempotency-key"),
        };
        struct api_reply reply;
        api_answer(connection.api, &request, &arena, &reply);
        answer(connection.socket, &reply);
    }
    shutdown(connection.socket, SHUT_WR);
    close(connection.socket);
    buffer_clear(&in);
    arena_clear(&arena);
    return NULL;
}

static void *accept_all(void *given) {
    struct target_rig_server *server = given;
    for (;;) {
        int socket = accept(server->listener, NULL, NULL);
        if (socket < 0 && errno == EINTR) {
            continue;
        }
        if (socket < 0) {
            return NULL;
        }
        struct connection *connection = malloc(sizeof *connection);
        CHECK(connection != NULL && server->count < CONNECTIONS_MAX);
        *connection = (struct connection){server->api, socket};
        CHECK(pthread_create(&server->threads[server->count], NULL, serve, connection) == 0);
        server->count++;
    }
}

static int listen_anywhere(uint16_t *port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(listener >= 0 && bind(listener, (struct sockaddr *)&address, sizeof address) == 0 &&
          listen(listener, 128) == 0 && getsockname(listener, (struct sockaddr *)&address, &length) == 0);
    *port = ntohs(address.sin_port);
    return listener;
}

static void connect_to(struct target_rig *rig, uint16_t port) {
    static const struct text loopback = {"127.0.0.1", 9};
    struct session_setup setup = {
        .name = TEXT_LITERAL("things"),
        .folder = {"", 0},
        .allowed = &loopback,
        .allowed_count = 1,
        .clock = &clock_system,
        .log = &log_none,
    };
    struct error error;
    struct value settings;
    const char *json = arena_print(&rig->arena, "{\"base\":\"http://127.0.0.1:%u\"}", (unsigned)port);
    CHECK(json != NULL);
    CHECK_OK(json_read(text_of(json), &rig->arena, NULL, &settings, &error), &error);
    setup.settings = settings.as.object;
    source_session_close(rig->session);
    CHECK_OK(source_session_open(&source_http, &setup, &rig->session, &error), &error);
    rig->setup.session = rig->session;
    rig->setup.settings = setup.settings;
}

void target_rig_serve(struct target_rig *rig) {
    uint16_t port;
    struct target_rig_server *server = memory_zero(1, sizeof *server);
    CHECK(server != NULL);
    rig->server = server;
    server->api = &rig->api;
    close(listen_anywhere(&server->closed_port));
    server->listener = listen_anywhere(&port);
    CHECK(pthread_create(&server->accepter, NULL, accept_all, server) == 0);
    connect_to(rig, port);
}

void target_rig_elsewhere(struct target_rig *rig) {
    connect_to(rig, rig->server->closed_port);
}

void target_rig_unserve(struct target_rig *rig) {
    source_session_close(rig->session);
    shutdown(rig->server->listener, SHUT_RDWR);
    pthread_join(rig->server->accepter, NULL);
    close(rig->server->listener);
    for (size_t i = 0; i < rig->server->count; i++) {
        pthread_join(rig->server->threads[i], NULL);
    }
    memory_free(rig->server);
}

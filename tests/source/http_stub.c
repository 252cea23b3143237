#include "http_stub.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test.h"

enum { CONNECTIONS = 128, REQUEST_MAX = 16 << 20, BODY_MAX = 512 << 20 };

struct connection {
    int socket;
    struct buffer bytes;
};

struct http_stub {
    stub_answer answer;
    void *context;
    int listener;
    int wake[2];
    pthread_t thread;
    pthread_mutex_t lock;
    char base[64];
    struct buffer log;
    struct buffer shown;
    size_t count;
    struct connection connections[CONNECTIONS];
    size_t connection_count;
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

// A word up to the stop; the rest begins behind it.
static struct text take(struct text *rest, char stop) {
    const char *found = rest->length > 0 ? memchr(rest->data, stop, rest->length) : NULL;
    size_t length = found != NULL ? (size_t)(found - rest->data) : rest->length;
    struct text word = {rest->data, length};
    length += found != NULL;
    rest->data += length;
    rest->length -= length;
    return word;
}

static const char *find(struct text text, const char *word) {
    size_t length = strlen(word);
    for (size_t i = 0; i + length <= text.length; i++) {
        if (memcmp(text.data + i, word, length) == 0) {
            return text.data + i;
        }
    }
    return NULL;
}

struct text stub_header(const struct stub_request *request, const char *name) {
    struct text rest = request->headers;
    while (rest.length > 0) {
        struct text line = take(&rest, '\n');
        struct text key = take(&line, ':');
        if (key.length == strlen(name) && strncasecmp(key.data, name, key.length) == 0) {
            return text_trim(line);
        }
    }
    return (struct text){"", 0};
}

static int hex(char c) {
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

static struct text decode(struct text text, char *room, size_t size) {
    size_t length = 0;
    for (size_t i = 0; i < text.length && length + 1 < size; i++) {
        if (text.data[i] == '%' && i + 2 < text.length && hex(text.data[i + 1]) >= 0 && hex(text.data[i + 2]) >= 0) {
            room[length++] = (char)(hex(text.data[i + 1]) << 4 | hex(text.data[i + 2]));
            i += 2;
        } else {
            room[length++] = text.data[i] == '+' ? ' ' : text.data[i];
        }
    }
    room[length] = '\0';
    return (struct text){room, length};
}

bool stub_param(const struct stub_request *request, const char *name, char *room, size_t size) {
    struct text rest = request->query;
    while (rest.length > 0) {
        struct text value = take(&rest, '&');
        char key_room[256];
        struct text key = decode(take(&value, '='), key_room, sizeof key_room);
        if (text_is(key, name)) {
            decode(value, room, size);
            return true;
        }
    }
    return false;
}

int64_t stub_integer(const struct stub_request *request, const char *name, int64_t fallback) {
    char room[64];
    int64_t out;
    return stub_param(request, name, room, sizeof room) && text_integer(text_of(room), &out) ? out : fallback;
}

void stub_print(struct stub_reply *reply, const char *format, ...) {
    char line[4096];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    CHECK(length >= 0 && (size_t)length < sizeof line);
    buffer_append(&reply->body, line, (size_t)length);
}

// False when the connection is to be closed.
static bool reply_send(int socket, const struct stub_reply *reply) {
    struct buffer head;
    bool ok = true;
    if (reply->drop) {
        return false;
    }
    buffer_init(&head, BODY_MAX);
    buffer_print(&head, "HTTP/1.1 %d x\r\n", reply->status);
    if (reply->type != NULL) {
        buffer_print(&head, "Content-Type: %s\r\n", reply->type);
    }
    if (reply->unframed) {
        buffer_string(&head, "Connection: close\r\n");
    } else if (reply->status != 204) {
        buffer_print(&head, "Content-Length: %zu\r\n", reply->body.length);
    }
    buffer_text(&head, buffer_view(&reply->headers));
    buffer_string(&head, "\r\n");
    size_t length = reply->cut < reply->body.length ? reply->cut : reply->body.length;
    // In one piece: two would wait for each other.
    buffer_append(&head, reply->body.data, length);
    ok = !head.failed && send_all(socket, head.data, head.length);
    buffer_clear(&head);
    return ok && !reply->unframed && length == reply->body.length;
}

static void log_add(struct http_stub *stub, struct stub_request *request) {
    char room[4096];
    pthread_mutex_lock(&stub->lock);
    request->number = ++stub->count;
    buffer_text(&stub->log, request->verb);
    buffer_byte(&stub->log, ' ');
    buffer_text(&stub->log, request->path);
    if (request->query.length > 0) {
        buffer_byte(&stub->log, '?');
        buffer_text(&stub->log, decode(request->query, room, sizeof room));
    }
    if (request->body.length > 0) {
        buffer_byte(&stub->log, ' ');
        buffer_text(&stub->log, request->body);
    }
    buffer_byte(&stub->log, '\n');
    pthread_mutex_unlock(&stub->lock);
}

// Answers the request at the front, when it is whole. False when the connection is to be closed.
static bool serve(struct http_stub *stub, struct connection *connection) {
    struct text bytes = buffer_view(&connection->bytes);
    const char *end = find(bytes, "\r\n\r\n");
    if (end == NULL) {
        return true;
    }
    struct stub_request request = {0};
    struct text head = {bytes.data, (size_t)(end - bytes.data)};
    struct text line = take(&head, '\n');
    request.verb = take(&line, ' ');
    struct text target = take(&line, ' ');
    request.path = take(&target, '?');
    request.query = target;
    request.headers = head;
    int64_t length = 0;
    text_integer(stub_header(&request, "Content-Length"), &length);
    size_t whole = (size_t)(end - bytes.data) + 4 + (size_t)length;
    if (bytes.length < whole) {
        return true;
    }
    request.body = (struct text){end + 4, (size_t)length};
    log_add(stub, &request);
    struct stub_reply reply = {.status = 200, .type = "application/json", .cut = SIZE_MAX};
    buffer_init(&reply.body, BODY_MAX);
    buffer_init(&reply.headers, REQUEST_MAX);
    stub->answer(stub->context, &request, &reply);
    bool keep = reply_send(connection->socket, &reply);
    buffer_clear(&reply.body);
    buffer_clear(&reply.headers);
    buffer_consume(&connection->bytes, whole);
    return keep;
}

static bool connection_read(struct http_stub *stub, struct connection *connection) {
    if (!buffer_reserve(&connection->bytes, 65536)) {
        return false;
    }
    ssize_t got = recv(connection->socket, connection->bytes.data + connection->bytes.length, 65536, 0);
    if (got <= 0) {
        return false;
    }
    connection->bytes.length += (size_t)got;
    return serve(stub, connection);
}

static void connection_close(struct http_stub *stub, size_t place) {
    close(stub->connections[place].socket);
    buffer_clear(&stub->connections[place].bytes);
    stub->connections[place] = stub->connections[--stub->connection_count];
}

static void *work(void *given) {
    struct http_stub *stub = given;
    for (;;) {
        struct pollfd polls[CONNECTIONS + 2] = {{stub->wake[0], POLLIN, 0}, {stub->listener, POLLIN, 0}};
        size_t count = stub->connection_count;
        for (size_t i = 0; i < count; i++) {
            polls[i + 2] = (struct pollfd){stub->connections[i].socket, POLLIN, 0};
        }
        if (poll(polls, count + 2, -1) < 0 || polls[0].revents != 0) {
            return NULL;
        }
        for (size_t i = count; i-- > 0;) {
            if (polls[i + 2].revents != 0 && !connection_read(stub, &stub->connections[i])) {
                connection_close(stub, i);
            }
        }
        if (polls[1].revents != 0 && stub->connection_count < CONNECTIONS) {
            struct connection *added = &stub->connections[stub->connection_count];
            added->socket = accept(stub->listener, NULL, NULL);
            buffer_init(&added->bytes, REQUEST_MAX);
            stub->connection_count += added->socket >= 0;
        }
    }
}

struct http_stub *http_stub_open(stub_answer answer, void *context) {
    struct http_stub *stub = calloc(1, sizeof *stub);
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;
    CHECK(stub != NULL);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    stub->answer = answer;
    stub->context = context;
    stub->listener = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(stub->listener >= 0 && pipe(stub->wake) == 0);
    CHECK(bind(stub->listener, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK(listen(stub->listener, CONNECTIONS) == 0);
    CHECK(getsockname(stub->listener, (struct sockaddr *)&address, &length) == 0);
    snprintf(stub->base, sizeof stub->base, "http://127.0.0.1:%d", (int)ntohs(address.sin_port));
    buffer_init(&stub->log, REQUEST_MAX);
    buffer_init(&stub->shown, REQUEST_MAX);
    pthread_mutex_init(&stub->lock, NULL);
    CHECK(pthread_create(&stub->thread, NULL, work, stub) == 0);
    return stub;
}

void http_stub_close(struct http_stub *stub) {
    CHECK(write(stub->wake[1], "x", 1) == 1);
    pthread_join(stub->thread, NULL);
    while (stub->connection_count > 0) {
        connection_close(stub, 0);
    }
    close(stub->listener);
    close(stub->wake[0]);
    close(stub->wake[1]);
    buffer_clear(&stub->log);
    buffer_clear(&stub->shown);
    pthread_mutex_destroy(&stub->lock);
    free(stub);
}

const char *http_stub_base(const struct http_stub *stub) {
    return stub->base;
}

struct text http_stub_log(struct http_stub *stub) {
    pthread_mutex_lock(&stub->lock);
    buffer_reset(&stub->shown);
    buffer_text(&stub->shown, buffer_view(&stub->log));
    pthread_mutex_unlock(&stub->lock);
    return buffer_view(&stub->shown);
}

size_t http_stub_count(struct http_stub *stub) {
    pthread_mutex_lock(&stub->lock);
    size_t count = stub->count;
    pthread_mutex_unlock(&stub->lock);
    return count;
}

void http_stub_forget(struct http_stub *stub) {
    pthread_mutex_lock(&stub->lock);
    buffer_reset(&stub->log);
    pthread_mutex_unlock(&stub->lock);
}

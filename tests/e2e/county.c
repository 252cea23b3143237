// The other side of the end-to-end tests, as a process of its own: the county of `weir demo`, and beside it a server
// that gives every request the one answer that it was told to give. It prints the addresses of both, and then obeys the
// lines on its standard input, each with one line, until there are no more:
//
//    put TYPE ID JSON     a person changes a record there (ID 0: makes one)
//    lose                 the next new record is taken, and its answer lost
//    writes, count TYPE   as in port/remote.h
//    answer STATUS HEADER VALUE BODY

#include <arpa/inet.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/demo_remote.h"

enum { LINE_BYTES_MAX = 64 * 1024, WORD_MAX = 64 };

struct parrot {
    pthread_mutex_t mutex; // of all below
    unsigned status;
    char header[WORD_MAX], value[WORD_MAX];
    char body[LINE_BYTES_MAX];
};

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *bytes, size_t *count, void **state) {
    static char seen;
    struct parrot *parrot = context;
    (void)url, (void)method, (void)version, (void)bytes;
    if (*state == NULL || *count > 0) {
        *state = &seen;
        *count = 0;
        return MHD_YES;
    }
    pthread_mutex_lock(&parrot->mutex);
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(parrot->body), parrot->body, MHD_RESPMEM_MUST_COPY);
    MHD_add_response_header(response, parrot->header, parrot->value);
    enum MHD_Result result = MHD_queue_response(connection, parrot->status, response);
    pthread_mutex_unlock(&parrot->mutex);
    MHD_destroy_response(response);
    return result;
}

// The next word of a line; the rest stays.
static struct text word(struct text *line) {
    size_t length = 0;
    while (length < line->length && line->data[length] != ' ') {
        length++;
    }
    struct text found = {line->data, length};
    size_t taken = length + (length < line->length);
    *line = (struct text){line->data + taken, line->length - taken};
    return found;
}

static bool set_answer(struct parrot *parrot, struct text line) {
    int64_t status;
    if (!text_integer(word(&line), &status) || status < 100 || status > 599) {
        return false;
    }
    struct text header = word(&line);
    struct text value = word(&line);
    pthread_mutex_lock(&parrot->mutex);
    parrot->status = (unsigned)status;
    snprintf(parrot->header, sizeof parrot->header, "%.*s", TEXT_ARGS(header));
    snprintf(parrot->value, sizeof parrot->value, "%.*s", TEXT_ARGS(value));
    snprintf(parrot->body, sizeof parrot->body, "%.*s", TEXT_ARGS(line));
    pthread_mutex_unlock(&parrot->mutex);
    return true;
}

static bool put(struct remote *remote, struct text line) {
    struct error error;
    int64_t id;
    struct text type = word(&line);
    return text_integer(word(&line), &id) && demo_remote.put(remote, type, id, line, &error);
}

static void obey(struct remote *remote, struct parrot *parrot, struct text line) {
    struct text verb = word(&line);
    if (text_is(verb, "writes")) {
        printf("%zu\n", demo_remote.writes(remote));
    } else if (text_is(verb, "count")) {
        printf("%zu\n", demo_remote.count(remote, line));
    } else if (text_is(verb, "lose")) {
        demo_remote.lose_next(remote);
        printf("ok\n");
    } else {
        bool ok = text_is(verb, "put") ? put(remote, line) : text_is(verb, "answer") && set_answer(parrot, line);
        printf("%s\n", ok ? "ok" : "what?");
    }
    fflush(stdout);
}

int main(void) {
    static struct parrot parrot = {.mutex = PTHREAD_MUTEX_INITIALIZER, .status = 404, .header = "X", .value = "x"};
    static char line[LINE_BYTES_MAX];
    struct remote *remote;
    struct error error;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct MHD_Daemon *daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, on_request, &parrot,
                                                 MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address, MHD_OPTION_END);
    const union MHD_DaemonInfo *info = daemon != NULL ? MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT) : NULL;
    if (info == NULL || !demo_remote.start(&remote, &error)) {
        fprintf(stderr, "a server could not listen on 127.0.0.1\n");
        return EXIT_FAILURE;
    }
    printf("%s http://127.0.0.1:%u\n", demo_remote.url(remote), (unsigned)info->port);
    fflush(stdout);
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        obey(remote, &parrot, text_of(line));
    }
    demo_remote.stop(remote);
    MHD_stop_daemon(daemon);
    return EXIT_SUCCESS;
}

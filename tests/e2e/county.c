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

static void obey(struct remote *remote, struct parrot *parrot, const char *line) {
    char type[WORD_MAX];
    long long id;
    int at = 0;
    struct error error;
    if (sscanf(line, "put %63s %lld %n", type, &id, &at) == 2 && at > 0) {
        bool ok = demo_remote.put(remote, text_of(type), id, text_of(line + at), &error);
        printf("%s\n", ok ? "ok" : error.message);
    } else if (strcmp(line, "lose") == 0) {
        demo_remote.lose_next(remote);
        printf("ok\n");
    } else if (strcmp(line, "writes") == 0) {
        printf("%zu\n", demo_remote.writes(remote));
    } else if (sscanf(line, "count %63s", type) == 1) {
        printf("%zu\n", demo_remote.count(remote, text_of(type)));
    } else {
        pthread_mutex_lock(&parrot->mutex);
        bool ok = sscanf(line, "answer %u %63s %63s %n", &parrot->status, parrot->header, parrot->value, &at) == 3;
        snprintf(parrot->body, sizeof parrot->body, "%s", line + at);
        pthread_mutex_unlock(&parrot->mutex);
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
        obey(remote, &parrot, line);
    }
    demo_remote.stop(remote);
    MHD_stop_daemon(daemon);
    return EXIT_SUCCESS;
}

#include "cli/played_server.h"

#include <arpa/inet.h>
#include <string.h>
#include <unistd.h>

#include "test.h"

#define JSON "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
#define STREAM "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"

static void say(int file, const char *text) {
    size_t length = strlen(text);
    while (length > 0) {
        ssize_t sent = write(file, text, length);
        if (sent <= 0) {
            return;
        }
        text += sent;
        length -= (size_t)sent;
    }
}

static void hear(int file, char asked[ASKED_MAX]) {
    size_t length = 0;
    while (length + 1 < ASKED_MAX && strstr(asked, "\r\n\r\n") == NULL) {
        ssize_t got = read(file, asked + length, ASKED_MAX - 1 - length);
        if (got <= 0) {
            return;
        }
        length += (size_t)got;
        asked[length] = '\0';
    }
}

static void *play(void *context) {
    struct played *played = context;
    for (size_t i = 0; i < played->count; i++) {
        char head[64];
        int file = accept(played->listener, NULL, NULL);
        if (file < 0) {
            return NULL;
        }
        hear(file, played->asked[i]);
        if (played->turns[i].silent) {
            close(file);
            continue;
        }
        if (played->turns[i].body != NULL) {
            snprintf(head, sizeof head, "Content-Length: %zu\r\n\r\n", strlen(played->turns[i].body));
            say(file, JSON);
            say(file, head);
            say(file, played->turns[i].body);
        } else {
            say(file, STREAM);
            say(file, played->turns[i].stream);
        }
        close(file);
    }
    return NULL;
}

void play_begin(struct played *played, const struct turn *turns, size_t count) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    *played = (struct played){.turns = turns, .count = count};
    played->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(played->listener >= 0);
    CHECK(bind(played->listener, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK(listen(played->listener, TURNS_MAX) == 0);
    CHECK(getsockname(played->listener, (struct sockaddr *)&address, &size) == 0);
    snprintf(played->url, sizeof played->url, "http://127.0.0.1:%d", (int)ntohs(address.sin_port));
    CHECK(pthread_create(&played->thread, NULL, play, played) == 0);
}

void play_end(struct played *played) {
    pthread_join(played->thread, NULL);
    close(played->listener);
}

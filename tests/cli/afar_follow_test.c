// Watching a run of a server that is played by hand: what it is asked, in which order, and what is made of the answers.

#include <arpa/inet.h>
#include <pthread.h>
#include <unistd.h>

#include "cli/afar_job.h"
#include "test.h"

enum { TURNS_MAX = 8, ASKED_MAX = 4096 };

#define JSON "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
#define STREAM "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
#define RUNNING "{\"id\":3,\"org\":\"o\",\"sync\":\"s\",\"state\":\"running\",\"status\":\"running\",\"attempts\":1}"
#define AGAIN "{\"id\":3,\"org\":\"o\",\"sync\":\"s\",\"state\":\"running\",\"status\":\"running\",\"attempts\":2}"
#define ENDED                                                                                              \
    "{\"id\":3,\"org\":\"o\",\"sync\":\"s\",\"state\":\"ended\",\"status\":\"failed\",\"code\":\"W6001\"," \
    "\"message\":\"too many\",\"counts\":{\"read\":7}}"

struct turn {
    const char *body; // of an answer of JSON; NULL: `stream` is it
    const char *stream;
};

struct played {
    int listener;
    const struct turn *turns;
    size_t count;
    char asked[TURNS_MAX][ASKED_MAX];
    pthread_t thread;
    char url[64];
};

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

static void play_begin(struct played *played, const struct turn *turns, size_t count) {
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

static void play_end(struct played *played) {
    pthread_join(played->thread, NULL);
    close(played->listener);
}

// Follows run 3 with nobody but the turns to answer; what was shown of its log goes into `shown`.
static bool follow(struct played *played, struct afar_job *job, char *shown, size_t room, struct error *error) {
    FILE *file = tmpfile();
    CHECK(file != NULL);
    struct cli cli = {
        .version = "1", .clock = &clock_system, .err = file, .out = file, .server = played->url, .token = "weir_t"};
    struct afar afar;
    struct progress progress;
    CHECK_OK(afar_open(&cli, &afar, error), error);
    *job = (struct afar_job){.row = {.id = 3}, .attempts = 1};
    progress_init(&progress, file, cli.clock, false);
    progress.verbose = true;
    bool ok = afar_job_follow(&afar, &progress, 0, job, error);
    progress_clear(&progress);
    if (ok) {
        CHECK_TEXT(job->row.sync, "o/s");
        CHECK_TEXT(job->row.message, "too many");
    }
    afar_close(&afar);
    rewind(file);
    shown[fread(shown, 1, room - 1, file)] = '\0';
    fclose(file);
    return ok;
}

static size_t times(const char *text, const char *word) {
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, word)) != NULL; at += strlen(word)) {
        count++;
    }
    return count;
}

#define LINE(id, text) "event: log\nid: " id "\ndata: {\"level\":\"info\",\"text\":\"" text "\"}\n\n"

TEST(cli_afar_follow, a_stream_that_is_cut_is_gone_on_with_where_it_was) {
    static const struct turn turns[] = {
        {.body = RUNNING},
        {.stream = LINE("1", "one") LINE("2", "two") "event: log\nid: 3\ndata: {\"lev"},
        {.body = RUNNING},
        {.stream = LINE("3", "three") "event: run\ndata: " ENDED "\n\n"},
    };
    struct played played;
    struct afar_job job;
    struct error error;
    char shown[1024];
    play_begin(&played, turns, 4);
    CHECK_OK(follow(&played, &job, shown, sizeof shown, &error), &error);
    play_end(&played);
    CHECK(strncmp(played.asked[0], "GET /v1/runs/3?wait=0 ", 22) == 0);
    CHECK(strstr(played.asked[0], "Authorization: Bearer weir_t\r\n") != NULL);
    CHECK(strncmp(played.asked[1], "GET /v1/runs/3/events ", 22) == 0);
    CHECK(strstr(played.asked[1], "Last-Event-ID") == NULL);
    CHECK(strstr(played.asked[3], "Last-Event-ID: 2\r\n") != NULL);
    CHECK_INT(times(shown, "two"), 1);
    CHECK_INT(times(shown, "three"), 1);
    CHECK_INT(job.row.status, RUN_FAILED);
    CHECK_INT(job.row.counts.read, 7);
    CHECK_INT(job.reason.code, ERROR_RUN_STOPPED);
}

TEST(cli_afar_follow, a_run_that_began_anew_is_watched_from_its_beginning) {
    static const struct turn turns[] = {
        {.body = RUNNING},
        {.stream = LINE("9", "old")},
        {.body = AGAIN},
        {.stream = LINE("1", "new") "event: run\ndata: " ENDED "\n\n"},
    };
    struct played played;
    struct afar_job job;
    struct error error;
    char shown[1024];
    play_begin(&played, turns, 4);
    CHECK_OK(follow(&played, &job, shown, sizeof shown, &error), &error);
    play_end(&played);
    CHECK(strstr(played.asked[3], "Last-Event-ID") == NULL);
    CHECK_INT(times(shown, "new"), 1);
}

TEST(cli_afar_follow, a_stream_that_says_nothing_makes_the_next_question_wait) {
    static const struct turn turns[] = {{.body = RUNNING}, {.stream = ": nothing\n\n"}, {.body = ENDED}};
    struct played played;
    struct afar_job job;
    struct error error;
    char shown[1024];
    play_begin(&played, turns, 3);
    CHECK_OK(follow(&played, &job, shown, sizeof shown, &error), &error);
    play_end(&played);
    CHECK(strncmp(played.asked[2], "GET /v1/runs/3?wait=20 ", 23) == 0);
}

TEST(cli_afar_follow, events_that_make_no_sense_are_passed_over) {
    static const struct turn turns[] = {
        {.body = RUNNING},
        {.stream = "data: {\n\nevent: log\ndata: [1]\n\nevent: progress\ndata: \"x\"\n\nevent: progress\n"
                   "data: {\"type\":7,\"done\":-5,\"total\":\"x\",\"read\":null}\n\n" LINE(
                       "x\r", "kept") "event: run\ndata: " ENDED "\n\n"},
    };
    struct played played;
    struct afar_job job;
    struct error error;
    char shown[1024];
    play_begin(&played, turns, 2);
    CHECK_OK(follow(&played, &job, shown, sizeof shown, &error), &error);
    play_end(&played);
    CHECK_INT(times(shown, "kept"), 1);
}

TEST(cli_afar_follow, a_run_that_is_no_run_ends_it) {
    static const struct turn turns[] = {{.body = "{\"id\":0}"}};
    struct played played;
    struct afar_job job;
    struct error error;
    char shown[1024];
    play_begin(&played, turns, 1);
    CHECK(!follow(&played, &job, shown, sizeof shown, &error));
    play_end(&played);
    CHECK_INT(error.code, ERROR_HTTP_SHAPE);
}

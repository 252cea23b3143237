// Watching a run of a server that is played by hand: what it is asked, in which order, and what is made of the answers.

#include "cli/afar_job.h"
#include "cli/played_server.h"
#include "test.h"

#define RUNNING "{\"id\":3,\"org\":\"o\",\"sync\":\"s\",\"state\":\"running\",\"status\":\"running\",\"attempts\":1}"
#define AGAIN "{\"id\":3,\"org\":\"o\",\"sync\":\"s\",\"state\":\"running\",\"status\":\"running\",\"attempts\":2}"
#define ENDED                                                                                              \
    "{\"id\":3,\"org\":\"o\",\"sync\":\"s\",\"state\":\"ended\",\"status\":\"failed\",\"code\":\"W6001\"," \
    "\"message\":\"too many\",\"counts\":{\"read\":7}}"

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

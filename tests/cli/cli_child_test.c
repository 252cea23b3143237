#include "cli/cli_child.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/memory.h"
#include "test.h"

// The lines that a service reads, and the limits that a child sets itself.

static int64_t now_us;

static int64_t fake_now(void *context) {
    (void)context;
    return now_us;
}

static void fake_wait(void *context, int64_t span_us) {
    (void)context;
    now_us += span_us;
}

struct telling {
    struct clock clock;
    struct cli cli;
    struct child_events events;
    char *text;
    size_t length;
};

static void begin(struct telling *telling) {
    memset(telling, 0, sizeof *telling);
    now_us = 1000000000;
    telling->clock = (struct clock){fake_now, fake_wait, NULL};
    telling->cli.out = open_memstream(&telling->text, &telling->length);
    telling->cli.clock = &telling->clock;
    CHECK(telling->cli.out != NULL);
    child_events_init(&telling->events, &telling->cli);
}

static void finish(struct telling *telling) {
    child_events_clear(&telling->events);
    fclose(telling->cli.out);
    // Not ours: open_memstream's.
    (free)(telling->text);
}

static size_t lines_of(const struct telling *telling, const char *what) {
    size_t count = 0;
    for (const char *at = strstr(telling->text, what); at != NULL; at = strstr(at + 1, what)) {
        count++;
    }
    return count;
}

static void progress(struct telling *telling, const char *type, int64_t read) {
    struct counts counts = {.read = read};
    telling->events.watch.progress(telling->events.watch.context, text_of(type), &counts, (uint64_t)read, 100);
}

TEST(cli_child, progress_is_told_four_times_a_second_and_the_last_always) {
    struct telling telling;
    struct error error;
    begin(&telling);
    for (int i = 1; i <= 1000; i++) {
        progress(&telling, "city", i);
        now_us += 1000;
    }
    CHECK_INT(lines_of(&telling, "\"event\":\"progress\""), 4);
    CHECK_INT(lines_of(&telling, "\"read\":1000,"), 0);
    child_events_open(&telling.events, "ended");
    CHECK_OK(child_events_close(&telling.events, &error), &error);
    CHECK_INT(lines_of(&telling, "\"event\":\"progress\""), 5);
    const char *last = strstr(telling.text, "\"read\":1000,");
    CHECK(last != NULL && strstr(last, "{\"event\":\"ended\"}\n") != NULL);
    finish(&telling);
}

TEST(cli_child, the_last_progress_of_each_type_is_told) {
    struct telling telling;
    begin(&telling);
    progress(&telling, "city", 1);
    progress(&telling, "city", 2);
    progress(&telling, "town", 3);
    CHECK_INT(lines_of(&telling, "\"type\":\"city\",\"done\":2,\"total\":100,\"read\":2,"), 1);
    CHECK_INT(lines_of(&telling, "town"), 0);
    now_us -= 500000000; // the clock was set back
    progress(&telling, "town", 4);
    CHECK_INT(lines_of(&telling, "\"type\":\"town\",\"done\":4"), 1);
    finish(&telling);
}

TEST(cli_child, whatever_is_told_is_a_line_of_json) {
    struct telling telling;
    struct error error;
    struct error reason;
    char long_type[100];
    begin(&telling);
    log_line(&telling.events.log, LOG_WARNING, "a \"line\"\nof two\xFF");
    telling.events.watch.began(telling.events.watch.context, 12);
    error_set(&reason, ERROR_USAGE, "no");
    CHECK_OK(child_events_failed(&telling.events, &reason, &error), &error);
    CHECK(strstr(telling.text, "{\"event\":\"log\",\"at\":\"1970-01-01T00:16:40Z\",\"level\":\"warning\",\"text\":"
                               "\"a \\\"line\\\"") != NULL);
    CHECK(strstr(telling.text,
                 "\n{\"event\":\"began\",\"run\":12}\n{\"event\":\"failed\",\"error\":{\"code\":\"W1002\","
                 "\"message\":\"no\",\"place\":\"\"}}\n") != NULL);
    CHECK_INT(lines_of(&telling, "\n"), 3);
    for (size_t i = 0; i + 2 < sizeof long_type; i += 2) {
        memcpy(long_type + i, "\xC3\xA9", 3);
    }
    progress(&telling, long_type, 1);
    CHECK(text_utf8(text_of(telling.text), NULL)); // cut between two characters
    finish(&telling);
}

TEST(cli_child, a_script_that_prints_without_end_is_cut_short) {
    struct telling telling;
    struct error error;
    begin(&telling);
    for (int i = 0; i < 2 * CHILD_LINES_MAX; i++) {
        log_line(&telling.events.log, LOG_INFO, "again");
    }
    CHECK_INT(lines_of(&telling, "\n"), CHILD_LINES_MAX);
    CHECK_INT(lines_of(&telling, "more was said than is told"), 1);
    child_events_open(&telling.events, "page");
    CHECK_OK(child_events_close(&telling.events, &error), &error);
    log_line(&telling.events.log, LOG_INFO, "once more"); // a warm child's next request has its own
    CHECK_INT(lines_of(&telling, "once more"), 1);
    finish(&telling);
}

// --- limits, which are this process's own from then on ---

static const struct cli_option options[] = {CLI_CHILD_OPTIONS, {NULL, NULL, false, NULL}};

static bool limit(const char *const *words, int count, struct error *error) {
    struct cli_arguments arguments;
    CHECK_OK(cli_arguments_read(&arguments, options, NULL, count, (char *const *)words, error), error);
    bool ok = cli_child_begin(&arguments, error);
    cli_arguments_clear(&arguments);
    return ok;
}

static struct rlimit now(__rlimit_resource_t resource) {
    struct rlimit bound;
    CHECK(getrlimit(resource, &bound) == 0);
    return bound;
}

TEST(cli_child, the_limits_are_set_and_only_get_tighter) {
    struct error error;
    CHECK_OK(limit((const char *const[]){"--cpu", "1000", "--file-size=1000000"}, 3, &error), &error);
    struct rlimit cpu = now(RLIMIT_CPU);
    CHECK(cpu.rlim_cur >= 1000 && cpu.rlim_cur < 1000 + 60 && cpu.rlim_max > cpu.rlim_cur);
    CHECK_INT(now(RLIMIT_NOFILE).rlim_cur, 256);
    CHECK_INT(now(RLIMIT_FSIZE).rlim_max, 1000000);
    CHECK_OK(limit((const char *const[]){"--cpu", "2000", "--file-size=2000000"}, 3, &error), &error);
    CHECK_INT(now(RLIMIT_CPU).rlim_max, cpu.rlim_max);
    CHECK_INT(now(RLIMIT_FSIZE).rlim_max, 1000000);
    // A file that is full is an error of the write.
    struct sigaction action;
    CHECK(sigaction(SIGXFSZ, NULL, &action) == 0 && action.sa_handler == SIG_IGN);
    CHECK(sigaction(SIGPIPE, NULL, &action) == 0 && action.sa_handler == SIG_IGN);
}

TEST(cli_child, a_parent_that_is_gone_ends_it) {
    char parent[32];
    struct error error;
    snprintf(parent, sizeof parent, "%lld", (long long)getppid());
    CHECK_OK(limit((const char *const[]){"--parent", parent}, 2, &error), &error);
    snprintf(parent, sizeof parent, "%lld", (long long)getpid());
    CHECK(!limit((const char *const[]){"--parent", parent}, 2, &error));
    CHECK(error.code == ERROR_RUN_INTERRUPTED);
}

TEST(cli_child, no_limit_is_nothing) {
    struct error error;
    CHECK(!limit((const char *const[]){"--cpu", "0"}, 2, &error) && error.code == ERROR_USAGE);
    CHECK(!limit((const char *const[]){"--memory", "-1"}, 2, &error) && error.code == ERROR_USAGE);
    CHECK(!limit((const char *const[]){"--file-size", "much"}, 2, &error) && error.code == ERROR_USAGE);
    CHECK(!limit((const char *const[]){"--parent", "0"}, 2, &error) && error.code == ERROR_USAGE);
}

TEST(cli_child, a_warm_one_gets_its_time_anew_with_each_request) {
    struct cli_arguments arguments;
    struct error error;
    const char *const words[] = {"--cpu", "3"};
    CHECK_OK(cli_arguments_read(&arguments, options, NULL, 2, (char *const *)words, &error), &error);
    CHECK_OK(cli_child_begin_warm(&arguments, &error), &error);
    struct rlimit first = now(RLIMIT_CPU);
    CHECK(first.rlim_max == RLIM_INFINITY || first.rlim_max > first.rlim_cur + 5);
    while (clock_computed_us() < 2200000) { // two seconds of work, however long the machine takes over them
    }
    CHECK_OK(cli_child_turn(&arguments, &error), &error);
    CHECK(now(RLIMIT_CPU).rlim_cur >= first.rlim_cur + 2);
    cli_arguments_clear(&arguments);
}

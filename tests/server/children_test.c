#include "server/children.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "test.h"

static void say(const char *text) {
    (void)!write(STDOUT_FILENO, text, strlen(text));
}

static void say_much(void) {
    static char block[64 * 1024];
    memset(block, 'x', sizeof block);
    for (int i = 0; i < CHILD_LINE_MAX / (int)sizeof block + 2; i++) {
        (void)!write(STDOUT_FILENO, block, sizeof block);
    }
    pause();
}

static void answer(void) {
    char line[64];
    while (fgets(line, sizeof line, stdin) != NULL) {
        say("you said ");
        say(line);
    }
}

// The program that children run is this one: it does what the test told, before anything else of it begins.
__attribute__((constructor)) static void be_a_child(int argc, char **argv) {
    if (argc != 3 || strcmp(argv[0], "weir") != 0 || strcmp(argv[1], "play") != 0) {
        return;
    }
    const char *what = argv[2];
    if (strcmp(what, "lines") == 0) {
        say("one\ntwo\nth");
        usleep(20000);
        say("ree\n\nno end");
    } else if (strcmp(what, "fail") == 0) {
        for (int i = 0; i < 100; i++) {
            fprintf(stderr, "line %d of many that are said\n", i);
        }
        _exit(3);
    } else if (strcmp(what, "hang") == 0) {
        pause();
    } else if (strcmp(what, "deaf") == 0) {
        signal(SIGTERM, SIG_IGN);
        say("ready\n");
        pause();
        pause();
    } else if (strcmp(what, "much") == 0) {
        say_much();
    } else if (strcmp(what, "leave") == 0) {
        say("last words\n");
        if (fork() == 0) {
            pause(); // holds the pipes
        }
    } else if (strcmp(what, "close") == 0) {
        close(STDOUT_FILENO);
        close(STDERR_FILENO);
        pause();
    } else if (strcmp(what, "answer") == 0) {
        answer();
    } else if (strcmp(what, "environment") == 0) {
        extern char **environ;
        say(environ[0] == NULL ? "nothing\n" : environ[0]);
        for (int file = 3; file < 256; file++) {
            if (fcntl(file, F_GETFD) >= 0) {
                say("a file is open\n");
            }
        }
    }
    _exit(0);
}

struct heard {
    char lines[8][64];
    size_t count;
    bool ended;
    int status;
    bool overdue;
    char tail[CHILD_TAIL + 1];
};

static void on_line(struct child *child, struct text line) {
    struct heard *heard = child_owner(child);
    CHECK(heard->count < 8);
    snprintf(heard->lines[heard->count++], 64, "%.*s", TEXT_ARGS(line));
}

static void on_end(struct child *child, int status) {
    struct heard *heard = child_owner(child);
    struct text tail = child_tail(child);
    CHECK(!heard->ended);
    heard->ended = true;
    heard->status = status;
    heard->overdue = child_overdue(child);
    snprintf(heard->tail, sizeof heard->tail, "%.*s", TEXT_ARGS(tail));
}

static const struct child_type type = {on_line, on_end};

static struct child *start(struct children *children, const char *what, struct heard *heard, int64_t span_us) {
    const char *arguments[] = {"play", what, NULL};
    struct error error;
    struct child *child;
    *heard = (struct heard){.count = 0};
    struct child_setup setup = {.arguments = arguments,
                                .type = &type,
                                .owner = heard,
                                .listens = true,
                                .deadline_us = span_us > 0 ? clock_coarse_us() + span_us : 0};
    CHECK_OK(children_start(children, &setup, &child, &error), &error);
    return child;
}

static struct children *opened(void) {
    struct children *children;
    struct error error;
    CHECK_OK(children_open(&children, &error), &error);
    return children;
}

static void wait_end(struct children *children, const struct heard *heard) {
    for (int i = 0; !heard->ended; i++) {
        CHECK(i < 100000);
        children_wait(children, 50 * 1000);
    }
}

TEST(server_children, lines_come_whole) {
    struct children *children = opened();
    struct heard heard;
    start(children, "lines", &heard, 0);
    wait_end(children, &heard);
    CHECK_INT(heard.status, 0);
    CHECK_INT(heard.count, 4); // what has no end is no line
    static const char *const expected[] = {"one", "two", "three", ""};
    for (size_t i = 0; i < 4; i++) {
        CHECK(strcmp(heard.lines[i], expected[i]) == 0);
    }
    CHECK_INT(children_count(children), 0);
    children_close(children);
}

TEST(server_children, its_last_words_are_kept) {
    struct children *children = opened();
    struct heard heard;
    start(children, "fail", &heard, 0);
    wait_end(children, &heard);
    CHECK(WIFEXITED(heard.status) && WEXITSTATUS(heard.status) == 3);
    CHECK(strlen(heard.tail) > CHILD_TAIL / 2);
    CHECK(strcmp(heard.tail + strlen(heard.tail) - strlen("line 99 of many that are said"),
                 "line 99 of many that are said") == 0);
    children_close(children);
}

TEST(server_children, one_that_says_nothing_is_killed_at_its_deadline) {
    struct children *children = opened();
    struct heard hung;
    struct heard other;
    start(children, "hang", &hung, 50 * 1000);
    start(children, "lines", &other, 0);
    wait_end(children, &hung);
    CHECK(hung.overdue && WIFSIGNALED(hung.status) && WTERMSIG(hung.status) == SIGKILL);
    wait_end(children, &other);
    CHECK(!other.overdue && other.status == 0);
    children_close(children);
}

TEST(server_children, one_that_does_not_listen_is_killed) {
    struct children *children = opened();
    struct heard heard;
    struct child *child = start(children, "deaf", &heard, 0);
    while (heard.count == 0) {
        children_wait(children, 50 * 1000);
    }
    child_stop(child);
    child_deadline(child, clock_coarse_us() + 50 * 1000);
    wait_end(children, &heard);
    CHECK(WIFSIGNALED(heard.status) && WTERMSIG(heard.status) == SIGKILL);
    children_close(children);
}

TEST(server_children, a_line_without_end_ends_it) {
    struct children *children = opened();
    struct heard heard;
    start(children, "much", &heard, 0);
    wait_end(children, &heard);
    CHECK_INT(heard.count, 0);
    CHECK(WIFSIGNALED(heard.status));
    children_close(children);
}

// Somebody that it started holds its pipes open: it has ended all the same, and its words are heard.
TEST(server_children, pipes_that_stay_open) {
    struct children *children = opened();
    struct heard heard;
    struct child *child = start(children, "leave", &heard, 0);
    pid_t group = child_process(child);
    wait_end(children, &heard);
    CHECK_INT(heard.status, 0);
    CHECK_INT(heard.count, 1);
    CHECK(strcmp(heard.lines[0], "last words") == 0);
    kill(-group, SIGKILL);
    children_close(children);
}

TEST(server_children, one_that_closes_its_own_lives_on) {
    struct children *children = opened();
    struct heard heard;
    start(children, "close", &heard, 100 * 1000);
    wait_end(children, &heard);
    CHECK(heard.overdue);
    children_close(children);
}

TEST(server_children, it_is_spoken_to) {
    struct children *children = opened();
    struct heard heard;
    struct child *child = start(children, "answer", &heard, 0);
    CHECK(child_say(child, TEXT_LITERAL("a\n")));
    CHECK(child_say(child, TEXT_LITERAL("b\n")));
    child_dismiss(child);
    CHECK(!child_say(child, TEXT_LITERAL("c\n")));
    wait_end(children, &heard);
    CHECK_INT(heard.count, 2);
    CHECK(strcmp(heard.lines[1], "you said b") == 0);
    children_close(children);
}

TEST(server_children, it_inherits_nothing) {
    struct heard heard;
    struct heard other;
    setenv("SECRET", "canary", 1);
    for (int file = 3; file < 256; file++) {
        (void)fcntl(file, F_SETFD, FD_CLOEXEC); // what this test was given by whoever runs it
    }
    struct children *children = opened();
    start(children, "hang", &other, 0); // whose pipes are open here
    start(children, "environment", &heard, 0);
    wait_end(children, &heard);
    CHECK_INT(heard.count, 1);
    CHECK(strcmp(heard.lines[0], "nothing") == 0);
    children_close(children);
    CHECK(other.ended && WTERMSIG(other.status) == SIGKILL); // what is left is killed, and told of
}

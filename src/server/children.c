#include "server/children.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/memory.h"

enum { READ_BYTES = 64 * 1024, REAP_STEP_MS = 5, WRITE_WAIT_MS = 2000 };

struct child {
    struct child *next;
    const struct child_type *type;
    void *owner;
    pid_t process;
    int in, out, err; // -1: closed
    struct buffer said;
    size_t looked; // so much of it has no line's end
    char tail[CHILD_TAIL];
    size_t tail_length;
    int64_t deadline_us;
    bool overdue;
};

struct children {
    struct child *first;
    size_t count;
    int wake;
    char bytes[READ_BYTES];
};

bool children_open(struct children **out, struct error *error) {
    struct children *children = memory_zero(1, sizeof *children);
    *out = children;
    if (children == NULL) {
        return error_memory(error);
    }
    children->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return children->wake >= 0 || error_set_errno(error, ERROR_MEMORY, errno, "cannot make an eventfd");
}

static void close_end(int *file) {
    if (*file >= 0) {
        close(*file);
        *file = -1;
    }
}

static void child_free(struct child *child) {
    close_end(&child->in);
    close_end(&child->out);
    close_end(&child->err);
    buffer_clear(&child->said);
    memory_free(child);
}

void children_end(struct children *children) {
    while (children->first != NULL) {
        struct child *child = children->first;
        int status = 0;
        children->first = child->next;
        children->count--;
        kill(child->process, SIGKILL);
        while (waitpid(child->process, &status, 0) < 0 && errno == EINTR) {
        }
        child->type->end(child, status);
        child_free(child);
    }
}

void children_close(struct children *children) {
    if (children == NULL) {
        return;
    }
    children_end(children);
    close_end(&children->wake);
    memory_free(children);
}

// --- starting ---

static bool pipes_make(int in[2], int out[2], int err[2], bool listens) {
    in[0] = in[1] = out[0] = out[1] = err[0] = err[1] = -1;
    return (!listens || pipe2(in, O_CLOEXEC) == 0) && pipe2(out, O_CLOEXEC) == 0 && pipe2(err, O_CLOEXEC) == 0;
}

// What a child sees of the environment: nothing, but for what a test makes of it (base/fault.h).
enum { ENVIRONMENT_MAX = 2 };

static char *const *environment(char *room[ENVIRONMENT_MAX + 1]) {
    memset(room, 0, (ENVIRONMENT_MAX + 1) * sizeof *room);
#ifdef WEIR_FAULTS
    static const char *const passed[ENVIRONMENT_MAX] = {"WEIR_CHILD_FAULT", "WEIR_CHILD_PAGE"};
    size_t count = 0;
    for (size_t i = 0; i < ENVIRONMENT_MAX; i++) {
        char *value = getenv(passed[i]); // "WEIR_FAULT=kill:17"
        if (value != NULL) {
            room[count++] = value;
        }
    }
#endif
    return room;
}

static int spawn(pid_t *process, const char *const *arguments, const int in[2], const int out[2], const int err[2]) {
    char *argv[CHILD_ARGUMENTS_MAX + 2] = {(char *)(uintptr_t) "weir"};
    char *room[ENVIRONMENT_MAX + 1];
    size_t count = 1;
    for (; arguments[count - 1] != NULL && count <= CHILD_ARGUMENTS_MAX; count++) {
        argv[count] = (char *)(uintptr_t)arguments[count - 1];
    }
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    sigset_t defaults;
    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGTERM);
    sigaddset(&defaults, SIGINT);
    sigaddset(&defaults, SIGPIPE);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    // A group of its own: Ctrl-C at the terminal is the server's, which asks its children in good order.
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    if (in[0] >= 0) {
        posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    } else {
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    }
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, err[1], STDERR_FILENO);
    int failed = posix_spawn(process, "/proc/self/exe", &actions, &attributes, argv, environment(room));
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return failed;
}

bool children_start(struct children *children, const struct child_setup *setup, struct child **out_child,
                    struct error *error) {
    int in[2];
    int out[2];
    int err[2];
    struct child *child = memory_zero(1, sizeof *child);
    bool piped = child != NULL && pipes_make(in, out, err, setup->listens);
    int failed = !piped ? errno : spawn(&child->process, setup->arguments, in, out, err);
    if (child == NULL || failed != 0) {
        if (child != NULL) {
            int *const ends[] = {&in[0], &in[1], &out[0], &out[1], &err[0], &err[1]};
            for (size_t i = 0; i < 6; i++) {
                close_end(ends[i]);
            }
            memory_free(child);
        }
        return error_set_errno(error, ERROR_CHILD_DIED, failed, "cannot start a process");
    }
    close_end(&in[0]);
    close_end(&out[1]);
    close_end(&err[1]);
    fcntl(out[0], F_SETFL, O_NONBLOCK);
    fcntl(err[0], F_SETFL, O_NONBLOCK);
    child->in = in[1];
    child->out = out[0];
    child->err = err[0];
    child->type = setup->type;
    child->owner = setup->owner;
    child->deadline_us = setup->deadline_us;
    buffer_init(&child->said, CHILD_LINE_MAX);
    child->next = children->first;
    children->first = child;
    children->count++;
    *out_child = child;
    return true;
}

// --- listening ---

static void give_lines(struct child *child) {
    size_t from = 0;
    size_t look = child->looked;
    for (const char *end; child->said.length > look &&
                          (end = memchr(child->said.data + look, '\n', child->said.length - look)) != NULL;) {
        size_t length = (size_t)(end - child->said.data) - from;
        child->type->line(child, (struct text){child->said.data + from, length});
        from += length + 1;
        look = from;
    }
    buffer_consume(&child->said, from);
    child->looked = child->said.length;
}

static void hear_out(struct children *children, struct child *child) {
    ssize_t count;
    while (child->out >= 0 && (count = read(child->out, children->bytes, READ_BYTES)) != 0) {
        if (count < 0) {
            if (errno != EINTR) {
                return; // nothing more for now
            }
            continue;
        }
        if (!buffer_append(&child->said, children->bytes, (size_t)count)) {
            child_kill(child); // it says more than it may
            break;
        }
        give_lines(child);
    }
    close_end(&child->out);
}

static void hear_err(struct children *children, struct child *child) {
    ssize_t count;
    while (child->err >= 0 && (count = read(child->err, children->bytes, READ_BYTES)) != 0) {
        if (count < 0) {
            if (errno != EINTR) {
                return;
            }
            continue;
        }
        size_t more = (size_t)count < CHILD_TAIL ? (size_t)count : CHILD_TAIL;
        size_t keep = child->tail_length + more > CHILD_TAIL ? CHILD_TAIL - more : child->tail_length;
        memmove(child->tail, child->tail + child->tail_length - keep, keep);
        memcpy(child->tail + keep, children->bytes + count - more, more);
        child->tail_length = keep + more;
    }
    close_end(&child->err);
}

// Those that are gone, with what they said last: somebody else may hold their pipes open for ever. Gives whether one
// that has closed its own lives on.
static bool reap(struct children *children) {
    bool lingers = false;
    for (struct child **place = &children->first; *place != NULL;) {
        struct child *child = *place;
        int status = 0;
        siginfo_t info = {.si_pid = 0};
        // Its number stays its own until its words are heard: they may make somebody kill it.
        if (waitid(P_PID, (id_t)child->process, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) {
            lingers = lingers || (child->out < 0 && child->err < 0);
            place = &child->next;
            continue;
        }
        hear_out(children, child);
        hear_err(children, child);
        place = &children->first; // a line may have started others before it
        while (*place != child) {
            place = &(*place)->next;
        }
        *place = child->next;
        children->count--;
        (void)waitpid(child->process, &status, 0);
        child->type->end(child, status);
        child_free(child);
        place = &children->first; // the list may have changed meanwhile
    }
    return lingers;
}

static int64_t kill_overdue(struct children *children, int64_t span_us) {
    int64_t now_us = clock_coarse_us();
    for (struct child *child = children->first; child != NULL; child = child->next) {
        if (child->deadline_us == 0) {
            continue;
        }
        if (child->deadline_us <= now_us) {
            child->overdue = true;
            child->deadline_us = 0;
            child_kill(child);
        } else if (child->deadline_us - now_us < span_us) {
            span_us = child->deadline_us - now_us;
        }
    }
    return span_us;
}

void children_wait(struct children *children, int64_t span_us) {
    uint64_t ignored;
    span_us = kill_overdue(children, span_us);
    bool lingers = reap(children);
    size_t room = 2 * children->count + 1;
    struct pollfd *files = memory_zero(room, sizeof *files);
    if (files == NULL) {
        clock_wait(&clock_system, REAP_STEP_MS * 1000);
        return; // what they say waits in the pipes
    }
    size_t count = 0;
    files[count++] = (struct pollfd){.fd = children->wake, .events = POLLIN};
    for (struct child *child = children->first; child != NULL; child = child->next) {
        files[count++] = (struct pollfd){.fd = child->out, .events = POLLIN};
        files[count++] = (struct pollfd){.fd = child->err, .events = POLLIN};
    }
    int64_t wait_ms = lingers ? REAP_STEP_MS : (span_us + 999) / 1000;
    if (poll(files, (nfds_t)count, (int)(wait_ms < 60000 ? wait_ms : 60000)) > 0) {
        (void)!read(children->wake, &ignored, sizeof ignored);
        size_t at = 1;
        // A line may start further children: those stand before this one, and are not in `files`.
        for (struct child *child = children->first; child != NULL; child = child->next, at += 2) {
            if (at + 1 < count && files[at].fd == child->out && files[at].revents != 0) {
                hear_out(children, child);
            }
            if (at + 1 < count && files[at + 1].fd == child->err && files[at + 1].revents != 0) {
                hear_err(children, child);
            }
        }
    }
    memory_free(files);
    reap(children);
}

void children_wake(struct children *children) {
    uint64_t one = 1;
    (void)!write(children->wake, &one, sizeof one);
}

size_t children_count(const struct children *children) {
    return children->count;
}

// --- one child ---

void *child_owner(const struct child *child) {
    return child->owner;
}

pid_t child_process(const struct child *child) {
    return child->process;
}

struct text child_tail(const struct child *child) {
    return text_trim((struct text){child->tail, child->tail_length});
}

bool child_overdue(const struct child *child) {
    return child->overdue;
}

void child_stop(struct child *child) {
    kill(child->process, SIGTERM);
}

void child_kill(struct child *child) {
    kill(child->process, SIGKILL);
}

void child_deadline(struct child *child, int64_t deadline_us) {
    child->deadline_us = deadline_us;
}

// A child that reads nothing for so long is ending or hangs: its deadline sees to it.
bool child_say(struct child *child, struct text line) {
    size_t at = 0;
    if (child->in >= 0) {
        fcntl(child->in, F_SETFL, O_NONBLOCK);
    }
    while (child->in >= 0 && at < line.length) {
        ssize_t count = write(child->in, line.data + at, line.length - at);
        if (count > 0) {
            at += (size_t)count;
            continue;
        }
        struct pollfd file = {.fd = child->in, .events = POLLOUT};
        if (count < 0 && errno != EINTR && (errno != EAGAIN || poll(&file, 1, WRITE_WAIT_MS) != 1)) {
            close_end(&child->in);
        }
    }
    return child->in >= 0;
}

void child_dismiss(struct child *child) {
    close_end(&child->in);
}

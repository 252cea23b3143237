#ifndef WEIR_SERVER_CHILDREN_H
#define WEIR_SERVER_CHILDREN_H

// The processes that a server has started: their lines, their deadlines, their ends. All of one thread, which must live
// as long as they do (a child is told of its parent's death by the kernel, and "parent" is that thread).
//
// A child is this very program with other arguments and an empty environment. What it says on standard output comes
// as lines; the end of what it says on standard error is kept for the message when it dies. It is asked to stop by
// SIGTERM, and killed at its deadline.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/text.h"

struct children;
struct child;

struct child_type {
    // A whole line, without its end. A line longer than CHILD_LINE_MAX is cut off with the child.
    void (*line)(struct child *child, struct text line);
    // It is gone, all its lines were given. `status` is waitpid's. The child is freed behind this.
    void (*end)(struct child *child, int status);
};

enum { CHILD_LINE_MAX = 64 * 1024 * 1024, CHILD_TAIL = 400, CHILD_ARGUMENTS_MAX = 160 };

bool children_open(struct children **out, struct error *error);
// Kills what is left, and waits for it. It may still be woken then, and waits for nothing more.
void children_end(struct children *children);
void children_close(struct children *children); // accepts NULL

struct child_setup {
    const char *const *arguments; // behind the program's name; NULL ends them
    const struct child_type *type;
    void *owner;
    bool listens;        // it reads requests on standard input
    int64_t deadline_us; // on the clock that only goes forward (clock_coarse_us); 0: none
};
bool children_start(struct children *children, const struct child_setup *setup, struct child **out,
                    struct error *error);

// Waits up to `span_us` for news and hands it out. Wakes at once after children_wake, which any thread may call.
void children_wait(struct children *children, int64_t span_us);
void children_wake(struct children *children);
size_t children_count(const struct children *children);

void *child_owner(const struct child *child);
pid_t child_process(const struct child *child);
struct text child_tail(const struct child *child); // what it last said on standard error
bool child_overdue(const struct child *child);     // it was killed at its deadline
void child_stop(struct child *child);              // asks
void child_kill(struct child *child);
void child_deadline(struct child *child, int64_t deadline_us);
// A line to its standard input. False when it doesn't take it (it is ending).
bool child_say(struct child *child, struct text line);
// Ends its standard input: it may go.
void child_dismiss(struct child *child);

#endif

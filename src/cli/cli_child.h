#ifndef WEIR_CLI_CLI_CHILD_H
#define WEIR_CLI_CLI_CHILD_H

// What every child of a service does: it bounds itself first of all, so that no script can take the machine along, it
// ends with its parent, and it tells what happens as lines of JSON on standard output, each with an "event". The limits
// are the process's own and only ever get tighter; what can't be set is an error, never passed over. Events can't fail
// for the one who tells them: what can't be written is lost, and the end says so.
//
// The kernel sends the signal of a parent's death when the thread that started the child ends: a service starts its
// children from a thread that lives as long as itself.

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "engine/run.h"

// Rows for a command's own list of options.
// clang-format off
#define CLI_CHILD_LIMITS \
    {"cpu", "SECONDS", false, "end the process when it has computed for so long"}, \
    {"memory", "BYTES", false, "give the process no more memory than this; addresses count, used or not"}, \
    {"file-size", "BYTES", false, "let no file grow past this (default 64 GiB with the other limits)"}, \
    {"parent", "PID", false, "end when this process, which must be the parent, ends"}
#define CLI_CHILD_OPTIONS \
    CLI_CHILD_LIMITS, \
    {"files", "DIR", false, "the script is a copy: the files that it names stand here"}
// clang-format on

// Whether one of them was given.
bool cli_child_asked(const struct cli_arguments *arguments);

// Sets the limits: processor time, memory (not under a sanitizer, which reserves more than any limit), 256 open files,
// the size of a file; asks to be ended with the parent, and ends at once (as ERROR_RUN_INTERRUPTED) when that is gone
// already. A reader that goes away and a file that is full are errors of the write then, and no signals. Call it before
// anything is opened and before any thread is started.
bool cli_child_begin(const struct cli_arguments *arguments, struct error *error);

// The same for a warm child, which carries out one request after the other: --cpu is what each of them may compute. Say
// where each begins.
bool cli_child_begin_warm(const struct cli_arguments *arguments, struct error *error);
bool cli_child_turn(const struct cli_arguments *arguments, struct error *error);

// Tells on standard output what happens. The thread that decides and the one that commits may both tell.
enum { CHILD_LINES_MAX = 10000 };

struct child_events {
    const struct cli *cli;
    struct output output;
    pthread_mutex_t lock;
    struct run_watch watch;
    struct log log;
    int64_t lines;    // of the log, since the last event of another kind
    int64_t shown_us; // when progress was told last
    bool owed;        // what stands below was not told yet
    char type[64];
    struct counts counts;
    uint64_t done;
    uint64_t total;
};

void child_events_init(struct child_events *events, const struct cli *cli);
void child_events_clear(struct child_events *events);

// One line of any event: put its members with output_*, then close it, which writes it at once. Progress that is owed
// goes ahead of it. Between two of them at most CHILD_LINES_MAX lines of the log are told: a script may print one a
// record. Nothing may be logged between the two.
struct output *child_events_open(struct child_events *events, const char *event);
bool child_events_close(struct child_events *events, struct error *error);

// {"event":"failed","error":{…}}: what a warm child answers to a request that it can't carry out.
bool child_events_failed(struct child_events *events, const struct error *reason, struct error *error);

#endif

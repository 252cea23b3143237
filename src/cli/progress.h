#ifndef WEIR_CLI_PROGRESS_H
#define WEIR_CLI_PROGRESS_H

// What somebody who waits for a run sees: on a terminal one line that is redrawn at most ten times a second and goes
// away at the end; elsewhere a plain line every ten seconds. The run's warnings pass through here too, so that they
// don't tear the line, and so do its waits, so that a run that waits for a server doesn't look dead. The thread that
// decides and the one that logs may both call it. Nothing here fails: what can't be shown is not.

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/log.h"
#include "engine/run.h"

struct progress {
    FILE *out;
    const struct clock *clock;
    struct clock waiting;    // for the run: the same clock, whose waits are shown
    const atomic_bool *stop; // ends a wait at once; may be NULL
    bool terminal;
    bool unicode;
    bool colours;
    bool quiet; // nothing but errors
    bool verbose;
    bool all; // shows every warning, however many there are
    pthread_mutex_t lock;
    struct run_watch watch;
    struct log log;
    bool drawn;         // the terminal shows a line of ours
    int64_t drawn_us;   // when it was drawn last
    int64_t warnings;   // shown so far
    struct buffer last; // the last of them: the same again is not shown again
    struct buffer held; // an error line, kept back: the last one is the reason that is told when the run has ended
    int64_t started_us; // of the baseline
    int64_t first_read; // counts and bytes at the baseline: a resumed pass doesn't start at zero
    uint64_t first_done;
    uint64_t last_done;
    char type[64];
    struct buffer line;
};

// `columns` 0: no terminal.
void progress_init(struct progress *progress, FILE *out, const struct clock *clock, bool terminal);

// Says on a terminal whom it asks: a first answer may take its time.
void progress_begin(struct progress *progress, struct text datasource);

// Takes the line off the terminal. The reason for which the run failed (may be NULL) is told by whoever reports it: a
// log line that says the same is left out.
void progress_end(struct progress *progress, const struct error *reason);
void progress_clear(struct progress *progress); // ends it too

// One state of a run, for progress_line.
struct progress_state {
    struct text type;
    int64_t read;
    uint64_t done;
    uint64_t total; // 0: unknown
    int64_t rate;   // rows a second; below 0: not known yet
    int64_t left_s; // seconds; below 0: not known
    bool unicode;   // draw the bar with line characters, not with = and -
};

// Appends a line of at most `columns` columns (0: a plain line without a bar).
void progress_line(struct buffer *buffer, const struct progress_state *state, size_t columns);

#endif

#ifndef WEIR_ENGINE_JOURNAL_H
#define WEIR_ENGINE_JOURNAL_H

// A run's story on its way into home: lines are kept until a page (or the run's end) takes them along. It is a
// struct log, so everything below the run writes to it; lines pass on to the caller's log as well. Used by both
// threads. A run that says more than JOURNAL_MAX lines is cut, and says so.

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "port/store.h"

enum { JOURNAL_MAX = 2000 };

struct journal {
    pthread_mutex_t mutex;
    struct arena arena;
    struct log_row rows[JOURNAL_MAX];
    size_t count;
    size_t taken; // already in home
    const struct clock *clock;
    const struct log *next;
    struct log log;
};

void journal_init(struct journal *journal, const struct clock *clock, const struct log *next);
void journal_clear(struct journal *journal);

// The lines that home doesn't have yet; they stay valid. After they are committed: journal_kept.
const struct log_row *journal_take(struct journal *journal, size_t *count);
void journal_kept(struct journal *journal, size_t count);

#endif

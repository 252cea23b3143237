#ifndef WEIR_CLI_CLI_JOIN_H
#define WEIR_CLI_CLI_JOIN_H

// Waiting for a run of the same sync and parameters that is live, and answering with its outcome.

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "engine/run.h"
#include "port/store.h"

struct join {
    struct store *store;
    struct text key;
    const struct clock *clock;
    const atomic_bool *stop;
    int64_t asked_us; // when the run was asked for: one that ended before that is no answer
    bool own;         // the request has its own to do: no other run's outcome answers it, it waits for the lease alone
};

enum join_end { JOIN_ANSWERED, JOIN_FREE };

// The live run's number, 0 when none says that it runs.
bool join_live(const struct join *join, int64_t *run, struct error *error);

// Waits for the run that holds the lease. Free: it ended without a word (killed), so that the request may run itself.
bool join_wait(const struct join *join, enum join_end *end, struct run_report *report, struct error *error);

#endif

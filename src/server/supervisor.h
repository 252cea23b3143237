#ifndef WEIR_SERVER_SUPERVISOR_H
#define WEIR_SERVER_SUPERVISOR_H

// The thread that makes things happen: it reads scripts that changed (by `manifest` children), queues what the schedule
// says, starts queued runs within the limits, listens to their children, resumes or fails the runs of those that die,
// and stops everything in good order. What it decides it writes into the ledger before it acts on it: a crash between
// any two lines is gone on with at the next start.

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "server/service.h"

struct supervisor;

bool supervisor_start(struct service *service, struct supervisor **out, struct error *error);

// Asks the runs to end at their page and waits for them (up to half a minute, then they are killed, which is safe),
// then ends the thread; nudges go nowhere then. Accepts NULL.
void supervisor_stop(struct supervisor *supervisor);
void supervisor_close(struct supervisor *supervisor); // accepts NULL

// There is news in the ledger: a run was asked for, cancelled or resumed. From any thread.
void supervisor_nudge(struct supervisor *supervisor);

// Records of an organisation were edited: a child computes their derived fields soon, one at a time for each
// organisation, however often it is asked for. From any thread. When it can't be asked for, the next edit or run
// computes them: what is stale stands in home.
void supervisor_ask_derive(struct supervisor *supervisor, struct text org);

// Reads the scripts again now, and says when that is done: a count that grows with each whole reading.
void supervisor_rescan(struct supervisor *supervisor);
int64_t supervisor_scans(struct supervisor *supervisor);

// For metrics.
struct supervisor_counts {
    int64_t children, started, ended, failed, died;
};
void supervisor_count(struct supervisor *supervisor, struct supervisor_counts *out);

#endif

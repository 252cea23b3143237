#ifndef WEIR_SERVER_SUPERVISOR_WORK_H
#define WEIR_SERVER_SUPERVISOR_WORK_H

// What the supervisor's files share. All of it is its thread's, but for what is atomic.
//
//    supervisor.c       the thread: its round, start and stop
//    supervisor_run.c   runs: from the queue to their end
//    supervisor_derive.c  derived fields, behind edits
//    supervisor_scan.c  scripts: what changed, manifests
//    supervisor_plan.c  the schedule
//    supervisor_inbox.c posted records that were left

#include <pthread.h>
#include <stdatomic.h>

#include "server/catalog.h"
#include "server/children.h"
#include "server/ledger.h"
#include "server/queue.h"
#include "server/script_tree.h"
#include "server/supervisor.h"

enum { RUNS_MOST = 256 };

// A run under way.
struct live_run {
    struct live_run *next;
    struct supervisor *supervisor;
    struct child *child;
    struct arena arena; // of the texts below
    struct job job;
    bool resumes;       // when its process dies
    bool stops;         // it was asked to
    bool cancelled;     // by somebody
    bool ended;         // it told how
    int64_t stop_us;    // when it was asked to
    struct job_end end; // what it told
};

// An organisation's folder, as it was last looked at.
struct scanned_org {
    struct scanned_org *next;
    struct print signature;
    char hash[TREE_HASH_ROOM]; // of the copy that its manifests were read from
    bool seen;
    size_t reading; // manifest children under way
    char org[];
};

// A sync whose manifest is to be read.
struct wanted {
    struct wanted *next;
    struct scanned_org *org;
    struct supervisor *supervisor;
    char hash[TREE_HASH_ROOM];
    struct buffer said;
    char name[];
};

// An organisation whose derived fields somebody asked for.
struct deriving {
    struct deriving *next;
    struct supervisor *supervisor;
    bool asked;
    bool live; // its child works
    char org[];
};

struct supervisor {
    struct service *service;
    pthread_t thread;
    struct children *children;
    struct live_run *runs;
    struct live_run *unended; // have ended, and the ledger does not know it yet
    size_t run_count;
    struct scanned_org *orgs;
    struct wanted *wanted; // not started yet
    size_t manifests;      // under way
    bool scanning;         // a round of readings isn't done yet
    int64_t scan_us;       // when to look again
    bool away;             // the folder of scripts was not there
    int64_t tidy_us;
    int64_t inbox_us;
    int64_t sweep_us;
    int64_t prune_us;
    int64_t planned_us; // when the schedule was looked at last
    struct queue_limits limits;
    pthread_mutex_t derive_mutex; // of the list of them, which others add to
    struct deriving *derivings;   //
    atomic_bool derive_asked;
    atomic_bool nudged;
    atomic_bool rescan;
    atomic_bool stop;
    _Atomic int64_t scans;
    _Atomic int64_t started, ended, failed, died, child_count;
};

void supervisor_log(struct supervisor *supervisor, enum log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// --- supervisor_run.c ---

// Starts what may start, and stops what somebody cancelled.
void supervisor_queue(struct supervisor *supervisor);
// Tells the ledger again of ends that it could not take.
void supervisor_close_ended(struct supervisor *supervisor);
void supervisor_drop_unended(struct supervisor *supervisor);
// Asks all runs to end.
void supervisor_stop_runs(struct supervisor *supervisor);

// --- supervisor_derive.c ---

// Starts the children that were asked for; drops what is left at the end.
void supervisor_derive(struct supervisor *supervisor);
void supervisor_derive_clear(struct supervisor *supervisor);

// --- supervisor_scan.c ---

void supervisor_scan(struct supervisor *supervisor);
// Starts the next manifests.
void supervisor_read(struct supervisor *supervisor);
void supervisor_scan_clear(struct supervisor *supervisor);

// --- supervisor_inbox.c ---

// Has posted records taken in that wait.
void supervisor_inboxes(struct supervisor *supervisor);

// --- supervisor_plan.c ---

// Queues what is due.
void supervisor_plan(struct supervisor *supervisor);
// Fills in when a sync is due next, by what its manifest says.
void supervisor_plan_next(struct supervisor *supervisor, const struct object *manifest, struct sync_row *row);

#endif

#ifndef WEIR_SERVER_LEDGER_SQLITE_H
#define WEIR_SERVER_LEDGER_SQLITE_H

// What the ledger's files share: the connection under its mutex, and transactions.
//
//    ledger_sqlite.c       open, tables, transactions, audit       ledger_sqlite_job.c    the queue
//    ledger_sqlite_token.c tokens                                  ledger_sqlite_sync.c   syncs and their plans
//    ledger_sqlite_hook.c  webhooks and deliveries

#include <pthread.h>

#include "server/ledger.h"
#include "sqlite/sqlite_call.h"

struct ledger {
    pthread_mutex_t mutex; // of all below
    struct sqlite_side side;
    const struct clock *clock;
};

// Locks, and begins a transaction that changes something; ledger_leave commits it when `ok`, undoes it otherwise, and
// unlocks. Gives whether all went well.
bool ledger_enter(struct ledger *ledger, struct error *error);
bool ledger_leave(struct ledger *ledger, bool ok, struct error *error);

// The same for reading alone.
void ledger_look(struct ledger *ledger);
void ledger_looked(struct ledger *ledger);

// Inside a transaction. `who` may be NULL: no line then.
bool ledger_audit_put(struct ledger *ledger, const struct actor *who, const char *action, struct text target,
                      struct error *error);

// Queues a job, inside a transaction.
bool ledger_job_put(struct ledger *ledger, const struct job *job, bool *joined, int64_t *id, struct error *error);

// Tells the organisation's webhooks of a run's event, inside a transaction.
bool ledger_hook_tell(struct ledger *ledger, struct text org, int64_t job, struct text event, struct error *error);

// How many rows the latest statement changed.
int64_t ledger_changed(const struct ledger *ledger);
int64_t ledger_last_id(const struct ledger *ledger);

#endif

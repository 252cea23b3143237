#ifndef WEIR_TESTS_SERVER_LEDGER_RIG_H
#define WEIR_TESTS_SERVER_LEDGER_RIG_H

// A ledger in the test's folder, on a clock that the test sets. Everything that fails is a failure of the test.

#include "base/arena.h"
#include "server/ledger.h"

struct ledger_rig {
    struct ledger *ledger;
    struct arena arena;
    struct clock clock;
    int64_t now_us;
};

void ledger_rig_open(struct ledger_rig *rig);
void ledger_rig_close(struct ledger_rig *rig);
// As a server that is killed and comes back.
void ledger_rig_again(struct ledger_rig *rig);

// A queued run of a sync without parameters.
int64_t ledger_rig_add(struct ledger_rig *rig, const char *org, const char *sync, bool *joined);
int64_t ledger_rig_start(struct ledger_rig *rig, int64_t id); // gives `id`
void ledger_rig_end(struct ledger_rig *rig, int64_t id, const char *status, int64_t again_us);
struct job ledger_rig_job(struct ledger_rig *rig, int64_t id);

// A number that SQL gives, asked beside the ledger.
int64_t ledger_rig_count(const char *sql);
// Whether SQL that is run beside the ledger is done, and what SQLite says otherwise.
bool ledger_rig_sql(const char *sql, const char **message);

extern const struct actor ledger_rig_who;

#endif

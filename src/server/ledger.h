#ifndef WEIR_SERVER_LEDGER_H
#define WEIR_SERVER_LEDGER_H

// The server's own database, DATA/server.sqlite: what belongs to no single organisation. Tokens, the queue of runs,
// what is known of each sync, webhooks and their deliveries, and the audit of who did what. A call is one durable
// transaction and may come from any thread; what must agree (a run and the schedule that asked for it, a run's end and
// the deliveries that tell of it, any change and its audit line) goes in together.
//
// Several processes may have it open (`weir token` beside the server), so it has a rollback journal and not a log: the
// race of two connections over a log (store_sqlite_lock.c) can't happen here.
//
// Texts that are given live in the arena that was handed in; those of a scan until its `row` returns. A scan's `row`
// must not call the ledger.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"

struct ledger;

bool ledger_open(const char *data, const struct clock *clock, struct ledger **out, struct error *error);
void ledger_close(struct ledger *ledger); // accepts NULL

// Who does something: what the audit keeps. An empty org is the server's own.
struct actor {
    struct text org;
    struct text name; // a token's name, "command line", "schedule"
    int64_t token;    // 0: none
};

// --- tokens ---

enum { TOKEN_HASH_BYTES = 32 };

struct token_row {
    int64_t id;
    struct text name;
    struct text role; // role.h
    struct text org;  // "*": any
    struct text sync; // of a datasource's token: the one sync that it may use; empty: all of the org's
    int64_t created_us;
    int64_t expires_us; // 0: never
    int64_t revoked_us; // 0: it holds
};

// What changes with every change of the database by anybody else: whether what was read before still holds.
bool ledger_version(struct ledger *ledger, int64_t *out, struct error *error);

bool ledger_token_add(struct ledger *ledger, const struct token_row *row, const unsigned char hash[TOKEN_HASH_BYTES],
                      const struct actor *who, int64_t *id, struct error *error);
bool ledger_token_find(struct ledger *ledger, const unsigned char hash[TOKEN_HASH_BYTES], struct arena *arena,
                       bool *found, struct token_row *out, struct error *error);
// `org` empty: of all organisations.
bool ledger_token_scan(struct ledger *ledger, struct text org,
                       bool (*row)(void *context, const struct token_row *row, struct error *error), void *context,
                       struct error *error);
// `found` is false when the organisation has no such token that holds.
bool ledger_token_revoke(struct ledger *ledger, struct text org, int64_t id, const struct actor *who, bool *found,
                         struct error *error);

// --- the queue ---

enum job_state { JOB_QUEUED, JOB_RUNNING, JOB_ENDED };

// A run that somebody asked for. Home's run is one attempt at it: an interrupted one is gone on with under a new number
// there, and under the same one here.
struct job {
    int64_t id;
    struct text org;
    struct text sync;   // NAME
    struct text params; // canonical JSON
    struct text method; // "run", "validate", "pull", "push", "retry"
    struct text deads;  // "retry": the dead letters' numbers, separated by spaces; empty: all
    bool force;
    struct text cause; // "api", "schedule", "resume"
    struct text asked_by;
    int64_t asked_us;
    enum job_state state;
    struct text status; // "pending", "running", then how it ended ("done", "failed", …)
    bool cancelled;     // somebody asked for its end
    int64_t due_us;     // queued: not before
    int64_t started_us; // of the latest attempt
    int64_t ended_us;
    int64_t run; // home's number of the latest attempt; 0: it didn't get that far
    int64_t attempts;
    int64_t deaths;     // attempts whose process died without a word, since somebody asked for it
    struct text counts; // JSON of the latest report
    struct text code;   // "W4001" when it failed
    struct text message;
    struct text snapshot; // which script it is pinned to
};

// Queues a run, or gives the live one of the same organisation, sync, parameters and method (`joined`).
bool ledger_job_add(struct ledger *ledger, const struct job *job, const struct actor *who, bool *joined, int64_t *id,
                    struct error *error);
bool ledger_job_find(struct ledger *ledger, int64_t id, struct arena *arena, bool *found, struct job *out,
                     struct error *error);

struct job_filter {
    struct text org;    // empty: all
    struct text sync;   // empty: all
    struct text params; // empty: all
    struct text states; // "queued", "running", "ended", "live"; empty: all
    int64_t before;     // ids below it; 0: from the newest
    int64_t limit;
};
// Newest first.
bool ledger_job_scan(struct ledger *ledger, const struct job_filter *filter,
                     bool (*row)(void *context, const struct job *job, struct error *error), void *context,
                     struct error *error);
// The queued ones that are due, oldest first: `limit` at most, of each organisation as many as of any other.
bool ledger_job_queued(struct ledger *ledger, int64_t now_us, int64_t limit,
                       bool (*row)(void *context, const struct job *job, struct error *error), void *context,
                       struct error *error);

// `started` is false when it isn't queued any more.
bool ledger_job_start(struct ledger *ledger, int64_t id, struct text snapshot, bool *started, struct error *error);
bool ledger_job_run(struct ledger *ledger, int64_t id, int64_t run, struct error *error);

struct job_end {
    struct text status;
    struct text counts;
    struct text code;
    struct text message;
    int64_t again_us; // it is queued again, for not before this time; 0: it has ended
    bool quiet;       // no webhook is told: it only waits its turn
    bool died;        // its process, without a word
};
// Ends an attempt. What it tells the webhooks goes in with it. One that somebody cancelled meanwhile isn't queued
// again.
bool ledger_job_end(struct ledger *ledger, int64_t id, const struct job_end *end, struct error *error);

// Asks for the end of a run: a queued one ends at once, a running one is marked. `found` is false when it has ended.
bool ledger_job_cancel(struct ledger *ledger, int64_t id, const struct actor *who, bool *found, struct error *error);

// Queues an ended run again, under its number; or gives the live one that is in its place (`joined`).
bool ledger_job_resume(struct ledger *ledger, int64_t id, const struct actor *who, bool *joined, int64_t *live,
                       struct error *error);

// Forgets a part of what is old: runs that ended and deliveries that came to an end before these times. `more` says
// that there is more of it.
bool ledger_prune(struct ledger *ledger, int64_t jobs_before_us, int64_t deliveries_before_us, bool *more,
                  struct error *error);

// After a start: what says running was cut off with the server; it is queued again. `count` says how many.
bool ledger_job_recover(struct ledger *ledger, int64_t *count, struct error *error);

// --- syncs ---

struct sync_row {
    struct text org;
    struct text name;
    struct text manifest; // JSON of the last good script; empty: there was none yet
    struct text snapshot; // its files
    struct text broken;   // why the script as it stands can't be used; empty: it can
    bool paused;
    int64_t planned_us; // the latest time that was planned and came; 0: none yet
    int64_t next_us;    // the next; 0: none
};

bool ledger_sync_put(struct ledger *ledger, const struct sync_row *row, struct error *error);
// A paused one stays without a script (`gone` is false): that may come back, and must not run by itself then.
#define LEDGER_SCRIPT_GONE "its script has gone"
bool ledger_sync_drop(struct ledger *ledger, struct text org, struct text name, bool *gone, struct error *error);
bool ledger_sync_scan(struct ledger *ledger,
                      bool (*row)(void *context, const struct sync_row *row, struct error *error), void *context,
                      struct error *error);
bool ledger_sync_pause(struct ledger *ledger, struct text org, struct text name, bool paused, const struct actor *who,
                       struct error *error);
// A planned time came: its run is queued, unless the sync is paused (`id` is 0 then), and the next one set. With no
// `job` the plan alone is set.
bool ledger_sync_due(struct ledger *ledger, const struct sync_row *row, const struct job *job, bool *joined,
                     int64_t *id, struct error *error);

// --- webhooks ---

struct hook {
    int64_t id;
    struct text org;
    struct text url;
    struct text secret;
    struct text events; // "done failed", separated by spaces; empty: all
    struct text form;   // "json" or "slack"
    int64_t created_us;
};

bool ledger_hook_add(struct ledger *ledger, const struct hook *hook, const struct actor *who, int64_t *id,
                     struct error *error);
bool ledger_hook_scan(struct ledger *ledger, struct text org,
                      bool (*row)(void *context, const struct hook *hook, struct error *error), void *context,
                      struct error *error);
bool ledger_hook_drop(struct ledger *ledger, struct text org, int64_t id, const struct actor *who, bool *found,
                      struct error *error);

struct delivery {
    int64_t id;
    struct hook hook;
    int64_t job;
    struct text event;
    struct text state; // "waiting", "done", "dead"
    int64_t attempts;
    int64_t due_us;
    int64_t at_us;
    struct text message; // why the last attempt failed
    struct text said; // JSON of what the run had come to: {run, attempts, counts, code, message, started_us, ended_us}
};

// The oldest waiting one that is due at `now_us`, or none; `next_us` says when there will be one (0: none waits). Those
// of the webhooks in `resting` (a JSON list of their ids) are passed over.
bool ledger_delivery_due(struct ledger *ledger, int64_t now_us, struct text resting, struct arena *arena, bool *found,
                         struct delivery *out, int64_t *next_us, struct error *error);
// One that no run asks for: a test. `found` is false when the organisation has no such webhook.
bool ledger_delivery_add(struct ledger *ledger, struct text org, int64_t hook, struct text event,
                         const struct actor *who, bool *found, int64_t *id, struct error *error);
bool ledger_delivery_end(struct ledger *ledger, int64_t id, const char *state, int64_t due_us, struct text message,
                         struct error *error);
// Newest first.
bool ledger_delivery_scan(struct ledger *ledger, struct text org, struct text state, int64_t before, int64_t limit,
                          bool (*row)(void *context, const struct delivery *row, struct error *error), void *context,
                          struct error *error);
// Sends a dead one again.
bool ledger_delivery_retry(struct ledger *ledger, struct text org, int64_t id, const struct actor *who, bool *found,
                           struct error *error);

// --- the audit ---

struct audit_row {
    int64_t id;
    int64_t at_us;
    struct text org;
    struct text who;
    struct text action;
    struct text target;
};

// For what changes elsewhere (an upload, a script): the line by itself.
bool ledger_audit(struct ledger *ledger, const struct actor *who, const char *action, struct text target,
                  struct error *error);
// Newest first; `org` empty: all.
bool ledger_audit_scan(struct ledger *ledger, struct text org, int64_t before, int64_t limit,
                       bool (*row)(void *context, const struct audit_row *row, struct error *error), void *context,
                       struct error *error);

// What /metrics counts.
struct ledger_counts {
    int64_t queued, running, deliveries_waiting, deliveries_dead, tokens;
};
bool ledger_count(struct ledger *ledger, struct ledger_counts *out, struct error *error);

#endif

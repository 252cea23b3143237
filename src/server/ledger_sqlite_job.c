#include "server/ledger_sqlite.h"

#include <stdio.h>

#define JOB_COLUMNS                                                                                              \
    "id, org, sync, params, method, deads, force, cause, asked_by, asked_us, state, status, cancelled, due_us, " \
    "started_us, ended_us, run, attempts, counts, code, message, snapshot, deaths"

static void job_read(sqlite3_stmt *statement, struct job *out) {
    *out = (struct job){
        .id = sqlite3_column_int64(statement, 0),
        .org = sqlite_text_at(statement, 1),
        .sync = sqlite_text_at(statement, 2),
        .params = sqlite_text_at(statement, 3),
        .method = sqlite_text_at(statement, 4),
        .deads = sqlite_text_at(statement, 5),
        .force = sqlite3_column_int(statement, 6) != 0,
        .cause = sqlite_text_at(statement, 7),
        .asked_by = sqlite_text_at(statement, 8),
        .asked_us = sqlite3_column_int64(statement, 9),
        .state = (enum job_state)sqlite3_column_int(statement, 10),
        .status = sqlite_text_at(statement, 11),
        .cancelled = sqlite3_column_int(statement, 12) != 0,
        .due_us = sqlite3_column_int64(statement, 13),
        .started_us = sqlite3_column_int64(statement, 14),
        .ended_us = sqlite3_column_int64(statement, 15),
        .run = sqlite3_column_int64(statement, 16),
        .attempts = sqlite3_column_int64(statement, 17),
        .counts = sqlite_text_at(statement, 18),
        .code = sqlite_text_at(statement, 19),
        .message = sqlite_text_at(statement, 20),
        .snapshot = sqlite_text_at(statement, 21),
        .deaths = sqlite3_column_int64(statement, 22),
    };
}

static bool job_keep(struct job *job, struct arena *arena, struct error *error) {
    struct text *const texts[] = {&job->org,    &job->sync,  &job->params,   &job->method,
                                  &job->deads,  &job->cause, &job->asked_by, &job->status,
                                  &job->counts, &job->code,  &job->message,  &job->snapshot};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (!arena_text(arena, *texts[i], texts[i])) {
            return error_memory(error);
        }
    }
    return true;
}

static bool live_find(struct ledger *ledger, const struct job *job, int64_t *id, struct error *error) {
    struct sqlite_query query;
    bool found;
    if (!sqlite_ask(&ledger->side,
                    "SELECT id FROM job WHERE org = ? AND sync = ? AND params = ? AND method = ? AND state < 2", &query,
                    error)) {
        return false;
    }
    sqlite_give_text(&query, job->org);
    sqlite_give_text(&query, job->sync);
    sqlite_give_text(&query, job->params);
    sqlite_give_text(&query, job->method);
    if (!sqlite_next(&query, &found, error)) {
        return false;
    }
    *id = found ? sqlite3_column_int64(query.statement, 0) : 0;
    if (found) {
        sqlite_end(&query);
    }
    return true;
}

bool ledger_job_put(struct ledger *ledger, const struct job *job, bool *joined, int64_t *id, struct error *error) {
    struct sqlite_query query;
    *joined = false;
    if (!live_find(ledger, job, id, error)) {
        return false;
    }
    if (*id != 0) {
        *joined = true;
        return true;
    }
    if (!sqlite_ask(
            &ledger->side,
            "INSERT INTO job (org, sync, params, method, deads, force, cause, asked_by, asked_us, state, status, "
            "due_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 'pending', ?)",
            &query, error)) {
        return false;
    }
    sqlite_give_text(&query, job->org);
    sqlite_give_text(&query, job->sync);
    sqlite_give_text(&query, job->params);
    sqlite_give_text(&query, job->method);
    sqlite_give_text(&query, job->deads);
    sqlite_give_integer(&query, job->force);
    sqlite_give_text(&query, job->cause);
    sqlite_give_text(&query, job->asked_by);
    sqlite_give_integer(&query, clock_now(ledger->clock));
    sqlite_give_integer(&query, job->due_us);
    bool ok = sqlite_run(&query, error);
    *id = ledger_last_id(ledger);
    return ok;
}

static struct text job_target(const struct job *job, char room[128]) {
    int length = snprintf(room, 128, "%.*s/%.*s", TEXT_ARGS(job->org), TEXT_ARGS(job->sync));
    return (struct text){room, length < 128 ? (size_t)length : 127};
}

bool ledger_job_add(struct ledger *ledger, const struct job *job, const struct actor *who, bool *joined, int64_t *id,
                    struct error *error) {
    char room[128];
    if (!ledger_enter(ledger, error)) {
        return false;
    }
    bool ok = ledger_job_put(ledger, job, joined, id, error);
    ok = ok && (*joined || ledger_audit_put(ledger, who, "run asked for", job_target(job, room), error));
    return ledger_leave(ledger, ok, error);
}

// --- reading ---

// Every column whole in the arena, or nothing found. Inside the lock.
static bool job_at(struct ledger *ledger, int64_t id, struct arena *arena, bool *found, struct job *out,
                   struct error *error) {
    struct sqlite_query query;
    *found = false;
    if (!sqlite_ask(&ledger->side, "SELECT " JOB_COLUMNS " FROM job WHERE id = ?", &query, error)) {
        return false;
    }
    sqlite_give_integer(&query, id);
    if (!sqlite_next(&query, found, error) || !*found) {
        return !*found && error->code == ERROR_NONE;
    }
    job_read(query.statement, out);
    bool ok = job_keep(out, arena, error);
    sqlite_end(&query);
    return ok;
}

bool ledger_job_find(struct ledger *ledger, int64_t id, struct arena *arena, bool *found, struct job *out,
                     struct error *error) {
    error_clear(error);
    ledger_look(ledger);
    bool ok = job_at(ledger, id, arena, found, out, error);
    ledger_looked(ledger);
    return ok;
}

static bool rows(struct sqlite_query *query, bool (*row)(void *context, const struct job *job, struct error *error),
                 void *context, struct error *error) {
    bool found = false;
    bool ok = true;
    while (ok && (ok = sqlite_next(query, &found, error)) && found) {
        struct job job;
        job_read(query->statement, &job);
        if (!(ok = row(context, &job, error))) {
            sqlite_end(query);
        }
    }
    return ok;
}

// One statement a kind of question, so that each has its index.
static const char *scan_sql(const struct job_filter *filter) {
    if (filter->sync.length > 0) {
        return "SELECT " JOB_COLUMNS " FROM job WHERE org = ?1 AND sync = ?2 AND (?3 = '' OR params = ?3) AND state "
               "BETWEEN ?4 AND ?5 AND id < ?6 ORDER BY id DESC LIMIT ?7";
    }
    if (filter->org.length > 0) {
        return "SELECT " JOB_COLUMNS " FROM job WHERE org = ?1 AND ?2 = '' AND (?3 = '' OR params = ?3) AND state "
               "BETWEEN ?4 AND ?5 AND id < ?6 ORDER BY id DESC LIMIT ?7";
    }
    if (filter->states.length > 0 && !text_is(filter->states, "ended")) {
        // Of those that ended there are ever more: they are not looked at.
        return "SELECT " JOB_COLUMNS
               " FROM job INDEXED BY job_live WHERE state < 2 AND ?1 = '' AND ?2 = '' AND (?3 = '' "
               "OR params = ?3) AND state BETWEEN ?4 AND ?5 AND id < ?6 ORDER BY id DESC LIMIT ?7";
    }
    return "SELECT " JOB_COLUMNS
           " FROM job WHERE ?1 = '' AND ?2 = '' AND (?3 = '' OR params = ?3) AND state BETWEEN ?4 "
           "AND ?5 AND id < ?6 ORDER BY id DESC LIMIT ?7";
}

bool ledger_job_scan(struct ledger *ledger, const struct job_filter *filter,
                     bool (*row)(void *context, const struct job *job, struct error *error), void *context,
                     struct error *error) {
    struct sqlite_query query;
    bool is_live = text_is(filter->states, "live");
    int64_t least = text_is(filter->states, "running") ? JOB_RUNNING : text_is(filter->states, "ended") ? JOB_ENDED : 0;
    int64_t most = text_is(filter->states, "queued") ? JOB_QUEUED
                   : is_live || least == JOB_RUNNING ? JOB_RUNNING
                                                     : JOB_ENDED;
    ledger_look(ledger);
    bool ok = sqlite_ask(&ledger->side, scan_sql(filter), &query, error);
    if (ok) {
        sqlite_give_text(&query, filter->org);
        sqlite_give_text(&query, filter->sync);
        sqlite_give_text(&query, filter->params);
        sqlite_give_integer(&query, least);
        sqlite_give_integer(&query, most);
        sqlite_give_integer(&query, filter->before > 0 ? filter->before : INT64_MAX);
        sqlite_give_integer(&query, filter->limit > 0 ? filter->limit : -1);
        ok = rows(&query, row, context, error);
    }
    ledger_looked(ledger);
    return ok;
}

bool ledger_job_queued(struct ledger *ledger, int64_t now_us, int64_t limit,
                       bool (*row)(void *context, const struct job *job, struct error *error), void *context,
                       struct error *error) {
    struct sqlite_query query;
    ledger_look(ledger);
    bool ok = sqlite_ask(&ledger->side,
                         "SELECT " JOB_COLUMNS " FROM job WHERE id IN (SELECT id FROM (SELECT id, row_number() OVER "
                         "(PARTITION BY org ORDER BY id) AS turn FROM job INDEXED BY job_live WHERE state = 0 AND "
                         "state < 2 AND due_us <= "
                         "?1) ORDER BY turn, id LIMIT ?2) ORDER BY id",
                         &query, error);
    if (ok) {
        sqlite_give_integer(&query, now_us);
        sqlite_give_integer(&query, limit);
        ok = rows(&query, row, context, error);
    }
    ledger_looked(ledger);
    return ok;
}

// --- an attempt ---

bool ledger_job_start(struct ledger *ledger, int64_t id, struct text snapshot, bool *started, struct error *error) {
    struct sqlite_query query;
    *started = false;
    if (!ledger_enter(ledger, error)) {
        return false;
    }
    bool ok =
        sqlite_ask(&ledger->side,
                   "UPDATE job SET state = 1, status = 'running', started_us = ?, attempts = attempts + 1, run = 0, "
                   "snapshot = ?, code = '', message = '' WHERE id = ? AND state = 0",
                   &query, error);
    if (ok) {
        sqlite_give_integer(&query, clock_now(ledger->clock));
        sqlite_give_text(&query, snapshot);
        sqlite_give_integer(&query, id);
        ok = sqlite_run(&query, error);
        *started = ok && ledger_changed(ledger) == 1;
    }
    return ledger_leave(ledger, ok, error);
}

bool ledger_job_run(struct ledger *ledger, int64_t id, int64_t run, struct error *error) {
    struct sqlite_query query;
    if (!ledger_enter(ledger, error)) {
        return false;
    }
    bool ok = sqlite_ask(&ledger->side, "UPDATE job SET run = ? WHERE id = ?", &query, error);
    if (ok) {
        sqlite_give_integer(&query, run);
        sqlite_give_integer(&query, id);
        ok = sqlite_run(&query, error);
    }
    return ledger_leave(ledger, ok, error);
}

static bool job_org(struct ledger *ledger, int64_t id, char *room, size_t size, struct text *out, struct error *error) {
    struct sqlite_query query;
    bool found = false;
    *out = (struct text){room, 0};
    if (!sqlite_ask(&ledger->side, "SELECT org FROM job WHERE id = ?", &query, error)) {
        return false;
    }
    sqlite_give_integer(&query, id);
    bool ok = sqlite_next(&query, &found, error);
    if (found) {
        struct text org = sqlite_text_at(query.statement, 0);
        out->length = org.length < size ? org.length : size;
        memcpy(room, org.data, out->length);
        sqlite_end(&query);
    }
    return ok;
}

bool ledger_job_end(struct ledger *ledger, int64_t id, const struct job_end *end, struct error *error) {
    struct sqlite_query query;
    char room[128];
    struct text org;
    if (!ledger_enter(ledger, error)) {
        return false;
    }
    bool cancelled = false;
    bool found = false;
    bool ok = sqlite_ask(&ledger->side,
                         "UPDATE job SET state = CASE WHEN ?6 <> 0 AND NOT cancelled THEN 0 ELSE 2 END, status = CASE "
                         "WHEN ?6 <> 0 AND cancelled THEN 'cancelled' ELSE ?2 END, counts = ?3, code = ?4, message = "
                         "?5, due_us = ?6, ended_us = ?7, deaths = deaths + ?1 WHERE id = ?8 RETURNING "
                         "?6 <> 0 AND cancelled",
                         &query, error);
    if (ok) {
        sqlite_give_integer(&query, end->died);
        sqlite_give_text(&query, end->status);
        sqlite_give_text(&query, end->counts);
        sqlite_give_text(&query, end->code);
        sqlite_give_text(&query, end->message);
        sqlite_give_integer(&query, end->again_us);
        sqlite_give_integer(&query, clock_now(ledger->clock));
        sqlite_give_integer(&query, id);
        ok = sqlite_next(&query, &found, error);
        cancelled = found && sqlite3_column_int(query.statement, 0) != 0;
        ok = ok && (!found || sqlite_run(&query, error));
    }
    ok = ok && job_org(ledger, id, room, sizeof room, &org, error) &&
         ((end->quiet && !cancelled) ||
          ledger_hook_tell(ledger, org, id, cancelled ? TEXT_LITERAL("cancelled") : end->status, error));
    return ledger_leave(ledger, ok, error);
}

// --- asking for its end, or for another try ---

bool ledger_job_cancel(struct ledger *ledger, int64_t id, const struct actor *who, bool *found, struct error *error) {
    struct sqlite_query query;
    char number[TEXT_INTEGER_MAX];
    char room[128];
    struct text org;
    *found = false;
    if (!ledger_enter(ledger, error)) {
        return false;
    }
    bool ok =
        sqlite_ask(&ledger->side,
                   "UPDATE job SET cancelled = 1, ended_us = CASE state WHEN 0 THEN ?1 ELSE 0 END, status = CASE "
                   "state WHEN 0 THEN 'cancelled' ELSE status END, state = CASE state WHEN 0 THEN 2 ELSE 1 END WHERE "
                   "id = ?2 AND state < 2 RETURNING state",
                   &query, error);
    bool ended = false;
    if (ok) {
        sqlite_give_integer(&query, clock_now(ledger->clock));
        sqlite_give_integer(&query, id);
        ok = sqlite_next(&query, found, error);
        ended = *found && sqlite3_column_int(query.statement, 0) == JOB_ENDED;
        ok = ok && (!*found || sqlite_run(&query, error));
    }
    ok = ok && (!*found || ledger_audit_put(ledger, who, "run cancelled", text_digits(id, number), error)) &&
         (!ended || (job_org(ledger, id, room, sizeof room, &org, error) &&
                     ledger_hook_tell(ledger, org, id, TEXT_LITERAL("cancelled"), error)));
    return ledger_leave(ledger, ok, error);
}

bool ledger_job_resume(struct ledger *ledger, int64_t id, const struct actor *who, bool *joined, int64_t *live,
                       struct error *error) {
    struct sqlite_query query;
    char number[TEXT_INTEGER_MAX];
    bool clash = false;
    *joined = true;
    *live = id;
    if (!ledger_enter(ledger, error)) {
        return false;
    }
    bool ok =
        sqlite_ask(&ledger->side,
                   "UPDATE job SET state = 0, status = 'pending', cancelled = 0, due_us = 0, ended_us = 0, deaths = 0, "
                   "cause = 'resume' WHERE id = ? AND state = 2",
                   &query, error);
    if (ok) {
        sqlite_give_integer(&query, id);
        ok = sqlite_run_unique(&query, &clash, error);
        *joined = !ok || clash || ledger_changed(ledger) == 0;
    }
    // Another run of the same key is live meanwhile: that one goes on from where this one stopped.
    if (ok && clash) {
        bool found = false;
        ok = sqlite_ask(&ledger->side,
                        "SELECT b.id FROM job a JOIN job b ON b.org = a.org AND b.sync = a.sync AND b.params = "
                        "a.params AND b.method = a.method AND b.state < 2 WHERE a.id = ?",
                        &query, error);
        if (ok) {
            sqlite_give_integer(&query, id);
            ok = sqlite_next(&query, &found, error);
        }
        if (found) {
            *live = sqlite3_column_int64(query.statement, 0);
            sqlite_end(&query);
        }
    }
    ok = ok && (*joined || ledger_audit_put(ledger, who, "run resumed", text_digits(id, number), error));
    return ledger_leave(ledger, ok, error);
}

// One that somebody had cancelled when the server was cut off has ended by that.
static bool recover_cancelled(struct ledger *ledger, bool *found, struct error *error) {
    struct sqlite_query query;
    char room[128];
    struct text org;
    *found = false;
    if (!sqlite_ask(&ledger->side,
                    "UPDATE job SET state = 2, status = 'cancelled', ended_us = ? WHERE id = (SELECT id FROM job WHERE "
                    "state = 1 AND state < 2 AND cancelled <> 0 LIMIT 1) RETURNING id",
                    &query, error)) {
        return false;
    }
    sqlite_give_integer(&query, clock_now(ledger->clock));
    if (!sqlite_next(&query, found, error)) {
        return false;
    }
    if (!*found) {
        return true;
    }
    int64_t id = sqlite3_column_int64(query.statement, 0);
    return sqlite_run(&query, error) && job_org(ledger, id, room, sizeof room, &org, error) &&
           ledger_hook_tell(ledger, org, id, TEXT_LITERAL("cancelled"), error);
}

bool ledger_job_recover(struct ledger *ledger, int64_t *count, struct error *error) {
    struct sqlite_query query;
    bool more = true;
    bool ok = true;
    *count = 0;
    if (!ledger_enter(ledger, error)) {
        return false;
    }
    while (ok && more) {
        ok = recover_cancelled(ledger, &more, error);
        *count += ok && more;
    }
    ok = ok &&
         sqlite_ask(&ledger->side, "UPDATE job SET state = 0, status = 'interrupted' WHERE state = 1 AND state < 2",
                    &query, error) &&
         sqlite_run(&query, error);
    *count = ok ? *count + ledger_changed(ledger) : 0;
    return ledger_leave(ledger, ok, error);
}

enum { PRUNED_AT_ONCE = 1000 };

static bool prune(struct ledger *ledger, const char *sql, int64_t before_us, bool *more, struct error *error) {
    struct sqlite_query query;
    if (!sqlite_ask(&ledger->side, sql, &query, error)) {
        return false;
    }
    sqlite_give_integer(&query, before_us);
    sqlite_give_integer(&query, PRUNED_AT_ONCE);
    bool ok = sqlite_run(&query, error);
    *more = *more || (ok && ledger_changed(ledger) == PRUNED_AT_ONCE);
    return ok;
}

bool ledger_prune(struct ledger *ledger, int64_t jobs_before_us, int64_t deliveries_before_us, bool *more,
                  struct error *error) {
    *more = false;
    if (!ledger_enter(ledger, error)) {
        return false;
    }
    // Each sync's latest run stays: it says how the sync does.
    bool ok =
        prune(ledger,
              "DELETE FROM delivery WHERE id IN (SELECT id FROM delivery WHERE state <> 'waiting' AND at_us < ? LIMIT "
              "?)",
              deliveries_before_us, more, error) &&
        prune(ledger,
              "DELETE FROM job WHERE id IN (SELECT id FROM job AS old WHERE state = 2 AND ended_us < ?1 AND EXISTS "
              "(SELECT 1 FROM job AS newer WHERE newer.org = old.org AND newer.sync = old.sync AND newer.id > "
              "old.id) LIMIT ?2)",
              jobs_before_us, more, error);
    return ledger_leave(ledger, ok, error);
}

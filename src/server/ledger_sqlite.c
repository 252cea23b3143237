#include "server/ledger_sqlite.h"

#include <assert.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/fault.h"
#include "base/memory.h"

enum { PATH_BYTES_MAX = 4096, BUSY_WAIT_MS = 10 * 1000, LEDGER_VERSION = 1 };

static const char tables[] =
    "CREATE TABLE IF NOT EXISTS token (id INTEGER PRIMARY KEY AUTOINCREMENT, hash BLOB NOT NULL UNIQUE, name TEXT NOT "
    "NULL, role TEXT NOT NULL, org TEXT NOT NULL, sync TEXT NOT NULL, created_us INTEGER NOT NULL, expires_us INTEGER "
    "NOT NULL, revoked_us INTEGER NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS job (id INTEGER PRIMARY KEY AUTOINCREMENT, org TEXT NOT NULL, sync TEXT NOT NULL, "
    "params TEXT NOT NULL, method TEXT NOT NULL, deads TEXT NOT NULL, force INTEGER NOT NULL, cause TEXT NOT NULL, "
    "asked_by TEXT NOT NULL, asked_us INTEGER NOT NULL, state INTEGER NOT NULL, status TEXT NOT NULL, cancelled "
    "INTEGER NOT NULL DEFAULT 0, due_us INTEGER NOT NULL, started_us INTEGER NOT NULL DEFAULT 0, ended_us INTEGER NOT "
    "NULL DEFAULT 0, run INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0, counts TEXT NOT NULL DEFAULT "
    "'', code TEXT NOT NULL DEFAULT '', message TEXT NOT NULL DEFAULT '', snapshot TEXT NOT NULL DEFAULT '', deaths "
    "INTEGER NOT "
    "NULL DEFAULT 0) STRICT;"
    // One live run a key: whoever asks for the same meanwhile is given that one.
    "CREATE UNIQUE INDEX IF NOT EXISTS job_live ON job (org, sync, params, method) WHERE state < 2;"
    "CREATE INDEX IF NOT EXISTS job_sync ON job (org, sync, id);"
    "CREATE INDEX IF NOT EXISTS job_org ON job (org, id);"
    "CREATE TABLE IF NOT EXISTS sync (org TEXT NOT NULL, name TEXT NOT NULL, manifest TEXT NOT NULL, snapshot TEXT NOT "
    "NULL, broken TEXT NOT NULL, paused INTEGER NOT NULL DEFAULT 0, planned_us INTEGER NOT NULL DEFAULT 0, next_us "
    "INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (org, name)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS hook (id INTEGER PRIMARY KEY AUTOINCREMENT, org TEXT NOT NULL, url TEXT NOT NULL, "
    "secret TEXT NOT NULL, events TEXT NOT NULL, form TEXT NOT NULL, created_us INTEGER NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS hook_org ON hook (org);"
    "CREATE TABLE IF NOT EXISTS delivery (id INTEGER PRIMARY KEY AUTOINCREMENT, hook INTEGER NOT NULL, job INTEGER NOT "
    "NULL, event TEXT NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, due_us INTEGER NOT NULL, "
    "at_us INTEGER NOT NULL, message TEXT NOT NULL DEFAULT '', said TEXT NOT NULL DEFAULT '') STRICT;"
    "CREATE INDEX IF NOT EXISTS delivery_due ON delivery (state, due_us);"
    "CREATE TABLE IF NOT EXISTS audit (id INTEGER PRIMARY KEY AUTOINCREMENT, at_us INTEGER NOT NULL, org TEXT NOT "
    "NULL, "
    "token INTEGER NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL, target TEXT NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS audit_org ON audit (org, id);"
    // The audit is there to be believed.
    "CREATE TRIGGER IF NOT EXISTS audit_stays BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit stays'); END;"
    "CREATE TRIGGER IF NOT EXISTS audit_keeps BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit stays'); "
    "END;";

static bool version_check(struct ledger *ledger, struct error *error) {
    struct sqlite_query query;
    bool found;
    if (!sqlite_ask(&ledger->side, "PRAGMA user_version", &query, error) || !sqlite_next(&query, &found, error)) {
        return false;
    }
    int64_t version = found ? sqlite3_column_int64(query.statement, 0) : 0;
    sqlite_end(&query);
    if (version > LEDGER_VERSION) {
        return error_set(error, ERROR_HOME_NEWER, "the server's database was made by a newer weir (version %lld)",
                         (long long)version);
    }
    return true;
}

static bool database_open(struct ledger *ledger, const char *path, struct error *error) {
    char set_version[64];
    struct sqlite_side *side = &ledger->side;
    int status =
        sqlite3_open_v2(path, &side->db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (status != SQLITE_OK) {
        return side->db == NULL ? error_memory(error) : sqlite_fail(side->db, status, "open", error);
    }
    snprintf(set_version, sizeof set_version, "PRAGMA user_version=%d", LEDGER_VERSION);
    sqlite3_busy_timeout(side->db, BUSY_WAIT_MS);
    sqlite3_db_config(side->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(side->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    return sqlite_exec(side->db, "PRAGMA journal_mode=PERSIST; PRAGMA synchronous=FULL; PRAGMA cache_size=-1024;",
                       error) &&
           version_check(ledger, error) && sqlite_exec(side->db, "BEGIN IMMEDIATE", error) &&
           sqlite_exec(side->db, tables, error) && sqlite_exec(side->db, set_version, error) &&
           sqlite_exec(side->db, "COMMIT", error);
}

bool ledger_open(const char *data, const struct clock *clock, struct ledger **out, struct error *error) {
    char path[PATH_BYTES_MAX];
    *out = NULL;
    struct ledger *ledger = memory_zero(1, sizeof *ledger);
    if (ledger == NULL) {
        return error_memory(error);
    }
    ledger->clock = clock;
    pthread_mutex_init(&ledger->mutex, NULL);
    mkdir(data, 0700); // where it can't be made, opening says so
    snprintf(path, sizeof path, "%s/server.sqlite", data);
    if (!database_open(ledger, path, error)) {
        ledger_close(ledger);
        return false;
    }
    *out = ledger;
    return true;
}

void ledger_close(struct ledger *ledger) {
    if (ledger == NULL) {
        return;
    }
    if (ledger->side.db != NULL) {
        sqlite_side_close(&ledger->side);
    }
    pthread_mutex_destroy(&ledger->mutex);
    memory_free(ledger);
}

// --- transactions ---

void ledger_look(struct ledger *ledger) {
    pthread_mutex_lock(&ledger->mutex);
}

void ledger_looked(struct ledger *ledger) {
    pthread_mutex_unlock(&ledger->mutex);
}

bool ledger_enter(struct ledger *ledger, struct error *error) {
    struct sqlite_query query;
    pthread_mutex_lock(&ledger->mutex);
    if (sqlite_ask(&ledger->side, "BEGIN IMMEDIATE", &query, error) && sqlite_run(&query, error)) {
        return true;
    }
    pthread_mutex_unlock(&ledger->mutex);
    return false;
}

bool ledger_leave(struct ledger *ledger, bool ok, struct error *error) {
    struct sqlite_query query;
    fault_point("ledger.commit");
    ok = ok && sqlite_ask(&ledger->side, "COMMIT", &query, error) && sqlite_run(&query, error);
    if (!ok && !sqlite3_get_autocommit(ledger->side.db)) {
        sqlite3_exec(ledger->side.db, "ROLLBACK", NULL, NULL, NULL);
    }
    fault_point("ledger.committed");
    pthread_mutex_unlock(&ledger->mutex);
    return ok;
}

int64_t ledger_changed(const struct ledger *ledger) {
    return sqlite3_changes64(ledger->side.db);
}

int64_t ledger_last_id(const struct ledger *ledger) {
    return sqlite3_last_insert_rowid(ledger->side.db);
}

bool ledger_version(struct ledger *ledger, int64_t *out, struct error *error) {
    struct sqlite_query query;
    bool found = false;
    *out = 0;
    ledger_look(ledger);
    // Changes of this connection are not counted: those are known here.
    bool ok = sqlite_ask(&ledger->side, "PRAGMA data_version", &query, error) && sqlite_next(&query, &found, error);
    if (found) {
        *out = sqlite3_column_int64(query.statement, 0);
        sqlite_end(&query);
    }
    ledger_looked(ledger);
    return ok;
}

// --- the audit ---

bool ledger_audit_put(struct ledger *ledger, const struct actor *who, const char *action, struct text target,
                      struct error *error) {
    struct sqlite_query query;
    if (who == NULL) {
        return true;
    }
    if (!sqlite_ask(&ledger->side,
                    "INSERT INTO audit (at_us, org, token, who, action, target) VALUES (?, ?, ?, ?, ?, ?)", &query,
                    error)) {
        return false;
    }
    sqlite_give_integer(&query, clock_now(ledger->clock));
    sqlite_give_text(&query, who->org);
    sqlite_give_integer(&query, who->token);
    sqlite_give_text(&query, who->name);
    sqlite_give_text(&query, text_of(action));
    sqlite_give_text(&query, target);
    return sqlite_run(&query, error);
}

bool ledger_audit(struct ledger *ledger, const struct actor *who, const char *action, struct text target,
                  struct error *error) {
    return ledger_enter(ledger, error) &&
           ledger_leave(ledger, ledger_audit_put(ledger, who, action, target, error), error);
}

bool ledger_audit_scan(struct ledger *ledger, struct text org, int64_t before, int64_t limit,
                       bool (*row)(void *context, const struct audit_row *row, struct error *error), void *context,
                       struct error *error) {
    struct sqlite_query query;
    bool found = false;
    ledger_look(ledger);
    bool ok =
        sqlite_ask(&ledger->side,
                   "SELECT id, at_us, org, who, action, target FROM audit WHERE (?1 = '' OR org = ?1) AND (?2 = 0 "
                   "OR id < ?2) ORDER BY id DESC LIMIT ?3",
                   &query, error);
    if (ok) {
        sqlite_give_text(&query, org);
        sqlite_give_integer(&query, before);
        sqlite_give_integer(&query, limit);
    }
    while (ok && (ok = sqlite_next(&query, &found, error)) && found) {
        struct audit_row out = {
            .id = sqlite3_column_int64(query.statement, 0),
            .at_us = sqlite3_column_int64(query.statement, 1),
            .org = sqlite_text_at(query.statement, 2),
            .who = sqlite_text_at(query.statement, 3),
            .action = sqlite_text_at(query.statement, 4),
            .target = sqlite_text_at(query.statement, 5),
        };
        if (!(ok = row(context, &out, error))) {
            sqlite_end(&query);
        }
    }
    ledger_looked(ledger);
    return ok;
}

static bool count_of(struct ledger *ledger, const char *sql, int64_t *out, struct error *error) {
    struct sqlite_query query;
    bool found = false;
    bool ok = sqlite_ask(&ledger->side, sql, &query, error) && sqlite_next(&query, &found, error);
    if (found) {
        *out = sqlite3_column_int64(query.statement, 0);
        sqlite_end(&query);
    }
    return ok;
}

bool ledger_count(struct ledger *ledger, struct ledger_counts *out, struct error *error) {
    *out = (struct ledger_counts){0};
    ledger_look(ledger);
    bool ok =
        count_of(ledger, "SELECT count(*) FROM job WHERE state = 0 AND state < 2", &out->queued, error) &&
        count_of(ledger, "SELECT count(*) FROM job WHERE state = 1 AND state < 2", &out->running, error) &&
        count_of(ledger, "SELECT count(*) FROM delivery WHERE state = 'waiting'", &out->deliveries_waiting, error) &&
        count_of(ledger, "SELECT count(*) FROM delivery WHERE state = 'dead'", &out->deliveries_dead, error) &&
        count_of(ledger, "SELECT count(*) FROM token WHERE revoked_us = 0", &out->tokens, error);
    ledger_looked(ledger);
    return ok;
}

#include "server/ledger_sqlite.h"

#include <stdio.h>

bool ledger_sync_put(struct ledger *ledger, const struct sync_row *row, struct error *error) {
    struct sqlite_query query;
    if (!ledger_enter(ledger, error)) {
        return false;
    }
    bool ok =
        sqlite_ask(&ledger->side,
                   "INSERT INTO sync (org, name, manifest, snapshot, broken, planned_us, next_us) VALUES (?, ?, ?, ?, "
                   "?, ?, ?) ON CONFLICT (org, name) DO UPDATE SET manifest = excluded.manifest, snapshot = "
                   "excluded.snapshot, broken = excluded.broken, planned_us = excluded.planned_us, next_us = "
                   "excluded.next_us",
                   &query, error);
    if (ok) {
        sqlite_give_text(&query, row->org);
        sqlite_give_text(&query, row->name);
        sqlite_give_text(&query, row->manifest);
        sqlite_give_text(&query, row->snapshot);
        sqlite_give_text(&query, row->broken);
        sqlite_give_integer(&query, row->planned_us);
        sqlite_give_integer(&query, row->next_us);
        ok = sqlite_run(&query, error);
    }
    return ledger_leave(ledger, ok, error);
}

bool ledger_sync_drop(struct ledger *ledger, struct text org, struct text name, bool *gone, struct error *error) {
    struct sqlite_query query;
    *gone = false;
    if (!ledger_enter(ledger, error)) {
        return false;
    }
    bool ok = sqlite_ask(&ledger->side, "DELETE FROM sync WHERE org = ? AND name = ? AND paused = 0", &query, error);
    if (ok) {
        sqlite_give_text(&query, org);
        sqlite_give_text(&query, name);
        ok = sqlite_run(&query, error);
        *gone = ok && ledger_changed(ledger) > 0;
    }
    ok = ok &&
         sqlite_ask(&ledger->side,
                    "UPDATE sync SET manifest = '', snapshot = '', broken = ?, next_us = 0 WHERE org = ? AND name = ?",
                    &query, error);
    if (ok) {
        sqlite_give_text(&query, text_of(LEDGER_SCRIPT_GONE));
        sqlite_give_text(&query, org);
        sqlite_give_text(&query, name);
        ok = sqlite_run(&query, error);
    }
    return ledger_leave(ledger, ok, error);
}

bool ledger_sync_scan(struct ledger *ledger,
                      bool (*row)(void *context, const struct sync_row *row, struct error *error), void *context,
                      struct error *error) {
    struct sqlite_query query;
    bool found = false;
    ledger_look(ledger);
    bool ok =
        sqlite_ask(&ledger->side,
                   "SELECT org, name, manifest, snapshot, broken, paused, planned_us, next_us FROM sync ORDER BY org, "
                   "name",
                   &query, error);
    while (ok && (ok = sqlite_next(&query, &found, error)) && found) {
        struct sync_row out = {
            .org = sqlite_text_at(query.statement, 0),
            .name = sqlite_text_at(query.statement, 1),
            .manifest = sqlite_text_at(query.statement, 2),
            .snapshot = sqlite_text_at(query.statement, 3),
            .broken = sqlite_text_at(query.statement, 4),
            .paused = sqlite3_column_int(query.statement, 5) != 0,
            .planned_us = sqlite3_column_int64(query.statement, 6),
            .next_us = sqlite3_column_int64(query.statement, 7),
        };
        if (!(ok = row(context, &out, error))) {
            sqlite_end(&query);
        }
    }
    ledger_looked(ledger);
    return ok;
}

static struct text target_of(struct text org, struct text name, char room[128]) {
    int length = snprintf(room, 128, "%.*s/%.*s", TEXT_ARGS(org), TEXT_ARGS(name));
    return (struct text){room, length < 128 ? (size_t)length : 127};
}

bool ledger_sync_pause(struct ledger *ledger, struct text org, struct text name, bool paused, const struct actor *who,
                       struct error *error) {
    struct sqlite_query query;
    char room[128];
    if (!ledger_enter(ledger, error)) {
        return false;
    }
    bool ok = sqlite_ask(&ledger->side, "UPDATE sync SET paused = ? WHERE org = ? AND name = ?", &query, error);
    if (ok) {
        sqlite_give_integer(&query, paused);
        sqlite_give_text(&query, org);
        sqlite_give_text(&query, name);
        ok = sqlite_run(&query, error);
    }
    ok =
        ok && ledger_audit_put(ledger, who, paused ? "sync paused" : "sync resumed", target_of(org, name, room), error);
    return ledger_leave(ledger, ok, error);
}

bool ledger_sync_due(struct ledger *ledger, const struct sync_row *row, const struct job *job, bool *joined,
                     int64_t *id, struct error *error) {
    struct sqlite_query query;
    bool found = false;
    bool paused = true; // nothing is queued for a sync that isn't there any more
    *joined = false;
    *id = 0;
    if (!ledger_enter(ledger, error)) {
        return false;
    }
    bool ok = sqlite_ask(&ledger->side,
                         "UPDATE sync SET planned_us = ?, next_us = ? WHERE org = ? AND name = ? RETURNING paused",
                         &query, error);
    if (ok) {
        sqlite_give_integer(&query, row->planned_us);
        sqlite_give_integer(&query, row->next_us);
        sqlite_give_text(&query, row->org);
        sqlite_give_text(&query, row->name);
        ok = sqlite_next(&query, &found, error);
        paused = !found || sqlite3_column_int(query.statement, 0) != 0;
        ok = ok && (!found || sqlite_run(&query, error));
    }
    ok = ok && (job == NULL || paused || ledger_job_put(ledger, job, joined, id, error));
    return ledger_leave(ledger, ok, error);
}

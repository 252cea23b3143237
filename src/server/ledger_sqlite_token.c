#include "server/ledger_sqlite.h"

#include <stdio.h>

static void row_read(const struct sqlite_query *query, struct token_row *out) {
    sqlite3_stmt *statement = query->statement;
    *out = (struct token_row){
        .id = sqlite3_column_int64(statement, 0),
        .name = sqlite_text_at(statement, 1),
        .role = sqlite_text_at(statement, 2),
        .org = sqlite_text_at(statement, 3),
        .sync = sqlite_text_at(statement, 4),
        .created_us = sqlite3_column_int64(statement, 5),
        .expires_us = sqlite3_column_int64(statement, 6),
        .revoked_us = sqlite3_column_int64(statement, 7),
    };
}

bool ledger_token_add(struct ledger *ledger, const struct token_row *row, const unsigned char hash[TOKEN_HASH_BYTES],
                      const struct actor *who, int64_t *id, struct error *error) {
    struct sqlite_query query;
    if (!ledger_enter(ledger, error)) {
        return false;
    }
    bool ok =
        sqlite_ask(&ledger->side,
                   "INSERT INTO token (hash, name, role, org, sync, created_us, expires_us, revoked_us) VALUES (?, "
                   "?, ?, ?, ?, ?, ?, 0)",
                   &query, error);
    if (ok) {
        sqlite_give_blob(&query, (struct text){(const char *)hash, TOKEN_HASH_BYTES});
        sqlite_give_text(&query, row->name);
        sqlite_give_text(&query, row->role);
        sqlite_give_text(&query, row->org);
        sqlite_give_text(&query, row->sync);
        sqlite_give_integer(&query, clock_now(ledger->clock));
        sqlite_give_integer(&query, row->expires_us);
        ok = sqlite_run(&query, error);
        *id = ledger_last_id(ledger);
    }
    ok = ok && ledger_audit_put(ledger, who, "token created", row->name, error);
    return ledger_leave(ledger, ok, error);
}

bool ledger_token_find(struct ledger *ledger, const unsigned char hash[TOKEN_HASH_BYTES], struct arena *arena,
                       bool *found, struct token_row *out, struct error *error) {
    struct sqlite_query query;
    *found = false;
    ledger_look(ledger);
    bool ok = sqlite_ask(
        &ledger->side, "SELECT id, name, role, org, sync, created_us, expires_us, revoked_us FROM token WHERE hash = ?",
        &query, error);
    if (ok) {
        sqlite_give_blob(&query, (struct text){(const char *)hash, TOKEN_HASH_BYTES});
        ok = sqlite_next(&query, found, error);
    }
    if (*found) {
        row_read(&query, out);
        ok = (arena_text(arena, out->name, &out->name) && arena_text(arena, out->role, &out->role) &&
              arena_text(arena, out->org, &out->org) && arena_text(arena, out->sync, &out->sync)) ||
             error_memory(error);
        sqlite_end(&query);
    }
    ledger_looked(ledger);
    return ok;
}

bool ledger_token_scan(struct ledger *ledger, struct text org,
                       bool (*row)(void *context, const struct token_row *row, struct error *error), void *context,
                       struct error *error) {
    struct sqlite_query query;
    bool found = false;
    ledger_look(ledger);
    bool ok =
        sqlite_ask(&ledger->side,
                   "SELECT id, name, role, org, sync, created_us, expires_us, revoked_us FROM token WHERE ?1 = '' "
                   "OR org = ?1 ORDER BY id",
                   &query, error);
    if (ok) {
        sqlite_give_text(&query, org);
    }
    while (ok && (ok = sqlite_next(&query, &found, error)) && found) {
        struct token_row out;
        row_read(&query, &out);
        if (!(ok = row(context, &out, error))) {
            sqlite_end(&query);
        }
    }
    ledger_looked(ledger);
    return ok;
}

bool ledger_token_revoke(struct ledger *ledger, struct text org, int64_t id, const struct actor *who, bool *found,
                         struct error *error) {
    struct sqlite_query query;
    char number[TEXT_INTEGER_MAX];
    *found = false;
    if (!ledger_enter(ledger, error)) {
        return false;
    }
    bool ok = sqlite_ask(&ledger->side,
                         "UPDATE token SET revoked_us = ?1 WHERE id = ?2 AND (?3 = '' OR org = ?3) AND revoked_us = 0",
                         &query, error);
    if (ok) {
        sqlite_give_integer(&query, clock_now(ledger->clock));
        sqlite_give_integer(&query, id);
        sqlite_give_text(&query, org);
        ok = sqlite_run(&query, error);
        *found = ok && ledger_changed(ledger) > 0;
    }
    if (*found) {
        ok = ledger_audit_put(ledger, who, "token revoked", text_digits(id, number), error);
    }
    return ledger_leave(ledger, ok, error);
}

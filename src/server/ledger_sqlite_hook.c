#include "server/ledger_sqlite.h"

#include <stdio.h>

bool ledger_hook_add(struct ledger *ledger, const struct hook *hook, const struct actor *who, int64_t *id,
                     struct error *error) {
    struct sqlite_query query;
    if (!ledger_enter(ledger, error)) {
        return false;
    }
    bool ok = sqlite_ask(&ledger->side,
                         "INSERT INTO hook (org, url, secret, events, form, created_us) VALUES (?, ?, ?, ?, ?, ?)",
                         &query, error);
    if (ok) {
        sqlite_give_text(&query, hook->org);
        sqlite_give_text(&query, hook->url);
        sqlite_give_text(&query, hook->secret);
        sqlite_give_text(&query, hook->events);
        sqlite_give_text(&query, hook->form);
        sqlite_give_integer(&query, clock_now(ledger->clock));
        ok = sqlite_run(&query, error);
        *id = ledger_last_id(ledger);
    }
    // The address may hold a secret of its own (Slack's does): the audit has the number.
    char number[TEXT_INTEGER_MAX];
    ok = ok && ledger_audit_put(ledger, who, "webhook created", text_digits(*id, number), error);
    return ledger_leave(ledger, ok, error);
}

static struct hook hook_at(sqlite3_stmt *statement, int from) {
    return (struct hook){
        .id = sqlite3_column_int64(statement, from),
        .org = sqlite_text_at(statement, from + 1),
        .url = sqlite_text_at(statement, from + 2),
        .secret = sqlite_text_at(statement, from + 3),
        .events = sqlite_text_at(statement, from + 4),
        .form = sqlite_text_at(statement, from + 5),
        .created_us = sqlite3_column_int64(statement, from + 6),
    };
}

bool ledger_hook_scan(struct ledger *ledger, struct text org,
                      bool (*row)(void *context, const struct hook *hook, struct error *error), void *context,
                      struct error *error) {
    struct sqlite_query query;
    bool found = false;
    ledger_look(ledger);
    bool ok =
        sqlite_ask(&ledger->side,
                   "SELECT id, org, url, secret, events, form, created_us FROM hook WHERE ?1 = '' OR org = ?1 ORDER "
                   "BY id",
                   &query, error);
    if (ok) {
        sqlite_give_text(&query, org);
    }
    while (ok && (ok = sqlite_next(&query, &found, error)) && found) {
        struct hook out = hook_at(query.statement, 0);
        if (!(ok = row(context, &out, error))) {
            sqlite_end(&query);
        }
    }
    ledger_looked(ledger);
    return ok;
}

bool ledger_hook_drop(struct ledger *ledger, struct text org, int64_t id, const struct actor *who, bool *found,
                      struct error *error) {
    struct sqlite_query query;
    char number[TEXT_INTEGER_MAX];
    *found = false;
    if (!ledger_enter(ledger, error)) {
        return false;
    }
    bool ok = sqlite_ask(&ledger->side, "DELETE FROM hook WHERE id = ? AND org = ?", &query, error);
    if (ok) {
        sqlite_give_integer(&query, id);
        sqlite_give_text(&query, org);
        ok = sqlite_run(&query, error);
        *found = ok && ledger_changed(ledger) > 0;
    }
    if (*found) {
        ok = sqlite_ask(&ledger->side, "DELETE FROM delivery WHERE hook = ?", &query, error);
        if (ok) {
            sqlite_give_integer(&query, id);
            ok = sqlite_run(&query, error);
        }
        ok = ok && ledger_audit_put(ledger, who, "webhook removed", text_digits(id, number), error);
    }
    return ledger_leave(ledger, ok, error);
}

// --- deliveries ---

bool ledger_hook_tell(struct ledger *ledger, struct text org, int64_t job, struct text event, struct error *error) {
    struct sqlite_query query;
    if (!sqlite_ask(
            &ledger->side,
            "INSERT INTO delivery (hook, job, event, state, due_us, at_us, said) SELECT h.id, ?1, ?2, 'waiting', ?3, "
            "?3, json_object('run', j.run, 'attempts', j.attempts, 'counts', CASE WHEN json_valid(j.counts) THEN "
            "json(j.counts) ELSE json('{}') END, 'code', j.code, 'message', j.message, 'started_us', j.started_us, "
            "'ended_us', j.ended_us) FROM hook h JOIN job j ON j.id = ?1 WHERE h.org = ?4 AND (h.events = '' OR "
            "instr(' ' || h.events || ' ', ' ' || ?2 || ' ') > 0)",
            &query, error)) {
        return false;
    }
    sqlite_give_integer(&query, job);
    sqlite_give_text(&query, event);
    sqlite_give_integer(&query, clock_now(ledger->clock));
    sqlite_give_text(&query, org);
    return sqlite_run(&query, error);
}

#define DELIVERY_COLUMNS                                                                                              \
    "d.id, d.job, d.event, d.state, d.attempts, d.due_us, d.at_us, d.message, d.said, h.id, h.org, h.url, h.secret, " \
    "h.events, h.form, h.created_us"

static void delivery_read(sqlite3_stmt *statement, struct delivery *out) {
    *out = (struct delivery){
        .id = sqlite3_column_int64(statement, 0),
        .job = sqlite3_column_int64(statement, 1),
        .event = sqlite_text_at(statement, 2),
        .state = sqlite_text_at(statement, 3),
        .attempts = sqlite3_column_int64(statement, 4),
        .due_us = sqlite3_column_int64(statement, 5),
        .at_us = sqlite3_column_int64(statement, 6),
        .message = sqlite_text_at(statement, 7),
        .said = sqlite_text_at(statement, 8),
        .hook = hook_at(statement, 9),
    };
}

static bool delivery_keep(struct delivery *row, struct arena *arena, struct error *error) {
    struct text *const texts[] = {&row->event,    &row->state,       &row->message,     &row->said,     &row->hook.org,
                                  &row->hook.url, &row->hook.secret, &row->hook.events, &row->hook.form};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (!arena_text(arena, *texts[i], texts[i])) {
            return error_memory(error);
        }
    }
    return true;
}

bool ledger_delivery_due(struct ledger *ledger, int64_t now_us, struct text resting, struct arena *arena, bool *found,
                         struct delivery *out, int64_t *next_us, struct error *error) {
    struct sqlite_query query;
    *found = false;
    *next_us = 0;
    ledger_look(ledger);
    bool ok = sqlite_ask(&ledger->side,
                         "SELECT " DELIVERY_COLUMNS " FROM delivery d JOIN hook h ON h.id = d.hook WHERE d.state = "
                         "'waiting' AND d.hook NOT IN (SELECT value FROM json_each(?)) ORDER BY d.due_us, d.id LIMIT 1",
                         &query, error);
    if (ok) {
        sqlite_give_text(&query, resting);
        ok = sqlite_next(&query, found, error);
    }
    if (*found) {
        delivery_read(query.statement, out);
        *next_us = out->due_us;
        *found = out->due_us <= now_us;
        ok = delivery_keep(out, arena, error);
        sqlite_end(&query);
    }
    ledger_looked(ledger);
    return ok;
}

bool ledger_delivery_add(struct ledger *ledger, struct text org, int64_t hook, struct text event,
                         const struct actor *who, bool *found, int64_t *id, struct error *error) {
    struct sqlite_query query;
    char number[TEXT_INTEGER_MAX];
    *found = false;
    if (!ledger_enter(ledger, error)) {
        return false;
    }
    bool ok = sqlite_ask(&ledger->side,
                         "INSERT INTO delivery (hook, job, event, state, due_us, at_us) SELECT id, 0, ?1, 'waiting', "
                         "?2, ?2 FROM hook WHERE id = ?3 AND org = ?4",
                         &query, error);
    if (ok) {
        sqlite_give_text(&query, event);
        sqlite_give_integer(&query, clock_now(ledger->clock));
        sqlite_give_integer(&query, hook);
        sqlite_give_text(&query, org);
        ok = sqlite_run(&query, error);
        *found = ok && ledger_changed(ledger) > 0;
        *id = ledger_last_id(ledger);
    }
    ok = ok && (!*found || ledger_audit_put(ledger, who, "webhook tried", text_digits(hook, number), error));
    return ledger_leave(ledger, ok, error);
}

bool ledger_delivery_end(struct ledger *ledger, int64_t id, const char *state, int64_t due_us, struct text message,
                         struct error *error) {
    struct sqlite_query query;
    if (!ledger_enter(ledger, error)) {
        return false;
    }
    bool ok = sqlite_ask(&ledger->side,
                         "UPDATE delivery SET state = ?, due_us = ?, message = ?, attempts = attempts + 1 WHERE id = ?",
                         &query, error);
    if (ok) {
        sqlite_give_text(&query, text_of(state));
        sqlite_give_integer(&query, due_us);
        sqlite_give_text(&query, message);
        sqlite_give_integer(&query, id);
        ok = sqlite_run(&query, error);
    }
    return ledger_leave(ledger, ok, error);
}

bool ledger_delivery_scan(struct ledger *ledger, struct text org, struct text state, int64_t before, int64_t limit,
                          bool (*row)(void *context, const struct delivery *row, struct error *error), void *context,
                          struct error *error) {
    struct sqlite_query query;
    bool found = false;
    ledger_look(ledger);
    bool ok =
        sqlite_ask(&ledger->side,
                   "SELECT " DELIVERY_COLUMNS " FROM delivery d JOIN hook h ON h.id = d.hook WHERE h.org = ?1 AND "
                   "(?2 = '' OR d.state = ?2) AND (?3 = 0 OR d.id < ?3) ORDER BY d.id DESC LIMIT ?4",
                   &query, error);
    if (ok) {
        sqlite_give_text(&query, org);
        sqlite_give_text(&query, state);
        sqlite_give_integer(&query, before);
        sqlite_give_integer(&query, limit);
    }
    while (ok && (ok = sqlite_next(&query, &found, error)) && found) {
        struct delivery out;
        delivery_read(query.statement, &out);
        if (!(ok = row(context, &out, error))) {
            sqlite_end(&query);
        }
    }
    ledger_looked(ledger);
    return ok;
}

bool ledger_delivery_retry(struct ledger *ledger, struct text org, int64_t id, const struct actor *who, bool *found,
                           struct error *error) {
    struct sqlite_query query;
    char number[TEXT_INTEGER_MAX];
    *found = false;
    if (!ledger_enter(ledger, error)) {
        return false;
    }
    bool ok =
        sqlite_ask(&ledger->side,
                   "UPDATE delivery SET state = 'waiting', attempts = 0, due_us = ?1 WHERE id = ?2 AND state = 'dead' "
                   "AND hook IN (SELECT id FROM hook WHERE org = ?3)",
                   &query, error);
    if (ok) {
        sqlite_give_integer(&query, clock_now(ledger->clock));
        sqlite_give_integer(&query, id);
        sqlite_give_text(&query, org);
        ok = sqlite_run(&query, error);
        *found = ok && ledger_changed(ledger) > 0;
    }
    ok = ok && (!*found || ledger_audit_put(ledger, who, "delivery sent again", text_digits(id, number), error));
    return ledger_leave(ledger, ok, error);
}

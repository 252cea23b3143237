#include "store/store_sqlite_internal.h"

// A run that closes home to everybody else. Its row is in force while the lease that it was written under is the one
// that is held: a run that was killed closes nothing.

enum { KEYS_BYTES_MAX = 1024 * 1024 };

// The first row in force of another key than `except`.
static bool closed_find(struct sqlite_store *store, struct sqlite_side *side, struct text except, struct arena *arena,
                        struct closed_row *out, struct error *error) {
    struct sqlite_query query;
    bool found = true;
    bool live = false;
    *out = (struct closed_row){.run = 0};
    if (!sqlite_ask(side,
                    "SELECT c.key, c.sync, c.run, c.since_us FROM weir_closed AS c JOIN weir_lease AS l"
                    " ON l.key = c.key AND l.token = c.token WHERE c.key <> ?1",
                    &query, error)) {
        return false;
    }
    sqlite_give_text(&query, except);
    while (!live) {
        if (!sqlite_next(&query, &found, error)) {
            return false;
        }
        if (!found) {
            return true;
        }
        if (!sqlite_lease_is_live(store, sqlite_text_at(query.statement, 0), &live, error)) {
            sqlite_end(&query);
            return false;
        }
    }
    out->run = sqlite3_column_int64(query.statement, 2);
    out->since_us = sqlite3_column_int64(query.statement, 3);
    bool ok = sqlite_copy_at(query.statement, 0, arena, &out->key, error) &&
              sqlite_copy_at(query.statement, 1, arena, &out->sync, error);
    sqlite_end(&query);
    return ok;
}

bool sqlite_closed(struct store *base, struct arena *arena, struct closed_row *out, struct error *error) {
    return closed_find(sqlite_of(base), &sqlite_of(base)->reader, (struct text){"", 0}, arena, out, error);
}

bool sqlite_closed_check(struct sqlite_store *store, struct text key, struct error *error) {
    struct arena arena;
    struct closed_row closed;
    arena_init(&arena, KEYS_BYTES_MAX);
    bool ok = closed_find(store, &store->writer, key, &arena, &closed, error);
    if (ok && closed.run != 0) {
        ok = store_closed_error(&closed, error);
    }
    arena_clear(&arena);
    return ok;
}

// A run of another key that is live, in `out`; run 0: none.
static bool find_other(struct sqlite_store *store, struct text key, struct arena *arena, struct closed_row *out,
                       struct error *error) {
    struct sqlite_query query;
    bool found = true;
    bool live = false;
    *out = (struct closed_row){.run = 0};
    if (!sqlite_ask(&store->writer,
                    "SELECT key, sync, id, started_us FROM weir_run WHERE status = 'running' AND key <> ?1", &query,
                    error)) {
        return false;
    }
    sqlite_give_text(&query, key);
    while (!live) {
        if (!sqlite_next(&query, &found, error)) {
            return false;
        }
        if (!found) {
            return true;
        }
        if (!sqlite_lease_is_live(store, sqlite_text_at(query.statement, 0), &live, error)) {
            sqlite_end(&query);
            return false;
        }
    }
    out->run = sqlite3_column_int64(query.statement, 2);
    bool ok = sqlite_copy_at(query.statement, 1, arena, &out->sync, error);
    sqlite_end(&query);
    return ok;
}

static bool others_check(struct sqlite_store *store, const struct run_row *row, struct error *error) {
    struct arena arena;
    struct closed_row other;
    arena_init(&arena, KEYS_BYTES_MAX);
    bool ok = find_other(store, row->key, &arena, &other, error);
    if (ok && other.run != 0) {
        ok = store_others_error(row, &other, error);
    }
    arena_clear(&arena);
    return ok;
}

bool sqlite_closed_open(struct sqlite_store *store, struct text key, struct error *error) {
    struct sqlite_query query;
    if (!sqlite_ask(&store->writer, "DELETE FROM weir_closed WHERE key = ?1", &query, error)) {
        return false;
    }
    sqlite_give_text(&query, key);
    return sqlite_run(&query, error);
}

bool sqlite_closed_begin(struct sqlite_store *store, const struct lease *lease, const struct run_row *row, int64_t run,
                         struct error *error) {
    struct sqlite_query query;
    if (!sqlite_closed_check(store, row->key, error) || !sqlite_closed_open(store, row->key, error)) {
        return false;
    }
    if (!row->closes) {
        return true;
    }
    if (!others_check(store, row, error) ||
        !sqlite_ask(&store->writer,
                    "INSERT INTO weir_closed(key, sync, run, token, since_us) VALUES (?1, ?2, ?3, ?4, ?5)", &query,
                    error)) {
        return false;
    }
    sqlite_give_text(&query, row->key);
    sqlite_give_text(&query, row->sync);
    sqlite_give_integer(&query, run);
    sqlite_give_integer(&query, lease->token);
    sqlite_give_integer(&query, row->started_us);
    return sqlite_run(&query, error);
}

#include "store/store_sqlite_internal.h"

// What the way back leaves in home: intents, watermarks, held deletes, stale rows. What is there already is not written
// again.

enum { STATES = 3 };

static const char *const state_names[STATES] = {
    [INTENT_SENDING] = "sending",
    [INTENT_UNKNOWN] = "unknown",
    [INTENT_PARKED] = "parked",
};

// --- intents ---

static bool intent_put(struct sqlite_store *store, const struct intent_row *row, struct error *error) {
    struct sqlite_query query;
    if (!sqlite_ask(
            &store->writer,
            "INSERT INTO weir_intent(operation, key, datasource, datatype, verb, home, external, base_seq, sent,"
            " form, state, at_us, run) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"
            " ON CONFLICT(operation) DO UPDATE SET state = excluded.state WHERE state <> excluded.state",
            &query, error)) {
        return false;
    }
    sqlite_give_text(&query, row->operation);
    sqlite_give_text(&query, row->key);
    sqlite_give_text(&query, row->datasource);
    sqlite_give_text(&query, row->datatype);
    sqlite_give_text(&query, row->verb);
    sqlite_give_integer(&query, row->home);
    sqlite_give_text(&query, row->external);
    sqlite_give_integer(&query, row->base_seq);
    sqlite_give_print(&query, row->sent);
    if (!sqlite_give_json(&query, &row->form, &store->scratch)) {
        return error_memory(error);
    }
    sqlite_give_text(&query, text_of(state_names[row->state]));
    sqlite_give_integer(&query, row->at_us);
    sqlite_give_integer(&query, row->run);
    return sqlite_run(&query, error);
}

static bool intent_at(sqlite3_stmt *statement, struct arena *arena, struct intent_row *out, struct error *error) {
    *out = (struct intent_row){.id = sqlite3_column_int64(statement, 0)};
    out->home = sqlite3_column_int64(statement, 6);
    out->base_seq = sqlite3_column_int64(statement, 8);
    out->sent = sqlite_print_at(statement, 9);
    out->at_us = sqlite3_column_int64(statement, 12);
    out->run = sqlite3_column_int64(statement, 13);
    struct text state = sqlite_text_at(statement, 11);
    int found = 0;
    while (found < STATES && !text_is(state, state_names[found])) {
        found++;
    }
    if (found == STATES) {
        return error_set(error, ERROR_HOME_DAMAGED,
                         "intent %lld in home has the state \"%.*s\", which weir does not know", (long long)out->id,
                         TEXT_ARGS(state));
    }
    out->state = (enum intent_state)found;
    return sqlite_copy_at(statement, 1, arena, &out->operation, error) &&
           sqlite_copy_at(statement, 2, arena, &out->key, error) &&
           sqlite_copy_at(statement, 3, arena, &out->datasource, error) &&
           sqlite_copy_at(statement, 4, arena, &out->datatype, error) &&
           sqlite_copy_at(statement, 5, arena, &out->verb, error) &&
           sqlite_copy_at(statement, 7, arena, &out->external, error) &&
           sqlite_json_at(statement, 10, arena, &out->form, error);
}

bool sqlite_intent_scan(struct store *base, const struct scan *scan,
                        bool (*row)(void *context, const struct intent_row *row, struct error *error), void *context,
                        struct error *error) {
    error_clear(error);
    struct sqlite_listing listing;
    struct intent_row out;
    bool found = true;
    bool ok = sqlite_listing_open(sqlite_of(base),
                                  "SELECT id, operation, key, datasource, datatype, verb, home, external, base_seq,"
                                  " sent, form, state, at_us, run FROM weir_intent WHERE (?1 = '' OR key = ?1)",
                                  "id", scan, scan->filter, &listing, error);
    while (ok && found) {
        ok = sqlite_listing_next(&listing, &found, error) &&
             (!found || (intent_at(listing.statement, &listing.arena, &out, error) && row(context, &out, error)));
    }
    sqlite_listing_close(&listing);
    return scan_ended(ok, error);
}

// --- watermarks ---

static bool watermark_put(struct sqlite_store *store, const struct watermark_row *row, struct error *error) {
    static const char put[] = "INSERT INTO weir_watermark(key, type, direction, text) VALUES (?1, ?2, ?3, ?4)"
                              " ON CONFLICT(key, type, direction) DO UPDATE SET text = excluded.text"
                              " WHERE text <> excluded.text";
    static const char forget[] = "DELETE FROM weir_watermark WHERE key = ?1 AND type = ?2 AND direction = ?3";
    struct sqlite_query query;
    bool puts = row->text.length > 0;
    if (!sqlite_ask(&store->writer, puts ? put : forget, &query, error)) {
        return false;
    }
    sqlite_give_text(&query, row->key);
    sqlite_give_text(&query, row->type);
    sqlite_give_text(&query, row->direction);
    if (puts) {
        sqlite_give_text(&query, row->text);
    }
    return sqlite_run(&query, error);
}

bool sqlite_watermark_find(struct store *base, struct text key, struct text type, struct text direction,
                           struct arena *arena, struct text *out, struct error *error) {
    struct sqlite_query query;
    bool found;
    *out = (struct text){"", 0};
    if (!sqlite_ask(&sqlite_of(base)->reader,
                    "SELECT text FROM weir_watermark WHERE key = ?1 AND type = ?2 AND direction = ?3", &query, error)) {
        return false;
    }
    sqlite_give_text(&query, key);
    sqlite_give_text(&query, type);
    sqlite_give_text(&query, direction);
    if (!sqlite_next(&query, &found, error)) {
        return false;
    }
    bool ok = !found || sqlite_copy_at(query.statement, 0, arena, out, error);
    sqlite_end(&query);
    return ok;
}

// A scan of a table without numbers: by its key, whole, up to the limit.
static bool plain_open(struct store *base, const char *sql, const struct scan *scan, struct sqlite_listing *out,
                       struct error *error) {
    *out = (struct sqlite_listing){0};
    arena_init(&out->arena, HOME_TEXT_MAX);
    if (!sqlite_prepare(sqlite_of(base)->reader.db, sql, &out->statement, error)) {
        return false;
    }
    out->query = sqlite_again(out->statement);
    sqlite_give_integer(&out->query, scan->limit > 0 ? scan->limit : -1);
    return true;
}

bool sqlite_watermark_scan(struct store *base, const struct scan *scan,
                           bool (*row)(void *context, const struct watermark_row *row, struct error *error),
                           void *context, struct error *error) {
    error_clear(error);
    struct sqlite_listing listing;
    struct watermark_row out;
    bool found = true;
    bool ok = plain_open(base,
                         "SELECT key, type, direction, text FROM weir_watermark WHERE (?2 = '' OR key = ?2)"
                         " ORDER BY key, type, direction LIMIT ?1",
                         scan, &listing, error);
    if (ok) {
        sqlite_give_text(&listing.query, scan->filter);
    }
    while (ok && found) {
        ok = sqlite_listing_next(&listing, &found, error) &&
             (!found ||
              (sqlite_copy_at(listing.statement, 0, &listing.arena, &out.key, error) &&
               sqlite_copy_at(listing.statement, 1, &listing.arena, &out.type, error) &&
               sqlite_copy_at(listing.statement, 2, &listing.arena, &out.direction, error) &&
               sqlite_copy_at(listing.statement, 3, &listing.arena, &out.text, error) && row(context, &out, error)));
    }
    sqlite_listing_close(&listing);
    return scan_ended(ok, error);
}

// --- held deletes ---

static bool held_put(struct sqlite_store *store, const struct held_row *row, struct error *error) {
    struct sqlite_query query;
    if (!sqlite_ask(
            &store->writer,
            "INSERT INTO weir_held(key, direction, datatype, home, datasource, external, approved, at_us, run)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
            " ON CONFLICT(key, direction, datatype, home) DO UPDATE SET datasource = excluded.datasource,"
            " external = excluded.external, approved = max(approved, excluded.approved), at_us = excluded.at_us,"
            " run = excluded.run WHERE datasource <> excluded.datasource OR external <> excluded.external"
            " OR approved < excluded.approved",
            &query, error)) {
        return false;
    }
    sqlite_give_text(&query, row->key);
    sqlite_give_text(&query, row->direction);
    sqlite_give_text(&query, row->datatype);
    sqlite_give_integer(&query, row->home);
    sqlite_give_text(&query, row->datasource);
    sqlite_give_text(&query, row->external);
    sqlite_give_integer(&query, row->approved ? 1 : 0);
    sqlite_give_integer(&query, row->at_us);
    sqlite_give_integer(&query, row->run);
    return sqlite_run(&query, error);
}

static bool held_at(sqlite3_stmt *statement, struct arena *arena, struct held_row *out, struct error *error) {
    *out = (struct held_row){.id = sqlite3_column_int64(statement, 0)};
    out->home = sqlite3_column_int64(statement, 6);
    out->approved = sqlite3_column_int(statement, 7) != 0;
    out->at_us = sqlite3_column_int64(statement, 8);
    out->run = sqlite3_column_int64(statement, 9);
    return sqlite_copy_at(statement, 1, arena, &out->key, error) &&
           sqlite_copy_at(statement, 2, arena, &out->direction, error) &&
           sqlite_copy_at(statement, 3, arena, &out->datasource, error) &&
           sqlite_copy_at(statement, 4, arena, &out->datatype, error) &&
           sqlite_copy_at(statement, 5, arena, &out->external, error);
}

bool sqlite_held_scan(struct store *base, const struct scan *scan,
                      bool (*row)(void *context, const struct held_row *row, struct error *error), void *context,
                      struct error *error) {
    error_clear(error);
    struct sqlite_listing listing;
    struct held_row out;
    bool found = true;
    bool ok =
        sqlite_listing_open(sqlite_of(base),
                            "SELECT id, key, direction, datasource, datatype, external, home, approved, at_us, run"
                            " FROM weir_held WHERE (?1 = '' OR key = ?1)",
                            "id", scan, scan->filter, &listing, error);
    while (ok && found) {
        ok = sqlite_listing_next(&listing, &found, error) &&
             (!found || (held_at(listing.statement, &listing.arena, &out, error) && row(context, &out, error)));
    }
    sqlite_listing_close(&listing);
    return scan_ended(ok, error);
}

// --- stale rows ---

static bool stale_put(struct sqlite_store *store, const struct stale_row *row, struct error *error) {
    struct sqlite_query query;
    if (!sqlite_ask(&store->writer,
                    "INSERT INTO weir_stale(datatype, home, seq)"
                    " SELECT ?1, ?2, value FROM weir_counter WHERE name = 'seq'"
                    " ON CONFLICT(datatype, home) DO UPDATE SET seq = excluded.seq WHERE seq < excluded.seq",
                    &query, error)) {
        return false;
    }
    sqlite_give_text(&query, row->datatype);
    sqlite_give_integer(&query, row->home);
    return sqlite_run(&query, error);
}

// One that was put again, past what the page looked at, stays.
static bool stale_done(struct sqlite_store *store, const struct stale_row *row, int64_t seen_seq, struct error *error) {
    struct sqlite_query query;
    if (!sqlite_ask(&store->writer,
                    "DELETE FROM weir_stale WHERE datatype = ?1 AND home = ?2 AND (?3 = 0 OR seq <= ?3)", &query,
                    error)) {
        return false;
    }
    sqlite_give_text(&query, row->datatype);
    sqlite_give_integer(&query, row->home);
    sqlite_give_integer(&query, seen_seq);
    return sqlite_run(&query, error);
}

bool sqlite_stale_scan(struct store *base, const struct scan *scan,
                       bool (*row)(void *context, const struct stale_row *row, struct error *error), void *context,
                       struct error *error) {
    error_clear(error);
    struct sqlite_listing listing;
    struct stale_row out;
    bool found = true;
    bool ok = plain_open(base, "SELECT datatype, home FROM weir_stale ORDER BY datatype, home LIMIT ?1", scan, &listing,
                         error);
    while (ok && found) {
        ok = sqlite_listing_next(&listing, &found, error);
        if (ok && found) {
            out.home = sqlite3_column_int64(listing.statement, 1);
            ok =
                sqlite_copy_at(listing.statement, 0, &listing.arena, &out.datatype, error) && row(context, &out, error);
        }
    }
    sqlite_listing_close(&listing);
    return scan_ended(ok, error);
}

// --- a page's ---

bool sqlite_put_way(struct sqlite_store *store, const struct page *page, struct error *error) {
    bool ok = sqlite_delete_by_id(store, "DELETE FROM weir_intent WHERE id = ?1", page->intents_done,
                                  page->intent_done_count, error) &&
              sqlite_delete_by_id(store, "DELETE FROM weir_held WHERE id = ?1", page->helds_done, page->held_done_count,
                                  error);
    for (size_t i = 0; ok && i < page->stale_done_count; i++) {
        ok = stale_done(store, &page->stales_done[i], page->seen_seq, error);
    }
    for (size_t i = 0; ok && i < page->intent_count; i++) {
        ok = intent_put(store, &page->intents[i], error);
    }
    for (size_t i = 0; ok && i < page->watermark_count; i++) {
        ok = watermark_put(store, &page->watermarks[i], error);
    }
    for (size_t i = 0; ok && i < page->held_count; i++) {
        ok = held_put(store, &page->helds[i], error);
    }
    for (size_t i = 0; ok && i < page->stale_count; i++) {
        ok = stale_put(store, &page->stales[i], error);
    }
    return ok;
}

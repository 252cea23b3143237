#include "store/store_sqlite_internal.h"

// What was posted, and the receipts that close it.

// --- a page's ---

// A post of a batch that is there already changes nothing: the page is stale.
static bool inbox_put(struct sqlite_store *store, const struct inbox_row *row, bool *stale, struct error *error) {
    struct sqlite_query query;
    if (!sqlite_ask(&store->writer,
                    "INSERT INTO weir_inbox(key, sync, type, batch, place, print, payload, origin, posted_us,"
                    " posted_seq) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, value FROM weir_counter"
                    " WHERE name = 'seq' ON CONFLICT(key, batch, place) DO NOTHING",
                    &query, error)) {
        return false;
    }
    sqlite_give_text(&query, row->key);
    sqlite_give_text(&query, row->sync);
    sqlite_give_text(&query, row->type);
    sqlite_give_text(&query, row->batch);
    sqlite_give_integer(&query, row->place);
    sqlite_give_print(&query, row->print);
    if (!sqlite_give_json(&query, &row->payload, &store->scratch)) {
        return error_memory(error);
    }
    sqlite_give_text(&query, row->origin);
    sqlite_give_integer(&query, row->posted_us);
    if (!sqlite_run(&query, error)) {
        return false;
    }
    *stale = sqlite3_changes(store->writer.db) == 0;
    return !*stale;
}

static bool inbox_close(struct sqlite_store *store, const struct inbox_done *done, int64_t at_us, bool *stale,
                        struct error *error) {
    struct sqlite_query query;
    if (!sqlite_ask(
            &store->writer,
            "UPDATE weir_inbox SET state = 'done', outcome = ?2, home = ?3, code = ?4, reason = ?5, done_us = ?6,"
            " done_seq = (SELECT value FROM weir_counter WHERE name = 'seq')"
            " WHERE id = ?1 AND state = 'waiting'",
            &query, error)) {
        return false;
    }
    sqlite_give_integer(&query, done->id);
    sqlite_give_text(&query, done->outcome);
    sqlite_give_integer(&query, done->home);
    sqlite_give_text(&query, done->code);
    sqlite_give_text(&query, done->reason);
    sqlite_give_integer(&query, at_us);
    if (!sqlite_run(&query, error)) {
        return false;
    }
    *stale = sqlite3_changes(store->writer.db) == 0;
    return !*stale;
}

static bool inbox_trim(struct sqlite_store *store, int64_t before_us, struct error *error) {
    struct sqlite_query query;
    if (!sqlite_ask(&store->writer,
                    "DELETE FROM weir_inbox WHERE id IN (SELECT id FROM weir_inbox WHERE state = 'done' AND"
                    " done_us < ?1 ORDER BY done_us LIMIT ?2)",
                    &query, error)) {
        return false;
    }
    sqlite_give_integer(&query, before_us);
    sqlite_give_integer(&query, INBOX_TRIM_MAX);
    return sqlite_run(&query, error);
}

bool sqlite_put_inboxes(struct sqlite_store *store, const struct page *page, bool *stale, struct error *error) {
    bool ok = page->inboxes_before_us == 0 || inbox_trim(store, page->inboxes_before_us, error);
    for (size_t i = 0; ok && i < page->inbox_done_count; i++) {
        ok = inbox_close(store, &page->inboxes_done[i], page->at_us, stale, error);
    }
    for (size_t i = 0; ok && i < page->inbox_count; i++) {
        ok = inbox_put(store, &page->inboxes[i], stale, error);
    }
    return ok;
}

// --- reading ---

static bool inbox_at(sqlite3_stmt *statement, struct arena *arena, struct inbox_row *out, struct error *error) {
    *out = (struct inbox_row){.id = sqlite3_column_int64(statement, 0)};
    out->place = sqlite3_column_int64(statement, 5);
    out->print = sqlite_print_at(statement, 6);
    out->posted_us = sqlite3_column_int64(statement, 9);
    out->posted_seq = sqlite3_column_int64(statement, 10);
    out->done = text_is(sqlite_text_at(statement, 11), "done");
    out->home = sqlite3_column_int64(statement, 13);
    out->done_us = sqlite3_column_int64(statement, 16);
    out->done_seq = sqlite3_column_int64(statement, 17);
    return sqlite_copy_at(statement, 1, arena, &out->key, error) &&
           sqlite_copy_at(statement, 2, arena, &out->sync, error) &&
           sqlite_copy_at(statement, 3, arena, &out->type, error) &&
           sqlite_copy_at(statement, 4, arena, &out->batch, error) &&
           sqlite_json_at(statement, 7, arena, &out->payload, error) &&
           sqlite_copy_at(statement, 8, arena, &out->origin, error) &&
           sqlite_copy_at(statement, 12, arena, &out->outcome, error) &&
           sqlite_copy_at(statement, 14, arena, &out->code, error) &&
           sqlite_copy_at(statement, 15, arena, &out->reason, error);
}

#define INBOX_SELECT                                                                                                 \
    "SELECT id, key, sync, type, batch, place, print, payload, origin, posted_us, posted_seq, state, outcome, home," \
    " code, reason, done_us, done_seq FROM weir_inbox WHERE "

// A statement for what is asked: each finds its rows by an index of its own.
static const char *inbox_select(const struct inbox_ask *ask) {
    if (ask->home != 0) {
        return ask->waiting ? INBOX_SELECT "?4 = home AND home <> 0 AND sync = ?1 AND state = 'waiting'"
                            : INBOX_SELECT "?4 = home AND home <> 0 AND sync = ?1";
    }
    if (ask->batch.length > 0) {
        return ask->waiting ? INBOX_SELECT "key = ?1 AND batch = ?4 AND state = 'waiting'"
                            : INBOX_SELECT "key = ?1 AND batch = ?4";
    }
    if (ask->key.length > 0) {
        return ask->waiting ? INBOX_SELECT "key = ?1 AND state = 'waiting'" : INBOX_SELECT "key = ?1";
    }
    return ask->waiting ? INBOX_SELECT "?1 = ?1 AND state = 'waiting'" : INBOX_SELECT "?1 = ?1";
}

bool sqlite_inbox_scan(struct store *base, const struct inbox_ask *ask,
                       bool (*row)(void *context, const struct inbox_row *row, struct error *error), void *context,
                       struct error *error) {
    error_clear(error);
    const struct scan scan = {.after = ask->after, .limit = ask->limit, .newest_first = ask->newest_first};
    struct sqlite_listing listing;
    struct inbox_row out;
    bool found = true;
    bool ok = sqlite_listing_open(sqlite_of(base), inbox_select(ask), "id", &scan,
                                  ask->home != 0 ? ask->sync : ask->key, &listing, error);
    if (ok && ask->home != 0) {
        sqlite_give_integer(&listing.query, ask->home);
    } else if (ok && ask->batch.length > 0) {
        sqlite_give_text(&listing.query, ask->batch);
    }
    while (ok && found) {
        ok = sqlite_listing_next(&listing, &found, error) &&
             (!found || (inbox_at(listing.statement, &listing.arena, &out, error) && row(context, &out, error)));
    }
    sqlite_listing_close(&listing);
    return scan_ended(ok, error);
}

bool sqlite_inbox_count(struct store *base, struct text key, int64_t *out, struct error *error) {
    struct sqlite_query query;
    bool found;
    *out = 0;
    if (!sqlite_ask(&sqlite_of(base)->reader, "SELECT count(*) FROM weir_inbox WHERE key = ?1 AND state = 'waiting'",
                    &query, error)) {
        return false;
    }
    sqlite_give_text(&query, key);
    if (!sqlite_next(&query, &found, error)) {
        return false;
    }
    *out = sqlite3_column_int64(query.statement, 0);
    sqlite_end(&query);
    return true;
}

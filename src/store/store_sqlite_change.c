#include <assert.h>
#include <string.h>

#include "store/store_sqlite_internal.h"

// Home's changes of a datatype in the order of their seqs: its records, beside the tombstones of those that are gone.

struct changes {
    const struct datatype *datatype;
    sqlite3_stmt *live;
    sqlite3_stmt *dead;
    bool has_live; // the statement stands on a row
    bool has_dead;
    struct arena arena; // a row's
};

static bool changes_open(struct changes *changes, struct sqlite_store *store, int64_t after, int64_t limit,
                         struct error *error) {
    static const char dead[] = "SELECT id, seq, origin FROM weir_tombstone WHERE datatype = ?1 AND seq > ?2"
                               " ORDER BY seq LIMIT ?3";
    static const char live[] = " WHERE seq > ?1 ORDER BY seq LIMIT ?2";
    struct buffer sql;
    int64_t most = limit > 0 ? limit : -1;
    buffer_init(&sql, HOME_TEXT_MAX);
    sqlite_table_select(&sql, changes->datatype);
    buffer_append(&sql, live, sizeof live);
    bool ok = sql.failed ? error_memory(error) : sqlite_prepare(store->reader.db, sql.data, &changes->live, error);
    buffer_clear(&sql);
    if (!ok || !sqlite_prepare(store->reader.db, dead, &changes->dead, error)) {
        return false;
    }
    struct sqlite_query query = sqlite_again(changes->live);
    sqlite_give_integer(&query, after);
    sqlite_give_integer(&query, most);
    if (!sqlite_next(&query, &changes->has_live, error)) {
        return false;
    }
    query = sqlite_again(changes->dead);
    sqlite_give_text(&query, changes->datatype->name);
    sqlite_give_integer(&query, after);
    sqlite_give_integer(&query, most);
    return sqlite_next(&query, &changes->has_dead, error);
}

static bool changes_step(sqlite3_stmt *statement, bool *has, struct error *error) {
    struct sqlite_query query = {.statement = statement};
    return sqlite_next(&query, has, error);
}

// The next change, out of the one of the two that comes first.
static bool changes_next(struct changes *changes, struct change_row *out, bool *found, struct error *error) {
    *found = changes->has_live || changes->has_dead;
    if (!*found) {
        return true;
    }
    int64_t live_seq = changes->has_live ? sqlite3_column_int64(changes->live, 1) : INT64_MAX;
    int64_t dead_seq = changes->has_dead ? sqlite3_column_int64(changes->dead, 1) : INT64_MAX;
    memset(out, 0, sizeof *out);
    arena_reset(&changes->arena);
    if (live_seq < dead_seq) {
        out->seq = live_seq;
        return sqlite_row_at(changes->live, changes->datatype, &changes->arena, &out->row, error) &&
               changes_step(changes->live, &changes->has_live, error);
    }
    out->seq = dead_seq;
    out->deleted = true;
    out->row.id = sqlite3_column_int64(changes->dead, 0);
    out->row.seq = dead_seq;
    return sqlite_copy_at(changes->dead, 2, &changes->arena, &out->row.origin, error) &&
           changes_step(changes->dead, &changes->has_dead, error);
}

bool sqlite_change_scan(struct store *base, const struct datatype *datatype, int64_t after, int64_t limit,
                        bool (*row)(void *context, const struct change_row *row, struct error *error), void *context,
                        struct error *error) {
    error_clear(error);
    struct sqlite_store *store = sqlite_of(base);
    struct changes changes = {.datatype = datatype};
    struct change_row change;
    bool found = true;
    // Both statements must see the same home: a change between their first rows would be passed over.
    bool own = !store->in_snapshot;
    if (own && !sqlite_snapshot(base, error)) {
        return false;
    }
    arena_init(&changes.arena, HOME_TEXT_MAX);
    bool ok = changes_open(&changes, store, after, limit, error);
    for (int64_t given = 0; ok && found && (limit == 0 || given < limit); given++) {
        ok = changes_next(&changes, &change, &found, error) && (!found || row(context, &change, error));
    }
    sqlite3_finalize(changes.live);
    sqlite3_finalize(changes.dead);
    arena_clear(&changes.arena);
    if (own) {
        sqlite_snapshot_end(base);
    }
    return scan_ended(ok, error);
}

bool sqlite_referrers(struct store *base, const struct datatype *datatype, uint32_t field, int64_t target,
                      int64_t after, int64_t *ids, size_t max, size_t *count, struct error *error) {
    static const char tail[] = " = ?1 AND id > ?2 ORDER BY id LIMIT ?3";
    sqlite3_stmt *statement = NULL;
    struct buffer sql;
    bool found = true;
    *count = 0;
    assert(field < datatype->count && datatype->fields[field].type == FIELD_REF);
    buffer_init(&sql, HOME_TEXT_MAX);
    buffer_string(&sql, "SELECT id FROM ");
    sqlite_quote(&sql, datatype->name);
    buffer_string(&sql, " WHERE ");
    sqlite_quote(&sql, datatype->fields[field].name);
    buffer_append(&sql, tail, sizeof tail);
    bool ok =
        sql.failed ? error_memory(error) : sqlite_prepare(sqlite_of(base)->reader.db, sql.data, &statement, error);
    buffer_clear(&sql);
    if (!ok) {
        return false;
    }
    struct sqlite_query query = sqlite_again(statement);
    sqlite_give_integer(&query, target);
    sqlite_give_integer(&query, after);
    sqlite_give_integer(&query, max < INT64_MAX ? (int64_t)max : INT64_MAX);
    while (ok && found && *count < max) {
        ok = sqlite_next(&query, &found, error);
        if (ok && found) {
            ids[(*count)++] = sqlite3_column_int64(statement, 0);
        }
    }
    sqlite3_finalize(statement);
    return ok;
}

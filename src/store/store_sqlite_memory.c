#include "store/store_sqlite_internal.h"

// What a page leaves in home's memory: rows that wait, dead letters, conflicts, log lines. Each put looks first: what
// is there already is not written again, so that a quiet run leaves the file as it was.

bool sqlite_delete_by_id(struct sqlite_store *store, const char *sql, const int64_t *ids, size_t count,
                         struct error *error) {
    struct sqlite_query query;
    for (size_t i = 0; i < count; i++) {
        if (!sqlite_ask(&store->writer, sql, &query, error)) {
            return false;
        }
        sqlite_give_integer(&query, ids[i]);
        if (!sqlite_run(&query, error)) {
            return false;
        }
    }
    return true;
}

// The row that a pending row would replace, 0 for none; `same` when it says all that already.
static bool pending_known(struct sqlite_store *store, const struct pending_row *row, int64_t *id, bool *same,
                          struct error *error) {
    static const char of_record[] =
        "SELECT id, awaits_datasource = ?4 AND awaits_type = ?5 AND awaits_external = ?6 AND seen = ?7 AND fields IS ?8"
        " FROM weir_pending WHERE home = 0 AND datasource = ?1 AND datatype = ?2 AND external = ?3";
    static const char of_field[] =
        "SELECT id, awaits_datasource = ?4 AND awaits_type = ?5 AND awaits_external = ?6 AND seen = ?7 AND fields IS ?8"
        " FROM weir_pending WHERE home <> 0 AND home = ?1 AND datatype = ?2 AND field = ?3";
    struct sqlite_query query;
    bool found;
    if (!sqlite_ask(&store->writer, row->home == 0 ? of_record : of_field, &query, error)) {
        return false;
    }
    if (row->home == 0) {
        sqlite_give_text(&query, row->datasource);
    } else {
        sqlite_give_integer(&query, row->home);
    }
    sqlite_give_text(&query, row->datatype);
    sqlite_give_text(&query, row->home == 0 ? row->external : row->field);
    sqlite_give_text(&query, row->awaits_datasource);
    sqlite_give_text(&query, row->awaits_type);
    sqlite_give_text(&query, row->awaits_external);
    sqlite_give_print(&query, row->seen);
    if (!sqlite_give_json(&query, &row->fields, &store->scratch)) {
        return error_memory(error);
    }
    if (!sqlite_next(&query, &found, error)) {
        return false;
    }
    *id = found ? sqlite3_column_int64(query.statement, 0) : 0;
    *same = found && sqlite3_column_int(query.statement, 1) != 0;
    sqlite_end(&query);
    return true;
}

static bool put_pending(struct sqlite_store *store, const struct pending_row *row, int64_t at_us, struct error *error) {
    struct sqlite_query query;
    int64_t id = 0;
    bool same = false;
    if (!pending_known(store, row, &id, &same, error)) {
        return false;
    }
    if (same) {
        return true;
    }
    // A replacement gets a number of its own: a page that was decided on the old row must not take this one away.
    if (id != 0 && !sqlite_delete_by_id(store, "DELETE FROM weir_pending WHERE id = ?1", &id, 1, error)) {
        return false;
    }
    if (!sqlite_ask(&store->writer,
                    "INSERT INTO weir_pending(awaits_datasource, awaits_type, awaits_external, datatype, home, field,"
                    " datasource, external, seen, fields, place, at_us, run)"
                    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
                    &query, error)) {
        return false;
    }
    sqlite_give_text(&query, row->awaits_datasource);
    sqlite_give_text(&query, row->awaits_type);
    sqlite_give_text(&query, row->awaits_external);
    sqlite_give_text(&query, row->datatype);
    sqlite_give_integer(&query, row->home);
    sqlite_give_text(&query, row->field);
    sqlite_give_text(&query, row->datasource);
    sqlite_give_text(&query, row->external);
    sqlite_give_print(&query, row->seen);
    if (!sqlite_give_json(&query, &row->fields, &store->scratch)) {
        return error_memory(error);
    }
    sqlite_give_text(&query, row->place);
    sqlite_give_integer(&query, at_us);
    sqlite_give_integer(&query, row->run);
    return sqlite_run(&query, error);
}

bool sqlite_put_pendings(struct sqlite_store *store, const struct page *page, struct error *error) {
    if (!sqlite_delete_by_id(store, "DELETE FROM weir_pending WHERE id = ?1", page->pendings_done,
                             page->pending_done_count, error)) {
        return false;
    }
    for (size_t i = 0; i < page->pending_count; i++) {
        if (!put_pending(store, &page->pendings[i], page->at_us, error)) {
            return false;
        }
    }
    return true;
}

static bool put_dead(struct sqlite_store *store, const struct dead_row *row, struct error *error) {
    // A change keeps the number: people hold it.
    static const char sql_new[] = "INSERT INTO weir_dead(flow, type, external, direction, datasource, print, code,"
                                  " reason, place, payload, raw, attempts, at_us, run)"
                                  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";
    static const char sql_again[] =
        "UPDATE weir_dead SET datasource = ?5, print = ?6, code = ?7, reason = ?8, place = coalesce(nullif(?9, ''), "
        "place), payload = ?10, raw = ?11,"
        " attempts = ?12, at_us = ?13, run = ?14 WHERE flow = ?1 AND type = ?2 AND external = ?3 AND direction = ?4";
    struct text direction = row->direction.length > 0 ? row->direction : TEXT_LITERAL("pull");
    struct sqlite_query query;
    bool found;
    if (!sqlite_ask(&store->writer,
                    "SELECT print = ?5 AND code = ?6 AND attempts = ?7 FROM weir_dead WHERE flow = ?1 AND type = ?2 "
                    "AND external = ?3 AND direction = ?4",
                    &query, error)) {
        return false;
    }
    sqlite_give_text(&query, row->flow);
    sqlite_give_text(&query, row->type);
    sqlite_give_text(&query, row->external);
    sqlite_give_text(&query, direction);
    sqlite_give_print(&query, row->print);
    sqlite_give_text(&query, row->code);
    sqlite_give_integer(&query, row->attempts);
    if (!sqlite_next(&query, &found, error)) {
        return false;
    }
    bool same = found && sqlite3_column_int(query.statement, 0) != 0;
    sqlite_end(&query);
    if (same) {
        return true;
    }
    if (!sqlite_ask(&store->writer, found ? sql_again : sql_new, &query, error)) {
        return false;
    }
    sqlite_give_text(&query, row->flow);
    sqlite_give_text(&query, row->type);
    sqlite_give_text(&query, row->external);
    sqlite_give_text(&query, direction);
    sqlite_give_text(&query, row->datasource);
    sqlite_give_print(&query, row->print);
    sqlite_give_text(&query, row->code);
    sqlite_give_text(&query, row->reason);
    sqlite_give_text(&query, row->place);
    // Bytes that were no record may be no UTF-8 either: they are kept as they came, beside the JSON.
    bool is_raw = row->payload.kind == VALUE_TEXT;
    const struct value nothing = {.kind = VALUE_MISSING};
    if (!sqlite_give_json(&query, is_raw ? &nothing : &row->payload, &store->scratch)) {
        return error_memory(error);
    }
    if (is_raw) {
        sqlite_give_blob(&query, value_slice(&row->payload));
    } else {
        sqlite_give_null(&query);
    }
    sqlite_give_integer(&query, row->attempts);
    sqlite_give_integer(&query, row->at_us);
    sqlite_give_integer(&query, row->run);
    return sqlite_run(&query, error);
}

bool sqlite_put_deads(struct sqlite_store *store, const struct page *page, struct error *error) {
    if (!sqlite_delete_by_id(store, "DELETE FROM weir_dead WHERE id = ?1", page->deads_done, page->dead_done_count,
                             error)) {
        return false;
    }
    for (size_t i = 0; i < page->dead_count; i++) {
        if (!put_dead(store, &page->deads[i], error)) {
            return false;
        }
    }
    return true;
}

// A repeat that is known: only the run that last met it may have changed.
static bool conflict_again(struct sqlite_store *store, const struct conflict_row *row, bool *known,
                           struct error *error) {
    struct sqlite_query query;
    *known = false;
    if (!text_is(row->kind, "repeat")) {
        return true;
    }
    if (!sqlite_ask(&store->writer,
                    "SELECT id, met_run FROM weir_conflict WHERE kind = 'repeat' AND datasource = ?1 AND datatype = ?2"
                    " AND external = ?3 AND print = ?4",
                    &query, error)) {
        return false;
    }
    sqlite_give_text(&query, row->datasource);
    sqlite_give_text(&query, row->datatype);
    sqlite_give_text(&query, row->external);
    sqlite_give_print(&query, row->print);
    if (!sqlite_next(&query, known, error)) {
        return false;
    }
    if (!*known) {
        return true;
    }
    int64_t id = sqlite3_column_int64(query.statement, 0);
    bool same = sqlite3_column_int64(query.statement, 1) == row->met_run;
    sqlite_end(&query);
    if (same) {
        return true;
    }
    if (!sqlite_ask(&store->writer, "UPDATE weir_conflict SET met_run = ?2 WHERE id = ?1", &query, error)) {
        return false;
    }
    sqlite_give_integer(&query, id);
    sqlite_give_integer(&query, row->met_run);
    return sqlite_run(&query, error);
}

bool sqlite_put_conflict(struct sqlite_store *store, const struct conflict_row *row, bool *added, struct error *error) {
    struct sqlite_query query;
    bool known;
    if (!conflict_again(store, row, &known, error)) {
        return false;
    }
    *added = !known;
    if (known) {
        return true;
    }
    if (!sqlite_ask(&store->writer,
                    "INSERT INTO weir_conflict(kind, datasource, datatype, external, home, print, payload, place,"
                    " met_run, at_us, run) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                    &query, error)) {
        return false;
    }
    sqlite_give_text(&query, row->kind);
    sqlite_give_text(&query, row->datasource);
    sqlite_give_text(&query, row->datatype);
    sqlite_give_text(&query, row->external);
    sqlite_give_integer(&query, row->home);
    sqlite_give_print(&query, row->print);
    if (!sqlite_give_json(&query, &row->payload, &store->scratch)) {
        return error_memory(error);
    }
    sqlite_give_text(&query, row->place);
    sqlite_give_integer(&query, row->met_run);
    sqlite_give_integer(&query, row->at_us);
    sqlite_give_integer(&query, row->run);
    return sqlite_run(&query, error);
}

bool sqlite_put_conflicts(struct sqlite_store *store, const struct page *page, struct error *error) {
    if (!sqlite_delete_by_id(store, "DELETE FROM weir_conflict WHERE id = ?1", page->conflicts_done,
                             page->conflict_done_count, error)) {
        return false;
    }
    bool added;
    for (size_t i = 0; i < page->conflict_count; i++) {
        if (!sqlite_put_conflict(store, &page->conflicts[i], &added, error)) {
            return false;
        }
    }
    return true;
}

bool sqlite_put_logs(struct sqlite_store *store, int64_t run, const struct log_row *logs, size_t count,
                     struct error *error) {
    struct sqlite_query query;
    for (size_t i = 0; i < count; i++) {
        if (!sqlite_ask(&store->writer, "INSERT INTO weir_log(run, at_us, level, text) VALUES (?1, ?2, ?3, ?4)", &query,
                        error)) {
            return false;
        }
        sqlite_give_integer(&query, run);
        sqlite_give_integer(&query, logs[i].at_us);
        sqlite_give_text(&query, text_of(log_level_name(logs[i].level)));
        sqlite_give_text(&query, logs[i].text);
        if (!sqlite_run(&query, error)) {
            return false;
        }
    }
    return true;
}

#include "store/store_sqlite_internal.h"

#include <inttypes.h>

#include "format/format_datatype.h"

// Lists. Each scan prepares a statement of its own, so that a row's callback may scan too, and gives each row in an
// arena that is emptied before the next.

enum { SCAN_ARENA_MAX = 512 * 1024 * 1024 };

// ?1 is the filter, ?2 and ?3 are ours.
bool sqlite_listing_open(struct sqlite_store *store, const char *select, const char *id, const struct scan *scan,
                         struct text filter, struct sqlite_listing *out, struct error *error) {
    struct buffer sql;
    *out = (struct sqlite_listing){0};
    arena_init(&out->arena, SCAN_ARENA_MAX);
    buffer_init(&sql, HOME_TEXT_MAX);
    buffer_string(&sql, select);
    buffer_print(&sql, " AND %s %s ?2 ORDER BY %s %s LIMIT ?3", id, scan->newest_first ? "<" : ">", id,
                 scan->newest_first ? "DESC" : "ASC");
    buffer_append(&sql, "", 1);
    bool ok = sql.failed ? error_memory(error) : sqlite_prepare(store->reader.db, sql.data, &out->statement, error);
    buffer_clear(&sql);
    if (!ok) {
        return false;
    }
    out->query = sqlite_again(out->statement);
    sqlite_give_text(&out->query, filter);
    sqlite_give_integer(&out->query, scan->newest_first && scan->after == 0 ? INT64_MAX : scan->after);
    sqlite_give_integer(&out->query, scan->limit > 0 ? scan->limit : -1);
    return true;
}

bool sqlite_listing_next(struct sqlite_listing *listing, bool *found, struct error *error) {
    arena_reset(&listing->arena);
    return sqlite_next(&listing->query, found, error);
}

void sqlite_listing_close(struct sqlite_listing *listing) {
    sqlite3_finalize(listing->statement);
    arena_clear(&listing->arena);
}

static bool run_at(sqlite3_stmt *statement, struct arena *arena, struct run_row *out, struct error *error) {
    struct text status;
    *out = (struct run_row){.id = sqlite3_column_int64(statement, 0)};
    out->started_us = sqlite3_column_int64(statement, 5);
    out->ended_us = sqlite3_column_int64(statement, 6);
    out->print = sqlite_print_at(statement, 8);
    out->process = sqlite3_column_int64(statement, 9);
    out->until_us = sqlite3_column_int64(statement, 10);
    out->request = sqlite3_column_int64(statement, 11);
    sqlite_counts_at(statement, 12, &out->counts);
    if (!sqlite_copy_at(statement, 1, arena, &out->key, error) ||
        !sqlite_copy_at(statement, 2, arena, &out->sync, error) ||
        !sqlite_copy_at(statement, 3, arena, &out->params, error) ||
        !sqlite_copy_at(statement, 4, arena, &status, error) ||
        !sqlite_copy_at(statement, 7, arena, &out->message, error)) {
        return false;
    }
    return run_status_find(status, &out->status) ||
           error_set(error, ERROR_HOME_DAMAGED, "run %lld in home has the status \"%.*s\", which weir does not know",
                     (long long)out->id, TEXT_ARGS(status));
}

bool sqlite_run_scan(struct store *base, const struct scan *scan,
                     bool (*row)(void *context, const struct run_row *row, struct error *error), void *context,
                     struct error *error) {
    error_clear(error);
    struct sqlite_listing listing;
    struct run_row out;
    bool found = true;
    bool ok = sqlite_listing_open(sqlite_of(base),
                                  "SELECT id, key, sync, params, status, started_us, ended_us, message, print, process,"
                                  " until_us, request, " HOME_COUNT_COLUMNS
                                  " FROM weir_run WHERE (?1 = '' OR sync = ?1 OR key = ?1)",
                                  "id", scan, scan->filter, &listing, error);
    while (ok && found) {
        ok = sqlite_listing_next(&listing, &found, error) &&
             (!found || (run_at(listing.statement, &listing.arena, &out, error) && row(context, &out, error)));
    }
    sqlite_listing_close(&listing);
    return scan_ended(ok, error);
}

static enum log_level level_of(struct text name) {
    for (int level = LOG_DEBUG; level <= LOG_ERROR; level++) {
        if (text_is(name, log_level_name((enum log_level)level))) {
            return (enum log_level)level;
        }
    }
    return LOG_INFO;
}

bool sqlite_log_scan(struct store *base, const struct scan *scan,
                     bool (*row)(void *context, const struct log_row *row, struct error *error), void *context,
                     struct error *error) {
    error_clear(error);
    struct sqlite_listing listing;
    struct log_row out;
    bool found = true;
    bool ok = sqlite_listing_open(
        sqlite_of(base), "SELECT at_us, level, text FROM weir_log WHERE (?1 = '' OR run = CAST(?1 AS INTEGER))", "id",
        scan, scan->filter, &listing, error);
    while (ok && found) {
        ok = sqlite_listing_next(&listing, &found, error);
        if (ok && found) {
            out.at_us = sqlite3_column_int64(listing.statement, 0);
            out.level = level_of(sqlite_text_at(listing.statement, 1));
            ok = sqlite_copy_at(listing.statement, 2, &listing.arena, &out.text, error) && row(context, &out, error);
        }
    }
    sqlite_listing_close(&listing);
    return scan_ended(ok, error);
}

static bool dead_at(sqlite3_stmt *statement, struct arena *arena, struct dead_row *out, struct error *error) {
    struct text raw;
    *out = (struct dead_row){.id = sqlite3_column_int64(statement, 0)};
    out->print = sqlite_print_at(statement, 5);
    out->attempts = sqlite3_column_int64(statement, 9);
    out->at_us = sqlite3_column_int64(statement, 10);
    out->run = sqlite3_column_int64(statement, 11);
    bool ok = sqlite_copy_at(statement, 1, arena, &out->flow, error) &&
              sqlite_copy_at(statement, 2, arena, &out->datasource, error) &&
              sqlite_copy_at(statement, 3, arena, &out->type, error) &&
              sqlite_copy_at(statement, 4, arena, &out->external, error) &&
              sqlite_copy_at(statement, 6, arena, &out->code, error) &&
              sqlite_copy_at(statement, 7, arena, &out->reason, error) &&
              sqlite_copy_at(statement, 8, arena, &out->place, error) &&
              sqlite_copy_at(statement, 14, arena, &out->direction, error);
    if (ok && sqlite3_column_type(statement, 13) != SQLITE_NULL) {
        ok = sqlite_copy_at(statement, 13, arena, &raw, error);
        out->payload = value_text(raw);
        return ok;
    }
    return ok && sqlite_json_at(statement, 12, arena, &out->payload, error);
}

bool sqlite_dead_scan(struct store *base, const struct scan *scan,
                      bool (*row)(void *context, const struct dead_row *row, struct error *error), void *context,
                      struct error *error) {
    error_clear(error);
    struct sqlite_listing listing;
    struct dead_row out;
    bool found = true;
    bool ok =
        sqlite_listing_open(sqlite_of(base),
                            "SELECT id, flow, datasource, type, external, print, code, reason, place, attempts, at_us,"
                            " run, payload, raw, direction FROM weir_dead"
                            " WHERE (?1 = '' OR flow = ?1 OR flow || ':' || type = ?1)",
                            "id", scan, scan->filter, &listing, error);
    while (ok && found) {
        ok = sqlite_listing_next(&listing, &found, error) &&
             (!found || (dead_at(listing.statement, &listing.arena, &out, error) && row(context, &out, error)));
    }
    sqlite_listing_close(&listing);
    return scan_ended(ok, error);
}

bool sqlite_pending_scan(struct store *base, const struct scan *scan,
                         bool (*row)(void *context, const struct pending_row *row, struct error *error), void *context,
                         struct error *error) {
    error_clear(error);
    struct sqlite_listing listing;
    struct pending_row out;
    bool found = true;
    bool ok = sqlite_listing_open(sqlite_of(base),
                                  "SELECT " HOME_PENDING_COLUMNS " FROM weir_pending WHERE (?1 = '' OR datatype = ?1)",
                                  "id", scan, scan->filter, &listing, error);
    while (ok && found) {
        ok = sqlite_listing_next(&listing, &found, error) &&
             (!found ||
              (sqlite_pending_at(listing.statement, &listing.arena, &out, error) && row(context, &out, error)));
    }
    sqlite_listing_close(&listing);
    return scan_ended(ok, error);
}

static bool conflict_at(sqlite3_stmt *statement, struct arena *arena, struct conflict_row *out, struct error *error) {
    *out = (struct conflict_row){.id = sqlite3_column_int64(statement, 0)};
    out->home = sqlite3_column_int64(statement, 5);
    out->print = sqlite_print_at(statement, 6);
    out->met_run = sqlite3_column_int64(statement, 9);
    out->at_us = sqlite3_column_int64(statement, 10);
    out->run = sqlite3_column_int64(statement, 11);
    return sqlite_copy_at(statement, 1, arena, &out->kind, error) &&
           sqlite_copy_at(statement, 2, arena, &out->datasource, error) &&
           sqlite_copy_at(statement, 3, arena, &out->datatype, error) &&
           sqlite_copy_at(statement, 4, arena, &out->external, error) &&
           sqlite_json_at(statement, 7, arena, &out->payload, error) &&
           sqlite_copy_at(statement, 8, arena, &out->place, error);
}

bool sqlite_conflict_scan(struct store *base, const struct scan *scan,
                          bool (*row)(void *context, const struct conflict_row *row, struct error *error),
                          void *context, struct error *error) {
    error_clear(error);
    struct sqlite_listing listing;
    struct conflict_row out;
    bool found = true;
    bool ok =
        sqlite_listing_open(sqlite_of(base),
                            "SELECT id, kind, datasource, datatype, external, home, print, payload, place, met_run,"
                            " at_us, run FROM weir_conflict WHERE (?1 = '' OR datatype = ?1)",
                            "id", scan, scan->filter, &listing, error);
    while (ok && found) {
        ok = sqlite_listing_next(&listing, &found, error) &&
             (!found || (conflict_at(listing.statement, &listing.arena, &out, error) && row(context, &out, error)));
    }
    sqlite_listing_close(&listing);
    return scan_ended(ok, error);
}

struct link_listing {
    struct sqlite_store *store;
    struct scan scan;
    struct text datasource;
    int64_t number;
    int64_t given;
    bool (*row)(void *context, struct text datasource, struct text external, const struct link *link,
                struct error *error);
    void *context;
};

static bool links_list(struct link_listing *list, struct error *error) {
    struct sqlite_listing listing;
    struct buffer sql;
    bool found = true;
    buffer_init(&sql, 256);
    buffer_print(&sql,
                 "SELECT home, seen, agreed_seq, external, sent, sent_before, bounces FROM weir_link_%" PRId64
                 " WHERE ?1 = ?1",
                 list->number);
    buffer_append(&sql, "", 1);
    bool ok = sql.failed ? error_memory(error)
                         : sqlite_listing_open(list->store, sql.data, "home", &list->scan, (struct text){"", 0},
                                               &listing, error);
    buffer_clear(&sql);
    if (!ok) {
        return false;
    }
    while (ok && found) {
        ok = sqlite_listing_next(&listing, &found, error);
        if (ok && found) {
            struct link link;
            sqlite_link_at(listing.statement, true, &link);
            list->given++;
            ok = list->row(list->context, list->datasource, sqlite_text_at(listing.statement, 3), &link, error);
        }
    }
    sqlite_listing_close(&listing);
    return ok;
}

bool sqlite_link_scan(struct store *base, const struct datatype *datatype, const struct scan *scan,
                      bool (*row)(void *context, struct text datasource, struct text external, const struct link *link,
                                  struct error *error),
                      void *context, struct error *error) {
    error_clear(error);
    struct link_listing list = {.store = sqlite_of(base), .scan = *scan, .row = row, .context = context};
    struct sqlite_listing sets;
    bool found = true;
    // Which linksets there are: after, limit and order are the links' own.
    static const struct scan whole;
    struct buffer sql;
    buffer_init(&sql, 512);
    buffer_string(&sql,
                  "SELECT number, datasource FROM weir_linkset WHERE (?1 = '' OR datasource = ?1) AND datatype = '");
    buffer_text(&sql, datatype->name); // letters, digits and _
    buffer_append(&sql, "'", 2);
    if (sql.failed) {
        buffer_clear(&sql);
        return error_memory(error);
    }
    bool ok = sqlite_listing_open(list.store, sql.data, "number", &whole, scan->filter, &sets, error);
    buffer_clear(&sql);
    while (ok && found && (scan->limit == 0 || list.given < scan->limit)) {
        ok = sqlite_listing_next(&sets, &found, error);
        if (ok && found) {
            list.number = sqlite3_column_int64(sets.statement, 0);
            list.scan.limit = scan->limit > 0 ? scan->limit - list.given : 0;
            ok = sqlite_copy_at(sets.statement, 1, &sets.arena, &list.datasource, error) && links_list(&list, error);
        }
    }
    sqlite_listing_close(&sets);
    return scan_ended(ok, error);
}

bool sqlite_linkset_scan(struct store *base, const struct datatype *datatype,
                         bool (*row)(void *context, struct text datasource, struct error *error), void *context,
                         struct error *error) {
    static const struct scan whole;
    error_clear(error);
    struct sqlite_listing listing;
    bool found = true;
    bool ok = sqlite_listing_open(sqlite_of(base), "SELECT datasource FROM weir_linkset WHERE datatype = ?1", "number",
                                  &whole, datatype->name, &listing, error);
    while (ok && found) {
        ok = sqlite_listing_next(&listing, &found, error) &&
             (!found || row(context, sqlite_text_at(listing.statement, 0), error));
    }
    sqlite_listing_close(&listing);
    return scan_ended(ok, error);
}

bool sqlite_record_scan(struct store *base, const struct datatype *datatype, const struct scan *scan,
                        bool (*row)(void *context, const struct home_row *row, struct error *error), void *context,
                        struct error *error) {
    error_clear(error);
    struct sqlite_listing listing;
    struct home_row out;
    struct buffer sql;
    bool found = true;
    buffer_init(&sql, HOME_TEXT_MAX);
    sqlite_table_select(&sql, datatype);
    buffer_append(&sql, " WHERE ?1 = ?1", sizeof " WHERE ?1 = ?1");
    if (sql.failed) {
        buffer_clear(&sql);
        return error_memory(error);
    }
    bool ok = sqlite_listing_open(sqlite_of(base), sql.data, "id", scan, (struct text){"", 0}, &listing, error);
    buffer_clear(&sql);
    while (ok && found) {
        ok = sqlite_listing_next(&listing, &found, error) &&
             (!found ||
              (sqlite_row_at(listing.statement, datatype, &listing.arena, &out, error) && row(context, &out, error)));
    }
    sqlite_listing_close(&listing);
    return scan_ended(ok, error);
}

bool sqlite_module_scan(struct store *base, bool (*row)(void *context, struct text text, struct error *error),
                        void *context, struct error *error) {
    error_clear(error);
    sqlite3_stmt *statement = NULL;
    bool found = true;
    bool ok = sqlite_prepare(sqlite_of(base)->reader.db,
                             "SELECT text FROM weir_script WHERE print IN (SELECT module FROM weir_datatype) "
                             "ORDER BY print",
                             &statement, error);
    struct sqlite_query query = {.statement = statement};
    while (ok && found) {
        ok = sqlite_next(&query, &found, error) && (!found || row(context, sqlite_text_at(statement, 0), error));
    }
    sqlite3_finalize(statement);
    return scan_ended(ok, error);
}

bool sqlite_datatype_scan(struct store *base,
                          bool (*row)(void *context, const struct datatype *datatype, struct error *error),
                          void *context, struct error *error) {
    error_clear(error);
    struct arena arena;
    sqlite3_stmt *statement = NULL;
    bool found = true;
    arena_init(&arena, SCAN_ARENA_MAX);
    bool ok = sqlite_prepare(sqlite_of(base)->reader.db, "SELECT declaration FROM weir_datatype ORDER BY name",
                             &statement, error);
    struct sqlite_query query = {.statement = statement};
    while (ok && found) {
        struct text text;
        const struct datatype *datatype;
        arena_reset(&arena);
        ok = sqlite_next(&query, &found, error) &&
             (!found || (sqlite_copy_at(statement, 0, &arena, &text, error) &&
                         datatype_read(text, &arena, &datatype, error) && row(context, datatype, error)));
    }
    sqlite3_finalize(statement);
    arena_clear(&arena);
    return scan_ended(ok, error);
}

#include "store/store_sqlite_internal.h"

#include <string.h>

// Single answers of the reading side.

bool sqlite_snapshot(struct store *base, struct error *error) {
    struct sqlite_store *store = sqlite_of(base);
    struct sqlite_query query;
    int64_t seq;
    sqlite_snapshot_end(base);
    if (!sqlite_ask(&store->reader, "BEGIN", &query, error) || !sqlite_run(&query, error)) {
        return false;
    }
    store->in_snapshot = true;
    // BEGIN alone looks at nothing: the view is taken by the first read.
    if (!sqlite_seq(base, &seq, error)) {
        sqlite_snapshot_end(base);
        return false;
    }
    return true;
}

void sqlite_snapshot_end(struct store *base) {
    struct sqlite_store *store = sqlite_of(base);
    struct sqlite_query query;
    if (!store->in_snapshot) {
        return;
    }
    sqlite_linksets_rest(store);
    store->in_snapshot = false;
    // A read transaction that can't be committed is given up instead: there is nothing to lose in it.
    if (!sqlite_ask(&store->reader, "COMMIT", &query, NULL) || !sqlite_run(&query, NULL)) {
        sqlite3_exec(store->reader.db, "ROLLBACK", NULL, NULL, NULL);
    }
}

bool sqlite_seq(struct store *base, int64_t *out, struct error *error) {
    struct sqlite_query query;
    bool found;
    *out = 0;
    if (!sqlite_ask(&sqlite_of(base)->reader, "SELECT value FROM weir_counter WHERE name = 'seq'", &query, error) ||
        !sqlite_next(&query, &found, error)) {
        return false;
    }
    if (found) {
        *out = sqlite3_column_int64(query.statement, 0);
        sqlite_end(&query);
    }
    return true;
}

bool sqlite_record_find(struct store *base, const struct datatype *datatype, int64_t id, struct arena *arena,
                        struct home_row *out, struct error *error) {
    struct sqlite_side *reader = &sqlite_of(base)->reader;
    struct sqlite_table *table;
    bool found;
    memset(out, 0, sizeof *out);
    if (!sqlite_table(reader, datatype, &table, error) || !sqlite_table_find(reader, table, error)) {
        return false;
    }
    struct sqlite_query query = sqlite_again(table->find);
    sqlite_give_integer(&query, id);
    if (!sqlite_next(&query, &found, error)) {
        return false;
    }
    bool ok = !found || sqlite_row_at(query.statement, datatype, arena, out, error);
    sqlite_end(&query);
    return ok;
}

// Whether the row's key is exactly this one: the index finds decimals by their nearest double.
static bool is_key(sqlite3_stmt *statement, const struct datatype *datatype, const struct value *key) {
    for (size_t i = 0; i < datatype->key_count; i++) {
        const struct field *field = &datatype->fields[datatype->key[i]];
        if (field->type != FIELD_DECIMAL) {
            continue;
        }
        struct value value = value_decimal(sqlite_text_at(statement, (int)i + 1));
        if (!field_same(field, &value, &key[i])) {
            return false;
        }
    }
    return true;
}

bool sqlite_key_find(struct store *base, const struct datatype *datatype, const struct value *key, int64_t ids[2],
                     size_t *count, struct error *error) {
    struct sqlite_store *store = sqlite_of(base);
    struct sqlite_table *table;
    struct buffer scratch;
    bool found = true;
    *count = 0;
    if (datatype->key_count == 0) {
        return true;
    }
    if (!sqlite_table(&store->reader, datatype, &table, error) || !sqlite_table_key(&store->reader, table, error)) {
        return false;
    }
    buffer_init(&scratch, HOME_TEXT_MAX);
    struct sqlite_query query = sqlite_again(table->key);
    bool ok = true;
    for (size_t i = 0; i < datatype->key_count && ok; i++) {
        ok = sqlite_give_value(&query, &datatype->fields[datatype->key[i]], &key[i], &scratch) || error_memory(error);
    }
    while (ok && found && *count < 2) {
        ok = sqlite_next(&query, &found, error);
        if (ok && found && is_key(query.statement, datatype, key)) {
            ids[(*count)++] = sqlite3_column_int64(query.statement, 0);
        }
    }
    sqlite_end(&query);
    buffer_clear(&scratch);
    return ok;
}

bool sqlite_pending_count(struct store *base, struct text datasource, struct text type, int64_t *out,
                          struct error *error) {
    struct sqlite_side *reader = &sqlite_of(base)->reader;
    struct sqlite_query query;
    bool found;
    bool all = datasource.length == 0 && type.length == 0;
    static const char sql_all[] = "SELECT count(*) FROM weir_pending";
    static const char sql_some[] =
        "SELECT count(*) FROM weir_pending WHERE awaits_datasource = ?1 AND awaits_type = ?2";
    if (!sqlite_ask(reader, all ? sql_all : sql_some, &query, error)) {
        return false;
    }
    if (!all) {
        sqlite_give_text(&query, datasource);
        sqlite_give_text(&query, type);
    }
    if (!sqlite_next(&query, &found, error)) {
        return false;
    }
    *out = sqlite3_column_int64(query.statement, 0);
    sqlite_end(&query);
    return true;
}

bool sqlite_pending_at(sqlite3_stmt *statement, struct arena *arena, struct pending_row *out, struct error *error) {
    out->id = sqlite3_column_int64(statement, 0);
    out->home = sqlite3_column_int64(statement, 5);
    out->seen = sqlite_print_at(statement, 9);
    out->run = sqlite3_column_int64(statement, 12);
    return sqlite_copy_at(statement, 1, arena, &out->awaits_datasource, error) &&
           sqlite_copy_at(statement, 2, arena, &out->awaits_type, error) &&
           sqlite_copy_at(statement, 3, arena, &out->awaits_external, error) &&
           sqlite_copy_at(statement, 4, arena, &out->datatype, error) &&
           sqlite_copy_at(statement, 6, arena, &out->field, error) &&
           sqlite_copy_at(statement, 7, arena, &out->datasource, error) &&
           sqlite_copy_at(statement, 8, arena, &out->external, error) &&
           sqlite_json_at(statement, 10, arena, &out->fields, error) &&
           sqlite_copy_at(statement, 11, arena, &out->place, error);
}

bool sqlite_pending_find(struct store *base, struct text datasource, struct text type, struct text external,
                         struct arena *arena, struct pending_row *out, size_t max, size_t *count, struct error *error) {
    struct sqlite_query query;
    bool found = true;
    *count = 0;
    if (!sqlite_ask(&sqlite_of(base)->reader,
                    "SELECT " HOME_PENDING_COLUMNS " FROM weir_pending WHERE awaits_datasource = ?1"
                    " AND awaits_type = ?2 AND awaits_external = ?3 ORDER BY id LIMIT ?4",
                    &query, error)) {
        return false;
    }
    sqlite_give_text(&query, datasource);
    sqlite_give_text(&query, type);
    sqlite_give_text(&query, external);
    sqlite_give_integer(&query, max < INT64_MAX ? (int64_t)max : INT64_MAX);
    bool ok = true;
    while (ok && *count < max) {
        ok = sqlite_next(&query, &found, error);
        if (!ok || !found) {
            return ok;
        }
        ok = sqlite_pending_at(query.statement, arena, &out[*count], error);
        *count += ok;
    }
    sqlite_end(&query);
    return ok;
}

bool sqlite_checkpoint_find(struct store *base, struct text key, struct arena *arena, bool *found,
                            struct checkpoint *out, struct error *error) {
    struct sqlite_query query;
    memset(out, 0, sizeof *out);
    if (!sqlite_ask(&sqlite_of(base)->reader,
                    "SELECT print, run, type_index, pass_seq, position, since, " HOME_COUNT_COLUMNS
                    " FROM weir_checkpoint WHERE key = ?1",
                    &query, error)) {
        return false;
    }
    sqlite_give_text(&query, key);
    if (!sqlite_next(&query, found, error)) {
        return false;
    }
    if (!*found) {
        return true;
    }
    out->print = sqlite_print_at(query.statement, 0);
    out->run = sqlite3_column_int64(query.statement, 1);
    out->type_index = sqlite3_column_int64(query.statement, 2);
    out->pass_seq = sqlite3_column_int64(query.statement, 3);
    sqlite_counts_at(query.statement, 6, &out->counts);
    bool ok = sqlite_copy_at(query.statement, 4, arena, &out->position, error) &&
              sqlite_copy_at(query.statement, 5, arena, &out->since, error);
    sqlite_end(&query);
    return ok;
}

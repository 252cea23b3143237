#include "sqlite/sqlite_call.h"

#include <assert.h>

// What SQLite's primary result codes mean to the person who reads the error.
static const struct {
    int status;
    enum error_code code;
    const char *advice;
} meanings[] = {
    {SQLITE_FULL, ERROR_HOME_FULL, "make room on its disk and run again; what was committed is kept"},
    {SQLITE_IOERR, ERROR_HOME_IO, "check its disk and run again; what was committed is kept"},
    {SQLITE_READONLY, ERROR_HOME_IO, "make the file and its folder writable"},
    {SQLITE_BUSY, ERROR_HOME_BUSY, "another program holds it; try again when that has ended"},
    {SQLITE_LOCKED, ERROR_HOME_BUSY, "another program holds it; try again when that has ended"},
    {SQLITE_CORRUPT, ERROR_HOME_DAMAGED, "restore it from a backup, or look at it with sqlite3's .recover"},
    {SQLITE_NOTADB, ERROR_HOME_DAMAGED, "it is no SQLite database: restore it from a backup, or move it away"},
    {SQLITE_CANTOPEN, ERROR_HOME_OPEN, "check that the folder exists and may be read and written"},
    {SQLITE_PERM, ERROR_HOME_OPEN, "check that the folder exists and may be read and written"},
    {SQLITE_AUTH, ERROR_HOME_OPEN, "check that the folder exists and may be read and written"},
    {SQLITE_TOOBIG, ERROR_LIMIT, "a value is longer than it keeps"},
};

bool sqlite_fail(sqlite3 *db, int status, const char *doing, struct error *error) {
    int primary = status & 0xff;
    if (primary == SQLITE_NOMEM) {
        return error_memory(error);
    }
    const char *path = db != NULL ? sqlite3_db_filename(db, "main") : NULL;
    const char *said = db != NULL ? sqlite3_errmsg(db) : sqlite3_errstr(status);
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++) {
        if (meanings[i].status == primary) {
            return error_set(error, meanings[i].code, "cannot %s %s: %s: %s", doing, path != NULL ? path : "", said,
                             meanings[i].advice);
        }
    }
    return error_set(error, ERROR_HOME_IO, "cannot %s %s: %s (SQLite %d)", doing, path != NULL ? path : "", said,
                     status);
}

bool sqlite_exec(sqlite3 *db, const char *sql, struct error *error) {
    int status = sqlite3_exec(db, sql, NULL, NULL, NULL);
    return status == SQLITE_OK || sqlite_fail(db, status, "change", error);
}

bool sqlite_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **out, struct error *error) {
    int status = sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL);
    return status == SQLITE_OK || sqlite_fail(db, status, "ask", error);
}

struct sqlite_query sqlite_again(sqlite3_stmt *statement) {
    sqlite3_reset(statement); // an earlier query may have been left at a row when something else failed
    return (struct sqlite_query){.statement = statement};
}

bool sqlite_ask(struct sqlite_side *side, const char *sql, struct sqlite_query *out, struct error *error) {
    for (size_t i = 0; i < side->cached_count; i++) {
        if (side->cached[i].sql == sql) {
            *out = sqlite_again(side->cached[i].statement);
            return true;
        }
    }
    assert(side->cached_count < SQLITE_CACHED_MAX);
    sqlite3_stmt *statement;
    if (!sqlite_prepare(side->db, sql, &statement, error)) {
        return false;
    }
    side->cached[side->cached_count++] = (struct sqlite_cached){sql, statement};
    *out = sqlite_again(statement);
    return true;
}

static void give(struct sqlite_query *query, int status) {
    if (query->status == SQLITE_OK) {
        query->status = status;
    }
}

void sqlite_give_text(struct sqlite_query *query, struct text text) {
    // A null pointer would be NULL to SQLite; an empty text is a text.
    give(query, sqlite3_bind_text64(query->statement, ++query->place, text.data != NULL ? text.data : "", text.length,
                                    SQLITE_STATIC, SQLITE_UTF8));
}

void sqlite_give_integer(struct sqlite_query *query, int64_t integer) {
    give(query, sqlite3_bind_int64(query->statement, ++query->place, integer));
}

void sqlite_give_print(struct sqlite_query *query, struct print print) {
    unsigned char bytes[PRINT_BYTES];
    print_store(print, bytes);
    give(query, sqlite3_bind_blob(query->statement, ++query->place, bytes, PRINT_BYTES, SQLITE_TRANSIENT));
}

void sqlite_give_blob(struct sqlite_query *query, struct text bytes) {
    give(query, sqlite3_bind_blob64(query->statement, ++query->place, bytes.data != NULL ? bytes.data : "",
                                    bytes.length, SQLITE_STATIC));
}

void sqlite_give_null(struct sqlite_query *query) {
    give(query, sqlite3_bind_null(query->statement, ++query->place));
}

bool sqlite_next(struct sqlite_query *query, bool *found, struct error *error) {
    *found = false;
    int status = query->status != SQLITE_OK ? query->status : sqlite3_step(query->statement);
    if (status == SQLITE_ROW) {
        *found = true;
        return true;
    }
    bool ok = status == SQLITE_DONE;
    if (!ok) {
        const char *doing = sqlite3_stmt_readonly(query->statement) ? "read" : "change";
        sqlite_fail(sqlite3_db_handle(query->statement), status, doing, error);
    }
    sqlite_end(query);
    return ok;
}

bool sqlite_run(struct sqlite_query *query, struct error *error) {
    bool found;
    do {
        if (!sqlite_next(query, &found, error)) {
            return false;
        }
    } while (found);
    return true;
}

bool sqlite_run_unique(struct sqlite_query *query, bool *clash, struct error *error) {
    *clash = false;
    if (query->status == SQLITE_OK) {
        int status = sqlite3_step(query->statement);
        assert(status != SQLITE_ROW);
        if (status == SQLITE_CONSTRAINT_UNIQUE || status == SQLITE_CONSTRAINT_PRIMARYKEY ||
            status == SQLITE_CONSTRAINT_ROWID) {
            *clash = true;
            sqlite_end(query);
            return true;
        }
        query->status = status == SQLITE_DONE ? SQLITE_OK : status;
    }
    bool ok =
        query->status == SQLITE_OK || sqlite_fail(sqlite3_db_handle(query->statement), query->status, "change", error);
    sqlite_end(query);
    return ok;
}

void sqlite_end(struct sqlite_query *query) {
    sqlite3_reset(query->statement);
    query->place = 0;
    query->status = SQLITE_OK;
}

struct text sqlite_text_at(sqlite3_stmt *statement, int column) {
    const char *data = (const char *)sqlite3_column_text(statement, column);
    return (struct text){data != NULL ? data : "", data != NULL ? (size_t)sqlite3_column_bytes(statement, column) : 0};
}

struct print sqlite_print_at(sqlite3_stmt *statement, int column) {
    const unsigned char *data = sqlite3_column_blob(statement, column);
    if (data == NULL || sqlite3_column_bytes(statement, column) != PRINT_BYTES) {
        return (struct print){0, 0};
    }
    return print_load(data);
}

bool sqlite_copy_at(sqlite3_stmt *statement, int column, struct arena *arena, struct text *out, struct error *error) {
    return arena_text(arena, sqlite_text_at(statement, column), out) || error_memory(error);
}

void sqlite_side_forget(struct sqlite_side *side) {
    for (size_t i = 0; i < side->cached_count; i++) {
        sqlite3_finalize(side->cached[i].statement);
    }
    side->cached_count = 0;
    if (side->forget != NULL) {
        side->forget(side);
    }
}

void sqlite_side_close(struct sqlite_side *side) {
    sqlite_side_forget(side);
    int status = sqlite3_close(side->db);
    assert(status == SQLITE_OK);
    (void)status;
    side->db = NULL;
}

void sqlite_quote(struct buffer *buffer, struct text name) {
    buffer_byte(buffer, '"');
    for (size_t i = 0; i < name.length; i++) {
        if (name.data[i] == '"') {
            buffer_byte(buffer, '"');
        }
        buffer_byte(buffer, name.data[i]);
    }
    buffer_byte(buffer, '"');
}

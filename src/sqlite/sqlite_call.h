#ifndef WEIR_SQLITE_SQLITE_CALL_H
#define WEIR_SQLITE_SQLITE_CALL_H

// The one way to talk to SQLite: a connection with what is prepared on it, a query's parameters in order, its rows, and
// errors that say what to do. Used by the homes on SQLite and by the server's own database. A connection is used by
// one thread at a time.

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"

enum { SQLITE_CACHED_MAX = 160 };

struct sqlite_cached {
    const char *sql; // a literal: compared by address
    sqlite3_stmt *statement;
};

struct sqlite_table; // the store's own

// One connection and what is prepared on it.
struct sqlite_side {
    sqlite3 *db;
    struct sqlite_cached cached[SQLITE_CACHED_MAX];
    size_t cached_count;
    struct sqlite_table *tables;
    void (*forget)(struct sqlite_side *side); // lets go of `tables`; NULL: there are none
};

// A statement being given its parameters and asked for its rows. The first failure is kept and told by sqlite_next.
struct sqlite_query {
    sqlite3_stmt *statement;
    int place;
    int status;
};

// Fills `error` from what the connection last complained about. Always false.
bool sqlite_fail(sqlite3 *db, int status, const char *doing, struct error *error);
bool sqlite_exec(sqlite3 *db, const char *sql, struct error *error);
bool sqlite_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **out, struct error *error);

// Prepares a literal once a side and starts a query with it.
bool sqlite_ask(struct sqlite_side *side, const char *sql, struct sqlite_query *out, struct error *error);

// Starts a query with a statement that its owner keeps.
struct sqlite_query sqlite_again(sqlite3_stmt *statement);

// The parameters in order. What they point to must live until the query ends.
void sqlite_give_text(struct sqlite_query *query, struct text text);
void sqlite_give_integer(struct sqlite_query *query, int64_t integer);
void sqlite_give_print(struct sqlite_query *query, struct print print);
void sqlite_give_blob(struct sqlite_query *query, struct text bytes);
void sqlite_give_null(struct sqlite_query *query);

// Steps to the next row; at the end or on an error the query has ended.
bool sqlite_next(struct sqlite_query *query, bool *found, struct error *error);
bool sqlite_run(struct sqlite_query *query, struct error *error); // to the end, rows unseen
void sqlite_end(struct sqlite_query *query);

// Whether a step failed because of a UNIQUE or PRIMARY KEY: sets *clash and gives true then, false with the error
// otherwise.
bool sqlite_run_unique(struct sqlite_query *query, bool *clash, struct error *error);

struct text sqlite_text_at(sqlite3_stmt *statement, int column); // lives until the next step
struct print sqlite_print_at(sqlite3_stmt *statement, int column);
bool sqlite_copy_at(sqlite3_stmt *statement, int column, struct arena *arena, struct text *out, struct error *error);

void sqlite_side_close(struct sqlite_side *side);
// Forgets what was prepared: the schema changed.
void sqlite_side_forget(struct sqlite_side *side);

// Appends "name" in double quotes.
void sqlite_quote(struct buffer *buffer, struct text name);

#endif

#include "store/store_sqlite_internal.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "format/format_datatype.h"

// Home's memory of datatypes (weir_datatype) and how their tables follow a new declaration.
//
//    declared            remembered          then
//    a field             nothing             the column is added; its default stands in every row at once
//    a field             the same            nothing
//    a field             another type        refused, unless the column is empty: then it is made anew
//    nothing             a field             refused, unless the column is empty: then it stays, unseen
//
// All datatypes of one prepare change together, in one transaction.

enum { DECLARATION_MAX = 4 * 1024 * 1024 };

struct preparing {
    struct sqlite_store *store;
    const struct datatype *datatype; // as declared
    const struct datatype *known;    // as remembered; NULL for a new one
    struct arena *arena;
    struct buffer sql;
};

// Runs the SQL gathered so far.
static bool apply(struct preparing *p, struct error *error) {
    buffer_append(&p->sql, "", 1);
    bool ok = p->sql.failed ? error_memory(error) : sqlite_exec(p->store->writer.db, p->sql.data, error);
    buffer_reset(&p->sql);
    return ok;
}

// Whether the SQL gathered so far gives a row.
static bool gives_row(struct preparing *p, bool *out, struct error *error) {
    sqlite3_stmt *statement = NULL;
    buffer_append(&p->sql, "", 1);
    bool ok = p->sql.failed ? error_memory(error) : sqlite_prepare(p->store->writer.db, p->sql.data, &statement, error);
    buffer_reset(&p->sql);
    if (ok) {
        struct sqlite_query query = sqlite_again(statement);
        ok = sqlite_next(&query, out, error);
    }
    sqlite3_finalize(statement);
    return ok;
}

static bool has_rows(struct preparing *p, bool *out, struct error *error) {
    buffer_string(&p->sql, "SELECT 1 FROM ");
    sqlite_quote(&p->sql, p->datatype->name);
    buffer_string(&p->sql, " LIMIT 1");
    return gives_row(p, out, error);
}

// Whether any row has a value (or, the other way, none) in a column.
static bool has_data(struct preparing *p, struct text column, bool data, bool *out, struct error *error) {
    buffer_string(&p->sql, "SELECT 1 FROM ");
    sqlite_quote(&p->sql, p->datatype->name);
    buffer_string(&p->sql, " WHERE ");
    sqlite_quote(&p->sql, column);
    buffer_string(&p->sql, data ? " IS NOT NULL LIMIT 1" : " IS NULL LIMIT 1");
    return gives_row(p, out, error);
}

static bool same_name(struct text a, struct text b) {
    return a.length == b.length && strncasecmp(a.data, b.data, a.length) == 0;
}

static const struct field *field_named(const struct datatype *datatype, struct text name) {
    for (size_t i = 0; i < datatype->count; i++) {
        if (text_same(datatype->fields[i].name, name)) {
            return &datatype->fields[i];
        }
    }
    return NULL;
}

// SQLite's names know no case, and some are taken.
static bool check_names(const struct datatype *datatype, struct error *error) {
    static const char *const taken[] = {"id", "seq", "origin", "extra"};
    struct text name = datatype->name;
    if ((name.length >= 5 && strncasecmp(name.data, "weir_", 5) == 0) ||
        (name.length >= 7 && strncasecmp(name.data, "sqlite_", 7) == 0)) {
        return error_set(error, ERROR_SCHEMA_CHANGE,
                         "the datatype %.*s cannot be kept: names that begin with weir_ or sqlite_ are home's own; "
                         "rename it",
                         TEXT_ARGS(name));
    }
    for (size_t i = 0; i < datatype->count; i++) {
        struct text field = datatype->fields[i].name;
        for (size_t j = 0; j < sizeof taken / sizeof taken[0]; j++) {
            if (same_name(field, text_of(taken[j]))) {
                return error_set(error, ERROR_SCHEMA_CHANGE,
                                 "the field %.*s.%.*s cannot be kept: %s is a column of home's own; rename it",
                                 TEXT_ARGS(name), TEXT_ARGS(field), taken[j]);
            }
        }
        for (size_t j = 0; j < i; j++) {
            if (same_name(field, datatype->fields[j].name)) {
                return error_set(error, ERROR_SCHEMA_CHANGE,
                                 "the fields %.*s and %.*s of %.*s differ only in case, which home cannot tell apart: "
                                 "rename one",
                                 TEXT_ARGS(datatype->fields[j].name), TEXT_ARGS(field), TEXT_ARGS(name));
            }
        }
    }
    for (size_t i = 0; i < datatype->key_count; i++) {
        const struct field *field = &datatype->fields[datatype->key[i]];
        if (field->type == FIELD_JSON) {
            return error_set(error, ERROR_SCHEMA_CHANGE,
                             "the key of %.*s names %.*s, which is json: a key is made of plain values",
                             TEXT_ARGS(name), TEXT_ARGS(field->name));
        }
    }
    return true;
}

// Tables and views share their names; a clash would otherwise be told in SQLite's words.
static bool check_free(struct preparing *p, const char *suffix, struct error *error) {
    struct sqlite_query query;
    bool found;
    char name[DATATYPE_NAME_MAX + 16];
    int length = snprintf(name, sizeof name, "%.*s%s", TEXT_ARGS(p->datatype->name), suffix);
    if (!sqlite_ask(&p->store->writer,
                    "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND lower(name) = lower(?1)",
                    &query, error)) {
        return false;
    }
    sqlite_give_text(&query, (struct text){name, (size_t)length});
    if (!sqlite_next(&query, &found, error)) {
        return false;
    }
    if (!found) {
        return true;
    }
    error_set(error, ERROR_SCHEMA_CHANGE,
              "home cannot make %s for the datatype %.*s: it has a table or view %.*s already; "
              "rename the datatype, or drop that table if it is not needed",
              name, TEXT_ARGS(p->datatype->name), TEXT_ARGS(sqlite_text_at(query.statement, 0)));
    sqlite_end(&query);
    return false;
}

static void write_column(struct buffer *sql, const struct field *field) {
    sqlite_quote(sql, field->name);
    buffer_byte(sql, ' ');
    buffer_string(sql, sqlite_column_type(field->type));
    if (field->type == FIELD_BOOL) {
        buffer_string(sql, " CHECK (");
        sqlite_quote(sql, field->name);
        buffer_string(sql, " IN (0, 1))");
    }
}

// Microseconds as ISO 8601 with as many digits of fraction as there are, years 0000 to 9999; else the plain number.
static void write_time(struct buffer *sql, struct text name) {
    struct buffer column;
    buffer_init(&column, 256);
    sqlite_quote(&column, name);
    int length = (int)column.length;
    const char *data = column.data;
    if (column.failed) {
        sql->failed = true;
    } else {
        buffer_print(sql,
                     "CASE WHEN %.*s BETWEEN -62167219200000000 AND 253402300799999999 THEN "
                     "strftime('%%Y-%%m-%%dT%%H:%%M:%%S', (%.*s - (%.*s %% 1000000 + 1000000) %% 1000000) / 1000000, "
                     "'unixepoch') || ",
                     length, data, length, data, length, data);
        buffer_print(sql,
                     "CASE WHEN %.*s %% 1000000 = 0 THEN '' "
                     "WHEN %.*s %% 1000 = 0 THEN printf('.%%03d', (%.*s %% 1000000 + 1000000) %% 1000000 / 1000) "
                     "ELSE printf('.%%06d', (%.*s %% 1000000 + 1000000) %% 1000000) END || 'Z' ELSE CAST(%.*s AS TEXT) "
                     "END",
                     length, data, length, data, length, data, length, data, length, data);
    }
    buffer_clear(&column);
}

static void write_view(struct buffer *sql, const struct datatype *datatype) {
    buffer_string(sql, "CREATE VIEW \"");
    buffer_text(sql, datatype->name);
    buffer_string(sql, "_view\" AS SELECT id, seq, origin");
    for (size_t i = 0; i < datatype->count; i++) {
        const struct field *field = &datatype->fields[i];
        buffer_string(sql, ", ");
        if (field->type == FIELD_TIME) {
            write_time(sql, field->name);
            buffer_string(sql, " AS ");
        } else if (field->type == FIELD_DECIMAL) {
            buffer_string(sql, "CAST(");
            sqlite_quote(sql, field->name);
            buffer_string(sql, " AS REAL) AS ");
        }
        sqlite_quote(sql, field->name);
    }
    buffer_string(sql, ", extra FROM ");
    sqlite_quote(sql, datatype->name);
    buffer_byte(sql, ';');
}

static bool table_make(struct preparing *p, struct error *error) {
    if (!check_free(p, "", error) || !check_free(p, "_view", error)) {
        return false;
    }
    buffer_string(&p->sql, "CREATE TABLE ");
    sqlite_quote(&p->sql, p->datatype->name);
    buffer_string(&p->sql, "(id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, origin TEXT NOT NULL");
    for (size_t i = 0; i < p->datatype->count; i++) {
        buffer_string(&p->sql, ", ");
        write_column(&p->sql, &p->datatype->fields[i]);
    }
    buffer_string(&p->sql, ", extra TEXT) STRICT;");
    sqlite_indexes_make(&p->sql, p->datatype);
    write_view(&p->sql, p->datatype);
    return apply(p, error);
}

static bool column_add(struct preparing *p, const struct field *field, bool replaces, struct error *error) {
    bool rows;
    struct text name = p->datatype->name;
    if (field->required && value_empty(&field->fallback)) {
        if (!has_rows(p, &rows, error)) {
            return false;
        }
        if (rows) {
            return error_set(error, ERROR_SCHEMA_CHANGE,
                             "the new field %.*s.%.*s is required and has no default, but there are records already: "
                             "give it a default, or do not require it",
                             TEXT_ARGS(name), TEXT_ARGS(field->name));
        }
    }
    if (replaces) {
        buffer_string(&p->sql, "ALTER TABLE ");
        sqlite_quote(&p->sql, name);
        buffer_string(&p->sql, " DROP COLUMN ");
        sqlite_quote(&p->sql, field->name);
        buffer_byte(&p->sql, ';');
    }
    buffer_string(&p->sql, "ALTER TABLE ");
    sqlite_quote(&p->sql, name);
    buffer_string(&p->sql, " ADD COLUMN ");
    write_column(&p->sql, field);
    if (!value_empty(&field->fallback)) {
        // Rows made before the column read this, so a table of any size gains it at once; later rows say their own.
        buffer_string(&p->sql, " DEFAULT ");
        if (!sqlite_literal(&p->sql, field, &field->fallback, error)) {
            return false;
        }
    }
    return apply(p, error);
}

// Whether the table has the column although home remembers no such field: one that was given up while it was empty.
static bool is_left_over(struct preparing *p, struct text column, bool *out, struct error *error) {
    struct sqlite_query query;
    if (!sqlite_ask(&p->store->writer, "SELECT 1 FROM pragma_table_info(?1) WHERE lower(name) = lower(?2)", &query,
                    error)) {
        return false;
    }
    sqlite_give_text(&query, p->datatype->name);
    sqlite_give_text(&query, column);
    if (!sqlite_next(&query, out, error)) {
        return false;
    }
    sqlite_end(&query);
    return true;
}

static bool field_follow(struct preparing *p, const struct field *field, struct error *error) {
    const struct field *known = field_named(p->known, field->name);
    struct text name = p->datatype->name;
    bool yes;
    if (known == NULL) {
        return is_left_over(p, field->name, &yes, error) && column_add(p, field, yes, error);
    }
    if (known->type != field->type || !text_same(known->target, field->target)) {
        if (!has_data(p, field->name, true, &yes, error)) {
            return false;
        }
        if (yes && known->type != field->type) {
            return error_set(error, ERROR_SCHEMA_CHANGE,
                             "%.*s.%.*s is %s in home and declared %s now, and it holds data: give the new field "
                             "another name, or declare it %s again, or export %.*s and begin a new home",
                             TEXT_ARGS(name), TEXT_ARGS(field->name), field_type_name(known->type),
                             field_type_name(field->type), field_type_name(known->type), TEXT_ARGS(name));
        }
        if (yes) {
            return error_set(error, ERROR_SCHEMA_CHANGE,
                             "%.*s.%.*s refers to %.*s in home and to %.*s now, and it holds data: give the new field "
                             "another name, or declare the reference as it was",
                             TEXT_ARGS(name), TEXT_ARGS(field->name), TEXT_ARGS(known->target),
                             TEXT_ARGS(field->target));
        }
        return known->type == field->type || column_add(p, field, true, error);
    }
    if (field->required && !known->required) {
        if (!has_data(p, field->name, false, &yes, error)) {
            return false;
        }
        if (yes) {
            return error_set(error, ERROR_SCHEMA_CHANGE,
                             "%.*s.%.*s is required now, but some records have none: fill them with `weir put` first, "
                             "or do not require it",
                             TEXT_ARGS(name), TEXT_ARGS(field->name));
        }
    }
    return true;
}

static bool table_follow(struct preparing *p, struct error *error) {
    struct text name = p->datatype->name;
    buffer_string(&p->sql, "DROP VIEW IF EXISTS \"");
    buffer_text(&p->sql, name);
    buffer_string(&p->sql, "_view\";");
    sqlite_indexes_drop(&p->sql, p->known);
    if (!apply(p, error)) {
        return false;
    }
    for (size_t i = 0; i < p->known->count; i++) {
        const struct field *known = &p->known->fields[i];
        bool data = false;
        if (field_named(p->datatype, known->name) == NULL && !has_data(p, known->name, true, &data, error)) {
            return false;
        }
        if (data) {
            return error_set(error, ERROR_SCHEMA_CHANGE,
                             "the field %.*s.%.*s is not declared any more, but home holds data in it: declare it "
                             "again, or clear it in every record first (`weir export`, then `weir put`)",
                             TEXT_ARGS(name), TEXT_ARGS(known->name));
        }
    }
    for (size_t i = 0; i < p->datatype->count; i++) {
        if (!field_follow(p, &p->datatype->fields[i], error)) {
            return false;
        }
    }
    sqlite_indexes_make(&p->sql, p->datatype);
    write_view(&p->sql, p->datatype);
    return apply(p, error);
}

// What home remembers of a datatype: its declaration, empty for nothing, and where that was made.
static bool remembered(struct sqlite_side *side, struct text name, struct arena *arena, struct text *declaration,
                       struct print *module, struct error *error) {
    struct sqlite_query query;
    bool found;
    *declaration = (struct text){NULL, 0};
    *module = (struct print){0, 0};
    if (!sqlite_ask(side, "SELECT declaration, module FROM weir_datatype WHERE name = ?1", &query, error)) {
        return false;
    }
    sqlite_give_text(&query, name);
    if (!sqlite_next(&query, &found, error)) {
        return false;
    }
    bool ok = true;
    if (found) {
        ok = sqlite_copy_at(query.statement, 0, arena, declaration, error);
        *module = sqlite_print_at(query.statement, 1);
    }
    sqlite_end(&query);
    return ok;
}

static bool remember(struct sqlite_store *store, struct text name, struct text declaration, struct print module,
                     struct error *error) {
    struct sqlite_query query;
    if (!sqlite_ask(&store->writer,
                    "INSERT INTO weir_datatype(name, declaration, module) VALUES (?1, ?2, ?3)"
                    " ON CONFLICT(name) DO UPDATE SET declaration = excluded.declaration, module = excluded.module",
                    &query, error)) {
        return false;
    }
    sqlite_give_text(&query, name);
    sqlite_give_text(&query, declaration);
    sqlite_give_print(&query, module);
    return sqlite_run(&query, error);
}

// `out` says whether there is nothing to do. What derives a field is in the module alone: another module is news then,
// also where the declaration is the same.
static bool is_remembered(struct sqlite_store *store, const struct datatype *datatype, struct print module,
                          struct arena *arena, struct buffer *declaration, bool *out, struct text *known,
                          struct error *error) {
    struct print was;
    buffer_reset(declaration);
    datatype_write(declaration, datatype);
    if (declaration->failed) {
        return error_memory(error);
    }
    if (!remembered(&store->writer, datatype->name, arena, known, &was, error)) {
        return false;
    }
    *out = known->length > 0 && text_same(*known, buffer_view(declaration)) &&
           (datatype->derive_count == 0 || print_same(was, module));
    return true;
}

static bool prepare_one(struct sqlite_store *store, const struct datatype *datatype, struct print module,
                        struct arena *arena, struct buffer *declaration, struct error *error) {
    struct preparing p = {.store = store, .datatype = datatype, .arena = arena};
    bool same = false;
    struct text known = {NULL, 0};
    if (!is_remembered(store, datatype, module, arena, declaration, &same, &known, error)) {
        return false;
    }
    if (same) {
        return true;
    }
    buffer_init(&p.sql, HOME_TEXT_MAX);
    bool ok = check_names(datatype, error);
    if (ok && known.length == 0) {
        ok = table_make(&p, error);
    } else if (ok && !text_same(known, buffer_view(declaration))) {
        ok = datatype_read(known, arena, &p.known, error) && table_follow(&p, error);
    }
    buffer_clear(&p.sql);
    return ok && remember(store, datatype->name, buffer_view(declaration), module, error);
}

// The usual case, a script that declares what home remembers, takes no lock and writes nothing.
static bool all_remembered(struct sqlite_store *store, const struct datatype *const *datatypes, size_t count,
                           struct print module, struct arena *arena, struct buffer *declaration, bool *out,
                           struct error *error) {
    struct text known;
    bool ok = true;
    *out = true;
    pthread_mutex_lock(&store->writing);
    for (size_t i = 0; i < count && ok && *out; i++) {
        ok = is_remembered(store, datatypes[i], module, arena, declaration, out, &known, error);
    }
    pthread_mutex_unlock(&store->writing);
    return ok;
}

bool sqlite_store_prepare(struct store *base, const struct datatype *const *datatypes, size_t count, struct text text,
                          struct error *error) {
    struct sqlite_store *store = sqlite_of(base);
    struct print module;
    struct arena arena;
    struct buffer declaration;
    bool same = false;
    arena_init(&arena, DECLARATION_MAX * 4);
    buffer_init(&declaration, DECLARATION_MAX);
    bool ok = all_remembered(store, datatypes, count, print_of(text, 0), &arena, &declaration, &same, error);
    if (!ok || same) {
        goto done;
    }
    ok = sqlite_begin(store, error);
    if (!ok) {
        goto done;
    }
    ok = sqlite_pin(store, text, &module, error);
    for (size_t i = 0; i < count && ok; i++) {
        ok = prepare_one(store, datatypes[i], module, &arena, &declaration, error);
    }
    if (ok) {
        ok = sqlite_commit(store, error);
    } else {
        sqlite_rollback(store);
    }

done:
    buffer_clear(&declaration);
    arena_clear(&arena);
    return ok;
}

bool sqlite_datatype(struct store *base, struct text name, struct arena *arena, const struct datatype **out,
                     struct error *error) {
    struct text declaration;
    struct print module;
    *out = NULL;
    if (!remembered(&sqlite_of(base)->reader, name, arena, &declaration, &module, error)) {
        return false;
    }
    return declaration.length == 0 || datatype_read(declaration, arena, out, error);
}

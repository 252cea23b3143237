#include "store/store_sqlite_internal.h"

#include <assert.h>
#include <inttypes.h>

#include "base/memory.h"

enum { TABLE_ARENA_MAX = 4 * 1024 * 1024 };

// Whether a datatype has the columns, in the order, that a table's statements were made for.
static bool is_laid_out(const struct datatype *a, const struct datatype *b) {
    if (!text_same(a->name, b->name) || a->count != b->count || a->key_count != b->key_count) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        if (a->fields[i].type != b->fields[i].type || !text_same(a->fields[i].name, b->fields[i].name)) {
            return false;
        }
    }
    for (size_t i = 0; i < a->key_count; i++) {
        if (a->key[i] != b->key[i]) {
            return false;
        }
    }
    return true;
}

// What the statements need of a datatype, which may go before the store does.
static bool layout_copy(struct arena *arena, const struct datatype *source, const struct datatype **out) {
    struct datatype *copy = arena_take_zero(arena, 1, sizeof *copy);
    struct field *fields = arena_take_zero(arena, source->count > 0 ? source->count : 1, sizeof *fields);
    uint32_t *key = arena_take_zero(arena, source->key_count > 0 ? source->key_count : 1, sizeof *key);
    if (copy == NULL || fields == NULL || key == NULL || !arena_text(arena, source->name, &copy->name)) {
        return false;
    }
    for (size_t i = 0; i < source->count; i++) {
        fields[i].type = source->fields[i].type;
        if (!arena_text(arena, source->fields[i].name, &fields[i].name)) {
            return false;
        }
    }
    for (size_t i = 0; i < source->key_count; i++) {
        key[i] = source->key[i];
    }
    copy->fields = fields;
    copy->count = source->count;
    copy->key = key;
    copy->key_count = source->key_count;
    *out = copy;
    return true;
}

bool sqlite_table(struct sqlite_side *side, const struct datatype *datatype, struct sqlite_table **out,
                  struct error *error) {
    for (struct sqlite_table *table = side->tables; table != NULL; table = table->next) {
        if (is_laid_out(table->datatype, datatype)) {
            *out = table;
            return true;
        }
    }
    struct sqlite_table *table = memory_zero(1, sizeof *table);
    if (table == NULL) {
        return error_memory(error);
    }
    arena_init(&table->arena, TABLE_ARENA_MAX);
    if (!layout_copy(&table->arena, datatype, &table->datatype)) {
        arena_clear(&table->arena);
        memory_free(table);
        return error_memory(error);
    }
    table->next = side->tables;
    side->tables = table;
    *out = table;
    return true;
}

void sqlite_tables_close(struct sqlite_side *side) {
    while (side->tables != NULL) {
        struct sqlite_table *table = side->tables;
        side->tables = table->next;
        sqlite3_finalize(table->insert);
        sqlite3_finalize(table->clash);
        sqlite3_finalize(table->update);
        sqlite3_finalize(table->remove);
        sqlite3_finalize(table->seq);
        sqlite3_finalize(table->find);
        sqlite3_finalize(table->key);
        arena_clear(&table->arena);
        memory_free(table);
    }
}

// Prepares what `sql` says, once, and gives its memory back.
static bool prepare_once(struct sqlite_side *side, struct buffer *sql, sqlite3_stmt **out, struct error *error) {
    buffer_append(sql, "", 1);
    bool ok = sql->failed ? error_memory(error) : sqlite_prepare(side->db, sql->data, out, error);
    buffer_clear(sql);
    return ok;
}

bool sqlite_table_insert(struct sqlite_side *side, struct sqlite_table *table, struct error *error) {
    if (table->insert != NULL) {
        return true;
    }
    const struct datatype *datatype = table->datatype;
    struct buffer sql;
    buffer_init(&sql, HOME_TEXT_MAX);
    buffer_string(&sql, "INSERT INTO ");
    sqlite_quote(&sql, datatype->name);
    // In the order of the table's own columns SQLite needs no copy of each value.
    buffer_string(&sql, "(id, seq, origin");
    for (size_t i = 0; i < datatype->count; i++) {
        buffer_byte(&sql, ',');
        sqlite_quote(&sql, datatype->fields[i].name);
    }
    buffer_string(&sql, ", extra) SELECT id, seq, ?1");
    for (size_t i = 0; i < datatype->count; i++) {
        buffer_print(&sql, ",f%zu", i);
    }
    buffer_string(&sql, ", extra FROM weir_batch");
    return prepare_once(side, &sql, &table->insert, error);
}

// Two decimals of one number may have different digits: the index holds them as REAL, which finds all that may be
// equal, and whoever asks compares the exact ones.
void sqlite_key_part(struct buffer *buffer, const char *of, struct text column, enum field_type type) {
    buffer_string(buffer, type == FIELD_DECIMAL ? "CAST(" : "");
    buffer_string(buffer, of);
    sqlite_quote(buffer, column);
    buffer_string(buffer, type == FIELD_DECIMAL ? " AS REAL)" : "");
}

bool sqlite_table_clash(struct sqlite_side *side, struct sqlite_table *table, struct error *error) {
    if (table->clash != NULL) {
        return true;
    }
    const struct datatype *datatype = table->datatype;
    struct buffer sql;
    buffer_init(&sql, HOME_TEXT_MAX);
    buffer_string(&sql, "SELECT 1 FROM weir_batch AS b CROSS JOIN ");
    sqlite_quote(&sql, datatype->name);
    buffer_string(&sql, " AS r WHERE r.seq > ?1 AND r.seq < ?2");
    for (size_t i = 0; i < datatype->key_count; i++) {
        const struct field *field = &datatype->fields[datatype->key[i]];
        buffer_string(&sql, " AND ");
        sqlite_key_part(&sql, "r.", field->name, field->type);
        buffer_print(&sql, field->type == FIELD_DECIMAL ? " = CAST(b.f%u AS REAL)" : " = b.f%u", datatype->key[i]);
    }
    buffer_string(&sql, " LIMIT 1");
    return prepare_once(side, &sql, &table->clash, error);
}

bool sqlite_table_update(struct sqlite_side *side, struct sqlite_table *table, struct error *error) {
    if (table->update != NULL) {
        return true;
    }
    const struct datatype *datatype = table->datatype;
    struct buffer sql;
    buffer_init(&sql, HOME_TEXT_MAX);
    buffer_string(&sql, "UPDATE ");
    sqlite_quote(&sql, datatype->name);
    buffer_string(&sql, " SET seq = ?3, origin = ?4, extra = ?5");
    for (size_t i = 0; i < datatype->count; i++) {
        buffer_byte(&sql, ',');
        sqlite_quote(&sql, datatype->fields[i].name);
        buffer_print(&sql, " = ?%zu", i + 6);
    }
    buffer_string(&sql, " WHERE id = ?1 AND seq = ?2");
    return prepare_once(side, &sql, &table->update, error);
}

bool sqlite_table_remove(struct sqlite_side *side, struct sqlite_table *table, struct error *error) {
    if (table->remove != NULL) {
        return true;
    }
    struct buffer sql;
    buffer_init(&sql, HOME_TEXT_MAX);
    buffer_string(&sql, "DELETE FROM ");
    sqlite_quote(&sql, table->datatype->name);
    buffer_string(&sql, " WHERE id = ?1 AND seq = ?2");
    return prepare_once(side, &sql, &table->remove, error);
}

bool sqlite_table_seq(struct sqlite_side *side, struct sqlite_table *table, struct error *error) {
    if (table->seq != NULL) {
        return true;
    }
    struct buffer sql;
    buffer_init(&sql, HOME_TEXT_MAX);
    buffer_string(&sql, "SELECT seq FROM ");
    sqlite_quote(&sql, table->datatype->name);
    buffer_string(&sql, " WHERE id = ?1");
    return prepare_once(side, &sql, &table->seq, error);
}

void sqlite_table_select(struct buffer *buffer, const struct datatype *datatype) {
    buffer_string(buffer, "SELECT id, seq, origin, extra");
    for (size_t i = 0; i < datatype->count; i++) {
        buffer_byte(buffer, ',');
        sqlite_quote(buffer, datatype->fields[i].name);
    }
    buffer_string(buffer, " FROM ");
    sqlite_quote(buffer, datatype->name);
}

bool sqlite_row_at(sqlite3_stmt *statement, const struct datatype *datatype, struct arena *arena, struct home_row *out,
                   struct error *error) {
    out->id = sqlite3_column_int64(statement, 0);
    out->seq = sqlite3_column_int64(statement, 1);
    out->fields = arena_take(arena, sizeof *out->fields * (datatype->count > 0 ? datatype->count : 1));
    if (out->fields == NULL) {
        return error_memory(error);
    }
    if (!sqlite_copy_at(statement, 2, arena, &out->origin, error) ||
        !sqlite_json_at(statement, 3, arena, &out->extra, error)) {
        return false;
    }
    for (size_t i = 0; i < datatype->count; i++) {
        if (!sqlite_value_at(statement, (int)i + 4, &datatype->fields[i], arena, &out->fields[i], error)) {
            return false;
        }
    }
    return true;
}

bool sqlite_table_find(struct sqlite_side *side, struct sqlite_table *table, struct error *error) {
    if (table->find != NULL) {
        return true;
    }
    struct buffer sql;
    buffer_init(&sql, HOME_TEXT_MAX);
    sqlite_table_select(&sql, table->datatype);
    buffer_string(&sql, " WHERE id = ?1");
    return prepare_once(side, &sql, &table->find, error);
}

bool sqlite_table_key(struct sqlite_side *side, struct sqlite_table *table, struct error *error) {
    if (table->key != NULL) {
        return true;
    }
    const struct datatype *datatype = table->datatype;
    assert(datatype->key_count > 0);
    struct buffer sql;
    buffer_init(&sql, HOME_TEXT_MAX);
    buffer_string(&sql, "SELECT id");
    for (size_t i = 0; i < datatype->key_count; i++) {
        buffer_byte(&sql, ',');
        sqlite_quote(&sql, datatype->fields[datatype->key[i]].name);
    }
    buffer_string(&sql, " FROM ");
    sqlite_quote(&sql, datatype->name);
    for (size_t i = 0; i < datatype->key_count; i++) {
        const struct field *field = &datatype->fields[datatype->key[i]];
        buffer_string(&sql, i == 0 ? " WHERE " : " AND ");
        sqlite_key_part(&sql, "", field->name, field->type);
        buffer_print(&sql, field->type == FIELD_DECIMAL ? " = CAST(?%zu AS REAL)" : " = ?%zu", i + 1);
    }
    buffer_string(&sql, " ORDER BY id");
    return prepare_once(side, &sql, &table->key, error);
}

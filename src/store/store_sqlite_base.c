#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "format/format_json.h"
#include "store/store_sqlite_apply.h"

// weir_history: the form that a record had when both sides of a tracked link agreed, kept from the first edit past it
// until the link moves on. A home without tracked linksets pays for none of it: that nothing is tracked comes with the
// page's seqs, in one statement.

// --- which linksets are tracked ---

void sqlite_tracks_clear(struct sqlite_store *store) {
    for (size_t i = 0; i < store->tracks.count; i++) {
        sqlite3_finalize(store->tracks.items[i].agreed);
    }
    memory_free(store->tracks.items);
    store->tracks = (struct sqlite_tracks){0};
}

static bool tracks_read(struct sqlite_store *store, struct error *error) {
    struct sqlite_query query;
    bool found = true;
    sqlite_tracks_clear(store);
    if (!sqlite_ask(&store->writer, "SELECT number, datatype FROM weir_linkset WHERE tracked <> 0", &query, error)) {
        return false;
    }
    while (sqlite_next(&query, &found, error)) {
        if (!found) {
            return true;
        }
        struct sqlite_tracks *tracks = &store->tracks;
        struct sqlite_track *items = memory_grow(tracks->items, tracks->count + 1, sizeof *items);
        if (items == NULL) {
            sqlite_end(&query);
            return error_memory(error);
        }
        tracks->items = items;
        struct sqlite_track *track = &items[tracks->count++];
        *track = (struct sqlite_track){.number = sqlite3_column_int64(query.statement, 0)};
        snprintf(track->datatype, sizeof track->datatype, "%.*s", TEXT_ARGS(sqlite_text_at(query.statement, 1)));
    }
    return false;
}

bool sqlite_tracks_learn(struct sqlite_store *store, int64_t generation, struct error *error) {
    struct sqlite_query query;
    bool found;
    if (generation < 0) {
        if (store->tracks.is_fresh) {
            return true;
        }
        if (!sqlite_ask(&store->writer, "SELECT value FROM weir_counter WHERE name = 'track'", &query, error) ||
            !sqlite_next(&query, &found, error)) {
            return false;
        }
        generation = found ? sqlite3_column_int64(query.statement, 0) : 0;
        sqlite_end(&query);
    }
    if (generation != store->tracks.generation) {
        if (!tracks_read(store, error)) {
            sqlite_tracks_clear(store); // half of it would say that the rest isn't tracked
            return false;
        }
        store->tracks.generation = generation;
    }
    store->tracks.is_fresh = true;
    return true;
}

bool sqlite_is_tracked(struct sqlite_store *store, struct text datatype, bool *out, struct error *error) {
    struct sqlite_query query;
    if (!sqlite_ask(&store->writer, "SELECT 1 FROM weir_linkset WHERE datatype = ?1 AND tracked <> 0", &query, error)) {
        return false;
    }
    sqlite_give_text(&query, datatype);
    if (!sqlite_next(&query, out, error)) {
        return false;
    }
    sqlite_end(&query);
    return true;
}

static bool track_apply(struct sqlite_store *store, const struct sqlite_linkset *links, struct error *error) {
    struct sqlite_query query;
    struct buffer sql;
    int64_t generation;
    bool settled;
    bool tracked;
    if (!sqlite_linkset_settled(store, links, &settled, &tracked, error) || tracked) {
        return tracked;
    }
    if (!sqlite_ask(&store->writer, "UPDATE weir_linkset SET tracked = 1 WHERE number = ?1", &query, error)) {
        return false;
    }
    sqlite_give_integer(&query, links->number);
    if (!sqlite_run(&query, error) || !sqlite_count(store, "track", 1, &generation, error)) {
        return false;
    }
    buffer_init(&sql, HOME_TEXT_MAX);
    buffer_string(&sql, "CREATE INDEX IF NOT EXISTS weir_tombstone_seq ON weir_tombstone(datatype, seq);");
    if (settled) { // else a first load runs, which makes it when it ends
        sqlite_seq_index(&sql, links->links.datatype);
    }
    buffer_append(&sql, "", 1);
    bool ok = sql.failed ? error_memory(error) : sqlite_exec(store->writer.db, sql.data, error);
    buffer_clear(&sql);
    return ok;
}

bool sqlite_track(struct store *base, struct linkset *links, struct error *error) {
    struct sqlite_store *store = sqlite_of(base);
    if (links->tracked) {
        return true;
    }
    if (!sqlite_begin(store, error)) {
        return false;
    }
    if (!track_apply(store, (struct sqlite_linkset *)links, error)) {
        sqlite_rollback(store);
        return false;
    }
    links->tracked = sqlite_commit(store, error);
    return links->tracked;
}

bool sqlite_agreed_find(struct sqlite_store *store, int64_t number, int64_t id, int64_t *out, struct error *error) {
    struct sqlite_track *track = NULL;
    for (size_t i = 0; i < store->tracks.count && track == NULL; i++) {
        track = store->tracks.items[i].number == number ? &store->tracks.items[i] : NULL;
    }
    assert(track != NULL);
    char sql[96];
    bool found;
    *out = 0;
    snprintf(sql, sizeof sql, "SELECT agreed_seq FROM weir_link_%" PRId64 " WHERE home = ?1", number);
    if (track->agreed == NULL && !sqlite_prepare(store->writer.db, sql, &track->agreed, error)) {
        return false;
    }
    struct sqlite_query query = sqlite_again(track->agreed);
    sqlite_give_integer(&query, id);
    if (!sqlite_next(&query, &found, error)) {
        return false;
    }
    *out = found ? sqlite3_column_int64(track->agreed, 0) : 0;
    sqlite_end(&query);
    return true;
}

// --- forms ---

// A form as JSON: an object of the fields that have a value. Decimals are texts, so that they keep their digits.
static void form_write(struct buffer *buffer, const struct datatype *datatype, const struct value *fields) {
    bool is_first = true;
    buffer_byte(buffer, '{');
    for (size_t i = 0; i < datatype->count; i++) {
        const struct field *field = &datatype->fields[i];
        struct value name = value_text(field->name);
        struct value value = fields[i];
        if (value_empty(&value)) {
            continue;
        }
        if (field->type == FIELD_DECIMAL && value.kind == VALUE_DECIMAL) {
            value = value_text(value_slice(&value));
        }
        if (!is_first) {
            buffer_byte(buffer, ',');
        }
        is_first = false;
        json_write(buffer, &name);
        buffer_byte(buffer, ':');
        json_write(buffer, &value);
    }
    buffer_byte(buffer, '}');
}

// A member of such an object as the field that it was. What the field can't be any more is null.
static struct value member_read(const struct field *field, const struct value *member) {
    enum value_kind kind = member != NULL ? (enum value_kind)member->kind : VALUE_MISSING;
    bool fits = false;
    switch (field->type) {
    case FIELD_JSON:
        fits = kind != VALUE_MISSING;
        break;
    case FIELD_DECIMAL:
        if (kind == VALUE_TEXT) {
            return value_decimal(value_slice(member));
        }
        fits = kind == VALUE_INTEGER;
        break;
    case FIELD_TEXT:
        fits = kind == VALUE_TEXT;
        break;
    case FIELD_BOOL:
        fits = kind == VALUE_BOOL;
        break;
    case FIELD_INTEGER:
    case FIELD_TIME:
    case FIELD_REF:
        fits = kind == VALUE_INTEGER;
        break;
    }
    return fits ? *member : value_null();
}

bool sqlite_base_find(struct store *base, const struct datatype *datatype, int64_t id, int64_t seq, struct arena *arena,
                      bool *found, struct value **fields, int64_t *edited_us, struct error *error) {
    struct sqlite_query query;
    struct value form;
    *fields = NULL;
    *edited_us = 0;
    if (!sqlite_ask(&sqlite_of(base)->reader, "SELECT fields, edited_us FROM weir_history WHERE id = ?1 AND seq = ?2",
                    &query, error)) {
        return false;
    }
    sqlite_give_integer(&query, id);
    sqlite_give_integer(&query, seq);
    if (!sqlite_next(&query, found, error)) {
        return false;
    }
    if (!*found) {
        return true;
    }
    bool ok = sqlite_json_at(query.statement, 0, arena, &form, error);
    *edited_us = sqlite3_column_int64(query.statement, 1);
    sqlite_end(&query);
    if (!ok) {
        return false;
    }
    *fields = arena_take_zero(arena, datatype->count, sizeof **fields);
    if (*fields == NULL) {
        return error_memory(error);
    }
    for (size_t i = 0; i < datatype->count; i++) {
        const struct field *field = &datatype->fields[i];
        const struct value *member = form.kind == VALUE_OBJECT ? object_find(form.as.object, field->name) : NULL;
        (*fields)[i] = member_read(field, member);
    }
    return true;
}

static bool base_put(struct sqlite_store *store, const struct datatype *datatype, int64_t id, int64_t seq,
                     const struct value *fields, int64_t edited_us, struct error *error) {
    struct sqlite_query query;
    if (!sqlite_ask(&store->writer,
                    "INSERT OR REPLACE INTO weir_history(datatype, id, seq, fields, edited_us)"
                    " VALUES (?1, ?2, ?3, ?4, ?5)",
                    &query, error)) {
        return false;
    }
    buffer_reset(&store->scratch);
    form_write(&store->scratch, datatype, fields);
    if (store->scratch.failed) {
        return error_memory(error);
    }
    sqlite_give_text(&query, datatype->name);
    sqlite_give_integer(&query, id);
    sqlite_give_integer(&query, seq);
    sqlite_give_text(&query, buffer_view(&store->scratch));
    sqlite_give_integer(&query, edited_us);
    return sqlite_run(&query, error);
}

// --- keeping and letting go ---

// The form that a record has now, if that is still the one of a seq.
static bool form_keep(struct sqlite_store *store, const struct datatype *datatype, int64_t id, int64_t seq,
                      int64_t at_us, struct error *error) {
    struct sqlite_table *table;
    struct home_row row;
    struct arena arena;
    bool found;
    if (!sqlite_table(&store->writer, datatype, &table, error) || !sqlite_table_find(&store->writer, table, error)) {
        return false;
    }
    struct sqlite_query query = sqlite_again(table->find);
    sqlite_give_integer(&query, id);
    if (!sqlite_next(&query, &found, error)) {
        return false;
    }
    bool ok = true;
    if (found && sqlite3_column_int64(query.statement, 1) == seq) {
        arena_init(&arena, HOME_TEXT_MAX);
        ok = sqlite_row_at(query.statement, datatype, &arena, &row, error) &&
             base_put(store, datatype, id, seq, row.fields, at_us, error);
        arena_clear(&arena);
    }
    sqlite_end(&query);
    return ok;
}

static bool is_track_of(const struct sqlite_track *track, struct text datatype) {
    return text_is(datatype, track->datatype);
}

bool sqlite_base_keep(struct sqlite_store *store, const struct datatype *datatype, int64_t id, int64_t own,
                      int64_t at_us, struct error *error) {
    struct sqlite_query query;
    int64_t seq;
    for (size_t i = 0; i < store->tracks.count; i++) {
        const struct sqlite_track *track = &store->tracks.items[i];
        if (track->number == own || !is_track_of(track, datatype->name)) {
            continue;
        }
        if (!sqlite_agreed_find(store, track->number, id, &seq, error)) {
            return false;
        }
        if (seq == 0) {
            continue;
        }
        if (!sqlite_ask(&store->writer, "UPDATE weir_history SET edited_us = ?3 WHERE id = ?1 AND seq = ?2", &query,
                        error)) {
            return false;
        }
        sqlite_give_integer(&query, id);
        sqlite_give_integer(&query, seq);
        sqlite_give_integer(&query, at_us);
        if (!sqlite_run(&query, error)) {
            return false;
        }
        bool is_kept = sqlite3_changes(store->writer.db) > 0;
        if (!is_kept && !form_keep(store, datatype, id, seq, at_us, error)) {
            return false;
        }
    }
    return true;
}

bool sqlite_bases_keep(struct sqlite_group *group, struct error *error) {
    const struct effect *effect = group->effects;
    bool changes = effect->kind == EFFECT_UPDATE || effect->kind == EFFECT_DELETE;
    if (!changes || group->store->tracks.count == 0) {
        return true;
    }
    int64_t own = effect->links != NULL ? ((const struct sqlite_linkset *)effect->links)->number : 0;
    for (size_t i = 0; i < group->count; i++) {
        if (!sqlite_base_keep(group->store, effect->datatype, group->effects[i].id, own, group->page->at_us, error)) {
            return false;
        }
    }
    return true;
}

bool sqlite_bases_drop(struct sqlite_store *store, int64_t id, struct error *error) {
    struct sqlite_query query;
    if (store->tracks.count == 0) {
        return true;
    }
    if (!sqlite_ask(&store->writer, "DELETE FROM weir_history WHERE id = ?1", &query, error)) {
        return false;
    }
    sqlite_give_integer(&query, id);
    return sqlite_run(&query, error);
}

// Whether home is ahead of what an effect agrees on, and since when.
static bool is_ahead(struct sqlite_group *group, const struct effect *effect, bool *ahead, int64_t *at_us,
                     struct error *error) {
    struct sqlite_store *store = group->store;
    struct sqlite_query query;
    *at_us = group->page->at_us;
    *ahead = effect->kind == EFFECT_UPDATE;
    if (*ahead) {
        return true;
    }
    bool found;
    if (!sqlite_table_seq(&store->writer, group->table, error)) {
        return false;
    }
    query = sqlite_again(group->table->seq);
    sqlite_give_integer(&query, effect->id);
    if (!sqlite_next(&query, &found, error)) {
        return false;
    }
    if (found) {
        *ahead = sqlite3_column_int64(query.statement, 0) > effect->base_seq;
        sqlite_end(&query);
        return true;
    }
    if (!sqlite_ask(&store->writer, "SELECT at_us FROM weir_tombstone WHERE id = ?1", &query, error)) {
        return false;
    }
    sqlite_give_integer(&query, effect->id);
    if (!sqlite_next(&query, ahead, error)) {
        return false;
    }
    if (*ahead) {
        *at_us = sqlite3_column_int64(query.statement, 0);
        sqlite_end(&query);
    }
    return true;
}

bool sqlite_base_agree(struct sqlite_group *group, size_t place, int64_t before, struct error *error) {
    const struct effect *effect = &group->effects[place];
    struct sqlite_store *store = group->store;
    struct sqlite_query query;
    int64_t at_us;
    bool ahead;
    bool found;
    if (!is_ahead(group, effect, &ahead, &at_us, error)) {
        return false;
    }
    if (!ahead) {
        return true;
    }
    // Moving the base doesn't make home's edit a later one.
    if (!sqlite_ask(&store->writer, "SELECT edited_us FROM weir_history WHERE id = ?1 AND seq = ?2", &query, error)) {
        return false;
    }
    sqlite_give_integer(&query, effect->id);
    sqlite_give_integer(&query, before);
    if (!sqlite_next(&query, &found, error)) {
        return false;
    }
    if (found) {
        at_us = sqlite3_column_int64(query.statement, 0);
        sqlite_end(&query);
    }
    return base_put(store, effect->datatype, effect->id, sqlite_agreed_seq(group, place), effect->agreed, at_us, error);
}

bool sqlite_base_free(struct sqlite_store *store, struct text datatype, int64_t id, int64_t seq, struct error *error) {
    struct sqlite_query query;
    int64_t agreed;
    for (size_t i = 0; i < store->tracks.count; i++) {
        const struct sqlite_track *track = &store->tracks.items[i];
        if (!is_track_of(track, datatype)) {
            continue;
        }
        if (!sqlite_agreed_find(store, track->number, id, &agreed, error)) {
            return false;
        }
        if (agreed == seq) {
            return true;
        }
    }
    if (!sqlite_ask(&store->writer, "DELETE FROM weir_history WHERE id = ?1 AND seq = ?2", &query, error)) {
        return false;
    }
    sqlite_give_integer(&query, id);
    sqlite_give_integer(&query, seq);
    return sqlite_run(&query, error);
}

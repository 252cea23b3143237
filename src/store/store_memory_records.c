#include <assert.h>

#include "format/format_json.h"
#include "store/store_memory_parts.h"

// --- natural keys ---

enum { KEY_BYTES_MAX = 16 * 1024 * 1024 };

// The values' canonical JSON, so that equal keys are equal texts (12.50 and 12.5). In the arena.
static bool key_text(struct arena *arena, const struct value *values, size_t count, struct text *out) {
    struct buffer buffer;
    buffer_init(&buffer, KEY_BYTES_MAX);
    struct value list = value_list(values, count);
    bool ok = json_write_canonical(&buffer, &list, arena) && arena_text(arena, buffer_view(&buffer), out);
    buffer_clear(&buffer);
    return ok;
}

// Adds an id to what the index has under a row's key.
static bool key_add(struct ram_home *home, struct ram_records *records, const struct ram_row *row) {
    struct text key;
    struct value *values = arena_take_zero(&home->arena, records->key_count, sizeof *values);
    if (values == NULL) {
        return false;
    }
    for (size_t i = 0; i < records->key_count; i++) {
        const struct value *value = object_find(&row->fields, records->key[i]);
        values[i] = value != NULL ? *value : value_null();
    }
    if (!key_text(&home->arena, values, records->key_count, &key)) {
        return false;
    }
    uint64_t *place = map_find(&records->ids, key);
    struct ram_key_id *first = place != NULL ? (struct ram_key_id *)(uintptr_t)*place : NULL;
    for (struct ram_key_id *id = first; id != NULL; id = id->next) {
        if (id->id == row->id) {
            return true;
        }
    }
    struct ram_key_id *id = arena_take(&home->arena, sizeof *id);
    if (id == NULL) {
        return false;
    }
    *id = (struct ram_key_id){row->id, first};
    return map_put(&records->ids, key, (uint64_t)(uintptr_t)id);
}

static bool key_is_for(const struct ram_records *records, const struct datatype *datatype) {
    bool same = records->key_count == datatype->key_count;
    for (size_t i = 0; same && i < datatype->key_count; i++) {
        same = text_same(records->key[i], datatype->fields[datatype->key[i]].name);
    }
    return same;
}

// Makes the index one of this datatype's key. Every version of every record goes in: a snapshot may look for an old
// one.
static bool key_fit(struct ram_home *home, struct ram_records *records, const struct datatype *datatype) {
    if (key_is_for(records, datatype)) {
        return true;
    }
    map_reset(&records->ids);
    records->key_count = 0;
    records->key = arena_take_zero(&home->arena, datatype->key_count, sizeof *records->key);
    bool ok = records->key != NULL;
    for (size_t i = 0; ok && i < datatype->key_count; i++) {
        ok = arena_text(&home->arena, datatype->fields[datatype->key[i]].name, &records->key[i]);
    }
    records->key_count = ok ? datatype->key_count : 0;
    for (size_t i = 0; ok && i < records->rows.count; i++) {
        const struct ram_version *version = records->rows.cells[i]->newest;
        for (; ok && version != NULL; version = version->older) {
            ok = version->row == NULL || key_add(home, records, version->row);
        }
    }
    if (!ok) {
        records->key_count = 0; // half an index is none
    }
    return ok;
}

static bool key_fits(const struct datatype *datatype, const struct value *key, const struct ram_row *row) {
    bool fits = true;
    for (size_t i = 0; fits && i < datatype->key_count; i++) {
        const struct field *field = &datatype->fields[datatype->key[i]];
        const struct value *value = object_find(&row->fields, field->name);
        struct value null = value_null();
        fits = field_same(field, value != NULL ? value : &null, &key[i]);
    }
    return fits;
}

// Up to two ids of records with the key that a commit sees, changed after `past`.
static bool key_look(struct ram_home *home, const struct datatype *datatype, const struct value *key, int64_t past,
                     int64_t at, int64_t ids[2], size_t *count) {
    *count = 0;
    struct ram_records *records = ram_records_of(home, datatype->name);
    struct text text;
    if (records == NULL || !key_fit(home, records, datatype) ||
        !key_text(&home->arena, key, datatype->key_count, &text)) {
        return false;
    }
    const uint64_t *place = map_find(&records->ids, text);
    const struct ram_key_id *id = place != NULL ? (const struct ram_key_id *)(uintptr_t)*place : NULL;
    for (; id != NULL && *count < 2; id = id->next) {
        const struct ram_row *row = ram_row(records, id->id, at);
        if (row != NULL && row->seq > past && key_fits(datatype, key, row)) {
            ids[(*count)++] = id->id;
        }
    }
    return true;
}

bool ram_key_find(struct store *store, const struct datatype *datatype, const struct value *key, int64_t ids[2],
                  size_t *count, struct error *error) {
    int64_t at;
    struct ram_home *home = ram_read(store, &at);
    *count = 0;
    bool ok = datatype->key_count == 0 || key_look(home, datatype, key, 0, at, ids, count);
    ram_leave(home);
    return ok || error_memory(error);
}

bool ram_key_taken(struct ram_home *home, const struct effect *effect, int64_t seen_seq, bool *taken,
                   struct error *error) {
    const struct datatype *datatype = effect->datatype;
    *taken = false;
    struct value *key = arena_take_zero(&home->arena, datatype->key_count, sizeof *key);
    if (key == NULL) {
        return error_memory(error);
    }
    for (size_t i = 0; i < datatype->key_count; i++) {
        const struct value *value = &effect->fields[datatype->key[i]];
        key[i] = value_empty(value) ? value_null() : *value;
    }
    int64_t ids[2];
    size_t count;
    if (!key_look(home, datatype, key, seen_seq, home->commit, ids, &count)) {
        return error_memory(error);
    }
    *taken = count > 0;
    return true;
}

// --- records ---

bool ram_record_find(struct store *store, const struct datatype *datatype, int64_t id, struct arena *arena,
                     struct home_row *out, struct error *error) {
    *out = (struct home_row){0};
    int64_t at;
    struct ram_home *home = ram_read(store, &at);
    const struct ram_records *records = ram_records_of(home, datatype->name);
    const struct ram_row *row = records != NULL ? ram_row(records, id, at) : NULL;
    bool ok = records != NULL && (row == NULL || ram_row_copy(arena, row, datatype, out));
    ram_leave(home);
    return ok || error_memory(error);
}

bool ram_row_put(struct ram_home *home, struct ram_change *change, const struct datatype *datatype,
                 const struct ram_row *row, struct error *error) {
    struct ram_records *records = ram_records_of(home, datatype->name);
    bool ok = records != NULL && key_fit(home, records, datatype) &&
              ram_put(change, &records->rows, ram_number_key(&row->id), row->id, row) && key_add(home, records, row);
    return ok || error_memory(error);
}

bool ram_record_drop(struct ram_home *home, struct ram_change *change, struct text datatype, int64_t id,
                     struct error *error) {
    struct ram_records *records = ram_records_of(home, datatype);
    return (records != NULL && ram_put(change, &records->rows, ram_number_key(&id), id, NULL)) || error_memory(error);
}

// What a field of home gets: the effect's value, else (home knows more fields than the effect's datatype does) what
// stood there, else the default.
static const struct value *value_for(const struct field *field, const struct effect *effect,
                                     const struct ram_row *old) {
    static const struct value null = {.kind = VALUE_NULL};
    uint32_t place = shape_find(effect->datatype->shape, field->name);
    const struct value *value = &field->fallback;
    if (place != SHAPE_NONE) {
        value = &effect->fields[place];
    } else if (old != NULL) {
        value = object_find(&old->fields, field->name);
    }
    return value == NULL || value_empty(value) ? &null : value;
}

bool ram_record_put(struct ram_home *home, struct ram_change *change, const struct effect *effect, struct text origin,
                    const struct ram_row *old, int64_t seq, struct error *error) {
    const struct datatype *known = ram_datatype(home, effect->datatype->name, RAM_NEWEST);
    assert(known != NULL && known->count >= effect->datatype->count); // store_prepare saw to it
    struct ram_row *row = arena_take_zero(&home->arena, 1, sizeof *row);
    struct value *values = arena_take_zero(&home->arena, known->count, sizeof *values);
    if (row == NULL || values == NULL || !arena_text(&home->arena, origin, &row->origin) ||
        !value_copy(&home->arena, &effect->extra, &row->extra)) {
        return error_memory(error);
    }
    for (size_t i = 0; i < known->count; i++) {
        if (!value_copy(&home->arena, value_for(&known->fields[i], effect, old), &values[i])) {
            return error_memory(error);
        }
    }
    row->id = effect->id;
    row->seq = seq;
    row->fields = (struct object){known->shape, values};
    return ram_row_put(home, change, effect->datatype, row, error);
}

#include "store/store_memory_parts.h"

// The row that has the key now, or NULL.
static const void *row_at(const struct ram_table *table, struct text key) {
    const struct ram_version *version = ram_find(table, key, RAM_NEWEST);
    return version != NULL ? version->row : NULL;
}

static bool pending_same(const struct pending_row *a, const struct pending_row *b) {
    return text_same(a->awaits_datasource, b->awaits_datasource) && text_same(a->awaits_type, b->awaits_type) &&
           text_same(a->awaits_external, b->awaits_external) && print_same(a->seen, b->seen) &&
           value_same(&a->fields, &b->fields);
}

bool ram_pending_put(struct ram_home *home, struct ram_change *change, const struct pending_row *row,
                     struct error *error) {
    bool is_held = row->home == 0;
    struct text held[] = {TEXT_LITERAL("held"), row->datasource, row->datatype, row->external};
    struct text waits[] = {TEXT_LITERAL("field"), row->datatype, ram_number_key(&row->home), row->field};
    struct pending_row *copy = arena_take(&home->arena, sizeof *copy);
    struct text key;
    if (copy == NULL || !ram_join_key(&home->arena, is_held ? held : waits, 4, &key) ||
        !ram_pending_copy(&home->arena, row, copy)) {
        return error_memory(error);
    }
    const struct pending_row *old = row_at(&home->pendings, key);
    if (old != NULL && pending_same(old, row)) {
        return true;
    }
    // A replacement has a number of its own: a page that was decided on the old row must not take the new one away.
    if (!ram_number_next(home, change, "pending", &copy->id, error)) {
        return false;
    }
    return ram_put(change, &home->pendings, key, copy->id, copy) || error_memory(error);
}

bool ram_dead_put(struct ram_home *home, struct ram_change *change, const struct dead_row *row, struct error *error) {
    struct dead_row put = *row;
    put.direction = row->direction.length > 0 ? row->direction : TEXT_LITERAL("pull");
    struct text parts[] = {put.flow, put.direction, put.type, put.external};
    struct dead_row *copy = arena_take(&home->arena, sizeof *copy);
    struct text key;
    if (copy == NULL || !ram_join_key(&home->arena, parts, 4, &key) || !ram_dead_copy(&home->arena, &put, copy)) {
        return error_memory(error);
    }
    const struct dead_row *old = row_at(&home->deads, key);
    if (old != NULL && print_same(old->print, row->print) && text_same(old->code, row->code) &&
        old->attempts == row->attempts) {
        return true;
    }
    if (old != NULL) {
        copy->id = old->id;
        copy->place = row->place.length > 0 ? copy->place : old->place;
    } else if (!ram_number_next(home, change, "dead", &copy->id, error)) {
        return false;
    }
    return ram_put(change, &home->deads, key, copy->id, copy) || error_memory(error);
}

bool ram_conflict_put(struct ram_home *home, struct ram_change *change, const struct conflict_row *row, bool *added,
                      struct error *error) {
    char hex[PRINT_HEX + 1];
    print_hex(row->print, hex);
    bool is_repeat = text_is(row->kind, "repeat");
    int64_t id = 0;
    struct text repeat[] = {row->kind, row->datasource, row->datatype, row->external, text_of(hex)};
    struct text key;
    struct conflict_row *copy = arena_take(&home->arena, sizeof *copy);
    if (copy == NULL || !ram_join_key(&home->arena, repeat, 5, &key)) {
        return error_memory(error);
    }
    const struct conflict_row *old = is_repeat ? row_at(&home->conflicts, key) : NULL;
    if (old == NULL && !ram_number_next(home, change, "conflict", &id, error)) {
        return false;
    }
    struct text edit[] = {row->kind, ram_number_key(&id)};
    if (!ram_conflict_copy(&home->arena, old != NULL ? old : row, copy) ||
        (!is_repeat && !ram_join_key(&home->arena, edit, 2, &key))) {
        return error_memory(error);
    }
    copy->id = old != NULL ? old->id : id;
    copy->met_run = row->met_run;
    if (added != NULL) {
        *added = old == NULL;
    }
    return ram_put(change, &home->conflicts, key, copy->id, copy) || error_memory(error);
}

bool ram_logs_put(struct ram_home *home, struct ram_change *change, int64_t run, const struct log_row *logs,
                  size_t count, struct error *error) {
    for (size_t i = 0; i < count; i++) {
        int64_t id;
        struct ram_log *log = arena_take(&home->arena, sizeof *log);
        if (log == NULL || !arena_text(&home->arena, logs[i].text, &log->row.text)) {
            return error_memory(error);
        }
        log->run = run;
        log->row.at_us = logs[i].at_us;
        log->row.level = logs[i].level;
        if (!ram_number_next(home, change, "log", &id, error)) {
            return false;
        }
        if (!ram_put(change, &home->logs, ram_number_key(&id), id, log)) {
            return error_memory(error);
        }
    }
    return true;
}

// The key of the row with an id; data is NULL when there is none.
static struct text row_key(const struct ram_table *table, int64_t id) {
    for (size_t i = 0; i < table->count; i++) {
        const struct ram_version *version = ram_visible(table->cells[i], RAM_NEWEST);
        if (version != NULL && version->id == id) {
            return table->cells[i]->key;
        }
    }
    return (struct text){NULL, 0};
}

bool ram_rows_done(struct ram_change *change, struct ram_table *table, const int64_t *ids, size_t count,
                   struct error *error) {
    for (size_t i = 0; i < count; i++) {
        struct text key = row_key(table, ids[i]);
        if (key.data != NULL && !ram_put(change, table, key, ids[i], NULL)) {
            return error_memory(error);
        }
    }
    return true;
}

#include "store/store_memory_table.h"

#include <string.h>

#include "base/memory.h"

void ram_table_clear(struct ram_table *table) {
    map_clear(&table->places);
    memory_free(table->cells);
    *table = (struct ram_table){0};
}

static struct ram_cell *cell_find(const struct ram_table *table, struct text key) {
    uint64_t *place = map_find(&table->places, key);
    return place != NULL ? table->cells[*place] : NULL;
}

const struct ram_version *ram_visible(const struct ram_cell *cell, int64_t at) {
    const struct ram_version *version = cell->newest;
    while (version != NULL && at != RAM_NEWEST && version->since > at) {
        version = version->older;
    }
    return version != NULL && version->row != NULL ? version : NULL;
}

const struct ram_version *ram_find(const struct ram_table *table, struct text key, int64_t at) {
    struct ram_cell *cell = cell_find(table, key);
    return cell != NULL ? ram_visible(cell, at) : NULL;
}

// An empty cell says the same as none, so one that is made for a change that is given up does no harm.
static struct ram_cell *cell_make(struct ram_table *table, struct arena *arena, struct text key) {
    if (table->count == table->capacity) {
        size_t capacity = table->capacity > 0 ? table->capacity * 2 : 16;
        struct ram_cell **cells = memory_grow(table->cells, capacity, sizeof(struct ram_cell *));
        if (cells == NULL) {
            return NULL;
        }
        table->cells = cells;
        table->capacity = capacity;
    }
    struct ram_cell *cell = arena_take_zero(arena, 1, sizeof *cell);
    if (cell == NULL || !arena_text(arena, key, &cell->key) || !map_put(&table->places, cell->key, table->count)) {
        return NULL;
    }
    table->cells[table->count++] = cell;
    return cell;
}

void ram_change_begin(struct ram_change *change, struct arena *arena, int64_t since) {
    *change = (struct ram_change){.arena = arena, .since = since};
}

bool ram_put(struct ram_change *change, struct ram_table *table, struct text key, int64_t id, const void *row) {
    if (change->count == change->capacity) {
        size_t capacity = change->capacity > 0 ? change->capacity * 2 : 64;
        struct ram_cell **touched = memory_grow(change->touched, capacity, sizeof(struct ram_cell *));
        if (touched == NULL) {
            return false;
        }
        change->touched = touched;
        change->capacity = capacity;
    }
    struct ram_cell *cell = cell_find(table, key);
    if (cell == NULL) {
        cell = cell_make(table, change->arena, key);
    }
    struct ram_version *version = arena_take(change->arena, sizeof *version);
    if (cell == NULL || version == NULL) {
        return false;
    }
    *version = (struct ram_version){change->since, id, row, cell->newest};
    cell->newest = version;
    change->touched[change->count++] = cell;
    return true;
}

void ram_change_end(struct ram_change *change, bool keep) {
    while (!keep && change->count > 0) {
        struct ram_cell *cell = change->touched[--change->count];
        cell->newest = cell->newest->older;
    }
    memory_free(change->touched);
    *change = (struct ram_change){0};
}

void ram_table_restore(struct ram_table *table, int64_t commit) {
    for (size_t i = 0; i < table->count; i++) {
        struct ram_cell *cell = table->cells[i];
        while (cell->newest != NULL && cell->newest->since > commit) {
            cell->newest = cell->newest->older;
        }
    }
}

struct text ram_number_key(const int64_t *room) {
    return (struct text){(const char *)room, sizeof *room};
}

bool ram_join_key(struct arena *arena, const struct text *parts, size_t count, struct text *out) {
    size_t length = 0;
    for (size_t i = 0; i < count; i++) {
        length += sizeof parts[i].length + parts[i].length;
    }
    char *key = arena_take(arena, length);
    if (key == NULL) {
        return false;
    }
    *out = (struct text){key, length};
    for (size_t i = 0; i < count; i++) {
        memcpy(key, &parts[i].length, sizeof parts[i].length);
        key += sizeof parts[i].length;
        if (parts[i].length > 0) {
            memcpy(key, parts[i].data, parts[i].length);
        }
        key += parts[i].length;
    }
    return true;
}

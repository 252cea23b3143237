#include <stdlib.h>

#include "base/memory.h"
#include "store/store_memory_parts.h"

bool ram_datatype_find(struct store *store, struct text name, struct arena *arena, const struct datatype **out,
                       struct error *error) {
    int64_t at;
    struct ram_home *home = ram_read(store, &at);
    const struct datatype *known = ram_datatype(home, name, RAM_NEWEST); // either side may ask
    *out = NULL;
    bool ok = known == NULL || ram_datatype_copy(arena, known, out);
    ram_leave(home);
    return ok || error_memory(error);
}

static bool is_awaited(const struct pending_row *row, struct text datasource, struct text type) {
    bool any = datasource.length == 0 && type.length == 0;
    return any || (text_same(row->awaits_datasource, datasource) && text_same(row->awaits_type, type));
}

bool ram_pending_count(struct store *store, struct text datasource, struct text type, int64_t *out,
                       struct error *error) {
    (void)error; // counting needs no memory
    *out = 0;
    int64_t at;
    struct ram_home *home = ram_read(store, &at);
    for (size_t i = 0; i < home->pendings.count; i++) {
        const struct ram_version *version = ram_visible(home->pendings.cells[i], at);
        *out += version != NULL && is_awaited(version->row, datasource, type);
    }
    ram_leave(home);
    return true;
}

static bool external_is_awaited(const void *row, struct text external) {
    return text_same(((const struct pending_row *)row)->awaits_external, external);
}

bool ram_pending_find(struct store *store, struct text datasource, struct text type, struct text external,
                      struct arena *arena, struct pending_row *out, size_t max, size_t *count, struct error *error) {
    struct ram_found found = {0};
    *count = 0;
    int64_t at;
    struct ram_home *home = ram_read(store, &at);
    bool ok = ram_found_add(&found, &home->pendings, at, external_is_awaited, external, error);
    ram_found_sort(&found);
    for (size_t i = 0; ok && i < found.count && *count < max; i++) {
        const struct pending_row *row = found.versions[i]->row;
        if (text_same(row->awaits_datasource, datasource) && text_same(row->awaits_type, type)) {
            ok = ram_pending_copy(arena, row, &out[*count]) || error_memory(error);
            *count += ok;
        }
    }
    ram_leave(home);
    ram_found_clear(&found);
    return ok;
}

bool ram_checkpoint_find(struct store *store, struct text key, struct arena *arena, bool *found, struct checkpoint *out,
                         struct error *error) {
    int64_t at;
    struct ram_home *home = ram_read(store, &at);
    const struct ram_version *version = ram_find(&home->checkpoints, key, at);
    *found = version != NULL;
    bool ok = version == NULL || ram_checkpoint_copy(arena, version->row, out);
    ram_leave(home);
    return ok || error_memory(error);
}

bool ram_found_add(struct ram_found *found, const struct ram_table *table, int64_t at,
                   bool (*fits)(const void *row, struct text filter), struct text filter, struct error *error) {
    for (size_t i = 0; i < table->count; i++) {
        const struct ram_version *version = ram_visible(table->cells[i], at);
        if (version == NULL || (fits != NULL && !fits(version->row, filter))) {
            continue;
        }
        if (found->count == found->capacity) {
            size_t capacity = found->capacity > 0 ? found->capacity * 2 : 64;
            struct ram_version const **versions =
                memory_grow(found->versions, capacity, sizeof(const struct ram_version *));
            if (versions == NULL) {
                return error_memory(error);
            }
            found->versions = versions;
            found->capacity = capacity;
        }
        found->versions[found->count++] = version;
    }
    return true;
}

static int id_order(const void *left, const void *right) {
    const struct ram_version *a = *(const struct ram_version *const *)left;
    const struct ram_version *b = *(const struct ram_version *const *)right;
    return (a->id > b->id) - (a->id < b->id);
}

void ram_found_order(struct ram_found *found, int (*order)(const void *left, const void *right)) {
    if (found->count > 0) {
        qsort(found->versions, found->count, sizeof(const struct ram_version *), order);
    }
}

void ram_found_sort(struct ram_found *found) {
    ram_found_order(found, id_order);
}

void ram_found_clear(struct ram_found *found) {
    memory_free(found->versions);
    *found = (struct ram_found){0};
}

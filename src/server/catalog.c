#include "server/catalog.h"

#include <pthread.h>
#include <string.h>

#include "base/memory.h"
#include "format/format_json.h"

// One sync, in one piece of memory with its texts behind it.
struct entry {
    struct sync_row row;
};

struct catalog {
    struct ledger *ledger;
    pthread_mutex_t mutex;
    struct entry **entries; // by org and name
    size_t count, room;
};

static int order(struct text org_a, struct text name_a, struct text org_b, struct text name_b) {
    int by_org = text_compare(org_a, org_b);
    return by_org != 0 ? by_org : text_compare(name_a, name_b);
}

// Where it stands, or would stand.
static size_t place_of(const struct catalog *catalog, struct text org, struct text name, bool *found) {
    size_t low = 0;
    size_t high = catalog->count;
    *found = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct sync_row *row = &catalog->entries[middle]->row;
        int way = order(org, name, row->org, row->name);
        if (way == 0) {
            *found = true;
            return middle;
        }
        *(way < 0 ? &high : &low) = way < 0 ? middle : middle + 1;
    }
    return low;
}

static struct entry *entry_make(const struct sync_row *row) {
    const struct text *const from[] = {&row->org, &row->name, &row->manifest, &row->snapshot, &row->broken};
    size_t bytes = sizeof(struct entry);
    for (size_t i = 0; i < 5; i++) {
        bytes += from[i]->length;
    }
    struct entry *entry = memory_take(bytes);
    if (entry == NULL) {
        return NULL;
    }
    char *room = (char *)(entry + 1);
    entry->row = *row;
    struct text *const into[] = {&entry->row.org, &entry->row.name, &entry->row.manifest, &entry->row.snapshot,
                                 &entry->row.broken};
    for (size_t i = 0; i < 5; i++) {
        if (from[i]->length > 0) {
            memcpy(room, from[i]->data, from[i]->length);
        }
        *into[i] = (struct text){room, from[i]->length};
        room += from[i]->length;
    }
    return entry;
}

static bool entry_put(struct catalog *catalog, const struct sync_row *row) {
    bool found;
    struct entry *entry = entry_make(row);
    if (entry == NULL) {
        return false;
    }
    size_t place = place_of(catalog, row->org, row->name, &found);
    if (found) {
        memory_free(catalog->entries[place]);
        catalog->entries[place] = entry;
        return true;
    }
    if (catalog->count == catalog->room) {
        size_t room = catalog->room > 0 ? catalog->room * 2 : 64;
        struct entry **entries = memory_grow(catalog->entries, room, sizeof(struct entry *));
        if (entries == NULL) {
            memory_free(entry);
            return false;
        }
        catalog->entries = entries;
        catalog->room = room;
    }
    memmove(catalog->entries + place + 1, catalog->entries + place, (catalog->count - place) * sizeof(struct entry *));
    catalog->entries[place] = entry;
    catalog->count++;
    return true;
}

static bool take_row(void *context, const struct sync_row *row, struct error *error) {
    return entry_put(context, row) || error_memory(error);
}

bool catalog_open(struct ledger *ledger, struct catalog **out, struct error *error) {
    struct catalog *catalog = memory_zero(1, sizeof *catalog);
    *out = catalog;
    if (catalog == NULL) {
        return error_memory(error);
    }
    catalog->ledger = ledger;
    pthread_mutex_init(&catalog->mutex, NULL);
    return ledger_sync_scan(ledger, take_row, catalog, error);
}

void catalog_close(struct catalog *catalog) {
    if (catalog == NULL) {
        return;
    }
    for (size_t i = 0; i < catalog->count; i++) {
        memory_free(catalog->entries[i]);
    }
    memory_free(catalog->entries);
    pthread_mutex_destroy(&catalog->mutex);
    memory_free(catalog);
}

// --- reading ---

static bool copy_out(const struct sync_row *row, struct arena *arena, struct catalog_sync *out, struct error *error) {
    *out = (struct catalog_sync){.paused = row->paused, .planned_us = row->planned_us, .next_us = row->next_us};
    if (!arena_text(arena, row->org, &out->org) || !arena_text(arena, row->name, &out->name) ||
        !arena_text(arena, row->manifest, &out->manifest) || !arena_text(arena, row->snapshot, &out->snapshot) ||
        !arena_text(arena, row->broken, &out->broken)) {
        return error_memory(error);
    }
    return true;
}

// Outside the lock: reading JSON takes longer than copying it.
static bool read_declared(struct catalog_sync *sync, struct arena *arena, struct error *error) {
    return sync->manifest.length == 0 || json_read(sync->manifest, arena, NULL, &sync->declared, error);
}

bool catalog_find(struct catalog *catalog, struct text org, struct text name, struct arena *arena, bool *found,
                  struct catalog_sync *out, struct error *error) {
    pthread_mutex_lock(&catalog->mutex);
    size_t place = place_of(catalog, org, name, found);
    bool ok = !*found || copy_out(&catalog->entries[place]->row, arena, out, error);
    pthread_mutex_unlock(&catalog->mutex);
    return ok && (!*found || read_declared(out, arena, error));
}

static bool collect(struct catalog *catalog, bool (*wanted)(const struct sync_row *row, const void *what),
                    const void *what, struct arena *arena, struct catalog_sync **out, size_t *count,
                    struct error *error) {
    *count = 0;
    pthread_mutex_lock(&catalog->mutex);
    *out = arena_take(arena, (catalog->count + 1) * sizeof **out);
    bool ok = *out != NULL || error_memory(error);
    for (size_t i = 0; ok && i < catalog->count; i++) {
        const struct sync_row *row = &catalog->entries[i]->row;
        if (wanted(row, what)) {
            ok = copy_out(row, arena, &(*out)[*count], error);
            ++*count;
        }
    }
    pthread_mutex_unlock(&catalog->mutex);
    for (size_t i = 0; ok && i < *count; i++) {
        ok = read_declared(&(*out)[i], arena, error);
    }
    return ok;
}

static bool is_of_org(const struct sync_row *row, const void *what) {
    const struct text *org = what;
    return org->length == 0 || text_same(row->org, *org);
}

bool catalog_list(struct catalog *catalog, struct text org, struct arena *arena, struct catalog_sync **out,
                  size_t *count, struct error *error) {
    return collect(catalog, is_of_org, &org, arena, out, count, error);
}

static bool is_due(const struct sync_row *row, const void *what) {
    return row->next_us != 0 && row->next_us <= *(const int64_t *)what;
}

bool catalog_due(struct catalog *catalog, int64_t now_us, struct arena *arena, struct catalog_sync **out, size_t *count,
                 struct error *error) {
    return collect(catalog, is_due, &now_us, arena, out, count, error);
}

int64_t catalog_next(struct catalog *catalog) {
    int64_t next_us = 0;
    pthread_mutex_lock(&catalog->mutex);
    for (size_t i = 0; i < catalog->count; i++) {
        int64_t due_us = catalog->entries[i]->row.next_us;
        if (due_us != 0 && (next_us == 0 || due_us < next_us)) {
            next_us = due_us;
        }
    }
    pthread_mutex_unlock(&catalog->mutex);
    return next_us;
}

// --- changing ---

bool catalog_note(struct catalog *catalog, const struct sync_row *row, struct error *error) {
    bool found;
    struct sync_row copy = *row;
    pthread_mutex_lock(&catalog->mutex);
    // A pause may have come meanwhile from another thread.
    size_t place = place_of(catalog, row->org, row->name, &found);
    copy.paused = found && catalog->entries[place]->row.paused;
    bool ok = entry_put(catalog, &copy) || error_memory(error);
    pthread_mutex_unlock(&catalog->mutex);
    return ok;
}

bool catalog_put(struct catalog *catalog, const struct sync_row *row, struct error *error) {
    return ledger_sync_put(catalog->ledger, row, error) && catalog_note(catalog, row, error);
}

bool catalog_drop(struct catalog *catalog, struct text org, struct text name, struct error *error) {
    bool found;
    bool gone;
    bool ok = true;
    if (!ledger_sync_drop(catalog->ledger, org, name, &gone, error)) {
        return false;
    }
    pthread_mutex_lock(&catalog->mutex);
    size_t place = place_of(catalog, org, name, &found);
    if (found && !gone && catalog->entries[place]->row.paused) {
        struct sync_row row = {.org = org,
                               .name = name,
                               .broken = text_of(LEDGER_SCRIPT_GONE),
                               .paused = true,
                               .planned_us = catalog->entries[place]->row.planned_us};
        ok = entry_put(catalog, &row) || error_memory(error);
    } else if (found) {
        memory_free(catalog->entries[place]);
        catalog->count--;
        memmove(catalog->entries + place, catalog->entries + place + 1,
                (catalog->count - place) * sizeof(struct entry *));
    }
    pthread_mutex_unlock(&catalog->mutex);
    return ok;
}

bool catalog_pause(struct catalog *catalog, struct text org, struct text name, bool paused, const struct actor *who,
                   struct error *error) {
    bool found;
    if (!ledger_sync_pause(catalog->ledger, org, name, paused, who, error)) {
        return false;
    }
    pthread_mutex_lock(&catalog->mutex);
    size_t place = place_of(catalog, org, name, &found);
    if (found) {
        catalog->entries[place]->row.paused = paused;
    }
    pthread_mutex_unlock(&catalog->mutex);
    return true;
}

#include "store/store_memory_home.h"

#include <assert.h>

#include "base/memory.h"
#include "store/store_memory.h"
#include "store/store_memory_parts.h"

static pthread_mutex_t registry_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct ram_home *homes;
static enum store_memory_outcome (*hook_ask)(void *context, const char *call);
static void *hook_context;

void store_memory_hook(enum store_memory_outcome (*hook)(void *context, const char *call), void *context) {
    hook_ask = hook;
    hook_context = context;
}

static struct ram_home *home_make(struct text folder) {
    struct ram_home *home = memory_zero(1, sizeof *home);
    if (home == NULL) {
        return NULL;
    }
    arena_init(&home->arena, SIZE_MAX / 2);
    if (!arena_text(&home->arena, folder, &home->folder) || pthread_mutex_init(&home->mutex, NULL) != 0) {
        arena_clear(&home->arena);
        memory_free(home);
        return NULL;
    }
    home->next = homes;
    homes = home;
    return home;
}

struct ram_home *ram_home_find(struct text folder, bool make) {
    pthread_mutex_lock(&registry_mutex);
    struct ram_home *home = homes;
    while (home != NULL && !text_same(home->folder, folder)) {
        home = home->next;
    }
    if (home == NULL && make) {
        home = home_make(folder);
    }
    pthread_mutex_unlock(&registry_mutex);
    return home;
}

enum { RAM_TABLES = 19 };

static void home_tables(struct ram_home *home, struct ram_table *out[RAM_TABLES]) {
    struct ram_table *const tables[RAM_TABLES] = {
        &home->numbers, &home->datatypes, &home->modules,   &home->runs,        &home->logs,
        &home->deads,   &home->pendings,  &home->conflicts, &home->checkpoints, &home->audits,
        &home->graves,  &home->bases,     &home->intents,   &home->watermarks,  &home->helds,
        &home->stales,  &home->texts,     &home->inboxes,   &home->closeds,
    };
    for (size_t i = 0; i < RAM_TABLES; i++) {
        out[i] = tables[i];
    }
}

static void home_free(struct ram_home *home) {
    struct ram_table *tables[RAM_TABLES];
    home_tables(home, tables);
    for (size_t i = 0; i < RAM_TABLES; i++) {
        ram_table_clear(tables[i]);
    }
    for (struct ram_records *records = home->records; records != NULL; records = records->next) {
        ram_table_clear(&records->rows);
        map_clear(&records->ids);
    }
    for (struct ram_links *links = home->links; links != NULL; links = links->next) {
        ram_table_clear(&links->by_home);
        ram_table_clear(&links->by_external);
    }
    pthread_mutex_destroy(&home->mutex);
    arena_clear(&home->arena);
    memory_free(home);
}

void store_memory_forget(void) {
    pthread_mutex_lock(&registry_mutex);
    while (homes != NULL) {
        struct ram_home *home = homes;
        homes = home->next;
        home_free(home);
    }
    pthread_mutex_unlock(&registry_mutex);
}

void store_memory_crash(void) {
    pthread_mutex_lock(&registry_mutex);
    for (struct ram_home *home = homes; home != NULL; home = home->next) {
        pthread_mutex_lock(&home->mutex);
        for (struct ram_holder *holder = home->holders; holder != NULL; holder = holder->next) {
            holder->token = 0;
        }
        pthread_mutex_unlock(&home->mutex);
    }
    pthread_mutex_unlock(&registry_mutex);
}

// A backup is the number of a commit: every version of every row is there.
int64_t store_memory_backup(struct text folder) {
    struct ram_home *home = ram_home_find(folder, false);
    return home != NULL ? home->commit : 0;
}

void store_memory_restore(struct text folder, int64_t backup) {
    struct ram_home *home = ram_home_find(folder, false);
    if (home == NULL) {
        return;
    }
    pthread_mutex_lock(&home->mutex);
    struct ram_table *tables[RAM_TABLES];
    home_tables(home, tables);
    for (size_t i = 0; i < RAM_TABLES; i++) {
        ram_table_restore(tables[i], backup);
    }
    for (struct ram_records *records = home->records; records != NULL; records = records->next) {
        ram_table_restore(&records->rows, backup);
    }
    for (struct ram_links *links = home->links; links != NULL; links = links->next) {
        ram_table_restore(&links->by_home, backup);
        ram_table_restore(&links->by_external, backup);
    }
    home->commit = backup;
    pthread_mutex_unlock(&home->mutex);
}

// The text that a table has under a number.
static struct text table_text(struct ram_home *home, const struct ram_table *table, int64_t number) {
    pthread_mutex_lock(&home->mutex);
    const struct ram_version *version = ram_find(table, ram_number_key(&number), RAM_NEWEST);
    pthread_mutex_unlock(&home->mutex);
    return version != NULL ? *(const struct text *)version->row : TEXT_LITERAL("");
}

struct text store_memory_modules(struct text folder) {
    struct ram_home *home = ram_home_find(folder, false);
    return home != NULL ? table_text(home, &home->modules, RAM_MODULES) : TEXT_LITERAL("");
}

struct text store_memory_audit(struct text folder, size_t index) {
    struct ram_home *home = ram_home_find(folder, false);
    return home != NULL ? table_text(home, &home->audits, (int64_t)index + 1) : TEXT_LITERAL("");
}

struct ram_home *ram_begin(struct store *store, struct ram_change *change) {
    struct ram_store *ram = (struct ram_store *)store;
    assert(!ram->read_only);
    pthread_mutex_lock(&ram->home->mutex);
    ram_change_begin(change, &ram->home->arena, ram->home->commit + 1);
    return ram->home;
}

bool ram_finish(struct ram_home *home, struct ram_change *change, const char *call, bool ok, struct error *error) {
    enum store_memory_outcome outcome = STORE_MEMORY_COMMIT;
    if (ok && hook_ask != NULL) {
        outcome = hook_ask(hook_context, call);
    }
    bool keep = ok && outcome != STORE_MEMORY_REFUSE;
    home->commit += keep;
    ram_change_end(change, keep);
    if (keep) {
        ram_mark_tell(home);
    }
    pthread_mutex_unlock(&home->mutex);
    if (ok && outcome != STORE_MEMORY_COMMIT) {
        return error_set(error, ERROR_HOME_IO, "home in memory was told to fail its %s; run again", call);
    }
    return ok;
}

struct ram_home *ram_read(struct store *store, int64_t *at) {
    struct ram_store *ram = (struct ram_store *)store;
    pthread_mutex_lock(&ram->home->mutex);
    *at = ram->at;
    return ram->home;
}

void ram_leave(struct ram_home *home) {
    pthread_mutex_unlock(&home->mutex);
}

int64_t ram_number(const struct ram_home *home, struct text name, int64_t at) {
    const struct ram_version *version = ram_find(&home->numbers, name, at);
    return version != NULL ? version->id : 0;
}

bool ram_number_put(struct ram_home *home, struct ram_change *change, struct text name, int64_t value,
                    struct error *error) {
    return ram_put(change, &home->numbers, name, value, "") || error_memory(error);
}

bool ram_number_next(struct ram_home *home, struct ram_change *change, const char *name, int64_t *out,
                     struct error *error) {
    *out = ram_number(home, text_of(name), RAM_NEWEST) + 1;
    return ram_number_put(home, change, text_of(name), *out, error);
}

struct ram_records *ram_records_of(struct ram_home *home, struct text datatype) {
    struct ram_records *records = home->records;
    while (records != NULL && !text_same(records->datatype, datatype)) {
        records = records->next;
    }
    if (records == NULL) {
        records = arena_take_zero(&home->arena, 1, sizeof *records);
        if (records == NULL || !arena_text(&home->arena, datatype, &records->datatype)) {
            return NULL;
        }
        records->next = home->records;
        home->records = records;
    }
    return records;
}

struct ram_links *ram_links_of(struct ram_home *home, struct text datasource, struct text datatype) {
    struct ram_links *links = home->links;
    while (links != NULL && (!text_same(links->datasource, datasource) || !text_same(links->datatype, datatype))) {
        links = links->next;
    }
    if (links == NULL) {
        struct text mode[] = {TEXT_LITERAL("bulk"), datasource, datatype};
        struct text tracks[] = {TEXT_LITERAL("tracked"), datasource, datatype};
        links = arena_take_zero(&home->arena, 1, sizeof *links);
        if (links == NULL || !arena_text(&home->arena, datasource, &links->datasource) ||
            !arena_text(&home->arena, datatype, &links->datatype) ||
            !ram_join_key(&home->arena, mode, 3, &links->mode) ||
            !ram_join_key(&home->arena, tracks, 3, &links->tracks)) {
            return NULL;
        }
        links->next = home->links;
        home->links = links;
    }
    return links;
}

struct ram_holder *ram_holder_of(struct ram_home *home, struct text key) {
    struct ram_holder *holder = home->holders;
    while (holder != NULL && !text_same(holder->key, key)) {
        holder = holder->next;
    }
    if (holder == NULL) {
        holder = arena_take_zero(&home->arena, 1, sizeof *holder);
        if (holder == NULL || !arena_text(&home->arena, key, &holder->key)) {
            return NULL;
        }
        holder->next = home->holders;
        home->holders = holder;
    }
    return holder;
}

const struct datatype *ram_datatype(const struct ram_home *home, struct text name, int64_t at) {
    const struct ram_version *version = ram_find(&home->datatypes, name, at);
    return version != NULL ? version->row : NULL;
}

const struct ram_row *ram_row(const struct ram_records *records, int64_t id, int64_t at) {
    const struct ram_version *version = ram_find(&records->rows, ram_number_key(&id), at);
    return version != NULL ? version->row : NULL;
}

const struct ram_link *ram_link(const struct ram_links *links, int64_t home, int64_t at) {
    const struct ram_version *version = ram_find(&links->by_home, ram_number_key(&home), at);
    return version != NULL ? version->row : NULL;
}

const struct ram_grave *ram_grave(const struct ram_home *home, int64_t id, int64_t at) {
    const struct ram_version *version = ram_find(&home->graves, ram_number_key(&id), at);
    return version != NULL ? version->row : NULL;
}

bool ram_lease_check(struct ram_home *home, const struct lease *lease, struct error *error) {
    const struct ram_holder *holder = home->holders;
    while (lease != NULL && holder != NULL && !text_same(holder->key, lease->key)) {
        holder = holder->next;
    }
    if (lease == NULL || (holder != NULL && holder->token == lease->token)) {
        return true;
    }
    return error_set(error, ERROR_LEASE_LOST, "the lease of %.*s is no longer this run's; another run took it over",
                     TEXT_ARGS(lease->key));
}

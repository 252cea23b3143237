#include "store/store_sqlite.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "store/store_sqlite_apply.h"

static void store_free(struct store *base) {
    struct sqlite_store *store = sqlite_of(base);
    if (store == NULL) {
        return;
    }
    if (!store->read_only) {
        sqlite_rollback(store);
    }
    sqlite_linksets_close(store);
    sqlite_tracks_clear(store);
    if (store->writer.db != NULL) {
        sqlite_side_close(&store->writer);
    }
    if (store->reader.db != NULL) {
        sqlite_side_close(&store->reader);
    }
    if (store->lock_file >= 0) {
        close(store->lock_file);
    }
    buffer_clear(&store->batch.scratch);
    buffer_clear(&store->scratch);
    pthread_mutex_destroy(&store->writing);
    pthread_mutex_destroy(&store->linking);
    memory_free(store->folder);
    memory_free(store->path);
    memory_free(store);
}

static char *join(struct text folder, const char *name) {
    size_t length = strlen(name);
    char *path = memory_take(folder.length + length + 1);
    if (path != NULL) {
        memcpy(path, folder.data, folder.length);
        memcpy(path + folder.length, name, length + 1);
    }
    return path;
}

static bool store_make(const struct store_setup *setup, struct store **out, struct error *error) {
    *out = NULL;
    if (setup->folder.length == 0 || memchr(setup->folder.data, '\0', setup->folder.length) != NULL) {
        return error_set(error, ERROR_HOME_OPEN, "home's folder has no name: check ORG and --data");
    }
    struct sqlite_store *store = memory_zero(1, sizeof *store);
    if (store == NULL) {
        return error_memory(error);
    }
    store->store.type = &store_sqlite;
    store->read_only = setup->read_only;
    store->lock_file = -1;
    buffer_init(&store->batch.scratch, HOME_TEXT_MAX);
    buffer_init(&store->scratch, HOME_TEXT_MAX);
    pthread_mutex_init(&store->writing, NULL);
    pthread_mutex_init(&store->linking, NULL);
    store->folder = join(setup->folder, "");
    store->path = join(setup->folder, "/home.db");
    struct error local;
    error_clear(&local);
    bool ok = store->folder != NULL && store->path != NULL ? sqlite_open(store, setup, &local) : error_memory(&local);
    if (!ok) {
        store_free(&store->store);
        if (error != NULL) {
            *error = local;
        }
        return false;
    }
    *out = &store->store;
    return true;
}

const struct store_type store_sqlite = {
    .kind = "sqlite",
    .open = store_make,
    .close = store_free,
    .prepare = sqlite_store_prepare,
    .datatype = sqlite_datatype,
    .linkset = sqlite_linkset,
    .lease_take = sqlite_lease_take,
    .lease_free = sqlite_lease_free,
    .run_begin = sqlite_run_begin,
    .run_end = sqlite_run_end,
    .track = sqlite_track,
    .reserve = sqlite_reserve,
    .commit = sqlite_store_commit,
    .settle = sqlite_settle,
    .snapshot = sqlite_snapshot,
    .snapshot_end = sqlite_snapshot_end,
    .seq = sqlite_seq,
    .link_find = sqlite_link_find,
    .link_of = sqlite_link_of,
    .record_find = sqlite_record_find,
    .key_find = sqlite_key_find,
    .pending_count = sqlite_pending_count,
    .pending_find = sqlite_pending_find,
    .change_scan = sqlite_change_scan,
    .base_find = sqlite_base_find,
    .referrers = sqlite_referrers,
    .watermark_find = sqlite_watermark_find,
    .link_count = sqlite_link_count,
    .unsettled = sqlite_unsettled,
    .restored = sqlite_restored,
    .checkpoint_find = sqlite_checkpoint_find,
    .closed = sqlite_closed,
    .inbox_scan = sqlite_inbox_scan,
    .inbox_count = sqlite_inbox_count,
    .run_scan = sqlite_run_scan,
    .log_scan = sqlite_log_scan,
    .dead_scan = sqlite_dead_scan,
    .pending_scan = sqlite_pending_scan,
    .conflict_scan = sqlite_conflict_scan,
    .link_scan = sqlite_link_scan,
    .record_scan = sqlite_record_scan,
    .intent_scan = sqlite_intent_scan,
    .held_scan = sqlite_held_scan,
    .stale_scan = sqlite_stale_scan,
    .watermark_scan = sqlite_watermark_scan,
    .linkset_scan = sqlite_linkset_scan,
    .module_scan = sqlite_module_scan,
    .datatype_scan = sqlite_datatype_scan,
};

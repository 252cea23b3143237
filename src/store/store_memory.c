#include "store/store_memory.h"

#include "base/memory.h"
#include "store/store_memory_parts.h"

static bool ram_open(const struct store_setup *setup, struct store **out, struct error *error) {
    bool make = setup->create && !setup->read_only;
    struct ram_home *home = ram_home_find(setup->folder, make);
    if (home == NULL && !make) {
        return error_set(error, ERROR_HOME_MISSING, "there is no home in %.*s; run a sync of it first",
                         TEXT_ARGS(setup->folder));
    }
    struct ram_store *store = memory_zero(1, sizeof *store);
    if (home == NULL || store == NULL) {
        memory_free(store);
        return error_memory(error);
    }
    store->store.type = &store_memory;
    store->home = home;
    store->at = RAM_NEWEST;
    store->read_only = setup->read_only;
    *out = &store->store;
    return true;
}

static void ram_close(struct store *store) {
    struct ram_store *ram = (struct ram_store *)store;
    while (ram != NULL && ram->linksets != NULL) {
        struct ram_linkset *linkset = ram->linksets;
        ram->linksets = linkset->next;
        memory_free(linkset);
    }
    memory_free(ram);
}

static bool ram_snapshot(struct store *store, struct error *error) {
    (void)error; // it is only a number
    struct ram_store *ram = (struct ram_store *)store;
    pthread_mutex_lock(&ram->home->mutex);
    ram->at = ram->home->commit;
    pthread_mutex_unlock(&ram->home->mutex);
    return true;
}

static void ram_snapshot_end(struct store *store) {
    struct ram_store *ram = (struct ram_store *)store;
    pthread_mutex_lock(&ram->home->mutex);
    ram->at = RAM_NEWEST;
    pthread_mutex_unlock(&ram->home->mutex);
}

static bool ram_seq(struct store *store, int64_t *out, struct error *error) {
    (void)error; // looking needs no memory
    int64_t at;
    struct ram_home *home = ram_read(store, &at);
    *out = ram_number(home, TEXT_LITERAL("seq"), at);
    ram_leave(home);
    return true;
}

const struct store_type store_memory = {
    .kind = "memory",
    .open = ram_open,
    .close = ram_close,
    .prepare = ram_prepare,
    .datatype = ram_datatype_find,
    .linkset = ram_linkset,
    .lease_take = ram_lease_take,
    .lease_free = ram_lease_free,
    .run_begin = ram_run_begin,
    .run_end = ram_run_end,
    .track = ram_track,
    .reserve = ram_reserve,
    .commit = ram_commit,
    .settle = ram_settle,
    .snapshot = ram_snapshot,
    .snapshot_end = ram_snapshot_end,
    .seq = ram_seq,
    .link_find = ram_link_find,
    .link_of = ram_link_of,
    .record_find = ram_record_find,
    .key_find = ram_key_find,
    .pending_count = ram_pending_count,
    .pending_find = ram_pending_find,
    .change_scan = ram_change_scan,
    .base_find = ram_base_find,
    .referrers = ram_referrers,
    .watermark_find = ram_watermark_find,
    .link_count = ram_link_count,
    .unsettled = ram_unsettled,
    .restored = ram_restored,
    .checkpoint_find = ram_checkpoint_find,
    .closed = ram_closed,
    .inbox_scan = ram_inbox_scan,
    .inbox_count = ram_inbox_count,
    .run_scan = ram_run_scan,
    .log_scan = ram_log_scan,
    .dead_scan = ram_dead_scan,
    .pending_scan = ram_pending_scan,
    .conflict_scan = ram_conflict_scan,
    .link_scan = ram_link_scan,
    .record_scan = ram_record_scan,
    .intent_scan = ram_intent_scan,
    .held_scan = ram_held_scan,
    .stale_scan = ram_stale_scan,
    .watermark_scan = ram_watermark_scan,
    .linkset_scan = ram_linkset_scan,
    .module_scan = ram_module_scan,
    .datatype_scan = ram_datatype_scan,
};

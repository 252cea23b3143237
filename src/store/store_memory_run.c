#include <assert.h>

#include "store/store_memory_parts.h"

// --- leases ---

bool ram_lease_take(struct store *store, struct text key, struct lease *out, struct error *error) {
    struct ram_change change;
    struct ram_home *home = ram_begin(store, &change);
    struct ram_holder *holder = ram_holder_of(home, key);
    struct text parts[] = {TEXT_LITERAL("token"), key};
    struct text name;
    int64_t token = 0;
    bool ok = (holder != NULL && ram_join_key(&home->arena, parts, 2, &name)) || error_memory(error);
    if (ok && holder->token != 0) {
        ok = error_set(error, ERROR_LEASE_HELD, "%.*s is running already; wait for it", TEXT_ARGS(key));
    }
    if (ok) {
        token = ram_number(home, name, RAM_NEWEST) + 1;
        ok = ram_number_put(home, &change, name, token, error);
    }
    if (ok) {
        holder->token = token;
        *out = (struct lease){.key = holder->key, .token = token, .file = -1};
    }
    ok = ram_finish(home, &change, "lease_take", ok, error);
    if (!ok && token != 0) {
        ram_lease_free(store, &(struct lease){.key = key, .token = token});
    }
    return ok;
}

void ram_lease_free(struct store *store, struct lease *lease) {
    struct ram_home *home = ((struct ram_store *)store)->home;
    pthread_mutex_lock(&home->mutex);
    struct ram_holder *holder = home->holders;
    while (holder != NULL && !text_same(holder->key, lease->key)) {
        holder = holder->next;
    }
    if (holder != NULL && holder->token == lease->token) {
        holder->token = 0;
    }
    pthread_mutex_unlock(&home->mutex);
}

// --- runs ---

static bool run_put(struct ram_home *home, struct ram_change *change, const struct run_row *row, struct error *error) {
    struct run_row *copy = arena_take(&home->arena, sizeof *copy);
    bool ok = copy != NULL && ram_run_copy(&home->arena, row, copy) &&
              ram_put(change, &home->runs, ram_number_key(&row->id), row->id, copy);
    return ok || error_memory(error);
}

// The end of the dead runs is not known better than that it was before this one's beginning.
static bool runs_interrupt(struct ram_home *home, struct ram_change *change, struct text key, int64_t at_us,
                           struct error *error) {
    bool ok = true;
    for (size_t i = 0; ok && i < home->runs.count; i++) {
        const struct ram_version *version = ram_visible(home->runs.cells[i], RAM_NEWEST);
        if (version == NULL) {
            continue;
        }
        struct run_row row = *(const struct run_row *)version->row;
        if (row.status == RUN_RUNNING && text_same(row.key, key)) {
            row.status = RUN_INTERRUPTED;
            row.ended_us = at_us;
            ok = run_put(home, change, &row, error);
        }
    }
    return ok;
}

bool ram_run_begin(struct store *store, const struct lease *lease, const struct run_row *row, int64_t *id,
                   struct error *error) {
    struct ram_change change;
    struct ram_home *home = ram_begin(store, &change);
    struct run_row begun = *row;
    begun.status = RUN_RUNNING;
    begun.counts = (struct counts){0};
    begun.ended_us = 0;
    begun.until_us = 0;
    bool ok = ram_lease_check(home, lease, error) && runs_interrupt(home, &change, row->key, row->started_us, error) &&
              ram_number_next(home, &change, "run", &begun.id, error) &&
              ram_closed_begin(home, &change, lease, &begun, error) && run_put(home, &change, &begun, error);
    *id = begun.id;
    return ram_finish(home, &change, "run_begin", ok, error);
}

bool ram_run_end(struct store *store, const struct lease *lease, const struct run_row *row, bool complete,
                 const struct log_row *logs, size_t log_count, struct error *error) {
    struct ram_change change;
    struct ram_home *home = ram_begin(store, &change);
    const struct ram_version *version = ram_find(&home->runs, ram_number_key(&row->id), RAM_NEWEST);
    bool ok = ram_lease_check(home, lease, error);
    if (ok && version == NULL) {
        ok = error_set(error, ERROR_NOT_THERE, "there is no run %lld in home", (long long)row->id);
    }
    if (ok) {
        struct run_row ended = *(const struct run_row *)version->row;
        ended.status = row->status;
        ended.counts = row->counts;
        ended.message = row->message;
        ended.ended_us = row->ended_us;
        ended.until_us = row->until_us;
        ok = run_put(home, &change, &ended, error) &&
             (lease == NULL || ram_closed_open(home, &change, lease->key, error)) &&
             ram_logs_put(home, &change, row->id, logs, log_count, error) &&
             (!complete || ram_put(&change, &home->checkpoints, ended.key, 0, NULL) || error_memory(error));
    }
    return ram_finish(home, &change, "run_end", ok, error);
}

// --- ids ---

bool ram_reserve(struct store *store, int64_t count, int64_t *first, struct error *error) {
    assert(count > 0);
    struct ram_change change;
    struct ram_home *home = ram_begin(store, &change);
    struct text name = TEXT_LITERAL("record");
    *first = ram_number(home, name, RAM_NEWEST) + 1;
    bool ok = ram_number_put(home, &change, name, *first + count - 1, error);
    return ram_finish(home, &change, "reserve", ok, error);
}

#include "port/store.h"

#include <assert.h>

#include "base/fault.h"

static const char *const status_names[] = {
    [RUN_PENDING] = "pending", [RUN_RUNNING] = "running",       [RUN_DONE] = "done",
    [RUN_WARNING] = "warning", [RUN_FAILED] = "failed",         [RUN_INTERRUPTED] = "interrupted",
    [RUN_WAITING] = "waiting", [RUN_NOT_NEEDED] = "not_needed",
};

const char *run_status_name(enum run_status status) {
    return status_names[status];
}

bool run_status_find(struct text name, enum run_status *out) {
    for (size_t i = 0; i < sizeof status_names / sizeof status_names[0]; i++) {
        if (text_is(name, status_names[i])) {
            *out = (enum run_status)i;
            return true;
        }
    }
    return false;
}

bool store_closed_error(const struct closed_row *closed, struct error *error) {
    return error_set(error, ERROR_HOME_CLOSED,
                     "%.*s has closed home to everybody else while it runs (run %lld): wait until it has ended, then "
                     "try again",
                     TEXT_ARGS(closed->sync), (long long)closed->run);
}

bool store_others_error(const struct run_row *row, const struct closed_row *other, struct error *error) {
    return error_set(error, ERROR_HOME_BUSY,
                     "%.*s wants home for itself, and %.*s is running (run %lld): wait until it has ended, then try "
                     "again",
                     TEXT_ARGS(row->sync), TEXT_ARGS(other->sync), (long long)other->run);
}

bool store_open(const struct store_type *type, const struct store_setup *setup, struct store **out,
                struct error *error) {
    *out = NULL;
    fault_point("store.open");
    bool ok = type->open(setup, out, error);
    fault_point("store.open.after");
    assert(ok == (*out != NULL));
    return ok;
}

void store_close(struct store *store) {
    if (store != NULL) {
        store->type->close(store);
    }
}

bool store_prepare(struct store *store, const struct datatype *const *datatypes, size_t count, struct text text,
                   struct error *error) {
    fault_point("store.prepare");
    bool ok = store->type->prepare(store, datatypes, count, text, error);
    fault_point("store.prepare.after");
    return ok;
}

bool store_linkset(struct store *store, struct text datasource, const struct datatype *datatype, bool bulk,
                   struct linkset **out, struct error *error) {
    fault_point("store.linkset");
    bool ok = store->type->linkset(store, datasource, datatype, bulk, out, error);
    fault_point("store.linkset.after");
    return ok;
}

bool store_lease_take(struct store *store, struct text key, struct lease *out, struct error *error) {
    fault_point("store.lease_take");
    bool ok = store->type->lease_take(store, key, out, error);
    fault_point("store.lease_take.after");
    return ok;
}

void store_lease_free(struct store *store, struct lease *lease) {
    store->type->lease_free(store, lease);
}

bool store_run_begin(struct store *store, const struct lease *lease, const struct run_row *row, int64_t *id,
                     struct error *error) {
    fault_point("store.run_begin");
    bool ok = store->type->run_begin(store, lease, row, id, error);
    fault_point("store.run_begin.after");
    return ok;
}

bool store_run_end(struct store *store, const struct lease *lease, const struct run_row *row, bool complete,
                   const struct log_row *logs, size_t log_count, struct error *error) {
    fault_point("store.run_end");
    bool ok = store->type->run_end(store, lease, row, complete, logs, log_count, error);
    fault_point("store.run_end.after");
    return ok;
}

bool store_track(struct store *store, struct linkset *links, struct error *error) {
    fault_point("store.track");
    bool ok = store->type->track(store, links, error);
    fault_point("store.track.after");
    return ok;
}

bool store_reserve(struct store *store, int64_t count, int64_t *first, struct error *error) {
    assert(count > 0);
    fault_point("store.reserve");
    bool ok = store->type->reserve(store, count, first, error);
    fault_point("store.reserve.after");
    return ok;
}

bool store_commit(struct store *store, const struct page *page, enum commit_outcome *outcome, struct error *error) {
    fault_point("store.commit");
    bool ok = store->type->commit(store, page, outcome, error);
    fault_point("store.commit.after");
    return ok;
}

bool store_settle(struct store *store, struct linkset *links, const struct lease *lease, int64_t run, int64_t at_us,
                  int64_t *repeats, int64_t *conflicts, struct error *error) {
    fault_point("store.settle");
    bool ok = store->type->settle(store, links, lease, run, at_us, repeats, conflicts, error);
    fault_point("store.settle.after");
    return ok;
}

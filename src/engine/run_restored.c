// A home that came back from a backup. Every sync of it looks once at everything: reads all, and looks up what it is
// about to create. Which syncs there are is not known: one may have pushed for the first time after the backup, so that
// this home knows nothing of it. So home remembers for good that it came back, and each sync which time it has seen:
//
//    key, type        says
//    "*", "*"         when home was last found to have come back
//    of a sync, "*"   up to which of these times the sync has looked at everything

#include <inttypes.h>

#include "engine/run_work.h"

static const struct text all_syncs = {"*", 1};
static const struct text all_types = {"*", 1};
static const struct text direction_restored = {"restored", 8};

static bool find_time(struct run *run, struct text key, struct text *out, struct error *error) {
    return run->store->type->watermark_find(run->store, key, all_types, direction_restored, &run->arena, out, error);
}

bool run_restored(struct run *run, struct error *error) {
    struct text own;
    if (!run->store->type->restored(run->store, &run->came_back, error) ||
        !find_time(run, all_syncs, &run->back_since, error) || !find_time(run, run->key, &own, error)) {
        return false;
    }
    run->restored = run->came_back || !text_same(own, run->back_since);
    if (run->restored) {
        log_line(&run->journal.log, LOG_WARNING,
                 "home came back from a backup: everything is read, and what is to be created is looked up first");
    }
    return true;
}

bool run_reconcile(struct run *run, struct error *error) {
    if (!run->restored) {
        return true;
    }
    int64_t now_us = clock_now(run->request->clock);
    if (run->came_back) { // the first sync that noticed
        char *time = arena_print(&run->arena, "%" PRId64 " %" PRId64, now_us, run->row.id);
        if (time == NULL) {
            return error_memory(error);
        }
        run->back_since = text_of(time);
    }
    struct watermark_row rows[] = {{run->key, all_types, direction_restored, run->back_since},
                                   {all_syncs, all_types, direction_restored, run->back_since}};
    struct page page = {
        .lease = &run->lease,
        .run = run->row.id,
        .origin = run->sync->datasource,
        .at_us = now_us,
        .watermarks = rows,
        .watermark_count = run->came_back ? 2 : 1,
        .reconciled = run->came_back,
    };
    enum commit_outcome outcome;
    return store_commit(run->store, &page, &outcome, error);
}

// A home that came back from a backup. Every sync of it looks once at everything: reads all, and looks up what it is
// about to create. The store says that a home was restored until somebody says otherwise, so each sync leaves a mark,
// and the last of those that push takes all marks away and says it.

#include "engine/run_work.h"

static const struct text all_types = {"*", 1};
static const struct text direction_restored = {"restored", 8};

enum { SYNCS_MAX = 1000 }; // of one home that push

static bool is_marked(struct run *run, struct text key, bool *marked, struct error *error) {
    struct text text;
    bool ok =
        run->store->type->watermark_find(run->store, key, all_types, direction_restored, &run->arena, &text, error);
    *marked = ok && text.length > 0;
    return ok;
}

bool run_restored(struct run *run, struct error *error) {
    bool marked = false;
    if (!run->store->type->restored(run->store, &run->restored, error) ||
        (run->restored && !is_marked(run, run->key, &marked, error))) {
        return false;
    }
    run->restored = run->restored && !marked;
    if (run->restored) {
        log_line(&run->journal.log, LOG_WARNING,
                 "home came back from a backup: everything is read, and what is to be created is looked up first");
    }
    return true;
}

struct keys {
    struct run *run;
    struct text *list;
    size_t count;
};

// The keys of the home's other syncs that push or left a mark.
static bool take_key(void *context, const struct watermark_row *row, struct error *error) {
    struct keys *keys = context;
    if (text_same(row->key, keys->run->key) ||
        !(text_is(row->direction, "push") || text_same(row->direction, direction_restored))) {
        return true;
    }
    for (size_t i = 0; i < keys->count; i++) {
        if (text_same(keys->list[i], row->key)) {
            return true;
        }
    }
    if (keys->count == SYNCS_MAX) {
        return error_set(error, ERROR_LIMIT, "at most %d syncs of one home can push", SYNCS_MAX);
    }
    return arena_text(&keys->run->arena, row->key, &keys->list[keys->count++]) || error_memory(error);
}

bool run_reconcile(struct run *run, struct error *error) {
    if (!run->restored) {
        return true;
    }
    struct keys keys = {.run = run, .list = arena_take(&run->arena, SYNCS_MAX * sizeof *keys.list)};
    struct watermark_row *rows = arena_take(&run->arena, SYNCS_MAX * sizeof *rows);
    static const struct scan everything;
    if (keys.list == NULL || rows == NULL) {
        return error_memory(error);
    }
    if (!run->store->type->watermark_scan(run->store, &everything, take_key, &keys, error)) {
        return false;
    }
    bool all = true;
    for (size_t i = 0; i < keys.count && all; i++) {
        if (!is_marked(run, keys.list[i], &all, error)) {
            return false;
        }
        rows[i] = (struct watermark_row){keys.list[i], all_types, direction_restored, {"", 0}};
    }
    struct watermark_row own = {run->key, all_types, direction_restored, {"1", 1}};
    struct page page = {
        .lease = &run->lease,
        .run = run->row.id,
        .origin = run->sync->datasource,
        .at_us = clock_now(run->request->clock),
        .watermarks = all ? rows : &own,
        .watermark_count = all ? keys.count : 1,
        .reconciled = all,
    };
    enum commit_outcome outcome;
    return store_commit(run->store, &page, &outcome, error);
}

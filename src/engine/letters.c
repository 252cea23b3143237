#include "engine/letters.h"

#include <stdio.h>

#include "base/buffer.h"
#include "base/memory.h"

enum { AUDIT_BYTES_MAX = 4096, AUDIT_IDS_MOST = 100, AUDIT_LINE = 160, HELD_PAGE = 500 };
enum { HELD_BYTES_MAX = 64 * 1024 * 1024 };

// --- dead letters ---

struct dropping {
    const int64_t *asked;
    size_t asked_count;
    int64_t *ids;
    bool *seen; // which of those asked for are there
    size_t count;
    size_t room;
};

// Keeps the numbers to drop: those asked for, or all.
static bool on_dead(void *context, const struct dead_row *row, struct error *error) {
    struct dropping *dropping = context;
    bool asked = dropping->asked_count == 0;
    for (size_t i = 0; i < dropping->asked_count; i++) {
        if (dropping->asked[i] == row->id) {
            dropping->seen[i] = true;
            asked = true;
        }
    }
    if (!asked) {
        return true;
    }
    if (dropping->count == dropping->room) {
        size_t room = dropping->room > 0 ? dropping->room * 2 : 256;
        int64_t *ids = memory_grow(dropping->ids, room, sizeof *ids);
        if (ids == NULL) {
            return error_memory(error);
        }
        dropping->ids = ids;
        dropping->room = room;
    }
    dropping->ids[dropping->count++] = row->id;
    return true;
}

static bool find_dead(struct store *store, struct text sync, struct dropping *dropping, struct error *error) {
    struct scan scan = {.filter = sync};
    if (dropping->asked_count == 1) { // the usual case needs no look at the others
        scan.after = dropping->asked[0] - 1;
        scan.limit = sync.length == 0;
    }
    if (!store->type->snapshot(store, error)) {
        return false;
    }
    bool ok = store->type->dead_scan(store, &scan, on_dead, dropping, error);
    store->type->snapshot_end(store);
    for (size_t i = 0; ok && i < dropping->asked_count; i++) {
        ok = dropping->seen[i] || error_set(error, ERROR_NOT_THERE, "there is no dead letter %lld; nothing was dropped",
                                            (long long)dropping->asked[i]);
    }
    return ok;
}

static bool commit_dead(const struct letters *letters, struct text sync, const struct dropping *dropping,
                        struct error *error) {
    struct buffer audit;
    enum commit_outcome outcome;
    buffer_init(&audit, AUDIT_BYTES_MAX);
    buffer_print(&audit, "dropped %zu dead letters", dropping->count);
    buffer_string(&audit, sync.length > 0 ? " of " : "");
    buffer_text(&audit, sync);
    buffer_byte(&audit, ':');
    for (size_t i = 0; i < dropping->count && i < AUDIT_IDS_MOST; i++) {
        buffer_print(&audit, " %lld", (long long)dropping->ids[i]);
    }
    buffer_string(&audit, dropping->count > AUDIT_IDS_MOST ? " …" : "");
    buffer_byte(&audit, '\0');
    struct page page = {
        .origin = letters->origin,
        .at_us = clock_now(letters->clock),
        .deads_done = dropping->ids,
        .dead_done_count = dropping->count,
        .audit = audit.data,
    };
    bool ok = audit.failed ? error_memory(error) : store_commit(letters->store, &page, &outcome, error);
    buffer_clear(&audit);
    return ok;
}

bool letters_drop_dead(const struct letters *letters, struct text sync, const int64_t *ids, size_t id_count,
                       size_t *dropped, struct error *error) {
    struct dropping dropping = {.asked = ids, .asked_count = id_count};
    *dropped = 0;
    dropping.seen = memory_zero(id_count + 1, sizeof *dropping.seen);
    bool ok = dropping.seen != NULL ? find_dead(letters->store, sync, &dropping, error) : error_memory(error);
    if (ok && dropping.count > 0) {
        ok = commit_dead(letters, sync, &dropping, error);
        *dropped = dropping.count;
    }
    memory_free(dropping.seen);
    memory_free(dropping.ids);
    return ok;
}

// --- conflicts ---

struct seeking {
    int64_t id;
    bool found;
};

static bool on_conflict(void *context, const struct conflict_row *row, struct error *error) {
    (void)error;
    struct seeking *seeking = context;
    seeking->found = row->id == seeking->id;
    return true;
}

bool letters_drop_conflict(const struct letters *letters, int64_t id, struct error *error) {
    struct store *store = letters->store;
    struct seeking seeking = {.id = id};
    struct scan scan = {.after = id - 1, .limit = 1};
    char audit[AUDIT_LINE];
    enum commit_outcome outcome;
    if (!store->type->snapshot(store, error)) {
        return false;
    }
    bool ok = store->type->conflict_scan(store, &scan, on_conflict, &seeking, error);
    store->type->snapshot_end(store);
    if (!ok || !seeking.found) {
        return ok && error_set(error, ERROR_NOT_THERE, "there is no conflict %lld", (long long)id);
    }
    snprintf(audit, sizeof audit, "dropped conflict %lld", (long long)id);
    struct page page = {
        .origin = letters->origin,
        .at_us = clock_now(letters->clock),
        .conflicts_done = &id,
        .conflict_done_count = 1,
        .audit = audit,
    };
    return store_commit(store, &page, &outcome, error);
}

// --- held deletes ---

// One page of a run's held deletes, copied out of the scan.
struct gathering {
    int64_t run;
    int64_t after; // the last id that was looked at
    struct arena arena;
    struct held_row rows[HELD_PAGE];
    int64_t ids[HELD_PAGE];
    size_t count;
};

static bool gather(void *context, const struct held_row *row, struct error *error) {
    struct gathering *gathering = context;
    struct held_row *copy = &gathering->rows[gathering->count];
    gathering->after = row->id;
    if (row->run != gathering->run) {
        return true;
    }
    *copy = *row;
    if (!arena_text(&gathering->arena, row->key, &copy->key) ||
        !arena_text(&gathering->arena, row->direction, &copy->direction) ||
        !arena_text(&gathering->arena, row->datasource, &copy->datasource) ||
        !arena_text(&gathering->arena, row->datatype, &copy->datatype) ||
        !arena_text(&gathering->arena, row->external, &copy->external)) {
        return error_memory(error);
    }
    copy->approved = true;
    gathering->ids[gathering->count++] = row->id;
    return gathering->count < HELD_PAGE; // full: the next page goes on behind it
}

static bool take_page(struct store *store, struct gathering *gathering, bool *more, struct error *error) {
    int64_t before = gathering->after;
    struct scan scan = {.after = gathering->after};
    arena_reset(&gathering->arena);
    gathering->count = 0;
    if (!store->type->snapshot(store, error)) {
        return false;
    }
    error_clear(error);
    bool ok = scan_ended(store->type->held_scan(store, &scan, gather, gathering, error), error);
    store->type->snapshot_end(store);
    *more = gathering->after > before;
    return ok;
}

static bool commit_held(const struct letters *letters, const struct gathering *gathering, bool approve,
                        struct error *error) {
    char audit[AUDIT_LINE];
    enum commit_outcome outcome;
    snprintf(audit, sizeof audit, "%s %zu held deletes of run %lld", approve ? "approved" : "dropped", gathering->count,
             (long long)gathering->run);
    struct page page = {.origin = letters->origin, .at_us = clock_now(letters->clock), .audit = audit};
    if (approve) {
        page.helds = gathering->rows;
        page.held_count = gathering->count;
    } else {
        page.helds_done = gathering->ids;
        page.held_done_count = gathering->count;
    }
    return store_commit(letters->store, &page, &outcome, error);
}

bool letters_settle_held(const struct letters *letters, int64_t run, bool approve, int64_t *count,
                         struct error *error) {
    struct gathering *gathering = memory_zero(1, sizeof *gathering);
    bool more = true;
    bool ok = true;
    *count = 0;
    if (gathering == NULL) {
        return error_memory(error);
    }
    gathering->run = run;
    arena_init(&gathering->arena, HELD_BYTES_MAX);
    while (ok && more) {
        ok = take_page(letters->store, gathering, &more, error);
        if (ok && gathering->count > 0) {
            ok = commit_held(letters, gathering, approve, error);
            *count += (int64_t)gathering->count;
        }
    }
    arena_clear(&gathering->arena);
    memory_free(gathering);
    return ok;
}

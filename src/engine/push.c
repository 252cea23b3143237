#include "engine/push.h"

#include <string.h>

#include "engine/push_work.h"

// --- home's changes ---

static bool copy_row(struct pushing *push, const struct home_row *from, struct home_row *to, struct error *error) {
    size_t count = push->pass->type->datatype->count;
    *to = *from;
    to->fields = arena_take(&push->arena, (count + 1) * sizeof *to->fields);
    if (to->fields == NULL) {
        return error_memory(error);
    }
    bool ok = arena_text(&push->arena, from->origin, &to->origin) && value_copy(&push->arena, &from->extra, &to->extra);
    for (size_t i = 0; ok && i < count; i++) {
        ok = value_copy(&push->arena, &from->fields[i], &to->fields[i]);
    }
    return ok || error_memory(error);
}

static bool take_change(void *context, const struct change_row *change, struct error *error) {
    struct pushing *push = context;
    struct push_item *item;
    if (change->seq > push->until) {
        return false; // enough: what changes while the push is at it is the next one's, or this one might never end
    }
    if (!push_add(push, &item, error)) {
        return false;
    }
    if (change->deleted) {
        item->row = (struct home_row){.id = change->row.id, .seq = change->seq};
    } else if (!copy_row(push, &change->row, &item->row, error)) {
        return false;
    }
    item->waited = push->looks_up;
    push->position = change->seq;
    return !push_block_full(push); // enough for one block: the next begins here
}

static bool read_changes(struct pushing *push, struct error *error) {
    struct store *store = push->pass->store;
    error_clear(error);
    return push_refresh(push, error) && store->type->change_scan(store, push->pass->type->datatype, push->position,
                                                                 PUSH_BLOCK, take_change, push, error);
}

// One block: read and decided under a snapshot, then settled.
static bool one_block(struct pushing *push, bool (*read)(struct pushing *push, struct error *error),
                      struct error *error) {
    struct store *store = push->pass->store;
    push_block(push);
    if (!store->type->snapshot(store, error)) {
        return false;
    }
    bool ok = read(push, error) && push_look(push, error);
    store->type->snapshot_end(store);
    return ok && (push->looks_up ? push_look_up(push, error) : push_act(push, error));
}

static bool push_changes(struct pushing *push, struct error *error) {
    do {
        if (!one_block(push, read_changes, error)) {
            return false;
        }
    } while (push->count > 0 && !push_must_stop(push));
    return true;
}

static bool begin_at(struct pushing *push, struct error *error) {
    const struct push_pass *pass = push->pass;
    struct text text;
    if (!pass->store->type->watermark_find(pass->store, pass->key, pass->type->name, TEXT_LITERAL("push"), &push->arena,
                                           &text, error)) {
        return false;
    }
    if (text.length > 0 && (!text_integer(text, &push->watermark) || push->watermark < 0)) {
        return error_set(error, ERROR_HOME_DAMAGED, "the watermark of the push of %.*s is '%.*s', which is no number",
                         TEXT_ARGS(pass->type->name), TEXT_ARGS(text));
    }
    if (!pass->store->type->seq(pass->store, &push->until, error)) {
        return false;
    }
    push->position = push->watermark;
    push->dealt = push->watermark;
    return true;
}

bool push_find_lost(struct pushing *push, struct error *error) {
    int64_t before;
    push->looks_up = true;
    do { // what refers to a record that was found can be looked for then
        before = push->pass->counts->pushed;
        if (!begin_at(push, error) || !push_changes(push, error)) {
            return false;
        }
    } while (push->pass->counts->pushed > before && !push->stopped);
    push->looks_up = false;
    return true;
}

// --- dead letters that are looked at again ---

static bool is_chosen(const struct run_request *request, int64_t id) {
    for (size_t i = 0; i < request->dead_count; i++) {
        if (request->dead_ids[i] == id) {
            return true;
        }
    }
    return request->dead_ids == NULL;
}

static bool take_dead(void *context, const struct dead_row *row, struct error *error) {
    struct pushing *push = context;
    const struct run_request *request = push->pass->request;
    struct push_item *item;
    int64_t home;
    push->dead_after = row->id;
    // What this retry itself put isn't tried once more.
    bool wanted =
        request->retry ? is_chosen(request, row->id) && row->run != push->pass->run : text_is(row->code, "W4021");
    if (!wanted || !text_is(row->direction, "push") || !text_integer(row->external, &home)) {
        return true;
    }
    if (!push_add(push, &item, error)) {
        return false;
    }
    item->waited = true;
    item->retried = request->retry;
    item->row.id = home;
    return !push_block_full(push);
}

static bool read_deads(struct pushing *push, struct error *error) {
    struct store *store = push->pass->store;
    struct scan scan = {.filter = push->ends.dead_filter, .after = push->dead_after};
    error_clear(error);
    return push_refresh(push, error) && store->type->dead_scan(store, &scan, take_dead, push, error);
}

static bool find_all(struct pushing *push, struct error *error) {
    for (size_t i = 0; i < push->count; i++) {
        struct push_item *item = &push->items[i];
        if (!item->settled && !push_find(push, item, item->row.id, error)) {
            return false;
        }
    }
    return true;
}

static bool read_waiting(struct pushing *push, struct error *error) {
    return read_deads(push, error) && find_all(push, error);
}

// What waits for an id may have it now, and what waits for that in turn.
static bool push_waiting(struct pushing *push, struct error *error) {
    int64_t before;
    do {
        before = push->pass->counts->pushed;
        push->dead_after = 0;
        do {
            if (!one_block(push, read_waiting, error)) {
                return false;
            }
        } while (push->count > 0 && !push_must_stop(push));
    } while (push->pass->counts->pushed > before && !push_must_stop(push));
    return true;
}

// --- a retry ---

static bool look_again(struct pushing *push, struct error *error) {
    return find_all(push, error) && push_look(push, error);
}

// Dead letters are made anew from what home says today.
static bool push_retried(struct pushing *push, struct error *error) {
    struct store *store = push->pass->store;
    push->writes_deletes = true;
    do {
        push_block(push);
        if (!store->type->snapshot(store, error)) {
            return false;
        }
        bool ok = read_deads(push, error);
        store->type->snapshot_end(store);
        if (!ok || !push_ask_parked(push, error) || !store->type->snapshot(store, error)) {
            return false;
        }
        ok = look_again(push, error);
        store->type->snapshot_end(store);
        if (!ok || !push_act(push, error)) {
            return false;
        }
    } while (push->count > 0 && !push_must_stop(push));
    return true;
}

// --- the whole ---

static bool push_all(struct pushing *push, struct error *error) {
    if (!begin_at(push, error) || !push_close_found(push, error) || !push_changes(push, error)) {
        return false;
    }
    if (!push->stopped && (!push_waiting(push, error) || !push_deletes(push, error))) {
        return false;
    }
    push_block(push);
    return push_mark(push, error);
}

bool push_run(struct push_pass *pass, enum pass_end *end, struct error *error) {
    struct pushing push;
    *end = PASS_COMPLETE;
    bool ok =
        push_open(&push, pass, error) && (pass->request->retry ? push_retried(&push, error) : push_all(&push, error));
    if (ok && push.stopped) {
        *end = PASS_STOPPED;
    }
    push_close(&push);
    return ok;
}

// Deletes wait for the end of the pass, since only then it is known how many there are: the guard lets all of them go
// or none. What it doesn't let go is held until a person approves it; the watermark goes on, the held rows remember.

#include "base/memory.h"
#include "engine/guard.h"
#include "engine/push_work.h"

bool push_delete_later(struct pushing *push, const struct push_item *item, struct error *error) {
    if (push->delete_count == push->delete_capacity) {
        size_t capacity = push->delete_capacity > 0 ? push->delete_capacity * 2 : 64;
        struct push_gone *deletes = memory_grow(push->deletes, capacity, sizeof *deletes);
        if (deletes == NULL) {
            return error_memory(error);
        }
        push->deletes = deletes;
        push->delete_capacity = capacity;
    }
    push->deletes[push->delete_count++] = (struct push_gone){item->row.id, item->row.seq};
    if (push->delete_first == 0) {
        push->delete_first = item->row.seq;
    }
    return true;
}

// Fills the block with the deletes from *at on.
static bool take_deletes(struct pushing *push, size_t *at, struct error *error) {
    push_block(push);
    for (; *at < push->delete_count && !push_block_full(push); ++*at) {
        struct push_item *item;
        if (!push_add(push, &item, error)) {
            return false;
        }
        item->row = (struct home_row){.id = push->deletes[*at].home, .seq = push->deletes[*at].seq};
    }
    return true;
}

// Looks the block up as it is now: a record may have been brought back meanwhile, or its link be gone.
static bool look_up(struct pushing *push, struct error *error) {
    for (size_t i = 0; i < push->count; i++) {
        struct push_item *item = &push->items[i];
        struct home_row then = item->row;
        if (!push_find(push, item, then.id, error)) {
            return false;
        }
        if (item->row.fields != NULL) {
            item->settled = true; // it is there: a change of its own, which comes in its turn
            push_close_held(push, item);
        } else if (!push_look_one(push, item, error)) {
            return false;
        }
        item->row.seq = then.seq;
    }
    return true;
}

static bool act_block(struct pushing *push, struct error *error) {
    struct store *store = push->pass->store;
    if (!store->type->snapshot(store, error)) {
        return false;
    }
    bool ok = push_refresh(push, error) && look_up(push, error);
    store->type->snapshot_end(store);
    return ok && push_act(push, error);
}

static bool send_deletes(struct pushing *push, struct error *error) {
    for (size_t at = 0; at < push->delete_count && !push_must_stop(push);) {
        if (!take_deletes(push, &at, error) || !act_block(push, error)) {
            return false;
        }
    }
    return true;
}

// --- held ---

static bool hold_block(struct pushing *push, struct error *error) {
    const struct push_pass *pass = push->pass;
    for (size_t i = 0; i < push->count; i++) {
        struct push_item *item = &push->items[i];
        bool goes = !item->settled && item->decision == PUSH_DELETE;
        item->settled = true;
        if (!goes) {
            continue;
        }
        push->page.helds[push->page.held_count++] = (struct held_row){
            .key = pass->key,
            .direction = TEXT_LITERAL("push"),
            .datasource = pass->sync->datasource,
            .datatype = pass->type->datatype->name,
            .external = item->external,
            .home = item->row.id,
            .at_us = push_now(push),
            .run = pass->run,
        };
        pass->counts->held++;
    }
    return push_commit(push, error);
}

static bool hold_deletes(struct pushing *push, struct error *error) {
    struct store *store = push->pass->store;
    for (size_t at = 0; at < push->delete_count;) {
        if (!take_deletes(push, &at, error) || !store->type->snapshot(store, error)) {
            return false;
        }
        bool ok = push_refresh(push, error) && look_up(push, error);
        store->type->snapshot_end(store);
        if (!ok || !hold_block(push, error)) {
            return false;
        }
    }
    log_line(push->pass->log, LOG_WARNING,
             "%zu deletes of %.*s are more than deletes.at_most lets go: none is done at %.*s; they wait for `weir "
             "deletes approve`",
             push->delete_count, TEXT_ARGS(push->pass->type->name), TEXT_ARGS(push->pass->sync->datasource));
    return true;
}

static bool weigh_deletes(struct pushing *push, struct error *error) {
    const struct push_pass *pass = push->pass;
    struct guard guard = {.at_most = &pass->sync->deletes_at_most};
    if (push->delete_count == 0) {
        return true;
    }
    if (!pass->sync->deletes) {
        log_line(pass->log, LOG_WARNING,
                 "%zu of %.*s were deleted in home and are kept at %.*s; deletes = { … } carries them over",
                 push->delete_count, TEXT_ARGS(pass->type->name), TEXT_ARGS(pass->sync->datasource));
        return true;
    }
    if (!pass->store->type->link_count(pass->store, pass->links, &guard.links, error)) {
        return false;
    }
    return guard_lets(&guard, (int64_t)push->delete_count) ? send_deletes(push, error) : hold_deletes(push, error);
}

// --- approved ---

static bool take_held(void *context, const struct held_row *row, struct error *error) {
    struct pushing *push = context;
    const struct push_pass *pass = push->pass;
    struct push_item *item;
    push->held_after = row->id;
    if (!row->approved || !text_is(row->direction, "push") || !text_same(row->datasource, pass->sync->datasource) ||
        !text_same(row->datatype, pass->type->datatype->name)) {
        return true;
    }
    if (!push_add(push, &item, error)) {
        return false;
    }
    item->waited = true;
    item->held = row->id;
    item->row = (struct home_row){.id = row->home, .seq = row->id}; // so that each approval is an operation of its own
    return !push_block_full(push);
}

static bool send_approved(struct pushing *push, struct error *error) {
    struct store *store = push->pass->store;
    push->held_after = 0;
    do {
        struct scan scan = {.filter = push->pass->key, .after = push->held_after};
        push_block(push);
        error_clear(error);
        if (!store->type->held_scan(store, &scan, take_held, push, error) || !act_block(push, error)) {
            return false;
        }
    } while (push->count > 0 && !push_must_stop(push));
    return true;
}

bool push_deletes(struct pushing *push, struct error *error) {
    push->writes_deletes = true;
    if (!weigh_deletes(push, error)) {
        return false;
    }
    push_block(push);
    if (!push->stopped) {
        push->delete_first = 0;
    }
    return push->stopped || send_approved(push, error);
}

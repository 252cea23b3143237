// Writes whose outcome nobody knows: the process died between sending and remembering, or an answer was lost. The
// datasource is asked; what can't be found out is parked for a person. Nothing is ever sent again on a guess.

#include <string.h>

#include "engine/push_work.h"
#include "engine/retry.h"

enum { ASK_RUNS_MAX = 5 }; // runs of home, after which a write that can't be asked about is put before a person

// --- an intent as an item ---

static enum push_decision decision_of(struct text verb) {
    return text_is(verb, "create") ? PUSH_CREATE : text_is(verb, "update") ? PUSH_UPDATE : PUSH_DELETE;
}

// What was sent, and the fields of home it was made of; all of it copied.
static bool take_form(struct pushing *push, const struct intent_row *row, struct push_item *item, struct error *error) {
    struct value copy;
    struct form fields;
    if (row->form.kind != VALUE_OBJECT) {
        return true; // a delete
    }
    if (!value_copy(&push->arena, &row->form, &copy)) {
        return error_memory(error);
    }
    const struct value *form = object_find(copy.as.object, TEXT_LITERAL("form"));
    const struct value *home = object_find(copy.as.object, TEXT_LITERAL("home"));
    if (form == NULL || home == NULL || form->kind != VALUE_OBJECT || home->kind != VALUE_OBJECT) {
        return error_set(error, ERROR_HOME_DAMAGED, "the write %.*s that home remembers is not whole",
                         TEXT_ARGS(row->operation));
    }
    if (!form_take(push->pass->type->datatype, home->as.object, &push->arena, &fields, error)) {
        return false;
    }
    for (size_t i = 0; i < push->pass->type->datatype->count; i++) {
        fields.fields[i] = value_empty(&fields.fields[i]) ? value_null() : fields.fields[i];
    }
    item->form = form->as.object;
    item->row.fields = fields.fields;
    return true;
}

static bool take_intent(struct pushing *push, const struct intent_row *row, struct push_item *item,
                        struct error *error) {
    struct arena *arena = &push->arena;
    struct text operation;
    item->waited = true;
    item->late = true;
    item->intent = row->id;
    item->row = (struct home_row){.id = row->home, .seq = row->base_seq};
    item->sent = row->sent;
    item->decision = decision_of(row->verb);
    if (!take_form(push, row, item, error)) {
        return false;
    }
    if (!arena_text(arena, row->operation, &operation) || !arena_text(arena, row->external, &item->external)) {
        return error_memory(error);
    }
    if (!push_prepare(push, item, error)) {
        return false;
    }
    item->item.operation = operation; // the one it was sent with
    item->asked_since = row->run;
    item->item.late = true;
    item->item.forgotten = push->pass->restored;
    return true;
}

static bool find_link(struct pushing *push, struct push_item *item, struct error *error) {
    const struct push_pass *pass = push->pass;
    struct text external;
    if (!pass->store->type->link_of(pass->store, pass->links, item->row.id, &push->arena, &item->link, &external,
                                    error)) {
        return false;
    }
    item->bounces = push_bounces(&item->link, item->sent, false);
    return true;
}

// --- asking ---

static bool ask(struct pushing *push, struct push_item *item, struct error *error) {
    struct retry retry = retry_of(push->pass->request, push->pass->log, push->pass->run);
    const struct error *failure = &item->receipt.error;
    do {
        item->receipt = (struct target_receipt){.outcome = TARGET_UNKNOWN};
        error_clear(&item->receipt.error);
        if (!target_resolve(push->target, &item->item, &push->arena, &item->receipt, error)) {
            return false;
        }
    } while (item->receipt.outcome == TARGET_UNKNOWN && retry_again(&retry, failure));
    if (item->receipt.outcome == TARGET_UNKNOWN && failure->scope == ERROR_BATCH && failure->retry != RETRY_NEVER) {
        *error = *failure; // it could not be asked: the next run does
        return false;
    }
    return true;
}

// Whether it was asked and nothing can be learned, or so many runs got no answer that could be understood. Before that
// the run ends, since a pull would bring what was created as a new record.
static bool in_vain(const struct pushing *push, const struct push_item *item) {
    return item->receipt.error.code == ERROR_PUSH_UNKNOWN || push->pass->run - item->asked_since >= ASK_RUNS_MAX;
}

static bool give_up(const struct push_item *item, struct error *error) {
    *error = item->receipt.error;
    error->scope = ERROR_RUN;
    return false;
}

static bool resume_one(struct pushing *push, struct push_item *item, struct error *error) {
    if (!find_link(push, item, error) || !ask(push, item, error)) {
        return false;
    }
    switch (item->receipt.outcome) {
    case TARGET_DONE:
        return push_settle_done(push, item, error);
    case TARGET_UNKNOWN:
        return in_vain(push, item) ? push_settle_parked(push, item, error) : give_up(item, error);
    case TARGET_FAILED:
    case TARGET_GONE:
        push_settle_unsent(push, item); // the push that follows decides it anew
        break;
    }
    return true;
}

// A record that was parked as created and has a link by now was found by a pull, or linked by a person.
static bool close_found(struct pushing *push, struct push_item *item, struct error *error) {
    if (!find_link(push, item, error)) {
        return false;
    }
    if (item->link.home != 0) {
        push_close_dead(push, item->row.id);
        push_settle_unsent(push, item);
    }
    return true;
}

// --- a run begins ---

struct resuming {
    struct pushing *push;
    int64_t after;
    bool parked; // these alone
};

static bool take_open(void *context, const struct intent_row *row, struct error *error) {
    struct resuming *resuming = context;
    struct pushing *push = resuming->push;
    struct push_item *item;
    resuming->after = row->id;
    bool is_ours = text_same(row->datasource, push->pass->sync->datasource) &&
                   text_same(row->datatype, push->pass->type->datatype->name);
    bool is_parked = row->state == INTENT_PARKED;
    if (!is_ours || (is_parked ? !text_is(row->verb, "create") : resuming->parked)) {
        return true;
    }
    if (!push_add(push, &item, error) || !take_intent(push, row, item, error)) {
        return false;
    }
    item->settled = is_parked;
    return !push_block_full(push);
}

static bool resume_block(struct resuming *resuming, struct error *error) {
    struct pushing *push = resuming->push;
    struct store *store = push->pass->store;
    struct scan scan = {.filter = push->pass->key, .after = resuming->after};
    push_block(push);
    error_clear(error);
    if (!store->type->intent_scan(store, &scan, take_open, resuming, error)) {
        return false;
    }
    for (size_t i = 0; i < push->count; i++) {
        struct push_item *item = &push->items[i];
        bool ok = item->settled ? close_found(push, item, error) : resume_one(push, item, error);
        if (!ok || !push_commit(push, error)) {
            return false;
        }
    }
    return true;
}

bool push_close_found(struct pushing *push, struct error *error) {
    struct resuming resuming = {.push = push, .parked = true};
    do {
        if (!resume_block(&resuming, error)) {
            return false;
        }
    } while (push->count > 0);
    return true;
}

struct looking {
    const struct push_pass *pass;
    bool found;
};

static bool look_for_open(void *context, const struct intent_row *row, struct error *error) {
    (void)error;
    struct looking *looking = context;
    looking->found = text_same(row->datasource, looking->pass->sync->datasource) &&
                     text_same(row->datatype, looking->pass->type->datatype->name);
    return !looking->found;
}

bool push_resume(struct push_pass *pass, struct error *error) {
    struct looking looking = {.pass = pass};
    struct scan scan = {.filter = pass->key};
    struct pushing push;
    struct resuming resuming = {.push = &push};
    error_clear(error);
    if (!pass->store->type->intent_scan(pass->store, &scan, look_for_open, &looking, error)) {
        return false;
    }
    if (!looking.found && !pass->restored) {
        return true; // mostly: then nothing is opened
    }
    bool ok = push_open(&push, pass, error);
    do {
        ok = ok && resume_block(&resuming, error);
    } while (ok && push.count > 0);
    ok = ok && (!pass->restored || push_find_lost(&push, error));
    push_close(&push);
    return ok;
}

// --- a retry ---

static struct push_item *item_of(struct pushing *push, int64_t home) {
    for (size_t i = 0; i < push->count; i++) {
        if (push->items[i].row.id == home && !push->items[i].settled) {
            return &push->items[i];
        }
    }
    return NULL;
}

static bool take_parked(void *context, const struct intent_row *row, struct error *error) {
    struct pushing *push = context;
    bool is_ours = row->state == INTENT_PARKED && text_same(row->datasource, push->pass->sync->datasource) &&
                   text_same(row->datatype, push->pass->type->datatype->name);
    struct push_item *item = is_ours ? item_of(push, row->home) : NULL;
    if (item == NULL) {
        return true;
    }
    item->retried = true;
    return take_intent(push, row, item, error);
}

// After asking: it is there; or it isn't, or the person who named this dead letter says so.
static bool ask_one(struct pushing *push, struct push_item *item, struct error *error) {
    if (!find_link(push, item, error) || !ask(push, item, error)) {
        return false;
    }
    if (item->receipt.outcome == TARGET_DONE) {
        return push_settle_done(push, item, error);
    }
    if (item->receipt.outcome == TARGET_UNKNOWN && push->pass->request->dead_ids == NULL) {
        item->settled = true; // of a retry of all, nobody said anything about this one
        return true;
    }
    struct push_item again = {.row = {.id = item->row.id}, .waited = true, .retried = true};
    push_settle_unsent(push, item);
    *item = again;
    return true;
}

bool push_ask_parked(struct pushing *push, struct error *error) {
    struct store *store = push->pass->store;
    struct scan scan = {.filter = push->pass->key};
    error_clear(error);
    if (!store->type->intent_scan(store, &scan, take_parked, push, error)) {
        return false;
    }
    for (size_t i = 0; i < push->count; i++) {
        if (push->items[i].intent != 0 && !ask_one(push, &push->items[i], error)) {
            return false;
        }
    }
    return push_commit(push, error);
}

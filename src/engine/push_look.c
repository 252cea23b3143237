#include <string.h>

#include "engine/push_work.h"
#include "engine/since.h"

bool push_find(struct pushing *push, struct push_item *item, int64_t home, struct error *error) {
    const struct push_pass *pass = push->pass;
    if (!pass->store->type->record_find(pass->store, pass->type->datatype, home, &push->arena, &item->row, error)) {
        return false;
    }
    if (item->row.id == 0) {
        item->row = (struct home_row){.id = home};
    }
    return true;
}

static enum push_intent intent_of(const struct pushing *push, const struct push_item *item) {
    const struct push_end *intent = push_intent(push, item->row.id);
    if (intent == NULL) {
        return PUSH_INTENT_NONE;
    }
    return intent->state == INTENT_PARKED ? PUSH_INTENT_PARKED : PUSH_INTENT_OPEN;
}

// A form that equals the one before the last came, went and came back.
int64_t push_bounces(const struct link *link, struct print sent, bool retried) {
    const struct print none = {0, 0};
    bool comes_back = !print_same(link->sent_before, none) && print_same(link->sent_before, sent);
    return comes_back && !retried ? link->bounces + 1 : 0;
}

static enum push_shape shape_of(const struct push_item *item) {
    const struct print none = {0, 0};
    if (item->link.home == 0) {
        return PUSH_FORM_OTHER;
    }
    if (!print_same(item->link.sent, none) && print_same(item->link.sent, item->sent)) {
        return PUSH_FORM_SENT;
    }
    return item->bounces >= PUSH_BOUNCES_MAX ? PUSH_FORM_LOOPS : PUSH_FORM_OTHER;
}

static bool keep_reason(struct pushing *push, struct push_item *item, const struct error *reason, struct error *error) {
    item->reason = arena_take(&push->arena, sizeof *item->reason);
    if (item->reason == NULL) {
        return error_memory(error);
    }
    *item->reason = *reason;
    return true;
}

static bool look_at_form(struct pushing *push, struct push_item *item, enum push_shape *shape, struct error *error) {
    struct push_formed formed;
    struct error failure;
    error_clear(&failure);
    if (!push_form(&push->former, &item->row, &push->arena, &formed, &failure)) {
        if (!push_is_own(&failure)) {
            *error = failure;
            return error_place(error, "%.*s %lld", TEXT_ARGS(push->pass->type->datatype->name),
                               (long long)item->row.id);
        }
        *shape = failure.code == ERROR_PUSH_WAITS ? PUSH_FORM_WAITS : PUSH_FORM_BROKEN;
        return keep_reason(push, item, &failure, error);
    }
    if (formed.skipped) {
        *shape = PUSH_FORM_UNWANTED;
        return true;
    }
    item->form = formed.form;
    item->borrowed = formed.borrowed;
    item->sent = formed.print;
    item->bounces = push_bounces(&item->link, item->sent, item->retried);
    *shape = shape_of(item);
    if (*shape == PUSH_FORM_LOOPS) {
        error_set(&failure, ERROR_PUSH_LOOP,
                  "%.*s %lld came and went %lld times between home and %.*s; make both sides' transforms agree on its "
                  "form, then retry this dead letter",
                  TEXT_ARGS(push->pass->type->datatype->name), (long long)item->row.id, (long long)item->bounces,
                  TEXT_ARGS(push->pass->sync->datasource));
        return keep_reason(push, item, &failure, error);
    }
    return true;
}

// Whether this very form is a dead letter already. A person retries it; it isn't sent again because something in front
// of it holds the watermark back.
static bool has_died(const struct pushing *push, const struct push_item *item) {
    const struct push_end *dead = push_dead(push, item->row.id);
    if (dead == NULL || item->retried || item->form == NULL || dead->code == ERROR_PUSH_WAITS) {
        return false;
    }
    struct value form = value_object(item->form);
    return print_same(dead->print, value_print(&form));
}

// Whether what stands there isn't weighed against home's form yet: it was found by a lookup and the pass that does so
// didn't come, or it was changed there and waits for a reference. Nothing is written there before.
static bool is_unweighed(struct pushing *push, const struct push_item *item, bool *out, struct error *error) {
    const struct push_pass *pass = push->pass;
    bool met = item->link.home != 0 && item->link.agreed_seq == 0 && pass->sync->direction == SYNC_BOTH;
    *out = item->link.home != 0 && push_waits(push, item->external);
    return !met || *out || since_weighs(pass->store, pass->key, pass->type, &push->arena, out, error);
}

bool push_look_one(struct pushing *push, struct push_item *item, struct error *error) {
    const struct push_pass *pass = push->pass;
    if (!pass->store->type->link_of(pass->store, pass->links, item->row.id, &push->arena, &item->link, &item->external,
                                    error)) {
        return false;
    }
    enum push_intent intent = intent_of(push, item);
    enum push_link link = item->link.home != 0 ? PUSH_LINK_THERE : PUSH_LINK_NONE;
    enum push_home home = PUSH_HOME_NEW;
    enum push_shape shape = PUSH_FORM_UNSEEN;
    if (item->row.fields == NULL) {
        home = PUSH_HOME_DELETED;
    } else if (link == PUSH_LINK_THERE) {
        home = item->row.seq > item->link.agreed_seq ? PUSH_HOME_EDITED : PUSH_HOME_AGREED;
    }
    bool unweighed;
    if (!is_unweighed(push, item, &unweighed, error)) {
        return false;
    }
    item->decision =
        push_decide(unweighed && intent == PUSH_INTENT_NONE ? PUSH_INTENT_OPEN : intent, link, home, shape);
    if (item->decision != PUSH_LOOK) {
        return true;
    }
    if (!look_at_form(push, item, &shape, error)) {
        return false;
    }
    item->decision = push_decide(intent, link, home, shape);
    if (push_is_write(item) && has_died(push, item)) {
        item->decision = PUSH_LEAVE;
    }
    return true;
}

bool push_look(struct pushing *push, struct error *error) {
    for (size_t i = 0; i < push->count; i++) {
        if (!push->items[i].settled && !push_look_one(push, &push->items[i], error)) {
            return false;
        }
    }
    return true;
}

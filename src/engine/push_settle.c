// What comes of an item: rows of the page. The effects on links and records are made when the page is committed.

#include <assert.h>

#include "engine/push_work.h"

// --- intents ---

static const char *verb_name(const struct push_item *item) {
    static const char *const names[] = {
        [TARGET_CREATE] = "create", [TARGET_UPDATE] = "update", [TARGET_DELETE] = "delete"};
    return names[item->item.verb];
}

// What was sent and, to tell later what both sides agree on, the fields it was made of.
static bool intent_form(struct pushing *push, const struct push_item *item, struct value *out, struct error *error) {
    static const struct text names[] = {{"form", 4}, {"home", 4}};
    static const struct shape shape = {2, names};
    struct form fields = {push->pass->type->datatype, item->row.fields, {.kind = VALUE_MISSING}};
    *out = (struct value){.kind = VALUE_MISSING};
    if (item->form == NULL) {
        return true;
    }
    struct value *values = arena_take(&push->arena, 2 * sizeof *values);
    struct object *object = arena_take(&push->arena, sizeof *object);
    if (values == NULL || object == NULL || !form_object(&fields, &push->arena, &values[1])) {
        return error_memory(error);
    }
    values[0] = value_object(item->form);
    *object = (struct object){&shape, values};
    *out = value_object(object);
    return true;
}

bool push_put_intent(struct pushing *push, const struct push_item *item, enum intent_state state, struct error *error) {
    const struct push_pass *pass = push->pass;
    struct value form;
    if (!intent_form(push, item, &form, error)) {
        return false;
    }
    assert(push->page.intent_count < PUSH_BLOCK);
    push->page.intents[push->page.intent_count++] = (struct intent_row){
        .operation = item->item.operation,
        .key = pass->key,
        .datasource = pass->sync->datasource,
        .datatype = pass->type->datatype->name,
        .verb = text_of(verb_name(item)),
        .home = item->row.id,
        .external = item->external,
        .base_seq = item->row.seq,
        .sent = item->sent,
        .form = form,
        .state = state,
        .at_us = push_now(push),
        .run = pass->run,
    };
    return true;
}

static void close_intent(struct pushing *push, struct push_item *item) {
    struct push_end *known = push_intent(push, item->row.id);
    if (item->intent != 0) {
        push->page.intents_done[push->page.intent_done_count++] = item->intent;
    }
    if (known != NULL) {
        known->id = 0;
    }
    item->intent = 0;
}

void push_close_held(struct pushing *push, struct push_item *item) {
    if (item->held != 0) {
        push->page.helds_done[push->page.held_done_count++] = item->held;
        item->held = 0;
    }
}

void push_close_dead(struct pushing *push, int64_t home) {
    struct push_end *dead = push_dead(push, home);
    if (dead != NULL) {
        push->page.deads_done[push->page.dead_done_count++] = dead->id;
        dead->id = 0;
    }
}

static void add_end(struct pushing *push, struct push_item *item, enum push_end_kind end) {
    assert(push->page.end_count < PUSH_BLOCK);
    item->end = end;
    push->page.ends[push->page.end_count++] = item;
}

void push_hold_back(struct pushing *push, const struct push_item *item) {
    if (!item->waited && (push->stuck == 0 || item->row.seq < push->stuck)) {
        push->stuck = item->row.seq;
    }
}

// --- dead letters ---

// The push form; the record where there is none; of a delete, whom it was about.
static bool dead_payload(struct pushing *push, const struct push_item *item, struct value *out, struct error *error) {
    static const struct text names[] = {{"id", 2}};
    static const struct shape shape = {1, names};
    struct object *object = arena_take(&push->arena, sizeof *object);
    struct value *id = arena_take(&push->arena, sizeof *id);
    if (object == NULL || id == NULL) {
        return error_memory(error);
    }
    if (item->form != NULL) {
        *out = value_object(item->form);
        return true;
    }
    *id = value_text(item->external);
    *object = (struct object){&shape, id};
    *out = value_object(object);
    return item->row.fields == NULL || push_view(&push->former, &item->row, &push->arena, object, error);
}

static bool dead_reason(struct pushing *push, const struct error *reason, struct dead_row *row) {
    const char *open = reason->place[0] != '\0' ? " (" : "";
    const char *shut = reason->place[0] != '\0' ? ")" : "";
    char *text = arena_print(&push->arena, "%s%s%s%s", reason->message, open, reason->place, shut);
    char *code = arena_print(&push->arena, "W%d", (int)reason->code);
    if (text == NULL || code == NULL) {
        return false;
    }
    row->reason = text_of(text);
    row->code = text_of(code);
    return true;
}

bool push_settle_dead(struct pushing *push, struct push_item *item, const struct error *reason, struct error *error) {
    const struct push_pass *pass = push->pass;
    const struct push_end *known = push_dead(push, item->row.id);
    struct value payload;
    item->settled = true;
    push->tried++;
    push_close_held(push, item);
    if (!dead_payload(push, item, &payload, error)) {
        return false;
    }
    struct print print = value_print(&payload);
    bool was_sent = item->intent != 0;
    close_intent(push, item);
    bool again = known != NULL && print_same(known->print, print) && known->code == reason->code;
    if (again && !was_sent && !item->retried) {
        return true; // it only waits on
    }
    struct dead_row row = {
        .flow = pass->name,
        .direction = TEXT_LITERAL("push"),
        .datasource = pass->sync->datasource,
        .type = pass->type->name,
        .print = print,
        .place = TEXT_LITERAL(""),
        .payload = payload,
        .attempts = known != NULL ? known->attempts + 1 : 1,
        .at_us = push_now(push),
        .run = pass->run,
    };
    char *home = arena_print(&push->arena, "%lld", (long long)item->row.id);
    if (home == NULL || !dead_reason(push, reason, &row)) {
        return error_memory(error);
    }
    row.external = text_of(home);
    assert(push->page.dead_count < PUSH_BLOCK);
    push->page.deads[push->page.dead_count++] = row;
    pass->counts->dead++;
    return true;
}

// --- what needs no write ---

bool push_settle_decided(struct pushing *push, struct push_item *item, struct error *error) {
    item->settled = true;
    switch (item->decision) {
    case PUSH_NOTHING:
        push_close_dead(push, item->row.id);
        push_close_held(push, item);
        return true;
    case PUSH_LATER:
        push_hold_back(push, item);
        return true;
    case PUSH_LEAVE:
        return true;
    case PUSH_SKIP:
        push_close_dead(push, item->row.id);
        push->pass->counts->skipped += !item->waited;
        return true;
    case PUSH_WAIT:
    case PUSH_REFUSE:
    case PUSH_LOOP:
        return push_settle_dead(push, item, item->reason, error);
    case PUSH_AGREE:
        push_close_dead(push, item->row.id);
        add_end(push, item, PUSH_AGREES);
        return true;
    case PUSH_DELETE: // not now
        return item->waited || push_delete_later(push, item, error);
    case PUSH_LOOK:
    case PUSH_CREATE:
    case PUSH_UPDATE:
        break;
    }
    assert(false && "an item that must be written was settled without");
    return error_set(error, ERROR_TRANSFORM, "a decision that cannot be");
}

// --- what was written ---

// What the reply gives back. It is there: whatever goes wrong with its reply, that must not be lost.
static bool take_back(struct pushing *push, struct push_item *item, struct error *error) {
    struct form *form = arena_take(&push->arena, sizeof *form);
    struct error failure;
    bool ok = false;
    if (form == NULL) {
        return error_memory(error);
    }
    if (!item->receipt.has_reply || item->receipt.reply.kind != VALUE_OBJECT) {
        error_set(&failure, ERROR_TRANSFORM,
                  "its reply could not be learned; the datasource's read_back can ask for it");
    } else {
        ok = push_back(&push->former, &item->row, item->receipt.reply.as.object, &push->arena, form, &failure);
    }
    if (!ok && !push_is_own(&failure)) {
        *error = failure;
        return false;
    }
    if (!ok) {
        log_line(push->pass->log, LOG_ERROR, "%.*s %lld went to %.*s, but nothing was taken back: W%d %s (%s)",
                 TEXT_ARGS(push->pass->type->name), (long long)item->row.id, TEXT_ARGS(push->pass->sync->datasource),
                 (int)failure.code, failure.message, failure.place);
    }
    item->back = ok ? form : NULL;
    return true;
}

bool push_settle_done(struct pushing *push, struct push_item *item, struct error *error) {
    bool is_delete = item->item.verb == TARGET_DELETE;
    if (item->item.verb == TARGET_CREATE && item->receipt.external.length == 0) {
        error_set(&item->receipt.error, ERROR_PUSH_UNKNOWN, "it was taken, but no id came back");
        return push_settle_parked(push, item, error);
    }
    item->settled = true;
    push->tried++;
    push->pass->counts->pushed++;
    push_close_dead(push, item->row.id);
    push_close_held(push, item);
    close_intent(push, item);
    add_end(push, item, is_delete ? PUSH_FORGETS : PUSH_WENT);
    return is_delete || item->row.fields == NULL || !push_has_back(&push->former) || take_back(push, item, error);
}

bool push_settle_gone(struct pushing *push, struct push_item *item, struct error *error) {
    const struct push_pass *pass = push->pass;
    enum conflict_policy policy = pass->sync->conflict;
    bool keeps = policy == CONFLICT_DATASOURCE || policy == CONFLICT_FUNCTION; // a function has nothing to merge
    if (keeps && !item->retried) {
        struct error reason;
        error_set(&reason, ERROR_PUSH_GONE,
                  "%.*s %.*s was edited in home and is not at %.*s any more; delete it in home too, or retry this dead "
                  "letter to make it anew",
                  TEXT_ARGS(pass->type->name), TEXT_ARGS(item->external), TEXT_ARGS(pass->sync->datasource));
        return push_settle_dead(push, item, &reason, error);
    }
    log_line(pass->log, LOG_WARNING, "%.*s %.*s is not at %.*s any more and was edited in home: it is made anew",
             TEXT_ARGS(pass->type->name), TEXT_ARGS(item->external), TEXT_ARGS(pass->sync->datasource));
    close_intent(push, item);
    add_end(push, item, PUSH_FORGETS);
    item->anew = true;
    return true;
}

bool push_settle_unknown(struct pushing *push, struct push_item *item, struct error *error) {
    item->settled = true;
    push_hold_back(push, item);
    log_line(push->pass->log, LOG_WARNING, "nobody knows whether %.*s %lld went to %.*s; the next run asks",
             TEXT_ARGS(push->pass->type->name), (long long)item->row.id, TEXT_ARGS(push->pass->sync->datasource));
    return push_keep_intent(push, item->row.id, item->intent, INTENT_UNKNOWN, error) &&
           push_put_intent(push, item, INTENT_UNKNOWN, error);
}

bool push_settle_parked(struct pushing *push, struct push_item *item, struct error *error) {
    const struct push_pass *pass = push->pass;
    int64_t intent = item->intent;
    struct error reason;
    error_set(&reason, ERROR_PUSH_UNKNOWN, "nobody knows whether it went to %.*s (%s): %s",
              TEXT_ARGS(pass->sync->datasource), verb_name(item), item->receipt.error.message);
    item->intent = 0; // it stays, parked
    if (!push_settle_dead(push, item, &reason, error)) {
        return false;
    }
    item->intent = intent;
    log_line(pass->log, LOG_WARNING, "nobody knows whether %.*s %lld went to %.*s: a person decides (`weir dead list`)",
             TEXT_ARGS(pass->type->name), (long long)item->row.id, TEXT_ARGS(pass->sync->datasource));
    return push_keep_intent(push, item->row.id, intent, INTENT_PARKED, error) &&
           push_put_intent(push, item, INTENT_PARKED, error);
}

void push_settle_unsent(struct pushing *push, struct push_item *item) {
    close_intent(push, item);
}

// The page of a push. Its effects are made of home as it stands at that moment, and made again when somebody edits it
// in between: what was sent is what both sides agree on, an edit since then stays an edit.

#include <assert.h>
#include <string.h>

#include "engine/push_work.h"

static struct effect *effect_add(struct pushing *push, const struct push_item *item, enum effect_kind kind) {
    struct push_page *page = &push->page;
    assert(page->effect_count < (size_t)2 * PUSH_BLOCK);
    struct effect *effect = &page->effects[page->effect_count++];
    *effect = (struct effect){
        .kind = kind,
        .datatype = push->pass->type->datatype,
        .id = item->row.id,
        .base_seq = item->row.seq,
        .links = push->pass->links,
        .external = item->external,
        .seen = item->link.seen,
        .extra = {.kind = VALUE_MISSING},
    };
    return effect;
}

// --- what was taken back ---

// The sent fields with what came back: what both sides agree on. NULL when nothing new came back.
static bool agreed_fields(struct pushing *push, const struct push_item *item, struct value **out, struct error *error) {
    const struct datatype *datatype = push->pass->type->datatype;
    bool changed = false;
    *out = NULL;
    if (item->back == NULL) {
        return true;
    }
    struct value *fields = arena_take(&push->arena, (datatype->count + 1) * sizeof *fields);
    if (fields == NULL) {
        return error_memory(error);
    }
    for (size_t i = 0; i < datatype->count; i++) {
        const struct value *back = &item->back->fields[i];
        bool says = back->kind != VALUE_MISSING && !field_same(&datatype->fields[i], back, &item->row.fields[i]);
        fields[i] = says ? *back : item->row.fields[i];
        changed = changed || says;
    }
    struct error failure;
    if (changed && !datatype_complete(datatype, fields, &failure)) {
        log_line(push->pass->log, LOG_ERROR, "%.*s %lld: what came back does not fit: %s",
                 TEXT_ARGS(push->pass->type->name), (long long)item->row.id, failure.message);
        changed = false;
    }
    *out = changed ? fields : NULL;
    return true;
}

// Today's fields with what came back, but for those that were edited meanwhile.
static bool todays_fields(struct pushing *push, const struct push_item *item, const struct value *agreed,
                          const struct home_row *today, struct value **out, struct error *error) {
    const struct datatype *datatype = push->pass->type->datatype;
    struct value *fields = arena_take(&push->arena, (datatype->count + 1) * sizeof *fields);
    if (fields == NULL) {
        return error_memory(error);
    }
    for (size_t i = 0; i < datatype->count; i++) {
        bool edited = !field_same(&datatype->fields[i], &today->fields[i], &item->row.fields[i]);
        fields[i] = edited ? today->fields[i] : agreed[i];
    }
    *out = fields;
    return true;
}

static bool effect_back(struct pushing *push, const struct push_item *item, const struct value *agreed,
                        struct effect *effect, struct error *error) {
    const struct push_pass *pass = push->pass;
    struct home_row today;
    struct value *fields = NULL;
    if (!pass->store->type->record_find(pass->store, pass->type->datatype, item->row.id, &push->arena, &today, error)) {
        return false;
    }
    bool agrees = effect->base_seq != 0;
    effect->agreed = agrees ? agreed : effect->agreed;
    if (today.id == 0) {
        return true; // deleted meanwhile: the link alone, so that the delete follows
    }
    if (!todays_fields(push, item, agreed, &today, &fields, error)) {
        return false;
    }
    effect->kind = EFFECT_UPDATE;
    effect->base_seq = today.seq;
    effect->fields = fields;
    effect->extra = today.extra;
    if (agrees && today.seq == item->row.seq) {
        effect->agreed = NULL;
    }
    if (push->marks) {
        push->page.stales[push->page.stale_count++] = (struct stale_row){pass->type->datatype->name, item->row.id};
    }
    return true;
}

// --- what was asked about ---

// The watermark is past a record that waited. Where no pull looks at what was met, a dead letter remembers it until the
// next push has written it.
static bool remind(struct pushing *push, struct push_item *item, struct error *error) {
    struct error reason;
    if (!item->waited || item->told || push->pass->sync->direction == SYNC_BOTH) {
        return true;
    }
    error_set(&reason, ERROR_PUSH_WAITS, "it was found at %.*s as %.*s; the next push brings it up to date there",
              TEXT_ARGS(push->pass->sync->datasource), TEXT_ARGS(item->receipt.external));
    item->told = true;
    return push_settle_dead(push, item, &reason, error);
}

// What is there may be another's, or somebody changed it: nothing is agreed on yet. The next pull weighs the two as it
// does where a key finds a record, without a base; where nothing is pulled, the next push brings home's form.
static bool effect_met(struct pushing *push, struct push_item *item, const struct value *agreed, struct effect *effect,
                       struct error *error) {
    struct value *nothing = arena_take_zero(&push->arena, push->pass->type->datatype->count + 1, sizeof *nothing);
    if (nothing == NULL) {
        return error_memory(error);
    }
    push_hold_back(push, item);
    if (!remind(push, item, error)) {
        return false;
    }
    push->page.meets = true;
    effect->base_seq = 0;
    effect->agreed = nothing;
    effect->seen = (struct print){0, 0};
    effect->sends = false;
    return agreed == NULL || effect_back(push, item, agreed, effect, error);
}

// Whether the reply has everything that was sent.
static bool says_all(const struct push_item *item) {
    const struct target_receipt *receipt = &item->receipt;
    bool learned = receipt->has_reply && receipt->reply.kind == VALUE_OBJECT;
    const struct object *reply = learned ? receipt->reply.as.object : NULL;
    for (uint32_t i = 0; reply != NULL && item->form != NULL && i < item->form->shape->count; i++) {
        const struct value *there = object_find(reply, item->form->shape->names[i]);
        bool empty = value_empty(&item->form->values[i]);
        if (empty ? there != NULL && !value_empty(there)
                  : there == NULL || !value_same(there, &item->form->values[i])) {
            return false;
        }
    }
    return reply != NULL;
}

// It may have been changed there since it was sent, so the next pull looks at it; unless home deleted it since, which
// is to follow.
static bool effect_late(struct pushing *push, const struct push_item *item, struct effect *effect,
                        struct error *error) {
    const struct push_pass *pass = push->pass;
    struct home_row today;
    if (!pass->store->type->record_find(pass->store, pass->type->datatype, item->row.id, &push->arena, &today, error)) {
        return false;
    }
    if (today.id != 0 || !says_all(item)) {
        effect->seen = (struct print){0, 0};
    }
    return true;
}

// --- what was written ---

// Whether another record already is the one that the datasource says this one is.
static bool is_taken(struct pushing *push, const struct push_item *item, struct text external, bool *linked,
                     bool *taken, struct error *error) {
    const struct push_pass *pass = push->pass;
    struct link theirs;
    struct link ours;
    struct text known;
    if (!pass->store->type->link_find(pass->store, pass->links, &external, 1, &theirs, error) ||
        !pass->store->type->link_of(pass->store, pass->links, item->row.id, &push->arena, &ours, &known, error)) {
        return false;
    }
    bool moves = item->link.home != 0 && ours.home != 0 && text_same(known, item->external);
    *linked = ours.home != 0 && text_same(known, external);
    *taken = (theirs.home != 0 && theirs.home != item->row.id) || (ours.home != 0 && !*linked && !moves);
    for (size_t i = 0; i < push->page.effect_count; i++) {
        const struct effect *effect = &push->page.effects[i];
        *taken = *taken ||
                 (effect->kind != EFFECT_FORGET && effect->id != item->row.id && text_same(effect->external, external));
    }
    return true;
}

static bool refuse_taken(struct pushing *push, struct push_item *item, struct error *error) {
    struct error reason;
    error_set(&reason, ERROR_KEY_AMBIGUOUS,
              "%.*s says that it is its %.*s, which another record of home is already; merge the two, then drop this "
              "dead letter",
              TEXT_ARGS(push->pass->sync->datasource), TEXT_ARGS(item->receipt.external));
    item->end = PUSH_KEEPS;
    push->pass->counts->pushed--; // whoever goes on as long as something is pushed would never end
    return push_settle_dead(push, item, &reason, error);
}

static bool effect_went(struct pushing *push, struct push_item *item, struct error *error) {
    const struct link *link = &item->link;
    const struct print none = {0, 0};
    struct text external = item->receipt.external.length > 0 ? item->receipt.external : item->external;
    bool adds = link->home == 0 || !text_same(external, item->external);
    bool linked = true;
    if (adds) {
        bool taken;
        if (!is_taken(push, item, external, &linked, &taken, error)) {
            return false;
        }
        if (taken) {
            return refuse_taken(push, item, error);
        }
        if (link->home != 0 && !linked) {
            effect_add(push, item, EFFECT_FORGET); // it is known by another id there from now on
        }
    }
    struct value *agreed = NULL;
    if (!agreed_fields(push, item, &agreed, error)) {
        return false;
    }
    struct effect *effect = effect_add(push, item, EFFECT_AGREE);
    effect->external = external;
    effect->adds_link = !linked;
    // A reference that waits goes on waiting with what the datasource has now: the next pull looks at that.
    effect->seen = item->borrowed ? none : item->receipt.seen;
    effect->sends = true;
    effect->sent = item->sent;
    effect->sent_before = print_same(link->sent, none) ? link->sent_before : link->sent;
    effect->bounces = item->bounces;
    effect->agreed = item->row.fields;
    if (item->item.verb == TARGET_CREATE && item->receipt.differs) {
        return effect_met(push, item, agreed, effect, error);
    }
    return (!item->late || effect_late(push, item, effect, error)) &&
           (agreed == NULL || effect_back(push, item, agreed, effect, error));
}

static bool page_effects(struct pushing *push, struct error *error) {
    struct push_page *page = &push->page;
    page->effect_count = 0;
    page->stale_count = 0;
    page->meets = false;
    for (size_t i = 0; i < page->end_count; i++) {
        struct push_item *item = page->ends[i];
        switch (item->end) {
        case PUSH_KEEPS:
            break;
        case PUSH_AGREES:
            effect_add(push, item, EFFECT_AGREE)->agreed = item->row.fields;
            break;
        case PUSH_FORGETS:
            effect_add(push, item, EFFECT_FORGET);
            break;
        case PUSH_WENT:
            if (!effect_went(push, item, error)) {
                return false;
            }
            break;
        }
    }
    return true;
}

// --- the page ---

static void page_reset(struct push_page *page) {
    page->end_count = page->dead_count = page->dead_done_count = 0;
    page->intent_count = page->intent_done_count = 0;
    page->held_count = page->held_done_count = 0;
    page->effect_count = page->stale_count = 0;
    page->meets = false;
}

static bool page_is_empty(const struct push_page *page) {
    return page->end_count + page->dead_count + page->dead_done_count + page->intent_count + page->intent_done_count +
               page->held_count + page->held_done_count ==
           0;
}

void push_advance(struct pushing *push) {
    for (; push->turn < push->count && push->items[push->turn].settled; push->turn++) {
        const struct push_item *item = &push->items[push->turn];
        if (!item->waited && item->row.seq > push->dealt) {
            push->dealt = item->row.seq;
        }
    }
}

// How far home's changes are dealt with: never past one that must be looked at again.
static int64_t reach(struct pushing *push) {
    push_advance(push);
    int64_t reached = push->dealt;
    if (push->stuck != 0 && push->stuck <= reached) {
        reached = push->stuck - 1;
    }
    if (push->delete_first != 0 && push->delete_first <= reached) {
        reached = push->delete_first - 1;
    }
    return reached > push->watermark ? reached : push->watermark;
}

static bool commit(struct pushing *push, int64_t reached, enum commit_outcome *outcome, struct error *error) {
    const struct push_pass *pass = push->pass;
    const struct push_page *from = &push->page;
    struct watermark_row watermarks[2];
    size_t watermark_count = 0;
    if (reached > push->watermark) {
        struct text text = text_digits(reached, push->watermark_text);
        watermarks[watermark_count++] = (struct watermark_row){pass->key, pass->type->name, TEXT_LITERAL("push"), text};
    }
    if (from->meets && pass->sync->direction == SYNC_BOTH) {
        // What was met may be behind the pull's watermark: the next pull reads everything.
        watermarks[watermark_count++] =
            (struct watermark_row){pass->key, pass->type->name, TEXT_LITERAL("full"), {"", 0}};
    }
    struct page page = {
        .lease = pass->lease,
        .run = pass->run,
        .origin = pass->sync->datasource,
        .at_us = push_now(push),
        .effects = from->effects,
        .effect_count = from->effect_count,
        .deads = from->deads,
        .dead_count = from->dead_count,
        .deads_done = from->deads_done,
        .dead_done_count = from->dead_done_count,
        .intents = from->intents,
        .intent_count = from->intent_count,
        .intents_done = from->intents_done,
        .intent_done_count = from->intent_done_count,
        .watermarks = watermarks,
        .watermark_count = watermark_count,
        .helds = from->helds,
        .held_count = from->held_count,
        .helds_done = from->helds_done,
        .held_done_count = from->held_done_count,
        .stales = from->stales,
        .stale_count = from->stale_count,
    };
    return store_commit(pass->store, &page, outcome, error);
}

static bool commit_page(struct pushing *push, struct error *error) {
    enum commit_outcome outcome = COMMIT_STALE;
    int64_t reached = 0;
    for (int tries = 0; outcome == COMMIT_STALE; tries++) {
        if (tries == PUSH_STALE_MAX) {
            return error_set(error, ERROR_HOME_BUSY, "home changed under a page of the push %d times", tries);
        }
        if (!page_effects(push, error)) {
            return false;
        }
        reached = reach(push);
        if (!commit(push, reached, &outcome, error)) {
            return false;
        }
    }
    push->watermark = reached;
    page_reset(&push->page);
    return true;
}

bool push_commit(struct pushing *push, struct error *error) {
    return page_is_empty(&push->page) || commit_page(push, error);
}

bool push_mark(struct pushing *push, struct error *error) {
    return (page_is_empty(&push->page) && reach(push) <= push->watermark) || commit_page(push, error);
}

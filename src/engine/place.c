// One form into the plan: find what it refers to, ask home, decide, write down the effects.

#include <assert.h>
#include <string.h>

#include "engine/clash.h"
#include "engine/decide.h"
#include "engine/place.h"
#include "engine/receipt.h"

// --- effects ---

struct effect *place_effect(struct flow *flow, const struct placing *placing, enum effect_kind kind, int64_t id,
                            int64_t base_seq) {
    struct effect *effect = slot_effect(flow_slot(flow));
    if (effect != NULL) {
        effect->kind = kind;
        effect->datatype = placing->form.datatype;
        effect->id = id;
        effect->base_seq = base_seq;
        effect->links = placing->links;
        effect->external = placing->external;
        effect->seen = placing->print;
    }
    return effect;
}

bool place_complete(const struct form *form, struct error *error) {
    for (size_t i = 0; i < form->datatype->count; i++) {
        if (form->fields[i].kind == VALUE_MISSING) {
            form->fields[i] = form->datatype->fields[i].fallback;
        }
    }
    return datatype_complete(form->datatype, form->fields, error);
}

bool place_overlay(const struct form *form, const struct value *under, struct value under_extra, struct arena *arena,
                   struct value **out, struct value *extra, bool *same, struct error *error) {
    size_t count = form->datatype->count;
    struct value *fields = arena_take(arena, count * sizeof *fields + 1);
    if (fields == NULL) {
        return error_memory(error);
    }
    *same = true;
    for (size_t i = 0; i < count; i++) {
        const struct value *said = &form->fields[i];
        fields[i] = said->kind != VALUE_MISSING ? *said : under[i];
        *same = *same && (said->kind == VALUE_MISSING || field_same(&form->datatype->fields[i], said, &under[i]));
    }
    *extra = form->extra.kind != VALUE_MISSING ? form->extra : under_extra;
    *same = *same && (form->extra.kind == VALUE_MISSING || value_same(&form->extra, &under_extra));
    *out = fields;
    return datatype_complete(form->datatype, fields, error);
}

bool place_conflict(struct flow *flow, const struct placing *placing, const char *kind, int64_t home,
                    struct print print, const struct value *fields, struct value extra, struct error *error) {
    struct slot *slot = flow_slot(flow);
    struct conflict_row *row = slot_conflict(slot);
    if (row == NULL) {
        return error_memory(error);
    }
    *row = (struct conflict_row){
        .kind = text_of(kind),
        .datasource = placing->links->datasource,
        .datatype = placing->form.datatype->name,
        .external = placing->external,
        .home = home,
        .print = print,
    };
    slot->counts.conflicts += !text_is(row->kind, "repeat");
    size_t count = placing->form.datatype->count;
    struct value *copy = arena_take(&slot->arena, count * sizeof *copy + 1);
    if (copy == NULL) {
        return error_memory(error);
    }
    memcpy(copy, fields, count * sizeof *copy);
    struct form losing = {placing->form.datatype, copy, extra};
    return (placing_place(slot, placing, &row->place) && form_object(&losing, &slot->arena, &row->payload)) ||
           error_memory(error);
}

static bool create(struct flow *flow, const struct placing *placing, const struct sight *sight, int64_t id,
                   bool adds_link, struct error *error) {
    struct slot *slot = flow_slot(flow);
    if (!place_complete(&placing->form, error)) {
        return false;
    }
    if (sight->key.length > 0 && !map_put(&slot->keys, sight->key, (uint64_t)id)) {
        return error_memory(error);
    }
    struct effect *effect = place_effect(flow, placing, EFFECT_CREATE, id, 0);
    if (effect == NULL) {
        return error_memory(error);
    }
    effect->fields = placing->form.fields;
    effect->extra = placing->form.extra;
    effect->adds_link = adds_link;
    place_outdated(effect, &sight->link); // one that is brought back: what was sent is there no more
    return true;
}

// The datasource's form over home's. `adopts`: there was no link. `keeps`: home's form loses and is kept.
static bool update(struct flow *flow, const struct placing *placing, const struct sight *sight, bool adopts, bool keeps,
                   enum placed *placed, struct error *error) {
    struct slot *slot = flow_slot(flow);
    struct value *fields;
    struct value extra;
    bool same;
    if (!place_overlay(&placing->form, sight->row.fields, sight->row.extra, &slot->arena, &fields, &extra, &same,
                       error)) {
        return false;
    }
    bool repeats =
        !adopts && !sight->posted && sight->link.agreed_seq > flow->pass_seq && placing->links == flow->links;
    if (repeats && !place_conflict(flow, placing, "repeat", sight->row.id, sight->link.seen, sight->row.fields,
                                   sight->row.extra, error)) {
        return false;
    }
    if (keeps && !same && !repeats &&
        !place_conflict(flow, placing, "edit", sight->row.id, (struct print){0, 0}, sight->row.fields, sight->row.extra,
                        error)) {
        return false;
    }
    if (adopts && !map_put(&slot->keys, sight->key, (uint64_t)sight->row.id)) {
        return error_memory(error);
    }
    struct effect *effect =
        place_effect(flow, placing, same ? EFFECT_AGREE : EFFECT_UPDATE, sight->row.id, sight->row.seq);
    if (effect == NULL) {
        return error_memory(error);
    }
    effect->fields = fields;
    effect->extra = extra;
    effect->adds_link = adopts;
    if (!same) {
        place_outdated(effect, &sight->link);
    }
    *placed = same ? PLACED_UNCHANGED : PLACED_UPDATED;
    return true;
}

void place_outdated(struct effect *effect, const struct link *link) {
    if (effect->links->tracked && (link->sent.low | link->sent.high) != 0) {
        effect->sends = true;
        effect->sent_before = link->sent;
        effect->bounces = link->bounces;
    }
}

// --- the same external id again, in the page in hand ---

// The same over an effect that a merge made, or that lets a deletion stand.
static bool weigh_again(struct flow *flow, const struct placing *placing, struct effect *effect, struct touch *touch,
                        enum placed *placed, struct error *error) {
    bool same;
    if (!place_conflict(flow, placing, "repeat", effect->id, touch->print, effect->agreed, effect->extra, error) ||
        !clash_again(flow, placing, effect, &same, error)) {
        return false;
    }
    effect->seen = placing->print;
    touch->print = placing->print;
    *placed = same ? PLACED_UNCHANGED : PLACED_UPDATED;
    return true;
}

// The earlier effect gets the later form; the earlier form is kept as a conflict.
static bool place_again(struct flow *flow, const struct placing *placing, struct touch *touch, enum placed *placed,
                        struct error *error) {
    struct slot *slot = flow_slot(flow);
    struct effect *effect = &slot->effects[touch->index];
    struct value *fields;
    struct value extra;
    bool same;
    if (effect->agreed != NULL) {
        return weigh_again(flow, placing, effect, touch, placed, error);
    }
    if (!place_overlay(&placing->form, effect->fields, effect->extra, &slot->arena, &fields, &extra, &same, error) ||
        !place_conflict(flow, placing, "repeat", effect->id, touch->print, effect->fields, effect->extra, error)) {
        return false;
    }
    effect->fields = fields;
    effect->extra = extra;
    effect->seen = placing->print;
    if (effect->kind == EFFECT_AGREE && !same) {
        effect->kind = EFFECT_UPDATE;
    }
    touch->print = placing->print;
    *placed = same ? PLACED_UNCHANGED : PLACED_UPDATED;
    return true;
}

// --- closing what was open ---

bool flow_close(struct flow *flow, const struct linkset *links, struct text external, bool waits, struct error *error) {
    struct slot *slot = flow_slot(flow);
    if (links != flow->links || flow->ends.count == 0) {
        return true;
    }
    struct end *dead = ends_dead(&flow->ends, external);
    struct end *held = waits ? NULL : ends_held(&flow->ends, external); // a row that waits on is only put anew
    bool ok = (dead == NULL || slot_dead_done(slot, dead->id)) && (held == NULL || slot_pending_done(slot, held->id));
    return ok || error_memory(error);
}

// --- the whole ---

static bool refuse(const struct placing *placing, enum decision decision, struct error *error) {
    struct text type = placing->form.datatype->name;
    if (decision == DECIDE_TAKEN) {
        return error_set(error, ERROR_KEY_AMBIGUOUS,
                         "another record of %.*s already is the %.*s with this key; correct or remove one of the two",
                         TEXT_ARGS(placing->links->datasource), TEXT_ARGS(type));
    }
    return error_set(error, ERROR_KEY_AMBIGUOUS,
                     "home has several records of %.*s with this key; merge them, then retry this dead letter",
                     TEXT_ARGS(type));
}

static bool carry_out(struct flow *flow, const struct placing *placing, const struct sight *sight,
                      enum decision decision, enum placed *placed, enum flow_outcome *outcome, struct error *error) {
    switch (decision) {
    case DECIDE_CREATE:
        if (flow->ids->next == flow->ids->end) {
            *outcome = FLOW_STARVED;
            return true;
        }
        *placed = PLACED_CREATED;
        return create(flow, placing, sight, flow->ids->next++, true, error);
    case DECIDE_BRING_BACK:
        if (clash_weighs(flow, placing)) {
            bool stands;
            if (!clash_deleted(flow, placing, sight, &stands, error)) {
                return false;
            }
            if (stands) {
                *placed = PLACED_UNCHANGED;
                return true;
            }
            if (!clash_revive(flow, placing, sight, error)) {
                return false;
            }
        }
        log_line(flow->log, LOG_WARNING, "%.*s %lld was deleted in home and changed in %.*s: it is brought back",
                 TEXT_ARGS(placing->form.datatype->name), (long long)sight->link.home,
                 TEXT_ARGS(placing->links->datasource));
        *placed = PLACED_CREATED;
        return create(flow, placing, sight, sight->link.home, false, error);
    case DECIDE_UPDATE:
        return update(flow, placing, sight, false, false, placed, error);
    case DECIDE_MERGE:
    case DECIDE_ADOPT: {
        bool adopts = decision == DECIDE_ADOPT;
        return clash_weighs(flow, placing) ? clash_merge(flow, placing, sight, adopts, placed, error)
                                           : update(flow, placing, sight, adopts, true, placed, error);
    }
    case DECIDE_TAKEN:
    case DECIDE_AMBIGUOUS:
        return refuse(placing, decision, error);
    case DECIDE_NOTHING:
    case DECIDE_DELETE:
    case DECIDE_KEEP:
    case DECIDE_FORGET:
        break; // not of a record that is there and changed
    }
    assert(false && "a record that is there was decided as gone");
    return error_set(error, ERROR_TRANSFORM, "a decision that cannot be");
}

static bool place_new(struct flow *flow, const struct placing *placing, struct text key, struct waits *waits,
                      enum placed *placed, enum flow_outcome *outcome, struct error *error) {
    struct slot *slot = flow_slot(flow);
    struct sight sight;
    if (!sight_take(flow, placing, &sight, error)) {
        return false;
    }
    bool own = placing->links == flow->links;
    if (own && sight.link.home != 0 && !presence_mark(&flow->present, sight.link.home, error)) {
        return false;
    }
    if (sight.link.home != 0 && print_same(sight.link.seen, placing->print)) {
        *placed = PLACED_UNCHANGED;
        return true;
    }
    enum decision decision = decide(sight.link.home != 0 ? LINK_THERE : LINK_NONE, REMOTE_CHANGED, sight.home);
    bool echo = false;
    if ((decision == DECIDE_MERGE || decision == DECIDE_BRING_BACK) && waits->count == 0 &&
        !clash_echo(flow, placing, &sight, &echo, error)) {
        return false;
    }
    struct posted post = {.posted = false};
    if (own && !receipt_posted(flow, &sight.link, placing->record, &post, error)) {
        return false;
    }
    sight.posted = post.posted;
    if (echo || post.newer) {
        struct touch told = {placing->print, TOUCH_SKIPPED, (size_t)TOUCH_NOTHING};
        *placed = PLACED_UNCHANGED;
        return place_waited(flow, placing, waits, sight.link.home, error) &&
               (slot_touch(slot, key, told) || error_memory(error));
    }
    if (!carry_out(flow, placing, &sight, decision, placed, outcome, error)) {
        return false;
    }
    if (*outcome != FLOW_DECIDED) {
        return true;
    }
    size_t index = slot->effect_count - 1;
    int64_t home = slot->effects[index].id;
    struct touch touch = {placing->print, TOUCH_EFFECT, index};
    return (!own || flow->links->bulk || presence_mark(&flow->present, home, error)) &&
           (placing->links->bulk || slot_touch(slot, key, touch) || error_memory(error)) &&
           place_waited(flow, placing, waits, home, error) &&
           (slot->effects[index].fields == NULL || place_wait(flow, placing, waits, home, error));
}

bool place_cancel(struct slot *slot, const struct touch *touch, struct error *error) {
    if (touch != NULL && touch->kind == TOUCH_DEAD) {
        slot->deads[touch->index].flow.length = 0;
    } else if (touch != NULL && touch->kind == TOUCH_HELD) {
        slot->pendings[touch->index].datatype.length = 0;
    } else if (touch != NULL && touch->kind == TOUCH_GONE && touch->index != (size_t)TOUCH_NOTHING &&
               slot->effects[touch->index].kind == EFFECT_FORGET) {
        // Effects are known by their place, so it becomes one that changes nothing: the link stays as it was.
        struct effect *effect = &slot->effects[touch->index];
        effect->kind = EFFECT_AGREE;
        effect->agreed = arena_take_zero(&slot->arena, effect->datatype->count + 1, sizeof *effect->agreed);
        return effect->agreed != NULL || error_memory(error);
    }
    return true;
}

static bool held_conflict(struct flow *flow, const struct placing *placing, const struct pending_row *lost,
                          struct error *error) {
    struct slot *slot = flow_slot(flow);
    struct conflict_row *row = slot_conflict(slot);
    if (row == NULL) {
        return error_memory(error);
    }
    *row = (struct conflict_row){
        .kind = TEXT_LITERAL("repeat"),
        .datasource = placing->links->datasource,
        .datatype = placing->form.datatype->name,
        .external = placing->external,
        .print = lost->seen,
    };
    return (value_copy(&slot->arena, &lost->fields, &row->payload) &&
            arena_text(&slot->arena, lost->place, &row->place)) ||
           error_memory(error);
}

struct losing {
    struct flow *flow;
    const struct placing *placing;
};

static bool lose_held(void *context, const struct pending_row *row, struct error *error) {
    const struct losing *losing = context;
    return held_conflict(losing->flow, losing->placing, row, error);
}

// A record that waits comes again in the same pass: the later form waits on, the earlier is kept as a conflict. It
// waits in this page, or since an earlier one.
static bool hold_again(struct flow *flow, const struct placing *placing, const struct touch *touch,
                       struct error *error) {
    struct slot *slot = flow_slot(flow);
    struct ends *ends = &flow->ends;
    if (!place_cancel(slot, touch, error)) {
        return false;
    }
    if (touch != NULL && touch->kind == TOUCH_HELD) {
        return print_same(touch->print, placing->print) ||
               held_conflict(flow, placing, &slot->pendings[touch->index], error);
    }
    if (placing->links != flow->links) {
        return true;
    }
    const struct end *held = ends_held(ends, placing->external);
    if (held != NULL && held->run >= flow->pass_run && !print_same(held->print, placing->print)) {
        struct losing losing = {flow, placing};
        struct scan scan = {.filter = ends->datatype, .after = held->id - 1, .limit = 1};
        if (!flow->store->type->pending_scan(flow->store, &scan, lose_held, &losing, error)) {
            return false;
        }
    }
    struct loser *met = ends_met(ends, placing->external);
    return met == NULL || print_same(met->print, placing->print) || flow_defer(flow, met, 0, error);
}

bool flow_place(struct flow *flow, const struct placing *placing, enum placed *placed, enum flow_outcome *outcome,
                struct error *error) {
    struct slot *slot = flow_slot(flow);
    struct waits waits;
    struct text key = {"", 0};
    struct touch *touch = NULL;
    *outcome = FLOW_DECIDED;
    *placed = PLACED_UNCHANGED;
    // A first load notes only what waits or died: mostly there is nothing to look for.
    if (!placing->links->bulk || slot->touch_count > 0) {
        if (!slot_key(slot, placing->links, placing->external, &key)) {
            return error_memory(error);
        }
        touch = slot_touched(slot, key);
    }
    if (touch != NULL && touch->kind == TOUCH_EFFECT && print_same(touch->print, placing->print)) {
        *placed = PLACED_UNCHANGED;
        return true;
    }
    if (!place_resolve(flow, &placing->form, &waits, outcome, error)) {
        return false;
    }
    if (*outcome != FLOW_DECIDED) {
        return true;
    }
    if (waits.held) {
        *placed = PLACED_HELD;
        return hold_again(flow, placing, touch, error) && place_hold(flow, placing, &waits, error) &&
               ((slot_key(slot, placing->links, placing->external, &key) &&
                 slot_touch(slot, key, (struct touch){placing->print, TOUCH_HELD, slot->pending_count - 1})) ||
                error_memory(error)) &&
               flow_close(flow, placing->links, placing->external, true, error);
    }
    if (touch != NULL && touch->kind == TOUCH_EFFECT) {
        int64_t home = slot->effects[touch->index].id;
        return place_again(flow, placing, touch, placed, error) && place_wait(flow, placing, &waits, home, error);
    }
    return place_cancel(slot, touch, error) && place_new(flow, placing, key, &waits, placed, outcome, error) &&
           flow_close(flow, placing->links, placing->external, false, error);
}

// One form into the plan: find what it refers to, ask home, decide, write down the effects.

#include <assert.h>
#include <string.h>

#include "engine/decide.h"
#include "engine/sight.h"

// An optional reference that is applied as null and waits.
struct wait {
    uint32_t field;
    struct reference reference;
};

enum { WAITS_MAX = 64 };

struct waits {
    struct wait list[WAITS_MAX];
    size_t count;
    bool held; // a required reference is missing: list[count - 1] says which
};

// --- references ---

static bool resolve_form(struct flow *flow, const struct form *form, struct waits *waits, enum flow_outcome *outcome,
                         struct error *error) {
    waits->count = 0;
    waits->held = false;
    for (uint32_t i = 0; i < form->datatype->count; i++) {
        const struct field *field = &form->datatype->fields[i];
        struct reference reference;
        if (field->type != FIELD_REF || !reference_of(&form->fields[i], &reference)) {
            continue;
        }
        struct linkset *links;
        int64_t home = 0;
        if (!flow_linkset(flow, reference.datasource, reference.target, &links, outcome, error)) {
            return false;
        }
        if (*outcome != FLOW_DECIDED) {
            return true;
        }
        if (links != NULL &&
            !resolver_find(flow->resolver, flow->pages, flow->page_count, links, reference.external, &home, error)) {
            return false;
        }
        if (home != 0) {
            form->fields[i] = value_integer(home);
            continue;
        }
        if (waits->count == WAITS_MAX) {
            return error_set(error, ERROR_LIMIT, "more than %d references of one record wait at once", WAITS_MAX);
        }
        waits->list[waits->count++] = (struct wait){i, reference};
        if (field->required) {
            waits->held = true; // the reference stays in the form: it is looked up again when this one arrives
            return true;
        }
    }
    for (size_t i = 0; i < waits->count; i++) {
        form->fields[waits->list[i].field] = value_null();
    }
    return true;
}

static bool hold(struct flow *flow, const struct placing *placing, const struct waits *waits, struct error *error) {
    struct slot *slot = flow_slot(flow);
    const struct wait *wait = &waits->list[waits->count - 1];
    struct pending_row *row = slot_pending(slot);
    if (row == NULL) {
        return error_memory(error);
    }
    *row = (struct pending_row){
        .awaits_datasource = wait->reference.datasource,
        .awaits_type = wait->reference.target,
        .awaits_external = wait->reference.external,
        .datatype = placing->form.datatype->name,
        .datasource = placing->links->datasource,
        .external = placing->external,
        .seen = placing->print,
    };
    return (placing_place(slot, placing, &row->place) && form_object(&placing->form, &slot->arena, &row->fields)) ||
           error_memory(error);
}

static bool wait_fields(struct flow *flow, const struct placing *placing, const struct waits *waits, int64_t home,
                        struct error *error) {
    struct slot *slot = flow_slot(flow);
    for (size_t i = 0; i < waits->count; i++) {
        struct pending_row *row = slot_pending(slot);
        if (row == NULL) {
            return error_memory(error);
        }
        const struct wait *wait = &waits->list[i];
        *row = (struct pending_row){
            .awaits_datasource = wait->reference.datasource,
            .awaits_type = wait->reference.target,
            .awaits_external = wait->reference.external,
            .datatype = placing->form.datatype->name,
            .home = home,
            .field = placing->form.datatype->fields[wait->field].name,
            .datasource = placing->links->datasource,
            .external = placing->external,
            .seen = placing->print,
        };
        if (!placing_place(slot, placing, &row->place)) {
            return error_memory(error);
        }
    }
    return true;
}

// --- effects ---

static struct effect *effect_add(struct flow *flow, const struct placing *placing, enum effect_kind kind, int64_t id,
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

// A new record: what wasn't said has its default.
static bool complete(const struct form *form, struct error *error) {
    for (size_t i = 0; i < form->datatype->count; i++) {
        if (form->fields[i].kind == VALUE_MISSING) {
            form->fields[i] = form->datatype->fields[i].fallback;
        }
    }
    return datatype_complete(form->datatype, form->fields, error);
}

// What the form says over what stands there. `same` is whether that changes anything.
static bool overlay(const struct form *form, const struct value *under, struct value under_extra, struct arena *arena,
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

static bool conflict_add(struct flow *flow, const struct placing *placing, const char *kind, int64_t home,
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
    if (!complete(&placing->form, error)) {
        return false;
    }
    if (sight->key.length > 0 && !map_put(&slot->keys, sight->key, (uint64_t)id)) {
        return error_memory(error);
    }
    struct effect *effect = effect_add(flow, placing, EFFECT_CREATE, id, 0);
    if (effect == NULL) {
        return error_memory(error);
    }
    effect->fields = placing->form.fields;
    effect->extra = placing->form.extra;
    effect->adds_link = adds_link;
    return true;
}

// The datasource's form over home's. `adopts`: there was no link. `keeps`: home's form loses and is kept.
static bool update(struct flow *flow, const struct placing *placing, const struct sight *sight, bool adopts, bool keeps,
                   enum placed *placed, struct error *error) {
    struct slot *slot = flow_slot(flow);
    struct value *fields;
    struct value extra;
    bool same;
    if (!overlay(&placing->form, sight->row.fields, sight->row.extra, &slot->arena, &fields, &extra, &same, error)) {
        return false;
    }
    bool repeats = !adopts && sight->link.agreed_seq > flow->pass_seq && placing->links == flow->links;
    if (repeats && !conflict_add(flow, placing, "repeat", sight->row.id, sight->link.seen, sight->row.fields,
                                 sight->row.extra, error)) {
        return false;
    }
    if (keeps && !same && !repeats &&
        !conflict_add(flow, placing, "edit", sight->row.id, (struct print){0, 0}, sight->row.fields, sight->row.extra,
                      error)) {
        return false;
    }
    if (adopts && !map_put(&slot->keys, sight->key, (uint64_t)sight->row.id)) {
        return error_memory(error);
    }
    struct effect *effect =
        effect_add(flow, placing, same ? EFFECT_AGREE : EFFECT_UPDATE, sight->row.id, sight->row.seq);
    if (effect == NULL) {
        return error_memory(error);
    }
    effect->fields = fields;
    effect->extra = extra;
    effect->adds_link = adopts;
    *placed = same ? PLACED_UNCHANGED : PLACED_UPDATED;
    return true;
}

// --- the same external id again, in the page in hand ---

// The earlier effect gets the later form; the earlier form is kept as a conflict.
static bool place_again(struct flow *flow, const struct placing *placing, struct touch *touch, enum placed *placed,
                        struct error *error) {
    struct slot *slot = flow_slot(flow);
    struct effect *effect = &slot->effects[touch->index];
    struct value *fields;
    struct value extra;
    bool same;
    if (!overlay(&placing->form, effect->fields, effect->extra, &slot->arena, &fields, &extra, &same, error) ||
        !conflict_add(flow, placing, "repeat", effect->id, touch->print, effect->fields, effect->extra, error)) {
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

// References of an updated record that waited and were said anew: each either waits again, or no longer.
static bool close_waiting(struct flow *flow, const struct placing *placing, const struct waits *waits, int64_t home,
                          struct error *error) {
    const struct datatype *datatype = placing->form.datatype;
    if (placing->links != flow->links || flow->ends.waiting.count == 0) {
        return true;
    }
    for (uint32_t i = 0; i < datatype->count; i++) {
        bool waits_again = false;
        for (size_t w = 0; w < waits->count; w++) {
            waits_again = waits_again || waits->list[w].field == i;
        }
        if (datatype->fields[i].type != FIELD_REF || waits_again || placing->form.fields[i].kind == VALUE_MISSING) {
            continue;
        }
        struct end *end = ends_waiting(&flow->ends, home, datatype->fields[i].name);
        if (end != NULL && !slot_pending_done(flow_slot(flow), end->id)) {
            return error_memory(error);
        }
    }
    return true;
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
        log_line(flow->log, LOG_WARNING, "%.*s %lld was deleted in home and changed in %.*s: it is brought back",
                 TEXT_ARGS(placing->form.datatype->name), (long long)sight->link.home,
                 TEXT_ARGS(placing->links->datasource));
        *placed = PLACED_CREATED;
        return create(flow, placing, sight, sight->link.home, false, error);
    case DECIDE_UPDATE:
        return update(flow, placing, sight, false, false, placed, error);
    case DECIDE_MERGE:
        return update(flow, placing, sight, false, true, placed, error);
    case DECIDE_ADOPT:
        return update(flow, placing, sight, true, true, placed, error);
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
    if (sight.link.home != 0 && print_same(sight.link.seen, placing->print)) {
        *placed = PLACED_UNCHANGED;
        return true;
    }
    enum decision decision = decide(sight.link.home != 0 ? LINK_THERE : LINK_NONE, REMOTE_CHANGED, sight.home);
    if (!carry_out(flow, placing, &sight, decision, placed, outcome, error)) {
        return false;
    }
    if (*outcome != FLOW_DECIDED) {
        return true;
    }
    size_t index = slot->effect_count - 1;
    int64_t home = slot->effects[index].id;
    struct touch touch = {placing->print, TOUCH_EFFECT, index};
    return (placing->links->bulk || slot_touch(slot, key, touch) || error_memory(error)) &&
           close_waiting(flow, placing, waits, home, error) && wait_fields(flow, placing, waits, home, error);
}

// What an earlier record of this page with the same id left open is not written at all.
static void cancel(struct slot *slot, const struct touch *touch) {
    if (touch != NULL && touch->kind == TOUCH_DEAD) {
        slot->deads[touch->index].flow.length = 0;
    } else if (touch != NULL && touch->kind == TOUCH_HELD) {
        slot->pendings[touch->index].datatype.length = 0;
    }
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
    cancel(slot, touch);
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
    if (!resolve_form(flow, &placing->form, &waits, outcome, error)) {
        return false;
    }
    if (*outcome != FLOW_DECIDED) {
        return true;
    }
    if (waits.held) {
        *placed = PLACED_HELD;
        return hold_again(flow, placing, touch, error) && hold(flow, placing, &waits, error) &&
               ((slot_key(slot, placing->links, placing->external, &key) &&
                 slot_touch(slot, key, (struct touch){placing->print, TOUCH_HELD, slot->pending_count - 1})) ||
                error_memory(error)) &&
               flow_close(flow, placing->links, placing->external, true, error);
    }
    if (touch != NULL && touch->kind == TOUCH_EFFECT) {
        int64_t home = slot->effects[touch->index].id;
        return place_again(flow, placing, touch, placed, error) && wait_fields(flow, placing, &waits, home, error);
    }
    cancel(slot, touch);
    return place_new(flow, placing, key, &waits, placed, outcome, error) &&
           flow_close(flow, placing->links, placing->external, false, error);
}

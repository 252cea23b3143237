// What waited for the records that a plan brings: references are filled in, held records go in. A record that goes in
// here may itself be waited for, so the list of effects is walked to its growing end.

#include <assert.h>

#include "engine/flow.h"

// Rows asked for that wait for one record; what is over is swept up at the end of the pass. Rows swept a page.
enum { DRAIN_MAX = 256, SWEEP_MAX = 1000 };

bool flow_linkset(const struct flow *flow, struct text datasource, struct text type, struct linkset **out,
                  enum flow_outcome *outcome, struct error *error) {
    struct resolver *resolver = flow->resolver;
    *out = flow->links;
    if (text_same(flow->links->datasource, datasource) && text_same(flow->links->datatype->name, type)) {
        return true;
    }
    *out = resolver_linkset(resolver, datasource, type);
    const struct datatype *datatype = *out == NULL ? sync_datatype(flow->sync, type) : NULL;
    if (datatype == NULL || resolver->linkset_count == RESOLVE_LINKSETS_MAX) {
        return true;
    }
    if (flow->page_count > 1) {
        *outcome = FLOW_DRAIN; // links are opened on the writing side, which a page in flight is using
        return true;
    }
    if (!store_linkset(flow->store, datasource, datatype, false, out, error)) {
        return false;
    }
    if ((*out)->bulk) {
        *out = NULL;
        return true;
    }
    resolver->linksets[resolver->linkset_count++] = *out;
    return true;
}

static bool awaits(const struct pending_row *row, const struct effect *effect) {
    return text_same(row->awaits_external, effect->external) && text_same(row->awaits_type, effect->datatype->name) &&
           text_same(row->awaits_datasource, effect->links->datasource);
}

// A dead letter of the type that the row is of, whichever brought what it waited for. Its form is home's: only the
// datasource can give the record once more.
static bool drain_dead(struct flow *flow, const struct pending_row *row, const struct error *reason,
                       struct error *error) {
    struct slot *slot = flow_slot(flow);
    if (!flow_dead(flow, row->external, row->seen, &row->fields, row->place, reason, error)) {
        return false;
    }
    struct dead_row *dead = &slot->deads[slot->dead_count - 1];
    dead->direction = TEXT_LITERAL(DEAD_FORM);
    dead->datasource = row->datasource;
    for (size_t i = 0; i < flow->sync->type_count; i++) {
        const struct sync_type *type = &flow->sync->types[i];
        dead->type = text_same(type->datatype->name, row->datatype) ? type->name : dead->type;
    }
    return true;
}

// A held record: placed as if it came now.
static bool drain_held(struct flow *flow, const struct pending_row *row, const struct datatype *datatype,
                       struct linkset *links, enum flow_outcome *outcome, struct error *error) {
    struct slot *slot = flow_slot(flow);
    struct placing placing = {
        .links = links,
        .external = row->external,
        .print = row->seen,
        .place = row->place,
    };
    assert(row->fields.kind == VALUE_OBJECT);
    enum placed placed;
    if (!form_take(datatype, row->fields.as.object, &slot->arena, &placing.form, error) ||
        !flow_place(flow, &placing, &placed, outcome, error)) {
        if (error->scope != ERROR_RECORD) {
            return false;
        }
        *outcome = FLOW_DECIDED;
        return drain_dead(flow, row, error, error);
    }
    slot->counts.created += placed == PLACED_CREATED;
    slot->counts.updated += placed == PLACED_UPDATED;
    return true;
}

// The effect of this plan on a record of home, or NULL.
static struct effect *own_effect(struct flow *flow, const struct datatype *datatype, int64_t home) {
    struct slot *slot = flow_slot(flow);
    for (size_t i = slot->effect_count; i-- > 0;) {
        if (slot->effects[i].id == home && slot->effects[i].datatype == datatype) {
            return &slot->effects[i];
        }
    }
    return NULL;
}

static bool set_field(struct flow *flow, struct effect *effect, uint32_t place, int64_t target, struct error *error) {
    size_t count = effect->datatype->count;
    struct value *fields = arena_take(&flow_slot(flow)->arena, count * sizeof *fields);
    if (fields == NULL) {
        return error_memory(error);
    }
    for (size_t i = 0; i < count; i++) {
        fields[i] = effect->fields[i];
    }
    fields[place] = value_integer(target);
    effect->fields = fields;
    if (effect->agreed != NULL) {
        struct value *agreed = arena_take(&flow_slot(flow)->arena, count * sizeof *agreed);
        if (agreed == NULL) {
            return error_memory(error);
        }
        for (size_t i = 0; i < count; i++) {
            agreed[i] = effect->agreed[i];
        }
        agreed[place] = fields[place];
        effect->agreed = agreed;
    }
    effect->kind = effect->kind == EFFECT_AGREE ? EFFECT_UPDATE : effect->kind;
    return true;
}

// An edit that isn't pushed yet stays one: what both sides agree on is the form before it, or where home hasn't kept
// that, nothing.
static bool ahead(struct flow *flow, const struct datatype *datatype, const struct home_row *home, int64_t agreed_seq,
                  const struct value **agreed, struct error *error) {
    struct arena *arena = &flow_slot(flow)->arena;
    bool found;
    int64_t edited_us;
    struct value *base;
    if (!flow->store->type->base_find(flow->store, datatype, home->id, agreed_seq, arena, &found, &base, &edited_us,
                                      error)) {
        return false;
    }
    if (!found) {
        base = arena_take_zero(arena, datatype->count + 1, sizeof *base);
        if (base == NULL) {
            return error_memory(error);
        }
    }
    *agreed = base;
    return true;
}

// One reference of a record: filled in, unless the record has moved on since it began to wait.
static bool drain_field(struct flow *flow, const struct pending_row *row, const struct datatype *datatype,
                        struct linkset *links, int64_t target, struct error *error) {
    struct slot *slot = flow_slot(flow);
    uint32_t place = shape_find(datatype->shape, row->field);
    if (place == SHAPE_NONE) {
        return true; // the field is no longer declared
    }
    struct effect *effect = own_effect(flow, datatype, row->home);
    if (effect != NULL) {
        bool moved_on =
            effect->fields == NULL || !print_same(effect->seen, row->seen) || !value_empty(&effect->fields[place]);
        return moved_on || set_field(flow, effect, place, target, error);
    }
    struct link link;
    struct home_row home;
    if (!flow->store->type->link_find(flow->store, links, &row->external, 1, &link, error) ||
        !flow->store->type->record_find(flow->store, datatype, row->home, &slot->arena, &home, error)) {
        return false;
    }
    const struct value *agreed = NULL;
    if (home.id != 0 && home.seq > link.agreed_seq && !ahead(flow, datatype, &home, link.agreed_seq, &agreed, error)) {
        return false;
    }
    bool moved_on = home.id == 0 || link.home != row->home || !print_same(link.seen, row->seen) ||
                    !value_empty(&home.fields[place]);
    if (moved_on) {
        return true;
    }
    effect = slot_effect(slot);
    if (effect == NULL) {
        return error_memory(error);
    }
    *effect = (struct effect){
        .kind = EFFECT_UPDATE,
        .datatype = datatype,
        .id = home.id,
        .base_seq = home.seq,
        .fields = home.fields,
        .extra = home.extra,
        .links = links,
        .external = row->external,
        .seen = row->seen,
        .agreed = agreed,
    };
    struct text key;
    struct touch touch = {row->seen, TOUCH_EFFECT, slot->effect_count - 1};
    if (!slot_key(slot, links, row->external, &key) || !slot_touch(slot, key, touch)) {
        return error_memory(error);
    }
    slot->counts.updated++;
    return set_field(flow, effect, place, target, error);
}

static bool drain_row(struct flow *flow, const struct pending_row *row, int64_t target, enum flow_outcome *outcome,
                      struct error *error) {
    const struct datatype *datatype = sync_datatype(flow->sync, row->datatype);
    struct linkset *links;
    if (datatype == NULL) {
        return true; // it is of another sync's datatype: that sync drains it
    }
    if (!flow_linkset(flow, row->datasource, row->datatype, &links, outcome, error)) {
        return false;
    }
    if (links == NULL) {
        return true;
    }
    if (row->id != 0 && !slot_pending_done(flow_slot(flow), row->id)) {
        return error_memory(error);
    }
    if (row->home == 0) {
        return drain_held(flow, row, datatype, links, outcome, error);
    }
    return drain_field(flow, row, datatype, links, target, error);
}

// Rows of this very plan that wait for one of its own records.
static bool drain_own(struct flow *flow, const struct effect *effect, enum flow_outcome *outcome, struct error *error) {
    struct slot *slot = flow_slot(flow);
    size_t count = slot->pending_count;
    for (size_t i = 0; i < count && *outcome == FLOW_DECIDED; i++) {
        if (slot->pendings[i].datatype.length == 0 || !awaits(&slot->pendings[i], effect)) {
            continue;
        }
        struct pending_row row = slot->pendings[i];
        slot->pendings[i].datatype.length = 0; // it need not be written
        struct text key;
        struct linkset *links;
        if (!flow_linkset(flow, row.datasource, row.datatype, &links, outcome, error)) {
            return false;
        }
        struct touch *touch =
            links != NULL && slot_key(slot, links, row.external, &key) ? slot_touched(slot, key) : NULL;
        if (row.home == 0 && touch != NULL && touch->kind == TOUCH_HELD) {
            touch->kind = TOUCH_SKIPPED;
        }
        slot->counts.pending -= row.home == 0;
        if (!drain_row(flow, &row, effect->id, outcome, error)) {
            return false;
        }
    }
    return true;
}

static bool drain_home(struct flow *flow, const struct effect *effect, struct pending_row *rows,
                       enum flow_outcome *outcome, struct error *error) {
    size_t count;
    if (!flow->store->type->pending_find(flow->store, effect->links->datasource, effect->datatype->name,
                                         effect->external, &flow_slot(flow)->arena, rows, DRAIN_MAX, &count, error)) {
        return false;
    }
    for (size_t i = 0; i < count && *outcome == FLOW_DECIDED; i++) {
        if (!drain_row(flow, &rows[i], effect->id, outcome, error)) {
            return false;
        }
    }
    return true;
}

bool flow_drain(struct flow *flow, enum flow_outcome *outcome, struct error *error) {
    struct slot *slot = flow_slot(flow);
    struct pending_row *rows = NULL;
    *outcome = FLOW_DECIDED;
    if (flow->awaited > 0) {
        rows = arena_take(&slot->arena, DRAIN_MAX * sizeof *rows);
        if (rows == NULL) {
            return error_memory(error);
        }
    }
    for (size_t i = 0; i < slot->effect_count && *outcome == FLOW_DECIDED; i++) {
        struct effect effect = slot->effects[i]; // a copy: the list may move while it grows
        if (!effect.adds_link || effect.links == NULL) {
            continue;
        }
        if (slot->pending_count > 0 && !drain_own(flow, &effect, outcome, error)) {
            return false;
        }
        if (rows != NULL && *outcome == FLOW_DECIDED && !drain_home(flow, &effect, rows, outcome, error)) {
            return false;
        }
    }
    return true;
}

// --- the sweep ---

struct sweep {
    struct arena *arena;
    struct pending_row *rows;
    size_t count;
};

static bool sweep_row(void *context, const struct pending_row *row, struct error *error) {
    struct sweep *sweep = context;
    struct pending_row *kept = &sweep->rows[sweep->count];
    *kept = *row;
    bool ok = arena_text(sweep->arena, row->awaits_datasource, &kept->awaits_datasource) &&
              arena_text(sweep->arena, row->awaits_type, &kept->awaits_type) &&
              arena_text(sweep->arena, row->awaits_external, &kept->awaits_external) &&
              arena_text(sweep->arena, row->datatype, &kept->datatype) &&
              arena_text(sweep->arena, row->field, &kept->field) &&
              arena_text(sweep->arena, row->datasource, &kept->datasource) &&
              arena_text(sweep->arena, row->external, &kept->external) &&
              arena_text(sweep->arena, row->place, &kept->place) &&
              value_copy(sweep->arena, &row->fields, &kept->fields);
    if (!ok) {
        return error_memory(error);
    }
    sweep->count++;
    return true;
}

bool flow_sweep(struct flow *flow, int64_t *after, bool *more, enum flow_outcome *outcome, struct error *error) {
    struct slot *slot = flow_slot(flow);
    struct sweep sweep = {.arena = &slot->arena};
    struct scan scan = {.filter = flow->type->datatype->name, .after = *after, .limit = SWEEP_MAX};
    sweep.rows = arena_take(&slot->arena, SWEEP_MAX * sizeof *sweep.rows);
    if (sweep.rows == NULL) {
        return error_memory(error);
    }
    *outcome = FLOW_DECIDED;
    if (!flow->store->type->pending_scan(flow->store, &scan, sweep_row, &sweep, error)) {
        return false;
    }
    for (size_t i = 0; i < sweep.count && *outcome == FLOW_DECIDED; i++) {
        const struct pending_row *row = &sweep.rows[i];
        struct linkset *links = resolver_linkset(flow->resolver, row->awaits_datasource, row->awaits_type);
        int64_t target = 0;
        if (links != NULL && !resolver_find(flow->resolver, flow->pages, flow->page_count, links, row->awaits_external,
                                            &target, error)) {
            return false;
        }
        if (target != 0 && !drain_row(flow, row, target, outcome, error)) {
            return false;
        }
    }
    *more = sweep.count == SWEEP_MAX;
    if (*outcome == FLOW_DECIDED && sweep.count > 0) {
        *after = sweep.rows[sweep.count - 1].id;
    }
    return *outcome != FLOW_DECIDED || flow_drain(flow, outcome, error);
}

#include "engine/gone.h"

#include <assert.h>

#include "engine/merge.h"
#include "engine/place.h"
#include "engine/receipt.h"

enum { GONE_PAGE = 4000 };

// A link whose record is gone at the datasource, and home's side of it.
struct going {
    int64_t home;
    struct text external;
    struct link link;
    struct home_row row; // id 0: deleted in home
    enum decision decision;
};

// Whether home changed anything that the datasource knows of, or is to know. What another one gave, or what is home's
// own, is no reason to keep a record that is gone there.
static bool is_edited(struct flow *flow, const struct going *going, bool *edited, struct error *error) {
    const struct datatype *datatype = flow->type->datatype;
    bool found = false;
    int64_t edited_us;
    struct value *base;
    *edited = going->row.seq > going->link.agreed_seq;
    if (!*edited || going->row.id == 0) {
        return true;
    }
    if (!flow->store->type->base_find(flow->store, datatype, going->home, going->link.agreed_seq,
                                      &flow_slot(flow)->arena, &found, &base, &edited_us, error)) {
        return false;
    }
    *edited = !found;
    for (size_t i = 0; found && !*edited && i < datatype->count; i++) {
        const struct field *field = &datatype->fields[i];
        *edited = !field_same(field, &base[i], &going->row.fields[i]) &&
                  (merge_may_say(&flow->type->pull, i) || merge_is_told(flow->type, field));
    }
    return true;
}

static bool going_look(struct flow *flow, struct going *going, struct error *error) {
    struct slot *slot = flow_slot(flow);
    bool edited;
    if (!flow->store->type->record_find(flow->store, flow->type->datatype, going->home, &slot->arena, &going->row,
                                        error)) {
        return false;
    }
    if (!is_edited(flow, going, &edited, error)) {
        return false;
    }
    enum decide_home home = going->row.id == 0 ? HOME_DELETED : edited ? HOME_EDITED : HOME_AGREED;
    going->decision = decide(LINK_THERE, REMOTE_GONE, home);
    return true;
}

static struct effect *going_effect(struct flow *flow, const struct going *going, enum effect_kind kind,
                                   int64_t base_seq, struct print seen) {
    struct effect *effect = slot_effect(flow_slot(flow));
    if (effect != NULL) {
        *effect = (struct effect){
            .kind = kind,
            .datatype = flow->type->datatype,
            .id = going->home,
            .base_seq = base_seq,
            .links = flow->links,
            .external = going->external,
            .seen = seen,
        };
    }
    return effect;
}

static bool held_put(struct flow *flow, const struct going *going, const char *direction, struct error *error) {
    struct held_row *row = slot_held(flow_slot(flow));
    if (row == NULL) {
        return error_memory(error);
    }
    *row = (struct held_row){
        .key = flow->key,
        .direction = text_of(direction),
        .datasource = flow->links->datasource,
        .datatype = flow->type->datatype->name,
        .external = going->external,
        .home = going->home,
    };
    return true;
}

static void tell_edited(const struct flow *flow, const struct going *going) {
    log_line(flow->log, LOG_WARNING, "%.*s %lld (%.*s) is gone at %.*s and was changed in home since: it is kept",
             TEXT_ARGS(flow->type->datatype->name), (long long)going->home, TEXT_ARGS(going->external),
             TEXT_ARGS(flow->links->datasource));
}

// --- in the feed ---

// Only the link learns of the tombstone, so that it isn't met again; home's edit stays one. `agreed` is what both sides
// agreed on before; where home hasn't kept it, nothing.
static bool note(struct flow *flow, const struct going *going, struct print seen, struct error *error) {
    struct arena *arena = &flow_slot(flow)->arena;
    const struct datatype *datatype = flow->type->datatype;
    bool agreed = going->decision == DECIDE_DELETE;
    bool found = false;
    int64_t edited_us;
    struct value *base;
    if (!agreed && !flow->store->type->base_find(flow->store, datatype, going->home, going->link.agreed_seq, arena,
                                                 &found, &base, &edited_us, error)) {
        return false;
    }
    if (!agreed && !found) {
        base = arena_take_zero(arena, datatype->count + 1, sizeof *base);
        if (base == NULL) {
            return error_memory(error);
        }
    }
    struct effect *effect = going_effect(flow, going, EFFECT_AGREE, going->link.agreed_seq, seen);
    if (effect == NULL) {
        return error_memory(error);
    }
    effect->base_seq = agreed ? going->row.seq : going->link.agreed_seq;
    effect->agreed = agreed ? NULL : base;
    if (!agreed) {
        place_outdated(effect, &going->link); // a push of the form that was sent sends it again
    }
    return true;
}

static bool carry_tombstone(struct flow *flow, const struct going *going, struct print seen, struct error *error) {
    struct slot *slot = flow_slot(flow);
    switch (going->decision) {
    case DECIDE_FORGET: {
        const struct end *held = ends_going(&flow->ends, going->external);
        return (going_effect(flow, going, EFFECT_FORGET, going->link.agreed_seq, going->link.seen) != NULL &&
                (held == NULL || slot_held_done(slot, held->id))) ||
               error_memory(error);
    }
    case DECIDE_KEEP:
        tell_edited(flow, going);
        return note(flow, going, seen, error);
    case DECIDE_DELETE:
        if (flow->sync->deletes) {
            return ends_going(&flow->ends, going->external) != NULL || held_put(flow, going, GONE_DIRECTION, error);
        }
        slot->kept++;
        return note(flow, going, seen, error);
    default:
        break;
    }
    assert(false && "a record that is gone was decided as there");
    return error_set(error, ERROR_TRANSFORM, "a decision that cannot be");
}

bool gone_record(struct flow *flow, const struct record *record, struct text external, const struct link *link,
                 struct error *error) {
    struct slot *slot = flow_slot(flow);
    struct text key;
    // A tombstone may look like the record that it is of.
    struct print print = print_join(record->print, print_of(TEXT_LITERAL(GONE_DIRECTION), 0));
    if (!slot_key(slot, flow->links, external, &key)) {
        return error_memory(error);
    }
    const struct touch *touch = slot_touched(slot, key);
    slot->counts.unchanged++;
    flow->gone.told = true;
    if (touch != NULL && touch->kind == TOUCH_EFFECT) {
        // It came and went in one page: what the page makes of it is weighed at the end like any other.
        struct effect *effect = &slot->effects[touch->index];
        struct going going = {.home = effect->id, .external = external};
        if (flow->sync->deletes) {
            return held_put(flow, &going, GONE_DIRECTION, error);
        }
        slot->kept++;
        effect->seen = print;
        return true;
    }
    if (touch != NULL && touch->kind == TOUCH_GONE) {
        return true;
    }
    if (!place_cancel(slot, touch, error) || !flow_close(flow, flow->links, external, false, error)) {
        return false;
    }
    size_t before = slot->effect_count;
    if (link->home != 0 && !print_same(link->seen, print)) {
        struct going going = {.home = link->home, .external = external, .link = *link};
        if (!going_look(flow, &going, error) || !carry_tombstone(flow, &going, print, error)) {
            return false;
        }
    }
    bool wrote = slot->effect_count > before;
    struct touch gone = {print, TOUCH_GONE, wrote ? before : (size_t)TOUCH_NOTHING};
    return slot_touch(slot, key, gone) || error_memory(error);
}

bool gone_back(struct flow *flow, struct text external, struct error *error) {
    struct slot *slot = flow_slot(flow);
    for (size_t i = 0; i < slot->held_count; i++) {
        if (text_same(slot->helds[i].external, external)) {
            slot->helds[i].home = 0; // left out when the page is made
        }
    }
    if (flow->ends.goings.count == 0) {
        return true;
    }
    const struct end *end = ends_going(&flow->ends, external);
    return end == NULL || slot_held_done(slot, end->id) || error_memory(error);
}

// --- at the end of a pass ---

bool gone_is_shared(const struct flow *flow) {
    for (size_t i = 0; i < flow->sync->type_count; i++) {
        const struct sync_type *other = &flow->sync->types[i];
        if (i != flow->type_index && (other->datatype == flow->type->datatype || other->pull.has_function)) {
            return true;
        }
    }
    return false;
}

struct list {
    struct flow *flow;
    struct going *items;
    size_t count;
    int64_t last;
};

static bool take_absent(void *context, struct text datasource, struct text external, const struct link *link,
                        struct error *error) {
    struct list *list = context;
    (void)datasource;
    if (list->count == GONE_PAGE) {
        return false;
    }
    list->last = link->home;
    if (presence_has(&list->flow->present, link->home)) {
        return true;
    }
    struct going *going = &list->items[list->count++];
    *going = (struct going){.home = link->home, .link = *link};
    return arena_text(&flow_slot(list->flow)->arena, external, &going->external) || error_memory(error);
}

// Where one source record gives several of home's, the others are known by its id and a number, "ID#2". A record that
// is known unchanged isn't taken apart again: its own id speaks for all of them.
static bool comes_with_another(struct flow *flow, const struct going *going, bool *comes, struct error *error) {
    size_t length = going->external.length;
    *comes = false;
    if (!flow->type->pull.has_function) {
        return true;
    }
    while (length > 0 && going->external.data[length - 1] >= '0' && going->external.data[length - 1] <= '9') {
        length--;
    }
    if (length < 2 || length == going->external.length || going->external.data[length - 1] != '#') {
        return true;
    }
    struct text external = {going->external.data, length - 1};
    struct link link;
    if (!flow->store->type->link_find(flow->store, flow->links, &external, 1, &link, error)) {
        return false;
    }
    *comes = link.home != 0 && presence_has(&flow->present, link.home);
    return true;
}

// The next links whose record did not come.
static bool absent_next(struct flow *flow, int64_t *after, bool *more, struct list *list, struct error *error) {
    struct arena *arena = &flow_slot(flow)->arena;
    *list = (struct list){.flow = flow, .last = *after};
    list->items = arena_take(arena, GONE_PAGE * sizeof *list->items);
    if (list->items == NULL) {
        return error_memory(error);
    }
    struct scan scan = {.filter = flow->links->datasource, .after = *after};
    if (!flow->store->type->link_scan(flow->store, flow->type->datatype, &scan, take_absent, list, error)) {
        return false;
    }
    *after = list->last;
    *more = list->count == GONE_PAGE;
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        bool comes;
        struct posted post; // what was posted since the pass began is there, though the pass may have been past it
        if (!comes_with_another(flow, &list->items[i], &comes, error) ||
            !receipt_posted(flow, &list->items[i].link, NULL, &post, error)) {
            return false;
        }
        if (!comes && !post.posted) {
            list->items[kept++] = list->items[i];
        }
    }
    list->count = kept;
    for (size_t i = 0; i < kept; i++) {
        if (!going_look(flow, &list->items[i], error)) {
            return false;
        }
    }
    return true;
}

struct held_list {
    struct flow *flow;
    struct held_row *rows;
    size_t count;
    size_t read;
    int64_t last;
};

static bool take_held(void *context, const struct held_row *row, struct error *error) {
    struct held_list *list = context;
    struct flow *flow = list->flow;
    struct arena *arena = &flow_slot(flow)->arena;
    list->read++;
    list->last = row->id;
    bool tombstone = text_is(row->direction, GONE_DIRECTION);
    bool ours = text_same(row->datatype, flow->type->datatype->name) &&
                text_same(row->datasource, flow->links->datasource) &&
                (tombstone || (text_is(row->direction, "pull") && row->approved));
    if (!ours) {
        return true;
    }
    struct held_row *kept = &list->rows[list->count++];
    *kept = *row;
    return (arena_text(arena, row->direction, &kept->direction) && arena_text(arena, row->external, &kept->external)) ||
           error_memory(error);
}

// The next held rows that are this pass's to weigh: tombstones, and approved ones.
static bool held_next(struct flow *flow, int64_t *after, bool *more, struct held_list *list, struct error *error) {
    *list = (struct held_list){.flow = flow, .last = *after};
    list->rows = arena_take(&flow_slot(flow)->arena, GONE_PAGE * sizeof *list->rows);
    if (list->rows == NULL) {
        return error_memory(error);
    }
    struct scan scan = {.filter = flow->key, .after = *after, .limit = GONE_PAGE};
    if (!flow->store->type->held_scan(flow->store, &scan, take_held, list, error)) {
        return false;
    }
    *after = list->last;
    *more = list->read == GONE_PAGE;
    return true;
}

// Home's side of a held row; `there` is false when its link has gone or belongs to another record meanwhile.
static bool held_look(struct flow *flow, const struct held_row *row, struct going *going, bool *there,
                      struct error *error) {
    *going = (struct going){.home = row->home, .external = row->external};
    if (!flow->store->type->link_find(flow->store, flow->links, &row->external, 1, &going->link, error)) {
        return false;
    }
    *there = going->link.home == row->home;
    return !*there || going_look(flow, going, error);
}

static bool count_held(struct flow *flow, int64_t *deletes, struct error *error) {
    int64_t after = 0;
    bool more = true;
    while (more) {
        struct held_list list;
        if (!held_next(flow, &after, &more, &list, error)) {
            return false;
        }
        for (size_t i = 0; i < list.count; i++) {
            struct going going;
            bool there;
            // One that is absent too is counted there.
            if (list.rows[i].approved || (flow->gone.absent && !presence_has(&flow->present, list.rows[i].home))) {
                continue;
            }
            if (!held_look(flow, &list.rows[i], &going, &there, error)) {
                return false;
            }
            *deletes += there && going.decision == DECIDE_DELETE;
        }
    }
    return true;
}

bool gone_count(struct flow *flow, int64_t *deletes, int64_t *links, struct error *error) {
    int64_t after = 0;
    bool more = flow->gone.absent;
    *deletes = 0;
    *links = 0;
    if (!flow->store->type->link_count(flow->store, flow->links, links, error) || !count_held(flow, deletes, error)) {
        return false;
    }
    if (flow->gone.all_came && !flow->present.broken && flow->present.count >= *links) {
        flow->gone.absent = false; // none to look for, and no walk over all the links
        return true;
    }
    while (more) {
        struct list list;
        slot_replan(flow_slot(flow)); // counting plans nothing: its memory is given back page by page
        if (!absent_next(flow, &after, &more, &list, error)) {
            return false;
        }
        for (size_t i = 0; i < list.count; i++) {
            const struct end *held = ends_going(&flow->ends, list.items[i].external);
            bool approved = held != NULL && held->approved;
            *deletes += list.items[i].decision == DECIDE_DELETE && !approved;
        }
    }
    return true;
}

// A held row that the record has already; id 0: none.
struct held {
    int64_t id;
    bool tombstone;
};

static bool carry_going(struct flow *flow, const struct going *going, struct held held, bool lets,
                        struct error *error) {
    struct slot *slot = flow_slot(flow);
    switch (going->decision) {
    case DECIDE_FORGET:
        return (flow->gone.none && held.id == 0) ||
               (going_effect(flow, going, EFFECT_FORGET, 0, going->link.seen) != NULL &&
                (held.id == 0 || slot_held_done(slot, held.id))) ||
               error_memory(error);
    case DECIDE_KEEP:
        tell_edited(flow, going);
        slot->edited++;
        return held.id == 0 || slot_held_done(slot, held.id) || error_memory(error);
    case DECIDE_DELETE:
        break;
    default:
        assert(false && "a record that is gone was decided as there");
        return error_set(error, ERROR_TRANSFORM, "a decision that cannot be");
    }
    if (!flow->sync->deletes) {
        slot->kept++;
        return true;
    }
    if (lets) {
        slot->counts.deleted++;
        return (going_effect(flow, going, EFFECT_DELETE, going->row.seq, going->link.seen) != NULL &&
                (held.id == 0 || slot_held_done(slot, held.id))) ||
               error_memory(error);
    }
    slot->counts.held++;
    if (held.tombstone && !slot_held_done(slot, held.id)) {
        return error_memory(error);
    }
    return (held.id != 0 && !held.tombstone) || held_put(flow, going, "pull", error);
}

bool gone_plan_held(struct flow *flow, int64_t *after, bool *more, struct error *error) {
    struct held_list list;
    if (!held_next(flow, after, more, &list, error)) {
        return false;
    }
    for (size_t i = 0; i < list.count; i++) {
        const struct held_row *row = &list.rows[i];
        struct going going;
        bool there;
        bool tombstone = text_is(row->direction, GONE_DIRECTION);
        if (!tombstone && (!flow->gone.approved || presence_has(&flow->present, row->home))) {
            continue;
        }
        if (!held_look(flow, row, &going, &there, error)) {
            return false;
        }
        if (!there && !slot_held_done(flow_slot(flow), row->id)) {
            return error_memory(error);
        }
        struct held held = {row->id, tombstone};
        if (there && !carry_going(flow, &going, held, row->approved || flow->gone.lets, error)) {
            return false;
        }
    }
    return true;
}

bool gone_plan_absent(struct flow *flow, int64_t *after, bool *more, struct error *error) {
    struct list list;
    if (!absent_next(flow, after, more, &list, error)) {
        return false;
    }
    for (size_t i = 0; i < list.count; i++) {
        // What it said earlier and what waits still is of no use any more.
        if (!flow->gone.none && !flow_close(flow, flow->links, list.items[i].external, false, error)) {
            return false;
        }
        const struct end *end = ends_going(&flow->ends, list.items[i].external);
        struct held held = {end != NULL ? end->id : 0, end != NULL && end->gone};
        if (!carry_going(flow, &list.items[i], held, flow->gone.lets, error)) {
            return false;
        }
    }
    return true;
}

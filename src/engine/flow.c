#include "engine/flow.h"

#include <stdio.h>
#include <string.h>

#include "engine/receipt.h"

bool flow_init(struct flow *flow, struct error *error) {
    const struct sync *sync = flow->sync;
    struct arena *arena = &flow->transformer.arena;
    if (!transformer_init(&flow->transformer, sync, flow->type, error)) {
        return false;
    }
    char *name = arena_print(arena, "%.*s/%.*s", TEXT_ARGS(sync->org), TEXT_ARGS(sync->name));
    if (name == NULL) {
        return error_memory(error);
    }
    presence_init(&flow->present);
    return ends_init(&flow->ends, flow->store, flow->key, text_of(name), flow->type->name, sync->datasource,
                     flow->type->datatype->name, flow->pass_run, error);
}

void flow_clear(struct flow *flow) {
    map_clear(&flow->skips);
    presence_clear(&flow->present);
    transformer_clear(&flow->transformer);
    ends_clear(&flow->ends);
}

void flow_pages(struct flow *flow, struct slot *slot, struct slot *const *ahead, size_t ahead_count) {
    for (size_t i = 0; i < ahead_count; i++) {
        flow->pages[i] = ahead[i];
    }
    flow->pages[ahead_count] = slot;
    flow->page_count = ahead_count + 1;
}

// --- dead letters ---

// How a record without a usable key is known: by what it is, whatever script reads it.
static bool print_external(struct arena *arena, const struct value *payload, struct text *out) {
    char hex[PRINT_HEX + 1];
    print_hex(value_print(payload), hex);
    char *external = arena_print(arena, "#%s", hex);
    if (external == NULL) {
        return false;
    }
    *out = text_of(external);
    return true;
}

bool flow_dead(struct flow *flow, struct text external, struct print print, const struct value *payload,
               struct text place, const struct error *reason, struct error *error) {
    struct slot *slot = flow_slot(flow);
    struct dead_row *row = slot_dead(slot);
    struct end *known = external.length > 0 ? ends_dead(&flow->ends, external) : NULL;
    const char *open = reason->place[0] != '\0' ? " (" : "";
    const char *shut = reason->place[0] != '\0' ? ")" : "";
    char *text = arena_print(&slot->arena, "%s%s%s%s", reason->message, open, reason->place, shut);
    char *code = arena_print(&slot->arena, "W%d", (int)reason->code);
    if (row == NULL || text == NULL || code == NULL) {
        return error_memory(error);
    }
    *row = (struct dead_row){
        .flow = text_of(flow->ends.dead_filter.data),
        .datasource = flow->sync->datasource,
        .type = flow->type->name,
        .external = external,
        .print = print,
        .code = text_of(code),
        .reason = text_of(text),
        .place = place,
        .payload = *payload,
        .attempts = known != NULL ? known->attempts + flow->retries : 1,
    };
    row->flow.length -= flow->type->name.length + 1; // the filter is "flow:type"
    if (external.length == 0 && !print_external(&slot->arena, payload, &row->external)) {
        return error_memory(error);
    }
    slot->counts.dead++;
    return true;
}

static bool place_text(struct slot *slot, uint64_t line, struct text column, struct text *out) {
    struct text file = slot->batch.place;
    char *text;
    if (line == 0) {
        text = arena_print(&slot->arena, "%.*s", TEXT_ARGS(file));
    } else if (column.length == 0) {
        text = arena_print(&slot->arena, "%.*s line %llu", TEXT_ARGS(file), (unsigned long long)line);
    } else {
        text = arena_print(&slot->arena, "%.*s line %llu, column %.*s", TEXT_ARGS(file), (unsigned long long)line,
                           TEXT_ARGS(column));
    }
    if (text == NULL) {
        return false;
    }
    *out = text_of(text);
    return true;
}

bool placing_place(struct slot *slot, const struct placing *placing, struct text *out) {
    *out = placing->place;
    return placing->place.length > 0 || place_text(slot, placing->line, (struct text){"", 0}, out);
}

static bool decide_rejects(struct flow *flow, struct error *error) {
    struct slot *slot = flow_slot(flow);
    for (size_t i = 0; i < slot->batch.reject_count; i++) {
        const struct reject *reject = &slot->batch.rejects[i];
        struct error reason;
        struct text place;
        struct value raw = value_text(reject->raw);
        error_set(&reason, reject->code, "%.*s", TEXT_ARGS(reject->reason));
        if (!place_text(slot, reject->line, reject->column, &place)) {
            return error_memory(error);
        }
        if (!flow_dead(flow, (struct text){"", 0}, reject->print, &raw, place, &reason, error)) {
            return false;
        }
    }
    slot->counts.read += (int64_t)slot->batch.reject_count;
    // Which records these were nobody knows.
    flow->present.broken = flow->present.broken || slot->batch.reject_count > 0;
    return true;
}

// --- records ---

// What is known of each record of the page before any of it is decided.
struct lookup {
    struct text *externals;
    struct link *links;
    struct error *failures; // of the key: code ERROR_NONE where it is fine
};

static bool page_keys(struct flow *flow, struct lookup *lookup, struct error *error) {
    struct slot *slot = flow_slot(flow);
    size_t count = slot->batch.count;
    lookup->externals = arena_take(&slot->arena, (count + 1) * sizeof *lookup->externals);
    lookup->links = arena_take_zero(&slot->arena, count + 1, sizeof *lookup->links);
    lookup->failures = NULL;
    if (lookup->externals == NULL || lookup->links == NULL) {
        return error_memory(error);
    }
    for (size_t i = 0; i < count; i++) {
        struct error failure;
        if (record_key(&slot->batch.records[i].fields, flow->type->key, flow->type->key_count, &slot->arena,
                       &lookup->externals[i], &failure)) {
            continue;
        }
        if (failure.scope != ERROR_RECORD) {
            *error = failure;
            return false;
        }
        if (lookup->failures == NULL) {
            lookup->failures = arena_take_zero(&slot->arena, count, sizeof *lookup->failures);
            if (lookup->failures == NULL) {
                return error_memory(error);
            }
        }
        lookup->failures[i] = failure;
        lookup->externals[i] = (struct text){"", 0};
    }
    return flow->links->bulk ||
           flow->store->type->link_find(flow->store, flow->links, lookup->externals, count, lookup->links, error);
}

// Whether a record of this page was changed by a page in flight, so that home must say first what came of it.
static bool must_drain(struct flow *flow, const struct lookup *lookup, bool *drain, struct error *error) {
    struct slot *slot = flow_slot(flow);
    *drain = false;
    for (size_t p = 0; p + 1 < flow->page_count; p++) {
        const struct slot *ahead = flow->pages[p];
        *drain = *drain || ahead->held_count > 0; // what it takes for gone may be in this page
        for (size_t i = 0; i < ahead->pending_count; i++) {
            // A page in flight waits for what this one may bring.
            bool own = text_same(ahead->pendings[i].awaits_type, flow->type->datatype->name);
            *drain = *drain || own || flow->type->pull.has_function;
        }
        for (size_t i = 0; i < slot->batch.count && ahead->touch_count > 0 && !*drain; i++) {
            struct text key;
            if (!slot_key(slot, flow->links, lookup->externals[i], &key)) {
                return error_memory(error);
            }
            const struct touch *touch = slot_touched(ahead, key);
            const struct record *record = &slot->batch.records[i]; // a tombstone may look like what it is of
            // The same again is a repeat once home has its link; by its natural key alone it would be another record.
            bool is_new = !flow->links->bulk && lookup->links[i].home == 0;
            *drain = touch != NULL && (touch->kind != TOUCH_EFFECT || record->gone || is_new ||
                                       !print_same(touch->print, record->print));
        }
    }
    return true;
}

bool flow_defer(struct flow *flow, struct loser *loser, int64_t met_run, struct error *error) {
    struct conflict_row *row = slot_conflict(flow_slot(flow));
    if (row == NULL) {
        return error_memory(error);
    }
    *row = (struct conflict_row){
        .id = loser->id,
        .kind = TEXT_LITERAL("repeat"),
        .datasource = flow->sync->datasource,
        .datatype = flow->type->datatype->name,
        .external = loser->external,
        .home = loser->home,
        .print = loser->print,
        .payload = loser->payload,
        .met_run = met_run,
    };
    loser->met = met_run != 0;
    return true;
}

// Whether the record is dealt with without a look at its fields: a repeat, or a form that lost before.
static bool is_known(struct flow *flow, const struct record *record, struct text external, const struct link *link,
                     bool *known, struct error *error) {
    struct slot *slot = flow_slot(flow);
    *known = false;
    bool waits = link->home == 0 && ends_held(&flow->ends, external) != NULL;
    if ((link->home == 0 && !waits) || flow->retries) {
        return true; // new, or a dead letter: what is seen of it may be a part of it
    }
    if (slot->touch_count > 0) {
        struct text key;
        if (!slot_key(slot, flow->links, external, &key)) {
            return error_memory(error);
        }
        if (slot_touched(slot, key) != NULL) {
            return true; // it came earlier in this page: what home has is no longer the question
        }
    }
    bool open = flow->ends.losers.count > 0 && !flow->inbox; // a post is no part of a pass
    if (!waits && print_same(link->seen, record->print)) {
        struct loser *met = open ? ends_met(&flow->ends, external) : NULL;
        *known = true;
        return (met == NULL || flow_defer(flow, met, 0, error)) &&
               flow_close(flow, flow->links, external, false, error);
    }
    struct loser *loser = open ? ends_loser(&flow->ends, external, record->print) : NULL;
    *known = loser != NULL;
    return loser == NULL || flow_defer(flow, loser, flow->pass_run, error);
}

static bool record_dead(struct flow *flow, const struct record *record, struct text external,
                        const struct error *failure, struct error *error) {
    struct slot *slot = flow_slot(flow);
    struct value payload = value_object(&record->fields);
    struct text place;
    struct text key;
    if (flow->retries) {
        place = (struct text){"", 0}; // it keeps the place it came from
    } else if (flow->inbox) {
        if (!receipt_place(slot, record, &place)) {
            return error_memory(error);
        }
    } else if (!place_text(slot, record->line, (struct text){"", 0}, &place)) {
        return error_memory(error);
    }
    if (!flow_dead(flow, external, record->print, &payload, place, failure, error)) {
        return false;
    }
    // A form of it that waits is older than this one, and must not come in behind it.
    const struct end *held = ends_held(&flow->ends, external);
    if (held != NULL && !slot_pending_done(slot, held->id)) {
        return error_memory(error);
    }
    struct touch touch = {record->print, TOUCH_DEAD, slot->dead_count - 1};
    return external.length == 0 || (slot_key(slot, flow->links, external, &key) && slot_touch(slot, key, touch)) ||
           error_memory(error);
}

static void count_placed(struct slot *slot, enum placed placed) {
    slot->counts.created += placed == PLACED_CREATED;
    slot->counts.updated += placed == PLACED_UPDATED;
    slot->counts.unchanged += placed == PLACED_UNCHANGED;
    slot->counts.pending += placed == PLACED_HELD;
}

// The links of a form of another datatype; NULL when the run has none.
static struct linkset *form_links(struct flow *flow, const struct form *form) {
    return form->datatype == flow->links->datatype
               ? flow->links
               : resolver_linkset(flow->resolver, flow->sync->datasource, form->datatype->name);
}

// Several forms of one datatype from one record: the second is known by "ID#2", and so on.
static bool form_external(struct slot *slot, const struct formed *formed, size_t index, struct text external,
                          struct text *out) {
    size_t number = 1;
    for (size_t i = 0; i < index; i++) {
        number += formed->forms[i].datatype == formed->forms[index].datatype;
    }
    *out = external;
    if (number == 1) {
        return true;
    }
    char *text = arena_print(&slot->arena, "%.*s#%zu", TEXT_ARGS(external), number);
    if (text == NULL) {
        return false;
    }
    *out = text_of(text);
    return true;
}

static bool place_forms(struct flow *flow, const struct record *record, const struct formed *formed,
                        struct text external, const struct link *link, enum flow_outcome *outcome,
                        struct error *error) {
    struct slot *slot = flow_slot(flow);
    for (size_t i = 0; i < formed->count && *outcome == FLOW_DECIDED; i++) {
        struct placing placing = {
            .print = record->print, .form = formed->forms[i], .record = &record->fields, .line = record->line};
        if (flow->inbox && !receipt_place(slot, record, &placing.place)) {
            return error_memory(error);
        }
        placing.links = form_links(flow, &placing.form);
        if (placing.links == NULL) {
            return error_set(error, ERROR_TRANSFORM, "this sync has no links for %.*s",
                             TEXT_ARGS(placing.form.datatype->name));
        }
        if (!form_external(slot, formed, i, external, &placing.external)) {
            return error_memory(error);
        }
        bool own = placing.links == flow->links && placing.external.data == external.data;
        placing.link = own ? link : NULL;
        enum placed placed;
        if (!flow_place(flow, &placing, &placed, outcome, error)) {
            return false;
        }
        count_placed(slot, placed);
    }
    return true;
}

// Counts a reason for leaving records out; the run's log says each once, with how many.
static bool skip_record(struct flow *flow, struct text reason, struct error *error) {
    uint64_t *count = map_find(&flow->skips, reason);
    if (count != NULL) {
        (*count)++;
        return true;
    }
    if (flow->skips.count >= FLOW_SKIPS_MAX) {
        return true; // a reason made for each record: the first ones tell enough
    }
    return (arena_text(&flow->transformer.arena, reason, &reason) && map_put(&flow->skips, reason, 1)) ||
           error_memory(error);
}

// A dead letter that was read once more and is none any longer; its line is its number (replay.h).
static bool retried(struct flow *flow, const struct record *record, struct error *error) {
    return !flow->retries || slot_dead_done(flow_slot(flow), (int64_t)record->line) || error_memory(error);
}

// The record is there: it isn't gone. One without a key may be any.
static bool see(struct flow *flow, struct text external, const struct link *link, bool keyed, struct error *error) {
    flow->present.broken = flow->present.broken || !keyed;
    if (!keyed || flow->retries) {
        return true;
    }
    return (link->home == 0 || presence_mark(&flow->present, link->home, error)) && gone_back(flow, external, error);
}

static bool decide_record(struct flow *flow, const struct lookup *lookup, size_t index, enum flow_outcome *outcome,
                          struct error *error) {
    struct slot *slot = flow_slot(flow);
    const struct record *record = &slot->batch.records[index];
    struct text external = lookup->externals[index];
    bool known = false;
    slot->counts.read++;
    bool keyed = lookup->failures == NULL || lookup->failures[index].code == ERROR_NONE;
    if (keyed && record->gone && !flow->retries) {
        return gone_record(flow, record, external, &lookup->links[index], error);
    }
    if (!see(flow, external, &lookup->links[index], keyed, error)) {
        return false;
    }
    if (keyed && !is_known(flow, record, external, &lookup->links[index], &known, error)) {
        return false;
    }
    if (known) {
        slot->counts.unchanged++;
        return true;
    }
    if (!keyed) {
        return record_dead(flow, record, external, &lookup->failures[index], error);
    }
    struct formed formed;
    struct error failure;
    error_clear(&failure);
    bool ok = transformer_form(&flow->transformer, &record->fields, &slot->arena, &formed, &failure);
    if (ok && formed.skipped) {
        slot->counts.skipped++;
        return skip_record(flow, formed.reason, error) && retried(flow, record, error) &&
               flow_close(flow, flow->links, external, false, error);
    }
    ok = ok && place_forms(flow, record, &formed, external, &lookup->links[index], outcome, &failure);
    if (!ok && failure.scope == ERROR_RECORD) {
        return record_dead(flow, record, external, &failure, error);
    }
    if (!ok) {
        *error = failure;
        return error_place(error, "%.*s line %llu", TEXT_ARGS(slot->batch.place), (unsigned long long)record->line);
    }
    return retried(flow, record, error);
}

// The same of a posted record, with its receipt.
static bool decide_posted(struct flow *flow, const struct lookup *lookup, size_t index, enum flow_outcome *outcome,
                          struct error *error) {
    struct slot *slot = flow_slot(flow);
    const struct record *record = &slot->batch.records[index];
    const struct link *link = &lookup->links[index];
    struct receipt_mark before = receipt_begin(slot);
    bool late = false;
    if (!print_same(link->seen, record->print) && !receipt_is_late(flow, record, link, &late, error)) {
        return false;
    }
    if (late) {
        slot->counts.read++;
        slot->counts.unchanged++;
    } else if (!decide_record(flow, lookup, index, outcome, error)) {
        return false;
    }
    return *outcome != FLOW_DECIDED || receipt_put(flow, record, link, &before, late, error);
}

bool flow_decide(struct flow *flow, struct slot *slot, struct slot *const *ahead, size_t ahead_count,
                 enum flow_outcome *outcome, struct error *error) {
    struct lookup lookup;
    bool drain;
    *outcome = FLOW_DECIDED;
    flow_pages(flow, slot, ahead, ahead_count);
    transformer_page(&flow->transformer);
    if (!page_keys(flow, &lookup, error) || !must_drain(flow, &lookup, &drain, error)) {
        return false;
    }
    if (drain) {
        *outcome = FLOW_DRAIN;
        return true;
    }
    if (!decide_rejects(flow, error)) {
        return false;
    }
    for (size_t i = 0; i < slot->batch.count && *outcome == FLOW_DECIDED; i++) {
        if (!(flow->inbox ? decide_posted : decide_record)(flow, &lookup, i, outcome, error)) {
            return false;
        }
    }
    if (*outcome != FLOW_DECIDED || !flow_drain(flow, outcome, error)) {
        return *outcome != FLOW_DECIDED;
    }
    return *outcome != FLOW_DECIDED || !flow->inbox || receipts_finish(flow, lookup.externals, error);
}

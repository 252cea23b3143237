#include "engine/receipt.h"

#include "base/zone.h"
#include "engine/convert.h"

// --- when a record changed ---

// By the type's cursor. False when that can't be told.
static bool cursor_time(const struct flow *flow, const struct value *cursor, struct arena *arena, int64_t *time_us) {
    const struct sync_type *type = flow->type;
    struct rule rule = {.kind = RULE_TIME, .formats = &type->cursor_format, .format_count = 1, .zone = zone_utc()};
    struct field field = {.type = FIELD_TIME};
    struct value time;
    struct error ignored; // a cursor that is no time says nothing
    if (cursor == NULL || type->cursor_format.length == 0 || !convert(&rule, &field, cursor, arena, &time, &ignored) ||
        time.kind != VALUE_INTEGER) {
        return false;
    }
    *time_us = time.as.integer;
    return true;
}

bool flow_cursor(const struct flow *flow, const struct object *record, struct arena *arena, int64_t *time_us) {
    return flow->type->cursor.names != NULL &&
           cursor_time(flow, path_find(record, &flow->type->cursor), arena, time_us);
}

// --- a post and a run ---

// The newest post that went into a record.
struct last_post {
    const struct flow *flow;
    struct arena *arena;
    int64_t done_seq; // 0: none
    bool has_time;
    int64_t time_us;
};

static bool take_post(void *context, const struct inbox_row *row, struct error *error) {
    struct last_post *last = context;
    (void)error;
    last->done_seq = row->done ? row->done_seq : 0;
    last->has_time = row->payload.kind == VALUE_OBJECT &&
                     flow_cursor(last->flow, row->payload.as.object, last->arena, &last->time_us);
    return false;
}

static bool find_post(struct flow *flow, const struct link *link, struct last_post *out, struct error *error) {
    struct inbox_ask ask = {.home = link->home, .limit = 1, .newest_first = true};
    ask.sync = text_of(flow->ends.dead_filter.data);
    ask.sync.length -= flow->type->name.length + 1; // the filter is "flow:type"
    *out = (struct last_post){.flow = flow, .arena = &flow_slot(flow)->arena};
    return flow->store->type->inbox_scan(flow->store, &ask, take_post, out, error);
}

// Whether the record's cursor is past all that the finished runs have read.
static bool is_past_watermark(struct flow *flow, const struct record *record, bool *past, struct error *error) {
    struct arena *arena = &flow_slot(flow)->arena;
    int64_t record_us;
    int64_t read_us;
    bool unfinished;
    struct checkpoint checkpoint;
    struct text watermark;
    *past = false;
    if (!flow_cursor(flow, &record->fields, arena, &record_us)) {
        return true;
    }
    if (!flow->store->type->checkpoint_find(flow->store, flow->key, arena, &unfinished, &checkpoint, error) ||
        !flow->store->type->watermark_find(flow->store, flow->key, flow->type->name, TEXT_LITERAL("pull"), arena,
                                           &watermark, error)) {
        return false;
    }
    struct value read = value_text(watermark);
    *past = !unfinished && watermark.length > 0 && cursor_time(flow, &read, arena, &read_us) && record_us > read_us;
    return true;
}

bool receipt_is_late(struct flow *flow, const struct record *record, const struct link *link, bool *late,
                     struct error *error) {
    struct last_post last;
    bool past = false;
    *late = false;
    if (link->home == 0 || link->agreed_seq <= record->seq) {
        return true;
    }
    if (!find_post(flow, link, &last, error) || !is_past_watermark(flow, record, &past, error)) {
        return false;
    }
    // What was agreed on last came with another post: posts are taken in as they came.
    *late = last.done_seq < link->agreed_seq && !past;
    return true;
}

bool receipt_posted(struct flow *flow, const struct link *link, const struct object *record, struct posted *out,
                    struct error *error) {
    struct last_post last;
    int64_t record_us;
    *out = (struct posted){.posted = false};
    if (flow->inbox || link->home == 0 || link->agreed_seq <= flow->pass_seq) {
        return true;
    }
    if (!find_post(flow, link, &last, error)) {
        return false;
    }
    out->posted = last.done_seq >= link->agreed_seq;
    out->newer = out->posted && last.has_time && record != NULL &&
                 flow_cursor(flow, record, &flow_slot(flow)->arena, &record_us) && record_us < last.time_us;
    return true;
}

// --- receipts ---

bool receipt_place(struct slot *slot, const struct record *record, struct text *out) {
    char *place = arena_print(&slot->arena, "receipt %llu", (unsigned long long)record->line);
    *out = place != NULL ? text_of(place) : (struct text){"", 0};
    return place != NULL;
}

struct receipt_mark receipt_begin(const struct slot *slot) {
    return (struct receipt_mark){slot->counts, slot->dead_count};
}

static void tell_dead(struct inbox_done *done, const struct dead_row *dead) {
    done->outcome = TEXT_LITERAL("dead");
    done->code = dead->code;
    done->reason = dead->reason;
}

bool receipt_put(struct flow *flow, const struct record *record, const struct link *link,
                 const struct receipt_mark *before, bool late, struct error *error) {
    struct slot *slot = flow_slot(flow);
    const struct counts *now = &slot->counts;
    const struct counts *was = &before->counts;
    struct inbox_done *done = slot_receipt(slot);
    if (done == NULL) {
        return error_memory(error);
    }
    *done = (struct inbox_done){.id = (int64_t)record->line, .home = late ? 0 : link->home};
    if (slot->dead_count > before->deads) {
        tell_dead(done, &slot->deads[slot->dead_count - 1]);
    } else if (late) {
        done->outcome = TEXT_LITERAL("superseded");
        done->reason = TEXT_LITERAL("a run brought the record since it was posted");
    } else if (record->gone) {
        done->outcome = TEXT_LITERAL("gone");
    } else if (now->skipped > was->skipped) {
        done->outcome = TEXT_LITERAL("skipped");
    } else if (now->pending > was->pending) {
        done->outcome = TEXT_LITERAL("pending");
    } else if (now->conflicts > was->conflicts) {
        done->outcome = TEXT_LITERAL("conflict");
    } else if (now->created > was->created) {
        done->outcome = TEXT_LITERAL("created");
    } else if (now->updated > was->updated) {
        done->outcome = TEXT_LITERAL("updated");
    } else {
        done->outcome = TEXT_LITERAL("unchanged");
    }
    return true;
}

// A dead letter of this very plan, or NULL.
static const struct dead_row *find_dead(const struct slot *slot, struct text external) {
    for (size_t i = slot->dead_count; i-- > 0;) {
        if (slot->deads[i].flow.length > 0 && text_same(slot->deads[i].external, external)) {
            return &slot->deads[i];
        }
    }
    return NULL;
}

static bool finish(struct flow *flow, struct inbox_done *done, struct text external, struct error *error) {
    struct slot *slot = flow_slot(flow);
    struct text key;
    bool nowhere = text_is(done->outcome, "dead") || text_is(done->outcome, "skipped") ||
                   text_is(done->outcome, "superseded") || external.length == 0;
    if (nowhere) {
        done->home = 0;
        return true;
    }
    if (!slot_key(slot, flow->links, external, &key)) {
        return error_memory(error);
    }
    const struct touch *touch = slot_touched(slot, key);
    bool waited = text_is(done->outcome, "pending");
    const struct dead_row *dead = waited ? find_dead(slot, external) : NULL;
    if (touch != NULL && touch->kind == TOUCH_EFFECT) {
        const struct effect *effect = &slot->effects[touch->index];
        done->home = effect->id;
        if (waited && effect->kind != EFFECT_AGREE) {
            done->outcome = effect->kind == EFFECT_CREATE ? TEXT_LITERAL("created") : TEXT_LITERAL("updated");
        }
    } else if (dead != NULL) {
        tell_dead(done, dead);
        done->home = 0;
    }
    return true;
}

bool receipts_finish(struct flow *flow, const struct text *externals, struct error *error) {
    struct slot *slot = flow_slot(flow);
    for (size_t i = 0; i < slot->receipt_count; i++) {
        if (!finish(flow, &slot->receipts[i], externals[i], error)) {
            return false;
        }
    }
    return true;
}

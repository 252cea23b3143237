// A plan made ready to be committed, and what is said when a pass has ended.

#include "engine/derive.h"
#include "engine/flow.h"

// Leaves out the rows that a later record of the page made needless.
static void drop_cancelled(struct slot *slot) {
    size_t kept = 0;
    for (size_t i = 0; i < slot->dead_count; i++) {
        if (slot->deads[i].flow.length > 0) {
            slot->deads[kept++] = slot->deads[i];
        }
    }
    slot->dead_count = kept;
    kept = 0;
    for (size_t i = 0; i < slot->pending_count; i++) {
        if (slot->pendings[i].datatype.length > 0) {
            slot->pendings[kept++] = slot->pendings[i];
        }
    }
    slot->pending_count = kept;
    kept = 0;
    for (size_t i = 0; i < slot->held_count; i++) {
        if (slot->helds[i].home != 0) {
            slot->helds[kept++] = slot->helds[i];
        }
    }
    slot->held_count = kept;
}

// What the page's changes make stale among derived fields.
static bool mark_stale(struct flow *flow, struct slot *slot, struct error *error) {
    for (size_t i = 0; i < slot->effect_count; i++) {
        const struct effect *effect = &slot->effects[i];
        if (effect->kind == EFFECT_AGREE || effect->kind == EFFECT_FORGET) {
            continue;
        }
        if (effect->datatype != flow->marks_of) {
            flow->marks_of = effect->datatype;
            flow->marks = derive_marks(flow->sync->datatypes, flow->sync->datatype_count, effect->datatype);
        }
        if (!flow->marks) {
            continue;
        }
        struct stale_row *row = slot_stale(slot);
        if (row == NULL) {
            return error_memory(error);
        }
        *row = (struct stale_row){effect->datatype->name, effect->id};
    }
    return true;
}

bool flow_page(struct flow *flow, struct slot *slot, int64_t at_us, struct error *error) {
    drop_cancelled(slot);
    if (!mark_stale(flow, slot, error)) {
        return false;
    }
    for (size_t i = 0; i < slot->held_count; i++) {
        slot->helds[i].at_us = at_us;
        slot->helds[i].run = flow->run;
    }
    for (size_t i = 0; i < slot->pending_count; i++) {
        slot->pendings[i].run = flow->run;
    }
    for (size_t i = 0; i < slot->dead_count; i++) {
        slot->deads[i].at_us = at_us;
        slot->deads[i].run = flow->run;
    }
    for (size_t i = 0; i < slot->conflict_count; i++) {
        slot->conflicts[i].at_us = at_us;
        slot->conflicts[i].run = flow->run;
    }
    slot->page = (struct page){
        .lease = flow->lease,
        .run = flow->run,
        .origin = flow->sync->datasource,
        .at_us = at_us,
        .seen_seq = flow->seen_seq,
        .effects = slot->effects,
        .effect_count = slot->effect_count,
        .pendings = slot->pendings,
        .pending_count = slot->pending_count,
        .pendings_done = slot->pendings_done,
        .pending_done_count = slot->pending_done_count,
        .deads = slot->deads,
        .dead_count = slot->dead_count,
        .deads_done = slot->deads_done,
        .dead_done_count = slot->dead_done_count,
        .conflicts = slot->conflicts,
        .conflict_count = slot->conflict_count,
        .conflicts_done = slot->conflicts_done,
        .conflict_done_count = slot->conflict_done_count,
        .helds = slot->helds,
        .held_count = slot->held_count,
        .helds_done = slot->helds_done,
        .held_done_count = slot->held_done_count,
        .watermarks = slot->watermarks,
        .watermark_count = slot->watermark_count,
        .stales = slot->stales,
        .stale_count = slot->stale_count,
        .inboxes_done = slot->receipts,
        .inbox_done_count = slot->receipt_count,
    };
    return true;
}

bool flow_last_words(struct flow *flow, enum flow_outcome *outcome, struct error *error) {
    struct slot *slot = flow_slot(flow);
    *outcome = FLOW_DECIDED;
    for (size_t i = 0; i < flow->ends.lost_count && *outcome == FLOW_DECIDED; i++) {
        struct loser *loser = &flow->ends.lost[i];
        if (!loser->met || loser->payload.kind != VALUE_OBJECT) {
            continue;
        }
        struct placing placing = {
            .links = flow->links,
            .external = loser->external,
            .print = loser->print,
            .place = TEXT_LITERAL("an earlier pass"),
        };
        enum placed placed;
        if (!form_take(flow->type->datatype, loser->payload.as.object, &slot->arena, &placing.form, error) ||
            !flow_place(flow, &placing, &placed, outcome, error)) {
            return false;
        }
        if (!slot_conflict_done(slot, loser->id)) {
            return error_memory(error);
        }
        slot->counts.updated += placed == PLACED_UPDATED;
        slot->counts.unchanged -= placed == PLACED_UPDATED;
    }
    return true;
}

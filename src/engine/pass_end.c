// What can only be done when a pass is complete: forms that come back to their own, records that no longer wait, what
// is gone at the datasource, and last the watermark.

#include <assert.h>

#include "engine/guard.h"
#include "engine/pass_work.h"
#include "engine/since.h"

static bool plan_last_words(struct flow *flow, struct planner *planner, enum flow_outcome *outcome,
                            struct error *error) {
    (void)planner;
    return flow_last_words(flow, outcome, error);
}

static bool plan_sweep(struct flow *flow, struct planner *planner, enum flow_outcome *outcome, struct error *error) {
    planner->after_next = planner->after;
    return flow_sweep(flow, &planner->after_next, &planner->more, outcome, error);
}

static bool plan_gone_count(struct flow *flow, struct planner *planner, enum flow_outcome *outcome,
                            struct error *error) {
    *outcome = FLOW_DECIDED;
    return gone_count(flow, &planner->deletes, &planner->links, error);
}

static bool plan_gone_held(struct flow *flow, struct planner *planner, enum flow_outcome *outcome,
                           struct error *error) {
    *outcome = FLOW_DECIDED;
    planner->after_next = planner->after;
    return gone_plan_held(flow, &planner->after_next, &planner->more, error);
}

static bool plan_gone_absent(struct flow *flow, struct planner *planner, enum flow_outcome *outcome,
                             struct error *error) {
    *outcome = FLOW_DECIDED;
    planner->after_next = planner->after;
    return gone_plan_absent(flow, &planner->after_next, &planner->more, error);
}

// The watermark of a complete pass, where it has moved; and of a whole one, when it was and of which script.
static bool plan_watermark(struct flow *flow, struct planner *planner, enum flow_outcome *outcome,
                           struct error *error) {
    const struct pass *pass = planner->pass;
    *outcome = FLOW_DECIDED;
    return since_move(flow, pass->since, pass->cursor, clock_now(pass->request->clock), error);
}

static bool walk(struct pass *pass, struct slot *slot, struct planner *planner, struct error *error) {
    planner->more = true;
    while (planner->more) {
        if (!pass_settle(pass, slot, planner, error)) {
            return false;
        }
        planner->after = planner->after_next;
    }
    return true;
}

static void tell_gone(struct pass *pass, const struct counts *before) {
    const struct flow *flow = &pass->flow;
    const struct pipeline *pipeline = pass->pipeline;
    struct text type = flow->type->name;
    int64_t held = pipeline->totals.held - before->held;
    if (held > 0) {
        log_line(flow->log, LOG_WARNING,
                 "%lld of %.*s are gone at %.*s, more than deletes.at_most lets go at once: they are kept until `weir "
                 "deletes approve` says otherwise",
                 (long long)held, TEXT_ARGS(type), TEXT_ARGS(flow->links->datasource));
    }
    if (pipeline->kept > 0) {
        log_line(flow->log, LOG_WARNING,
                 "%lld of %.*s are gone at %.*s and kept in home, since the sync doesn't say deletes = { … }",
                 (long long)pipeline->kept, TEXT_ARGS(type), TEXT_ARGS(flow->links->datasource));
    }
}

// Whether what didn't come is gone: all was listed, from the beginning, in this run.
static bool proves_absence(struct pass *pass) {
    const struct flow *flow = &pass->flow;
    if (!pass->full || pass->since.length > 0 || flow->present.broken || pass->loads) {
        return false;
    }
    if (gone_is_shared(flow)) {
        log_line(flow->log, LOG_INFO,
                 "other types of this sync may bring %.*s too: nothing is taken for gone because it didn't come",
                 TEXT_ARGS(flow->type->datatype->name));
        return false;
    }
    return true;
}

// What is gone at the datasource goes in home too, or is held, or kept.
static bool finish_gone(struct pass *pass, struct slot *slot, struct error *error) {
    struct flow *flow = &pass->flow;
    struct counts before = pass->pipeline->totals; // nothing is in flight
    struct planner count = {.plan = plan_gone_count};
    struct planner held = {.plan = plan_gone_held};
    struct planner absent = {.plan = plan_gone_absent};
    flow->gone.absent = proves_absence(pass);
    flow->gone.all_came = !pass->replanned;
    flow->gone.approved = pass->since.length == 0;
    if (!pass_settle(pass, slot, &count, error)) {
        return false;
    }
    struct guard guard = {&flow->sync->deletes_at_most, count.links};
    flow->gone.none = flow->gone.absent && flow->present.count == 0 && !flow->gone.told;
    flow->gone.lets = guard_lets(&guard, count.deletes) && (!flow->gone.none || count.deletes == 0);
    if (!walk(pass, slot, &held, error) || (flow->gone.absent && !walk(pass, slot, &absent, error))) {
        return false;
    }
    if (pass->pipeline->totals.deleted > before.deleted) {
        resolver_forget(flow->resolver); // what it remembers may be of a record that went
    }
    tell_gone(pass, &before);
    return true;
}

static void tell_skips(struct pass *pass) {
    for (size_t i = 0; i < pass->flow.skips.capacity; i++) {
        const struct map_slot *slot = &pass->flow.skips.slots[i];
        if (slot->key.data != NULL) {
            log_line(pass->flow.log, LOG_INFO, "%.*s: %llu left out: %.*s", TEXT_ARGS(pass->flow.type->name),
                     (unsigned long long)slot->value, TEXT_ARGS(slot->key));
        }
    }
}

bool pass_finish(struct pass *pass, struct error *error) {
    struct slot *slot = pipeline_next(pass->pipeline);
    assert(slot != NULL);
    struct planner last_words = {.plan = plan_last_words};
    struct planner sweep = {.plan = plan_sweep};
    if (!pass_settle_links(pass, error)) {
        return false;
    }
    if (!batch_reset(&slot->batch, 1, error) || !pass_settle(pass, slot, &last_words, error)) {
        return false;
    }
    struct planner watermark = {.plan = plan_watermark, .pass = pass};
    bool ok = walk(pass, slot, &sweep, error) &&
              (!pass->checkpoints || (finish_gone(pass, slot, error) && pass_settle(pass, slot, &watermark, error)));
    tell_skips(pass);
    return ok;
}

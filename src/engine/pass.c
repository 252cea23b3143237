#include "engine/pass.h"

#include <assert.h>

#include "engine/guard.h"
#include "engine/pass_work.h"
#include "engine/retry.h"

// A page: large enough that its transaction's fixed cost (one fsync) fades, small enough for flat memory. A first load
// of 1M rows, interleaved, medians of three:
//
//    records a page   1,000   2,000   4,000   8,000
//    seconds           3.86    2.85    2.52    2.68
//    peak MB             20      23      28      37
enum { PAGE_RECORDS = 4000, STALE_MAX = 20, IDS_PER_RESERVE = 20000 };

static bool must_stop(const struct pass *pass) {
    return pass->request->stop != NULL && atomic_load(pass->request->stop);
}

static int64_t pass_now(const struct pass *pass) {
    return clock_now(pass->request->clock);
}

static bool check_stop_after(const struct pass *pass, const struct counts *counts, bool ended, struct error *error) {
    const struct share *limit = &pass->flow.sync->stop_after;
    if (pass->flow.inbox || guard_lets_dead(limit, counts->dead, counts->read, ended)) {
        return true;
    }
    return error_set(error, ERROR_RUN_STOPPED,
                     "%lld of %lld records are dead letters, which is past errors.stop_after = %g%s; see `weir dead "
                     "list`, mend the cause, and run again",
                     (long long)counts->dead, (long long)counts->read, limit->amount, limit->is_percent ? "%" : "");
}

static void tell(const struct pass *pass, const struct slot *slot) {
    const struct run_watch *watch = pass->request->watch;
    if (watch != NULL && watch->progress != NULL) {
        struct counts totals = pipeline_totals(pass->pipeline);
        watch->progress(watch->context, pass->flow.type->name, &totals, slot->batch.done_bytes,
                        slot->batch.total_bytes);
    }
}

// --- ids ---

// Reserves more home ids, each time twice as many: a short run leaves no gaps, a long one rarely stops for it. Nothing
// may be in flight, since this is the writing side.
static bool reserve(struct pass *pass, size_t wanted, struct error *error) {
    struct id_block *ids = pass->flow.ids;
    int64_t count = ids->size * 2 < IDS_PER_RESERVE ? ids->size * 2 : IDS_PER_RESERVE;
    count = count > (int64_t)wanted ? count : (int64_t)wanted;
    int64_t first;
    if (!store_reserve(pass->flow.store, count, &first, error)) {
        return false;
    }
    *ids = (struct id_block){first, first + count, count};
    return true;
}

// --- deciding one page ---

static bool plan_page(struct pass *pass, struct slot *slot, struct slot *const *ahead, size_t ahead_count,
                      struct planner *planner, enum flow_outcome *outcome, struct error *error) {
    struct flow *flow = &pass->flow;
    const struct store_type *store = flow->store->type;
    slot_replan(slot);
    if (!store->snapshot(flow->store, error)) {
        return false;
    }
    bool ok = store->seq(flow->store, &flow->seen_seq, error) &&
              ends_refresh(&flow->ends, error) && // a drain may be at work beside this run
              store->pending_count(flow->store, (struct text){"", 0}, (struct text){"", 0}, &flow->awaited, error);
    if (ok && planner == NULL) {
        ok = flow_decide(flow, slot, ahead, ahead_count, outcome, error);
    } else if (ok) {
        flow_pages(flow, slot, ahead, ahead_count);
        ok = planner->plan(flow, planner, outcome, error);
    }
    store->snapshot_end(flow->store);
    if (ok && *outcome == FLOW_DECIDED) {
        ok = flow_page(flow, slot, pass_now(pass), error);
        if (pass->checkpoints && planner == NULL) {
            slot->checkpoint = pass->checkpoint;
            slot->checkpoint.position = slot->batch.position;
            slot->page.checkpoint = &slot->checkpoint;
        }
    }
    return ok;
}

bool pass_settle(struct pass *pass, struct slot *slot, struct planner *planner, struct error *error) {
    size_t wanted = 0;
    for (int tries = 0; tries < STALE_MAX; tries++) {
        enum flow_outcome decided;
        enum commit_outcome committed;
        pass->replanned = pass->replanned || tries > 0;
        if (!plan_page(pass, slot, NULL, 0, planner, &decided, error)) {
            return false;
        }
        if (decided == FLOW_STARVED) {
            // What one page wants isn't known before it is decided: more each time.
            wanted = 2 * wanted + slot->batch.count + 1;
            if (!reserve(pass, wanted, error)) {
                return false;
            }
            continue;
        }
        assert(decided == FLOW_DECIDED); // nothing is in flight that could be drained
        if (!pipeline_commit(pass->pipeline, slot, &committed, error)) {
            return false;
        }
        if (committed == COMMIT_DONE) {
            return true;
        }
    }
    return error_set(error, ERROR_RUN_STALE,
                     "home changed %d times while one page was decided; wait until the other writer is done, then run "
                     "again",
                     STALE_MAX);
}

// Brings everything in flight into home, whatever it takes.
static bool drain(struct pass *pass, struct error *error) {
    enum pipeline_state state = pipeline_drain(pass->pipeline);
    if (state == PIPELINE_FAILED) {
        *error = pass->pipeline->error;
        return false;
    }
    if (state == PIPELINE_STALE) {
        struct slot *slots[FLOW_AHEAD_MAX];
        size_t count = pipeline_reclaim(pass->pipeline, slots);
        pass->replanned = true;
        for (size_t i = 0; i < count; i++) {
            if (!pass_settle(pass, slots[i], NULL, error)) {
                return false;
            }
        }
    }
    return true;
}

bool pass_settle_links(struct pass *pass, struct error *error) {
    struct flow *flow = &pass->flow;
    int64_t repeats = 0;
    int64_t conflicts = 0;
    if (!flow->links->bulk) {
        return true;
    }
    if (!store_settle(flow->store, flow->links, flow->lease, flow->run, pass_now(pass), &repeats, &conflicts, error)) {
        return false;
    }
    struct counts *totals = &pass->pipeline->totals; // nothing is in flight
    totals->created -= repeats;
    totals->updated += conflicts;
    totals->unchanged += repeats - conflicts;
    return true;
}

static bool brings_tombstones(const struct batch *batch) {
    for (size_t i = 0; i < batch->count; i++) {
        if (batch->records[i].gone) {
            return true;
        }
    }
    return false;
}

// Decides the page in hand and sends it on its way.
static bool forward(struct pass *pass, struct slot *slot, struct error *error) {
    struct slot *ahead[FLOW_AHEAD_MAX];
    enum flow_outcome outcome;
    size_t ahead_count = pipeline_ahead(pass->pipeline, ahead);
    const struct id_block *ids = pass->flow.ids;
    if (pass->flow.links->bulk && brings_tombstones(&slot->batch)) {
        // What is gone may have come in this first load: its links have to be asked.
        if (!drain(pass, error) || !pass_settle_links(pass, error)) {
            return false;
        }
        ahead_count = 0;
    }
    // A run that made records before will make more: it reserves in time. One that makes none reserves nothing.
    if (ids->size > 0 && ids->end - ids->next < (int64_t)slot->batch.count) {
        if (!drain(pass, error) || !reserve(pass, slot->batch.count, error)) {
            return false;
        }
        ahead_count = 0;
    }
    if (!plan_page(pass, slot, ahead, ahead_count, NULL, &outcome, error)) {
        return false;
    }
    if (outcome == FLOW_DECIDED && pipeline_put(pass->pipeline, slot)) {
        return true;
    }
    // Something in flight has to be in home first: then this page is decided on it.
    pass->replanned = true;
    return drain(pass, error) && pass_settle(pass, slot, NULL, error);
}

// --- the whole ---

static bool open_source(struct pass *pass, struct source **out, struct error *error) {
    const struct sync *sync = pass->flow.sync;
    struct source_setup setup = {
        .settings = sync->source_settings,
        .type = pass->flow.type->settings,
        .types = sync->source_types,
        .type_name = pass->flow.type->name,
        .session = pass->session,
        .since = pass->since,
        .key = pass->flow.type->key,
        .key_count = pass->flow.type->key_count,
        .folder = sync->folder,
        .position = pass->position,
        .seed = sync->print.low,
        .page_records = pass->page_records > 0 ? pass->page_records : PAGE_RECORDS,
        .clock = pass->request->clock,
        .log = pass->flow.log,
        .context = pass->source_context,
    };
    struct retry retry = retry_of(pass->request, pass->flow.log, pass->flow.run);
    bool ok = false;
    bool again = true;
    while (!ok && again) {
        ok = source_open(pass->source, &setup, out, error);
        again = !ok && retry_again(&retry, error);
    }
    if (ok) {
        return true;
    }
    if (error->code != ERROR_SOURCE_CHANGED || pass->position.length == 0) {
        return false;
    }
    log_line(pass->flow.log, LOG_WARNING, "%s: the pass starts from the beginning", error->message);
    pass->position = (struct text){"", 0};
    setup.position = pass->position;
    if (!pass_settle_links(pass, error)) {
        return false;
    }
    return source_open(pass->source, &setup, out, error);
}

static bool read_page(struct pass *pass, struct source *source, struct slot *slot, struct retry *retry,
                      struct error *error) {
    size_t records = pass->page_records > 0 ? pass->page_records : PAGE_RECORDS;
    for (;;) {
        mapper_release(pass->flow.sync->mapper); // views into what this slot held before
        if (!batch_reset(&slot->batch, records, error)) {
            return false;
        }
        if (source_read(source, &slot->batch, error)) {
            retry_reset(retry);
            return true;
        }
        if (!retry_again(retry, error)) {
            return false;
        }
    }
}

// What was read before a failure still goes in, and its place is kept: nothing is in flight when the run is ended.
static void give_up(struct pass *pass) {
    struct error second; // the first one is the one to report
    (void)!(drain(pass, &second) && pipeline_remember(pass->pipeline, &second));
}

static bool pass_pages(struct pass *pass, struct source *source, enum pass_end *end, struct error *error) {
    struct retry retry = retry_of(pass->request, pass->flow.log, pass->flow.run);
    for (;;) {
        if (must_stop(pass)) {
            *end = PASS_STOPPED;
            return drain(pass, error) && pipeline_remember(pass->pipeline, error);
        }
        struct slot *slot = pipeline_next(pass->pipeline);
        if (slot == NULL) {
            if (!drain(pass, error)) {
                return false;
            }
            continue;
        }
        if (!read_page(pass, source, slot, &retry, error)) {
            give_up(pass);
            return false;
        }
        bool last = slot->batch.last;
        pass->full = last && slot->batch.full;
        if (last && !arena_text(&pass->flow.transformer.arena, slot->batch.cursor, &pass->cursor)) {
            return error_memory(error);
        }
        if (!forward(pass, slot, error)) {
            give_up(pass);
            return false;
        }
        tell(pass, slot);
        struct counts totals = pipeline_totals(pass->pipeline);
        if (!check_stop_after(pass, &totals, false, error)) {
            struct error reason = *error;
            bool drained = drain(pass, error);
            *error = drained ? reason : *error;
            return false;
        }
        if (last) {
            *end = PASS_COMPLETE;
            return drain(pass, error);
        }
    }
}

bool pass_run(struct pass *pass, enum pass_end *end, struct error *error) {
    struct source *source;
    if (!open_source(pass, &source, error)) {
        return false;
    }
    pass->loads = pass->flow.links->bulk;
    pass->flow.present.broken = pass->position.length > 0; // what was met in another life isn't known any more
    bool ok = pass_pages(pass, source, end, error);
    source_close(source);
    if (!ok || *end == PASS_STOPPED) {
        return ok;
    }
    if (!pass_finish(pass, error)) {
        return false;
    }
    struct counts totals = pipeline_totals(pass->pipeline);
    return check_stop_after(pass, &totals, true, error);
}

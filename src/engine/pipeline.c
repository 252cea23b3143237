#include "engine/pipeline.h"

#include <assert.h>
#include <string.h>

// The ceiling of each of a slot's two arenas: a page of the largest records that readers allow, and its plan.
enum { SLOT_BYTES_MAX = 256 * 1024 * 1024 };

// A place in a source is a text of its own making; no adapter's is longer than a few kB.
enum { PLACE_BYTES_MAX = 16 * 1024 * 1024 };

// Pages that change nothing leave no trace but the checkpoint; it is written for every so many of them. A kill costs
// reading those again. Measured on 1M unchanged rows, interleaved: a checkpoint at every second page takes 2.8 times as
// long as one at every 64th (1.06 s, 0.38 s).
enum { IDLE_PAGES_MAX = 64 };

void pipeline_counts_add(struct counts *sum, const struct counts *more) {
    sum->read += more->read;
    sum->created += more->created;
    sum->updated += more->updated;
    sum->unchanged += more->unchanged;
    sum->skipped += more->skipped;
    sum->dead += more->dead;
    sum->deleted += more->deleted;
    sum->pushed += more->pushed;
    sum->pending += more->pending;
    sum->conflicts += more->conflicts;
    sum->held += more->held;
}

static bool is_idle(const struct page *page) {
    return page->effect_count + page->pending_count + page->pending_done_count + page->dead_count +
               page->dead_done_count + page->conflict_count + page->conflict_done_count + page->held_count +
               page->held_done_count + page->watermark_count + page->stale_count + page->inbox_done_count ==
           0;
}

// Where a page that leaves no trace ends: its batch won't be there any more when the place is wanted.
static bool keep_place(struct pipeline *pipeline, const struct slot *slot, const struct counts *totals,
                       struct error *error) {
    if (slot->page.checkpoint == NULL) {
        return true;
    }
    arena_reset(&pipeline->idle_arena);
    pipeline->idle = slot->checkpoint;
    pipeline->idle.counts = *totals;
    pipeline->idle_page = (struct page){.lease = slot->page.lease,
                                        .run = slot->page.run,
                                        .origin = slot->page.origin,
                                        .at_us = slot->page.at_us,
                                        .checkpoint = &pipeline->idle};
    return arena_text(&pipeline->idle_arena, slot->checkpoint.position, &pipeline->idle.position) ||
           error_memory(error);
}

bool pipeline_remember(struct pipeline *pipeline, struct error *error) {
    enum commit_outcome outcome;
    if (pipeline->idle_pages == 0 || pipeline->idle_page.checkpoint == NULL) {
        return true;
    }
    pipeline->idle_pages = 0;
    return store_commit(pipeline->store, &pipeline->idle_page, &outcome, error);
}

bool pipeline_commit(struct pipeline *pipeline, struct slot *slot, enum commit_outcome *outcome, struct error *error) {
    struct counts totals = pipeline->totals; // only the committing side changes them
    pipeline_counts_add(&totals, &slot->counts);
    *outcome = COMMIT_DONE;
    bool idle = is_idle(&slot->page) && pipeline->idle_pages < IDLE_PAGES_MAX;
    if (idle && !keep_place(pipeline, slot, &totals, error)) {
        return false;
    }
    if (!idle) {
        size_t lines;
        slot->page.logs = journal_take(pipeline->journal, &lines);
        slot->page.log_count = lines;
        if (slot->page.checkpoint != NULL) {
            slot->checkpoint.counts = totals;
        }
        if (!store_commit(pipeline->store, &slot->page, outcome, error)) {
            return false;
        }
        if (*outcome != COMMIT_DONE) {
            return true;
        }
        journal_kept(pipeline->journal, lines);
    }
    pthread_mutex_lock(&pipeline->mutex);
    pipeline->idle_pages = idle ? pipeline->idle_pages + 1 : 0;
    pipeline->totals = totals;
    pipeline->kept += slot->kept;
    pipeline->edited += slot->edited;
    pthread_mutex_unlock(&pipeline->mutex);
    return true;
}

// Commits the oldest page in flight. Called with the mutex held, which is let go meanwhile.
static void commit_oldest(struct pipeline *pipeline) {
    struct slot *slot = pipeline->flight[0];
    enum commit_outcome outcome;
    struct error error;
    pthread_mutex_unlock(&pipeline->mutex);
    bool ok = pipeline_commit(pipeline, slot, &outcome, &error);
    pthread_mutex_lock(&pipeline->mutex);
    if (!ok) {
        pipeline->error = error;
        pipeline->state = PIPELINE_FAILED;
    } else if (outcome == COMMIT_STALE) {
        pipeline->state = PIPELINE_STALE;
    } else {
        pipeline->flight_count--;
        memmove(pipeline->flight, pipeline->flight + 1, pipeline->flight_count * sizeof *pipeline->flight);
    }
    pthread_cond_broadcast(&pipeline->changed);
}

static void *pipeline_thread(void *context) {
    struct pipeline *pipeline = context;
    pthread_mutex_lock(&pipeline->mutex);
    while (!pipeline->closing) {
        if (pipeline->state == PIPELINE_FLOWS && pipeline->flight_count > 0) {
            commit_oldest(pipeline);
        } else {
            pthread_cond_wait(&pipeline->changed, &pipeline->mutex);
        }
    }
    pthread_mutex_unlock(&pipeline->mutex);
    return NULL;
}

bool pipeline_open(struct pipeline *pipeline, struct store *store, struct journal *journal, bool threads,
                   const struct counts *totals, struct error *error) {
    memset(pipeline, 0, sizeof *pipeline);
    pipeline->store = store;
    pipeline->journal = journal;
    pipeline->threads = threads;
    pipeline->totals = *totals;
    arena_init(&pipeline->idle_arena, PLACE_BYTES_MAX);
    pthread_mutex_init(&pipeline->mutex, NULL);
    pthread_cond_init(&pipeline->changed, NULL);
    for (size_t i = 0; i < FLOW_AHEAD_MAX + 1; i++) {
        slot_init(&pipeline->slots[i], SLOT_BYTES_MAX);
    }
    if (threads && pthread_create(&pipeline->thread, NULL, pipeline_thread, pipeline) != 0) {
        pipeline->threads = false;
        pipeline_close(pipeline);
        return error_set(error, ERROR_MEMORY, "cannot start a thread; raise the limit on processes, then run again");
    }
    return true;
}

void pipeline_close(struct pipeline *pipeline) {
    if (pipeline->threads) {
        pthread_mutex_lock(&pipeline->mutex);
        pipeline->closing = true;
        pthread_cond_broadcast(&pipeline->changed);
        pthread_mutex_unlock(&pipeline->mutex);
        pthread_join(pipeline->thread, NULL);
    }
    for (size_t i = 0; i < FLOW_AHEAD_MAX + 1; i++) {
        slot_clear(&pipeline->slots[i]);
    }
    arena_clear(&pipeline->idle_arena);
    pthread_cond_destroy(&pipeline->changed);
    pthread_mutex_destroy(&pipeline->mutex);
}

// Waits, with the mutex held, until at most `most` pages are in flight or nothing flows.
static void wait_for(struct pipeline *pipeline, size_t most) {
    while (pipeline->state == PIPELINE_FLOWS && pipeline->flight_count > most) {
        if (pipeline->threads) {
            pthread_cond_wait(&pipeline->changed, &pipeline->mutex);
        } else {
            commit_oldest(pipeline);
        }
    }
}

static bool in_flight(const struct pipeline *pipeline, const struct slot *slot) {
    for (size_t i = 0; i < pipeline->flight_count; i++) {
        if (pipeline->flight[i] == slot) {
            return true;
        }
    }
    return false;
}

struct slot *pipeline_next(struct pipeline *pipeline) {
    struct slot *slot = NULL;
    pthread_mutex_lock(&pipeline->mutex);
    for (size_t i = 0; pipeline->state == PIPELINE_FLOWS && slot == NULL; i++) {
        assert(i < FLOW_AHEAD_MAX + 1);
        slot = in_flight(pipeline, &pipeline->slots[i]) ? NULL : &pipeline->slots[i];
    }
    pthread_mutex_unlock(&pipeline->mutex);
    return slot;
}

size_t pipeline_ahead(struct pipeline *pipeline, struct slot *ahead[FLOW_AHEAD_MAX]) {
    pthread_mutex_lock(&pipeline->mutex);
    size_t count = pipeline->flight_count;
    for (size_t i = 0; i < count; i++) {
        ahead[i] = pipeline->flight[i];
    }
    pthread_mutex_unlock(&pipeline->mutex);
    return count;
}

bool pipeline_put(struct pipeline *pipeline, struct slot *slot) {
    pthread_mutex_lock(&pipeline->mutex);
    wait_for(pipeline, FLOW_AHEAD_MAX - 1);
    bool flows = pipeline->state == PIPELINE_FLOWS;
    if (flows) {
        pipeline->flight[pipeline->flight_count++] = slot;
        pthread_cond_broadcast(&pipeline->changed);
    }
    pthread_mutex_unlock(&pipeline->mutex);
    return flows;
}

enum pipeline_state pipeline_drain(struct pipeline *pipeline) {
    pthread_mutex_lock(&pipeline->mutex);
    wait_for(pipeline, 0);
    enum pipeline_state state = pipeline->state;
    pthread_mutex_unlock(&pipeline->mutex);
    return state;
}

size_t pipeline_reclaim(struct pipeline *pipeline, struct slot *slots[FLOW_AHEAD_MAX]) {
    pthread_mutex_lock(&pipeline->mutex);
    assert(pipeline->state == PIPELINE_STALE);
    size_t count = pipeline->flight_count;
    memcpy(slots, pipeline->flight, count * sizeof *slots);
    pipeline->flight_count = 0;
    pipeline->state = PIPELINE_FLOWS;
    pthread_mutex_unlock(&pipeline->mutex);
    return count;
}

struct counts pipeline_totals(struct pipeline *pipeline) {
    pthread_mutex_lock(&pipeline->mutex);
    struct counts totals = pipeline->totals;
    pthread_mutex_unlock(&pipeline->mutex);
    return totals;
}

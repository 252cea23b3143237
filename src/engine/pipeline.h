#ifndef WEIR_ENGINE_PIPELINE_H
#define WEIR_ENGINE_PIPELINE_H

// The two threads of a run. The caller's thread reads and decides; the pipeline's applies and commits, in order. At
// most FLOW_AHEAD_MAX pages are in flight. Without `threads` the same pages are committed on the caller's thread, at
// the last moment at which the other thread would have done so: tests see the same decisions on the same overlay.
//
//    pipeline_next ──► slot: read, decide ──► pipeline_put ──► in flight ──► committed ──► free again
//
// A page that turns out stale stops the pipeline: the pages from it on are taken back with pipeline_reclaim, decided
// again one by one on what home says now, and committed with pipeline_commit.

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "engine/flow.h"
#include "engine/journal.h"
#include "engine/slot.h"
#include "port/store.h"

enum pipeline_state { PIPELINE_FLOWS, PIPELINE_STALE, PIPELINE_FAILED };

struct pipeline {
    struct store *store;
    struct journal *journal;
    bool threads;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct slot slots[FLOW_AHEAD_MAX + 1];
    struct slot *flight[FLOW_AHEAD_MAX]; // oldest first
    size_t flight_count;
    enum pipeline_state state;
    struct error error; // why it failed
    bool closing;
    struct counts totals;   // of what was committed, the resumed part included
    size_t idle_pages;      // committed without a trace since the last checkpoint
    struct checkpoint idle; // of the last of them, its position in idle_arena
    struct page idle_page;
    struct arena idle_arena;
    int64_t kept, edited; // of the slots that were committed
};

// What is carried over from the pages before: the counts of a resumed pass.
bool pipeline_open(struct pipeline *pipeline, struct store *store, struct journal *journal, bool threads,
                   const struct counts *totals, struct error *error);
void pipeline_close(struct pipeline *pipeline);

// A free slot; NULL when the pipeline no longer flows.
struct slot *pipeline_next(struct pipeline *pipeline);

// The pages in flight now, oldest first. They stay as they are until the next pipeline_next.
size_t pipeline_ahead(struct pipeline *pipeline, struct slot *ahead[FLOW_AHEAD_MAX]);

// Hands a decided page over, as soon as there is a place in flight. False when the pipeline no longer flows: the page
// stays in the caller's hand.
bool pipeline_put(struct pipeline *pipeline, struct slot *slot);

// Waits until nothing is in flight or the pipeline no longer flows.
enum pipeline_state pipeline_drain(struct pipeline *pipeline);

// Takes the uncommitted pages back, oldest first, and lets the pipeline flow again.
size_t pipeline_reclaim(struct pipeline *pipeline, struct slot *slots[FLOW_AHEAD_MAX]);

// Commits one page on the caller's thread; nothing may be in flight.
bool pipeline_commit(struct pipeline *pipeline, struct slot *slot, enum commit_outcome *outcome, struct error *error);

// Writes the checkpoint of the last page that left no trace; nothing may be in flight.
bool pipeline_remember(struct pipeline *pipeline, struct error *error);

void pipeline_counts_add(struct counts *sum, const struct counts *more);

struct counts pipeline_totals(struct pipeline *pipeline);

#endif

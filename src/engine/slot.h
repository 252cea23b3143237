#ifndef WEIR_ENGINE_SLOT_H
#define WEIR_ENGINE_SLOT_H

// A page in flight: the batch as it was read, and the plan that was made of it. The raw batch stays until the plan is
// committed, so that a plan that turns out stale can be made again. Two arenas: slot_replan gives back the plan's
// alone.

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/map.h"
#include "model/record.h"
#include "port/store.h"

// How a record of this page was dealt with, for the records behind it with the same external id.
enum touch_kind { TOUCH_EFFECT, TOUCH_DEAD, TOUCH_HELD, TOUCH_SKIPPED, TOUCH_GONE };

enum { TOUCH_NOTHING = -1 }; // an index: there is no such row

struct touch {
    struct print print;
    enum touch_kind kind;
    size_t index; // of the effect, dead letter or pending row; (size_t)TOUCH_NOTHING
};

struct slot {
    struct batch batch;
    struct arena arena; // the plan's
    struct effect *effects;
    size_t effect_count, effect_capacity;
    struct pending_row *pendings;
    size_t pending_count, pending_capacity;
    int64_t *pendings_done;
    size_t pending_done_count, pending_done_capacity;
    struct dead_row *deads;
    size_t dead_count, dead_capacity;
    int64_t *deads_done;
    size_t dead_done_count, dead_done_capacity;
    struct conflict_row *conflicts;
    size_t conflict_count, conflict_capacity;
    int64_t *conflicts_done;
    size_t conflict_done_count, conflict_done_capacity;
    struct held_row *helds;
    size_t held_count, held_capacity;
    int64_t *helds_done;
    size_t held_done_count, held_done_capacity;
    struct watermark_row *watermarks;
    size_t watermark_count, watermark_capacity;
    struct stale_row *stales;
    size_t stale_count, stale_capacity;
    struct inbox_done *receipts; // of posted records, in the order of the batch
    size_t receipt_count, receipt_capacity;
    struct touch *touches;
    size_t touch_count, touch_capacity;
    struct map touched; // linkset and external id -> touches
    struct map keys;    // datatype and natural key -> home id, of this page's creates
    struct counts counts;
    int64_t kept;   // gone there and kept, since the sync carries no deletes over
    int64_t edited; // gone there and kept, since they were changed in home
    struct checkpoint checkpoint;
    struct page page;    // what is committed; points into the above
    int64_t pass_weight; // records that this page reads, for stop_after
};

void slot_init(struct slot *slot, size_t ceiling);
void slot_clear(struct slot *slot);

// Forgets the plan, keeps the batch.
void slot_replan(struct slot *slot);

// Each appends one and gives it, zeroed; NULL when out of memory.
struct effect *slot_effect(struct slot *slot);
struct pending_row *slot_pending(struct slot *slot);
struct dead_row *slot_dead(struct slot *slot);
struct conflict_row *slot_conflict(struct slot *slot);
struct held_row *slot_held(struct slot *slot);
struct watermark_row *slot_watermark(struct slot *slot);
struct stale_row *slot_stale(struct slot *slot);
struct inbox_done *slot_receipt(struct slot *slot);
bool slot_pending_done(struct slot *slot, int64_t id);
bool slot_dead_done(struct slot *slot, int64_t id);
bool slot_conflict_done(struct slot *slot, int64_t id);
bool slot_held_done(struct slot *slot, int64_t id);

// The key under which a record of a linkset is found in `touched`: made in the slot's arena.
bool slot_key(struct slot *slot, const struct linkset *links, struct text external, struct text *out);
bool slot_touch(struct slot *slot, struct text key, struct touch touch);
struct touch *slot_touched(const struct slot *slot, struct text key);

#endif

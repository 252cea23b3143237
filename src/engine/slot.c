#include "engine/slot.h"

#include <string.h>

void slot_init(struct slot *slot, size_t ceiling) {
    memset(slot, 0, sizeof *slot);
    batch_init(&slot->batch, ceiling);
    arena_init(&slot->arena, ceiling);
    map_init(&slot->touched);
    map_init(&slot->keys);
}

void slot_clear(struct slot *slot) {
    batch_clear(&slot->batch);
    arena_clear(&slot->arena);
    map_clear(&slot->touched);
    map_clear(&slot->keys);
}

void slot_replan(struct slot *slot) {
    struct slot kept = *slot;
    memset(slot, 0, sizeof *slot);
    slot->batch = kept.batch;
    slot->arena = kept.arena;
    slot->touched = kept.touched;
    slot->keys = kept.keys;
    arena_reset(&slot->arena);
    map_reset(&slot->touched);
    map_reset(&slot->keys);
}

enum { LIST_FIRST = 64 };

// Makes room for one more item at the end of a list in the arena and gives it zeroed.
static void *list_add(struct arena *arena, void *items, size_t *count, size_t *capacity, size_t size, void **moved) {
    *moved = items;
    if (*count == *capacity) {
        size_t wanted = *capacity > 0 ? *capacity * 2 : LIST_FIRST;
        void *larger = arena_take(arena, wanted * size);
        if (larger == NULL) {
            return NULL;
        }
        if (*count > 0) {
            memcpy(larger, items, *count * size);
        }
        *moved = larger;
        *capacity = wanted;
    }
    void *item = (char *)*moved + *count * size;
    memset(item, 0, size);
    (*count)++;
    return item;
}

struct effect *slot_effect(struct slot *slot) {
    void *moved;
    void *item = list_add(&slot->arena, slot->effects, &slot->effect_count, &slot->effect_capacity,
                          sizeof *slot->effects, &moved);
    slot->effects = moved;
    return item;
}

struct pending_row *slot_pending(struct slot *slot) {
    void *moved;
    void *item = list_add(&slot->arena, slot->pendings, &slot->pending_count, &slot->pending_capacity,
                          sizeof *slot->pendings, &moved);
    slot->pendings = moved;
    return item;
}

struct dead_row *slot_dead(struct slot *slot) {
    void *moved;
    void *item =
        list_add(&slot->arena, slot->deads, &slot->dead_count, &slot->dead_capacity, sizeof *slot->deads, &moved);
    slot->deads = moved;
    return item;
}

struct conflict_row *slot_conflict(struct slot *slot) {
    void *moved;
    void *item = list_add(&slot->arena, slot->conflicts, &slot->conflict_count, &slot->conflict_capacity,
                          sizeof *slot->conflicts, &moved);
    slot->conflicts = moved;
    return item;
}

struct held_row *slot_held(struct slot *slot) {
    void *moved;
    void *item =
        list_add(&slot->arena, slot->helds, &slot->held_count, &slot->held_capacity, sizeof *slot->helds, &moved);
    slot->helds = moved;
    return item;
}

struct watermark_row *slot_watermark(struct slot *slot) {
    void *moved;
    void *item = list_add(&slot->arena, slot->watermarks, &slot->watermark_count, &slot->watermark_capacity,
                          sizeof *slot->watermarks, &moved);
    slot->watermarks = moved;
    return item;
}

struct stale_row *slot_stale(struct slot *slot) {
    void *moved;
    void *item =
        list_add(&slot->arena, slot->stales, &slot->stale_count, &slot->stale_capacity, sizeof *slot->stales, &moved);
    slot->stales = moved;
    return item;
}

struct inbox_done *slot_receipt(struct slot *slot) {
    void *moved;
    void *item = list_add(&slot->arena, slot->receipts, &slot->receipt_count, &slot->receipt_capacity,
                          sizeof *slot->receipts, &moved);
    slot->receipts = moved;
    return item;
}

static bool id_add(struct arena *arena, int64_t **ids, size_t *count, size_t *capacity, int64_t id) {
    void *moved;
    int64_t *item = list_add(arena, *ids, count, capacity, sizeof **ids, &moved);
    *ids = moved;
    if (item != NULL) {
        *item = id;
    }
    return item != NULL;
}

bool slot_pending_done(struct slot *slot, int64_t id) {
    return id_add(&slot->arena, &slot->pendings_done, &slot->pending_done_count, &slot->pending_done_capacity, id);
}

bool slot_dead_done(struct slot *slot, int64_t id) {
    return id_add(&slot->arena, &slot->deads_done, &slot->dead_done_count, &slot->dead_done_capacity, id);
}

bool slot_conflict_done(struct slot *slot, int64_t id) {
    return id_add(&slot->arena, &slot->conflicts_done, &slot->conflict_done_count, &slot->conflict_done_capacity, id);
}

bool slot_held_done(struct slot *slot, int64_t id) {
    return id_add(&slot->arena, &slot->helds_done, &slot->held_done_count, &slot->held_done_capacity, id);
}

bool slot_key(struct slot *slot, const struct linkset *links, struct text external, struct text *out) {
    size_t length = sizeof links + external.length;
    char *bytes = arena_take(&slot->arena, length);
    if (bytes == NULL) {
        return false;
    }
    memcpy(bytes, &links, sizeof links); // a linkset is one object for the store's whole life
    memcpy(bytes + sizeof links, external.data, external.length);
    *out = (struct text){bytes, length};
    return true;
}

bool slot_touch(struct slot *slot, struct text key, struct touch touch) {
    void *moved;
    struct touch *item =
        list_add(&slot->arena, slot->touches, &slot->touch_count, &slot->touch_capacity, sizeof *slot->touches, &moved);
    slot->touches = moved;
    if (item == NULL) {
        return false;
    }
    *item = touch;
    return map_put(&slot->touched, key, slot->touch_count - 1);
}

struct touch *slot_touched(const struct slot *slot, struct text key) {
    uint64_t *at = map_find(&slot->touched, key);
    return at != NULL ? &slot->touches[*at] : NULL;
}

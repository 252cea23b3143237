#include "script/script_shape.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

enum { KEPT_BYTES_MAX = 1024 * 1024 };

void shapes_init(struct shapes *shapes) {
    memset(shapes, 0, sizeof *shapes);
    arena_init(&shapes->arena, KEPT_BYTES_MAX);
}

void shapes_clear(struct shapes *shapes) {
    arena_clear(&shapes->arena);
}

static bool same_names(const struct shape *shape, const struct text *names, uint32_t count) {
    if (shape == NULL || shape->count != count) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!text_same(shape->names[i], names[i])) {
            return false;
        }
    }
    return true;
}

static const struct shape *shape_make(struct arena *arena, const struct text *names, uint32_t count) {
    struct shape *shape = arena_take(arena, sizeof *shape);
    struct text *copies = arena_take(arena, count * sizeof *copies);
    if (shape == NULL || copies == NULL) {
        return NULL;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!arena_text(arena, names[i], &copies[i])) {
            return NULL;
        }
    }
    *shape = (struct shape){count, copies};
    return shape;
}

// As shapes_ordered; `kept` says whether the shape stays when its page goes.
static bool shape_of(struct shapes *shapes, const struct text *names, uint32_t count, struct arena *arena,
                     const struct shape **shape, bool *kept) {
    uint64_t hash = count;
    for (uint32_t i = 0; i < count; i++) {
        hash = hash * 31 + hash_bytes(names[i].data, names[i].length);
    }
    const struct shape **slot = &shapes->kept[(hash ^ (hash >> 32)) % SHAPE_SLOTS];
    *kept = true;
    if (same_names(*slot, names, count)) {
        *shape = *slot;
        return true;
    }
    const struct shape *made = count <= SHAPE_NAMES_MAX ? shape_make(&shapes->arena, names, count) : NULL;
    if (made != NULL) {
        *slot = made;
    } else {
        made = shape_make(arena, names, count); // no room to keep it: it goes with its page
        *kept = false;
    }
    *shape = made;
    return made != NULL;
}

bool shapes_ordered(struct shapes *shapes, const struct text *names, uint32_t count, struct arena *arena,
                    const struct shape **shape) {
    bool kept;
    return shape_of(shapes, names, count, arena, shape, &kept);
}

struct ranked {
    struct text name;
    uint32_t came; // its place as it came
};

static int ranked_compare(const void *a, const void *b) {
    return text_compare(((const struct ranked *)a)->name, ((const struct ranked *)b)->name);
}

// Whether a slot's shape is that of these names in the order in which they came.
static bool slot_fits(const struct shape_slot *slot, const struct text *names, uint32_t count) {
    if (slot->shape == NULL || slot->shape->count != count) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!text_same(slot->shape->names[slot->order[i]], names[i])) {
            return false;
        }
    }
    return true;
}

bool shapes_sorted(struct shapes *shapes, const struct text *names, uint32_t count, struct arena *arena,
                   const struct shape **shape, const uint32_t **order, bool *fresh) {
    // Lua keeps short names once, so their addresses tell tables apart well enough; the names themselves decide.
    uintptr_t hint = count == 0 ? 0 : (uintptr_t)names[0].data / 8 + (uintptr_t)names[count - 1].data / 16 + count;
    struct shape_slot *slot = &shapes->sorted[hint % SHAPE_SLOTS];
    *fresh = false;
    if (slot_fits(slot, names, count)) {
        *shape = slot->shape;
        *order = slot->order;
        return true;
    }
    *fresh = true;
    struct ranked *ranked = arena_take(arena, count * sizeof *ranked);
    struct text *sorted = arena_take(arena, count * sizeof *sorted);
    uint32_t *places = arena_take(arena, count * sizeof *places);
    if (ranked == NULL || sorted == NULL || places == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        ranked[i] = (struct ranked){names[i], i};
    }
    qsort(ranked, count, sizeof *ranked, ranked_compare);
    for (uint32_t i = 0; i < count; i++) {
        sorted[i] = ranked[i].name;
        places[ranked[i].came] = i;
    }
    bool kept;
    if (!shape_of(shapes, sorted, count, arena, shape, &kept)) {
        return false;
    }
    if (kept) {
        slot->shape = *shape;
        memcpy(slot->order, places, count * sizeof *places);
    }
    *order = places;
    return true;
}

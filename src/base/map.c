#include "base/map.h"

#include <string.h>

#include "base/hash.h"
#include "base/memory.h"

enum { MAP_FIRST = 64 };

void map_init(struct map *map) {
    *map = (struct map){0};
}

void map_clear(struct map *map) {
    memory_free(map->slots);
    map_init(map);
}

void map_reset(struct map *map) {
    if (map->count > 0) {
        memset(map->slots, 0, map->capacity * sizeof *map->slots);
        map->count = 0;
    }
}

// The key's slot, or the empty one where it would go. The table always has an empty slot.
static struct map_slot *map_slot(struct map_slot *slots, size_t capacity, struct text key, uint64_t hash) {
    size_t i = (size_t)hash & (capacity - 1);
    while (slots[i].key.data != NULL && (slots[i].hash != hash || !text_same(slots[i].key, key))) {
        i = (i + 1) & (capacity - 1);
    }
    return &slots[i];
}

uint64_t *map_find(const struct map *map, struct text key) {
    if (map->count == 0) {
        return NULL;
    }
    struct map_slot *slot = map_slot(map->slots, map->capacity, key, hash_bytes(key.data, key.length));
    return slot->key.data != NULL ? &slot->value : NULL;
}

static bool map_enlarge(struct map *map) {
    size_t capacity = map->capacity > 0 ? map->capacity * 2 : MAP_FIRST;
    struct map_slot *slots = memory_zero(capacity, sizeof *slots);
    if (slots == NULL) {
        return false;
    }
    for (size_t i = 0; i < map->capacity; i++) {
        if (map->slots[i].key.data != NULL) {
            *map_slot(slots, capacity, map->slots[i].key, map->slots[i].hash) = map->slots[i];
        }
    }
    memory_free(map->slots);
    map->slots = slots;
    map->capacity = capacity;
    return true;
}

bool map_put(struct map *map, struct text key, uint64_t value) {
    if (map->count >= map->capacity / 2 && !map_enlarge(map)) {
        return false;
    }
    if (key.data == NULL) {
        key.data = "";
    }
    uint64_t hash = hash_bytes(key.data, key.length);
    struct map_slot *slot = map_slot(map->slots, map->capacity, key, hash);
    map->count += slot->key.data == NULL;
    *slot = (struct map_slot){key, hash, value};
    return true;
}

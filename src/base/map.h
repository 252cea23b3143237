#ifndef WEIR_BASE_MAP_H
#define WEIR_BASE_MAP_H

// A table in memory from bytes to a 64-bit number (an index, an id, a pointer). Keys are not copied: they must live
// as long as the table or its next map_reset. Open addressing; no removal of single keys.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct map_slot {
    struct text key; // data is NULL in an empty slot
    uint64_t hash;
    uint64_t value;
};

struct map {
    struct map_slot *slots;
    size_t capacity; // a power of two, or 0
    size_t count;
};

void map_init(struct map *map);
void map_clear(struct map *map);
void map_reset(struct map *map); // empties it, keeps the memory

// Points at the key's value, or NULL when it is not there. Valid until the next map_put.
uint64_t *map_find(const struct map *map, struct text key);

// Puts or replaces. False only when out of memory.
bool map_put(struct map *map, struct text key, uint64_t value);

#endif

#ifndef WEIR_STORE_STORE_MEMORY_TABLE_H
#define WEIR_STORE_STORE_MEMORY_TABLE_H

// Tables whose rows keep all their versions, and the change (a transaction) that adds to them. (`ram_` is the prefix of
// store_memory's own parts: `memory_` is base/memory.h's.)
//
//    table ── cell "7" ── version since 5 ── version since 2      commit 4 sees the older one, commit 1 none
//          └─ cell "9" ── version since 3, removed ── version since 1
//
// A version is made under the number of the commit to come, which no reader asks for before ram_change_end counts it.
// Giving a change up takes its versions off again, which cannot fail; the memory of what they held stays taken.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/text.h"

struct ram_version {
    int64_t since;
    int64_t id;      // of the row, for scans; or a number that is all there is to the row
    const void *row; // NULL: it was removed
    struct ram_version *older;
};

struct ram_cell {
    struct text key;
    struct ram_version *newest;
};

struct ram_table {
    struct map places; // key -> cell
    struct ram_cell **cells;
    size_t count;
    size_t capacity;
};

// Numbers a reader by what it sees: a commit, or everything including the change in hand.
enum { RAM_NEWEST = -1 };

void ram_table_clear(struct ram_table *table);

// The row that a commit sees under a key, or NULL.
const struct ram_version *ram_find(const struct ram_table *table, struct text key, int64_t at);
const struct ram_version *ram_visible(const struct ram_cell *cell, int64_t at);

// One transaction. Only one at a time may be open on the tables of one arena.
struct ram_change {
    struct arena *arena; // of the home: keys and rows live there
    int64_t since;       // the commit to be
    struct ram_cell **touched;
    size_t count;
    size_t capacity;
};

void ram_change_begin(struct ram_change *change, struct arena *arena, int64_t since);

// Puts a row (already in the arena) in place of what is there; NULL removes. The key is copied. False only when out of
// memory.
bool ram_put(struct ram_change *change, struct ram_table *table, struct text key, int64_t id, const void *row);

// Ends it. Unless `keep`, all is as it was before. Never fails.
void ram_change_end(struct ram_change *change, bool keep);

// Takes the versions since a commit off again.
void ram_table_restore(struct ram_table *table, int64_t commit);

// The key of a number, in `room`.
struct text ram_number_key(const int64_t *room);

// The key of several texts that no other texts have, in the arena. False only when out of memory.
bool ram_join_key(struct arena *arena, const struct text *parts, size_t count, struct text *out);

#endif

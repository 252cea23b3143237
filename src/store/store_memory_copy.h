#ifndef WEIR_STORE_STORE_MEMORY_COPY_H
#define WEIR_STORE_STORE_MEMORY_COPY_H

// The rows that store_memory keeps, and deep copies of them: into home's arena on the way in, into the caller's on the
// way out. Each copy is false only when out of memory.

#include "base/arena.h"
#include "port/store.h"

struct ram_row {
    int64_t id;
    int64_t seq;
    struct text origin;
    struct object fields; // by name: a datatype may list them in another order later
    struct value extra;
};

struct ram_link {
    struct link link;
    struct text datasource;
    struct text external;
    int64_t arrival;
};

struct ram_log {
    int64_t run;
    struct log_row row;
};

bool ram_datatype_copy(struct arena *arena, const struct datatype *in, const struct datatype **out);
bool ram_pending_copy(struct arena *arena, const struct pending_row *in, struct pending_row *out);
bool ram_dead_copy(struct arena *arena, const struct dead_row *in, struct dead_row *out);
bool ram_conflict_copy(struct arena *arena, const struct conflict_row *in, struct conflict_row *out);
bool ram_run_copy(struct arena *arena, const struct run_row *in, struct run_row *out);
bool ram_checkpoint_copy(struct arena *arena, const struct checkpoint *in, struct checkpoint *out);

// The record in the order of the caller's datatype; fields that the row doesn't have are null.
bool ram_row_copy(struct arena *arena, const struct ram_row *in, const struct datatype *datatype, struct home_row *out);

#endif

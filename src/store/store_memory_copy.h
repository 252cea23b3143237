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

// What is left of a deleted record.
struct ram_grave {
    int64_t id;
    int64_t seq;
    struct text datatype;
    struct text origin;
    int64_t at_us;
};

// The form that a record had at a seq.
struct ram_base {
    struct object fields;
    int64_t edited_us; // home's last edit since
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
bool ram_intent_copy(struct arena *arena, const struct intent_row *in, struct intent_row *out);
bool ram_watermark_copy(struct arena *arena, const struct watermark_row *in, struct watermark_row *out);
bool ram_held_copy(struct arena *arena, const struct held_row *in, struct held_row *out);
bool ram_inbox_copy(struct arena *arena, const struct inbox_row *in, struct inbox_row *out);
bool ram_stale_copy(struct arena *arena, const struct stale_row *in, struct stale_row *out);

// The record in the order of the caller's datatype; fields that the row doesn't have are null.
bool ram_row_copy(struct arena *arena, const struct ram_row *in, const struct datatype *datatype, struct home_row *out);

#endif

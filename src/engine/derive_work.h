#ifndef WEIR_ENGINE_DERIVE_WORK_H
#define WEIR_ENGINE_DERIVE_WORK_H

// What the parts of deriving share: derive.c (which records, page by page) and derive_record.c (one record).

#include "engine/derive.h"

enum {
    DERIVE_BLOCK = 200, // records a page
    DERIVE_BYTES_MAX = 256 * 1024 * 1024,
};

// A stale row of the pass in hand.
struct stale {
    size_t datatype; // of the setup's
    int64_t home;
};

struct deriving {
    const struct derive_setup *setup;
    struct arena arena; // of a page
    struct stale *rows; // of the pass
    size_t count, capacity;
    bool *complete; // by datatype: all that its records make stale can be computed here
    struct effect effects[DERIVE_BLOCK + 1];
    struct stale_row stales[DERIVE_BLOCK + 1];
    size_t effect_count, stale_count;
    int64_t *changed;
};

// Whether a derived field of `datatype` sees records of `target`.
bool derive_sees(const struct datatype *datatype, struct text target);

bool derive_is_seen(const struct datatype *const *datatypes, size_t count, struct text target);

// Whether its functions are at hand.
bool derive_is_computed(const struct datatype *datatype);

// Derives a record into the page; inside a snapshot.
bool derive_into(struct deriving *deriving, const struct datatype *datatype, int64_t id, struct error *error);

#endif

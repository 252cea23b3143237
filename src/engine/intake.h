#ifndef WEIR_ENGINE_INTAKE_H
#define WEIR_ENGINE_INTAKE_H

// What waits in a sync's inbox as a source: what a drain reads. A record's line is the number of its receipt. A batch
// ends before a record whose id it has already: of two that were posted one after the other, the later changes what
// the earlier made, and neither lost.

#include "port/source.h"
#include "port/store.h"

struct intake {
    struct store *store;
    struct text key;                  // sync_key
    const struct source_type *source; // the datasource's kind: it tells what is gone there
    int64_t until;                    // the last receipt that is read: what is posted meanwhile is the next drain's
};

// Opened with a struct intake as the setup's context.
extern const struct source_type source_intake;

// What a value takes up in memory, roughly: a batch ends past INTAKE_BYTES, and a record that is heavier than one may
// be is not posted.
enum { INTAKE_BYTES = 16 * 1024 * 1024 };
size_t intake_weight(const struct value *value);

// Whether a record of a type waits.
bool intake_has(const struct intake *intake, struct text type, bool *has, struct error *error);

#endif

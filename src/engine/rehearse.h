#ifndef WEIR_ENGINE_REHEARSE_H
#define WEIR_ENGINE_REHEARSE_H

// A sync's way in without home: each type is read from its beginning, page by page, and each record formed as a run
// forms it. Nothing is decided, nothing is written, and a reference need not lead anywhere. A preview shows the first
// records so, a validation counts all of them.

#include <stdbool.h>
#include <stddef.h>

#include "engine/run.h"
#include "model/record.h"

struct rehearsal {
    const struct run_request *request; // its sync, clock, log, stop, and what a session needs
    size_t records;                    // of each type; SIZE_MAX: all of them
    size_t page_records;               // at most so many at once
    // Each home record that a record gives, or why it gives none.
    bool (*show)(void *context, const struct preview_row *row, struct error *error);
    // After each page; *goes_on false ends all of it. May be NULL.
    bool (*page)(void *context, const struct sync_type *type, const struct batch *batch, bool *goes_on,
                 struct error *error);
    void *context;
};

// False when something can't be read, or when a callback says so. What fails in passing is tried again, as in a run.
// A sync that only sends has nothing to be read: it is done at once.
bool rehearse(const struct rehearsal *rehearsal, struct error *error);

#endif

#ifndef WEIR_ENGINE_PLACE_H
#define WEIR_ENGINE_PLACE_H

// What placing a form is made of, for the files that share it: place.c, place_wait.c (references), clash.c (both sides
// changed) and gone.c.

#include <stdbool.h>

#include "engine/flow.h"
#include "engine/sight.h"

// An optional reference that is applied as null and waits.
struct wait {
    uint32_t field;
    struct reference reference;
};

enum { WAITS_MAX = 64 };

struct waits {
    struct wait list[WAITS_MAX];
    size_t count;
    bool held; // a required reference is missing: list[count - 1] says which
};

// Fills in the form's references. An optional one that isn't known is null and waits; a required one holds the record.
bool place_resolve(struct flow *flow, const struct form *form, struct waits *waits, enum flow_outcome *outcome,
                   struct error *error);

// Holds the whole record until its required reference comes.
bool place_hold(struct flow *flow, const struct placing *placing, const struct waits *waits, struct error *error);

// Lets the optional references of a record wait.
bool place_wait(struct flow *flow, const struct placing *placing, const struct waits *waits, int64_t home,
                struct error *error);

// References of an updated record that waited and were said anew: each either waits again, or no longer.
bool place_waited(struct flow *flow, const struct placing *placing, const struct waits *waits, int64_t home,
                  struct error *error);

// Appends an effect of this placing; NULL when out of memory.
struct effect *place_effect(struct flow *flow, const struct placing *placing, enum effect_kind kind, int64_t id,
                            int64_t base_seq);

// A new record: what wasn't said has its default, and every required field must be there.
bool place_complete(const struct form *form, struct error *error);

// What the form says over what stands there. `same` is whether that changes anything.
bool place_overlay(const struct form *form, const struct value *under, struct value under_extra, struct arena *arena,
                   struct value **out, struct value *extra, bool *same, struct error *error);

// Keeps a form that lost. `kind` is a conflict_row's.
bool place_conflict(struct flow *flow, const struct placing *placing, const char *kind, int64_t home,
                    struct print print, const struct value *fields, struct value extra, struct error *error);

// Takes back what an earlier record of this page with the same id left: it is not written at all.
bool place_cancel(struct slot *slot, const struct touch *touch, struct error *error);

// The push form that the datasource was known to have isn't what it has now.
void place_outdated(struct effect *effect, const struct link *link);

#endif

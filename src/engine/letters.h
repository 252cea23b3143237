#ifndef WEIR_ENGINE_LETTERS_H
#define WEIR_ENGINE_LETTERS_H

// What home keeps for a person to decide on, decided: dead letters and conflicts dropped, held deletes approved or
// dropped. Each is one transaction with its audit line, but for held deletes, which go in pages: what was done of them
// stays done, and the same call goes on. A letter that went by itself meanwhile is done already.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "port/store.h"

struct letters {
    struct store *store;
    const struct clock *clock;
    struct text origin; // who: "dead drop"
};

// Drops the dead letters with these numbers (`id_count` 0: all) of a sync (ORG/NAME; empty: of all). One that isn't
// there is ERROR_NOT_THERE, and nothing is dropped.
bool letters_drop_dead(const struct letters *letters, struct text sync, const int64_t *ids, size_t id_count,
                       size_t *dropped, struct error *error);

// Forgets a form that lost. ERROR_NOT_THERE when there is none of this number.
bool letters_drop_conflict(const struct letters *letters, int64_t id, struct error *error);

// Approves or drops the deletes that a run held; `count` says how many they were.
bool letters_settle_held(const struct letters *letters, int64_t run, bool approve, int64_t *count, struct error *error);

#endif

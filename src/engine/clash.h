#ifndef WEIR_ENGINE_CLASH_H
#define WEIR_ENGINE_CLASH_H

// Where both sides changed a record since they agreed: the merge by the sync's policy, and what is kept of the side
// that lost. What is left of home's edit stays an edit, so that the next push sends it.

#include <stdbool.h>

#include "engine/flow.h"
#include "engine/sight.h"

// Whether the record's edits are weighed at all. Otherwise (a pull alone, without a policy) the datasource's form goes
// in as it is.
bool clash_weighs(const struct flow *flow, const struct placing *placing);

// Whether the datasource's form is what both sides agreed on, so that home alone changed it: what it said of a write
// that taught nothing, or a change that the transform doesn't look at. Then the link learns of it here, and nothing
// else.
bool clash_echo(struct flow *flow, const struct placing *placing, const struct sight *sight, bool *echo,
                struct error *error);

// Merges the form into the record in `sight`. `adopts`: there was no link, and so no base.
bool clash_merge(struct flow *flow, const struct placing *placing, const struct sight *sight, bool adopts,
                 enum placed *placed, struct error *error);

// The datasource changed what home deleted: whether the deletion stands. Then it is written down here.
bool clash_deleted(struct flow *flow, const struct placing *placing, const struct sight *sight, bool *stands,
                   struct error *error);

// A record that comes back takes what the datasource doesn't say from the form both sides last agreed on.
bool clash_revive(struct flow *flow, const struct placing *placing, const struct sight *sight, struct error *error);

// The same external id again in the page in hand, over an effect of a merge: `same` is whether that changes home.
bool clash_again(struct flow *flow, const struct placing *placing, struct effect *effect, bool *same,
                 struct error *error);

#endif

#ifndef WEIR_TESTS_SIM_SIM_CHECK_H
#define WEIR_TESTS_SIM_SIM_CHECK_H

// The checker: independent of the engine. It reads the datasources' own rows and logs, the homes' records, and what
// homes have put aside for people (dead letters, conflicts, rows that wait, held deletes, parked writes). Whatever it
// has to say goes to sim_find; it stops at its first finding.

#include "sim.h"

// After each run, also in the middle of the storm: watermarks never go back; of each sync one run at most says that it
// is running; what is one org's (its tokens, its identities) stands in none of the other's places.
void sim_check_run(struct sim *sim, enum sim_place source);

// After the storm has settled: every value that nobody ended is somewhere; every row of a datasource is in home or
// accounted for, and the other way round, as the sync's direction says; both sides are equal under the policy; no
// identity is there more often than people made it; no write is left open.
void sim_check_end(struct sim *sim);

// All that there is, as one print for each place: homes (records, links, dead letters, …; not runs and logs) and
// datasources (rows, log, writes). Two that are equal: nothing was written in between.
struct sim_stamp {
    struct print places[SIM_PLACES];
};
void sim_stamp_take(struct sim *sim, struct sim_stamp *out);
// The first place that differs, or SIM_PLACES.
enum sim_place sim_stamp_differs(const struct sim_stamp *a, const struct sim_stamp *b);

#endif

#ifndef WEIR_TESTS_SIM_SIM_PEOPLE_H
#define WEIR_TESTS_SIM_SIM_PEOPLE_H

// People: they edit on all sides, between runs and in the middle of them.

#include "sim.h"

// Does what the event says; nothing when there is nothing to do it to.
void sim_people_act(struct sim *sim, const struct sim_event *event);

// The value that an event writes: "<12>". Where a datasource of its world trims, every other one with a space.
const char *sim_token_new(struct sim *sim, const struct sim_event *event);

// Who a new record is: "k12" of event 12; or, one time in four, somebody who was there before.
int sim_identity_for(struct sim *sim, const struct sim_event *event, int org, enum sim_type type);

#endif

#ifndef WEIR_TESTS_SIM_SIM_HTTP_H
#define WEIR_TESTS_SIM_SIM_HTTP_H

// The fake network: http/http.h over the simulated datasources of sim_now.

#include "sim.h"

// After each run: requests that were late and never overtaken arrive now.
void sim_http_end(struct sim *sim);

#endif

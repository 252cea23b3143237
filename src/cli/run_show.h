#ifndef WEIR_CLI_RUN_SHOW_H
#define WEIR_CLI_RUN_SHOW_H

// A run's row of home as `weir status` and `weir log` show it.

#include "cli/output.h"
#include "port/store.h"

// The status as it is today: a run that says running while its process is gone was killed; the next run of its sync
// will write that down.
const char *run_status_today(const struct run_row *row);

// The members "run" to "message" of a JSON line.
void run_put(struct output *output, const struct run_row *row);

#endif

#ifndef WEIR_CLI_RUN_SHOW_H
#define WEIR_CLI_RUN_SHOW_H

// A run's row as `weir status` and `weir log` show it, and the lines of its log: a home's, or a server's, whose runs
// have a status more. Rows go into a table; with --json they are lines.

#include "cli/output.h"
#include "cli/table.h"
#include "port/store.h"

// The status as it is today: a run that says running while its process is gone was killed; the next run of its sync
// will write that down.
const char *run_status_today(const struct run_row *row);

// `weir status`: `deads` is how many dead letters the sync has now.
extern const char *const status_heads[];
bool status_show(const struct cli *cli, struct table *table, const struct run_row *row, struct text status,
                 int64_t deads, struct error *error);

// `weir log` without a run.
extern const char *const run_heads[];
bool run_show(const struct cli *cli, struct table *table, const struct run_row *row, struct text status,
              struct error *error);

// `weir log RUN`: what stands before the lines, and each of them.
bool run_show_head(const struct cli *cli, const struct run_row *row, struct text status, struct error *error);
bool log_show(const struct cli *cli, const struct log_row *row, struct error *error);

#endif

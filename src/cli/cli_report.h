#ifndef WEIR_CLI_CLI_REPORT_H
#define WEIR_CLI_CLI_REPORT_H

// The outcome of a run: one JSON line, or a summary with the command to type next.

#include <stdbool.h>

#include "base/error.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "engine/validate.h"
#include "port/sync.h"

// The last line of `weir run --json`. `sync` may be NULL when not even the script could be loaded; a report whose
// `run` is 0 says null there.
bool cli_report_json(const struct cli *cli, const struct sync *sync, const struct run_report *report,
                     struct error *error);

// Its members, into a line that is begun.
void cli_report_put(struct output *output, const struct sync *sync, const struct run_report *report);

// The same for people; a `pending_now` below 0 is one that nobody knows. `joined`: it is another request's run. `again`
// is the script's path, for the hint after an interruption.
bool cli_report_show(const struct cli *cli, const struct sync *sync, const struct run_report *report, bool joined,
                     const char *again, struct error *error);

// What `weir run --method validate` says.
bool cli_validate_json(const struct cli *cli, const struct sync *sync, const struct validate_report *report,
                       struct error *error);
bool cli_validate_show(const struct cli *cli, const struct sync *sync, const struct validate_report *report,
                       struct error *error);

// The exit code that a report stands for.
enum cli_exit cli_report_exit(const struct run_report *report);

#endif

#ifndef WEIR_CLI_CLI_RUN_H
#define WEIR_CLI_CLI_RUN_H

// A run as somebody at a terminal (or a script of theirs) sees it: the script is loaded and checked before home is
// opened, a live run of the same sync is joined, signals end it at a page boundary, and the outcome is told. `weir
// run` and `weir dead retry` differ in what they ask for alone.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/cli.h"

struct cli_run {
    const char *path; // of the script
    bool force;
    bool retry;              // dead letters instead of the source
    const int64_t *dead_ids; // NULL: all of the sync's
    size_t dead_count;
};

enum cli_exit cli_run(struct cli *cli, const struct cli_arguments *arguments, const struct cli_run *wish);

#endif

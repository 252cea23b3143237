#ifndef WEIR_CLI_CLI_RUN_H
#define WEIR_CLI_CLI_RUN_H

// A run as somebody at a terminal (or a script of theirs, or a service) sees it: the script is loaded and checked
// before home is opened, a live run of the same sync is joined, signals end it at a page boundary, and the outcome is
// told: in words, as one line of JSON, or as events. `weir run` and `weir dead retry` differ in what they ask for
// alone.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/cli.h"
#include "cli/cli_child.h"

struct cli_run {
    const char *path; // of the script
    bool force;
    bool retry;              // dead letters instead of the source
    const int64_t *dead_ids; // NULL: all of the sync's
    size_t dead_count;
};

// Rows for the options of a command that runs: what a service asks for.
// clang-format off
#define CLI_RUN_OPTIONS \
    {"events", NULL, false, "tell what happens as lines of JSON, and nothing else on standard output"}, \
    {"request", "N", false, "note in home that the run is for this request of a service"}, \
    CLI_CHILD_OPTIONS
// clang-format on

enum cli_exit cli_run(struct cli *cli, const struct cli_arguments *arguments, const struct cli_run *wish);

#endif

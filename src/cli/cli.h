#ifndef WEIR_CLI_CLI_H
#define WEIR_CLI_CLI_H

// The command line: finds the command, reads its options, runs it, and turns errors into lines and exit codes. What
// the commands work with (store, datasources, clock, streams) is given by main, so that nothing here knows an adapter.

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/error.h"
#include "cli/cli_arguments.h"
#include "port/remote.h"
#include "port/service.h"
#include "port/source.h"
#include "port/store.h"

// How a command ends; the numbers are a promise (docs/reference/commands.md).
enum cli_exit {
    CLI_DONE = 0,
    CLI_FAILED = 1,
    CLI_USAGE = 2,
    CLI_SCRIPT = 3,
    CLI_HOME = 4,
    CLI_INTERRUPTED = 5,
    CLI_WARNING = 6,
    CLI_WAITING = 7,
};
enum { CLI_EXIT_COUNT = 8 };

const char *cli_exit_text(enum cli_exit code); // one line for the help

struct cli {
    // given by main
    const char *version;
    const struct store_type *store;
    const struct source_type *const *sources;
    size_t source_count;
    const struct remote_type *remote; // the counterpart of `weir demo`
    const struct service_type *service;
    const struct clock *clock;
    FILE *in;
    FILE *out;
    FILE *err;

    // from the command in hand
    const atomic_bool *stop; // set by a signal: what a script computes ends too; may be NULL

    // from the command line
    const char *data; // the folder of homes
    bool json;
    bool quiet;
    bool verbose;
    bool colours;   // on `err`
    size_t columns; // of the terminal that `out` is; 0 when it is none
};

struct command {
    const char *name;    // "run", "dead list"
    const char *purpose; // one line
    const char *usage;   // what stands behind the name
    size_t words_min;
    size_t words_max; // SIZE_MAX: any number
    const struct cli_option *options;
    const char *about;    // paragraphs, wrapped by hand
    const char *examples; // lines
    const char *exits;    // the exit codes it may give, "0123"
    bool reports;         // takes --json
    enum cli_exit (*run)(struct cli *cli, const struct cli_arguments *arguments);
};

// Every command, in the order of the help; NULL ends it.
extern const struct command *const cli_commands[];

// What every command takes besides its own options: `reports` says whether --json is among them.
const struct cli_option *cli_common_options(bool reports);

// Runs a whole command line and gives the exit code.
enum cli_exit cli_main(struct cli *cli, int argc, char **argv);

// Shows an error on `err`: `weir: W1203 message`, where, what to do.
void cli_error_show(const struct cli *cli, const struct error *error);

// Shows an error (with --json also as a line on `out`) and gives the exit code it stands for, or `code`.
enum cli_exit cli_fail(const struct cli *cli, const struct error *error);
enum cli_exit cli_fail_as(const struct cli *cli, enum cli_exit code, const struct error *error);

// The exit code that an error stands for.
enum cli_exit cli_exit_of(const struct error *error);

// Writes bytes to `out`; false (with an error) when they can't be written.
bool cli_write(const struct cli *cli, struct text text, struct error *error);

// " --data DIR" as it must be repeated in a command that is suggested, or "".
enum { CLI_HINT_MAX = 600 };
const char *cli_data_hint(const struct cli *cli, char out[CLI_HINT_MAX]);

#endif

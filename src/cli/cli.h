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
#include "port/serving.h"
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
    const char *data;   // the folder of homes
    const char *server; // the URL of the server that is asked instead; NULL: homes here
    bool server_said;   // on this command line, so that a command that is suggested repeats it
    const char *token;  // of the server, or @FILE; NULL: none was given
    bool token_said;
    const char *org; // at the server, by --org or as ORG/SYNC; NULL: the token's
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
    // On homes here, and at a server (afar.h). One of them may be NULL: it works at the other place alone.
    enum cli_exit (*run)(struct cli *cli, const struct cli_arguments *arguments);
    enum cli_exit (*afar)(struct cli *cli, const struct cli_arguments *arguments);
};

// Every command, in the order of the help; NULL ends it.
extern const struct command *const cli_commands[];

// What a command takes besides its own options: --data, --json when it reports, --server and its like when it can work
// at one.
const struct cli_option *cli_common_options(const struct command *command);

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

// " --data DIR" or " --server URL" as it must be repeated in a command that is suggested, or "".
enum { CLI_HINT_MAX = 600 };
const char *cli_place_hint(const struct cli *cli, char out[CLI_HINT_MAX]);

// "12 --org ORG --server URL", for a command that is suggested for a server's run.
const char *cli_run_hint(const struct cli *cli, int64_t run, char out[CLI_HINT_MAX]);

#endif

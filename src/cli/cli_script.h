#ifndef WEIR_CLI_CLI_SCRIPT_H
#define WEIR_CLI_CLI_SCRIPT_H

// Loading a script as the command line names it, with its --param k=v, and what it may use while it runs: the
// organisation's secrets, and the addresses that DATA/settings allow.

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/log.h"
#include "base/vault.h"
#include "cli/cli.h"
#include "cli/cli_settings.h"
#include "engine/run.h"
#include "script/script.h"

struct cli_script {
    struct script *script;
    struct script_param *params;
    struct vault *vault; // not with declare_only
    struct cli_settings settings;
    struct arena arena;
};

// `log` must outlive the script. Clear it in any case. A --param that is none is ERROR_USAGE.
bool cli_script_open(const struct cli *cli, const char *path, const struct cli_arguments *arguments, bool declare_only,
                     const struct log *log, struct cli_script *out, struct error *error);
void cli_script_clear(struct cli_script *script);

// What a run or a preview of the script begins with; the rest is the caller's.
struct run_request cli_script_request(const struct cli *cli, const struct cli_script *script, const struct log *log);

// The exit code of what went wrong while a script was loaded.
enum cli_exit cli_script_exit(const struct error *error);

#endif

#ifndef WEIR_CLI_CLI_HELP_H
#define WEIR_CLI_CLI_HELP_H

// The help, made from the commands' own declarations, so that it says what the program takes. The same declarations
// make docs/reference/commands.md (`weir help --markdown`).

#include <stdbool.h>
#include <stdio.h>

#include "base/buffer.h"
#include "cli/cli.h"

enum cli_exit cli_help_overview(const struct cli *cli, FILE *out);
enum cli_exit cli_help_command(const struct cli *cli, const struct command *command);
void cli_help_group(const struct cli *cli, const char *group, FILE *out); // "dead": what it has
// What a script's table takes, "weir.csv" or "csv"; false when there is none of that name.
bool cli_help_options(const struct cli *cli, const char *topic, struct buffer *out);
void cli_help_exits(struct buffer *out);
void cli_help_markdown(struct buffer *out);

#endif

#ifndef WEIR_CLI_AFAR_COMMANDS_H
#define WEIR_CLI_AFAR_COMMANDS_H

// What each command does at a server (struct command's `afar`), in the files afar_*.c.

#include "cli/cli.h"

enum cli_exit afar_run(struct cli *cli, const struct cli_arguments *arguments);
enum cli_exit afar_status(struct cli *cli, const struct cli_arguments *arguments);
enum cli_exit afar_log(struct cli *cli, const struct cli_arguments *arguments);
enum cli_exit afar_dead_list(struct cli *cli, const struct cli_arguments *arguments);
enum cli_exit afar_dead_show(struct cli *cli, const struct cli_arguments *arguments);
enum cli_exit afar_dead_retry(struct cli *cli, const struct cli_arguments *arguments);
enum cli_exit afar_dead_drop(struct cli *cli, const struct cli_arguments *arguments);
enum cli_exit afar_conflicts_list(struct cli *cli, const struct cli_arguments *arguments);
enum cli_exit afar_conflicts_show(struct cli *cli, const struct cli_arguments *arguments);
enum cli_exit afar_deletes_list(struct cli *cli, const struct cli_arguments *arguments);
enum cli_exit afar_deletes_approve(struct cli *cli, const struct cli_arguments *arguments);
enum cli_exit afar_deletes_drop(struct cli *cli, const struct cli_arguments *arguments);
enum cli_exit afar_get(struct cli *cli, const struct cli_arguments *arguments);
enum cli_exit afar_put(struct cli *cli, const struct cli_arguments *arguments);
enum cli_exit afar_delete(struct cli *cli, const struct cli_arguments *arguments);
enum cli_exit afar_links(struct cli *cli, const struct cli_arguments *arguments);

#endif

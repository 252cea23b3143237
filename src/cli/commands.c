#include "cli/commands.h"

const struct command *const cli_commands[] = {
    &command_init, &command_new,       &command_check,     &command_preview,    &command_run,       &command_status,
    &command_log,  &command_dead_list, &command_dead_show, &command_dead_retry, &command_dead_drop, &command_links,
    &command_get,  &command_put,       &command_delete,    &command_export,     &command_help,      NULL,
};

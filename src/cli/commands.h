#ifndef WEIR_CLI_COMMANDS_H
#define WEIR_CLI_COMMANDS_H

// The commands there are, each declared and carried out in the file of its name.

#include "cli/cli.h"

extern const struct command command_demo;
extern const struct command command_init;
extern const struct command command_new;
extern const struct command command_check;
extern const struct command command_manifest;
extern const struct command command_preview;
extern const struct command command_run;
extern const struct command command_status;
extern const struct command command_log;
extern const struct command command_dead_list;
extern const struct command command_dead_show;
extern const struct command command_dead_retry;
extern const struct command command_dead_drop;
extern const struct command command_conflicts_list;
extern const struct command command_conflicts_show;
extern const struct command command_deletes_list;
extern const struct command command_deletes_approve;
extern const struct command command_deletes_drop;
extern const struct command command_links;
extern const struct command command_get;
extern const struct command command_put;
extern const struct command command_delete;
extern const struct command command_derive;
extern const struct command command_inbox;
extern const struct command command_view;
extern const struct command command_export;
extern const struct command command_serve;
extern const struct command command_token_create;
extern const struct command command_token_list;
extern const struct command command_token_revoke;
extern const struct command command_cancel;
extern const struct command command_resume;
extern const struct command command_pause;
extern const struct command command_unpause;
extern const struct command command_upload;
extern const struct command command_uploads_list;
extern const struct command command_uploads_drop;
extern const struct command command_help;

#endif

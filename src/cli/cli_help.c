#include "cli/cli_help.h"

#include <string.h>

enum { HELP_BYTES_MAX = 1024 * 1024, NAME_WIDTH = 16, OPTION_WIDTH = 20 };

static enum cli_exit show(FILE *out, struct buffer *text) {
    fwrite(text->data, 1, text->length, out);
    buffer_clear(text);
    return CLI_DONE;
}

static void list_commands(struct buffer *out, const char *group) {
    size_t length = group != NULL ? strlen(group) : 0;
    for (const struct command *const *command = cli_commands; *command != NULL; command++) {
        const char *name = (*command)->name;
        if (group == NULL || (strncmp(name, group, length) == 0 && name[length] == ' ')) {
            buffer_print(out, "  %-*s %s\n", NAME_WIDTH, name, (*command)->purpose);
        }
    }
}

enum cli_exit cli_help_overview(const struct cli *cli, FILE *out) {
    struct buffer text;
    buffer_init(&text, HELP_BYTES_MAX);
    buffer_print(&text,
                 "weir %s keeps an organisation's data in step with the other systems it lives in.\n\n"
                 "usage: weir [--data DIR | --server URL --token @FILE] COMMAND …\n\n",
                 cli->version);
    list_commands(&text, NULL);
    buffer_string(&text,
                  "\nWatch it at work with `weir demo`; start with `weir init`. `weir help COMMAND` says more about a "
                  "command,\n`weir help W1003` about an error, `weir help weir.http` about a table of the "
                  "scripts, `weir help exit-codes`\nabout how a command ends.\n");
    return show(out, &text);
}

void cli_help_group(const struct cli *cli, const char *group, FILE *out) {
    (void)cli;
    struct buffer text;
    buffer_init(&text, HELP_BYTES_MAX);
    buffer_print(&text, "usage: weir %s COMMAND …\n\n", group);
    list_commands(&text, group);
    show(out, &text);
}

static void list_options(struct buffer *out, const struct cli_option *options) {
    for (; options != NULL && options->name != NULL; options++) {
        char left[64];
        snprintf(left, sizeof left, "--%s%s%s", options->name, options->value != NULL ? " " : "",
                 options->value != NULL ? options->value : "");
        buffer_print(out, "  %-*s %s\n", OPTION_WIDTH, left, options->help);
    }
}

// Writes each line of a text that was wrapped by hand behind `before`.
static void indent_lines(struct buffer *out, const char *before, const char *lines) {
    while (*lines != '\0') {
        const char *end = strchr(lines, '\n');
        size_t length = end != NULL ? (size_t)(end - lines) : strlen(lines);
        if (length > 0) {
            buffer_string(out, before);
        }
        buffer_append(out, lines, length);
        buffer_byte(out, '\n');
        lines += length + (end != NULL);
    }
}

static void list_exits(struct buffer *out, const char *exits) {
    for (; *exits != '\0'; exits++) {
        buffer_print(out, "  %c  %s\n", *exits, cli_exit_text((enum cli_exit)(*exits - '0')));
    }
}

enum cli_exit cli_help_command(const struct cli *cli, const struct command *command) {
    struct buffer text;
    buffer_init(&text, HELP_BYTES_MAX);
    buffer_print(&text, "weir %s: %s\n\nusage: weir %s %s\n\n", command->name, command->purpose, command->name,
                 command->usage);
    indent_lines(&text, "", command->about);
    buffer_string(&text, "\noptions:\n");
    list_options(&text, command->options);
    list_options(&text, cli_common_options(command));
    buffer_print(&text, "  %-*s %s\n\nexample:\n", OPTION_WIDTH, "--help", "show this help");
    indent_lines(&text, "  ", command->examples);
    buffer_string(&text, "\nexit codes:\n");
    list_exits(&text, command->exits);
    return show(cli->out, &text);
}

void cli_help_exits(struct buffer *out) {
    buffer_string(out, "Every command of weir ends with one of these:\n\n");
    list_exits(out, "01234567");
}

// --- docs/reference/commands.md ---

static void markdown_options(struct buffer *out, const struct cli_option *options) {
    for (; options != NULL && options->name != NULL; options++) {
        buffer_print(out, "| `--%s%s%s` | %s |\n", options->name, options->value != NULL ? " " : "",
                     options->value != NULL ? options->value : "", options->help);
    }
}

static void markdown_command(struct buffer *out, const struct command *command) {
    buffer_print(out, "\n## weir %s\n\n", command->name);
    buffer_print(out, "%c%s.\n\n",
                 command->purpose[0] - ('a' <= command->purpose[0] && command->purpose[0] <= 'z' ? 32 : 0),
                 command->purpose + 1);
    buffer_print(out, "```\nweir %s %s\n```\n\n", command->name, command->usage);
    indent_lines(out, "", command->about);
    buffer_string(out, "\n| option | does |\n|---|---|\n");
    markdown_options(out, command->options);
    markdown_options(out, cli_common_options(command));
    buffer_string(out, "\n```sh\n");
    indent_lines(out, "", command->examples);
    buffer_string(out, "```\n\nExit codes: ");
    for (const char *code = command->exits; *code != '\0'; code++) {
        buffer_print(out, "%s%c", code == command->exits ? "" : ", ", *code);
    }
    buffer_string(out, ".\n");
}

void cli_help_markdown(struct buffer *out) {
    buffer_string(out,
                  "# Commands\n\n"
                  "Made by `weir help --markdown`; a test compares the two.\n\n"
                  "`--data DIR` may stand anywhere on the line, also before the command. ORG may be left out where "
                  "DIR holds just one\norganisation. With `--json` standard output carries one JSON object a line; a "
                  "failure is one with an `error` of `code`,\n`message` and `place`. Messages for people go to "
                  "standard error, in colour on a terminal unless `NO_COLOR` is set.\n\n"
                  "| exit code | means |\n|---|---|\n");
    for (int code = 0; code < CLI_EXIT_COUNT; code++) {
        buffer_print(out, "| %d | %s |\n", code, cli_exit_text((enum cli_exit)code));
    }
    for (const struct command *const *command = cli_commands; *command != NULL; command++) {
        markdown_command(out, *command);
    }
}

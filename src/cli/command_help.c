#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/cli_help.h"
#include "cli/commands.h"
#include "cli/output.h"

enum { PAGE_BYTES_MAX = 1024 * 1024 };

// "W1203", "w1203" or "1203".
static const struct error_info *error_named(const char *word) {
    struct text digits = text_of(word[0] == 'W' || word[0] == 'w' ? word + 1 : word);
    int64_t number;
    if (digits.length != 4 || !text_integer(digits, &number)) {
        return NULL;
    }
    return error_info((enum error_code)number);
}

static void show_error_page(const struct cli *cli, const struct error_info *info) {
    static const char *const scopes[] = {
        [ERROR_RECORD] = "one record: it becomes a dead letter and the rest goes on",
        [ERROR_BATCH] = "one page: it is tried again",
        [ERROR_SOURCE] = "the pass over this datasource: it ends, and the next run goes on",
        [ERROR_RUN] = "the whole command: nothing half-done stays behind",
    };
    static const char *const retries[] = {
        [RETRY_NEVER] = "not before something is changed",
        [RETRY_LATER] = "later, when what stands in the way has gone",
        [RETRY_NOW] = "yes, at once",
    };
    fprintf(cli->out, "W%d: %s\n\n%s\n\nreaches:         %s\nworth repeating: %s\n", (int)info->code, info->title,
            info->help, scopes[info->scope], retries[info->retry]);
}

static enum cli_exit show_buffer(struct cli *cli, struct buffer *text) {
    struct error error;
    bool ok = text->failed ? error_memory(&error) : cli_write(cli, buffer_view(text), &error);
    buffer_clear(text);
    return ok ? CLI_DONE : cli_fail(cli, &error);
}

static enum cli_exit fail_topic(struct cli *cli, const char *topic) {
    struct error error;
    struct cli_nearest nearest = {.word = text_of(topic)};
    for (const struct command *const *command = cli_commands; *command != NULL; command++) {
        cli_nearest_offer(&nearest, (*command)->name);
    }
    cli_nearest_offer(&nearest, "exit-codes");
    const char *meant = cli_nearest_name(&nearest);
    bool is_code = (topic[0] == 'W' || topic[0] == 'w') && isdigit((unsigned char)topic[1]);
    if (is_code) {
        error_set(&error, ERROR_USAGE, "there is no error %s", topic);
    } else if (meant != NULL) {
        error_set(&error, ERROR_USAGE, "there is no help on '%s'; did you mean `weir help %s`?", topic, meant);
    } else {
        error_set(&error, ERROR_USAGE, "there is no help on '%s'; `weir help` lists the commands", topic);
    }
    return cli_fail(cli, &error);
}

static enum cli_exit run(struct cli *cli, const struct cli_arguments *arguments) {
    struct buffer text;
    buffer_init(&text, PAGE_BYTES_MAX);
    if (cli_flag(arguments, "markdown")) {
        cli_help_markdown(&text);
        return show_buffer(cli, &text);
    }
    if (arguments->word_count == 0) {
        return cli_help_overview(cli, cli->out);
    }
    char topic[64];
    const char *second = arguments->word_count > 1 ? arguments->words[1] : "";
    snprintf(topic, sizeof topic, "%s%s%s", arguments->words[0], second[0] != '\0' ? " " : "", second);
    if (strcmp(topic, "exit-codes") == 0) {
        cli_help_exits(&text);
        return show_buffer(cli, &text);
    }
    const struct error_info *info = error_named(topic);
    if (info != NULL) {
        show_error_page(cli, info);
        return CLI_DONE;
    }
    size_t length = strlen(topic);
    bool group = false;
    for (const struct command *const *command = cli_commands; *command != NULL; command++) {
        if (strcmp((*command)->name, topic) == 0) {
            return cli_help_command(cli, *command);
        }
        group = group || (strncmp((*command)->name, topic, length) == 0 && (*command)->name[length] == ' ');
    }
    if (group) {
        cli_help_group(cli, topic, cli->out);
        return CLI_DONE;
    }
    if (cli_help_options(cli, topic, &text)) {
        return show_buffer(cli, &text);
    }
    buffer_clear(&text);
    return fail_topic(cli, topic);
}

static const struct cli_option options[] = {
    {"markdown", NULL, false, "the reference of all commands, as Markdown"},
    {NULL, NULL, false, NULL},
};

const struct command command_help = {
    .name = "help",
    .purpose = "explain a command, an error code, or a table of the scripts",
    .usage = "[COMMAND | W1003 | weir.csv | exit-codes]",
    .words_min = 0,
    .words_max = 2,
    .options = options,
    .about = "Without a topic, lists the commands. Every error that weir shows has a code; `weir help CODE` says\n"
             "what it means, how far it reaches and what to do; `weir help weir.csv` what that table of a script\n"
             "takes.\n",
    .examples = "weir help run\n"
                "weir help W5003\n"
                "weir help weir.csv\n"
                "weir help exit-codes\n",
    .exits = "02",
    .reports = false,
    .run = run,
};

#include "cli/cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/visible.h"
#include "cli/cli_help.h"
#include "cli/output.h"

enum { LINE_MAX_BYTES = 64 * 1024 };

// clang-format off
#define DATA {"data", "DIR", false, "where the homes live (default ./data)"}
#define SERVER {"server", "URL", false, "do it at this server instead (or WEIR_SERVER)"}
#define TOKEN {"token", "@FILE", false, "a file with its token (or WEIR_TOKEN); a token that stands here is seen by others"}
#define ORG {"org", "ORG", false, "whose data at the server, where the token is for all"}
#define JSON {"json", NULL, true, "report as JSON, one object a line"}
#define END {NULL, NULL, false, NULL}
// clang-format on

static const struct cli_option common_options[] = {DATA, SERVER, TOKEN, ORG, JSON, END};
static const struct cli_option here_options[] = {DATA, JSON, END};
static const struct cli_option quiet_options[] = {DATA, END};
static const struct cli_option afar_options[] = {SERVER, TOKEN, ORG, JSON, END};

const struct cli_option *cli_common_options(const struct command *command) {
    return command->run == NULL    ? afar_options
           : command->afar != NULL ? common_options
           : command->reports      ? here_options
                                   : quiet_options;
}

const char *cli_exit_text(enum cli_exit code) {
    static const char *const texts[CLI_EXIT_COUNT] = {
        [CLI_DONE] = "done; also when there was nothing to do",
        [CLI_FAILED] = "the run failed, or some of the input was refused",
        [CLI_USAGE] = "the command line is wrong",
        [CLI_SCRIPT] = "the script or its settings are wrong; home was not touched",
        [CLI_HOME] = "home cannot be used: missing, newer, locked, damaged, disk full",
        [CLI_INTERRUPTED] = "interrupted; run it again and it goes on where it stopped",
        [CLI_WARNING] = "done, but what it did looks wrong: see `weir log`",
        [CLI_WAITING] = "the server asks to wait: run it again after the time named",
    };
    return texts[code];
}

// --- errors ---

enum cli_exit cli_exit_of(const struct error *error) {
    switch (error->code) {
    case ERROR_USAGE:
        return CLI_USAGE;
    case ERROR_RUN_INTERRUPTED:
        return CLI_INTERRUPTED;
    case ERROR_SCHEMA_CHANGE:
        return CLI_SCRIPT;
    case ERROR_HOME_OPEN:
    case ERROR_HOME_NEWER:
    case ERROR_HOME_FULL:
    case ERROR_HOME_IO:
    case ERROR_HOME_DAMAGED:
    case ERROR_HOME_BUSY:
    case ERROR_HOME_MISSING:
    case ERROR_HOME_CLOSED:
    case ERROR_LEASE_HELD:
        return CLI_HOME;
    default:
        return error->code / 1000 == 2 ? CLI_SCRIPT : CLI_FAILED;
    }
}

// Out of memory is an error that must be told too.
static void show_without_memory(const struct cli *cli, const struct error *error) {
    fprintf(cli->err, "weir: W%d ", (int)error->code);
    for (const char *c = error->message; *c != '\0'; c++) {
        fputc((unsigned char)*c < ' ' || *c == 0x7F ? '?' : *c, cli->err);
    }
    fputc('\n', cli->err);
}

void cli_error_show(const struct cli *cli, const struct error *error) {
    struct buffer line;
    buffer_init(&line, LINE_MAX_BYTES);
    const char *strong = cli->colours ? "\033[1;31m" : "";
    const char *faint = cli->colours ? "\033[2m" : "";
    const char *plain = cli->colours ? "\033[0m" : "";
    buffer_print(&line, "%sweir: W%d%s ", strong, (int)error->code, plain);
    visible_write(&line, text_of(error->message), 0);
    if (error->place[0] != '\0') {
        buffer_string(&line, "\n  at ");
        visible_write(&line, text_of(error->place), 0);
    }
    const struct error_info *info = error_info(error->code);
    if (info != NULL) {
        buffer_print(&line, "\n  %s%s%s", faint, info->help, plain);
    }
    buffer_byte(&line, '\n');
    if (line.failed) {
        show_without_memory(cli, error);
    } else {
        fwrite(line.data, 1, line.length, cli->err);
    }
    buffer_clear(&line);
}

enum cli_exit cli_fail_as(const struct cli *cli, enum cli_exit code, const struct error *error) {
    cli_error_show(cli, error);
    if (cli->json) {
        struct output output;
        struct error ignored; // the first error is the one to report
        output_init(&output, cli);
        output_begin(&output);
        output_error(&output, error);
        output_end(&output, &ignored);
        output_clear(&output);
    }
    return code;
}

enum cli_exit cli_fail(const struct cli *cli, const struct error *error) {
    return cli_fail_as(cli, cli_exit_of(error), error);
}

bool cli_write(const struct cli *cli, struct text text, struct error *error) {
    if (text.length > 0 && fwrite(text.data, 1, text.length, cli->out) != text.length) {
        return error_set_errno(error, ERROR_FILE_WRITE, errno, "cannot write to standard output");
    }
    return true;
}

const char *cli_place_hint(const struct cli *cli, char out[CLI_HINT_MAX]) {
    out[0] = '\0';
    if (cli->server != NULL) {
        snprintf(out, CLI_HINT_MAX, "%s%s", cli->server_said ? " --server " : "", cli->server_said ? cli->server : "");
    } else if (strcmp(cli->data, "./data") != 0) {
        snprintf(out, CLI_HINT_MAX, " --data %s", cli->data);
    }
    return out;
}

const char *cli_run_hint(const struct cli *cli, int64_t run, char out[CLI_HINT_MAX]) {
    char place[CLI_HINT_MAX];
    snprintf(out, CLI_HINT_MAX, "%lld%s%s%s", (long long)run, cli->org != NULL ? " --org " : "",
             cli->org != NULL ? cli->org : "", cli_place_hint(cli, place));
    return out;
}

// --- finding the command ---

// Whether the command's name is made of the first words, "dead list" of {"dead", "list"}; gives how many it takes.
static size_t name_match(const char *name, char *const *words, size_t count) {
    size_t taken = 0;
    struct text rest = text_of(name);
    while (rest.length > 0) {
        const char *space = memchr(rest.data, ' ', rest.length);
        size_t length = space != NULL ? (size_t)(space - rest.data) : rest.length;
        if (taken == count || !text_is((struct text){rest.data, length}, words[taken])) {
            return 0;
        }
        taken++;
        rest.data += length + (space != NULL);
        rest.length -= length + (space != NULL);
    }
    return taken;
}

static const struct command *command_find(char *const *words, size_t count, size_t *taken) {
    for (const struct command *const *command = cli_commands; *command != NULL; command++) {
        *taken = name_match((*command)->name, words, count);
        if (*taken > 0) {
            return *command;
        }
    }
    return NULL;
}

static bool is_group(const char *word) {
    size_t length = strlen(word);
    for (const struct command *const *command = cli_commands; *command != NULL; command++) {
        if (strncmp((*command)->name, word, length) == 0 && (*command)->name[length] == ' ') {
            return true;
        }
    }
    return false;
}

static bool fail_command(char *const *words, size_t count, struct error *error) {
    struct cli_nearest nearest = {.word = text_of(words[0])};
    char joined[64];
    snprintf(joined, sizeof joined, "%s", words[0]);
    if (is_group(words[0]) && count > 1) {
        snprintf(joined, sizeof joined, "%s %s", words[0], words[1]);
        nearest.word = text_of(joined);
    }
    for (const struct command *const *command = cli_commands; *command != NULL; command++) {
        cli_nearest_offer(&nearest, (*command)->name);
    }
    const char *meant = cli_nearest_name(&nearest);
    if (meant != NULL) {
        return error_set(error, ERROR_USAGE, "there is no command '%s'; did you mean `weir %s`?", joined, meant);
    }
    return error_set(error, ERROR_USAGE, "there is no command '%s'; `weir help` lists them all", joined);
}

static bool check_words(const struct command *command, const struct cli_arguments *arguments, struct error *error) {
    if (arguments->word_count < command->words_min) {
        return error_set(error, ERROR_USAGE, "something is missing: weir %s %s", command->name, command->usage);
    }
    if (arguments->word_count > command->words_max) {
        return error_set(error, ERROR_USAGE, "'%s' is too much: weir %s %s", arguments->words[command->words_max],
                         command->name, command->usage);
    }
    return true;
}

// --- the whole line ---

static void take_common(struct cli *cli, const struct cli_arguments *arguments) {
    const char *data = cli_value(arguments, "data");
    const char *server = cli_value(arguments, "server");
    const char *token = cli_value(arguments, "token");
    const char *org = cli_value(arguments, "org");
    cli->data = data != NULL ? data : cli->data;
    cli->server = server != NULL ? server : cli->server;
    cli->server_said = cli->server != NULL;
    cli->token = token != NULL ? token : cli->token;
    cli->token_said = cli->token != NULL;
    cli->org = org != NULL ? org : cli->org;
    cli->json = cli->json || cli_flag(arguments, "json");
    cli->quiet = cli->quiet || cli_flag(arguments, "quiet");
    cli->verbose = cli->verbose || cli_flag(arguments, "verbose");
}

static const char *environment(const char *name) {
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

// Where the command works: here or at a server. --data says here and --server there; without either the environment
// may name a server, for commands that can.
static bool take_place(struct cli *cli, const struct command *command, struct error *error) {
    bool said_data = cli->data != NULL;
    cli->data = said_data ? cli->data : "./data";
    if (cli->data[0] == '\0') {
        return error_set(error, ERROR_USAGE, "--data is empty; it takes a folder");
    }
    if (cli->server != NULL && command->afar == NULL) {
        return error_set(error, ERROR_USAGE, "`weir %s` works on homes here alone; leave --server out", command->name);
    }
    if (cli->server != NULL && said_data) {
        return error_set(error, ERROR_USAGE, "either --data, for homes here, or --server");
    }
    if (command->afar != NULL && cli->server == NULL && !said_data) {
        cli->server = environment("WEIR_SERVER");
    }
    if (command->run == NULL && cli->server == NULL) {
        return error_set(error, ERROR_USAGE, "`weir %s` asks a server: give --server URL, or set WEIR_SERVER",
                         command->name);
    }
    if (command->afar != NULL && cli->server == NULL && (cli->token != NULL || cli->org != NULL)) {
        return error_set(error, ERROR_USAGE, "--%s goes with --server", cli->token != NULL ? "token" : "org");
    }
    cli->token = cli->token != NULL ? cli->token : environment("WEIR_TOKEN");
    return true;
}

// A command that can't work at a server has no such option, and says why.
static bool check_server(const struct command *command, int count, char *const *values, struct error *error) {
    for (int i = 0; i < count && command->afar == NULL; i++) {
        if (strcmp(values[i], "--server") == 0 || strncmp(values[i], "--server=", 9) == 0) {
            return error_set(error, ERROR_USAGE, "`weir %s` works on homes here alone; leave --server out",
                             command->name);
        }
    }
    return true;
}

static enum cli_exit run_command(struct cli *cli, const struct command *command, int count, char *const *values) {
    struct cli_arguments arguments = {.words = NULL};
    struct error error;
    enum cli_exit code;
    if (!check_server(command, count, values, &error) ||
        !cli_arguments_read(&arguments, command->options, cli_common_options(command), count, values, &error)) {
        code = cli_fail(cli, &error);
        goto done;
    }
    take_common(cli, &arguments);
    if (cli_flag(&arguments, "help")) {
        code = cli_help_command(cli, command);
        goto done;
    }
    if (!take_place(cli, command, &error) || !check_words(command, &arguments, &error)) {
        code = cli_fail(cli, &error);
        goto done;
    }
    code = cli->server != NULL ? command->afar(cli, &arguments) : command->run(cli, &arguments);

done:
    cli_arguments_clear(&arguments);
    return code;
}

// Whether the next argument is this one's value.
static bool takes_next(const char *argument) {
    const struct cli_option *option = common_options;
    if (strncmp(argument, "--", 2) != 0) {
        return false;
    }
    while (option->name != NULL && strcmp(argument + 2, option->name) != 0) {
        option++;
    }
    return option->value != NULL;
}

// What stands before the command: --data, --server and the like, --help, --version. Gives how many arguments that is.
static bool read_before(struct cli *cli, int argc, char **argv, int *taken, bool *version, bool *help,
                        struct error *error) {
    static const struct cli_option own[] = {{"version", NULL, true, ""}, {NULL, NULL, false, NULL}};
    int end = 1;
    while (end < argc && argv[end][0] == '-' && strcmp(argv[end], "--") != 0) {
        end += takes_next(argv[end]) && end + 1 < argc ? 2 : 1;
    }
    struct cli_arguments before;
    bool ok = cli_arguments_read(&before, own, common_options, end - 1, argv + 1, error);
    if (ok) {
        take_common(cli, &before);
        *version = cli_flag(&before, "version");
        *help = cli_flag(&before, "help");
        *taken = end;
    }
    cli_arguments_clear(&before);
    return ok;
}

static enum cli_exit dispatch(struct cli *cli, int argc, char **argv) {
    struct error error;
    int at = 1;
    bool version = false;
    bool help = false;
    if (!read_before(cli, argc, argv, &at, &version, &help, &error)) {
        return cli_fail(cli, &error);
    }
    if (version) {
        fprintf(cli->out, cli->json ? "{\"version\":\"%s\"}\n" : "weir %s\n", cli->version);
        return CLI_DONE;
    }
    if (at == argc) {
        cli_help_overview(cli, help ? cli->out : cli->err);
        return help ? CLI_DONE : CLI_USAGE;
    }
    size_t taken = 0;
    const struct command *command = command_find(argv + at, (size_t)(argc - at), &taken);
    if (command == NULL) {
        bool asks = help || at + 1 == argc || strcmp(argv[at + 1], "--help") == 0 || strcmp(argv[at + 1], "-h") == 0;
        if (is_group(argv[at]) && asks) {
            bool alone = at + 1 == argc && !help;
            cli_help_group(cli, argv[at], alone ? cli->err : cli->out);
            return alone ? CLI_USAGE : CLI_DONE;
        }
        fail_command(argv + at, (size_t)(argc - at), &error);
        return cli_fail(cli, &error);
    }
    if (help) {
        return cli_help_command(cli, command);
    }
    return run_command(cli, command, argc - at - (int)taken, argv + at + (int)taken);
}

static size_t terminal_columns(FILE *stream) {
    struct winsize size;
    if (!isatty(fileno(stream))) {
        return 0;
    }
    return ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

enum cli_exit cli_main(struct cli *cli, int argc, char **argv) {
    const char *no_color = getenv("NO_COLOR");
    cli->colours = isatty(fileno(cli->err)) && (no_color == NULL || no_color[0] == '\0');
    cli->columns = terminal_columns(cli->out);
    enum cli_exit code = dispatch(cli, argc, argv);
    // A full disk behind standard output shows only here.
    if (fflush(cli->out) != 0 || ferror(cli->out)) {
        struct error error;
        error_set_errno(&error, ERROR_FILE_WRITE, errno, "cannot write all of the output");
        cli_error_show(cli, &error);
        return code == CLI_DONE ? CLI_FAILED : code;
    }
    return code;
}

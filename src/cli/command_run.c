#include "cli/afar_commands.h"
#include "cli/cli_run.h"
#include "cli/commands.h"

static enum cli_exit run(struct cli *cli, const struct cli_arguments *arguments) {
    struct cli_run wish = {.path = arguments->words[0], .force = cli_flag(arguments, "force")};
    return cli_run(cli, arguments, &wish);
}

static const struct cli_option options[] = {
    {"param", "NAME=VALUE", true, "give a parameter that the script declares; may be repeated"},
    {"force", NULL, false, "run a `once` sync again that is done"},
    {"method", "METHOD", false, "validate: only look; pull or push: one way of a sync that goes both"},
    {"patience", "SECONDS", false, "with --server: how long to look for it when it is lost (default 120)"},
    {"quiet", NULL, false, "say nothing but errors"},
    {"verbose", NULL, false, "show every line of the run's log"},
    CLI_RUN_OPTIONS,
    {NULL, NULL, false, NULL},
};

const struct command command_run = {
    .name = "run",
    .purpose = "run a sync once",
    .usage = "SCRIPT|SYNC [--param NAME=VALUE]… [--force] [--method validate|pull|push]",
    .words_min = 1,
    .words_max = 1,
    .options = options,
    .about =
        "The script is loaded and checked before anything else; a mistake in it leaves home untouched.\n"
        "\n"
        "A sync that goes both ways first takes what changed at the datasource, then sends what changed in\n"
        "home. Run it as often as you like: what both sides agree on is not written again.\n"
        "\n"
        "A run goes page by page, and each page goes in whole or not at all. Ctrl-C or SIGTERM ends it\n"
        "after the page in hand; a second Ctrl-C ends it at once, which is safe too. The same command\n"
        "goes on where an interrupted or killed run stopped.\n"
        "\n"
        "When the same sync with the same parameters is running already, the command waits for that run\n"
        "and answers with its outcome. A `once` sync that is done answers with its finished run.\n"
        "\n"
        "--method validate reads, transforms and checks every record and writes nothing: home isn't needed,\n"
        "references need not lead anywhere, and what would be refused is told, the first 100 with reasons.\n"
        "--method pull sends nothing new; --method push reads nothing first, so what changed at the\n"
        "datasource since the last run may be written over.\n"
        "\n"
        "At a server SYNC is NAME or ORG/NAME, and a file that a parameter names is uploaded first. The command\n"
        "shows how the run goes and ends as it ends. Ctrl-C ends the watching alone: the run goes on, and\n"
        "`weir cancel RUN` ends it. A lost connection is taken up again.\n"
        "\n"
        "With --json the last line of standard output is the outcome:\n"
        "{\"run\":3,\"status\":\"done\",\"read\":…,\"created\":…,\"updated\":…,\"unchanged\":…,\"skipped\":…,\n"
        "\"dead\":…,\"deleted\":…,\"pushed\":…,\"conflicts\":…,\"held\":…,\"seconds\":1.25,…}; a failed one has\n"
        "an \"error\". A validation has \"valid\" besides.\n"
        "\n"
        "--events is for a program that runs syncs: standard output has a line for all that happens, as\n"
        "{\"event\":\"began\",\"run\":3}, {\"event\":\"progress\",\"type\":…,\"done\":…,\"total\":…,…} (bytes of the\n"
        "source, 0 when unknown, and the counts so far), {\"event\":\"log\",\"at\":…,\"level\":…,\"text\":…},\n"
        "{\"event\":\"joined\",\"run\":2} when the same sync runs already, and at last {\"event\":\"ended\",…}\n"
        "with the outcome. Such a run, and one with --cpu, --memory, --file-size or --parent, bounds\n"
        "itself: 256 open files at most, and it ends when its parent does.\n",
    .examples = "weir run syncs/example/first.lua\n"
                "weir run syncs/mywell/csv_readings.lua --param file=readings.csv --json\n"
                "weir run syncs/mywell/csv_readings.lua --param file=readings.csv --method validate\n",
    .exits = "01234567",
    .reports = true,
    .run = run,
    .afar = afar_run,
};

#include "cli/command_dead.h"

#include "cli/afar_commands.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "engine/letters.h"

bool dead_tell_dropped(const struct cli *cli, size_t count, struct error *error) {
    if (!cli->json) {
        fprintf(cli->out, "dropped %zu dead letter%s\n", count, count == 1 ? "" : "s");
        return true;
    }
    struct output output;
    output_init(&output, cli);
    output_begin(&output);
    output_integer(&output, "dropped", (int64_t)count);
    bool ok = output_end(&output, error);
    output_clear(&output);
    return ok;
}

static enum cli_exit run_drop(struct cli *cli, const struct cli_arguments *arguments) {
    struct cli_place place;
    struct error error;
    struct dead_wish wish;
    size_t dropped = 0;
    bool all = cli_flag(arguments, "all");
    cli_place_init(&place);
    bool ok = dead_wish_read(arguments, 0, &place.arena, &wish, &error);
    if (ok && all == (wish.id_count > 0)) {
        ok = error_set(&error, ERROR_USAGE,
                       all ? "either numbers or --all" : "which ones? Give their numbers, or --all");
    }
    ok = ok && cli_place_open(cli, wish.org, NULL, HOME_EDIT, &place, &error);
    if (ok) {
        struct letters letters = {place.store, cli->clock, TEXT_LITERAL("dead drop")};
        ok = letters_drop_dead(&letters, wish.sync, wish.ids, wish.id_count, &dropped, &error) &&
             dead_tell_dropped(cli, dropped, &error);
    }
    cli_place_clear(&place);
    return ok ? CLI_DONE : cli_fail(cli, &error);
}

static const struct cli_option drop_options[] = {
    {"all", NULL, false, "drop all of them (of ORG/SYNC when it is given)"},
    {NULL, NULL, false, NULL},
};

const struct command command_dead_drop = {
    .name = "dead drop",
    .purpose = "forget dead letters for good",
    .usage = "[ORG | ORG/SYNC] (ID… | --all)",
    .words_min = 0,
    .words_max = SIZE_MAX,
    .options = drop_options,
    .about = "Their payload is gone after this; write it out with `weir dead list --csv` first. When one of the\n"
             "numbers is not there, nothing is dropped. The audit remembers which they were.\n",
    .examples = "weir dead drop example 7 9\n"
                "weir dead drop example/first --all\n",
    .exits = "0124",
    .reports = true,
    .run = run_drop,
    .afar = afar_dead_drop,
};

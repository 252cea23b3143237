#include "cli/cli_child.h"
#include "cli/cli_derive.h"
#include "cli/cli_home.h"
#include "cli/commands.h"
#include "cli/output.h"

static enum cli_exit run(struct cli *cli, const struct cli_arguments *arguments) {
    struct cli_place place;
    struct error error;
    int64_t changed = 0;
    cli_place_init(&place);
    bool ok =
        (!cli_child_asked(arguments) || cli_child_begin(arguments, &error)) &&
        cli_place_open(cli, arguments->word_count > 0 ? arguments->words[0] : NULL, NULL, HOME_EDIT, &place, &error) &&
        cli_derive(cli, place.store, &changed, &error);
    if (ok && cli->json) {
        struct output output;
        output_init(&output, cli);
        output_begin(&output);
        output_integer(&output, "changed", changed);
        ok = output_end(&output, &error);
        output_clear(&output);
    } else if (ok) {
        fprintf(cli->out, "%lld record%s changed\n", (long long)changed, changed == 1 ? "" : "s");
    }
    cli_place_clear(&place);
    return ok ? CLI_DONE : cli_fail(cli, &error);
}

static const struct cli_option options[] = {
    CLI_CHILD_LIMITS,
    {NULL, NULL, false, NULL},
};

const struct command command_derive = {
    .name = "derive",
    .purpose = "compute the derived fields of records that were edited",
    .usage = "[ORG]",
    .words_min = 0,
    .words_max = 1,
    .options = options,
    .about = "A datatype may have fields that are computed from the record and those it refers to. An edit commits\n"
             "at once and leaves them to be computed: `weir put` and `weir delete` start this command by themselves,\n"
             "and a run does the same before it sends anything. Run it by hand when one of them was killed.\n",
    .examples = "weir derive mywell\n",
    .exits = "0124",
    .reports = true,
    .run = run,
};

#include "cli/afar_commands.h"
#include "cli/cli_derive.h"
#include "cli/cli_home.h"
#include "cli/command_records.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "engine/edit.h"

bool tell_deleted(const struct cli *cli, struct text org, struct text type, int64_t id, struct error *error) {
    if (!cli->json) {
        fprintf(cli->out, org.length > 0 ? "deleted %.*s %lld of %.*s\n" : "deleted %.*s %lld%.*s\n", TEXT_ARGS(type),
                (long long)id, TEXT_ARGS(org));
        return true;
    }
    struct output output;
    output_init(&output, cli);
    output_begin(&output);
    output_string(&output, "outcome", "deleted");
    output_text(&output, "type", type);
    output_integer(&output, "id", id);
    bool ok = output_end(&output, error);
    output_clear(&output);
    return ok;
}

static enum cli_exit run(struct cli *cli, const struct cli_arguments *arguments) {
    struct cli_place place;
    struct error error;
    int64_t id;
    size_t count = arguments->word_count;
    cli_place_init(&place);
    bool ok = cli_id(arguments->words[count - 1], "record's id", &id, &error) &&
              cli_place_open(cli, count == 3 ? arguments->words[0] : NULL, arguments->words[count - 2], HOME_EDIT,
                             &place, &error);
    if (ok) {
        struct edit edit = {place.store, place.datatype, cli->clock, TEXT_LITERAL("delete"), 0};
        ok = edit_delete(&edit, id, &error) && tell_deleted(cli, place.org, place.datatype->name, id, &error);
        cli_derive_child(cli, place.org, place.store);
    }
    cli_place_clear(&place);
    return ok ? CLI_DONE : cli_fail(cli, &error);
}

const struct command command_delete = {
    .name = "delete",
    .purpose = "delete one record of home",
    .usage = "[ORG] TYPE ID",
    .words_min = 2,
    .words_max = 3,
    .options = NULL,
    .about = "Home remembers that the record was deleted; its id is never used again.\n",
    .examples = "weir delete example city 7\n",
    .exits = "0124",
    .reports = true,
    .run = run,
    .afar = afar_delete,
};

#include "cli/command_links.h"

#include "cli/afar_commands.h"
#include "cli/cli_home.h"
#include "cli/commands.h"
#include "cli/output.h"

enum { LINKS_DEFAULT = 100 };

const char *const links_heads[] = {"DATASOURCE", "EXTERNAL ID", "ID", NULL};

bool links_row(struct listing *listing, struct text datasource, struct text external, int64_t home,
               const int64_t *agreed_seq, struct error *error) {
    if (!listing_takes(listing)) {
        return true;
    }
    if (!listing->cli->json) {
        table_text(&listing->table, datasource);
        table_text(&listing->table, external);
        table_id(&listing->table, home);
        return true;
    }
    struct output output;
    output_init(&output, listing->cli);
    output_begin(&output);
    output_text(&output, "datasource", datasource);
    output_text(&output, "external", external);
    output_integer(&output, "id", home);
    if (agreed_seq != NULL) {
        output_integer(&output, "agreed_seq", *agreed_seq);
    }
    bool ok = output_end(&output, error);
    output_clear(&output);
    return ok;
}

static bool on_link(void *context, struct text datasource, struct text external, const struct link *link,
                    struct error *error) {
    return links_row(context, datasource, external, link->home, &link->agreed_seq, error);
}

// Finding one link is the server's: here the list is at hand.
static bool check_options(const struct cli_arguments *arguments, struct error *error) {
    bool finds = cli_flag(arguments, "external") || cli_flag(arguments, "record");
    return !finds || error_set(error, ERROR_USAGE, "--external and --record go with --server; here all are listed");
}

static enum cli_exit run(struct cli *cli, const struct cli_arguments *arguments) {
    struct cli_place place;
    struct error error;
    const char *org = arguments->word_count > 1 ? arguments->words[0] : NULL;
    const char *type = arguments->words[arguments->word_count - 1];
    const char *datasource = cli_value(arguments, "datasource");
    struct listing listing;
    struct scan scan = {.filter = text_of(datasource != NULL ? datasource : "")};
    cli_place_init(&place);
    listing_init(&listing, cli, links_heads);
    bool ok = check_options(arguments, &error) && listing_limit(&listing, arguments, LINKS_DEFAULT, &error) &&
              cli_place_open(cli, org, type, HOME_READ, &place, &error);
    scan.limit = listing_scan(&listing);
    ok = ok && place.store->type->link_scan(place.store, place.datatype, &scan, on_link, &listing, &error) &&
         listing_finish(&listing, "no links", "", &error);
    listing_close(&listing);
    cli_place_clear(&place);
    return ok ? CLI_DONE : cli_fail(cli, &error);
}

static const struct cli_option options[] = {
    {"datasource", "NAME", false, "only the links with this datasource"},
    {"external", "ID", false, "with --server: the links of the record that it knows by this id"},
    {"record", "ID", false, "with --server: the links of home's record"},
    {"limit", "N", false, "at most N links (default 100, with --json all; 0: all)"},
    {NULL, NULL, false, NULL},
};

const struct command command_links = {
    .name = "links",
    .purpose = "show which record of a datasource is which record of home",
    .usage = "[ORG] TYPE [--datasource NAME]",
    .words_min = 1,
    .words_max = 2,
    .options = options,
    .about =
        "Lists the links of a datatype: the datasource's own id beside home's. A server is asked for one record's\n"
        "links, by --external or --record.\n",
    .examples = "weir links example city\n",
    .exits = "0124",
    .reports = true,
    .run = run,
    .afar = afar_links,
};

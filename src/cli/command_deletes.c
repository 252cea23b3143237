#include "cli/afar_commands.h"
#include "cli/cli_home.h"
#include "cli/command_held.h"
#include "cli/commands.h"
#include "cli/listing.h"
#include "cli/output.h"
#include "engine/letters.h"

enum { DELETES_DEFAULT = 50 };

// --- deletes list ---

static const char *side_name(struct text direction) {
    return text_is(direction, "push") ? "the datasource" : "home";
}

static bool put_json(const struct listing *listing, const struct held_row *row, struct error *error) {
    struct output output;
    output_init(&output, listing->cli);
    output_begin(&output);
    output_integer(&output, "id", row->id);
    output_integer(&output, "run", row->run);
    output_text(&output, "sync", row->key);
    output_string(&output, "deletes_in", text_is(row->direction, "push") ? "datasource" : "home");
    output_text(&output, "datasource", row->datasource);
    output_text(&output, "type", row->datatype);
    output_text(&output, "external", row->external);
    output_integer(&output, "home", row->home);
    output_bool(&output, "approved", row->approved);
    output_time(&output, "at", row->at_us);
    bool ok = output_end(&output, error);
    output_clear(&output);
    return ok;
}

const char *const held_heads[] = {"RUN", "SYNC", "TYPE", "RECORD", "HOME", "GOES FROM", "STATE", NULL};

bool held_list_row(struct listing *listing, const struct held_row *row, struct error *error) {
    if (!listing_takes(listing)) {
        return true;
    }
    if (listing->cli->json) {
        return put_json(listing, row, error);
    }
    table_id(&listing->table, row->run);
    table_text(&listing->table, row->key);
    table_text(&listing->table, row->datatype);
    table_text(&listing->table, row->external);
    table_id(&listing->table, row->home);
    table_string(&listing->table, side_name(row->direction));
    table_string(&listing->table, row->approved ? "approved" : "waits");
    return true;
}

bool held_list_end(struct listing *listing, struct error *error) {
    return listing_finish(listing, "no deletes are held", "weir deletes approve RUN lets them go with the next run\n",
                          error);
}

static bool on_held(void *context, const struct held_row *row, struct error *error) {
    return held_list_row(context, row, error);
}

static enum cli_exit run_list(struct cli *cli, const struct cli_arguments *arguments) {
    struct cli_place place;
    struct error error;
    struct listing listing;
    const char *org = arguments->word_count > 0 ? arguments->words[0] : NULL;
    cli_place_init(&place);
    listing_init(&listing, cli, held_heads);
    bool ok = listing_limit(&listing, arguments, DELETES_DEFAULT, &error) &&
              cli_place_open(cli, org, NULL, HOME_READ, &place, &error);
    struct scan scan = {.limit = listing_scan(&listing)};
    ok = ok && place.store->type->held_scan(place.store, &scan, on_held, &listing, &error) &&
         held_list_end(&listing, &error);
    listing_close(&listing);
    cli_place_clear(&place);
    return ok ? CLI_DONE : cli_fail(cli, &error);
}

// --- deletes approve, deletes drop ---

bool held_tell_settled(const struct cli *cli, bool approve, int64_t count, struct error *error) {
    if (!cli->json) {
        fprintf(cli->out, approve ? "approved %lld deletes; the next run carries them out\n" : "dropped %lld deletes\n",
                (long long)count);
        return true;
    }
    struct output output;
    output_init(&output, cli);
    output_begin(&output);
    output_integer(&output, approve ? "approved" : "dropped", count);
    bool ok = output_end(&output, error);
    output_clear(&output);
    return ok;
}

static enum cli_exit run_settle(struct cli *cli, const struct cli_arguments *arguments, bool approve) {
    struct cli_place place;
    struct error error;
    int64_t run;
    int64_t count = 0;
    const char *org = arguments->word_count > 1 ? arguments->words[0] : NULL;
    cli_place_init(&place);
    bool ok = cli_id(arguments->words[arguments->word_count - 1], "run's number", &run, &error) &&
              cli_place_open(cli, org, NULL, HOME_EDIT, &place, &error);
    struct letters letters = {place.store, cli->clock, TEXT_LITERAL("deletes")};
    ok = ok && letters_settle_held(&letters, run, approve, &count, &error) &&
         (count > 0 ||
          error_set(&error, ERROR_NOT_THERE, "run %lld holds no deletes; see `weir deletes list`", (long long)run));
    ok = ok && held_tell_settled(cli, approve, count, &error);
    cli_place_clear(&place);
    return ok ? CLI_DONE : cli_fail(cli, &error);
}

static enum cli_exit run_approve(struct cli *cli, const struct cli_arguments *arguments) {
    return run_settle(cli, arguments, true);
}

static enum cli_exit run_drop(struct cli *cli, const struct cli_arguments *arguments) {
    return run_settle(cli, arguments, false);
}

static const struct cli_option list_options[] = {
    {"limit", "N", false, "at most N (default 50, with --json all; 0: all)"},
    {NULL, NULL, false, NULL},
};

const struct command command_deletes_list = {
    .name = "deletes list",
    .purpose = "list the deletes that wait for approval",
    .usage = "[ORG]",
    .words_min = 0,
    .words_max = 1,
    .options = list_options,
    .about =
        "A run that would delete more than its sync's deletes.at_most, or every record of a type, deletes nothing\n"
        "of that type: an empty answer of a server must not empty home. What it would have deleted is held\n"
        "here.\n",
    .examples = "weir deletes list mywell\n",
    .exits = "0124",
    .reports = true,
    .run = run_list,
    .afar = afar_deletes_list,
};

const struct command command_deletes_approve = {
    .name = "deletes approve",
    .purpose = "let the deletes go that a run held back",
    .usage = "[ORG] RUN",
    .words_min = 1,
    .words_max = 2,
    .options = NULL,
    .about = "The next run of the sync carries them out, whatever deletes.at_most says; a record that is there\n"
             "again by then stays.\n",
    .examples = "weir deletes approve mywell 12\n",
    .exits = "0124",
    .reports = true,
    .run = run_approve,
    .afar = afar_deletes_approve,
};

const struct command command_deletes_drop = {
    .name = "deletes drop",
    .purpose = "forget the deletes that a run held back",
    .usage = "[ORG] RUN",
    .words_min = 1,
    .words_max = 2,
    .options = NULL,
    .about = "The records stay. When they are still gone at a later complete run, they are held again.\n",
    .examples = "weir deletes drop mywell 12\n",
    .exits = "0124",
    .reports = true,
    .run = run_drop,
    .afar = afar_deletes_drop,
};

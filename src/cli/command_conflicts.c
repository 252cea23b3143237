#include "cli/afar_commands.h"
#include "cli/cli_home.h"
#include "cli/command_held.h"
#include "cli/commands.h"
#include "cli/field_show.h"
#include "cli/listing.h"
#include "cli/output.h"

enum { CONFLICTS_BYTES_MAX = 64 * 1024 * 1024, CONFLICTS_DEFAULT = 50 };

// Who lost, as a person would say it.
static const char *loser_name(struct text kind) {
    return text_is(kind, "edit") ? "home" : text_is(kind, "remote") ? "datasource" : "an earlier form";
}

static bool put_json(const struct cli *cli, const struct conflict_row *row, struct error *error) {
    struct output output;
    output_init(&output, cli);
    output_begin(&output);
    output_integer(&output, "id", row->id);
    output_text(&output, "kind", row->kind);
    output_text(&output, "datasource", row->datasource);
    output_text(&output, "type", row->datatype);
    output_text(&output, "external", row->external);
    output_integer(&output, "home", row->home);
    output_text(&output, "place", row->place);
    output_time(&output, "at", row->at_us);
    output_integer(&output, "run", row->run);
    output_value(&output, "lost", &row->payload);
    bool ok = output_end(&output, error);
    output_clear(&output);
    return ok;
}

static bool put_whole(const struct cli *cli, const struct conflict_row *row, struct error *error) {
    struct table table;
    struct buffer out;
    struct buffer text;
    table_init(&table, (const char *const[]){"", "", NULL});
    buffer_init(&out, CONFLICTS_BYTES_MAX);
    buffer_init(&text, CONFLICTS_BYTES_MAX);
    table_string(&table, "type");
    table_text(&table, row->datatype);
    table_string(&table, "record");
    table_text(&table, row->external);
    table_string(&table, "home's id");
    table_id(&table, row->home);
    table.right[1] = false;
    table_string(&table, "who lost");
    table_string(&table, loser_name(row->kind));
    if (row->payload.kind == VALUE_OBJECT) {
        const struct object *lost = row->payload.as.object;
        for (uint32_t i = 0; i < lost->shape->count; i++) {
            buffer_reset(&text);
            field_show(&text, NULL, &lost->values[i]);
            table_text(&table, lost->shape->names[i]);
            table_text(&table, buffer_view(&text));
        }
    }
    bool ok = table_write(&table, 0, &out, error) && cli_write(cli, buffer_view(&out), error);
    buffer_clear(&text);
    buffer_clear(&out);
    table_clear(&table);
    return ok;
}

// --- conflicts list ---

const char *const conflict_heads[] = {"ID", "TYPE", "RECORD", "HOME", "LOST", "WHEN", "WHAT LOST", NULL};

bool conflict_list_row(struct listing *listing, const struct conflict_row *row, struct error *error) {
    if (!listing_takes(listing)) {
        return true;
    }
    if (listing->cli->json) {
        return put_json(listing->cli, row, error);
    }
    table_id(&listing->table, row->id);
    table_text(&listing->table, row->datatype);
    table_text(&listing->table, row->external);
    table_id(&listing->table, row->home);
    table_string(&listing->table, loser_name(row->kind));
    buffer_reset(&listing->text);
    time_show(&listing->text, row->at_us);
    table_text(&listing->table, buffer_view(&listing->text));
    buffer_reset(&listing->text);
    field_show(&listing->text, NULL, &row->payload);
    table_text(&listing->table, buffer_view(&listing->text));
    return true;
}

static bool on_listed(void *context, const struct conflict_row *row, struct error *error) {
    return conflict_list_row(context, row, error);
}

static enum cli_exit run_list(struct cli *cli, const struct cli_arguments *arguments) {
    struct cli_place place;
    struct error error;
    struct listing listing;
    const char *org = arguments->word_count > 0 ? arguments->words[0] : NULL;
    const char *type = arguments->word_count > 1 ? arguments->words[1] : NULL;
    cli_place_init(&place);
    listing_init(&listing, cli, conflict_heads);
    bool ok = listing_limit(&listing, arguments, CONFLICTS_DEFAULT, &error) &&
              cli_place_open(cli, org, type, HOME_READ, &place, &error);
    struct scan scan = {.filter = text_of(type != NULL ? type : ""), .limit = listing_scan(&listing)};
    ok = ok && place.store->type->conflict_scan(place.store, &scan, on_listed, &listing, &error) &&
         listing_finish(&listing, "no conflicts", "", &error);
    listing_close(&listing);
    cli_place_clear(&place);
    return ok ? CLI_DONE : cli_fail(cli, &error);
}

// --- conflicts show ---

struct showing {
    const struct cli *cli;
    int64_t id;
    bool found;
};

bool conflict_show_row(const struct cli *cli, const struct conflict_row *row, struct error *error) {
    return cli->json ? put_json(cli, row, error) : put_whole(cli, row, error);
}

static bool on_shown(void *context, const struct conflict_row *row, struct error *error) {
    struct showing *showing = context;
    showing->found = row->id == showing->id;
    return !showing->found || conflict_show_row(showing->cli, row, error);
}

static enum cli_exit run_show(struct cli *cli, const struct cli_arguments *arguments) {
    struct cli_place place;
    struct error error;
    struct showing showing = {.cli = cli};
    const char *org = arguments->word_count > 1 ? arguments->words[0] : NULL;
    cli_place_init(&place);
    bool ok = cli_id(arguments->words[arguments->word_count - 1], "conflict's number", &showing.id, &error) &&
              cli_place_open(cli, org, NULL, HOME_READ, &place, &error);
    struct scan scan = {.after = showing.id - 1, .limit = 1};
    ok = ok && place.store->type->conflict_scan(place.store, &scan, on_shown, &showing, &error) &&
         (showing.found ||
          error_set(&error, ERROR_NOT_THERE, "%.*s has no conflict %lld", TEXT_ARGS(place.org), (long long)showing.id));
    cli_place_clear(&place);
    return ok ? CLI_DONE : cli_fail(cli, &error);
}

// --- what they are ---

static const struct cli_option list_options[] = {
    {"limit", "N", false, "at most N (default 50, with --json all; 0: all)"},
    {NULL, NULL, false, NULL},
};

const struct command command_conflicts_list = {
    .name = "conflicts list",
    .purpose = "list the forms of records that lost",
    .usage = "[ORG [TYPE]]",
    .words_min = 0,
    .words_max = 2,
    .options = list_options,
    .about = "When both sides changed a record, or it came twice, one form wins; the other is kept here. LOST says\n"
             "whose it was. To bring a lost form back, put it: weir conflicts show, then weir put.\n",
    .examples = "weir conflicts list mywell\n"
                "weir conflicts list mywell reading --json\n",
    .exits = "0124",
    .reports = true,
    .run = run_list,
    .afar = afar_conflicts_list,
};

const struct command command_conflicts_show = {
    .name = "conflicts show",
    .purpose = "show one form that lost whole",
    .usage = "[ORG] ID",
    .words_min = 1,
    .words_max = 2,
    .options = NULL,
    .about = "Shows whose record it was and every field of the form that lost.\n",
    .examples = "weir conflicts show mywell 7\n",
    .exits = "0124",
    .reports = true,
    .run = run_show,
    .afar = afar_conflicts_show,
};

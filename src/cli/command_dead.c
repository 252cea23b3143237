#include "cli/command_dead.h"

#include "base/visible.h"
#include "cli/afar_commands.h"
#include "cli/cli_run.h"
#include "cli/commands.h"
#include "cli/field_show.h"
#include "cli/listing.h"
#include "cli/output.h"

enum { DEAD_BYTES_MAX = 64 * 1024 * 1024, DEAD_DEFAULT = 50 };

bool dead_wish_read(const struct cli_arguments *arguments, size_t from, struct arena *arena, struct dead_wish *out,
                    struct error *error) {
    *out = (struct dead_wish){.sync = {"", 0}};
    size_t at = from;
    int64_t ignored;
    if (at < arguments->word_count && !text_integer(text_of(arguments->words[at]), &ignored)) {
        const char *word = arguments->words[at++];
        struct text org;
        struct text name;
        out->org = word;
        if (cli_split(word, &org, &name)) {
            out->sync = text_of(word);
            out->org = arena_copy(arena, org.data, org.length);
        }
    }
    out->ids = arena_take(arena, (arguments->word_count + 1) * sizeof *out->ids);
    if (out->ids == NULL || (at > from && out->org == NULL)) {
        return error_memory(error);
    }
    for (; at < arguments->word_count; at++) {
        if (!cli_id(arguments->words[at], "dead letter's number", &out->ids[out->id_count++], error)) {
            return false;
        }
    }
    return true;
}

static void put_members(struct output *output, const struct dead_row *row) {
    output_integer(output, "id", row->id);
    output_text(output, "sync", row->flow);
    output_text(output, "direction", row->direction);
    output_text(output, "datasource", row->datasource);
    output_text(output, "type", row->type);
    output_text(output, "external", row->external);
    output_text(output, "code", row->code);
    output_text(output, "reason", row->reason);
    output_text(output, "place", row->place);
    output_integer(output, "attempts", row->attempts);
    output_time(output, "at", row->at_us);
    output_integer(output, "run", row->run);
    if (row->payload.kind == VALUE_TEXT) {
        output_text(output, "payload", value_slice(&row->payload));
    } else if (row->payload.kind != VALUE_MISSING) {
        output_value(output, "payload", &row->payload);
    }
}

static bool show_json(const struct cli *cli, const struct dead_row *row, struct error *error) {
    struct output output;
    output_init(&output, cli);
    output_begin(&output);
    put_members(&output, row);
    bool ok = output_end(&output, error);
    output_clear(&output);
    return ok;
}

// --- dead list ---

const char *const dead_heads[] = {"ID", "SYNC", "WAY", "TYPE", "RECORD", "PLACE", "CODE", "TRIES", "REASON", NULL};

bool dead_list_row(struct listing *listing, const struct dead_row *row, struct error *error) {
    if (!listing_takes(listing)) {
        return true;
    }
    if (listing->cli->json) {
        return show_json(listing->cli, row, error);
    }
    table_id(&listing->table, row->id);
    table_text(&listing->table, row->flow);
    table_text(&listing->table, row->direction);
    table_text(&listing->table, row->type);
    table_text(&listing->table, row->external);
    table_text(&listing->table, row->place);
    table_text(&listing->table, row->code);
    table_number(&listing->table, row->attempts);
    table_text(&listing->table, row->reason);
    return true;
}

static bool on_listed(void *context, const struct dead_row *row, struct error *error) {
    return dead_list_row(context, row, error);
}

static enum cli_exit run_list(struct cli *cli, const struct cli_arguments *arguments) {
    struct cli_place place;
    struct error error;
    struct dead_wish wish;
    struct listing listing;
    const char *path = cli_value(arguments, "output");
    bool csv = cli_flag(arguments, "csv") || path != NULL;
    cli_place_init(&place);
    listing_init(&listing, cli, dead_heads);
    bool ok = listing_limit(&listing, arguments, DEAD_DEFAULT, &error) &&
              dead_wish_read(arguments, 0, &place.arena, &wish, &error) &&
              (wish.id_count == 0 || error_set(&error, ERROR_USAGE, "`weir dead show %s` shows one of them",
                                               arguments->words[arguments->word_count - 1])) &&
              cli_place_open(cli, wish.org, NULL, HOME_READ, &place, &error);
    if (ok) {
        struct scan scan = {.filter = wish.sync, .limit = csv ? 0 : listing_scan(&listing)};
        ok = csv ? dead_csv(cli, place.store, &scan, path, &error)
                 : place.store->type->dead_scan(place.store, &scan, on_listed, &listing, &error) &&
                       listing_finish(&listing, "no dead letters", "", &error);
    }
    listing_close(&listing);
    cli_place_clear(&place);
    return ok ? CLI_DONE : cli_fail(cli, &error);
}

// --- dead show ---

struct showing {
    const struct cli *cli;
    int64_t id;
    bool found;
};

static void put_pair(struct table *table, const char *name, struct text text) {
    table_string(table, name);
    table_text(table, text);
}

static void put_payload(struct table *table, const struct value *payload) {
    struct buffer text;
    buffer_init(&text, DEAD_BYTES_MAX);
    if (payload->kind != VALUE_OBJECT) {
        field_show(&text, NULL, payload);
        put_pair(table, "payload", buffer_view(&text));
    } else {
        const struct object *object = payload->as.object;
        for (uint32_t i = 0; i < object->shape->count; i++) {
            buffer_reset(&text);
            field_show(&text, NULL, &object->values[i]);
            table_text(table, object->shape->names[i]);
            table_text(table, buffer_view(&text));
        }
    }
    buffer_clear(&text);
}

bool dead_show_row(const struct cli *cli, const struct dead_row *row, struct error *error) {
    if (cli->json) {
        return show_json(cli, row, error);
    }
    struct table head;
    struct table payload;
    struct buffer out;
    buffer_init(&out, DEAD_BYTES_MAX);
    table_init(&head, (const char *const[]){"", "", NULL});
    table_init(&payload, (const char *const[]){"", "", NULL});
    put_pair(&head, "sync", row->flow);
    put_pair(&head, "way", row->direction);
    put_pair(&head, "type", row->type);
    put_pair(&head, "record", row->external);
    put_pair(&head, "place", row->place);
    put_pair(&head, "code", row->code);
    put_pair(&head, "reason", row->reason);
    table_string(&head, "tries");
    table_id(&head, row->attempts);
    head.right[1] = false;
    put_payload(&payload, &row->payload);
    bool ok = table_write(&head, 0, &out, error);
    buffer_string(&out, "\nas it came:\n");
    ok = ok && table_write(&payload, 0, &out, error) && cli_write(cli, buffer_view(&out), error);
    table_clear(&head);
    table_clear(&payload);
    buffer_clear(&out);
    return ok;
}

static bool on_shown(void *context, const struct dead_row *row, struct error *error) {
    struct showing *showing = context;
    showing->found = row->id == showing->id;
    return !showing->found || dead_show_row(showing->cli, row, error);
}

// Shows one letter; ERROR_NOT_THERE when there is none of this number.
static bool show_one(struct showing *showing, const struct cli_place *place, struct error *error) {
    struct scan scan = {.after = showing->id - 1, .limit = 1};
    if (!place->store->type->dead_scan(place->store, &scan, on_shown, showing, error)) {
        return false;
    }
    return showing->found || error_set(error, ERROR_NOT_THERE, "%.*s has no dead letter %lld", TEXT_ARGS(place->org),
                                       (long long)showing->id);
}

static enum cli_exit run_show(struct cli *cli, const struct cli_arguments *arguments) {
    struct cli_place place;
    struct error error;
    struct dead_wish wish;
    struct showing showing = {.cli = cli};
    cli_place_init(&place);
    bool ok = dead_wish_read(arguments, 0, &place.arena, &wish, &error) &&
              (wish.id_count == 1 || error_set(&error, ERROR_USAGE, "which one? weir dead show [ORG] ID")) &&
              cli_place_open(cli, wish.org, NULL, HOME_READ, &place, &error);
    if (ok) {
        showing.id = wish.ids[0];
        ok = show_one(&showing, &place, &error);
    }
    cli_place_clear(&place);
    return ok ? CLI_DONE : cli_fail(cli, &error);
}

// --- dead retry ---

static enum cli_exit run_retry(struct cli *cli, const struct cli_arguments *arguments) {
    struct arena arena;
    struct error error;
    struct dead_wish ids;
    enum cli_exit code;
    arena_init(&arena, DEAD_BYTES_MAX);
    struct cli_run wish = {.path = arguments->words[0], .retry = true};
    bool ok = dead_wish_read(arguments, 1, &arena, &ids, &error) &&
              (ids.org == NULL || error_set(&error, ERROR_USAGE, "'%s' is no number of a dead letter", ids.org));
    if (ok) {
        wish.dead_ids = ids.id_count > 0 ? ids.ids : NULL;
        wish.dead_count = ids.id_count;
        code = cli_run(cli, arguments, &wish);
    } else {
        code = cli_fail(cli, &error);
    }
    arena_clear(&arena);
    return code;
}

// --- what they are ---

static const struct cli_option list_options[] = {
    {"csv", NULL, false, "write the rejected rows as CSV instead, to mend them and read them again"},
    {"output", "FILE", false, "write that CSV to FILE"},
    {"limit", "N", false, "list at most N (default 50, with --json all; 0: all)"},
    {NULL, NULL, false, NULL},
};

const struct command command_dead_list = {
    .name = "dead list",
    .purpose = "list the records that could not go in, and why",
    .usage = "[ORG | ORG/SYNC] [--csv [--output FILE]]",
    .words_min = 0,
    .words_max = 1,
    .options = list_options,
    .about = "A record that can't be applied becomes a dead letter, and the rest goes on. A newer version of the\n"
             "same record that goes in closes it by itself. At a server a word without a slash is a sync.\n"
             "\n"
             "--csv writes the rows as they came, with weir_code, weir_reason, weir_place and weir_raw behind\n"
             "them; weir_raw holds the bytes of what was no record at all.\n",
    .examples = "weir dead list example/first\n"
                "weir dead list example/first --csv --output rejected.csv\n",
    .exits = "0124",
    .reports = true,
    .run = run_list,
    .afar = afar_dead_list,
};

const struct command command_dead_show = {
    .name = "dead show",
    .purpose = "show one dead letter whole",
    .usage = "[ORG] ID",
    .words_min = 1,
    .words_max = 2,
    .options = NULL,
    .about = "Shows the reason, the place it came from, and the record as it came.\n",
    .examples = "weir dead show example 7\n",
    .exits = "0124",
    .reports = true,
    .run = run_show,
    .afar = afar_dead_show,
};

static const struct cli_option retry_options[] = {
    {"param", "NAME=VALUE", true, "give a parameter that the script declares; may be repeated"},
    {"patience", "SECONDS", false, "with --server: how long to look for it when it is lost (default 120)"},
    {"quiet", NULL, false, "say nothing but errors"},
    {"verbose", NULL, false, "show every line of the run's log"},
    CLI_RUN_OPTIONS,
    {NULL, NULL, false, NULL},
};

const struct command command_dead_retry = {
    .name = "dead retry",
    .purpose = "try dead letters again, after their cause was mended",
    .usage = "SCRIPT|SYNC [ID]… [--param NAME=VALUE]…",
    .words_min = 1,
    .words_max = SIZE_MAX,
    .options = retry_options,
    .about = "Takes the records as they came through today's script and decides on today's state of home, so a\n"
             "newer record is never written over by an older one. Without ID, all of the sync's.\n",
    .examples = "weir dead retry syncs/example/first.lua\n"
                "weir dead retry syncs/example/first.lua 7 9\n",
    .exits = "01234567",
    .reports = true,
    .run = run_retry,
    .afar = afar_dead_retry,
};

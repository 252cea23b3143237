#include "base/memory.h"
#include "cli/command_dead.h"
#include "cli/commands.h"
#include "cli/output.h"

enum { AUDIT_BYTES_MAX = 4096, AUDIT_IDS_MOST = 100 };

struct dropping {
    const struct dead_wish *wish;
    int64_t *ids;
    bool *seen; // which of the wish's ids are there
    size_t count;
    size_t room;
};

// Keeps the numbers to drop: those asked for, or all.
static bool on_dropped(void *context, const struct dead_row *row, struct error *error) {
    struct dropping *dropping = context;
    bool asked = dropping->wish->id_count == 0;
    for (size_t i = 0; i < dropping->wish->id_count; i++) {
        if (dropping->wish->ids[i] == row->id) {
            dropping->seen[i] = true;
            asked = true;
        }
    }
    if (!asked) {
        return true;
    }
    if (dropping->count == dropping->room) {
        size_t room = dropping->room > 0 ? dropping->room * 2 : 256;
        int64_t *ids = memory_grow(dropping->ids, room, sizeof *ids);
        if (ids == NULL) {
            return error_memory(error);
        }
        dropping->ids = ids;
        dropping->room = room;
    }
    dropping->ids[dropping->count++] = row->id;
    return true;
}

static bool drop(const struct cli *cli, struct cli_place *place, const struct dead_wish *wish,
                 struct dropping *dropping, struct error *error) {
    struct store *store = place->store;
    struct scan scan = {.filter = wish->sync};
    dropping->seen = arena_take_zero(&place->arena, wish->id_count + 1, sizeof *dropping->seen);
    if (dropping->seen == NULL) {
        return error_memory(error);
    }
    if (!store->type->snapshot(store, error)) {
        return false;
    }
    bool ok = store->type->dead_scan(store, &scan, on_dropped, dropping, error);
    store->type->snapshot_end(store);
    for (size_t i = 0; ok && i < wish->id_count; i++) {
        ok = dropping->seen[i] || error_set(error, ERROR_NOT_THERE, "%.*s has no dead letter %lld; nothing was dropped",
                                            TEXT_ARGS(place->org), (long long)wish->ids[i]);
    }
    if (!ok || dropping->count == 0) {
        return ok;
    }
    struct buffer audit;
    buffer_init(&audit, AUDIT_BYTES_MAX);
    buffer_print(&audit, "dropped %zu dead letters of %.*s:", dropping->count,
                 TEXT_ARGS(wish->sync.length > 0 ? wish->sync : place->org));
    for (size_t i = 0; i < dropping->count && i < AUDIT_IDS_MOST; i++) {
        buffer_print(&audit, " %lld", (long long)dropping->ids[i]);
    }
    buffer_string(&audit, dropping->count > AUDIT_IDS_MOST ? " …" : "");
    buffer_byte(&audit, '\0');
    struct page page = {
        .origin = TEXT_LITERAL("dead drop"),
        .at_us = clock_now(cli->clock),
        .deads_done = dropping->ids,
        .dead_done_count = dropping->count,
        .audit = audit.data,
    };
    enum commit_outcome outcome;
    ok = audit.failed ? error_memory(error) : store_commit(store, &page, &outcome, error);
    buffer_clear(&audit);
    return ok;
}

static bool tell_dropped(const struct cli *cli, size_t count, struct error *error) {
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
    struct dropping dropping = {.wish = &wish};
    bool all = cli_flag(arguments, "all");
    cli_place_init(&place);
    bool ok = dead_wish_read(arguments, 0, &place.arena, &wish, &error);
    if (ok && all == (wish.id_count > 0)) {
        ok = error_set(&error, ERROR_USAGE,
                       all ? "either numbers or --all" : "which ones? Give their numbers, or --all");
    }
    ok = ok && cli_place_open(cli, wish.org, NULL, HOME_EDIT, &place, &error) &&
         drop(cli, &place, &wish, &dropping, &error) && tell_dropped(cli, dropping.count, &error);
    memory_free(dropping.ids);
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
};

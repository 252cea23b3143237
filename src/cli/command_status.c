#include <string.h>

#include "base/map.h"
#include "cli/afar_commands.h"
#include "cli/cli_home.h"
#include "cli/commands.h"
#include "cli/run_show.h"
#include "cli/table.h"

enum { STATUS_BYTES_MAX = 16 * 1024 * 1024 };

struct status {
    const struct cli *cli;
    struct arena *arena;
    struct store *store;
    struct text sync; // ORG/NAME when only one is asked for; else empty
    struct map seen;  // run keys that were shown: the newest run comes first
    struct map deads; // dead letters by sync
    struct table *table;
    int64_t shown;
};

static bool count_dead(void *context, const struct dead_row *row, struct error *error) {
    struct status *status = context;
    uint64_t *count = map_find(&status->deads, row->flow);
    if (count != NULL) {
        (*count)++;
        return true;
    }
    struct text flow;
    if (!arena_text(status->arena, row->flow, &flow) || !map_put(&status->deads, flow, 1)) {
        return error_memory(error);
    }
    return true;
}

static int64_t deads_of(const struct status *status, struct text sync) {
    const uint64_t *count = map_find(&status->deads, sync);
    return count != NULL ? (int64_t)*count : 0;
}

// A run writes its counts down when it ends; until then its checkpoint has those of the pages that are in.
static bool counts_so_far(struct status *status, struct run_row *row, struct error *error) {
    bool found;
    struct checkpoint checkpoint;
    if (row->status != RUN_RUNNING) {
        return true;
    }
    if (!status->store->type->checkpoint_find(status->store, row->key, status->arena, &found, &checkpoint, error)) {
        return false;
    }
    if (found) {
        row->counts = checkpoint.counts;
    }
    return true;
}

static bool on_run(void *context, const struct run_row *newest, struct error *error) {
    struct status *status = context;
    struct run_row copy = *newest;
    struct run_row *row = &copy;
    if (map_find(&status->seen, row->key) != NULL) {
        return true;
    }
    struct text key;
    if (!counts_so_far(status, row, error)) {
        return false;
    }
    if (!arena_text(status->arena, row->key, &key) || !map_put(&status->seen, key, 1)) {
        return error_memory(error);
    }
    status->shown++;
    return status_show(status->cli, status->table, row, text_of(run_status_today(row)), deads_of(status, row->sync),
                       error);
}

static bool show_org(struct status *status, struct text org, int64_t *waiting, struct error *error) {
    struct store *store;
    if (!cli_home_open(status->cli, org, HOME_READ, status->arena, &store, error)) {
        return false;
    }
    bool ok = false;
    status->store = store;
    map_init(&status->seen);
    map_init(&status->deads);
    struct scan runs = {.filter = status->sync, .newest_first = true};
    struct scan deads = {.filter = status->sync};
    struct text none = {"", 0};
    int64_t count = 0;
    if (store->type->snapshot(store, error)) {
        ok = store->type->dead_scan(store, &deads, count_dead, status, error) &&
             store->type->run_scan(store, &runs, on_run, status, error) &&
             store->type->pending_count(store, none, none, &count, error);
        store->type->snapshot_end(store);
    }
    *waiting += count;
    map_clear(&status->seen);
    map_clear(&status->deads);
    store_close(store);
    return ok;
}

static bool finish_table(struct status *status, int64_t waiting, struct error *error) {
    struct buffer out;
    char number[NUMBER_TEXT_MAX];
    buffer_init(&out, STATUS_BYTES_MAX);
    if (status->shown == 0) {
        buffer_string(&out, "no sync has run yet\n");
    }
    bool ok = status->shown == 0 || table_write(status->table, status->cli->columns, &out, error);
    if (waiting > 0) {
        buffer_print(&out, "\n%s wait for a record that they refer to\n", number_text(waiting, number));
    }
    ok = ok && (!out.failed || error_memory(error)) && cli_write(status->cli, buffer_view(&out), error);
    buffer_clear(&out);
    return ok;
}

// Shows what can be shown: a home that can't be opened is reported and the others follow.
static enum cli_exit show_all(struct status *status, const struct cli_orgs *orgs) {
    struct error error;
    enum cli_exit code = CLI_DONE;
    int64_t waiting = 0;
    for (size_t i = 0; i < orgs->count; i++) {
        if (!show_org(status, orgs->names[i], &waiting, &error)) {
            code = cli_fail(status->cli, &error);
        }
    }
    if (!status->cli->json && (status->shown > 0 || code == CLI_DONE) && !finish_table(status, waiting, &error)) {
        code = cli_fail(status->cli, &error);
    }
    return code;
}

static enum cli_exit run(struct cli *cli, const struct cli_arguments *arguments) {
    struct arena arena;
    struct table table;
    struct error error;
    struct cli_orgs orgs;
    struct text org;
    struct text name;
    enum cli_exit code;
    arena_init(&arena, STATUS_BYTES_MAX);
    table_init(&table, status_heads);
    struct status status = {.cli = cli, .arena = &arena, .table = &table};
    const char *word = arguments->word_count > 0 ? arguments->words[0] : NULL;
    if (word == NULL) {
        code = cli_orgs_find(cli, &arena, &orgs, &error) ? show_all(&status, &orgs) : cli_fail(cli, &error);
    } else {
        if (cli_split(word, &org, &name)) {
            status.sync = text_of(word);
        } else {
            org = text_of(word);
        }
        orgs = (struct cli_orgs){&org, 1};
        code = show_all(&status, &orgs);
    }
    table_clear(&table);
    arena_clear(&arena);
    return code;
}

const struct command command_status = {
    .name = "status",
    .purpose = "show each sync's latest run",
    .usage = "[ORG | ORG/SYNC]",
    .words_min = 0,
    .words_max = 1,
    .options = NULL,
    .about = "One line a sync (and its parameters): how its latest run ended, what it did, and how many dead\n"
             "letters the sync has now. Counts of a run that went on after an interruption are the whole pass's.\n"
             "At a server a word without a slash is a sync of the token's organisation.\n",
    .examples = "weir status\n"
                "weir status example/first --json\n",
    .exits = "0124",
    .reports = true,
    .run = run,
    .afar = afar_status,
};

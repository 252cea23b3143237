#include <string.h>

#include "cli/afar_commands.h"
#include "cli/cli_home.h"
#include "cli/commands.h"
#include "cli/run_show.h"
#include "cli/table.h"

enum { LOG_BYTES_MAX = 64 * 1024 * 1024, RUNS_DEFAULT = 20 };

struct story {
    const struct cli *cli;
    struct table *table;
    int64_t run; // whose lines are shown; 0: the list of runs
    int64_t count;
};

static bool on_listed(void *context, const struct run_row *row, struct error *error) {
    struct story *story = context;
    story->count++;
    return run_show(story->cli, story->table, row, text_of(run_status_today(row)), error);
}

// The one run that was asked for: its head, before its lines.
static bool on_asked(void *context, const struct run_row *row, struct error *error) {
    struct story *story = context;
    if (row->id != story->run) {
        return true;
    }
    story->count++;
    return run_show_head(story->cli, row, text_of(run_status_today(row)), error);
}

static bool on_line(void *context, const struct log_row *row, struct error *error) {
    return log_show(((const struct story *)context)->cli, row, error);
}

static bool list_runs(struct story *story, struct store *store, struct text sync, int64_t limit, struct error *error) {
    struct scan scan = {.filter = sync, .limit = limit, .newest_first = true};
    struct buffer out;
    buffer_init(&out, LOG_BYTES_MAX);
    bool ok = store->type->run_scan(store, &scan, on_listed, story, error);
    if (ok && !story->cli->json) {
        if (story->count == 0) {
            buffer_string(&out, "no run yet\n");
        } else {
            ok = table_write(story->table, story->cli->columns, &out, error);
        }
        ok = ok && cli_write(story->cli, buffer_view(&out), error);
    }
    buffer_clear(&out);
    return ok;
}

static bool show_run(struct story *story, struct store *store, struct text org, struct error *error) {
    struct scan head = {.after = story->run - 1, .limit = 1};
    if (!store->type->run_scan(store, &head, on_asked, story, error)) {
        return false;
    }
    if (story->count == 0) {
        return error_set(error, ERROR_NOT_THERE, "%.*s has no run %lld; `weir log %.*s` lists its runs", TEXT_ARGS(org),
                         (long long)story->run, TEXT_ARGS(org));
    }
    char number[32];
    snprintf(number, sizeof number, "%lld", (long long)story->run);
    struct scan lines = {.filter = text_of(number)};
    return store->type->log_scan(store, &lines, on_line, story, error);
}

// [ORG | ORG/SYNC] [RUN]: a lone number is a run of the only organisation.
static bool read_words(const struct cli_arguments *arguments, struct arena *arena, const char **org, struct text *sync,
                       int64_t *run, struct error *error) {
    int64_t ignored;
    size_t count = arguments->word_count;
    bool numbered = count > 0 && text_integer(text_of(arguments->words[count - 1]), &ignored);
    if (numbered && !cli_id(arguments->words[count - 1], "run", run, error)) {
        return false;
    }
    if (count == 2 && !numbered) {
        return cli_id(arguments->words[1], "run", run, error);
    }
    const char *word = count - numbered > 0 ? arguments->words[0] : NULL;
    struct text folder;
    struct text name;
    *org = word;
    if (word != NULL && cli_split(word, &folder, &name)) {
        *sync = text_of(word);
        *org = arena_copy(arena, folder.data, folder.length);
        return *org != NULL || error_memory(error);
    }
    return true;
}

static enum cli_exit run(struct cli *cli, const struct cli_arguments *arguments) {
    struct cli_place place;
    struct table table;
    struct error error;
    struct text sync = {"", 0};
    struct story story = {.cli = cli, .table = &table};
    const char *org = NULL;
    int64_t limit;
    cli_place_init(&place);
    table_init(&table, run_heads);
    bool ok = cli_count(arguments, "limit", RUNS_DEFAULT, &limit, &error) &&
              read_words(arguments, &place.arena, &org, &sync, &story.run, &error) &&
              cli_place_open(cli, org, NULL, HOME_READ, &place, &error);
    if (ok && story.run > 0) {
        ok = show_run(&story, place.store, place.org, &error);
    } else if (ok) {
        ok = list_runs(&story, place.store, sync, limit, &error);
    }
    table_clear(&table);
    cli_place_clear(&place);
    return ok ? CLI_DONE : cli_fail(cli, &error);
}

static const struct cli_option options[] = {
    {"limit", "N", false, "list at most N runs, the newest first (default 20; 0: all)"},
    {NULL, NULL, false, NULL},
};

const struct command command_log = {
    .name = "log",
    .purpose = "list an organisation's runs, or tell one run's story",
    .usage = "[ORG | ORG/SYNC] [RUN]",
    .words_min = 0,
    .words_max = 2,
    .options = options,
    .about = "Without RUN, lists the runs, the newest first. With it, shows how that run ended and every line of\n"
             "its log. Runs are numbered within their organisation; ORG may be left out when there is just one.\n"
             "A server numbers the runs of all organisations, and a word without a slash is a sync there.\n",
    .examples = "weir log\n"
                "weir log example 3\n",
    .exits = "0124",
    .reports = true,
    .run = run,
    .afar = afar_log,
};

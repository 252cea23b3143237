// `weir status` and `weir log` at a server.

#include "base/map.h"
#include "cli/afar_commands.h"
#include "cli/afar_job.h"
#include "cli/cli_home.h"
#include "cli/run_show.h"
#include "cli/table.h"

enum { STATUS_BYTES_MAX = 64 * 1024 * 1024, RUNS_DEFAULT = 20, RUNS_LOOKED_MAX = 20000, DEADS_MAX = 100000 };

// --- status ---

struct status {
    struct afar *afar;
    struct table *table;
    struct map seen;   // sync and parameters that were shown: the newest run comes first
    struct map deads;  // dead letters by sync
    size_t waited_for; // syncs that were not seen yet
    struct map syncs;
    int64_t shown;
    int64_t looked;
    int64_t dead_count;
};

static bool keep(struct afar *afar, struct map *map, struct text key, uint64_t value, struct error *error) {
    struct text kept;
    return (arena_text(&afar->arena, key, &kept) && map_put(map, kept, value)) || error_memory(error);
}

static bool on_dead(void *context, const struct object *dead, struct error *error) {
    struct status *status = context;
    struct text sync = afar_text(dead, "sync");
    uint64_t *count = map_find(&status->deads, sync);
    if (++status->dead_count > DEADS_MAX) {
        return false;
    }
    if (count != NULL) {
        ++*count;
        return true;
    }
    return keep(status->afar, &status->deads, sync, 1, error);
}

static bool on_run(void *context, const struct object *run, struct error *error) {
    struct status *status = context;
    struct afar_job job;
    struct text name = afar_text(run, "sync");
    if (!afar_job_read(run, &status->afar->arena, &job, error)) {
        return false;
    }
    const char *key =
        arena_print(&status->afar->arena, "%.*s %.*s", TEXT_ARGS(job.row.sync), TEXT_ARGS(job.row.params));
    if (key == NULL) {
        return error_memory(error);
    }
    uint64_t *sync = map_find(&status->syncs, name);
    status->waited_for -= sync != NULL && *sync == 0;
    if (sync != NULL) {
        *sync = 1;
    }
    status->looked++;
    if (map_find(&status->seen, text_of(key)) == NULL) {
        const uint64_t *deads = map_find(&status->deads, name);
        status->shown++;
        if (!map_put(&status->seen, text_of(key), 1)) {
            return error_memory(error);
        }
        if (!status_show(status->afar->cli, status->table, &job.row, job.status, deads != NULL ? (int64_t)*deads : 0,
                         error)) {
            return false;
        }
    }
    return status->looked < RUNS_LOOKED_MAX;
}

// Which syncs there are, to know when all of them were seen.
static bool list_syncs(struct status *status, struct error *error) {
    struct afar_path path = afar_path("/v1/syncs");
    struct value answer;
    const struct object *object;
    if (!afar_ask(status->afar, "GET", &path, TEXT_LITERAL(""), &answer, error) ||
        !afar_take_object(&answer, &object, error)) {
        return false;
    }
    const struct value *list = afar_member(object, "syncs");
    for (uint32_t i = 0; list != NULL && list->kind == VALUE_LIST && i < list->length; i++) {
        const struct value *sync = &list->as.items[i];
        if (sync->kind == VALUE_OBJECT &&
            !keep(status->afar, &status->syncs, afar_text(sync->as.object, "id"), 0, error)) {
            return false;
        }
    }
    status->waited_for = status->syncs.count;
    return true;
}

static bool finish_status(struct status *status, struct error *error) {
    const struct cli *cli = status->afar->cli;
    struct buffer out;
    if (cli->json) {
        return true;
    }
    buffer_init(&out, STATUS_BYTES_MAX);
    bool ok = true;
    if (status->shown == 0) {
        buffer_string(&out, "no sync has run yet\n");
    } else {
        ok = table_write(status->table, cli->columns, &out, error);
    }
    if (status->looked >= RUNS_LOOKED_MAX && status->waited_for > 0) {
        buffer_print(&out, "%zu syncs have no run among the latest %d\n", status->waited_for, (int)RUNS_LOOKED_MAX);
    }
    if (status->dead_count > DEADS_MAX) {
        buffer_print(&out, "there are more dead letters than the %d that were counted\n", (int)DEADS_MAX);
    }
    ok = ok && (!out.failed || error_memory(error)) && cli_write(cli, buffer_view(&out), error);
    buffer_clear(&out);
    return ok;
}

static bool show_status(struct status *status, struct text sync, struct error *error) {
    struct afar_list deads = {.path = "/v1/dead",
                              .name = "dead",
                              .filter_name = "sync",
                              .filter = sync,
                              .cursor = "after",
                              .on_item = on_dead};
    struct afar_list runs = {.path = "/v1/runs",
                             .name = "runs",
                             .filter_name = "sync",
                             .filter = sync,
                             .cursor = "before",
                             .on_item = on_run};
    deads.context = runs.context = status;
    // Where nothing came in yet there is no home, and no dead letter in it.
    if (!afar_list(status->afar, &deads, error) && error->code != ERROR_HOME_MISSING) {
        return false;
    }
    return (sync.length > 0 || list_syncs(status, error)) && afar_list(status->afar, &runs, error) &&
           finish_status(status, error);
}

enum cli_exit afar_status(struct cli *cli, const struct cli_arguments *arguments) {
    struct afar afar;
    struct table table;
    struct error error;
    struct text sync = {"", 0};
    struct status status = {.afar = &afar, .table = &table};
    table_init(&table, status_heads);
    map_init(&status.seen);
    map_init(&status.deads);
    map_init(&status.syncs);
    bool ok = afar_open(cli, &afar, &error) &&
              (arguments->word_count == 0 || afar_sync(&afar, arguments->words[0], &sync, &error)) &&
              show_status(&status, sync, &error);
    map_clear(&status.seen);
    map_clear(&status.deads);
    map_clear(&status.syncs);
    table_clear(&table);
    afar_close(&afar);
    return ok ? CLI_DONE : cli_fail(cli, &error);
}

// --- log ---

struct story {
    struct afar *afar;
    struct table *table;
    int64_t count;
};

static bool on_listed(void *context, const struct object *run, struct error *error) {
    struct story *story = context;
    struct afar_job job;
    story->count++;
    return afar_job_read(run, &story->afar->arena, &job, error) &&
           run_show(story->afar->cli, story->table, &job.row, job.status, error);
}

static bool list_runs(struct story *story, struct text sync, int64_t limit, struct error *error) {
    const struct cli *cli = story->afar->cli;
    struct afar_list list = {.path = "/v1/runs",
                             .name = "runs",
                             .filter_name = "sync",
                             .filter = sync,
                             .cursor = "before",
                             .limit = limit,
                             .on_item = on_listed,
                             .context = story};
    struct buffer out;
    buffer_init(&out, STATUS_BYTES_MAX);
    bool ok = afar_list(story->afar, &list, error);
    if (ok && !cli->json) {
        if (story->count == 0) {
            buffer_string(&out, "no run yet\n");
        } else {
            ok = table_write(story->table, cli->columns, &out, error);
        }
        ok = ok && (!out.failed || error_memory(error)) && cli_write(cli, buffer_view(&out), error);
    }
    buffer_clear(&out);
    return ok;
}

static bool show_line(const struct cli *cli, const struct object *line, struct error *error) {
    struct log_row row = {.at_us = afar_time(line, "at"), .level = LOG_INFO, .text = afar_text(line, "text")};
    struct text level = afar_text(line, "level");
    for (enum log_level each = LOG_DEBUG; each <= LOG_ERROR; each++) {
        row.level = text_is(level, log_level_name(each)) ? each : row.level;
    }
    return log_show(cli, &row, error);
}

static bool show_run(struct afar *afar, int64_t id, struct error *error) {
    enum { LINES_MAX = 10000 };
    struct afar_path path = afar_path("/v1/runs");
    struct afar_path log = afar_path("/v1/runs");
    struct value answer;
    const struct object *object;
    struct afar_job job;
    afar_path_number(&path, id);
    afar_path_number(&log, id);
    buffer_string(&log.text, "/log");
    afar_path_count(&log, "limit", LINES_MAX);
    if (!afar_ask(afar, "GET", &path, TEXT_LITERAL(""), &answer, error) || !afar_take_object(&answer, &object, error) ||
        !afar_job_read(object, &afar->arena, &job, error) || !run_show_head(afar->cli, &job.row, job.status, error)) {
        afar_path_clear(&log);
        return false;
    }
    if (!afar_ask(afar, "GET", &log, TEXT_LITERAL(""), &answer, error) || !afar_take_object(&answer, &object, error)) {
        return false;
    }
    const struct value *lines = afar_member(object, "log");
    bool ok = true;
    for (uint32_t i = 0; ok && lines != NULL && lines->kind == VALUE_LIST && i < lines->length; i++) {
        const struct value *line = &lines->as.items[i];
        ok = line->kind != VALUE_OBJECT || show_line(afar->cli, line->as.object, error);
    }
    return ok;
}

// [SYNC | ORG/SYNC] [RUN]: a number is a run.
static bool read_words(struct afar *afar, const struct cli_arguments *arguments, struct text *sync, int64_t *run,
                       struct error *error) {
    size_t count = arguments->word_count;
    int64_t ignored;
    bool numbered = count > 0 && text_integer(text_of(arguments->words[count - 1]), &ignored);
    if (count == 2 && !numbered) {
        return cli_id(arguments->words[1], "run", run, error);
    }
    return (!numbered || cli_id(arguments->words[count - 1], "run", run, error)) &&
           (count - numbered == 0 || afar_sync(afar, arguments->words[0], sync, error));
}

enum cli_exit afar_log(struct cli *cli, const struct cli_arguments *arguments) {
    struct afar afar;
    struct table table;
    struct error error;
    struct text sync = {"", 0};
    int64_t run = 0;
    int64_t limit;
    struct story story = {.afar = &afar, .table = &table};
    table_init(&table, run_heads);
    bool ok = afar_open(cli, &afar, &error) && cli_count(arguments, "limit", RUNS_DEFAULT, &limit, &error) &&
              read_words(&afar, arguments, &sync, &run, &error) &&
              (run > 0 ? show_run(&afar, run, &error) : list_runs(&story, sync, limit, &error));
    table_clear(&table);
    afar_close(&afar);
    return ok ? CLI_DONE : cli_fail(cli, &error);
}

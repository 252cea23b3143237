// What there is at a server alone: ending and going on with its runs, and the pause of a sync's schedule.

#include "cli/afar_commands.h"
#include "cli/afar_job.h"
#include "cli/cli_home.h"
#include "cli/commands.h"
#include "cli/output.h"

// --- runs ---

static bool ask_run(struct afar *afar, int64_t run, const char *what, struct afar_job *job, bool *joined,
                    struct error *error) {
    struct afar_path path = afar_path("/v1/runs");
    struct value answer;
    afar_path_number(&path, run);
    buffer_string(&path.text, what);
    return afar_ask(afar, "POST", &path, TEXT_LITERAL(""), &answer, error) &&
           afar_job_asked(&answer, &afar->arena, job, joined, error);
}

static bool tell_cancelled(const struct cli *cli, const struct afar_job *job, struct error *error) {
    if (!cli->json) {
        fprintf(cli->out, "run %lld of %.*s %s\n", (long long)job->row.id, TEXT_ARGS(job->row.sync),
                text_is(job->state, "ended") ? "is cancelled" : "ends after the page in hand");
        return true;
    }
    struct output output;
    output_init(&output, cli);
    output_begin(&output);
    output_integer(&output, "run", job->row.id);
    output_text(&output, "sync", job->row.sync);
    output_text(&output, "state", job->state);
    output_text(&output, "status", job->status);
    bool ok = output_end(&output, error);
    output_clear(&output);
    return ok;
}

static enum cli_exit cancel(struct cli *cli, const struct cli_arguments *arguments) {
    struct afar afar;
    struct afar_job job;
    struct error error;
    int64_t run;
    bool joined;
    bool ok = afar_open(cli, &afar, &error) && cli_id(arguments->words[0], "run", &run, &error) &&
              ask_run(&afar, run, "/cancel", &job, &joined, &error) && tell_cancelled(cli, &job, &error);
    afar_close(&afar);
    return ok ? CLI_DONE : cli_fail(cli, &error);
}

static enum cli_exit resume(struct cli *cli, const struct cli_arguments *arguments) {
    struct afar afar;
    struct afar_job job;
    struct error error;
    int64_t run;
    bool joined;
    bool ok = afar_open(cli, &afar, &error) && cli_id(arguments->words[0], "run", &run, &error) &&
              ask_run(&afar, run, "/resume", &job, &joined, &error);
    enum cli_exit code = ok ? afar_run_watch(&afar, arguments, &job, joined) : cli_fail(cli, &error);
    afar_close(&afar);
    return code;
}

const struct command command_cancel = {
    .name = "cancel",
    .purpose = "end a run of a server",
    .usage = "RUN",
    .words_min = 1,
    .words_max = 1,
    .about = "The run ends after the page in hand, and its place is kept: `weir resume` goes on with it.\n",
    .examples = "weir cancel 12 --server https://weir.example.org --token @token\n",
    .exits = "0124",
    .reports = true,
    .afar = cancel,
};

static const struct cli_option resume_options[] = {
    {"patience", "SECONDS", false, "how long to look for the server when it is lost (default 120)"},
    {"quiet", NULL, false, "say nothing but errors"},
    {"verbose", NULL, false, "show every line of the run's log"},
    {NULL, NULL, false, NULL},
};

const struct command command_resume = {
    .name = "resume",
    .purpose = "go on with a run of a server that was cancelled, interrupted or failed",
    .usage = "RUN",
    .words_min = 1,
    .words_max = 1,
    .options = resume_options,
    .about = "Shows how it goes and ends as it ends, as `weir run` does.\n",
    .examples = "weir resume 12 --server https://weir.example.org --token @token\n",
    .exits = "01234567",
    .reports = true,
    .afar = resume,
};

// --- schedules ---

static enum cli_exit set_pause(struct cli *cli, const struct cli_arguments *arguments, bool paused) {
    struct afar afar;
    struct error error;
    struct text name;
    struct value answer;
    const struct object *sync;
    struct afar_path path = afar_path("/v1/syncs");
    bool ok = afar_open(cli, &afar, &error) && afar_sync(&afar, arguments->words[0], &name, &error);
    if (ok) {
        afar_path_part(&path, name);
        buffer_string(&path.text, paused ? "/pause" : "/resume");
        ok = afar_ask(&afar, "POST", &path, TEXT_LITERAL(""), &answer, &error) &&
             afar_take_object(&answer, &sync, &error);
    } else {
        afar_path_clear(&path);
    }
    if (ok && cli->json) {
        struct output output;
        output_init(&output, cli);
        output_begin(&output);
        output_text(&output, "sync", afar_text(sync, "id"));
        output_text(&output, "org", afar_text(sync, "org"));
        output_bool(&output, "paused", afar_bool(sync, "paused"));
        output_time(&output, "next", afar_time(sync, "next"));
        ok = output_end(&output, &error);
        output_clear(&output);
    } else if (ok) {
        struct text next = afar_text(sync, "next");
        fprintf(cli->out,
                paused ? "%s: its schedule pauses; runs that are asked for still go\n" : "%s: its schedule goes on",
                arguments->words[0]);
        fprintf(cli->out,
                !paused && next.length > 0 ? ", next at %.*s\n"
                : paused                   ? "%.*s"
                                           : "%.*s\n",
                paused ? 0 : (int)next.length, next.data);
    }
    afar_close(&afar);
    return ok ? CLI_DONE : cli_fail(cli, &error);
}

static enum cli_exit pause_it(struct cli *cli, const struct cli_arguments *arguments) {
    return set_pause(cli, arguments, true);
}

static enum cli_exit unpause_it(struct cli *cli, const struct cli_arguments *arguments) {
    return set_pause(cli, arguments, false);
}

const struct command command_pause = {
    .name = "pause",
    .purpose = "stop the schedule of a server's sync",
    .usage = "SYNC",
    .words_min = 1,
    .words_max = 1,
    .about = "Runs that somebody asks for still go.\n",
    .examples = "weir pause nightly --server https://weir.example.org --token @token\n",
    .exits = "0124",
    .reports = true,
    .afar = pause_it,
};

const struct command command_unpause = {
    .name = "unpause",
    .purpose = "let the schedule of a server's sync go on",
    .usage = "SYNC",
    .words_min = 1,
    .words_max = 1,
    .about = "What passed meanwhile is not made up for.\n",
    .examples = "weir unpause nightly --server https://weir.example.org --token @token\n",
    .exits = "0124",
    .reports = true,
    .afar = unpause_it,
};

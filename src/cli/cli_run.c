#include "cli/cli_run.h"

#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/fault.h"
#include "cli/cli_home.h"
#include "cli/cli_join.h"
#include "cli/cli_report.h"
#include "cli/cli_script.h"
#include "cli/cli_stop.h"
#include "cli/progress.h"
#include "engine/run.h"
#include "engine/validate.h"

enum { RUN_ARENA_MAX = 64 * 1024 * 1024 };

enum method { METHOD_RUN, METHOD_VALIDATE, METHOD_PULL, METHOD_PUSH };

struct running {
    struct cli *cli;
    const struct cli_arguments *arguments;
    const struct cli_run *wish;
    struct progress progress;
    struct child_events events;
    enum method method;
    bool tells; // events; nothing for people then
    struct cli_script script;
    struct arena arena;
    struct store *store;
    const struct sync *sync; // NULL until the script is loaded
    struct run_request request;
};

// --- telling ---

static bool tell_ended(struct running *running, const struct run_report *report, const int64_t *valid,
                       struct error *error) {
    struct output *output = child_events_open(&running->events, "ended");
    cli_report_put(output, running->sync, report);
    if (valid != NULL) {
        output_integer(output, "valid", *valid);
    }
    return child_events_close(&running->events, error);
}

// Not even a run could be recorded.
static enum cli_exit fail_before(struct running *running, enum cli_exit code, const struct error *reason) {
    struct error error;
    struct run_report report = {.status = code == CLI_INTERRUPTED ? RUN_INTERRUPTED : RUN_FAILED, .error = *reason};
    cli_error_show(running->cli, reason);
    bool ok = running->tells       ? tell_ended(running, &report, NULL, &error)
              : running->cli->json ? cli_report_json(running->cli, running->sync, &report, &error)
                                   : true;
    if (!ok) {
        cli_error_show(running->cli, &error);
    }
    return code;
}

static enum cli_exit tell(struct running *running, const struct run_report *report, bool joined) {
    struct cli *cli = running->cli;
    struct error error;
    // Why it waits stands in a warning already, unless warnings are not shown.
    bool told = report->status == RUN_INTERRUPTED || (report->status == RUN_WAITING && !cli->quiet);
    if (report->error.code != ERROR_NONE && !told) {
        cli_error_show(cli, &report->error);
    }
    bool ok = running->tells ? tell_ended(running, report, NULL, &error)
              : cli->json    ? cli_report_json(cli, running->sync, report, &error)
              : cli->quiet   ? true
                             : cli_report_show(cli, running->sync, report, joined, running->wish->path, &error);
    if (!ok) {
        cli_error_show(cli, &error);
    }
    return cli_report_exit(report);
}

static bool tell_joined(struct running *running, const struct join *join, struct error *error) {
    int64_t run;
    if (running->tells) {
        if (!join_live(join, &run, error)) {
            return false;
        }
        struct output *output = child_events_open(&running->events, "joined");
        if (run > 0) {
            output_integer(output, "run", run);
        } else {
            output_null(output, "run");
        }
        struct error ignored; // what can't be told now is told by the end
        child_events_close(&running->events, &ignored);
    } else if (!running->progress.quiet) {
        fprintf(running->progress.out, "%.*s runs already: waiting for it to end\n", TEXT_ARGS(join->key));
    }
    return true;
}

// --- running ---

// Runs, or joins the run of the same key that is live.
static bool run_or_join(struct running *running, bool *joined, struct run_report *report, struct error *error) {
    const struct run_request *request = &running->request;
    struct join join = {
        .store = running->store,
        .clock = request->clock,
        .stop = request->stop,
        .asked_us = clock_now(request->clock),
        .own = request->retry || request->way != RUN_WHOLE, // a whole run may have done less, or more, than was asked
    };
    if (!sync_key(request->sync, &running->arena, &join.key)) {
        return error_memory(error);
    }
    *joined = false;
    while (!run_sync(request, report, error)) {
        if (error->code != ERROR_LEASE_HELD) {
            return false;
        }
        progress_end(&running->progress, NULL);
        if (!*joined && !tell_joined(running, &join, error)) {
            return false;
        }
        *joined = true;
        enum join_end end;
        if (!join_wait(&join, &end, report, error)) {
            return false;
        }
        if (end == JOIN_ANSWERED) {
            return true;
        }
        *joined = false;
    }
    return true;
}

static enum cli_exit run_it(struct running *running) {
    struct run_report report;
    struct error error;
    bool joined = false;
    progress_begin(&running->progress, running->sync->datasource);
    bool ok = run_or_join(running, &joined, &report, &error);
    progress_end(&running->progress, ok ? &report.error : &error);
    return ok ? tell(running, &report, joined) : fail_before(running, cli_exit_of(&error), &error);
}

static enum cli_exit validate_it(struct running *running) {
    struct cli *cli = running->cli;
    struct validate_report report;
    struct error error;
    progress_begin(&running->progress, running->sync->datasource);
    run_validate(&running->request, &report);
    progress_end(&running->progress, &report.run.error);
    if (report.run.error.code != ERROR_NONE) {
        cli_error_show(cli, &report.run.error);
    }
    bool ok = running->tells ? tell_ended(running, &report.run, &report.valid, &error)
              : cli->json    ? cli_validate_json(cli, running->sync, &report, &error)
              : cli->quiet   ? true
                             : cli_validate_show(cli, running->sync, &report, &error);
    if (!ok) {
        cli_error_show(cli, &error);
    }
    return report.run.error.code == ERROR_USAGE ? CLI_USAGE : cli_report_exit(&report.run);
}

// --- what is asked for ---

static bool read_method(const struct cli_arguments *arguments, enum method *out, struct error *error) {
    static const char *const names[] = {[METHOD_VALIDATE] = "validate", [METHOD_PULL] = "pull", [METHOD_PUSH] = "push"};
    const char *given = cli_value(arguments, "method");
    *out = METHOD_RUN;
    for (size_t i = METHOD_VALIDATE; given != NULL && i <= METHOD_PUSH; i++) {
        if (strcmp(given, names[i]) == 0) {
            *out = (enum method)i;
            return true;
        }
    }
    return given == NULL || error_set(error, ERROR_USAGE, "--method takes validate, pull or push, not '%s'", given);
}

// A sync that goes one way only is whole with it.
static bool take_way(struct running *running, struct error *error) {
    const struct sync *sync = running->sync;
    enum method method = running->method;
    enum sync_direction other = method == METHOD_PULL ? SYNC_PUSH : SYNC_PULL;
    if (method != METHOD_PULL && method != METHOD_PUSH) {
        return true;
    }
    if (sync->direction == other) {
        return error_set(error, ERROR_USAGE, "--method %s: %.*s/%.*s goes the other way alone",
                         method == METHOD_PULL ? "pull" : "push", TEXT_ARGS(sync->org), TEXT_ARGS(sync->name));
    }
    if (sync->direction == SYNC_BOTH && sync->once) {
        return error_set(error, ERROR_USAGE,
                         "%.*s/%.*s runs once, and both ways: half of it would count as all; leave --method out",
                         TEXT_ARGS(sync->org), TEXT_ARGS(sync->name));
    }
    if (sync->direction == SYNC_BOTH) {
        running->request.way = method == METHOD_PULL ? RUN_PULL_ALONE : RUN_PUSH_ALONE;
    }
    return true;
}

static bool take_request(struct running *running, struct error *error) {
    const struct cli_run *wish = running->wish;
    struct run_request *request = &running->request;
    *request = cli_script_request(running->cli, &running->script,
                                  running->tells ? &running->events.log : &running->progress.log);
    running->sync = request->sync;
    request->clock = &running->progress.waiting;
    request->watch = running->tells ? &running->events.watch : &running->progress.watch;
    request->stop = running->cli->stop;
    request->force = wish->force;
    request->threads = true;
    request->page_records = fault_page();
    request->retry = wish->retry;
    request->dead_ids = wish->dead_ids;
    request->dead_count = wish->dead_count;
    return cli_count(running->arguments, "request", 0, &request->request, error) && take_way(running, error);
}

// --- the whole of it ---

static enum cli_exit carry_out(struct running *running) {
    const struct cli_run *wish = running->wish;
    struct error error;
    const struct log *log = running->tells ? &running->events.log : &running->progress.log;
    bool bounded = running->tells || cli_child_asked(running->arguments);
    if (cli_flag(running->arguments, "patience")) {
        error_set(&error, ERROR_USAGE, "--patience goes with --server");
        return fail_before(running, CLI_USAGE, &error);
    }
    if (!read_method(running->arguments, &running->method, &error) ||
        (bounded && !cli_child_begin(running->arguments, &error))) {
        return fail_before(running, cli_exit_of(&error), &error);
    }
    running->cli->stop = cli_stop_watch();
    running->progress.stop = running->cli->stop;
    if (!cli_script_open(running->cli, wish->path, running->arguments, false, log, &running->script, &error)) {
        return fail_before(running, cli_script_exit(&error), &error);
    }
    if (!take_request(running, &error)) {
        return fail_before(running, cli_exit_of(&error), &error);
    }
    if (running->method == METHOD_VALIDATE) {
        running->progress.all = true;
        return validate_it(running);
    }
    if (!cli_home_open(running->cli, running->sync->org, wish->retry ? HOME_EDIT : HOME_MAKE, &running->arena,
                       &running->store, &error)) {
        return fail_before(running, cli_exit_of(&error), &error);
    }
    running->request.store = running->store;
    return run_it(running);
}

enum cli_exit cli_run(struct cli *cli, const struct cli_arguments *arguments, const struct cli_run *wish) {
    struct running running = {.cli = cli, .arguments = arguments, .wish = wish, .tells = cli_flag(arguments, "events")};
    struct progress *progress = &running.progress;
    arena_init(&running.arena, RUN_ARENA_MAX);
    child_events_init(&running.events, cli);
    progress_init(progress, cli->err, cli->clock, isatty(fileno(cli->err)) != 0);
    progress->quiet = cli->quiet || running.tells;
    progress->verbose = cli->verbose;
    progress->colours = cli->colours;
    enum cli_exit code = carry_out(&running);
    progress_clear(progress);
    child_events_clear(&running.events);
    store_close(running.store);
    cli_script_clear(&running.script);
    arena_clear(&running.arena);
    return code;
}

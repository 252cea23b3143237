#include "cli/cli_run.h"

#include <assert.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/fault.h"
#include "cli/cli_home.h"
#include "cli/cli_report.h"
#include "cli/cli_script.h"
#include "cli/progress.h"
#include "engine/run.h"

enum { RUN_ARENA_MAX = 64 * 1024 * 1024, POLL_US = 200 * 1000 };

// --- signals ---

static atomic_bool stop_asked;

// The first one asks the run to end at its page's end; the next ends the process at once, which is safe too: what is
// not committed is read again.
static void on_signal(int number) {
    (void)number;
    atomic_store(&stop_asked, true);
    struct sigaction plain = {.sa_handler = SIG_DFL};
    sigaction(SIGINT, &plain, NULL);
    sigaction(SIGTERM, &plain, NULL);
}

static void watch_signals(void) {
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    // Whoever reads our output may go away; the run doesn't end for that.
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, NULL);
}

// --- joining a live run ---

// The newest run of a key, copied out of the scan.
struct newest {
    bool found;
    int64_t run;
    enum run_status status;
    struct counts counts;
    int64_t started_us;
    int64_t ended_us;
    char message[ERROR_MESSAGE_MAX];
};

static bool keep_newest(void *context, const struct run_row *row, struct error *error) {
    (void)error;
    struct newest *newest = context;
    *newest = (struct newest){true, row->id, row->status, row->counts, row->started_us, row->ended_us, ""};
    size_t length = row->message.length < sizeof newest->message ? row->message.length : sizeof newest->message - 1;
    if (length > 0) {
        memcpy(newest->message, row->message.data, length);
    }
    newest->message[length] = '\0';
    return true;
}

static bool find_newest(struct store *store, struct text key, struct newest *out, struct error *error) {
    *out = (struct newest){.found = false};
    struct scan scan = {.filter = key, .limit = 1, .newest_first = true};
    if (!store->type->snapshot(store, error)) {
        return false;
    }
    bool ok = store->type->run_scan(store, &scan, keep_newest, out, error);
    store->type->snapshot_end(store);
    return ok;
}

static void answer(const struct newest *newest, struct run_report *report) {
    *report = (struct run_report){
        .run = newest->run,
        .status = newest->status,
        .counts = newest->counts,
        .span_us = newest->ended_us > newest->started_us ? newest->ended_us - newest->started_us : 0,
        .answered = true,
    };
    error_clear(&report->error);
    if (newest->status == RUN_FAILED) {
        error_set(&report->error, ERROR_RUN_JOINED, "run %lld failed: %s", (long long)newest->run, newest->message);
    } else if (newest->status == RUN_RUNNING) {
        error_set(&report->error, ERROR_RUN_INTERRUPTED, "the wait for run %lld was interrupted; it goes on",
                  (long long)newest->run);
    } else if (newest->status == RUN_INTERRUPTED) {
        error_set(&report->error, ERROR_RUN_INTERRUPTED, "run %lld was interrupted; run it again: it goes on",
                  (long long)newest->run);
    }
}

enum wait_end { WAIT_ANSWERED, WAIT_FREE };

// Waits for the run that holds the lease. Free: it ended without a word (killed), so this request may run itself. A
// retry of dead letters has its own to do and waits for no more than the lease.
static bool wait_for_live(const struct run_request *request, struct text key, int64_t asked_us, enum wait_end *end,
                          struct run_report *report, struct error *error) {
    int64_t live = 0;
    while (true) {
        struct newest newest;
        if (!find_newest(request->store, key, &newest, error)) {
            return false;
        }
        bool running = newest.found && newest.status == RUN_RUNNING;
        bool ended_since = newest.found && !running && (newest.run == live || newest.ended_us >= asked_us);
        bool stopped = atomic_load(&stop_asked);
        if (!request->retry && (ended_since || (running && stopped))) {
            answer(&newest, report);
            *end = WAIT_ANSWERED;
            return true;
        }
        if (stopped) {
            return error_set(error, ERROR_RUN_INTERRUPTED, "the wait for the live run was interrupted; it goes on");
        }
        live = running ? newest.run : live;
        // A process that was killed leaves a row that says running; only its lease tells the truth.
        struct lease lease;
        if (store_lease_take(request->store, key, &lease, error)) {
            store_lease_free(request->store, &lease);
            *end = WAIT_FREE;
            return true;
        }
        if (error->code != ERROR_LEASE_HELD) {
            return false;
        }
        clock_wait(request->clock, POLL_US);
    }
}

// Runs, or joins the run of the same key that is live.
static bool run_or_join(struct progress *progress, const struct run_request *request, struct arena *arena, bool *joined,
                        struct run_report *report, struct error *error) {
    struct text key;
    if (!sync_key(request->sync, arena, &key)) {
        return error_memory(error);
    }
    int64_t asked_us = clock_now(request->clock);
    *joined = false;
    while (!run_sync(request, report, error)) {
        if (error->code != ERROR_LEASE_HELD) {
            return false;
        }
        progress_end(progress, NULL);
        if (!*joined && !progress->quiet) {
            fprintf(progress->out, "%.*s runs already: waiting for it to end\n", TEXT_ARGS(key));
        }
        *joined = true;
        enum wait_end end;
        if (!wait_for_live(request, key, asked_us, &end, report, error)) {
            return false;
        }
        if (end == WAIT_ANSWERED) {
            return true;
        }
        *joined = false;
    }
    return true;
}

// --- the whole of it ---

// Not even a run could be recorded.
static enum cli_exit fail_before(struct cli *cli, enum cli_exit code, const struct sync *sync,
                                 const struct error *reason) {
    cli_error_show(cli, reason);
    struct error error;
    struct run_report report = {.status = code == CLI_INTERRUPTED ? RUN_INTERRUPTED : RUN_FAILED, .error = *reason};
    if (cli->json && !cli_report_json(cli, sync, &report, &error)) {
        cli_error_show(cli, &error);
    }
    return code;
}

static enum cli_exit tell(struct cli *cli, const struct sync *sync, const struct run_report *report, bool joined,
                          const char *path) {
    struct error error;
    // Why it waits stands in a warning already, unless warnings are not shown.
    bool told = report->status == RUN_INTERRUPTED || (report->status == RUN_WAITING && !cli->quiet);
    if (report->error.code != ERROR_NONE && !told) {
        cli_error_show(cli, &report->error);
    }
    bool ok = cli->json    ? cli_report_json(cli, sync, report, &error)
              : cli->quiet ? true
                           : cli_report_show(cli, sync, report, joined, path, &error);
    if (!ok) {
        cli_error_show(cli, &error);
    }
    return cli_report_exit(report);
}

enum cli_exit cli_run(struct cli *cli, const struct cli_arguments *arguments, const struct cli_run *wish) {
    struct progress progress;
    struct cli_script script = {.script = NULL};
    struct arena arena;
    struct store *store = NULL;
    struct error error;
    enum cli_exit code;
    arena_init(&arena, RUN_ARENA_MAX);
    progress_init(&progress, cli->err, cli->clock, isatty(fileno(cli->err)) != 0);
    progress.quiet = cli->quiet;
    progress.verbose = cli->verbose;
    progress.colours = cli->colours;
    progress.stop = &stop_asked;
    watch_signals();

    const struct sync *sync = NULL;
    if (!cli_script_open(cli, wish->path, arguments, false, &progress.log, &script, &error)) {
        code = fail_before(cli, cli_script_exit(&error), NULL, &error);
        goto done;
    }
    struct run_request request = cli_script_request(cli, &script, &progress.log);
    sync = request.sync;
    if (!cli_home_open(cli, sync->org, wish->retry ? HOME_EDIT : HOME_MAKE, &arena, &store, &error)) {
        code = fail_before(cli, cli_exit_of(&error), sync, &error);
        goto done;
    }
    request.store = store;
    request.clock = &progress.waiting;
    request.watch = &progress.watch;
    request.stop = &stop_asked;
    request.force = wish->force;
    request.threads = true;
    request.page_records = fault_page();
    request.retry = wish->retry;
    request.dead_ids = wish->dead_ids;
    request.dead_count = wish->dead_count;
    struct run_report report;
    bool joined = false;
    progress_begin(&progress, sync->datasource);
    bool ok = run_or_join(&progress, &request, &arena, &joined, &report, &error);
    progress_end(&progress, ok ? &report.error : &error);
    code = ok ? tell(cli, sync, &report, joined, wish->path) : fail_before(cli, cli_exit_of(&error), sync, &error);

done:
    progress_clear(&progress);
    store_close(store);
    cli_script_clear(&script);
    arena_clear(&arena);
    return code;
}

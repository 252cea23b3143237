
#include "cli/cli_settings.h"
#include "cli/cli_stop.h"
#include "cli/commands.h"

enum { SERVE_ARENA_MAX = 1024 * 1024, PORT_DEFAULT = 8080 };

static void say_line(void *context, enum log_level level, struct text text) {
    const struct cli *cli = context;
    if (level >= LOG_INFO) {
        fprintf(cli->err, "%s: %.*s\n", log_level_name(level), TEXT_ARGS(text));
    }
}

static void say_ready(void *context, const char *url) {
    const struct cli *cli = context;
    fprintf(cli->out, cli->json ? "{\"url\":\"%s\"}\n" : "weir answers at %s (Ctrl-C ends it)\n", url);
    fflush(cli->out);
}

static enum cli_exit run(struct cli *cli, const struct cli_arguments *arguments) {
    struct arena arena;
    struct cli_settings settings;
    struct error error;
    int64_t port = PORT_DEFAULT;
    struct log log = {say_line, cli};
    const char *listen = cli_value(arguments, "listen");
    const char *syncs = cli_value(arguments, "syncs");
    struct service_setup setup = {
        .version = cli->version,
        .data = cli->data,
        .syncs = syncs != NULL ? syncs : "./syncs",
        .address = listen != NULL ? listen : "127.0.0.1",
        .store = cli->store,
        .clock = cli->clock,
        .log = &log,
        .ready = say_ready,
        .context = cli,
    };
    arena_init(&arena, SERVE_ARENA_MAX);
    bool ok = cli_count(arguments, "port", PORT_DEFAULT, &port, &error) &&
              cli_count(arguments, "runs", 0, &setup.runs_max, &error) &&
              cli_count(arguments, "org-runs", 0, &setup.org_runs_max, &error) &&
              cli_settings_read(cli->data, &arena, &settings, &error) &&
              (port <= 65535 || error_set(&error, ERROR_USAGE, "a port is at most 65535"));
    if (ok) {
        setup.port = (unsigned)port;
        setup.allowed = settings.allowed;
        setup.allowed_count = settings.allowed_count;
        setup.stop = cli_stop_watch();
        ok = cli->service->serve(&setup, &error);
    }
    arena_clear(&arena);
    return ok ? CLI_DONE : cli_fail(cli, &error);
}

static const struct cli_option options[] = {
    {"listen", "ADDRESS", false, "where to listen (default 127.0.0.1: this machine alone)"},
    {"port", "N", false, "at which port (default 8080; 0: any free one)"},
    {"syncs", "DIR", false, "where the scripts are (default ./syncs)"},
    {"runs", "N", false, "how many runs at once (default 4)"},
    {"org-runs", "N", false, "how many runs of one organisation at once (default 2)"},
    {NULL, NULL, false, NULL},
};

const struct command command_serve = {
    .name = "serve",
    .purpose = "answer over HTTP, keep the schedule, run what is asked for",
    .usage = "[--listen ADDRESS] [--port N] [--syncs DIR]",
    .words_min = 0,
    .words_max = 0,
    .options = options,
    .about = "Scripts are found as DIR/ORG/NAME.lua and read again when they change; one that is broken is\n"
             "reported, and its last good form goes on. Runs are processes of their own, with limits.\n"
             "\n"
             "Ctrl-C or SIGTERM ends it in good order: runs finish their page and are gone on with when it is\n"
             "back. It may be killed at any moment too: nothing that was answered is lost.\n"
             "\n"
             "Whoever asks needs a token (`weir token create`). It speaks plain HTTP: put a proxy with TLS\n"
             "before it when it shall be reached from elsewhere (docs/howto/serve.md).\n",
    .examples = "weir token create --role ops-full --org '*' me\n"
                "weir serve --syncs ./syncs\n",
    .exits = "0124",
    .reports = true,
    .run = run,
};

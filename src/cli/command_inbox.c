#include <signal.h>
#include <stdatomic.h>

#include "base/fault.h"
#include "cli/cli_child.h"
#include "cli/cli_home.h"
#include "cli/cli_script.h"
#include "cli/commands.h"
#include "cli/input_lines.h"
#include "engine/inbox.h"
#include "format/format_json.h"

enum { LINE_BYTES_MAX = 256 * 1024 * 1024, HOME_BYTES_MAX = 1024 * 1024, HOME_FRESH_US = 10 * 1000 * 1000 };

struct taking {
    struct cli *cli;
    const struct cli_arguments *arguments;
    struct child_events events;
    struct cli_script script;
    struct store *store; // kept open between requests
    int64_t opened_us;
    struct arena home;  // of opening it
    struct arena arena; // of one request
};

// --- signals ---

static atomic_bool stop_asked;

static void on_signal(int number) {
    (void)number;
    atomic_store(&stop_asked, true);
}

// While it takes records in, a signal ends it at a page's end; while it waits for a request, at once.
static void signals_watch(bool working) {
    struct sigaction action = {.sa_handler = working ? on_signal : SIG_DFL, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

// --- a request ---

struct ask {
    bool drain;
    struct text type; // of a post; empty: none
    struct text key;
    struct value records;
};

static bool take_member(struct text name, const struct value *value, struct ask *ask, struct error *error) {
    bool is_text = value->kind == VALUE_TEXT;
    if (text_is(name, "drain") && value->kind == VALUE_BOOL) {
        ask->drain = value->as.boolean;
        return true;
    }
    if (text_is(name, "post") && is_text) {
        ask->type = value_slice(value);
        return true;
    }
    if (text_is(name, "key") && is_text) {
        ask->key = value_slice(value);
        return true;
    }
    if (text_is(name, "records") && value->kind == VALUE_LIST) {
        ask->records = *value;
        return true;
    }
    return error_set(
        error, ERROR_REQUEST,
        "a request is {\"drain\":true} or {\"post\":TYPE,\"key\":…,\"records\":[…]}, and '%.*s' is no part "
        "of it or of another kind",
        TEXT_ARGS(name));
}

static bool read_ask(struct taking *taking, struct text line, struct ask *ask, struct error *error) {
    struct value value;
    *ask = (struct ask){.drain = false};
    if (!json_read(line, &taking->arena, NULL, &value, error)) {
        return false;
    }
    if (value.kind != VALUE_OBJECT) {
        return error_set(error, ERROR_REQUEST, "a request is an object: {\"drain\":true}");
    }
    const struct object *object = value.as.object;
    for (uint32_t i = 0; i < object->shape->count; i++) {
        if (!take_member(object->shape->names[i], &object->values[i], ask, error)) {
            return false;
        }
    }
    return ask->drain != (ask->type.length > 0) ||
           error_set(error, ERROR_REQUEST, "a request says either \"drain\":true or \"post\" with a type");
}

// --- its answer ---

// Home may be made by the first post, and a backup may be put in its place.
static bool open_home(struct taking *taking, struct error *error) {
    int64_t now_us = clock_now(taking->cli->clock);
    bool fresh = now_us >= taking->opened_us && now_us - taking->opened_us < HOME_FRESH_US;
    if (taking->store != NULL && fresh) {
        return true;
    }
    store_close(taking->store);
    taking->store = NULL;
    arena_reset(&taking->home);
    taking->opened_us = now_us;
    return cli_home_open(taking->cli, script_sync(taking->script.script)->org, HOME_MAKE, &taking->home, &taking->store,
                         error);
}

static bool tell_drained(struct taking *taking, const struct inbox_report *report, struct error *error) {
    struct output *output = child_events_open(&taking->events, "drained");
    output_integer(output, "taken", report->taken);
    output_counts(output, &report->counts);
    output_integer(output, "pending", report->counts.pending);
    output_integer(output, "left", report->left);
    output_bool(output, "stopped", report->stopped);
    return child_events_close(&taking->events, error);
}

static bool drain(struct taking *taking, struct inbox_report *report, struct error *error) {
    struct run_request request = cli_script_request(taking->cli, &taking->script, &taking->events.log);
    request.store = taking->store;
    request.stop = &stop_asked;
    request.page_records = fault_page();
    return inbox_drain(&request, report, error);
}

static bool post(struct taking *taking, const struct ask *ask, struct text line, struct inbox_receipts *out,
                 struct error *error) {
    const struct sync *sync = script_sync(taking->script.script);
    char *name = arena_print(&taking->arena, "%.*s/%.*s", TEXT_ARGS(sync->org), TEXT_ARGS(sync->name));
    bool found = false;
    for (size_t i = 0; i < sync->type_count; i++) {
        found = found || text_same(sync->types[i].name, ask->type);
    }
    if (!found) {
        return error_set(error, ERROR_REQUEST, "the sync has no type '%.*s'", TEXT_ARGS(ask->type));
    }
    struct inbox_post posted = {
        .store = taking->store,
        .clock = taking->cli->clock,
        .type = ask->type,
        .batch = ask->key,
        .origin = TEXT_LITERAL("weir inbox"),
        .print = print_of(line, 0),
        .bytes = line.length,
        .records = ask->records.as.items,
        .count = ask->records.kind == VALUE_LIST ? ask->records.length : 0,
    };
    if (name == NULL || !sync_key(sync, &taking->arena, &posted.key)) {
        return error_memory(error);
    }
    posted.sync = text_of(name);
    return inbox_post(&posted, out, error);
}

static bool tell_posted(struct taking *taking, const struct inbox_receipts *receipts, struct error *error) {
    struct output *output = child_events_open(&taking->events, "posted");
    output_integer(output, "first", receipts->first);
    output_integer(output, "count", (int64_t)receipts->count);
    output_bool(output, "again", receipts->again);
    return child_events_close(&taking->events, error);
}

// Carries out one request; `reason` has why it couldn't. False only when the answer can't be given.
static bool answer(struct taking *taking, const struct ask *ask, struct text line, struct error *reason,
                   struct error *error) {
    struct inbox_report report;
    struct inbox_receipts receipts;
    signals_watch(true);
    bool ok = open_home(taking, reason) &&
              (ask->drain ? drain(taking, &report, reason) : post(taking, ask, line, &receipts, reason));
    signals_watch(false);
    if (!ok) {
        return child_events_failed(&taking->events, reason, error);
    }
    return ask->drain ? tell_drained(taking, &report, error) : tell_posted(taking, &receipts, error);
}

static bool answer_line(struct taking *taking, enum input_found found, struct text line, struct error *error) {
    struct ask ask;
    struct error reason;
    arena_reset(&taking->arena);
    bool ok = found == INPUT_LINE ? read_ask(taking, line, &ask, &reason)
                                  : error_set(&reason, ERROR_REQUEST, "the request's line is too long");
    return ok ? answer(taking, &ask, line, &reason, error) : child_events_failed(&taking->events, &reason, error);
}

static bool serve(struct taking *taking, struct error *error) {
    struct input_lines lines;
    bool ok = true;
    enum input_found found = INPUT_LINE;
    input_lines_init(&lines, fileno(taking->cli->in));
    while (ok && found != INPUT_END && !atomic_load(&stop_asked)) {
        struct text line;
        ok = input_lines_next(&lines, &found, &line, error) && cli_child_turn(taking->arguments, error) &&
             (found == INPUT_END || (found == INPUT_LINE && line.length == 0) ||
              answer_line(taking, found, line, error));
    }
    input_lines_clear(&lines);
    return ok;
}

// --- the command ---

static enum cli_exit work(struct taking *taking, struct error *error) {
    struct error reason;
    error_clear(&reason);
    if (!cli_child_begin_warm(taking->arguments, error)) {
        return cli_exit_of(error);
    }
    if (!cli_script_open(taking->cli, taking->arguments->words[0], taking->arguments, false, &taking->events.log,
                         &taking->script, error)) {
        return cli_script_exit(error);
    }
    if (!cli_flag(taking->arguments, "once")) {
        return serve(taking, error) ? CLI_DONE : cli_exit_of(error);
    }
    const struct ask ask = {.drain = true};
    if (!answer(taking, &ask, (struct text){"", 0}, &reason, error)) {
        return cli_exit_of(error);
    }
    if (reason.code != ERROR_NONE) {
        cli_error_show(taking->cli, &reason);
    }
    return reason.code != ERROR_NONE ? cli_exit_of(&reason) : CLI_DONE;
}

static enum cli_exit run(struct cli *cli, const struct cli_arguments *arguments) {
    struct taking taking = {.cli = cli, .arguments = arguments};
    struct error error;
    error_clear(&error);
    child_events_init(&taking.events, cli);
    arena_init(&taking.arena, LINE_BYTES_MAX);
    arena_init(&taking.home, HOME_BYTES_MAX);
    cli->stop = &stop_asked;
    enum cli_exit code = work(&taking, &error);
    if (error.code != ERROR_NONE) {
        struct error ignored; // the first error is the one to report
        cli_error_show(cli, &error);
        child_events_failed(&taking.events, &error, &ignored);
    } else if (code == CLI_DONE && atomic_load(&stop_asked)) {
        code = CLI_INTERRUPTED;
    }
    store_close(taking.store);
    cli_script_clear(&taking.script);
    arena_clear(&taking.home);
    arena_clear(&taking.arena);
    child_events_clear(&taking.events);
    return code;
}

static const struct cli_option options[] = {
    {"param", "NAME=VALUE", true, "give a parameter that the script declares; may be repeated"},
    {"once", NULL, false, "take in what waits now, and end; nothing is read from standard input"},
    CLI_CHILD_OPTIONS,
    {NULL, NULL, false, NULL},
};

const struct command command_inbox = {
    .name = "inbox",
    .purpose = "take in the records that were posted to a sync",
    .usage = "SCRIPT [--param NAME=VALUE]… [--once]",
    .words_min = 1,
    .words_max = 1,
    .options = options,
    .about =
        "For a datasource that sends its records instead of being asked for them. What is posted is kept in\n"
        "home's inbox first, each record under a receipt; then it goes through the sync's `pull` as if it\n"
        "had been read: transforms, links, references, dead letters. A run of the sync may be at work at\n"
        "the same time. Nothing is sent, and nothing is deleted.\n"
        "\n"
        "Each line of standard input is a request and gives one line; the script's own words come between\n"
        "as {\"event\":\"log\",…}. It ends with its input.\n"
        "\n"
        "{\"drain\":true} takes in what waits now: {\"event\":\"drained\",\"taken\":3,\"created\":…,\"dead\":…,…,\n"
        "\"pending\":0,\"left\":0,\"stopped\":false}. Each page goes in together with its receipts, or not at all.\n"
        "\n"
        "{\"post\":\"reading\",\"key\":\"…\",\"records\":[{…}]} keeps up to 10000 records, all or none:\n"
        "{\"event\":\"posted\",\"first\":17,\"count\":3,\"again\":false}, receipts 17 to 19. The same line under the\n"
        "same key posts nothing and gives the same receipts.\n"
        "\n"
        "What can't be done is {\"event\":\"failed\",\"error\":{…}}, and the next request is read. With --cpu, that\n"
        "is what each request may compute.\n",
    .examples = "weir inbox syncs/example/first.lua --once\n",
    .exits = "012345",
    .reports = false,
    .run = run,
};

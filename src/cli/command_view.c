#include <inttypes.h>
#include <signal.h>

#include "cli/cli_child.h"
#include "cli/cli_home.h"
#include "cli/cli_script.h"
#include "cli/commands.h"
#include "cli/input_lines.h"
#include "engine/view_page.h"
#include "format/format_json.h"

enum {
    ASK_LENGTH_MAX = 64 * 1024,
    ASK_BYTES_MAX = 1024 * 1024,
    PAGE_BYTES_MAX = 512 * 1024 * 1024,
    LIMIT_DEFAULT = 100,
    HOME_FRESH_US = 10 * 1000 * 1000
};

struct viewing {
    const struct cli *cli;
    const struct cli_arguments *arguments;
    struct child_events events;
    struct cli_script script;
    struct store *store; // kept open between requests
    int64_t opened_us;
    struct arena home;    // of opening it
    struct arena arena;   // of one request
    struct buffer listed; // the records of a page: the script may log while they are made
    struct members members;
    int64_t count;
};

// --- a request ---

struct ask_numbers {
    int64_t start, limit, page;
};

static bool take_number(const struct value *value, const char *name, int64_t max, int64_t *out, struct error *error) {
    if (value->kind != VALUE_INTEGER || value->as.integer < 0 || value->as.integer > max) {
        return error_set(error, ERROR_REQUEST, "`%s` takes a whole number from 0 to %" PRId64, name, max);
    }
    *out = value->as.integer;
    return true;
}

static bool take_text(const struct value *value, const char *name, struct text *out, struct error *error) {
    if (value->kind != VALUE_TEXT) {
        return error_set(error, ERROR_REQUEST, "`%s` takes a text", name);
    }
    *out = value_slice(value);
    return true;
}

static bool take_member(struct text name, const struct value *value, struct view_ask *ask, struct ask_numbers *numbers,
                        struct error *error) {
    if (value->kind == VALUE_NULL) {
        return true;
    }
    if (text_is(name, "type")) {
        return take_text(value, "type", &ask->type, error);
    }
    if (text_is(name, "after")) {
        return take_text(value, "after", &ask->after, error);
    }
    if (text_is(name, "start")) {
        return take_number(value, "start", INT64_C(1) << 40, &numbers->start, error);
    }
    if (text_is(name, "limit")) {
        return take_number(value, "limit", VIEW_LIMIT_MAX, &numbers->limit, error);
    }
    if (text_is(name, "page")) {
        return take_number(value, "page", INT64_C(1) << 40, &numbers->page, error);
    }
    return error_set(error, ERROR_REQUEST, "a request has type, after, start, limit and page, not '%.*s'",
                     TEXT_ARGS(name));
}

static bool read_ask(struct viewing *viewing, struct text line, struct view_ask *ask, struct error *error) {
    struct value value;
    struct ask_numbers numbers = {.start = -1, .limit = LIMIT_DEFAULT, .page = -1};
    *ask = (struct view_ask){.type = {"", 0}};
    if (line.length > ASK_LENGTH_MAX) {
        return error_set(error, ERROR_REQUEST, "the request has %zu bytes; it may have %d", line.length,
                         (int)ASK_LENGTH_MAX);
    }
    if (!json_read(line, &viewing->arena, NULL, &value, error)) {
        return false;
    }
    if (value.kind != VALUE_OBJECT) {
        return error_set(error, ERROR_REQUEST, "a request is an object: {\"type\":…,\"after\":…,\"limit\":100}");
    }
    const struct object *object = value.as.object;
    for (uint32_t i = 0; i < object->shape->count; i++) {
        if (!take_member(object->shape->names[i], &object->values[i], ask, &numbers, error)) {
            return false;
        }
    }
    bool counted = numbers.start >= 0 || numbers.page >= 0;
    if (ask->after.length > 0 && counted) {
        return error_set(error, ERROR_REQUEST, "`after` names a place, and so do `start` and `page`: give one");
    }
    ask->limit = numbers.limit;
    ask->offset = (numbers.start > 0 ? numbers.start : 0) + (numbers.page > 0 ? numbers.page * numbers.limit : 0);
    return true;
}

// --- its answer ---

static bool show(void *context, const struct view_row *row, struct error *error) {
    struct viewing *viewing = context;
    struct members *members = &viewing->members;
    viewing->count++;
    members_open(members, NULL);
    members_integer(members, "id", row->id);
    if (row->form == NULL) {
        members_error(members, &row->error);
    } else {
        struct value form = value_object(row->form);
        members_integer(members, "seq", row->seq);
        if (row->external.length > 0) {
            members_text(members, "externalId", row->external);
        } else {
            members_null(members, "externalId");
        }
        members_value(members, "record", &form);
    }
    members_close(members);
    return !viewing->listed.failed || error_memory(error);
}

// Home may not be there yet, and a backup may be put in its place: it is opened when it is wanted, and again after a
// while. Opening it reads all of its log, up to 5 ms, so not each time.
static bool open_home(struct viewing *viewing, struct error *error) {
    int64_t now_us = clock_now(viewing->cli->clock);
    bool fresh = now_us >= viewing->opened_us && now_us - viewing->opened_us < HOME_FRESH_US;
    if (viewing->store != NULL && fresh) {
        return true;
    }
    store_close(viewing->store);
    viewing->store = NULL;
    arena_reset(&viewing->home);
    viewing->opened_us = now_us;
    return cli_home_open(viewing->cli, script_sync(viewing->script.script)->org, HOME_READ, &viewing->home,
                         &viewing->store, error);
}

static bool make_page(struct viewing *viewing, const struct view_ask *ask, struct view_end *end, struct error *error) {
    if (!open_home(viewing, error)) {
        return false;
    }
    struct view view = {.sync = script_sync(viewing->script.script), .store = viewing->store};
    buffer_reset(&viewing->listed);
    viewing->count = 0;
    viewing->members = members_begin(&viewing->listed);
    members_open_list(&viewing->members, NULL);
    bool ok = view_page(&view, ask, show, viewing, end, error);
    members_close_list(&viewing->members);
    return ok && (!viewing->listed.failed || error_memory(error));
}

static bool answer(struct viewing *viewing, enum input_found found, struct text line, struct error *error) {
    struct view_ask ask;
    struct view_end end;
    struct error reason;
    arena_reset(&viewing->arena);
    bool ok = found == INPUT_LINE ? read_ask(viewing, line, &ask, &reason)
                                  : error_set(&reason, ERROR_REQUEST, "the request's line is too long");
    if (!ok || !make_page(viewing, &ask, &end, &reason)) {
        return child_events_failed(&viewing->events, &reason, error);
    }
    struct output *output = child_events_open(&viewing->events, "page");
    output_json(output, "records", buffer_view(&viewing->listed));
    if (end.next[0] != '\0') {
        output_string(output, "next", end.next);
    } else {
        output_null(output, "next");
    }
    output_integer(output, "count", viewing->count);
    output_integer(output, "skipped", end.skipped);
    return child_events_close(&viewing->events, error);
}

static bool serve(struct viewing *viewing, struct error *error) {
    struct input_lines lines;
    bool ok = true;
    enum input_found found = INPUT_LINE;
    input_lines_init(&lines, fileno(viewing->cli->in));
    while (ok && found != INPUT_END) {
        struct text line;
        ok = input_lines_next(&lines, &found, &line, error) && cli_child_turn(viewing->arguments, error) &&
             (found == INPUT_END || (found == INPUT_LINE && line.length == 0) || answer(viewing, found, line, error));
    }
    input_lines_clear(&lines);
    return ok;
}

static enum cli_exit run(struct cli *cli, const struct cli_arguments *arguments) {
    struct viewing viewing = {.cli = cli, .arguments = arguments};
    struct error error;
    enum cli_exit code = CLI_DONE;
    child_events_init(&viewing.events, cli);
    arena_init(&viewing.arena, ASK_BYTES_MAX);
    arena_init(&viewing.home, ASK_BYTES_MAX);
    buffer_init(&viewing.listed, PAGE_BYTES_MAX);
    if (!cli_child_begin_warm(arguments, &error)) {
        code = cli_exit_of(&error);
    } else if (!cli_script_open(cli, arguments->words[0], arguments, false, &viewing.events.log, &viewing.script,
                                &error)) {
        code = cli_script_exit(&error);
    } else if (!serve(&viewing, &error)) {
        code = cli_exit_of(&error);
    }
    if (code != CLI_DONE) {
        struct error ignored; // the first error is the one to report
        cli_error_show(cli, &error);
        child_events_failed(&viewing.events, &error, &ignored);
    }
    store_close(viewing.store);
    cli_script_clear(&viewing.script);
    arena_clear(&viewing.home);
    buffer_clear(&viewing.listed);
    arena_clear(&viewing.arena);
    child_events_clear(&viewing.events);
    return code;
}

static const struct cli_option options[] = {
    {"param", "NAME=VALUE", true, "give a parameter that the script declares; may be repeated"},
    CLI_CHILD_OPTIONS,
    {NULL, NULL, false, NULL},
};

const struct command command_view = {
    .name = "view",
    .purpose = "answer with home's records as a sync would send them, a page a line",
    .usage = "SCRIPT [--param NAME=VALUE]…",
    .words_min = 1,
    .words_max = 1,
    .options = options,
    .about =
        "For a program that fetches instead of being written to. Each line of standard input is a request,\n"
        "{\"type\":\"reading\",\"limit\":100,\"after\":\"…\"}, and gives one line,\n"
        "{\"event\":\"page\",\"records\":[…],\"next\":\"…\",\"count\":100,\"skipped\":0}, or "
        "{\"event\":\"failed\",\"error\":{…}};\n"
        "the script's own words come between as {\"event\":\"log\",…}. It ends with its input. Nothing is\n"
        "written, and each request sees home as it is then.\n"
        "\n"
        "A record is {\"id\":…,\"seq\":…,\"externalId\":…,\"record\":{…}} with the form that a push would send, or\n"
        "{\"id\":…,\"error\":{…}} when that can't be made; what `when` leaves out is counted as skipped. A type\n"
        "that the sync doesn't push comes as home has it: times as ISO 8601, references as the datasource's\n"
        "id where it has one, else home's.\n"
        "\n"
        "Records come by home's id, ascending. `next` is the cursor to give as `after`; only a null there is\n"
        "the end, for a page may be short, or even empty. Cursors stand while records come and go. Instead\n"
        "of `after` there are `start` and `page`, which count: the page begins after start + page × limit\n"
        "records, so the first page is 0. `limit` is 1 to 1000.\n"
        "\n"
        "With --cpu, that is what each request may compute.\n",
    .examples = "echo '{\"type\":\"city\"}' | weir view syncs/example/first.lua\n",
    .exits = "012345",
    .reports = false,
    .run = run,
};

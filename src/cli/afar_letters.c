// `weir dead`, `weir conflicts` and `weir deletes` at a server: its rows, shown by the commands' own code.

#include "cli/afar_commands.h"
#include "cli/afar_job.h"
#include "cli/cli_file.h"
#include "cli/command_dead.h"
#include "cli/command_held.h"

enum { DEFAULT_LIMIT = 50, RETRY_BYTES_MAX = 1024 * 1024 };

static bool ask(struct afar *afar, const char *verb, const char *where, int64_t id, const char *behind,
                const struct object **out, struct error *error) {
    struct afar_path path = afar_path(where);
    struct value answer;
    afar_path_number(&path, id);
    buffer_string(&path.text, behind);
    if (!afar_ask(afar, verb, &path, TEXT_LITERAL(""), &answer, error)) {
        return false;
    }
    return out == NULL || afar_take_object(&answer, out, error);
}

// A lone word may be an organisation's name in front of a number.
static bool take_org(struct afar *afar, const char *org, struct error *error) {
    return org == NULL || afar_org(afar, text_of(org), error);
}

// --- dead letters ---

static void dead_read(const struct object *dead, struct dead_row *out) {
    const struct value *payload = afar_member(dead, "payload");
    *out = (struct dead_row){
        .id = afar_integer(dead, "id"),
        .flow = afar_text(dead, "sync"),
        .direction = afar_text(dead, "direction"),
        .datasource = afar_text(dead, "datasource"),
        .type = afar_text(dead, "type"),
        .external = afar_text(dead, "external"),
        .code = afar_text(dead, "code"),
        .reason = afar_text(dead, "reason"),
        .place = afar_text(dead, "place"),
        .attempts = afar_integer(dead, "attempts"),
        .at_us = afar_time(dead, "at"),
        .run = afar_integer(dead, "home_run"),
    };
    if (payload != NULL) {
        out->payload = *payload;
    }
}

static bool on_dead(void *context, const struct object *dead, struct error *error) {
    struct listing *listing = context;
    struct dead_row row;
    dead_read(dead, &row);
    return dead_list_row(listing, &row, error);
}

static bool dead_csv_get(struct afar *afar, struct text sync, const char *file, struct error *error) {
    struct afar_path path = afar_path("/v1/dead.csv");
    struct http_request request = {.verb = "GET", .accept = TEXT_LITERAL("text/csv"), .small = true};
    struct cli_file out;
    struct text csv;
    if (sync.length > 0) {
        afar_path_query(&path, "sync", sync);
    }
    if (!afar_url(afar, &path, &request.url, error) || !afar_send(afar, &request, &csv, error) ||
        !cli_file_open(afar->cli, file, &out, error)) {
        return false;
    }
    bool ok = cli_file_write(&out, csv, error);
    struct error closing;
    if (!cli_file_close(&out, ok, ok ? error : &closing)) {
        return false;
    }
    return ok;
}

enum cli_exit afar_dead_list(struct cli *cli, const struct cli_arguments *arguments) {
    struct afar afar;
    struct error error;
    struct listing listing;
    struct text sync = {"", 0};
    const char *file = cli_value(arguments, "output");
    listing_init(&listing, cli, dead_heads);
    bool ok = afar_open(cli, &afar, &error) && listing_limit(&listing, arguments, DEFAULT_LIMIT, &error) &&
              (arguments->word_count == 0 || afar_sync(&afar, arguments->words[0], &sync, &error));
    if (ok && (file != NULL || cli_flag(arguments, "csv"))) {
        ok = dead_csv_get(&afar, sync, file, &error);
    } else if (ok) {
        struct afar_list list = {.path = "/v1/dead",
                                 .name = "dead",
                                 .filter_name = "sync",
                                 .filter = sync,
                                 .cursor = "after",
                                 .limit = listing_scan(&listing),
                                 .on_item = on_dead,
                                 .context = &listing};
        ok = afar_list(&afar, &list, &error) && listing_finish(&listing, "no dead letters", "", &error);
    }
    listing_close(&listing);
    afar_close(&afar);
    return ok ? CLI_DONE : cli_fail(cli, &error);
}

enum cli_exit afar_dead_show(struct cli *cli, const struct cli_arguments *arguments) {
    struct afar afar;
    struct error error;
    struct dead_wish wish;
    struct dead_row row;
    const struct object *dead;
    bool ok = afar_open(cli, &afar, &error) && dead_wish_read(arguments, 0, &afar.arena, &wish, &error) &&
              (wish.id_count == 1 || error_set(&error, ERROR_USAGE, "which one? weir dead show [ORG] ID")) &&
              take_org(&afar, wish.org, &error) && ask(&afar, "GET", "/v1/dead", wish.ids[0], "", &dead, &error);
    if (ok) {
        dead_read(dead, &row);
        ok = dead_show_row(cli, &row, &error);
    }
    afar_close(&afar);
    return ok ? CLI_DONE : cli_fail(cli, &error);
}

static bool retry_body(const struct cli_arguments *arguments, struct text sync, const struct dead_wish *wish,
                       struct afar *afar, struct buffer *body, struct error *error) {
    struct members members = members_begin(body);
    members_open(&members, NULL);
    members_text(&members, "sync", sync);
    if (wish->id_count > 0) {
        members_open_list(&members, "ids");
        for (size_t i = 0; i < wish->id_count; i++) {
            members_integer(&members, NULL, wish->ids[i]);
        }
        members_close_list(&members);
    }
    bool ok = !cli_flag(arguments, "param") || afar_params_put(afar, arguments, NULL, &members, error);
    members_close(&members);
    return ok && (!body->failed || error_set(error, ERROR_USAGE, "that is too much for one question"));
}

enum cli_exit afar_dead_retry(struct cli *cli, const struct cli_arguments *arguments) {
    struct afar afar;
    struct error error;
    struct text sync;
    struct dead_wish wish;
    struct buffer body;
    struct value answer;
    struct afar_job job;
    bool joined = false;
    struct afar_path path = afar_path("/v1/dead/retry");
    buffer_init(&body, RETRY_BYTES_MAX);
    bool ok = afar_open(cli, &afar, &error) && afar_run_options(arguments, &error) &&
              afar_sync(&afar, arguments->words[0], &sync, &error) &&
              dead_wish_read(arguments, 1, &afar.arena, &wish, &error) &&
              (wish.org == NULL || error_set(&error, ERROR_USAGE, "'%s' is no number of a dead letter", wish.org)) &&
              retry_body(arguments, sync, &wish, &afar, &body, &error);
    if (ok) {
        ok = afar_ask(&afar, "POST", &path, buffer_view(&body), &answer, &error) &&
             afar_job_asked(&answer, &afar.arena, &job, &joined, &error);
    } else {
        afar_path_clear(&path);
    }
    buffer_clear(&body);
    enum cli_exit code = ok ? afar_run_watch(&afar, arguments, &job, joined) : cli_fail(cli, &error);
    afar_close(&afar);
    return code;
}

// --- dropping dead letters ---

struct dropping {
    struct afar *afar;
    int64_t *ids;
    size_t count;
    size_t room;
};

static bool on_dropped(void *context, const struct object *dead, struct error *error) {
    struct dropping *dropping = context;
    if (dropping->count == dropping->room) {
        size_t room = dropping->room * 2 + 256;
        int64_t *ids = arena_take(&dropping->afar->arena, room * sizeof *ids);
        if (ids == NULL) {
            return error_memory(error);
        }
        if (dropping->count > 0) {
            memcpy(ids, dropping->ids, dropping->count * sizeof *ids);
        }
        dropping->ids = ids;
        dropping->room = room;
    }
    dropping->ids[dropping->count++] = afar_integer(dead, "id");
    return true;
}

// Each is looked for before one is dropped, so that a mistyped number drops nothing.
static bool drop(struct afar *afar, const struct dropping *dropping, bool look, size_t *dropped, struct error *error) {
    const struct object *ignored;
    for (size_t i = 0; look && i < dropping->count; i++) {
        if (!ask(afar, "GET", "/v1/dead", dropping->ids[i], "", &ignored, error)) {
            return false;
        }
    }
    for (*dropped = 0; *dropped < dropping->count; ++*dropped) {
        bool ok = ask(afar, "DELETE", "/v1/dead", dropping->ids[*dropped], "", NULL, error);
        if (!ok && (look || error->code != ERROR_NOT_THERE)) { // one of all may have gone meanwhile
            return false;
        }
    }
    return true;
}

enum cli_exit afar_dead_drop(struct cli *cli, const struct cli_arguments *arguments) {
    struct afar afar;
    struct error error;
    struct dead_wish wish;
    struct text sync = {"", 0};
    size_t dropped = 0;
    bool all = cli_flag(arguments, "all");
    bool ok =
        afar_open(cli, &afar, &error) && dead_wish_read(arguments, 0, &afar.arena, &wish, &error) &&
        (all != (wish.id_count > 0) ||
         error_set(&error, ERROR_USAGE, all ? "either numbers or --all" : "which ones? Give their numbers, or --all"));
    if (ok && wish.org != NULL) {
        // With numbers the word is the organisation; with --all the sync whose letters are meant.
        ok = all ? afar_sync(&afar, arguments->words[0], &sync, &error) : take_org(&afar, wish.org, &error);
    }
    struct dropping dropping = {&afar, ok ? wish.ids : NULL, ok ? wish.id_count : 0, ok ? wish.id_count : 0};
    if (ok && all) {
        struct afar_list list = {.path = "/v1/dead",
                                 .name = "dead",
                                 .filter_name = "sync",
                                 .filter = sync,
                                 .cursor = "after",
                                 .on_item = on_dropped,
                                 .context = &dropping};
        ok = afar_list(&afar, &list, &error);
    }
    ok = ok && drop(&afar, &dropping, !all, &dropped, &error) && dead_tell_dropped(cli, dropped, &error);
    afar_close(&afar);
    return ok ? CLI_DONE : cli_fail(cli, &error);
}

// --- conflicts ---

static void conflict_read(const struct object *conflict, struct conflict_row *out) {
    const struct value *lost = afar_member(conflict, "lost");
    *out = (struct conflict_row){
        .id = afar_integer(conflict, "id"),
        .kind = afar_text(conflict, "kind"),
        .datasource = afar_text(conflict, "datasource"),
        .datatype = afar_text(conflict, "type"),
        .external = afar_text(conflict, "external"),
        .home = afar_integer(conflict, "home"),
        .place = afar_text(conflict, "place"),
        .at_us = afar_time(conflict, "at"),
        .run = afar_integer(conflict, "home_run"),
    };
    if (lost != NULL) {
        out->payload = *lost;
    }
}

static bool on_conflict(void *context, const struct object *conflict, struct error *error) {
    struct conflict_row row;
    conflict_read(conflict, &row);
    return conflict_list_row(context, &row, error);
}

enum cli_exit afar_conflicts_list(struct cli *cli, const struct cli_arguments *arguments) {
    struct afar afar;
    struct error error;
    struct listing listing;
    struct afar_list list = {.path = "/v1/conflicts",
                             .name = "conflicts",
                             .filter_name = "type",
                             .filter = text_of(arguments->word_count > 1 ? arguments->words[1] : ""),
                             .cursor = "after",
                             .on_item = on_conflict,
                             .context = &listing};
    listing_init(&listing, cli, conflict_heads);
    bool ok = afar_open(cli, &afar, &error) && listing_limit(&listing, arguments, DEFAULT_LIMIT, &error) &&
              take_org(&afar, arguments->word_count > 0 ? arguments->words[0] : NULL, &error);
    list.limit = listing_scan(&listing);
    ok = ok && afar_list(&afar, &list, &error) && listing_finish(&listing, "no conflicts", "", &error);
    listing_close(&listing);
    afar_close(&afar);
    return ok ? CLI_DONE : cli_fail(cli, &error);
}

enum cli_exit afar_conflicts_show(struct cli *cli, const struct cli_arguments *arguments) {
    struct afar afar;
    struct error error;
    struct conflict_row row;
    const struct object *conflict;
    int64_t id;
    bool ok = afar_open(cli, &afar, &error) &&
              cli_id(arguments->words[arguments->word_count - 1], "conflict's number", &id, &error) &&
              take_org(&afar, arguments->word_count > 1 ? arguments->words[0] : NULL, &error) &&
              ask(&afar, "GET", "/v1/conflicts", id, "", &conflict, &error);
    if (ok) {
        conflict_read(conflict, &row);
        ok = conflict_show_row(cli, &row, &error);
    }
    afar_close(&afar);
    return ok ? CLI_DONE : cli_fail(cli, &error);
}

// --- held deletes ---

static bool on_held(void *context, const struct object *held, struct error *error) {
    struct held_row row = {
        .id = afar_integer(held, "id"),
        .key = afar_text(held, "key"),
        .direction = text_is(afar_text(held, "deletes_in"), "datasource") ? TEXT_LITERAL("push") : TEXT_LITERAL("pull"),
        .datasource = afar_text(held, "datasource"),
        .datatype = afar_text(held, "type"),
        .external = afar_text(held, "external"),
        .home = afar_integer(held, "home"),
        .approved = afar_bool(held, "approved"),
        .at_us = afar_time(held, "at"),
        .run = afar_integer(held, "home_run"),
    };
    return held_list_row(context, &row, error);
}

enum cli_exit afar_deletes_list(struct cli *cli, const struct cli_arguments *arguments) {
    struct afar afar;
    struct error error;
    struct listing listing;
    struct afar_list list = {
        .path = "/v1/deletes", .name = "deletes", .cursor = "after", .on_item = on_held, .context = &listing};
    listing_init(&listing, cli, held_heads);
    bool ok = afar_open(cli, &afar, &error) && listing_limit(&listing, arguments, DEFAULT_LIMIT, &error) &&
              take_org(&afar, arguments->word_count > 0 ? arguments->words[0] : NULL, &error);
    list.limit = listing_scan(&listing);
    ok = ok && afar_list(&afar, &list, &error) && held_list_end(&listing, &error);
    listing_close(&listing);
    afar_close(&afar);
    return ok ? CLI_DONE : cli_fail(cli, &error);
}

static enum cli_exit settle(struct cli *cli, const struct cli_arguments *arguments, bool approve) {
    struct afar afar;
    struct error error;
    const struct object *answer;
    int64_t run;
    bool ok = afar_open(cli, &afar, &error) &&
              cli_id(arguments->words[arguments->word_count - 1], "run's number", &run, &error) &&
              take_org(&afar, arguments->word_count > 1 ? arguments->words[0] : NULL, &error) &&
              ask(&afar, approve ? "POST" : "DELETE", "/v1/deletes", run, approve ? "/approve" : "", &answer, &error) &&
              held_tell_settled(cli, approve, afar_integer(answer, approve ? "approved" : "dropped"), &error);
    afar_close(&afar);
    return ok ? CLI_DONE : cli_fail(cli, &error);
}

enum cli_exit afar_deletes_approve(struct cli *cli, const struct cli_arguments *arguments) {
    return settle(cli, arguments, true);
}

enum cli_exit afar_deletes_drop(struct cli *cli, const struct cli_arguments *arguments) {
    return settle(cli, arguments, false);
}

#include "cli/cli_home.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/table.h"

enum { LIST_BYTES_MAX = 16 * 1024 * 1024 };
static const int64_t day_us = 24LL * 3600 * 1000 * 1000;

// --- create ---

static bool tell_made(const struct cli *cli, const struct service_token *token, const char *text, int64_t id,
                      struct error *error) {
    if (!cli->json) {
        fprintf(cli->err, "Token %lld of the role %.*s for %.*s. It is shown this once:\n", (long long)id,
                TEXT_ARGS(token->role), TEXT_ARGS(token->org));
        fprintf(cli->out, "%s\n", text);
        return true;
    }
    struct output output;
    output_init(&output, cli);
    output_begin(&output);
    output_integer(&output, "id", id);
    output_text(&output, "name", token->name);
    output_text(&output, "role", token->role);
    output_text(&output, "org", token->org);
    output_time(&output, "expires", token->expires_us);
    output_string(&output, "token", text);
    bool ok = output_end(&output, error);
    output_clear(&output);
    return ok;
}

static enum cli_exit create(struct cli *cli, const struct cli_arguments *arguments) {
    struct error error;
    char text[SERVICE_TOKEN_MAX];
    int64_t id;
    int64_t days = 0;
    const char *role = cli_value(arguments, "role");
    const char *org = cli_value(arguments, "org");
    const char *sync = cli_value(arguments, "sync");
    bool ok = cli_count(arguments, "days", 0, &days, &error) &&
              (days <= 3650 || error_set(&error, ERROR_USAGE, "--days is 3650 at most")) &&
              ((role != NULL && org != NULL) ||
               error_set(&error, ERROR_USAGE, "say whose it is and what it may: --org ORG --role ROLE"));
    if (!ok) {
        return cli_fail(cli, &error);
    }
    struct service_token token = {
        .name = text_of(arguments->words[0]),
        .role = text_of(role),
        .org = text_of(org),
        .sync = text_of(sync != NULL ? sync : ""),
        .expires_us = days > 0 ? clock_now(cli->clock) + days * day_us : 0,
    };
    ok = cli->service->token_create(cli->data, cli->clock, &token, text, &id, &error) &&
         tell_made(cli, &token, text, id, &error);
    return ok ? CLI_DONE : cli_fail_as(cli, error.code == ERROR_REQUEST ? CLI_USAGE : cli_exit_of(&error), &error);
}

static const struct cli_option create_options[] = {
    {"role", "ROLE", false, "ops-full, biz-full, ops-limited, biz-limited or datasource"},
    {"org", "ORG", false, "whose data it opens; '*' (operators alone): anybody's"},
    {"sync", "NAME", false, "of a datasource's token: the one sync that it may use"},
    {"days", "N", false, "how long it holds (default: until it is revoked)"},
    {NULL, NULL, false, NULL},
};

const struct command command_token_create = {
    .name = "token create",
    .purpose = "make a token for the server's API",
    .usage = "NAME --role ROLE --org ORG [--sync NAME] [--days N]",
    .words_min = 1,
    .words_max = 1,
    .options = create_options,
    .about = "The token's text is printed once and kept nowhere: only a hash of it is.\n"
             "\n"
             "ops-full      all that can be done, tokens too\n"
             "biz-full      runs, uploads, records, dead letters; no tokens\n"
             "ops-limited   looks: runs, logs, the audit, metrics\n"
             "biz-limited   looks: runs, logs, records\n"
             "datasource    posts and reads records of its syncs, nothing else\n",
    .examples = "weir token create --org mywell --role biz-full 'the office'\n",
    .exits = "0124",
    .reports = true,
    .run = create,
};

// --- list ---

struct listing {
    struct cli *cli;
    struct table *table;
    size_t count;
};

static bool list_json(struct listing *listing, const struct service_token *token, struct error *error) {
    struct output output;
    output_init(&output, listing->cli);
    output_begin(&output);
    output_integer(&output, "id", token->id);
    output_text(&output, "name", token->name);
    output_text(&output, "role", token->role);
    output_text(&output, "org", token->org);
    output_text(&output, "sync", token->sync);
    output_time(&output, "created", token->created_us);
    output_time(&output, "expires", token->expires_us);
    output_time(&output, "revoked", token->revoked_us);
    bool ok = output_end(&output, error);
    output_clear(&output);
    return ok;
}

static bool list_row(void *context, const struct service_token *token, struct error *error) {
    struct listing *listing = context;
    listing->count++;
    if (listing->cli->json) {
        return list_json(listing, token, error);
    }
    int64_t now_us = clock_now(listing->cli->clock);
    const char *state = token->revoked_us != 0                                  ? "revoked"
                        : token->expires_us != 0 && token->expires_us <= now_us ? "expired"
                                                                                : "holds";
    table_id(listing->table, token->id);
    table_text(listing->table, token->name);
    table_text(listing->table, token->role);
    table_text(listing->table, token->org);
    table_text(listing->table, text_of(state));
    return true;
}

static enum cli_exit list(struct cli *cli, const struct cli_arguments *arguments) {
    (void)arguments;
    struct error error;
    struct table table;
    struct buffer out;
    table_init(&table, (const char *const[]){"ID", "NAME", "ROLE", "ORG", "", NULL});
    buffer_init(&out, LIST_BYTES_MAX);
    struct listing listing = {.cli = cli, .table = &table};
    bool ok = cli->service->token_list(cli->data, cli->clock, list_row, &listing, &error);
    if (ok && !cli->json) {
        ok = listing.count == 0 ? buffer_string(&out, "no tokens; `weir token create` makes one\n")
                                : table_write(&table, cli->columns, &out, &error);
        ok = ok && cli_write(cli, buffer_view(&out), &error);
    }
    buffer_clear(&out);
    table_clear(&table);
    return ok ? CLI_DONE : cli_fail(cli, &error);
}

const struct command command_token_list = {
    .name = "token list",
    .purpose = "show the tokens there are",
    .usage = "",
    .words_min = 0,
    .words_max = 0,
    .options = NULL,
    .about = "Their texts are kept nowhere and can't be shown.\n",
    .examples = "weir token list\n",
    .exits = "0124",
    .reports = true,
    .run = list,
};

// --- revoke ---

static enum cli_exit revoke(struct cli *cli, const struct cli_arguments *arguments) {
    struct error error;
    int64_t id;
    bool ok = cli_id(arguments->words[0], "token's number", &id, &error) &&
              cli->service->token_revoke(cli->data, cli->clock, id, &error);
    if (ok && !cli->json) {
        fprintf(cli->out, "token %lld is revoked\n", (long long)id);
    }
    return ok ? CLI_DONE : cli_fail(cli, &error);
}

const struct command command_token_revoke = {
    .name = "token revoke",
    .purpose = "end a token",
    .usage = "ID",
    .words_min = 1,
    .words_max = 1,
    .options = NULL,
    .about = "A server that runs takes it for a second more at most.\n",
    .examples = "weir token revoke 3\n",
    .exits = "0124",
    .reports = true,
    .run = revoke,
};

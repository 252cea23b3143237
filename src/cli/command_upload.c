// Files at a server: given, listed, removed.

#include "cli/afar_commands.h"
#include "cli/afar_upload.h"
#include "cli/commands.h"
#include "cli/field_show.h"
#include "cli/listing.h"
#include "cli/output.h"

// --- upload ---

static bool tell_uploaded(const struct cli *cli, const struct afar_upload *upload, struct error *error) {
    if (!cli->json) {
        char number[NUMBER_TEXT_MAX];
        fprintf(cli->out, "uploaded as %.*s, %s bytes\n", TEXT_ARGS(upload->id), number_text(upload->size, number));
        return true;
    }
    struct output output;
    output_init(&output, cli);
    output_begin(&output);
    output_text(&output, "id", upload->id);
    output_integer(&output, "size", upload->size);
    output_string(&output, "sha256", upload->sha256);
    bool ok = output_end(&output, error);
    output_clear(&output);
    return ok;
}

static enum cli_exit upload(struct cli *cli, const struct cli_arguments *arguments) {
    struct afar afar;
    struct error error;
    struct afar_upload uploaded;
    bool ok = afar_open(cli, &afar, &error) &&
              afar_upload(&afar, arguments->words[0], cli_value(arguments, "name"), &uploaded, &error) &&
              tell_uploaded(cli, &uploaded, &error);
    afar_close(&afar);
    return ok ? CLI_DONE : cli_fail(cli, &error);
}

static const struct cli_option upload_options[] = {
    {"name", "NAME", false, "what people know it by (default: the file's own)"},
    {NULL, NULL, false, NULL},
};

const struct command command_upload = {
    .name = "upload",
    .purpose = "give a server a file",
    .usage = "FILE",
    .words_min = 1,
    .words_max = 1,
    .options = upload_options,
    .about = "Gives the number that the file has at the server. A sync's parameter takes it: --param file=NUMBER;\n"
             "`weir run --param file=FILE` uploads by itself. The file goes in pieces: a connection that breaks\n"
             "costs a piece. It is there only when its SHA-256 is right.\n",
    .examples = "weir upload readings.csv --server https://weir.example.org --token @token\n",
    .exits = "0124",
    .reports = true,
    .afar = upload,
};

// --- uploads list ---

static bool on_listed(void *context, const struct object *upload, struct error *error) {
    struct listing *listing = context;
    if (listing->cli->json) {
        struct output output;
        output_init(&output, listing->cli);
        output_begin(&output);
        output_text(&output, "id", afar_text(upload, "id"));
        output_text(&output, "name", afar_text(upload, "name"));
        output_text(&output, "kind", afar_text(upload, "kind"));
        output_text(&output, "by", afar_text(upload, "by"));
        output_text(&output, "state", afar_text(upload, "state"));
        output_integer(&output, "size", afar_integer(upload, "size"));
        output_text(&output, "sha256", afar_text(upload, "sha256"));
        output_time(&output, "begun", afar_time(upload, "begun_at"));
        output_time(&output, "uploaded", afar_time(upload, "uploaded_at"));
        bool ok = output_end(&output, error);
        output_clear(&output);
        return ok;
    }
    listing->count++;
    table_text(&listing->table, afar_text(upload, "id"));
    table_text(&listing->table, afar_text(upload, "kind"));
    table_text(&listing->table, afar_text(upload, "state"));
    table_number(&listing->table, afar_integer(upload, "size"));
    buffer_reset(&listing->text);
    time_show(&listing->text, afar_time(upload, "begun_at"));
    table_text(&listing->table, buffer_view(&listing->text));
    table_text(&listing->table, afar_text(upload, "by"));
    table_text(&listing->table, afar_text(upload, "name"));
    return true;
}

static bool list(struct afar *afar, struct listing *listing, struct error *error) {
    struct afar_path path = afar_path("/v1/uploads");
    struct value answer;
    const struct object *object;
    if (!afar_ask(afar, "GET", &path, TEXT_LITERAL(""), &answer, error) || !afar_take_object(&answer, &object, error)) {
        return false;
    }
    const struct value *items = afar_member(object, "uploads");
    for (uint32_t i = 0; items != NULL && items->kind == VALUE_LIST && i < items->length; i++) {
        const struct object *item;
        if (!afar_take_object(&items->as.items[i], &item, error) || !on_listed(listing, item, error)) {
            return false;
        }
    }
    return listing_finish(listing, "no uploads", "", error);
}

static enum cli_exit run_list(struct cli *cli, const struct cli_arguments *arguments) {
    struct afar afar;
    struct error error;
    struct listing listing;
    (void)arguments;
    listing_init(&listing, cli, (const char *const[]){"ID", "KIND", "STATE", "BYTES", "BEGUN", "BY", "NAME", NULL});
    bool ok = afar_open(cli, &afar, &error) && list(&afar, &listing, &error);
    listing_close(&listing);
    afar_close(&afar);
    return ok ? CLI_DONE : cli_fail(cli, &error);
}

const struct command command_uploads_list = {
    .name = "uploads list",
    .purpose = "list the files that a server was given",
    .usage = "",
    .words_min = 0,
    .words_max = 0,
    .about = "The newest first, with those that have not come to their end.\n",
    .examples = "weir uploads list --server https://weir.example.org --token @token\n",
    .exits = "0124",
    .reports = true,
    .afar = run_list,
};

// --- uploads drop ---

static bool drop(struct afar *afar, const char *id, struct error *error) {
    struct afar_path path = afar_path("/v1/uploads");
    struct value answer;
    afar_path_part(&path, text_of(id));
    return afar_ask(afar, "DELETE", &path, TEXT_LITERAL(""), &answer, error);
}

static enum cli_exit run_drop(struct cli *cli, const struct cli_arguments *arguments) {
    struct afar afar;
    struct error error;
    bool ok = afar_open(cli, &afar, &error);
    size_t dropped = 0;
    while (ok && dropped < arguments->word_count) {
        ok = drop(&afar, arguments->words[dropped], &error);
        dropped += ok;
    }
    if (ok && cli->json) {
        struct output output;
        output_init(&output, cli);
        output_begin(&output);
        output_integer(&output, "dropped", (int64_t)dropped);
        ok = output_end(&output, &error);
        output_clear(&output);
    } else if (ok) {
        fprintf(cli->out, "dropped %zu upload%s\n", dropped, dropped == 1 ? "" : "s");
    }
    afar_close(&afar);
    return ok ? CLI_DONE : cli_fail(cli, &error);
}

const struct command command_uploads_drop = {
    .name = "uploads drop",
    .purpose = "remove files that a server was given",
    .usage = "ID…",
    .words_min = 1,
    .words_max = SIZE_MAX,
    .about = "Runs that have read them keep what they took in.\n",
    .examples = "weir uploads drop 6f1d0c2b9a7e4d35a1b2c3d4e5f60718 --server https://weir.example.org --token @token\n",
    .exits = "0124",
    .reports = true,
    .afar = run_drop,
};

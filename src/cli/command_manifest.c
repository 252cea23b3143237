#include "base/hash.h"
#include "cli/cli_child.h"
#include "cli/cli_script.h"
#include "cli/commands.h"
#include "cli/output.h"

enum { KEY_BYTES_MAX = 1024 * 1024 };

static void put_print(struct output *output, const char *name, struct print print) {
    char hex[PRINT_HEX + 1];
    print_hex(print, hex);
    output_string(output, name, hex);
}

static void put_types(struct output *output, const struct sync *sync) {
    struct members *members = &output->members;
    members_open_list(members, "types");
    for (size_t i = 0; i < sync->type_count; i++) {
        members_open(members, NULL);
        members_text(members, "name", sync->types[i].name);
        members_text(members, "datatype", sync->types[i].datatype->name);
        members_bool(members, "pushes", sync->direction != SYNC_PULL && sync->types[i].pushes);
        members_close(members);
    }
    members_close_list(members);
    members_open_list(members, "datatypes");
    for (size_t i = 0; i < sync->datatype_count; i++) {
        members_text(members, NULL, sync->datatypes[i]->name);
    }
    members_close_list(members);
}

static void put_params(struct output *output, const struct script *script) {
    struct members *members = &output->members;
    size_t count;
    const struct script_declared *params = script_params(script, &count);
    members_open_list(members, "params");
    for (size_t i = 0; i < count; i++) {
        members_open(members, NULL);
        members_text(members, "name", params[i].name);
        members_text(members, "type", params[i].type);
        members_bool(members, "required", params[i].required);
        if (params[i].required) {
            members_null(members, "default");
        } else {
            members_text(members, "default", params[i].fallback);
        }
        members_text(members, "help", params[i].help);
        members_close(members);
    }
    members_close_list(members);
}

// Only what the sync says: a limit that it leaves to the service is null.
static void put_limit(struct output *output, const char *name, int64_t limit) {
    if (limit > 0) {
        output_integer(output, name, limit);
    } else {
        output_null(output, name);
    }
}

static void put_schedule(struct output *output, const struct sync *sync) {
    output_bool(output, "once", sync->once);
    output_integer(output, "every_us", sync->every_us);
    output_text(output, "cron", sync->cron);
    output_text(output, "zone", sync->zone);
    output_integer(output, "jitter_us", sync->jitter_us);
    output_bool(output, "exclusive", sync->exclusive);
    output_bool(output, "template", sync->is_template);
    output_open(output, "limits");
    put_limit(output, "time_us", sync->limits.time_us);
    put_limit(output, "cpu_us", sync->limits.cpu_us);
    put_limit(output, "memory_bytes", sync->limits.memory_bytes);
    output_close(output);
    output_string(output, "on_crash", sync->on_crash == SYNC_FAIL ? "fail" : "resume");
}

// The run key without further parameters; null where some must be given.
static void put_key(struct output *output, const struct script *script, struct arena *arena) {
    struct text key;
    size_t count;
    const struct script_declared *params = script_params(script, &count);
    bool whole = true;
    for (size_t i = 0; i < count; i++) {
        whole = whole && !params[i].required;
    }
    if (whole && sync_key(script_sync(script), arena, &key)) {
        output_text(output, "key", key);
    } else {
        output_null(output, "key");
    }
}

static bool show(const struct cli *cli, const struct script *script, struct error *error) {
    static const char *const directions[] = {[SYNC_PULL] = "pull", [SYNC_PUSH] = "push", [SYNC_BOTH] = "both"};
    const struct sync *sync = script_sync(script);
    struct output output;
    struct arena arena;
    char name[256];
    arena_init(&arena, KEY_BYTES_MAX);
    snprintf(name, sizeof name, "%.*s/%.*s", TEXT_ARGS(sync->org), TEXT_ARGS(sync->name));
    output_init(&output, cli);
    output_begin(&output);
    output_string(&output, "sync", name);
    put_print(&output, "hash", sync->print);
    put_print(&output, "text_hash", print_of(sync->script_text, 0));
    put_key(&output, script, &arena);
    output_string(&output, "direction", directions[sync->direction]);
    output_text(&output, "datasource", sync->datasource);
    output_string(&output, "kind", sync->source->kind);
    put_types(&output, sync);
    put_params(&output, script);
    put_schedule(&output, sync);
    bool ok = output_end(&output, error);
    output_clear(&output);
    arena_clear(&arena);
    return ok;
}

static enum cli_exit run(struct cli *cli, const struct cli_arguments *arguments) {
    struct cli_script script;
    struct error error;
    enum cli_exit code = CLI_DONE;
    cli->json = true; // whoever asks is a program
    if (cli_child_asked(arguments) && !cli_child_begin(arguments, &error)) {
        return cli_fail(cli, &error);
    }
    if (!cli_script_open(cli, arguments->words[0], arguments, true, &log_none, &script, &error)) {
        code = cli_fail_as(cli, cli_script_exit(&error), &error);
    } else if (!show(cli, script.script, &error)) {
        code = cli_fail(cli, &error);
    }
    cli_script_clear(&script);
    return code;
}

static const struct cli_option options[] = {
    CLI_CHILD_OPTIONS,
    {NULL, NULL, false, NULL},
};

const struct command command_manifest = {
    .name = "manifest",
    .purpose = "say for a program what a script declares",
    .usage = "SCRIPT",
    .words_min = 1,
    .words_max = 1,
    .options = options,
    .about =
        "Loads the script as `weir check` does and prints one JSON object, always: which sync it is, what it moves,\n"
        "the parameters that a run may be given, when it runs by itself and how. hash changes with the script and\n"
        "with every module that it requires. This is how a service reads scripts, in a process that is bounded.\n",
    .examples = "weir manifest syncs/example/first.lua\n",
    .exits = "01235",
    .reports = true,
    .run = run,
};

#include "base/visible.h"
#include "cli/cli_script.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/table.h"

enum { CHECK_BYTES_MAX = 4 * 1024 * 1024 };

// Where the datasource is, when it is behind an address; empty when that is a parameter that was not given.
static struct text address_of(const struct sync *sync) {
    const struct value *base = object_find(sync->source_settings, TEXT_LITERAL("base"));
    return base != NULL && base->kind == VALUE_TEXT ? value_slice(base) : TEXT_LITERAL("");
}

static const char *way_of(const struct sync *sync, const struct sync_type *type) {
    return sync->direction == SYNC_PUSH ? "push" : sync->direction == SYNC_BOTH && type->pushes ? "both" : "pull";
}

static bool show_json(const struct cli *cli, const struct script *script, struct error *error) {
    const struct sync *sync = script_sync(script);
    struct output output;
    output_init(&output, cli);
    output_begin(&output);
    output_bool(&output, "ok", true);
    output_text(&output, "org", sync->org);
    output_text(&output, "name", sync->name);
    output_bool(&output, "once", sync->once);
    output_text(&output, "datasource", sync->datasource);
    output_string(&output, "kind", sync->source->kind);
    if (address_of(sync).length > 0) {
        output_text(&output, "address", address_of(sync));
    } else {
        output_null(&output, "address");
    }
    output_open(&output, "types");
    for (size_t i = 0; i < sync->type_count; i++) {
        char name[2 * DATATYPE_NAME_MAX];
        snprintf(name, sizeof name, "%.*s", TEXT_ARGS(sync->types[i].name));
        output_text(&output, name, sync->types[i].datatype->name);
    }
    output_close(&output);
    output_open(&output, "ways");
    for (size_t i = 0; i < sync->type_count; i++) {
        char name[2 * DATATYPE_NAME_MAX];
        snprintf(name, sizeof name, "%.*s", TEXT_ARGS(sync->types[i].name));
        output_string(&output, name, way_of(sync, &sync->types[i]));
    }
    output_close(&output);
    output_open(&output, "params");
    size_t count;
    const struct script_declared *params = script_params(script, &count);
    for (size_t i = 0; i < count; i++) {
        char name[128];
        snprintf(name, sizeof name, "%.*s", TEXT_ARGS(params[i].name));
        output_open(&output, name);
        output_text(&output, "type", params[i].type);
        output_bool(&output, "required", params[i].required);
        if (!params[i].required) {
            output_text(&output, "default", params[i].fallback);
        }
        output_text(&output, "help", params[i].help);
        output_close(&output);
    }
    output_close(&output);
    bool ok = output_end(&output, error);
    output_clear(&output);
    return ok;
}

static bool list_types(const struct sync *sync, struct buffer *out, struct error *error) {
    struct table table;
    table_init(&table, (const char *const[]){"TYPE", "WAY", "IN HOME", "FIELDS", "KEY", NULL});
    for (size_t i = 0; i < sync->type_count; i++) {
        const struct datatype *datatype = sync->types[i].datatype;
        struct buffer key;
        buffer_init(&key, CHECK_BYTES_MAX);
        for (size_t k = 0; k < datatype->key_count; k++) {
            buffer_string(&key, k > 0 ? ", " : "");
            buffer_text(&key, datatype->fields[datatype->key[k]].name);
        }
        table_text(&table, sync->types[i].name);
        table_string(&table, way_of(sync, &sync->types[i]));
        table_text(&table, datatype->name);
        table_number(&table, (int64_t)datatype->count);
        table_text(&table, key.length > 0 ? buffer_view(&key) : TEXT_LITERAL("-"));
        buffer_clear(&key);
    }
    bool ok = table_write(&table, 0, out, error);
    table_clear(&table);
    return ok;
}

static bool list_params(const struct script *script, size_t columns, struct buffer *out, struct error *error) {
    size_t count;
    const struct script_declared *params = script_params(script, &count);
    if (count == 0) {
        return true;
    }
    buffer_byte(out, '\n');
    struct table table;
    table_init(&table, (const char *const[]){"PARAMETER", "TYPE", "DEFAULT", "FOR", NULL});
    for (size_t i = 0; i < count; i++) {
        table_text(&table, params[i].name);
        table_text(&table, params[i].type);
        table_text(&table, params[i].required ? TEXT_LITERAL("(must be given)") : params[i].fallback);
        table_text(&table, params[i].help);
    }
    bool ok = table_write(&table, columns, out, error);
    table_clear(&table);
    return ok;
}

static bool show(const struct cli *cli, const struct script *script, struct error *error) {
    const struct sync *sync = script_sync(script);
    struct buffer out;
    buffer_init(&out, CHECK_BYTES_MAX);
    buffer_string(&out, "good: ");
    visible_write(&out, sync->org, 0);
    buffer_byte(&out, '/');
    visible_write(&out, sync->name, 0);
    static const char *const verbs[] = {
        [SYNC_PULL] = " reads ", [SYNC_PUSH] = " writes ", [SYNC_BOTH] = " reads and writes "};
    buffer_string(&out, verbs[sync->direction]);
    visible_write(&out, sync->datasource, 0);
    buffer_print(&out, " (%s)", sync->source->kind);
    if (address_of(sync).length > 0) {
        buffer_string(&out, " at ");
        visible_write(&out, address_of(sync), 0);
    }
    buffer_string(&out, sync->once ? ", once\n\n" : "\n\n");
    bool ok = list_types(sync, &out, error) && list_params(script, cli->columns, &out, error) &&
              cli_write(cli, buffer_view(&out), error);
    buffer_clear(&out);
    return ok;
}

static enum cli_exit run(struct cli *cli, const struct cli_arguments *arguments) {
    struct cli_script script;
    struct error error;
    enum cli_exit code = CLI_DONE;
    if (!cli_script_open(cli, arguments->words[0], arguments, true, &log_none, &script, &error)) {
        code = cli_fail_as(cli, cli_script_exit(&error), &error);
    } else if (!(cli->json ? show_json(cli, script.script, &error) : show(cli, script.script, &error))) {
        code = cli_fail(cli, &error);
    }
    cli_script_clear(&script);
    return code;
}

static const struct cli_option options[] = {
    {"param", "NAME=VALUE", true, "give a parameter, to have it checked too; may be repeated"},
    {NULL, NULL, false, NULL},
};

const struct command command_check = {
    .name = "check",
    .purpose = "check a script and say what it declares",
    .usage = "SCRIPT [--param NAME=VALUE]…",
    .words_min = 1,
    .words_max = 1,
    .options = options,
    .about = "Loads the script and checks every option in it, without reading the datasource or opening home.\n"
             "Lists the types it moves, which way each goes, and the parameters it takes.\n",
    .examples = "weir check syncs/example/first.lua\n",
    .exits = "0123",
    .reports = true,
    .run = run,
};

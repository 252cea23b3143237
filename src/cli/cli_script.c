#include "cli/cli_script.h"

#include <string.h>

#include "base/memory.h"
#include "script/script_vault.h"

enum { SETTINGS_ARENA_MAX = 1024 * 1024 };

static bool read_params(const struct cli_arguments *arguments, struct script_param *params, size_t *count,
                        struct error *error) {
    size_t place = 0;
    *count = 0;
    for (const char *given = cli_next(arguments, "param", &place); given != NULL;
         given = cli_next(arguments, "param", &place)) {
        const char *equals = strchr(given, '=');
        if (equals == NULL || equals == given) {
            return error_set(error, ERROR_USAGE, "--param takes name=value, not '%s'", given);
        }
        struct text name = {given, (size_t)(equals - given)};
        for (size_t i = 0; i < *count; i++) {
            if (text_same(params[i].name, name)) {
                return error_set(error, ERROR_USAGE, "the parameter %.*s is given twice", TEXT_ARGS(name));
            }
        }
        params[(*count)++] = (struct script_param){name, text_of(equals + 1)};
    }
    return true;
}

bool cli_script_open(const struct cli *cli, const char *path, const struct cli_arguments *arguments, bool declare_only,
                     const struct log *log, struct cli_script *out, struct error *error) {
    *out = (struct cli_script){.script = NULL};
    arena_init(&out->arena, SETTINGS_ARENA_MAX);
    out->params = memory_zero(arguments->given_count + 1, sizeof *out->params);
    if (out->params == NULL) {
        return error_memory(error);
    }
    size_t count;
    if (!read_params(arguments, out->params, &count, error)) {
        return false;
    }
    struct script_setup setup = {
        .path = path,
        .data = cli->data,
        .files = cli_value(arguments, "files"),
        .params = out->params,
        .param_count = count,
        .declare_only = declare_only,
        .sources = cli->sources,
        .source_count = cli->source_count,
        .clock = cli->clock,
        .log = log,
        .stop = cli->stop,
    };
    return script_open(&setup, &out->script, error) &&
           (declare_only || (cli_settings_read(cli->data, &out->arena, &out->settings, error) &&
                             script_vault_open(cli->data, script_sync(out->script)->org, &out->vault, error)));
}

struct run_request cli_script_request(const struct cli *cli, const struct cli_script *script, const struct log *log) {
    return (struct run_request){
        .sync = script_sync(script->script),
        .clock = cli->clock,
        .log = log,
        .vault = script->vault,
        .allowed = script->settings.allowed,
        .allowed_count = script->settings.allowed_count,
    };
}

void cli_script_clear(struct cli_script *script) {
    script_vault_close(script->vault);
    script_close(script->script);
    arena_clear(&script->arena);
    memory_free(script->params);
}

enum cli_exit cli_script_exit(const struct error *error) {
    bool own = error->code == ERROR_USAGE || error->code == ERROR_RUN_INTERRUPTED;
    return own ? cli_exit_of(error) : error->code == ERROR_MEMORY ? CLI_FAILED : CLI_SCRIPT;
}

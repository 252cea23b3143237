#include <ctype.h>
#include <string.h>

#include "base/buffer.h"
#include "cli/cli_home.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/template.h"

enum { SCRIPT_BYTES_MAX = 64 * 1024, NAME_MAX_BYTES = 60 };

// What may be a folder, a file and a Lua module's name everywhere.
static bool name_check(struct text name, const char *what, struct error *error) {
    bool good = name.length > 0 && name.length <= NAME_MAX_BYTES && isalpha((unsigned char)name.data[0]) != 0;
    for (size_t i = 0; good && i < name.length; i++) {
        good = isalnum((unsigned char)name.data[i]) != 0 || name.data[i] == '_' || name.data[i] == '-';
    }
    if (!good) {
        return error_set(error, ERROR_USAGE,
                         "'%.*s' can't be %s: a letter, then letters, digits, _ and -, at most %d of them",
                         TEXT_ARGS(name), what, NAME_MAX_BYTES);
    }
    return true;
}

// Copies the template with the names put in.
static void fill_in(struct buffer *out, struct text org, struct text name) {
    const char *at = template_script;
    for (const char *mark = strchr(at, '@'); mark != NULL; mark = strchr(at, '@')) {
        buffer_append(out, at, (size_t)(mark - at));
        bool is_org = strncmp(mark, "@ORG@", 5) == 0;
        buffer_text(out, is_org ? org : name);
        at = mark + (is_org ? 5 : 6);
    }
    buffer_string(out, at);
}

static bool write_script(const struct cli *cli, struct text org, struct text name, struct error *error) {
    char folder[2 * NAME_MAX_BYTES];
    char path[4 * NAME_MAX_BYTES];
    snprintf(folder, sizeof folder, "syncs/%.*s", TEXT_ARGS(org));
    snprintf(path, sizeof path, "%s/%.*s.lua", folder, TEXT_ARGS(name));
    struct buffer script;
    buffer_init(&script, SCRIPT_BYTES_MAX);
    fill_in(&script, org, name);
    bool made = false;
    bool ok = script.failed
                  ? error_memory(error)
                  : template_folder(folder, error) && template_write(path, script.data, script.length, &made, error);
    buffer_clear(&script);
    if (ok && !made) {
        return error_set(error, ERROR_FILE_WRITE, "%s is there already and was left alone; choose another name", path);
    }
    if (ok && !cli->json) {
        fprintf(cli->out, "made %s; say in it what to read, then: weir check %s\n", path, path);
    } else if (ok) {
        struct output output;
        output_init(&output, cli);
        output_begin(&output);
        output_string(&output, "file", path);
        output_bool(&output, "made", true);
        ok = output_end(&output, error);
        output_clear(&output);
    }
    return ok;
}

static enum cli_exit run(struct cli *cli, const struct cli_arguments *arguments) {
    struct error error;
    struct text org;
    struct text name;
    const char *word = arguments->words[0];
    bool ok = (cli_split(word, &org, &name) ||
               error_set(&error, ERROR_USAGE, "'%s' has no organisation: weir new ORG/NAME", word)) &&
              name_check(org, "an organisation's name", &error) && name_check(name, "a sync's name", &error) &&
              write_script(cli, org, name, &error);
    return ok ? CLI_DONE : cli_fail(cli, &error);
}

const struct command command_new = {
    .name = "new",
    .purpose = "write a commented script for a sync of your own",
    .usage = "ORG/NAME",
    .words_min = 1,
    .words_max = 1,
    .options = NULL,
    .about = "Writes syncs/ORG/NAME.lua below the current folder, ready to be checked. A file that is there is left\n"
             "alone.\n",
    .examples = "weir new harvest/yields\n"
                "weir check syncs/harvest/yields.lua\n",
    .exits = "012",
    .reports = true,
    .run = run,
};

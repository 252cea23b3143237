#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "base/visible.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/template.h"

static bool tell(const struct cli *cli, const char *path, bool made, struct error *error) {
    if (!cli->json) {
        fprintf(cli->out, "  %-6s %s\n", made ? "made" : "kept", path);
        return true;
    }
    struct output output;
    output_init(&output, cli);
    output_begin(&output);
    output_string(&output, "file", path);
    output_bool(&output, "made", made);
    bool ok = output_end(&output, error);
    output_clear(&output);
    return ok;
}

static bool write_example(const struct cli *cli, const char *folder, struct error *error) {
    for (const struct template_file *file = template_example; file->path != NULL; file++) {
        char path[PATH_MAX];
        int length = strcmp(folder, ".") == 0 ? snprintf(path, sizeof path, "%s", file->path)
                                              : snprintf(path, sizeof path, "%s/%s", folder, file->path);
        if (length < 0 || (size_t)length >= sizeof path) {
            return error_set(error, ERROR_FILE_WRITE, "the path %.40s… is too long", folder);
        }
        char *slash = strrchr(path, '/');
        if (slash != NULL && slash != path) {
            *slash = '\0';
            bool ok = template_folder(path, error);
            *slash = '/';
            if (!ok) {
                return false;
            }
        }
        bool made;
        if (!template_write(path, file->text, strlen(file->text), &made, error) || !tell(cli, path, made, error)) {
            return false;
        }
    }
    return true;
}

static enum cli_exit run(struct cli *cli, const struct cli_arguments *arguments) {
    struct error error;
    const char *folder = arguments->word_count > 0 ? arguments->words[0] : ".";
    bool here = strcmp(folder, ".") == 0;
    if (folder[0] == '\0') {
        error_set(&error, ERROR_USAGE, "the folder's name is empty");
        return cli_fail(cli, &error);
    }
    if (!write_example(cli, folder, &error)) {
        return cli_fail(cli, &error);
    }
    if (!cli->json) {
        fprintf(cli->out, "\nnow: %s%s%sweir run syncs/example/first.lua\n", here ? "" : "cd ", here ? "" : folder,
                here ? "" : " && ");
    }
    return CLI_DONE;
}

const struct command command_init = {
    .name = "init",
    .purpose = "make a folder with an example that runs",
    .usage = "[FOLDER]",
    .words_min = 0,
    .words_max = 1,
    .options = NULL,
    .about =
        "Makes syncs/ with an organisation \"example\", syncs/datatypes/ with the kinds of record it keeps, and a\n"
        ".gitignore for data/. A file that is there already is kept as it is. FOLDER is the current one when\n"
        "it is left out.\n",
    .examples = "weir init harvest && cd harvest\n"
                "weir run syncs/example/first.lua\n",
    .exits = "012",
    .reports = true,
    .run = run,
};

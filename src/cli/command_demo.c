// `weir demo`: a two-way sync as a story. Every command in it is carried out as it is shown, against a counterpart in
// this process; nothing of what is printed is made up.

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "cli/cli_home.h"
#include "cli/commands.h"
#include "cli/template.h"

enum { PATH_BYTES_MAX = 4096, WORDS_MAX = 12, JSON_MAX = 256, WELLS = 6, DAYS = 4 };

struct demo {
    struct cli *cli;
    struct remote *remote;
    char base[96]; // "base=http://127.0.0.1:PORT"
    bool failed;
};

// --- telling ---

static void say(const struct demo *demo, const char *heading, const char *text) {
    fprintf(demo->cli->out, "\n%s── %s%s\n%s", demo->cli->columns > 0 && demo->cli->colours ? "\033[1m" : "", heading,
            demo->cli->columns > 0 && demo->cli->colours ? "\033[0m" : "", text);
}

// Shows a command as one would type it, and carries it out.
static void act(struct demo *demo, const char *input, const char *const *words) {
    struct cli *cli = demo->cli;
    const char *argv[WORDS_MAX + 1] = {"weir"};
    int count = 1;
    if (fflush(cli->out) != 0 || ferror(cli->out)) { // nobody listens any more
        demo->failed = true;
        return;
    }
    fprintf(cli->out, "$ ");
    if (input != NULL) {
        fprintf(cli->out, "echo '%s' | ", input);
    }
    fprintf(cli->out, "weir");
    for (; words[count - 1] != NULL; count++) {
        argv[count] = words[count - 1];
        fprintf(cli->out, " %s", words[count - 1]);
    }
    fprintf(cli->out, "\n");
    fflush(cli->out);
    FILE *in = cli->in;
    FILE *given = input != NULL ? tmpfile() : NULL;
    if (given != NULL) {
        fprintf(given, "%s\n", input);
        rewind(given);
        cli->in = given;
    }
    struct cli inner = *cli;
    enum cli_exit code = cli_main(&inner, count, (char **)(uintptr_t)argv);
    cli->in = in;
    if (given != NULL) {
        fclose(given);
    }
    fflush(cli->err);
    demo->failed = demo->failed || (code != CLI_DONE && code != CLI_WARNING);
}

#define ACT(demo, input, ...) act((demo), (input), (const char *const[]){__VA_ARGS__, NULL})

static void sync_once(struct demo *demo) {
    ACT(demo, NULL, "run", "syncs/demo/two_way.lua", "--param", demo->base);
}

struct showing {
    FILE *out;
    size_t left; // rows still to be shown
    size_t skip;
};

static bool show_row(void *context, struct text json) {
    struct showing *showing = context;
    if (showing->skip > 0) {
        showing->skip--;
    } else if (showing->left > 0) {
        showing->left--;
        fprintf(showing->out, "    %.*s\n", TEXT_ARGS(json));
    }
    return true;
}

// The last records of a type at the county.
static void show_county(struct demo *demo, const char *type, size_t last) {
    const struct remote_type *remote = demo->cli->remote;
    struct error error;
    size_t count = remote->count(demo->remote, text_of(type));
    struct showing showing = {demo->cli->out, last, count > last ? count - last : 0};
    fprintf(demo->cli->out, "At the county, the %s changed last (of %zu):\n", type, count);
    demo->failed = !remote->each(demo->remote, text_of(type), show_row, &showing, &error) || demo->failed;
}

// --- the counterpart's side ---

static void county_put(struct demo *demo, const char *type, int64_t id, const char *json) {
    struct error error;
    if (!demo->cli->remote->put(demo->remote, text_of(type), id, text_of(json), &error)) {
        cli_error_show(demo->cli, &error);
        demo->failed = true;
    }
}

static void county_fill(struct demo *demo) {
    static const char *const names[WELLS] = {"Temple well", "School well",   "North field",
                                             "Old mill",    "Market square", "River bank"};
    char json[JSON_MAX];
    for (int i = 0; i < WELLS; i++) {
        snprintf(json, sizeof json, "{\"name\":\"%s\",\"depth\":%d.50,\"owner\":\"village\"}", names[i], 12 + 3 * i);
        county_put(demo, "wells", 0, json);
    }
    for (int i = 0; i < WELLS * DAYS; i++) {
        snprintf(json, sizeof json, "{\"well\":%d,\"day\":\"2026-01-0%d\",\"level\":%d.%d}", i / DAYS + 1, i % DAYS + 1,
                 5 + i % 7, i % 10);
        county_put(demo, "readings", 0, json);
    }
}

// --- the story ---

static void tell_first_pull(struct demo *demo) {
    say(demo, "1. A first sync",
        "The county's system has wells and readings behind a web API. Home, this organisation's own database, is\n"
        "empty: everything comes in. The script is syncs/demo/two_way.lua.\n");
    sync_once(demo);
    ACT(demo, NULL, "get", "demo", "well");
}

static void tell_both_sides(struct demo *demo) {
    say(demo, "2. Edits on both sides",
        "Here, the School well gets a new owner and a reading is added. At the county, somebody corrects the\n"
        "depth of North field.\n");
    ACT(demo, "{\"id\":2,\"owner\":\"school board\"}", "put", "demo", "well");
    ACT(demo, "{\"well\":[\"county\",\"well\",\"1\"],\"day\":\"2026-01-05T00:00:00Z\",\"level\":6.25}", "put", "demo",
        "reading");
    county_put(demo, "wells", 3, "{\"depth\":19.75}");
    say(demo, "3. The next sync carries each edit to the other side", "");
    sync_once(demo);
    ACT(demo, NULL, "get", "demo", "well", "3");
    show_county(demo, "wells", 1);
    show_county(demo, "readings", 1);
}

static void tell_conflict(struct demo *demo) {
    say(demo, "4. Both sides change the same record",
        "Old mill gets a new owner here and a new depth there: different fields, so both go through. Its name is\n"
        "changed on both sides: the county's wins, and ours is kept where it can be found.\n");
    ACT(demo, "{\"id\":4,\"owner\":\"mill trust\",\"name\":\"Mill, upper well\"}", "put", "demo", "well");
    county_put(demo, "wells", 4, "{\"depth\":22.00,\"name\":\"Old mill (closed)\"}");
    sync_once(demo);
    show_county(demo, "wells", 1);
    ACT(demo, NULL, "conflicts", "list", "demo");
}

static void tell_lost_answer(struct demo *demo) {
    say(demo, "5. An answer is lost",
        "A reading is pushed, the county takes it, and the connection breaks before the answer comes. Nobody knows\n"
        "whether it went in. Sending it again would double it; so weir looks it up, by well and day.\n");
    ACT(demo, "{\"well\":[\"county\",\"well\",\"2\"],\"day\":\"2026-01-05T00:00:00Z\",\"level\":7.5}", "put", "demo",
        "reading");
    demo->cli->remote->lose_next(demo->remote);
    size_t before = demo->cli->remote->count(demo->remote, TEXT_LITERAL("readings"));
    sync_once(demo);
    size_t after = demo->cli->remote->count(demo->remote, TEXT_LITERAL("readings"));
    fprintf(demo->cli->out, "The county had %zu readings before and has %zu now.\n", before, after);
    demo->failed = demo->failed || after != before + 1;
}

static void tell_quiet(struct demo *demo) {
    say(demo, "6. Once more: both sides agree, so nothing is written", "");
    size_t before = demo->cli->remote->writes(demo->remote);
    sync_once(demo);
    size_t after = demo->cli->remote->writes(demo->remote);
    fprintf(demo->cli->out, "Writes that reached the county: %zu\n", after - before);
    demo->failed = demo->failed || after != before;
}

// --- the folder ---

static bool write_files(struct error *error) {
    for (const struct template_file *file = template_demo; file->path != NULL; file++) {
        char folder[PATH_BYTES_MAX];
        bool made;
        snprintf(folder, sizeof folder, "%s", file->path);
        *strrchr(folder, '/') = '\0';
        if (!template_folder(folder, error) ||
            !template_write(file->path, file->text, strlen(file->text), &made, error)) {
            return false;
        }
        if (!made) {
            return error_set(error, ERROR_FILE_WRITE, "%s is there already; give an empty folder", file->path);
        }
    }
    return true;
}

static bool enter_folder(const char *wanted, char path[PATH_BYTES_MAX], struct error *error) {
    const char *temporary = getenv("TMPDIR");
    snprintf(path, PATH_BYTES_MAX, "%s/weir-demo-XXXXXX", temporary != NULL ? temporary : "/tmp");
    if (wanted != NULL) {
        snprintf(path, PATH_BYTES_MAX, "%s", wanted);
        if (!template_folder(path, error)) {
            return false;
        }
    } else if (mkdtemp(path) == NULL) {
        return error_set_errno(error, ERROR_FILE_WRITE, errno, "cannot make %s", path);
    }
    return chdir(path) == 0 || error_set_errno(error, ERROR_FILE_WRITE, errno, "cannot enter %s", path);
}

static enum cli_exit run(struct cli *cli, const struct cli_arguments *arguments) {
    struct demo demo = {.cli = cli};
    struct error error;
    char path[PATH_BYTES_MAX];
    const char *wanted = arguments->word_count > 0 ? arguments->words[0] : NULL;
    if (!enter_folder(wanted, path, &error) || !write_files(&error) || !cli->remote->start(&demo.remote, &error)) {
        return cli_fail(cli, &error);
    }
    snprintf(demo.base, sizeof demo.base, "base=%s", cli->remote->url(demo.remote));
    county_fill(&demo);
    tell_first_pull(&demo);
    tell_both_sides(&demo);
    tell_conflict(&demo);
    tell_lost_answer(&demo);
    tell_quiet(&demo);
    cli->remote->stop(demo.remote);
    fprintf(cli->out, "\nThe scripts and home are in %s; sqlite3 -readonly %s/data/demo/home.db opens it.\n", path,
            path);
    return demo.failed ? CLI_FAILED : CLI_DONE;
}

const struct command command_demo = {
    .name = "demo",
    .purpose = "watch a two-way sync: edits on both sides, a conflict, a lost answer",
    .usage = "[FOLDER]",
    .words_min = 0,
    .words_max = 1,
    .options = NULL,
    .about = "Needs nothing but weir itself: the other side is a small web API inside this process. Every command\n"
             "is shown and then carried out for real. FOLDER receives the scripts and the home; without it, a new\n"
             "one among the temporary files.\n",
    .examples = "weir demo\n"
                "weir demo try\n",
    .exits = "0124",
    .reports = false,
    .run = run,
};

#include "cli/cli_derive.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "cli/progress.h"
#include "engine/derive.h"
#include "script/script.h"

enum { TEXTS_BYTES_MAX = 64 * 1024 * 1024, TEXTS_MAX = 64, ORG_MAX = 64 };

struct looking {
    struct arena arena;
    struct text texts[TEXTS_MAX];
    size_t count;
    bool stale;
};

static bool take_text(void *context, struct text text, struct error *error) {
    struct looking *looking = context;
    if (looking->count == TEXTS_MAX) {
        return error_set(error, ERROR_LIMIT, "home's datatypes come from more than %d modules", TEXTS_MAX);
    }
    return arena_text(&looking->arena, text, &looking->texts[looking->count++]) || error_memory(error);
}

static bool take_stale(void *context, const struct stale_row *row, struct error *error) {
    (void)row;
    (void)error;
    ((struct looking *)context)->stale = true;
    return false; // one is enough
}

static bool look(struct store *store, bool with_texts, struct looking *looking, struct error *error) {
    struct scan scan = {.limit = 1};
    if (!store->type->snapshot(store, error)) {
        return false;
    }
    error_clear(error);
    bool ok = scan_ended(store->type->stale_scan(store, &scan, take_stale, looking, error), error);
    if (ok && looking->stale && with_texts) {
        ok = store->type->module_scan(store, take_text, looking, error);
    }
    store->type->snapshot_end(store);
    return ok;
}

static bool derive(const struct cli *cli, struct store *store, const struct looking *looking, int64_t *changed,
                   struct error *error) {
    struct progress progress;
    struct script *script = NULL;
    progress_init(&progress, cli->err, cli->clock, false);
    struct script_setup setup = {
        .sources = cli->sources, .source_count = cli->source_count, .clock = cli->clock, .log = &progress.log};
    bool ok = script_derive_open(&setup, looking->texts, looking->count, &script, error);
    if (ok) {
        struct derive_setup work = {
            .store = store, .mapper = script_functions(script), .clock = cli->clock, .log = &progress.log};
        work.datatypes = script_datatypes(script, &work.datatype_count);
        ok = derive_run(&work, changed, error);
    }
    script_close(script);
    progress_clear(&progress);
    return ok;
}

bool cli_derive(const struct cli *cli, struct store *store, int64_t *changed, struct error *error) {
    struct looking looking = {.count = 0};
    *changed = 0;
    arena_init(&looking.arena, TEXTS_BYTES_MAX);
    bool ok = look(store, true, &looking, error) && (!looking.stale || derive(cli, store, &looking, changed, error));
    arena_clear(&looking.arena);
    return ok;
}

void cli_derive_child(const struct cli *cli, struct text org, struct store *store) {
    struct looking looking = {.count = 0};
    struct error error;
    char name[ORG_MAX];
    pid_t child;
    arena_init(&looking.arena, TEXTS_BYTES_MAX);
    bool ok = look(store, false, &looking, &error);
    arena_clear(&looking.arena);
    if (!ok) {
        cli_error_show(cli, &error);
    }
    if (!ok || !looking.stale || org.length >= sizeof name) {
        return;
    }
    memcpy(name, org.data, org.length);
    name[org.length] = '\0';
    fflush(cli->out);
    char *const argv[] = {"weir", "derive", name, "--json", "--data", (char *)(uintptr_t)cli->data, NULL};
    char *const environment[] = {NULL};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    int failed = posix_spawn(&child, "/proc/self/exe", &actions, NULL, argv, environment);
    posix_spawn_file_actions_destroy(&actions);
    int status = 0;
    while (failed == 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (failed != 0 || status != 0) {
        fprintf(cli->err, "weir: the edit is in home; its derived fields are not computed yet: weir derive %s\n", name);
    }
}

#include "cli/cli_home.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { PLACE_BYTES_MAX = 1024 * 1024 * 1024, ORGS_MAX = 100000, ORG_NAME_MAX = 100 };

// An org is a folder in DATA and nothing that leads out of it.
static bool org_check(struct text org, struct error *error) {
    bool good = org.length > 0 && org.length <= ORG_NAME_MAX && org.data[0] != '.';
    for (size_t i = 0; good && i < org.length; i++) {
        good = org.data[i] != '/' && (unsigned char)org.data[i] > ' ';
    }
    if (!good) {
        return error_set(error, ERROR_USAGE, "'%.*s' is no organisation's name; it is a folder's name below syncs/",
                         TEXT_ARGS(org));
    }
    return true;
}

bool cli_home_open(const struct cli *cli, struct text org, enum home_mode mode, struct arena *arena, struct store **out,
                   struct error *error) {
    *out = NULL;
    if (!org_check(org, error)) {
        return false;
    }
    char *folder = arena_print(arena, "%s/%.*s", cli->data, TEXT_ARGS(org));
    if (folder == NULL) {
        return error_memory(error);
    }
    struct store_setup setup = {text_of(folder), mode == HOME_MAKE, mode == HOME_READ};
    return store_open(cli->store, &setup, out, error);
}

static int compare_names(const void *a, const void *b) {
    return text_compare(*(const struct text *)a, *(const struct text *)b);
}

// A home that is there but can't be opened counts: the command that opens it says why.
static bool has_home(const struct cli *cli, struct text org, struct arena *arena) {
    struct store *store;
    struct error error;
    bool opened = cli_home_open(cli, org, HOME_READ, arena, &store, &error);
    store_close(store);
    return opened || error.code != ERROR_HOME_MISSING;
}

bool cli_orgs_find(const struct cli *cli, struct arena *arena, struct cli_orgs *out, struct error *error) {
    *out = (struct cli_orgs){.count = 0};
    DIR *folder = opendir(cli->data);
    if (folder == NULL && errno == ENOENT) {
        return error_set(error, ERROR_HOME_MISSING, "there is no folder %s; run a sync first, or say where with --data",
                         cli->data);
    }
    if (folder == NULL) {
        return error_set_errno(error, ERROR_HOME_OPEN, errno, "cannot open the folder %s", cli->data);
    }
    bool ok = false;
    size_t room = 0;
    struct error ignored;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        struct text name = text_of(entry->d_name);
        if (strcmp(entry->d_name, "secrets") == 0 || !org_check(name, &ignored) || !has_home(cli, name, arena)) {
            continue;
        }
        if (out->count == room) {
            size_t more = room > 0 ? room * 2 : 16;
            struct text *names = more <= ORGS_MAX ? arena_take(arena, more * sizeof *names) : NULL;
            if (names == NULL) {
                error_memory(error);
                goto done;
            }
            if (out->count > 0) {
                memcpy(names, out->names, out->count * sizeof *names);
            }
            out->names = names;
            room = more;
        }
        if (!arena_text(arena, name, &out->names[out->count])) {
            error_memory(error);
            goto done;
        }
        out->count++;
    }
    if (out->count > 0) {
        qsort(out->names, out->count, sizeof *out->names, compare_names);
    }
    ok = true;

done:
    closedir(folder);
    return ok;
}

bool cli_org(const struct cli *cli, const char *given, struct arena *arena, struct text *out, struct error *error) {
    if (given != NULL) {
        *out = text_of(given);
        return org_check(*out, error);
    }
    struct cli_orgs orgs;
    if (!cli_orgs_find(cli, arena, &orgs, error)) {
        return false;
    }
    if (orgs.count == 0) {
        return error_set(error, ERROR_HOME_MISSING,
                         "there is no home in %s; run a sync first, or say where with --data", cli->data);
    }
    if (orgs.count > 1) {
        return error_set(error, ERROR_USAGE, "%s holds %zu organisations: say which one (%.*s, %.*s%s)", cli->data,
                         orgs.count, TEXT_ARGS(orgs.names[0]), TEXT_ARGS(orgs.names[1]), orgs.count > 2 ? ", …" : "");
    }
    *out = orgs.names[0];
    return true;
}

// --- datatypes ---

struct near_type {
    struct cli_nearest nearest;
    struct arena *arena;
    size_t count;
};

static bool offer_type(void *context, const struct datatype *datatype, struct error *error) {
    struct near_type *near_type = context;
    const char *name = arena_copy(near_type->arena, datatype->name.data, datatype->name.length);
    if (name == NULL) {
        return error_memory(error);
    }
    cli_nearest_offer(&near_type->nearest, name);
    near_type->count++;
    return true;
}

bool cli_datatype(struct store *store, struct text org, const char *name, struct arena *arena,
                  const struct datatype **out, struct error *error) {
    if (!store->type->datatype(store, text_of(name), arena, out, error)) {
        return false;
    }
    if (*out != NULL) {
        return true;
    }
    struct near_type near_type = {.nearest = {.word = text_of(name)}, .arena = arena};
    if (!store->type->datatype_scan(store, offer_type, &near_type, error)) {
        return false;
    }
    const char *meant = cli_nearest_name(&near_type.nearest);
    if (meant == NULL && near_type.count == 1) {
        return error_set(error, ERROR_NOT_THERE, "the home of %.*s has no datatype '%s'; it has '%s'", TEXT_ARGS(org),
                         name, near_type.nearest.best);
    }
    return error_set(error, ERROR_NOT_THERE, "the home of %.*s has no datatype '%s'%s%s%s", TEXT_ARGS(org), name,
                     meant != NULL ? "; did you mean '" : "", meant != NULL ? meant : "", meant != NULL ? "'?" : "");
}

void cli_place_init(struct cli_place *place) {
    *place = (struct cli_place){.store = NULL};
    arena_init(&place->arena, PLACE_BYTES_MAX);
}

bool cli_place_open(const struct cli *cli, const char *org, const char *type, enum home_mode mode,
                    struct cli_place *place, struct error *error) {
    if (!cli_org(cli, org, &place->arena, &place->org, error) ||
        !cli_home_open(cli, place->org, mode, &place->arena, &place->store, error) ||
        !place->store->type->snapshot(place->store, error)) {
        return false;
    }
    place->snapshot = true;
    if (type != NULL && !cli_datatype(place->store, place->org, type, &place->arena, &place->datatype, error)) {
        return false;
    }
    if (mode != HOME_READ) {
        // An edit must see what was committed since: it takes its own.
        place->store->type->snapshot_end(place->store);
        place->snapshot = false;
    }
    return true;
}

void cli_place_clear(struct cli_place *place) {
    if (place->snapshot) {
        place->store->type->snapshot_end(place->store);
    }
    store_close(place->store);
    arena_clear(&place->arena);
}

bool cli_split(const char *word, struct text *org, struct text *name) {
    const char *slash = strchr(word, '/');
    if (slash == NULL) {
        return false;
    }
    *org = (struct text){word, (size_t)(slash - word)};
    *name = text_of(slash + 1);
    return true;
}

bool cli_id(const char *word, const char *what, int64_t *out, struct error *error) {
    if (!text_integer(text_of(word), out) || *out <= 0) {
        return error_set(error, ERROR_USAGE, "'%s' is no %s; it is a whole number from 1 up", word, what);
    }
    return true;
}

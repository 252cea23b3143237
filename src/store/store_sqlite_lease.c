#include "store/store_sqlite_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

// The lock file of a key. Its name is the key's print: a key holds parameters, which may be any text.
static bool lease_path(const struct sqlite_store *store, struct text key, char path[PATH_MAX], int *folder,
                       struct error *error) {
    char hex[PRINT_HEX + 1];
    print_hex(print_of(key, 0), hex);
    *folder = snprintf(path, PATH_MAX, "%s/lease", store->folder);
    if (*folder < 0 || (size_t)*folder + sizeof hex + sizeof "/.lock" > PATH_MAX) {
        return error_set(error, ERROR_HOME_OPEN, "the path %.80s… is longer than paths may be", store->folder);
    }
    snprintf(path + *folder, PATH_MAX - (size_t)*folder, "/%s.lock", hex);
    return true;
}

static bool lease_open(struct sqlite_store *store, struct text key, int *out, struct error *error) {
    char path[PATH_MAX];
    int folder;
    if (!lease_path(store, key, path, &folder, error)) {
        return false;
    }
    path[folder] = '\0';
    if (mkdir(path, 0700) != 0 && errno != EEXIST) {
        return error_set_errno(error, errno == ENOSPC ? ERROR_HOME_FULL : ERROR_HOME_OPEN, errno,
                               "cannot make the folder %s", path);
    }
    path[folder] = '/';
    *out = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    return *out >= 0 ||
           error_set_errno(error, errno == ENOSPC ? ERROR_HOME_FULL : ERROR_HOME_OPEN, errno, "cannot open %s", path);
}

bool sqlite_lease_is_live(const struct sqlite_store *store, struct text key, bool *live, struct error *error) {
    char path[PATH_MAX];
    int folder;
    *live = false;
    if (!lease_path(store, key, path, &folder, error)) {
        return false;
    }
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return errno == ENOENT || errno == ENOTDIR ||
               error_set_errno(error, ERROR_HOME_OPEN, errno, "cannot open %s", path);
    }
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    bool ok = fcntl(file, F_OFD_GETLK, &lock) == 0;
    *live = ok && lock.l_type != F_UNLCK;
    if (!ok) {
        error_set_errno(error, ERROR_HOME_IO, errno, "cannot look at %s", path);
    }
    close(file);
    return ok;
}

// Who holds a lease, as far as home knows.
static bool lease_held(struct sqlite_store *store, struct text key, struct error *error) {
    struct sqlite_query query;
    bool found = false;
    long long process = 0;
    if (sqlite_ask(&store->writer, "SELECT process FROM weir_lease WHERE key = ?1", &query, NULL)) {
        sqlite_give_text(&query, key);
        if (sqlite_next(&query, &found, NULL) && found) {
            process = sqlite3_column_int64(query.statement, 0);
        }
        sqlite_end(&query);
    }
    return error_set(error, ERROR_LEASE_HELD,
                     "%.*s is running already, as process %lld: wait for it, or look at `weir status`", TEXT_ARGS(key),
                     process);
}

// A new token for the key: whoever still writes under the old one is refused from now on.
static bool lease_token(struct sqlite_store *store, struct text key, int64_t *out, struct error *error) {
    struct sqlite_query query;
    bool found;
    if (!sqlite_begin(store, error)) {
        return false;
    }
    if (!sqlite_ask(&store->writer,
                    "INSERT INTO weir_lease(key, token, process) VALUES (?1, 1, ?2)"
                    " ON CONFLICT(key) DO UPDATE SET token = token + 1, process = excluded.process RETURNING token",
                    &query, error)) {
        goto fail;
    }
    sqlite_give_text(&query, key);
    sqlite_give_integer(&query, getpid());
    if (!sqlite_next(&query, &found, error)) {
        goto fail;
    }
    *out = sqlite3_column_int64(query.statement, 0);
    sqlite_end(&query);
    return sqlite_commit(store, error);

fail:
    sqlite_rollback(store);
    return false;
}

bool sqlite_lease_take(struct store *base, struct text key, struct lease *out, struct error *error) {
    struct sqlite_store *store = sqlite_of(base);
    *out = (struct lease){.key = key, .file = -1};
    int file = -1;
    if (!lease_open(store, key, &file, error)) {
        return false;
    }
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    bool ok = fcntl(file, F_OFD_SETLK, &lock) == 0;
    if (ok) {
        ok = lease_token(store, key, &out->token, error);
    } else if (errno == EAGAIN || errno == EACCES) {
        pthread_mutex_lock(&store->writing);
        lease_held(store, key, error);
        pthread_mutex_unlock(&store->writing);
    } else {
        error_set_errno(error, ERROR_HOME_IO, errno, "cannot lock the lease of %.*s", TEXT_ARGS(key));
    }
    if (!ok) {
        close(file);
        return false;
    }
    out->file = file;
    return true;
}

void sqlite_lease_free(struct store *base, struct lease *lease) {
    (void)base;
    if (lease->file >= 0) {
        close(lease->file);
        lease->file = -1;
    }
}

bool sqlite_lease_check(struct sqlite_store *store, const struct lease *lease, struct error *error) {
    struct sqlite_query query;
    bool found;
    if (lease == NULL) {
        return true;
    }
    if (!sqlite_ask(&store->writer, "SELECT token FROM weir_lease WHERE key = ?1", &query, error)) {
        return false;
    }
    sqlite_give_text(&query, lease->key);
    if (!sqlite_next(&query, &found, error)) {
        return false;
    }
    bool is_ours = found && sqlite3_column_int64(query.statement, 0) == lease->token;
    sqlite_end(&query);
    return is_ours || error_set(error, ERROR_LEASE_LOST,
                                "another run took %.*s over: nothing of this page was kept, that run goes on",
                                TEXT_ARGS(lease->key));
}

bool sqlite_count(struct sqlite_store *store, const char *name, int64_t by, int64_t *out, struct error *error) {
    struct sqlite_query query;
    bool found;
    if (!sqlite_ask(&store->writer, "UPDATE weir_counter SET value = value + ?1 WHERE name = ?2 RETURNING value",
                    &query, error)) {
        return false;
    }
    sqlite_give_integer(&query, by);
    sqlite_give_text(&query, text_of(name));
    if (!sqlite_next(&query, &found, error)) {
        return false;
    }
    *out = found ? sqlite3_column_int64(query.statement, 0) : 0;
    sqlite_end(&query);
    return found || error_set(error, ERROR_HOME_DAMAGED,
                              "home %s has lost its counter \"%s\": restore it from a backup", store->path, name);
}

bool sqlite_reserve(struct store *base, int64_t count, int64_t *first, struct error *error) {
    struct sqlite_store *store = sqlite_of(base);
    int64_t last = 0;
    if (!sqlite_begin(store, error)) {
        return false;
    }
    if (!sqlite_count(store, "id", count, &last, error)) {
        sqlite_rollback(store);
        return false;
    }
    *first = last - count + 1;
    return sqlite_commit(store, error);
}

bool sqlite_pin(struct sqlite_store *store, struct text text, struct print *out, struct error *error) {
    struct sqlite_query query;
    *out = print_of(text, 0);
    if (!sqlite_ask(&store->writer, "INSERT OR IGNORE INTO weir_script(print, text) VALUES (?1, ?2)", &query, error)) {
        return false;
    }
    sqlite_give_print(&query, *out);
    sqlite_give_text(&query, text);
    return sqlite_run(&query, error);
}

void sqlite_give_counts(struct sqlite_query *query, const struct counts *counts) {
    const int64_t all[HOME_COUNTS] = {counts->read,    counts->created,   counts->updated, counts->unchanged,
                                      counts->skipped, counts->dead,      counts->deleted, counts->pushed,
                                      counts->pending, counts->conflicts, counts->held};
    for (int i = 0; i < HOME_COUNTS; i++) {
        sqlite_give_integer(query, all[i]);
    }
}

void sqlite_counts_at(sqlite3_stmt *statement, int column, struct counts *out) {
    int64_t *const all[HOME_COUNTS] = {&out->read,    &out->created,   &out->updated, &out->unchanged,
                                       &out->skipped, &out->dead,      &out->deleted, &out->pushed,
                                       &out->pending, &out->conflicts, &out->held};
    for (int i = 0; i < HOME_COUNTS; i++) {
        *all[i] = sqlite3_column_int64(statement, column + i);
    }
}

static bool run_add(struct sqlite_store *store, const struct run_row *row, int64_t *id, struct error *error) {
    struct sqlite_query query;
    struct print script;
    // Whoever holds the lease is the only live run of its key: the others died without a word.
    if (!sqlite_ask(&store->writer,
                    "UPDATE weir_run SET status = 'interrupted', ended_us = ?2,"
                    " message = 'its process ended without a word' WHERE key = ?1 AND status = 'running'",
                    &query, error)) {
        return false;
    }
    sqlite_give_text(&query, row->key);
    sqlite_give_integer(&query, row->started_us);
    if (!sqlite_run(&query, error) || !sqlite_pin(store, row->script_text, &script, error) ||
        !sqlite_ask(&store->writer,
                    "INSERT INTO weir_run(key, sync, params, status, started_us, ended_us, message, print, script,"
                    " process, request) VALUES (?1, ?2, ?3, 'running', ?4, 0, ?5, ?6, ?7, ?8, ?9)",
                    &query, error)) {
        return false;
    }
    sqlite_give_text(&query, row->key);
    sqlite_give_text(&query, row->sync);
    sqlite_give_text(&query, row->params);
    sqlite_give_integer(&query, row->started_us);
    sqlite_give_text(&query, row->message);
    sqlite_give_print(&query, row->print);
    sqlite_give_print(&query, script);
    sqlite_give_integer(&query, row->process);
    sqlite_give_integer(&query, row->request);
    if (!sqlite_run(&query, error)) {
        return false;
    }
    *id = sqlite3_last_insert_rowid(store->writer.db);
    return true;
}

bool sqlite_run_begin(struct store *base, const struct lease *lease, const struct run_row *row, int64_t *id,
                      struct error *error) {
    struct sqlite_store *store = sqlite_of(base);
    if (!sqlite_begin(store, error)) {
        return false;
    }
    if (!sqlite_lease_check(store, lease, error) || !run_add(store, row, id, error) ||
        !sqlite_closed_begin(store, lease, row, *id, error)) {
        sqlite_rollback(store);
        return false;
    }
    return sqlite_commit(store, error);
}

static bool run_close(struct sqlite_store *store, const struct lease *lease, const struct run_row *row, bool complete,
                      struct error *error) {
    struct sqlite_query query;
    if (!sqlite_ask(&store->writer,
                    "UPDATE weir_run SET (status, message, ended_us, until_us, " HOME_COUNT_COLUMNS
                    ") = (?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16) WHERE id = ?1",
                    &query, error)) {
        return false;
    }
    sqlite_give_integer(&query, row->id);
    sqlite_give_text(&query, text_of(run_status_name(row->status)));
    sqlite_give_text(&query, row->message);
    sqlite_give_integer(&query, row->ended_us);
    sqlite_give_integer(&query, row->until_us);
    sqlite_give_counts(&query, &row->counts);
    if (!sqlite_run(&query, error)) {
        return false;
    }
    if (sqlite3_changes(store->writer.db) != 1) {
        return error_set(error, ERROR_NOT_THERE, "there is no run %lld in home %s", (long long)row->id, store->path);
    }
    if (!complete || lease == NULL) {
        return true;
    }
    if (!sqlite_ask(&store->writer, "DELETE FROM weir_checkpoint WHERE key = ?1", &query, error)) {
        return false;
    }
    sqlite_give_text(&query, lease->key);
    return sqlite_run(&query, error);
}

bool sqlite_run_end(struct store *base, const struct lease *lease, const struct run_row *row, bool complete,
                    const struct log_row *logs, size_t log_count, struct error *error) {
    struct sqlite_store *store = sqlite_of(base);
    if (!sqlite_begin(store, error)) {
        return false;
    }
    if (!sqlite_lease_check(store, lease, error) || !run_close(store, lease, row, complete, error) ||
        (lease != NULL && !sqlite_closed_open(store, lease->key, error)) ||
        !sqlite_put_logs(store, row->id, logs, log_count, error)) {
        sqlite_rollback(store);
        return false;
    }
    return sqlite_commit(store, error);
}

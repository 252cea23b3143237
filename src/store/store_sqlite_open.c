#include "store/store_sqlite_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/memory.h"

// CPU seconds of a load of 1M rows of 150 bytes with links, in pages of 1,000, and the memory it peaked at:
//
//    page size    4 KB: 1.57    8 KB: 1.49    16 KB: 1.70
//    cache        2 MB: 1.63, 6.4 MB    6 MB: 1.61, 10.9 MB    16 MB: 1.63, 21.8 MB
//
// A load needs little cache; an index with scattered keys needs more than any that would be reasonable here.
enum { PAGE_BYTES = 8192, WRITER_CACHE_KB = 6 * 1024, READER_CACHE_KB = 4 * 1024 };

// Both threads of a run allocate inside SQLite; its statistics would make them take turns at one mutex. A no-op once
// SQLite is in use.
static void configure(void) {
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

bool sqlite_folder_sync(const char *folder) {
    int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = file >= 0 && fsync(file) == 0;
    int reason = errno;
    if (file >= 0) {
        close(file);
    }
    errno = reason;
    return ok;
}

// The folder that a path is in.
static const char *parent_of(char path[PATH_MAX]) {
    char *end = strrchr(path, '/');
    if (end == NULL) {
        return ".";
    }
    end[end == path ? 1 : 0] = '\0';
    return path;
}

// Makes one folder, or takes one that is there, so that it still is after a power failure: all that is synced in it
// would be lost with it. One that is there may have been made by a weir that was killed before it came to this.
static bool folder_make_one(const char *path, struct error *error) {
    char copy[PATH_MAX];
    memcpy(copy, path, strlen(path) + 1);
    if (mkdir(path, 0700) != 0 && errno != EEXIST && errno != EISDIR) {
        return error_set_errno(error, errno == ENOSPC ? ERROR_HOME_FULL : ERROR_HOME_OPEN, errno,
                               "cannot make the folder %s", path);
    }
    // Of the folders above, some may not be read by everybody, and some disks can't sync a folder.
    return sqlite_folder_sync(parent_of(copy)) || errno == EACCES || errno == EPERM || errno == EINVAL ||
           error_set_errno(error, ERROR_HOME_IO, errno, "cannot sync the folder that %s is in", path);
}

static bool folder_make(const char *folder, struct error *error) {
    char path[PATH_MAX];
    size_t length = strlen(folder);
    if (length >= sizeof path) {
        return error_set(error, ERROR_HOME_OPEN, "the path %.80s… is longer than paths may be", folder);
    }
    memcpy(path, folder, length + 1);
    for (char *end = path + 1; end <= path + length; end++) {
        if (*end != '/' && *end != '\0') {
            continue;
        }
        char kept = *end;
        *end = '\0';
        if (!folder_make_one(path, error)) {
            return false;
        }
        *end = kept;
    }
    return true;
}

// Makes the file empty and private first: SQLite gives its log the same mode.
static bool file_make(const char *path, struct error *error) {
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) {
        return error_set_errno(error, errno == ENOSPC ? ERROR_HOME_FULL : ERROR_HOME_OPEN, errno, "cannot open home %s",
                               path);
    }
    close(file);
    return true;
}

static int note_wal(void *context, sqlite3 *db, const char *name, int pages) {
    (void)db;
    (void)name;
    ((struct sqlite_store *)context)->wal_pages = pages;
    return SQLITE_OK;
}

static bool side_open(const struct sqlite_store *store, struct sqlite_side *side, const char *path, int flags,
                      struct error *error) {
    bool writes = side == &store->writer;
    side->forget = sqlite_tables_close;
    int status = sqlite3_open_v2(path, &side->db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (status != SQLITE_OK) {
        return side->db == NULL ? error_memory(error) : sqlite_fail(side->db, status, "open", error);
    }
    sqlite3_busy_timeout(side->db, HOME_BUSY_WAIT_MS);
    sqlite3_db_config(side->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_db_config(side->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(side->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_wal_autocheckpoint(side->db, 0);
    char settings[320];
    // journal_size_limit: what one large transaction made of the log is given back. temp_store: a large sort goes to a
    // file, not to memory.
    snprintf(settings, sizeof settings,
             "PRAGMA cache_size=-%d; PRAGMA synchronous=FULL; PRAGMA temp_store=FILE; PRAGMA secure_delete=OFF; "
             "PRAGMA foreign_keys=OFF; PRAGMA mmap_size=0; PRAGMA journal_size_limit=%d; PRAGMA query_only=%d;",
             writes ? WRITER_CACHE_KB : READER_CACHE_KB, 4 * store->wal_bytes, writes ? 0 : 1);
    status = sqlite3_exec(side->db, settings, NULL, NULL, NULL);
    return status == SQLITE_OK || sqlite_fail(side->db, status, "open", error);
}

bool sqlite_pragma(sqlite3 *db, const char *sql, int64_t *out, struct error *error) {
    sqlite3_stmt *statement;
    *out = 0;
    if (!sqlite_prepare(db, sql, &statement, error)) {
        return false;
    }
    struct sqlite_query query = sqlite_again(statement);
    bool found;
    bool ok = sqlite_next(&query, &found, error);
    if (ok && found) {
        *out = sqlite3_column_int64(statement, 0);
    }
    sqlite3_finalize(statement);
    return ok;
}

enum home_state { HOME_EMPTY, HOME_OLDER, HOME_CURRENT };

// Reads what the file says it is; a newer home and somebody else's database are errors.
static bool state_of(struct sqlite_store *store, sqlite3 *db, enum home_state *out, int64_t *version,
                     struct error *error) {
    int64_t application;
    int64_t tables;
    if (!sqlite_pragma(db, "PRAGMA user_version", version, error) ||
        !sqlite_pragma(db, "PRAGMA application_id", &application, error) ||
        !sqlite_pragma(db, "SELECT count(*) FROM sqlite_schema", &tables, error)) {
        return false;
    }
    if (application == 0 && *version == 0 && tables == 0) {
        *out = HOME_EMPTY;
        return true;
    }
    if (application != HOME_APPLICATION_ID) {
        return error_set(error, ERROR_HOME_DAMAGED,
                         "%s is a database, but not a home of weir: move it away, or name another folder with --data",
                         store->path);
    }
    if (*version > HOME_VERSION) {
        return error_set(error, ERROR_HOME_NEWER,
                         "home %s has version %lld, this weir knows versions up to %d: use the weir that made it",
                         store->path, (long long)*version, HOME_VERSION);
    }
    *out = *version < HOME_VERSION ? HOME_OLDER : HOME_CURRENT;
    return true;
}

// Brings an empty or older file to the current version, in one transaction.
static bool migrate(struct sqlite_store *store, struct error *error) {
    sqlite3 *db = store->writer.db;
    enum home_state state;
    int64_t version;
    char finish[96];
    if (!sqlite_lock_take(store, error)) {
        return false;
    }
    // Another process may have been here first.
    bool ok = state_of(store, db, &state, &version, error);
    if (ok && state == HOME_EMPTY) {
        char settings[96];
        snprintf(settings, sizeof settings, "PRAGMA page_size=%d; PRAGMA journal_mode=WAL;", PAGE_BYTES);
        ok = sqlite_exec(db, settings, error);
    }
    if (ok && state != HOME_CURRENT) {
        ok = sqlite_exec(db, "BEGIN IMMEDIATE", error);
        while (ok && version < HOME_VERSION) {
            for (const char *const *sql = sqlite_migrations[version]; *sql != NULL && ok; sql++) {
                ok = sqlite_exec(db, *sql, error);
            }
            version++;
            ok = ok && sqlite_migrate_links(db, version, error);
        }
        snprintf(finish, sizeof finish, "PRAGMA application_id=%d; PRAGMA user_version=%d; COMMIT;",
                 HOME_APPLICATION_ID, HOME_VERSION);
        ok = ok && sqlite_exec(db, finish, error);
        if (!ok) {
            if (!sqlite3_get_autocommit(db)) {
                sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
            }
            sqlite_log_cut(store);
        }
    }
    sqlite_lock_free(store);
    return ok;
}

bool sqlite_is_wal(sqlite3 *db, const char *sql, bool *out, struct error *error) {
    sqlite3_stmt *statement;
    *out = false;
    if (!sqlite_prepare(db, sql, &statement, error)) {
        return false;
    }
    struct sqlite_query query = sqlite_again(statement);
    bool found;
    bool ok = sqlite_next(&query, &found, error);
    *out = ok && found && text_is(sqlite_text_at(statement, 0), "wal");
    sqlite3_finalize(statement);
    return ok;
}

// Readers beside a writer need the log; somebody may have turned it off, and some network disks can't have it.
static bool check_log(struct sqlite_store *store, struct error *error) {
    sqlite3 *db = store->writer.db;
    bool wal;
    int64_t bytes;
    if (!sqlite_pragma(db, "PRAGMA page_size", &bytes, error) ||
        !sqlite_is_wal(db, "PRAGMA journal_mode", &wal, error)) {
        return false;
    }
    store->page_bytes = (int)bytes;
    if (!wal) {
        if (!sqlite_lock_take(store, error)) {
            return false;
        }
        bool ok = sqlite_is_wal(db, "PRAGMA journal_mode=WAL", &wal, error);
        sqlite_lock_free(store);
        if (!ok) {
            return false;
        }
    }
    return wal || error_set(error, ERROR_HOME_OPEN,
                            "home %s is on a disk that cannot hold SQLite's log (WAL): keep --data on a local disk",
                            store->path);
}

static bool open_writer(struct sqlite_store *store, const struct store_setup *setup, struct error *error) {
    char lock[PATH_MAX];
    if (snprintf(lock, sizeof lock, "%s/home.lock", store->folder) >= (int)sizeof lock) {
        return error_set(error, ERROR_HOME_OPEN, "the path %.80s… is longer than paths may be", store->folder);
    }
    store->lock_file = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (store->lock_file < 0) {
        return error_set_errno(error, ERROR_HOME_OPEN, errno, "cannot open %s", lock);
    }
    if (setup->create && !file_make(store->path, error)) {
        return false;
    }
    enum home_state state;
    int64_t version;
    if (!side_open(store, &store->writer, store->path, SQLITE_OPEN_READWRITE, error) ||
        !state_of(store, store->writer.db, &state, &version, error)) {
        return false;
    }
    sqlite3_wal_hook(store->writer.db, note_wal, store);
    if (state != HOME_CURRENT && !migrate(store, error)) {
        return false;
    }
    if (!check_log(store, error)) {
        return false;
    }
    // SQLite turned the size into a number of pages when a new file's pages were still of another size.
    char cache[64];
    snprintf(cache, sizeof cache, "PRAGMA cache_size=-%d", WRITER_CACHE_KB);
    return sqlite_exec(store->writer.db, cache, error) && sqlite_batch_register(store->writer.db, &store->batch, error);
}

// A read-only connection to a log in use needs its index file; where that can't be made (a home on a read-only disk)
// and there is no log, the file alone is all of home.
static bool open_reader(struct sqlite_store *store, struct error *error) {
    enum home_state state;
    int64_t version;
    if (!store->read_only) {
        return side_open(store, &store->reader, store->path, SQLITE_OPEN_READWRITE, error);
    }
    bool ok = side_open(store, &store->reader, store->path, SQLITE_OPEN_READONLY, error) &&
              state_of(store, store->reader.db, &state, &version, error);
    char path[PATH_MAX + 32];
    snprintf(path, sizeof path, "%s-wal", store->path);
    if (!ok && (error->code == ERROR_HOME_OPEN || error->code == ERROR_HOME_IO) && access(path, F_OK) != 0) {
        sqlite3_close(store->reader.db);
        store->reader.db = NULL;
        error_clear(error);
        // In a file: URI, these three have a meaning of their own.
        size_t at = (size_t)snprintf(path, sizeof path, "file:");
        for (const char *c = store->path; *c != '\0' && at + 16 < sizeof path; c++) {
            if (*c == '%' || *c == '?' || *c == '#') {
                at += (size_t)snprintf(path + at, sizeof path - at, "%%%02X", (unsigned)*c);
            } else {
                path[at++] = *c;
            }
        }
        snprintf(path + at, sizeof path - at, "?immutable=1");
        ok = side_open(store, &store->reader, path, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, error) &&
             state_of(store, store->reader.db, &state, &version, error);
    }
    if (ok && state == HOME_EMPTY) {
        return error_set(error, ERROR_HOME_MISSING, "there is nothing in home %s yet: run a sync of it first",
                         store->path);
    }
    if (ok && state == HOME_OLDER) {
        return error_set(error, ERROR_HOME_OPEN,
                         "home %s was made by an older weir: run one of its syncs, which brings it up to date",
                         store->path);
    }
    return ok;
}

bool sqlite_open(struct sqlite_store *store, const struct store_setup *setup, struct error *error) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, configure);
    store->wal_bytes = fault_log() != 0 ? (int)fault_log() : HOME_WAL_BYTES;
    struct stat found;
    bool is_there = stat(store->path, &found) == 0;
    if (!is_there && setup->create && !setup->read_only) {
        if (!folder_make(store->folder, error)) {
            return false;
        }
        is_there = stat(store->path, &found) == 0;
    }
    if (!is_there && (!setup->create || setup->read_only)) {
        return errno == ENOENT || errno == ENOTDIR
                   ? error_set(error, ERROR_HOME_MISSING,
                               "there is no home in %s: run a sync of it first, or check the name and --data",
                               store->folder)
                   : error_set_errno(error, ERROR_HOME_OPEN, errno, "cannot open home %s", store->path);
    }
    if (is_there && !S_ISREG(found.st_mode)) {
        return error_set(error, ERROR_HOME_DAMAGED, "%s is not a file: move it away", store->path);
    }
    return (store->read_only || open_writer(store, setup, error)) && open_reader(store, error);
}

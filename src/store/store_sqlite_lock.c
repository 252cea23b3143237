#include "store/store_sqlite_internal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

// SQLite before 3.51.3 can lose pages when one connection checkpoints while another commits and resets the log. So
// home.lock covers every commit together with its checkpoint, SQLite's own checkpoints are off (by size and at
// close), and nothing else in weir writes home.
//
// The lock belongs to an open file description (OFD): closing some other descriptor of the file does not drop it, as
// it would with a classic POSIX lock, and it holds between two stores of one process too.

// A commit takes milliseconds, the end of a large first load up to half a minute.
enum { LOCK_WAIT_MS = 60 * 1000, LOCK_STEP_US = 200, LOCK_STEP_MAX_US = 20 * 1000 };

static const char sql_commit[] = "COMMIT";
static const char sql_rollback[] = "ROLLBACK";

static void pause_us(int64_t span_us) {
    struct timespec span = {.tv_sec = span_us / 1000000, .tv_nsec = span_us % 1000000 * 1000};
    nanosleep(&span, NULL);
}

static bool lock_set(int file, short type) {
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET};
    return fcntl(file, F_OFD_SETLK, &lock) == 0;
}

bool sqlite_lock_take(struct sqlite_store *store, struct error *error) {
    int64_t step_us = LOCK_STEP_US;
    int64_t waited_us = 0;
    while (!lock_set(store->lock_file, F_WRLCK)) {
        if (errno != EAGAIN && errno != EACCES && errno != EINTR) {
            return error_set_errno(error, ERROR_HOME_IO, errno, "cannot lock %s/home.lock", store->folder);
        }
        if (waited_us >= LOCK_WAIT_MS * (int64_t)1000) {
            return error_set(error, ERROR_HOME_BUSY,
                             "another weir has been writing to home %s for %d s: wait for it, or look at `weir status`",
                             store->path, LOCK_WAIT_MS / 1000);
        }
        pause_us(step_us);
        waited_us += step_us;
        step_us = step_us * 2 < LOCK_STEP_MAX_US ? step_us * 2 : LOCK_STEP_MAX_US;
    }
    return true;
}

void sqlite_lock_free(struct sqlite_store *store) {
    lock_set(store->lock_file, F_UNLCK);
}

// Undoes what a failed call has left open. Its statement was prepared before anything was begun: undoing must not need
// memory that just ran out.
static void undo(struct sqlite_store *store) {
    struct sqlite_query query;
    if (!sqlite3_get_autocommit(store->writer.db) && sqlite_ask(&store->writer, sql_rollback, &query, NULL)) {
        sqlite_run(&query, NULL);
    }
}

bool sqlite_begin(struct sqlite_store *store, struct error *error) {
    assert(!store->read_only);
    pthread_mutex_lock(&store->writing);
    struct sqlite_query query;
    if (!sqlite_lock_take(store, error)) {
        goto fail_mutex;
    }
    undo(store);
    if (!sqlite_ask(&store->writer, sql_rollback, &query, error) ||
        !sqlite_ask(&store->writer, sql_commit, &query, error) ||
        !sqlite_ask(&store->writer, "BEGIN IMMEDIATE", &query, error) || !sqlite_run(&query, error)) {
        goto fail_lock;
    }
    store->in_transaction = true;
    return true;

fail_lock:
    undo(store);
    sqlite_lock_free(store);
fail_mutex:
    pthread_mutex_unlock(&store->writing);
    return false;
}

static void leave(struct sqlite_store *store) {
    store->in_transaction = false;
    sqlite_lock_free(store);
    pthread_mutex_unlock(&store->writing);
}

// The log is copied into the file when it has grown past HOME_WAL_BYTES. CPU seconds of 1M rows of 150 bytes with
// ascending links, and of 300,000 with scattered keys, in pages of 1,000:
//
//    log           4 MB   16 MB   64 MB
//    ascending     1.69   1.65    1.70
//    scattered     1.82   1.46    1.32      (a page changed again before it is copied is copied once)
//
// Past WAL_RESTART times that, readers that stand in the log and so hold it up are waited for, shortly.
enum { WAL_RESTART = 2, RESTART_WAIT_MS = 50 };

// A checkpoint that readers hold up copies a part of the log and syncs nothing: the one that comes to the log's end
// does it for both. When that sync fails the kernel has taken all of these pages for written, and no later sync brings
// them. SQLite would copy its own part once more, sync that, and begin the log anew, without the part that was copied
// before. So the log's index is told that nothing of it was copied yet.
static void copy_anew(struct sqlite_store *store) {
    enum { CHECKPOINT_LOCK = 1, INDEX_BYTES = 32 * 1024, INDEX_COPIED = 96 }; // SQLite's file format
    sqlite3_file *file = NULL;
    void volatile *index = NULL;
    if (sqlite3_file_control(store->writer.db, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK ||
        file->pMethods->xShmLock(file, CHECKPOINT_LOCK, 1, SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE) != SQLITE_OK) {
        return;
    }
    if (file->pMethods->xShmMap(file, 0, INDEX_BYTES, 0, &index) == SQLITE_OK && index != NULL) {
        *(uint32_t volatile *)((char volatile *)index + INDEX_COPIED) = 0;
    }
    file->pMethods->xShmLock(file, CHECKPOINT_LOCK, 1, SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE);
}

// Copies the log into the file, so that the next commit starts it again from its beginning. A checkpoint that fails
// loses nothing, and a later commit tries again; what is really wrong with the disk shows in that commit.
static void checkpoint(struct sqlite_store *store) {
    int due = store->wal_bytes / store->page_bytes;
    if (store->wal_pages < due || store->wal_pages < store->wal_checkpoint_at) {
        return;
    }
    int log = 0;
    int done = 0;
    int next = due / 4;
    int status;
    if (store->wal_pages < WAL_RESTART * due) {
        status = sqlite3_wal_checkpoint_v2(store->writer.db, "main", SQLITE_CHECKPOINT_PASSIVE, &log, &done);
    } else {
        sqlite3_busy_timeout(store->writer.db, RESTART_WAIT_MS);
        status = sqlite3_wal_checkpoint_v2(store->writer.db, "main", SQLITE_CHECKPOINT_RESTART, &log, &done);
        sqlite3_busy_timeout(store->writer.db, HOME_BUSY_WAIT_MS);
        next = status == SQLITE_OK ? next : due;
    }
    if ((status & 0xff) == SQLITE_IOERR) {
        copy_anew(store);
    }
    // Held up: the next try is worth its cost when there is more to copy.
    store->wal_checkpoint_at = done < log ? store->wal_pages + next : 0;
}

// A commit whose sync failed stands in the log's file all the same. This connection does not believe it and writes the
// next one over it. But the next process, which reads the log from its file, would: it would commit behind it, and a
// power failure would take both, since a kernel that failed to write pages does not try again. So what stands behind
// the last good commit is cut off. SQLite's write lock is taken for that: home's own lock keeps out weir alone.
void sqlite_log_cut(struct sqlite_store *store) {
    enum { LOG_HEAD = 32, FRAME_HEAD = 24, INDEX_BYTES = 32 * 1024, INDEX_LAST_FRAME = 16 }; // SQLite's file format
    sqlite3 *db = store->writer.db;
    sqlite3_file *file = NULL;
    sqlite3_file *log = NULL;
    void volatile *index = NULL;
    bool wal;
    if (!sqlite_is_wal(db, "PRAGMA journal_mode", &wal, NULL) || !wal ||
        sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK) {
        return;
    }
    int64_t page_bytes = 0;
    sqlite3_int64 size = 0;
    if (sqlite_pragma(db, "PRAGMA page_size", &page_bytes, NULL) &&
        sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK &&
        sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) == SQLITE_OK && log->pMethods != NULL &&
        file->pMethods->xShmMap(file, 0, INDEX_BYTES, 0, &index) == SQLITE_OK && index != NULL) {
        uint32_t frames = *(uint32_t volatile *)((char volatile *)index + INDEX_LAST_FRAME);
        int64_t good = LOG_HEAD + (int64_t)frames * (FRAME_HEAD + page_bytes);
        if (log->pMethods->xFileSize(log, &size) == SQLITE_OK && size > good) {
            log->pMethods->xTruncate(log, good);
        }
    }
    sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
}

bool sqlite_commit(struct sqlite_store *store, struct error *error) {
    assert(store->in_transaction);
    struct sqlite_query commit;
    store->wal_pages = 0;
    bool ok = sqlite_ask(&store->writer, sql_commit, &commit, error) && sqlite_run(&commit, error);
    if (!ok) {
        // Not knowing whether it was committed is an error too: the next run reads what home says.
        undo(store);
        sqlite_log_cut(store);
        sqlite_rollback(store);
        return false;
    }
    if (store->wal_pages > 0) {
        checkpoint(store);
    }
    ok = sqlite_mark_tell(store, error);
    leave(store);
    return ok;
}

void sqlite_rollback(struct sqlite_store *store) {
    if (!store->in_transaction) {
        return;
    }
    undo(store);
    store->mark_due = 0;
    leave(store);
}

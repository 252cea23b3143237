#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "store/store_sqlite_internal.h"

// home.mark, beside home.db: how far home's counter "mark" was when something was last about to be pushed. A home that
// came back from a backup has a smaller counter, while what it pushed since is out there, without a link.
//
//    commit    counter   home.mark
//    intents   7         6 -> 7       written after the commit, under home's lock, before anything is sent
//    (death)   8         7            nothing was sent either
//    backup    5         7            restored: the counter stands still until a page says `reconciled`, then it is 7
//
// A page without intents doesn't touch it, so a pull pays nothing.

enum { MARK_DIGITS = 24 };

static bool mark_path(const struct sqlite_store *store, const char *suffix, char out[PATH_MAX], struct error *error) {
    int length = snprintf(out, PATH_MAX, "%s/home.mark%s", store->folder, suffix);
    return (length > 0 && length < PATH_MAX) ||
           error_set(error, ERROR_HOME_OPEN, "the path %.80s… is longer than paths may be", store->folder);
}

// What stands beside home; 0 when nothing does.
static bool mark_read(const struct sqlite_store *store, int64_t *out, struct error *error) {
    char path[PATH_MAX];
    char digits[MARK_DIGITS];
    *out = 0;
    if (!mark_path(store, "", path, error)) {
        return false;
    }
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return errno == ENOENT || error_set_errno(error, ERROR_HOME_OPEN, errno, "cannot open %s", path);
    }
    ssize_t length = read(file, digits, sizeof digits);
    int reason = errno;
    close(file);
    if (length < 0) {
        return error_set_errno(error, ERROR_HOME_IO, reason, "cannot read %s", path);
    }
    bool ok = length > 1 && digits[length - 1] == '\n' &&
              text_integer((struct text){digits, (size_t)length - 1}, out) && *out >= 0;
    return ok || error_set(error, ERROR_HOME_DAMAGED,
                           "%s is damaged: remove it, if this home did not come back from a backup", path);
}

static bool mark_write(const struct sqlite_store *store, int64_t mark, struct error *error) {
    char path[PATH_MAX];
    char made[PATH_MAX];
    char digits[MARK_DIGITS];
    if (!mark_path(store, "", path, error) || !mark_path(store, ".new", made, error)) {
        return false;
    }
    int length = snprintf(digits, sizeof digits, "%" PRId64 "\n", mark);
    int file = open(made, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool ok = file >= 0;
    int reason = errno;
    if (ok) {
        errno = ENOSPC; // of a write that ends early
        ok = write(file, digits, (size_t)length) == length && fsync(file) == 0;
        reason = errno;
        close(file);
    }
    if (ok) {
        ok = rename(made, path) == 0 && sqlite_folder_sync(store->folder);
        reason = errno;
    }
    return ok ||
           error_set_errno(error, reason == ENOSPC ? ERROR_HOME_FULL : ERROR_HOME_IO, reason, "cannot write %s", path);
}

static bool counter_read(struct sqlite_side *side, int64_t *out, struct error *error) {
    struct sqlite_query query;
    bool found;
    if (!sqlite_ask(side, "SELECT value FROM weir_counter WHERE name = 'mark'", &query, error) ||
        !sqlite_next(&query, &found, error)) {
        return false;
    }
    *out = found ? sqlite3_column_int64(query.statement, 0) : 0;
    sqlite_end(&query);
    return true;
}

bool sqlite_mark_move(struct sqlite_store *store, const struct page *page, struct error *error) {
    int64_t told;
    int64_t mark;
    if (page->intent_count == 0 && !page->reconciled) {
        return true;
    }
    if (!mark_read(store, &told, error) || !counter_read(&store->writer, &mark, error)) {
        return false;
    }
    int64_t next = page->reconciled && mark < told ? told : mark;
    if (page->intent_count > 0 && next >= told) { // a restored home must not catch up by itself
        next++;
        store->mark_due = next;
    }
    return next == mark || sqlite_count(store, "mark", next - mark, &mark, error);
}

bool sqlite_mark_tell(struct sqlite_store *store, struct error *error) {
    int64_t due = store->mark_due;
    store->mark_due = 0;
    return due == 0 || mark_write(store, due, error);
}

bool sqlite_restored(struct store *base, bool *out, struct error *error) {
    struct sqlite_store *store = sqlite_of(base);
    int64_t told;
    int64_t mark;
    // The mark is written after the commit that it tells of, so the counter that is read after it is not behind it. The
    // writing side's connection is asked: a snapshot of the reading side may be older than the mark.
    if (!mark_read(store, &told, error)) {
        return false;
    }
    struct sqlite_side *side = store->read_only ? &store->reader : &store->writer;
    pthread_mutex_lock(&store->writing);
    bool ok = counter_read(side, &mark, error);
    pthread_mutex_unlock(&store->writing);
    *out = ok && mark < told;
    return ok;
}

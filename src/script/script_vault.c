#include "script/script_vault.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/memory.h"
#include "script/script_secret.h"

enum { PATH_BYTES_MAX = 4096, LOCKS_MAX = 16 };

// A name's lock that is held. It belongs to an open file description, so two threads of a process exclude each other
// too, and the kernel gives it back at any death.
struct held {
    char name[SECRET_NAME_MAX + 1];
    int file; // -1: nobody's
};

struct file_vault {
    struct vault base;
    char *data; // NULL: none
    char *folder;
    struct text org; // the end of `folder`
    pthread_mutex_t guard;
    struct held held[LOCKS_MAX];
};

static struct file_vault *vault_of(struct vault *vault) {
    return (struct file_vault *)vault;
}

static bool vault_get(struct vault *base, struct text name, struct arena *arena, struct text *out,
                      struct error *error) {
    struct file_vault *vault = vault_of(base);
    return secret_read(vault->data, vault->org, name, arena, out, error);
}

// Whether the secret may have files beside it: it has a name, a folder, and is not the environment's.
static bool is_file(const struct file_vault *vault, struct text name, struct error *error) {
    if (!secret_name_check(name, error)) {
        return false;
    }
    if (secret_in_environment(name)) {
        return error_set(
            error, ERROR_SECRET,
            "the secret %.*s changes whenever it is used, and the environment cannot be written to; put it "
            "into the file %s/%.*s instead",
            TEXT_ARGS(name), vault->data != NULL ? vault->folder : "DATA/secrets/ORG", TEXT_ARGS(name));
    }
    return vault->data != NULL ||
           error_set(error, ERROR_SECRET, "the secret %.*s has no folder to be kept in", TEXT_ARGS(name));
}

static bool make_folder(const char *path, struct error *error) {
    return mkdir(path, 0700) == 0 || errno == EEXIST ||
           error_set_errno(error, ERROR_SECRET, errno, "cannot make the folder %s", path);
}

static bool make_folders(const struct file_vault *vault, struct error *error) {
    char path[PATH_BYTES_MAX];
    snprintf(path, sizeof path, "%s/secrets", vault->data);
    return make_folder(path, error) && make_folder(vault->folder, error);
}

static bool name_path(const struct file_vault *vault, struct text name, const char *ending, char path[PATH_BYTES_MAX],
                      struct error *error) {
    int length = snprintf(path, PATH_BYTES_MAX, "%s/%.*s%s", vault->folder, TEXT_ARGS(name), ending);
    return (length > 0 && length < PATH_BYTES_MAX) ||
           error_set(error, ERROR_SECRET, "the path of the secret %.*s is too long", TEXT_ARGS(name));
}

// --- locks ---

static struct held *held_find(struct file_vault *vault, struct text name) {
    for (size_t i = 0; i < LOCKS_MAX; i++) {
        if (vault->held[i].file >= 0 && text_is(name, vault->held[i].name)) {
            return &vault->held[i];
        }
    }
    return NULL;
}

static bool held_add(struct file_vault *vault, struct text name, int file) {
    bool added = false;
    pthread_mutex_lock(&vault->guard);
    for (size_t i = 0; i < LOCKS_MAX && !added; i++) {
        if (vault->held[i].file < 0) {
            snprintf(vault->held[i].name, sizeof vault->held[i].name, "%.*s", TEXT_ARGS(name));
            vault->held[i].file = file;
            added = true;
        }
    }
    pthread_mutex_unlock(&vault->guard);
    return added;
}

// Waits for the lock on the name's file and gives the file; -1 with an error.
static int lock_take(const struct file_vault *vault, struct text name, struct error *error) {
    char path[PATH_BYTES_MAX];
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (!is_file(vault, name, error) || !make_folders(vault, error) || !name_path(vault, name, ".lock", path, error)) {
        return -1;
    }
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) {
        error_set_errno(error, ERROR_SECRET, errno, "cannot open %s", path);
        return -1;
    }
    while (fcntl(file, F_OFD_SETLKW, &lock) != 0) {
        if (errno != EINTR) {
            error_set_errno(error, ERROR_SECRET, errno, "cannot lock %s", path);
            close(file);
            return -1;
        }
    }
    return file;
}

static bool vault_lock(struct vault *base, struct text name, struct error *error) {
    int file = lock_take(vault_of(base), name, error);
    if (file >= 0 && !held_add(vault_of(base), name, file)) {
        close(file);
        return error_set(error, ERROR_LIMIT, "more than %d secrets are locked at once", LOCKS_MAX);
    }
    return file >= 0;
}

static void vault_unlock(struct vault *base, struct text name) {
    struct file_vault *vault = vault_of(base);
    pthread_mutex_lock(&vault->guard);
    struct held *held = held_find(vault, name);
    assert(held != NULL);
    if (held != NULL) {
        close(held->file); // the lock goes with its last descriptor
        held->file = -1;
    }
    pthread_mutex_unlock(&vault->guard);
}

// --- putting ---

static bool write_whole(int file, struct text text) {
    size_t written = 0;
    while (written < text.length) {
        ssize_t put = write(file, text.data + written, text.length - written);
        if (put < 0 && errno != EINTR) {
            return false;
        }
        written += put > 0 ? (size_t)put : 0;
    }
    return fchmod(file, 0600) == 0 && fsync(file) == 0;
}

static bool sync_folder(const char *path, struct error *error) {
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = folder >= 0 && fsync(folder) == 0;
    int number = errno;
    if (folder >= 0) {
        close(folder);
    }
    return ok || error_set_errno(error, ERROR_SECRET, number, "cannot write %s to the disk", path);
}

// Writes NAME.new and puts it into NAME's place: whoever reads finds the old text or the new one, whole.
static bool replace(const struct file_vault *vault, struct text name, struct text text, struct error *error) {
    char fresh[PATH_BYTES_MAX];
    char path[PATH_BYTES_MAX];
    if (!name_path(vault, name, ".new", fresh, error) || !name_path(vault, name, "", path, error)) {
        return false;
    }
    unlink(fresh); // of somebody who died here, or a link that somebody laid
    int file = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) {
        return error_set_errno(error, ERROR_SECRET, errno, "cannot make %s", fresh);
    }
    bool ok = write_whole(file, text);
    int number = errno;
    if (close(file) != 0 && ok) {
        ok = false;
        number = errno;
    }
    fault_point("vault.put");
    if (ok && rename(fresh, path) != 0) {
        ok = false;
        number = errno;
    }
    if (!ok) {
        unlink(fresh);
        return error_set_errno(error, ERROR_SECRET, number, "cannot write %s", path);
    }
    return sync_folder(vault->folder, error);
}

static bool vault_put(struct vault *base, struct text name, struct text text, struct error *error) {
    struct file_vault *vault = vault_of(base);
    bool fits = text.length > 0 && text.length <= SECRET_BYTES_MAX && text.data[text.length - 1] != '\n' &&
                text.data[text.length - 1] != '\r';
    if (!is_file(vault, name, error)) {
        return false;
    }
    if (!fits) { // reading takes line ends off, so it would come back as another one
        return error_set(error, ERROR_SECRET,
                         "a secret is 1 to %d bytes without a line end behind it; the new text of %.*s is not",
                         SECRET_BYTES_MAX, TEXT_ARGS(name));
    }
    pthread_mutex_lock(&vault->guard);
    bool is_held = held_find(vault, name) != NULL;
    pthread_mutex_unlock(&vault->guard);
    int file = -1;
    if (!is_held && (file = lock_take(vault, name, error)) < 0) {
        return false;
    }
    bool ok = replace(vault, name, text, error);
    if (file >= 0) {
        close(file);
    }
    return ok;
}

// --- ---

static const struct vault_type file_vault_type = {vault_get, vault_put, vault_lock, vault_unlock};

bool script_vault_open(const char *data, struct text org, struct vault **out, struct error *error) {
    size_t room = (data != NULL ? strlen(data) : 0) + sizeof "/secrets/" + org.length;
    struct file_vault *vault = memory_zero(1, sizeof *vault);
    char *folder = memory_take(room);
    char *copy = data != NULL ? memory_take(strlen(data) + 1) : NULL;
    if (vault == NULL || folder == NULL || (data != NULL && copy == NULL)) {
        goto fail;
    }
    snprintf(folder, room, "%s/secrets/%.*s", data != NULL ? data : "", TEXT_ARGS(org));
    if (pthread_mutex_init(&vault->guard, NULL) != 0) {
        goto fail;
    }
    if (copy != NULL) {
        memcpy(copy, data, strlen(data) + 1);
    }
    vault->base.type = &file_vault_type;
    vault->data = copy;
    vault->folder = folder;
    vault->org = (struct text){folder + strlen(folder) - org.length, org.length};
    for (size_t i = 0; i < LOCKS_MAX; i++) {
        vault->held[i].file = -1;
    }
    *out = &vault->base;
    return true;

fail:
    memory_free(copy);
    memory_free(folder);
    memory_free(vault);
    return error_memory(error);
}

void script_vault_close(struct vault *base) {
    struct file_vault *vault = vault_of(base);
    if (base == NULL) {
        return;
    }
    for (size_t i = 0; i < LOCKS_MAX; i++) {
        if (vault->held[i].file >= 0) {
            close(vault->held[i].file);
        }
    }
    pthread_mutex_destroy(&vault->guard);
    memory_free(vault->data);
    memory_free(vault->folder);
    memory_free(vault);
}

#define _XOPEN_SOURCE 700

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "disk_fake_internal.h"
#include "test.h"

// What weir writes without SQLite: home.mark (written beside it as home.mark.new, synced, renamed, the folder synced)
// and the folders it makes. The linker sends all calls of these names here; those about other files go on as they are.

ssize_t __real_write(int file, const void *data, size_t size);
int __real_fsync(int file);
int __real_rename(const char *from, const char *to);
int __real_mkdir(const char *path, mode_t mode);
ssize_t __wrap_write(int file, const void *data, size_t size);
int __wrap_fsync(int file);
int __wrap_rename(const char *from, const char *to);
int __wrap_mkdir(const char *path, mode_t mode);

enum { MARK_BYTES = 64 };

// A home.mark, or a folder that was made.
struct disk_name {
    struct disk_name *next;
    char path[PATH_MAX];
    bool is_folder;
    bool is_unsynced;     // its folder's names were not synced since
    bool draft_is_synced; // what will be renamed to it
    bool is_torn;         // it was renamed before it was synced
    bool had_old;
    char old[MARK_BYTES];
    size_t old_size;
};

static struct disk_name *names;

static bool ends_with(const char *path, const char *end) {
    size_t length = strlen(path);
    size_t end_length = strlen(end);
    return length >= end_length && strcmp(path + length - end_length, end) == 0;
}

static bool path_of(int file, char out[PATH_MAX]) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, out, PATH_MAX - 1);
    out[length > 0 ? length : 0] = '\0';
    return length > 0;
}

static struct disk_name *name_of(const char *path, size_t length) {
    struct disk_name *name = names;
    while (name != NULL && !(strlen(name->path) == length && memcmp(name->path, path, length) == 0)) {
        name = name->next;
    }
    if (name == NULL) {
        name = calloc(1, sizeof *name);
        CHECK(name != NULL && length < sizeof name->path);
        memcpy(name->path, path, length);
        name->next = names;
        names = name;
    }
    return name;
}

static struct disk_name *mark_of_draft(const char *draft) {
    return name_of(draft, strlen(draft) - strlen(".new"));
}

// What stands before a call: errno for what strikes it, 0 when it may go on. `finish` then ends it.
static int begin(enum disk_call call, enum disk_trouble *trouble) {
    disk_enter();
    if (disk_is_dead()) {
        *trouble = DISK_TROUBLES;
        return EIO;
    }
    *trouble = disk_call(call);
    return *trouble == DISK_TROUBLES ? 0 : *trouble == DISK_FULL || *trouble == DISK_SHORT_WRITE ? ENOSPC : EIO;
}

static void finish(enum disk_trouble trouble, int reason) {
    if (trouble == DISK_KILL || trouble == DISK_POWER_OFF) {
        disk_die(trouble == DISK_POWER_OFF);
    }
    disk_leave();
    errno = reason;
}

ssize_t __wrap_write(int file, const void *data, size_t size) {
    char path[PATH_MAX];
    enum disk_trouble trouble;
    if (file <= STDERR_FILENO || !path_of(file, path) || !ends_with(path, "/home.mark.new")) {
        return __real_write(file, data, size);
    }
    disk_tell();
    int reason = begin(DISK_CALL_WRITE, &trouble);
    bool is_half = trouble == DISK_SHORT_WRITE || trouble == DISK_KILL;
    ssize_t done = -1;
    if (reason == 0 || is_half || trouble == DISK_POWER_OFF) {
        done = __real_write(file, data, is_half ? size / 2 : size);
        mark_of_draft(path)->draft_is_synced = false;
    }
    finish(trouble, reason);
    return reason == 0 || trouble == DISK_SHORT_WRITE ? done : -1;
}

int __wrap_fsync(int file) {
    char path[PATH_MAX];
    struct stat found;
    enum disk_trouble trouble;
    if (!path_of(file, path) || fstat(file, &found) != 0) {
        return __real_fsync(file);
    }
    if (!S_ISDIR(found.st_mode) && !ends_with(path, "/home.mark.new")) {
        return 0;
    }
    int reason = begin(DISK_CALL_SYNC, &trouble);
    if (reason == 0 && !disk_lies()) {
        if (S_ISDIR(found.st_mode)) {
            disk_names_synced(path, strlen(path));
        } else {
            mark_of_draft(path)->draft_is_synced = true;
        }
    }
    finish(trouble, reason);
    return reason == 0 ? 0 : -1;
}

int __wrap_rename(const char *from, const char *to) {
    enum disk_trouble trouble;
    if (!ends_with(to, "/home.mark")) {
        return __real_rename(from, to);
    }
    disk_tell();
    int reason = begin(DISK_CALL_DELETE, &trouble);
    if (reason == 0 || trouble == DISK_POWER_OFF) {
        struct disk_name *mark = name_of(to, strlen(to));
        if (!mark->is_unsynced) {
            FILE *old = fopen(to, "rb");
            mark->had_old = old != NULL;
            if (old != NULL) {
                mark->old_size = fread(mark->old, 1, sizeof mark->old, old);
                fclose(old);
            }
        }
        mark->is_unsynced = true;
        mark->is_torn = !mark->draft_is_synced;
        if (__real_rename(from, to) != 0 && reason == 0) {
            reason = errno;
        }
    }
    finish(trouble, reason);
    return reason == 0 ? 0 : -1;
}

int __wrap_mkdir(const char *path, mode_t mode) {
    enum disk_trouble trouble;
    if (access(path, F_OK) == 0) {
        return __real_mkdir(path, mode);
    }
    int reason = begin(DISK_CALL_DELETE, &trouble);
    if (reason == 0 || trouble == DISK_POWER_OFF) {
        if (__real_mkdir(path, mode) == 0) {
            struct disk_name *name = name_of(path, strlen(path));
            name->is_folder = name->is_unsynced = true;
        } else if (reason == 0) {
            reason = errno;
        }
    }
    finish(trouble, reason);
    return reason == 0 ? 0 : -1;
}

void disk_posix_names_synced(const char *folder, size_t length) {
    for (struct disk_name *name = names; name != NULL; name = name->next) {
        if ((size_t)(strrchr(name->path, '/') - name->path) == length && memcmp(name->path, folder, length) == 0) {
            name->is_unsynced = false;
        }
    }
}

static int take_away(const char *path, const struct stat *found, int kind, struct FTW *at) {
    (void)found;
    (void)kind;
    (void)at;
    return remove(path);
}

void disk_fake_remove(const char *folder) {
    CHECK(access(folder, F_OK) != 0 || nftw(folder, take_away, 8, FTW_DEPTH | FTW_PHYS) == 0);
}

static void name_power_off(struct disk_name *name) {
    bool keeps = !name->is_unsynced || disk_keeps();
    if (name->is_folder) {
        if (!keeps) {
            disk_fake_remove(name->path);
        }
    } else if (!keeps && !name->had_old) {
        CHECK(unlink(name->path) == 0 || errno == ENOENT);
    } else if (!keeps) {
        test_write(name->path, name->old, name->old_size);
    } else if (name->is_torn && !disk_keeps()) {
        CHECK(truncate(name->path, 0) == 0 || errno == ENOENT);
    }
    name->is_unsynced = name->is_torn = false;
}

void disk_posix_power_off(void) {
    // Marks first: a folder takes what is in it along.
    for (int folders = 0; folders < 2; folders++) {
        for (struct disk_name *name = names; name != NULL; name = name->next) {
            if (name->is_folder == folders) {
                name_power_off(name);
            }
        }
    }
}

void disk_posix_forget(void) {
    while (names != NULL) {
        struct disk_name *name = names;
        names = name->next;
        free(name);
    }
}

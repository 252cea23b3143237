#include <unistd.h>

#include "disk_fake_internal.h"
#include "test.h"

// The VFS: the machine's own, with a door in front of each call.

struct disk_file {
    sqlite3_file base;
    sqlite3_file *real;     // behind this struct
    struct disk_node *node; // NULL: a file without a name, which nothing is left of in any case
    bool syncs_names;       // with its next sync, as SQLite does for what it just made
};

static sqlite3_vfs *real_vfs;
static int handles;

int disk_vfs_handles(void) {
    return handles;
}

static struct disk_file *disk_of(sqlite3_file *file) {
    return (struct disk_file *)file;
}

static sqlite3_file *real_of(sqlite3_file *file) {
    return disk_of(file)->real;
}

// A file stays dead that was open when the disk died: revive asks that all be closed.
static bool is_dead(void) {
    disk_enter();
    bool dead = disk_is_dead();
    disk_leave();
    return dead;
}

static int disk_close(sqlite3_file *file) {
    disk_enter();
    handles--;
    disk_leave();
    return real_of(file)->pMethods->xClose(real_of(file));
}

static int disk_read(sqlite3_file *file, void *data, int count, sqlite3_int64 at) {
    disk_enter();
    bool fails = disk_is_dead() || disk_call(DISK_CALL_READ) != DISK_TROUBLES;
    disk_leave();
    return fails ? SQLITE_IOERR_READ : real_of(file)->pMethods->xRead(real_of(file), data, count, at);
}

static int write_some(sqlite3_file *file, const void *data, int count, sqlite3_int64 at) {
    sqlite3_int64 size;
    sqlite3_file *real = real_of(file);
    if (count == 0) {
        return SQLITE_OK;
    }
    disk_node_change(disk_of(file)->node, real, at, at + count);
    int status = real->pMethods->xWrite(real, data, count, at);
    CHECK(real->pMethods->xFileSize(real, &size) == SQLITE_OK);
    disk_node_sized(disk_of(file)->node, size);
    return status;
}

static int write_troubled(sqlite3_file *file, const void *data, int count, sqlite3_int64 at,
                          enum disk_trouble trouble) {
    switch (trouble) {
    case DISK_SHORT_WRITE:
        write_some(file, data, count / 2, at);
        return SQLITE_FULL; // what SQLite makes of a write that ends early
    case DISK_FULL:
        return SQLITE_FULL;
    case DISK_KILL:
        write_some(file, data, (int)disk_draw((uint64_t)count + 1), at);
        disk_die(false);
        return SQLITE_IOERR_WRITE;
    case DISK_POWER_OFF:
        write_some(file, data, count, at);
        disk_die(true);
        return SQLITE_IOERR_WRITE;
    default:
        return SQLITE_IOERR_WRITE;
    }
}

static int disk_write(sqlite3_file *file, const void *data, int count, sqlite3_int64 at) {
    if (disk_of(file)->node == NULL) {
        return is_dead() ? SQLITE_IOERR_WRITE : real_of(file)->pMethods->xWrite(real_of(file), data, count, at);
    }
    disk_tell();
    int status = SQLITE_IOERR_WRITE;
    disk_enter();
    if (!disk_is_dead()) {
        enum disk_trouble trouble = disk_call(DISK_CALL_WRITE);
        status = trouble == DISK_TROUBLES ? write_some(file, data, count, at)
                                          : write_troubled(file, data, count, at, trouble);
    }
    disk_leave();
    return status;
}

static int truncate_to(sqlite3_file *file, sqlite3_int64 size) {
    sqlite3_int64 old;
    sqlite3_file *real = real_of(file);
    CHECK(real->pMethods->xFileSize(real, &old) == SQLITE_OK);
    if (size < old) {
        disk_node_change(disk_of(file)->node, real, size, old);
    }
    int status = real->pMethods->xTruncate(real, size);
    disk_node_sized(disk_of(file)->node, size);
    return status;
}

static int disk_truncate(sqlite3_file *file, sqlite3_int64 size) {
    if (disk_of(file)->node == NULL) {
        return is_dead() ? SQLITE_IOERR_TRUNCATE : real_of(file)->pMethods->xTruncate(real_of(file), size);
    }
    disk_tell();
    int status = SQLITE_IOERR_TRUNCATE;
    disk_enter();
    if (!disk_is_dead()) {
        enum disk_trouble trouble = disk_call(DISK_CALL_TRUNCATE);
        if (trouble == DISK_TROUBLES || trouble == DISK_POWER_OFF) {
            status = truncate_to(file, size);
        }
        if (trouble == DISK_KILL || trouble == DISK_POWER_OFF) {
            disk_die(trouble == DISK_POWER_OFF);
            status = SQLITE_IOERR_TRUNCATE;
        }
    }
    disk_leave();
    return status;
}

// The files are not really synced: that they would be is what the nodes remember.
static int disk_sync(sqlite3_file *file, int flags) {
    (void)flags;
    struct disk_file *disk = disk_of(file);
    if (disk->node == NULL) {
        return is_dead() ? SQLITE_IOERR_FSYNC : SQLITE_OK;
    }
    disk_tell();
    int status = SQLITE_IOERR_FSYNC;
    disk_enter();
    if (!disk_is_dead()) {
        enum disk_trouble trouble = disk_call(DISK_CALL_SYNC);
        if (trouble == DISK_KILL || trouble == DISK_POWER_OFF) {
            disk_die(trouble == DISK_POWER_OFF);
        } else if (trouble != DISK_TROUBLES) {
            disk_node_stranded(disk->node);
        } else {
            status = SQLITE_OK;
            if (!disk_lies()) {
                disk_node_synced(disk->node);
                if (disk->syncs_names) {
                    disk_node_names_synced(disk->node);
                }
            }
            disk->syncs_names = false;
        }
    }
    disk_leave();
    return status;
}

static int disk_size(sqlite3_file *file, sqlite3_int64 *size) {
    return is_dead() ? SQLITE_IOERR_FSTAT : real_of(file)->pMethods->xFileSize(real_of(file), size);
}
static int disk_lock(sqlite3_file *file, int lock) {
    return is_dead() ? SQLITE_IOERR_LOCK : real_of(file)->pMethods->xLock(real_of(file), lock);
}
static int disk_unlock(sqlite3_file *file, int lock) {
    return real_of(file)->pMethods->xUnlock(real_of(file), lock);
}
static int disk_reserved(sqlite3_file *file, int *out) {
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), out);
}
static int disk_control(sqlite3_file *file, int op, void *argument) {
    return real_of(file)->pMethods->xFileControl(real_of(file), op, argument);
}
static int disk_sector(sqlite3_file *file) {
    return real_of(file)->pMethods->xSectorSize(real_of(file));
}
static int disk_device(sqlite3_file *file) {
    return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}
static int disk_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **out) {
    return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, out);
}
static int disk_shm_lock(sqlite3_file *file, int offset, int count, int flags) {
    return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}
static void disk_shm_barrier(sqlite3_file *file) {
    real_of(file)->pMethods->xShmBarrier(real_of(file));
}
static int disk_shm_unmap(sqlite3_file *file, int remove) {
    return real_of(file)->pMethods->xShmUnmap(real_of(file), remove && !is_dead());
}

// Without xFetch: no file is read but through xRead.
static const sqlite3_io_methods disk_methods = {
    .iVersion = 2,
    .xClose = disk_close,
    .xRead = disk_read,
    .xWrite = disk_write,
    .xTruncate = disk_truncate,
    .xSync = disk_sync,
    .xFileSize = disk_size,
    .xLock = disk_lock,
    .xUnlock = disk_unlock,
    .xCheckReservedLock = disk_reserved,
    .xFileControl = disk_control,
    .xSectorSize = disk_sector,
    .xDeviceCharacteristics = disk_device,
    .xShmMap = disk_shm_map,
    .xShmLock = disk_shm_lock,
    .xShmBarrier = disk_shm_barrier,
    .xShmUnmap = disk_shm_unmap,
};

static int disk_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags) {
    (void)vfs;
    struct disk_file *disk = disk_of(file);
    *disk = (struct disk_file){.real = (sqlite3_file *)(disk + 1)};
    disk_enter();
    int status = SQLITE_CANTOPEN;
    if (!disk_is_dead() && disk_call(DISK_CALL_OPEN) == DISK_TROUBLES) {
        bool is_new = name != NULL && access(name, F_OK) != 0;
        status = real_vfs->xOpen(real_vfs, name, disk->real, flags, out_flags);
        if (status == SQLITE_OK) {
            handles++;
            disk->base.pMethods = &disk_methods;
            if (name != NULL && (flags & SQLITE_OPEN_DELETEONCLOSE) == 0) {
                disk->node = disk_node_open(name, disk->real, is_new);
                disk->syncs_names =
                    (flags & SQLITE_OPEN_CREATE) != 0 && (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0;
            }
        } else if (disk->real->pMethods != NULL) {
            disk->real->pMethods->xClose(disk->real);
        }
    }
    disk_leave();
    return status;
}

static int disk_delete(sqlite3_vfs *vfs, const char *name, int sync_folder) {
    (void)vfs;
    disk_tell();
    int status = SQLITE_IOERR_DELETE;
    disk_enter();
    if (!disk_is_dead()) {
        enum disk_trouble trouble = disk_call(DISK_CALL_DELETE);
        if (trouble == DISK_TROUBLES || trouble == DISK_POWER_OFF) {
            disk_node_deleted(name);
            status = real_vfs->xDelete(real_vfs, name, 0);
        }
        if (trouble == DISK_KILL || trouble == DISK_POWER_OFF) {
            disk_die(trouble == DISK_POWER_OFF);
            status = SQLITE_IOERR_DELETE;
        } else if (status == SQLITE_OK && sync_folder && !disk_lies()) {
            disk_names_synced(name, (size_t)(strrchr(name, '/') - name));
        }
    }
    disk_leave();
    return status;
}

// SQLite waits for locks by the sum of what it asked to sleep.
static int disk_sleep(sqlite3_vfs *vfs, int span_us) {
    (void)vfs;
    real_vfs->xSleep(real_vfs, span_us / 50);
    return span_us;
}

void disk_vfs_install(void) {
    static sqlite3_vfs vfs;
    if (real_vfs != NULL) {
        return;
    }
    real_vfs = sqlite3_vfs_find(NULL);
    CHECK(real_vfs != NULL);
    vfs = *real_vfs;
    vfs.zName = "weir-test-disk";
    vfs.szOsFile = (int)sizeof(struct disk_file) + real_vfs->szOsFile;
    vfs.xOpen = disk_open;
    vfs.xDelete = disk_delete;
    vfs.xSleep = disk_sleep;
    vfs.pNext = NULL;
    CHECK(sqlite3_vfs_register(&vfs, 1) == SQLITE_OK);
}

#include "store_sqlite_fails.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "test.h"

// --- the disk: the machine's own, with a door in front of its writes ---

struct disk_file {
    sqlite3_file base;
    sqlite3_file *real; // behind this struct
};

static sqlite3_vfs *real_vfs;
static unsigned long disk_left;
static bool disk_has_failed;
static enum disk_failure disk_how;
static void (*disk_watcher)(void);

void disk_fail_at(unsigned long nth, enum disk_failure failure) {
    disk_left = nth;
    disk_how = failure;
    disk_has_failed = false;
}

bool disk_failed(void) {
    return disk_has_failed;
}

void disk_watch(void (*write)(void)) {
    disk_watcher = write;
}

static bool disk_fails(void) {
    if (disk_watcher != NULL) {
        disk_watcher();
    }
    if (disk_left == 0 || --disk_left > 0) {
        return false;
    }
    disk_has_failed = true;
    return true;
}

static int disk_fail(void) {
    if (disk_how == DISK_KILL || disk_how == DISK_TORN) {
        raise(SIGKILL);
    }
    return disk_how == DISK_FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

static sqlite3_file *real_of(sqlite3_file *file) {
    return ((struct disk_file *)file)->real;
}

static int disk_close(sqlite3_file *file) {
    return real_of(file)->pMethods->xClose(real_of(file));
}
static int disk_read(sqlite3_file *file, void *data, int count, sqlite3_int64 at) {
    return real_of(file)->pMethods->xRead(real_of(file), data, count, at);
}
static int disk_write(sqlite3_file *file, const void *data, int count, sqlite3_int64 at) {
    if (disk_fails()) {
        if (disk_how == DISK_TORN) {
            real_of(file)->pMethods->xWrite(real_of(file), data, count / 2, at);
        }
        return disk_fail();
    }
    return real_of(file)->pMethods->xWrite(real_of(file), data, count, at);
}
static int disk_truncate(sqlite3_file *file, sqlite3_int64 size) {
    return real_of(file)->pMethods->xTruncate(real_of(file), size);
}
static int disk_sync(sqlite3_file *file, int flags) {
    if (disk_fails()) {
        return disk_how == DISK_FULL || disk_how == DISK_ERROR ? SQLITE_IOERR_FSYNC : disk_fail();
    }
    return real_of(file)->pMethods->xSync(real_of(file), flags);
}
static int disk_size(sqlite3_file *file, sqlite3_int64 *size) {
    return real_of(file)->pMethods->xFileSize(real_of(file), size);
}
static int disk_lock(sqlite3_file *file, int lock) {
    return real_of(file)->pMethods->xLock(real_of(file), lock);
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
    return real_of(file)->pMethods->xShmUnmap(real_of(file), remove);
}

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
    struct disk_file *disk = (struct disk_file *)file;
    disk->real = (sqlite3_file *)(disk + 1);
    int status = real_vfs->xOpen(real_vfs, name, disk->real, flags, out_flags);
    disk->base.pMethods = disk->real->pMethods != NULL ? &disk_methods : NULL;
    return status;
}

void disk_install(void) {
    static sqlite3_vfs vfs;
    real_vfs = sqlite3_vfs_find(NULL);
    CHECK(real_vfs != NULL);
    vfs = *real_vfs;
    vfs.zName = "weir-test-disk";
    vfs.szOsFile = (int)sizeof(struct disk_file) + real_vfs->szOsFile;
    vfs.xOpen = disk_open;
    vfs.pNext = NULL;
    CHECK(sqlite3_vfs_register(&vfs, 1) == SQLITE_OK);
}

// --- the heap ---

static sqlite3_mem_methods real_heap;
static unsigned long heap_left;
static bool heap_has_failed;

void heap_fail_at(unsigned long nth) {
    heap_left = nth;
    heap_has_failed = false;
}

bool heap_failed(void) {
    return heap_has_failed;
}

// From the nth on, all fail: SQLite tries again in places, and gives memory back first.
static bool heap_fails(void) {
    if (heap_left == 0) {
        return false;
    }
    if (heap_left > 1) {
        heap_left--;
        return false;
    }
    heap_has_failed = true;
    return true;
}

static void *heap_take(int size) {
    return heap_fails() ? NULL : real_heap.xMalloc(size);
}

static void *heap_grow(void *old, int size) {
    return heap_fails() ? NULL : real_heap.xRealloc(old, size);
}

void heap_install(void) {
    CHECK(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real_heap) == SQLITE_OK);
    sqlite3_mem_methods heap = real_heap;
    heap.xMalloc = heap_take;
    heap.xRealloc = heap_grow;
    CHECK(sqlite3_config(SQLITE_CONFIG_MALLOC, &heap) == SQLITE_OK);
}

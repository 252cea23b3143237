#include "upload_rig.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

int64_t rig_now_us = INT64_C(1700000000000000);

static struct {
    enum rig_call call;
    int left; // calls until it strikes; 0: calm
    bool strikes;
    int reason;
    size_t writes;
} disk;

void rig_disk(enum rig_call call, int at, int reason, size_t writes) {
    disk.call = call;
    disk.left = at;
    disk.strikes = false;
    disk.reason = reason;
    disk.writes = writes;
}

// Whether this call fails; the first of them may still do a part.
static bool strikes(enum rig_call call, bool *is_first) {
    *is_first = false;
    if (disk.left > 0 && call == disk.call && --disk.left == 0) {
        *is_first = disk.strikes = true;
    }
    errno = disk.reason;
    return disk.strikes && call == disk.call;
}

// What is written and not synced, when it is watched: files by their inodes, and names.
static bool watches, has_names;
static ino_t written[16];

static void note_write(int file, bool is_sync) {
    struct stat stat;
    if (!watches || fstat(file, &stat) != 0) {
        return;
    }
    if (is_sync && S_ISDIR(stat.st_mode)) {
        has_names = false;
        return;
    }
    size_t i = 0;
    while (i < sizeof written / sizeof written[0] && written[i] != stat.st_ino && (is_sync || written[i] != 0)) {
        i++;
    }
    if (i < sizeof written / sizeof written[0]) {
        written[i] = is_sync ? 0 : stat.st_ino;
    } else {
        CHECK(is_sync);
    }
}

static void note_rename(int folder, const char *from) {
    struct stat stat;
    if (watches && fstatat(folder, from, &stat, 0) == 0) {
        for (size_t i = 0; i < sizeof written / sizeof written[0]; i++) {
            CHECK(written[i] != stat.st_ino);
        }
        CHECK(strstr(from, ".part") == NULL || !has_names);
        has_names = true;
    }
}

void rig_watch(void) {
    watches = true;
}

bool rig_is_synced(void) {
    return !has_names;
}

ssize_t __real_write(int file, const void *data, size_t size);
ssize_t __wrap_write(int file, const void *data, size_t size);

ssize_t __wrap_write(int file, const void *data, size_t size) {
    note_write(file, false);
    return __real_write(file, data, size);
}

ssize_t __real_pwrite(int file, const void *data, size_t size, off_t at);
int __real_fsync(int file);
int __real_renameat(int from_folder, const char *from, int to_folder, const char *to);
ssize_t __wrap_pwrite(int file, const void *data, size_t size, off_t at);
int __wrap_fsync(int file);
int __wrap_renameat(int from_folder, const char *from, int to_folder, const char *to);

ssize_t __wrap_pwrite(int file, const void *data, size_t size, off_t at) {
    bool is_first;
    note_write(file, false);
    if (!strikes(RIG_WRITE, &is_first)) {
        return __real_pwrite(file, data, size, at);
    }
    return is_first && disk.writes > 0 ? __real_pwrite(file, data, disk.writes, at) : -1;
}

int __wrap_fsync(int file) {
    bool is_first;
    if (strikes(RIG_FSYNC, &is_first)) {
        return -1;
    }
    note_write(file, true);
    return __real_fsync(file);
}

int __wrap_renameat(int from_folder, const char *from, int to_folder, const char *to) {
    bool is_first;
    if (strikes(RIG_RENAME, &is_first)) {
        return -1;
    }
    note_rename(from_folder, from);
    return __real_renameat(from_folder, from, to_folder, to);
}

static int64_t now(void *context) {
    (void)context;
    return __atomic_add_fetch(&rig_now_us, 1000000, __ATOMIC_RELAXED);
}

void rig_open(struct rig *rig) {
    static const struct clock clock = {.now = now};
    uploads_init(&rig->uploads);
    rig->uploads.data = test_folder();
    rig->uploads.clock = &clock;
    rig->uploads.file_bytes = 1000;
    rig->uploads.org_bytes = 5000;
    rig->uploads.org_files = 10;
    snprintf(rig->folder, sizeof rig->folder, "%s/acme/uploads", test_folder());
    arena_init(&rig->arena, 64 * 1024 * 1024);
    error_clear(&rig->error);
}

void rig_close(struct rig *rig) {
    arena_clear(&rig->arena);
}

struct text rig_begin(struct rig *rig, const char *name, uint64_t expected, char id[UPLOAD_ID_HEX]) {
    struct upload_wish wish = {.name = text_of(name), .by = TEXT_LITERAL("token 3"), .expected = expected};
    CHECK_OK(upload_begin(&rig->uploads, RIG_ORG, &wish, id, &rig->error), &rig->error);
    return text_of(id);
}

bool rig_append(struct rig *rig, struct text id, uint64_t offset, struct text bytes) {
    struct upload *upload;
    if (!upload_open(&rig->uploads, RIG_ORG, id, &upload, &rig->error)) {
        return false;
    }
    bool ok = upload_append(upload, offset, bytes, &rig->error);
    upload_close(upload);
    return ok;
}

struct text rig_send(struct rig *rig, const char *name, struct text bytes, char id[UPLOAD_ID_HEX]) {
    rig_begin(rig, name, UPLOAD_UNKNOWN, id);
    CHECK_OK(rig_append(rig, text_of(id), 0, bytes), &rig->error);
    return text_of(id);
}

bool rig_finish(struct rig *rig, struct text id, struct upload_info *out) {
    return upload_finish(&rig->uploads, RIG_ORG, id, (struct text){"", 0}, &rig->arena, out, &rig->error);
}

struct text rig_put(struct rig *rig, const char *name, struct text bytes, char id[UPLOAD_ID_HEX]) {
    rig_send(rig, name, bytes, id);
    CHECK_OK(rig_finish(rig, text_of(id), NULL), &rig->error);
    return text_of(id);
}

void rig_check_content(struct rig *rig, struct text id, struct text expected) {
    char path[PATH_MAX];
    CHECK_OK(upload_path(&rig->uploads, RIG_ORG, id, path, &rig->error), &rig->error);
    FILE *file = fopen(path, "rb");
    char *bytes = malloc(expected.length + 2);
    CHECK(file != NULL && bytes != NULL);
    CHECK_INT(fread(bytes, 1, expected.length + 2, file), expected.length);
    CHECK(memcmp(bytes, expected.data, expected.length) == 0);
    fclose(file);
    free(bytes);
}

size_t rig_files(const struct rig *rig, const char *ending) {
    size_t count = 0, tail = strlen(ending);
    DIR *folder = opendir(rig->folder);
    for (const struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
        size_t length = strlen(entry->d_name);
        count += entry->d_name[0] != '.' && length >= tail && strcmp(entry->d_name + length - tail, ending) == 0;
    }
    if (folder != NULL) {
        closedir(folder);
    }
    return count;
}

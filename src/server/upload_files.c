#include "server/upload_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/fault.h"

enum { ORG_NAME_MAX = 60 };

void uploads_init(struct uploads *uploads) {
    *uploads = (struct uploads){.data = NULL};
    int file = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return;
    }
    ssize_t got = read(file, uploads->boot, sizeof uploads->boot - 1);
    close(file);
    uploads->boot[got > 0 ? got : 0] = '\0';
    uploads->boot[strcspn(uploads->boot, "\n")] = '\0';
}

// --- ids ---

static bool is_id(struct text id) {
    bool fits = id.length == UPLOAD_ID_HEX - 1;
    for (size_t i = 0; fits && i < id.length; i++) {
        fits = (id.data[i] >= '0' && id.data[i] <= '9') || (id.data[i] >= 'a' && id.data[i] <= 'f');
    }
    return fits;
}

bool upload_id_check(struct text id, struct error *error) {
    return is_id(id) ||
           error_set(error, ERROR_UPLOAD_MISSING, "that is no upload's id; it has 32 digits of 0 to 9 and a to f");
}

bool upload_id_make(char out[UPLOAD_ID_HEX], struct error *error) {
    unsigned char bytes[(UPLOAD_ID_HEX - 1) / 2];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
        return error_set_errno(error, ERROR_FILE_READ, errno, "the system gives no random bytes for an id");
    }
    for (size_t i = 0; i < sizeof bytes; i++) {
        snprintf(out + 2 * i, 3, "%02x", bytes[i]);
    }
    return true;
}

const char *upload_file_name(const char *id, const char *ending, char room[UPLOAD_FILE_MAX]) {
    snprintf(room, UPLOAD_FILE_MAX, "%s.%s", id, ending);
    return room;
}

// --- the folder ---

bool upload_disk_fail(int number, const char *what, struct error *error) {
    bool is_full = number == ENOSPC || number == EDQUOT;
    return error_set_errno(error, is_full ? ERROR_HOME_FULL : ERROR_FILE_WRITE, number, "%s", what);
}

static bool org_check(struct text org, struct error *error) {
    bool fits = org.length > 0 && org.length <= ORG_NAME_MAX && org.data[0] != '-' && !text_is(org, "secrets");
    for (size_t i = 0; fits && i < org.length; i++) {
        char c = org.data[i];
        fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    }
    return fits || error_set(error, ERROR_USAGE, "that is no organisation's name; it has letters, digits, _ and -");
}

// Opens a folder in another one, which is made and synced first where `make` says so.
static bool open_below(int above, const char *name, bool make, int *out, struct error *error) {
    if (make && mkdirat(above, name, 0700) == 0) {
        fault_point("upload.folder");
        if (fsync(above) != 0 && errno != EINVAL) {
            return upload_disk_fail(errno, "cannot sync the folder that uploads are in", error);
        }
    } else if (make && errno != EEXIST) {
        return upload_disk_fail(errno, "cannot make the folder for uploads", error);
    }
    *out = openat(above, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *out >= 0 || (!make && errno == ENOENT) ||
           error_set_errno(error, ERROR_FILE_READ, errno, "cannot open the folder of uploads");
}

bool upload_folder_open(const struct uploads *uploads, struct text org, bool make, int *out, struct error *error) {
    char name[ORG_NAME_MAX + 1];
    *out = -1;
    if (!org_check(org, error)) {
        return false;
    }
    snprintf(name, sizeof name, "%.*s", TEXT_ARGS(org));
    int data = -1, above = -1;
    bool ok = open_below(AT_FDCWD, uploads->data, false, &data, error) &&
              (data < 0 || open_below(data, name, make, &above, error)) &&
              (above < 0 || open_below(above, "uploads", make, out, error));
    if (ok && make && data < 0) {
        ok = error_set(error, ERROR_FILE_MISSING, "there is no folder %s", uploads->data);
    }
    upload_folder_close(above);
    upload_folder_close(data);
    return ok;
}

void upload_folder_close(int folder) {
    if (folder >= 0) {
        close(folder);
    }
}

bool upload_folder_lock(int folder, struct error *error) {
    int status;
    do {
        status = flock(folder, LOCK_EX);
    } while (status != 0 && errno == EINTR);
    return status == 0 || error_set_errno(error, ERROR_FILE_WRITE, errno, "cannot lock the folder of uploads");
}

bool upload_folder_sync(int folder, struct error *error) {
    // Some disks can't sync a folder.
    return fsync(folder) == 0 || errno == EINVAL || upload_disk_fail(errno, "cannot sync the folder of uploads", error);
}

bool upload_folder_each(int folder,
                        bool (*each)(void *context, const char *id, const char *ending, struct error *error),
                        void *context, struct error *error) {
    int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *names = again >= 0 ? fdopendir(again) : NULL;
    if (names == NULL) {
        error_set_errno(error, ERROR_FILE_READ, errno, "cannot list the uploads");
        upload_folder_close(again);
        return false;
    }
    bool ok = true;
    errno = 0;
    for (const struct dirent *entry; ok && (entry = readdir(names)) != NULL; errno = 0) {
        char id[UPLOAD_ID_HEX];
        snprintf(id, sizeof id, "%.*s", UPLOAD_ID_HEX - 1, entry->d_name);
        if (is_id(text_of(id)) && entry->d_name[UPLOAD_ID_HEX - 1] == '.') {
            ok = each(context, id, entry->d_name + UPLOAD_ID_HEX, error);
        }
    }
    if (ok && errno != 0) {
        ok = error_set_errno(error, ERROR_FILE_READ, errno, "cannot list the uploads");
    }
    closedir(names);
    return ok;
}

// --- one upload ---

static bool look(int folder, const char *id, const char *ending, struct upload_place *out, struct error *error) {
    char name[UPLOAD_FILE_MAX];
    out->is_there = fstatat(folder, upload_file_name(id, ending, name), &out->stat, AT_SYMLINK_NOFOLLOW) == 0;
    if (out->is_there && !S_ISREG(out->stat.st_mode)) {
        return error_set(error, ERROR_FILE_READ, "an upload is no plain file");
    }
    return out->is_there || errno == ENOENT ||
           error_set_errno(error, ERROR_FILE_READ, errno, "cannot look at an upload");
}

bool upload_place_find(int folder, const char *id, struct upload_place *out, struct error *error) {
    // The part first: it may be made whole just now, and must not be missed at both places.
    *out = (struct upload_place){.is_there = false};
    if (!look(folder, id, UPLOAD_PART, out, error)) {
        return false;
    }
    for (int kind = UPLOAD_UNTOLD + 1; !out->is_there && kind < UPLOAD_KINDS; kind++) {
        if (!look(folder, id, upload_kind_name((enum upload_kind)kind), out, error)) {
            return false;
        }
        out->is_whole = out->is_there;
        out->kind = (enum upload_kind)kind;
    }
    return true;
}

bool upload_file_remove(int folder, const char *id, const char *ending, bool *found, struct error *error) {
    char name[UPLOAD_FILE_MAX];
    if (unlinkat(folder, upload_file_name(id, ending, name), 0) != 0) {
        return errno == ENOENT || upload_disk_fail(errno, "cannot remove an upload", error);
    }
    if (found != NULL) {
        *found = true;
    }
    return true;
}

struct counting {
    int folder;
    const char *except;
    struct upload_usage *usage;
    struct arena arena;
};

static bool count_one(void *context, const char *id, const char *ending, struct error *error) {
    struct counting *counting = context;
    struct upload_info info;
    struct upload_place place = {.is_there = false};
    char boot[UPLOAD_BOOT_MAX];
    bool is_part = strcmp(ending, UPLOAD_PART) == 0;
    enum upload_kind kind;
    bool counts = is_part || (upload_kind_of(text_of(ending), &kind) && kind != UPLOAD_UNTOLD);
    if (!counts || (counting->except != NULL && strcmp(counting->except, id) == 0)) {
        return true;
    }
    if (!look(counting->folder, id, ending, &place, error) || !place.is_there) {
        return !place.is_there; // it may just have been renamed or deleted
    }
    uint64_t bytes = (uint64_t)place.stat.st_size;
    if (is_part) {
        arena_reset(&counting->arena);
        if (!upload_about_read(counting->folder, id, &counting->arena, &info, boot, error)) {
            return false;
        }
        bytes = info.expected != UPLOAD_UNKNOWN && info.expected > bytes ? info.expected : bytes;
    }
    counting->usage->files++;
    counting->usage->bytes += bytes;
    return true;
}

bool upload_usage_find(int folder, const char *except, struct upload_usage *out, struct error *error) {
    struct counting counting = {.folder = folder, .except = except, .usage = out};
    *out = (struct upload_usage){.files = 0};
    arena_init(&counting.arena, 1024 * 1024);
    bool ok = upload_folder_each(folder, count_one, &counting, error);
    arena_clear(&counting.arena);
    return ok;
}

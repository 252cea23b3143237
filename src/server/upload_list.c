// Uploads looked at, found, deleted and swept.

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/map.h"
#include "server/upload_files.h"

static bool missing(struct error *error) {
    return error_set(error, ERROR_UPLOAD_MISSING, "there is no such upload");
}

// `is_there` is false, without an error, when there is none.
static bool look_at(const struct uploads *uploads, int folder, const char *id, struct arena *arena,
                    struct upload_info *out, bool *is_there, struct error *error) {
    struct upload_place place;
    char boot[UPLOAD_BOOT_MAX];
    // In this order: what is known of a whole one was written before it was whole.
    if (!upload_place_find(folder, id, &place, error) || !upload_about_read(folder, id, arena, out, boot, error)) {
        return false;
    }
    *is_there = place.is_there;
    out->is_whole = place.is_whole;
    out->size = (uint64_t)place.stat.st_size;
    if (place.is_whole) {
        out->kind = place.kind;
    } else {
        out->sha256[0] = '\0';
        out->uploaded_us = 0;
        out->size = strcmp(boot, uploads->boot) == 0 ? out->size : 0; // it will begin again
    }
    return true;
}

// Checks the id and opens the folder; a folder that isn't there has no upload.
static bool open_for(const struct uploads *uploads, struct text org, struct text id, int *folder,
                     char name[UPLOAD_ID_HEX], struct error *error) {
    if (!upload_id_check(id, error) || !upload_folder_open(uploads, org, false, folder, error)) {
        return false;
    }
    snprintf(name, UPLOAD_ID_HEX, "%.*s", TEXT_ARGS(id));
    return *folder >= 0 || missing(error);
}

bool upload_status(const struct uploads *uploads, struct text org, struct text id, struct arena *arena,
                   struct upload_info *out, struct error *error) {
    int folder;
    char name[UPLOAD_ID_HEX];
    bool is_there = false;
    if (!open_for(uploads, org, id, &folder, name, error)) {
        return false;
    }
    bool ok = look_at(uploads, folder, name, arena, out, &is_there, error) && (is_there || missing(error));
    upload_folder_close(folder);
    return ok;
}

bool upload_path(const struct uploads *uploads, struct text org, struct text id, char out[PATH_MAX],
                 struct error *error) {
    int folder;
    char name[UPLOAD_ID_HEX];
    struct upload_place place;
    if (!open_for(uploads, org, id, &folder, name, error)) {
        return false;
    }
    bool ok = upload_place_find(folder, name, &place, error);
    upload_folder_close(folder);
    if (!ok) {
        return false;
    }
    if (!place.is_whole) {
        return place.is_there ? error_set(error, ERROR_UPLOAD_MISSING, "the upload is not whole yet") : missing(error);
    }
    int length = snprintf(out, PATH_MAX, "%s/%.*s/uploads/%s.%s", uploads->data, TEXT_ARGS(org), name,
                          upload_kind_name(place.kind));
    return length < PATH_MAX || error_set(error, ERROR_FILE_READ, "the path of an upload is too long");
}

// --- list ---

struct listing {
    const struct uploads *uploads;
    int folder;
    struct arena *arena;
    struct map seen;
    struct id_link {
        struct id_link *next;
        char id[UPLOAD_ID_HEX];
    } * ids;
    size_t count;
};

static bool list_one(void *context, const char *id, const char *ending, struct error *error) {
    struct listing *listing = context;
    (void)ending; // an upload that is renamed meanwhile has one that stays
    if (map_find(&listing->seen, text_of(id)) != NULL) {
        return true;
    }
    struct id_link *link = arena_take(listing->arena, sizeof *link);
    if (link == NULL) {
        return error_memory(error);
    }
    memcpy(link->id, id, UPLOAD_ID_HEX);
    link->next = listing->ids;
    listing->ids = link;
    listing->count++;
    return map_put(&listing->seen, text_of(link->id), 0) || error_memory(error);
}

static int by_age(const void *a, const void *b) {
    const struct upload_info *x = a, *y = b;
    int64_t x_us = x->uploaded_us != 0 ? x->uploaded_us : x->begun_us;
    int64_t y_us = y->uploaded_us != 0 ? y->uploaded_us : y->begun_us;
    return x_us != y_us ? (x_us < y_us) - (x_us > y_us) : strcmp(x->id, y->id);
}

static bool list_all(struct listing *listing, struct upload_info **out, size_t *count, struct error *error) {
    struct upload_info *infos = arena_take_zero(listing->arena, listing->count + 1, sizeof *infos);
    if (infos == NULL) {
        return error_memory(error);
    }
    for (const struct id_link *link = listing->ids; link != NULL; link = link->next) {
        bool is_there = false;
        if (!look_at(listing->uploads, listing->folder, link->id, listing->arena, &infos[*count], &is_there, error)) {
            return false;
        }
        *count += is_there;
    }
    if (*count > 1) {
        qsort(infos, *count, sizeof *infos, by_age);
    }
    *out = infos;
    return true;
}

bool upload_list(const struct uploads *uploads, struct text org, struct arena *arena, struct upload_info **out,
                 size_t *count, struct error *error) {
    struct listing listing = {.uploads = uploads, .arena = arena};
    *out = NULL;
    *count = 0;
    if (!upload_folder_open(uploads, org, false, &listing.folder, error)) {
        return false;
    }
    if (listing.folder < 0) {
        return true;
    }
    map_init(&listing.seen);
    bool ok = upload_folder_each(listing.folder, list_one, &listing, error) && list_all(&listing, out, count, error);
    map_clear(&listing.seen);
    upload_folder_close(listing.folder);
    return ok;
}

// --- delete and sweep ---

// Locks the part, where there is one: nobody must be writing to it. -1: there is none.
static bool part_lock(int folder, const char *id, int *out, struct error *error) {
    char name[UPLOAD_FILE_MAX];
    *out = openat(folder, upload_file_name(id, UPLOAD_PART, name), O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    if (*out < 0) {
        return errno == ENOENT || error_set_errno(error, ERROR_FILE_READ, errno, "cannot open the file of an upload");
    }
    if (flock(*out, LOCK_EX | LOCK_NB) == 0) {
        return true;
    }
    int reason = errno;
    close(*out);
    return reason == EWOULDBLOCK
               ? error_set(error, ERROR_UPLOAD_BUSY, "another request writes to this upload; wait for its end")
               : error_set_errno(error, ERROR_FILE_WRITE, reason, "cannot lock the file of an upload");
}

// What is known of it goes last: without it, the rest would be left over.
static bool remove_all(int folder, const char *id, bool *found, struct error *error) {
    bool ok = upload_file_remove(folder, id, UPLOAD_PART, found, error);
    fault_point("upload.part_removed");
    for (int kind = UPLOAD_UNTOLD + 1; ok && kind < UPLOAD_KINDS; kind++) {
        ok = upload_file_remove(folder, id, upload_kind_name((enum upload_kind)kind), found, error);
    }
    fault_point("upload.removed");
    return ok && upload_file_remove(folder, id, UPLOAD_ABOUT_NEW, NULL, error) &&
           upload_file_remove(folder, id, UPLOAD_ABOUT, NULL, error) && upload_folder_sync(folder, error);
}

bool upload_delete(const struct uploads *uploads, struct text org, struct text id, struct error *error) {
    int folder, part = -1;
    char name[UPLOAD_ID_HEX];
    bool found = false;
    if (!open_for(uploads, org, id, &folder, name, error)) {
        return false;
    }
    bool ok =
        part_lock(folder, name, &part, error) && remove_all(folder, name, &found, error) && (found || missing(error));
    upload_folder_close(part);
    upload_folder_close(folder);
    return ok;
}

struct sweeping {
    int folder;
    int64_t before_us;
    size_t removed;
};

static bool is_old(const struct sweeping *sweeping, const struct stat *stat) {
    return (int64_t)stat->st_mtim.tv_sec * 1000000 + stat->st_mtim.tv_nsec / 1000 < sweeping->before_us;
}

static bool sweep_part(struct sweeping *sweeping, const char *id, struct error *error) {
    struct stat stat;
    struct error busy;
    int part = -1;
    bool found = false;
    if (!part_lock(sweeping->folder, id, &part, &busy)) {
        if (busy.code != ERROR_UPLOAD_BUSY && error != NULL) {
            *error = busy;
        }
        return busy.code == ERROR_UPLOAD_BUSY;
    }
    bool ok = true;
    // Looked at under the lock: somebody may just have gone on with it.
    if (part >= 0 && fstat(part, &stat) == 0 && stat.st_nlink > 0 && is_old(sweeping, &stat)) {
        ok = remove_all(sweeping->folder, id, &found, error);
        sweeping->removed += found;
    }
    upload_folder_close(part);
    return ok;
}

static bool sweep_one(void *context, const char *id, const char *ending, struct error *error) {
    struct sweeping *sweeping = context;
    struct upload_place place;
    struct stat stat;
    char name[UPLOAD_FILE_MAX];
    if (strcmp(ending, UPLOAD_PART) == 0) {
        return sweep_part(sweeping, id, error);
    }
    if (strcmp(ending, UPLOAD_ABOUT_NEW) == 0) {
        bool is_left = fstatat(sweeping->folder, upload_file_name(id, ending, name), &stat, AT_SYMLINK_NOFOLLOW) == 0 &&
                       is_old(sweeping, &stat);
        return !is_left || upload_file_remove(sweeping->folder, id, ending, NULL, error);
    }
    if (strcmp(ending, UPLOAD_ABOUT) != 0) {
        return true;
    }
    // Nobody begins one meanwhile: what is known of nothing is left over.
    return upload_place_find(sweeping->folder, id, &place, error) &&
           (place.is_there || upload_file_remove(sweeping->folder, id, ending, NULL, error));
}

bool upload_sweep(const struct uploads *uploads, struct text org, int64_t age_us, size_t *removed,
                  struct error *error) {
    struct sweeping sweeping = {.before_us = clock_now(uploads->clock) - age_us};
    *removed = 0;
    if (!upload_folder_open(uploads, org, false, &sweeping.folder, error)) {
        return false;
    }
    if (sweeping.folder < 0) {
        return true;
    }
    bool ok =
        upload_folder_lock(sweeping.folder, error) && upload_folder_each(sweeping.folder, sweep_one, &sweeping, error);
    upload_folder_close(sweeping.folder);
    *removed = sweeping.removed;
    return ok;
}

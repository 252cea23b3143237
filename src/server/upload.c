#include "server/upload.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <strings.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/fault.h"
#include "base/memory.h"
#include "server/upload_files.h"

enum { PIECE_BYTES = 256 * 1024, ABOUT_ARENA = 256 * 1024 };

// Bytes of an unknown size are held against the organisation's room each time so many of them came.
enum { LOOK_BYTES = 16 * 1024 * 1024 };

struct upload {
    const struct uploads *uploads;
    int folder;
    int file;
    uint64_t size;
    uint64_t room; // up to this size, no limit of the organisation needs to be looked at
    struct upload_info info;
    struct arena arena; // what `info` points to
};

// --- begin ---

static bool text_check(struct text text, size_t most, const char *what, struct error *error) {
    if (text.length > most) {
        return error_set(error, ERROR_UPLOAD_NAME, "%s is longer than %zu bytes", what, most);
    }
    bool fits = text_utf8(text, NULL);
    for (size_t i = 0; fits && i < text.length; i++) {
        fits = (unsigned char)text.data[i] >= 0x20 && text.data[i] != 0x7F;
    }
    return fits || error_set(error, ERROR_UPLOAD_NAME, "%s holds control characters, or is no UTF-8", what);
}

static bool wish_check(const struct uploads *uploads, const struct upload_wish *wish, struct error *error) {
    if (wish->name.length == 0) {
        return error_set(error, ERROR_UPLOAD_NAME, "an upload needs a name, that of its file");
    }
    if (wish->expected != UPLOAD_UNKNOWN && wish->expected > uploads->file_bytes) {
        return error_set(error, ERROR_UPLOAD_SIZE, "the file has %" PRIu64 " bytes; %" PRIu64 " is the most",
                         wish->expected, uploads->file_bytes);
    }
    return text_check(wish->name, UPLOAD_NAME_MAX, "the name of an upload", error) &&
           text_check(wish->by, UPLOAD_BY_MAX, "the name of who uploads", error);
}

static bool full(const struct uploads *uploads, struct error *error) {
    return error_set(error, ERROR_UPLOAD_FULL,
                     "the organisation's uploads would have more than %" PRIu64 " bytes; delete some",
                     uploads->org_bytes);
}

static bool room_check(const struct uploads *uploads, int folder, const char *except, uint64_t bytes,
                       struct error *error) {
    struct upload_usage usage;
    if (!upload_usage_find(folder, except, &usage, error)) {
        return false;
    }
    if (usage.files >= uploads->org_files) {
        return error_set(error, ERROR_UPLOAD_FULL, "the organisation has %zu uploads, which is the most; delete some",
                         usage.files);
    }
    return (usage.bytes <= uploads->org_bytes && bytes <= uploads->org_bytes - usage.bytes) || full(uploads, error);
}

static bool part_make(int folder, const char *id, struct error *error) {
    char name[UPLOAD_FILE_MAX];
    int file = openat(folder, upload_file_name(id, UPLOAD_PART, name), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) {
        return upload_disk_fail(errno, "cannot make the file of an upload", error);
    }
    close(file);
    fault_point("upload.part_made");
    return upload_folder_sync(folder, error);
}

bool upload_begin(const struct uploads *uploads, struct text org, const struct upload_wish *wish,
                  char id[UPLOAD_ID_HEX], struct error *error) {
    int folder;
    if (!wish_check(uploads, wish, error) || !upload_folder_open(uploads, org, true, &folder, error)) {
        return false;
    }
    struct upload_info info = {
        .name = wish->name,
        .by = wish->by,
        .kind = upload_kind_by_name(wish->name),
        .expected = wish->expected,
        .begun_us = clock_now(uploads->clock),
    };
    uint64_t bytes = wish->expected != UPLOAD_UNKNOWN ? wish->expected : 1;
    bool ok = upload_id_make(info.id, error) && upload_folder_lock(folder, error) &&
              room_check(uploads, folder, NULL, bytes, error) &&
              upload_about_write(folder, &info, uploads->boot, error) && part_make(folder, info.id, error);
    fault_point("upload.begun");
    upload_folder_close(folder);
    if (ok) {
        memcpy(id, info.id, UPLOAD_ID_HEX);
    }
    return ok;
}

// --- open ---

static bool missing(struct error *error) {
    return error_set(error, ERROR_UPLOAD_MISSING, "there is no such upload");
}

// Opens the part and locks it; it must then still be the file of that name.
static bool part_open(struct upload *upload, const char *id, struct error *error) {
    char name[UPLOAD_FILE_MAX];
    struct stat opened, named;
    upload->file = openat(upload->folder, upload_file_name(id, UPLOAD_PART, name), O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    if (upload->file < 0) {
        return errno == ENOENT ? missing(error)
                               : error_set_errno(error, ERROR_FILE_READ, errno, "cannot open the file of an upload");
    }
    if (flock(upload->file, LOCK_EX | LOCK_NB) != 0) {
        return errno == EWOULDBLOCK
                   ? error_set(error, ERROR_UPLOAD_BUSY, "another request writes to this upload; wait for its end")
                   : error_set_errno(error, ERROR_FILE_WRITE, errno, "cannot lock the file of an upload");
    }
    if (fstat(upload->file, &opened) != 0) {
        return error_set_errno(error, ERROR_FILE_READ, errno, "cannot look at an upload");
    }
    if (fstatat(upload->folder, name, &named, AT_SYMLINK_NOFOLLOW) != 0 || named.st_ino != opened.st_ino) {
        return missing(error); // it was made whole or deleted just now
    }
    upload->size = (uint64_t)opened.st_size;
    return true;
}

// What came before the machine started anew may be holes now.
static bool part_trust(struct upload *upload, const char *boot, struct error *error) {
    if (strcmp(boot, upload->uploads->boot) == 0) {
        return true;
    }
    if (ftruncate(upload->file, 0) != 0) {
        return upload_disk_fail(errno, "cannot begin an upload again", error);
    }
    upload->size = 0;
    fault_point("upload.emptied");
    return upload_about_write(upload->folder, &upload->info, upload->uploads->boot, error);
}

// The part in hand; ERROR_UPLOAD_MISSING when there is none.
static bool upload_take(const struct uploads *uploads, struct text org, struct text id, struct upload **out,
                        struct error *error) {
    char boot[UPLOAD_BOOT_MAX], name[UPLOAD_ID_HEX];
    if (!upload_id_check(id, error)) {
        return false;
    }
    snprintf(name, sizeof name, "%.*s", TEXT_ARGS(id));
    struct upload *upload = memory_zero(1, sizeof *upload);
    if (upload == NULL) {
        return error_memory(error);
    }
    upload->uploads = uploads;
    upload->folder = upload->file = -1;
    arena_init(&upload->arena, ABOUT_ARENA);
    bool ok = upload_folder_open(uploads, org, false, &upload->folder, error) &&
              (upload->folder >= 0 || missing(error)) && part_open(upload, name, error) &&
              upload_about_read(upload->folder, name, &upload->arena, &upload->info, boot, error) &&
              (!upload->info.is_damaged ||
               error_set(error, ERROR_UPLOAD_DIFFERS, "nothing is known of this upload any more; delete it")) &&
              part_trust(upload, boot, error);
    if (!ok) {
        upload_close(upload);
        return false;
    }
    upload->info.is_whole = false;
    *out = upload;
    return true;
}

// Whether the upload is whole already; then `out` says what it is.
static bool whole_find(const struct uploads *uploads, struct text org, struct text id, struct arena *arena,
                       struct upload_info *out, struct error *error) {
    return upload_status(uploads, org, id, arena, out, error) && (out->is_whole || missing(error));
}

bool upload_open(const struct uploads *uploads, struct text org, struct text id, struct upload **out,
                 struct error *error) {
    struct upload_info info;
    struct arena arena;
    if (upload_take(uploads, org, id, out, error)) {
        return true;
    }
    if (error->code == ERROR_UPLOAD_MISSING) {
        arena_init(&arena, ABOUT_ARENA);
        if (whole_find(uploads, org, id, &arena, &info, error)) {
            error_set(error, ERROR_UPLOAD_OFFSET, "the upload is whole, with %" PRIu64 " bytes", info.size);
        }
        arena_clear(&arena);
    }
    return false;
}

uint64_t upload_size(const struct upload *upload) {
    return upload->size;
}

void upload_close(struct upload *upload) {
    if (upload != NULL) {
        if (upload->file >= 0) {
            close(upload->file); // and with it the lock; what close would say of a part, fsync says when it is whole
        }
        upload_folder_close(upload->folder);
        arena_clear(&upload->arena);
        memory_free(upload);
    }
}

// --- append ---

static bool append_check(struct upload *upload, uint64_t offset, size_t length, struct error *error) {
    const struct uploads *uploads = upload->uploads;
    uint64_t expected = upload->info.expected;
    if (offset != upload->size) {
        return error_set(error, ERROR_UPLOAD_OFFSET,
                         "the upload has %" PRIu64 " bytes; go on from there, not from %" PRIu64, upload->size, offset);
    }
    if (upload->size > uploads->file_bytes || length > uploads->file_bytes - upload->size) {
        return error_set(error, ERROR_UPLOAD_SIZE, "the file has more than %" PRIu64 " bytes, which is the most",
                         uploads->file_bytes);
    }
    if (expected != UPLOAD_UNKNOWN) { // its room is reserved
        return (upload->size <= expected && length <= expected - upload->size) ||
               error_set(error, ERROR_UPLOAD_DIFFERS, "more than the %" PRIu64 " bytes came that were announced",
                         expected);
    }
    if (length <= upload->room) {
        upload->room -= length;
        return true;
    }
    struct upload_usage usage;
    if (!upload_usage_find(upload->folder, upload->info.id, &usage, error)) {
        return false;
    }
    uint64_t others = usage.bytes + upload->size;
    if (others > uploads->org_bytes || length > uploads->org_bytes - others) {
        return full(uploads, error);
    }
    uint64_t left = uploads->org_bytes - others - length;
    upload->room = left < LOOK_BYTES ? left : LOOK_BYTES;
    return true;
}

bool upload_append(struct upload *upload, uint64_t offset, struct text bytes, struct error *error) {
    if (!append_check(upload, offset, bytes.length, error)) {
        return false;
    }
    fault_point("upload.append");
    while (bytes.length > 0) {
        ssize_t done = pwrite(upload->file, bytes.data, bytes.length, (off_t)upload->size);
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done <= 0) {
            upload_disk_fail(done == 0 ? ENOSPC : errno, "the upload stops here", error);
            return error_place(error, "%" PRIu64 " bytes are there", upload->size);
        }
        bytes.data += done;
        bytes.length -= (size_t)done;
        upload->size += (uint64_t)done;
        fault_point("upload.appended");
    }
    return true;
}

// --- finish ---

static bool hash_piece(const struct upload *upload, uint64_t *at, struct http_hash *hash, char *piece,
                       struct buffer *head, struct error *error) {
    ssize_t got = pread(upload->file, piece, PIECE_BYTES, (off_t)*at);
    if (got < 0 && errno == EINTR) {
        return true;
    }
    if (got <= 0) {
        return error_set_errno(error, ERROR_FILE_READ, got < 0 ? errno : EIO, "cannot read an upload again");
    }
    size_t first = (size_t)got < UPLOAD_HEAD_BYTES ? (size_t)got : (size_t)UPLOAD_HEAD_BYTES;
    bool ok = (*at > 0 || buffer_append(head, piece, first)) && http_hash_add(hash, (struct text){piece, (size_t)got});
    *at += (uint64_t)got;
    return ok || error_memory(error);
}

// Reads the whole file: its hash, and its first bytes into `head`.
static bool hash_file(const struct upload *upload, char sha256[HTTP_HASH_HEX], struct buffer *head,
                      struct error *error) {
    struct http_hash *hash = http_hash_begin();
    char *piece = memory_take(PIECE_BYTES);
    bool ok = (hash != NULL && piece != NULL) || error_memory(error);
    for (uint64_t at = 0; ok && at < upload->size;) {
        ok = hash_piece(upload, &at, hash, piece, head, error);
    }
    if (!http_hash_end(hash, ok ? sha256 : NULL) && ok) {
        ok = error_memory(error);
    }
    memory_free(piece);
    return ok;
}

static bool same_hash(struct text wanted, const char *sha256) {
    return wanted.length == 0 ||
           (wanted.length == HTTP_HASH_HEX - 1 && strncasecmp(wanted.data, sha256, wanted.length) == 0);
}

static bool differs_hash(struct error *error) {
    return error_set(error, ERROR_UPLOAD_DIFFERS,
                     "the bytes that came are not those of the SHA-256 given; delete the upload and send it again");
}

static bool content_check(struct upload *upload, struct text wanted, struct error *error) {
    struct buffer head;
    struct upload_info *info = &upload->info;
    if (info->expected != UPLOAD_UNKNOWN && upload->size != info->expected) {
        return error_set(error, ERROR_UPLOAD_OFFSET, "%" PRIu64 " of %" PRIu64 " bytes are there; send the others",
                         upload->size, info->expected);
    }
    if (upload->size == 0) {
        return error_set(error, ERROR_UPLOAD_DIFFERS, "the upload has no bytes");
    }
    buffer_init(&head, UPLOAD_HEAD_BYTES);
    bool ok = hash_file(upload, info->sha256, &head, error) &&
              (same_hash(wanted, info->sha256) || differs_hash(error)) &&
              upload_kind_find(info->name, buffer_view(&head), &info->kind, error);
    buffer_clear(&head);
    return ok;
}

// Its bytes, then what is known of it, then its name: each is on the disk before the next.
static bool make_whole(struct upload *upload, struct error *error) {
    char part[UPLOAD_FILE_MAX], whole[UPLOAD_FILE_MAX];
    struct upload_info *info = &upload->info;
    if (fsync(upload->file) != 0) {
        return upload_disk_fail(errno, "cannot bring an upload to the disk", error);
    }
    fault_point("upload.synced");
    info->is_whole = true;
    info->size = upload->size;
    info->uploaded_us = clock_now(upload->uploads->clock);
    if (!upload_about_write(upload->folder, info, upload->uploads->boot, error) ||
        !upload_folder_sync(upload->folder, error)) {
        return false;
    }
    fault_point("upload.known");
    upload_file_name(info->id, UPLOAD_PART, part);
    upload_file_name(info->id, upload_kind_name(info->kind), whole);
    if (renameat(upload->folder, part, upload->folder, whole) != 0) {
        return upload_disk_fail(errno, "cannot give an upload its name", error);
    }
    fault_point("upload.renamed");
    return upload_folder_sync(upload->folder, error);
}

// It was whole already: an answer that was lost is asked for again.
static bool finish_again(const struct uploads *uploads, struct text org, struct text id, struct text sha256,
                         struct arena *arena, struct upload_info *out, struct error *error) {
    int folder;
    if (!whole_find(uploads, org, id, arena, out, error) || !upload_folder_open(uploads, org, false, &folder, error)) {
        return false;
    }
    bool ok = folder >= 0 ? upload_folder_sync(folder, error) : missing(error);
    upload_folder_close(folder);
    return ok && (same_hash(sha256, out->sha256) || differs_hash(error));
}

bool upload_finish(const struct uploads *uploads, struct text org, struct text id, struct text sha256,
                   struct arena *arena, struct upload_info *out, struct error *error) {
    struct upload *upload;
    struct upload_info again;
    if (!upload_take(uploads, org, id, &upload, error)) {
        return error->code == ERROR_UPLOAD_MISSING &&
               finish_again(uploads, org, id, sha256, arena, out != NULL ? out : &again, error);
    }
    bool ok = content_check(upload, sha256, error) && make_whole(upload, error);
    fault_point("upload.finished");
    if (ok && out != NULL) {
        *out = upload->info;
        ok = (arena_text(arena, upload->info.name, &out->name) && arena_text(arena, upload->info.by, &out->by)) ||
             error_memory(error);
    }
    upload_close(upload);
    return ok;
}

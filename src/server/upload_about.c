// What is known of an upload, as JSON beside it.

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/fault.h"
#include "format/format_json.h"
#include "format/format_members.h"
#include "server/upload_files.h"

enum { ABOUT_BYTES_MAX = 8192 };

// The file's bytes, or none when it isn't there or is larger than we write them.
static bool read_file(int folder, const char *id, struct arena *arena, struct text *out, struct error *error) {
    char name[UPLOAD_FILE_MAX];
    *out = (struct text){"", 0};
    int file = openat(folder, upload_file_name(id, UPLOAD_ABOUT, name), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (file < 0 && (errno == ENOENT || errno == ELOOP)) {
        return true;
    }
    if (file < 0) {
        return error_set_errno(error, ERROR_FILE_READ, errno, "cannot read what is known of an upload");
    }
    char *bytes = arena_take(arena, ABOUT_BYTES_MAX);
    ssize_t got = bytes != NULL ? read(file, bytes, ABOUT_BYTES_MAX) : 0;
    int reason = errno;
    close(file);
    if (bytes == NULL) {
        return error_memory(error);
    }
    if (got < 0) {
        return error_set_errno(error, ERROR_FILE_READ, reason, "cannot read what is known of an upload");
    }
    *out = (struct text){bytes, (size_t)got};
    return true;
}

static int64_t take_integer(const struct object *object, const char *name, int64_t otherwise) {
    const struct value *value = object_find(object, text_of(name));
    return value != NULL && value->kind == VALUE_INTEGER ? value->as.integer : otherwise;
}

bool upload_about_read(int folder, const char *id, struct arena *arena, struct upload_info *out,
                       char boot[UPLOAD_BOOT_MAX], struct error *error) {
    struct text bytes;
    struct value value;
    struct error ignored; // that it can't be read is what is_damaged says
    *out = (struct upload_info){.name = {"", 0}, .by = {"", 0}, .expected = UPLOAD_UNKNOWN, .is_damaged = true};
    snprintf(out->id, sizeof out->id, "%s", id);
    boot[0] = '\0';
    if (!read_file(folder, id, arena, &bytes, error)) {
        return false;
    }
    if (!json_read(bytes, arena, NULL, &value, &ignored)) {
        return ignored.code != ERROR_MEMORY || error_memory(error);
    }
    if (value.kind != VALUE_OBJECT) {
        return true;
    }
    const struct object *object = value.as.object;
    int64_t expected = take_integer(object, "expected", -1);
    struct text sha256 = object_text(object, "sha256"), started = object_text(object, "boot");
    out->name = object_text(object, "name");
    out->by = object_text(object, "by");
    out->expected = expected >= 0 ? (uint64_t)expected : UPLOAD_UNKNOWN;
    out->size = (uint64_t)take_integer(object, "size", 0);
    out->begun_us = take_integer(object, "begun_us", 0);
    out->uploaded_us = take_integer(object, "uploaded_us", 0);
    out->is_damaged = out->name.length == 0 || !upload_kind_of(object_text(object, "kind"), &out->kind);
    snprintf(out->sha256, sizeof out->sha256, "%.*s", TEXT_ARGS(sha256));
    snprintf(boot, UPLOAD_BOOT_MAX, "%.*s", TEXT_ARGS(started));
    return true;
}

void upload_write(const struct upload_info *info, const char *name, struct members *members) {
    members_open(members, name);
    members_string(members, "id", info->id);
    members_text(members, "name", info->name);
    members_string(members, "kind", upload_kind_name(info->kind));
    members_text(members, "by", info->by);
    members_string(members, "state", info->is_damaged ? "damaged" : info->is_whole ? "whole" : "coming");
    members_integer(members, "size", (int64_t)info->size);
    if (info->expected != UPLOAD_UNKNOWN) {
        members_integer(members, "expected", (int64_t)info->expected);
    } else {
        members_null(members, "expected");
    }
    members_string(members, "sha256", info->sha256[0] != '\0' ? info->sha256 : NULL);
    members_time(members, "begun_at", info->begun_us);
    members_time(members, "uploaded_at", info->uploaded_us);
    members_close(members);
}

static void put(struct buffer *out, const struct upload_info *info, const char *boot) {
    struct members members = members_begin(out);
    members_open(&members, NULL);
    members_text(&members, "name", info->name);
    members_string(&members, "kind", upload_kind_name(info->kind));
    members_text(&members, "by", info->by);
    if (info->expected != UPLOAD_UNKNOWN) {
        members_integer(&members, "expected", (int64_t)info->expected);
    }
    members_string(&members, "boot", boot);
    members_integer(&members, "begun_us", info->begun_us);
    if (info->is_whole) {
        members_integer(&members, "size", (int64_t)info->size);
        members_string(&members, "sha256", info->sha256);
        members_integer(&members, "uploaded_us", info->uploaded_us);
    }
    members_close(&members);
    buffer_byte(out, '\n');
}

static bool write_all(int file, struct text bytes) {
    while (bytes.length > 0) {
        ssize_t done = write(file, bytes.data, bytes.length);
        if (done < 0 && errno != EINTR) {
            return false;
        }
        bytes.data += done > 0 ? done : 0;
        bytes.length -= done > 0 ? (size_t)done : 0;
    }
    return true;
}

bool upload_about_write(int folder, const struct upload_info *info, const char *boot, struct error *error) {
    char draft[UPLOAD_FILE_MAX], name[UPLOAD_FILE_MAX];
    struct buffer bytes;
    buffer_init(&bytes, ABOUT_BYTES_MAX);
    put(&bytes, info, boot);
    upload_file_name(info->id, UPLOAD_ABOUT_NEW, draft);
    upload_file_name(info->id, UPLOAD_ABOUT, name);
    if (bytes.failed) {
        buffer_clear(&bytes);
        return error_memory(error);
    }
    int file = openat(folder, draft, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    fault_point("upload.about_made");
    bool ok = file >= 0 && write_all(file, buffer_view(&bytes)) && fsync(file) == 0;
    int reason = errno;
    if (file >= 0 && close(file) != 0 && ok) {
        ok = false;
        reason = errno;
    }
    buffer_clear(&bytes);
    fault_point("upload.about_written");
    if (ok && renameat(folder, draft, folder, name) != 0) {
        ok = false;
        reason = errno;
    }
    fault_point("upload.about_there");
    if (!ok) {
        unlinkat(folder, draft, 0); // it may not be there; the first error is the one to report
        return upload_disk_fail(reason, "cannot write what is known of an upload", error);
    }
    return true;
}

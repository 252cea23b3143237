#include "server/upload_preview.h"

#include <stdio.h>

#include "format/format_members.h"
#include "format/format_zip.h"
#include "server/upload_preview_table.h"

enum { HEAD_SHOWN = 2000 };

static void put_folders(const struct archive *archive, struct members *members) {
    size_t count, entries;
    uint64_t bytes = 0;
    const struct archive_folder *folders = archive_folders(archive, &count);
    archive_entries(archive, &entries);
    for (size_t i = 0; i < count; i++) {
        bytes += folders[i].bytes;
    }
    members_integer(members, "entries", (int64_t)entries);
    members_integer(members, "bytes", (int64_t)bytes);
    members_open_list(members, "folders");
    for (size_t i = 0; i < count && i < UPLOAD_LIST_MAX; i++) {
        members_open(members, NULL);
        members_text(members, "name", folders[i].name);
        members_integer(members, "files", (int64_t)folders[i].files);
        members_integer(members, "bytes", (int64_t)folders[i].bytes);
        members_integer(members, "troubled", (int64_t)folders[i].troubled);
        members_close(members);
    }
    members_close_list(members);
}

static void put_entry(const struct archive_entry *entry, size_t index, struct members *members) {
    members_open(members, NULL);
    members_integer(members, "index", (int64_t)index);
    members_text(members, "name", entry->name);
    members_text(members, "folder", entry->folder);
    members_integer(members, "size", (int64_t)entry->size);
    members_integer(members, "packed", (int64_t)entry->packed_size);
    if (entry->trouble != NULL) {
        members_string(members, "trouble", entry->trouble);
    }
    members_close(members);
}

static bool put_zip(const char *path, const char *shown, const struct upload_look *look, struct members *members,
                    struct error *error) {
    struct archive *archive;
    size_t count;
    if (!archive_open(path, shown, &archive_limits_usual, &archive, error)) {
        return false;
    }
    put_folders(archive, members);
    const struct archive_entry *entries = archive_entries(archive, &count);
    size_t most = look->rows < UPLOAD_LIST_MAX ? look->rows : UPLOAD_LIST_MAX;
    size_t first = look->first < count ? look->first : count;
    size_t end = count - first > most ? first + most : count;
    members_open_list(members, "list");
    for (size_t i = first; i < end; i++) {
        put_entry(&entries[i], i, members);
    }
    members_close_list(members);
    members_bool(members, "more", end < count);
    archive_close(archive);
    return true;
}

static bool put_head(const char *path, const char *shown, enum upload_kind kind, struct members *members,
                     struct error *error) {
    char bytes[HEAD_SHOWN + 1];
    size_t have = 0, got = 1;
    bool spent;
    struct stream *stream;
    if (!upload_look_open(path, shown, kind == UPLOAD_JSON_GZ ? kind : UPLOAD_JSON, &spent, &stream, error)) {
        return error_place(error, "%s", shown);
    }
    bool ok = true;
    while (ok && got > 0 && have < sizeof bytes) {
        ok = stream_read(stream, bytes + have, sizeof bytes - have, &got, error);
        have += ok ? got : 0;
    }
    stream_close(stream);
    members_text(members, "head", upload_cut((struct text){bytes, have}, HEAD_SHOWN));
    return ok || spent || error_place(error, "%s", shown);
}

static bool put_content(const char *path, const struct upload_info *info, const struct upload_look *look,
                        struct members *members, struct error *error) {
    char shown[UPLOAD_NAME_MAX + 1];
    snprintf(shown, sizeof shown, "%.*s", TEXT_ARGS(info->name));
    switch (info->kind) {
    case UPLOAD_ZIP:
        return put_zip(path, shown, look, members, error);
    case UPLOAD_JSON:
    case UPLOAD_JSON_GZ:
        return put_head(path, shown, info->kind, members, error);
    default:
        return upload_preview_table(path, shown, info->kind,
                                    look->rows < UPLOAD_ROWS_MAX ? look->rows : UPLOAD_ROWS_MAX, members, error);
    }
}

bool upload_preview(const struct uploads *uploads, struct text org, struct text id, const struct upload_look *look,
                    struct buffer *out, struct error *error) {
    char path[PATH_MAX];
    struct upload_info info;
    struct arena arena;
    size_t before = out->length;
    arena_init(&arena, 1024 * 1024);
    bool ok = upload_path(uploads, org, id, path, error) && upload_status(uploads, org, id, &arena, &info, error);
    if (ok) {
        struct members members = members_begin(out);
        members_open(&members, NULL);
        members_string(&members, "id", info.id);
        members_text(&members, "name", info.name);
        members_string(&members, "kind", upload_kind_name(info.kind));
        members_integer(&members, "size", (int64_t)info.size);
        ok = put_content(path, &info, look, &members, error);
        members_close(&members);
        if (ok && out->failed) {
            ok = out->starved ? error_memory(error) : error_set(error, ERROR_LIMIT, "the preview is too long");
        }
    }
    if (!ok) {
        out->length = before;
    }
    arena_clear(&arena);
    return ok;
}

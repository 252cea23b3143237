#include "format/format_zip.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>
#include <zip.h>

#include "base/arena.h"
#include "base/memory.h"
#include "format/format_file.h"
#include "format/format_zip_directory.h"
#include "format/format_zip_name.h"

const struct archive_limits archive_limits_usual = {
    .entries = 100000,
    .name_bytes = 1000,
    .bytes = UINT64_C(64) * 1024 * 1024 * 1024,
    .ratio = 200,
};

struct archive {
    struct arena arena;
    const char *shown;
    zip_t *zip;
    struct archive_list list;
    struct archive_folder *folders;
    size_t folder_count;
};

// What libzip says of the file, or NULL. Takes `file` over.
static zip_t *open_zip(int file, struct error *error) {
    zip_error_t reason;
    zip_error_init(&reason);
    zip_t *zip = NULL;
    FILE *stream = fdopen(file, "rb");
    if (stream == NULL) {
        error_set_errno(error, ERROR_FILE_READ, errno, "cannot read the zip");
        close(file);
        return NULL;
    }
    zip_source_t *source = zip_source_filep_create(stream, 0, -1, &reason);
    if (source == NULL) {
        fclose(stream);
    } else {
        zip = zip_open_from_source(source, ZIP_RDONLY, &reason);
        if (zip == NULL) {
            zip_source_free(source); // closes the file too
        }
    }
    if (zip == NULL && zip_error_code_zip(&reason) == ZIP_ER_MEMORY) {
        error_memory(error);
    } else if (zip == NULL) {
        error_set(error, ERROR_ZIP, "the zip cannot be read: %s; pack it again", zip_error_strerror(&reason));
    }
    zip_error_fini(&reason);
    return zip;
}

// libzip, which reads the entries, must see the ones that were checked.
static bool check_same(const struct archive *archive, struct error *error) {
    if ((uint64_t)zip_get_num_entries(archive->zip, 0) != archive->list.count) {
        return error_set(error, ERROR_ZIP, "the zip can be read in two ways; pack it again");
    }
    for (size_t i = 0; i < archive->list.count; i++) {
        const struct archive_entry *entry = &archive->list.entries[i];
        zip_stat_t stat;
        if (zip_stat_index(archive->zip, i, ZIP_FL_ENC_RAW, &stat) != 0 || (stat.valid & ZIP_STAT_SIZE) == 0 ||
            (stat.valid & ZIP_STAT_COMP_SIZE) == 0 || stat.size != entry->size ||
            stat.comp_size != entry->packed_size ||
            (entry->trouble == NULL && !text_is(entry->name, stat.name != NULL ? stat.name : ""))) {
            return error_set(error, ERROR_ZIP, "entry %zu of the zip can be read in two ways; pack it again", i + 1);
        }
    }
    return true;
}

static bool read_lists(struct archive *archive, int file, uint64_t size, const struct archive_limits *limits,
                       struct error *error) {
    return archive_list_read(file, size, limits, &archive->arena, &archive->list, error) &&
           archive_names_check(&archive->list, error) &&
           archive_folders_make(&archive->list, &archive->arena, &archive->folders, &archive->folder_count, error);
}

bool archive_open(const char *path, const char *shown, const struct archive_limits *limits, struct archive **out,
                  struct error *error) {
    struct file_state state;
    if (!file_state(path, shown, &state, error)) {
        return false;
    }
    // Without O_NONBLOCK a pipe put in the file's place would hang.
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (file < 0) {
        return error_set_errno(error, ERROR_FILE_READ, errno, "cannot open %s", shown);
    }
    struct archive *archive = memory_zero(1, sizeof *archive);
    if (archive == NULL) {
        close(file);
        return error_memory(error);
    }
    arena_init(&archive->arena, ARCHIVE_ARENA_MAX);
    archive->shown = shown;
    bool ok = read_lists(archive, file, state.size, limits, error);
    if (ok) {
        archive->zip = open_zip(file, error);
        ok = archive->zip != NULL && check_same(archive, error);
    } else {
        close(file);
    }
    if (!ok) {
        archive_close(archive);
        return error_place(error, "%s", shown);
    }
    *out = archive;
    return true;
}

void archive_close(struct archive *archive) {
    if (archive != NULL) {
        if (archive->zip != NULL) {
            zip_discard(archive->zip);
        }
        arena_clear(&archive->arena);
        memory_free(archive);
    }
}

const struct archive_entry *archive_entries(const struct archive *archive, size_t *count) {
    *count = archive->list.count;
    return archive->list.entries;
}

const struct archive_folder *archive_folders(const struct archive *archive, size_t *count) {
    *count = archive->folder_count;
    return archive->folders;
}

// --- one entry ---

struct entry_stream {
    struct stream stream;
    zip_file_t *file;
    const struct archive *archive;
    size_t index;
    uint64_t done;
};

static bool entry_fail(const struct entry_stream *entry, const char *what, struct error *error) {
    error_set(error, ERROR_ZIP, "an entry of the zip is damaged: %s; pack it again", what);
    return error_place(error, "%s, entry %zu", entry->archive->shown, entry->index + 1);
}

static bool entry_read(struct stream *stream, char *into, size_t room, size_t *got, struct error *error) {
    struct entry_stream *entry = (struct entry_stream *)stream;
    uint64_t size = entry->archive->list.entries[entry->index].size;
    zip_int64_t count = zip_fread(entry->file, into, room);
    if (count < 0) {
        zip_error_t *reason = zip_file_get_error(entry->file);
        return zip_error_code_zip(reason) == ZIP_ER_MEMORY ? error_memory(error)
                                                           : entry_fail(entry, zip_error_strerror(reason), error);
    }
    *got = (size_t)count;
    entry->done += *got;
    if (entry->done > size) {
        return entry_fail(entry, "it is longer than the zip's list says", error);
    }
    return count > 0 || entry->done == size || entry_fail(entry, "it is shorter than the zip's list says", error);
}

static void entry_close(struct stream *stream) {
    struct entry_stream *entry = (struct entry_stream *)stream;
    zip_fclose(entry->file);
    memory_free(entry);
}

bool archive_read(struct archive *archive, size_t index, struct stream **out, struct error *error) {
    static const struct stream_type type = {entry_read, NULL, entry_close};
    const struct archive_entry *listed = index < archive->list.count ? &archive->list.entries[index] : NULL;
    const char *trouble = listed == NULL ? "there is none" : listed->is_folder ? "it is a folder" : listed->trouble;
    if (trouble != NULL) {
        error_set(error, ERROR_ZIP, "an entry of the zip cannot be read: %s", trouble);
        return error_place(error, "%s, entry %zu", archive->shown, index + 1);
    }
    struct entry_stream *entry = memory_zero(1, sizeof *entry);
    if (entry == NULL) {
        return error_memory(error);
    }
    *entry = (struct entry_stream){.stream = {&type}, .archive = archive, .index = index};
    entry->file = zip_fopen_index(archive->zip, index, 0);
    if (entry->file == NULL) {
        zip_error_t *reason = zip_get_error(archive->zip);
        memory_free(entry);
        return zip_error_code_zip(reason) == ZIP_ER_MEMORY
                   ? error_memory(error)
                   : error_set(error, ERROR_ZIP, "an entry of the zip cannot be read: %s; pack it again",
                               zip_error_strerror(reason));
    }
    *out = &entry->stream;
    return true;
}

#ifndef WEIR_FORMAT_ZIP_DIRECTORY_H
#define WEIR_FORMAT_ZIP_DIRECTORY_H

// The list of a zip's entries as it stands at the file's end, with every entry's own header looked at. Part of
// format_zip.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "format/format_zip.h"

// What a zip that is no more than this takes to list: its directory, and the arena that the list is put in.
enum { ARCHIVE_DIRECTORY_MAX = 32 * 1024 * 1024, ARCHIVE_ARENA_MAX = 96 * 1024 * 1024 };

struct archive_list {
    struct archive_entry *entries;
    size_t count;
};

// `file` has `size` bytes and is read with pread. Entries are marked for all that their headers say, save their names
// (format_zip_name.h).
bool archive_list_read(int file, uint64_t size, const struct archive_limits *limits, struct arena *arena,
                       struct archive_list *out, struct error *error);

#endif

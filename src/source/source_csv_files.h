#ifndef WEIR_SOURCE_SOURCE_CSV_FILES_H
#define WEIR_SOURCE_SOURCE_CSV_FILES_H

// Which files a CSV pass reads, and what they were when it began. Part of source_csv.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "format/format_file.h"
#include "model/value.h"

enum { CSV_FILES_MAX = 10000 };

struct csv_file {
    const char *path;  // to open
    const char *shown; // as the script gave it
    struct file_state state;
};

struct csv_files {
    struct csv_file *items;
    size_t count;
    uint64_t total_bytes;
};

// Finds the files of `patterns` (a list of texts: paths or globs) and looks at each. The list's order is kept, a
// glob's matches are sorted by name, and a file named twice is read once. Relative paths start at `folder`. A path or
// glob without a file is ERROR_FILE_MISSING. Everything lives in `arena`.
bool csv_files_find(const struct value *patterns, struct text folder, struct arena *arena, struct csv_files *out,
                    struct error *error);

// What tells these files from others and from themselves once changed: names, sizes, times, inodes.
struct print csv_files_print(const struct csv_files *files, uint64_t seed);

// Whether a name ends so, in any case.
bool csv_file_ends(const char *name, const char *ending);

#endif

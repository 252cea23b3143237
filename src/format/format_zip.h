#ifndef WEIR_FORMAT_ZIP_H
#define WEIR_FORMAT_ZIP_H

// What a zip holds, and the bytes of one entry as a stream. Nothing of a zip is ever unpacked to disk: an entry is read
// by its place in the list, and its name is a text for people.
//
// The list is read twice, by weir (format_zip_directory.h) and by libzip, and both must say the same: libzip does not
// tell where entries begin, so it can't see two that share their bytes, and it shows a NUL in a name as a space.
//
//   - What makes the whole zip doubtful refuses it with ERROR_ZIP: no end, several ends, a list that does not fill its
//     place, entries whose bytes overlap, headers that contradict each other. Over a limit it is ERROR_ZIP_LIMIT.
//   - What is wrong with one entry marks that entry, and the others can be read: a name that is absolute, has a
//     backslash, `.`, `..` or an empty part, a control byte (NUL), is no UTF-8 or there twice; a link or another thing
//     that is no file; encryption; a packing other than deflate.
//   - Limits are held against what the list says when it is read, and what an entry inflates to is counted: more or
//     less than the list says is ERROR_ZIP, a wrong checksum too.
//
// An archive is used by one thread.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "format/format_stream.h"

struct archive_limits {
    uint64_t entries;
    uint64_t name_bytes; // of one entry's name
    uint64_t bytes;      // that all entries inflate to
    uint64_t ratio;      // inflated bytes to packed ones, of an entry of over a MiB
};

// 100,000 entries, names of 1,000 bytes, 64 GiB, 200 to 1.
extern const struct archive_limits archive_limits_usual;

struct archive_entry {
    struct text name;   // any bytes
    struct text folder; // the part before the first slash; empty without one
    uint64_t size;
    uint64_t packed_size;
    bool is_folder;
    const char *trouble; // why it can't be read: "it is encrypted"; NULL when it can
};

// A top folder and what is in it at any depth.
struct archive_folder {
    struct text name;  // empty: what is in no folder
    uint64_t files;    // that can be read
    uint64_t bytes;    // of those
    uint64_t troubled; // entries that can't
};

struct archive;

// `path` is opened; `shown`, what the user calls it, stands in messages and must outlive the archive.
bool archive_open(const char *path, const char *shown, const struct archive_limits *limits, struct archive **out,
                  struct error *error);
void archive_close(struct archive *archive); // accepts NULL

// In the zip's own order. The list lives as long as the archive.
const struct archive_entry *archive_entries(const struct archive *archive, size_t *count);

// In the order of their names.
const struct archive_folder *archive_folders(const struct archive *archive, size_t *count);

// What the entry at that place in the list inflates to. The archive must outlive the stream. A folder and an entry
// with a trouble are ERROR_ZIP.
bool archive_read(struct archive *archive, size_t index, struct stream **out, struct error *error);

#endif

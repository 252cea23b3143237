#ifndef WEIR_FORMAT_FILE_H
#define WEIR_FORMAT_FILE_H

// A regular file as a stream. What it was when a pass began is remembered, and its end counts as the end only when
// the file still is what it was: a file that somebody writes to while it is read is ERROR_SOURCE_CHANGED.

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "format/format_stream.h"

// What tells a file's content from an earlier one without reading it.
struct file_state {
    uint64_t size;
    int64_t changed_ns; // its modification time
    uint64_t inode;
};

// `path` is opened; `shown`, what the user calls it, stands in messages. ERROR_FILE_MISSING when it is not there,
// ERROR_FILE_READ when it is no regular file or may not be read.
bool file_state(const char *path, const char *shown, struct file_state *out, struct error *error);

// Opens it; `expected` is what file_state said. `shown` must outlive the stream.
bool file_open(const char *path, const char *shown, const struct file_state *expected, struct stream **out,
               struct error *error);

// How many bytes were read of a stream that file_open gave; for progress.
uint64_t file_done(const struct stream *stream);

#endif

#ifndef WEIR_CLI_TEMPLATE_H
#define WEIR_CLI_TEMPLATE_H

// The files that `weir init` and `weir new` write, and the one way in which they are written: never over a file that
// is there.

#include <stdbool.h>

#include "base/error.h"

struct template_file {
    const char *path; // below the folder; NULL ends a list
    const char *text;
};

// A folder with a small example that runs as it is.
extern const struct template_file template_example[];

// A folder for `weir demo` (demo_files.c).
extern const struct template_file template_demo[];

// A commented script for a sync of one's own. `@ORG@` and `@NAME@` stand for its names.
extern const char *const template_script;

// Makes a folder and those above it. One that is there is fine.
bool template_folder(const char *path, struct error *error);

// Writes a new file, in a folder that is there. `made` says false when a file of this name is there: it is left alone.
bool template_write(const char *path, const char *text, size_t length, bool *made, struct error *error);

#endif

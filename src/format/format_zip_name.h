#ifndef WEIR_FORMAT_ZIP_NAME_H
#define WEIR_FORMAT_ZIP_NAME_H

// Names in a zip: what is wrong with them, and the top folders that they make. Part of format_zip.

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "format/format_zip_directory.h"

// Marks the entries whose names are troublesome, and gives each its folder.
bool archive_names_check(struct archive_list *list, struct error *error);

// The top folders by name.
bool archive_folders_make(const struct archive_list *list, struct arena *arena, struct archive_folder **out,
                          size_t *count, struct error *error);

#endif

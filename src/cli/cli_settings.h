#ifndef WEIR_CLI_CLI_SETTINGS_H
#define WEIR_CLI_CLI_SETTINGS_H

// DATA/settings: what the machine's owner allows, one "name = value" a line, # before a remark. Scripts don't see it.
//
//    allow_private = 127.0.0.1, 10.0.0.0/8     private addresses that datasources may stand at

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

struct cli_settings {
    struct text *allowed; // address ranges
    size_t allowed_count;
};

// Reads it from a folder of homes; without the file (or the folder) everything has its default. A mistake in it names
// its line.
bool cli_settings_read(const char *data, struct arena *arena, struct cli_settings *out, struct error *error);

#endif

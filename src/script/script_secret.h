#ifndef WEIR_SCRIPT_SCRIPT_SECRET_H
#define WEIR_SCRIPT_SCRIPT_SECRET_H

// Secrets: from the environment (WEIR_SECRET_NAME, the name in capitals) or from the file DATA/secrets/ORG/NAME, which
// nobody but its owner may read. A secret goes from here into an option and nowhere else: Lua never sees it.

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

enum { SECRET_NAME_MAX = 60, SECRET_BYTES_MAX = 64 * 1024 };

// Whether the text may name a secret: letters, digits, _ and -, so that it stays in its folder.
bool secret_name_check(struct text name, struct error *error);

// Whether the environment has it.
bool secret_in_environment(struct text name);

// Reads the secret into the arena, without the line end behind it. `data` may be NULL: then only the environment is
// asked.
bool secret_read(const char *data, struct text org, struct text name, struct arena *arena, struct text *out,
                 struct error *error);

#endif

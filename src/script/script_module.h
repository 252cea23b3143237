#ifndef WEIR_SCRIPT_SCRIPT_MODULE_H
#define WEIR_SCRIPT_SCRIPT_MODULE_H

// The texts that a script is made of: itself, and what it requires. A module is weir's library or a file beside the
// script or in the folder datatypes beside the script's; its name is a plain word, so that it can't lead elsewhere.

#include <stdbool.h>

#include "base/error.h"
#include "script/script_state.h"

enum { MODULE_BYTES_MAX = 1024 * 1024, MODULES_MAX = 100 };

// Reads a file whole, an ordinary one of MODULE_BYTES_MAX at most, into the arena; a NUL stands behind it.
bool module_text(const char *path, struct arena *arena, struct text *out, struct error *error);

// The folder of a path in the script's arena, "." at least. False without memory.
bool module_folder(struct script *script, struct text path, struct text *out);

// The folder of this name beside a folder: "syncs/datatypes" for "syncs/mywell"; in the script's arena. NULL without
// memory.
char *module_beside(struct script *script, struct text folder, const char *name);

// Reads a file as a chunk and remembers it.
bool module_read(struct script *script, struct text name, const char *path, struct script_chunk **out,
                 struct error *error);

// What the sandbox asks when the script requires something; `context` is the script.
bool module_find(void *context, struct text name, struct text from, struct sandbox_module *out, struct error *error);

#endif

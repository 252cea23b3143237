#ifndef WEIR_SERVER_SCRIPT_TREE_H
#define WEIR_SERVER_SCRIPT_TREE_H

// An organisation's scripts as they stood at one moment: syncs/ORG/ with what all share (syncs/datatypes/,
// syncs/templates/), copied to DATA/scripts/HASH/. A run works on such a copy: what somebody saves meanwhile is not
// half in it, and a script that was broken later does no harm to the last good one. HASH is of the files' names and
// bytes.
//
//    DATA/scripts/HASH/syncs/ORG/NAME.lua   …/syncs/datatypes/…   …/syncs/templates/…

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"

#define TREE_TEMPLATES "templates"

enum { TREE_HASH_ROOM = PRINT_HEX + 1 };

// Something that changes with each change of an organisation's scripts (names, sizes, times), cheap to ask for.
// A folder that isn't there counts as empty.
bool tree_signature(const char *syncs, struct text org, struct print *out, struct error *error);

// Copies what stands there now, unless that copy is there already, and gives its name.
bool tree_keep(const char *syncs, const char *data, struct text org, char hash[TREE_HASH_ROOM], struct error *error);

// The names of the syncs in an organisation's folder: NAME.lua and NAME.json, sorted, in the arena.
bool tree_syncs(const char *data, const char *hash, struct text org, struct arena *arena, struct text **out,
                size_t *count, struct error *error);

// The organisations that have a folder of scripts, and TREE_TEMPLATES where there is that folder.
bool tree_orgs(const char *syncs, struct arena *arena, struct text **out, size_t *count, struct error *error);

// Whether the copy is there still.
bool tree_is_kept(const char *data, struct text hash);

// The path of a sync's script in a copy: NAME.json where there is one, else NAME.lua. NULL: no memory.
char *tree_path(const char *data, struct text hash, struct text org, struct text name, struct arena *arena);

// Removes the copies that `used` says nobody needs.
void tree_sweep(const char *data, bool (*used)(void *context, const char *hash), void *context);

#endif

#ifndef WEIR_SERVER_SCRUB_H
#define WEIR_SERVER_SCRUB_H

// What leaves the server says nothing of its folders: a script's copy is named as the script is, an upload by its
// number. Errors of children and what homes keep of them have the paths.
//
//    DATA/scripts/HASH/syncs/mywell/x.lua:3   ->   syncs/mywell/x.lua:3
//    DATA/mywell/uploads/ID.csv line 2        ->   ID.csv line 2
//
// Only what looks so wholly is cut: a record may say what it likes.

#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"
#include "server/service.h"

// In place; gives the length that is left.
size_t scrub_bytes(const struct service *service, char *bytes, size_t length);

// A copy in the arena where there is something to be cut; the text itself where there isn't, or no memory.
struct text scrub_text(const struct service *service, struct text text, struct arena *arena);

#endif

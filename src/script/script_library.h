#ifndef WEIR_SCRIPT_SCRIPT_LIBRARY_H
#define WEIR_SCRIPT_SCRIPT_LIBRARY_H

// What `require "weir"` gives: the files of lua/weir/, embedded by the build, over a small core of C functions that
// they alone see.

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/text.h"

struct script;

// One embedded file. The list is made by cmake/weir_embed.cmake and ends with a part without a name.
struct library_part {
    const char *name; // "weir/transform.lua", as errors call it
    const unsigned char *text;
    size_t length;
};

extern const struct library_part library_parts[];

// Runs every part; afterwards library_open pushes what they made.
bool library_load(struct script *script, struct error *error);
int library_open(lua_State *lua);

#endif

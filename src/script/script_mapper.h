#ifndef WEIR_SCRIPT_SCRIPT_MAPPER_H
#define WEIR_SCRIPT_SCRIPT_MAPPER_H

// A script's functions as the engine calls them: port/mapper.h, by Lua. Every call goes through the sandbox's door with
// a step budget of its own. What a function answers is a value of the engine's, in its arena, or a part of the record
// that it was given.

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "port/mapper.h"
#include "script/view.h"

struct script;

enum { MAPPER_POOL = 64, MAPPER_FUNCTIONS_MAX = 10000, MAPPER_OBJECTS_MAX = 8 };

// What a function's answer is taken for.
enum mapper_answer {
    ANSWER_VALUE,
    ANSWER_SEQUENCE, // a plain table { a, b } is a list too: the parts of a reference
    ANSWER_TRUTH,    // as Lua's `if` would see it: true or false
};

struct mapper_function {
    struct text place; // "syncs/mywell/a.lua:12", where it is written
    int reference;     // in Lua's registry
    enum mapper_answer answer;
};

struct script_mapper {
    struct mapper base;
    struct script *script;
    struct views views;
    struct mapper_function *functions; // in the script's arena
    size_t count;
    size_t capacity;

    // Views are made in advance, so that a call needs no memory of Lua's before its own door.
    struct view *pool[MAPPER_POOL];
    int pool_references[MAPPER_POOL];
    size_t pool_next;

    // The record whose functions run: they share one view.
    const struct shape *shape;
    const struct value *values;
};

void script_mapper_init(struct script_mapper *mapper, struct script *script);
void script_mapper_clear(struct script_mapper *mapper);

// Runs inside the door, once.
void script_mapper_setup(lua_State *lua, struct script_mapper *mapper);

// Remembers the function at an index and gives its number. Raises.
uint32_t script_mapper_add(lua_State *lua, struct script_mapper *mapper, int index, enum mapper_answer answer);

#endif

#ifndef WEIR_SCRIPT_SCRIPT_STATE_H
#define WEIR_SCRIPT_SCRIPT_STATE_H

// What a loaded script consists of, for the files of this room alone.
//
// Two kinds of functions meet here. One that takes a `lua_State *` runs inside the sandbox's protected door: it may
// raise, so it owns nothing that a raise would leak; what it makes lives in an arena or in Lua. One that takes a
// `struct script *` and an error never raises.
//
// Declarations (weir.csv, weir.time, weir.datatype, …) are turned into C data the moment they are called: the script
// gets a handle to them and can't change them afterwards.

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "port/sync.h"
#include "script/sandbox.h"
#include "script/script.h"
#include "script/script_mapper.h"

// A text of Lua that was loaded: the script or a module of it.
struct script_chunk {
    struct script_chunk *next; // in the order in which they were loaded
    struct text name;          // the module's: "ourwater"
    struct text path;          // as errors call it: "syncs/datatypes/ourwater.lua"
    struct text text;
    size_t datatypes; // how many were declared in it
    bool is_pinned;   // it goes into what home keeps (script_pin.h)
};

// A datatype as it was declared: which of its chunk's, from 1. A sync takes copies of it, with names.
struct script_declaration {
    struct script_declaration *next;
    const struct datatype *datatype;
    const struct script_chunk *chunk;
    size_t place;
};

// Where a declaration was called, for lines in errors.
struct script_where {
    struct script_chunk *chunk; // NULL when it isn't known
    int line;
    const char *opener; // the function's last name, "csv"
};

// A setting that waits until the parameters and the org are known.
struct script_patch {
    struct script_patch *next;
    struct value *slot;
    const char *mark;      // what stands for it until it has a slot
    enum option_type type; // OPTION_ANY takes any
    const char *choices;
    bool is_secret; // else a parameter
    struct text name;
    const char *option; // whose value it is, for messages
    struct script_where where;
};

enum param_type { PARAM_TEXT, PARAM_INTEGER, PARAM_BOOL, PARAM_FILE };

struct param {
    struct text name;
    enum param_type type;
    struct value fallback; // MISSING: it is required
    struct value value;    // MISSING when it was left out of a check
    struct text help;
    size_t offset; // where it stands in the script, for their order
};

struct script {
    struct sandbox *sandbox;
    struct arena arena;   // all that is declared
    struct arena scratch; // of one call; reset by whoever uses it
    struct script_setup setup;
    struct script_chunk *chunks;
    struct script_chunk **chunks_end;
    struct script_declaration *declarations;
    struct script_chunk *pinned; // while home's own modules are loaded (script_derive.c): those there are
    bool is_derive;
    struct script_patch *patches;
    struct error pending;                   // the error behind the one that was raised last
    const struct script_settings *settings; // of a sync made from a template, which is the script then; else NULL
    struct text path;                       // of the script
    struct text folder;                     // where it stands, "." at least
    bool is_declaring;                      // while the script is loaded, and not in its functions later
    bool has_sync;
    struct sync sync;
    struct param *params;
    size_t param_count;
    struct script_declared *declared; // what may be given with a run
    size_t declared_count;
    struct script_mapper mapper;
};

// A script with its sandbox and weir's library, and nothing of its own yet; script_close frees it.
bool script_begin(const struct script_setup *setup, struct script **out, struct error *error);

// The script that this Lua belongs to.
struct script *script_of(lua_State *lua);

// Raises an error that keeps its code: whoever opened the door gets it back from script_reason.
_Noreturn void script_raise(lua_State *lua, const struct error *error);
_Noreturn void script_raise_memory(lua_State *lua);

// The line that called into weir's library.
struct script_where script_where(lua_State *lua, const char *opener);

// Raises an error at a key of the declaration (NULL: at the declaration itself).
_Noreturn void script_raise_at(lua_State *lua, const struct script_where *where, const char *key, enum error_code code,
                               const char *format, ...) __attribute__((format(printf, 5, 6)));

// The line of a key of the declaration, or the declaration's own.
int script_line(const struct script_where *where, struct text key);

// Refuses a declaration inside a function that runs later.
void script_must_declare(lua_State *lua, const char *name);

// The name among `names` that was probably meant, or NULL. `names` ends with NULL.
const char *script_meant(struct text name, const char *const *names);

// Puts the error that was raised with script_raise in the place of what the sandbox made of it.
void script_reason(struct script *script, struct error *error);

// A copy in the script's arena; raises when there is no memory.
struct text script_text_copy(lua_State *lua, struct text text);
void *script_take(lua_State *lua, size_t count, size_t size); // zeroed

#endif

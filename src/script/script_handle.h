#ifndef WEIR_SCRIPT_SCRIPT_HANDLE_H
#define WEIR_SCRIPT_SCRIPT_HANDLE_H

// What weir's library gives a script for a declaration or a mark: a userdata that Lua can hand on and nothing else. It
// can't be read, changed, joined to a text or compared by content, which is what a secret needs and a declaration
// deserves. What it points to lives in the script's arena.

#include <lua.h>
#include <stdint.h>

enum handle_kind {
    HANDLE_NULL,       // weir.null
    HANDLE_SKIP,       // weir.skip(reason): user value 1 is the reason
    HANDLE_RECORD,     // weir.record(type, fields): user value 1 is the fields; data the struct datatype
    HANDLE_PATH,       // weir.path: a struct path
    HANDLE_RULE,       // weir.time, weir.number, weir.ref …: a struct rule_draft
    HANDLE_REST,       // weir.rest
    HANDLE_FIELD,      // weir.field: a struct field
    HANDLE_DATATYPE,   // weir.datatype: a struct datatype, its name still empty
    HANDLE_DATASOURCE, // weir.csv: a struct datasource
    HANDLE_PARAM,      // weir.param.text: a struct param, its name still empty
    HANDLE_PARAM_USE,  // weir.param "name": the struct text of the name
    HANDLE_SECRET,     // weir.secret "name": the struct text of the name
    HANDLE_SYNC,       // weir.sync
    HANDLE_KINDS,
};

struct handle {
    uint64_t mark; // tells it apart from other userdata
    enum handle_kind kind;
    const void *data;
};

// Makes the metatables and the one weir.null. `call` is what calling a rule or a parameter's declaration does.
void handle_setup(lua_State *lua, lua_CFunction call);

void handle_push(lua_State *lua, enum handle_kind kind, const void *data, int user_values);
void handle_push_null(lua_State *lua);

// The handle at an index, or NULL when something else stands there. Never raises.
const struct handle *handle_at(lua_State *lua, int index);

// The data of a handle of this kind, or NULL.
const void *handle_data(lua_State *lua, int index, enum handle_kind kind);

// "weir.null", "weir.path", …
const char *handle_name(enum handle_kind kind);

// What stands at an index, as a message calls it: "a table", "weir.null", "nothing".
const char *handle_describe(lua_State *lua, int index);

#endif

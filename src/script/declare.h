#ifndef WEIR_SCRIPT_DECLARE_H
#define WEIR_SCRIPT_DECLARE_H

// Declarations: what the script's tables become in C. Each C function here is given to weir's library (lua/weir/),
// runs inside the door, and raises what is wrong with the line of the key that is wrong.

#include <lua.h>
#include <stdbool.h>

#include "model/datatype.h"
#include "port/sync.h"
#include "script/script_state.h"

// weir.csv { … } and its like.
struct datasource {
    const struct source_type *type;
    struct text name;
    const struct object *settings;
    const struct object *types; // its types' names and settings
};

// weir.time("date", { … }) and its like: a rule whose home field isn't known yet.
struct rule_draft {
    struct rule rule;
    const char *name; // "weir.time"
    bool names_datasource;
};

// declare.c: datasources, paths, secrets
int declare_datasource(lua_State *lua); // upvalue: the struct source_type
int declare_path(lua_State *lua);
int declare_secret(lua_State *lua);

// declare_datatype.c
int declare_datatype(lua_State *lua);
int declare_field(lua_State *lua);

// declare_rule.c
int declare_rule(lua_State *lua);  // weir.number(input), called through the rule itself
int declare_const(lua_State *lua); // weir.const(value)
int declare_map(lua_State *lua);   // weir.map(input, map, options)
int declare_ref(lua_State *lua);   // weir.ref(target, input, options)
// Pushes the rule of a kind as it is before it is called: weir.number.
void declare_push_rule(lua_State *lua, enum rule_kind kind);

// declare_transform.c: the transform at an index for one type of the sync.
void declare_transform(lua_State *lua, int index, const struct script_where *where, struct sync_type *type);

// declare_param.c
int declare_param(lua_State *lua);     // weir.param.text { … }, called through the declaration itself
int declare_param_use(lua_State *lua); // weir.param "name"
void declare_push_param(lua_State *lua, enum param_type type);
// Takes the table of declarations at an index (or nil) and the values that were given.
void declare_params(lua_State *lua, int index, const struct script_where *where);

// declare_sync.c
int declare_sync(lua_State *lua);

#endif

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

enum { RULE_PATHS_MAX = 20 };

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

// declare_made.c: for the parts of the library that make tables
int declare_made(lua_State *lua);   // core.made(name, kind, options, keys that must be there, keys that may)
int declare_refuse(lua_State *lua); // core.refuse(name, key, message)

// declare_datatype.c
int declare_datatype(lua_State *lua);
int declare_field(lua_State *lua);

// declare_rule.c
int declare_rule(lua_State *lua);  // weir.number(input), called through the rule itself
int declare_const(lua_State *lua); // weir.const(value)
int declare_map(lua_State *lua);   // weir.map(input, map, options)
int declare_ref(lua_State *lua);   // weir.ref(target, input, options)
int declare_link(lua_State *lua);  // weir.link(field, options)
// Pushes the rule of a kind as it is before it is called: weir.number.
void declare_push_rule(lua_State *lua, enum rule_kind kind);

// declare_transform.c
// The transform at an index for one type of the sync.
void declare_transform(lua_State *lua, int index, const struct script_where *where, struct sync_type *type);
// A table of home's fields with where each comes from.
struct fields_table {
    const struct datatype *datatype;
    const char *name; // what messages call it
    const char *from; // whose fields the names are: "the source"
    bool rest;        // weir.rest may stand in it
};
void declare_fields(lua_State *lua, int index, const struct script_where *where, const struct fields_table *table,
                    struct transform *out);
// The rule that stands at the top of the stack, whatever form it has.
void declare_rule_at_top(lua_State *lua, const struct script_where *where, const char *key, const char *from,
                         struct rule *rule);
const char *declare_meant_field(lua_State *lua, const struct datatype *datatype, struct text name);

// declare_push.c: the push of one type at an index: a table, a function, true, or nil for a type that isn't pushed.
void declare_push(lua_State *lua, int index, const struct script_where *where, struct sync_type *type);

// declare_types.c: the sync's types, with the tables of pull and push at two indexes (or nil).
void declare_types(lua_State *lua, const struct script_where *where, const struct value *names, int pull, int push);

// declare_way.c: which way records go, who wins, and what becomes of deletes.
void declare_way(lua_State *lua, const struct script_where *where, const struct object *options, int pull, int push,
                 int conflict);
// What only shows when the types are known.
void declare_way_check(lua_State *lua, const struct script_where *where);
// Who wins where the script is silent.
enum conflict_policy declare_conflict(enum sync_direction direction);
struct share declare_share(struct value value);

// declare_schedule.c: when a sync runs by itself, and how a service runs it.
void declare_schedule(lua_State *lua, const struct script_where *where, const struct object *options);
// What of a schedule can't be; `key` receives the option that says it. Raises nothing.
bool schedule_check(const struct sync *sync, const char **key, struct error *error);

// declare_param.c
int declare_param(lua_State *lua);     // weir.param.text { … }, called through the declaration itself
int declare_param_use(lua_State *lua); // weir.param "name"
void declare_push_param(lua_State *lua, enum param_type type);
// Takes the table of declarations at an index (or nil) and the values that were given.
void declare_params(lua_State *lua, int index, const struct script_where *where);

// declare_sync.c
int declare_sync(lua_State *lua);
// Whether it can name an organisation or a sync, and so a file.
bool declare_is_name(struct text name);
// A name near to one of the datatypes'.
const char *declare_meant_datatype(lua_State *lua, struct text name);

#endif

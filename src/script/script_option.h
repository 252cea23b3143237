#ifndef WEIR_SCRIPT_SCRIPT_OPTION_H
#define WEIR_SCRIPT_SCRIPT_OPTION_H

// The tables that a script writes, checked against the declared lists of port/option.h and turned into settings. Runs
// inside the door: a mistake raises an error with the line of its key and, where one is near, the name that was meant.
// Settings live in the script's arena. A parameter or a secret in them is filled in later, by options_patch, when the
// script has said which parameters there are.

#include <lua.h>
#include <stdbool.h>

#include "base/error.h"
#include "port/option.h"
#include "script/script_state.h"

// What options of these types take, as messages say it.
#define OPTION_SPAN_TAKES "a span of time like \"15m\" (ms, s, m, h, d or w)"
#define OPTION_SIZE_TAKES "a size like \"100kB\" (B, kB, MB, GB, KiB, MiB or GiB) or a whole number of bytes"

struct option_reader {
    struct script_where where;
    const char *name; // what messages call the table: "weir.csv"
    bool keep_any;    // OPTION_ANY is left MISSING: the caller reads it itself
    bool fixed;       // no parameter or secret may stand in it
    bool open;        // keys that are not in the list are the caller's: a datatype's fields
};

// Reads the table at an index.
const struct object *option_read(lua_State *lua, int index, const struct option *options,
                                 const struct option_reader *reader);

// Notes that `slot` takes its value from the parameter or secret at an index of the stack; false when neither stands
// there.
bool option_later(lua_State *lua, int index, enum option_type type, const char *choices, const char *key,
                  const struct script_where *where, struct value *slot);

// The same for one inside a value that is still being taken, and so has no place of its own yet: `out` is a mark. When
// the value stands where it stays, options_bind finds the marks in it.
bool option_inside(lua_State *lua, int index, const char *key, const struct script_where *where, struct value *out);
void options_bind(struct script *script, const struct value *value);

// Fills in all that waits. The parameters and the org must be known.
bool options_patch(struct script *script, struct error *error);

// The lists of weir's own tables.
extern const struct option option_sync[];
extern const struct option option_datatype[];
extern const struct option option_field[];
extern const struct option option_time[];
extern const struct option option_map[];
extern const struct option option_ref[];
extern const struct option option_link[];
extern const struct option option_param[];
// What every datasource takes beside its own, and each of its types.
extern const struct option option_datasource[];
extern const struct option option_type_common[];

// A source's list with what every datasource takes in front of it, in the script's arena.
const struct option *option_join(lua_State *lua, const struct option *common, const struct option *own,
                                 const struct option *inner);

#endif

#ifndef WEIR_SCRIPT_SCRIPT_SETTINGS_H
#define WEIR_SCRIPT_SCRIPT_SETTINGS_H

// A sync made from a template: a file syncs/ORG/NAME.json that names a script and says what this sync of it is given.
//
//    {"template":"county_wells",          the script, beside the file or in the folder templates beside its folder
//     "params":{"base":"https://…"},      as if by --param; what it leaves out may be given with each run
//     "direction":"pull",                 narrows "both"
//     "types":["well"],                   some of the script's
//     "once":true | "every":"1h" | "cron":"0 3 * * *","zone":"Asia/Kolkata"}    in the place of the script's schedule
//
// Everything that opens a script takes such a file. The file is read strictly and lives in the script's arena; what it
// says is checked against the script when that declares its sync.

#include <lua.h>
#include <stdbool.h>

#include "base/buffer.h"
#include "port/option.h"
#include "script/script_state.h"

struct script_settings {
    struct text path;
    struct text text;
    struct text name; // the template's
    const struct script_param *params;
    size_t param_count;
    const char *direction; // NULL: as the script says
    struct value types;    // a list of texts; MISSING: as the script says
    bool plans;            // it says something of the schedule, and then all of it
    bool once;
    int64_t every_us;
    struct text cron;
    struct text zone;
};

// Whether a path names such a file.
bool settings_is(struct text path);

// Reads the file at the script's path, and puts the template's path in its place.
bool settings_read(struct script *script, struct error *error);

// Applies them to the sync that the script has declared; raises what doesn't fit. `has_conflict`: the script says who
// wins. Does nothing where there are none.
void settings_apply(lua_State *lua, const struct script_where *where, bool has_conflict);

// Both texts as one, for home to keep.
void settings_pin(struct buffer *buffer, const struct script *script);

#endif

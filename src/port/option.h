#ifndef WEIR_PORT_OPTION_H
#define WEIR_PORT_OPTION_H

// The declared options: one list for each table that a script may write. The list checks the script (unknown key,
// wrong type, missing), makes docs/reference/options.md and the editor's stubs, and fills in what was left out.
// Checked settings are an ordinary object value: names as in the list, texts for secrets and parameters already put
// in, functions as the integer that the mapper knows them by.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/value.h"

enum option_type {
    OPTION_TEXT,
    OPTION_INTEGER,
    OPTION_BOOL,
    OPTION_NAMES,    // one text or a list of texts; always a list in the settings
    OPTION_TABLE,    // a table with options of its own: `inner`
    OPTION_MAP,      // a table from names of the script's choosing to tables with the options of `inner`
    OPTION_FUNCTION, // a Lua function
    OPTION_SHARE,    // a count (100) or a percentage ("5%")
    OPTION_SPAN,     // "15m", "1d" (unit.h); whole microseconds in the settings
    OPTION_SIZE,     // 5000, "100kB" (unit.h); bytes in the settings
    OPTION_ANY,      // checked by whoever reads it
};

struct option {
    const char *key; // NULL ends a list
    enum option_type type;
    bool required;
    const char *fallback;       // as a script would write it: "\"utf-8\"", "true", "1000"; NULL for none
    const char *choices;        // OPTION_TEXT: "utf-8|utf-16|latin-1"; NULL for any
    const struct option *inner; // OPTION_TABLE, OPTION_MAP
    const char *help;           // one sentence
};

struct option_list {
    const char *name; // "weir.csv"
    const char *help; // one paragraph
    const struct option *options;
};

// Readers of checked settings. The key must be in the list; an absent option without fallback gives the default
// of its kind: an empty text, 0, false, an empty list.
struct text option_text(const struct object *settings, const char *key);
int64_t option_integer(const struct object *settings, const char *key);
bool option_bool(const struct object *settings, const char *key);
struct value option_value(const struct object *settings, const char *key); // VALUE_MISSING when absent

#endif

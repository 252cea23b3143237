#ifndef WEIR_SCRIPT_VIEW_SHELF_H
#define WEIR_SCRIPT_VIEW_SHELF_H

// The shelf: a plain table of the fields that a whole-record function reads, laid out before it runs. The view of the
// record in hand has the shelf for its __index, so Lua finds them by itself; what isn't there is asked of the view
// as ever, and remembered for the next record. What comes back from the shelf unchanged is known by its address and
// is the record's own text again, neither checked nor copied.
//
// One view has the shelf: until it is written to, until the next call, or until its page goes. It is taken from it
// then (shelf_close), and the view is one like any other. A field is laid out when the records before it had it read,
// and forgotten with every SHELF_AGE records, so that one read now and then is not laid out for ever.
//
// A call that reads nine fields and returns ten takes 0.86 of the instructions so.

#include <lauxlib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "model/value.h"

struct view;
struct views;

enum { SHELF_FIELDS_MAX = 32, SHELF_TEXTS = 64 };

// A text on the shelf: Lua's string, and what it was made of.
struct shelf_text {
    const char *string;
    const struct value *value;
    uint64_t filling; // the entry is of this one
};

// A field that is laid out.
struct shelf_field {
    struct text name; // Lua's own, kept alive by the list of names
    uint32_t place;   // in the shape
};

struct shelf {
    int table; // the registry's references
    int names; // a list of the fields' names
    int metatable;
    struct shelf_field fields[SHELF_FIELDS_MAX];
    uint32_t count;
    uint32_t age;
    struct view *view; // whose fields stand here; NULL: nobody's
    int reference;     // of that view in the registry
    uint64_t filling;
    bool gives_texts; // while the function's answer is taken
    struct shelf_text texts[SHELF_TEXTS];
};

// Makes the tables. `methods` are a view's. Runs inside the door.
void shelf_setup(lua_State *lua, struct views *views, const luaL_Reg *methods);

// Lays out the fields of the view with this reference. Runs inside the door.
void shelf_open(lua_State *lua, struct views *views, struct view *view, int reference);

// Takes the shelf from its view. Never raises.
void shelf_close(lua_State *lua, struct views *views);

// Remembers the field with the name at an index of the stack as read.
void shelf_learn(lua_State *lua, struct views *views, int name, const struct value *value);

// What the record has for one of Lua's strings; NULL when it didn't come from the shelf.
static inline const struct value *shelf_find(const struct shelf *shelf, const char *string) {
    const struct shelf_text *text = &shelf->texts[(uintptr_t)string / 16 % SHELF_TEXTS];
    return shelf->gives_texts && text->string == string && text->filling == shelf->filling ? text->value : NULL;
}

#endif

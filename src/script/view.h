#ifndef WEIR_SCRIPT_VIEW_H
#define WEIR_SCRIPT_VIEW_H

// A record as Lua sees it: a userdata over the C object, `r.field`, `pairs(r)`, `#r.list`, nested. Nothing is copied
// until it is read. A view knows the page (generation) it was made in; once that page is gone every use of the view
// raises, and memory that is no longer there is never touched.
//
// A view is read-only (functions of a field) or copy-on-write (functions of a whole record). What is written stands in
// a Lua table beside the view, the overlay, and so do the nested views that were handed out: what is changed through
// them is part of the record, and what isn't passes through exact.

#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "model/value.h"
#include "script/script_shape.h"
#include "script/view_shelf.h"

struct take;

enum { VIEW_GUESS_BITS = 10 };

// Where a field was found last: checked before it is believed, so a stale one does no harm.
struct view_guess {
    const struct shape *shape;
    const char *name; // the address of Lua's string
    uint32_t place;
};

// What the views of one script share.
struct views {
    uint64_t generation;
    int metatable; // the registry's references
    int list_metatable;
    struct shapes shapes;
    struct arena *arena; // of the call in hand; NULL outside of calls
    struct buffer shown; // for tostring
    struct view_guess guesses[1 << VIEW_GUESS_BITS];
    struct shelf shelf;
};

struct view {
    uint64_t mark; // tells it apart from other userdata
    uint64_t generation;
    struct views *views;
    const struct shape *shape;  // NULL: a list
    const struct value *values; // a list's items, an object's fields
    uint32_t count;             // of values
    uint32_t length;            // of the list as it is now
    bool is_writable;
    bool has_overlay; // user value 1 is a table
};

void views_init(struct views *views);
void views_clear(struct views *views);

// Makes the metatables. Runs inside the door.
void views_setup(lua_State *lua, struct views *views);

// Pushes a view that shows nothing yet: view_show fills it in. Runs inside the door.
struct view *view_push_blank(lua_State *lua, struct views *views);
void view_show(struct view *view, const struct object *record, bool is_writable);

// The view at an index, or NULL when something else stands there. Never raises.
struct view *view_at(lua_State *lua, int index);

// The view's value with all that was changed, in the arena; what wasn't changed is the value it looks at. Raises when
// the view's page is gone.
void view_take(lua_State *lua, int index, const struct take *take, int depth, struct value *out);

// The view at an index; raises when something else stands there or its page is gone.
struct view *view_live(lua_State *lua, int index);

// Pushes what stands in the view at index 1 under a key. Gives the record's own value, if that is what was asked.
const struct value *view_push_field(lua_State *lua, struct view *view, int key);

// Pushes what stands in the view at index 1 under the key at index 2; a decimal as its text: weir.exact.
void view_push_exact(lua_State *lua);

// The key at an index as the place of a list's item, from 1; 0 when it is none.
lua_Integer view_item(lua_State *lua, int key);

#endif

#ifndef WEIR_SCRIPT_VIEW_OVERLAY_H
#define WEIR_SCRIPT_VIEW_OVERLAY_H

// What a script wrote into a copy-on-write view, and the nested views that were handed out of it: a Lua table in the
// view's user value, from names (or places of a list) to values. The record itself never changes: its raw form stays
// for the fingerprint and the dead letter. All of it runs inside the door.

#include <lua.h>
#include <stdbool.h>

#include "model/value.h"
#include "script/script_value.h"
#include "script/view.h"

// Pushes what the overlay of the view at `index` says of the key at `key` (nil when it was removed or emptied). False,
// with nothing pushed, when it says nothing.
bool overlay_push(lua_State *lua, const struct view *view, int index, int key);

// Keeps the nested view at the top of the stack under the key, and leaves it on the stack.
void overlay_hand_out(lua_State *lua, struct view *view, int index, int key);

// view[key] = value, for __newindex: the view, the key and the value stand at 1, 2 and 3.
void overlay_write(lua_State *lua, struct view *view);

// Pushes a table with the names that the record didn't have, from 1 on.
void overlay_push_added(lua_State *lua, const struct view *view, int index);

// The view's value with all changes.
void overlay_take(lua_State *lua, const struct view *view, int index, const struct take *take, int depth,
                  struct value *out);

#endif

#include "script/view.h"

#include <assert.h>
#include <lauxlib.h>
#include <string.h>

#include "format/format_json.h"
#include "script/sandbox.h"
#include "script/script_handle.h"
#include "script/script_state.h"
#include "script/script_value.h"
#include "script/view_overlay.h"

static const uint64_t view_mark = UINT64_C(0x7765697276696577);

enum { SHOWN_BYTES_MAX = 64 * 1024 };

void views_init(struct views *views) {
    memset(views, 0, sizeof *views);
    views->generation = 1;
    shapes_init(&views->shapes);
    buffer_init(&views->shown, SHOWN_BYTES_MAX);
}

void views_clear(struct views *views) {
    shapes_clear(&views->shapes);
    buffer_clear(&views->shown);
}

struct view *view_at(lua_State *lua, int index) {
    if (lua_type(lua, index) != LUA_TUSERDATA || lua_rawlen(lua, index) != sizeof(struct view)) {
        return NULL;
    }
    struct view *view = lua_touserdata(lua, index);
    return view->mark == view_mark ? view : NULL;
}

struct view *view_live(lua_State *lua, int index) {
    struct view *view = view_at(lua, index);
    if (view == NULL) {
        luaL_error(lua, "this needs a record, not %s", handle_describe(lua, index));
    } else if (view->generation != view->views->generation || view->views->arena == NULL) {
        luaL_error(lua, "this record's page is gone; keep a copy with weir.copy(r)");
    }
    return view;
}

struct view *view_push_blank(lua_State *lua, struct views *views) {
    struct view *view = lua_newuserdatauv(lua, sizeof *view, 1);
    *view = (struct view){.mark = view_mark, .views = views}; // of generation 0: gone before it began
    lua_rawgeti(lua, LUA_REGISTRYINDEX, views->metatable);
    lua_setmetatable(lua, -2);
    return view;
}

void view_show(struct view *view, const struct object *record, bool is_writable) {
    view->generation = view->views->generation;
    view->shape = record->shape;
    view->values = record->values;
    view->count = record->shape->count;
    view->is_writable = is_writable;
}

static struct view *push_nested(lua_State *lua, const struct view *parent, const struct value *value) {
    struct view *view = view_push_blank(lua, parent->views);
    if (value->kind == VALUE_OBJECT) {
        view_show(view, value->as.object, parent->is_writable);
    } else {
        view->generation = parent->generation;
        view->values = value->as.items;
        view->count = view->length = value->length;
        view->is_writable = parent->is_writable;
    }
    return view;
}

// The place of a name in an object's view, or SHAPE_NONE.
static uint32_t view_place(const struct view *view, const char *name, size_t length) {
    const struct shape *shape = view->shape;
    uint32_t hash = (uint32_t)((uintptr_t)name / 16 ^ (uintptr_t)shape / 16) * UINT32_C(2654435761);
    struct view_guess *guess = &view->views->guesses[hash >> (32 - VIEW_GUESS_BITS)];
    if (guess->shape == shape && guess->name == name && guess->place < shape->count &&
        text_same(shape->names[guess->place], (struct text){name, length})) {
        return guess->place;
    }
    uint32_t place = shape_find(shape, (struct text){name, length});
    if (place != SHAPE_NONE) {
        *guess = (struct view_guess){shape, name, place};
    }
    return place;
}

lua_Integer view_item(lua_State *lua, int key) {
    return lua_type(lua, key) == LUA_TNUMBER ? lua_tointegerx(lua, key, NULL) : 0;
}

// What the source gave under a key, or NULL.
static const struct value *find_value(lua_State *lua, const struct view *view, int key) {
    if (view->shape != NULL) {
        size_t length;
        const char *name = lua_type(lua, key) == LUA_TSTRING ? lua_tolstring(lua, key, &length) : NULL;
        uint32_t place = name != NULL ? view_place(view, name, length) : SHAPE_NONE;
        return place != SHAPE_NONE ? &view->values[place] : NULL;
    }
    lua_Integer place = view_item(lua, key);
    return place >= 1 && place <= (lua_Integer)view->count && place <= (lua_Integer)view->length
               ? &view->values[place - 1]
               : NULL;
}

const struct value *view_push_field(lua_State *lua, struct view *view, int key) {
    if (view->has_overlay && overlay_push(lua, view, 1, key)) {
        return NULL;
    }
    const struct value *value = find_value(lua, view, key);
    if (value == NULL) {
        lua_pushnil(lua);
        return NULL;
    }
    switch (value->kind) {
    case VALUE_TEXT:
        lua_pushlstring(lua, value->as.text, value->length);
        break;
    case VALUE_INTEGER:
        lua_pushinteger(lua, value->as.integer);
        break;
    case VALUE_DECIMAL:
        value_push_decimal(lua, value_slice(value));
        break;
    case VALUE_BOOL:
        lua_pushboolean(lua, value->as.boolean);
        break;
    case VALUE_LIST:
    case VALUE_OBJECT:
        push_nested(lua, view, value);
        if (view->is_writable) {
            overlay_hand_out(lua, view, 1, key); // what is changed in it is found again
        }
        break;
    default:
        lua_pushnil(lua);
    }
    return value;
}

static int view_index(lua_State *lua) {
    // Only Lua itself calls this, with a view: scripts can't get at a userdata's metatable. So what is asked most often
    // (a fifth of a function's time) is not asked again.
    struct view *view = lua_touserdata(lua, 1);
    assert(view_at(lua, 1) == view);
    if (view->generation != view->views->generation || view->views->arena == NULL) {
        view_live(lua, 1);
    }
    view_push_field(lua, view, 2);
    return 1;
}

static int view_newindex(lua_State *lua) {
    struct view *view = view_live(lua, 1);
    if (!view->is_writable) {
        return luaL_error(lua, "a field's function only reads its record; return the field's value instead");
    }
    overlay_write(lua, view);
    return 0;
}

static int view_len(lua_State *lua) {
    const struct view *view = view_live(lua, 1);
    if (view->shape != NULL) {
        return luaL_error(lua, "a record has names and no length; count them with pairs(r)");
    }
    lua_pushinteger(lua, view->length);
    return 1;
}

// The iterator of pairs. Upvalues: the view, the place to go on from, and the names that were added (or nil).
static int view_next(lua_State *lua) {
    lua_settop(lua, 0);
    lua_pushvalue(lua, lua_upvalueindex(1));
    struct view *view = view_live(lua, 1);
    lua_Integer place = lua_tointeger(lua, lua_upvalueindex(2));
    lua_Integer names = view->shape != NULL ? view->count : view->length;
    for (;; place++) {
        lua_settop(lua, 1);
        if (place >= names) {
            if (!lua_istable(lua, lua_upvalueindex(3)) ||
                lua_rawgeti(lua, lua_upvalueindex(3), place - names + 1) == LUA_TNIL) {
                lua_pushnil(lua);
                return 1;
            }
        } else if (view->shape != NULL) {
            const struct text *name = &view->shape->names[place];
            lua_pushlstring(lua, name->data, name->length);
        } else {
            lua_pushinteger(lua, place + 1);
        }
        view_push_field(lua, view, 2);
        if (view->shape == NULL || !lua_isnil(lua, 3)) {
            break; // a list shows its empty items too
        }
    }
    lua_pushinteger(lua, place + 1);
    lua_replace(lua, lua_upvalueindex(2));
    return 2;
}

static int view_pairs(lua_State *lua) {
    struct view *view = view_live(lua, 1);
    lua_settop(lua, 1);
    lua_pushinteger(lua, 0);
    if (view->has_overlay && view->shape != NULL) {
        overlay_push_added(lua, view, 1);
    } else {
        lua_pushnil(lua);
    }
    lua_pushcclosure(lua, view_next, 3);
    return 1;
}

// The same record, or the same part of one.
static int view_eq(lua_State *lua) {
    const struct view *a = view_at(lua, 1);
    const struct view *b = view_at(lua, 2);
    lua_pushboolean(lua, a != NULL && b != NULL && a->values == b->values && a->count == b->count &&
                             a->shape == b->shape && a->generation == b->generation && !a->has_overlay &&
                             !b->has_overlay);
    return 1;
}

// As JSON: what print(r) shows.
static int view_tostring(lua_State *lua) {
    struct view *view = view_live(lua, 1);
    struct take take = {.views = view->views, .arena = view->views->arena};
    struct value value;
    view_take(lua, 1, &take, 0, &value);
    struct buffer *shown = &view->views->shown;
    buffer_reset(shown);
    json_write(shown, &value);
    sandbox_spend(lua, shown->length / 16);
    if (shown->failed) {
        lua_pushliteral(lua, "a record too large to show");
    } else {
        lua_pushlstring(lua, shown->data, shown->length);
    }
    return 1;
}

void view_take(lua_State *lua, int index, const struct take *take, int depth, struct value *out) {
    struct view *view = view_live(lua, index);
    if (depth >= VALUE_DEPTH_MAX) {
        value_refuse(lua, take, "records are nested deeper than %d levels, or a record holds itself", VALUE_DEPTH_MAX);
    }
    if (view->has_overlay) {
        luaL_checkstack(lua, 8, "values are nested too deep");
        overlay_take(lua, view, lua_absindex(lua, index), take, depth, out);
    } else if (view->shape == NULL) {
        *out = value_list(view->values, view->count);
    } else {
        // Views only read, but an object's values are not const.
        struct object *object = arena_take(take->arena, sizeof *object);
        if (object == NULL) {
            script_raise_memory(lua);
        }
        *object = (struct object){view->shape, (struct value *)(uintptr_t)view->values};
        *out = value_object(object);
    }
}

void view_push_exact(lua_State *lua) {
    struct view *view = view_live(lua, 1);
    if (view->has_overlay && overlay_push(lua, view, 1, 2)) {
        return;
    }
    const struct value *value = find_value(lua, view, 2);
    if (value == NULL || value->kind != VALUE_DECIMAL) {
        view_push_field(lua, view, 2);
    } else {
        lua_pushlstring(lua, value->as.text, value->length);
    }
}

void views_setup(lua_State *lua, struct views *views) {
    static const luaL_Reg methods[] = {
        {"__index", view_index}, {"__newindex", view_newindex}, {"__len", view_len}, {"__pairs", view_pairs},
        {"__eq", view_eq},       {"__tostring", view_tostring}, {NULL, NULL}};
    shelf_setup(lua, views, methods);
    lua_newtable(lua);
    luaL_setfuncs(lua, methods, 0);
    lua_pushliteral(lua, "record");
    lua_setfield(lua, -2, "__name");
    views->metatable = luaL_ref(lua, LUA_REGISTRYINDEX);
    lua_newtable(lua);
    lua_pushliteral(lua, "weir.list");
    lua_setfield(lua, -2, "__name");
    lua_pushliteral(lua, "weir.list");
    lua_setfield(lua, -2, "__metatable");
    views->list_metatable = luaL_ref(lua, LUA_REGISTRYINDEX);
}

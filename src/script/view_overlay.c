#include "script/view_overlay.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "script/script_handle.h"
#include "script/script_state.h"

// Stands in the overlay for a field that was removed. Scripts never see it.
static const char removed_mark;

static bool is_removed(lua_State *lua, int index) {
    return lua_type(lua, index) == LUA_TLIGHTUSERDATA && lua_touserdata(lua, index) == &removed_mark;
}

static bool is_null(lua_State *lua, int index) {
    const struct handle *handle = handle_at(lua, index);
    return handle != NULL && handle->kind == HANDLE_NULL;
}

bool overlay_push(lua_State *lua, const struct view *view, int index, int key) {
    lua_Integer place = view->shape == NULL ? view_item(lua, key) : 1;
    if (view->shape == NULL && (place < 1 || place > (lua_Integer)view->length)) {
        lua_pushnil(lua); // past the end of a list that was shortened
        return true;
    }
    lua_getiuservalue(lua, index, 1);
    lua_pushvalue(lua, key);
    lua_rawget(lua, -2);
    lua_remove(lua, -2);
    if (lua_isnil(lua, -1)) {
        lua_pop(lua, 1);
        return false;
    }
    if (is_removed(lua, -1) || is_null(lua, -1)) {
        lua_pop(lua, 1);
        lua_pushnil(lua);
    }
    return true;
}

// Pushes the overlay, making it when there is none.
static void push_overlay(lua_State *lua, struct view *view, int index) {
    if (!view->has_overlay) {
        lua_newtable(lua);
        lua_pushvalue(lua, -1);
        lua_setiuservalue(lua, index, 1);
        view->has_overlay = true;
        return;
    }
    lua_getiuservalue(lua, index, 1);
}

void overlay_hand_out(lua_State *lua, struct view *view, int index, int key) {
    push_overlay(lua, view, index);
    lua_pushvalue(lua, key);
    lua_pushvalue(lua, -3);
    lua_rawset(lua, -3);
    lua_pop(lua, 1);
}

// The new length of a list after this write; raises when the write makes a gap.
static uint32_t list_length(lua_State *lua, const struct view *view) {
    lua_Integer place = view_item(lua, 2);
    bool is_end = lua_isnil(lua, 3);
    if (place < 1 || place > (lua_Integer)view->length + 1 || view->length == UINT32_MAX) {
        luaL_error(lua, "a list of %d items is written at 1 to %d", (int)view->length, (int)view->length + 1);
    }
    if (is_end && place < (lua_Integer)view->length) {
        luaL_error(lua, "nil inside a list would make a gap; use weir.null for an empty item, or build a new "
                        "weir.list");
    }
    if (is_end) {
        return (uint32_t)place - 1 < view->length ? (uint32_t)place - 1 : view->length;
    }
    return place > (lua_Integer)view->length ? (uint32_t)place : view->length;
}

void overlay_write(lua_State *lua, struct view *view) {
    int type = lua_type(lua, 3);
    bool fits = type == LUA_TNIL || type == LUA_TBOOLEAN || type == LUA_TNUMBER || type == LUA_TSTRING ||
                type == LUA_TTABLE || view_at(lua, 3) != NULL || is_null(lua, 3);
    if (!fits) {
        luaL_error(lua, "%s can't be kept in a record", handle_describe(lua, 3));
    }
    if (view->shape != NULL && lua_type(lua, 2) != LUA_TSTRING) {
        luaL_error(lua, "a record's fields have names; %s is none", handle_describe(lua, 2));
    }
    uint32_t length = view->shape == NULL ? list_length(lua, view) : 0;
    if (view == view->views->shelf.view) {
        shelf_close(lua, view->views);
    }
    push_overlay(lua, view, 1);
    lua_pushvalue(lua, 2);
    if (lua_isnil(lua, 3)) {
        lua_pushlightuserdata(lua, (void *)(uintptr_t)&removed_mark);
    } else {
        lua_pushvalue(lua, 3);
    }
    lua_rawset(lua, -3);
    view->length = length;
}

void overlay_push_added(lua_State *lua, const struct view *view, int index) {
    lua_Integer count = 0;
    lua_newtable(lua);
    int added = lua_gettop(lua);
    lua_getiuservalue(lua, index, 1);
    lua_pushnil(lua);
    while (lua_next(lua, -2) != 0) {
        size_t length;
        const char *name = lua_tolstring(lua, -2, &length);
        if (shape_find(view->shape, (struct text){name, length}) == SHAPE_NONE) {
            lua_pushvalue(lua, -2);
            lua_rawseti(lua, added, ++count);
        }
        lua_pop(lua, 1);
    }
    lua_settop(lua, added);
}

// What was written under one key, as the record's value.
static void take_written(lua_State *lua, const struct take *take, int depth, struct value *out) {
    if (is_removed(lua, -1)) {
        *out = (struct value){.kind = VALUE_MISSING};
    } else {
        value_take(lua, -1, take, depth + 1, out);
    }
}

static void take_list(lua_State *lua, const struct view *view, int index, const struct take *take, int depth,
                      struct value *out) {
    struct value *items = arena_take(take->arena, view->length * sizeof *items);
    if (items == NULL) {
        script_raise_memory(lua);
    }
    lua_getiuservalue(lua, index, 1);
    for (uint32_t i = 0; i < view->length; i++) {
        if (lua_rawgeti(lua, -1, (lua_Integer)i + 1) != LUA_TNIL) {
            take_written(lua, take, depth, &items[i]);
        } else {
            items[i] = view->values[i];
        }
        lua_pop(lua, 1);
    }
    lua_pop(lua, 1);
    *out = value_list(items, view->length);
}

static int compare_names(const void *a, const void *b) {
    return text_compare(*(const struct text *)a, *(const struct text *)b);
}

// The shape of the view's own names and those that were added behind them, as `overlay_push_added` lists them on the
// top of the stack.
static const struct shape *grown_shape(lua_State *lua, const struct view *view, const struct take *take,
                                       uint32_t added) {
    const struct shape *shape;
    struct text *names = arena_take(take->arena, ((size_t)view->count + added) * sizeof *names);
    if (names == NULL) {
        script_raise_memory(lua);
    }
    for (uint32_t i = 0; i < view->count; i++) {
        names[i] = view->shape->names[i];
    }
    for (uint32_t i = 0; i < added; i++) {
        // Added names stay keys of the overlay while this runs.
        lua_rawgeti(lua, -1, (lua_Integer)i + 1);
        struct text name;
        name.data = lua_tolstring(lua, -1, &name.length);
        if (!text_utf8(name, NULL)) {
            value_refuse(lua, take, "the name of a field is not valid UTF-8");
        }
        lua_pop(lua, 1);
        names[view->count + i] = name;
    }
    qsort(names + view->count, added, sizeof *names, compare_names);
    if (!shapes_ordered(&take->views->shapes, names, view->count + added, take->arena, &shape)) {
        script_raise_memory(lua);
    }
    return shape;
}

void overlay_take(lua_State *lua, const struct view *view, int index, const struct take *take, int depth,
                  struct value *out) {
    if (view->shape == NULL) {
        take_list(lua, view, index, take, depth, out);
        return;
    }
    overlay_push_added(lua, view, index);
    uint32_t added = (uint32_t)lua_rawlen(lua, -1);
    const struct shape *shape = added > 0 ? grown_shape(lua, view, take, added) : view->shape;
    lua_pop(lua, 1);
    struct value *values = arena_take_zero(take->arena, shape->count, sizeof *values);
    struct object *object = arena_take(take->arena, sizeof *object);
    if (values == NULL || object == NULL) {
        script_raise_memory(lua);
    }
    if (view->count > 0) {
        memcpy(values, view->values, view->count * sizeof *values);
    }
    lua_getiuservalue(lua, index, 1);
    lua_pushnil(lua);
    while (lua_next(lua, -2) != 0) {
        struct text name;
        name.data = lua_tolstring(lua, -2, &name.length);
        struct take inner = *take;
        inner.name = name.data;
        take_written(lua, &inner, depth, &values[shape_find(shape, name)]);
        lua_pop(lua, 1);
    }
    lua_pop(lua, 1);
    *object = (struct object){shape, values};
    *out = value_object(object);
}

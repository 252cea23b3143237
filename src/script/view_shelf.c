#include "script/view_shelf.h"

#include <lauxlib.h>

#include "script/script_value.h"
#include "script/view.h"

// A field that is read of one record in twenty waits on the shelf for half of the others.
enum { SHELF_AGE = 64 };

// Longer ones are made when they are asked for, lest Lua holds them twice.
enum { SHELF_TEXT_MAX = 1024 };

// Reads what is not on the shelf from the view that has it. Upvalue: the views.
static int shelf_miss(lua_State *lua) {
    struct views *views = lua_touserdata(lua, lua_upvalueindex(1));
    lua_rawgeti(lua, LUA_REGISTRYINDEX, views->shelf.reference);
    lua_replace(lua, 1);
    struct view *view = view_live(lua, 1);
    const struct value *value = view_push_field(lua, view, 2);
    if (value != NULL) {
        shelf_learn(lua, views, 2, value);
    }
    return 1;
}

void shelf_setup(lua_State *lua, struct views *views, const luaL_Reg *methods) {
    struct shelf *shelf = &views->shelf;
    lua_createtable(lua, SHELF_FIELDS_MAX, 0);
    for (int i = 1; i <= SHELF_FIELDS_MAX; i++) {
        lua_pushboolean(lua, false); // so that learning needs no memory
        lua_rawseti(lua, -2, i);
    }
    shelf->names = luaL_ref(lua, LUA_REGISTRYINDEX);
    lua_newtable(lua);
    luaL_setfuncs(lua, methods, 0);
    lua_createtable(lua, 0, SHELF_FIELDS_MAX);
    lua_createtable(lua, 0, 1);
    lua_pushlightuserdata(lua, views);
    lua_pushcclosure(lua, shelf_miss, 1);
    lua_setfield(lua, -2, "__index");
    lua_setmetatable(lua, -2);
    lua_pushvalue(lua, -1);
    shelf->table = luaL_ref(lua, LUA_REGISTRYINDEX);
    lua_setfield(lua, -2, "__index");
    lua_pushliteral(lua, "record");
    lua_setfield(lua, -2, "__name");
    shelf->metatable = luaL_ref(lua, LUA_REGISTRYINDEX);
}

// Pushes a field as it stands on the shelf: nil when it has to be asked for.
static void push_laid_out(lua_State *lua, struct shelf *shelf, const struct value *value) {
    double number;
    switch (value->kind) {
    case VALUE_TEXT:
        if (value->length <= SHELF_TEXT_MAX) {
            const char *string = lua_pushlstring(lua, value->as.text, value->length);
            shelf->texts[(uintptr_t)string / 16 % SHELF_TEXTS] = (struct shelf_text){string, value, shelf->filling};
            return;
        }
        break;
    case VALUE_INTEGER:
        lua_pushinteger(lua, value->as.integer);
        return;
    case VALUE_DECIMAL:
        if (value_number(value_slice(value), &number)) {
            lua_pushnumber(lua, number);
            return;
        }
        break;
    case VALUE_BOOL:
        lua_pushboolean(lua, value->as.boolean);
        return;
    default:
        break;
    }
    lua_pushnil(lua);
}

// Empties the shelf, to learn anew what is read.
static void clear(lua_State *lua, struct shelf *shelf, int names, int table) {
    for (uint32_t i = 0; i < shelf->count; i++) {
        lua_rawgeti(lua, names, (lua_Integer)i + 1);
        lua_pushnil(lua);
        lua_rawset(lua, table);
    }
    shelf->count = 0;
    shelf->age = 0;
}

// Whether the fields stand in this shape where they were learned. Shapes come and go, so their names decide.
static bool fits(const struct shelf *shelf, const struct shape *shape) {
    bool same = true;
    for (uint32_t i = 0; same && i < shelf->count; i++) {
        const struct shelf_field *field = &shelf->fields[i];
        same = field->place < shape->count && text_same(shape->names[field->place], field->name);
    }
    return same;
}

void shelf_open(lua_State *lua, struct views *views, struct view *view, int reference) {
    struct shelf *shelf = &views->shelf;
    int top = lua_gettop(lua);
    lua_rawgeti(lua, LUA_REGISTRYINDEX, shelf->names);
    lua_rawgeti(lua, LUA_REGISTRYINDEX, shelf->table);
    if (!fits(shelf, view->shape) || ++shelf->age == SHELF_AGE) {
        clear(lua, shelf, top + 1, top + 2);
    }
    shelf->filling++;
    for (uint32_t i = 0; i < shelf->count; i++) {
        lua_rawgeti(lua, top + 1, (lua_Integer)i + 1);
        push_laid_out(lua, shelf, &view->values[shelf->fields[i].place]);
        lua_rawset(lua, top + 2);
    }
    lua_rawgeti(lua, LUA_REGISTRYINDEX, reference);
    lua_rawgeti(lua, LUA_REGISTRYINDEX, shelf->metatable);
    lua_setmetatable(lua, -2);
    shelf->view = view;
    shelf->reference = reference;
    shelf->gives_texts = true;
    lua_settop(lua, top);
}

void shelf_close(lua_State *lua, struct views *views) {
    struct shelf *shelf = &views->shelf;
    shelf->gives_texts = false;
    if (shelf->view != NULL) {
        lua_rawgeti(lua, LUA_REGISTRYINDEX, shelf->reference);
        lua_rawgeti(lua, LUA_REGISTRYINDEX, views->metatable);
        lua_setmetatable(lua, -2);
        lua_pop(lua, 1);
        shelf->view = NULL;
    }
}

void shelf_learn(lua_State *lua, struct views *views, int name, const struct value *value) {
    struct shelf *shelf = &views->shelf;
    uint32_t place = (uint32_t)(value - shelf->view->values);
    if (shelf->count == SHELF_FIELDS_MAX || value->kind == VALUE_LIST || value->kind == VALUE_OBJECT) {
        return;
    }
    for (uint32_t i = 0; i < shelf->count; i++) {
        if (shelf->fields[i].place == place) {
            return; // it is empty in this record
        }
    }
    lua_rawgeti(lua, LUA_REGISTRYINDEX, shelf->names);
    lua_pushvalue(lua, name);
    lua_rawseti(lua, -2, (lua_Integer)shelf->count + 1);
    lua_pop(lua, 1);
    struct shelf_field *field = &shelf->fields[shelf->count++];
    field->place = place;
    field->name.data = lua_tolstring(lua, name, &field->name.length);
}

// The `table` library: on tables alone, with their own lengths and fields. Lua's asks __len and __index, and so can be
// made to go through 2^62 elements that are not there. Every element touched is paid for before.

#include <lauxlib.h>
#include <lualib.h>
#include <stdint.h>

#include "script/sandbox_state.h"

static const char *const table_allowed[] = {"pack", NULL};

static lua_Integer check_length(lua_State *lua, int argument) {
    luaL_checktype(lua, argument, LUA_TTABLE);
    return (lua_Integer)lua_rawlen(lua, argument);
}

// Pays for the elements from `first` to `last`.
static void pay(lua_State *lua, lua_Integer first, lua_Integer last) {
    if (first <= last) {
        sandbox_spend(lua, (uint64_t)last - (uint64_t)first + 1);
    }
}

static int table_insert(lua_State *lua) {
    lua_Integer next = check_length(lua, 1) + 1;
    int arguments = lua_gettop(lua);
    if (arguments == 2) {
        lua_rawseti(lua, 1, next);
        return 0;
    }
    if (arguments != 3) {
        return luaL_error(lua, "wrong number of arguments to 'insert'");
    }
    lua_Integer position = luaL_checkinteger(lua, 2);
    luaL_argcheck(lua, position >= 1 && position <= next, 2, "position out of bounds");
    pay(lua, position, next);
    for (lua_Integer i = next; i > position; i--) {
        lua_rawgeti(lua, 1, i - 1);
        lua_rawseti(lua, 1, i);
    }
    lua_rawseti(lua, 1, position);
    return 0;
}

static int table_remove(lua_State *lua) {
    lua_Integer length = check_length(lua, 1);
    lua_Integer position = luaL_optinteger(lua, 2, length);
    // An empty table may be asked for 0, any table for the place behind its end.
    luaL_argcheck(lua, (position >= 1 && position <= length + 1) || (length == 0 && position == 0), 2,
                  "position out of bounds");
    lua_rawgeti(lua, 1, position);
    pay(lua, position, length);
    for (; position < length; position++) {
        lua_rawgeti(lua, 1, position + 1);
        lua_rawseti(lua, 1, position);
    }
    lua_pushnil(lua);
    lua_rawseti(lua, 1, position);
    return 1;
}

static int table_move(lua_State *lua) {
    check_length(lua, 1);
    lua_Integer first = luaL_checkinteger(lua, 2);
    lua_Integer last = luaL_checkinteger(lua, 3);
    lua_Integer to = luaL_checkinteger(lua, 4);
    int target = lua_isnoneornil(lua, 5) ? 1 : 5;
    luaL_checktype(lua, target, LUA_TTABLE);
    if (last >= first) {
        luaL_argcheck(lua, first > 0 || last < LUA_MAXINTEGER + first, 3, "too many elements to move");
        lua_Integer count = last - first + 1;
        luaL_argcheck(lua, to <= LUA_MAXINTEGER - count + 1, 4, "destination wrap around");
        pay(lua, first, last);
        bool backwards = to > first && to <= last && (target == 1 || lua_rawequal(lua, 1, target));
        for (lua_Integer i = 0; i < count; i++) {
            lua_Integer step = backwards ? count - 1 - i : i;
            lua_rawgeti(lua, 1, first + step);
            lua_rawseti(lua, target, to + step);
        }
    }
    lua_pushvalue(lua, target);
    return 1;
}

static int table_unpack(lua_State *lua) {
    luaL_checktype(lua, 1, LUA_TTABLE);
    lua_Integer first = luaL_optinteger(lua, 2, 1);
    lua_Integer last = lua_isnoneornil(lua, 3) ? (lua_Integer)lua_rawlen(lua, 1) : luaL_checkinteger(lua, 3);
    if (first > last) {
        return 0;
    }
    uint64_t count = (uint64_t)last - (uint64_t)first;
    if (count >= INT32_MAX || !lua_checkstack(lua, (int)++count)) {
        return luaL_error(lua, "too many results to unpack");
    }
    pay(lua, first, last);
    for (; first < last; first++) {
        lua_rawgeti(lua, 1, first);
    }
    lua_rawgeti(lua, 1, last);
    return (int)count;
}

static void add_element(lua_State *lua, luaL_Buffer *buffer, lua_Integer index) {
    int type = lua_rawgeti(lua, 1, index);
    if (type != LUA_TSTRING && type != LUA_TNUMBER) {
        luaL_error(lua, "invalid value (%s) at index %I in table for 'concat'", luaL_typename(lua, -1),
                   (LUAI_UACINT)index);
    }
    luaL_addvalue(buffer);
}

static int table_concat(lua_State *lua) {
    lua_Integer length = check_length(lua, 1);
    size_t between_length;
    const char *between = luaL_optlstring(lua, 2, "", &between_length);
    lua_Integer first = luaL_optinteger(lua, 3, 1);
    lua_Integer last = luaL_optinteger(lua, 4, length);
    pay(lua, first, last);
    luaL_Buffer buffer;
    luaL_buffinit(lua, &buffer);
    for (; first < last; first++) {
        add_element(lua, &buffer, first);
        luaL_addlstring(&buffer, between, between_length);
    }
    if (first == last) {
        add_element(lua, &buffer, last);
    }
    luaL_pushresult(&buffer);
    return 1;
}

// Whether the value at the top goes before the one below it, and takes both away. Argument 2 is the order.
static bool goes_before(lua_State *lua) {
    bool before;
    uint64_t bytes = 0; // of two texts, as many as the shorter has may be compared
    if (lua_type(lua, -1) == LUA_TSTRING && lua_type(lua, -2) == LUA_TSTRING) {
        uint64_t upper = lua_rawlen(lua, -1), lower = lua_rawlen(lua, -2);
        bytes = upper < lower ? upper : lower;
    }
    sandbox_spend(lua, 1 + bytes / 8);
    if (lua_isnil(lua, 2)) {
        before = lua_compare(lua, -1, -2, LUA_OPLT) != 0;
        lua_pop(lua, 2);
    } else {
        lua_pushvalue(lua, 2);
        lua_insert(lua, -3);
        lua_insert(lua, -2); // order, upper, lower
        lua_call(lua, 2, 1);
        before = lua_toboolean(lua, -1) != 0;
        lua_pop(lua, 1);
    }
    return before;
}

// Merges the sorted runs [low, middle) and [middle, high) of the table at `from` into the table at `to`.
static void merge_runs(lua_State *lua, int from, int to, lua_Integer low, lua_Integer middle, lua_Integer high) {
    lua_Integer left = low, right = middle;
    for (lua_Integer i = low; i < high; i++) {
        bool take_right = left == middle;
        if (!take_right && right < high) {
            lua_rawgeti(lua, from, left);
            lua_rawgeti(lua, from, right);
            take_right = goes_before(lua); // equal ones keep their order
        }
        lua_rawgeti(lua, from, take_right ? right++ : left++);
        lua_rawseti(lua, to, i);
    }
}

// A merge sort, from the bottom up: an order that contradicts itself can't make it run on or out of bounds, it takes
// no C stack, and it is stable. Between two scratch tables; the table itself is written once, at the end.
static int table_sort(lua_State *lua) {
    lua_Integer length = check_length(lua, 1);
    if (!lua_isnoneornil(lua, 2)) {
        luaL_checktype(lua, 2, LUA_TFUNCTION);
    }
    lua_settop(lua, 2);
    luaL_argcheck(lua, length < INT32_MAX, 1, "array too big");
    pay(lua, 1, length);
    lua_createtable(lua, (int)length, 0);
    lua_createtable(lua, (int)length, 0);
    int from = 3, to = 4;
    for (lua_Integer i = 1; i <= length; i++) {
        lua_rawgeti(lua, 1, i);
        lua_rawseti(lua, from, i);
    }
    for (lua_Integer width = 1; width < length; width *= 2) {
        pay(lua, 1, length);
        for (lua_Integer low = 1; low <= length; low += 2 * width) {
            lua_Integer middle = low + width < length + 1 ? low + width : length + 1;
            lua_Integer high = middle + width < length + 1 ? middle + width : length + 1;
            merge_runs(lua, from, to, low, middle, high);
        }
        int swap = from;
        from = to;
        to = swap;
    }
    for (lua_Integer i = 1; i <= length; i++) {
        lua_rawgeti(lua, from, i);
        lua_rawseti(lua, 1, i);
    }
    return 0;
}

static const luaL_Reg table_own[] = {
    {"concat", table_concat}, {"insert", table_insert}, {"move", table_move}, {"remove", table_remove},
    {"sort", table_sort},     {"unpack", table_unpack}, {NULL, NULL}};

void sandbox_open_table(lua_State *lua) {
    lua_pushcfunction(lua, luaopen_table);
    lua_call(lua, 0, 1);
    lua_newtable(lua);
    sandbox_allow(lua, table_allowed, false);
    luaL_setfuncs(lua, table_own, 0);
    lua_remove(lua, -2);
}

#include "script/script_value.h"

#include <lauxlib.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/decimal.h"
#include "script/script_handle.h"
#include "script/script_option.h"
#include "script/script_state.h"

enum { NAMES_LOCAL = 32, MESSAGE_MAX = 300, TABLE_STEPS = 100 };

void value_refuse(lua_State *lua, const struct take *take, const char *format, ...) {
    char message[MESSAGE_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    if (take->where != NULL) {
        script_raise_at(lua, take->where, take->name, ERROR_OPTION_TYPE, "%s: %s",
                        take->name != NULL ? take->name : "a value", message);
    }
    if (take->name != NULL) {
        luaL_error(lua, "%s: %s", take->name, message);
    }
    luaL_error(lua, "%s", message);
    abort(); // luaL_error doesn't return
}

void value_take_room(lua_State *lua, const struct take *take, size_t bytes) {
    if (take->room == NULL) {
        return;
    }
    if (bytes > *take->room) {
        value_refuse(lua, take, "what a function returned for one record is larger than %d MiB",
                     VALUE_ANSWER_MAX / (1024 * 1024));
    }
    *take->room -= bytes;
}

struct text value_take_text(lua_State *lua, int index, const struct take *take) {
    size_t length = 0;
    const char *data = lua_tolstring(lua, index, &length);
    struct text text = {data, length};
    size_t bad = 0;
    value_take_room(lua, take, length);
    if (!text_utf8(text, &bad)) {
        value_refuse(lua, take, "a text is not valid UTF-8 at byte %zu", bad + 1);
    }
    if (length >= UINT32_MAX || !arena_text(take->arena, text, &text)) {
        script_raise_memory(lua);
    }
    return text;
}

// --- numbers ---

// The digits of whole * 10^-places, places > 0, written from the last one on.
static int print_scaled(double number, double whole, int places, char out[NUMBER_TEXT_MAX]) {
    char digits[NUMBER_TEXT_MAX];
    size_t at = sizeof digits;
    uint64_t left = (uint64_t)fabs(whole);
    for (int place = 0; left > 0 || place <= places; place++) {
        if (place == places) {
            digits[--at] = '.';
        }
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    }
    if (signbit(number)) {
        digits[--at] = '-';
    }
    size_t length = sizeof digits - at;
    memcpy(out, digits + at, length);
    out[length] = '\0';
    return (int)length;
}

int value_number_text(double number, char out[NUMBER_TEXT_MAX]) {
    // Most numbers have few decimals: multiplied by a power of ten they are whole, and few digits name one number
    // only. Against trying %.15g to %.17g this saves 0.4 µs of the 1.8 that a record's function of five fields takes.
    static const double powers[] = {1e1, 1e2, 1e3, 1e4, 1e5, 1e6};
    if (fabs(number) < 1e9) {
        for (int i = 0; i < 6; i++) {
            double whole = nearbyint(number * powers[i]);
            if (whole / powers[i] == number) {
                return print_scaled(number, whole, i + 1, out);
            }
        }
    }
    int length = 0;
    for (int digits = 15; digits <= 17; digits++) {
        length = snprintf(out, NUMBER_TEXT_MAX, "%.*g", digits, number);
        if (strtod(out, NULL) == number) {
            break;
        }
    }
    if (strpbrk(out, ".e") == NULL) {
        length = snprintf(out + length, (size_t)(NUMBER_TEXT_MAX - length), ".0") + length;
    }
    return length;
}

static struct value take_number(lua_State *lua, int index, const struct take *take) {
    if (lua_isinteger(lua, index)) {
        return value_integer(lua_tointeger(lua, index));
    }
    double number = lua_tonumber(lua, index);
    if (!isfinite(number)) {
        value_refuse(lua, take, "%s is no number that can be kept; return nil or weir.null instead",
                     isnan(number) ? "NaN (0/0)" : "infinity (1/0)");
    }
    char digits[NUMBER_TEXT_MAX];
    int length = value_number_text(number, digits);
    char *copy = arena_copy(take->arena, digits, (size_t)length);
    if (copy == NULL) {
        script_raise_memory(lua);
    }
    return value_decimal((struct text){copy, (size_t)length});
}

// A decimal of at most 15 digits is a whole number divided by a power of ten that a double holds exactly, so one
// division rounds it rightly.
static bool read_short(struct text text, double *out) {
    static const double powers[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    size_t at = text.length > 0 && text.data[0] == '-';
    int64_t whole = 0;
    int digits = 0;
    int places = -1;
    for (; at < text.length; at++) {
        char c = text.data[at];
        if (c == '.') {
            places = 0;
        } else if (c < '0' || c > '9' || ++digits > 15) {
            return false;
        } else {
            whole = whole * 10 + (c - '0');
            places += places >= 0;
        }
    }
    double number = (double)whole / powers[places > 0 ? places : 0];
    *out = text.data[0] == '-' ? -number : number;
    return true;
}

bool value_number(struct text text, double *out) {
    if (read_short(text, out)) {
        return true;
    }
    char digits[DECIMAL_BYTES_MAX + 1];
    size_t length = text.length < DECIMAL_BYTES_MAX ? text.length : DECIMAL_BYTES_MAX;
    memcpy(digits, text.data, length);
    digits[length] = '\0';
    *out = strtod(digits, NULL);
    return isfinite(*out);
}

void value_push_decimal(lua_State *lua, struct text text) {
    double number;
    if (!value_number(text, &number)) {
        char digits[DECIMAL_BYTES_MAX + 1];
        snprintf(digits, sizeof digits, "%.*s", TEXT_ARGS(text));
        luaL_error(lua, "%s is larger than Lua's numbers; read its text with weir.exact(r, \"field\")", digits);
    }
    lua_pushnumber(lua, number);
}

// --- tables ---

void value_mark_list(lua_State *lua, struct views *views) {
    lua_rawgeti(lua, LUA_REGISTRYINDEX, views->list_metatable);
    lua_setmetatable(lua, -2);
}

bool value_is_list(lua_State *lua, int index, const struct views *views) {
    if (!lua_getmetatable(lua, index)) {
        return false;
    }
    lua_rawgeti(lua, LUA_REGISTRYINDEX, views->list_metatable);
    bool is_list = lua_rawequal(lua, -1, -2);
    lua_pop(lua, 2);
    return is_list;
}

static void take_list(lua_State *lua, int index, const struct take *take, int depth, struct value *out) {
    lua_Unsigned count = lua_rawlen(lua, index);
    lua_Unsigned found = 0;
    lua_pushnil(lua);
    while (lua_next(lua, index) != 0) {
        found++;
        lua_Integer place = lua_isinteger(lua, -2) ? lua_tointeger(lua, -2) : 0;
        if (place < 1 || (lua_Unsigned)place > count) {
            value_refuse(lua, take,
                         "a list has items from 1 on without a gap, and no names; use weir.null for an "
                         "empty item");
        }
        lua_pop(lua, 1);
    }
    if (found != count) {
        value_refuse(lua, take, "a list has no item between its first and its last; use weir.null for an empty item");
    }
    value_take_room(lua, take, (size_t)count * sizeof(struct value));
    struct value *items = count < UINT32_MAX ? arena_take(take->arena, (size_t)count * sizeof *items) : NULL;
    if (items == NULL) {
        script_raise_memory(lua);
    }
    for (lua_Unsigned i = 0; i < count; i++) {
        lua_rawgeti(lua, index, (lua_Integer)i + 1);
        value_take(lua, -1, take, depth + 1, &items[i]);
        lua_pop(lua, 1);
    }
    *out = value_list(items, (size_t)count);
}

// The names of a table with their values, in Lua's order. The names are Lua's own: they live as long as they are keys.
struct pairs {
    struct text *names;
    struct value *values;
    uint32_t count;
    uint32_t room;
};

static void pairs_grow(lua_State *lua, struct pairs *pairs, const struct take *take) {
    size_t room = 2 * (size_t)pairs->room;
    struct text *names = room < UINT32_MAX ? arena_take(take->arena, room * sizeof *names) : NULL;
    struct value *values = names != NULL ? arena_take(take->arena, room * sizeof *values) : NULL;
    if (values == NULL) {
        script_raise_memory(lua);
    }
    memcpy(names, pairs->names, pairs->count * sizeof *names);
    memcpy(values, pairs->values, pairs->count * sizeof *values);
    *pairs = (struct pairs){names, values, pairs->count, (uint32_t)room};
}

static void take_pairs(lua_State *lua, int index, const struct take *take, int depth, struct pairs *pairs) {
    struct take inner = *take;
    const struct shelf *shelf = &take->views->shelf;
    lua_pushnil(lua);
    while (lua_next(lua, index) != 0) {
        if (lua_type(lua, -2) != LUA_TSTRING) {
            value_refuse(lua, take,
                         "a plain table is an object, and its keys are names; make a list with "
                         "weir.list{ ... }");
        }
        if (pairs->count == pairs->room) {
            pairs_grow(lua, pairs, take);
        }
        struct text *name = &pairs->names[pairs->count];
        inner.name = name->data = lua_tolstring(lua, -2, &name->length);
        struct value *value = &pairs->values[pairs->count++];
        const struct value *known = lua_type(lua, -1) == LUA_TSTRING ? shelf_find(shelf, lua_tostring(lua, -1)) : NULL;
        if (known != NULL) {
            *value = *known;
        } else {
            value_take(lua, -1, &inner, depth + 1, value);
        }
        lua_pop(lua, 1);
    }
}

static void take_object(lua_State *lua, int index, const struct take *take, int depth, struct value *out) {
    struct text local_names[NAMES_LOCAL];
    struct value local_values[NAMES_LOCAL];
    struct pairs pairs = {local_names, local_values, 0, NAMES_LOCAL};
    const struct shape *shape;
    const uint32_t *order;
    bool fresh;
    take_pairs(lua, index, take, depth, &pairs);
    value_take_room(lua, take, sizeof *shape + pairs.count * (sizeof *pairs.names + 2 * sizeof *pairs.values));
    struct value *values = arena_take(take->arena, pairs.count * sizeof *values);
    struct object *object = arena_take(take->arena, sizeof *object);
    if (values == NULL || object == NULL ||
        !shapes_sorted(&take->views->shapes, pairs.names, pairs.count, take->arena, &shape, &order, &fresh)) {
        script_raise_memory(lua);
    }
    for (uint32_t i = 0; i < pairs.count; i++) {
        if (fresh && !text_utf8(pairs.names[i], NULL)) {
            value_refuse(lua, take, "the name of a field is not valid UTF-8");
        }
        values[order[i]] = pairs.values[i];
    }
    *object = (struct object){shape, values};
    *out = value_object(object);
}

static void take_table(lua_State *lua, int index, const struct take *take, int depth, struct value *out) {
    sandbox_spend(lua, TABLE_STEPS); // one small table may stand in a thousand places
    if (depth >= VALUE_DEPTH_MAX) {
        value_refuse(lua, take, "tables are nested deeper than %d levels, or a table holds itself", VALUE_DEPTH_MAX);
    }
    luaL_checkstack(lua, 8, "values are nested too deep");
    bool is_list = value_is_list(lua, index, take->views) || (take->sequences && lua_rawlen(lua, index) > 0);
    if (is_list) {
        take_list(lua, index, take, depth, out);
    } else {
        take_object(lua, index, take, depth, out);
    }
}

// In options a path is the list of its names.
static void take_path(lua_State *lua, const struct path *path, const struct take *take, struct value *out) {
    struct value *items = arena_take(take->arena, path->count * sizeof *items);
    if (items == NULL) {
        script_raise_memory(lua);
    }
    for (size_t i = 0; i < path->count; i++) {
        items[i] = value_text(path->names[i]);
    }
    *out = value_list(items, path->count);
}

void value_take(lua_State *lua, int index, const struct take *take, int depth, struct value *out) {
    *out = (struct value){.kind = VALUE_MISSING};
    switch (lua_type(lua, index)) {
    case LUA_TNIL:
        return;
    case LUA_TBOOLEAN:
        *out = value_bool(lua_toboolean(lua, index));
        return;
    case LUA_TNUMBER:
        *out = take_number(lua, index, take);
        return;
    case LUA_TSTRING:
        *out = value_text(value_take_text(lua, index, take));
        return;
    case LUA_TTABLE:
        take_table(lua, lua_absindex(lua, index), take, depth, out);
        return;
    case LUA_TUSERDATA: {
        const struct handle *handle = handle_at(lua, index);
        if (view_at(lua, index) != NULL) {
            view_take(lua, index, take, depth, out);
            return;
        }
        if (handle != NULL && handle->kind == HANDLE_NULL) {
            *out = value_null();
            return;
        }
        if (take->where != NULL && handle != NULL && handle->kind == HANDLE_PATH) {
            take_path(lua, handle->data, take, out);
            return;
        }
        if (take->later && option_inside(lua, index, take->name, take->where, out)) {
            return;
        }
        break;
    }
    default:
        break;
    }
    value_refuse(lua, take, "%s can't be kept in a record", handle_describe(lua, index));
}

void value_push_plain(lua_State *lua, struct views *views, const struct value *value, int depth) {
    luaL_checkstack(lua, 6, "values are nested too deep");
    if (value->kind == VALUE_LIST) {
        lua_createtable(lua, value->length < 1024 ? (int)value->length : 1024, 0);
        for (uint32_t i = 0; i < value->length; i++) {
            if (value_empty(&value->as.items[i])) {
                handle_push_null(lua);
            } else {
                value_push_plain(lua, views, &value->as.items[i], depth + 1);
            }
            lua_rawseti(lua, -2, (lua_Integer)i + 1);
        }
        value_mark_list(lua, views);
    } else if (value->kind == VALUE_OBJECT) {
        const struct object *object = value->as.object;
        lua_createtable(lua, 0, object->shape->count < 1024 ? (int)object->shape->count : 1024);
        for (uint32_t i = 0; i < object->shape->count; i++) {
            if (!value_empty(&object->values[i])) {
                lua_pushlstring(lua, object->shape->names[i].data, object->shape->names[i].length);
                value_push_plain(lua, views, &object->values[i], depth + 1);
                lua_rawset(lua, -3);
            }
        }
    } else if (value->kind == VALUE_TEXT) {
        lua_pushlstring(lua, value->as.text, value->length);
    } else if (value->kind == VALUE_DECIMAL) {
        value_push_decimal(lua, value_slice(value));
    } else if (value->kind == VALUE_INTEGER) {
        lua_pushinteger(lua, value->as.integer);
    } else if (value->kind == VALUE_BOOL) {
        lua_pushboolean(lua, value->as.boolean);
    } else {
        lua_pushnil(lua);
    }
}

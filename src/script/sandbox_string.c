// The `string` library. Searching and replacing go through our own matcher, building through lengths that are
// checked first; what Lua's own functions do in one pass over their arguments is theirs, paid by length.

#include <lauxlib.h>
#include <lualib.h>
#include <string.h>

#include "script/sandbox_pattern.h"
#include "script/sandbox_state.h"

static const char *const string_counted[] = {"byte",    "char", "len",    "lower", "pack", "packsize",
                                             "reverse", "sub",  "unpack", "upper", NULL};

static struct text check_text(lua_State *lua, int argument) {
    struct text text;
    text.data = luaL_checklstring(lua, argument, &text.length);
    return text;
}

// A start position as Lua counts it, as an offset: negative counts from the end, before the start is the start.
static size_t start_offset(lua_Integer position, size_t length) {
    if (position > 0) {
        return (size_t)position - 1;
    }
    if (position == 0 || position < -(lua_Integer)length) {
        return 0;
    }
    return length + (size_t)position;
}

// A repetition is made by doubling what is there, so its time is that of copying. Its memory is the ceiling's.
static int string_rep(lua_State *lua) {
    struct text text = check_text(lua, 1);
    lua_Integer count = luaL_checkinteger(lua, 2);
    struct text between = {"", 0};
    between.data = luaL_optlstring(lua, 3, "", &between.length);
    size_t period = text.length + between.length;
    if (count <= 0 || period == 0) {
        lua_pushliteral(lua, "");
        return 1;
    }
    size_t ceiling = sandbox_of(lua)->memory_max;
    if ((size_t)count > ceiling / period) {
        return luaL_error(lua, "resulting string too large");
    }
    size_t length = period * (size_t)count - between.length;
    luaL_Buffer buffer;
    char *out = luaL_buffinitsize(lua, &buffer, length);
    memcpy(out, text.data, text.length);
    if (count > 1) {
        memcpy(out + text.length, between.data, between.length);
        for (size_t done = period; done < length;) {
            size_t more = done < length - done ? done : length - done;
            memcpy(out + done, out, more);
            done += more;
        }
    }
    luaL_pushresultsize(&buffer, length);
    return 1;
}

// Lua's format does the work; before it, what %s would show by address is replaced by its text.
static int string_format(lua_State *lua) {
    struct text format = check_text(lua, 1);
    int arguments = lua_gettop(lua);
    int argument = 1;
    sandbox_spend(lua, 1 + format.length / 16);
    for (size_t i = 0; i < format.length; i++) {
        if (format.data[i] != '%') {
            continue;
        }
        if (++i < format.length && format.data[i] == '%') {
            continue;
        }
        while (i < format.length && format.data[i] != '\0' && strchr("-+ #0123456789.", format.data[i]) != NULL) {
            i++;
        }
        argument++;
        if (i < format.length && format.data[i] == 'p') {
            return luaL_error(lua, "invalid conversion '%%p' to 'format': addresses are not shown");
        }
        int type = argument <= arguments ? lua_type(lua, argument) : LUA_TNONE;
        if (i < format.length && format.data[i] == 's' && type != LUA_TNONE && type != LUA_TSTRING) {
            sandbox_show(lua, argument, NULL);
            lua_replace(lua, argument);
        }
    }
    return lua_tocfunction(lua, lua_upvalueindex(1))(lua);
}

static int find_plain(lua_State *lua, struct text text, struct text wanted, size_t start) {
    sandbox_spend(lua, 1 + (text.length - start + wanted.length) / 16);
    const char *found = text.data + start; // nothing is found everywhere
    if (wanted.length > 0) {
        found = memmem(found, text.length - start, wanted.data, wanted.length); // linear, even at its worst
    }
    if (found == NULL) {
        lua_pushnil(lua);
        return 1;
    }
    lua_pushinteger(lua, (lua_Integer)(found - text.data) + 1);
    lua_pushinteger(lua, (lua_Integer)(found - text.data) + (lua_Integer)wanted.length);
    return 2;
}

static bool is_plain(struct text pattern) {
    for (size_t i = 0; i < pattern.length; i++) {
        if (pattern.data[i] != '\0' && strchr("^$*+?.([%-", pattern.data[i]) != NULL) {
            return false;
        }
    }
    return true;
}

static int search(lua_State *lua, bool find) {
    struct text text = check_text(lua, 1);
    struct text source = check_text(lua, 2);
    size_t start = start_offset(luaL_optinteger(lua, 3, 1), text.length);
    if (start > text.length) {
        lua_pushnil(lua);
        return 1;
    }
    if (find && (lua_toboolean(lua, 4) || is_plain(source))) {
        return find_plain(lua, text, source, start);
    }
    struct pattern pattern;
    pattern_init(&pattern, lua, text, source, true);
    for (const char *at = text.data + start; at <= pattern.text_end; at++) {
        const char *end = pattern_match(&pattern, at);
        if (end != NULL && find) {
            lua_pushinteger(lua, (lua_Integer)(at - text.data) + 1);
            lua_pushinteger(lua, (lua_Integer)(end - text.data));
            return 2 + pattern_push_captures(&pattern, at, end, false);
        }
        if (end != NULL) {
            return pattern_push_captures(&pattern, at, end, true);
        }
        if (pattern.anchored) {
            break;
        }
    }
    lua_pushnil(lua);
    return 1;
}

static int string_find(lua_State *lua) {
    return search(lua, true);
}

static int string_match(lua_State *lua) {
    return search(lua, false);
}

// The iterator's upvalues: text, pattern, where to go on, where the last match ended (-1: none yet).
static int gmatch_next(lua_State *lua) {
    struct text text = check_text(lua, lua_upvalueindex(1));
    struct text source = check_text(lua, lua_upvalueindex(2));
    lua_Integer from = lua_tointeger(lua, lua_upvalueindex(3));
    lua_Integer last = lua_tointeger(lua, lua_upvalueindex(4));
    struct pattern pattern;
    pattern_init(&pattern, lua, text, source, false);
    for (; (size_t)from <= text.length; from++) {
        const char *end = pattern_match(&pattern, text.data + from);
        if (end != NULL && end - text.data != last) { // an empty match right behind the last one is not a new one
            lua_pushinteger(lua, (lua_Integer)(end - text.data));
            lua_copy(lua, -1, lua_upvalueindex(3));
            lua_replace(lua, lua_upvalueindex(4));
            return pattern_push_captures(&pattern, text.data + from, end, true);
        }
    }
    lua_pushinteger(lua, from);
    lua_replace(lua, lua_upvalueindex(3));
    return 0;
}

static int string_gmatch(lua_State *lua) {
    struct text text = check_text(lua, 1);
    check_text(lua, 2);
    size_t start = start_offset(luaL_optinteger(lua, 3, 1), text.length);
    lua_settop(lua, 2);
    lua_pushinteger(lua, start > text.length ? (lua_Integer)text.length + 1 : (lua_Integer)start);
    lua_pushinteger(lua, -1);
    lua_pushcclosure(lua, gmatch_next, 4);
    return 1;
}

// Adds the replacement text (argument 3) with its %0 to %9 filled in.
static void add_text(struct pattern *pattern, luaL_Buffer *buffer, const char *start, const char *end) {
    size_t length;
    const char *text = lua_tolstring(pattern->lua, 3, &length);
    const char *text_end = text + length;
    sandbox_spend(pattern->lua, 1 + length / 16);
    for (const char *escape; (escape = memchr(text, '%', (size_t)(text_end - text))) != NULL; text = escape + 2) {
        luaL_addlstring(buffer, text, (size_t)(escape - text));
        char c = escape + 1 < text_end ? escape[1] : '\0';
        if (c == '%') {
            luaL_addchar(buffer, '%');
        } else if (c == '0') {
            luaL_addlstring(buffer, start, (size_t)(end - start));
        } else if (c >= '1' && c <= '9') {
            pattern_push_capture(pattern, c - '1', start, end);
            luaL_tolstring(pattern->lua, -1, NULL); // a text or a position
            lua_remove(pattern->lua, -2);
            luaL_addvalue(buffer);
        } else {
            luaL_error(pattern->lua, "invalid use of '%%' in replacement string");
        }
    }
    luaL_addlstring(buffer, text, (size_t)(text_end - text));
}

// Adds what replaces one match; true when it is not just the match itself.
static bool add_value(struct pattern *pattern, luaL_Buffer *buffer, const char *start, const char *end) {
    lua_State *lua = pattern->lua;
    int type = lua_type(lua, 3);
    if (type == LUA_TFUNCTION) {
        lua_pushvalue(lua, 3);
        lua_call(lua, pattern_push_captures(pattern, start, end, true), 1);
    } else if (type == LUA_TTABLE) {
        pattern_push_capture(pattern, 0, start, end);
        lua_gettable(lua, 3);
    } else {
        add_text(pattern, buffer, start, end);
        return true;
    }
    if (!lua_toboolean(lua, -1)) {
        lua_pop(lua, 1);
        luaL_addlstring(buffer, start, (size_t)(end - start));
        return false;
    }
    if (!lua_isstring(lua, -1)) {
        luaL_error(lua, "invalid replacement value (a %s)", luaL_typename(lua, -1));
    }
    luaL_addvalue(buffer);
    return true;
}

static int string_gsub(lua_State *lua) {
    struct text text = check_text(lua, 1);
    struct text source = check_text(lua, 2);
    int type = lua_type(lua, 3);
    luaL_argexpected(lua, type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TFUNCTION || type == LUA_TTABLE, 3,
                     "string/function/table");
    lua_Integer most = luaL_optinteger(lua, 4, (lua_Integer)text.length + 1);
    struct pattern pattern;
    pattern_init(&pattern, lua, text, source, true);
    luaL_Buffer buffer;
    luaL_buffinit(lua, &buffer);
    const char *at = text.data;
    const char *last = NULL; // where the last match ended
    lua_Integer count = 0;
    bool changed = false;
    while (count < most) {
        const char *end = pattern_match(&pattern, at);
        if (end != NULL && end != last) {
            count++;
            changed = add_value(&pattern, &buffer, at, end) || changed;
            at = last = end;
        } else if (at < pattern.text_end) {
            luaL_addchar(&buffer, *at);
            at++;
        } else {
            break;
        }
        if (pattern.anchored) {
            break;
        }
    }
    if (changed) {
        luaL_addlstring(&buffer, at, (size_t)(pattern.text_end - at));
        luaL_pushresult(&buffer);
    } else {
        lua_pushvalue(lua, 1);
    }
    lua_pushinteger(lua, count);
    return 2;
}

static const luaL_Reg string_own[] = {{"find", string_find},   {"gmatch", string_gmatch}, {"gsub", string_gsub},
                                      {"match", string_match}, {"rep", string_rep},       {NULL, NULL}};

void sandbox_open_string(lua_State *lua) {
    lua_pushcfunction(lua, luaopen_string);
    lua_call(lua, 0, 1);
    lua_newtable(lua);
    sandbox_allow(lua, string_counted, true);
    luaL_setfuncs(lua, string_own, 0);
    lua_getfield(lua, -2, "format");
    lua_pushcclosure(lua, string_format, 1);
    lua_setfield(lua, -2, "format");
    lua_remove(lua, -2);
    // Texts find their methods here, not in the table that Lua's opener made. Scripts can't reach this metatable.
    lua_pushliteral(lua, "");
    lua_getmetatable(lua, -1);
    lua_pushvalue(lua, -3);
    lua_setfield(lua, -2, "__index");
    lua_pop(lua, 2);
}

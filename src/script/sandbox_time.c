// What scripts see of `os`: time, date, difftime and clock, on the sandbox's clock and always in UTC, so that a run
// gives the same on every machine. Calendar arithmetic is the C library's own timegm, gmtime_r and strftime.

#include <errno.h>
#include <lauxlib.h>
#include <limits.h>
#include <string.h>
#include <time.h>

#include "script/sandbox_state.h"

// The conversions of C99's strftime, plain and behind E and O.
static const char plain_conversions[] = "aAbBcCdDeFgGhHIjmMnprRStTuUVwWxXyYzZ%";
static const char era_conversions[] = "cCxXyY";
static const char other_conversions[] = "deHImMSuUVwWy";

// The most that one conversion may write, and the most that a format may have.
enum { CONVERSION_MAX = 250, FORMAT_MAX = 4096 };

static lua_Integer now_seconds(lua_State *lua) {
    int64_t now_us = clock_now(&sandbox_of(lua)->clock);
    return now_us / 1000000 - (now_us % 1000000 < 0 ? 1 : 0);
}

static void set_field(lua_State *lua, const char *name, int value, int more) {
    lua_pushinteger(lua, (lua_Integer)value + more);
    lua_setfield(lua, -2, name);
}

// Fills the table on the top of the stack.
static void set_fields(lua_State *lua, const struct tm *date) {
    set_field(lua, "year", date->tm_year, 1900);
    set_field(lua, "month", date->tm_mon, 1);
    set_field(lua, "day", date->tm_mday, 0);
    set_field(lua, "hour", date->tm_hour, 0);
    set_field(lua, "min", date->tm_min, 0);
    set_field(lua, "sec", date->tm_sec, 0);
    set_field(lua, "yday", date->tm_yday, 1);
    set_field(lua, "wday", date->tm_wday, 1);
    lua_pushboolean(lua, 0);
    lua_setfield(lua, -2, "isdst");
}

// A field of the table in argument 1; `fallback` < 0 says it must be there.
static int get_field(lua_State *lua, const char *name, int fallback, int less) {
    int type = lua_getfield(lua, 1, name);
    int whole;
    lua_Integer value = lua_tointegerx(lua, -1, &whole);
    if (!whole) {
        if (type != LUA_TNIL) {
            return luaL_error(lua, "field '%s' is not an integer", name);
        }
        if (fallback < 0) {
            return luaL_error(lua, "field '%s' missing in date table", name);
        }
        value = fallback;
    } else {
        if (value < (lua_Integer)INT_MIN + less || value > (lua_Integer)INT_MAX) {
            return luaL_error(lua, "field '%s' is out-of-bound", name);
        }
        value -= less;
    }
    lua_pop(lua, 1);
    return (int)value;
}

static int os_time(lua_State *lua) {
    if (lua_isnoneornil(lua, 1)) {
        lua_pushinteger(lua, now_seconds(lua));
        return 1;
    }
    luaL_checktype(lua, 1, LUA_TTABLE);
    lua_settop(lua, 1);
    struct tm date = {0};
    date.tm_year = get_field(lua, "year", -1, 1900);
    date.tm_mon = get_field(lua, "month", -1, 1);
    date.tm_mday = get_field(lua, "day", -1, 0);
    date.tm_hour = get_field(lua, "hour", 12, 0);
    date.tm_min = get_field(lua, "min", 0, 0);
    date.tm_sec = get_field(lua, "sec", 0, 0);
    errno = 0;
    time_t seconds = timegm(&date);
    if (seconds == (time_t)-1 && errno != 0) {
        return luaL_error(lua, "the date cannot be represented as a time");
    }
    set_fields(lua, &date); // as Lua does: the fields come back in their ranges
    lua_pushinteger(lua, (lua_Integer)seconds);
    return 1;
}

// The length of the conversion behind a %, checked: strftime's behaviour is undefined for others.
static size_t conversion_length(lua_State *lua, const char *format, size_t left) {
    const char *known = plain_conversions;
    size_t at = 0;
    if (left > 1 && (format[0] == 'E' || format[0] == 'O')) {
        known = format[0] == 'E' ? era_conversions : other_conversions;
        at = 1;
    }
    if (left <= at || format[at] == '\0' || strchr(known, format[at]) == NULL) {
        luaL_argerror(lua, 1, lua_pushfstring(lua, "invalid conversion specifier '%%%s'", format));
    }
    return at + 1;
}

static int os_date(lua_State *lua) {
    size_t length;
    const char *format = luaL_optlstring(lua, 1, "%c", &length);
    lua_Integer seconds = lua_isnoneornil(lua, 2) ? now_seconds(lua) : luaL_checkinteger(lua, 2);
    luaL_argcheck(lua, length <= FORMAT_MAX, 1, "format too long");
    sandbox_spend(lua, 10 + length);
    if (length > 0 && format[0] == '!') { // everything is UTC here
        format++;
        length--;
    }
    struct tm date;
    time_t time = (time_t)seconds;
    if (gmtime_r(&time, &date) == NULL) {
        return luaL_error(lua, "the time cannot be represented as a date");
    }
    if (strcmp(format, "*t") == 0) {
        lua_createtable(lua, 0, 9);
        set_fields(lua, &date);
        return 1;
    }
    luaL_Buffer buffer;
    luaL_buffinit(lua, &buffer);
    for (size_t i = 0; i < length; i++) {
        if (format[i] != '%') {
            luaL_addchar(&buffer, format[i]);
            continue;
        }
        char conversion[4] = "%";
        size_t size = conversion_length(lua, format + i + 1, length - i - 1);
        memcpy(conversion + 1, format + i + 1, size);
        char *out = luaL_prepbuffsize(&buffer, CONVERSION_MAX);
        luaL_addsize(&buffer, strftime(out, CONVERSION_MAX, conversion, &date));
        i += size;
    }
    luaL_pushresult(&buffer);
    return 1;
}

static int os_difftime(lua_State *lua) {
    lua_Number later = (lua_Number)luaL_checkinteger(lua, 1);
    lua_pushnumber(lua, later - (lua_Number)luaL_checkinteger(lua, 2));
    return 1;
}

// Seconds since the sandbox was opened.
static int os_clock(lua_State *lua) {
    struct sandbox *sandbox = sandbox_of(lua);
    lua_pushnumber(lua, (lua_Number)(clock_now(&sandbox->clock) - sandbox->opened_us) / 1e6);
    return 1;
}

void sandbox_open_time(lua_State *lua) {
    static const luaL_Reg own[] = {
        {"clock", os_clock}, {"date", os_date}, {"difftime", os_difftime}, {"time", os_time}, {NULL, NULL}};
    lua_newtable(lua);
    luaL_setfuncs(lua, own, 0);
}

// What went wrong in a script, and where: Lua says "syncs/mywell/a.lua:12: message" in one text, a `struct error` has
// a place and a message. Nothing here raises.

#include <ctype.h>
#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#include "script/sandbox_state.h"

// Looking for a Lua function below C functions: one is near, or there is none.
enum { LEVELS_MAX = 32 };

// The name behind the "@" of a chunk's source.
static const char *source_name(const char *source) {
    return source[0] == '@' || source[0] == '=' ? source + 1 : source;
}

void sandbox_where(lua_State *lua, char place[ERROR_PLACE_MAX]) {
    lua_Debug activation;
    place[0] = '\0';
    for (int level = 0; level < LEVELS_MAX && lua_getstack(lua, level, &activation); level++) {
        lua_getinfo(lua, "Sl", &activation);
        if (activation.currentline > 0) {
            snprintf(place, ERROR_PLACE_MAX, "%s:%d", source_name(activation.source), activation.currentline);
            return;
        }
    }
}

// How Lua shortens a chunk's name in its messages: the last characters, behind three dots.
static size_t short_name(const char *name, char out[LUA_IDSIZE]) {
    size_t length = strlen(name);
    if (length < LUA_IDSIZE) {
        memcpy(out, name, length + 1);
        return length;
    }
    memcpy(out, "...", 3);
    memcpy(out + 3, name + length - (LUA_IDSIZE - 4), LUA_IDSIZE - 3);
    return LUA_IDSIZE - 1;
}

// If the message starts with "name:12: ", makes a place of that and returns what follows.
static struct text split_place(const struct sandbox *sandbox, struct text message, char place[ERROR_PLACE_MAX]) {
    for (size_t i = sandbox->name_count; i-- > 0;) { // names that are shortened alike: the newest
        char name[LUA_IDSIZE];
        size_t at = short_name(sandbox->names[i], name);
        if (message.length <= at || memcmp(message.data, name, at) != 0 || message.data[at] != ':') {
            continue;
        }
        size_t digits = ++at;
        while (at < message.length && isdigit((unsigned char)message.data[at])) {
            at++;
        }
        if (at == digits || at - digits > 9 || message.length - at < 2 || memcmp(message.data + at, ": ", 2) != 0) {
            continue;
        }
        snprintf(place, ERROR_PLACE_MAX, "%s:%.*s", sandbox->names[i], (int)(at - digits), message.data + digits);
        return (struct text){message.data + at + 2, message.length - at - 2};
    }
    return message;
}

// One line of printable UTF-8: a script may raise any bytes.
static void clean(struct text message, char out[ERROR_MESSAGE_MAX]) {
    size_t length = message.length < ERROR_MESSAGE_MAX - 1 ? message.length : ERROR_MESSAGE_MAX - 1;
    memcpy(out, message.data, length);
    size_t bad = 0;
    while (!text_utf8((struct text){out, length}, &bad)) {
        if (length < message.length && length - bad < 4) {
            length = bad; // the cut went through a character
        } else {
            out[bad] = '?';
        }
    }
    out[length] = '\0';
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)out[i] < ' ' || out[i] == 0x7F) {
            out[i] = ' ';
        }
    }
}

static int show(lua_State *lua) {
    sandbox_show(lua, 1, NULL);
    return 1;
}

// The error value at the top as text. A table or userdata is asked for its text through a protected call, which the
// step budget ends: __tostring is the script's.
static struct text error_text(struct sandbox *sandbox) {
    lua_State *lua = sandbox->lua;
    int type = lua_type(lua, -1);
    if (type != LUA_TSTRING && lua_checkstack(lua, 2)) {
        lua_pushcfunction(lua, show);
        lua_insert(lua, -2);
        if (lua_pcall(lua, 1, 1, 0) != LUA_OK || lua_type(lua, -1) != LUA_TSTRING) {
            return TEXT_LITERAL("an error was raised that has no text");
        }
    }
    if (lua_type(lua, -1) != LUA_TSTRING) {
        return TEXT_LITERAL("an error was raised that has no text");
    }
    struct text text;
    text.data = lua_tolstring(lua, -1, &text.length);
    return text;
}

// Whether a script (or require) passed on what Lua says when there is no memory.
static bool is_memory(lua_State *lua) {
    static const char lua_message[] = "not enough memory";
    return lua_type(lua, -1) == LUA_TSTRING && lua_rawlen(lua, -1) == sizeof lua_message - 1 &&
           memcmp(lua_tostring(lua, -1), lua_message, sizeof lua_message) == 0;
}

static bool report_memory(const struct sandbox *sandbox, struct error *error) {
    if (sandbox->refusal == REFUSED_BY_HEAP) {
        error_memory(error);
    } else {
        error_set(error, ERROR_SCRIPT_MEMORY, "the script needs more than the %zu KiB that it may hold",
                  sandbox->memory_max / 1024);
    }
    return sandbox->refused[0] != '\0' ? error_place(error, "%s", sandbox->refused) : false;
}

// The call was ended, by its budget or because of Lua's stack (then perhaps before the next instruction could raise).
static bool report_end(const struct sandbox *sandbox, enum error_code code, struct error *error) {
    if (sandbox->overflown) {
        error_set(error, code, "stack overflow: functions call each other too deep, or with too many values");
    } else if (sandbox->stopped) {
        error_set(error, ERROR_RUN_INTERRUPTED, "the script was interrupted");
    } else if (sandbox->overtime) {
        error_set(error, ERROR_SCRIPT_TIME, "the script computed for its %lld s without coming to an end",
                  (long long)sandbox->computing_max_us / 1000000);
    } else {
        error_set(error, ERROR_SCRIPT_TIME, "the script used its %lld steps without coming to an end",
                  (long long)sandbox->steps_max);
    }
    return error_place(error, "%s", sandbox->expired ? sandbox->expiry : sandbox->refused);
}

bool sandbox_report(struct sandbox *sandbox, int status, enum error_code code, struct error *error) {
    if (sandbox->expired || sandbox->overflown) {
        return report_end(sandbox, code, error);
    }
    if (status == LUA_ERRMEM || is_memory(sandbox->lua)) {
        return report_memory(sandbox, error);
    }
    char place[ERROR_PLACE_MAX];
    snprintf(place, sizeof place, "%s", sandbox->place);
    struct text text = error_text(sandbox);
    if (sandbox->expired || sandbox->overflown) { // only just now, in __tostring
        return report_end(sandbox, code, error);
    }
    char message[ERROR_MESSAGE_MAX];
    clean(split_place(sandbox, text, place), message);
    error_set(error, code, "%s", message);
    return place[0] != '\0' ? error_place(error, "%s", place) : false;
}

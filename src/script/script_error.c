// How this room raises: with an error's code, its line, and the name that was probably meant.

#include <lauxlib.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "script/script_lines.h"
#include "script/script_state.h"

enum { LEVELS_MAX = 32, NAME_BYTES_MAX = 64 };

void script_raise(lua_State *lua, const struct error *error) {
    struct script *script = script_of(lua);
    script->pending = *error;
    lua_pushstring(lua, error->message);
    lua_error(lua);
    abort(); // lua_error doesn't return
}

void script_raise_memory(lua_State *lua) {
    struct error error;
    error_memory(&error);
    script_raise(lua, &error);
}

void script_reason(struct script *script, struct error *error) {
    // A script may have caught what was raised and gone on to another error.
    if (script->pending.code != ERROR_NONE && error->code != ERROR_SCRIPT_TIME && error->code != ERROR_SCRIPT_MEMORY &&
        strstr(error->message, script->pending.message) != NULL) {
        char place[ERROR_PLACE_MAX];
        snprintf(place, sizeof place, "%s", error->place);
        *error = script->pending;
        if (place[0] != '\0') {
            error_place(error, "%s", place);
        }
    }
    error_clear(&script->pending);
}

static struct script_chunk *find_chunk(struct script *script, const char *source) {
    for (struct script_chunk *chunk = script->chunks; chunk != NULL; chunk = chunk->next) {
        if (source[0] == '@' && text_is(chunk->path, source + 1)) {
            return chunk;
        }
    }
    return NULL;
}

struct script_where script_where(lua_State *lua, const char *opener) {
    struct script *script = script_of(lua);
    lua_Debug activation;
    for (int level = 1; level < LEVELS_MAX && lua_getstack(lua, level, &activation); level++) {
        lua_getinfo(lua, "Sl", &activation);
        struct script_chunk *chunk = find_chunk(script, activation.source);
        if (chunk != NULL && activation.currentline > 0) {
            return (struct script_where){chunk, activation.currentline, opener};
        }
    }
    return (struct script_where){NULL, 0, opener};
}

int script_line(const struct script_where *where, struct text key) {
    struct key_place place;
    if (where->chunk == NULL) {
        return where->line;
    }
    bool found =
        (where->opener != NULL && lines_find_in_call(where->chunk->text, where->line, where->opener, key, &place)) ||
        lines_find(where->chunk->text, where->line, key, &place);
    return found ? place.line : where->line;
}

void script_raise_at(lua_State *lua, const struct script_where *where, const char *key, enum error_code code,
                     const char *format, ...) {
    struct error error;
    char message[ERROR_MESSAGE_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    error_set(&error, code, "%s", message);
    if (where->chunk != NULL) {
        int line = key != NULL ? script_line(where, text_of(key)) : where->line;
        error_place(&error, "%.*s:%d", TEXT_ARGS(where->chunk->path), line);
    }
    script_raise(lua, &error);
}

void script_must_declare(lua_State *lua, const char *name) {
    if (!script_of(lua)->is_declaring) {
        luaL_error(lua, "%s declares something and belongs outside of functions, where the script is loaded", name);
    }
}

// Whether the one has the letters of the other in another order, as in "rwos" for "rows".
static bool has_same_letters(struct text a, struct text b) {
    int counts[256] = {0};
    for (size_t i = 0; i < a.length; i++) {
        counts[(unsigned char)a.data[i]]++;
    }
    for (size_t i = 0; i < b.length; i++) {
        if (--counts[(unsigned char)b.data[i]] < 0) {
            return false;
        }
    }
    return a.length == b.length;
}

const char *script_meant(struct text name, const char *const *names) {
    const char *best = NULL;
    size_t least = name.length < 5 ? 2 : 3; // one slip in a short name, two in a long one
    for (; *names != NULL; names++) {
        struct text candidate = text_of(*names);
        size_t distance = text_distance(name, candidate);
        distance -= distance == 2 && has_same_letters(name, candidate); // two letters swapped are one slip
        bool same_but_case = candidate.length == name.length && name.length <= NAME_BYTES_MAX &&
                             strncasecmp(candidate.data, name.data, name.length) == 0;
        if (same_but_case) {
            return *names;
        }
        if (distance < least && distance < name.length) {
            least = distance;
            best = *names;
        }
    }
    return best;
}

struct text script_text_copy(lua_State *lua, struct text text) {
    struct text copy;
    if (!arena_text(&script_of(lua)->arena, text, &copy)) {
        script_raise_memory(lua);
    }
    return copy;
}

void *script_take(lua_State *lua, size_t count, size_t size) {
    void *taken = arena_take_zero(&script_of(lua)->arena, count, size);
    if (taken == NULL) {
        script_raise_memory(lua);
    }
    return taken;
}

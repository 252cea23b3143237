#include "script/script_option.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#include "base/unit.h"
#include "script/script_handle.h"
#include "script/script_value.h"

enum { KEYS_MAX = 64, DEPTH_MAX = 8, NAMES_MAX = 10000, CHOICES_MAX = 400 };

static const struct object *read_table(lua_State *lua, int index, const struct option *options,
                                       const struct option_reader *reader, int depth);

static size_t count_options(const struct option *options) {
    size_t count = 0;
    while (options[count].key != NULL) {
        count++;
    }
    return count;
}

// Refuses a key that is not in the list.
static void refuse_key(lua_State *lua, const struct option *options, const struct option_reader *reader) {
    const char *names[KEYS_MAX + 1] = {0};
    if (lua_type(lua, -2) != LUA_TSTRING) {
        script_raise_at(lua, &reader->where, NULL, ERROR_OPTION_UNKNOWN,
                        "%s takes options by name; name what stands "
                        "alone: key = value",
                        reader->name);
    }
    const char *key = lua_tostring(lua, -2);
    for (size_t i = 0; options[i].key != NULL && i < KEYS_MAX; i++) {
        names[i] = options[i].key;
    }
    const char *meant = script_meant(text_of(key), names);
    script_raise_at(lua, &reader->where, key, ERROR_OPTION_UNKNOWN, "%s has no option \"%.60s\"%s%s%s", reader->name,
                    key, meant != NULL ? "; did you mean \"" : "", meant != NULL ? meant : "",
                    meant != NULL ? "\"?" : "");
}

static bool has_option(const struct option *options, const char *key) {
    for (; options->key != NULL; options++) {
        if (strcmp(options->key, key) == 0) {
            return true;
        }
    }
    return false;
}

static void check_keys(lua_State *lua, int index, const struct option *options, const struct option_reader *reader) {
    lua_pushnil(lua);
    while (lua_next(lua, index) != 0) {
        bool named = lua_type(lua, -2) == LUA_TSTRING;
        if (!named || (!reader->open && !has_option(options, lua_tostring(lua, -2)))) {
            refuse_key(lua, options, reader);
        }
        lua_pop(lua, 1);
    }
}

_Noreturn static void refuse_type(lua_State *lua, int index, const struct option *option,
                                  const struct option_reader *reader, const char *takes) {
    script_raise_at(lua, &reader->where, option->key, ERROR_OPTION_TYPE, "%s: %s takes %s, not %s", reader->name,
                    option->key, takes, handle_describe(lua, index));
}

// Whether a parameter or a secret stands at the index; then it is noted.
static bool read_later(lua_State *lua, int index, enum option_type type, const struct option *option,
                       const struct option_reader *reader, struct value *out) {
    const char *choices = type == option->type ? option->choices : NULL;
    if (!option_later(lua, index, type, choices, option->key, &reader->where, out)) {
        return false;
    }
    if (reader->fixed) {
        script_raise_at(lua, &reader->where, option->key, ERROR_OPTION_TYPE, "%s: %s can't be a parameter or a secret",
                        reader->name, option->key);
    }
    return true;
}

// --- one value of each type ---

static bool is_choice(const char *choices, struct text text) {
    while (choices != NULL && *choices != '\0') {
        size_t length = strcspn(choices, "|");
        if (text_same((struct text){choices, length}, text)) {
            return true;
        }
        choices += length + (choices[length] == '|');
    }
    return choices == NULL;
}

static struct text read_text(lua_State *lua, int index, const struct option *option,
                             const struct option_reader *reader) {
    struct take take = {.views = &script_of(lua)->mapper.views,
                        .arena = &script_of(lua)->arena,
                        .where = &reader->where,
                        .name = option->key};
    return value_take_text(lua, index, &take);
}

static void check_choice(lua_State *lua, struct text text, const struct option *option,
                         const struct option_reader *reader) {
    if (is_choice(option->choices, text)) {
        return;
    }
    char shown[CHOICES_MAX];
    size_t at = 0;
    for (const char *c = option->choices; *c != '\0' && at + 8 < sizeof shown; c++) {
        at += (size_t)snprintf(shown + at, sizeof shown - at, *c == '|' ? "\", \"" : "%c", *c);
    }
    script_raise_at(lua, &reader->where, option->key, ERROR_OPTION_TYPE, "%s: %s is \"%.*s\"; it can be \"%s\"",
                    reader->name, option->key, text.length > 60 ? 60 : (int)text.length, text.data, shown);
}

static void read_names(lua_State *lua, int index, const struct option *option, const struct option_reader *reader,
                       struct value *out) {
    const char *takes = "a text or a list of texts";
    bool is_table = lua_type(lua, index) == LUA_TTABLE;
    size_t count = is_table ? (size_t)lua_rawlen(lua, index) : 1;
    if (count > NAMES_MAX || (is_table && count == 0 && (lua_pushnil(lua), lua_next(lua, index) != 0))) {
        refuse_type(lua, index, option, reader, takes);
    }
    struct value *items = script_take(lua, count, sizeof *items);
    for (size_t i = 0; i < count; i++) {
        if (is_table) {
            lua_rawgeti(lua, index, (lua_Integer)i + 1);
        } else {
            lua_pushvalue(lua, index);
        }
        int item = lua_gettop(lua);
        if (lua_type(lua, item) == LUA_TSTRING) {
            items[i] = value_text(read_text(lua, item, option, reader));
        } else if (!read_later(lua, item, OPTION_TEXT, option, reader, &items[i])) {
            refuse_type(lua, item, option, reader, takes);
        }
        lua_pop(lua, 1);
    }
    *out = value_list(items, count);
}

static void read_share(lua_State *lua, int index, const struct option *option, const struct option_reader *reader,
                       struct value *out) {
    const char *takes = "a count (100) or a share (\"5%\")";
    if (lua_isinteger(lua, index) && lua_tointeger(lua, index) >= 0) {
        *out = value_integer(lua_tointeger(lua, index));
        return;
    }
    if (lua_type(lua, index) != LUA_TSTRING) {
        refuse_type(lua, index, option, reader, takes);
    }
    struct text text = read_text(lua, index, option, reader);
    char digits[24];
    if (text.length == 0 || text.length >= sizeof digits || text.data[text.length - 1] != '%') {
        refuse_type(lua, index, option, reader, takes);
    }
    snprintf(digits, sizeof digits, "%.*s", (int)text.length - 1, text.data);
    lua_pushstring(lua, digits);
    int fits;
    double percent = lua_tonumberx(lua, -1, &fits);
    lua_pop(lua, 1);
    if (!fits || !(percent >= 0 && percent <= 100)) {
        refuse_type(lua, index, option, reader, takes);
    }
    *out = value_text(text);
}

static void read_span(lua_State *lua, int index, const struct option *option, const struct option_reader *reader,
                      struct value *out) {
    int64_t span_us;
    if (lua_type(lua, index) != LUA_TSTRING || !span_read(read_text(lua, index, option, reader), &span_us)) {
        refuse_type(lua, index, option, reader, OPTION_SPAN_TAKES);
    }
    *out = value_integer(span_us);
}

static void read_size(lua_State *lua, int index, const struct option *option, const struct option_reader *reader,
                      struct value *out) {
    int64_t bytes = lua_isinteger(lua, index) ? lua_tointeger(lua, index) : 0;
    bool is_text = lua_type(lua, index) == LUA_TSTRING;
    if ((is_text && !size_read(read_text(lua, index, option, reader), &bytes)) || bytes <= 0) {
        refuse_type(lua, index, option, reader, OPTION_SIZE_TAKES);
    }
    *out = value_integer(bytes);
}

static void read_map(lua_State *lua, int index, const struct option *option, const struct option_reader *reader,
                     int depth, struct value *out) {
    char name[ERROR_PLACE_MAX];
    size_t count = 0;
    for (lua_pushnil(lua); lua_next(lua, index) != 0; lua_pop(lua, 1)) {
        if (lua_type(lua, -2) != LUA_TSTRING || lua_type(lua, -1) != LUA_TTABLE) {
            refuse_type(lua, index, option, reader, "a table of names with a table of options each");
        }
        count++;
    }
    struct text *names = script_take(lua, count, sizeof *names);
    struct value *values = script_take(lua, count, sizeof *values);
    struct shape *shape = script_take(lua, 1, sizeof *shape);
    struct object *object = script_take(lua, 1, sizeof *object);
    size_t at = 0;
    for (lua_pushnil(lua); lua_next(lua, index) != 0; lua_pop(lua, 1)) {
        struct option_reader inner = *reader;
        names[at] = read_text(lua, -2, option, reader);
        snprintf(name, sizeof name, "%s: %s.%s", reader->name, option->key, names[at].data);
        inner.name = name;
        inner.open = false;
        inner.where.line = script_line(&reader->where, names[at]);
        inner.where.opener = NULL;
        values[at] = value_object(read_table(lua, lua_gettop(lua), option->inner, &inner, depth + 1));
        at++;
    }
    *shape = (struct shape){(uint32_t)count, names};
    *object = (struct object){shape, values};
    *out = value_object(object);
}

// Anything that is made of texts, numbers and tables. A path is the list of its names; as a key it is a list of one
// path, so that it is not taken for a list of names.
static void read_any(lua_State *lua, int index, const struct option *option, const struct option_reader *reader,
                     struct value *out) {
    struct take take = {.views = &script_of(lua)->mapper.views,
                        .arena = &script_of(lua)->arena,
                        .sequences = true,
                        .where = &reader->where,
                        .name = option->key,
                        .later = !reader->fixed};
    value_take(lua, index, &take, 0, out);
    options_bind(script_of(lua), out);
    if (handle_data(lua, index, HANDLE_PATH) != NULL && strcmp(option->key, "key") == 0) {
        struct value *alone = script_take(lua, 1, sizeof *alone);
        *alone = *out;
        *out = value_list(alone, 1);
    }
}

static void read_value(lua_State *lua, int index, const struct option *option, const struct option_reader *reader,
                       int depth, struct value *out) {
    int type = lua_type(lua, index);
    struct option_reader inner = *reader;
    char name[ERROR_PLACE_MAX];
    if (option->type != OPTION_NAMES && read_later(lua, index, option->type, option, reader, out)) {
        return;
    }
    switch (option->type) {
    case OPTION_TEXT:
        if (type != LUA_TSTRING) {
            refuse_type(lua, index, option, reader, "a text");
        }
        *out = value_text(read_text(lua, index, option, reader));
        check_choice(lua, value_slice(out), option, reader);
        return;
    case OPTION_INTEGER:
        if (type != LUA_TNUMBER || !lua_isinteger(lua, index)) {
            refuse_type(lua, index, option, reader, "a whole number");
        }
        *out = value_integer(lua_tointeger(lua, index));
        return;
    case OPTION_BOOL:
        if (type != LUA_TBOOLEAN) {
            refuse_type(lua, index, option, reader, "true or false");
        }
        *out = value_bool(lua_toboolean(lua, index));
        return;
    case OPTION_NAMES:
        read_names(lua, index, option, reader, out);
        return;
    case OPTION_TABLE:
        if (type != LUA_TTABLE) {
            refuse_type(lua, index, option, reader, "a table of options");
        }
        snprintf(name, sizeof name, "%s: %s", reader->name, option->key);
        inner.name = name;
        inner.where.line = script_line(&reader->where, text_of(option->key));
        inner.where.opener = NULL;
        *out = value_object(read_table(lua, index, option->inner, &inner, depth + 1));
        return;
    case OPTION_MAP:
        if (type != LUA_TTABLE) {
            refuse_type(lua, index, option, reader, "a table of names with a table of options each");
        }
        read_map(lua, index, option, reader, depth, out);
        return;
    case OPTION_FUNCTION:
        if (type != LUA_TFUNCTION) {
            refuse_type(lua, index, option, reader, "a function");
        }
        *out = value_integer(script_mapper_add(lua, &script_of(lua)->mapper, index, ANSWER_SEQUENCE));
        return;
    case OPTION_SHARE:
        read_share(lua, index, option, reader, out);
        return;
    case OPTION_SPAN:
        read_span(lua, index, option, reader, out);
        return;
    case OPTION_SIZE:
        read_size(lua, index, option, reader, out);
        return;
    case OPTION_ANY:
        if (!reader->keep_any) {
            read_any(lua, index, option, reader, out);
        }
        return;
    }
}

// Pushes a fallback, which is written as a script would write it.
static void push_fallback(lua_State *lua, const char *fallback) {
    int64_t integer;
    size_t length = strlen(fallback);
    if (fallback[0] == '"' && length >= 2) {
        bool is_tab = strcmp(fallback, "\"\\t\"") == 0;
        bool is_quote = strcmp(fallback, "\"\\\"\"") == 0;
        lua_pushlstring(lua, is_tab ? "\t" : is_quote ? "\"" : fallback + 1, is_tab || is_quote ? 1 : length - 2);
    } else if (text_integer(text_of(fallback), &integer)) {
        lua_pushinteger(lua, integer);
    } else if (fallback[0] == '{') {
        lua_pushfstring(lua, "return %s", fallback);
        const char *text = lua_tostring(lua, -1);
        if (luaL_loadbufferx(lua, text, strlen(text), "=weir", "t") != LUA_OK) {
            lua_error(lua);
        }
        lua_call(lua, 0, 1);
        lua_remove(lua, -2);
    } else {
        lua_pushboolean(lua, strcmp(fallback, "true") == 0);
    }
}

static const struct object *read_table(lua_State *lua, int index, const struct option *options,
                                       const struct option_reader *reader, int depth) {
    luaL_checkstack(lua, 12, "options are nested too deep");
    size_t count = count_options(options);
    if (depth > DEPTH_MAX) {
        script_raise_at(lua, &reader->where, NULL, ERROR_OPTION_TYPE, "%s is nested too deep", reader->name);
    }
    check_keys(lua, index, options, reader);
    struct text *names = script_take(lua, count, sizeof *names);
    struct value *values = script_take(lua, count, sizeof *values);
    struct shape *shape = script_take(lua, 1, sizeof *shape);
    struct object *object = script_take(lua, 1, sizeof *object);
    for (size_t i = 0; i < count; i++) {
        names[i] = text_of(options[i].key);
        lua_pushstring(lua, options[i].key);
        if (lua_rawget(lua, index) != LUA_TNIL) {
            read_value(lua, lua_gettop(lua), &options[i], reader, depth, &values[i]);
        }
        lua_pop(lua, 1);
    }
    // What is there and wrong is said before what is missing.
    for (size_t i = 0; i < count; i++) {
        lua_pushstring(lua, options[i].key);
        bool is_missing = lua_rawget(lua, index) == LUA_TNIL;
        lua_pop(lua, 1);
        if (is_missing && options[i].required) {
            script_raise_at(lua, &reader->where, NULL, ERROR_OPTION_MISSING, "%s needs the option %s: %s", reader->name,
                            options[i].key, options[i].help);
        }
        if (is_missing && options[i].fallback != NULL) {
            push_fallback(lua, options[i].fallback);
            read_value(lua, lua_gettop(lua), &options[i], reader, depth, &values[i]);
            lua_pop(lua, 1);
        }
    }
    *shape = (struct shape){(uint32_t)count, names};
    *object = (struct object){shape, values};
    return object;
}

const struct object *option_read(lua_State *lua, int index, const struct option *options,
                                 const struct option_reader *reader) {
    if (lua_type(lua, index) != LUA_TTABLE) {
        script_raise_at(lua, &reader->where, NULL, ERROR_OPTION_TYPE, "%s takes a table of options, not %s: %s { ... }",
                        reader->name, handle_describe(lua, index), reader->name);
    }
    return read_table(lua, lua_absindex(lua, index), options, reader, 0);
}

const struct option *option_join(lua_State *lua, const struct option *common, const struct option *own,
                                 const struct option *inner) {
    size_t used = 0;
    struct option *joined = script_take(lua, count_options(common) + count_options(own) + 1, sizeof *joined);
    for (size_t i = 0; common[i].key != NULL; i++) {
        if (!has_option(own, common[i].key)) {
            joined[used] = common[i];
            joined[used].inner = common[i].type == OPTION_MAP ? inner : NULL;
            used++;
        }
    }
    for (size_t i = 0; own[i].key != NULL; i++) {
        joined[used++] = own[i];
    }
    return joined;
}

// Parameters: what a sync is given with each run.

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "script/declare.h"
#include "script/script_handle.h"
#include "script/script_lines.h"
#include "script/script_option.h"
#include "script/script_settings.h"

enum { PARAM_BYTES_MAX = 4096, PARAMS_MAX = 100 };

static const char *const type_names[] = {
    [PARAM_TEXT] = "text", [PARAM_INTEGER] = "integer", [PARAM_BOOL] = "bool", [PARAM_FILE] = "file"};

void declare_push_param(lua_State *lua, enum param_type type) {
    struct param *param = script_take(lua, 1, sizeof *param);
    param->type = type;
    handle_push(lua, HANDLE_PARAM, param, 0);
}

static bool fits_type(const struct value *value, enum param_type type) {
    return value->kind == VALUE_MISSING || (type == PARAM_INTEGER && value->kind == VALUE_INTEGER) ||
           (type == PARAM_BOOL && value->kind == VALUE_BOOL) ||
           ((type == PARAM_TEXT || type == PARAM_FILE) && value->kind == VALUE_TEXT);
}

int declare_param(lua_State *lua) {
    const struct param *from = handle_data(lua, 1, HANDLE_PARAM);
    struct option_reader reader = {.where = script_where(lua, NULL), .name = "weir.param", .fixed = true};
    script_must_declare(lua, "weir.param");
    lua_settop(lua, 2);
    if (from == NULL) {
        return luaL_error(lua, "weir.param.text { ... } is how a parameter is declared");
    }
    reader.where.opener = type_names[from->type];
    const struct object *options = option_read(lua, 2, option_param, &reader);
    struct param *param = script_take(lua, 1, sizeof *param);
    *param = *from;
    param->fallback = option_value(options, "default");
    param->help = option_text(options, "help");
    if (!fits_type(&param->fallback, param->type)) {
        script_raise_at(lua, &reader.where, "default", ERROR_OPTION_TYPE,
                        "the default of a parameter of type %s can't be of type %s", type_names[param->type],
                        value_kind_name(param->fallback.kind));
    }
    handle_push(lua, HANDLE_PARAM, param, 0);
    return 1;
}

static struct param *find_param(const struct script *script, struct text name) {
    for (size_t i = 0; i < script->param_count; i++) {
        if (text_same(script->params[i].name, name)) {
            return &script->params[i];
        }
    }
    return NULL;
}

// While the script is loaded a mark that options take; in its functions the value itself.
int declare_param_use(lua_State *lua) {
    struct script *script = script_of(lua);
    struct text name;
    luaL_checktype(lua, 1, LUA_TSTRING);
    name.data = lua_tolstring(lua, 1, &name.length);
    if (script->is_declaring) {
        struct text *kept = script_take(lua, 1, sizeof *kept);
        *kept = script_text_copy(lua, name);
        handle_push(lua, HANDLE_PARAM_USE, kept, 0);
        return 1;
    }
    const struct param *param = find_param(script, name);
    if (param == NULL) {
        return luaL_error(lua, "the parameter \"%s\" is not declared; add it to weir.sync: params = { ... }",
                          name.data);
    }
    if (param->value.kind == VALUE_TEXT) {
        lua_pushlstring(lua, param->value.as.text, param->value.length);
    } else if (param->value.kind == VALUE_INTEGER) {
        lua_pushinteger(lua, param->value.as.integer);
    } else if (param->value.kind == VALUE_BOOL) {
        lua_pushboolean(lua, param->value.as.boolean);
    } else {
        lua_pushnil(lua);
    }
    return 1;
}

static bool read_bool(struct text text, struct value *out) {
    bool yes = text_is(text, "true") || text_is(text, "yes") || text_is(text, "1");
    *out = value_bool(yes);
    return yes || text_is(text, "false") || text_is(text, "no") || text_is(text, "0");
}

// A file is named as seen from where weir was started, and the same file is the same parameter wherever that is.
static bool read_file(struct arena *arena, struct text text, struct value *out, struct error *error) {
    char folder[PARAM_BYTES_MAX];
    if (text.data[0] != '/') {
        if (getcwd(folder, sizeof folder) == NULL) {
            return error_set(error, ERROR_PARAM, "the current folder is not there; give the whole path");
        }
        const char *path = text.length > 2 && memcmp(text.data, "./", 2) == 0 ? text.data + 2 : text.data;
        char *whole = arena_print(arena, "%s/%s", strcmp(folder, "/") == 0 ? "" : folder, path);
        if (whole == NULL) {
            return error_memory(error);
        }
        text = text_of(whole);
    }
    *out = value_text(text);
    return true;
}

// The value that was given, by the parameter's type.
static bool read_given(const struct param *param, struct text given, struct arena *arena, struct value *out,
                       struct error *error) {
    struct text text;
    int64_t integer;
    if (given.length > PARAM_BYTES_MAX || !text_utf8(given, NULL) || memchr(given.data, '\0', given.length) != NULL) {
        return error_set(error, ERROR_PARAM, "the parameter %.*s is too long or no text", TEXT_ARGS(param->name));
    }
    if (!arena_text(arena, given, &text)) {
        return error_memory(error);
    }
    if (param->type == PARAM_INTEGER) {
        if (!text_integer(text, &integer)) {
            return error_set(error, ERROR_PARAM, "the parameter %.*s is a whole number, not \"%.60s\"",
                             TEXT_ARGS(param->name), text.data);
        }
        *out = value_integer(integer);
    } else if (param->type == PARAM_BOOL) {
        if (!read_bool(text, out)) {
            return error_set(error, ERROR_PARAM, "the parameter %.*s is true or false, not \"%.60s\"",
                             TEXT_ARGS(param->name), text.data);
        }
    } else if (param->type == PARAM_FILE) {
        if (text.length == 0) {
            return error_set(error, ERROR_PARAM, "the parameter %.*s names no file", TEXT_ARGS(param->name));
        }
        return read_file(arena, text, out, error);
    } else {
        *out = value_text(text);
    }
    return true;
}

static bool take_given(struct script *script, const struct script_param *params, size_t count, struct error *error) {
    const char *names[PARAMS_MAX + 1] = {0};
    for (size_t i = 0; i < script->param_count; i++) {
        names[i] = script->params[i].name.data;
    }
    for (size_t i = 0; i < count; i++) {
        const struct script_param *given = &params[i];
        struct param *param = find_param(script, given->name);
        if (param == NULL) {
            const char *meant = script_meant(given->name, names);
            return error_set(error, ERROR_PARAM, "there is no parameter \"%.*s\"%s%s%s", TEXT_ARGS(given->name),
                             meant != NULL ? "; did you mean \"" : "", meant != NULL ? meant : "",
                             meant != NULL ? "\"?" : "");
        }
        if (param->value.kind != VALUE_MISSING) {
            return error_set(error, ERROR_PARAM, "the parameter %.*s is given twice%s%s", TEXT_ARGS(given->name),
                             script->settings != NULL ? "; it stands in " : "",
                             script->settings != NULL ? script->settings->path.data : "");
        }
        if (!read_given(param, given->value, &script->arena, &param->value, error)) {
            return false;
        }
    }
    return true;
}

static bool params_given(struct script *script, struct error *error) {
    const struct script_settings *settings = script->settings;
    if (settings != NULL && !take_given(script, settings->params, settings->param_count, error)) {
        return error_place(error, "%s", settings->path.data);
    }
    if (!take_given(script, script->setup.params, script->setup.param_count, error)) {
        return false;
    }
    for (size_t i = 0; i < script->param_count; i++) {
        struct param *param = &script->params[i];
        if (param->value.kind == VALUE_MISSING) {
            param->value = param->fallback; // a default path starts where the script stands
        }
        if (param->value.kind == VALUE_MISSING && !script->setup.declare_only) {
            return error_set(error, ERROR_PARAM, "the parameter %.*s is missing; give it with --param %.*s=%s",
                             TEXT_ARGS(param->name), TEXT_ARGS(param->name),
                             param->type == PARAM_FILE ? "PATH" : "VALUE");
        }
    }
    return true;
}

static int compare_params(const void *a, const void *b) {
    const struct param *left = a;
    const struct param *right = b;
    if (left->offset != right->offset) {
        return left->offset < right->offset ? -1 : 1;
    }
    return text_compare(left->name, right->name);
}

// What `weir check` shows of a default.
static struct text show_default(lua_State *lua, const struct value *value) {
    if (value->kind == VALUE_TEXT) {
        return value_slice(value);
    }
    if (value->kind == VALUE_INTEGER) {
        lua_pushinteger(lua, value->as.integer);
        struct text text = script_text_copy(lua, text_of(lua_tostring(lua, -1)));
        lua_pop(lua, 1);
        return text;
    }
    return value->kind == VALUE_BOOL ? text_of(value->as.boolean ? "true" : "false") : (struct text){"", 0};
}

// Whether settings say it, so that nobody else may.
static bool is_settled(const struct script *script, struct text name) {
    for (size_t i = 0; script->settings != NULL && i < script->settings->param_count; i++) {
        if (text_same(script->settings->params[i].name, name)) {
            return true;
        }
    }
    return false;
}

void declare_params(lua_State *lua, int index, const struct script_where *where) {
    struct script *script = script_of(lua);
    struct key_place place;
    struct error error;
    size_t count = 0;
    if (lua_istable(lua, index)) {
        for (lua_pushnil(lua); lua_next(lua, index) != 0; lua_pop(lua, 1)) {
            const char *key = lua_type(lua, -2) == LUA_TSTRING ? lua_tostring(lua, -2) : NULL;
            if (key == NULL || handle_data(lua, -1, HANDLE_PARAM) == NULL || ++count > PARAMS_MAX) {
                script_raise_at(lua, where, key != NULL ? key : "params", ERROR_OPTION_TYPE,
                                "params takes names with weir.param.text, .integer, .bool or .file, not %s",
                                handle_describe(lua, -1));
            }
        }
    } else if (!lua_isnil(lua, index)) {
        script_raise_at(lua, where, "params", ERROR_OPTION_TYPE, "params takes a table: { file = weir.param.file }");
    }
    struct param *params = script_take(lua, count, sizeof *params);
    for (lua_pushnil(lua); count > 0 && lua_next(lua, index) != 0; lua_pop(lua, 1)) {
        struct param *param = &params[script->param_count++];
        *param = *(const struct param *)handle_data(lua, -1, HANDLE_PARAM);
        param->name = script_text_copy(lua, text_of(lua_tostring(lua, -2)));
        param->offset = SIZE_MAX;
        if (!datatype_name_check(param->name, false, &error)) {
            script_raise_at(lua, where, param->name.data, ERROR_OPTION_UNKNOWN, "%s", error.message);
        }
        if (where->chunk != NULL &&
            lines_find(where->chunk->text, script_line(where, TEXT_LITERAL("params")), param->name, &place)) {
            param->offset = place.offset;
        }
    }
    qsort(params, count, sizeof *params, compare_params);
    script->params = params;
    script->declared = script_take(lua, count, sizeof *script->declared);
    for (size_t i = 0; i < count; i++) {
        if (!is_settled(script, params[i].name)) {
            script->declared[script->declared_count++] = (struct script_declared){
                params[i].name, text_of(type_names[params[i].type]), params[i].fallback.kind == VALUE_MISSING,
                show_default(lua, &params[i].fallback), params[i].help};
        }
    }
    if (!params_given(script, &error)) {
        script_raise(lua, &error);
    }
}

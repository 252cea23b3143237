// The sync's types: each is one of home's datatypes and one of the datasource's types, with its way in and its way out.

#include <lauxlib.h>
#include <string.h>

#include "base/civil.h"
#include "script/declare.h"
#include "script/script_handle.h"
#include "script/script_option.h"

// A type's key: a text, or a list of texts and of paths (which are lists of texts themselves).
static void take_key(lua_State *lua, const struct script_where *where, struct sync_type *type) {
    struct value given = option_value(type->settings, "key");
    const struct value *items = given.kind == VALUE_LIST ? given.as.items : &given;
    size_t count = given.kind == VALUE_LIST ? given.length : 1;
    struct path *paths = script_take(lua, count, sizeof *paths);
    for (size_t i = 0; i < count; i++) {
        bool is_path = items[i].kind == VALUE_LIST && items[i].length > 0;
        size_t length = is_path ? items[i].length : 1;
        const struct value *parts = is_path ? items[i].as.items : &items[i];
        struct text *names = script_take(lua, length, sizeof *names);
        for (size_t j = 0; j < length; j++) {
            if (parts[j].kind != VALUE_TEXT) {
                script_raise_at(lua, where, "types", ERROR_OPTION_TYPE,
                                "the key of the datasource's type %s is a source field's name, weir.path or a list of "
                                "them",
                                type->name.data);
            }
            names[j] = value_slice(&parts[j]);
        }
        paths[i] = (struct path){names, length};
    }
    if (count == 0) {
        script_raise_at(lua, where, "types", ERROR_OPTION_MISSING, "the key of the datasource's type %s names no field",
                        type->name.data);
    }
    type->key = paths;
    type->key_count = count;
}

// Which field says when a record changed, and how it is written. A kind of datasource without such options has none.
static void take_cursor(lua_State *lua, const struct script_where *where, struct sync_type *type) {
    struct value given = option_value(type->settings, "cursor");
    const struct value *items = given.kind == VALUE_LIST ? given.as.items : &given;
    size_t count = given.kind == VALUE_LIST ? given.length : 1;
    struct error error;
    if (given.kind != VALUE_MISSING) {
        struct text *names = script_take(lua, count, sizeof *names);
        for (size_t i = 0; i < count; i++) {
            if (items[i].kind != VALUE_TEXT) {
                count = 0;
                break;
            }
            names[i] = value_slice(&items[i]);
        }
        if (count == 0) {
            script_raise_at(lua, where, "types", ERROR_OPTION_TYPE,
                            "the cursor of the datasource's type %s is a source field's name or weir.path",
                            type->name.data);
        }
        type->cursor = (struct path){names, count};
    }
    type->cursor_format = option_text(type->settings, "cursor_format");
    if (type->cursor_format.length > 0 && !civil_check(type->cursor_format, &error)) {
        script_raise_at(lua, where, "types", ERROR_OPTION_TYPE, "cursor_format of the datasource's type %s: %s",
                        type->name.data, error.message);
    }
}

// The type by its name: home's datatype, and what the datasource says of it.
static void take_type(lua_State *lua, const struct script_where *where, struct text name, struct sync_type *type) {
    const struct sync *sync = &script_of(lua)->sync;
    const struct value *settings = object_find(sync->source_types, name);
    type->name = name;
    type->datatype = sync_datatype(sync, name);
    if (type->datatype == NULL) {
        const char *meant = declare_meant_datatype(lua, name);
        script_raise_at(lua, where, "types", ERROR_OPTION_UNKNOWN, "there is no datatype \"%.60s\"%s%s%s", name.data,
                        meant != NULL ? "; did you mean \"" : "", meant != NULL ? meant : "",
                        meant != NULL ? "\"?" : "");
    }
    if (settings == NULL) {
        script_raise_at(lua, where, "types", ERROR_OPTION_MISSING,
                        "the datasource %s has no type \"%.60s\"; add it there: types = { %.60s = { key = ... } }",
                        sync->datasource.data, name.data, name.data);
    }
    type->settings = settings->as.object;
    take_key(lua, where, type);
    take_cursor(lua, where, type);
}

// Pushes what the table at an index (or nil) has for a type, and gives the table's place.
static struct script_where push_way(lua_State *lua, const struct script_where *where, int table, const char *name,
                                    struct text type) {
    struct script_where inside = *where;
    inside.line = script_line(where, text_of(name));
    inside.opener = NULL;
    if (lua_istable(lua, table)) {
        lua_pushlstring(lua, type.data, type.length);
        lua_rawget(lua, table);
    } else {
        lua_pushnil(lua);
    }
    return inside;
}

// A transform for a type that isn't brought over would never run.
static void check_way(lua_State *lua, const struct script_where *where, int table, const char *name) {
    const struct sync *sync = &script_of(lua)->sync;
    if (lua_isnil(lua, table)) {
        return;
    }
    if (!lua_istable(lua, table)) {
        script_raise_at(lua, where, name, ERROR_OPTION_TYPE, "%s takes a table of transforms by type, not %s", name,
                        handle_describe(lua, table));
    }
    const char **names = script_take(lua, sync->type_count + 1, sizeof *names);
    for (size_t i = 0; i < sync->type_count; i++) {
        names[i] = sync->types[i].name.data;
    }
    for (lua_pushnil(lua); lua_next(lua, table) != 0; lua_pop(lua, 1)) {
        const char *key = lua_type(lua, -2) == LUA_TSTRING ? lua_tostring(lua, -2) : "1";
        bool known = false;
        for (size_t i = 0; i < sync->type_count; i++) {
            known = known || strcmp(names[i], key) == 0;
        }
        if (!known) {
            struct script_where inside = *where;
            inside.line = script_line(where, text_of(name));
            inside.opener = NULL;
            const char *meant = script_meant(text_of(key), names);
            script_raise_at(lua, &inside, key, ERROR_OPTION_UNKNOWN, "%s has \"%.60s\", which is not among types%s%s%s",
                            name, key, meant != NULL ? "; did you mean \"" : "", meant != NULL ? meant : "",
                            meant != NULL ? "\"?" : "");
        }
    }
}

void declare_types(lua_State *lua, const struct script_where *where, const struct value *names, int pull, int push) {
    struct sync *sync = &script_of(lua)->sync;
    struct sync_type *types = script_take(lua, names->length, sizeof *types);
    for (uint32_t i = 0; i < names->length; i++) {
        struct text name = value_slice(&names->as.items[i]);
        take_type(lua, where, name, &types[i]);
        for (uint32_t j = 0; j < i; j++) {
            if (text_same(types[j].name, name)) {
                script_raise_at(lua, where, "types", ERROR_OPTION_TYPE, "types names \"%.60s\" twice", name.data);
            }
        }
        struct script_where inside = push_way(lua, where, pull, "pull", name);
        declare_transform(lua, -1, &inside, &types[i]);
        inside = push_way(lua, where, push, "push", name);
        declare_push(lua, -1, &inside, &types[i]);
        lua_pop(lua, 2);
    }
    sync->types = types;
    sync->type_count = names->length;
    check_way(lua, where, pull, "pull");
    check_way(lua, where, push, "push");
}

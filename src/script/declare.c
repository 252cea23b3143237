#include "script/declare.h"

#include <lauxlib.h>

#include "script/script_handle.h"
#include "script/script_option.h"
#include "script/script_secret.h"
#include "script/script_value.h"

int declare_datasource(lua_State *lua) {
    const struct source_type *type = lua_touserdata(lua, lua_upvalueindex(1));
    char name[64];
    lua_settop(lua, 1);
    lua_pushfstring(lua, "weir.%s", type->kind);
    struct text shown = text_of(lua_tostring(lua, 2));
    script_must_declare(lua, shown.data);
    struct error error;
    size_t length = shown.length < sizeof name ? shown.length : sizeof name - 1;
    memcpy(name, shown.data, length);
    name[length] = '\0';
    struct option_reader reader = {.where = script_where(lua, type->kind), .name = name};
    static const struct option none[] = {{0}};
    const struct option *own = type->options != NULL ? type->options->options : none;
    const struct option *own_type = type->type_options != NULL ? type->type_options->options : none;
    const struct option *inner = option_join(lua, option_type_common, own_type, NULL);
    const struct option *options = option_join(lua, option_datasource, own, inner);
    struct datasource *source = script_take(lua, 1, sizeof *source);
    source->type = type;
    source->settings = option_read(lua, 1, options, &reader);
    source->name = option_text(source->settings, "name");
    struct value types = option_value(source->settings, "types");
    if (types.kind != VALUE_OBJECT || types.as.object->shape->count == 0) {
        script_raise_at(lua, &reader.where, "types", ERROR_OPTION_MISSING,
                        "%s: types names no type; for instance types = { reading = { key = \"id\" } }", name);
    }
    source->types = types.as.object;
    if (!datatype_name_check(source->name, false, &error)) {
        script_raise_at(lua, &reader.where, "name", ERROR_OPTION_TYPE, "%s: name: %s", name, error.message);
    }
    handle_push(lua, HANDLE_DATASOURCE, source, 0);
    return 1;
}

int declare_path(lua_State *lua) {
    int count = lua_gettop(lua);
    struct script_where where = script_where(lua, "path");
    script_must_declare(lua, "weir.path");
    struct text *names = script_take(lua, (size_t)count, sizeof *names);
    struct path *path = script_take(lua, 1, sizeof *path);
    struct take take = {
        .views = &script_of(lua)->mapper.views, .arena = &script_of(lua)->arena, .where = &where, .name = "weir.path"};
    for (int i = 0; i < count || count == 0; i++) {
        if (lua_type(lua, i + 1) != LUA_TSTRING) {
            script_raise_at(lua, &where, NULL, ERROR_OPTION_TYPE, "weir.path takes names: weir.path(\"geo\", \"lat\")");
        }
        names[i] = value_take_text(lua, i + 1, &take);
    }
    *path = (struct path){names, (size_t)count};
    handle_push(lua, HANDLE_PATH, path, 0);
    return 1;
}

int declare_secret(lua_State *lua) {
    struct script_where where = script_where(lua, "secret");
    struct error error;
    script_must_declare(lua, "weir.secret");
    if (lua_type(lua, 1) != LUA_TSTRING) {
        script_raise_at(lua, &where, NULL, ERROR_OPTION_TYPE, "weir.secret takes a name: weir.secret \"token\"");
    }
    struct text name;
    name.data = lua_tolstring(lua, 1, &name.length);
    if (!secret_name_check(name, &error)) {
        script_raise_at(lua, &where, NULL, ERROR_SECRET, "%s", error.message);
    }
    struct text *kept = script_take(lua, 1, sizeof *kept);
    *kept = script_text_copy(lua, name);
    handle_push(lua, HANDLE_SECRET, kept, 0);
    return 1;
}

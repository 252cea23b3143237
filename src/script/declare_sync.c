// weir.sync { … }: everything a script declared, put together as one struct sync.

#include <ctype.h>
#include <lauxlib.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "format/format_json.h"
#include "script/declare.h"
#include "script/script_handle.h"
#include "script/script_option.h"
#include "script/script_settings.h"

enum { NAME_MAX_BYTES = 60, TYPES_MAX = 1000, PARAMS_BYTES_MAX = 1024 * 1024 };

bool declare_is_name(struct text name) {
    bool fits = name.length > 0 && name.length <= NAME_MAX_BYTES && isalnum((unsigned char)name.data[0]);
    for (size_t i = 0; fits && i < name.length; i++) {
        fits = isalnum((unsigned char)name.data[i]) || name.data[i] == '_' || name.data[i] == '-';
    }
    return fits;
}

// The last part of a path and what stands before it.
static struct text split_last(struct text *path) {
    size_t at = path->length;
    while (at > 0 && path->data[at - 1] != '/') {
        at--;
    }
    struct text last = {path->data + at, path->length - at};
    path->length = at > 0 ? at - 1 : 0;
    return last;
}

static struct text without(struct text name, const char *ending) {
    size_t length = strlen(ending);
    bool ends = name.length > length && memcmp(name.data + name.length - length, ending, length) == 0;
    return (struct text){name.data, name.length - (ends ? length : 0)};
}

// The org and the name that a sync's place says: syncs/ORG/NAME.lua, or .json. An empty org when it stands elsewhere.
static void names_of_place(lua_State *lua, struct text *org, struct text *name) {
    struct script *script = script_of(lua);
    char whole[PATH_MAX];
    *org = (struct text){"", 0};
    struct text given = script->settings != NULL ? script->settings->path : script->path;
    struct text path = realpath(given.data, whole) != NULL ? text_of(whole) : given;
    struct text file = split_last(&path);
    struct text folder = split_last(&path);
    struct text above = split_last(&path);
    *name = script_text_copy(lua, without(file, script->settings != NULL ? ".json" : ".lua"));
    if (text_is(above, "syncs") && !text_is(folder, "datatypes")) {
        *org = script_text_copy(lua, folder);
    }
}

// A script in the folder of templates may be looked at. To run it, somebody must make a sync of it.
static void refuse_template(lua_State *lua, const struct script_where *where) {
    const struct script *script = script_of(lua);
    if (text_is(script->sync.org, "templates") && (script->settings != NULL || !script->setup.declare_only)) {
        script_raise_at(lua, where, NULL, ERROR_SCRIPT_SHAPE,
                        "the folder templates is no organisation's; make a sync of the script with a file NAME.json in "
                        "an organisation's folder: {\"template\": \"%.60s\"}",
                        script->sync.name.data);
    }
}

static void take_names(lua_State *lua, const struct script_where *where, const struct object *options) {
    struct script *script = script_of(lua);
    struct sync *sync = &script->sync;
    struct text org = option_text(options, "org");
    struct text name = option_text(options, "name");
    names_of_place(lua, &sync->org, &sync->name);
    refuse_template(lua, where);
    if (sync->org.length > 0 && org.length > 0 && !text_same(org, sync->org)) {
        script_raise_at(lua, where, "org", ERROR_OPTION_TYPE,
                        "org is \"%.60s\", but the script's folder says \"%.60s\"", org.data, sync->org.data);
    }
    if (sync->org.length == 0 && org.length == 0) {
        script_raise_at(lua, where, NULL, ERROR_OPTION_MISSING,
                        "the script stands in no organisation's folder (syncs/ORG/); name it: org = \"mywell\"");
    }
    sync->org = org.length > 0 ? org : sync->org;
    sync->name = name.length > 0 && script->settings == NULL ? name : sync->name;
    if (!declare_is_name(sync->org) || !declare_is_name(sync->name)) {
        bool is_org = !declare_is_name(sync->org);
        script_raise_at(lua, where, is_org ? "org" : "name", ERROR_OPTION_TYPE,
                        "\"%.60s\" can't name %s: it has 1 to %d letters, digits, _ or -, a letter or digit first",
                        is_org ? sync->org.data : sync->name.data, is_org ? "an organisation" : "a sync",
                        NAME_MAX_BYTES);
    }
}

static int compare_datatypes(const void *a, const void *b) {
    const struct datatype *left = *(const struct datatype *const *)a;
    const struct datatype *right = *(const struct datatype *const *)b;
    return text_compare(left->name, right->name);
}

const char *declare_meant_datatype(lua_State *lua, struct text name) {
    const struct sync *sync = &script_of(lua)->sync;
    const char **names = script_take(lua, sync->datatype_count + 1, sizeof *names);
    for (size_t i = 0; i < sync->datatype_count; i++) {
        names[i] = sync->datatypes[i]->name.data;
    }
    return script_meant(name, names);
}

// The table at the top of the stack.
static void take_datatypes(lua_State *lua, const struct script_where *where) {
    struct sync *sync = &script_of(lua)->sync;
    int index = lua_gettop(lua);
    struct error error;
    size_t count = 0;
    if (!lua_istable(lua, index)) {
        script_raise_at(lua, where, "datatypes", ERROR_OPTION_TYPE,
                        "datatypes takes a table of datatypes by name, not %s", handle_describe(lua, index));
    }
    for (lua_pushnil(lua); lua_next(lua, index) != 0; lua_pop(lua, 1)) {
        if (lua_type(lua, -2) != LUA_TSTRING || handle_data(lua, -1, HANDLE_DATATYPE) == NULL || ++count > TYPES_MAX) {
            script_raise_at(lua, where, "datatypes", ERROR_OPTION_TYPE,
                            "datatypes takes names with weir.datatype { ... }, not %s", handle_describe(lua, -1));
        }
    }
    const struct datatype **datatypes = script_take(lua, count, sizeof *datatypes);
    size_t at = 0;
    for (lua_pushnil(lua); lua_next(lua, index) != 0; lua_pop(lua, 1)) {
        struct datatype *datatype = script_take(lua, 1, sizeof *datatype);
        *datatype = *(const struct datatype *)handle_data(lua, -1, HANDLE_DATATYPE);
        datatype->name = script_text_copy(lua, text_of(lua_tostring(lua, -2)));
        if (!datatype_name_check(datatype->name, false, &error)) {
            script_raise_at(lua, where, "datatypes", ERROR_OPTION_TYPE, "%s", error.message);
        }
        datatypes[at++] = datatype;
    }
    qsort(datatypes, count, sizeof *datatypes, compare_datatypes);
    sync->datatypes = datatypes;
    sync->datatype_count = count;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < datatypes[i]->count; j++) {
            const struct field *field = &datatypes[i]->fields[j];
            if (field->type == FIELD_REF && sync_datatype(sync, field->target) == NULL) {
                script_raise_at(lua, where, "datatypes", ERROR_OPTION_MISSING,
                                "%s.%s refers to \"%.60s\", which is not among the datatypes", datatypes[i]->name.data,
                                field->name.data, field->target.data);
            }
        }
    }
}

static void take_errors(lua_State *lua, const struct script_where *where, const struct object *errors,
                        struct sync *sync) {
    struct value stop = option_value(errors, "stop_after");
    sync->retry_max = option_integer(errors, "retry");
    if (sync->retry_max < 0 || sync->retry_max > 1000) {
        script_raise_at(lua, where, "retry", ERROR_OPTION_TYPE, "errors: retry is between 0 and 1000");
    }
    sync->stop_after = declare_share(stop);
}

// The canonical JSON of the parameters, by name.
static bool params_text(struct script *script, struct error *error) {
    struct buffer buffer;
    size_t count = 0;
    struct text *names = arena_take(&script->arena, script->param_count * sizeof *names);
    struct value *values = arena_take(&script->arena, script->param_count * sizeof *values);
    if (names == NULL || values == NULL) {
        return error_memory(error);
    }
    for (size_t i = 0; i < script->param_count; i++) {
        if (script->params[i].value.kind != VALUE_MISSING) {
            names[count] = script->params[i].name;
            values[count++] = script->params[i].value;
        }
    }
    struct shape shape = {(uint32_t)count, names};
    struct object object = {&shape, values};
    struct value all = value_object(&object);
    buffer_init(&buffer, PARAMS_BYTES_MAX);
    bool ok = json_write_canonical(&buffer, &all, &script->scratch) && !buffer.failed &&
              arena_text(&script->arena, buffer_view(&buffer), &script->sync.params);
    buffer_clear(&buffer);
    return ok || error_memory(error);
}

static void push_option(lua_State *lua, const char *key) {
    lua_pushstring(lua, key);
    lua_rawget(lua, 1);
}

// What must be known before the rest: who it is for and what it was given.
static const struct object *take_setting(lua_State *lua, struct option_reader *reader) {
    struct script *script = script_of(lua);
    struct error error;
    if (script->has_sync) {
        script_raise_at(lua, &reader->where, NULL, ERROR_SCRIPT_SHAPE, "a script declares one weir.sync, not two");
    }
    const struct object *options = option_read(lua, 1, option_sync, reader);
    take_names(lua, &reader->where, options);
    push_option(lua, "params");
    declare_params(lua, lua_gettop(lua), &reader->where);
    lua_pop(lua, 1);
    if (!options_patch(script, &error) || !params_text(script, &error)) {
        script_raise(lua, &error);
    }
    return options;
}

int declare_sync(lua_State *lua) {
    struct script *script = script_of(lua);
    struct sync *sync = &script->sync;
    struct option_reader reader = {
        .where = script_where(lua, "sync"), .name = "weir.sync", .keep_any = true, .fixed = true};
    script_must_declare(lua, "weir.sync");
    lua_settop(lua, 1);
    if (script->is_derive) {
        handle_push(lua, HANDLE_SYNC, sync, 0); // only the datatypes are wanted
        return 1;
    }
    const struct object *options = take_setting(lua, &reader);
    struct value names = option_value(options, "types");
    if (names.length == 0) {
        script_raise_at(lua, &reader.where, "types", ERROR_OPTION_MISSING, "types names nothing to bring over");
    }
    push_option(lua, "datasource");
    const struct datasource *source = handle_data(lua, -1, HANDLE_DATASOURCE);
    if (source == NULL) {
        script_raise_at(lua, &reader.where, "datasource", ERROR_OPTION_TYPE,
                        "datasource takes a datasource like weir.csv { ... }, not %s", handle_describe(lua, -1));
    }
    sync->datasource = source->name;
    sync->source = source->type;
    sync->source_settings = source->settings;
    sync->source_types = source->types;
    declare_schedule(lua, &reader.where, options);
    take_errors(lua, &reader.where, option_value(options, "errors").as.object, sync);
    push_option(lua, "datatypes");
    take_datatypes(lua, &reader.where);
    push_option(lua, "pull");
    push_option(lua, "push");
    push_option(lua, "conflict");
    int conflict = lua_gettop(lua);
    declare_way(lua, &reader.where, options, conflict - 2, conflict - 1, conflict);
    declare_types(lua, &reader.where, &names, conflict - 2, conflict - 1);
    declare_way_check(lua, &reader.where);
    settings_apply(lua, &reader.where, !lua_isnil(lua, conflict));
    script->has_sync = true;
    handle_push(lua, HANDLE_SYNC, sync, 0);
    return 1;
}

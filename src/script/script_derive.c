// script_derive_open: home's own modules, loaded again without the sync that declared them.

#include <lauxlib.h>
#include <stdio.h>

#include "script/declare.h"
#include "script/script.h"
#include "script/script_pin.h"

enum { DATATYPES_MAX = 1000 };

// Lays out a text's modules for `require` to find.
static bool lay_out(struct script *script, const struct pin *pin, size_t number, struct error *error) {
    script->pinned = NULL;
    for (size_t i = 0; i < pin->module_count; i++) {
        const struct pin_module *module = &pin->modules[i];
        struct script_chunk *chunk = arena_take_zero(&script->arena, 1, sizeof *chunk);
        // A path of its own for each text, by which a line is found again.
        char again[32] = "";
        if (number > 0) {
            snprintf(again, sizeof again, " (%zu)", number + 1);
        }
        char *path = arena_print(&script->arena, "home's %.*s.lua%s", TEXT_ARGS(module->name), again);
        if (chunk == NULL || path == NULL || !arena_text(&script->arena, module->name, &chunk->name) ||
            !arena_text(&script->arena, module->text, &chunk->text)) {
            return error_memory(error);
        }
        chunk->path = text_of(path);
        chunk->next = script->pinned;
        script->pinned = chunk;
    }
    return true;
}

// Requires the module whose name is the text at index 1.
static int require_module(lua_State *lua) {
    const struct text *name = lua_touserdata(lua, 1);
    lua_pushcfunction(lua, sandbox_require);
    lua_pushlstring(lua, name->data, name->length);
    lua_call(lua, 1, 0);
    return 0;
}

static bool load_modules(struct script *script, struct pin *pin, struct error *error) {
    lua_State *lua = sandbox_lua(script->sandbox);
    lua_pushcfunction(lua, sandbox_forget);
    if (!sandbox_call(script->sandbox, 0, 0, ERROR_SCRIPT_RAISED, error)) {
        return false;
    }
    for (size_t i = 0; i < pin->module_count; i++) {
        struct text *name = &pin->modules[i].name;
        lua_pushcfunction(lua, require_module);
        lua_pushlightuserdata(lua, name);
        if (!sandbox_call(script->sandbox, 1, 0, ERROR_SCRIPT_RAISED, error)) {
            script_reason(script, error);
            return error_place(error, "home's %.*s.lua", TEXT_ARGS(*name)); // where Lua knew no line
        }
    }
    return true;
}

static const struct script_declaration *find_declaration(const struct script *script, struct text module, size_t place,
                                                         const struct script_chunk *before) {
    for (const struct script_declaration *each = script->declarations; each != NULL; each = each->next) {
        if (each->place == place && text_same(each->chunk->name, module)) {
            // The chunks of earlier texts come first.
            for (const struct script_chunk *chunk = before; chunk != NULL; chunk = chunk->next) {
                if (chunk == each->chunk) {
                    return each;
                }
            }
        }
    }
    return NULL;
}

// Whether every module declared as many datatypes as it did when it was kept: else the places mean nothing.
static bool check_counts(const struct pin *pin, const struct script_chunk *first, struct error *error) {
    for (const struct script_chunk *chunk = first; chunk != NULL; chunk = chunk->next) {
        for (size_t i = 0; i < pin->module_count; i++) {
            if (text_same(pin->modules[i].name, chunk->name) && pin->modules[i].datatypes != chunk->datatypes) {
                error_set(error, ERROR_SCRIPT_SHAPE,
                          "it declares %zu datatypes without its sync and %zu with it; declare the same ones always",
                          chunk->datatypes, pin->modules[i].datatypes);
                return error_place(error, "%.*s", TEXT_ARGS(chunk->path));
            }
        }
    }
    return true;
}

static bool take_names(struct script *script, const struct pin *pin, const struct script_chunk *first,
                       const struct datatype **datatypes, struct error *error) {
    struct sync *sync = &script->sync;
    for (size_t i = 0; i < pin->name_count; i++) {
        const struct pin_name *name = &pin->names[i];
        const struct script_declaration *from = find_declaration(script, name->module, name->place, first);
        struct datatype *datatype = arena_take_zero(&script->arena, 1, sizeof *datatype);
        if (datatype == NULL) {
            return error_memory(error);
        }
        if (from == NULL || sync->datatype_count == DATATYPES_MAX) {
            return error_set(error, ERROR_HOME_DAMAGED, "home keeps no declaration of the datatype %.*s",
                             TEXT_ARGS(name->datatype));
        }
        if (sync_datatype(sync, name->datatype) != NULL) {
            continue; // an earlier text's
        }
        *datatype = *from->datatype;
        if (!arena_text(&script->arena, name->datatype, &datatype->name)) {
            return error_memory(error);
        }
        datatypes[sync->datatype_count++] = datatype;
    }
    return true;
}

static bool load_text(struct script *script, struct text text, size_t number, const struct datatype **datatypes,
                      struct error *error) {
    struct pin pin;
    struct script_chunk **first = script->chunks_end;
    if (!pin_read(text, &script->arena, &pin, error) || !lay_out(script, &pin, number, error) ||
        !load_modules(script, &pin, error)) {
        return false;
    }
    return check_counts(&pin, *first, error) && take_names(script, &pin, *first, datatypes, error);
}

bool script_derive_open(const struct script_setup *setup, const struct text *texts, size_t count, struct script **out,
                        struct error *error) {
    struct script *script;
    struct script_setup own = *setup;
    own.path = "home";
    own.params = NULL;
    own.param_count = 0;
    own.declare_only = true;
    if (!script_begin(&own, &script, error)) {
        return false;
    }
    const struct datatype **datatypes = arena_take_zero(&script->arena, DATATYPES_MAX, sizeof *datatypes);
    bool ok = datatypes != NULL || error_memory(error);
    script->is_derive = true;
    script->sync.datatypes = datatypes;
    for (size_t i = 0; i < count && ok; i++) {
        ok = load_text(script, texts[i], i, datatypes, error);
    }
    script->is_declaring = false;
    if (!ok) {
        script_close(script);
        return false;
    }
    *out = script;
    return true;
}

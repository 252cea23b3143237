#include "script/script.h"

#include <string.h>

#include "base/memory.h"
#include "format/format_json.h"
#include "script/declare.h"
#include "script/script_handle.h"
#include "script/script_library.h"
#include "script/script_module.h"
#include "script/script_pin.h"
#include "script/script_settings.h"

// Enough for the largest script with all its modules and declarations.
enum { ARENA_BYTES_MAX = 256 * 1024 * 1024, SCRATCH_BYTES_MAX = 16 * 1024 * 1024 };

static const char script_key;

struct script *script_of(lua_State *lua) {
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &script_key);
    struct script *script = lua_touserdata(lua, -1);
    lua_pop(lua, 1);
    return script;
}

// Lets the script be found from Lua; the one thing that is done before the library.
static int introduce(lua_State *lua) {
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &script_key);
    return 0;
}

static bool open_state(struct script *script, struct error *error) {
    const struct script_setup *setup = &script->setup;
    struct sandbox_setup sandbox = {.memory_max = setup->memory_max,
                                    .steps_max = setup->steps_max,
                                    .clock = setup->clock,
                                    .log = setup->log,
                                    .stop = setup->stop};
    if (!sandbox_open(&sandbox, &script->sandbox, error)) {
        return false;
    }
    lua_State *lua = sandbox_lua(script->sandbox);
    lua_pushcfunction(lua, introduce);
    lua_pushlightuserdata(lua, script);
    if (!sandbox_call(script->sandbox, 1, 0, ERROR_SCRIPT_RAISED, error)) {
        return false;
    }
    sandbox_modules(script->sandbox, module_find, script);
    script->is_declaring = true;
    return library_load(script, error);
}

static bool take_path(struct script *script, struct error *error) {
    struct text path = text_of(script->setup.path);
    if (!arena_text(&script->arena, path, &script->path)) {
        return error_memory(error);
    }
    if (settings_is(script->path) && !settings_read(script, error)) {
        return false;
    }
    return module_folder(script, script->path, &script->folder) || error_memory(error);
}

// Runs the script; it must return what weir.sync gave it.
static bool run_script(struct script *script, struct error *error) {
    struct script_chunk *chunk;
    lua_State *lua = sandbox_lua(script->sandbox);
    if (!module_read(script, TEXT_LITERAL("script"), script->path.data, &chunk, error) ||
        !sandbox_load(script->sandbox, chunk->text, chunk->path.data, error)) {
        return false;
    }
    if (!sandbox_call(script->sandbox, 0, 1, ERROR_SCRIPT_RAISED, error)) {
        script_reason(script, error);
        return false;
    }
    bool is_sync = handle_data(lua, -1, HANDLE_SYNC) != NULL;
    lua_pop(lua, 1);
    if (!is_sync) {
        error_set(error, ERROR_SCRIPT_SHAPE, "the script returns no sync; its last line is: return weir.sync { ... }");
        return error_place(error, "%s", script->path.data);
    }
    return true;
}

// The parameters that may decide what becomes of a record. Where a file lies does not: the same row in next month's
// file is the same row, and is skipped by its link.
static bool params_print(const struct script *script, struct print *out) {
    struct buffer given;
    buffer_init(&given, ARENA_BYTES_MAX);
    for (size_t i = 0; i < script->param_count; i++) {
        const struct param *param = &script->params[i];
        if (param->type != PARAM_FILE) {
            buffer_text(&given, param->name);
            buffer_byte(&given, '=');
            json_write(&given, &param->value);
            buffer_byte(&given, '\n');
        }
    }
    *out = print_of(buffer_view(&given), 0);
    bool ok = !given.failed;
    buffer_clear(&given);
    return ok;
}

// The texts that home pins, and the fingerprint of all that decides what becomes of a record.
static bool seal(struct script *script, struct error *error) {
    struct sync *sync = &script->sync;
    struct buffer pinned;
    struct print print;
    if (!params_print(script, &print)) {
        return error_memory(error);
    }
    buffer_init(&pinned, ARENA_BYTES_MAX);
    for (const struct script_chunk *chunk = script->chunks; chunk != NULL; chunk = chunk->next) {
        print = print_join(print, print_join(print_of(chunk->name, 1), print_of(chunk->text, 2)));
    }
    pin_write(&pinned, script);
    bool ok = !pinned.failed && arena_text(&script->arena, buffer_view(&pinned), &sync->datatype_text);
    sync->script_text = script->chunks->text;
    if (script->settings != NULL) {
        print = print_join(print, print_of(script->settings->text, 3));
        buffer_reset(&pinned);
        settings_pin(&pinned, script);
        ok = ok && !pinned.failed && arena_text(&script->arena, buffer_view(&pinned), &sync->script_text);
    }
    buffer_clear(&pinned);
    sync->print = print;
    sync->script_path = script->path;
    sync->folder = script->setup.files != NULL ? text_of(script->setup.files) : script->folder;
    sync->mapper = &script->mapper.base;
    return ok || error_memory(error);
}

bool script_begin(const struct script_setup *setup, struct script **out, struct error *error) {
    struct script *script = memory_zero(1, sizeof *script);
    if (script == NULL) {
        return error_memory(error);
    }
    script->setup = *setup;
    script->chunks_end = &script->chunks;
    arena_init(&script->arena, ARENA_BYTES_MAX);
    arena_init(&script->scratch, SCRATCH_BYTES_MAX);
    script_mapper_init(&script->mapper, script);
    if (!take_path(script, error) || !open_state(script, error)) {
        script_close(script);
        return false;
    }
    *out = script;
    return true;
}

bool script_open(const struct script_setup *setup, struct script **out, struct error *error) {
    struct script *script;
    if (!script_begin(setup, &script, error)) {
        return false;
    }
    bool ok = run_script(script, error) && seal(script, error);
    script->is_declaring = false;
    if (!ok) {
        script_close(script);
        return false;
    }
    *out = script;
    return true;
}

void script_close(struct script *script) {
    if (script == NULL) {
        return;
    }
    sandbox_close(script->sandbox);
    script_mapper_clear(&script->mapper);
    arena_clear(&script->scratch);
    arena_clear(&script->arena);
    memory_free(script);
}

const struct sync *script_sync(const struct script *script) {
    return &script->sync;
}

const struct datatype *const *script_datatypes(const struct script *script, size_t *count) {
    *count = script->sync.datatype_count;
    return script->sync.datatypes;
}

struct mapper *script_functions(struct script *script) {
    return &script->mapper.base;
}

const struct script_declared *script_params(const struct script *script, size_t *count) {
    *count = script->declared_count;
    return script->declared;
}

#include "script/script_mapper.h"

#include <assert.h>
#include <lauxlib.h>
#include <math.h>
#include <string.h>

#include "script/script_handle.h"
#include "script/script_state.h"
#include "script/script_value.h"

static const struct mapper_type lua_mapper;

void script_mapper_init(struct script_mapper *mapper, struct script *script) {
    mapper->base.type = &lua_mapper;
    mapper->script = script;
    views_init(&mapper->views);
    mapper->pool_next = MAPPER_POOL; // empty: filled at the first call
}

void script_mapper_clear(struct script_mapper *mapper) {
    views_clear(&mapper->views);
}

// Fills the pool with views that show nothing yet.
static int pool_fill(lua_State *lua) {
    struct script_mapper *mapper = lua_touserdata(lua, 1);
    for (size_t i = 0; i < MAPPER_POOL; i++) {
        mapper->pool[i] = view_push_blank(lua, &mapper->views);
        lua_rawseti(lua, LUA_REGISTRYINDEX, mapper->pool_references[i]);
    }
    return 0;
}

void script_mapper_setup(lua_State *lua, struct script_mapper *mapper) {
    views_setup(lua, &mapper->views);
    for (size_t i = 0; i < MAPPER_POOL; i++) {
        lua_pushboolean(lua, false);
        mapper->pool_references[i] = luaL_ref(lua, LUA_REGISTRYINDEX);
    }
}

uint32_t script_mapper_add(lua_State *lua, struct script_mapper *mapper, int index, enum mapper_answer answer) {
    struct script *script = mapper->script;
    if (mapper->count == MAPPER_FUNCTIONS_MAX) {
        luaL_error(lua, "a script has at most %d functions of fields", MAPPER_FUNCTIONS_MAX);
    }
    if (mapper->count == mapper->capacity) {
        size_t capacity = mapper->capacity > 0 ? mapper->capacity * 2 : 16;
        struct mapper_function *functions = script_take(lua, capacity, sizeof *functions);
        if (mapper->count > 0) {
            memcpy(functions, mapper->functions, mapper->count * sizeof *functions);
        }
        mapper->functions = functions;
        mapper->capacity = capacity;
    }
    lua_Debug activation;
    lua_pushvalue(lua, index);
    lua_getinfo(lua, ">S", &activation);
    const char *source = activation.source[0] == '@' ? activation.source + 1 : "weir";
    char *place = arena_print(&script->arena, "%s:%d", source, activation.linedefined);
    if (place == NULL) {
        script_raise_memory(lua);
    }
    lua_pushvalue(lua, index);
    mapper->functions[mapper->count] =
        (struct mapper_function){text_of(place), luaL_ref(lua, LUA_REGISTRYINDEX), answer};
    return (uint32_t)mapper->count++;
}

// --- a call ---

// What the protected part of a call needs to know.
struct call {
    struct script_mapper *mapper;
    const struct mapper_function *function;
    struct arena *arena;
    struct mapped *out;
};

// Says of an error that one record's function raised that it is that record's own, and where it happened. Whatever the
// function did: only that the machine has no memory, or that all is to end, ends the run.
static bool call_failed(const struct call *call, struct error *error) {
    script_reason(call->mapper->script, error);
    if (error->code != ERROR_MEMORY && error->code != ERROR_RUN_INTERRUPTED) {
        error->scope = ERROR_RECORD;
    }
    return error_place(error, "%.*s", TEXT_ARGS(call->function->place));
}

// The view of a record; functions of the same record share it. NULL when the pool could not be filled.
static struct view *call_view(const struct call *call, const struct object *record, bool is_writable,
                              struct error *error) {
    struct script_mapper *mapper = call->mapper;
    lua_State *lua = sandbox_lua(mapper->script->sandbox);
    bool same = !is_writable && mapper->values == record->values && mapper->shape == record->shape;
    if (!same && ++mapper->pool_next >= MAPPER_POOL) {
        lua_pushcfunction(lua, pool_fill);
        lua_pushlightuserdata(lua, mapper);
        if (!sandbox_call(mapper->script->sandbox, 1, 0, ERROR_TRANSFORM, error)) {
            mapper->values = NULL;
            call_failed(call, error);
            return NULL;
        }
        mapper->pool_next = 0;
    }
    struct view *view = mapper->pool[mapper->pool_next];
    if (!same) {
        view_show(view, record, is_writable);
        mapper->shape = record->shape;
        mapper->values = is_writable ? NULL : record->values;
    }
    return view;
}

// Pushes the function and its view. Nothing here takes memory of Lua's, so nothing raises outside of the door.
static void call_push(const struct call *call) {
    struct script_mapper *mapper = call->mapper;
    lua_State *lua = sandbox_lua(mapper->script->sandbox);
    lua_rawgeti(lua, LUA_REGISTRYINDEX, call->function->reference);
    lua_rawgeti(lua, LUA_REGISTRYINDEX, mapper->pool_references[mapper->pool_next]);
}

// Whether the answer at index 1 is weir.skip(reason): then takes the reason.
static bool take_skip(lua_State *lua, struct call *call, const struct take *take) {
    const struct handle *handle = handle_at(lua, 1);
    if (handle == NULL || handle->kind != HANDLE_SKIP) {
        return false;
    }
    lua_getiuservalue(lua, 1, 1);
    call->out->skipped = true;
    call->out->reason = value_take_text(lua, -1, take);
    return true;
}

// --- functions of a field ---

static int take_field(lua_State *lua) {
    struct call *call = lua_touserdata(lua, 2);
    lua_settop(lua, 1);
    size_t room = VALUE_ANSWER_MAX;
    struct take take = {.views = &call->mapper->views,
                        .arena = call->arena,
                        .room = &room,
                        .sequences = call->function->answer == ANSWER_SEQUENCE};
    const struct handle *handle = handle_at(lua, 1);
    if (take_skip(lua, call, &take)) {
        return 0;
    }
    if (call->function->answer == ANSWER_TRUTH) {
        bool is_null = handle != NULL && handle->kind == HANDLE_NULL;
        call->out->value = value_bool(lua_toboolean(lua, 1) && !is_null);
    } else {
        value_take(lua, 1, &take, 0, &call->out->value);
    }
    return 0;
}

// A finite float as a decimal.
static bool take_float(lua_State *lua, const struct call *call, bool *ok, struct error *error) {
    double number = lua_tonumber(lua, -1);
    if (!isfinite(number)) {
        return false;
    }
    char digits[NUMBER_TEXT_MAX];
    int length = value_number_text(number, digits);
    char *copy = arena_copy(call->arena, digits, (size_t)length);
    if (copy == NULL) {
        *ok = error_memory(error);
    } else {
        call->out->value = value_decimal((struct text){copy, (size_t)length});
    }
    return true;
}

// The answers that need no door: reading them takes no memory of Lua's. False when the answer is another.
static bool take_plain(lua_State *lua, const struct call *call, bool *ok, struct error *error) {
    *ok = true;
    if (call->function->answer == ANSWER_TRUTH && lua_type(lua, -1) != LUA_TUSERDATA) {
        call->out->value = value_bool(lua_toboolean(lua, -1));
        return true;
    }
    switch (lua_type(lua, -1)) {
    case LUA_TNIL:
        return true;
    case LUA_TBOOLEAN:
        call->out->value = value_bool(lua_toboolean(lua, -1));
        return true;
    case LUA_TNUMBER:
        call->out->value = value_integer(lua_tointeger(lua, -1));
        return lua_isinteger(lua, -1) || take_float(lua, call, ok, error);
    case LUA_TSTRING: {
        struct text text;
        text.data = lua_tolstring(lua, -1, &text.length);
        if (!text_utf8(text, NULL) || text.length > VALUE_ANSWER_MAX) {
            return false;
        }
        if (!arena_text(call->arena, text, &text)) {
            *ok = error_memory(error);
            return true;
        }
        call->out->value = value_text(text);
        return true;
    }
    default:
        return false;
    }
}

static bool lua_mapper_field(struct mapper *base, uint32_t function, const struct object *record, struct arena *arena,
                             struct mapped *out, struct error *error) {
    struct script_mapper *mapper = (struct script_mapper *)base;
    struct sandbox *sandbox = mapper->script->sandbox;
    lua_State *lua = sandbox_lua(sandbox);
    struct call call = {mapper, &mapper->functions[function], arena, out};
    int top = lua_gettop(lua);
    mapper->views.arena = arena;
    bool ok = call_view(&call, record, false, error) != NULL && sandbox_prepare(sandbox, error);
    if (ok) {
        call_push(&call);
        ok = sandbox_enter(sandbox, 1, 1, ERROR_TRANSFORM, error) || call_failed(&call, error);
    }
    if (ok && !take_plain(lua, &call, &ok, error)) {
        lua_pushcfunction(lua, take_field); // a light function: takes no memory
        lua_insert(lua, -2);
        lua_pushlightuserdata(lua, &call);
        ok = sandbox_enter(sandbox, 2, 0, ERROR_TRANSFORM, error) || call_failed(&call, error);
    }
    lua_settop(lua, top);
    mapper->views.arena = NULL;
    return ok;
}

// --- functions of a whole record ---

// The record at an index of the stack: the view, a table, or weir.record(type, …).
static void take_one(lua_State *lua, int index, const struct take *take, struct mapped_record *out) {
    struct take inner = *take;
    const struct handle *handle = handle_at(lua, index);
    struct value value = {.kind = VALUE_MISSING};
    if (handle != NULL && handle->kind == HANDLE_RECORD) {
        lua_getiuservalue(lua, index, 2);
        out->type = value_take_text(lua, -1, take);
        lua_getiuservalue(lua, index, 1);
        inner.sequences = false;
        value_take(lua, -1, &inner, 0, &value);
        lua_pop(lua, 2);
    } else if (lua_type(lua, index) == LUA_TTABLE || view_at(lua, index) != NULL) {
        value_take(lua, index, &inner, 0, &value);
    }
    if (value.kind != VALUE_OBJECT) {
        value_refuse(lua, take,
                     "a record's function returned %s; it returns the record, a table of fields, "
                     "weir.record(type, fields), a list of those, or weir.skip(reason)",
                     handle_describe(lua, index));
    }
    if (value.as.object->shape->count == 0) {
        value_refuse(lua, take,
                     "a record's function returned a record without fields; return weir.skip(reason) to "
                     "leave one out");
    }
    out->fields = *value.as.object;
}

// Takes the answer at index 1.
static void take_records(lua_State *lua, struct call *call) {
    size_t room = VALUE_ANSWER_MAX;
    struct take take = {.views = &call->mapper->views, .arena = call->arena, .room = &room};
    if (take_skip(lua, call, &take)) {
        return;
    }
    bool is_list = lua_istable(lua, 1) && (lua_rawlen(lua, 1) > 0 || value_is_list(lua, 1, take.views));
    size_t count = is_list ? (size_t)lua_rawlen(lua, 1) : 1;
    if (count == 0) {
        value_refuse(lua, &take, "a record's function returned no records; return weir.skip(reason) to leave one out");
    }
    value_take_room(lua, &take, count * sizeof(struct mapped_record));
    struct mapped_record *records = arena_take_zero(call->arena, count, sizeof *records);
    if (records == NULL) {
        script_raise_memory(lua);
    }
    for (size_t i = 0; i < count; i++) {
        if (is_list) {
            lua_rawgeti(lua, 1, (lua_Integer)i + 1);
        }
        take_one(lua, lua_gettop(lua), &take, &records[i]);
        lua_settop(lua, 1);
    }
    lua_Integer keys = 0;
    for (lua_pushnil(lua); is_list && lua_next(lua, 1) != 0; lua_pop(lua, 1)) {
        keys++;
    }
    if (is_list && (size_t)keys != count) {
        value_refuse(lua, &take, "a list of records has items from 1 on without a gap, and no names");
    }
    call->out->records = records;
    call->out->count = count;
}

// The function at index 1 with the view at index 2, and what it answers, behind one door.
static int run_record(lua_State *lua) {
    struct call *call = lua_touserdata(lua, 3);
    struct script_mapper *mapper = call->mapper;
    lua_settop(lua, 2);
    shelf_open(lua, &mapper->views, mapper->pool[mapper->pool_next], mapper->pool_references[mapper->pool_next]);
    lua_call(lua, 1, 2);
    if (!lua_isnil(lua, -1)) {
        return luaL_error(lua, "the function of a record returned more than one value; return a list: { a, b }");
    }
    lua_pop(lua, 1);
    take_records(lua, call);
    return 0;
}

static bool lua_mapper_record(struct mapper *base, uint32_t function, const struct object *record, struct arena *arena,
                              struct mapped *out, struct error *error) {
    struct script_mapper *mapper = (struct script_mapper *)base;
    struct sandbox *sandbox = mapper->script->sandbox;
    lua_State *lua = sandbox_lua(sandbox);
    struct call call = {mapper, &mapper->functions[function], arena, out};
    int top = lua_gettop(lua);
    mapper->views.arena = arena;
    bool ok = call_view(&call, record, true, error) != NULL && sandbox_prepare(sandbox, error);
    if (ok) {
        lua_pushcfunction(lua, run_record);
        call_push(&call);
        lua_pushlightuserdata(lua, &call);
        ok = sandbox_enter(sandbox, 3, 0, ERROR_TRANSFORM, error) || call_failed(&call, error);
        shelf_close(lua, &mapper->views);
    }
    lua_settop(lua, top);
    mapper->views.arena = NULL;
    return ok;
}

// --- functions of several objects ---

// Makes sure that the pool needn't be filled between the views of one call.
static bool pool_reserve(const struct call *call, size_t count, struct error *error) {
    struct script_mapper *mapper = call->mapper;
    if (mapper->pool_next + count < MAPPER_POOL) {
        return true;
    }
    lua_State *lua = sandbox_lua(mapper->script->sandbox);
    mapper->values = NULL;
    lua_pushcfunction(lua, pool_fill);
    lua_pushlightuserdata(lua, mapper);
    if (!sandbox_call(mapper->script->sandbox, 1, 0, ERROR_TRANSFORM, error)) {
        return call_failed(call, error);
    }
    mapper->pool_next = 0;
    return true;
}

// The function and a view of each object; a NULL one is nil. As call_push it takes no memory of Lua's.
static void call_push_all(const struct call *call, const struct object *const *objects, size_t count,
                          struct error *error) {
    struct script_mapper *mapper = call->mapper;
    lua_State *lua = sandbox_lua(mapper->script->sandbox);
    lua_rawgeti(lua, LUA_REGISTRYINDEX, call->function->reference);
    for (size_t i = 0; i < count; i++) {
        if (objects[i] == NULL) {
            lua_pushnil(lua);
        } else {
            const struct view *view = call_view(call, objects[i], false, error);
            assert(view != NULL); // there is room in the pool
            (void)view;
            lua_rawgeti(lua, LUA_REGISTRYINDEX, mapper->pool_references[mapper->pool_next]);
        }
    }
}

static bool lua_mapper_call(struct mapper *base, uint32_t function, const struct object *const *objects, size_t count,
                            struct arena *arena, struct mapped *out, struct error *error) {
    struct script_mapper *mapper = (struct script_mapper *)base;
    struct sandbox *sandbox = mapper->script->sandbox;
    lua_State *lua = sandbox_lua(sandbox);
    struct call call = {mapper, &mapper->functions[function], arena, out};
    int top = lua_gettop(lua);
    assert(count <= MAPPER_OBJECTS_MAX);
    mapper->views.arena = arena;
    bool ok = pool_reserve(&call, count, error) && sandbox_prepare(sandbox, error);
    if (ok) {
        call_push_all(&call, objects, count, error);
        ok = sandbox_enter(sandbox, (int)count, 1, ERROR_TRANSFORM, error) || call_failed(&call, error);
    }
    if (ok && !take_plain(lua, &call, &ok, error)) {
        lua_pushcfunction(lua, take_field);
        lua_insert(lua, -2);
        lua_pushlightuserdata(lua, &call);
        ok = sandbox_enter(sandbox, 2, 0, ERROR_TRANSFORM, error) || call_failed(&call, error);
    }
    lua_settop(lua, top);
    mapper->views.arena = NULL;
    return ok;
}

static void lua_mapper_release(struct mapper *base) {
    struct script_mapper *mapper = (struct script_mapper *)base;
    mapper->views.generation++;
    mapper->values = NULL;
    mapper->shape = NULL;
}

static const struct mapper_type lua_mapper = {lua_mapper_field, lua_mapper_record, lua_mapper_call, lua_mapper_release};

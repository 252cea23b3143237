// Which way records go, who wins where both sides changed one, and what becomes of deletes.

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "script/declare.h"
#include "script/script_handle.h"
#include "script/script_option.h"

struct share declare_share(struct value value) {
    return value.kind == VALUE_TEXT ? (struct share){true, strtod(value.as.text, NULL)}
                                    : (struct share){false, (double)value.as.integer};
}

static void take_direction(lua_State *lua, const struct script_where *where, struct text direction, int pull,
                           int push) {
    struct sync *sync = &script_of(lua)->sync;
    sync->direction = text_is(direction, "both") ? SYNC_BOTH : text_is(direction, "push") ? SYNC_PUSH : SYNC_PULL;
    bool has_push = !lua_isnil(lua, push);
    if (sync->direction == SYNC_PULL && has_push) {
        script_raise_at(lua, where, "push", ERROR_OPTION_TYPE,
                        "there is a push, but the direction is \"pull\"; write direction = \"both\" or \"push\"");
    }
    if (sync->direction == SYNC_PUSH && !lua_isnil(lua, pull)) {
        script_raise_at(lua, where, "pull", ERROR_OPTION_TYPE,
                        "there is a pull, but the direction is \"push\"; write direction = \"both\" or \"pull\"");
    }
    if (sync->direction != SYNC_PULL && sync->source->target == NULL) {
        script_raise_at(lua, where, "direction", ERROR_OPTION_TYPE,
                        "direction is \"%s\", but weir.%s can only be read; write direction = \"pull\"", direction.data,
                        sync->source->kind);
    }
    if (sync->direction != SYNC_PULL && !has_push) {
        script_raise_at(lua, where, "direction", ERROR_OPTION_MISSING,
                        "direction is \"%s\", but no push says what goes out: push = { reading = { … } }",
                        direction.data);
    }
}

enum conflict_policy declare_conflict(enum sync_direction direction) {
    static const enum conflict_policy silent[] = {
        [SYNC_PULL] = CONFLICT_DATASOURCE, [SYNC_PUSH] = CONFLICT_HOME, [SYNC_BOTH] = CONFLICT_FIELDS};
    return silent[direction];
}

static void take_conflict(lua_State *lua, const struct script_where *where, int conflict) {
    static const char *const names[] = {"home", "datasource", "newest", "fields", NULL};
    static const enum conflict_policy policies[] = {CONFLICT_HOME, CONFLICT_DATASOURCE, CONFLICT_NEWEST,
                                                    CONFLICT_FIELDS};
    struct script *script = script_of(lua);
    struct sync *sync = &script->sync;
    sync->conflict = declare_conflict(sync->direction);
    if (lua_isnil(lua, conflict)) {
        return;
    }
    if (lua_isfunction(lua, conflict)) {
        sync->conflict = CONFLICT_FUNCTION;
        sync->conflict_function = script_mapper_add(lua, &script->mapper, conflict, ANSWER_VALUE);
        return;
    }
    if (lua_type(lua, conflict) != LUA_TSTRING) {
        script_raise_at(lua, where, "conflict", ERROR_OPTION_TYPE,
                        "conflict takes \"home\", \"datasource\", \"newest\", \"fields\" or a function, not %s",
                        handle_describe(lua, conflict));
    }
    struct text name = text_of(lua_tostring(lua, conflict));
    for (size_t i = 0; names[i] != NULL; i++) {
        if (text_is(name, names[i])) {
            sync->conflict = policies[i];
            return;
        }
    }
    const char *meant = script_meant(name, names);
    script_raise_at(lua, where, "conflict", ERROR_OPTION_TYPE, "conflict is \"%.60s\"%s%s%s", name.data,
                    meant != NULL ? "; did you mean \""
                                  : "; it can be \"home\", \"datasource\", \"newest\", \"fields\"",
                    meant != NULL ? meant : "", meant != NULL ? "\"?" : " or a function");
}

void declare_way(lua_State *lua, const struct script_where *where, const struct object *options, int pull, int push,
                 int conflict) {
    struct sync *sync = &script_of(lua)->sync;
    struct value deletes = option_value(options, "deletes");
    take_direction(lua, where, option_text(options, "direction"), pull, push);
    take_conflict(lua, where, conflict);
    sync->deletes = deletes.kind == VALUE_OBJECT;
    if (sync->deletes) {
        sync->deletes_at_most = declare_share(option_value(deletes.as.object, "at_most"));
    }
}

void declare_way_check(lua_State *lua, const struct script_where *where) {
    const struct sync *sync = &script_of(lua)->sync;
    for (size_t i = 0; i < sync->type_count; i++) {
        const struct sync_type *type = &sync->types[i];
        if (sync->direction == SYNC_PUSH && !type->pushes) {
            script_raise_at(lua, where, "types", ERROR_OPTION_MISSING,
                            "types names \"%s\", but push says nothing of it: push = { %s = { … } }", type->name.data,
                            type->name.data);
        }
        if (sync->conflict == CONFLICT_NEWEST && (type->cursor.names == NULL || type->cursor_format.length == 0)) {
            script_raise_at(lua, where, "conflict", ERROR_OPTION_MISSING,
                            "conflict = \"newest\" needs to know when a record changed: give the datasource's type %s "
                            "a cursor and its cursor_format",
                            type->name.data);
        }
    }
}

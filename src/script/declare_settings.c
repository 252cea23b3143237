// What the settings of a sync made from a template change of the sync that the template has declared.

#include <stdarg.h>
#include <stdio.h>

#include "script/declare.h"
#include "script/script_settings.h"

_Noreturn static void refuse(lua_State *lua, enum error_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void refuse(lua_State *lua, enum error_code code, const char *format, ...) {
    char message[ERROR_MESSAGE_MAX];
    struct error error;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    error_set(&error, code, "%s", message);
    error_place(&error, "%s", script_of(lua)->settings->path.data);
    script_raise(lua, &error);
}

static bool list_has(const struct value *list, struct text name) {
    for (uint32_t i = 0; i < list->length; i++) {
        if (text_same(value_slice(&list->as.items[i]), name)) {
            return true;
        }
    }
    return false;
}

static void apply_types(lua_State *lua, const struct value *wanted) {
    struct sync *sync = &script_of(lua)->sync;
    struct sync_type *types = script_take(lua, sync->type_count, sizeof *types);
    const char **names = script_take(lua, sync->type_count + 1, sizeof *names);
    size_t count = 0;
    for (size_t i = 0; i < sync->type_count; i++) {
        names[i] = sync->types[i].name.data;
    }
    for (uint32_t i = 0; i < wanted->length; i++) {
        struct text name = value_slice(&wanted->as.items[i]);
        bool is_known = false;
        for (size_t k = 0; k < sync->type_count; k++) {
            is_known = is_known || text_same(name, sync->types[k].name);
        }
        if (!is_known) {
            const char *meant = script_meant(name, names);
            refuse(lua, ERROR_OPTION_UNKNOWN, "the template has no type \"%.*s\"%s%s%s", TEXT_ARGS(name),
                   meant != NULL ? "; did you mean \"" : "", meant != NULL ? meant : "", meant != NULL ? "\"?" : "");
        }
    }
    for (size_t i = 0; i < sync->type_count; i++) {
        if (list_has(wanted, sync->types[i].name)) {
            types[count++] = sync->types[i];
        }
    }
    sync->types = types;
    sync->type_count = count;
}

// What goes the other way is gone as if the script had never said it.
static void apply_direction(lua_State *lua, enum sync_direction direction, const char *name) {
    struct sync *sync = &script_of(lua)->sync;
    if (sync->direction == direction) {
        return;
    }
    if (sync->direction != SYNC_BOTH) {
        refuse(lua, ERROR_OPTION_TYPE, "direction is \"%s\", but the template goes \"%s\" alone", name,
               sync->direction == SYNC_PULL ? "pull" : "push");
    }
    struct sync_type *types = script_take(lua, sync->type_count, sizeof *types);
    for (size_t i = 0; i < sync->type_count; i++) {
        types[i] = sync->types[i];
        if (direction == SYNC_PULL) {
            types[i].pushes = false;
            types[i].push = (struct push){.has_when = false};
        } else if (types[i].pushes) {
            types[i].pull = (struct transform){.count = 0};
        } else {
            refuse(lua, ERROR_OPTION_MISSING,
                   "direction is \"push\", but the template doesn't push %s; say which types go: \"types\": [\"…\"]",
                   types[i].name.data);
        }
    }
    sync->types = types;
    sync->direction = direction;
}

static void apply_plan(lua_State *lua, const struct script_settings *settings) {
    struct sync *sync = &script_of(lua)->sync;
    struct error error;
    const char *key;
    sync->once = settings->once;
    sync->every_us = settings->every_us;
    sync->cron = settings->cron;
    sync->zone = settings->zone.length == 0 && settings->cron.length > 0 ? TEXT_LITERAL("UTC") : settings->zone;
    if (sync->every_us == 0 && sync->cron.length == 0) {
        sync->jitter_us = 0;
    }
    if (!schedule_check(sync, &key, &error)) {
        refuse(lua, error.code, "%s", error.message);
    }
}

void settings_apply(lua_State *lua, const struct script_where *where, bool has_conflict) {
    struct script *script = script_of(lua);
    const struct script_settings *settings = script->settings;
    struct sync *sync = &script->sync;
    if (settings == NULL) {
        return;
    }
    if (!sync->is_template) {
        script_raise_at(lua, where, NULL, ERROR_OPTION_MISSING,
                        "%s makes a sync of this script, which is no template; say so in it: template = true",
                        settings->path.data);
    }
    sync->is_template = false;
    if (settings->types.kind == VALUE_LIST) {
        apply_types(lua, &settings->types);
    }
    if (settings->direction != NULL) {
        enum sync_direction direction = settings->direction[2] == 'l'   ? SYNC_PULL
                                        : settings->direction[2] == 's' ? SYNC_PUSH
                                                                        : SYNC_BOTH;
        apply_direction(lua, direction, settings->direction);
    }
    if (!has_conflict) {
        sync->conflict = declare_conflict(sync->direction);
    }
    if (settings->plans) {
        apply_plan(lua, settings);
    }
}

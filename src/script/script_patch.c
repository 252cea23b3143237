// Settings that wait: a datasource is declared before weir.sync says which parameters and which org there are.

#include <string.h>

#include "base/unit.h"
#include "script/script_handle.h"
#include "script/script_option.h"
#include "script/script_secret.h"

static bool is_later(lua_State *lua, int index, const struct text **param, const struct text **secret) {
    *param = handle_data(lua, index, HANDLE_PARAM_USE);
    *secret = handle_data(lua, index, HANDLE_SECRET);
    return *param != NULL || *secret != NULL;
}

bool option_later(lua_State *lua, int index, enum option_type type, const char *choices, const char *key,
                  const struct script_where *where, struct value *slot) {
    const struct text *param;
    const struct text *secret;
    if (!is_later(lua, index, &param, &secret)) {
        return false;
    }
    bool takes = type == OPTION_TEXT || type == OPTION_ANY || (secret == NULL && type != OPTION_FUNCTION);
    if (!takes || type == OPTION_TABLE || type == OPTION_MAP || type == OPTION_SHARE) {
        script_raise_at(lua, where, key, ERROR_OPTION_TYPE, "%s can't be a %s", key,
                        secret != NULL ? "secret" : "parameter");
    }
    struct script *script = script_of(lua);
    struct script_patch *patch = script_take(lua, 1, sizeof *patch);
    *patch = (struct script_patch){.next = script->patches,
                                   .slot = slot,
                                   .type = type,
                                   .choices = choices,
                                   .is_secret = secret != NULL,
                                   .name = secret != NULL ? *secret : *param,
                                   .option = key,
                                   .where = *where};
    script->patches = patch;
    *slot = value_text((struct text){"", 0});
    return true;
}

bool option_inside(lua_State *lua, int index, const char *key, const struct script_where *where, struct value *out) {
    const struct text *param;
    const struct text *secret;
    if (!is_later(lua, index, &param, &secret)) {
        return false;
    }
    // The key is Lua's own text, which may go.
    struct text kept = script_text_copy(lua, text_of(key != NULL ? key : "a value"));
    char *mark = script_take(lua, 1, 1); // its address alone tells it apart
    option_later(lua, index, OPTION_ANY, NULL, kept.data, where, out);
    script_of(lua)->patches->slot = NULL;
    script_of(lua)->patches->mark = mark;
    *out = value_text((struct text){mark, 0});
    return true;
}

void options_bind(struct script *script, const struct value *value) {
    if (value->kind == VALUE_LIST) {
        for (uint32_t i = 0; i < value->length; i++) {
            options_bind(script, &value->as.items[i]);
        }
    } else if (value->kind == VALUE_OBJECT) {
        for (uint32_t i = 0; i < value->as.object->shape->count; i++) {
            options_bind(script, &value->as.object->values[i]);
        }
    } else if (value->kind == VALUE_TEXT && value->length == 0) {
        for (struct script_patch *patch = script->patches; patch != NULL; patch = patch->next) {
            if (patch->slot == NULL && patch->mark == value->as.text) {
                // Values are read-only for everybody else; this one is not finished yet.
                patch->slot = (struct value *)(uintptr_t)value;
            }
        }
    }
}

static bool patch_failed(const struct script_patch *patch, struct error *error) {
    if (patch->where.chunk == NULL) {
        return false;
    }
    int line = script_line(&patch->where, text_of(patch->option));
    return error_place(error, "%.*s:%d", TEXT_ARGS(patch->where.chunk->path), line);
}

static const struct param *find_param(const struct script *script, struct text name) {
    for (size_t i = 0; i < script->param_count; i++) {
        if (text_same(script->params[i].name, name)) {
            return &script->params[i];
        }
    }
    return NULL;
}

static bool is_among(const char *choices, struct text text) {
    while (choices != NULL && *choices != '\0') {
        size_t length = strcspn(choices, "|");
        if (text_same((struct text){choices, length}, text)) {
            return true;
        }
        choices += length + (choices[length] == '|');
    }
    return choices == NULL;
}

// A span or a size, from a parameter's text or number.
static bool patch_unit(const struct param *param, const struct script_patch *patch, struct error *error) {
    int64_t number = param->value.kind == VALUE_INTEGER ? param->value.as.integer : 0;
    bool is_span = patch->type == OPTION_SPAN;
    bool fits = param->value.kind == VALUE_INTEGER ? number > 0
                : is_span                          ? span_read(value_slice(&param->value), &number)
                                                   : size_read(value_slice(&param->value), &number);
    *patch->slot = value_integer(number);
    return fits || error_set(error, ERROR_PARAM, "the parameter \"%.*s\" is not %s", TEXT_ARGS(patch->name),
                             is_span ? OPTION_SPAN_TAKES : OPTION_SIZE_TAKES);
}

static bool patch_param(struct script *script, const struct script_patch *patch, struct error *error) {
    const struct param *param = find_param(script, patch->name);
    if (param == NULL) {
        return error_set(error, ERROR_PARAM,
                         "the parameter \"%.*s\" is not declared; add it to weir.sync: params = { %.*s = "
                         "weir.param.text }",
                         TEXT_ARGS(patch->name), TEXT_ARGS(patch->name));
    }
    bool is_text = param->type == PARAM_TEXT || param->type == PARAM_FILE;
    bool fits = patch->type == OPTION_ANY || (patch->type == OPTION_TEXT && is_text) ||
                (patch->type == OPTION_SPAN && is_text) ||
                (patch->type == OPTION_SIZE && (is_text || param->type == PARAM_INTEGER)) ||
                (patch->type == OPTION_INTEGER && param->type == PARAM_INTEGER) ||
                (patch->type == OPTION_BOOL && param->type == PARAM_BOOL);
    if (!fits) {
        return error_set(error, ERROR_PARAM, "the parameter \"%.*s\" has the wrong type for %s", TEXT_ARGS(patch->name),
                         patch->option);
    }
    if (param->value.kind == VALUE_MISSING) {
        return true; // only while a script is checked
    }
    *patch->slot = param->value;
    if (patch->type == OPTION_SPAN || patch->type == OPTION_SIZE) {
        return patch_unit(param, patch, error);
    }
    if (param->value.kind == VALUE_TEXT && !is_among(patch->choices, value_slice(&param->value))) {
        return error_set(error, ERROR_PARAM, "the parameter \"%.*s\" is none of %s", TEXT_ARGS(patch->name),
                         patch->choices);
    }
    return true;
}

static bool patch_secret(struct script *script, const struct script_patch *patch, struct error *error) {
    struct text secret;
    if (script->setup.declare_only) {
        return true; // a check doesn't need them
    }
    if (!secret_read(script->setup.data, script->sync.org, patch->name, &script->arena, &secret, error)) {
        return false;
    }
    if (!text_utf8(secret, NULL)) {
        return error_set(error, ERROR_SECRET, "the secret %.*s is not valid UTF-8", TEXT_ARGS(patch->name));
    }
    *patch->slot = value_text(secret);
    return true;
}

bool options_patch(struct script *script, struct error *error) {
    for (const struct script_patch *patch = script->patches; patch != NULL; patch = patch->next) {
        if (patch->slot == NULL) {
            continue; // what it was part of was refused, and the script caught that
        }
        bool ok = patch->is_secret ? patch_secret(script, patch, error) : patch_param(script, patch, error);
        if (!ok) {
            return patch_failed(patch, error);
        }
    }
    script->patches = NULL;
    return true;
}

#include "script/script_settings.h"

#include <string.h>
#include <unistd.h>

#include "base/unit.h"
#include "format/format_json.h"
#include "script/declare.h"
#include "script/script_module.h"
#include "script/script_option.h"

enum { MEMBERS = 8 };

static const char *const members[] = {"template", "params", "direction", "types", "once",
                                      "every",    "cron",   "zone",      NULL};

// What is being read.
struct reading {
    struct script *script;
    struct script_settings *out;
    struct error *error;
};

bool settings_is(struct text path) {
    static const char ending[] = ".json";
    size_t length = sizeof ending - 1;
    return path.length > length && memcmp(path.data + path.length - length, ending, length) == 0;
}

static bool refuse_type(struct reading *reading, const char *member, const char *takes) {
    return error_set(reading->error, ERROR_OPTION_TYPE, "%s takes %s", member, takes);
}

// --- members ---

static bool take_param(struct reading *reading, struct text name, const struct value *value, struct text *out) {
    char *digits;
    if (value->kind == VALUE_TEXT) {
        *out = value_slice(value);
        return true;
    }
    if (value->kind == VALUE_BOOL) {
        *out = value->as.boolean ? TEXT_LITERAL("true") : TEXT_LITERAL("false");
        return true;
    }
    if (value->kind != VALUE_INTEGER) {
        return error_set(reading->error, ERROR_OPTION_TYPE,
                         "params: %.*s takes a text, a whole number, true or false, not %s", TEXT_ARGS(name),
                         value_kind_name(value->kind));
    }
    digits = arena_print(&reading->script->arena, "%lld", (long long)value->as.integer);
    *out = digits != NULL ? text_of(digits) : *out;
    return digits != NULL || error_memory(reading->error);
}

static bool take_params(struct reading *reading, const struct value *value) {
    if (value->kind != VALUE_OBJECT) {
        return refuse_type(reading, "params", "an object of parameters by name: {\"year\": 2026}");
    }
    const struct object *object = value->as.object;
    struct script_param *params = arena_take_zero(&reading->script->arena, object->shape->count + 1, sizeof *params);
    if (params == NULL) {
        return error_memory(reading->error);
    }
    for (uint32_t i = 0; i < object->shape->count; i++) {
        params[i].name = object->shape->names[i];
        if (!take_param(reading, params[i].name, &object->values[i], &params[i].value)) {
            return false;
        }
    }
    reading->out->params = params;
    reading->out->param_count = object->shape->count;
    return true;
}

static bool take_direction(struct reading *reading, const struct value *value) {
    static const char *const names[] = {"pull", "push", "both", NULL};
    struct text text = value->kind == VALUE_TEXT ? value_slice(value) : TEXT_LITERAL("");
    for (size_t i = 0; names[i] != NULL; i++) {
        if (text_is(text, names[i])) {
            reading->out->direction = names[i];
            return true;
        }
    }
    const char *meant = script_meant(text, names);
    return meant != NULL ? error_set(reading->error, ERROR_OPTION_TYPE, "direction is \"%.*s\"; did you mean \"%s\"?",
                                     TEXT_ARGS(text), meant)
                         : refuse_type(reading, "direction", "\"pull\", \"push\" or \"both\"");
}

static bool take_types(struct reading *reading, const struct value *value) {
    bool fits = value->kind == VALUE_LIST && value->length > 0;
    for (uint32_t i = 0; fits && i < value->length; i++) {
        fits = value->as.items[i].kind == VALUE_TEXT;
        for (uint32_t j = 0; fits && j < i; j++) {
            struct text name = value_slice(&value->as.items[i]);
            if (text_same(name, value_slice(&value->as.items[j]))) {
                return error_set(reading->error, ERROR_OPTION_TYPE, "types names \"%.*s\" twice", TEXT_ARGS(name));
            }
        }
    }
    reading->out->types = *value;
    return fits || refuse_type(reading, "types", "a list of the script's types: [\"reading\"]");
}

static bool take_plan(struct reading *reading, const char *member, const struct value *value) {
    struct script_settings *out = reading->out;
    bool is_text = value->kind == VALUE_TEXT && value->length > 0;
    if (strcmp(member, "once") == 0) {
        out->once = value->kind == VALUE_BOOL && value->as.boolean;
        return value->kind == VALUE_BOOL || refuse_type(reading, member, "true or false");
    }
    if (strcmp(member, "every") == 0) {
        return (is_text && span_read(value_slice(value), &out->every_us)) ||
               refuse_type(reading, member, OPTION_SPAN_TAKES);
    }
    *(strcmp(member, "cron") == 0 ? &out->cron : &out->zone) = is_text ? value_slice(value) : TEXT_LITERAL("");
    return is_text || refuse_type(reading, member, "a text such as \"0 3 * * *\" or \"Asia/Kolkata\"");
}

static bool take_member(struct reading *reading, struct text name, const struct value *value) {
    size_t at = 0;
    while (at < MEMBERS && !text_is(name, members[at])) {
        at++;
    }
    if (at == MEMBERS) {
        const char *meant = script_meant(name, members);
        return error_set(reading->error, ERROR_OPTION_UNKNOWN, "a sync of a template has no \"%.*s\"%s%s%s",
                         TEXT_ARGS(name), meant != NULL ? "; did you mean \"" : "", meant != NULL ? meant : "",
                         meant != NULL ? "\"?" : "");
    }
    switch (at) {
    case 0:
        reading->out->name = value->kind == VALUE_TEXT ? value_slice(value) : TEXT_LITERAL("");
        return declare_is_name(reading->out->name) ||
               refuse_type(reading, "template",
                           "a script's plain name, without folder and .lua: letters, digits, _ and -");
    case 1:
        return take_params(reading, value);
    case 2:
        return take_direction(reading, value);
    case 3:
        return take_types(reading, value);
    default:
        reading->out->plans = true;
        return take_plan(reading, members[at], value);
    }
}

// --- the file ---

static bool read_members(struct reading *reading, struct text text) {
    struct value whole;
    if (!json_read(text, &reading->script->arena, NULL, &whole, reading->error)) {
        return false;
    }
    if (whole.kind != VALUE_OBJECT) {
        return error_set(reading->error, ERROR_OPTION_TYPE,
                         "a sync of a template is a JSON object: {\"template\": \"NAME\"}");
    }
    const struct object *object = whole.as.object;
    for (uint32_t i = 0; i < object->shape->count; i++) {
        if (!take_member(reading, object->shape->names[i], &object->values[i])) {
            return false;
        }
    }
    return reading->out->name.length > 0 ||
           error_set(reading->error, ERROR_OPTION_MISSING, "template is missing: {\"template\": \"NAME\"}");
}

// NAME.lua beside the file, else in the folder templates beside its folder.
static bool find_template(struct reading *reading) {
    struct script *script = reading->script;
    struct script_settings *out = reading->out;
    struct text folder;
    if (!module_folder(script, out->path, &folder)) {
        return error_memory(reading->error);
    }
    const char *templates = module_beside(script, folder, "templates");
    char *own = arena_print(&script->arena, "%.*s/%.*s.lua", TEXT_ARGS(folder), TEXT_ARGS(out->name));
    char *shared =
        templates == NULL ? NULL : arena_print(&script->arena, "%s/%.*s.lua", templates, TEXT_ARGS(out->name));
    if (own == NULL || shared == NULL) {
        return error_memory(reading->error);
    }
    const char *plain = text_is(folder, ".") && strchr(out->path.data, '/') == NULL ? own + 2 : own;
    bool is_own = access(plain, F_OK) == 0;
    script->path = text_of(is_own ? plain : shared);
    return is_own || access(shared, F_OK) == 0 ||
           error_set(reading->error, ERROR_FILE_MISSING, "there is no template \"%.*s\": neither %s nor %s is there",
                     TEXT_ARGS(out->name), plain, shared);
}

bool settings_read(struct script *script, struct error *error) {
    struct script_settings *settings = arena_take_zero(&script->arena, 1, sizeof *settings);
    struct reading reading = {script, settings, error};
    struct error reason;
    if (settings == NULL) {
        return error_memory(error);
    }
    settings->path = script->path;
    if (!module_text(settings->path.data, &script->arena, &settings->text, error)) {
        return false;
    }
    reading.error = &reason;
    if (!read_members(&reading, settings->text) || !find_template(&reading)) {
        *error = reason;
        error->place[0] = '\0';
        return error_place(error, "%s%s%s", settings->path.data, reason.place[0] != '\0' ? " " : "", reason.place);
    }
    script->settings = settings;
    return true;
}

void settings_pin(struct buffer *buffer, const struct script *script) {
    const struct script_settings *settings = script->settings;
    const struct text *const texts[] = {&settings->text, &script->chunks->text};
    static const char *const endings[] = {"settings", "template"};
    for (size_t i = 0; i < 2; i++) {
        buffer_print(buffer, "-- %s: %zu bytes\n", endings[i], texts[i]->length);
        buffer_text(buffer, *texts[i]);
        buffer_byte(buffer, '\n');
    }
}

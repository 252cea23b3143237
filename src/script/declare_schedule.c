// When a sync runs by itself, and how a service runs it.

#include "base/civil.h"
#include "base/cron.h"
#include "script/declare.h"
#include "script/script_option.h"

enum { SECOND_US = 1000000, MEMORY_LEAST = 128 * 1000 * 1000 };

// The longest that `every` and `jitter` may be: a calendar year, and a day.
#define EVERY_MOST_US (INT64_C(366) * 86400 * SECOND_US)
#define JITTER_MOST_US (INT64_C(86400) * SECOND_US)

static bool check_cron(const struct sync *sync, const char **key, struct error *error) {
    struct cron cron;
    const struct zone *zone;
    *key = "cron";
    if (!cron_read(sync->cron, &cron, error)) {
        return false;
    }
    *key = "zone";
    if (!zone_find(sync->zone, &zone, error)) {
        return false;
    }
    *key = "cron";
    return cron_next(&cron, zone, 0) != 0 ||
           error_set(error, ERROR_OPTION_TYPE, "cron: no day of the calendar is like that: \"%.*s\"",
                     TEXT_ARGS(sync->cron));
}

bool schedule_check(const struct sync *sync, const char **key, struct error *error) {
    bool has_cron = sync->cron.length > 0;
    *key = "every";
    if (sync->every_us != 0 && (sync->every_us < SECOND_US || sync->every_us > EVERY_MOST_US)) {
        return error_set(error, ERROR_OPTION_TYPE, "every is a second at least and 366 days at most: \"15m\"");
    }
    if (sync->every_us != 0 && sync->once) {
        return error_set(error, ERROR_OPTION_TYPE, "a sync that runs once has no every; leave out one");
    }
    *key = "cron";
    if (sync->every_us != 0 && has_cron) {
        return error_set(error, ERROR_OPTION_TYPE, "every and cron are two schedules; leave out one");
    }
    if (has_cron && sync->once) {
        return error_set(error, ERROR_OPTION_TYPE, "a sync that runs once has no cron; leave out one");
    }
    *key = "zone";
    if (sync->zone.length > 0 && !has_cron) {
        return error_set(error, ERROR_OPTION_TYPE, "zone says whose clock cron goes by; there is no cron");
    }
    *key = "jitter";
    if (sync->jitter_us != 0 && sync->every_us == 0 && !has_cron) {
        return error_set(error, ERROR_OPTION_TYPE, "jitter puts off what every or cron plans; there is neither");
    }
    if (sync->jitter_us > JITTER_MOST_US || (sync->every_us != 0 && sync->jitter_us >= sync->every_us)) {
        return error_set(error, ERROR_OPTION_TYPE, "jitter is shorter than every, and a day at most");
    }
    return !has_cron || check_cron(sync, key, error);
}

static void take_limits(lua_State *lua, const struct script_where *where, const struct object *options) {
    struct sync_limits *limits = &script_of(lua)->sync.limits;
    *limits = (struct sync_limits){.time_us = option_integer(options, "time"),
                                   .cpu_us = option_integer(options, "cpu"),
                                   .memory_bytes = option_integer(options, "memory")};
    struct script_where inside = *where;
    inside.line = script_line(where, TEXT_LITERAL("limits"));
    inside.opener = NULL;
    bool is_time = limits->time_us != 0 && limits->time_us < SECOND_US;
    if (is_time || (limits->cpu_us != 0 && limits->cpu_us < SECOND_US)) {
        script_raise_at(lua, &inside, is_time ? "time" : "cpu", ERROR_OPTION_TYPE, "limits: %s is a second at least",
                        is_time ? "time" : "cpu");
    }
    if (limits->memory_bytes != 0 && limits->memory_bytes < MEMORY_LEAST) {
        script_raise_at(lua, &inside, "memory", ERROR_OPTION_TYPE, "limits: memory is 128MB at least");
    }
}

void declare_schedule(lua_State *lua, const struct script_where *where, const struct object *options) {
    struct sync *sync = &script_of(lua)->sync;
    struct error error;
    const char *key;
    sync->once = option_bool(options, "once");
    sync->every_us = option_integer(options, "every");
    sync->cron = option_text(options, "cron");
    sync->zone = option_text(options, "zone");
    sync->jitter_us = option_integer(options, "jitter");
    sync->exclusive = option_bool(options, "exclusive");
    sync->is_template = option_bool(options, "template");
    sync->on_crash = text_is(option_text(options, "on_crash"), "fail") ? SYNC_FAIL : SYNC_RESUME;
    if (option_value(options, "cron").kind == VALUE_TEXT && sync->cron.length == 0) {
        script_raise_at(lua, where, "cron", ERROR_OPTION_TYPE, "cron is empty; leave it out, or write \"0 3 * * *\"");
    }
    if (sync->cron.length > 0 && sync->zone.length == 0) {
        sync->zone = TEXT_LITERAL("UTC");
    }
    take_limits(lua, where, option_value(options, "limits").as.object);
    if (!schedule_check(sync, &key, &error)) {
        script_raise_at(lua, where, key, error.code, "%s", error.message);
    }
}

#include "script/declare.h"

#include "script_case.h"
#include "test.h"

#define HEAD                                                                                            \
    "local weir = require 'weir'\n"                                                                     \
    "return weir.sync { datasource = weir.table { name = 'file', types = { well = { key = 'id' } } }, " \
    "datatypes = { well = weir.datatype { name = 'text' } }, types = 'well', "
#define WHERE "syncs/acme/case.lua:"

static const struct sync *opened(struct script_case *c, const char *options) {
    char text[4096];
    snprintf(text, sizeof text, HEAD "%s }", options);
    CHECK_OK(case_open(c, text), &c->error);
    return c->sync;
}

TEST(script_declare_schedule, nothing_is_planned_unless_it_is_said) {
    struct script_case c = {0};
    const struct sync *sync = opened(&c, "");
    CHECK(sync->every_us == 0 && sync->cron.length == 0 && sync->zone.length == 0 && sync->jitter_us == 0);
    CHECK(!sync->exclusive && !sync->is_template && !sync->once && sync->on_crash == SYNC_RESUME);
    CHECK(sync->limits.time_us == 0 && sync->limits.cpu_us == 0 && sync->limits.memory_bytes == 0);
    case_close(&c);
}

TEST(script_declare_schedule, what_is_said_is_kept) {
    struct script_case c = {0};
    const struct sync *sync = opened(&c, "every = '1h', jitter = '2m', exclusive = true, template = true");
    CHECK_INT(sync->every_us, INT64_C(3600000000));
    CHECK_INT(sync->jitter_us, 120000000);
    CHECK(sync->exclusive && sync->is_template);
    sync = opened(&c, "cron = '0 3 * * *', zone = 'Asia/Kolkata', jitter = '1d', on_crash = 'fail'");
    CHECK_TEXT(sync->cron, "0 3 * * *");
    CHECK_TEXT(sync->zone, "Asia/Kolkata");
    CHECK(sync->on_crash == SYNC_FAIL && sync->every_us == 0);
    CHECK_TEXT(opened(&c, "cron = '@daily'")->zone, "UTC");
    sync = opened(&c, "once = true, limits = { time = '2h', cpu = '1h', memory = '512MB' }");
    CHECK(sync->once);
    CHECK_INT(sync->limits.time_us, INT64_C(7200000000));
    CHECK_INT(sync->limits.cpu_us, INT64_C(3600000000));
    CHECK_INT(sync->limits.memory_bytes, 512000000);
    case_close(&c);
}

// It is over the text of the script, whatever the text says.
TEST(script_declare_schedule, the_fingerprint_is_the_texts) {
    struct script_case c = {0};
    struct print print = opened(&c, "every = '1h'")->print;
    CHECK(print_same(print, opened(&c, "every = '1h'")->print));
    CHECK(!print_same(print, opened(&c, "every = '2h'")->print));
    case_close(&c);
}

static void refused(const char *options, enum error_code code, const char *line, const char *words) {
    char text[4096];
    char place[64];
    snprintf(text, sizeof text, HEAD "%s }", options);
    snprintf(place, sizeof place, WHERE "%s", line);
    case_refused(text, code, place, words);
}

TEST(script_declare_schedule, mistakes) {
    refused("\n\ncorn = '0 3 * * *'", ERROR_OPTION_UNKNOWN, "4", "did you mean \"cron\"");
    refused("\njiter = '2m'", ERROR_OPTION_UNKNOWN, "3", "did you mean \"jitter\"");
    refused("\nexclusiv = true", ERROR_OPTION_UNKNOWN, "3", "did you mean \"exclusive\"");
    refused("\ntemplates = true", ERROR_OPTION_UNKNOWN, "3", "did you mean \"template\"");
    refused("\non_crash = 'resum'", ERROR_OPTION_TYPE, "3", "it can be \"resume\", \"fail\"");
    refused("\nlimits = { tiem = '2h' }", ERROR_OPTION_UNKNOWN, "3", "did you mean \"time\"");
    refused("\nlimits = {\ncpu = '2' }", ERROR_OPTION_TYPE, "4", "a span of time");
    refused("\nlimits = {\ncpu = '2ms' }", ERROR_OPTION_TYPE, "4", "limits: cpu is a second at least");
    refused("\nlimits = {\n\ntime = '2ms' }", ERROR_OPTION_TYPE, "5", "limits: time is a second at least");
    refused("\nlimits = { memory = '1MB' }", ERROR_OPTION_TYPE, "3", "128MB at least");
    refused("\nexclusive = 1", ERROR_OPTION_TYPE, "3", "true or false");
    refused("\ncron = '0 25 * * *'", ERROR_OPTION_TYPE, "3", "the hour is 0 to 23");
    refused("\ncron = '0 0 30 2 *'", ERROR_OPTION_TYPE, "3", "no day of the calendar");
    refused("\ncron = ''", ERROR_OPTION_TYPE, "3", "cron is empty");
    refused("cron = '@daily',\nzone = 'Asia/Calcuta'", ERROR_OPTION_TYPE, "3", "there is no time zone 'Asia/Calcuta'");
    refused("\nzone = 'Asia/Kolkata'", ERROR_OPTION_TYPE, "3", "there is no cron");
    refused("every = '1h',\nzone = 'Asia/Kolkata'", ERROR_OPTION_TYPE, "3", "there is no cron");
    refused("every = '1h',\ncron = '@daily'", ERROR_OPTION_TYPE, "3", "two schedules");
    refused("once = true,\ncron = '@daily'", ERROR_OPTION_TYPE, "3", "runs once has no cron");
    refused("once = true,\nevery = '15m'", ERROR_OPTION_TYPE, "3", "runs once has no every");
    refused("\nevery = '15ms'", ERROR_OPTION_TYPE, "3", "every is a second at least");
    refused("\nevery = '53w'", ERROR_OPTION_TYPE, "3", "366 days at most");
    refused("\njitter = '2m'", ERROR_OPTION_TYPE, "3", "there is neither");
    refused("every = '2m',\njitter = '2m'", ERROR_OPTION_TYPE, "3", "shorter than every");
    refused("cron = '@daily',\njitter = '25h'", ERROR_OPTION_TYPE, "3", "a day at most");
}

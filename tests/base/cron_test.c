#include "base/cron.h"

#include <stdlib.h>
#include <time.h>

#include "base/zone.h"
#include "test.h"

enum { MINUTE_S = 60, YEAR_MINUTES = 366 * 24 * 60, TIMES_MAX = YEAR_MINUTES * 2 };

static const struct zone *zone(const char *name) {
    const struct zone *found = NULL;
    struct error error;
    CHECK_OK(zone_find(text_of(name), &found, &error), &error);
    return found;
}

static struct cron pattern(const char *text) {
    struct cron cron;
    struct error error;
    CHECK_OK(cron_read(text_of(text), &cron, &error), &error);
    return cron;
}

static int64_t at_us(const char *iso) {
    int64_t time_us = 0;
    CHECK(civil_parse(text_of(iso), TEXT_LITERAL("iso"), zone_utc(), &time_us));
    return time_us;
}

static void check_next(const char *text, const char *in, const char *after, const char *expected) {
    static char iso[CIVIL_ISO_MAX];
    struct cron cron = pattern(text);
    int64_t next_us = cron_next(&cron, zone(in), at_us(after));
    civil_iso(next_us, iso);
    CHECK_TEXT(text_of(next_us == 0 ? "never" : iso), expected);
}

TEST(base_cron, patterns_as_people_write_them) {
    check_next("0 3 * * *", "UTC", "2026-11-21T03:00:00Z", "2026-11-22T03:00:00Z");
    check_next("0 3 * * *", "UTC", "2026-11-21T02:59:59.999999Z", "2026-11-21T03:00:00Z");
    check_next("0 3 * * *", "Asia/Kolkata", "2026-11-21T03:00:00Z", "2026-11-21T21:30:00Z");
    check_next("*/15 9-17 * * MON-FRI", "UTC", "2026-11-20T17:45:00Z", "2026-11-23T09:00:00Z");
    check_next("5,35 * * * *", "UTC", "2026-11-20T17:05:00Z", "2026-11-20T17:35:00Z");
    check_next("10-50/20 * * * *", "UTC", "2026-11-20T17:10:00Z", "2026-11-20T17:30:00Z");
    check_next("0 0 1 jan,Jul *", "UTC", "2026-11-20T17:10:00Z", "2027-01-01T00:00:00Z");
    check_next(" \t0  12\t* * 0 ", "UTC", "2026-11-20T00:00:00Z", "2026-11-22T12:00:00Z");
    check_next("0 12 * * 7", "UTC", "2026-11-20T00:00:00Z", "2026-11-22T12:00:00Z");
    check_next("0 12 * * SUN-SUN", "UTC", "2026-11-21T12:00:00Z", "2026-11-22T12:00:00Z");
    check_next("0 12 * * SUN-SUN", "UTC", "2026-11-22T12:00:00Z", "2026-11-29T12:00:00Z");
    check_next("0 12 * * 0-0", "UTC", "2026-11-22T12:00:00Z", "2026-11-29T12:00:00Z");
    check_next("0 12 * * SAT-SUN", "UTC", "2026-11-21T12:00:00Z", "2026-11-22T12:00:00Z");
    check_next("0 12 * * 5-7", "UTC", "2026-11-22T12:00:00Z", "2026-11-27T12:00:00Z");
    check_next("@hourly", "UTC", "2026-12-31T23:00:00Z", "2027-01-01T00:00:00Z");
    check_next("@daily", "UTC", "2026-12-31T23:00:00Z", "2027-01-01T00:00:00Z");
    check_next("@weekly", "UTC", "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z");
    check_next("@monthly", "UTC", "2026-11-21T00:00:00Z", "2026-12-01T00:00:00Z");
    check_next("@yearly", "UTC", "2026-11-21T00:00:00Z", "2027-01-01T00:00:00Z");
}

TEST(base_cron, either_kind_of_day_is_enough_where_both_are_restricted) {
    check_next("0 0 13 * FRI", "UTC", "2026-11-21T00:00:00Z", "2026-11-27T00:00:00Z");
    check_next("0 0 13 * FRI", "UTC", "2026-12-11T00:00:00Z", "2026-12-13T00:00:00Z");
    check_next("0 0 13 * *", "UTC", "2026-11-21T00:00:00Z", "2026-12-13T00:00:00Z");
    // A field that begins with * is not restricted, though it leaves days out: both must fit then.
    check_next("0 0 */2 * MON", "UTC", "2026-11-21T00:00:00Z", "2026-11-23T00:00:00Z");
    check_next("0 0 */2 * MON", "UTC", "2026-11-23T00:00:00Z", "2026-12-07T00:00:00Z");
}

TEST(base_cron, days_that_are_rare_and_days_that_never_come) {
    check_next("0 0 29 2 *", "UTC", "2026-11-21T00:00:00Z", "2028-02-29T00:00:00Z");
    check_next("0 0 29 2 *", "UTC", "2096-02-29T00:00:00Z", "2104-02-29T00:00:00Z");
    check_next("0 0 30 2 *", "UTC", "2026-11-21T00:00:00Z", "never");
    check_next("0 0 31 4,6,9,11 *", "Europe/Berlin", "2026-11-21T00:00:00Z", "never");
    struct cron cron = pattern("* * * * *");
    CHECK_INT(cron_next(&cron, zone_utc(), INT64_MIN), 60000000);
    CHECK_INT(cron_next(&cron, zone_utc(), -1), 60000000);
    CHECK_INT(cron_next(&cron, zone_utc(), INT64_MAX), 0);
}

TEST(base_cron, a_skipped_time_comes_once_behind_the_gap_f20) {
    // Berlin, 29 March 2026: 02:00 becomes 03:00.
    check_next("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:30:00Z"); // 03:30
    check_next("30 2 * * *", "Europe/Berlin", "2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z");
    check_next("30 2,3 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:30:00Z");
    check_next("30 2,3 * * *", "Europe/Berlin", "2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z");
    check_next("0 * * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z");
    check_next("0 * * * *", "Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z");
    // Lord Howe, 4 October 2026: 02:00 becomes 02:30.
    check_next("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00:00Z", "2026-10-03T15:45:00Z"); // 02:45
    check_next("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T15:45:00Z", "2026-10-04T15:15:00Z");
    // Samoa had no 30 December 2011 at all.
    check_next("0 3 30 12 *", "Pacific/Apia", "2011-12-01T00:00:00Z", "2011-12-30T13:00:00Z"); // 31, 03:00
    check_next("0 3 * * *", "Pacific/Apia", "2011-12-30T00:00:00Z", "2011-12-30T13:00:00Z");
    check_next("0 3 * * *", "Pacific/Apia", "2011-12-30T13:00:00Z", "2011-12-31T13:00:00Z");
}

TEST(base_cron, a_doubled_time_comes_once_unless_the_pattern_goes_on_in_real_time_f20) {
    // New York, 1 November 2026: 02:00 becomes 01:00.
    check_next("30 1 * * *", "America/New_York", "2026-10-31T12:00:00Z", "2026-11-01T05:30:00Z");
    check_next("30 1 * * *", "America/New_York", "2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z");
    check_next("30 * * * *", "America/New_York", "2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z");
    check_next("30 0-23 * * *", "America/New_York", "2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z");
    check_next("*/20 * * * *", "America/New_York", "2026-11-01T05:40:00Z", "2026-11-01T06:00:00Z");
    check_next("*/20 1 * * *", "America/New_York", "2026-11-01T05:40:00Z", "2026-11-02T06:00:00Z");
    // Lord Howe, 5 April 2026: 02:00 becomes 01:30.
    check_next("45 1 * * *", "Australia/Lord_Howe", "2026-04-04T14:45:00Z", "2026-04-05T15:15:00Z");
    check_next("45 * * * *", "Australia/Lord_Howe", "2026-04-04T14:45:00Z", "2026-04-04T15:15:00Z");
}

// --- an oracle that asks the C library about every minute of a year ---

static int64_t *due_s;
static size_t due_count;

static int by_number(const void *a, const void *b) {
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

// Whether a local time, taken as if it were UTC, is one of the pattern's.
static bool fits(const struct cron *cron, int64_t local_s) {
    struct tm parts;
    time_t time = (time_t)local_s;
    gmtime_r(&time, &parts);
    bool by_month = cron->days >> parts.tm_mday & 1;
    bool by_week = cron->weekdays >> parts.tm_wday & 1;
    return (cron->minutes >> parts.tm_min & 1) != 0 && (cron->hours >> parts.tm_hour & 1) != 0 &&
           (cron->months >> (parts.tm_mon + 1) & 1) != 0 && (cron->either ? by_month || by_week : by_month && by_week);
}

static int64_t local_of(int64_t utc_s) {
    struct tm parts;
    time_t time = (time_t)utc_s;
    localtime_r(&time, &parts);
    return utc_s + parts.tm_gmtoff;
}

// All that is due from `from_s` on for `minutes`, by the clock on the wall, minute by minute.
static void list_due(const struct cron *cron, int64_t from_s, size_t minutes) {
    int64_t before_s = local_of(from_s - MINUTE_S);
    int64_t latest_s = before_s;
    due_count = 0;
    for (int64_t utc_s = from_s; utc_s < from_s + (int64_t)minutes * MINUTE_S; utc_s += MINUTE_S) {
        int64_t local_s = local_of(utc_s);
        for (int64_t skipped_s = before_s + MINUTE_S; skipped_s < local_s; skipped_s += MINUTE_S) {
            if (fits(cron, skipped_s)) {
                due_s[due_count++] = utc_s + skipped_s - before_s - MINUTE_S;
            }
        }
        if (fits(cron, local_s) && (local_s > latest_s || cron->hours == 0xFFFFFF)) {
            due_s[due_count++] = utc_s;
        }
        before_s = local_s;
        latest_s = local_s > latest_s ? local_s : latest_s;
    }
    qsort(due_s, due_count, sizeof *due_s, by_number);
    size_t kept = 0;
    for (size_t i = 0; i < due_count; i++) {
        if (kept == 0 || due_s[kept - 1] != due_s[i]) {
            due_s[kept++] = due_s[i];
        }
    }
    due_count = kept;
}

static void check_year(const char *name, int64_t from_us, const char *text) {
    struct cron cron = pattern(text);
    list_due(&cron, from_us / 1000000, YEAR_MINUTES);
    CHECK(due_count > 0);
    int64_t next_us = from_us - 1;
    for (size_t i = 0; i < due_count; i++) {
        next_us = cron_next(&cron, zone(name), next_us);
        if (next_us != due_s[i] * 1000000) {
            printf("%s, \"%s\"\n", name, text);
        }
        CHECK_INT(next_us, due_s[i] * 1000000);
    }
}

static void check_zone(const char *name, const char *year) {
    static const char *const texts[] = {
        "0 3 * * *",           "30 2 * * *",   "*/10 * * * *",  "*/7 1-3 * * *",
        "15,45 1,2,3 * * SUN", "59 23 * * *",  "0 0 * * *",     "5 * 1-7 * SUN",
        "0 */2 * * *",         "45 1 * 3-4 *", "15 2 * 4,10 *", "0 12 13 * FRI",
        "*/30 0-23 * * *",     NULL,
    };
    due_s = malloc(TIMES_MAX * sizeof *due_s);
    CHECK(due_s != NULL);
    setenv("TZ", name, 1);
    tzset();
    for (size_t i = 0; texts[i] != NULL; i++) {
        check_year(name, at_us(year), texts[i]);
    }
    free(due_s);
}

TEST(base_cron, a_year_of_berlin_minute_by_minute_f20) {
    check_zone("Europe/Berlin", "2026-01-01T00:00:00Z");
}

TEST(base_cron, a_year_of_new_york_minute_by_minute_f20) {
    check_zone("America/New_York", "2026-06-01T00:00:00Z");
}

TEST(base_cron, a_year_of_lord_howe_minute_by_minute_f20) {
    check_zone("Australia/Lord_Howe", "2026-01-01T00:00:00Z");
}

TEST(base_cron, a_year_of_newfoundland_whose_clocks_changed_at_midnight_f20) {
    check_zone("America/St_Johns", "2010-01-01T00:00:00Z");
}

TEST(base_cron, a_year_of_samoa_that_lost_a_day_f20) {
    check_zone("Pacific/Apia", "2011-06-01T00:00:00Z");
}

TEST(base_cron, a_year_of_kolkata_minute_by_minute_f20) {
    check_zone("Asia/Kolkata", "2027-01-01T00:00:00Z");
}

TEST(base_cron, says_what_is_wrong) {
    static const struct {
        const char *text;
        const char *says;
    } cases[] = {
        {"", "not 0"},
        {"* * * *", "not 4"},
        {"* * * * * *", "not more than 5"},
        {"60 * * * *", "the minute is 0 to 59, not \"60\""},
        {"* 24 * * *", "the hour is 0 to 23, not \"24\""},
        {"* * 0 * *", "the day of the month is 1 to 31, not \"0\""},
        {"* * * 13 *", "the month is 1 to 12 or JAN to DEC, not \"13\""},
        {"* * * JUNE *", "not \"JUNE\""},
        {"* * * * 8", "the day of the week is 0 to 7 (0 and 7 are Sunday) or SUN to SAT, not \"8\""},
        {"* * * * MON-", "something is missing in the day of the week"},
        {"1,,2 * * * *", "something is missing in the minute"},
        {"-1 * * * *", "something is missing in the minute"},
        {"*/0 * * * *", "a step of the minute is 1 to 59, not \"0\""},
        {"*/60 * * * *", "a step of the minute is 1 to 59, not \"60\""},
        {"*/ * * * *", "a step of the minute is 1 to 59, not \"\""},
        {"*/5/5 * * * *", "a step of the minute is 1 to 59, not \"5/5\""},
        {"5/10 * * * *", "write 5-59/10"},
        {"* * * * 1-0", "the range \"1-0\" of the day of the week goes down"},
        {"* 22-5 * * *", "the range \"22-5\" of the hour goes down"},
        {"* *-5 * * *", "not \"*\""},
        {"* 1-2-3 * * *", "not \"2-3\""},
        {"007 * * * *", "not \"007\""},
        {"@dayly", "there is no \"@dayly\""},
        {"@daily *", "not 2"},
        {"* * * * L", "not \"L\""},
        {"? * * * *", "not \"?\""},
        {"* * *\n* *", "byte 6"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cron cron;
        struct error error;
        CHECK(!cron_read(text_of(cases[i].text), &cron, &error));
        CHECK_INT(error.code, ERROR_OPTION_TYPE);
        if (strstr(error.message, cases[i].says) == NULL) {
            printf("\"%s\": %s\n", cases[i].text, error.message);
        }
        CHECK(strstr(error.message, cases[i].says) != NULL);
    }
}

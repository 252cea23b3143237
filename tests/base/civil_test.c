#include "base/civil.h"

#include <time.h>

#include "base/zone.h"
#include "test.h"

static const struct zone *zone(const char *name) {
    const struct zone *found = NULL;
    struct error error;
    CHECK_OK(zone_find(text_of(name), &found, &error), &error);
    return found;
}

// Reads a text and gives it back as ISO, "-" when it does not fit.
static struct text read_in(const char *text, const char *format, const struct zone *in) {
    static char iso[CIVIL_ISO_MAX];
    struct error error;
    int64_t time_us;
    CHECK_OK(civil_check(text_of(format), &error), &error);
    if (!civil_parse(text_of(text), text_of(format), in, &time_us)) {
        return text_of("-");
    }
    CHECK_INT(civil_iso(time_us, iso), strlen(iso));
    return text_of(iso);
}

static struct text read_utc(const char *text, const char *format) {
    return read_in(text, format, zone_utc());
}

TEST(base_civil, dates_and_days_agree_over_all_years) {
    int64_t expected = civil_days(0, 1, 1);
    for (int64_t year = 0; year <= 9999; year++) {
        for (int64_t month = 1; month <= 12; month++) {
            int64_t y;
            int64_t m;
            int64_t d;
            int64_t first = civil_days(year, month, 1);
            CHECK_INT(first, expected);
            civil_date(first, &y, &m, &d);
            CHECK(y == year && m == month && d == 1);
            bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            int length = month == 2                                              ? (leap ? 29 : 28)
                         : month == 4 || month == 6 || month == 9 || month == 11 ? 30
                                                                                 : 31;
            civil_date(first + length - 1, &y, &m, &d);
            CHECK(y == year && m == month && d == length);
            expected += length;
        }
    }
    CHECK_INT(civil_days(1970, 1, 1), 0);
    CHECK_INT(civil_days(2000, 3, 1), 11017);
}

TEST(base_civil, formats_as_people_write_them) {
    CHECK_TEXT(read_utc("2018/08/06", "YYYY/MM/DD"), "2018-08-06T00:00:00Z");
    CHECK_TEXT(read_utc("06/08/2018", "DD/MM/YYYY"), "2018-08-06T00:00:00Z");
    CHECK_TEXT(read_utc("06.08.2018 14:30", "DD.MM.YYYY HH:mm"), "2018-08-06T14:30:00Z");
    CHECK_TEXT(read_utc("20180806143059", "YYYYMMDDHHmmss"), "2018-08-06T14:30:59Z");
    CHECK_TEXT(read_utc("2018-08-06T14:30:59.25", "YYYY-MM-DDTHH:mm:ss.SSS"), "2018-08-06T14:30:59.250Z");
    CHECK_TEXT(read_utc("2018-08-06 14:30 +0530", "YYYY-MM-DD HH:mm Z"), "2018-08-06T09:00:00Z");
    CHECK_TEXT(read_utc("2018-08", "YYYY-MM"), "2018-08-01T00:00:00Z");
    CHECK_TEXT(read_utc("2018", "YYYY"), "2018-01-01T00:00:00Z");
}

TEST(base_civil, only_the_whole_text_and_real_dates_fit) {
    static const struct {
        const char *text;
        const char *format;
    } cases[] = {
        {"", "YYYY/MM/DD"},
        {"2018/08/06 ", "YYYY/MM/DD"},
        {" 2018/08/06", "YYYY/MM/DD"},
        {"2018/8/6", "YYYY/MM/DD"},
        {"2018-08-06", "YYYY/MM/DD"},
        {"18/08/06", "YYYY/MM/DD"},
        {"2018/02/29", "YYYY/MM/DD"},
        {"1900/02/29", "YYYY/MM/DD"},
        {"2018/04/31", "YYYY/MM/DD"},
        {"2018/00/10", "YYYY/MM/DD"},
        {"2018/13/10", "YYYY/MM/DD"},
        {"2018/01/00", "YYYY/MM/DD"},
        {"2018/01/32", "YYYY/MM/DD"},
        {"0000/00/00", "YYYY/MM/DD"},
        {"0000/01/01", "YYYY/MM/DD"},
        {"-018/01/01", "YYYY/MM/DD"},
        {"2018-01-01 24:00", "YYYY-MM-DD HH:mm"},
        {"2018-01-01 25:00", "YYYY-MM-DD HH:mm"},
        {"2018-01-01 23:60", "YYYY-MM-DD HH:mm"},
        {"2018-01-01 23:59:60", "YYYY-MM-DD HH:mm:ss"},
        {"2018-01-01 23:59:59.", "YYYY-MM-DD HH:mm:ss.SSS"},
        {"2018-01-01 23:59:59.1234567890", "YYYY-MM-DD HH:mm:ss.SSS"},
        {"2018-01-01 23:59 +24:00", "YYYY-MM-DD HH:mm Z"},
        {"2018-01-01 23:59 05:30", "YYYY-MM-DD HH:mm Z"},
        {"2018-01-01 23:59 +5", "YYYY-MM-DD HH:mm Z"},
        {"\xD9\xA2\xD9\xA0", "YYYY"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CHECK_TEXT(read_utc(cases[i].text, cases[i].format), "-");
    }
    CHECK_TEXT(read_utc("2000/02/29", "YYYY/MM/DD"), "2000-02-29T00:00:00Z");
}

TEST(base_civil, iso) {
    CHECK_TEXT(read_utc("2018-08-06", "iso"), "2018-08-06T00:00:00Z");
    CHECK_TEXT(read_utc("2018-08-06T14:30", "iso"), "2018-08-06T14:30:00Z");
    CHECK_TEXT(read_utc("2018-08-06 14:30:01", "iso"), "2018-08-06T14:30:01Z");
    CHECK_TEXT(read_utc("2018-08-06T14:30:01.5Z", "iso"), "2018-08-06T14:30:01.500Z");
    CHECK_TEXT(read_utc("2018-08-06T14:30:01,000001+05:30", "iso"), "2018-08-06T09:00:01.000001Z");
    CHECK_TEXT(read_utc("2018-08-06T14:30:01.999999999Z", "iso"), "2018-08-06T14:30:01.999999Z");
    CHECK_TEXT(read_utc("2018-08-06T00:30+0530", "iso"), "2018-08-05T19:00:00Z");
    CHECK_TEXT(read_utc("1969-12-31T23:59:59.999999Z", "iso"), "1969-12-31T23:59:59.999999Z");
    CHECK_TEXT(read_utc("9999-12-31T23:59:59Z", "iso"), "9999-12-31T23:59:59Z");
    static const char *const bad[] = {
        "2018-08-06T", "2018-08-06Z",           "2018-08-06T14",      "2018-08-06T14:30:",
        "2018-08-6",   "2018-08-06T14:30:01.Z", "2018-08-06T14:30Zx", "2018-08-06T14:30 +05:30",
        "2018"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CHECK_TEXT(read_utc(bad[i], "iso"), "-");
    }
}

TEST(base_civil, epochs) {
    CHECK_TEXT(read_utc("1533565800", "epoch_s"), "2018-08-06T14:30:00Z");
    CHECK_TEXT(read_utc("1533565800123", "epoch_ms"), "2018-08-06T14:30:00.123Z");
    CHECK_TEXT(read_utc("-1", "epoch_us"), "1969-12-31T23:59:59.999999Z");
    CHECK_TEXT(read_utc("9223372036854775807", "epoch_us"), "9223372036854775807");
    CHECK_TEXT(read_utc("9223372036854775807", "epoch_ms"), "-");
    CHECK_TEXT(read_utc("1533565800.5", "epoch_s"), "-");
    CHECK_TEXT(read_utc("", "epoch_s"), "-");
}

TEST(base_civil, iso_text_of_any_number) {
    char iso[CIVIL_ISO_MAX];
    civil_iso(INT64_MIN, iso);
    CHECK_TEXT(text_of(iso), "-9223372036854775808");
    civil_iso(civil_days(0, 1, 1) * INT64_C(86400000000), iso);
    CHECK_TEXT(text_of(iso), "0000-01-01T00:00:00Z");
    civil_iso(civil_days(0, 1, 1) * INT64_C(86400000000) - 1, iso);
    CHECK_TEXT(text_of(iso), "-62167219200000001");
    civil_iso(civil_days(10000, 1, 1) * INT64_C(86400000000) - 1, iso);
    CHECK_TEXT(text_of(iso), "9999-12-31T23:59:59.999999Z");
}

TEST(base_civil, check_refuses_what_is_not_known) {
    static const char *const bad[] = {
        "",         "yyyy-MM-DD",   "YYYY-MM-DD hh:mm", "DD/MM",       "YYYY DD", "YYYY-MM-DD mm", "YYYYY",
        "MM/DD/YY", "YYYY-MM-DD a", "YYYY-YYYY",        "YYYY-MM-DDZ", "ISO",     "epoch"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct error error;
        error_clear(&error);
        CHECK(!civil_check(text_of(bad[i]), &error));
        CHECK_INT(error.code, ERROR_OPTION_TYPE);
    }
    struct error error;
    civil_check(text_of("yyyy-MM-DD"), &error);
    CHECK_TEXT(text_of(error.message),
               "the time format 'yyyy-MM-DD' has a 'y' that is not known; it is made of YYYY MM "
               "DD HH mm ss SSS Z, or is iso, epoch_s, epoch_ms or epoch_us");
}

TEST(base_civil, zones) {
    CHECK_TEXT(read_in("2018-08-06T00:00", "iso", zone("+05:30")), "2018-08-05T18:30:00Z");
    CHECK_TEXT(read_in("2018-08-06T00:00", "iso", zone("-0330")), "2018-08-06T03:30:00Z");
    CHECK_TEXT(read_in("2018-08-06T00:00", "iso", zone("Asia/Kolkata")), "2018-08-05T18:30:00Z");
    CHECK_TEXT(read_in("2018-08-06T00:00Z", "iso", zone("Asia/Kolkata")), "2018-08-06T00:00:00Z");
    CHECK_TEXT(read_in("2018-01-06T12:00", "iso", zone("Europe/Amsterdam")), "2018-01-06T11:00:00Z");
    CHECK_TEXT(read_in("2018-08-06T12:00", "iso", zone("Europe/Amsterdam")), "2018-08-06T10:00:00Z");
    CHECK(zone("Asia/Kolkata") == zone("Asia/Kolkata"));
    CHECK(zone("UTC") == zone_utc());
}

TEST(base_civil, a_skipped_time_is_after_the_change) {
    const struct zone *york = zone("America/New_York");
    CHECK_TEXT(read_in("2021-03-14T01:59:59", "iso", york), "2021-03-14T06:59:59Z");
    CHECK_TEXT(read_in("2021-03-14T02:30", "iso", york), "2021-03-14T07:30:00Z");
    CHECK_TEXT(read_in("2021-03-14T03:00", "iso", york), "2021-03-14T07:00:00Z");
    CHECK_TEXT(read_in("2021-03-14T03:30", "iso", york), "2021-03-14T07:30:00Z");
    // Samoa left out a whole day.
    CHECK_TEXT(read_in("2011-12-30T12:00", "iso", zone("Pacific/Apia")), "2011-12-30T22:00:00Z");
}

TEST(base_civil, a_doubled_time_is_the_first) {
    const struct zone *york = zone("America/New_York");
    CHECK_TEXT(read_in("2021-11-07T00:59:59", "iso", york), "2021-11-07T04:59:59Z");
    CHECK_TEXT(read_in("2021-11-07T01:00", "iso", york), "2021-11-07T05:00:00Z");
    CHECK_TEXT(read_in("2021-11-07T01:59:59", "iso", york), "2021-11-07T05:59:59Z");
    CHECK_TEXT(read_in("2021-11-07T02:00", "iso", york), "2021-11-07T07:00:00Z");
}

// Behind the listed changes the file's rule goes on.
TEST(base_civil, the_rule_goes_on_for_ever) {
    const struct zone *york = zone("America/New_York");
    CHECK_TEXT(read_in("2150-01-15T12:00", "iso", york), "2150-01-15T17:00:00Z");
    CHECK_TEXT(read_in("2150-07-15T12:00", "iso", york), "2150-07-15T16:00:00Z");
    CHECK_TEXT(read_in("2150-03-08T02:30", "iso", york), "2150-03-08T07:30:00Z");
    CHECK_TEXT(read_in("2150-11-01T01:30", "iso", york), "2150-11-01T05:30:00Z");
    // The southern half has its summer over the new year, Dublin calls its winter the exception.
    CHECK_TEXT(read_in("2150-01-15T12:00", "iso", zone("Australia/Sydney")), "2150-01-15T01:00:00Z");
    CHECK_TEXT(read_in("2150-07-15T12:00", "iso", zone("Australia/Sydney")), "2150-07-15T02:00:00Z");
    CHECK_TEXT(read_in("2150-01-15T12:00", "iso", zone("Europe/Dublin")), "2150-01-15T12:00:00Z");
    CHECK_TEXT(read_in("2150-07-15T12:00", "iso", zone("Europe/Dublin")), "2150-07-15T11:00:00Z");
    CHECK_TEXT(read_in("2150-07-15T12:00", "iso", zone("Asia/Kolkata")), "2150-07-15T06:30:00Z");
}

TEST(base_civil, the_oldest_times_have_the_first_offset) {
    CHECK_TEXT(read_in("1800-01-01T12:00", "iso", zone("America/New_York")), "1800-01-01T16:56:02Z");
}

// The C library knows the same zones, the other way round: from UTC to local time.
TEST(base_civil, zones_agree_with_the_c_library) {
    static const char *const names[] = {"America/New_York",    "Europe/Amsterdam",  "Europe/Dublin",     "Asia/Kolkata",
                                        "Australia/Lord_Howe", "America/Sao_Paulo", "Africa/Casablanca", "Pacific/Apia",
                                        "Asia/Tehran",         "Antarctica/Troll",  "Africa/Monrovia"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct zone *found = zone(names[i]);
        setenv("TZ", names[i], 1);
        tzset();
        for (int64_t utc_s = INT64_C(-2500000000); utc_s < INT64_C(6000000000); utc_s += 86400 * 3 + 1237) {
            time_t time = (time_t)utc_s;
            struct tm local;
            CHECK(localtime_r(&time, &local) != NULL);
            int64_t read_s = zone_utc_seconds(found, utc_s + local.tm_gmtoff);
            if (read_s != utc_s) { // the second of a doubled time: the first has the same clock
                struct tm first;
                time = (time_t)read_s;
                CHECK(read_s < utc_s && localtime_r(&time, &first) != NULL);
                CHECK_INT(read_s + first.tm_gmtoff, utc_s + local.tm_gmtoff);
            }
        }
    }
}

TEST(base_civil, zones_that_are_none) {
    static const char *const bad[] = {
        "",
        "Mars/Phobos",
        "../../etc/passwd",
        "/etc/localtime",
        "Asia/../Asia/Kolkata",
        "Asia",
        "asia/kolkata.",
        "+5:30",
        "+24:00",
        "+05:60",
        "+05:3",
        "zone.tab",
        "zone1970.tab",
        "Asia/",
        "tzdata.zi",
        "Asia//Kolkata",
        "+05:300",
        "right/UTC",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const struct zone *found = NULL;
        struct error error;
        error_clear(&error);
        CHECK(!zone_find(text_of(bad[i]), &found, &error));
        CHECK(error.code == ERROR_OPTION_TYPE);
        CHECK(found == NULL);
    }
    const struct zone *found = NULL;
    struct error error;
    char lengthy[5000];
    memset(lengthy, 'A', sizeof lengthy);
    CHECK(!zone_find((struct text){"Asia/Kolkata\0x", 14}, &found, &error));
    CHECK(!zone_find((struct text){lengthy, sizeof lengthy}, &found, &error));
}

// The quick way and the whole reader agree: the same time written with an offset takes the whole reader.
TEST(base_civil, plain_iso_is_read_as_any_other) {
    const struct zone *utc;
    struct error error;
    CHECK_OK(zone_find(TEXT_LITERAL("UTC"), &utc, &error), &error);
    for (int i = 0; i < 19900; i++) {
        int64_t time_us = ((int64_t)i * 15778463 - 62135596800) * 1000000 + (int64_t)(i % 1000) * 1000;
        char text[CIVIL_ISO_MAX];
        char other[CIVIL_ISO_MAX + 8];
        int64_t quick;
        int64_t whole;
        int length = civil_iso(time_us, text);
        snprintf(other, sizeof other, "%.*s+00:00", length - 1, text);
        CHECK(civil_parse(text_of(text), TEXT_LITERAL("iso"), utc, &quick));
        CHECK(civil_parse(text_of(other), TEXT_LITERAL("iso"), utc, &whole));
        CHECK_INT(quick, time_us);
        CHECK_INT(whole, time_us);
    }
    static const char *const wrong[] = {"2018-13-06T14:30:00Z", "2018-08-06T24:30:00Z",     "2018-08-06T14:60:00Z",
                                        "2018-08-06T14:30:61Z", "2018-02-30T14:30:00Z",     "0000-08-06T14:30:00Z",
                                        "2018-08-0aT14:30:00Z", "2018-08-06T14:30:00.0x0Z", "2018-08-06T14:30:00,000X"};
    int64_t out;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        CHECK(!civil_parse(text_of(wrong[i]), TEXT_LITERAL("iso"), utc, &out));
    }
}

#include "base/civil_write.h"

#include "test.h"

static const struct zone *zone(const char *name) {
    const struct zone *found;
    struct error error;
    CHECK_OK(zone_find(text_of(name), &found, &error), &error);
    return found;
}

static int64_t iso(const char *text) {
    int64_t time_us;
    CHECK(civil_parse(text_of(text), TEXT_LITERAL("iso"), zone_utc(), &time_us));
    return time_us;
}

static void check(const char *time, const char *format, const char *zone_name, const char *expected) {
    char out[CIVIL_WRITE_MAX];
    size_t length;
    CHECK(civil_write(iso(time), text_of(format), zone(zone_name), out, &length));
    CHECK_TEXT(((struct text){out, length}), expected);
}

TEST(base_civil_write, iso_in_its_zone) {
    check("2018-08-06T14:30:00Z", "iso", "UTC", "2018-08-06T14:30:00Z");
    check("2018-08-06T14:30:00.25Z", "iso", "UTC", "2018-08-06T14:30:00.250Z");
    check("2018-08-06T14:30:00.000001Z", "iso", "UTC", "2018-08-06T14:30:00.000001Z");
    check("2018-08-06T14:30:00Z", "iso", "+05:30", "2018-08-06T20:00:00+05:30");
    check("1969-12-31T23:59:59Z", "iso", "UTC", "1969-12-31T23:59:59Z");
    check("2018-08-06T14:30:00Z", "iso", "-03:30", "2018-08-06T11:00:00-03:30");
}

// Kolkata's clocks were 5:53:28 ahead: a time that has to come back whole can't be said by them.
TEST(base_civil_write, odd_offsets_of_long_ago) {
    check("1850-01-01T00:00:10Z", "iso", "Asia/Kolkata", "1850-01-01T00:00:10Z");
    check("1850-01-01T00:00:10Z", "YYYY-MM-DD HH:mm:ss Z", "Asia/Kolkata", "1850-01-01 00:00:10 Z");
    check("1850-01-01T00:00:10Z", "YYYY-MM-DD HH:mm:ss", "Asia/Kolkata", "1850-01-01 05:53:38");
}

TEST(base_civil_write, formats) {
    check("2018-08-06T14:30:05.5Z", "YYYY/MM/DD", "UTC", "2018/08/06");
    check("2018-08-06T14:30:05.5Z", "DD.MM.YYYY HH:mm:ss.SSS", "UTC", "06.08.2018 14:30:05.500");
    check("2018-08-06T14:30:05Z", "YYYY-MM-DDTHH:mmZ", "+05:30", "2018-08-06T20:00+05:30");
    check("2018-08-06T23:30:00Z", "YYYY-MM-DD", "+05:30", "2018-08-07");
    check("2018-08-06T14:30:05.999Z", "epoch_s", "UTC", "1533565805");
    check("2018-08-06T14:30:05.999Z", "epoch_ms", "UTC", "1533565805999");
    check("1969-12-31T23:59:59.5Z", "epoch_s", "UTC", "-1");
    check("2018-08-06T14:30:05.999Z", "epoch_us", "UTC", "1533565805999000");
}

TEST(base_civil_write, both_hours_of_a_clock_that_goes_back) {
    check("2023-10-29T00:30:00Z", "iso", "Europe/Berlin", "2023-10-29T02:30:00+02:00");
    check("2023-10-29T01:30:00Z", "iso", "Europe/Berlin", "2023-10-29T02:30:00+01:00");
    check("2023-03-26T00:59:59Z", "iso", "Europe/Berlin", "2023-03-26T01:59:59+01:00");
    check("2023-03-26T01:00:00Z", "iso", "Europe/Berlin", "2023-03-26T03:00:00+02:00");
    check("2050-07-01T12:00:00Z", "iso", "America/New_York", "2050-07-01T08:00:00-04:00");
}

TEST(base_civil_write, every_quarter_hour_of_two_years_comes_back) {
    const struct zone *berlin = zone("Europe/Berlin");
    for (int64_t at = iso("2023-01-01T00:00:00Z"); at < iso("2025-01-01T00:00:00Z"); at += INT64_C(900000000)) {
        char out[CIVIL_WRITE_MAX];
        size_t length;
        int64_t back;
        CHECK(civil_write(at, TEXT_LITERAL("iso"), berlin, out, &length));
        CHECK(civil_parse((struct text){out, length}, TEXT_LITERAL("iso"), zone_utc(), &back));
        CHECK_INT(back, at);
    }
}

TEST(base_civil_write, refuses_what_does_not_fit) {
    char out[CIVIL_WRITE_MAX];
    size_t length;
    CHECK(!civil_write(INT64_MAX, TEXT_LITERAL("iso"), zone_utc(), out, &length));
    CHECK(!civil_write(INT64_MIN, TEXT_LITERAL("iso"), zone_utc(), out, &length));
    char format[CIVIL_WRITE_MAX + 20];
    memset(format, '-', sizeof format);
    CHECK(!civil_write(0, (struct text){format, sizeof format}, zone_utc(), out, &length));
    CHECK(civil_write(INT64_MIN, TEXT_LITERAL("epoch_us"), zone_utc(), out, &length));
}

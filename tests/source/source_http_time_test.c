#include "source/source_http_time.h"

#include "base/civil.h"
#include "test.h"

static void check(const char *time, const char *format, const char *like, const char *expected) {
    int64_t time_us;
    struct buffer out;
    buffer_init(&out, 1000);
    CHECK(civil_parse(text_of(time), TEXT_LITERAL("iso"), zone_utc(), &time_us));
    CHECK(http_time_write(time_us, text_of(format), text_of(like), &out));
    CHECK_TEXT(buffer_view(&out), expected);
    buffer_clear(&out);
}

TEST(source_http_time, iso_as_the_source_has_it) {
    static const char *const time = "2018-08-06T14:30:05.123456Z";
    check(time, "iso", "", "2018-08-06T14:30:05.123Z");
    check(time, "iso", "2001-01-01", "2018-08-06");
    check(time, "iso", "2001-01-01 10:00", "2018-08-06 14:30");
    check(time, "iso", "2001-01-01T10:00:00", "2018-08-06T14:30:05");
    check(time, "iso", "2001-01-01T10:00:00Z", "2018-08-06T14:30:05Z");
    check(time, "iso", "2001-01-01T10:00:00.1Z", "2018-08-06T14:30:05.1Z");
    check(time, "iso", "2001-01-01T10:00:00.123456789+05:30", "2018-08-06T14:30:05.123456000+00:00");
    check(time, "iso", "2001-01-01T10:00+0530", "2018-08-06T14:30+0000");
    check(time, "iso", "2001-01-01T10:00:00,12-05", "2018-08-06T14:30:05,12+0000");
}

TEST(source_http_time, other_formats) {
    check("1969-12-31T23:59:59.9995Z", "epoch_ms", "", "-1");
    check("2018-08-06T14:30:05.123456Z", "epoch_s", "", "1533565805");
    check("2018-08-06T14:30:05Z", "DD.MM.YYYY HH:mm:ss", "", "06.08.2018 14:30:05");
}

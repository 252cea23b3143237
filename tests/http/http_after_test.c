#include "http/http_internal.h"
#include "test.h"

static const int64_t now_us = INT64_C(1700000000000000);

static int64_t wait_s(const char *after, const char *date) {
    int64_t then_us = http_after(text_of(after), text_of(date), now_us);
    return then_us == 0 ? -1 : (then_us - now_us) / 1000000;
}

TEST(http_after, seconds_and_dates) {
    CHECK_INT(wait_s("", ""), -1);
    CHECK_INT(wait_s("soon", ""), -1);
    CHECK_INT(wait_s("120", ""), 120);
    CHECK_INT(wait_s("0", ""), 0);
    CHECK_INT(wait_s("1.5", ""), 2);
    CHECK_INT(wait_s("Wed, 21 Oct 2015 07:29:30 GMT", "Wed, 21 Oct 2015 07:28:00 GMT"), 90);
    CHECK_INT(wait_s("Wed, 21 Oct 2015 07:27:30 GMT", "Wed, 21 Oct 2015 07:28:00 GMT"), 0);
    CHECK_INT(wait_s("Tue, 14 Nov 2023 22:14:20 GMT", ""), 60);
    CHECK_INT(wait_s("Wed, 21 Oct 2015 07:28:00 GMT", "yesterday"), 0);
    CHECK_INT(wait_s("Fri, 01 Jan 2100 00:00:00 GMT", ""), 366 * 86400);
}

// What a server says must not overflow what is counted with it.
TEST(http_after, numbers_at_the_ends) {
    CHECK_INT(wait_s("9223372036854775807.5", ""), 366 * 86400 + 1);
    CHECK_INT(wait_s("9223372036854775807", ""), 366 * 86400);
    CHECK_INT(wait_s("-9223372036854775808", ""), 0);
    CHECK_INT(wait_s("-5", ""), 0);
    CHECK_INT(wait_s("9223372036854775808", ""), -1);
}

#include <string.h>

#include "http/http_internal.h"

enum { WAIT_S_MAX = 366 * 86400 };

#define SECOND_US INT64_C(1000000)

// A date in one of the forms of HTTP, in seconds; -1 when it is none.
static int64_t date_read(struct text text) {
    char date[64];
    if (text.length == 0 || text.length >= sizeof date) {
        return -1;
    }
    memcpy(date, text.data, text.length);
    date[text.length] = '\0';
    return (int64_t)curl_getdate(date, NULL);
}

// Within what anybody would wait for, so that nothing that is counted with it overflows.
static int64_t limited(int64_t seconds) {
    return seconds < 0 ? 0 : seconds > WAIT_S_MAX ? WAIT_S_MAX : seconds;
}

int64_t http_after(struct text after, struct text date, int64_t now_us) {
    int64_t seconds = 0;
    if (after.length == 0) {
        return 0;
    }
    const char *point = memchr(after.data, '.', after.length);
    struct text whole = {after.data, point != NULL ? (size_t)(point - after.data) : after.length};
    if (text_integer(whole, &seconds)) {
        bool has_more = point != NULL && after.length > whole.length + 1;
        return now_us + (limited(seconds) + has_more) * SECOND_US;
    }
    int64_t then_s = date_read(after);
    if (then_s == -1) {
        return 0;
    }
    int64_t sent_s = date_read(date);
    if (sent_s != -1) {
        return now_us + limited(then_s - sent_s) * SECOND_US;
    }
    int64_t end_us = now_us + WAIT_S_MAX * SECOND_US;
    return then_s <= now_us / SECOND_US ? now_us : then_s < end_us / SECOND_US ? then_s * SECOND_US : end_us;
}

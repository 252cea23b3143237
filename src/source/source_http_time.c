#include "source/source_http_time.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/civil_write.h"
#include "base/zone.h"

#define SECOND_US INT64_C(1000000)
#define DAY_US (86400 * SECOND_US)

struct moment {
    int64_t year;
    int64_t month;
    int64_t day;
    int hour;
    int minute;
    int second;
    int micro;
};

static int64_t floor_div(int64_t a, int64_t b) {
    return a / b - (a % b < 0);
}

static struct moment moment_of(int64_t time_us) {
    struct moment moment;
    int64_t day = floor_div(time_us, DAY_US);
    int64_t rest = time_us - day * DAY_US;
    civil_date(day, &moment.year, &moment.month, &moment.day);
    moment.hour = (int)(rest / (3600 * SECOND_US));
    moment.minute = (int)(rest / (60 * SECOND_US) % 60);
    moment.second = (int)(rest / SECOND_US % 60);
    moment.micro = (int)(rest % SECOND_US);
    return moment;
}

static bool fraction_write(int micro, size_t digits, struct buffer *out) {
    char room[16];
    snprintf(room, sizeof room, "%06d000", micro);
    return buffer_append(out, room, digits < 9 ? digits : 9);
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// 2018-08-06T14:30:05.123Z: as much of it as the text it follows has.
static bool iso_write(int64_t time_us, struct text like, struct buffer *out) {
    struct moment moment = moment_of(time_us);
    if (moment.year < 1 || moment.year > 9999) {
        return false;
    }
    bool has_example = like.length >= 10;
    bool has_time = !has_example || like.length >= 16;
    bool has_seconds = !has_example || (like.length >= 19 && like.data[16] == ':');
    size_t digits = has_example ? 0 : 3;
    size_t at = has_seconds ? 19 : 16;
    char point = '.';
    if (has_example && has_seconds && like.length > 20 && (like.data[19] == '.' || like.data[19] == ',')) {
        point = like.data[19];
        for (at = 20; at < like.length && is_digit(like.data[at]); at++) {
            digits++;
        }
    }
    buffer_print(out, "%04" PRId64 "-%02" PRId64 "-%02" PRId64, moment.year, moment.month, moment.day);
    if (!has_time) {
        return !out->failed;
    }
    buffer_print(out, "%c%02d:%02d", has_example ? like.data[10] : 'T', moment.hour, moment.minute);
    if (has_seconds) {
        buffer_print(out, ":%02d", moment.second);
    }
    if (digits > 0) {
        buffer_byte(out, point);
        fraction_write(moment.micro, digits, out);
    }
    if (!has_example || (at < like.length && like.data[at] == 'Z')) {
        buffer_byte(out, 'Z');
    } else if (at < like.length) {
        bool has_colon = memchr(like.data + at, ':', like.length - at) != NULL;
        buffer_string(out, has_colon ? "+00:00" : "+0000");
    }
    return !out->failed;
}

bool http_time_write(int64_t time_us, struct text format, struct text like, struct buffer *out) {
    if (text_is(format, "iso")) {
        return iso_write(time_us, like, out);
    }
    char room[CIVIL_WRITE_MAX];
    size_t length;
    return civil_write(time_us, format, zone_utc(), room, &length) && buffer_append(out, room, length);
}

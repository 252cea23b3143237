// Times from any bytes: a format, a text, the bytes of a compiled time zone. What a text means is written back by the
// same format as the same time; ISO and the epochs are held against a calendar that counts days one by one; a zone's
// offset stays within what clocks have; a bound that is computed is never later than the time it was made of; a
// server's Retry-After is never a time that has passed or is years away.

#include <limits.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/civil_write.h"
#include "base/memory.h"
#include "base/zone.h"
#include "base/zone_file.h"
#include "fuzz.h"
#include "http/http_internal.h"
#include "source/source_http_cursor.h"
#include "source/source_http_time.h"

#define NOW_US INT64_C(1700000000000000)
#define SECOND_US INT64_C(1000000)
#define DAY_US (86400 * SECOND_US)
#define WAIT_US_MAX (367 * DAY_US)

static int64_t fixed_now(void *context) {
    (void)context;
    return NOW_US;
}

static bool is_leap(int64_t year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

// Days from 1970 to a date, counted year by year and month by month.
static int64_t plain_days(int year, int month, int day) {
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t days = 0;
    for (int64_t at = 1970; at < year; at++) {
        days += is_leap(at) ? 366 : 365;
    }
    for (int64_t at = year; at < 1970; at++) {
        days -= is_leap(at) ? 366 : 365;
    }
    for (int at = 1; at < month; at++) {
        days += lengths[at - 1] + (at == 2 && is_leap(year));
    }
    return days + day - 1;
}

// "2018-08-06T14:30:00Z" by hand.
static void check_iso(struct text text, bool is_read, int64_t time_us) {
    char room[32] = {0};
    int year, month, day, hour, minute, second;
    int used = 0;
    if (text.length != 20) {
        return;
    }
    memcpy(room, text.data, 20);
    if (strspn(room, "0123456789-T:Z") != 20 ||
        sscanf(room, "%4d-%2d-%2dT%2d:%2d:%2dZ%n", &year, &month, &day, &hour, &minute, &second, &used) != 6 ||
        used != 20 || room[4] != '-' || room[7] != '-' || room[10] != 'T' || strlen(room) != 20) {
        return;
    }
    char again[64];
    snprintf(again, sizeof again, "%04d-%02d-%02dT%02d:%02d:%02dZ", year, month, day, hour, minute, second);
    if (strcmp(again, room) != 0) {
        return;
    }
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool fits = year >= 1 && month >= 1 && month <= 12 && day >= 1 && hour >= 0 && hour <= 23 && minute >= 0 &&
                minute <= 59 && second >= 0 && second <= 59 &&
                day <= lengths[month - 1] + (month == 2 && is_leap(year));
    demand(is_read == fits, "a day of the calendar is a time, and nothing else is");
    int64_t seconds = fits ? plain_days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second : 0;
    demand(!fits || time_us == seconds * SECOND_US, "it is the time that the calendar says");
}

static const struct zone *zone_pick(unsigned byte) {
    static const char *const names[] = {"UTC",           "+05:30",           "-11:00",          "Asia/Kolkata",
                                        "Europe/Berlin", "America/New_York", "Pacific/Chatham", "Africa/Casablanca"};
    const struct zone *zone;
    struct error error;
    struct text name = text_of(names[byte % (sizeof names / sizeof names[0])]);
    demand(zone_find(name, &zone, &error), "the zone is there");
    return zone;
}

// Writes a time and reads it again; what the format has no place for is lost, nothing else.
static void check_written(int64_t time_us, struct text format, const struct zone *zone) {
    char room[CIVIL_WRITE_MAX];
    char second[CIVIL_WRITE_MAX];
    size_t length;
    size_t again_length;
    int64_t again;
    if (!civil_write(time_us, format, zone, room, &length)) {
        return;
    }
    struct text written = {room, length};
    bool is_read = civil_parse(written, format, zone, &again);
    demand(is_read, "what was written can be read");
    demand(civil_write(again, format, zone, second, &again_length) &&
               text_same(written, (struct text){second, again_length}),
           "a time that was read is written the same");
    bool is_exact = text_is(format, "iso") || text_is(format, "epoch_us");
    demand(!is_exact || again == time_us, "iso and microseconds lose nothing");
}

static void check_text(struct text format, struct text text, const struct zone *zone) {
    struct error error;
    int64_t time_us = 0;
    error_clear(&error);
    if (!civil_check(format, &error)) {
        demand_error(&error);
        return;
    }
    bool is_read = civil_parse(text, format, zone, &time_us);
    if (text_is(format, "iso")) {
        check_iso(text, is_read, time_us);
    }
    if (is_read) {
        check_written(time_us, format, zone);
        check_written(time_us, TEXT_LITERAL("iso"), zone);
    }
}

// A watermark less an overlap, as it is sent.
static void check_back(struct text format, struct text since, unsigned hours) {
    struct buffer out;
    struct error error;
    int64_t from;
    int64_t to;
    error_clear(&error);
    buffer_init(&out, HTTP_CURSOR_BYTES_MAX);
    int64_t overlap_us = (int64_t)hours * hours * hours * 3600 * SECOND_US;
    if (!http_cursor_back(since, format, overlap_us, &out, &error)) {
        demand_error(&error);
        demand(error.code != ERROR_MEMORY, "what can't be written is not called a lack of memory");
    } else {
        demand(civil_parse(since, format, zone_utc(), &from), "a watermark is a time");
        demand(civil_parse(buffer_view(&out), format, zone_utc(), &to), "a bound is a time of the same format");
        demand(to <= from - overlap_us, "a bound is never later than it should be");
        demand((__int128)to > (__int128)from - overlap_us - 366 * DAY_US, "a bound is not much earlier either");
    }
    buffer_clear(&out);
}

// Cursors of one format stand in a total order.
static void check_order(struct text format, const struct text words[3]) {
    static const struct clock clock = {fixed_now, NULL, NULL};
    struct path path = {0};
    struct http_cursor cursor;
    struct http_mark marks[3];
    http_cursor_init(&cursor, &path, format, &clock);
    bool all = true;
    for (size_t i = 0; i < 3; i++) {
        marks[i] = http_cursor_text(&cursor, words[i]);
        all = all && marks[i].text.length > 0;
    }
    if (all && format.length > 0) {
        int ab = http_cursor_compare(&cursor, &marks[0], &marks[1]);
        int bc = http_cursor_compare(&cursor, &marks[1], &marks[2]);
        int ac = http_cursor_compare(&cursor, &marks[0], &marks[2]);
        demand((ab > 0) == (http_cursor_compare(&cursor, &marks[1], &marks[0]) < 0), "an order has two sides");
        demand(!(ab <= 0 && bc <= 0) || ac <= 0, "the order is total");
    }
    http_cursor_clear(&cursor);
}

static void check_zone(struct text file, int64_t local_s) {
    struct zone_rules rules;
    struct error error;
    error_clear(&error);
    if (!zone_rules_read(file, "fuzz", &rules, &error)) {
        demand_error(&error);
        return;
    }
    const int64_t times[] = {local_s, -local_s / 2, INT64_MIN / SECOND_US, INT64_MAX / SECOND_US, 0};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        int32_t offset = zone_rules_offset(&rules, times[i]);
        demand(offset > -26 * 3600 && offset < 26 * 3600, "no clock is off by more than a day");
    }
    for (size_t i = 1; i < rules.count; i++) {
        demand(rules.starts[i - 1] <= rules.starts[i], "changes come in order");
    }
    memory_free(rules.starts);
}

static void check_after(struct text after, struct text date) {
    int64_t then = http_after(text_trim(after), text_trim(date), NOW_US);
    demand(then == 0 || (then >= NOW_US && then <= NOW_US + WAIT_US_MAX), "a server is asked again in time");
    int64_t seconds;
    bool is_plain = text_integer(text_trim(after), &seconds) && seconds >= 0 && seconds < 1000000;
    demand(!is_plain || then == NOW_US + seconds * SECOND_US, "seconds are seconds");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct text own[] = {
        {"iso", 3}, {"epoch_s", 7}, {"epoch_ms", 8}, {"epoch_us", 8}, {"YYYY-MM-DD HH:mm", 16}};
    struct text rest = {(const char *)data, size};
    unsigned pick = take_byte(&rest);
    struct text format = take_line(&rest);
    struct text words[3];
    for (size_t i = 0; i < 3; i++) {
        words[i] = take_line(&rest);
    }
    const struct zone *zone = zone_pick(pick);
    struct error error;
    if (format.length == 0) {
        format = own[pick / 8 % (sizeof own / sizeof own[0])];
    }
    for (size_t i = 0; i < 3; i++) {
        check_text(format, words[i], zone);
    }
    if (civil_check(format, &error)) {
        check_order(format, words);
        check_back(format, words[0], pick);
    }
    check_after(words[0], words[1]);
    int64_t local_s = 0;
    text_integer(words[2], &local_s);
    check_zone(rest, local_s / SECOND_US);
    return 0;
}

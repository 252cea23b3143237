// Cron patterns from any bytes: a pattern, a time in seconds. What is read can be written as plain lists and means the
// same; what is next fits the pattern, lies ahead, and nothing that fits lies before it, by counting minutes in UTC; in
// a zone whose clocks change, asking from anywhere before it gives the same.

#include <time.h>

#include "base/buffer.h"
#include "base/civil.h"
#include "base/cron.h"
#include "fuzz.h"

enum { MINUTE_S = 60, LOOK_MINUTES = 2 * 24 * 60, STEPS = 4, WRITTEN_MAX = 4096 };

#define SECOND_US INT64_C(1000000)
#define FAR_S INT64_C(253000000000) // near the end of the year 9999

static const struct zone *zone_pick(unsigned byte) {
    static const char *const names[] = {"UTC",          "+05:30",           "Europe/Berlin",     "Australia/Lord_Howe",
                                        "Pacific/Apia", "America/New_York", "Africa/Casablanca", "America/St_Johns"};
    const struct zone *zone;
    struct error error;
    demand(zone_find(text_of(names[byte % (sizeof names / sizeof names[0])]), &zone, &error), "the zone is there");
    return zone;
}

static void write_bits(struct buffer *out, uint64_t bits) {
    const char *before = "";
    for (int i = 0; i < 64; i++) {
        if ((bits >> i & 1) != 0) {
            buffer_print(out, "%s%d", before, i);
            before = ",";
        }
    }
    buffer_byte(out, ' ');
}

static void check_written(const struct cron *cron) {
    struct buffer out;
    struct cron again;
    struct error error;
    buffer_init(&out, WRITTEN_MAX);
    write_bits(&out, cron->minutes);
    write_bits(&out, cron->hours);
    write_bits(&out, cron->days);
    write_bits(&out, cron->months);
    write_bits(&out, cron->weekdays);
    bool is_read = cron_read(buffer_view(&out), &again, &error);
    demand(is_read == (out.length <= CRON_BYTES_MAX), "what was read can be written");
    demand(!is_read || (again.minutes == cron->minutes && again.hours == cron->hours && again.days == cron->days &&
                        again.months == cron->months && again.weekdays == cron->weekdays),
           "lists of values mean the same");
    buffer_clear(&out);
}

// Whether a value is in a field of plain numbers, read as simply as can be.
static bool plain_has(struct text field, int low, int value) {
    while (field.length > 0) {
        char room[CRON_BYTES_MAX + 1];
        int from, to, step, used = 0;
        struct text part = take_until(&field, ',');
        snprintf(room, sizeof room, "%.*s", TEXT_ARGS(part));
        bool is_star = room[0] == '*';
        int end = (int)strlen(room);
        if ((sscanf(room, "*/%d%n", &step, &used) == 1 && used == end && (value - low) % step == 0) ||
            (is_star && end == 1) || (sscanf(room, "%d%n", &from, &used) == 1 && used == end && value == from)) {
            return true;
        }
        step = 1;
        bool is_range = (sscanf(room, "%d-%d%n", &from, &to, &used) == 2 && used == end) ||
                        (sscanf(room, "%d-%d/%d%n", &from, &to, &step, &used) == 3 && used == end);
        if (!is_star && is_range && value >= from && value <= to && (value - from) % step == 0) {
            return true;
        }
    }
    return false;
}

// Held against that where there are no names.
static void check_fields(const struct cron *cron, struct text text) {
    static const int lows[] = {0, 0, 1, 1, 0};
    static const int highs[] = {59, 23, 31, 12, 6};
    const uint64_t bits[] = {cron->minutes, cron->hours, cron->days, cron->months, cron->weekdays};
    for (size_t i = 0; i < text.length; i++) {
        if (strchr("0123456789*/,- ", text.data[i]) == NULL) {
            return;
        }
    }
    text = text_trim(text);
    for (size_t i = 0; i < 5; i++) {
        struct text field = take_until(&text, ' ');
        if (field.length == 0) {
            return; // several blanks
        }
        for (int value = lows[i]; value <= highs[i]; value++) {
            bool is_sunday = i == 4 && value == 0 && !(field.data[0] == '*') && plain_has(field, 0, 7);
            demand((bits[i] >> value & 1) == (plain_has(field, lows[i], value) || is_sunday),
                   "a field says its values");
        }
    }
}

static bool fits(const struct cron *cron, int64_t utc_s) {
    struct tm at;
    time_t time = (time_t)utc_s;
    gmtime_r(&time, &at);
    bool by_month = (cron->days >> at.tm_mday & 1) != 0;
    bool by_week = (cron->weekdays >> at.tm_wday & 1) != 0;
    return (cron->minutes >> at.tm_min & 1) != 0 && (cron->hours >> at.tm_hour & 1) != 0 &&
           (cron->months >> (at.tm_mon + 1) & 1) != 0 && (cron->either ? by_month || by_week : by_month && by_week);
}

static void check_utc(const struct cron *cron, int64_t after_s) {
    int64_t next_s = cron_next(cron, zone_utc(), after_s * SECOND_US) / SECOND_US;
    demand(next_s == 0 || (next_s > after_s && next_s % MINUTE_S == 0 && fits(cron, next_s)), "what is next is due");
    int64_t at_s = after_s - after_s % MINUTE_S + MINUTE_S;
    for (int i = 0; i < LOOK_MINUTES && at_s != next_s; i++, at_s += MINUTE_S) {
        demand(!fits(cron, at_s), "nothing that is due is left out");
    }
}

static void check_zone(const struct cron *cron, const struct zone *zone, int64_t after_s) {
    int64_t after_us = after_s * SECOND_US;
    for (int i = 0; i < STEPS; i++) {
        int64_t next_us = cron_next(cron, zone, after_us);
        if (next_us == 0) {
            return;
        }
        demand(next_us > after_us, "what is next lies ahead");
        demand(cron_next(cron, zone, next_us - 1) == next_us, "it is the same from shortly before");
        demand(cron_next(cron, zone, after_us + (next_us - after_us) / 2) == next_us, "and from halfway");
        after_us = next_us;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct text rest = {(const char *)data, size};
    unsigned pick = take_byte(&rest);
    struct text text = take_line(&rest);
    int64_t after_s = 0;
    struct cron cron;
    struct error error;
    error_clear(&error);
    if (!cron_read(text, &cron, &error)) {
        demand_error(&error);
        demand(error.code == ERROR_OPTION_TYPE, "a pattern that is none is an option's mistake");
        return 0;
    }
    check_written(&cron);
    check_fields(&cron, text);
    if (text_integer(text_trim(take_line(&rest)), &after_s)) {
        after_s = after_s < 0 ? -(after_s % FAR_S) : after_s % FAR_S;
        check_utc(&cron, after_s);
        check_zone(&cron, zone_pick(pick), after_s);
    }
    return 0;
}

#include "base/civil.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/zone.h"

enum { DAY_S = 86400, HOUR_S = 3600, MINUTE_S = 60, SECOND_US = 1000000 };

// What a text said about a time. An offset of its own wins over the zone.
struct reading {
    int year;
    int month;
    int day;
    int hour;
    int minute;
    int second;
    int micro;
    bool has_offset;
    int offset_s;
};

// Moves over the text while it fits.
struct cursor {
    const char *at;
    const char *end;
};

// Days are counted from 1 March, so that the leap day is a year's last, in eras of 400 years.
int64_t civil_days(int64_t year, int64_t month, int64_t day) {
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

void civil_date(int64_t days, int64_t *year, int64_t *month, int64_t *day) {
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted = (5 * day_of_year + 2) / 153;
    *day = day_of_year - (153 * shifted + 2) / 5 + 1;
    *month = shifted < 10 ? shifted + 3 : shifted - 9;
    *year = year_of_era + era * 400 + (*month <= 2);
}

static int month_days(int year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && is_leap ? 29 : days[month - 1];
}

static bool digits_read(struct cursor *cursor, int count, int *out) {
    if (cursor->end - cursor->at < count) {
        return false;
    }
    int sum = 0;
    for (int i = 0; i < count; i++) {
        char c = cursor->at[i];
        if (c < '0' || c > '9') {
            return false;
        }
        sum = sum * 10 + (c - '0');
    }
    cursor->at += count;
    *out = sum;
    return true;
}

static bool byte_read(struct cursor *cursor, char byte) {
    if (cursor->at == cursor->end || *cursor->at != byte) {
        return false;
    }
    cursor->at++;
    return true;
}

// 1 to 9 digits; what is finer than a microsecond is left out.
static bool fraction_read(struct cursor *cursor, int *out_micro) {
    int count = 0;
    int micro = 0;
    while (cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9') {
        if (count < 6) {
            micro = micro * 10 + (*cursor->at - '0');
        }
        count++;
        cursor->at++;
    }
    for (int i = count; i < 6; i++) {
        micro *= 10;
    }
    *out_micro = micro;
    return count >= 1 && count <= 9;
}

// Z, +05:30, +0530, +05
static bool offset_read(struct cursor *cursor, struct reading *out) {
    out->has_offset = true;
    out->offset_s = 0;
    if (byte_read(cursor, 'Z')) {
        return true;
    }
    int sign = byte_read(cursor, '+') ? 1 : -1;
    int hours;
    int minutes = 0;
    if ((sign < 0 && !byte_read(cursor, '-')) || !digits_read(cursor, 2, &hours)) {
        return false;
    }
    bool has_minutes = byte_read(cursor, ':') || (cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9');
    if (has_minutes && !digits_read(cursor, 2, &minutes)) {
        return false;
    }
    out->offset_s = sign * (hours * HOUR_S + minutes * MINUTE_S);
    return hours <= 23 && minutes <= 59;
}

// 2018-08-06, then perhaps T14:30, :05, .123, +05:30
static bool iso_read(struct cursor *cursor, struct reading *out) {
    if (!digits_read(cursor, 4, &out->year) || !byte_read(cursor, '-') || !digits_read(cursor, 2, &out->month) ||
        !byte_read(cursor, '-') || !digits_read(cursor, 2, &out->day)) {
        return false;
    }
    if (cursor->at == cursor->end) {
        return true;
    }
    if ((!byte_read(cursor, 'T') && !byte_read(cursor, ' ')) || !digits_read(cursor, 2, &out->hour) ||
        !byte_read(cursor, ':') || !digits_read(cursor, 2, &out->minute)) {
        return false;
    }
    if (byte_read(cursor, ':')) {
        if (!digits_read(cursor, 2, &out->second)) {
            return false;
        }
        if ((byte_read(cursor, '.') || byte_read(cursor, ',')) && !fraction_read(cursor, &out->micro)) {
            return false;
        }
    }
    return cursor->at == cursor->end || offset_read(cursor, out);
}

// The pieces of a format, the longer before what they start with.
enum piece { PIECE_YEAR, PIECE_MONTH, PIECE_DAY, PIECE_HOUR, PIECE_MINUTE, PIECE_SECOND, PIECE_FRACTION, PIECE_OFFSET };

enum { PIECES = PIECE_OFFSET + 1, PIECE_NONE = PIECES };

static const struct {
    const char *text;
    unsigned length;
} pieces[PIECES] = {
    [PIECE_YEAR] = {"YYYY", 4}, [PIECE_MONTH] = {"MM", 2},  [PIECE_DAY] = {"DD", 2},       [PIECE_HOUR] = {"HH", 2},
    [PIECE_MINUTE] = {"mm", 2}, [PIECE_SECOND] = {"ss", 2}, [PIECE_FRACTION] = {"SSS", 3}, [PIECE_OFFSET] = {"Z", 1},
};

// The piece that the format has at `at`, or PIECE_NONE for a character that stands for itself.
static unsigned piece_at(struct text format, size_t at) {
    char first = format.data[at];
    for (unsigned i = 0; i < PIECES; i++) {
        if (pieces[i].text[0] == first && format.length - at >= pieces[i].length &&
            memcmp(pieces[i].text, format.data + at, pieces[i].length) == 0) {
            return i;
        }
    }
    return PIECE_NONE;
}

static bool piece_read(struct cursor *cursor, unsigned piece, struct reading *out) {
    switch (piece) {
    case PIECE_YEAR:
        return digits_read(cursor, 4, &out->year);
    case PIECE_MONTH:
        return digits_read(cursor, 2, &out->month);
    case PIECE_DAY:
        return digits_read(cursor, 2, &out->day);
    case PIECE_HOUR:
        return digits_read(cursor, 2, &out->hour);
    case PIECE_MINUTE:
        return digits_read(cursor, 2, &out->minute);
    case PIECE_SECOND:
        return digits_read(cursor, 2, &out->second);
    case PIECE_FRACTION:
        return fraction_read(cursor, &out->micro);
    default:
        return offset_read(cursor, out);
    }
}

static bool format_read(struct cursor *cursor, struct text format, struct reading *out) {
    size_t i = 0;
    while (i < format.length) {
        unsigned piece = piece_at(format, i);
        bool fits = piece == PIECE_NONE ? byte_read(cursor, format.data[i]) : piece_read(cursor, piece, out);
        if (!fits) {
            return false;
        }
        i += piece == PIECE_NONE ? 1 : pieces[piece].length;
    }
    return true;
}

static bool reading_time(const struct reading *reading, const struct zone *zone, int64_t *out_us) {
    if (reading->year < 1 || reading->month < 1 || reading->month > 12 || reading->day < 1 ||
        reading->day > month_days(reading->year, reading->month) || reading->hour > 23 || reading->minute > 59 ||
        reading->second > 59) {
        return false;
    }
    int64_t local_s = civil_days(reading->year, reading->month, reading->day) * DAY_S + reading->hour * HOUR_S +
                      reading->minute * MINUTE_S + reading->second;
    int64_t utc_s = reading->has_offset ? local_s - reading->offset_s : zone_utc_seconds(zone, local_s);
    *out_us = utc_s * SECOND_US + reading->micro;
    return true;
}

// How many microseconds a unit of an epoch format has; 0 when it is another format.
static int64_t epoch_unit(struct text format) {
    if (format.length < 7 || format.data[0] != 'e') {
        return 0;
    }
    return text_is(format, "epoch_s") ? SECOND_US : text_is(format, "epoch_ms") ? 1000 : text_is(format, "epoch_us");
}

// Two digits at a place, or a number past all that fits.
static unsigned pair_at(const char *at) {
    unsigned high = (unsigned)(unsigned char)at[0] - '0';
    unsigned low = (unsigned)(unsigned char)at[1] - '0';
    return high > 9 || low > 9 ? 1000 : high * 10 + low;
}

// The form that machines write, 2018-08-06T14:30:00Z with or without .000, of which a row often has two. What is in any
// way special (a 29th, a leap second) is left to the whole reader.
static bool iso_plain(struct text text, int64_t *out_us) {
    const char *at = text.data;
    bool has_millis = text.length == 24;
    if ((text.length != 20 && !has_millis) || at[4] != '-' || at[7] != '-' || at[10] != 'T' || at[13] != ':' ||
        at[16] != ':' || at[text.length - 1] != 'Z' || (has_millis && at[19] != '.')) {
        return false;
    }
    unsigned year = pair_at(at) * 100 + pair_at(at + 2);
    unsigned month = pair_at(at + 5);
    unsigned day = pair_at(at + 8);
    unsigned hour = pair_at(at + 11);
    unsigned minute = pair_at(at + 14);
    unsigned second = pair_at(at + 17);
    unsigned tens = has_millis ? pair_at(at + 20) : 0;
    unsigned ones = has_millis ? (unsigned)(unsigned char)at[22] - '0' : 0;
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 28 || hour > 23 || minute > 59 ||
        second > 59 || tens > 99 || ones > 9) {
        return false;
    }
    int64_t seconds = civil_days(year, month, day) * 86400 + (int64_t)(hour * 3600 + minute * 60 + second);
    *out_us = seconds * 1000000 + (int64_t)(tens * 10 + ones) * 1000;
    return true;
}

bool civil_parse(struct text text, struct text format, const struct zone *zone, int64_t *out_us) {
    bool is_iso = text_is(format, "iso");
    if (is_iso && iso_plain(text, out_us)) {
        return true;
    }
    int64_t unit = is_iso ? 0 : epoch_unit(format);
    if (unit > 0) {
        int64_t count;
        int64_t time_us;
        if (!text_integer(text, &count) || __builtin_mul_overflow(count, unit, &time_us)) {
            return false;
        }
        *out_us = time_us;
        return true;
    }
    if (text.length == 0) {
        return false;
    }
    struct cursor cursor = {text.data, text.data + text.length};
    struct reading reading = {.month = 1, .day = 1};
    bool fits = is_iso ? iso_read(&cursor, &reading) : format_read(&cursor, format, &reading);
    return fits && cursor.at == cursor.end && reading_time(&reading, zone, out_us);
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Which pieces a format has, as bits; false with an error when it says something that isn't known or says it twice.
static bool format_pieces(struct text format, unsigned *out, struct error *error) {
    unsigned seen = 0;
    size_t i = 0;
    while (i < format.length) {
        unsigned piece = piece_at(format, i);
        if (piece == PIECE_NONE) {
            char c = format.data[i];
            if (is_letter(c) && c != 'T') {
                return error_set(error, ERROR_OPTION_TYPE,
                                 "the time format '%.*s' has a '%c' that is not known; it is made of YYYY MM DD HH mm "
                                 "ss SSS Z, or is iso, epoch_s, epoch_ms or epoch_us",
                                 (int)(format.length < 60 ? format.length : 60), format.data, c);
            }
            i++;
            continue;
        }
        if ((seen & 1U << piece) != 0) {
            return error_set(error, ERROR_OPTION_TYPE, "the time format '%.*s' has %s twice",
                             (int)(format.length < 60 ? format.length : 60), format.data, pieces[piece].text);
        }
        seen |= 1U << piece;
        i += pieces[piece].length;
    }
    *out = seen;
    return true;
}

bool civil_check(struct text format, struct error *error) {
    // What a piece needs beside it: a day without its month says nothing.
    static const struct {
        unsigned piece;
        unsigned needs;
    } needs[] = {
        {PIECE_MONTH, PIECE_YEAR},  {PIECE_DAY, PIECE_MONTH},     {PIECE_HOUR, PIECE_DAY},
        {PIECE_MINUTE, PIECE_HOUR}, {PIECE_SECOND, PIECE_MINUTE}, {PIECE_FRACTION, PIECE_SECOND},
        {PIECE_OFFSET, PIECE_HOUR},
    };
    unsigned seen = 0;
    if (text_is(format, "iso") || epoch_unit(format) > 0) {
        return true;
    }
    if (!format_pieces(format, &seen, error)) {
        return false;
    }
    int length = (int)(format.length < 60 ? format.length : 60);
    if ((seen & 1U << PIECE_YEAR) == 0) {
        return error_set(error, ERROR_OPTION_TYPE, "the time format '%.*s' has no YYYY", length, format.data);
    }
    for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++) {
        if ((seen & 1U << needs[i].piece) != 0 && (seen & 1U << needs[i].needs) == 0) {
            return error_set(error, ERROR_OPTION_TYPE, "the time format '%.*s' has %s without %s", length, format.data,
                             pieces[needs[i].piece].text, pieces[needs[i].needs].text);
        }
    }
    return true;
}

int civil_iso(int64_t time_us, char out[CIVIL_ISO_MAX]) {
    int64_t seconds = time_us / SECOND_US;
    int64_t micro = time_us % SECOND_US;
    if (micro < 0) {
        micro += SECOND_US;
        seconds--;
    }
    int64_t days = seconds / DAY_S;
    int64_t rest = seconds % DAY_S;
    if (rest < 0) {
        rest += DAY_S;
        days--;
    }
    int64_t year;
    int64_t month;
    int64_t day;
    civil_date(days, &year, &month, &day);
    if (year < 0 || year > 9999) {
        return snprintf(out, CIVIL_ISO_MAX, "%" PRId64, time_us);
    }
    int length = snprintf(out, CIVIL_ISO_MAX, "%04d-%02d-%02dT%02d:%02d:%02d", (int)year, (int)month, (int)day,
                          (int)(rest / HOUR_S), (int)(rest / MINUTE_S % 60), (int)(rest % 60));
    size_t room = (size_t)(CIVIL_ISO_MAX - length);
    if (micro == 0) {
        length += snprintf(out + length, room, "Z");
    } else if (micro % 1000 == 0) {
        length += snprintf(out + length, room, ".%03dZ", (int)(micro / 1000));
    } else {
        length += snprintf(out + length, room, ".%06dZ", (int)micro);
    }
    return length;
}

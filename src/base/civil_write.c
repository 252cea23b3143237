#include "base/civil_write.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/zone.h"

// ASIDE_S: far enough from a time to be on its side of a change in any zone, too near to meet another change.
enum { DAY_S = 86400, HOUR_S = 3600, MINUTE_S = 60, SECOND_US = 1000000, ASIDE_S = 30 * HOUR_S };

// A time taken apart, by the clock of a zone.
struct parts {
    int64_t year, month, day;
    int hour, minute, second, micro;
    int64_t offset_s;
};

struct writing {
    char *out;
    size_t length;
    bool full;
};

static void write_print(struct writing *writing, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void write_print(struct writing *writing, const char *format, ...) {
    size_t room = CIVIL_WRITE_MAX - writing->length;
    va_list list;
    va_start(list, format);
    int length = vsnprintf(writing->out + writing->length, room, format, list);
    va_end(list);
    writing->full = writing->full || length < 0 || (size_t)length >= room;
    writing->length += writing->full ? 0 : (size_t)length;
}

static int64_t floor_divide(int64_t a, int64_t b) {
    return a / b - (a % b < 0);
}

static int64_t offset_by_local(const struct zone *zone, int64_t local_s) {
    return local_s - zone_utc_seconds(zone, local_s);
}

// The zone's offset at a time. Zones are asked by local time, and near a change that has two answers or none:
//
//    the clock goes on     the skipped hour counts as before the change: where the later offset fits, it is right
//    the clock goes back   the doubled hour counts as before the change: where the earlier one doesn't fit, it is wrong
static int64_t offset_at(const struct zone *zone, int64_t utc_s) {
    int64_t before_s = offset_by_local(zone, utc_s - ASIDE_S);
    int64_t after_s = offset_by_local(zone, utc_s + ASIDE_S);
    bool before_fits = offset_by_local(zone, utc_s + before_s) == before_s;
    bool after_fits = offset_by_local(zone, utc_s + after_s) == after_s;
    if (after_s > before_s) {
        return after_fits ? after_s : before_s;
    }
    return before_fits ? before_s : after_s;
}

// Whether the format has a place for the offset.
static bool has_offset(struct text format) {
    return text_is(format, "iso") || (format.length > 0 && memchr(format.data, 'Z', format.length) != NULL);
}

static bool parts_take(int64_t time_us, const struct zone *zone, struct parts *out) {
    int64_t utc_s = floor_divide(time_us, SECOND_US);
    int micro = (int)(time_us % SECOND_US);
    out->micro = micro < 0 ? micro + SECOND_US : micro;
    out->offset_s = offset_at(zone, utc_s);
    int64_t local_s = utc_s + out->offset_s;
    int64_t days = floor_divide(local_s, DAY_S);
    int rest = (int)(local_s - days * DAY_S);
    civil_date(days, &out->year, &out->month, &out->day);
    out->hour = rest / HOUR_S;
    out->minute = rest / MINUTE_S % 60;
    out->second = rest % 60;
    return out->year >= 1 && out->year <= 9999;
}

static void write_fraction(struct writing *writing, int micro) {
    if (micro % 1000 == 0) {
        write_print(writing, "%03d", micro / 1000);
    } else {
        write_print(writing, "%06d", micro);
    }
}

static void write_offset(struct writing *writing, int64_t offset_s) {
    int64_t size_s = offset_s < 0 ? -offset_s : offset_s;
    if (offset_s == 0) {
        write_print(writing, "Z");
    } else {
        write_print(writing, "%c%02d:%02d", offset_s < 0 ? '-' : '+', (int)(size_s / HOUR_S),
                    (int)(size_s / MINUTE_S % 60));
    }
}

static void write_iso(struct writing *writing, const struct parts *parts) {
    write_print(writing, "%04d-%02d-%02dT%02d:%02d:%02d", (int)parts->year, (int)parts->month, (int)parts->day,
                parts->hour, parts->minute, parts->second);
    if (parts->micro != 0) {
        write_print(writing, ".");
        write_fraction(writing, parts->micro);
    }
    write_offset(writing, parts->offset_s);
}

static bool begins(struct text text, const char *piece) {
    size_t length = strlen(piece);
    return text.length >= length && memcmp(text.data, piece, length) == 0;
}

// Writes the piece that the format begins with and returns its length; 1 for what stands for itself.
static size_t write_piece(struct writing *writing, struct text format, const struct parts *parts) {
    const struct {
        const char *text;
        int64_t number;
    } pieces[] = {{"YYYY", parts->year}, {"MM", parts->month},  {"DD", parts->day},
                  {"HH", parts->hour},   {"mm", parts->minute}, {"ss", parts->second}};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        if (begins(format, pieces[i].text)) {
            int width = (int)strlen(pieces[i].text);
            write_print(writing, "%0*d", width, (int)pieces[i].number);
            return (size_t)width;
        }
    }
    if (begins(format, "SSS")) {
        write_fraction(writing, parts->micro);
        return 3;
    }
    if (begins(format, "Z")) {
        write_offset(writing, parts->offset_s);
        return 1;
    }
    write_print(writing, "%c", format.data[0]);
    return 1;
}

bool civil_write(int64_t time_us, struct text format, const struct zone *zone, char out[CIVIL_WRITE_MAX],
                 size_t *length) {
    struct writing writing = {.out = out};
    struct parts parts;
    if (text_is(format, "epoch_us")) {
        write_print(&writing, "%" PRId64, time_us);
    } else if (text_is(format, "epoch_ms")) {
        write_print(&writing, "%" PRId64, floor_divide(time_us, 1000));
    } else if (text_is(format, "epoch_s")) {
        write_print(&writing, "%" PRId64, floor_divide(time_us, SECOND_US));
    } else if (!parts_take(time_us, zone, &parts) ||
               // Clocks of long ago were off by odd seconds, which no format can say: such a time is written in UTC.
               (parts.offset_s % MINUTE_S != 0 && has_offset(format) && !parts_take(time_us, zone_utc(), &parts))) {
        return false;
    } else if (text_is(format, "iso")) {
        write_iso(&writing, &parts);
    } else {
        for (size_t i = 0; i < format.length;) {
            i += write_piece(&writing, (struct text){format.data + i, format.length - i}, &parts);
        }
    }
    *length = writing.length;
    return !writing.full;
}

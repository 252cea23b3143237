#include "base/zone_file.h"

#include "base/memory.h"
#include "base/zone.h"

// A compiled file is a block with 32-bit times (skipped), the same with 64-bit times, and a line with the rule for
// later:
//
//     "TZif" version 15 unused | 6 counts | times | their types | types | names | leap seconds | 2 lists of flags
enum { HEADER_BYTES = 44, COUNTS_AT = 20, TYPE_BYTES = 6, OFFSET_MAX_S = 26 * 3600, DAY_S = 86400 };

struct counts {
    uint32_t utc_flags;
    uint32_t std_flags;
    uint32_t leaps;
    uint32_t times;
    uint32_t types;
    uint32_t name_bytes;
};

static uint32_t read_32(const char *at) {
    const unsigned char *bytes = (const unsigned char *)at;
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static int64_t read_64(const char *at) {
    return (int64_t)((uint64_t)read_32(at) << 32 | read_32(at + 4));
}

// Reads the header and says how long the block behind it is; false when the file has no room for it.
static bool header_read(struct text file, struct counts *out, size_t time_bytes, size_t *out_length) {
    if (file.length < HEADER_BYTES || memcmp(file.data, "TZif", 4) != 0 || file.data[4] < '2') {
        return false;
    }
    const char *at = file.data + COUNTS_AT;
    *out = (struct counts){read_32(at),      read_32(at + 4),  read_32(at + 8),
                           read_32(at + 12), read_32(at + 16), read_32(at + 20)};
    uint64_t length = (uint64_t)out->times * (time_bytes + 1) + (uint64_t)out->types * TYPE_BYTES + out->name_bytes +
                      (uint64_t)out->leaps * (time_bytes + 4) + out->std_flags + out->utc_flags;
    if (out->types == 0 || length > file.length - HEADER_BYTES) {
        return false;
    }
    *out_length = (size_t)length;
    return true;
}

// The earlier offset goes on until the later of the two clocks has passed the change.
static int64_t local_start(int64_t utc_s, int32_t before_s, int32_t after_s) {
    const int64_t limit = INT64_MAX / 2; // a "big bang" far in the past must not overflow
    int64_t base = utc_s < -limit ? -limit : utc_s > limit ? limit : utc_s;
    return base + (before_s > after_s ? before_s : after_s);
}

static bool offset_fits(int32_t offset_s) {
    return offset_s > -OFFSET_MAX_S && offset_s < OFFSET_MAX_S;
}

static bool type_offset(const char *types, uint32_t count, unsigned type, int32_t *out_s) {
    if (type >= count) {
        return false;
    }
    int32_t offset_s = (int32_t)read_32(types + (size_t)type * TYPE_BYTES);
    *out_s = offset_s;
    return offset_fits(offset_s);
}

static bool changes_read(const char *block, const struct counts *counts, struct zone_rules *out) {
    const char *type_of = block + (size_t)counts->times * 8;
    const char *types = type_of + counts->times;
    int32_t before_s;
    if (!type_offset(types, counts->types, 0, &before_s)) {
        return false;
    }
    out->first_s = before_s;
    for (size_t i = 0; i < counts->times; i++) {
        int32_t after_s;
        if (!type_offset(types, counts->types, (unsigned char)type_of[i], &after_s)) {
            return false;
        }
        int64_t start = local_start(read_64(block + i * 8), before_s, after_s);
        bool is_later = i == 0 || start > out->starts[i - 1];
        out->starts[i] = is_later ? start : out->starts[i - 1];
        out->offsets_s[i] = after_s;
        before_s = after_s;
    }
    return true;
}

// From here on: the rule for later, in the notation of POSIX's TZ.

struct cursor {
    const char *at;
    const char *end;
};

static bool byte_read(struct cursor *cursor, char byte) {
    if (cursor->at == cursor->end || *cursor->at != byte) {
        return false;
    }
    cursor->at++;
    return true;
}

static bool number_read(struct cursor *cursor, int max, int *out) {
    const char *start = cursor->at;
    int sum = 0;
    while (cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9' && sum <= max) {
        sum = sum * 10 + (*cursor->at++ - '0');
    }
    *out = sum;
    return cursor->at > start && sum <= max;
}

// [+-]h[:mm[:ss]]
static bool clock_read(struct cursor *cursor, int32_t *out_s) {
    int sign = byte_read(cursor, '-') ? -1 : 1;
    int parts[3] = {0, 0, 0};
    if (sign > 0) {
        byte_read(cursor, '+');
    }
    for (int i = 0; i < 3 && (i == 0 || byte_read(cursor, ':')); i++) {
        if (!number_read(cursor, i == 0 ? 167 : 59, &parts[i])) {
            return false;
        }
    }
    *out_s = sign * (parts[0] * 3600 + parts[1] * 60 + parts[2]);
    return true;
}

// EST or <+0530>
static bool name_skip(struct cursor *cursor) {
    const char *start = cursor->at;
    if (byte_read(cursor, '<')) {
        while (cursor->at < cursor->end && *cursor->at != '>') {
            cursor->at++;
        }
        return byte_read(cursor, '>');
    }
    while (cursor->at < cursor->end &&
           ((*cursor->at >= 'a' && *cursor->at <= 'z') || (*cursor->at >= 'A' && *cursor->at <= 'Z'))) {
        cursor->at++;
    }
    return cursor->at > start;
}

// ,M3.2.0/2 or ,J60 or ,59
static bool change_read(struct cursor *cursor, struct zone_change *out) {
    *out = (struct zone_change){.time_s = 7200};
    if (!byte_read(cursor, ',')) {
        return false;
    }
    if (byte_read(cursor, 'M')) {
        out->kind = CHANGE_WEEK;
        if (!number_read(cursor, 12, &out->month) || !byte_read(cursor, '.') || !number_read(cursor, 5, &out->week) ||
            !byte_read(cursor, '.') || !number_read(cursor, 6, &out->day) || out->month < 1 || out->week < 1) {
            return false;
        }
    } else {
        out->kind = byte_read(cursor, 'J') ? CHANGE_JULIAN : CHANGE_DAY;
        if (!number_read(cursor, 365, &out->day)) {
            return false;
        }
    }
    return !byte_read(cursor, '/') || clock_read(cursor, &out->time_s);
}

static bool tail_read(struct text line, struct zone_tail *out) {
    struct cursor cursor = {line.data, line.data + line.length};
    int32_t behind_s; // POSIX counts offsets to the west
    if (line.length == 0) {
        return true;
    }
    if (!name_skip(&cursor) || !clock_read(&cursor, &behind_s)) {
        return false;
    }
    out->is_there = true;
    out->winter_s = -behind_s;
    if (!offset_fits(out->winter_s)) {
        return false;
    }
    if (cursor.at == cursor.end) {
        return true;
    }
    out->has_summer = true;
    out->summer_s = out->winter_s + 3600;
    if (!name_skip(&cursor)) {
        return false;
    }
    if (cursor.at < cursor.end && *cursor.at != ',') {
        if (!clock_read(&cursor, &behind_s)) {
            return false;
        }
        out->summer_s = -behind_s;
    }
    return change_read(&cursor, &out->start) && change_read(&cursor, &out->end) && cursor.at == cursor.end &&
           offset_fits(out->summer_s);
}

// The line between the two line feeds behind the last block.
static bool footer_read(struct text rest, struct zone_tail *out) {
    if (rest.length < 2 || rest.data[0] != '\n') {
        return false;
    }
    const char *end = memchr(rest.data + 1, '\n', rest.length - 1);
    return end != NULL && tail_read((struct text){rest.data + 1, (size_t)(end - rest.data) - 1}, out);
}

bool zone_rules_read(struct text file, const char *name, struct zone_rules *out, struct error *error) {
    struct counts counts;
    size_t length;
    *out = (struct zone_rules){0};
    if (!header_read(file, &counts, 4, &length)) {
        goto damaged;
    }
    struct text second = {file.data + HEADER_BYTES + length, file.length - HEADER_BYTES - length};
    if (!header_read(second, &counts, 8, &length) || counts.leaps > 0) {
        goto damaged;
    }
    if (counts.times > 0) {
        out->starts = memory_zero(counts.times, sizeof *out->starts + sizeof *out->offsets_s);
        if (out->starts == NULL) {
            return error_memory(error);
        }
        out->offsets_s = (int32_t *)(void *)(out->starts + counts.times);
        out->count = counts.times;
    }
    struct text rest = {second.data + HEADER_BYTES + length, second.length - HEADER_BYTES - length};
    if (changes_read(second.data + HEADER_BYTES, &counts, out) && footer_read(rest, &out->tail)) {
        return true;
    }
damaged:
    memory_free(out->starts);
    *out = (struct zone_rules){0};
    return error_set(error, ERROR_OPTION_TYPE,
                     "the time zone '%s' is no zone of calendar times on this machine; use a name like Asia/Kolkata",
                     name);
}

// Days since 1970 of a yearly change.
static int64_t change_day(const struct zone_change *change, int64_t year) {
    if (change->kind == CHANGE_DAY) {
        return civil_days(year, 1, 1) + change->day;
    }
    if (change->kind == CHANGE_JULIAN) {
        bool is_leap = civil_days(year, 3, 1) - civil_days(year, 2, 1) == 29;
        return civil_days(year, 1, 1) + change->day - 1 + (is_leap && change->day >= 60);
    }
    int64_t first = civil_days(year, change->month, 1);
    int64_t next = change->month == 12 ? civil_days(year + 1, 1, 1) : civil_days(year, change->month + 1, 1);
    int64_t weekday = ((first + 4) % 7 + 7) % 7; // 1 January 1970 was a Thursday
    int64_t day = first + (change->day - weekday + 7) % 7 + 7 * (change->week - 1);
    return day < next ? day : day - 7;
}

static int32_t tail_offset(const struct zone_tail *tail, int64_t local_s) {
    if (!tail->has_summer) {
        return tail->winter_s;
    }
    int64_t year;
    int64_t month;
    int64_t day;
    civil_date(local_s / DAY_S - (local_s % DAY_S < 0), &year, &month, &day);
    int64_t start = change_day(&tail->start, year) * DAY_S + tail->start.time_s - tail->winter_s;
    int64_t end = change_day(&tail->end, year) * DAY_S + tail->end.time_s - tail->summer_s;
    start = local_start(start, tail->winter_s, tail->summer_s);
    end = local_start(end, tail->winter_s, tail->summer_s);
    bool is_summer = start < end ? local_s >= start && local_s < end : local_s >= start || local_s < end;
    return is_summer ? tail->summer_s : tail->winter_s;
}

int32_t zone_rules_offset(const struct zone_rules *rules, int64_t local_s) {
    size_t low = 0; // how many changes lie before
    size_t high = rules->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (rules->starts[middle] <= local_s) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == rules->count && rules->tail.is_there) {
        return tail_offset(&rules->tail, local_s);
    }
    return low == 0 ? rules->first_s : rules->offsets_s[low - 1];
}

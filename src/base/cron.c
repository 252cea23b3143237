#include "base/cron.h"

#include <string.h>
#include <strings.h>

#include "base/zone.h"

enum { FIELD_COUNT = 5, DAYS_OF_MONTH = 2, DAYS_OF_WEEK = 4, SHOWN_MAX = 40 };

static const char *const month_names[] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL",
                                          "AUG", "SEP", "OCT", "NOV", "DEC", NULL};
static const char *const day_names[] = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT", NULL};

struct field_kind {
    const char *name;
    int low;
    int high;
    const char *const *names; // from `low` up
};

static const struct field_kind kinds[FIELD_COUNT] = {
    {"minute", 0, 59, NULL},
    {"hour", 0, 23, NULL},
    {"day of the month", 1, 31, NULL},
    {"month", 1, 12, month_names},
    {"day of the week", 0, 7, day_names},
};

static const struct {
    const char *word;
    const char *pattern;
} words[] = {
    {"@hourly", "0 * * * *"},  {"@daily", "0 0 * * *"},  {"@weekly", "0 0 * * 0"},
    {"@monthly", "0 0 1 * *"}, {"@yearly", "0 0 1 1 *"},
};

// --- reading ---

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

// Cuts what stands before `end` off the front; the rest is NULL when there is no `end`.
static struct text cut(struct text *rest, char end) {
    const char *found = rest->length > 0 ? memchr(rest->data, end, rest->length) : NULL;
    size_t length = found != NULL ? (size_t)(found - rest->data) : rest->length;
    struct text front = {rest->data, length};
    *rest = found != NULL ? (struct text){found + 1, rest->length - length - 1} : (struct text){NULL, 0};
    return front;
}

static bool refuse(const struct field_kind *kind, struct text word, struct error *error) {
    int shown = word.length > SHOWN_MAX ? SHOWN_MAX : (int)word.length;
    if (word.length == 0) {
        return error_set(error, ERROR_OPTION_TYPE, "cron: something is missing in the %s, as in 1,,2 or 1-",
                         kind->name);
    }
    return error_set(error, ERROR_OPTION_TYPE, "cron: the %s is %d to %d%s, not \"%.*s\"", kind->name, kind->low,
                     kind->high,
                     kind->names == NULL          ? ""
                     : kind->names == month_names ? " or JAN to DEC"
                                                  : " (0 and 7 are Sunday) or SUN to SAT",
                     shown, word.data);
}

static bool read_value(const struct field_kind *kind, struct text word, int *out, struct error *error) {
    int sum = 0;
    for (int i = 0; kind->names != NULL && kind->names[i] != NULL; i++) {
        if (word.length == 3 && strncasecmp(word.data, kind->names[i], 3) == 0) {
            *out = kind->low + i;
            return true;
        }
    }
    for (size_t i = 0; i < word.length; i++) {
        if (word.data[i] < '0' || word.data[i] > '9' || i == 2) {
            return refuse(kind, word, error);
        }
        sum = sum * 10 + (word.data[i] - '0');
    }
    *out = sum;
    return (word.length > 0 && sum >= kind->low && sum <= kind->high) || refuse(kind, word, error);
}

static bool read_step(const struct field_kind *kind, struct text word, int *out, struct error *error) {
    int most = kind->high - kind->low;
    int sum = 0;
    for (size_t i = 0; i < word.length && i < 3; i++) {
        bool is_digit = word.data[i] >= '0' && word.data[i] <= '9';
        sum = is_digit && sum <= most ? sum * 10 + (word.data[i] - '0') : most + 1;
    }
    *out = sum;
    if (word.length == 0 || word.length > 2 || sum < 1 || sum > most) {
        return error_set(error, ERROR_OPTION_TYPE, "cron: a step of the %s is 1 to %d, not \"%.*s\"", kind->name, most,
                         word.length > SHOWN_MAX ? SHOWN_MAX : (int)word.length, word.data != NULL ? word.data : "");
    }
    return true;
}

// A value, a range or *, perhaps with a step.
static bool read_part(const struct field_kind *kind, struct text part, uint64_t *bits, struct error *error) {
    struct text step_word = part;
    struct text range = cut(&step_word, '/');
    struct text to_word = range;
    struct text from_word = cut(&to_word, '-');
    bool has_step = step_word.data != NULL;
    bool has_range = to_word.data != NULL;
    int from = kind->low;
    int to = kind->names == day_names ? 6 : kind->high;
    int step = 1;
    if (!text_is(range, "*")) {
        if (!read_value(kind, from_word, &from, error)) {
            return false;
        }
        to = from;
        if (has_range && !read_value(kind, to_word, &to, error)) {
            return false;
        }
        bool is_name = has_range && (to_word.data[0] < '0' || to_word.data[0] > '9');
        if (is_name && to == 0 && from > 0 && kind->names == day_names) {
            to = 7; // FRI-SUN
        }
        if (has_range && to < from) {
            return error_set(error, ERROR_OPTION_TYPE,
                             "cron: the range \"%.*s\" of the %s goes down; write it as two, such as 22-23,0-5",
                             TEXT_ARGS(range), kind->name);
        }
        if (has_step && !has_range) {
            return error_set(error, ERROR_OPTION_TYPE,
                             "cron: a step stands behind * or a range, not behind \"%.*s\"; write %.*s-%d/%.*s",
                             TEXT_ARGS(range), TEXT_ARGS(range), kind->high,
                             step_word.length > 2 ? 2 : (int)step_word.length, step_word.data);
        }
    }
    if (has_step && !read_step(kind, step_word, &step, error)) {
        return false;
    }
    for (int value = from; value <= to; value += step) {
        *bits |= UINT64_C(1) << value;
    }
    return true;
}

static bool read_field(const struct field_kind *kind, struct text field, uint64_t *bits, struct error *error) {
    struct text rest = field;
    *bits = 0;
    do {
        if (!read_part(kind, cut(&rest, ','), bits, error)) {
            return false;
        }
    } while (rest.data != NULL);
    if (kind->names == day_names) {
        *bits = (*bits | *bits >> 7) & 0x7F; // 7 is Sunday too
    }
    return true;
}

// Splits at blanks; gives how many fields there are, FIELD_COUNT + 1 for too many.
static size_t split(struct text text, struct text fields[FIELD_COUNT]) {
    size_t count = 0;
    for (size_t at = 0; at < text.length;) {
        size_t start = at;
        while (at < text.length && !is_blank(text.data[at])) {
            at++;
        }
        if (at > start && count == FIELD_COUNT) {
            return FIELD_COUNT + 1;
        }
        if (at > start) {
            fields[count++] = (struct text){text.data + start, at - start};
        }
        at += at < text.length;
    }
    return count;
}

static bool check_bytes(struct text text, struct error *error) {
    for (size_t i = 0; i < text.length; i++) {
        if ((text.data[i] < ' ' || text.data[i] > '~') && text.data[i] != '\t') {
            return error_set(error, ERROR_OPTION_TYPE,
                             "cron: byte %zu is no plain letter, digit or sign; a pattern looks like \"0 3 * * *\"",
                             i + 1);
        }
    }
    return text.length <= CRON_BYTES_MAX ||
           error_set(error, ERROR_OPTION_TYPE, "cron: the pattern is longer than %d bytes", CRON_BYTES_MAX);
}

bool cron_read(struct text text, struct cron *out, struct error *error) {
    struct text fields[FIELD_COUNT];
    uint64_t bits[FIELD_COUNT];
    if (!check_bytes(text, error)) {
        return false;
    }
    size_t count = split(text, fields);
    if (count == 1 && fields[0].data[0] == '@') {
        size_t at = 0;
        while (at < sizeof words / sizeof *words && !text_is(fields[0], words[at].word)) {
            at++;
        }
        if (at == sizeof words / sizeof *words) {
            return error_set(error, ERROR_OPTION_TYPE,
                             "cron: there is no \"%.*s\"; there are @hourly, @daily, @weekly, @monthly and @yearly",
                             fields[0].length > SHOWN_MAX ? SHOWN_MAX : (int)fields[0].length, fields[0].data);
        }
        count = split(text_of(words[at].pattern), fields);
    }
    if (count != FIELD_COUNT) {
        return error_set(error, ERROR_OPTION_TYPE,
                         "cron takes five fields, minute, hour, day of the month, month and day of the week "
                         "(\"0 3 * * *\"), not %s%zu",
                         count > FIELD_COUNT ? "more than " : "", count > FIELD_COUNT ? (size_t)FIELD_COUNT : count);
    }
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        if (!read_field(&kinds[i], fields[i], &bits[i], error)) {
            return false;
        }
    }
    *out = (struct cron){.minutes = bits[0],
                         .hours = (uint32_t)bits[1],
                         .days = (uint32_t)bits[2],
                         .months = (uint32_t)bits[3],
                         .weekdays = (uint32_t)bits[4],
                         .either = fields[DAYS_OF_MONTH].data[0] != '*' && fields[DAYS_OF_WEEK].data[0] != '*'};
    return true;
}

// --- asking ---

// LOOK_S: behind a change in any zone. SEARCH_DAYS: from one 29 February to the next, around a year 2100.
enum { DAY_S = 86400, HOUR_S = 3600, MINUTE_S = 60, SECOND_US = 1000000, LOOK_S = 30 * HOUR_S, SEARCH_DAYS = 9 * 366 };

#define AFTER_S_MAX INT64_C(253370764800) // the year 9999
#define EVERY_HOUR 0xFFFFFFu

struct search {
    const struct cron *cron;
    const struct zone *zone;
    int64_t after_s;
    int64_t best_s; // 0: none yet
};

static bool has_bit(uint64_t bits, int64_t at) {
    return (bits >> at & 1) != 0;
}

static bool day_fits(const struct cron *cron, int64_t days) {
    int64_t year;
    int64_t month;
    int64_t day;
    civil_date(days, &year, &month, &day);
    bool by_month = has_bit(cron->days, day);
    bool by_week = has_bit(cron->weekdays, (days % 7 + 11) % 7); // 1 January 1970 was a Thursday
    return has_bit(cron->months, month) && (cron->either ? by_month || by_week : by_month && by_week);
}

static int64_t offset_by_local(const struct zone *zone, int64_t local_s) {
    return local_s - zone_utc_seconds(zone, local_s);
}

static void offer(struct search *search, int64_t utc_s) {
    if (utc_s > search->after_s && (search->best_s == 0 || utc_s < search->best_s)) {
        search->best_s = utc_s;
    }
}

// One time of a day near a change: as the zone reads it (the first of two, or behind the gap), and where a pattern goes
// on in real time the second of two.
static void offer_local(struct search *search, int64_t local_s) {
    int64_t before_s = offset_by_local(search->zone, local_s);
    int64_t after_s = offset_by_local(search->zone, local_s + LOOK_S);
    offer(search, local_s - before_s);
    bool is_double = offset_by_local(search->zone, local_s + before_s - after_s) == after_s;
    if (is_double && search->cron->hours == EVERY_HOUR) {
        offer(search, local_s - after_s);
    }
}

// Whether the clock is left alone that day and for as long behind it as offer_local looks.
static bool is_plain(const struct zone *zone, int64_t start_s) {
    int64_t offset_s = offset_by_local(zone, start_s);
    for (int64_t at = HOUR_S; at <= DAY_S + LOOK_S; at += HOUR_S) {
        if (offset_by_local(zone, start_s + at) != offset_s) {
            return false;
        }
    }
    return true;
}

static void offer_day(struct search *search, int64_t start_s, bool plain) {
    const struct cron *cron = search->cron;
    int64_t offset_s = offset_by_local(search->zone, start_s);
    for (int64_t hour = 0; hour < 24; hour++) {
        int64_t hour_s = start_s + hour * HOUR_S;
        bool over = plain && hour_s + HOUR_S - offset_s <= search->after_s;
        for (int64_t minute = 0; minute < 60 && has_bit(cron->hours, hour) && !over; minute++) {
            int64_t local_s = hour_s + minute * MINUTE_S;
            if (!has_bit(cron->minutes, minute)) {
                continue;
            }
            if (!plain) {
                offer_local(search, local_s);
                continue;
            }
            offer(search, local_s - offset_s);
            if (search->best_s != 0) {
                return; // the rest of a plain day is later
            }
        }
    }
}

int64_t cron_next(const struct cron *cron, const struct zone *zone, int64_t after_us) {
    struct search search = {cron, zone, after_us < 0 ? 0 : after_us / SECOND_US, 0};
    if (search.after_s > AFTER_S_MAX) {
        return 0;
    }
    // A skipped time comes later than its day says, by a day where the date line was moved: begin before, and look at
    // what follows a day with such times.
    int64_t first = (search.after_s + offset_by_local(zone, search.after_s)) / DAY_S - 2;
    int64_t last = first + SEARCH_DAYS;
    for (int64_t day = first; day <= last; day++) {
        if (!day_fits(cron, day)) {
            continue;
        }
        bool plain = is_plain(zone, day * DAY_S);
        int64_t enough = plain ? day : day + 2;
        offer_day(&search, day * DAY_S, plain);
        last = search.best_s != 0 && enough < last ? enough : last;
    }
    return search.best_s * SECOND_US;
}

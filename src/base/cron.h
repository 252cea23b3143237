#ifndef WEIR_BASE_CRON_H
#define WEIR_BASE_CRON_H

// Cron patterns: when something is due by a calendar. Five fields as in crontab(5):
//
//    minute 0-59 | hour 0-23 | day of the month 1-31 | month 1-12 or JAN-DEC | day of the week 0-7 or SUN-SAT
//
// each *, a value, a range 9-17, either with a step (*/15, 9-17/2), or a list of those: 0,30. 0 and 7 are Sunday. Or
// one word: @hourly @daily @weekly @monthly @yearly. Where both kinds of days are restricted (neither field begins
// with *), either of them is enough; else both must fit. That is how Vixie's cron reads them.
//
// What holds when a zone's clock is changed:
//
//    the clock goes on    A time that it skips comes once, as long after the change as it would have come after the
//                         moment of the change: 02:30 becomes 03:30. Where another time of the pattern is there
//                         already, the two are one.
//    the clock goes back  A time that comes twice counts once, the first. Only a pattern for every hour of the day
//                         (*, */1, 0-23) takes both.
//
// So a pattern for every hour or every few minutes goes on in real time through both, and one for some hours comes as
// often as on any other day. Reading and asking allocate nothing and take no locks.

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

struct zone; // civil.h

enum { CRON_BYTES_MAX = 200 };

// A bit for each value that fits.
struct cron {
    uint64_t minutes;
    uint32_t hours;
    uint32_t days; // from bit 1
    uint32_t months;
    uint32_t weekdays; // Sunday is bit 0
    bool either;       // a day of one kind or of the other is enough
};

// Reads a pattern. What is wrong is ERROR_OPTION_TYPE and names the field.
bool cron_read(struct text text, struct cron *out, struct error *error);

// The first time after `after_us` (after 1970 in any case), a whole minute; 0 when none comes: 30 February.
int64_t cron_next(const struct cron *cron, const struct zone *zone, int64_t after_us);

#endif

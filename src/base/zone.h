#ifndef WEIR_BASE_ZONE_H
#define WEIR_BASE_ZONE_H

// From a local time to UTC in a zone that zone_find (civil.h) gave. Zones don't change once they are found, so any
// number of threads may ask. Nothing here allocates or fails.

#include <stdint.h>

#include "base/civil.h"

// Days since 1970 of a date of the Gregorian calendar, and back; any month 1 to 12 and day 1 to 31.
int64_t civil_days(int64_t year, int64_t month, int64_t day);
void civil_date(int64_t days, int64_t *year, int64_t *month, int64_t *day);

// The UTC seconds of a local time given as if it were UTC.
int64_t zone_utc_seconds(const struct zone *zone, int64_t local_s);

#endif

#ifndef WEIR_BASE_CIVIL_H
#define WEIR_BASE_CIVIL_H

// Calendar dates and zones. Times inside weir are whole microseconds since 1970 UTC; this turns texts into them and
// back. Formats are written the way people write them: YYYY MM DD HH mm ss SSS (fraction, 1 to 9 digits) Z (an
// offset: Z, +05:30, +0530), anything else stands for itself. "iso" is ISO 8601 with an optional time, fraction and
// offset; "epoch_s", "epoch_ms" and "epoch_us" are whole numbers.

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

struct zone; // UTC, a fixed offset, or a named zone of the machine's tz database

enum { CIVIL_ISO_MAX = 32 };

const struct zone *zone_utc(void);

// Finds a zone by name: "UTC", "+05:30", "Asia/Kolkata". The result is shared, lives to the end of the process and
// need not be closed. Not for two threads at once.
bool zone_find(struct text name, const struct zone **out, struct error *error);

// Whether a format holds only what civil_parse knows; `error` says what it does not.
bool civil_check(struct text format, struct error *error);

// Reads the whole of `text` by `format`, in `zone` when the text itself has no offset. A local time that a clock
// change skips is taken as after the change; one that happens twice as the first. False, without an error, when the
// text does not fit (a 31 February, an hour 25 or a year 0000 does not fit either). `format` must pass civil_check.
bool civil_parse(struct text text, struct text format, const struct zone *zone, int64_t *out_us);

// "2018-08-06T14:30:00Z", with as many digits of fraction as there are (3 or 6). Years 0000 to 9999; others come as
// the plain number. Returns the length; the text is terminated.
int civil_iso(int64_t time_us, char out[CIVIL_ISO_MAX]);

#endif

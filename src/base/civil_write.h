#ifndef WEIR_BASE_CIVIL_WRITE_H
#define WEIR_BASE_CIVIL_WRITE_H

// From a time to a text by one of civil.h's formats, as other systems want it. What civil_parse makes of the text is
// the same time again, as far as the format goes. Nothing here allocates.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/civil.h"

enum { CIVIL_WRITE_MAX = 128 };

// "iso" is written as civil_iso does, in another zone than UTC with that zone's offset (where that one has odd seconds,
// long ago, in UTC all the same); SSS with 3 digits of fraction, or 6 where there are microseconds. The format must
// pass civil_check. False, without an error, when the text would be longer than CIVIL_WRITE_MAX or the year is not one
// of 0001 to 9999.
bool civil_write(int64_t time_us, struct text format, const struct zone *zone, char out[CIVIL_WRITE_MAX],
                 size_t *length);

#endif

#ifndef WEIR_SOURCE_SOURCE_HTTP_TIME_H
#define WEIR_SOURCE_SOURCE_HTTP_TIME_H

// Times as a web API writes them, in UTC, for bounds that are computed: a watermark less its overlap, the ends of a
// window.

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/text.h"

// Appends the time by a format that civil_check knows. What the format has no place for is cut off, so that the time
// written is never later than the one given. `like` is a text of the source that iso follows in its separator, its
// digits of fraction and its offset; empty: 2018-08-06T14:30:00.123Z. False for a year that is not 1 to 9999.
bool http_time_write(int64_t time_us, struct text format, struct text like, struct buffer *out);

#endif

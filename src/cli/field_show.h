#ifndef WEIR_CLI_FIELD_SHOW_H
#define WEIR_CLI_FIELD_SHOW_H

// A value as a person reads it in a table: texts bare, times as ISO 8601, lists and objects as JSON. Check
// buffer->failed at the end.

#include "base/buffer.h"
#include "model/datatype.h"
#include "model/value.h"

// `field` may be NULL: the value is a source's own. A reference that is not resolved yet names what it awaits.
void field_show(struct buffer *out, const struct field *field, const struct value *value);

// "2018-08-06T14:30:00Z" without the fraction, or "-" for 0.
void time_show(struct buffer *out, int64_t time_us);

#endif

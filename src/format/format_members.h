#ifndef WEIR_FORMAT_FORMAT_MEMBERS_H
#define WEIR_FORMAT_FORMAT_MEMBERS_H

// Writes JSON member by member: what --json prints and what the server answers. Members stand in the order in which
// they are put; a name of NULL puts an item into a list. Whoever opens closes. The buffer belongs to the caller and
// remembers what failed, so that it is checked once at the end.

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "model/datatype.h"
#include "model/value.h"

struct members {
    struct buffer *out;
    bool first; // nothing was put yet into what is open
};

struct members members_begin(struct buffer *out);

void members_open(struct members *members, const char *name); // {
void members_close(struct members *members);
void members_open_list(struct members *members, const char *name); // [
void members_close_list(struct members *members);

// A text that is no UTF-8 (a file's name may be none) is put with its bad bytes escaped.
void members_text(struct members *members, const char *name, struct text text);
void members_string(struct members *members, const char *name, const char *string); // NULL is null
void members_integer(struct members *members, const char *name, int64_t integer);
void members_bool(struct members *members, const char *name, bool boolean);
void members_null(struct members *members, const char *name);
void members_seconds(struct members *members, const char *name, int64_t span_us);
void members_time(struct members *members, const char *name, int64_t time_us);  // ISO 8601; 0 is null
void members_json(struct members *members, const char *name, struct text json); // that is JSON already; empty is {}
void members_value(struct members *members, const char *name, const struct value *value);

// A record's fields (times as ISO 8601), then what it keeps in `extra` (NULL: nothing).
void members_fields(struct members *members, const struct datatype *datatype, const struct value *fields,
                    const struct value *extra);

// "error":{"code","message","place"}.
void members_error(struct members *members, const struct error *error);

#endif

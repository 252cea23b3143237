#ifndef WEIR_SOURCE_SOURCE_HTTP_OPTION_H
#define WEIR_SOURCE_SOURCE_HTTP_OPTION_H

// What weir.http and its types take. The lists are read by the script (to check it), by the docs, and by
// source_http*.c and target_http*.c.
//
// Placeholders. A path, a query's or a body's text may hold {name}. The name is
//
//    since until     the watermark (less `overlap`), and the upper bound
//    limit offset    of the pager; likewise page, cursor
//    id              the external id, or {a} {b} its parts by the names of the key's fields
//    ids             chosen ids, as many as fit one request
//    any other       a field of the parent record (`each`)
//
// In a path and a query it is percent-encoded. A query parameter, or a member of a table that is written as JSON,
// whose placeholder has no value is left out, with whatever has nothing else in it. A table as the value of a query
// parameter is written as JSON: query = { filter = { where = { updatedAt = { gte = "{since}" } } } }. A text that is
// one placeholder alone keeps its kind there: "{limit}" becomes the number 500.

#include "port/option.h"

extern const struct option_list source_http_options;
extern const struct option_list source_http_type_options;

#endif

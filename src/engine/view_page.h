#ifndef WEIR_ENGINE_VIEW_PAGE_H
#define WEIR_ENGINE_VIEW_PAGE_H

// Home's records of one of a sync's types, a page at a time, in the form in which the sync's push would send them: for
// a datasource that fetches instead of being written to. Nothing is written, nothing is remembered: what would wait, or
// be a dead letter, has its reason in its place. A type that isn't pushed is shown as home has it: fields by name,
// times as ISO 8601, references as the datasource's id of the record where it has one, else home's.
//
// A page goes by home's ids, ascending. A cursor names the last id that was looked at, so records that come and go
// between two pages shift nothing; only a record that was deleted and comes back (under its old id) can be missed.

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "port/store.h"
#include "port/sync.h"

enum { VIEW_CURSOR_MAX = 40, VIEW_LIMIT_MAX = 1000 };

struct view {
    const struct sync *sync;
    struct store *store; // its reading side alone is used
};

struct view_ask {
    struct text type;  // as the sync names it
    struct text after; // the cursor that the page before ended with; empty: from the beginning
    int64_t offset;    // so many records are stepped over first; they are counted, so far ones cost
    int64_t limit;     // records to look at, 1 to VIEW_LIMIT_MAX; a page of large ones may end before
};

struct view_row {
    int64_t id;
    int64_t seq;
    struct text external;      // the datasource's id of it; empty when it has none
    const struct object *form; // NULL: `error` says why
    struct error error;
};

struct view_end {
    int64_t skipped;            // left out by `when`, or by the transform
    char next[VIEW_CURSOR_MAX]; // empty: that was the last page
};

// Shows a page under a snapshot of its own. False when the request doesn't fit (ERROR_REQUEST), home can't be read, or
// `show` says so; rows that were shown by then mean nothing.
bool view_page(const struct view *view, const struct view_ask *ask,
               bool (*show)(void *context, const struct view_row *row, struct error *error), void *context,
               struct view_end *end, struct error *error);

#endif

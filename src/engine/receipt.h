#ifndef WEIR_ENGINE_RECEIPT_H
#define WEIR_ENGINE_RECEIPT_H

// Posted records in a page: the receipt of each, closed by the page that takes it in; and what a post and a run that
// were at the same record say of each other. A run and a drain know of each other by home alone:
//
//    a drain meets what a run brought since the record was posted     the run read it later: it stays, unless the
//                                                                     record's cursor is past all that was read
//    a run meets what was posted since its pass began                 the cursor tells; without one the run's form
//                                                                     goes in, as the later one
//    a run doesn't meet what was posted since its pass began          it is not gone

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "engine/flow.h"

// Where a posted record came from, for people: "receipt 17".
bool receipt_place(struct slot *slot, const struct record *record, struct text *out);

// What the page's plan held before a record was decided.
struct receipt_mark {
    struct counts counts;
    size_t deads;
};

struct receipt_mark receipt_begin(const struct slot *slot);

// After it: its receipt is put into the plan. `late`: it was left as it is for a form that came later.
bool receipt_put(struct flow *flow, const struct record *record, const struct link *link,
                 const struct receipt_mark *before, bool late, struct error *error);

// When the whole page is decided: what became of records that waited for one of the same page, and where all of them
// went in. `externals` are of the batch's records.
bool receipts_finish(struct flow *flow, const struct text *externals, struct error *error);

// Whether a run brought the record of a link since this one was posted.
bool receipt_is_late(struct flow *flow, const struct record *record, const struct link *link, bool *late,
                     struct error *error);

// For a run: whether what home has of a link was posted since the pass began, and (where both say when they changed)
// is newer than `record`, which may be NULL.
struct posted {
    bool posted;
    bool newer;
};
bool receipt_posted(struct flow *flow, const struct link *link, const struct object *record, struct posted *out,
                    struct error *error);

#endif

#ifndef WEIR_ENGINE_DERIVE_H
#define WEIR_ENGINE_DERIVE_H

// Derived fields: computed from a record and from those it refers to, when one of them has changed. Whatever changes
// records marks them stale in the same transaction (derive_marks); derive_run computes them, in a run before it
// pushes, or in a child after a person's edit.
//
// A derive function is given (record, refs): refs.FIELD is the record that the reference FIELD leads to, or nil. It
// gives the field's value; nil leaves it as it is. What it gives is an edit of home like any other, of origin
// "derive": it is pushed, and it is never written when it says what home says.

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/log.h"
#include "port/mapper.h"
#include "port/store.h"
#include "port/sync.h"

// Whether a change of a record of this datatype makes something stale: it has derived fields, or one that has refers
// to it.
bool derive_marks(const struct datatype *const *datatypes, size_t count, const struct datatype *datatype);

struct derive_setup {
    struct store *store;
    const struct datatype *const *datatypes; // with their functions
    size_t datatype_count;
    struct mapper *mapper;
    const struct clock *clock;
    const struct log *log;
    const struct lease *lease; // of the run; NULL outside one
    int64_t run;
};

// Works off all that is stale. A function that fails is logged with its record and leaves the field alone; the others
// go on. `changed` receives how many records were changed.
bool derive_run(const struct derive_setup *setup, int64_t *changed, struct error *error);

#endif

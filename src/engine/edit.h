#ifndef WEIR_ENGINE_EDIT_H
#define WEIR_ENGINE_EDIT_H

// Edits of home by a person or a program: one record at a time, committed at once, with an audit line.

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "port/store.h"

struct edit {
    struct store *store;
    const struct datatype *datatype;
    const struct clock *clock;
    struct text origin; // who: "put"
    int64_t seq;        // a change or a delete is of the record with this seq, else ERROR_SEQ_PASSED; 0: of any
};

// Puts one record. `fields` is an object: with an `id`, that record is changed (fields it doesn't name stay); without
// one, a record with the same natural key is changed, else a new one is made. Undeclared names follow the datatype's
// rule. Gives the id and whether it was made; `changed` is false when home said the same already.
bool edit_put(const struct edit *edit, const struct object *fields, int64_t *id, bool *created, bool *changed,
              struct error *error);

// Deletes one record, leaving a tombstone. ERROR_NOT_THERE when there is none.
bool edit_delete(const struct edit *edit, int64_t id, struct error *error);

#endif

#ifndef WEIR_SERVER_HOMES_H
#define WEIR_SERVER_HOMES_H

// Open homes, to be borrowed by whoever answers a request: opening one costs a millisecond, borrowing an open one
// nothing. A borrowed home is its borrower's alone until it is given back.

#include <stdbool.h>

#include "base/error.h"
#include "port/store.h"

struct homes;

struct home {
    struct store *store;
    struct text org;
    bool writes;
    struct home *next; // homes' own
    int64_t version;   //
    int64_t used_us;   //
};

bool homes_open(const char *data, const struct store_type *type, struct homes **out, struct error *error);
void homes_close(struct homes *homes); // accepts NULL

// An organisation's home, for reading or (`writes`) for edits of what is there. One that isn't there is
// ERROR_HOME_MISSING. `make` makes it.
bool homes_take(struct homes *homes, struct text org, bool writes, bool make, struct home **out, struct error *error);
void homes_give(struct homes *homes, struct home *home); // accepts NULL

// Closes the organisation's idle ones: a run may have changed its tables. Borrowed ones are closed when given back.
void homes_forget(struct homes *homes, struct text org);

// Closes what nobody has used for a while.
void homes_tidy(struct homes *homes);

#endif

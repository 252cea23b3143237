#ifndef WEIR_PORT_MAPPER_H
#define WEIR_PORT_MAPPER_H

// The contract of a script's functions: what the engine may ask of them while records flow. The Lua adapter is
// script/; tests have their own in C. A mapper is used by one thread, the one that decides.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "model/record.h"
#include "model/value.h"

// One home record that a function gave: fields by name.
struct mapped_record {
    struct text type; // the datatype; empty for the flow's own
    struct object fields;
};

// What a function of a record answered.
struct mapped {
    bool skipped; // weir.skip(reason)
    struct text reason;
    struct value value;                  // a field function's value; MISSING when it gave nothing
    const struct mapped_record *records; // a record function's records
    size_t count;
};

struct mapper {
    const struct mapper_type *type;
};

struct mapper_type {
    // Must call field function `function` with a read-only view of the record. The value lives in `arena`, or is a part
    // of the record itself. A raised error or a spent budget is an error of scope RECORD with the script's line in its
    // place (of scope RUN when the script may not go on at all).
    bool (*field)(struct mapper *mapper, uint32_t function, const struct object *record, struct arena *arena,
                  struct mapped *out, struct error *error);

    // Must call record function `function` with a copy-on-write view of the record and give the records it returned.
    bool (*record)(struct mapper *mapper, uint32_t function, const struct object *record, struct arena *arena,
                   struct mapped *out, struct error *error);

    // Must call function `function` with read-only views of `count` objects, in this order (a NULL one is nil), and
    // give its one value. What a call is given and gives is said where it is declared (sync.h): whether to push a
    // record, what a reply gives back, how a conflict ends, a derived field, a pager's next request. Errors as for
    // `field`.
    bool (*call)(struct mapper *mapper, uint32_t function, const struct object *const *objects, size_t count,
                 struct arena *arena, struct mapped *out, struct error *error);

    // Must make every view handed out so far raise a clear error when it is used: their batch goes. Never fails.
    void (*release)(struct mapper *mapper);
};

bool mapper_field(struct mapper *mapper, uint32_t function, const struct object *record, struct arena *arena,
                  struct mapped *out, struct error *error);
bool mapper_record(struct mapper *mapper, uint32_t function, const struct object *record, struct arena *arena,
                   struct mapped *out, struct error *error);
bool mapper_call(struct mapper *mapper, uint32_t function, const struct object *const *objects, size_t count,
                 struct arena *arena, struct mapped *out, struct error *error);
void mapper_release(struct mapper *mapper);

#endif

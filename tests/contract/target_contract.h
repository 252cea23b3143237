#ifndef WEIR_TESTS_CONTRACT_TARGET_CONTRACT_H
#define WEIR_TESTS_CONTRACT_TARGET_CONTRACT_H

// What every datasource that can be written to must do, run against one adapter over a world that a test built. The
// world's records are { name, value } and a key that the datasource gives; it is empty at first.

#include <stdbool.h>
#include <stddef.h>

#include "port/target.h"

// What becomes of the next try to write.
enum target_trouble {
    TROUBLE_REFUSE,  // the datasource refuses the item for what it is
    TROUBLE_UNSENT,  // it can't be reached: nothing was sent
    TROUBLE_LOST,    // it goes in, and the answer is lost
    TROUBLE_DROPPED, // it doesn't go in, and that isn't known either
    TROUBLE_DENIED,  // who asks may not write
};

struct target_world {
    const struct target_type *type;
    struct target_setup setup;
    bool knows; // what became of a write can be found out: by `find` = name, or by an idempotency key
    void *context;
    void (*order)(void *context, enum target_trouble trouble);
    size_t (*count)(void *context);                                           // records there
    bool (*has)(void *context, struct text external, const char *value);      // such a record, with this value
    struct print (*seen)(void *context, struct text external, uint64_t seed); // as a pass would read it
};

// A setup with the usual clock and log and the key { "id" }.
struct target_setup target_contract_setup(void);

// Creates, updates and deletes do what they say and say what they did; repeats of a delete are fine; an update of
// what isn't there is GONE; one refused item leaves the others alone; a lost answer never doubles a record and is
// found out where it can be; what was not sent may be sent again; without permission the push ends with whole
// receipts.
void target_contract_run(struct target_world *world);

#endif

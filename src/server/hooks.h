#ifndef WEIR_SERVER_HOOKS_H
#define WEIR_SERVER_HOOKS_H

// Deliveries of webhooks. A run's end puts them into the ledger in its own transaction; the threads here take what is
// due, send it and note what became of it. Killed between the two, a delivery goes out once more: at least once, and
// its name (Weir-Delivery) is the same each time.
//
// What holds whatever the receivers do: nobody else waits for them. A webhook has one delivery on its way at a time,
// HOOKS_SEND_MS at most, and rests after one that failed; there are HOOKS_THREADS threads, so that it takes as many
// slow receivers to keep the others waiting, and then for one sending.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/text.h"

enum { HOOKS_THREADS = 4 };

struct hooks;
struct ledger;

struct hooks_setup {
    struct ledger *ledger;
    const struct clock *clock;
    const struct log *log;
    const struct text *allowed; // private addresses that may be sent to; copied
    size_t allowed_count;
};

bool hooks_start(const struct hooks_setup *setup, struct hooks **out, struct error *error);

// Ends what is on its way, which takes as long as a sending may. Accepts NULL.
void hooks_stop(struct hooks *hooks);

// There is something to deliver. From any thread; accepts NULL.
void hooks_wake(struct hooks *hooks);

#endif

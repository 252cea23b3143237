#ifndef WEIR_SERVER_HOOKS_H
#define WEIR_SERVER_HOOKS_H

// Deliveries of webhooks. A run's end puts them into the ledger in its own transaction; the threads here take what is
// due, send it and note what became of it. Killed between the two, a delivery goes out once more: at least once, and
// its name (Weir-Delivery) is the same each time.
//
// What holds whatever the receivers do: nobody but other webhooks waits for them, and those not for long. A webhook has
// one delivery on its way at a time, HOOKS_SEND_MS at most, and rests after one that failed, the longer the more often
// it did (10 s to 10 min). There are HOOKS_THREADS threads: so many slow receivers keep the others waiting for one
// sending, and it takes more than two hundred of them to do so for ever.

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

// The same, and somebody wants it now: nobody rests any longer.
void hooks_rouse(struct hooks *hooks);

#endif

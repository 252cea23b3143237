#ifndef WEIR_SERVER_HOOKS_SEND_H
#define WEIR_SERVER_HOOKS_SEND_H

// Sends one delivery, once, and says what became of it. It takes SEND_MS at most, however slow the other side is. It
// goes where the rules of the HTTP client let it: private addresses only where the machine's owner allows them,
// no redirects, TLS always verified.

#include "base/clock.h"
#include "http/http.h"
#include "server/ledger.h"

enum { HOOKS_SEND_MS = 10 * 1000, HOOKS_ATTEMPTS_MAX = 12 };

enum hooks_outcome { HOOKS_TAKEN, HOOKS_AGAIN, HOOKS_GONE };

struct hooks_sent {
    enum hooks_outcome outcome;
    int64_t after_us;    // the receiver wants to be asked no sooner; 0: it doesn't say
    struct text message; // why not, in the arena; nothing secret in it
};

// False only when it could not be tried (no memory, a database that can't be read).
bool hooks_send(struct ledger *ledger, const struct clock *clock, const struct http_rules *rules,
                const struct delivery *delivery, struct arena *arena, struct hooks_sent *out, struct error *error);

// When the next attempt is, after so many: from 10 s on, doubled each time, an hour at most, each a little less than
// that by chance, so that what failed together doesn't come back together.
int64_t hooks_wait_us(const struct delivery *delivery, int64_t attempts);

#endif

#ifndef WEIR_SERVER_HOOKS_SAY_H
#define WEIR_SERVER_HOOKS_SAY_H

// What a webhook is told: the body in its form, its signature, and what may be shown of an address that is a secret
// itself. A delivery says the same each time it is sent, since what the run had come to is kept with it.

#include "base/arena.h"
#include "base/buffer.h"
#include "server/ledger.h"

enum { HOOKS_NAME = 48, HOOKS_SIGNATURE = 100 };

// What Weir-Delivery says: the same for every sending of a delivery, and never another's, also when the database was
// restored from a backup and counts its deliveries again.
void hooks_name(const struct delivery *delivery, char out[HOOKS_NAME]);

// The body. `job` is NULL for a test, or when the run is not known any more.
bool hooks_body(struct buffer *out, const struct delivery *delivery, const struct job *job, struct arena *arena,
                struct error *error);

// "t=SECONDS,v1=HEX": HMAC-SHA256 of "SECONDS.BODY". False: no memory.
bool hooks_sign(struct text secret, int64_t now_us, struct text body, char out[HOOKS_SIGNATURE]);

// An address without its query and the end of its path: https://hooks.slack.com/services/T0/B0/…
void hooks_show_url(struct buffer *out, struct text url);

// A message with every address in it cut behind its host.
void hooks_show_message(struct buffer *out, struct text message);

#endif

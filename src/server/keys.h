#ifndef WEIR_SERVER_KEYS_H
#define WEIR_SERVER_KEYS_H

// Tokens: made of 256 random bits, shown once, kept as a hash. Who is behind one is remembered for a moment, so that a
// busy client costs no query each time: KEYS_FRESH_US is how long a token that was revoked beside the server may still
// be taken (one that is revoked through the server is not).

#include <stdbool.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "port/serving.h"
#include "server/ledger.h"
#include "server/role.h"

struct keys;

bool keys_open(struct ledger *ledger, const struct clock *clock, struct keys **out, struct error *error);
void keys_close(struct keys *keys); // accepts NULL

// Who is behind a token's text. `found` is false when it is none, or holds no more. Texts live in the arena.
bool keys_find(struct keys *keys, struct text token, struct arena *arena, bool *found, struct identity *out,
               struct error *error);

// Forgets what is remembered: a token was made or revoked.
void keys_forget(struct keys *keys);

// Makes one: checks its role and organisation, and writes its text (SERVICE_TOKEN_MAX bytes).
bool keys_make(struct ledger *ledger, const struct token_row *row, const struct actor *who, char *out, int64_t *id,
               struct error *error);

#endif

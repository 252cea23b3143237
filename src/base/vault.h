#ifndef WEIR_BASE_VAULT_H
#define WEIR_BASE_VAULT_H

// Where secrets lie, as something that can be replaced: the files of DATA/secrets/ORG, or a test's own. Most secrets
// are only read; a token that its server changes at every use is put back here, under a lock, before it is used.

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

struct vault {
    const struct vault_type *type;
};

struct vault_type {
    // Must give the secret's text. One that is not there is ERROR_SECRET.
    bool (*get)(struct vault *vault, struct text name, struct arena *arena, struct text *out, struct error *error);

    // Must keep the text durably, whole or not at all, readable by this user alone.
    bool (*put)(struct vault *vault, struct text name, struct text text, struct error *error);

    // Must wait until no other process or thread holds the name's lock, and take it. The kernel frees it at any death.
    bool (*lock)(struct vault *vault, struct text name, struct error *error);
    void (*unlock)(struct vault *vault, struct text name);
};

#endif

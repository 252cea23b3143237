#ifndef WEIR_SCRIPT_SCRIPT_VAULT_H
#define WEIR_SCRIPT_SCRIPT_VAULT_H

// base/vault.h over the files of DATA/secrets/ORG. Reading is secret_read's: the environment first, then the file. A
// secret that comes from the environment can't be replaced there, so its lock is refused: that is before a server was
// asked for the next token and has made the old one worthless.
//
// Beside a secret NAME there are NAME.lock, which stays, and NAME.new while one is being put; neither can be a secret's
// name. A vault may be used by several threads.

#include <stdbool.h>

#include "base/error.h"
#include "base/text.h"
#include "base/vault.h"

// `data` and `org` are copied; `data` may be NULL: then there is the environment alone. Nothing is read yet.
bool script_vault_open(const char *data, struct text org, struct vault **out, struct error *error);
void script_vault_close(struct vault *vault); // gives back its locks; never fails; accepts NULL

#endif

#ifndef WEIR_CLI_CLI_DERIVE_H
#define WEIR_CLI_CLI_DERIVE_H

// Derived fields outside a run: the datatypes' functions come from what home keeps of their modules.

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "cli/cli.h"
#include "port/store.h"

// Computes what is stale. Without anything stale no Lua is loaded.
bool cli_derive(const struct cli *cli, struct store *store, int64_t *changed, struct error *error);

// After an edit: does the same in a process of its own and waits for it, so that no Lua runs in this one. A child that
// fails leaves the edit as it is and says why on `err`; what is stale stays so.
void cli_derive_child(const struct cli *cli, struct text org, struct store *store);

#endif

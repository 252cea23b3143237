#ifndef WEIR_STORE_STORE_MEMORY_H
#define WEIR_STORE_STORE_MEMORY_H

// A home kept in memory: the model that the other stores are held against, and the home of tests and simulations.
// It is simple rather than small or fast: nothing is freed before store_memory_forget, every version of a row is kept.
//
// A folder names one home of this process. It stays when its stores are closed, so that a test can crash a run, open
// the home again and resume. Two threads may use one store, each on its side, and any number of stores one home.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "port/store.h"

extern const struct store_type store_memory;

// Drops all homes. No store may be open.
void store_memory_forget(void);

// What the death of the process does: every lease is free again, and what was not committed is gone. Stores that were
// open must only be closed after it.
void store_memory_crash(void);

// A home that comes back from a backup: all of it is as it was when the backup was taken, but for what stands beside it
// (store_type.restored). No store may be open on it; only the newest backup that was taken, or one before it, is meant.
int64_t store_memory_backup(struct text folder);
void store_memory_restore(struct text folder, int64_t backup);

// What becomes of a writing call, each of which is one transaction.
enum store_memory_outcome {
    STORE_MEMORY_COMMIT,        // as always
    STORE_MEMORY_REFUSE,        // ERROR_HOME_IO, and nothing was changed
    STORE_MEMORY_COMMIT_SILENT, // ERROR_HOME_IO, and yet all was changed
};

// Asked at the end of each transaction that would succeed; `call` is the slot's name: "commit", "reserve", "settle", …
// NULL takes the hook away. Set it while no store is in use.
void store_memory_hook(enum store_memory_outcome (*hook)(void *context, const char *call), void *context);

// What the contract has no reading call for: the newest text that prepare remembered, and the audit lines, from 0.
// Empty texts where there is none. They live until store_memory_forget.
struct text store_memory_modules(struct text folder);
struct text store_memory_audit(struct text folder, size_t index);

#endif

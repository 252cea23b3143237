#ifndef WEIR_TESTS_CONTRACT_SOURCE_CONTRACT_H
#define WEIR_TESTS_CONTRACT_SOURCE_CONTRACT_H

// What every datasource must do, run against one adapter. A test opens the adapter on something real and calls this;
// a broken promise fails the test.

#include <stddef.h>

#include "port/source.h"

// A setup with the usual clock, log, seed and page; settings, type and folder are the test's to fill in.
struct source_setup source_contract_setup(void);

// A whole pass gives `records` and `rejects`, whatever the size of the pages; no page is over its limit; a pass
// resumed from any position gives the rest, neither more nor less, with the same prints and lines; progress never
// goes back; a position from elsewhere is ERROR_SOURCE_CHANGED; closing is fine at any time.
void source_contract_run(const struct source_type *type, const struct source_setup *setup, size_t records,
                         size_t rejects);

#endif

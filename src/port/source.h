#ifndef WEIR_PORT_SOURCE_H
#define WEIR_PORT_SOURCE_H

// The contract of a datasource: where records come from. One source is one pass over one type of one datasource, from
// a position to its end. The engine owns the batches; the source owns everything else until source_close. A source
// is used by one thread.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "model/record.h"
#include "port/option.h"

// What a pass is opened with. All of it outlives the source.
struct source_setup {
    const struct object *settings; // the datasource's own options, checked against source_type.options
    const struct object *type;     // this type's options, checked against source_type.type_options
    struct text type_name;
    struct text folder;   // where the script stands: relative paths start there or, for parameters, at the caller's
    struct text position; // where to go on, from batch.position of an earlier pass; empty for the beginning
    uint64_t seed;        // of every print
    size_t page_records;  // at most so many records a batch
    const struct clock *clock;
    const struct log *log;
    void *context; // of a source that is not a datasource's: what it reads (dead letters, a test's list)
};

struct source {
    const struct source_type *type;
};

struct source_type {
    const char *kind; // "csv"
    const struct option_list *options;
    const struct option_list *type_options;

    // Must open what it reads, check that a position still fits (a file that changed since is ERROR_SOURCE_CHANGED:
    // the engine starts again from the beginning), and give a source or an error. Nothing is left open on false.
    bool (*open)(const struct source_setup *setup, struct source **out, struct error *error);

    // Must fill the (reset) batch with the next page: records, rejects, position, last. An empty page that isn't the
    // last is allowed. An error of scope BATCH may be tried again with the same batch; others end the pass. After
    // `last` it isn't called again. `last` is a claim of completeness: a source that can't prove the end gives an
    // error instead.
    bool (*read)(struct source *source, struct batch *batch, struct error *error);

    // Must free everything. Never fails; accepts NULL.
    void (*close)(struct source *source);
};

// The door every caller uses: assertions and fault points live here.
bool source_open(const struct source_type *type, const struct source_setup *setup, struct source **out,
                 struct error *error);
bool source_read(struct source *source, struct batch *batch, struct error *error);
void source_close(struct source *source);

#endif

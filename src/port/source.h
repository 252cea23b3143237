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
#include "base/hash.h"
#include "base/log.h"
#include "base/vault.h"
#include "model/record.h"
#include "port/mapper.h"
#include "port/option.h"

struct target_type;

// What the passes and the writes of a run over one datasource share: connections, a login's token, the host's budget.
struct session {
    const struct source_type *type;
};

struct session_setup {
    const struct object *settings; // the datasource's own options
    struct text name;              // of the datasource
    struct text folder;            // where the script stands
    const struct text *allowed;    // private address ranges that the settings allow: "127.0.0.1", "10.0.0.0/8"
    size_t allowed_count;
    struct vault *vault; // may be NULL
    struct mapper *mapper;
    const struct clock *clock;
    const struct log *log;
};

// What a pass is opened with. All of it outlives the source.
struct source_setup {
    const struct object *settings; // the datasource's own options, checked against source_type.options
    const struct object *type;     // this type's options, checked against source_type.type_options
    const struct object *types;    // all types of the datasource: names and options; for types that name another
    struct text type_name;
    struct session *session; // NULL for a kind without one
    struct text since;       // the watermark: the cursor's text as the source gave it; empty: read everything
    const struct path *key;  // of a record, as the engine makes external ids
    size_t key_count;
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

    // Both NULL when there is nothing to share. Must make what a run's passes share; nothing is left open on false.
    bool (*session_open)(const struct session_setup *setup, struct session **out, struct error *error);
    void (*session_close)(struct session *session); // never fails; accepts NULL

    const struct target_type *target; // the way back (target.h); NULL: this kind can't be written to

    // Must open what it reads, check that a position still fits (a file that changed since is ERROR_SOURCE_CHANGED:
    // the engine starts again from the beginning), and give a source or an error. Nothing is left open on false.
    bool (*open)(const struct source_setup *setup, struct source **out, struct error *error);

    // Must fill the (reset) batch with the next page: records, rejects, position, last. An empty page that isn't the
    // last is allowed. An error of scope BATCH may be tried again with the same batch; others end the pass. After
    // `last` it isn't called again. `last` is a claim of completeness: a source that can't prove the end gives an
    // error instead. With `last` come `cursor`, the new watermark (empty: leave the old), and `full`: all that the
    // datasource has of this type was listed, so that what did not come is gone.
    bool (*read)(struct source *source, struct batch *batch, struct error *error);

    // Must free everything. Never fails; accepts NULL.
    void (*close)(struct source *source);

    // Must say whether a record that was posted, and so was not read, says of itself that it is gone there. NULL: the
    // kind has no such thing.
    bool (*gone)(const struct object *type, const struct object *record, bool *gone, struct error *error);
};

// The door every caller uses: assertions and fault points live here.
bool source_session_open(const struct source_type *type, const struct session_setup *setup, struct session **out,
                         struct error *error);
void source_session_close(struct session *session);
bool source_open(const struct source_type *type, const struct source_setup *setup, struct source **out,
                 struct error *error);
bool source_read(struct source *source, struct batch *batch, struct error *error);
void source_close(struct source *source);

#endif

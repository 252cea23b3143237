#ifndef WEIR_ENGINE_SINCE_H
#define WEIR_ENGINE_SINCE_H

// Where a pass begins, and what it leaves for the next: the watermark. It is the source's own text, kept when a pass is
// complete and never before; the next pass asks for records at or past it.
//
//    direction   text
//    "pull"      the highest cursor seen
//    "full"      when the last whole pass was (our clock, ISO 8601), and the print of the script it was made with

#include <stdbool.h>
#include <stdint.h>

#include "engine/flow.h"
#include "engine/run.h"

struct since_ask {
    const struct run_request *request;
    const struct sync_type *type;
    struct text key; // sync_key
    bool restored;   // home came back from a backup
    const struct log *log;
};

// Gives the watermark to begin at, in `arena`; empty when everything is to be read: there is none yet, the request or
// the type's `full` says so, the script has changed, deletes were approved, or home was restored. `again`: everything
// is read though there is one.
bool since_find(const struct since_ask *ask, struct arena *arena, struct text *out, bool *again, struct error *error);

// Puts what a complete pass leaves into the plan in hand, where it differs from what is there. It began at `since`; an
// empty cursor leaves the watermark as it is.
bool since_move(struct flow *flow, struct text since, struct text cursor, int64_t now_us, struct error *error);

// Whether a push found records there that are still to be weighed against home's: it took the mark of the last whole
// pass away, so that the next one is whole, from its beginning.
bool since_weighs(struct store *store, struct text key, const struct sync_type *type, struct arena *arena, bool *weighs,
                  struct error *error);

#endif

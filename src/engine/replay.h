#ifndef WEIR_ENGINE_REPLAY_H
#define WEIR_ENGINE_REPLAY_H

// Dead letters as a source: what a retry reads. The records are the raw payloads, so they pass the transforms and the
// decision of today; nothing decided earlier is sent again. A record's line is its dead letter's number. Rows that
// never were records (a torn line) have nothing to replay: they are counted, and the file has to be mended and run
// again.

#include "port/source.h"
#include "port/store.h"

struct replay {
    struct store *store;
    const int64_t *ids; // these alone, ascending; NULL: all of the flow's
    size_t id_count;
    int64_t unreplayable;
    struct text flow; // ORG/NAME
};

// Opened with a struct replay as the setup's context.
extern const struct source_type source_replay;

#endif

#ifndef WEIR_ENGINE_PUSH_H
#define WEIR_ENGINE_PUSH_H

// The way back: one type of one sync from home to its datasource. Home's changes are read by seq, decided against
// their links, written in chunks, and remembered. A push has one thread: what it waits for is the datasource.
//
// A chunk's way, with a kill allowed between any two lines:
//
//    1. decide        change + link + push form -> nothing, create, update, delete, wait, dead letter
//    2. commit        the intents of the chunk
//    3. write         the target sends them
//    4. commit        links, `back` fields, dead letters, intents done, and the watermark up to the last change that
//                     is dealt with: all in one page
//
// A lost answer leaves an unknown intent. It is resolved at once if that can be, else when the next run begins, before
// anything is pulled: a record that was created without our knowing would come back as a new one.

#include <stdbool.h>

#include "engine/pass.h"
#include "engine/resolve.h"
#include "engine/run.h"

struct push_pass {
    const struct run_request *request;
    const struct sync *sync;
    const struct sync_type *type;
    struct store *store;
    struct linkset *links; // tracked
    struct session *session;
    struct resolver *resolver;
    const struct lease *lease;
    int64_t run;
    struct text key;  // sync_key
    struct text name; // ORG/NAME
    const struct log *log;
    struct counts *counts; // of the run: grows
    bool restored;         // home came back from a backup: look every create up first
};

// Settles what earlier runs left open for this type: intents that are sending or unknown. Those that can't be found
// out are parked, with a dead letter. Of a restored home it also looks up what it would create, whether there are
// intents or not: a pull would take what was created since the backup for new records.
bool push_resume(struct push_pass *pass, struct error *error);

// Pushes all of home's changes, or up to a chunk's end after a signal.
bool push_run(struct push_pass *pass, enum pass_end *end, struct error *error);

#endif

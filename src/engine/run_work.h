#ifndef WEIR_ENGINE_RUN_WORK_H
#define WEIR_ENGINE_RUN_WORK_H

// What the parts of a run share: run.c (its beginning and end), run_pull.c (in), run_push.c (the way back),
// run_session.c (what both share at the datasource) and run_restored.c (a home that came back from a backup).

#include "engine/intake.h"
#include "engine/pass.h"
#include "engine/replay.h"
#include "engine/run.h"

// Everything that lives as long as one run.
struct run {
    const struct run_request *request;
    const struct sync *sync;
    struct store *store;
    struct run_report *report;
    struct arena arena;
    struct text key;
    struct text name; // ORG/NAME
    struct lease lease;
    bool leased;
    struct run_row row;
    struct checkpoint resumed; // where to go on
    bool has_checkpoint;
    int64_t read_before; // by the last run that ended well
    bool restored;       // home came back from a backup, and this sync hasn't looked at everything since
    bool came_back;      // nobody has noticed so far
    struct text back_since;
    bool incremental; // a pass of this run began at a watermark
    bool pulled;      // all pulls are through
    struct session *session;
    struct counts pushed; // what the way back counted
    int64_t unknown;      // writes whose outcome nobody knows when the push has ended
    struct journal journal;
    const struct log *log;       // the journal's; of a drain, the request's own
    const struct intake *intake; // this is a drain of an inbox (inbox.h): it has no row; NULL: a run
    struct pipeline pipeline;
    struct resolver resolver;
    struct id_block ids;
    struct replay replay;
};

// What a session at a request's datasource is opened with.
struct session_setup run_session_setup(const struct run_request *request, const struct log *log);

// What passes and pushes share at the datasource, opened when it is first needed. It stays NULL for a kind without one.
bool run_session(struct run *run, struct error *error);

// The links of a type, indexed: a first load that was left unfinished is settled.
bool run_links(struct run *run, const struct datatype *datatype, struct linkset **links, struct error *error);

// Settles every first load of a datatype that was left unfinished, whose ever it is: home may hold its repeats, and a
// push would send them.
bool run_settle(struct run *run, const struct datatype *datatype, struct error *error);

// Whether a type's links are tracked: it is pushed, or its merges need a base.
bool run_tracks(const struct sync *sync, const struct sync_type *type);

// Reads all types, from where a checkpoint stands.
bool run_pull(struct run *run, enum pass_end *end, struct error *error);

// Before anything is read: what earlier pushes left open.
bool run_push_resume(struct run *run, struct error *error);

// Finds out whether home came back from a backup and this sync hasn't looked at it since; at the end of a run that did,
// says so.
bool run_restored(struct run *run, struct error *error);
bool run_reconcile(struct run *run, struct error *error);

// Computes what is stale among derived fields.
bool run_derive(struct run *run, struct error *error);

// After everything is read: derived fields, then home's changes.
bool run_push(struct run *run, enum pass_end *end, struct error *error);

#endif

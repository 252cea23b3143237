#ifndef WEIR_ENGINE_DECIDE_H
#define WEIR_ENGINE_DECIDE_H

// What becomes of one record: a pure function of four facts. The table in decide.c lists every case, the impossible
// ones too. Nothing here allocates, fails or looks anything up.

#include <stdbool.h>

// Whether home and the datasource already know each other's record.
enum decide_link { LINK_NONE, LINK_THERE };

// The record at the datasource.
enum decide_remote {
    REMOTE_SEEN,    // as last dealt with (only with a link)
    REMOTE_CHANGED, // new, or not as last dealt with
    REMOTE_GONE,    // proven to be gone
};

// The record in home. Without a link home is asked by the natural key.
enum decide_home {
    HOME_NONE,    // no link: nothing with its key
    HOME_ONE,     // no link: one record with its key, free to be linked
    HOME_TAKEN,   // no link: one record with its key, but another record of this datasource is linked to it
    HOME_SEVERAL, // no link: several records with its key
    HOME_AGREED,  // link: as both sides last agreed
    HOME_EDITED,  // link: edited since
    HOME_DELETED, // link: deleted since
};

enum decision {
    DECIDE_NOTHING,    // a repeat, an echo, or nothing to do
    DECIDE_CREATE,     // create and link
    DECIDE_ADOPT,      // link, then as if both had changed
    DECIDE_TAKEN,      // dead letter: the key belongs to another record of the same datasource
    DECIDE_AMBIGUOUS,  // dead letter: several could be meant
    DECIDE_UPDATE,     // the datasource's form goes in
    DECIDE_MERGE,      // both changed: by policy, the loser is kept
    DECIDE_BRING_BACK, // changed there, deleted here: it comes back and is reported
    DECIDE_DELETE,     // delete, under the guard
    DECIDE_KEEP,       // gone there, edited here: keep and report
    DECIDE_FORGET,     // gone on both sides: the link goes
};

enum decision decide(enum decide_link link, enum decide_remote remote, enum decide_home home);

#endif

#ifndef WEIR_ENGINE_PUSH_DECIDE_H
#define WEIR_ENGINE_PUSH_DECIDE_H

// What becomes of one of home's records on its way back: a pure function of four facts. The tables in push_decide.c
// list every case, the impossible ones too. Nothing here allocates, fails or looks anything up.
//
// The push form costs the most, so it is asked for last: with PUSH_FORM_UNSEEN the answer may be PUSH_LOOK, and the
// same question is asked again with the form.

#include <stdbool.h>

// A write of an earlier chunk or run that isn't settled.
enum push_intent {
    PUSH_INTENT_NONE,
    PUSH_INTENT_OPEN,   // sending or unknown
    PUSH_INTENT_PARKED, // a person decides
};

enum push_link { PUSH_LINK_NONE, PUSH_LINK_THERE };

// The record in home.
enum push_home {
    PUSH_HOME_NEW,     // there, without a link
    PUSH_HOME_AGREED,  // a link: as both sides last agreed
    PUSH_HOME_EDITED,  // a link: edited since
    PUSH_HOME_DELETED, // not there any more
};

// What the script makes of the record.
enum push_shape {
    PUSH_FORM_UNSEEN,
    PUSH_FORM_UNWANTED, // `when` says no, or the function left it out
    PUSH_FORM_WAITS,    // it needs an id that isn't there yet
    PUSH_FORM_BROKEN,   // it can't be made
    PUSH_FORM_SENT,     // a link: it is what the datasource has
    PUSH_FORM_LOOPS,    // a link: it came and went too often
    PUSH_FORM_OTHER,    // to be written
};

enum push_decision {
    PUSH_NOTHING, // agreed, an echo, or never known there
    PUSH_LATER,   // a write of it is under way: looked at again when that is settled
    PUSH_LEAVE,   // a person decides first
    PUSH_LOOK,    // the form must be made
    PUSH_SKIP,    // counted
    PUSH_WAIT,    // dead letter PUSH_WAITS: every push looks again
    PUSH_REFUSE,  // dead letter: no form
    PUSH_LOOP,    // dead letter PUSH_LOOP
    PUSH_AGREE,   // edited, and yet nothing to say: the link alone
    PUSH_CREATE,
    PUSH_UPDATE,
    PUSH_DELETE, // under the guard
};

enum push_decision push_decide(enum push_intent intent, enum push_link link, enum push_home home,
                               enum push_shape shape);

#endif

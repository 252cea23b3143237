#include "engine/push_decide.h"

#include <assert.h>

// A record that is not agreed on, by its form.
//
//    form       no link    link
//    unseen     look       look
//    unwanted   skip       skip
//    waits      wait       wait
//    broken     refuse     refuse
//    sent       -          agree      impossible without a link: nothing was ever sent
//    loops      -          loop       likewise
//    other      create     update
static enum push_decision decide_shape(enum push_link link, enum push_shape shape) {
    static const enum push_decision table[][2] = {
        [PUSH_FORM_UNSEEN] = {PUSH_LOOK, PUSH_LOOK},    [PUSH_FORM_UNWANTED] = {PUSH_SKIP, PUSH_SKIP},
        [PUSH_FORM_WAITS] = {PUSH_WAIT, PUSH_WAIT},     [PUSH_FORM_BROKEN] = {PUSH_REFUSE, PUSH_REFUSE},
        [PUSH_FORM_SENT] = {PUSH_NOTHING, PUSH_AGREE},  [PUSH_FORM_LOOPS] = {PUSH_NOTHING, PUSH_LOOP},
        [PUSH_FORM_OTHER] = {PUSH_CREATE, PUSH_UPDATE},
    };
    assert(link == PUSH_LINK_THERE || (shape != PUSH_FORM_SENT && shape != PUSH_FORM_LOOPS));
    return table[shape][link];
}

// intent     link    home       decision
//
// open       any     any        later
// parked     any     any        leave
// none       none    new        by its form
// none       none    deleted    nothing: it was never there
// none       none    agreed     - impossible: without a link nothing was agreed on
// none       none    edited     - likewise
// none       there   new        - impossible: it has a link
// none       there   agreed     nothing: pulled, or pushed before
// none       there   edited     by its form
// none       there   deleted    delete
enum push_decision push_decide(enum push_intent intent, enum push_link link, enum push_home home,
                               enum push_shape shape) {
    assert(link == PUSH_LINK_NONE ? home == PUSH_HOME_NEW || home == PUSH_HOME_DELETED : home != PUSH_HOME_NEW);
    if (intent != PUSH_INTENT_NONE) {
        return intent == PUSH_INTENT_OPEN ? PUSH_LATER : PUSH_LEAVE;
    }
    switch (home) {
    case PUSH_HOME_NEW:
    case PUSH_HOME_EDITED:
        return decide_shape(link, shape);
    case PUSH_HOME_DELETED:
        return link == PUSH_LINK_THERE ? PUSH_DELETE : PUSH_NOTHING;
    case PUSH_HOME_AGREED:
        break;
    }
    return PUSH_NOTHING;
}

#include "engine/decide.h"

#include <assert.h>

// No link: what the key says.
//
//    remote     home      decision
//    changed    none      create
//    changed    one       adopt
//    changed    taken     taken
//    changed    several   ambiguous
//    gone       any       nothing
//    seen       -         impossible: without a link nothing was ever seen
static enum decision decide_unlinked(enum decide_remote remote, enum decide_home home) {
    assert(remote != REMOTE_SEEN);
    assert(home <= HOME_SEVERAL);
    if (remote == REMOTE_GONE) {
        return DECIDE_NOTHING;
    }
    static const enum decision by_home[] = {
        [HOME_NONE] = DECIDE_CREATE,
        [HOME_ONE] = DECIDE_ADOPT,
        [HOME_TAKEN] = DECIDE_TAKEN,
        [HOME_SEVERAL] = DECIDE_AMBIGUOUS,
    };
    return by_home[home];
}

// A link: what each side did since they agreed.
//
//    remote     home      decision
//    seen       any       nothing
//    changed    agreed    update
//    changed    edited    merge
//    changed    deleted   bring back
//    gone       agreed    delete
//    gone       edited    keep
//    gone       deleted   forget
static enum decision decide_linked(enum decide_remote remote, enum decide_home home) {
    assert(home >= HOME_AGREED && home <= HOME_DELETED);
    static const enum decision table[][3] = {
        [REMOTE_SEEN] = {DECIDE_NOTHING, DECIDE_NOTHING, DECIDE_NOTHING},
        [REMOTE_CHANGED] = {DECIDE_UPDATE, DECIDE_MERGE, DECIDE_BRING_BACK},
        [REMOTE_GONE] = {DECIDE_DELETE, DECIDE_KEEP, DECIDE_FORGET},
    };
    return table[remote][home - HOME_AGREED];
}

enum decision decide(enum decide_link link, enum decide_remote remote, enum decide_home home) {
    return link == LINK_NONE ? decide_unlinked(remote, home) : decide_linked(remote, home);
}

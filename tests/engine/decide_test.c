#include "engine/decide.h"

#include "test.h"

// Every row of the tables in engine/decide.c.

TEST(engine_decide, unlinked_nothing_with_its_key) {
    CHECK(decide(LINK_NONE, REMOTE_CHANGED, HOME_NONE) == DECIDE_CREATE);
}

TEST(engine_decide, unlinked_one_with_its_key) {
    CHECK(decide(LINK_NONE, REMOTE_CHANGED, HOME_ONE) == DECIDE_ADOPT);
}

TEST(engine_decide, unlinked_key_taken_by_another) {
    CHECK(decide(LINK_NONE, REMOTE_CHANGED, HOME_TAKEN) == DECIDE_TAKEN);
}

TEST(engine_decide, unlinked_several_with_its_key) {
    CHECK(decide(LINK_NONE, REMOTE_CHANGED, HOME_SEVERAL) == DECIDE_AMBIGUOUS);
}

TEST(engine_decide, unlinked_gone) {
    CHECK(decide(LINK_NONE, REMOTE_GONE, HOME_NONE) == DECIDE_NOTHING);
    CHECK(decide(LINK_NONE, REMOTE_GONE, HOME_ONE) == DECIDE_NOTHING);
}

TEST(engine_decide, seen_is_a_repeat_or_an_echo) {
    CHECK(decide(LINK_THERE, REMOTE_SEEN, HOME_AGREED) == DECIDE_NOTHING);
    CHECK(decide(LINK_THERE, REMOTE_SEEN, HOME_EDITED) == DECIDE_NOTHING);
    CHECK(decide(LINK_THERE, REMOTE_SEEN, HOME_DELETED) == DECIDE_NOTHING);
}

TEST(engine_decide, changed_there_alone) {
    CHECK(decide(LINK_THERE, REMOTE_CHANGED, HOME_AGREED) == DECIDE_UPDATE);
}

TEST(engine_decide, both_changed) {
    CHECK(decide(LINK_THERE, REMOTE_CHANGED, HOME_EDITED) == DECIDE_MERGE);
}

TEST(engine_decide, changed_there_deleted_here) {
    CHECK(decide(LINK_THERE, REMOTE_CHANGED, HOME_DELETED) == DECIDE_BRING_BACK);
}

TEST(engine_decide, gone_there) {
    CHECK(decide(LINK_THERE, REMOTE_GONE, HOME_AGREED) == DECIDE_DELETE);
    CHECK(decide(LINK_THERE, REMOTE_GONE, HOME_EDITED) == DECIDE_KEEP);
    CHECK(decide(LINK_THERE, REMOTE_GONE, HOME_DELETED) == DECIDE_FORGET);
}

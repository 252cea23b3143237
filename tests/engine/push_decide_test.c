#include "engine/push_decide.h"

#include "test.h"

// Every row of the tables in engine/push_decide.c.

static enum push_decision unlinked(enum push_shape shape) {
    return push_decide(PUSH_INTENT_NONE, PUSH_LINK_NONE, PUSH_HOME_NEW, shape);
}

static enum push_decision edited(enum push_shape shape) {
    return push_decide(PUSH_INTENT_NONE, PUSH_LINK_THERE, PUSH_HOME_EDITED, shape);
}

TEST(engine_push_decide, open_intent_keeps_it_back_whatever_it_is) {
    static const enum push_home homes[] = {PUSH_HOME_AGREED, PUSH_HOME_EDITED, PUSH_HOME_DELETED};
    for (int i = 0; i < 3; i++) {
        CHECK(push_decide(PUSH_INTENT_OPEN, PUSH_LINK_THERE, homes[i], PUSH_FORM_UNSEEN) == PUSH_LATER);
        CHECK(push_decide(PUSH_INTENT_PARKED, PUSH_LINK_THERE, homes[i], PUSH_FORM_UNSEEN) == PUSH_LEAVE);
    }
    CHECK(push_decide(PUSH_INTENT_OPEN, PUSH_LINK_NONE, PUSH_HOME_NEW, PUSH_FORM_OTHER) == PUSH_LATER);
    CHECK(push_decide(PUSH_INTENT_PARKED, PUSH_LINK_NONE, PUSH_HOME_NEW, PUSH_FORM_OTHER) == PUSH_LEAVE);
    CHECK(push_decide(PUSH_INTENT_OPEN, PUSH_LINK_NONE, PUSH_HOME_DELETED, PUSH_FORM_UNSEEN) == PUSH_LATER);
    CHECK(push_decide(PUSH_INTENT_PARKED, PUSH_LINK_NONE, PUSH_HOME_DELETED, PUSH_FORM_UNSEEN) == PUSH_LEAVE);
}

TEST(engine_push_decide, unlinked_by_its_form) {
    CHECK(unlinked(PUSH_FORM_UNSEEN) == PUSH_LOOK);
    CHECK(unlinked(PUSH_FORM_UNWANTED) == PUSH_SKIP);
    CHECK(unlinked(PUSH_FORM_WAITS) == PUSH_WAIT);
    CHECK(unlinked(PUSH_FORM_BROKEN) == PUSH_REFUSE);
    CHECK(unlinked(PUSH_FORM_OTHER) == PUSH_CREATE);
}

TEST(engine_push_decide, unlinked_and_deleted_was_never_there) {
    CHECK(push_decide(PUSH_INTENT_NONE, PUSH_LINK_NONE, PUSH_HOME_DELETED, PUSH_FORM_UNSEEN) == PUSH_NOTHING);
}

TEST(engine_push_decide, agreed_is_an_echo_f10) {
    CHECK(push_decide(PUSH_INTENT_NONE, PUSH_LINK_THERE, PUSH_HOME_AGREED, PUSH_FORM_UNSEEN) == PUSH_NOTHING);
    CHECK(push_decide(PUSH_INTENT_NONE, PUSH_LINK_THERE, PUSH_HOME_AGREED, PUSH_FORM_OTHER) == PUSH_NOTHING);
}

TEST(engine_push_decide, edited_by_its_form) {
    CHECK(edited(PUSH_FORM_UNSEEN) == PUSH_LOOK);
    CHECK(edited(PUSH_FORM_UNWANTED) == PUSH_SKIP);
    CHECK(edited(PUSH_FORM_WAITS) == PUSH_WAIT);
    CHECK(edited(PUSH_FORM_BROKEN) == PUSH_REFUSE);
    CHECK(edited(PUSH_FORM_SENT) == PUSH_AGREE);
    CHECK(edited(PUSH_FORM_LOOPS) == PUSH_LOOP);
    CHECK(edited(PUSH_FORM_OTHER) == PUSH_UPDATE);
}

TEST(engine_push_decide, deleted_here_is_deleted_there_f12) {
    CHECK(push_decide(PUSH_INTENT_NONE, PUSH_LINK_THERE, PUSH_HOME_DELETED, PUSH_FORM_UNSEEN) == PUSH_DELETE);
}

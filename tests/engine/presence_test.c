#include "engine/presence.h"

#include "test.h"

TEST(engine_presence, tells_what_was_marked) {
    struct presence presence;
    struct error error;
    presence_init(&presence);
    CHECK(!presence_has(&presence, 1));
    const int64_t ids[] = {1, 63, 64, 65, 65535, 65536, 1000000, PRESENCE_ID_MAX};
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        CHECK(!presence_has(&presence, ids[i]));
        CHECK_OK(presence_mark(&presence, ids[i], &error), &error);
        CHECK_OK(presence_mark(&presence, ids[i], &error), &error);
        CHECK(presence_has(&presence, ids[i]));
    }
    CHECK(!presence_has(&presence, 2));
    CHECK(!presence_has(&presence, 66));
    CHECK(!presence_has(&presence, 999999));
    CHECK(!presence.broken);
    presence_clear(&presence);
    CHECK(!presence_has(&presence, 1));
}

// What can't be told is there: nothing may be deleted for it.
TEST(engine_presence, an_id_past_its_end_breaks_it) {
    struct presence presence;
    struct error error;
    presence_init(&presence);
    CHECK_OK(presence_mark(&presence, (int64_t)PRESENCE_ID_MAX + 1, &error), &error);
    CHECK(presence.broken);
    CHECK(presence_has(&presence, 7));
    CHECK_OK(presence_mark(&presence, 7, &error), &error);
    presence_clear(&presence);
}

// Answers that never came, or that leave open what was done.

#include "target_rig.h"
#include "test.h"

#define THINGS "\"path\":\"/things\""
#define FORM "{\"name\":\"a\",\"value\":1.50}"

TEST(target_http_doubt, lost_and_found_f08) {
    struct target_rig rig;
    target_rig_open(&rig, "{" THINGS ",\"find\":[\"name\"],\"match\":\"{field}\"}");
    static const enum api_trouble lost[] = {API_LOST, API_CUT, API_BROKEN};
    for (size_t i = 0; i < 3; i++) {
        char form[64], id[8];
        snprintf(form, sizeof form, "{\"name\":\"n%zu\"}", i);
        snprintf(id, sizeof id, "%zu", i + 1);
        rig.api.next = lost[i];
        target_rig_next(&rig);
        target_rig_add(&rig, TARGET_CREATE, "", form);
        target_rig_write(&rig);
        target_rig_done(&rig, 0, id);
    }
    CHECK_INT(rig.api.writes, 3);
    target_rig_close(&rig);
}

TEST(target_http_doubt, lost_and_not_there_f08) {
    struct target_rig rig;
    target_rig_open(&rig, "{" THINGS ",\"find\":[\"name\"]}");
    rig.api.next = API_DROPPED;
    target_rig_add(&rig, TARGET_CREATE, "", FORM);
    target_rig_write(&rig);
    target_rig_failed(&rig, 0, ERROR_HTTP_LOST, ERROR_BATCH);
    CHECK_INT(rig.api.writes, 1); // sending it again is the engine's
    target_rig_close(&rig);
}

// The request was slow, not lost: it arrives after the look-up, and before the next try.
TEST(target_http_doubt, late_and_not_doubled_f08) {
    struct target_rig rig;
    target_rig_open(&rig, "{" THINGS ",\"find\":[\"name\"]}");
    rig.api.next = API_DROPPED;
    target_rig_add(&rig, TARGET_CREATE, "", FORM);
    target_rig_write(&rig);
    target_rig_failed(&rig, 0, ERROR_HTTP_LOST, ERROR_BATCH);
    remote_put(&rig.api.remote, "thing", FORM);
    target_rig_write(&rig);
    target_rig_done(&rig, 0, "1");
    CHECK_INT(remote_count(&rig.api.remote, "thing"), 1);
    target_rig_close(&rig);
}

TEST(target_http_doubt, several_could_be_it_f08) {
    struct target_rig rig;
    target_rig_open(&rig, "{" THINGS ",\"find\":[\"name\"]}");
    remote_put(&rig.api.remote, "thing", FORM);
    rig.api.next = API_LOST;
    target_rig_add(&rig, TARGET_CREATE, "", FORM);
    target_rig_write(&rig);
    CHECK_INT(rig.receipts[0].outcome, TARGET_UNKNOWN);
    CHECK_INT(rig.receipts[0].error.code, ERROR_PUSH_UNKNOWN);
    target_rig_close(&rig);
}

// A server that does not know the filter answers with everything: none of it is ours, yet it isn't proof.
TEST(target_http_doubt, filter_that_is_ignored_f08) {
    struct target_rig rig;
    target_rig_open(&rig, "{" THINGS ",\"find\":[\"name\"]}");
    remote_put(&rig.api.remote, "thing", "{\"name\":\"other\"}");
    rig.api.ignores_filters = true;
    rig.api.next = API_DROPPED;
    target_rig_add(&rig, TARGET_CREATE, "", FORM);
    target_rig_write(&rig);
    CHECK_INT(rig.receipts[0].outcome, TARGET_UNKNOWN);
    rig.api.next = API_LOST;
    target_rig_write(&rig);
    target_rig_done(&rig, 0, "2");
    target_rig_close(&rig);
}

TEST(target_http_doubt, same_key_again_f08) {
    struct target_rig rig;
    target_rig_open(&rig, "{" THINGS ",\"idempotency\":\"Idempotency-Key\"}");
    rig.api.keys = true;
    rig.api.next = API_LOST;
    target_rig_add(&rig, TARGET_CREATE, "", FORM);
    target_rig_write(&rig);
    target_rig_done(&rig, 0, "1");
    CHECK_INT(rig.api.writes, 2);
    CHECK_TEXT(buffer_view(&rig.api.last_key), "op-1");
    CHECK_INT(remote_count(&rig.api.remote, "thing"), 1);
    rig.api.next = API_LOST;
    rig.api.always = true;
    target_rig_next(&rig);
    target_rig_add(&rig, TARGET_CREATE, "", "{\"name\":\"b\"}");
    target_rig_write(&rig);
    CHECK_INT(rig.receipts[0].outcome, TARGET_UNKNOWN); // twice lost
    rig.api.next = API_FINE;
    target_rig_resolve(&rig, 0);
    target_rig_done(&rig, 0, "2");
    CHECK_INT(remote_count(&rig.api.remote, "thing"), 2);
    target_rig_close(&rig);
}

// The first try may be in although the second one is turned away.
TEST(target_http_doubt, same_key_turned_away_f08) {
    struct target_rig rig;
    target_rig_open(&rig, "{" THINGS ",\"idempotency\":\"Idempotency-Key\"}");
    static const int statuses[] = {429, 409, 404};
    for (size_t i = 0; i < 3; i++) {
        rig.api.next = API_LOST;
        target_rig_next(&rig);
        target_rig_add(&rig, TARGET_CREATE, "", FORM);
        rig.api.then_status = statuses[i];
        target_rig_write(&rig);
        CHECK_INT(rig.receipts[0].outcome, TARGET_UNKNOWN);
    }
    target_rig_close(&rig);
}

TEST(target_http_doubt, update_lost_is_asked_for_f08) {
    struct target_rig rig;
    target_rig_open(&rig, "{" THINGS "}");
    remote_put(&rig.api.remote, "thing", "{\"id\":1,\"name\":\"old\"}");
    rig.api.next = API_LOST;
    target_rig_add(&rig, TARGET_UPDATE, "1", FORM);
    target_rig_write(&rig);
    target_rig_done(&rig, 0, "1");
    CHECK(rig.receipts[0].has_reply);
    rig.api.next = API_DROPPED;
    target_rig_next(&rig);
    target_rig_add(&rig, TARGET_UPDATE, "1", "{\"name\":\"newer\"}");
    target_rig_write(&rig);
    target_rig_failed(&rig, 0, ERROR_HTTP_LOST, ERROR_BATCH);
    target_rig_close(&rig);
}

// Sent in another life: the process died before the answer was kept.
TEST(target_http_doubt, resolves_after_a_crash_f07) {
    struct target_rig rig;
    target_rig_open(&rig, "{" THINGS ",\"find\":[\"name\"]}");
    remote_put(&rig.api.remote, "thing", "{\"name\":\"in\",\"value\":\"1\"}");
    target_rig_add(&rig, TARGET_CREATE, "", "{\"name\":\"in\",\"value\":\"1\"}");
    target_rig_add(&rig, TARGET_CREATE, "", "{\"name\":\"out\"}");
    target_rig_add(&rig, TARGET_UPDATE, "1", "{\"value\":\"2\"}");
    target_rig_add(&rig, TARGET_DELETE, "1", NULL);
    target_rig_add(&rig, TARGET_DELETE, "5", NULL);
    for (size_t i = 0; i < rig.count; i++) {
        target_rig_resolve(&rig, i);
    }
    target_rig_done(&rig, 0, "1");
    target_rig_failed(&rig, 1, ERROR_HTTP_LOST, ERROR_BATCH);
    target_rig_failed(&rig, 2, ERROR_HTTP_LOST, ERROR_BATCH);
    target_rig_failed(&rig, 3, ERROR_HTTP_LOST, ERROR_BATCH);
    target_rig_done(&rig, 4, "");
    CHECK_INT(rig.api.writes, 0);
    CHECK(target_rig_try(&rig, "{" THINGS "}"));
    target_rig_resolve(&rig, 0);
    CHECK_INT(rig.receipts[0].outcome, TARGET_UNKNOWN); // no way to ask
    target_rig_elsewhere(&rig);
    CHECK(target_rig_try(&rig, "{" THINGS ",\"find\":[\"name\"]}"));
    for (size_t i = 0; i < rig.count; i++) {
        target_rig_resolve(&rig, i);
        CHECK_INT(rig.receipts[i].outcome, TARGET_UNKNOWN);
    }
    target_rig_close(&rig);
}

// What is found by its fields may be another's: the engine weighs it.
TEST(target_http_doubt, what_is_found_may_differ_f11) {
    struct target_rig rig;
    target_rig_open(&rig, "{" THINGS ",\"find\":[\"name\"]}");
    remote_put(&rig.api.remote, "thing", "{\"name\":\"in\",\"value\":\"1\"}");
    target_rig_add(&rig, TARGET_CREATE, "", "{\"name\":\"in\",\"value\":\"1\"}");
    target_rig_add(&rig, TARGET_CREATE, "", "{\"name\":\"in\",\"value\":\"2\"}");
    for (size_t i = 0; i < rig.count; i++) {
        target_rig_resolve(&rig, i);
        target_rig_done(&rig, i, "1");
        CHECK(rig.receipts[i].differs == (i == 1));
    }
    target_rig_close(&rig);
}

// Somebody may have changed it there since: only a create is sent again.
TEST(target_http_doubt, a_late_change_is_asked_for_f08) {
    struct target_rig rig;
    target_rig_open(&rig, "{" THINGS ",\"idempotency\":\"Idempotency-Key\"}");
    rig.api.keys = true;
    remote_put(&rig.api.remote, "thing", "{\"name\":\"in\",\"value\":\"1\"}");
    target_rig_add(&rig, TARGET_UPDATE, "1", "{\"value\":\"2\"}");
    target_rig_add(&rig, TARGET_DELETE, "1", NULL);
    for (size_t i = 0; i < rig.count; i++) {
        rig.items[i].late = true;
        target_rig_resolve(&rig, i);
        target_rig_failed(&rig, i, ERROR_HTTP_LOST, ERROR_BATCH);
    }
    CHECK_INT(rig.api.writes, 0);
    target_rig_close(&rig);
}

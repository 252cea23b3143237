#include "push_rig.h"

// Changed there, and the change waits for a reference: nothing is written over it. A reading needs its resource.

#define ID(id) ((long long)(id))

struct story {
    struct push_rig rig;
    int64_t resource, reading, other;
};

static struct text there(struct story *story) {
    return remote_get(&story->rig.remote, "reading", "2");
}

// Two readings on both sides; then one is moved there to a resource that nobody has seen.
static void tell(struct story *story) {
    struct push_rig *rig = &story->rig;
    push_rig_open(rig, SYNC_BOTH);
    rig->remote.tombstones = true;
    story->resource = push_rig_put(rig, "resource", "{\"name\":\"well\"}");
    push_rig_run(rig, RUN_DONE);
    story->reading = push_rig_put(rig, "reading", "{\"resource\":%lld,\"value\":\"1\"}", ID(story->resource));
    story->other = push_rig_put(rig, "reading", "{\"resource\":%lld,\"value\":\"2\"}", ID(story->resource));
    push_rig_run(rig, RUN_DONE);
    push_rig_run(rig, RUN_DONE);
    push_rig_quiet(rig);
    remote_put(&rig->remote, "reading", "{\"id\":2,\"resource\":99,\"value\":7}");
    remote_log_reset(&rig->remote);
}

static int64_t waits(struct push_rig *rig) {
    int64_t count = 0;
    CHECK_OK(rig->store_type->pending_count(rig->store, text_of(""), text_of(""), &count, &rig->error), &rig->error);
    return count;
}

static void check_untouched(struct story *story) {
    CHECK(strstr(there(story).data, "99") != NULL);
    CHECK(strstr(there(story).data, "7") != NULL);
    CHECK_INT(waits(&story->rig), 1);
}

static void settle(struct push_rig *rig) {
    push_rig_run(rig, RUN_DONE);
    push_rig_run(rig, RUN_DONE);
    push_rig_quiet(rig);
}

TEST(engine_push_waits, an_edit_is_not_sent_over_it_f11) {
    struct story story;
    tell(&story);
    struct push_rig *rig = &story.rig;
    push_rig_put(rig, "reading", "{\"id\":%lld,\"value\":\"5\"}", ID(story.reading));
    push_rig_put(rig, "reading", "{\"id\":%lld,\"value\":\"6\"}", ID(story.other));
    push_rig_run(rig, RUN_DONE);
    check_untouched(&story);
    CHECK_TEXT(remote_log(&rig->remote), "update reading 3\n"); // others go on
    CHECK(push_rig_watermark(rig, "reading") < push_rig_record(rig, "reading", story.reading).seq);
    push_rig_run(rig, RUN_DONE);
    check_untouched(&story);
    remote_put(&rig->remote, "resource", "{\"id\":99,\"name\":\"new well\"}");
    settle(rig);
    CHECK_INT(waits(rig), 0);
    struct home_row row = push_rig_record(rig, "reading", story.reading);
    CHECK_TEXT(value_slice(&row.fields[1]), "7"); // both changed it: the datasource's value, and its new resource
    CHECK(row.fields[0].as.integer != story.resource);
    CHECK(strstr(there(&story).data, "7") != NULL);
    push_rig_close(rig);
}

// And what home alone changed goes out once the two are weighed.
TEST(engine_push_waits, the_edit_goes_out_when_it_waits_no_longer_f11) {
    struct story story;
    tell(&story);
    struct push_rig *rig = &story.rig;
    remote_put(&rig->remote, "reading", "{\"id\":2,\"resource\":99,\"value\":1}"); // only its resource is another
    push_rig_put(rig, "reading", "{\"id\":%lld,\"value\":\"5\"}", ID(story.reading));
    push_rig_run(rig, RUN_DONE);
    CHECK_TEXT(remote_log(&rig->remote), "");
    remote_put(&rig->remote, "resource", "{\"id\":99,\"name\":\"new well\"}");
    settle(rig);
    CHECK(strstr(there(&story).data, "99") != NULL);
    CHECK(strstr(there(&story).data, "5") != NULL);
    push_rig_close(rig);
}

TEST(engine_push_waits, a_delete_is_not_sent_over_it_f12) {
    struct story story;
    tell(&story);
    struct push_rig *rig = &story.rig;
    push_rig_delete(rig, "reading", story.reading);
    push_rig_run(rig, RUN_DONE);
    push_rig_run(rig, RUN_DONE);
    check_untouched(&story);
    CHECK_TEXT(remote_log(&rig->remote), "");
    remote_put(&rig->remote, "resource", "{\"id\":99,\"name\":\"new well\"}");
    settle(rig);
    struct home_row row = push_rig_record(rig, "reading", story.reading); // changed there: it is back
    CHECK_INT(row.id, story.reading);
    CHECK_TEXT(value_slice(&row.fields[1]), "7");
    CHECK_INT(remote_count(&rig->remote, "reading"), 2);
    push_rig_close(rig);
}

TEST(engine_push_waits, an_approved_delete_is_not_sent_over_it_f12) {
    struct story story;
    tell(&story);
    struct push_rig *rig = &story.rig;
    rig->sync.deletes_at_most = (struct share){false, 1};
    remote_put(&rig->remote, "reading", "{\"id\":2,\"resource\":1,\"value\":1}"); // not yet
    push_rig_delete(rig, "reading", story.reading);
    push_rig_delete(rig, "reading", story.other);
    push_rig_run(rig, RUN_DONE);
    CHECK_INT(push_rig_helds(rig), 2);
    push_rig_approve(rig);
    remote_put(&rig->remote, "reading", "{\"id\":2,\"resource\":99,\"value\":7}");
    push_rig_run(rig, RUN_DONE);
    check_untouched(&story);
    CHECK_TEXT(remote_log(&rig->remote), "delete reading 3\n");
    push_rig_close(rig);
}

// It went there: what waited is nothing any more, and neither is the delete.
TEST(engine_push_waits, a_tombstone_ends_the_wait_f12) {
    struct story story;
    tell(&story);
    struct push_rig *rig = &story.rig;
    push_rig_delete(rig, "reading", story.reading);
    push_rig_run(rig, RUN_DONE);
    check_untouched(&story);
    remote_remove(&rig->remote, "reading", "2");
    push_rig_run(rig, RUN_DONE);
    CHECK_INT(waits(rig), 0);
    CHECK_INT(push_rig_link(rig, "reading", story.reading, NULL).home, 0);
    CHECK_TEXT(remote_log(&rig->remote), "");
    push_rig_quiet(rig);
    push_rig_close(rig);
}

TEST(engine_push_waits, a_tombstone_ends_the_wait_of_an_edited_one_f12) {
    struct story story;
    tell(&story);
    struct push_rig *rig = &story.rig;
    push_rig_put(rig, "reading", "{\"id\":%lld,\"value\":\"5\"}", ID(story.reading));
    push_rig_run(rig, RUN_DONE);
    check_untouched(&story);
    remote_remove(&rig->remote, "reading", "2");
    settle(rig);
    CHECK_INT(waits(rig), 0);
    struct home_row row = push_rig_record(rig, "reading", story.reading);
    CHECK_TEXT(value_slice(&row.fields[1]), "5"); // the edit is kept, and made there anew
    CHECK_INT(remote_count(&rig->remote, "reading"), 2);
    push_rig_close(rig);
}

// An optional reference that isn't known is null in home until it comes. That is no edit of home's: it is not sent.
TEST(engine_push_waits, an_optional_reference_is_not_written_over_f11) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_BOTH);
    remote_put(&rig.remote, "resource", "{\"id\":1,\"name\":\"tank\",\"parent\":9,\"code\":\"a\"}");
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(waits(&rig), 1);
    struct link link;
    int64_t id = 1;
    while ((link = push_rig_link(&rig, "resource", id, NULL)).home == 0 && id < 100) {
        id++;
    }
    push_rig_put(&rig, "resource", "{\"id\":%lld,\"code\":\"b\"}", ID(id));
    push_rig_run(&rig, RUN_DONE);
    struct text now = remote_get(&rig.remote, "resource", "1");
    CHECK_TEXT(now, "{\"id\":1,\"name\":\"tank\",\"parent\":\"9\",\"code\":\"b\"}");
    remote_put(&rig.remote, "resource", "{\"id\":9,\"name\":\"dam\"}");
    settle(&rig);
    now = remote_get(&rig.remote, "resource", "1");
    CHECK(strstr(now.data, "9") != NULL && strstr(now.data, "\"b\"") != NULL);
    struct home_row row = push_rig_record(&rig, "resource", id);
    CHECK(row.fields[RES_PARENT].kind == VALUE_INTEGER);
    push_rig_close(&rig);
}

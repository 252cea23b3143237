#include "push_rig.h"
#include "store/store_sqlite.h"

#define ID(id) ((long long)(id))

static void check_there(struct push_rig *rig, const char *type, const char *id, const char *json) {
    CHECK_TEXT(remote_get(&rig->remote, type, id), json);
}

struct meanwhile {
    struct push_rig *rig;
    int64_t id;
    bool deletes;
    bool done;
};

static void edit_meanwhile(void *context, const struct target_item *item) {
    struct meanwhile *meanwhile = context;
    (void)item;
    if (!meanwhile->done) {
        meanwhile->done = true;
        if (meanwhile->deletes) {
            push_rig_delete(meanwhile->rig, "resource", meanwhile->id);
        } else {
            push_rig_put(meanwhile->rig, "resource", "{\"id\":%lld,\"code\":\"edited\"}", ID(meanwhile->id));
        }
    }
}

static void give_back(struct push_rig *rig) {
    rig->types[0].push.back = (struct transform){.rules = rig->back_rules, .count = 1};
}

TEST(engine_push_commit, an_edit_while_it_is_sent_stays_an_edit) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_BOTH);
    struct meanwhile meanwhile = {.rig = &rig};
    meanwhile.id = push_rig_put(&rig, "resource", "{\"name\":\"a\"}");
    rig.remote.on_write = edit_meanwhile;
    rig.remote.context = &meanwhile;
    push_rig_run(&rig, RUN_DONE);
    push_rig_run(&rig, RUN_DONE);
    check_there(&rig, "resource", "1", "{\"id\":1,\"code\":\"edited\",\"name\":\"a\",\"parent\":null}");
    CHECK_TEXT(remote_log(&rig.remote), "create resource 1\nupdate resource 1\n");
    push_rig_run(&rig, RUN_DONE);
    push_rig_quiet(&rig);
    push_rig_close(&rig);
}

TEST(engine_push_commit, a_delete_while_it_is_sent_follows) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_BOTH);
    give_back(&rig);
    push_rig_put(&rig, "resource", "{\"name\":\"x\"}");
    push_rig_put(&rig, "resource", "{\"name\":\"y\"}");
    push_rig_run(&rig, RUN_DONE);
    struct meanwhile meanwhile = {.rig = &rig, .deletes = true};
    meanwhile.id = push_rig_put(&rig, "resource", "{\"name\":\"a\"}");
    rig.remote.on_write = edit_meanwhile;
    rig.remote.context = &meanwhile;
    push_rig_run(&rig, RUN_DONE);
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(remote_count(&rig.remote, "resource"), 2);
    CHECK_INT(push_rig_link(&rig, "resource", meanwhile.id, NULL).home, 0);
    push_rig_run(&rig, RUN_DONE);
    push_rig_quiet(&rig);
    push_rig_close(&rig);
}

TEST(engine_push_commit, what_the_reply_gives_back_is_agreed) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_BOTH);
    give_back(&rig);
    int64_t well = push_rig_put(&rig, "resource", "{\"name\":\"well\"}");
    push_rig_run(&rig, RUN_DONE);
    struct home_row row = push_rig_record(&rig, "resource", well);
    CHECK_TEXT(value_slice(&row.fields[RES_LEGACY]), "1");
    CHECK_INT(push_rig_link(&rig, "resource", well, NULL).agreed_seq, row.seq);
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(rig.remote.changes, 1);
    push_rig_quiet(&rig);
    push_rig_close(&rig);
}

TEST(engine_push_commit, what_comes_back_does_not_hide_an_edit) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_BOTH);
    give_back(&rig);
    struct meanwhile meanwhile = {.rig = &rig};
    meanwhile.id = push_rig_put(&rig, "resource", "{\"name\":\"a\"}");
    rig.remote.on_write = edit_meanwhile;
    rig.remote.context = &meanwhile;
    push_rig_run(&rig, RUN_DONE);
    struct home_row row = push_rig_record(&rig, "resource", meanwhile.id);
    CHECK_TEXT(value_slice(&row.fields[RES_LEGACY]), "1");
    CHECK_TEXT(value_slice(&row.fields[RES_CODE]), "edited");
    struct link link = push_rig_link(&rig, "resource", meanwhile.id, NULL);
    CHECK(link.agreed_seq < row.seq);
    bool found;
    struct value *base;
    int64_t edited_us;
    CHECK_OK(rig.store_type->base_find(rig.store, &rig.resource, row.id, link.agreed_seq, &rig.arena, &found, &base,
                                       &edited_us, &rig.error),
             &rig.error);
    CHECK(found);
    CHECK_TEXT(value_slice(&base[RES_LEGACY]), "1");
    CHECK(base[RES_CODE].kind == VALUE_NULL);
    push_rig_run(&rig, RUN_DONE);
    check_there(&rig, "resource", "1", "{\"id\":1,\"code\":\"edited\",\"name\":\"a\",\"parent\":null}");
    push_rig_run(&rig, RUN_DONE);
    push_rig_quiet(&rig);
    push_rig_close(&rig);
}

TEST(engine_push_commit, without_a_reply_the_link_is_made_all_the_same) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_BOTH);
    give_back(&rig);
    rig.remote.silent = true;
    int64_t well = push_rig_put(&rig, "resource", "{\"name\":\"well\"}");
    push_rig_run(&rig, RUN_DONE);
    CHECK(push_rig_link(&rig, "resource", well, NULL).home == well);
    push_rig_run(&rig, RUN_DONE);
    push_rig_run(&rig, RUN_DONE);
    push_rig_quiet(&rig);
    CHECK_INT(rig.remote.changes, 1);
    push_rig_close(&rig);
}

TEST(engine_push_commit, home_goes_back_to_what_it_once_sent_after_the_datasource_changed) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_BOTH);
    int64_t well = push_rig_put(&rig, "resource", "{\"name\":\"a\"}");
    push_rig_run(&rig, RUN_DONE);
    remote_put(&rig.remote, "resource", "{\"id\":1,\"name\":\"theirs\"}");
    push_rig_run(&rig, RUN_DONE);
    struct home_row row = push_rig_record(&rig, "resource", well);
    CHECK_TEXT(value_slice(&row.fields[RES_NAME]), "theirs");
    push_rig_put(&rig, "resource", "{\"id\":%lld,\"name\":\"a\"}", ID(well));
    push_rig_run(&rig, RUN_DONE);
    check_there(&rig, "resource", "1", "{\"id\":1,\"code\":null,\"name\":\"a\",\"parent\":null}");
    push_rig_run(&rig, RUN_DONE);
    push_rig_quiet(&rig);
    push_rig_close(&rig);
}

TEST(engine_push_commit, a_merge_of_both_sides_is_sent) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_BOTH);
    int64_t well = push_rig_put(&rig, "resource", "{\"name\":\"a\"}");
    push_rig_run(&rig, RUN_DONE);
    push_rig_run(&rig, RUN_DONE);
    remote_put(&rig.remote, "resource", "{\"id\":1,\"name\":\"a\",\"code\":\"theirs\"}");
    push_rig_put(&rig, "resource", "{\"id\":%lld,\"name\":\"ours\"}", ID(well));
    push_rig_run(&rig, RUN_DONE);
    check_there(&rig, "resource", "1", "{\"id\":1,\"code\":\"theirs\",\"name\":\"ours\",\"parent\":null}");
    // Each side goes back to what it had: the datasource's form is one that was sent before.
    remote_put(&rig.remote, "resource", "{\"id\":1,\"name\":\"theirs\",\"code\":\"theirs\"}");
    push_rig_put(&rig, "resource", "{\"id\":%lld,\"legacy\":\"x\"}", ID(well));
    push_rig_run(&rig, RUN_DONE);
    push_rig_put(&rig, "resource", "{\"id\":%lld,\"name\":\"ours\"}", ID(well));
    push_rig_run(&rig, RUN_DONE);
    CHECK(strstr(remote_get(&rig.remote, "resource", "1").data, "\"ours\"") != NULL);
    push_rig_run(&rig, RUN_DONE);
    push_rig_quiet(&rig);
    push_rig_close(&rig);
}

TEST(engine_push_commit, a_create_that_finds_another_records_id_is_refused_f09) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_PUSH);
    rig.remote.has_find = true;
    rig.remote.find[0] = "name";
    push_rig_put(&rig, "resource", "{\"name\":\"same\"}");
    push_rig_run(&rig, RUN_DONE);
    int64_t twin = push_rig_put(&rig, "resource", "{\"name\":\"same\",\"code\":\"twin\"}");
    remote_fault(&rig.remote, 2, REMOTE_DROPPED); // and what is found is the other's
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(push_rig_link(&rig, "resource", twin, NULL).home, 0);
    CHECK_TEXT(push_rig_dead(&rig, twin).code, "W4005");
    push_rig_quiet(&rig);
    push_rig_close(&rig);
}

// --- the same on disk ---

TEST(engine_push_commit_sqlite, an_edit_while_it_is_sent_stays_an_edit) {
    push_rig_store = &store_sqlite;
    test_engine_push_commit_an_edit_while_it_is_sent_stays_an_edit();
}

TEST(engine_push_commit_sqlite, what_comes_back_does_not_hide_an_edit) {
    push_rig_store = &store_sqlite;
    test_engine_push_commit_what_comes_back_does_not_hide_an_edit();
}

TEST(engine_push_commit_sqlite, a_delete_while_it_is_sent_follows) {
    push_rig_store = &store_sqlite;
    test_engine_push_commit_a_delete_while_it_is_sent_follows();
}

TEST(engine_push_commit_sqlite, home_goes_back_to_what_it_once_sent_after_the_datasource_changed) {
    push_rig_store = &store_sqlite;
    test_engine_push_commit_home_goes_back_to_what_it_once_sent_after_the_datasource_changed();
}

TEST(engine_push_commit_sqlite, a_merge_of_both_sides_is_sent) {
    push_rig_store = &store_sqlite;
    test_engine_push_commit_a_merge_of_both_sides_is_sent();
}

// --- a create that waited, and met what somebody else made there meanwhile ---

static void put_anothers(void *context, const struct target_item *item) {
    struct remote_fake *remote = context;
    const struct value *name = item->form != NULL ? object_find(item->form, TEXT_LITERAL("name")) : NULL;
    if (item->verb == TARGET_CREATE && name != NULL && text_is(value_slice(name), "child")) {
        remote->on_write = NULL;
        remote_put(remote, "resource", "{\"name\":\"child\",\"code\":\"theirs\"}");
        remote_fault(remote, remote->writes + 1, REMOTE_DROPPED);
    }
}

TEST(engine_push_commit, what_waited_and_met_anothers_record_is_brought_up_to_date_f11) {
    struct push_rig rig;
    push_rig_open(&rig, SYNC_PUSH);
    rig.remote.has_find = true;
    rig.remote.find[0] = "name";
    rig.remote.refuse = "bad";
    int64_t parent = push_rig_put(&rig, "resource", "{\"name\":\"bad\"}");
    int64_t child =
        push_rig_put(&rig, "resource", "{\"name\":\"child\",\"code\":\"ours\",\"parent\":%lld}", ID(parent));
    push_rig_put(&rig, "resource", "{\"name\":\"later\"}");
    push_rig_run(&rig, RUN_DONE);
    CHECK_INT(push_rig_link(&rig, "resource", child, NULL).home, 0); // its parent is not there
    CHECK(push_rig_watermark(&rig, "resource") > push_rig_record(&rig, "resource", child).seq);
    push_rig_put(&rig, "resource", "{\"id\":%lld,\"name\":\"good\"}", ID(parent));
    rig.remote.on_write = put_anothers;
    rig.remote.context = &rig.remote;
    push_rig_run(&rig, RUN_DONE);
    struct text external;
    CHECK(push_rig_link(&rig, "resource", child, &external).home == child);
    push_rig_run(&rig, RUN_DONE);
    push_rig_run(&rig, RUN_DONE);
    char id[TEXT_INTEGER_MAX];
    snprintf(id, sizeof id, "%.*s", TEXT_ARGS(external));
    CHECK(strstr(remote_get(&rig.remote, "resource", id).data, "\"ours\"") != NULL);
    CHECK_INT(remote_count(&rig.remote, "resource"), 3);
    CHECK_INT(push_rig_deads(&rig), 0);
    push_rig_quiet(&rig);
    push_rig_close(&rig);
}

// Many records in one request: how large it is, which record of the answer is which item, and what is done when only
// some of them went in.

#include "source/source_http_print.h"
#include "target_rig.h"
#include "test.h"

#define ARRAY(more) "{\"path\":\"/things\",\"find\":[\"name\"],\"create\":{\"array\":true" more "}}"

// Items { name = nI }, I from 0.
static void add(struct target_rig *rig, size_t count) {
    target_rig_next(rig);
    for (size_t i = 0; i < count; i++) {
        char form[64];
        snprintf(form, sizeof form, "{\"name\":\"n%zu\",\"value\":\"v\"}", i);
        target_rig_add(rig, TARGET_CREATE, "", form);
    }
}

// Item `index` is DONE under the id of the record with its name, of which there is one.
static void check_in(struct target_rig *rig, size_t index) {
    char name[16];
    size_t hits = 0, hit = 0;
    snprintf(name, sizeof name, "n%zu", index);
    for (size_t i = 0; i < rig->api.remote.count; i++) {
        const struct value *value = object_find(&rig->api.remote.rows[i].fields, text_of("name"));
        if (text_is(text_trim(value_slice(value)), name)) {
            hit = i;
            hits++;
        }
    }
    CHECK_INT(hits, 1);
    char id[32];
    snprintf(id, sizeof id, "%.*s", TEXT_ARGS(rig->api.remote.rows[hit].id));
    target_rig_done(rig, index, id);
}

TEST(target_http_array, one_request) {
    struct target_rig rig;
    target_rig_open(&rig, ARRAY(""));
    rig.api.reversed = true; // the answer is told apart by `find`
    add(&rig, 20);
    target_rig_write(&rig);
    for (size_t i = 0; i < 20; i++) {
        check_in(&rig, i);
        CHECK(rig.receipts[i].has_reply);
    }
    CHECK_TEXT(api_story(&rig.api), "POST /things\n");
    target_rig_close(&rig);
}

TEST(target_http_array, by_order) {
    struct target_rig rig;
    target_rig_open(&rig, "{\"path\":\"/things\",\"create\":{\"array\":true,\"order\":true}}");
    target_rig_add(&rig, TARGET_CREATE, "", "{\"name\":\"same\"}");
    target_rig_add(&rig, TARGET_CREATE, "", "{\"name\":\"same\"}");
    target_rig_write(&rig);
    target_rig_done(&rig, 0, "1");
    target_rig_done(&rig, 1, "2");
    target_rig_close(&rig);
}

// Without an order and without `find` nobody can say which record of the answer is whose.
TEST(target_http_array, not_to_be_told_apart) {
    struct target_rig rig;
    target_rig_open(&rig, "{\"path\":\"/things\",\"create\":{\"array\":true}}");
    add(&rig, 2);
    target_rig_write(&rig);
    CHECK_INT(rig.receipts[0].outcome, TARGET_UNKNOWN);
    CHECK_INT(rig.receipts[1].outcome, TARGET_UNKNOWN);
    add(&rig, 1);
    target_rig_write(&rig);
    target_rig_done(&rig, 0, "3");
    target_rig_close(&rig);
}

TEST(target_http_array, size) {
    struct target_rig rig;
    target_rig_open(&rig, ARRAY(",\"max\":500,\"bytes\":\"1kB\""));
    add(&rig, 300);
    target_rig_add(&rig, TARGET_CREATE, "", "{\"name\":\"n300\",\"value\":\"\\u00e9\\u0001\\\"\\\"\"}");
    target_rig_write(&rig);
    for (size_t i = 0; i < 301; i++) {
        check_in(&rig, i);
    }
    CHECK(rig.api.body_most <= 1000 && rig.api.body_most > 900);
    CHECK(target_rig_try(&rig, ARRAY(",\"max\":7")));
    add(&rig, 15);
    rig.api.writes = 0;
    target_rig_write(&rig);
    CHECK_INT(rig.api.writes, 3);
    target_rig_close(&rig);
}

TEST(target_http_array, record_too_large) {
    struct target_rig rig;
    target_rig_open(&rig, ARRAY(",\"bytes\":60"));
    add(&rig, 1);
    target_rig_add(&rig, TARGET_CREATE, "",
                   "{\"name\":\"nX\",\"value\":\"................................................\"}");
    add(&rig, 0);
    rig.count = 2;
    target_rig_write(&rig);
    check_in(&rig, 0);
    target_rig_failed(&rig, 1, ERROR_LIMIT, ERROR_RECORD);
    target_rig_close(&rig);
}

TEST(target_http_array, under_a_name) {
    struct target_rig rig;
    target_rig_open(&rig, ARRAY(",\"under\":\"rows\",\"reply\":\"made\",\"order\":true"));
    rig.api.next = API_SAY;
    rig.api.say_status = 200;
    rig.api.say_body = "{\"made\":[{\"id\":5},{\"id\":6}]}";
    add(&rig, 2);
    target_rig_write(&rig);
    CHECK_TEXT(buffer_view(&rig.api.last_body),
               "{\"rows\":[{\"name\":\"n0\",\"value\":\"v\"},{\"name\":\"n1\",\"value\":\"v\"}]}");
    CHECK_INT(rig.receipts[0].outcome, TARGET_DONE);
    CHECK_TEXT(rig.receipts[0].external, "5");
    CHECK_TEXT(rig.receipts[1].external, "6");
    CHECK(print_same(rig.receipts[0].seen, (struct print){0, 0})); // an id is not what a pass will read
    target_rig_close(&rig);
}

// One bad row: an error for the whole request, while the good rows stay.
TEST(target_http_array, part_goes_in_f06) {
    struct target_rig rig;
    target_rig_open(&rig, ARRAY(""));
    rig.api.bad = "n7";
    add(&rig, 12);
    target_rig_write(&rig);
    for (size_t i = 0; i < 12; i++) {
        if (i != 7) {
            check_in(&rig, i);
        }
    }
    target_rig_failed(&rig, 7, ERROR_PUSH_REFUSED, ERROR_RECORD);
    CHECK(strstr(rig.receipts[7].error.message, "the row is bad") != NULL);
    CHECK_INT(rig.api.writes, 2); // the array, and the bad one by itself
    CHECK_INT(remote_count(&rig.api.remote, "thing"), 11);
    target_rig_close(&rig);
}

TEST(target_http_array, none_goes_in_f06) {
    struct target_rig rig;
    target_rig_open(&rig, ARRAY(",\"at_once\":2"));
    rig.api.bad = "n7";
    rig.api.atomic = true;
    add(&rig, 12);
    target_rig_write(&rig);
    for (size_t i = 0; i < 12; i++) {
        if (i != 7) {
            check_in(&rig, i);
        }
    }
    target_rig_failed(&rig, 7, ERROR_PUSH_REFUSED, ERROR_RECORD);
    CHECK_INT(remote_count(&rig.api.remote, "thing"), 11);
    target_rig_close(&rig);
}

// A server that fails after it did all of it, once for the array and again for each row by itself.
TEST(target_http_array, in_despite_the_error_f06) {
    struct target_rig rig;
    target_rig_open(&rig, ARRAY(""));
    rig.api.next = API_BROKEN;
    rig.api.always = true;
    add(&rig, 5);
    target_rig_write(&rig);
    for (size_t i = 0; i < 5; i++) {
        check_in(&rig, i);
    }
    CHECK_INT(rig.api.writes, 1);
    target_rig_close(&rig);
}

TEST(target_http_array, part_goes_in_and_nothing_finds_it_f06) {
    struct target_rig rig;
    target_rig_open(&rig, "{\"path\":\"/things\",\"create\":{\"array\":true,\"order\":true}}");
    rig.api.bad = "n1";
    add(&rig, 3);
    target_rig_write(&rig);
    for (size_t i = 0; i < 3; i++) {
        CHECK_INT(rig.receipts[i].outcome, TARGET_UNKNOWN);
        CHECK_INT(rig.receipts[i].error.code, ERROR_PUSH_UNKNOWN);
    }
    CHECK_INT(rig.api.writes, 1); // nothing is doubled by trying again
    target_rig_close(&rig);
}

TEST(target_http_array, answer_without_ids) {
    struct target_rig rig;
    target_rig_open(&rig, ARRAY(""));
    rig.api.silent = true;
    add(&rig, 6);
    target_rig_write(&rig);
    for (size_t i = 0; i < 6; i++) {
        check_in(&rig, i);
    }
    CHECK_INT(rig.api.writes, 1);
    target_rig_close(&rig);
}

TEST(target_http_array, lost_f08) {
    struct target_rig rig;
    target_rig_open(&rig, ARRAY(""));
    rig.api.next = API_LOST;
    add(&rig, 6);
    target_rig_write(&rig);
    for (size_t i = 0; i < 6; i++) {
        check_in(&rig, i);
    }
    CHECK_INT(rig.api.writes, 1);
    rig.api.next = API_DROPPED;
    target_rig_next(&rig);
    target_rig_add(&rig, TARGET_CREATE, "", "{\"name\":\"x\"}");
    target_rig_add(&rig, TARGET_CREATE, "", "{\"name\":\"y\"}");
    target_rig_write(&rig);
    target_rig_failed(&rig, 0, ERROR_HTTP_LOST, ERROR_BATCH);
    target_rig_failed(&rig, 1, ERROR_HTTP_LOST, ERROR_BATCH);
    target_rig_close(&rig);
}

// What was lost before is looked up first, also when it stands among others that were never sent.
TEST(target_http_array, late_and_not_doubled_f08) {
    struct target_rig rig;
    target_rig_open(&rig, ARRAY(""));
    add(&rig, 6);
    struct target_item first = rig.items[2], second = rig.items[3];
    rig.items[0] = first;
    rig.items[1] = second;
    rig.count = 2;
    rig.api.next = API_DROPPED;
    target_rig_write(&rig);
    target_rig_failed(&rig, 1, ERROR_HTTP_LOST, ERROR_BATCH);
    remote_put(&rig.api.remote, "thing", "{\"name\":\"n2\",\"value\":\"v\"}"); // it arrives after all
    add(&rig, 6);
    rig.items[2] = first;
    rig.items[3] = second;
    rig.api.writes = 0;
    target_rig_write(&rig);
    for (size_t i = 0; i < 6; i++) {
        check_in(&rig, i);
    }
    CHECK_INT(rig.api.writes, 3); // two arrays around them, and the one that never arrived
    target_rig_close(&rig);
}

TEST(target_http_array, lost_with_a_key_f08) {
    struct target_rig rig;
    target_rig_open(&rig, "{\"path\":\"/things\",\"idempotency\":\"Idempotency-Key\",\"create\":{\"array\":true,"
                          "\"order\":true}}");
    rig.api.keys = true;
    rig.api.next = API_LOST;
    add(&rig, 6);
    target_rig_write(&rig);
    for (size_t i = 0; i < 6; i++) {
        check_in(&rig, i);
    }
    CHECK_INT(rig.api.writes, 2);
    target_rig_close(&rig);
}

TEST(target_http_array, larger_than_the_server_takes) {
    struct target_rig rig;
    target_rig_open(&rig, "{\"path\":\"/things\",\"create\":{\"array\":true,\"order\":true}}");
    rig.api.body_max = 50;
    add(&rig, 4);
    target_rig_write(&rig);
    for (size_t i = 0; i < 4; i++) {
        check_in(&rig, i);
    }
    CHECK_INT(rig.api.writes, 5);
    target_rig_close(&rig);
}

// What the server made of it is what the next pass will read: else it would come back as a change.
TEST(target_http_array, read_back_f10) {
    static const char *const modes[] = {"find", "one", "ids"};
    for (size_t mode = 0; mode < 3; mode++) {
        struct target_rig rig;
        char type[200];
        snprintf(type, sizeof type,
                 "{\"path\":\"/things\",\"find\":[\"value\"],\"ids\":\"ids\",\"ids_max\":2,\"read_back\":\"%s\","
                 "\"create\":{\"array\":true,\"order\":true}}",
                 modes[mode]);
        target_rig_open(&rig, type);
        rig.api.remote.trims = true;
        for (size_t i = 0; i < 3; i++) {
            char form[64];
            snprintf(form, sizeof form, "{\"name\":\"n%zu  \",\"value\":\"v%zu\"}", i, i);
            target_rig_add(&rig, TARGET_CREATE, "", form);
        }
        target_rig_write(&rig);
        for (size_t i = 0; i < 3; i++) {
            check_in(&rig, i); // compares the print with that of the trimmed record
            CHECK(rig.receipts[i].has_reply);
            CHECK_INT(object_find(rig.receipts[i].reply.as.object, text_of("name"))->length, 2);
        }
        static const size_t reads[] = {3, 3, 2};
        CHECK_INT(rig.api.reads, reads[mode]);
        CHECK_INT(rig.api.writes, 1);
        target_rig_close(&rig);
    }
}

TEST(target_http_array, thousand) {
    struct target_rig rig;
    target_rig_open(&rig, ARRAY(",\"max\":300,\"at_once\":3"));
    add(&rig, 1000);
    rig.api.bad = "n555\"";
    target_rig_write(&rig);
    CHECK_INT(remote_count(&rig.api.remote, "thing"), 999);
    target_rig_failed(&rig, 555, ERROR_PUSH_REFUSED, ERROR_RECORD);
    for (size_t i = 0; i < 1000; i += 37) {
        if (i != 555) {
            check_in(&rig, i);
        }
    }
    target_rig_close(&rig);
}

// Updates in an array have no path to say whom they are about: the id goes into the body.
TEST(target_http_array, upsert) {
    struct target_rig rig;
    target_rig_open(&rig, "{\"path\":\"/things\",\"find\":[\"name\"],\"upsert\":{\"array\":true}}");
    remote_put(&rig.api.remote, "thing", "{\"id\":\"k1\",\"name\":\"old\"}");
    remote_put(&rig.api.remote, "thing", "{\"id\":\"k2\",\"name\":\"old\"}");
    target_rig_add(&rig, TARGET_UPDATE, "k2", "{\"name\":\"n2\"}");
    target_rig_add(&rig, TARGET_UPDATE, "k1", "{\"name\":\"n1\"}");
    target_rig_write(&rig);
    target_rig_done(&rig, 0, "k2");
    target_rig_done(&rig, 1, "k1");
    CHECK_TEXT(remote_get(&rig.api.remote, "thing", "k1"), "{\"id\":\"k1\",\"name\":\"n1\"}");
    CHECK_INT(remote_count(&rig.api.remote, "thing"), 2);
    CHECK_INT(rig.api.writes, 1);
    target_rig_close(&rig);
}

// With ever more memory: what is said to be done is in, what is said to have failed is not, and the rest is unknown.
TEST(target_http_array, out_of_memory) {
    for (size_t ceiling = 1024; ceiling < 1 << 20; ceiling += ceiling / 8) {
        struct target_rig rig;
        struct arena small;
        arena_init(&small, ceiling);
        target_rig_open(&rig, ARRAY(",\"max\":4"));
        add(&rig, 12);
        memset(rig.receipts, 0x5a, sizeof rig.receipts);
        bool ok = target_write(rig.target, rig.items, rig.count, &small, rig.receipts, &rig.error);
        api_sync(&rig.api);
        CHECK(ok || rig.error.code == ERROR_MEMORY);
        bool all = true;
        for (size_t i = 0; i < rig.count; i++) {
            bool sent = i < remote_count(&rig.api.remote, "thing");
            all = all && rig.receipts[i].outcome == TARGET_DONE;
            if (rig.receipts[i].outcome == TARGET_DONE) {
                check_in(&rig, i);
            } else {
                CHECK_INT(rig.receipts[i].outcome, sent ? TARGET_UNKNOWN : TARGET_FAILED);
            }
        }
        CHECK(all || ceiling < 1 << 19);
        target_rig_close(&rig);
        arena_clear(&small);
    }
}

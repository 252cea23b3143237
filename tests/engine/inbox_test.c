#include "base/memory.h"
#include "inbox_rig.h"
#include "store/store_memory.h"

// Posted records on their way in, and their receipts.

TEST(engine_inbox, posted_goes_in_as_a_pull_would) {
    struct rig rig;
    rig_open(&rig, "resource");
    int64_t first = RIG_POST(&rig, "resource", "{\"id\":1,\"name\":\"a\"}", "{\"id\":2,\"name\":\"b\"}");
    CHECK_INT(rig_waiting(&rig), 2);
    CHECK_INT(rig_records(&rig, "resource"), 0);
    struct inbox_report report = rig_drain(&rig);
    CHECK_INT(report.taken, 2);
    CHECK_INT(report.counts.created, 2);
    CHECK_INT(report.left, 0);
    CHECK_INT(rig_records(&rig, "resource"), 2);
    struct home_row row = rig_record(&rig, "resource", "1");
    CHECK_TEXT(value_slice(&row.fields[0]), "a");
    CHECK_TEXT(row.origin, "list");
    struct inbox_row receipt = rig_receipt(&rig, first);
    CHECK(receipt.done);
    CHECK_TEXT(receipt.outcome, "created");
    CHECK_INT(receipt.home, row.id);
    CHECK_TEXT(receipt.origin, "token 4");
    CHECK_INT(rig_link(&rig, "resource", "1").agreed_seq, row.seq); // it isn't sent back
    rig_close(&rig);
}

TEST(engine_inbox, every_outcome_is_told) {
    struct rig rig;
    rig_open(&rig, "resource");
    RIG_POST(&rig, "resource", "{\"id\":1,\"name\":\"a\"}", "{\"id\":2,\"name\":\"b\"}");
    rig_drain(&rig);
    int64_t first = RIG_POST(&rig, "resource", "{\"id\":1,\"name\":\"a\"}", "{\"id\":2,\"name\":\"b2\"}",
                             "{\"id\":3,\"name\":\"\"}", "{\"name\":\"no id\"}");
    struct inbox_report report = rig_drain(&rig);
    CHECK_INT(report.taken, 4);
    CHECK_INT(report.counts.dead, 2);
    CHECK_OUTCOME(&rig, first, "unchanged");
    CHECK_INT(rig_receipt(&rig, first).home, rig_record(&rig, "resource", "1").id);
    CHECK_OUTCOME(&rig, first + 1, "updated");
    struct inbox_row dead = rig_receipt(&rig, first + 2);
    CHECK_TEXT(dead.outcome, "dead");
    CHECK_TEXT(dead.code, "W4002");
    CHECK(dead.reason.length > 0);
    CHECK_INT(dead.home, 0);
    CHECK_OUTCOME(&rig, first + 3, "dead");
    CHECK_TEXT(rig_receipt(&rig, first + 3).code, "W4004");
    CHECK_INT(rig_deads(&rig), 2);
    rig_close(&rig);
}

// A dead letter that a post left goes with the post that is fine, as in a pull.
TEST(engine_inbox, later_post_closes_a_dead_letter) {
    struct rig rig;
    rig_open(&rig, "resource");
    RIG_POST(&rig, "resource", "{\"id\":1,\"name\":\"\"}");
    rig_drain(&rig);
    CHECK_INT(rig_deads(&rig), 1);
    RIG_POST(&rig, "resource", "{\"id\":1,\"name\":\"a\"}");
    rig_drain(&rig);
    CHECK_INT(rig_deads(&rig), 0);
    rig_close(&rig);
}

TEST(engine_inbox, waits_for_what_it_refers_to) {
    struct rig rig;
    rig_open(&rig, "reading");
    int64_t first = RIG_POST(&rig, "reading", "{\"id\":1,\"resource\":7,\"value\":\"1.5\"}");
    struct inbox_report report = rig_drain(&rig);
    CHECK_INT(report.counts.pending, 1);
    CHECK_OUTCOME(&rig, first, "pending");
    CHECK_INT(rig_pendings(&rig), 1);
    CHECK_INT(rig_records(&rig, "reading"), 0);
    rig_close(&rig);
}

// The record that it waits for comes later in the same page.
TEST(engine_inbox, waits_within_a_page) {
    struct rig rig;
    rig_open(&rig, "resource");
    rig.resource_fields[1].required = true;
    int64_t first = RIG_POST(&rig, "resource", "{\"id\":1,\"name\":\"a\",\"parent\":2}",
                             "{\"id\":2,\"name\":\"b\",\"parent\":2}", "{\"id\":3,\"name\":\"c\",\"parent\":9}");
    rig_drain(&rig);
    CHECK_OUTCOME(&rig, first + 2, "pending");
    CHECK_INT(rig_records(&rig, "resource") + rig_pendings(&rig), 3);
    for (int64_t i = 0; i < 2; i++) {
        struct inbox_row receipt = rig_receipt(&rig, first + i);
        bool in = text_is(receipt.outcome, "created");
        CHECK(in || text_is(receipt.outcome, "pending"));
        CHECK(in == (receipt.home != 0));
    }
    rig_close(&rig);
}

// The same record again and again: each changes what the one before it made, and none is a loser.
TEST(engine_inbox, posts_of_one_record_go_in_as_they_came) {
    struct rig rig;
    rig_open(&rig, "resource");
    int64_t first = RIG_POST(&rig, "resource", "{\"id\":1,\"name\":\"a\"}", "{\"id\":1,\"name\":\"b\"}",
                             "{\"id\":1,\"name\":\"a\"}", "{\"id\":2,\"name\":\"x\"}", "{\"id\":1,\"name\":\"c\"}");
    struct inbox_report report = rig_drain(&rig);
    CHECK_INT(report.taken, 5);
    CHECK_OUTCOME(&rig, first, "created");
    CHECK_OUTCOME(&rig, first + 1, "updated");
    CHECK_OUTCOME(&rig, first + 2, "updated");
    CHECK_OUTCOME(&rig, first + 4, "updated");
    struct home_row row = rig_record(&rig, "resource", "1");
    CHECK_TEXT(value_slice(&row.fields[0]), "c");
    CHECK_INT(rig_conflicts(&rig), 0);
    RIG_POST(&rig, "resource", "{\"id\":1,\"name\":\"a\"}"); // a form that was beaten before is no loser
    rig_drain(&rig);
    row = rig_record(&rig, "resource", "1");
    CHECK_TEXT(value_slice(&row.fields[0]), "a");
    rig_close(&rig);
}

// A form that lost within a pass is put off when a pass meets it again. A post says that it is the truth now.
TEST(engine_inbox, form_that_lost_before_is_no_loser) {
    struct rig rig;
    rig_open(&rig, "resource");
    RIG_POST(&rig, "resource", "{\"id\":1,\"name\":\"a\"}");
    rig_drain(&rig);
    struct conflict_row lost = {
        .kind = TEXT_LITERAL("repeat"),
        .datasource = TEXT_LITERAL("list"),
        .datatype = TEXT_LITERAL("resource"),
        .external = TEXT_LITERAL("1"),
        .print = rig_link(&rig, "resource", "1").seen,
    };
    RIG_POST(&rig, "resource", "{\"id\":1,\"name\":\"b\"}");
    rig_drain(&rig);
    const struct page page = {.origin = TEXT_LITERAL("list"), .at_us = 1, .conflicts = &lost, .conflict_count = 1};
    enum commit_outcome outcome;
    CHECK_OK(store_commit(rig.store, &page, &outcome, &rig.error), &rig.error);
    int64_t receipt = RIG_POST(&rig, "resource", "{\"id\":1,\"name\":\"a\"}");
    rig_drain(&rig);
    CHECK_OUTCOME(&rig, receipt, "updated");
    struct home_row row = rig_record(&rig, "resource", "1");
    CHECK_TEXT(value_slice(&row.fields[0]), "a");
    rig_close(&rig);
}

static void count_page(void *context, struct text type, const struct counts *counts, uint64_t done, uint64_t total) {
    (void)type;
    (void)counts;
    (void)done;
    (void)total;
    ++*(size_t *)context;
}

TEST(engine_inbox, many_pages) {
    struct rig rig;
    char records[50][48];
    const char *list[50];
    rig_open(&rig, "resource");
    for (int i = 0; i < 50; i++) {
        snprintf(records[i], sizeof records[i], "{\"id\":%d,\"name\":\"n%d\"}", i % 20, i);
        list[i] = records[i];
    }
    rig_post(&rig, "resource", "", list, 50);
    CHECK_INT(rig_drain(&rig).taken, 50);
    CHECK_INT(rig_records(&rig, "resource"), 20);
    struct home_row row = rig_record(&rig, "resource", "5");
    CHECK_TEXT(value_slice(&row.fields[0]), "n45");
    rig_close(&rig);
}

// A batch ends where it has enough, however few its records are: what waits must not fill the memory.
TEST(engine_inbox, large_records_are_taken_in_few_at_a_time) {
    struct rig rig;
    struct inbox_receipts receipts;
    struct value records[12];
    struct value fields[12][2];
    static struct text names[] = {{"id", 2}, {"name", 4}};
    static struct shape shape = {2, names};
    struct object objects[12];
    char *name = memory_take(3 * 1024 * 1024);
    rig_open(&rig, "resource");
    rig.request.page_records = 100;
    memset(name, 'n', 3 * 1024 * 1024);
    for (int i = 0; i < 12; i++) {
        fields[i][0] = value_integer(i);
        fields[i][1] = value_text((struct text){name, 3 * 1024 * 1024});
        objects[i] = (struct object){&shape, fields[i]};
        records[i] = value_object(&objects[i]);
    }
    const struct inbox_post post = {
        .store = rig.store,
        .clock = rig.request.clock,
        .key = TEXT_LITERAL("test/resources"),
        .sync = TEXT_LITERAL("test/resources"),
        .type = TEXT_LITERAL("resource"),
        .records = records,
        .count = 12,
    };
    CHECK_OK(inbox_post(&post, &receipts, &rig.error), &rig.error);
    size_t pages = 0;
    const struct run_watch watch = {.progress = count_page, .context = &pages};
    rig.request.watch = &watch;
    CHECK_INT(rig_drain(&rig).counts.created, 12);
    CHECK_INT(pages, 2);
    memory_free(name);
    rig_close(&rig);
}

TEST(engine_inbox, nothing_waits) {
    struct rig rig;
    rig_open(&rig, "resource");
    struct inbox_report report = rig_drain(&rig);
    CHECK_INT(report.taken, 0);
    CHECK_INT(rig_seq(&rig), 0);
    rig_close(&rig);
}

// --- posts ---

TEST(engine_inbox, same_key_posts_once) {
    struct rig rig;
    static const char *const one[] = {"{\"id\":1,\"name\":\"a\"}", "{\"id\":2,\"name\":\"b\"}"};
    static const char *const other[] = {"{\"id\":1,\"name\":\"z\"}", "{\"id\":2,\"name\":\"b\"}"};
    struct inbox_receipts again;
    rig_open(&rig, "resource");
    int64_t first = rig_post(&rig, "resource", "k", one, 2);
    CHECK_OK(rig_try_post(&rig, "resource", "k", one, 2, &again), &rig.error);
    CHECK_INT(again.first, first);
    CHECK_INT(again.count, 2);
    CHECK(again.again);
    CHECK_INT(rig_waiting(&rig), 2);
    rig_drain(&rig);
    CHECK_OK(rig_try_post(&rig, "resource", "k", one, 2, &again), &rig.error); // also when they are in
    CHECK(again.again);
    CHECK_INT(rig_waiting(&rig), 0);
    CHECK(!rig_try_post(&rig, "resource", "k", other, 2, &again));
    CHECK_INT(rig.error.code, ERROR_KEY_REUSED);
    CHECK(!rig_try_post(&rig, "reading", "k", one, 2, &again));
    CHECK_INT(rig.error.code, ERROR_KEY_REUSED);
    CHECK_OK(rig_try_post(&rig, "resource", "", one, 2, &again), &rig.error); // without a key, each is new
    CHECK(!again.again);
    CHECK(again.first != first);
    rig_close(&rig);
}

static bool post_bare(struct rig *rig, const struct value *records, size_t count, size_t bytes, struct text batch) {
    struct inbox_receipts out;
    const struct inbox_post post = {
        .store = rig->store,
        .clock = rig->request.clock,
        .key = TEXT_LITERAL("test/resources"),
        .sync = TEXT_LITERAL("test/resources"),
        .type = TEXT_LITERAL("resource"),
        .batch = batch,
        .bytes = bytes,
        .records = records,
        .count = count,
    };
    error_clear(&rig->error);
    return inbox_post(&post, &out, &rig->error);
}

TEST(engine_inbox, a_post_has_limits) {
    static char name[INBOX_BATCH_MAX + 1];
    struct rig rig;
    struct value text = value_text(TEXT_LITERAL("x"));
    struct value object = value_object(&(struct object){&(struct shape){0, NULL}, NULL});
    struct text none = {"", 0};
    rig_open(&rig, "resource");
    memset(name, 'k', sizeof name);
    CHECK(!post_bare(&rig, &object, 0, 2, none));
    CHECK_INT(rig.error.code, ERROR_LIMIT);
    CHECK(!post_bare(&rig, &object, INBOX_RECORDS_MAX + 1, 2, none));
    CHECK_INT(rig.error.code, ERROR_LIMIT);
    CHECK(!post_bare(&rig, &object, 1, INBOX_BYTES_MAX + 1, none));
    CHECK_INT(rig.error.code, ERROR_LIMIT);
    CHECK(!post_bare(&rig, &object, 1, 2, (struct text){name, sizeof name}));
    CHECK_INT(rig.error.code, ERROR_LIMIT);
    static char long_text[INBOX_RECORD_MAX];
    struct value wide = value_text((struct text){long_text, sizeof long_text});
    struct value list = value_list(&wide, 1);
    struct value large = value_object(&(struct object){&(struct shape){1, &(struct text){"a", 1}}, &list});
    CHECK(!post_bare(&rig, &large, 1, 2, none));
    CHECK_INT(rig.error.code, ERROR_LIMIT);
    CHECK(!post_bare(&rig, &text, 1, 2, none));
    CHECK_INT(rig.error.code, ERROR_FIELD_TYPE);
    CHECK_OK(post_bare(&rig, &object, 1, 2, none), &rig.error);
    rig_close(&rig);
}

static bool is_gone(const struct object *type, const struct object *record, bool *gone, struct error *error) {
    (void)type;
    (void)error;
    *gone = object_find(record, TEXT_LITERAL("gone")) != NULL;
    return true;
}

// A post may say that a record is gone there: a delete, which is weighed with the others when a run has ended.
TEST(engine_inbox, posted_tombstone_is_weighed_by_a_run) {
    struct rig rig;
    struct source_type tells = source_list;
    tells.gone = is_gone;
    rig_open(&rig, "resource");
    rig.sync.source = &tells;
    rig.sync.deletes = true;
    rig.sync.deletes_at_most = (struct share){false, 100};
    RIG_POST(&rig, "resource", "{\"id\":1,\"name\":\"a\"}", "{\"id\":2,\"name\":\"b\"}");
    rig_drain(&rig);
    int64_t receipt = RIG_POST(&rig, "resource", "{\"id\":1,\"gone\":true}", "{\"id\":7,\"gone\":true}");
    rig_drain(&rig);
    CHECK_OUTCOME(&rig, receipt, "gone");
    CHECK_INT(rig_receipt(&rig, receipt).home, rig_record(&rig, "resource", "1").id);
    CHECK_OUTCOME(&rig, receipt + 1, "gone");
    CHECK_INT(rig_receipt(&rig, receipt + 1).home, 0);
    CHECK_INT(rig_helds(&rig, "gone"), 1);
    CHECK_INT(rig_deads(&rig), 0);
    RIG_ROWS(&rig, LIST_PAIRS("id", "3", "name", "c"));
    rig_run(&rig);
    CHECK(!rig_linked(&rig, "resource", "1"));
    CHECK(rig_linked(&rig, "resource", "2"));
    // And one that is posted again before that is there.
    RIG_POST(&rig, "resource", "{\"id\":2,\"gone\":true}", "{\"id\":2,\"name\":\"back\"}");
    rig_drain(&rig);
    CHECK_INT(rig_helds(&rig, "gone"), 0);
    rig_run(&rig);
    CHECK(rig_linked(&rig, "resource", "2"));
    rig_close(&rig);
}

// A type that the script has no longer: what was posted is a dead letter, and doesn't wait for ever.
TEST(engine_inbox, type_that_went) {
    struct rig rig;
    rig_open(&rig, "resource");
    int64_t first = RIG_POST(&rig, "spring", "{\"id\":1}", "{\"id\":2}");
    struct inbox_report report = rig_drain(&rig);
    CHECK_INT(report.taken, 2);
    CHECK_INT(report.counts.dead, 2);
    CHECK_INT(rig_deads(&rig), 2);
    CHECK_OUTCOME(&rig, first, "dead");
    CHECK_INT(rig_waiting(&rig), 0);
    rig_close(&rig);
}

// What was done long ago goes when a drain ends.
static int64_t later(void *context) {
    return *(const int64_t *)context;
}

TEST(engine_inbox, old_receipts_go) {
    struct rig rig;
    int64_t now_us = INT64_C(1000000000000000);
    struct clock clock = {.now = later, .context = &now_us};
    rig_open(&rig, "resource");
    rig.request.clock = &clock;
    int64_t first = RIG_POST(&rig, "resource", "{\"id\":1,\"name\":\"a\"}");
    rig_drain(&rig);
    now_us += INT64_C(6) * 24 * 3600 * 1000000;
    RIG_POST(&rig, "resource", "{\"id\":2,\"name\":\"a\"}");
    rig_drain(&rig);
    CHECK_INT(rig_receipt(&rig, first).id, first);
    now_us += INT64_C(2) * 24 * 3600 * 1000000;
    RIG_POST(&rig, "resource", "{\"id\":3,\"name\":\"a\"}");
    rig_drain(&rig);
    CHECK(!rig_has_receipt(&rig, first));
    CHECK(rig_has_receipt(&rig, first + 1));
    rig_close(&rig);
}

#include "engine/edit.h"
#include "inbox_rig.h"
#include "store/store_memory.h"
#include "store/store_sqlite.h"

// Posts that are taken in while a run of the same sync is at work, and drains that lose their store.

// Something that is done once, when a page of the run has been decided.
struct meanwhile {
    struct rig *rig;
    const char *post;
    const char *type; // NULL: "resource"
    size_t at;        // after so many pages
    size_t pages;
    struct inbox_report report;
    int64_t receipt;
};

static void drain_beside(void *context, struct text type, const struct counts *counts, uint64_t done, uint64_t total) {
    struct meanwhile *now = context;
    struct rig *rig = now->rig;
    (void)type;
    (void)counts;
    (void)done;
    (void)total;
    if (now->pages++ != now->at) {
        return;
    }
    // Another process: a store of its own.
    struct rig beside = *rig;
    struct store_setup setup = {.folder = text_of(test_folder())};
    arena_init(&beside.arena, 1024 * 1024);
    CHECK_OK(store_open(rig->store_type, &setup, &beside.store, &beside.error), &beside.error);
    beside.request.store = beside.store;
    beside.request.watch = NULL;
    now->receipt = RIG_POST(&beside, now->type != NULL ? now->type : "resource", now->post);
    now->report = rig_drain(&beside);
    store_close(beside.store);
    arena_clear(&beside.arena);
}

static void run_with(struct rig *rig, struct meanwhile *now) {
    const struct run_watch watch = {.progress = drain_beside, .context = now};
    now->rig = rig;
    rig->request.watch = &watch;
    rig_run(rig);
    rig->request.watch = NULL;
    CHECK(now->pages > now->at);
    CHECK_INT(rig->report.error.code, ERROR_NONE);
    CHECK(rig->report.status == RUN_DONE);
}

static struct text name_of(struct rig *rig, const char *external) {
    return value_slice(&rig_record(rig, "resource", external).fields[0]);
}

TEST(engine_inbox_live, new_record_beside_a_run) {
    struct rig rig;
    rig_open(&rig, "resource");
    rig.request.page_records = 1;
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", "a"), LIST_PAIRS("id", "2", "name", "b"),
             LIST_PAIRS("id", "3", "name", "c"), LIST_PAIRS("id", "4", "name", "d"));
    struct meanwhile now = {.post = "{\"id\":\"9\",\"name\":\"posted\"}", .at = 1};
    run_with(&rig, &now);
    CHECK_INT(now.report.counts.created, 1);
    CHECK_INT(rig_records(&rig, "resource"), 5);
    CHECK_TEXT(name_of(&rig, "9"), "posted");
    rig_close(&rig);
}

// A first load takes links without looking for repeats: what is posted meanwhile ends that, and the load goes on.
static void post_beside_a_first_load(const struct store_type *type, const char *post, int64_t records, int64_t news) {
    struct rig rig;
    rig_open(&rig, "reading");
    store_close(rig.store);
    rig.store_type = type;
    rig_reopen_only(&rig);
    rig.reading_fields[0].required = false;
    rig.request.page_records = 1;
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "value", "1"), LIST_PAIRS("id", "2", "value", "2"),
             LIST_PAIRS("id", "3", "value", "3"), LIST_PAIRS("id", "4", "value", "4"),
             LIST_PAIRS("id", "5", "value", "5"));
    struct meanwhile now = {.post = post, .type = "reading", .at = 2};
    run_with(&rig, &now);
    CHECK_INT(now.report.taken, 1);
    CHECK_INT(rig_records(&rig, "reading"), records);
    CHECK(rig_linked(&rig, "reading", "5"));
    CHECK_INT(rig_waiting(&rig), 0);
    int64_t seq = rig_seq(&rig);
    rig_run(&rig);
    CHECK_INT(rig_records(&rig, "reading"), records);
    CHECK_INT(rig_seq(&rig), seq + news);
    rig_close(&rig);
}

TEST(engine_inbox_live, new_record_beside_a_first_load) {
    post_beside_a_first_load(&store_memory, "{\"id\":\"9\",\"value\":\"9\"}", 6, 0);
    post_beside_a_first_load(&store_sqlite, "{\"id\":\"9\",\"value\":\"9\"}", 6, 0);
}

TEST(engine_inbox_live, record_of_a_first_load_beside_it) {
    // What is listed still is news for the next run.
    post_beside_a_first_load(&store_memory, "{\"id\":\"1\",\"value\":\"1.5\"}", 5, 1);
    post_beside_a_first_load(&store_sqlite, "{\"id\":\"1\",\"value\":\"1.5\"}", 5, 1);
}

TEST(engine_inbox_live, record_to_come_beside_a_first_load) {
    post_beside_a_first_load(&store_memory, "{\"id\":\"5\",\"value\":\"5\"}", 5, 0);
    post_beside_a_first_load(&store_sqlite, "{\"id\":\"5\",\"value\":\"5\"}", 5, 0);
}

// A run that lists everything doesn't take what was posted meanwhile for gone.
TEST(engine_inbox_live, posted_beside_a_full_listing_stays) {
    struct rig rig;
    rig_open(&rig, "resource");
    rig.sync.deletes = true;
    rig.sync.deletes_at_most = (struct share){false, 100};
    rig.list.full = true;
    rig.request.page_records = 1;
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", "a"), LIST_PAIRS("id", "2", "name", "b"),
             LIST_PAIRS("id", "3", "name", "c"));
    rig_run(&rig);
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", "a"), LIST_PAIRS("id", "3", "name", "c"));
    struct meanwhile now = {.post = "{\"id\":\"9\",\"name\":\"posted\"}", .at = 1};
    run_with(&rig, &now);
    CHECK(rig_linked(&rig, "resource", "9"));
    CHECK(!rig_linked(&rig, "resource", "2"));
    rig_run(&rig); // and when the next one doesn't list it, it is
    CHECK(!rig_linked(&rig, "resource", "9"));
    rig_close(&rig);
}

// What was posted and taken in before the run came to the record: the run's form is the later one. It is no repeat.
TEST(engine_inbox_live, run_comes_to_a_posted_record) {
    struct rig rig;
    rig_open(&rig, "resource");
    rig.request.page_records = 1;
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", "a"), LIST_PAIRS("id", "2", "name", "b"));
    rig_run(&rig);
    RIG_ROWS(&rig, LIST_PAIRS("id", "5", "name", "e"), LIST_PAIRS("id", "6", "name", "f"),
             LIST_PAIRS("id", "7", "name", "g"), LIST_PAIRS("id", "2", "name", "b3"));
    struct meanwhile now = {.post = "{\"id\":\"2\",\"name\":\"b2\"}", .at = 0};
    run_with(&rig, &now);
    CHECK_INT(now.report.counts.updated, 1);
    CHECK_TEXT(name_of(&rig, "2"), "b3");
    CHECK_INT(rig_conflicts(&rig), 0);
    rig_close(&rig);
}

// Where the cursor says which is newer, it is believed: the run read the record before it was changed and posted.
TEST(engine_inbox_live, run_is_behind_a_posted_record) {
    struct rig rig;
    static const struct text path_at[] = {{"at", 2}};
    rig_open(&rig, "resource");
    rig.types[0].cursor = (struct path){path_at, 1};
    rig.types[0].cursor_format = TEXT_LITERAL("iso");
    rig.request.page_records = 1;
    RIG_ROWS(&rig, LIST_PAIRS("id", "2", "name", "b", "at", "2026-01-01T00:00:00Z"));
    rig_run(&rig);
    RIG_ROWS(&rig, LIST_PAIRS("id", "5", "name", "e", "at", "2026-01-01T00:00:00Z"),
             LIST_PAIRS("id", "6", "name", "f", "at", "2026-01-01T00:00:00Z"),
             LIST_PAIRS("id", "7", "name", "g", "at", "2026-01-01T00:00:00Z"),
             LIST_PAIRS("id", "2", "name", "b2", "at", "2026-01-02T00:00:00Z"));
    struct meanwhile now = {.post = "{\"id\":\"2\",\"name\":\"b3\",\"at\":\"2026-01-03T00:00:00Z\"}", .at = 0};
    run_with(&rig, &now);
    CHECK_INT(now.report.counts.updated, 1);
    CHECK_TEXT(name_of(&rig, "2"), "b3");
    CHECK_INT(rig_conflicts(&rig), 0);
    rig_close(&rig);
}

// A record that waited in the inbox while a run brought it: the run read it after it was posted.
TEST(engine_inbox_live, post_is_behind_a_run) {
    struct rig rig;
    rig_open(&rig, "resource");
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", "a"));
    rig_run(&rig);
    int64_t first = RIG_POST(&rig, "resource", "{\"id\":\"1\",\"name\":\"old\"}", "{\"id\":\"1\",\"name\":\"old2\"}");
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", "new"));
    rig_run(&rig);
    struct inbox_report report = rig_drain(&rig);
    CHECK_INT(report.taken, 2);
    CHECK_OUTCOME(&rig, first, "superseded");
    CHECK_OUTCOME(&rig, first + 1, "superseded");
    CHECK_INT(rig_receipt(&rig, first).home, 0);
    CHECK_TEXT(name_of(&rig, "1"), "new");
    first = RIG_POST(&rig, "resource", "{\"id\":\"1\",\"name\":\"newer\"}");
    rig_drain(&rig);
    CHECK_OUTCOME(&rig, first, "updated");
    CHECK_TEXT(name_of(&rig, "1"), "newer");
    rig_close(&rig);
}

// The cursor is past everything that a run has read: the run can't have seen it, though it brought the record since.
TEST(engine_inbox_live, post_past_the_watermark_is_no_older) {
    struct rig rig;
    static const struct text path_at[] = {{"at", 2}};
    rig_open(&rig, "resource");
    rig.types[0].cursor = (struct path){path_at, 1};
    rig.types[0].cursor_format = TEXT_LITERAL("iso");
    rig.list.cursor = "at";
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", "a", "at", "2026-01-01T00:00:00Z"));
    rig_run(&rig);
    int64_t first = RIG_POST(&rig, "resource", "{\"id\":\"1\",\"name\":\"b3\",\"at\":\"2026-01-03T00:00:00Z\"}",
                             "{\"id\":\"1\",\"name\":\"b1\",\"at\":\"2026-01-01T12:00:00Z\"}");
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", "b2", "at", "2026-01-02T00:00:00Z"));
    rig_run(&rig);
    rig_drain(&rig);
    CHECK_OUTCOME(&rig, first, "updated");
    CHECK_TEXT(name_of(&rig, "1"), "b1"); // posts are taken in as they came
    rig_close(&rig);
}

// --- every transaction of a drain fails once, in both ways ---

struct breaker {
    int left; // transactions until it breaks
    enum store_memory_outcome how;
};

static enum store_memory_outcome break_at(void *context, const char *call) {
    (void)call;
    struct breaker *breaker = context;
    return breaker->left-- == 0 ? breaker->how : STORE_MEMORY_COMMIT;
}

static void check_end(struct rig *rig, int64_t first) {
    CHECK_INT(rig_waiting(rig), 0);
    CHECK_INT(rig_records(rig, "resource"), 3);
    CHECK_INT(rig_deads(rig), 1);
    CHECK_INT(rig_pendings(rig), 0);
    CHECK_INT(rig_conflicts(rig), 0);
    CHECK_OUTCOME(rig, first, "created");
    CHECK_OUTCOME(rig, first + 1, "dead");
    CHECK_OUTCOME(rig, first + 2, "created");
    CHECK_OUTCOME(rig, first + 3, "updated");
    CHECK_OUTCOME(rig, first + 4, "created");
    CHECK_TEXT(name_of(rig, "1"), "a2");
    // Each record's seqs: two that were made, one that was made and changed, and the fourth.
    CHECK_INT(rig_seq(rig), 4);
}

static void crash_everywhere(enum store_memory_outcome how, bool threads) {
    bool broke = true;
    for (int n = 0; broke; n++) {
        struct rig rig;
        rig_open(&rig, "resource");
        rig.request.page_records = 2;
        rig.request.threads = threads;
        int64_t first =
            RIG_POST(&rig, "resource", "{\"id\":1,\"name\":\"a\"}", "{\"id\":2,\"name\":\"\"}",
                     "{\"id\":3,\"name\":\"c\"}", "{\"id\":1,\"name\":\"a2\"}", "{\"id\":4,\"name\":\"d\"}");
        struct breaker breaker = {n, how};
        struct inbox_report report;
        store_memory_hook(break_at, &breaker);
        bool ok = inbox_drain(&rig.request, &report, &rig.error);
        broke = breaker.left < 0;
        CHECK(ok == !broke);
        store_memory_hook(NULL, NULL);
        rig_reopen(&rig, true);
        rig_drain(&rig);
        check_end(&rig, first);
        rig_close(&rig);
        CHECK(n < 100);
    }
}

TEST(engine_inbox_live, refused_at_every_transaction) {
    crash_everywhere(STORE_MEMORY_REFUSE, false);
}

TEST(engine_inbox_live, done_but_an_error_came_back_at_every_transaction) {
    crash_everywhere(STORE_MEMORY_COMMIT_SILENT, false);
}

TEST(engine_inbox_live, refused_at_every_transaction_on_two_threads) {
    crash_everywhere(STORE_MEMORY_REFUSE, true);
}

// --- one at a time; and a home that is closed ---

TEST(engine_inbox_live, one_drain_of_a_key) {
    struct rig rig;
    struct lease lease;
    struct inbox_report report;
    rig_open(&rig, "resource");
    RIG_POST(&rig, "resource", "{\"id\":1,\"name\":\"a\"}");
    CHECK_OK(store_lease_take(rig.store, TEXT_LITERAL("test/resources inbox"), &lease, &rig.error), &rig.error);
    CHECK(!inbox_drain(&rig.request, &report, &rig.error));
    CHECK_INT(rig.error.code, ERROR_LEASE_HELD);
    store_lease_free(rig.store, &lease);
    CHECK_INT(rig_drain(&rig).taken, 1);
    rig_close(&rig);
}

static void try_beside(void *context, struct text type, const struct counts *counts, uint64_t done, uint64_t total) {
    struct rig *rig = context;
    struct inbox_report report;
    struct inbox_receipts receipts;
    struct rig beside = *rig;
    struct store_setup setup = {.folder = text_of(test_folder())};
    static const char *const record[] = {"{\"id\":8,\"name\":\"x\"}"};
    (void)type;
    (void)done;
    (void)total;
    if (counts->read < 2) {
        return; // what is to be deleted isn't in yet
    }
    arena_init(&beside.arena, 1024 * 1024);
    CHECK_OK(store_open(rig->store_type, &setup, &beside.store, &beside.error), &beside.error);
    beside.request.store = beside.store;
    error_clear(&beside.error);
    CHECK(!inbox_drain(&beside.request, &report, &beside.error));
    CHECK_INT(beside.error.code, ERROR_HOME_CLOSED);
    CHECK(!rig_try_post(&beside, "resource", "", record, 1, &receipts));
    CHECK_INT(beside.error.code, ERROR_HOME_CLOSED);
    struct edit edit = {
        .store = beside.store, .datatype = &rig->resource, .clock = rig->request.clock, .origin = TEXT_LITERAL("put")};
    struct object fields = {rig->resource.shape, (struct value[2]){value_text(TEXT_LITERAL("x")), value_null()}};
    int64_t id;
    bool created;
    bool changed;
    CHECK(!edit_put(&edit, &fields, &id, &created, &changed, &beside.error));
    CHECK_INT(beside.error.code, ERROR_HOME_CLOSED);
    CHECK(!edit_delete(&edit, rig_record(&beside, "resource", "1").id, &beside.error));
    CHECK_INT(beside.error.code, ERROR_HOME_CLOSED);
    struct run_request other = beside.request;
    struct sync sync = *rig->request.sync;
    struct run_report run;
    sync.name = TEXT_LITERAL("other");
    sync.exclusive = false;
    other.sync = &sync;
    other.watch = NULL;
    CHECK(!run_sync(&other, &run, &beside.error));
    CHECK_INT(beside.error.code, ERROR_HOME_CLOSED);
    store_close(beside.store);
    arena_clear(&beside.arena);
}

TEST(engine_inbox_live, exclusive_run_closes_home) {
    struct rig rig;
    rig_open(&rig, "resource");
    RIG_POST(&rig, "resource", "{\"id\":9,\"name\":\"z\"}");
    rig.sync.exclusive = true;
    rig.request.page_records = 1;
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", "a"), LIST_PAIRS("id", "2", "name", "b"),
             LIST_PAIRS("id", "3", "name", "c"), LIST_PAIRS("id", "4", "name", "d"));
    const struct run_watch watch = {.progress = try_beside, .context = &rig};
    rig.request.watch = &watch;
    rig_run(&rig);
    CHECK(rig.report.status == RUN_DONE);
    rig.request.watch = NULL;
    CHECK_INT(rig_drain(&rig).taken, 1); // it waited
    rig_close(&rig);
}

#include "rig.h"
#include "store/store_memory.h"

// A run that loses its store at every single transaction, in both ways: refused, and committed though an error came
// back. After the crash the next runs must reach the end of an undisturbed run.

struct breaker {
    int left; // transactions until it breaks
    enum store_memory_outcome how;
};

static enum store_memory_outcome break_at(void *context, const char *call) {
    (void)call;
    struct breaker *breaker = context;
    return breaker->left-- == 0 ? breaker->how : STORE_MEMORY_COMMIT;
}

static const struct source_list_row *crash_rows(size_t *count) {
    static const char *const r1[] = {"id", "1", "name", "a", "parent", "5", NULL};
    static const char *const r2[] = {"id", "2", "name", "", "parent", "1", NULL};
    static const char *const r3[] = {"id", "3", "name", "c", "parent", "9", NULL};
    static const char *const r4[] = {"id", "1", "name", "a2", "parent", "5", NULL};
    static const char *const r5[] = {"id", "5", "name", "e", NULL};
    static const char *const r6[] = {"id", "2", "name", "b", "parent", "3", NULL};
    static const char *const r7[] = {"id", "7", "name", "g", "parent", "7", NULL};
    static const struct source_list_row rows[] = {{.pairs = r1}, {.pairs = r2}, {.pairs = r3}, {.pairs = r4},
                                                  {.pairs = r5}, {.pairs = r6}, {.pairs = r7}};
    *count = sizeof rows / sizeof rows[0];
    return rows;
}

static void check_end(struct rig *rig) {
    CHECK_INT(rig_records(rig, "resource"), 5);
    CHECK_INT(rig_deads(rig), 0);
    CHECK_INT(rig_pendings(rig), 1);
    CHECK_INT(rig_conflicts(rig), 1);
    struct home_row one = rig_record(rig, "resource", "1");
    CHECK_TEXT(value_slice(&one.fields[0]), "a2");
    CHECK_INT(one.fields[1].as.integer, rig_record(rig, "resource", "5").id);
    struct home_row seven = rig_record(rig, "resource", "7");
    CHECK_INT(seven.fields[1].as.integer, seven.id);
    int64_t seq = rig_seq(rig);
    rig_run(rig);
    CHECK(rig->report.status == RUN_DONE);
    CHECK_INT(rig_seq(rig), seq);
}

static void crash_everywhere(enum store_memory_outcome how, size_t page_records, bool threads) {
    bool broke = true;
    for (int n = 0; broke; n++) {
        struct rig rig;
        rig_open(&rig, "resource");
        rig.request.page_records = page_records;
        rig.request.threads = threads;
        size_t count;
        const struct source_list_row *rows = crash_rows(&count);
        rig_rows(&rig, rows, count);
        struct breaker breaker = {n, how};
        store_memory_hook(break_at, &breaker);
        bool ok = run_sync(&rig.request, &rig.report, &rig.error);
        broke = breaker.left < 0;
        CHECK(!broke || !ok || rig.report.status == RUN_FAILED);
        store_memory_hook(NULL, NULL);
        rig_reopen(&rig, true);
        rig_run(&rig);
        CHECK(rig.report.status == RUN_DONE);
        check_end(&rig);
        rig_close(&rig);
        CHECK(n < 200);
    }
}

TEST(engine_crash, commit_refused_at_every_transaction) {
    crash_everywhere(STORE_MEMORY_REFUSE, 2, false);
}

TEST(engine_crash, commit_done_but_an_error_came_back_at_every_transaction) {
    crash_everywhere(STORE_MEMORY_COMMIT_SILENT, 2, false);
}

TEST(engine_crash, commit_refused_with_pages_of_one) {
    crash_everywhere(STORE_MEMORY_REFUSE, 1, false);
}

TEST(engine_crash, commit_silent_with_pages_of_one) {
    crash_everywhere(STORE_MEMORY_COMMIT_SILENT, 1, false);
}

TEST(engine_crash, commit_refused_with_two_threads) {
    crash_everywhere(STORE_MEMORY_REFUSE, 1, true);
}

// --- both sides changed, and some are gone ---

static void check_both(struct rig *rig) {
    CHECK(!rig_linked(rig, "resource", "gone"));
    CHECK(!rig_linked(rig, "resource", "both gone"));
    CHECK_INT(rig_records(rig, "resource"), 5);
    CHECK_TEXT(value_slice(&rig_record(rig, "resource", "edited").fields[0]), "ours");
    CHECK_INT(rig_record(rig, "resource", "edited").fields[1].as.integer, rig_record(rig, "resource", "new").id);
    CHECK(rig_record(rig, "resource", "edited").seq > rig_link(rig, "resource", "edited").agreed_seq);
    CHECK_TEXT(value_slice(&rig_record(rig, "resource", "clash").fields[0]), "theirs");
    CHECK_INT(rig_conflicts_of(rig, "edit", NULL), 1);
    CHECK_INT(rig_conflicts(rig), 1);
    CHECK_TEXT(value_slice(&rig_record(rig, "resource", "back").fields[0]), "changed");
    CHECK_INT(rig_helds(rig, "gone") + rig_helds(rig, "pull"), 0);
    CHECK_TEXT(rig_watermark(rig, "pull"), "5");
    CHECK_INT(rig_pendings(rig), 0);
    int64_t seq = rig_seq(rig);
    rig_run(rig);
    CHECK(rig->report.status == RUN_DONE);
    CHECK_INT(rig_seq(rig), seq);
}

static void crash_both(enum store_memory_outcome how, size_t page_records) {
    bool broke = true;
    for (int n = 0; broke; n++) {
        struct rig rig;
        rig_open(&rig, "resource");
        rig.sync.conflict = CONFLICT_FIELDS;
        rig.sync.deletes = true;
        rig.sync.deletes_at_most = (struct share){.amount = 4};
        rig.list.cursor = "at";
        rig.request.page_records = page_records;
        RIG_ROWS(&rig, LIST_PAIRS("id", "still", "name", "a", "at", "1"),
                 LIST_PAIRS("id", "gone", "name", "b", "at", "1"), LIST_PAIRS("id", "edited", "name", "c", "at", "1"),
                 LIST_PAIRS("id", "clash", "name", "d", "at", "2"), LIST_PAIRS("id", "back", "name", "e", "at", "2"),
                 LIST_PAIRS("id", "both gone", "name", "f", "at", "2"));
        rig_run(&rig);
        rig_change(&rig, "resource", "edited", 0, value_text(TEXT_LITERAL("ours")));
        rig_change(&rig, "resource", "clash", 0, value_text(TEXT_LITERAL("ours")));
        rig_delete(&rig, "resource", "back");
        rig_delete(&rig, "resource", "both gone");
        RIG_ROWS(&rig, LIST_GONE("id", "gone", "at", "3"),
                 LIST_PAIRS("id", "edited", "name", "c", "parent", "new", "at", "3"),
                 LIST_PAIRS("id", "clash", "name", "theirs", "at", "3"),
                 LIST_PAIRS("id", "back", "name", "changed", "at", "4"), LIST_GONE("id", "both gone", "at", "4"),
                 LIST_PAIRS("id", "new", "name", "n", "at", "5"));
        struct breaker breaker = {n, how};
        store_memory_hook(break_at, &breaker);
        bool ok = run_sync(&rig.request, &rig.report, &rig.error);
        broke = breaker.left < 0;
        CHECK(!broke || !ok || rig.report.status == RUN_FAILED);
        store_memory_hook(NULL, NULL);
        rig_reopen(&rig, true);
        rig_run(&rig);
        CHECK(rig.report.status == RUN_DONE);
        check_both(&rig);
        rig_close(&rig);
        CHECK(n < 200);
    }
}

TEST(engine_crash, both_sides_refused_at_every_transaction) {
    crash_both(STORE_MEMORY_REFUSE, 2);
}

TEST(engine_crash, both_sides_silent_at_every_transaction) {
    crash_both(STORE_MEMORY_COMMIT_SILENT, 2);
}

TEST(engine_crash, both_sides_refused_with_pages_of_one) {
    crash_both(STORE_MEMORY_REFUSE, 1);
}

TEST(engine_crash, both_sides_silent_with_pages_of_one) {
    crash_both(STORE_MEMORY_COMMIT_SILENT, 1);
}

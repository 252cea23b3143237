#include "engine/validate.h"

#include "rig.h"

// What a run would make of the records, without home.

struct told {
    int lines;
    char first[300];
    char last[300];
};

static void keep_line(void *context, enum log_level level, struct text text) {
    struct told *told = context;
    CHECK(level == LOG_WARNING || level == LOG_ERROR);
    snprintf(told->lines == 0 ? told->first : told->last, sizeof told->last, "%.*s", TEXT_ARGS(text));
    told->lines++;
}

struct validating {
    struct rig rig;
    struct validate_report report;
    struct told told;
    struct log log;
};

static void begin(struct validating *validating, const char *type) {
    memset(validating, 0, sizeof *validating);
    rig_open(&validating->rig, type);
    validating->log = (struct log){keep_line, &validating->told};
    validating->rig.request.log = &validating->log;
    validating->rig.request.store = NULL; // whatever touches home dies of it
}

static void check_counts(const struct validating *validating, int64_t read, int64_t valid, int64_t skipped,
                         int64_t dead) {
    const struct counts *counts = &validating->report.run.counts;
    CHECK_INT(counts->read, read);
    CHECK_INT(validating->report.valid, valid);
    CHECK_INT(counts->skipped, skipped);
    CHECK_INT(counts->dead, dead);
    CHECK_INT(counts->created + counts->updated + counts->unchanged + counts->deleted + counts->pushed, 0);
    CHECK_INT(validating->report.run.run, 0);
}

TEST(engine_validate, counts_what_would_go_in_and_tells_what_would_not) {
    struct validating validating;
    begin(&validating, "reading");
    RIG_ROWS(&validating.rig, LIST_PAIRS("id", "1", "resource", "nobody", "value", "1.5"),
             LIST_PAIRS("id", "2", "resource", "nobody", "value", "much"), LIST_REJECT("3,,", "the row has 3 fields"),
             LIST_GONE("id", "4"), LIST_PAIRS("resource", "x", "value", "1"),
             LIST_PAIRS("id", "6", "resource", "nobody", "value", "2"));
    run_validate(&validating.rig.request, &validating.report);
    check_counts(&validating, 6, 2, 1, 3);
    CHECK(validating.report.run.status == RUN_WARNING);
    CHECK_INT(validating.told.lines, 4);
    CHECK_TEXT(text_of(validating.told.first), "reading line 2, field value: W4007 'much' is no number");
    CHECK_TEXT(text_of(validating.told.last), "some records would be dead letters");
    CHECK_INT(validating.rig.list.closes, 1);
    rig_close(&validating.rig);
}

TEST(engine_validate, what_is_clean_is_done) {
    struct validating validating;
    begin(&validating, "resource");
    RIG_ROWS(&validating.rig, LIST_PAIRS("id", "1", "name", "a"), LIST_PAIRS("id", "2", "name", "b", "parent", "77"));
    run_validate(&validating.rig.request, &validating.report);
    check_counts(&validating, 2, 2, 0, 0);
    CHECK(validating.report.run.status == RUN_DONE);
    CHECK_INT(validating.told.lines, 0);
    rig_close(&validating.rig);
}

TEST(engine_validate, the_log_gets_the_first_refusals_and_the_counts_all) {
    enum { ROWS = 150 };
    struct validating validating;
    static struct source_list_row rows[ROWS];
    begin(&validating, "resource");
    for (int i = 0; i < ROWS; i++) {
        rows[i] = (struct source_list_row)LIST_JSON("{\"id\":1,\"name\":[]}");
    }
    rig_rows(&validating.rig, rows, ROWS);
    run_validate(&validating.rig.request, &validating.report);
    check_counts(&validating, ROWS, 0, 0, ROWS);
    CHECK_INT(validating.told.lines, VALIDATE_TOLD_MAX + 2); // that there are more, and the verdict
    rig_close(&validating.rig);
}

TEST(engine_validate, too_many_refusals_fail_it) {
    struct validating validating;
    begin(&validating, "resource");
    validating.rig.sync.stop_after = (struct share){false, 2};
    RIG_ROWS(&validating.rig, LIST_REJECT("1", "no"), LIST_REJECT("2", "no"), LIST_PAIRS("id", "3", "name", "c"),
             LIST_PAIRS("id", "4", "name", "d"), LIST_PAIRS("id", "5", "name", "e"));
    run_validate(&validating.rig.request, &validating.report);
    CHECK(validating.report.run.status == RUN_FAILED);
    CHECK(validating.report.run.error.code == ERROR_RUN_STOPPED);
    CHECK_INT(validating.report.run.counts.read, 3); // the page in which it was seen
    validating.rig.sync.stop_after = (struct share){true, 39};
    run_validate(&validating.rig.request, &validating.report);
    CHECK(validating.report.run.error.code == ERROR_RUN_STOPPED); // a share of few tells at the end
    CHECK_INT(validating.report.run.counts.read, 5);
    validating.rig.sync.stop_after = (struct share){true, 40};
    run_validate(&validating.rig.request, &validating.report);
    CHECK(validating.report.run.status == RUN_WARNING);
    rig_close(&validating.rig);
}

static void stop_now(void *context, struct text type, const struct counts *counts, uint64_t done, uint64_t total) {
    struct rig *rig = context;
    CHECK_TEXT(type, "resource");
    CHECK_INT(counts->read, 3);
    (void)done;
    (void)total;
    atomic_store(&rig->stop, true);
}

TEST(engine_validate, a_signal_ends_it_after_the_page) {
    struct validating validating;
    begin(&validating, "resource");
    struct run_watch watch = {.progress = stop_now, .context = &validating.rig};
    validating.rig.request.watch = &watch;
    RIG_ROWS(&validating.rig, LIST_PAIRS("id", "1", "name", "a"), LIST_PAIRS("id", "2", "name", "b"),
             LIST_PAIRS("id", "3", "name", "c"), LIST_PAIRS("id", "4", "name", "d"));
    run_validate(&validating.rig.request, &validating.report);
    CHECK(validating.report.run.status == RUN_INTERRUPTED);
    CHECK_INT(validating.report.run.counts.read, 3);
    rig_close(&validating.rig);
}

TEST(engine_validate, what_fails_in_passing_is_tried_again) {
    struct validating validating;
    begin(&validating, "resource");
    error_set(&validating.rig.list.fail, ERROR_HOME_BUSY, "not now");
    validating.rig.list.fail.retry = RETRY_NOW;
    validating.rig.list.fail_read = 2;
    validating.rig.list.fail_times = 2;
    RIG_ROWS(&validating.rig, LIST_PAIRS("id", "1", "name", "a"), LIST_PAIRS("id", "2", "name", "b"),
             LIST_PAIRS("id", "3", "name", "c"), LIST_PAIRS("id", "4", "name", "d"));
    run_validate(&validating.rig.request, &validating.report);
    CHECK(validating.report.run.status == RUN_DONE);
    check_counts(&validating, 4, 4, 0, 0);
    CHECK_INT(validating.rig.list.failed, 2);
    validating.rig.list.fail_times = 0; // always
    validating.rig.list.failed = 0;
    run_validate(&validating.rig.request, &validating.report);
    CHECK(validating.report.run.status == RUN_FAILED && validating.report.run.error.code == ERROR_HOME_BUSY);
    validating.rig.list.fail.retry = RETRY_LATER;
    validating.rig.list.fail.after_us = clock_now(&clock_system) + INT64_C(3600000000);
    run_validate(&validating.rig.request, &validating.report);
    CHECK(validating.report.run.status == RUN_WAITING);
    CHECK_INT(validating.report.run.until_us, validating.rig.list.fail.after_us);
    rig_close(&validating.rig);
}

TEST(engine_validate, a_sync_that_only_sends_has_nothing_to_be_validated) {
    struct validating validating;
    begin(&validating, "resource");
    validating.rig.sync.direction = SYNC_PUSH;
    run_validate(&validating.rig.request, &validating.report);
    CHECK(validating.report.run.status == RUN_FAILED && validating.report.run.error.code == ERROR_USAGE);
    CHECK_INT(validating.rig.list.opens, 0);
    rig_close(&validating.rig);
}

static bool give_two(struct mapper *mapper, uint32_t function, const struct object *record, struct arena *arena,
                     struct mapped *out, struct error *error) {
    (void)mapper;
    (void)function;
    struct mapped_record *records = arena_take_zero(arena, 2, sizeof *records);
    CHECK(records != NULL);
    (void)error;
    records[0] = records[1] = (struct mapped_record){TEXT_LITERAL("resource"), *record};
    *out = (struct mapped){.records = records, .count = 2};
    return true;
}

TEST(engine_validate, a_record_that_gives_two_counts_once) {
    struct validating validating;
    begin(&validating, "resource");
    validating.rig.mapper_type.record = give_two;
    validating.rig.types[0].pull = (struct transform){.has_function = true};
    validating.rig.resource_fields[0].name = TEXT_LITERAL("id"); // so that the record is home's as it is
    ((struct text *)validating.rig.resource.shape->names)[0] = TEXT_LITERAL("id");
    RIG_ROWS(&validating.rig, LIST_PAIRS("id", "1"), LIST_PAIRS("id", "2"), LIST_PAIRS("id", "3"),
             LIST_PAIRS("id", "4"));
    run_validate(&validating.rig.request, &validating.report);
    check_counts(&validating, 4, 4, 0, 0);
    validating.rig.request.page_records = 1; // the next record stands where the one before stood
    run_validate(&validating.rig.request, &validating.report);
    check_counts(&validating, 4, 4, 0, 0);
    rig_close(&validating.rig);
}

#include "rig.h"

// Where a pass begins: the watermark, and when everything is read all the same.

static int64_t now_us;

static int64_t fake_now(void *context) {
    (void)context;
    return now_us;
}

static void fake_wait(void *context, int64_t span_us) {
    (void)context;
    now_us += span_us;
}

static const struct clock fake = {fake_now, fake_wait, NULL};

static void open_feed(struct rig *rig) {
    rig_open(rig, "reading");
    now_us = 1000000000;
    rig->request.clock = &fake;
    rig->reading_fields[0].required = false;
    rig->list.cursor = "at";
}

// Rows that share the watermark's timestamp: the one that comes late under it is read, the others are repeats.
TEST(engine_since, rows_that_share_the_watermark_are_read_again_f01) {
    struct rig rig;
    open_feed(&rig);
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "1", "at", "2018-01-01"),
             LIST_PAIRS("id", "b", "value", "1", "at", "2018-01-02"));
    rig_run(&rig);
    CHECK_TEXT(text_of(rig.list.since), "");
    CHECK_TEXT(rig_watermark(&rig, "pull"), "2018-01-02");
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "1", "at", "2018-01-01"),
             LIST_PAIRS("id", "b", "value", "1", "at", "2018-01-02"),
             LIST_PAIRS("id", "c", "value", "1", "at", "2018-01-02"));
    rig_run(&rig);
    CHECK_TEXT(text_of(rig.list.since), "2018-01-02");
    CHECK_INT(rig.report.counts.read, 2);
    CHECK_INT(rig.report.counts.unchanged, 1);
    CHECK_INT(rig.report.counts.created, 1);
    int64_t seq = rig_seq(&rig);
    rig_run(&rig);
    CHECK(rig.report.status == RUN_DONE);
    CHECK_INT(rig_seq(&rig), seq);
    CHECK_TEXT(rig_watermark(&rig, "pull"), "2018-01-02");
    rig_close(&rig);
}

// The source's own text, not a time of ours: what it isn't told it can't round.
TEST(engine_since, the_cursor_is_the_sources_text_f05) {
    struct rig rig;
    open_feed(&rig);
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "1", "at", "2018-01-01T00:00:00.1234567+05:30"));
    rig_run(&rig);
    rig_run(&rig);
    CHECK_TEXT(text_of(rig.list.since), "2018-01-01T00:00:00.1234567+05:30");
    rig_close(&rig);
}

// A pass that isn't complete moves nothing: neither one that failed nor one that was stopped.
TEST(engine_since, only_a_complete_pass_moves_it_f03) {
    struct rig rig;
    open_feed(&rig);
    rig.request.page_records = 1;
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "1", "at", "1"), LIST_PAIRS("id", "b", "value", "1", "at", "2"),
             LIST_PAIRS("id", "c", "value", "1", "at", "3"));
    error_set(&rig.list.fail, ERROR_FILE_READ, "the line is down");
    rig.list.fail_read = 3;
    rig.list.fail_times = 1;
    rig_run(&rig);
    CHECK(rig.report.status == RUN_FAILED);
    CHECK_TEXT(rig_watermark(&rig, "pull"), "");
    rig_run(&rig);
    CHECK(rig.report.resumed);
    CHECK_TEXT(rig_watermark(&rig, "pull"), "3");
    rig_close(&rig);
}

// A pass that goes on asks as it began.
TEST(engine_since, a_resumed_pass_keeps_its_watermark) {
    struct rig rig;
    open_feed(&rig);
    rig.request.page_records = 1;
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "1", "at", "1"), LIST_PAIRS("id", "b", "value", "1", "at", "2"));
    rig_run(&rig);
    RIG_ROWS(&rig, LIST_PAIRS("id", "b", "value", "1", "at", "2"), LIST_PAIRS("id", "c", "value", "1", "at", "3"),
             LIST_PAIRS("id", "d", "value", "1", "at", "4"), LIST_PAIRS("id", "e", "value", "1", "at", "5"));
    error_set(&rig.list.fail, ERROR_FILE_READ, "the line is down");
    rig.list.fail_read = 4;
    rig.list.fail_times = 1;
    rig_run(&rig);
    CHECK(rig.report.status == RUN_FAILED);
    rig_reopen(&rig, true);
    rig_run(&rig);
    CHECK(rig.report.resumed);
    CHECK_TEXT(text_of(rig.list.since), "2");
    CHECK_INT(rig.report.counts.read, 4);
    CHECK_TEXT(rig_watermark(&rig, "pull"), "5");
    CHECK_INT(rig_records(&rig, "reading"), 5);
    rig_close(&rig);
}

// A dead letter doesn't hold the watermark: it is kept, and closed by the next form.
TEST(engine_since, it_moves_past_dead_letters_f06) {
    struct rig rig;
    open_feed(&rig);
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "many", "at", "1"), LIST_PAIRS("id", "b", "value", "1", "at", "2"));
    rig_run(&rig);
    CHECK_INT(rig_deads(&rig), 1);
    CHECK_TEXT(rig_watermark(&rig, "pull"), "2");
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "3", "at", "3"));
    rig_run(&rig);
    CHECK_INT(rig_deads(&rig), 0);
    rig_close(&rig);
}

static void check_begins(struct rig *rig, const char *since) {
    rig_run(rig);
    CHECK(rig->report.status == RUN_DONE);
    CHECK_TEXT(text_of(rig->list.since), since);
}

TEST(engine_since, everything_is_read_when_asked_or_when_the_script_changed) {
    struct rig rig;
    open_feed(&rig);
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "1", "at", "1"), LIST_PAIRS("id", "b", "value", "1", "at", "2"));
    check_begins(&rig, "");
    check_begins(&rig, "2");
    rig.request.force = true;
    check_begins(&rig, "");
    rig.request.force = false;
    check_begins(&rig, "2");
    rig.sync.print.low++;
    check_begins(&rig, "");
    CHECK_INT(rig.report.counts.unchanged, 2);
    check_begins(&rig, "2");
    rig_close(&rig);
}

TEST(engine_since, full_is_how_often_everything_is_read_f02) {
    struct rig rig;
    static const struct text names[] = {{"full", 4}};
    static const struct shape shape = {1, names};
    struct value span = value_integer(3600ll * 1000 * 1000);
    struct object settings = {&shape, &span};
    open_feed(&rig);
    rig.types[0].settings = &settings;
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "1", "at", "1"), LIST_PAIRS("id", "b", "value", "1", "at", "2"));
    check_begins(&rig, "");
    check_begins(&rig, "2");
    // A row is committed late, behind the watermark: the next whole pass finds it.
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "1", "at", "1"), LIST_PAIRS("id", "late", "value", "1", "at", "1"),
             LIST_PAIRS("id", "b", "value", "1", "at", "2"));
    now_us += 3599ll * 1000 * 1000;
    check_begins(&rig, "2");
    CHECK_INT(rig_records(&rig, "reading"), 2);
    now_us += 1000 * 1000;
    check_begins(&rig, "");
    CHECK_INT(rig_records(&rig, "reading"), 3);
    check_begins(&rig, "2");
    rig_close(&rig);
}

// An older cursor than the watermark (no more than the overlap was read) doesn't move it back; a whole pass may.
TEST(engine_since, it_does_not_go_back_f04) {
    struct rig rig;
    open_feed(&rig);
    rig.types[0].cursor_format = TEXT_LITERAL("epoch_s");
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "1", "at", "10"), LIST_PAIRS("id", "b", "value", "1", "at", "20"));
    check_begins(&rig, "");
    CHECK_TEXT(rig_watermark(&rig, "pull"), "20");
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "1", "at", "3")); // "3" is past "20" as a text, and before it in time
    check_begins(&rig, "20");
    CHECK_TEXT(rig_watermark(&rig, "pull"), "20");
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "1", "at", "15"));
    rig.request.force = true;
    check_begins(&rig, "");
    CHECK_TEXT(rig_watermark(&rig, "pull"), "15");
    rig_close(&rig);
}

// A run that finds nothing new is a good run; one that has no watermark and reads nothing is none.
TEST(engine_since, nothing_new_is_no_warning_f28) {
    struct rig rig;
    open_feed(&rig);
    RIG_ROWS(&rig, LIST_PAIRS("id", "a", "value", "1", "at", "1"));
    check_begins(&rig, "");
    rig_rows(&rig, NULL, 0);
    check_begins(&rig, "1");
    CHECK_INT(rig.report.counts.read, 0);
    CHECK_TEXT(rig_watermark(&rig, "pull"), "1");
    rig.request.force = true;
    rig_run(&rig);
    CHECK(rig.report.status == RUN_WARNING);
    rig_close(&rig);
}

#include "rig.h"

// Waiting until the server takes requests again.

static int64_t run_now_us;

static int64_t run_now(void *context) {
    (void)context;
    return run_now_us;
}

static void run_wait(void *context, int64_t span_us) {
    (void)context;
    run_now_us += span_us;
}

static const struct clock run_clock = {run_now, run_wait, NULL};

static void open_busy(struct rig *rig, int64_t span_us) {
    rig_open(rig, "resource");
    run_now_us = 1500000000000000;
    rig->request.clock = &run_clock;
    rig->request.page_records = 1;
    error_set(&rig->list.fail, ERROR_HTTP_BUSY, "429 from the server");
    rig->list.fail.after_us = run_now_us + span_us;
    rig->list.fail_read = 3;
    rig->list.fail_times = 1;
}

TEST(engine_run_wait, a_short_wait_is_sat_through_f24) {
    struct rig rig;
    open_busy(&rig, 59000000);
    int64_t began_us = run_now_us;
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", "a"), LIST_PAIRS("id", "2", "name", "b"),
             LIST_PAIRS("id", "3", "name", "c"));
    rig_run(&rig);
    CHECK(rig.report.status == RUN_DONE);
    CHECK_INT(rig_records(&rig, "resource"), 3);
    CHECK_INT(run_now_us - began_us, 59000000);
    rig_close(&rig);
}

TEST(engine_run_wait, a_long_wait_ends_the_run_which_goes_on_later_f24) {
    struct rig rig;
    open_busy(&rig, 3600000000);
    int64_t until_us = rig.list.fail.after_us;
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", "a"), LIST_PAIRS("id", "2", "name", "b"),
             LIST_PAIRS("id", "3", "name", "c"));
    rig_run(&rig);
    CHECK(rig.report.status == RUN_WAITING);
    CHECK(rig.report.error.code == ERROR_RUN_WAITING);
    CHECK(strstr(rig.report.error.message, "2017-07-14T03:40:00Z") != NULL);
    CHECK_INT(rig.report.until_us, until_us);
    CHECK_INT(rig_records(&rig, "resource"), 2);
    rig_reopen(&rig, true);
    rig_run(&rig); // the server says whether it takes requests again
    CHECK(rig.report.resumed && rig.report.status == RUN_DONE);
    CHECK_INT(rig.report.counts.read, 3);
    CHECK_INT(rig_records(&rig, "resource"), 3);
    rig_close(&rig);
}

// Pages that change nothing leave no trace; but where they ended is kept, or a server that lets only so much through
// at a time would never be read to its end.
TEST(engine_run_wait, a_wait_keeps_its_place_among_unchanged_pages_f24) {
    struct rig rig;
    open_busy(&rig, 3600000000);
    rig.list.fail_read = 0;
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", "a"), LIST_PAIRS("id", "2", "name", "b"),
             LIST_PAIRS("id", "3", "name", "c"), LIST_PAIRS("id", "4", "name", "d"));
    rig_run(&rig);
    CHECK(rig.report.status == RUN_DONE);
    rig.list.fail_read = 3;
    rig_run(&rig);
    CHECK(rig.report.status == RUN_WAITING);
    size_t reads = rig.list.reads;
    rig_run(&rig);
    CHECK(rig.report.resumed && rig.report.status == RUN_DONE);
    CHECK_INT(rig.list.reads - reads, 2);
    CHECK_INT(rig.report.counts.unchanged, 4);
    rig_close(&rig);
}

TEST(engine_run_wait, a_failure_to_open_that_passes_is_tried_again_f24) {
    struct rig rig;
    rig_open(&rig, "resource");
    run_now_us = 1500000000000000;
    rig.request.clock = &run_clock;
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", "a"));
    error_set(&rig.list.fail_open, ERROR_HTTP_BUSY, "429 from the server");
    rig.list.fail_open.after_us = run_now_us + 10000000;
    rig_run(&rig);
    CHECK(rig.report.status == RUN_FAILED);
    CHECK_INT(rig.list.opens, 4); // errors.retry = 3
    rig.list.fail_open.after_us = run_now_us + 3600000000;
    rig_run(&rig);
    CHECK(rig.report.status == RUN_WAITING);
    rig_close(&rig);
}

static void stop_after_two(void *context, struct text type, const struct counts *counts, uint64_t done,
                           uint64_t total) {
    struct rig *rig = context;
    (void)type;
    (void)done;
    (void)total;
    atomic_store(&rig->stop, counts->read >= 2);
}

TEST(engine_run_wait, a_stop_keeps_its_place_among_unchanged_pages) {
    struct rig rig;
    rig_open(&rig, "resource");
    rig.request.page_records = 1;
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", "a"), LIST_PAIRS("id", "2", "name", "b"),
             LIST_PAIRS("id", "3", "name", "c"), LIST_PAIRS("id", "4", "name", "d"),
             LIST_PAIRS("id", "5", "name", "e"));
    rig_run(&rig);
    struct run_watch watch = {.progress = stop_after_two, .context = &rig};
    rig.request.watch = &watch;
    rig_run(&rig);
    CHECK(rig.report.status == RUN_INTERRUPTED);
    int64_t read = rig.report.counts.read;
    CHECK(read >= 2 && read < 5);
    rig.request.watch = NULL;
    atomic_store(&rig.stop, false);
    size_t reads = rig.list.reads;
    rig_run(&rig);
    CHECK(rig.report.resumed && rig.report.status == RUN_DONE);
    CHECK_INT(rig.report.counts.read, 5);
    CHECK_INT((int64_t)(rig.list.reads - reads), 5 - read);
    rig_close(&rig);
}

static atomic_bool *wait_stops;

static void run_wait_signalled(void *context, int64_t span_us) {
    run_wait(context, span_us);
    atomic_store(wait_stops, true);
}

static const struct clock signalled_clock = {run_now, run_wait_signalled, NULL};

TEST(engine_run_wait, a_signal_while_it_waits_interrupts_the_run) {
    struct rig rig;
    open_busy(&rig, 5000000);
    rig.list.fail_times = 0; // for ever: without the signal the run would fail
    rig.request.clock = &signalled_clock;
    wait_stops = &rig.stop;
    rig.request.stop = &rig.stop;
    RIG_ROWS(&rig, LIST_PAIRS("id", "1", "name", "a"), LIST_PAIRS("id", "2", "name", "b"),
             LIST_PAIRS("id", "3", "name", "c"));
    rig_run(&rig);
    CHECK(rig.report.status == RUN_INTERRUPTED);
    CHECK_INT(rig_records(&rig, "resource"), 2);
    atomic_store(&rig.stop, false);
    rig.request.clock = &run_clock;
    rig.list.fail_read = 0;
    rig_run(&rig);
    CHECK(rig.report.resumed && rig.report.status == RUN_DONE);
    CHECK_INT(rig_records(&rig, "resource"), 3);
    rig_close(&rig);
}

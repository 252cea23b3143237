#include "base/visible.h"
#include "cli/progress.h"
#include "test.h"

static struct progress_state state_of(uint64_t done, uint64_t total) {
    return (struct progress_state){TEXT_LITERAL("reading"), 123456, done, total, 54321, 12, false};
}

static void check_line(const struct progress_state *state, size_t columns, const char *expected) {
    struct buffer out;
    buffer_init(&out, 4096);
    progress_line(&out, state, columns);
    CHECK_TEXT(buffer_view(&out), expected);
    buffer_clear(&out);
}

TEST(cli_progress, a_wide_terminal_has_it_all) {
    struct progress_state state = state_of(45, 100);
    check_line(&state, 90, "reading  =============-----------------   45 %  123,456 rows  54,321/s  0:12 left");
}

TEST(cli_progress, a_narrow_one_leaves_out_from_the_end) {
    struct progress_state state = state_of(45, 100);
    check_line(&state, 40, "reading   45 %  123,456 rows  54,321/s");
    check_line(&state, 20, "readi…   45 %");
    for (size_t columns = 4; columns < 120; columns++) {
        struct buffer out;
        buffer_init(&out, 4096);
        progress_line(&out, &state, columns);
        CHECK(visible_width(buffer_view(&out)) <= columns);
        buffer_clear(&out);
    }
}

TEST(cli_progress, nothing_is_claimed_that_is_not_known) {
    struct progress_state state = {TEXT_LITERAL("reading"), 5, 10, 0, -1, -1, false};
    check_line(&state, 80, "reading  5 rows");
    check_line(&state, 0, "reading  5 rows");
}

TEST(cli_progress, long_waits_have_hours) {
    struct progress_state state = state_of(1, 100);
    state.left_s = 3 * 3600 + 62;
    check_line(&state, 0, "reading    1 %  123,456 rows  54,321/s  3:01:02 left");
}

TEST(cli_progress, more_than_all_is_all) {
    struct progress_state state = state_of(200, 100);
    state.left_s = -1;
    check_line(&state, 0, "reading  100 %  123,456 rows  54,321/s");
}

// --- the moments at which a line is shown ---

struct stage {
    struct progress progress;
    FILE *file;
    int64_t now_us;
    struct clock clock;
};

static int64_t stage_now(void *context) {
    return ((struct stage *)context)->now_us;
}

static void stage_pass(void *context, int64_t span_us) {
    ((struct stage *)context)->now_us += span_us;
}

static void stage_open(struct stage *stage, bool terminal) {
    memset(stage, 0, sizeof *stage);
    stage->now_us = 1000000;
    stage->clock = (struct clock){stage_now, stage_pass, stage};
    stage->file = tmpfile();
    CHECK(stage->file != NULL);
    progress_init(&stage->progress, stage->file, &stage->clock, terminal);
    stage->progress.unicode = false;
}

static void stage_step(struct stage *stage, int64_t at_us, int64_t read, uint64_t done) {
    struct counts counts = {.read = read};
    stage->now_us = at_us;
    stage->progress.watch.progress(stage->progress.watch.context, TEXT_LITERAL("reading"), &counts, done, 1000);
}

static void stage_close(struct stage *stage, const char *expected) {
    char text[8192];
    progress_clear(&stage->progress);
    rewind(stage->file);
    size_t length = fread(text, 1, sizeof text, stage->file);
    CHECK_TEXT(((struct text){text, length}), expected);
    fclose(stage->file);
}

TEST(cli_progress, a_file_gets_a_line_every_ten_seconds) {
    struct stage stage;
    stage_open(&stage, false);
    stage_step(&stage, 1000000, 0, 0);
    stage_step(&stage, 6000000, 1000, 100);
    stage_step(&stage, 11000000, 2000, 200);
    stage_step(&stage, 12000000, 2100, 210);
    stage_close(&stage, "reading   20 %  2,000 rows  200/s  0:40 left\n");
}

TEST(cli_progress, a_resumed_pass_counts_its_rate_from_where_it_began) {
    struct stage stage;
    stage_open(&stage, false);
    stage_step(&stage, 1000000, 500000, 500);
    stage_step(&stage, 11000000, 500100, 600);
    stage_close(&stage, "reading   60 %  500,100 rows  10/s  0:40 left\n");
}

TEST(cli_progress, a_terminal_is_redrawn_ten_times_a_second_at_most_and_left_clean) {
    struct stage stage;
    stage_open(&stage, true);
    stage_step(&stage, 1000000, 0, 0);
    stage_step(&stage, 1050000, 10, 1);
    stage_step(&stage, 1090000, 20, 2);
    stage_close(&stage, "\r\033[Kreading  ------------------------------    0 %  0 rows\r\033[K");
}

TEST(cli_progress, warnings_pass_and_a_flood_of_them_is_cut) {
    struct stage stage;
    stage_open(&stage, false);
    log_line(&stage.progress.log, LOG_INFO, "not shown");
    log_line(&stage.progress.log, LOG_ERROR, "bad\033[2J");
    for (int i = 0; i < 100; i++) {
        log_line(&stage.progress.log, LOG_WARNING, "w%d", i);
    }
    char expected[1024] = "error: bad\\x1b[2J\n";
    for (int i = 0; i < 20; i++) {
        size_t used = strlen(expected);
        snprintf(expected + used, sizeof expected - used, "warning: w%d\n", i);
    }
    size_t used = strlen(expected);
    snprintf(expected + used, sizeof expected - used, "warning: there are more; `weir log` has them all\n");
    stage_close(&stage, expected);
}

TEST(cli_progress, the_same_warning_again_is_not_shown_again) {
    struct stage stage;
    stage_open(&stage, false);
    log_line(&stage.progress.log, LOG_WARNING, "down");
    log_line(&stage.progress.log, LOG_WARNING, "down");
    log_line(&stage.progress.log, LOG_WARNING, "other");
    log_line(&stage.progress.log, LOG_WARNING, "down");
    stage_close(&stage, "warning: down\nwarning: other\nwarning: down\n");
}

// --- waits ---

static void stage_wait(struct stage *stage, int64_t span_us) {
    clock_wait(&stage->progress.waiting, span_us);
}

TEST(cli_progress, a_long_wait_counts_down_on_a_terminal_and_is_told_once_elsewhere) {
    struct stage stage;
    stage_open(&stage, true);
    stage_wait(&stage, 2999999);
    CHECK_INT(stage.now_us, 1000000 + 2999999);
    stage_wait(&stage, 3000000);
    CHECK_INT(stage.now_us, 1000000 + 5999999);
    char expected[1024] = "";
    for (int i = 0; i < 15; i++) {
        size_t used = strlen(expected);
        snprintf(expected + used, sizeof expected - used, "\r\033[Kwaiting 0:0%d before the next request", 3 - i / 5);
    }
    size_t used = strlen(expected);
    snprintf(expected + used, sizeof expected - used, "\r\033[K");
    stage_close(&stage, expected);
    stage_open(&stage, false);
    stage_wait(&stage, 9000000);
    stage_wait(&stage, 62000000);
    stage_close(&stage, "waiting 1:02 before the next request\n");
    stage_open(&stage, true);
    stage.progress.quiet = true;
    stage_wait(&stage, 62000000);
    stage_close(&stage, "");
}

TEST(cli_progress, a_wait_ends_when_the_run_is_to_stop_but_not_at_once) {
    struct stage stage;
    atomic_bool stop = true;
    stage_open(&stage, false);
    stage.progress.stop = &stop;
    stage_wait(&stage, 5000000);
    CHECK_INT(stage.now_us, 1200000);
    stage_close(&stage, "");
}

TEST(cli_progress, quiet_shows_errors_alone) {
    struct stage stage;
    stage_open(&stage, true);
    stage.progress.quiet = true;
    stage_step(&stage, 1000000, 0, 0);
    log_line(&stage.progress.log, LOG_WARNING, "w");
    log_line(&stage.progress.log, LOG_ERROR, "e");
    stage_close(&stage, "error: e\n");
}

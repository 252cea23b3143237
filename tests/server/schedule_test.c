#include "server/schedule.h"

#include "base/civil.h"
#include "test.h"

#define SECOND INT64_C(1000000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

static struct schedule made(int64_t every_us, const char *cron, const char *zone, int64_t jitter_us, const char *name) {
    struct schedule schedule;
    struct error error;
    struct schedule_terms terms = {every_us, text_of(cron), text_of(zone), jitter_us, text_of(name)};
    CHECK_OK(schedule_read(&terms, &schedule, &error), &error);
    return schedule;
}

static int64_t at(const char *iso) {
    int64_t time_us = 0;
    CHECK(civil_parse(text_of(iso), TEXT_LITERAL("iso"), zone_utc(), &time_us));
    return time_us;
}

TEST(server_schedule, a_new_sync_waits_for_its_first_time) {
    struct schedule schedule = made(0, "0 3 * * *", "Asia/Kolkata", 0, "acme/a");
    CHECK(schedule_plans(&schedule));
    struct plan plan = schedule_next(&schedule, 0, at("2026-11-21T03:00:00Z"));
    CHECK_INT(plan.planned_us, at("2026-11-21T21:30:00Z"));
    CHECK_INT(plan.due_us, plan.planned_us);
    plan = schedule_next(&schedule, plan.planned_us, plan.planned_us + 5 * SECOND);
    CHECK_INT(plan.planned_us, at("2026-11-22T21:30:00Z"));
    schedule = made(HOUR, "", "", 0, "acme/a");
    plan = schedule_next(&schedule, 0, at("2026-11-21T03:00:00Z"));
    CHECK(plan.planned_us > at("2026-11-21T03:00:00Z") && plan.planned_us <= at("2026-11-21T04:00:00Z"));
}

TEST(server_schedule, none_plans_nothing) {
    struct schedule schedule = made(0, "", "", MINUTE, "acme/a");
    CHECK(!schedule_plans(&schedule));
    CHECK_INT(schedule_next(&schedule, 0, DAY).planned_us, 0);
    schedule = made(0, "0 0 30 2 *", "UTC", MINUTE, "acme/a");
    CHECK_INT(schedule_next(&schedule, 0, DAY).planned_us, 0);
    CHECK_INT(schedule_next(&schedule, 5, DAY).due_us, 0);
}

TEST(server_schedule, every_keeps_its_grid_however_long_runs_take) {
    struct schedule schedule = made(15 * MINUTE, "", "", 0, "acme/a");
    int64_t now_us = at("2026-11-21T03:00:00Z");
    struct plan plan = schedule_next(&schedule, 0, now_us);
    int64_t grid_us = plan.planned_us % (15 * MINUTE);
    for (int64_t i = 0; i < 500; i++) {
        now_us = plan.planned_us + i * 7 % 40 * MINUTE + i; // when the run has ended
        plan = schedule_next(&schedule, plan.planned_us, now_us);
        CHECK_INT(plan.planned_us % (15 * MINUTE), grid_us);
        CHECK(plan.planned_us > now_us - 15 * MINUTE && plan.planned_us <= now_us + 15 * MINUTE);
    }
}

TEST(server_schedule, syncs_of_one_span_begin_apart) {
    int64_t tenths[10] = {0};
    for (int i = 0; i < 1000; i++) {
        char name[32];
        snprintf(name, sizeof name, "acme/sync_%d", i);
        struct schedule schedule = made(HOUR, "", "", 0, name);
        int64_t planned_us = schedule_next(&schedule, 0, at("2026-11-21T03:00:00Z")).planned_us;
        tenths[planned_us % HOUR / (HOUR / 10)]++;
    }
    for (int i = 0; i < 10; i++) {
        CHECK(tenths[i] > 50 && tenths[i] < 200);
    }
}

TEST(server_schedule, missed_times_count_once_as_the_latest_f20) {
    struct schedule schedule = made(0, "30 * * * *", "UTC", 0, "acme/a");
    struct plan plan = schedule_next(&schedule, at("2025-11-21T03:30:00Z"), at("2026-11-21T03:29:59Z"));
    CHECK_INT(plan.planned_us, at("2026-11-21T02:30:00Z"));
    plan = schedule_next(&schedule, plan.planned_us, at("2026-11-21T03:29:59Z"));
    CHECK_INT(plan.planned_us, at("2026-11-21T03:30:00Z"));
    plan = schedule_next(&schedule, at("2026-11-21T02:30:00Z"), at("2026-11-21T03:30:00Z"));
    CHECK_INT(plan.planned_us, at("2026-11-21T03:30:00Z"));
    schedule = made(0, "0 0 29 2 *", "UTC", 0, "acme/a");
    plan = schedule_next(&schedule, at("2000-02-29T00:00:00Z"), at("2026-11-21T00:00:00Z"));
    CHECK_INT(plan.planned_us, at("2024-02-29T00:00:00Z"));
    schedule = made(MINUTE, "", "", 0, "acme/a");
    plan = schedule_next(&schedule, at("2025-11-21T03:30:00Z"), at("2026-11-21T03:30:00Z"));
    CHECK(plan.planned_us <= at("2026-11-21T03:30:00Z") && plan.planned_us > at("2026-11-21T03:29:00Z"));
}

// What is missed, found one by one.
static void check_missed(const struct schedule *schedule, int64_t last_us, int64_t now_us) {
    int64_t found_us = 0;
    for (int64_t next_us = schedule_next(schedule, last_us, last_us).planned_us; next_us <= now_us && next_us != 0;
         next_us = schedule_next(schedule, next_us, next_us).planned_us) {
        found_us = next_us;
    }
    struct plan plan = schedule_next(schedule, last_us, now_us);
    if (found_us != 0) {
        CHECK_INT(plan.planned_us, found_us);
    } else {
        CHECK(plan.planned_us > now_us);
    }
}

TEST(server_schedule, the_latest_of_many_is_found_by_halves) {
    static const char *const patterns[] = {"*/7 9-17 * * MON-FRI", "0 0 1 * *", "* 3 * * *", "59 23 31 12 *", ""};
    int64_t start_us = at("2026-03-20T00:00:00Z");
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        struct schedule schedule =
            made(patterns[i][0] == '\0' ? 47 * MINUTE : 0, patterns[i], "Europe/Berlin", 0, "a/b");
        for (int64_t k = 1; k <= 40; k++) {
            int64_t last_us = schedule_next(&schedule, 0, start_us + k * 11 * HOUR).planned_us;
            check_missed(&schedule, last_us, last_us + k * k * 5 * HOUR + k * SECOND);
        }
    }
}

TEST(server_schedule, jitter_is_the_same_each_time_and_changes_no_order) {
    static const char *const patterns[] = {"* * * * *", "0,1 3 * * *", "0 3 * * *", ""};
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        struct schedule schedule = made(patterns[i][0] == '\0' ? 3 * MINUTE : 0, patterns[i], "Europe/Berlin",
                                        2 * MINUTE + 30 * SECOND, "acme/a");
        int64_t late_us = 0;
        struct plan plan = schedule_next(&schedule, 0, at("2026-03-20T00:00:00Z"));
        for (int k = 0; k < 300; k++) {
            struct plan again = schedule_next(&schedule, plan.planned_us - 1, plan.planned_us - 1);
            CHECK(again.planned_us == plan.planned_us && again.due_us == plan.due_us);
            struct plan next = schedule_next(&schedule, plan.planned_us, plan.planned_us);
            CHECK(plan.due_us >= plan.planned_us && plan.due_us < plan.planned_us + 2 * MINUTE + 30 * SECOND);
            CHECK(plan.due_us < next.planned_us);
            late_us = plan.due_us - plan.planned_us > late_us ? plan.due_us - plan.planned_us : late_us;
            plan = next;
        }
        CHECK(late_us > 45 * SECOND);
    }
    struct schedule one = made(0, "@hourly", "UTC", MINUTE, "acme/a");
    struct schedule other = made(0, "@hourly", "UTC", MINUTE, "acme/b");
    CHECK_INT(schedule_next(&one, 0, DAY).planned_us, schedule_next(&other, 0, DAY).planned_us);
    CHECK(schedule_next(&one, 0, DAY).due_us != schedule_next(&other, 0, DAY).due_us);
}

TEST(server_schedule, a_clock_that_is_set_back_f20) {
    struct schedule schedule = made(0, "0 3 * * *", "UTC", 0, "acme/a");
    int64_t used_us = at("2026-11-21T03:00:00Z");
    // By a little: three o'clock comes again, its run does not.
    CHECK_INT(schedule_next(&schedule, used_us, at("2026-11-21T02:10:00Z")).planned_us, at("2026-11-22T03:00:00Z"));
    // By years: what was used then doesn't count.
    CHECK_INT(schedule_next(&schedule, at("2099-01-01T03:00:00Z"), used_us - HOUR).planned_us, used_us);
    CHECK_INT(schedule_next(&schedule, INT64_MAX, used_us - HOUR).planned_us, used_us);
    schedule = made(10 * MINUTE, "", "", MINUTE, "acme/a");
    int64_t far_us = schedule_next(&schedule, 0, at("2099-01-01T00:00:00Z")).planned_us;
    struct plan plan = schedule_next(&schedule, far_us, used_us);
    CHECK(plan.planned_us > used_us && plan.planned_us <= used_us + 10 * MINUTE);
    int64_t near_us = schedule_next(&schedule, 0, used_us).planned_us;
    CHECK_INT(schedule_next(&schedule, near_us, near_us - 30 * MINUTE).planned_us, near_us + 10 * MINUTE);
    CHECK(schedule_next(&schedule, 0, INT64_MIN).planned_us > 0);
    CHECK(schedule_next(&schedule, 0, INT64_MAX - 1).planned_us >= 0);
}

TEST(server_schedule, terms_that_cant_be) {
    struct schedule schedule;
    struct error error;
    struct schedule_terms both = {HOUR, TEXT_LITERAL("@daily"), TEXT_LITERAL("UTC"), 0, TEXT_LITERAL("a/b")};
    CHECK(!schedule_read(&both, &schedule, &error) && error.code == ERROR_OPTION_TYPE);
    struct schedule_terms zone = {0, TEXT_LITERAL("@daily"), TEXT_LITERAL("Mars"), 0, TEXT_LITERAL("a/b")};
    CHECK(!schedule_read(&zone, &schedule, &error) && strstr(error.message, "Mars") != NULL);
    struct schedule_terms less = {-HOUR, TEXT_LITERAL(""), TEXT_LITERAL(""), 0, TEXT_LITERAL("a/b")};
    CHECK(!schedule_read(&less, &schedule, &error));
}

// The simulated datasource, read and written by the real source and target.

#include <string.h>

#include "sim_rig.h"
#include "test.h"

#define DAY_US INT64_C(86400000000)

enum { ROWS = 11, PAGERS = 8 };

static const int64_t precisions[] = {1, 1000, 1000000, DAY_US};

// Rows of which some were made at one time.
static void make_rows(struct sim_rig *rig) {
    for (int i = 1; i <= ROWS; i++) {
        sim_rig_make(rig, i);
        rig->sim.now_us += i % 3 == 0 ? 0 : 1500;
    }
}

// Whether records may come again though nothing changed: a window that was full comes again, in parts; pages that don't
// overlap are read again where nothing else tells whether they moved; and keyset looks at the beginning once more when
// the last page could have been cut off.
static bool may_repeat(const struct sim_rig *rig) {
    int64_t pager = rig->knobs[KNOB_PAGER];
    bool bare = pager == 2 || (pager == 1 && rig->knobs[KNOB_SIZE] == 1);
    return pager >= 6 || (bare && rig->knobs[KNOB_TOTAL] == 0 && rig->knobs[KNOB_TOMBSTONES] == 0);
}

static void check_all(const struct sim_rig *rig, int64_t last) {
    for (int64_t id = 1; id <= last; id++) {
        if (rig->given[id] < 1 || (rig->given[id] > 1 && !may_repeat(rig))) {
            test_fail(__FILE__, __LINE__, "pager %d size %d precision %lld: %lld came %d times",
                      (int)rig->knobs[KNOB_PAGER], (int)rig->knobs[KNOB_SIZE], (long long)rig->knobs[KNOB_PRECISION],
                      (long long)id, rig->given[id]);
        }
    }
}

static bool asks_many(const struct sim_rig *rig) {
    int64_t pager = rig->knobs[KNOB_PAGER];
    return pager != 0 && pager != 6 && pager != 7;
}

// All of it; what changed since; what was deleted.
static void read_world(struct sim_rig *rig) {
    sim_rig_start(rig);
    make_rows(rig);
    CHECK_OK(sim_rig_pass(rig, 0), &rig->error);
    check_all(rig, ROWS);
    if (asks_many(rig)) {
        CHECK(rig->sim.requests >= ROWS / rig->knobs[KNOB_SIZE]);
    }
    rig->sim.now_us += 2 * DAY_US;
    sim_rig_name(rig, sim_remote_find(rig->remote, SIM_WELL, 2), "<900>");
    sim_remote_delete(rig->remote, sim_remote_find(rig->remote, SIM_WELL, 4));
    CHECK_OK(sim_rig_pass(rig, 0), &rig->error);
    CHECK(rig->given[2] > 0);
    CHECK_INT(rig->gone[4] > 0, rig->knobs[KNOB_TOMBSTONES]);
    CHECK_INT(rig->given[4], rig->gone[4]);
    bool filters = rig->knobs[KNOB_SINCE] != 0 || rig->knobs[KNOB_PAGER] == 7;
    int64_t precision = rig->knobs[KNOB_PRECISION];
    if (rig->knobs[KNOB_PAGER] != 6 &&
        (precision < 1000000 || rig->knobs[KNOB_PAGER] < 6)) { // within a second only those tell them apart
        CHECK_INT(rig->given[1] > 0, !filters || precision >= 1000000);
    }
}

static void read_worlds(int64_t pager) {
    for (int64_t size = 1; size <= 4; size++) {
        for (size_t precision = 0; precision < sizeof precisions / sizeof *precisions; precision++) {
            for (int bits = 0; bits < 16; bits++) {
                struct sim_rig *rig = sim_rig_open();
                rig->knobs[KNOB_PAGER] = pager;
                rig->knobs[KNOB_SIZE] = size;
                rig->knobs[KNOB_PRECISION] = precisions[precision];
                rig->knobs[KNOB_EPOCH] = bits & 1;
                rig->knobs[KNOB_TOTAL] = bits >> 1 & 1;
                rig->knobs[KNOB_SINCE] = bits >> 2 & 1;
                rig->knobs[KNOB_TOMBSTONES] = bits >> 3 & 1;
                rig->knobs[KNOB_AT_ONCE] = 1 + (bits & 3);
                read_world(rig);
                sim_rig_close(rig);
            }
        }
    }
}

TEST(sim_remote, whole) {
    read_worlds(0);
}

TEST(sim_remote, offset) {
    read_worlds(1);
}

TEST(sim_remote, number) {
    read_worlds(2);
}

TEST(sim_remote, link) {
    read_worlds(3);
}

TEST(sim_remote, next) {
    read_worlds(4);
}

TEST(sim_remote, cursor) {
    read_worlds(5);
}

TEST(sim_remote, keyset) {
    read_worlds(6);
}

TEST(sim_remote, window) {
    read_worlds(7);
}

// --- rows change and go while a pass reads them ---

static void edit_first(struct sim_rig *rig) {
    sim_rig_name(rig, sim_remote_find(rig->remote, SIM_WELL, 1), "<900>");
}

static void delete_first(struct sim_rig *rig) {
    sim_remote_delete(rig->remote, sim_remote_find(rig->remote, SIM_WELL, 1));
}

static void delete_and_make(struct sim_rig *rig) {
    delete_first(rig);
    sim_rig_make(rig, 20);
}

static void read_moving(int64_t pager, int64_t size, int bits, void (*meanwhile)(struct sim_rig *rig)) {
    struct sim_rig *rig = sim_rig_open();
    rig->knobs[KNOB_PAGER] = pager;
    rig->knobs[KNOB_SIZE] = size;
    rig->knobs[KNOB_TOTAL] = bits & 1;
    rig->knobs[KNOB_TOMBSTONES] = bits >> 1 & 1;
    rig->knobs[KNOB_AT_ONCE] = bits & 4 ? 3 : 1;
    sim_rig_start(rig);
    for (int i = 1; i <= 6; i++) {
        sim_rig_make(rig, i);
        rig->sim.now_us += 1500;
    }
    rig->reading.page_records = 2;
    rig->meanwhile = meanwhile;
    CHECK_OK(sim_rig_pass(rig, 0), &rig->error);
    for (int64_t id = 2; id <= 6; id++) {
        if (rig->given[id] < 1) {
            test_fail(__FILE__, __LINE__, "pager %d size %d, %d: %d is missing", (int)pager, (int)size, bits, (int)id);
        }
    }
    sim_rig_close(rig);
}

TEST(sim_remote, rows_change_and_go_while_they_are_read) {
    for (int64_t pager = 1; pager <= 7; pager++) {
        for (int64_t size = 1; size <= 4; size++) {
            for (int bits = 0; bits < 8; bits++) {
                read_moving(pager, size, bits, edit_first);
                read_moving(pager, size, bits, delete_first);
                if (pager > 2 || (bits & 3) != 1) { // a total that stays as it is hides that one went and one came
                    read_moving(pager, size, bits, delete_and_make);
                }
            }
        }
    }
}

// updatedAt has as many digits as the precision; what changed since is asked for by the rounded one.
TEST(sim_remote, precision) {
    static const char *const shown[] = {"\"2026-01-01T10:00:01.234567Z\"", "\"2026-01-01T10:00:01.234Z\"",
                                        "\"2026-01-01T10:00:01Z\"", "\"2026-01-01T00:00:00Z\""};
    for (size_t i = 0; i < sizeof precisions / sizeof *precisions; i++) {
        struct sim_rig *rig = sim_rig_open();
        int status;
        rig->knobs[KNOB_PRECISION] = precisions[i];
        rig->knobs[KNOB_SKEW] = 1234567;
        sim_rig_start(rig);
        sim_rig_make(rig, 1);
        struct text body = sim_rig_ask(rig, "GET", "/wells/1", "", "", &status);
        CHECK_INT(status, 200);
        CHECK(memmem(body.data, body.length, shown[i], strlen(shown[i])) != NULL);
        char query[80];
        snprintf(query, sizeof query, "since=%.*s", (int)strlen(shown[i]) - 2, shown[i] + 1);
        CHECK(sim_rig_ask(rig, "GET", "/wells", query, "", &status).length > 2);
        CHECK_TEXT(sim_rig_ask(rig, "GET", "/wells", "since=2026-01-01T10%3A00%3A02Z", "", &status), "[]");
        CHECK_TEXT(sim_rig_ask(rig, "GET", "/wells", "since=soon", "", &status),
                   "{\"error\":{\"message\":\"the query is not understood\"}}");
        CHECK_INT(status, 400);
        sim_rig_close(rig);
    }
}

// What a page had goes on behind it although the rows in front changed their places.
TEST(sim_remote, rows_move) {
    struct sim_rig *rig = sim_rig_open();
    int status;
    rig->knobs[KNOB_PAGER] = 5;
    sim_rig_start(rig);
    for (int i = 1; i <= 4; i++) {
        sim_rig_make(rig, i);
        rig->sim.now_us += 10;
    }
    struct text body = sim_rig_ask(rig, "GET", "/wells", "limit=2", "", &status);
    const char *cursor = strstr(body.data, "\"cursor\":\"");
    CHECK(cursor != NULL);
    char query[80];
    snprintf(query, sizeof query, "limit=2&cursor=%.*s", (int)strcspn(cursor + 10, "\""), cursor + 10);
    sim_rig_name(rig, sim_remote_find(rig->remote, SIM_WELL, 1), "<9>");
    body = sim_rig_ask(rig, "GET", "/wells", query, "", &status);
    CHECK(strstr(body.data, "\"id\":3") != NULL && strstr(body.data, "\"id\":4") != NULL);
    CHECK(strstr(body.data, "\"id\":1") == NULL);
    sim_rig_close(rig);
}

// A person's change is seen later, under its old time, unless somebody writes to the row before.
TEST(sim_remote, delay) {
    struct sim_rig *rig = sim_rig_open();
    int status;
    rig->knobs[KNOB_DELAY] = 2000000;
    rig->knobs[KNOB_LATENCY] = 0;
    sim_rig_start(rig);
    struct sim_row *row = sim_rig_make(rig, 1);
    int64_t made_us = rig->sim.now_us;
    CHECK_TEXT(sim_rig_ask(rig, "GET", "/wells", "", "", &status), "[]");
    CHECK_INT(rig->sim.tokens[1].visible, 0);
    rig->sim.now_us += 2000000;
    CHECK(sim_rig_ask(rig, "GET", "/wells", "", "", &status).length > 2);
    CHECK_INT(row->stamp_us, made_us);
    CHECK_INT(rig->remote->journal_count, 1);
    CHECK_INT(rig->sim.tokens[1].visible, rig->remote->journal[0].moment);
    sim_rig_name(rig, row, "<2>");
    CHECK(rig->sim.tokens[1].over);
    CHECK(strstr(sim_rig_ask(rig, "GET", "/wells/1", "", "", &status).data, "<1>") != NULL);
    CHECK(!rig->sim.tokens[2].over);
    sim_rig_ask(rig, "PATCH", "/wells/1", "", "{\"name\":\"<3>\"}", &status);
    CHECK_INT(status, 200);
    CHECK_INT(rig->remote->journal_count, 3); // the person's change came into sight, and was written over
    CHECK(rig->sim.tokens[2].over);
    CHECK_INT(rig->counters.excused, 1);
    CHECK_TEXT(text_of(row->form.name), "<3>");
    sim_rig_name(rig, row, "<4>");
    sim_remote_delete(rig->remote, row);
    struct sim_row *list[SIM_ROWS];
    CHECK_INT(sim_remote_alive(rig->remote, -1, list), 0);
    CHECK_INT(sim_rig_alive(rig), 1);
    sim_remote_show_all(rig->remote);
    CHECK_INT(sim_rig_alive(rig), 0);
    sim_rig_close(rig);
}

// What weir has seen, or what was there before its run, it may not write over unpunished.
TEST(sim_remote, no_excuse) {
    struct sim_rig *rig = sim_rig_open();
    int status;
    sim_rig_start(rig);
    sim_rig_make(rig, 1);
    sim_rig_make(rig, 2);
    CHECK_OK(sim_rig_pass(rig, 0), &rig->error);
    CHECK(rig->sim.tokens[1].served && rig->sim.tokens[2].served);
    sim_rig_ask(rig, "PATCH", "/wells/1", "", "{\"name\":\"<3>\"}", &status);
    CHECK(!rig->sim.tokens[1].over);
    sim_rig_make(rig, 4);
    sim_rig_run(rig);
    sim_rig_ask(rig, "DELETE", "/wells/3", "", "", &status);
    CHECK_INT(status, 204);
    CHECK(!rig->sim.tokens[4].over);
    sim_rig_ask(rig, "PATCH", "/wells/1", "", "{\"name\":\"<5>\"}", &status);
    CHECK(!rig->sim.tokens[3].over);
    sim_rig_ask(rig, "PATCH", "/wells/1", "", "{\"name\":null}", &status);
    CHECK(!rig->sim.tokens[5].over); // weir's own
    sim_rig_make(rig, 6);
    sim_rig_ask(rig, "DELETE", "/wells/4", "", "", &status);
    CHECK(rig->sim.tokens[6].over);
    CHECK_INT(rig->counters.excused, 1);
    sim_rig_close(rig);
}

TEST(sim_remote, refuses) {
    static const struct {
        const char *verb, *path, *body;
        int status;
    } asks[] = {
        {"POST", "/wells", "{\"name\":\"x\"}", 422},
        {"POST", "/wells", "{\"legacy\":\"k2\",\"ref\":7}", 422},
        {"POST", "/wells", "{\"legacy\":\"k2\",\"ref\":\"1\"}", 201},
        {"POST", "/readings", "{\"legacy\":\"k3\",\"ref\":1}", 201},
        {"POST", "/wells", "[{\"legacy\":\"k4\"}]", 422},
        {"POST", "/wells", "{\"legacy\":", 400},
        {"PATCH", "/wells/1", "{\"colour\":\"red\"}", 422},
        {"PATCH", "/wells/1", "{\"legacy\":null}", 422},
        {"PATCH", "/wells/9", "{\"name\":null}", 404},
        {"DELETE", "/wells/1", "", 204},
        {"DELETE", "/wells/1", "", 404},
        {"GET", "/wells/1", "", 404},
        {"PATCH", "/readings/3", "{\"name\":\" a \",\"ref\":1}", 200}, // it stood there before
        {"PATCH", "/readings/3", "{\"ref\":null}", 200},
        {"PATCH", "/readings/3", "{\"ref\":1}", 422},
        {"GET", "/rivers", "", 404},
        {"PUT", "/wells/2", "{}", 405},
    };
    struct sim_rig *rig = sim_rig_open();
    rig->knobs[KNOB_TRIMS] = 1;
    sim_rig_start(rig);
    sim_rig_make(rig, 1);
    for (size_t i = 0; i < sizeof asks / sizeof *asks; i++) {
        int status;
        sim_rig_ask(rig, asks[i].verb, asks[i].path, "", asks[i].body, &status);
        if (status != asks[i].status) {
            test_fail(__FILE__, __LINE__, "%s %s %s: %d", asks[i].verb, asks[i].path, asks[i].body, status);
        }
    }
    CHECK_TEXT(text_of(sim_remote_find(rig->remote, SIM_READING, 3)->form.name), "a");
    sim_rig_close(rig);
}

// --- the real target ---

static const struct sim_row *row_of(struct sim_rig *rig, size_t index) {
    int64_t id;
    CHECK_INT(rig->receipts[index].outcome, TARGET_DONE);
    CHECK(text_integer(rig->receipts[index].external, &id));
    const struct sim_row *row = sim_remote_find(rig->remote, SIM_WELL, id);
    CHECK(row != NULL);
    return row;
}

static void write_world(struct sim_rig *rig) {
    sim_rig_start(rig);
    for (int i = 1; i <= 5; i++) {
        char form[80];
        snprintf(form, sizeof form, "{\"legacy\":\"k%d\",\"name\":\"<%d>\",\"code\":null,\"ref\":null}", i, i);
        const char *kept = arena_copy(&rig->arena, form, strlen(form));
        CHECK(kept != NULL);
        sim_rig_item(rig, TARGET_CREATE, "", kept);
    }
    CHECK_OK(sim_rig_write(rig), &rig->error);
    CHECK_INT(sim_rig_alive(rig), 5);
    for (int i = 1; i <= 5; i++) {
        char name[SIM_VALUE];
        snprintf(name, sizeof name, "<%d>", i);
        CHECK_TEXT(text_of(row_of(rig, (size_t)i - 1)->form.name), name);
        CHECK(rig->sim.tokens[i].visible > 0);
        bool tells = rig->knobs[KNOB_READ_BACK] == 1 || (rig->knobs[KNOB_READ_BACK] == 0 && !rig->knobs[KNOB_SILENT]);
        CHECK_INT(rig->receipts[i - 1].seen.low != 0, tells);
        CHECK_INT(rig->sim.tokens[i].served, tells || !rig->knobs[KNOB_SILENT]);
    }
    uint64_t writes =
        rig->knobs[KNOB_ARRAYS] > 0 ? (4 + (uint64_t)rig->knobs[KNOB_ARRAYS]) / (uint64_t)rig->knobs[KNOB_ARRAYS] : 5;
    CHECK_INT(rig->remote->writes, writes);
    sim_rig_next(rig);
    sim_rig_item(rig, TARGET_UPDATE, "2", "{\"name\":\"<7>\",\"ref\":3}");
    sim_rig_item(rig, TARGET_DELETE, "1", NULL);
    sim_rig_item(rig, TARGET_DELETE, "1", NULL);
    CHECK_OK(sim_rig_write(rig), &rig->error);
    CHECK_TEXT(text_of(row_of(rig, 0)->form.name), "<7>");
    CHECK_INT(row_of(rig, 0)->form.ref, 3);
    CHECK_TEXT(text_of(row_of(rig, 0)->form.legacy), "k2");
    CHECK_INT(rig->receipts[1].outcome, TARGET_DONE);
    CHECK_INT(rig->receipts[2].outcome, TARGET_DONE);
    CHECK_INT(sim_rig_alive(rig), 4);
}

TEST(sim_remote, writes) {
    for (int bits = 0; bits < 96; bits++) {
        struct sim_rig *rig = sim_rig_open();
        rig->knobs[KNOB_ARRAYS] = bits & 1 ? 3 : 0;
        rig->knobs[KNOB_KEYS] = bits >> 1 & 1;
        rig->knobs[KNOB_SILENT] = bits >> 2 & 1;
        rig->knobs[KNOB_FINDS] = bits >> 3 & 1;
        rig->knobs[KNOB_PAGER] = bits >> 4 & 1 ? 4 : 1;
        rig->knobs[KNOB_READ_BACK] = bits / 32;
        rig->knobs[KNOB_AT_ONCE] = 1 + bits % 3;
        write_world(rig);
        sim_rig_close(rig);
    }
}

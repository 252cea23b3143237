// The fake network: each fault gives the error that the real client gives, and does what it says.

#include <string.h>

#include "sim_http.h"
#include "sim_rig.h"
#include "test.h"

enum { ROWS = 8 };

static struct sim_rig *open_with(int64_t finds, int64_t keys) {
    struct sim_rig *rig = sim_rig_open();
    rig->knobs[KNOB_PAGER] = 1;
    rig->knobs[KNOB_FINDS] = finds;
    rig->knobs[KNOB_KEYS] = keys;
    sim_rig_start(rig);
    return rig;
}

// --- a page ---

static const struct {
    enum sim_fault fault;
    enum error_code code; // of the read; ERROR_NONE: it goes well
    enum error_scope scope;
    int64_t after_s;
} pages[] = {
    {SIM_FAULT_CONNECT, ERROR_HTTP_CONNECT, ERROR_BATCH, 0},  {SIM_FAULT_LOST, ERROR_HTTP_LOST, ERROR_BATCH, 0},
    {SIM_FAULT_TIMEOUT, ERROR_HTTP_LOST, ERROR_BATCH, 0},     {SIM_FAULT_LATE, ERROR_HTTP_LOST, ERROR_BATCH, 0},
    {SIM_FAULT_TWICE, ERROR_NONE, ERROR_RECORD, 0},           {SIM_FAULT_REORDERED, ERROR_NONE, ERROR_RECORD, 0},
    {SIM_FAULT_BUSY, ERROR_HTTP_BUSY, ERROR_BATCH, 2},        {SIM_FAULT_AWAY, ERROR_HTTP_BUSY, ERROR_BATCH, 600},
    {SIM_FAULT_ERROR, ERROR_HTTP_SERVER, ERROR_BATCH, 0},     {SIM_FAULT_BROKEN, ERROR_HTTP_SERVER, ERROR_BATCH, 0},
    {SIM_FAULT_REFUSED, ERROR_HTTP_REFUSED, ERROR_SOURCE, 0}, {SIM_FAULT_WRONG, ERROR_HTTP_SHAPE, ERROR_SOURCE, 0},
    {SIM_FAULT_LOGIN, ERROR_HTTP_SHAPE, ERROR_SOURCE, 0},     {SIM_FAULT_CUT, ERROR_HTTP_LOST, ERROR_BATCH, 0},
    {SIM_FAULT_UNPROVEN, ERROR_HTTP_LOST, ERROR_BATCH, 0},    {SIM_FAULT_MOVED, ERROR_HTTP_ADDRESS, ERROR_SOURCE, 0},
};

static void break_page(size_t index, int64_t request, int64_t pager) {
    struct sim_rig *rig = sim_rig_open();
    enum error_code code = pages[index].code;
    rig->knobs[KNOB_PAGER] = pager;
    sim_rig_start(rig);
    for (int i = 1; i <= ROWS; i++) {
        sim_rig_make(rig, i);
        rig->sim.now_us += 10;
    }
    sim_rig_fault(rig, pages[index].fault, request);
    bool ok = sim_rig_pass(rig, 0);
    if (ok != (code == ERROR_NONE) ||
        (!ok && (rig->error.code != code || rig->error.scope != pages[index].scope ||
                 (rig->error.retry == RETRY_NEVER) != (pages[index].scope != ERROR_BATCH)))) {
        test_fail(__FILE__, __LINE__, "pager %d, %s: W%d of scope %d, retry %d: %s", (int)pager,
                  sim_fault_name(pages[index].fault), (int)rig->error.code, (int)rig->error.scope,
                  (int)rig->error.retry, rig->error.message);
    }
    CHECK_INT(rig->counters.faults[pages[index].fault], 1);
    CHECK_INT(rig->counters.what[SIM_REQUEST], 1);
    if (pages[index].after_s > 0) {
        CHECK_INT(rig->error.after_us, rig->sim.now_us + pages[index].after_s * 1000000);
    }
    for (int i = 1; i <= ROWS; i++) { // what came harmed was not served
        CHECK_INT(rig->sim.tokens[i].served, ok || (request == 2 && i <= 3));
    }
    // It goes on where the batch was that failed; else another pass reads all.
    sim_rig_run(rig);
    sim_rig_fault(rig, pages[index].fault, request);
    rig->reading.since = TEXT_LITERAL("");
    bool again = sim_rig_pass(rig, 1);
    CHECK_INT(again, code == ERROR_NONE || pages[index].scope == ERROR_BATCH);
    if (!again) {
        CHECK_OK(sim_rig_pass(rig, 0), &rig->error);
    }
    for (int i = 1; i <= ROWS; i++) {
        CHECK_INT(rig->given[i], 1);
        CHECK(rig->sim.tokens[i].served);
    }
    sim_rig_close(rig);
}

TEST(sim_http, pages) {
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        break_page(i, 1, 1);
        break_page(i, 2, 1);
        break_page(i, 2, 4);
    }
}

// An empty list is believed when it is the first page; behind others the pager looks again.
TEST(sim_http, empty_page) {
    for (int64_t total = 0; total <= 1; total++) {
        struct sim_rig *rig = sim_rig_open();
        rig->knobs[KNOB_PAGER] = 1;
        rig->knobs[KNOB_TOTAL] = total;
        sim_rig_start(rig);
        for (int i = 1; i <= ROWS; i++) {
            sim_rig_make(rig, i);
        }
        sim_rig_fault(rig, SIM_FAULT_EMPTY, 1);
        CHECK_OK(sim_rig_pass(rig, 0), &rig->error);
        CHECK_INT(rig->count, 0);
        sim_rig_run(rig);
        sim_rig_fault(rig, SIM_FAULT_EMPTY, 2);
        CHECK_OK(sim_rig_pass(rig, 0), &rig->error);
        CHECK_INT(rig->count, ROWS);
        sim_rig_close(rig);
    }
}

// --- a write ---

// What becomes of a create whose request goes wrong: with find, and with a key.
static const struct {
    enum sim_fault fault;
    enum target_outcome found, keyed;
    enum error_code code; // when it failed
    size_t rows;          // at the end of the run
    int births;           // that nobody could have kept from happening
} creates[] = {
    {SIM_FAULT_CONNECT, TARGET_FAILED, TARGET_FAILED, ERROR_HTTP_CONNECT, 0, 0},
    {SIM_FAULT_LOST, TARGET_DONE, TARGET_DONE, ERROR_NONE, 1, 0},
    {SIM_FAULT_TIMEOUT, TARGET_FAILED, TARGET_DONE, ERROR_HTTP_LOST, 0, 0},
    {SIM_FAULT_LATE, TARGET_FAILED, TARGET_DONE, ERROR_HTTP_LOST, 1, 1},
    {SIM_FAULT_TWICE, TARGET_DONE, TARGET_DONE, ERROR_NONE, 2, 1},
    {SIM_FAULT_REORDERED, TARGET_DONE, TARGET_DONE, ERROR_NONE, 1, 0},
    {SIM_FAULT_BUSY, TARGET_FAILED, TARGET_FAILED, ERROR_HTTP_BUSY, 0, 0},
    {SIM_FAULT_AWAY, TARGET_FAILED, TARGET_FAILED, ERROR_HTTP_BUSY, 0, 0},
    {SIM_FAULT_ERROR, TARGET_FAILED, TARGET_DONE, ERROR_HTTP_SERVER, 0, 0},
    {SIM_FAULT_BROKEN, TARGET_DONE, TARGET_DONE, ERROR_NONE, 1, 0},
    {SIM_FAULT_REFUSED, TARGET_FAILED, TARGET_FAILED, ERROR_HTTP_REFUSED, 0, 0},
    {SIM_FAULT_WRONG, TARGET_FAILED, TARGET_FAILED, ERROR_HTTP_SHAPE, 0, 0},
    {SIM_FAULT_LOGIN, TARGET_FAILED, TARGET_DONE, ERROR_HTTP_REFUSED, 0, 0},
    {SIM_FAULT_CUT, TARGET_DONE, TARGET_DONE, ERROR_NONE, 1, 0},
    {SIM_FAULT_UNPROVEN, TARGET_DONE, TARGET_DONE, ERROR_NONE, 1, 0},
    {SIM_FAULT_EMPTY, TARGET_DONE, TARGET_DONE, ERROR_NONE, 1, 0},
    {SIM_FAULT_MOVED, TARGET_FAILED, TARGET_FAILED, ERROR_HTTP_REDIRECT, 0, 0},
};

static void break_create(size_t index, int64_t keys) {
    struct sim_rig *rig = open_with(1, keys);
    const char *name = sim_fault_name(creates[index].fault);
    sim_rig_fault(rig, creates[index].fault, 1);
    sim_rig_item(rig, TARGET_CREATE, "", "{\"legacy\":\"k1\",\"name\":\"<1>\"}");
    bool ok = sim_rig_write(rig);
    enum target_outcome wanted = keys != 0 ? creates[index].keyed : creates[index].found;
    if (rig->receipts[0].outcome != wanted) {
        test_fail(__FILE__, __LINE__, "%s, keys %d: %d W%d %s", name, (int)keys, (int)rig->receipts[0].outcome,
                  (int)rig->receipts[0].error.code, rig->receipts[0].error.message);
    }
    if (wanted == TARGET_FAILED && rig->receipts[0].error.code != creates[index].code) {
        test_fail(__FILE__, __LINE__, "%s, keys %d: W%d", name, (int)keys, (int)rig->receipts[0].error.code);
    }
    CHECK(ok || creates[index].fault == SIM_FAULT_REFUSED || creates[index].fault == SIM_FAULT_LOGIN);
    sim_http_end(&rig->sim);
    size_t rows = keys == 0 ? creates[index].rows : wanted == TARGET_DONE;
    if (sim_rig_alive(rig) != rows) {
        test_fail(__FILE__, __LINE__, "%s, keys %d: %zu rows", name, (int)keys, sim_rig_alive(rig));
    }
    CHECK_INT(rig->sim.births[1], keys == 0 ? creates[index].births : 0);
    sim_rig_close(rig);
}

TEST(sim_http, creates) {
    for (size_t i = 0; i < sizeof creates / sizeof *creates; i++) {
        break_create(i, 0);
        break_create(i, 1);
    }
}

// An array that comes twice is one of a key's operations, all of it.
TEST(sim_http, array_twice) {
    for (int64_t keys = 0; keys <= 1; keys++) {
        struct sim_rig *rig = sim_rig_open();
        rig->knobs[KNOB_ARRAYS] = 3;
        rig->knobs[KNOB_KEYS] = keys;
        sim_rig_start(rig);
        sim_rig_fault(rig, SIM_FAULT_TWICE, 1);
        sim_rig_item(rig, TARGET_CREATE, "", "{\"legacy\":\"k1\",\"name\":\"<1>\"}");
        sim_rig_item(rig, TARGET_CREATE, "", "{\"legacy\":\"k2\",\"name\":\"<2>\"}");
        CHECK_OK(sim_rig_write(rig), &rig->error);
        CHECK_INT(sim_rig_alive(rig), keys != 0 ? 2 : 4);
        CHECK_INT(rig->remote->writes, 1);
        CHECK_TEXT(rig->receipts[1].external, keys != 0 ? "2" : "4");
        sim_rig_close(rig);
    }
}

// A change that is late comes behind a newer one, and ends what that one wrote.
TEST(sim_http, late) {
    struct sim_rig *rig = open_with(1, 0);
    struct sim_row *row = sim_rig_make(rig, 1);
    sim_rig_fault(rig, SIM_FAULT_LATE, 1);
    sim_rig_item(rig, TARGET_UPDATE, "1", "{\"name\":\"<2>\"}");
    int64_t before_us = rig->sim.now_us;
    CHECK_OK(sim_rig_write(rig), &rig->error); // its second request looks what became of it: nothing, then it arrives
    CHECK_INT(rig->receipts[0].outcome, TARGET_FAILED);
    CHECK(rig->sim.now_us - before_us > 60000000);
    CHECK_TEXT(text_of(row->form.name), "<2>");
    CHECK(rig->remote->journal[1].again && rig->sim.tokens[1].over);
    sim_rig_run(rig);
    sim_rig_next(rig);
    sim_rig_fault(rig, SIM_FAULT_LATE, 1);
    sim_rig_item(rig, TARGET_DELETE, "1", NULL);
    CHECK_OK(sim_rig_write(rig), &rig->error);
    CHECK(row->gone); // behind the look
    CHECK(rig->sim.tokens[2].over);
    CHECK_INT(rig->counters.excused, 0);
    sim_rig_close(rig);
}

TEST(sim_http, late_at_the_end) {
    struct sim_rig *rig = open_with(0, 0);
    sim_rig_fault(rig, SIM_FAULT_LATE, 1);
    sim_rig_item(rig, TARGET_CREATE, "", "{\"legacy\":\"k1\",\"name\":\"<1>\"}");
    CHECK_OK(sim_rig_write(rig), &rig->error);
    CHECK_INT(rig->receipts[0].outcome, TARGET_UNKNOWN);
    CHECK_INT(rig->receipts[0].error.code, ERROR_HTTP_UNKNOWN);
    CHECK_INT(sim_rig_alive(rig), 0);
    sim_http_end(&rig->sim);
    CHECK_INT(sim_rig_alive(rig), 1);
    sim_rig_close(rig);
}

// The first of two is carried out when its answer is waited for, behind the second.
TEST(sim_http, reordered) {
    for (int64_t at_once = 1; at_once <= 2; at_once++) {
        struct sim_rig *rig = sim_rig_open();
        rig->knobs[KNOB_AT_ONCE] = at_once;
        sim_rig_start(rig);
        sim_rig_fault(rig, SIM_FAULT_REORDERED, 1);
        sim_rig_item(rig, TARGET_CREATE, "", "{\"legacy\":\"k1\",\"name\":\"<1>\"}");
        sim_rig_item(rig, TARGET_CREATE, "", "{\"legacy\":\"k2\",\"name\":\"<2>\"}");
        CHECK_OK(sim_rig_write(rig), &rig->error);
        CHECK_TEXT(rig->receipts[0].external, at_once == 1 ? "1" : "2");
        CHECK_TEXT(rig->receipts[1].external, at_once == 1 ? "2" : "1");
        sim_rig_close(rig);
    }
}

// A process that dies before a request, or after it: nothing follows, and it hears of nothing that is under way.
static void die_at_second(int64_t after, int64_t at_once) {
    struct sim_rig *rig = sim_rig_open();
    rig->knobs[KNOB_AT_ONCE] = at_once;
    sim_rig_start(rig);
    sim_rig_plan(rig, SIM_CRASH, after, 2);
    for (int i = 1; i <= 4; i++) {
        sim_rig_item(rig, TARGET_CREATE, "", i % 2 == 0 ? "{\"legacy\":\"k2\"}" : "{\"legacy\":\"k1\"}");
    }
    CHECK(!sim_rig_write(rig));
    CHECK_INT(rig->error.scope, ERROR_RUN);
    CHECK_INT(rig->error.retry, RETRY_NEVER);
    CHECK_INT(rig->receipts[0].outcome == TARGET_DONE, at_once == 1);
    CHECK_INT(sim_rig_alive(rig), 1 + (size_t)after);
    CHECK_INT(rig->sim.requests, 2);
    CHECK(!sim_rig_pass(rig, 5));
    CHECK_INT(rig->error.scope, ERROR_RUN);
    CHECK_INT(rig->sim.requests, 2);
    sim_rig_run(rig);
    CHECK_OK(sim_rig_pass(rig, 0), &rig->error);
    CHECK_INT(rig->count, 1 + (size_t)after);
    sim_rig_close(rig);
}

TEST(sim_http, death) {
    for (int64_t after = 0; after <= 1; after++) {
        die_at_second(after, 1);
        die_at_second(after, 3);
    }
}

// An empty answer to whoever looks for a record may make another of it, and none to blame.
TEST(sim_http, empty_find) {
    struct sim_rig *rig = open_with(1, 0);
    sim_rig_fault(rig, SIM_FAULT_LOST, 1);
    sim_rig_fault(rig, SIM_FAULT_EMPTY, 2);
    sim_rig_item(rig, TARGET_CREATE, "", "{\"legacy\":\"k1\",\"name\":\"<1>\"}");
    CHECK_OK(sim_rig_write(rig), &rig->error);
    CHECK_INT(rig->receipts[0].outcome, TARGET_FAILED);
    CHECK_INT(rig->sim.births[1], 1);
    sim_rig_close(rig);
}

// The same plan, the same story.
TEST(sim_http, same_trace) {
    struct print traces[2];
    for (int i = 0; i < 2; i++) {
        struct sim_rig *rig = open_with(1, 0);
        sim_rig_fault(rig, SIM_FAULT_CUT, 2);
        for (int row = 1; row <= ROWS; row++) {
            sim_rig_make(rig, row);
        }
        CHECK_OK(sim_rig_pass(rig, 1), &rig->error);
        sim_rig_item(rig, TARGET_UPDATE, "1", "{\"name\":\"<20>\"}");
        CHECK_OK(sim_rig_write(rig), &rig->error);
        traces[i] = rig->sim.trace;
        sim_rig_close(rig);
    }
    CHECK(print_same(traces[0], traces[1]));
    CHECK(traces[0].low != 0 || traces[0].high != 0);
}

#include "server/ledger_rig.h"

#include <sqlite3.h>

#include "test.h"

const struct actor ledger_rig_who = {.org = {"acme", 4}, .name = {"tester", 6}, .token = 1};

static int64_t rig_now(void *context) {
    const struct ledger_rig *rig = context;
    return rig->now_us;
}

static void open_it(struct ledger_rig *rig) {
    struct error error;
    CHECK_OK(ledger_open(test_folder(), &rig->clock, &rig->ledger, &error), &error);
}

void ledger_rig_open(struct ledger_rig *rig) {
    *rig = (struct ledger_rig){.now_us = 1000 * 1000};
    rig->clock = clock_system;
    rig->clock.now = rig_now;
    rig->clock.context = rig;
    arena_init(&rig->arena, 16 * 1024 * 1024);
    open_it(rig);
}

void ledger_rig_close(struct ledger_rig *rig) {
    ledger_close(rig->ledger);
    arena_clear(&rig->arena);
}

void ledger_rig_again(struct ledger_rig *rig) {
    ledger_close(rig->ledger);
    open_it(rig);
}

int64_t ledger_rig_add(struct ledger_rig *rig, const char *org, const char *sync, bool *joined) {
    struct error error;
    bool ignored;
    int64_t id;
    struct job job = {.org = text_of(org),
                      .sync = text_of(sync),
                      .params = TEXT_LITERAL("{}"),
                      .method = TEXT_LITERAL("run"),
                      .cause = TEXT_LITERAL("api"),
                      .asked_by = TEXT_LITERAL("tester")};
    CHECK_OK(ledger_job_add(rig->ledger, &job, &ledger_rig_who, joined != NULL ? joined : &ignored, &id, &error),
             &error);
    return id;
}

int64_t ledger_rig_start(struct ledger_rig *rig, int64_t id) {
    struct error error;
    bool started;
    CHECK_OK(ledger_job_start(rig->ledger, id, TEXT_LITERAL("copy"), &started, &error), &error);
    CHECK(started);
    return id;
}

void ledger_rig_end(struct ledger_rig *rig, int64_t id, const char *status, int64_t again_us) {
    struct error error;
    struct job_end end = {.status = text_of(status), .again_us = again_us};
    CHECK_OK(ledger_job_end(rig->ledger, id, &end, &error), &error);
}

struct job ledger_rig_job(struct ledger_rig *rig, int64_t id) {
    struct error error;
    struct job job;
    bool found;
    CHECK_OK(ledger_job_find(rig->ledger, id, &rig->arena, &found, &job, &error), &error);
    CHECK(found);
    return job;
}

static sqlite3 *beside(void) {
    char path[4096];
    sqlite3 *db;
    snprintf(path, sizeof path, "%s/server.sqlite", test_folder());
    CHECK(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK);
    sqlite3_busy_timeout(db, 10000);
    return db;
}

int64_t ledger_rig_count(const char *sql) {
    sqlite3 *db = beside();
    sqlite3_stmt *statement;
    CHECK(sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK);
    CHECK(sqlite3_step(statement) == SQLITE_ROW);
    int64_t count = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return count;
}

bool ledger_rig_sql(const char *sql, const char **message) {
    static char said[200];
    sqlite3 *db = beside();
    bool done = sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
    snprintf(said, sizeof said, "%s", sqlite3_errmsg(db));
    *message = said;
    sqlite3_close(db);
    return done;
}

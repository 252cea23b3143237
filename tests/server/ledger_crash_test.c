// A server that is killed before and after each commit of its ledger: what was told is there, the rest isn't, and never
// half of either. The same steps, undisturbed, say what must be there.

#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "server/ledger.h"
#include "server/ledger_rig.h"
#include "test.h"

enum { STEPS = 11 };

static int64_t frozen(void *context) {
    (void)context;
    return 1000;
}

static bool step_hook(struct ledger *ledger, struct error *error) {
    struct hook hook = {.org = TEXT_LITERAL("acme"),
                        .url = TEXT_LITERAL("https://example.org/"),
                        .secret = TEXT_LITERAL("s"),
                        .events = TEXT_LITERAL(""),
                        .form = TEXT_LITERAL("json")};
    int64_t id;
    return ledger_hook_add(ledger, &hook, &ledger_rig_who, &id, error);
}

static const struct job wells = {.org = {"acme", 4},
                                 .sync = {"wells", 5},
                                 .params = {"{}", 2},
                                 .method = {"run", 3},
                                 .cause = {"api", 3},
                                 .asked_by = {"tester", 6}};

static bool step(struct ledger *ledger, int number, struct error *error) {
    static const unsigned char hash[TOKEN_HASH_BYTES] = {1};
    struct token_row token = {.name = TEXT_LITERAL("t"), .role = TEXT_LITERAL("ops-full"), .org = TEXT_LITERAL("acme")};
    struct sync_row sync = {.org = TEXT_LITERAL("acme"), .name = TEXT_LITERAL("wells"), .planned_us = 7, .next_us = 8};
    struct job_end end = {.status = TEXT_LITERAL("failed"), .died = true};
    bool flag;
    int64_t id;
    switch (number) {
    case 0:
        return step_hook(ledger, error);
    case 1:
        return ledger_token_add(ledger, &token, hash, &ledger_rig_who, &id, error);
    case 2:
        return ledger_sync_put(ledger, &sync, error);
    case 3: // a planned time that came: the plan and the run
        sync.planned_us = 9;
        return ledger_sync_due(ledger, &sync, &wells, &flag, &id, error);
    case 4:
        return ledger_job_start(ledger, 1, TEXT_LITERAL("copy"), &flag, error);
    case 5:
        return ledger_job_run(ledger, 1, 12, error);
    case 6: // an end and what is told of it
        return ledger_job_end(ledger, 1, &end, error);
    case 7:
        return ledger_job_resume(ledger, 1, &ledger_rig_who, &flag, &id, error);
    case 8:
        return ledger_job_cancel(ledger, 1, &ledger_rig_who, &flag, error);
    case 9:
        return ledger_sync_pause(ledger, TEXT_LITERAL("acme"), TEXT_LITERAL("wells"), true, &ledger_rig_who, error);
    default:
        return ledger_token_revoke(ledger, TEXT_LITERAL("acme"), 1, &ledger_rig_who, &flag, error);
    }
}

// In a process of its own: `steps` of them, or until it is killed. Gives whether it was.
static bool play(const char *folder, const char *fault, int steps) {
    static const struct clock clock = {.now = frozen};
    pid_t process = fork();
    CHECK(process >= 0);
    if (process == 0) {
        struct ledger *ledger;
        struct error error;
        if (fault != NULL) {
            setenv("WEIR_FAULT", fault, 1);
        }
        bool ok = ledger_open(folder, &clock, &ledger, &error);
        for (int i = 0; ok && i < steps; i++) {
            ok = step(ledger, i, &error);
        }
        ledger_close(ok ? ledger : NULL);
        _exit(ok ? 0 : 1);
    }
    int status;
    CHECK(waitpid(process, &status, 0) == process);
    CHECK(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    return WIFSIGNALED(status);
}

static void append_rows(sqlite3 *db, const char *table, char *out, size_t room) {
    char sql[64];
    sqlite3_stmt *statement;
    snprintf(sql, sizeof sql, "SELECT * FROM %s ORDER BY 1, 2", table);
    CHECK(sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        snprintf(out + strlen(out), room - strlen(out), "%s:", table);
        for (int i = 0; i < sqlite3_column_count(statement); i++) {
            const unsigned char *text = sqlite3_column_text(statement, i);
            snprintf(out + strlen(out), room - strlen(out), " %s", text != NULL ? (const char *)text : "-");
        }
        snprintf(out + strlen(out), room - strlen(out), "\n");
    }
    CHECK(sqlite3_finalize(statement) == SQLITE_OK);
}

// All that stands in it.
static void dump(const char *folder, char *out, size_t room) {
    static const char *const tables[] = {"token", "job", "sync", "hook", "delivery", "audit"};
    char path[4200];
    sqlite3 *db;
    out[0] = '\0';
    snprintf(path, sizeof path, "%s/server.sqlite", folder);
    CHECK(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK);
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        append_rows(db, tables[i], out, room);
    }
    sqlite3_close(db);
}

TEST(server_ledger_crash, all_of_a_change_or_nothing) {
    static char expected[STEPS + 1][32 * 1024];
    static char found[32 * 1024];
    char folder[4096];
    char fault[32];
    for (int done = 0; done <= STEPS; done++) {
        snprintf(folder, sizeof folder, "%s/whole%d", test_folder(), done);
        CHECK(mkdir(folder, 0700) == 0);
        CHECK(!play(folder, NULL, done));
        dump(folder, expected[done], sizeof expected[done]);
        CHECK(done == 0 || strcmp(expected[done], expected[done - 1]) != 0);
    }
    for (int point = 1; point <= 2 * STEPS; point++) {
        snprintf(folder, sizeof folder, "%s/killed%d", test_folder(), point);
        snprintf(fault, sizeof fault, "kill:%d", point);
        CHECK(mkdir(folder, 0700) == 0);
        CHECK(play(folder, fault, STEPS));
        dump(folder, found, sizeof found);
        if (strcmp(found, expected[point / 2]) != 0) {
            test_fail(__FILE__, __LINE__, "killed at point %d:\n%sand not\n%s", point, found, expected[point / 2]);
        }
    }
    // And there are no more points.
    snprintf(fault, sizeof fault, "kill:%d", 2 * STEPS + 1);
    snprintf(folder, sizeof folder, "%s/last", test_folder());
    CHECK(mkdir(folder, 0700) == 0);
    CHECK(!play(folder, fault, STEPS));
}

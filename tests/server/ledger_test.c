#include "server/ledger.h"

#include "server/ledger_rig.h"
#include "test.h"

TEST(server_ledger, who_asks_for_the_same_is_given_the_same) {
    struct ledger_rig rig;
    bool joined;
    ledger_rig_open(&rig);
    int64_t id = ledger_rig_add(&rig, "acme", "wells", &joined);
    CHECK(!joined);
    CHECK_INT(ledger_rig_add(&rig, "acme", "wells", &joined), id);
    CHECK(joined);
    CHECK(ledger_rig_add(&rig, "acme", "towns", &joined) != id && !joined);
    CHECK(ledger_rig_add(&rig, "other", "wells", &joined) != id && !joined);
    ledger_rig_start(&rig, id);
    CHECK_INT(ledger_rig_add(&rig, "acme", "wells", &joined), id);
    ledger_rig_end(&rig, id, "interrupted", 5);
    CHECK_INT(ledger_rig_add(&rig, "acme", "wells", &joined), id);
    ledger_rig_start(&rig, id);
    ledger_rig_end(&rig, id, "done", 0);
    CHECK(ledger_rig_add(&rig, "acme", "wells", &joined) != id && !joined);
    // Each that was queued has its line, a joined one none.
    CHECK_INT(ledger_rig_count("SELECT count(*) FROM audit WHERE action = 'run asked for'"), 4);
    ledger_rig_close(&rig);
}

TEST(server_ledger, the_base_itself_knows_one_live_run) {
    struct ledger_rig rig;
    const char *message;
    ledger_rig_open(&rig);
    ledger_rig_add(&rig, "acme", "wells", NULL);
    CHECK(!ledger_rig_sql("INSERT INTO job (org, sync, params, method, deads, force, cause, asked_by, asked_us, state, "
                          "status, due_us) VALUES ('acme', 'wells', '{}', 'run', '', 0, '', '', 0, 1, '', 0)",
                          &message));
    CHECK(strstr(message, "UNIQUE") != NULL);
    ledger_rig_close(&rig);
}

TEST(server_ledger, a_cancelled_run_is_not_begun) {
    struct ledger_rig rig;
    struct error error;
    bool found;
    bool started;
    ledger_rig_open(&rig);
    int64_t id = ledger_rig_add(&rig, "acme", "wells", NULL);
    CHECK_OK(ledger_job_cancel(rig.ledger, id, &ledger_rig_who, &found, &error), &error);
    CHECK(found);
    CHECK_INT(ledger_rig_job(&rig, id).state, JOB_ENDED);
    CHECK_TEXT(ledger_rig_job(&rig, id).status, "cancelled");
    CHECK_OK(ledger_job_start(rig.ledger, id, TEXT_LITERAL("copy"), &started, &error), &error);
    CHECK(!started);
    CHECK_TEXT(ledger_rig_job(&rig, id).status, "cancelled");
    CHECK_OK(ledger_job_cancel(rig.ledger, id, &ledger_rig_who, &found, &error), &error);
    CHECK(!found);
    ledger_rig_close(&rig);
}

// Somebody cancels it while its process dies or falls asleep: it isn't queued again.
TEST(server_ledger, a_cancelled_run_is_not_queued_again) {
    struct ledger_rig rig;
    struct error error;
    bool found;
    ledger_rig_open(&rig);
    int64_t id = ledger_rig_start(&rig, ledger_rig_add(&rig, "acme", "wells", NULL));
    CHECK_OK(ledger_job_cancel(rig.ledger, id, &ledger_rig_who, &found, &error), &error);
    CHECK(found);
    CHECK_INT(ledger_rig_job(&rig, id).state, JOB_RUNNING);
    CHECK(ledger_rig_job(&rig, id).cancelled);
    ledger_rig_end(&rig, id, "waiting", rig.now_us + 1);
    CHECK_INT(ledger_rig_job(&rig, id).state, JOB_ENDED);
    CHECK_TEXT(ledger_rig_job(&rig, id).status, "cancelled");
    // One that came to its end all the same has done so.
    id = ledger_rig_start(&rig, ledger_rig_add(&rig, "acme", "towns", NULL));
    CHECK_OK(ledger_job_cancel(rig.ledger, id, &ledger_rig_who, &found, &error), &error);
    ledger_rig_end(&rig, id, "done", 0);
    CHECK_TEXT(ledger_rig_job(&rig, id).status, "done");
    ledger_rig_close(&rig);
}

static int64_t resumed(struct ledger_rig *rig, int64_t id, bool *joined) {
    struct error error;
    int64_t live;
    CHECK_OK(ledger_job_resume(rig->ledger, id, &ledger_rig_who, joined, &live, &error), &error);
    return live;
}

TEST(server_ledger, an_ended_run_is_resumed_or_joined) {
    struct ledger_rig rig;
    struct error error;
    bool joined;
    ledger_rig_open(&rig);
    int64_t id = ledger_rig_start(&rig, ledger_rig_add(&rig, "acme", "wells", NULL));
    struct job_end died = {.status = TEXT_LITERAL("failed"), .died = true};
    CHECK_OK(ledger_job_end(rig.ledger, id, &died, &error), &error);
    CHECK_INT(ledger_rig_job(&rig, id).deaths, 1);
    CHECK_INT(resumed(&rig, id, &joined), id);
    CHECK(!joined);
    CHECK_INT(ledger_rig_job(&rig, id).state, JOB_QUEUED);
    CHECK_INT(ledger_rig_job(&rig, id).deaths, 0);
    CHECK_INT(resumed(&rig, id, &joined), id); // it is live
    CHECK(joined);
    CHECK_INT(ledger_rig_count("SELECT count(*) FROM audit WHERE action = 'run resumed'"), 1);
    ledger_rig_start(&rig, id);
    ledger_rig_end(&rig, id, "failed", 0);
    int64_t other = ledger_rig_add(&rig, "acme", "wells", NULL);
    CHECK_INT(resumed(&rig, id, &joined), other);
    CHECK(joined);
    CHECK_INT(ledger_rig_job(&rig, id).state, JOB_ENDED);
    ledger_rig_close(&rig);
}

TEST(server_ledger, what_was_cut_off_is_queued_at_the_next_start) {
    struct ledger_rig rig;
    struct error error;
    int64_t count;
    bool found;
    ledger_rig_open(&rig);
    int64_t live = ledger_rig_start(&rig, ledger_rig_add(&rig, "acme", "a", NULL));
    int64_t queued = ledger_rig_add(&rig, "acme", "b", NULL);
    int64_t cancelled = ledger_rig_start(&rig, ledger_rig_add(&rig, "acme", "c", NULL));
    CHECK_OK(ledger_job_cancel(rig.ledger, cancelled, &ledger_rig_who, &found, &error), &error);
    int64_t done = ledger_rig_start(&rig, ledger_rig_add(&rig, "acme", "d", NULL));
    ledger_rig_end(&rig, done, "done", 0);
    ledger_rig_again(&rig);
    CHECK_OK(ledger_job_recover(rig.ledger, &count, &error), &error);
    CHECK_INT(count, 2);
    CHECK_TEXT(ledger_rig_job(&rig, live).status, "interrupted");
    CHECK_INT(ledger_rig_job(&rig, live).state, JOB_QUEUED);
    CHECK_TEXT(ledger_rig_job(&rig, live).snapshot, "copy"); // it stays with its script
    CHECK_INT(ledger_rig_job(&rig, queued).state, JOB_QUEUED);
    CHECK_TEXT(ledger_rig_job(&rig, cancelled).status, "cancelled");
    CHECK_INT(ledger_rig_job(&rig, cancelled).state, JOB_ENDED);
    CHECK_TEXT(ledger_rig_job(&rig, done).status, "done");
    ledger_rig_close(&rig);
}

struct listed {
    int64_t ids[16];
    size_t count;
};

static bool list(void *context, const struct job *job, struct error *error) {
    (void)error;
    struct listed *listed = context;
    CHECK(listed->count < 16);
    listed->ids[listed->count++] = job->id;
    return true;
}

// However many one organisation has queued, another's is among those that are looked at.
TEST(server_ledger, nobody_is_behind_a_long_queue) {
    struct ledger_rig rig;
    struct error error;
    struct listed listed = {.count = 0};
    char name[16];
    ledger_rig_open(&rig);
    for (int i = 0; i < 20; i++) {
        snprintf(name, sizeof name, "s%d", i);
        ledger_rig_add(&rig, "acme", name, NULL);
    }
    int64_t other = ledger_rig_add(&rig, "other", "wells", NULL);
    CHECK_OK(ledger_job_queued(rig.ledger, rig.now_us, 4, list, &listed, &error), &error);
    CHECK_INT(listed.count, 4);
    for (size_t i = 0; i < 3; i++) {
        CHECK_INT(listed.ids[i], (int64_t)i + 1);
    }
    CHECK_INT(listed.ids[3], other);
    int64_t later = ledger_rig_start(&rig, listed.ids[0]);
    ledger_rig_end(&rig, later, "waiting", rig.now_us + 1);
    listed.count = 0;
    CHECK_OK(ledger_job_queued(rig.ledger, rig.now_us, 1, list, &listed, &error), &error);
    CHECK_INT(listed.ids[0], 2);
    listed.count = 0;
    CHECK_OK(ledger_job_queued(rig.ledger, rig.now_us + 1, 1, list, &listed, &error), &error);
    CHECK_INT(listed.ids[0], 1);
    ledger_rig_close(&rig);
}

// Whether a sync is paused is asked where its run is queued: a pause that was answered holds.
TEST(server_ledger, a_paused_sync_is_not_queued_by_its_plan) {
    struct ledger_rig rig;
    struct error error;
    struct sync_row row = {.org = TEXT_LITERAL("acme"), .name = TEXT_LITERAL("wells"), .planned_us = 1, .next_us = 2};
    struct job job = {.org = row.org, .sync = row.name, .params = TEXT_LITERAL("{}"), .method = TEXT_LITERAL("run")};
    bool joined;
    int64_t id;
    ledger_rig_open(&rig);
    CHECK_OK(ledger_sync_due(rig.ledger, &row, &job, &joined, &id, &error), &error);
    CHECK_INT(id, 0); // it isn't there
    CHECK_OK(ledger_sync_put(rig.ledger, &row, &error), &error);
    CHECK_OK(ledger_sync_pause(rig.ledger, row.org, row.name, true, &ledger_rig_who, &error), &error);
    row.next_us = 3;
    CHECK_OK(ledger_sync_due(rig.ledger, &row, &job, &joined, &id, &error), &error);
    CHECK_INT(id, 0);
    CHECK_INT(ledger_rig_count("SELECT next_us FROM sync"), 3);
    CHECK_OK(ledger_sync_pause(rig.ledger, row.org, row.name, false, &ledger_rig_who, &error), &error);
    CHECK_OK(ledger_sync_due(rig.ledger, &row, &job, &joined, &id, &error), &error);
    CHECK(id > 0 && !joined);
    ledger_rig_close(&rig);
}

// What waits, what lives, and each sync's latest run stay.
TEST(server_ledger, what_is_old_is_forgotten) {
    struct ledger_rig rig;
    struct error error;
    bool joined;
    bool more;
    ledger_rig_open(&rig);
    for (int i = 0; i < 1200; i++) {
        ledger_rig_end(&rig, ledger_rig_start(&rig, ledger_rig_add(&rig, "acme", "wells", &joined)), "done", 0);
    }
    ledger_rig_end(&rig, ledger_rig_start(&rig, ledger_rig_add(&rig, "acme", "other", &joined)), "failed", 0);
    int64_t live = ledger_rig_add(&rig, "acme", "wells", &joined);
    CHECK_OK(ledger_prune(rig.ledger, rig.now_us - 1, rig.now_us - 1, &more, &error), &error);
    CHECK(!more);
    CHECK_INT(ledger_rig_count("SELECT count(*) FROM job"), 1202);
    CHECK_OK(ledger_prune(rig.ledger, rig.now_us + 1, rig.now_us + 1, &more, &error), &error);
    CHECK(more);
    CHECK_OK(ledger_prune(rig.ledger, rig.now_us + 1, rig.now_us + 1, &more, &error), &error);
    CHECK(!more);
    CHECK_INT(ledger_rig_count("SELECT count(*) FROM job"), 2);
    CHECK_INT(ledger_rig_job(&rig, live).state, JOB_QUEUED);
    CHECK_INT(ledger_rig_count("SELECT count(*) FROM job WHERE sync = 'other'"), 1);
    ledger_rig_close(&rig);
}

TEST(server_ledger, the_audit_stays) {
    struct ledger_rig rig;
    const char *message;
    ledger_rig_open(&rig);
    ledger_rig_add(&rig, "acme", "wells", NULL);
    CHECK(!ledger_rig_sql("UPDATE audit SET who = 'nobody'", &message));
    CHECK(strstr(message, "the audit stays") != NULL);
    CHECK(!ledger_rig_sql("DELETE FROM audit", &message));
    CHECK(strstr(message, "the audit stays") != NULL);
    CHECK_INT(ledger_rig_count("SELECT count(*) FROM audit WHERE who = 'tester'"), 1);
    ledger_rig_close(&rig);
}

TEST(server_ledger, a_newer_base_is_left_alone) {
    struct ledger_rig rig;
    struct error error;
    struct ledger *ledger;
    const char *message;
    ledger_rig_open(&rig);
    CHECK(ledger_rig_sql("PRAGMA user_version = 1000", &message));
    CHECK(!ledger_open(test_folder(), &rig.clock, &ledger, &error));
    CHECK_INT(error.code, ERROR_HOME_NEWER);
    ledger_rig_close(&rig);
}

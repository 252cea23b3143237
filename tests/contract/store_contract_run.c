#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "contract/store_contract_kit.h"

// Leases, runs and their checkpoints.

static bool held(struct kit *kit, struct store *store, const char *key) {
    struct lease lease;
    bool ok = store_lease_take(store, text_of(key), &lease, &kit->error);
    if (ok) {
        store_lease_free(store, &lease);
    }
    return !ok && kit->error.code == ERROR_LEASE_HELD;
}

void contract_lease_held(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct store *other = kit_another(&kit);
    struct lease lease;
    CHECK_OK(store_lease_take(kit.store, TEXT_LITERAL("acme/pull"), &lease, &kit.error), &kit.error);
    CHECK_TEXT(lease.key, "acme/pull");
    CHECK(lease.token > 0);
    CHECK(held(&kit, other, "acme/pull"));
    CHECK(held(&kit, kit.store, "acme/pull"));
    CHECK(!held(&kit, other, "acme/pull {\"file\":\"a/b.csv\"}"));
    CHECK(!held(&kit, other, "acme/other"));
    store_lease_free(kit.store, &lease);
    CHECK(!held(&kit, other, "acme/pull"));
    CHECK(!held(&kit, kit.store, "acme/pull"));
    store_close(other);
    kit_close(&kit);
}

void contract_lease_token_grows(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    int64_t last = 0;
    for (int i = 0; i < 3; i++) {
        struct lease lease;
        CHECK_OK(store_lease_take(kit.store, TEXT_LITERAL("acme/pull"), &lease, &kit.error), &kit.error);
        CHECK(lease.token > last);
        last = lease.token;
        store_lease_free(kit.store, &lease);
        kit_reopen(&kit);
    }
    kit_close(&kit);
}

void contract_lease_freed_by_death(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    int ready[2];
    CHECK(pipe(ready) == 0);
    store_close(kit.store); // no connection is taken along into the child
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        struct store_setup setup = {.folder = kit.folder};
        struct lease lease;
        bool ok = store_open(type, &setup, &kit.store, &kit.error) &&
                  store_lease_take(kit.store, TEXT_LITERAL("acme/pull"), &lease, &kit.error);
        if (write(ready[1], ok ? "+" : "-", 1) != 1) {
            _exit(1);
        }
        for (;;) {
            pause();
        }
    }
    char answer = 0;
    CHECK_INT(read(ready[0], &answer, 1), 1);
    CHECK_INT(answer, '+');
    CHECK(kill(child, SIGKILL) == 0);
    CHECK(waitpid(child, NULL, 0) == child);
    close(ready[0]);
    close(ready[1]);
    struct store_setup setup = {.folder = kit.folder};
    CHECK_OK(store_open(type, &setup, &kit.store, &kit.error), &kit.error);
    CHECK(!held(&kit, kit.store, "acme/pull"));
    kit_close(&kit);
}

void contract_lease_fences_commit(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    kit_run(&kit);
    struct lease old = kit.lease;
    store_lease_free(kit.store, &kit.lease);
    CHECK_OK(store_lease_take(kit.store, old.key, &kit.lease, &kit.error), &kit.error);

    const struct value fields[GROUP_FIELDS] = {kit_text("A"), value_null()};
    struct effect made = kit_create(&kit, kit.group, kit.groups, "a", fields, "1");
    struct page page = kit_effects(&kit, &made, 1);
    struct checkpoint checkpoint = {.run = kit.run, .position = TEXT_LITERAL("10")};
    enum commit_outcome outcome;
    page.lease = &old;
    page.checkpoint = &checkpoint;
    CHECK(!store_commit(kit.store, &page, &outcome, &kit.error));
    CHECK_INT(kit.error.code, ERROR_LEASE_LOST);
    CHECK_INT(kit_record(&kit, kit.group, made.id).id, 0);
    CHECK_INT(kit_link(&kit, kit.groups, "a").home, 0);
    CHECK(!kit_checkpoint(&kit, "acme/pull", &checkpoint));
    page.lease = &kit.lease;
    kit_commit(&kit, &page);
    CHECK_INT(kit_record(&kit, kit.group, made.id).id, made.id);
    kit_close(&kit);
}

void contract_lease_fences_run_end(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    kit_run(&kit);
    struct lease old = kit.lease;
    struct run_row dead = {.id = kit.run, .key = old.key, .status = RUN_DONE, .ended_us = 9};
    store_lease_free(kit.store, &kit.lease);
    kit_run(&kit);
    struct page page = kit_page(&kit);
    struct checkpoint checkpoint = {.run = kit.run, .position = TEXT_LITERAL("10")};
    page.checkpoint = &checkpoint;
    kit_commit(&kit, &page);
    CHECK(!store_run_end(kit.store, &old, &dead, true, NULL, 0, &kit.error));
    CHECK_INT(kit.error.code, ERROR_LEASE_LOST);
    CHECK(kit_checkpoint(&kit, "acme/pull", &checkpoint));
    struct kit_rows rows;
    kit_runs(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.as.runs[0].status, RUN_INTERRUPTED);
    kit_close(&kit);
}

void contract_run_begins(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct run_row row = kit_run_row("acme/pull {\"file\":\"a's \\\"b\\\".csv\"}", 1234567);
    row.params = TEXT_LITERAL("{\"file\":\"a's \\\"b\\\".csv\"}");
    row.id = 99;
    row.counts.read = 99;
    row.request = 4712;
    int64_t id;
    CHECK_OK(store_lease_take(kit.store, row.key, &kit.lease, &kit.error), &kit.error);
    CHECK_OK(store_run_begin(kit.store, &kit.lease, &row, &id, &kit.error), &kit.error);
    CHECK_INT(id, 1);
    kit.run = id;
    struct kit_rows rows;
    kit_runs(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 1);
    const struct run_row *got = &rows.as.runs[0];
    CHECK_INT(got->id, id);
    CHECK(text_same(got->key, row.key));
    CHECK_TEXT(got->sync, "acme/pull");
    CHECK(text_same(got->params, row.params));
    CHECK_INT(got->status, RUN_RUNNING);
    CHECK_INT(got->counts.read, 0);
    CHECK_INT(got->started_us, 1234567);
    CHECK_INT(got->ended_us, 0);
    CHECK(print_same(got->print, kit_print("script")));
    CHECK_INT(got->process, 4711);
    CHECK_INT(got->request, 4712);
    CHECK_INT(got->script_text.length, 0); // too long for a list
    kit_close(&kit);
}

void contract_run_ids_grow(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    int64_t last = 0;
    for (int i = 0; i < 4; i++) {
        kit_run(&kit);
        CHECK(kit.run > last);
        last = kit.run;
        if (i % 2 == 0) {
            kit_end(&kit, RUN_DONE, true);
        } else {
            kit_reopen(&kit);
        }
    }
    kit_close(&kit);
}

void contract_run_interrupts_dead_ones(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct run_row other = kit_run_row("acme/other", 500);
    struct lease lease;
    int64_t id;
    CHECK_OK(store_lease_take(kit.store, other.key, &lease, &kit.error), &kit.error);
    CHECK_OK(store_run_begin(kit.store, &lease, &other, &id, &kit.error), &kit.error);
    kit_run(&kit);
    kit_end(&kit, RUN_DONE, true);
    kit_run(&kit); // dies
    kit_reopen(&kit);
    kit_run(&kit);
    struct kit_rows rows;
    kit_runs(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 4);
    CHECK_INT(rows.as.runs[0].status, RUN_RUNNING); // of another key: its lease says whether it lives
    CHECK_INT(rows.as.runs[1].status, RUN_DONE);
    CHECK_INT(rows.as.runs[2].status, RUN_INTERRUPTED);
    CHECK(rows.as.runs[2].ended_us != 0);
    CHECK_INT(rows.as.runs[3].status, RUN_RUNNING);
    store_lease_free(kit.store, &lease);
    kit_close(&kit);
}

void contract_run_ends(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    kit_run(&kit);
    struct run_row row = kit_run_row("acme/pull", 1000);
    row.id = kit.run;
    row.status = RUN_WARNING;
    row.counts = (struct counts){1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    row.ended_us = 7777;
    row.message = TEXT_LITERAL("nothing read; \"ünlikely\"");
    const struct log_row logs[] = {{10, LOG_WARNING, TEXT_LITERAL("one")}, {11, LOG_ERROR, TEXT_LITERAL("two")}};
    CHECK_OK(store_run_end(kit.store, &kit.lease, &row, true, logs, 2, &kit.error), &kit.error);
    struct kit_rows rows;
    kit_runs(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 1);
    const struct run_row *got = &rows.as.runs[0];
    CHECK_INT(got->status, RUN_WARNING);
    const struct counts *counts = &got->counts;
    CHECK(counts->read == 1 && counts->created == 2 && counts->updated == 3 && counts->unchanged == 4);
    CHECK(counts->skipped == 5 && counts->dead == 6 && counts->deleted == 7);
    CHECK(counts->pushed == 8 && counts->pending == 9);
    CHECK_INT(got->ended_us, 7777);
    CHECK_INT(got->started_us, 1000);
    CHECK(text_same(got->message, row.message));
    kit_logs(&kit, kit_scan("1"), &rows);
    CHECK_INT(rows.count, 2);
    CHECK_TEXT(rows.as.logs[1].text, "two");
    kit_close(&kit);
}

void contract_run_status_kept(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    static const enum run_status all[] = {RUN_DONE,        RUN_WARNING, RUN_FAILED,
                                          RUN_INTERRUPTED, RUN_WAITING, RUN_NOT_NEEDED};
    for (size_t i = 0; i < 6; i++) {
        kit_run(&kit);
        kit_end(&kit, all[i], true);
    }
    kit_reopen(&kit);
    struct kit_rows rows;
    kit_runs(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 6);
    for (size_t i = 0; i < 6; i++) {
        CHECK_INT(rows.as.runs[i].status, all[i]);
    }
    kit_close(&kit);
}

void contract_run_scan_filters(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    static const char *const keys[] = {"acme/pull", "acme/pull {\"a\":1}", "acme/pull_all"};
    for (size_t i = 0; i < 3; i++) {
        struct run_row row = kit_run_row(keys[i], 1);
        row.sync = i < 2 ? TEXT_LITERAL("acme/pull") : TEXT_LITERAL("acme/pull_all");
        int64_t id;
        CHECK_OK(store_lease_take(kit.store, row.key, &kit.lease, &kit.error), &kit.error);
        CHECK_OK(store_run_begin(kit.store, &kit.lease, &row, &id, &kit.error), &kit.error);
        store_lease_free(kit.store, &kit.lease);
    }
    struct kit_rows rows;
    kit_runs(&kit, kit_scan("acme/pull"), &rows);
    CHECK_INT(rows.count, 2);
    kit_runs(&kit, kit_scan("acme/pull {\"a\":1}"), &rows);
    CHECK_INT(rows.count, 1);
    CHECK_INT(rows.as.runs[0].id, 2);
    kit_runs(&kit, kit_scan("acme/pull_all"), &rows);
    CHECK_INT(rows.count, 1);
    kit_runs(&kit, kit_scan("acme/pul%"), &rows);
    CHECK_INT(rows.count, 0);
    kit_runs(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 3);
    kit_runs(&kit, (struct scan){.filter = TEXT_LITERAL("acme/pull"), .limit = 1, .newest_first = true}, &rows);
    CHECK_INT(rows.count, 1);
    CHECK_INT(rows.as.runs[0].id, 2);
    kit_close(&kit);
}

static void check_checkpoint(const struct checkpoint *got, const struct checkpoint *expected) {
    CHECK(print_same(got->print, expected->print));
    CHECK_INT(got->run, expected->run);
    CHECK_INT(got->type_index, expected->type_index);
    CHECK(text_same(got->position, expected->position));
    CHECK_INT(got->pass_seq, expected->pass_seq);
    CHECK(memcmp(&got->counts, &expected->counts, sizeof got->counts) == 0);
}

void contract_checkpoint_kept(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    kit_run(&kit);
    struct checkpoint got;
    CHECK(!kit_checkpoint(&kit, "acme/pull", &got));
    struct checkpoint set = {
        .print = kit_print("sync"),
        .run = kit.run,
        .type_index = 2,
        .position = TEXT_LITERAL("{\"byte\":9007199254740993,\"näme\":\"it's\"}"),
        .pass_seq = 17,
        .counts = {11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1},
    };
    struct page page = kit_page(&kit);
    page.checkpoint = &set;
    kit_commit(&kit, &page);
    CHECK(kit_checkpoint(&kit, "acme/pull", &got));
    check_checkpoint(&got, &set);
    CHECK(!kit_checkpoint(&kit, "acme/other", &got));

    set.position = TEXT_LITERAL("");
    set.type_index = 0;
    kit_commit(&kit, &page);
    CHECK(kit_checkpoint(&kit, "acme/pull", &got));
    check_checkpoint(&got, &set);

    page.checkpoint = NULL; // leaves it
    kit_commit(&kit, &page);
    kit_reopen(&kit);
    CHECK(kit_checkpoint(&kit, "acme/pull", &got));
    check_checkpoint(&got, &set);
    kit_close(&kit);
}

void contract_checkpoint_goes_with_complete(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct checkpoint set = {.position = TEXT_LITERAL("10")};
    struct checkpoint got;
    kit_run(&kit);
    struct page page = kit_page(&kit);
    page.checkpoint = &set;
    kit_commit(&kit, &page);
    kit_end(&kit, RUN_INTERRUPTED, false);
    CHECK(kit_checkpoint(&kit, "acme/pull", &got));
    kit_run(&kit);
    CHECK(kit_checkpoint(&kit, "acme/pull", &got));
    kit_end(&kit, RUN_DONE, true);
    CHECK(!kit_checkpoint(&kit, "acme/pull", &got));
    kit_close(&kit);
}

void contract_checkpoint_of_each_key(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct checkpoint set = {.position = TEXT_LITERAL("10")};
    struct checkpoint got;
    kit_run(&kit);
    struct page page = kit_page(&kit);
    page.checkpoint = &set;
    kit_commit(&kit, &page);
    struct run_row other = kit_run_row("acme/pull {\"a\":1}", 5);
    struct lease lease;
    CHECK_OK(store_lease_take(kit.store, other.key, &lease, &kit.error), &kit.error);
    CHECK_OK(store_run_begin(kit.store, &lease, &other, &other.id, &kit.error), &kit.error);
    set.position = TEXT_LITERAL("20");
    page.lease = &lease;
    page.run = other.id;
    kit_commit(&kit, &page);
    other.status = RUN_DONE;
    CHECK_OK(store_run_end(kit.store, &lease, &other, true, NULL, 0, &kit.error), &kit.error);
    store_lease_free(kit.store, &lease);
    CHECK(!kit_checkpoint(&kit, "acme/pull {\"a\":1}", &got));
    CHECK(kit_checkpoint(&kit, "acme/pull", &got));
    CHECK_TEXT(got.position, "10");
    kit_close(&kit);
}

void contract_run_waits_until(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    kit_run(&kit);
    struct run_row row = {.id = kit.run, .key = kit.lease.key, .status = RUN_WAITING, .ended_us = 5, .until_us = 12345};
    CHECK_OK(store_run_end(kit.store, &kit.lease, &row, false, NULL, 0, &kit.error), &kit.error);
    kit_reopen(&kit);
    struct kit_rows rows;
    kit_runs(&kit, kit_scan(""), &rows);
    CHECK_INT(rows.as.runs[0].status, RUN_WAITING);
    CHECK_INT(rows.as.runs[0].until_us, 12345);
    kit_close(&kit);
}

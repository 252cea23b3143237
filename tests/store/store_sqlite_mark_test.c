#include <sqlite3.h>
#include <unistd.h>

#include "contract/store_contract_kit.h"
#include "store/store_sqlite.h"
#include "test.h"

// home.mark, beside home.db: a home that came back from a backup is known by it.

static const char *home_folder(void) {
    static char path[320];
    snprintf(path, sizeof path, "%s/acme", test_folder());
    return path;
}

static void shell(const char *command) {
    char line[1500];
    snprintf(line, sizeof line, "cd '%s' && %s", home_folder(), command);
    CHECK(system(line) == 0);
}

static int64_t mark_told(void) {
    char path[400];
    long long mark = 0;
    snprintf(path, sizeof path, "%s/home.mark", home_folder());
    FILE *file = fopen(path, "rb");
    if (file != NULL) {
        CHECK(fscanf(file, "%lld\n", &mark) == 1);
        fclose(file);
    }
    return mark;
}

static void backup(void) {
    char path[400];
    sqlite3 *db;
    snprintf(path, sizeof path, "%s/home.db", home_folder());
    CHECK(sqlite3_open(path, &db) == SQLITE_OK);
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    char sql[500];
    snprintf(sql, sizeof sql, "VACUUM INTO '%s/backup.db'", home_folder());
    CHECK(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK);
    CHECK(sqlite3_close(db) == SQLITE_OK);
}

static void push(struct kit *kit, const char *operation) {
    const struct intent_row intent = {
        .operation = text_of(operation), .key = TEXT_LITERAL("acme/push"), .form = {.kind = VALUE_MISSING}};
    struct page page = kit_page(kit);
    page.intents = &intent;
    page.intent_count = 1;
    kit_commit(kit, &page);
}

static bool restored(struct kit *kit) {
    bool out = false;
    CHECK_OK(store_sqlite.restored(kit->store, &out, &kit->error), &kit->error);
    return out;
}

TEST(store_sqlite_mark, pulls_leave_none) {
    struct kit kit;
    kit_open(&kit, &store_sqlite, home_folder());
    kit_run(&kit);
    kit_add_group(&kit, "a", "A", "1");
    kit_end(&kit, RUN_DONE, true);
    kit_close(&kit);
    CHECK_INT(mark_told(), 0);
    shell("test ! -e home.mark");
}

TEST(store_sqlite_mark, backup_is_known_f18) {
    struct kit kit;
    kit_open(&kit, &store_sqlite, home_folder());
    push(&kit, "1");
    CHECK_INT(mark_told(), 1);
    backup();
    push(&kit, "2");
    push(&kit, "3");
    CHECK(!restored(&kit));
    CHECK_INT(mark_told(), 3);
    kit_close(&kit);
    shell("rm home.db home.db-wal home.db-shm && mv backup.db home.db");
    kit_open(&kit, &store_sqlite, home_folder());
    CHECK(restored(&kit));
    for (int i = 0; i < 4; i++) { // it does not catch up by itself
        char operation[8];
        snprintf(operation, sizeof operation, "again %d", i);
        push(&kit, operation);
        CHECK(restored(&kit));
        CHECK_INT(mark_told(), 3);
    }
    kit_reopen(&kit);
    CHECK(restored(&kit));
    struct page page = kit_page(&kit);
    page.reconciled = true;
    kit_commit(&kit, &page);
    CHECK(!restored(&kit));
    push(&kit, "last");
    CHECK_INT(mark_told(), 4);
    kit_reopen(&kit);
    CHECK(!restored(&kit));
    kit_close(&kit);
}

// A read-only store says it too; a page that was given up has marked nothing.
TEST(store_sqlite_mark, told_after_what_was_committed_f18) {
    struct kit kit;
    kit_open(&kit, &store_sqlite, home_folder());
    struct effect a = kit_add_group(&kit, "a", "A", "1");
    struct effect old = kit_change(&a, EFFECT_AGREE, 99, NULL, "2");
    const struct intent_row intent = {.operation = TEXT_LITERAL("1"), .form = {.kind = VALUE_MISSING}};
    struct page page = kit_effects(&kit, &old, 1);
    page.intents = &intent;
    page.intent_count = 1;
    kit_stale(&kit, &page);
    CHECK_INT(mark_told(), 0);
    push(&kit, "2");
    CHECK_INT(mark_told(), 1);
    kit_close(&kit);
    shell("echo 7 > home.mark");
    struct store_setup setup = {.folder = text_of(home_folder()), .read_only = true};
    struct store *store;
    struct error error;
    bool out;
    CHECK_OK(store_open(&store_sqlite, &setup, &store, &error), &error);
    CHECK_OK(store_sqlite.restored(store, &out, &error), &error);
    CHECK(out);
    store_close(store);
}

TEST(store_sqlite_mark, damaged_one_is_told) {
    static const char *const bad[] = {"''", "x", "-1", "99999999999999999999999999999", "'7 8'", "7x"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct kit kit;
        char command[100];
        bool out;
        kit_open(&kit, &store_sqlite, home_folder());
        snprintf(command, sizeof command, "echo %s > home.mark", bad[i]);
        shell(command);
        CHECK(!store_sqlite.restored(kit.store, &out, &kit.error));
        CHECK_INT(kit.error.code, ERROR_HOME_DAMAGED);
        const struct intent_row intent = {.operation = TEXT_LITERAL("1"), .form = {.kind = VALUE_MISSING}};
        struct page page = kit_page(&kit);
        enum commit_outcome outcome;
        page.intents = &intent;
        page.intent_count = 1;
        CHECK(!store_commit(kit.store, &page, &outcome, &kit.error));
        kit_close(&kit);
    }
}

// What can't be marked must not be sent.
TEST(store_sqlite_mark, that_can_not_be_written_is_an_error) {
    struct kit kit;
    kit_open(&kit, &store_sqlite, home_folder());
    push(&kit, "1");
    shell("mkdir home.mark.new");
    const struct intent_row intent = {.operation = TEXT_LITERAL("2"), .form = {.kind = VALUE_MISSING}};
    struct page page = kit_page(&kit);
    enum commit_outcome outcome;
    page.intents = &intent;
    page.intent_count = 1;
    CHECK(!store_commit(kit.store, &page, &outcome, &kit.error));
    CHECK_INT(kit.error.code, ERROR_HOME_IO);
    CHECK(!restored(&kit));
    shell("rmdir home.mark.new");
    push(&kit, "3");
    CHECK_INT(mark_told(), 3);
    kit_close(&kit);
}

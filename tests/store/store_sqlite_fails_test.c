#include "store_sqlite_fails.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include "contract/store_contract_kit.h"
#include "disk_fake.h"
#include "store/store_sqlite.h"
#include "test.h"

// The disk fills up, fails, or the process is killed, at each write in turn; and each of SQLite's allocations fails.
// store_sqlite_disk_test.c has whole stories on such disks.

static const char *home_folder(void) {
    static char path[320];
    snprintf(path, sizeof path, "%s/acme", test_folder());
    return path;
}

static void home_remove(void) {
    disk_fake_reset(0);
    disk_fake_remove(home_folder());
}

static int64_t number(struct kit *kit, const char *sql) {
    (void)kit;
    char path[400];
    sqlite3 *db;
    sqlite3_stmt *statement;
    snprintf(path, sizeof path, "%s/home.db", home_folder());
    CHECK(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK);
    CHECK(sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK);
    CHECK(sqlite3_step(statement) == SQLITE_ROW);
    int64_t value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    CHECK(sqlite3_close(db) == SQLITE_OK);
    return value;
}

enum { PAGE_ROWS = 40 };

// One page that touches everything: new records with links, an update, a delete, rows that wait, a dead letter, a
// conflict, a log line and the checkpoint.
static bool commit_page(struct kit *kit, int page_number, struct error *error) {
    struct effect effects[PAGE_ROWS];
    char externals[PAGE_ROWS][16];
    char position[16];
    int64_t first;
    enum commit_outcome outcome;
    const struct value fields[GROUP_FIELDS] = {kit_text("A"), kit_text("a name of some length, for a page to fill")};
    if (!store_reserve(kit->store, PAGE_ROWS, &first, error)) {
        return false;
    }
    for (int i = 0; i < PAGE_ROWS; i++) {
        snprintf(externals[i], sizeof externals[i], "%03d-%03d", page_number, i);
        effects[i] = (struct effect){.kind = EFFECT_CREATE,
                                     .datatype = kit->group,
                                     .id = first + i,
                                     .fields = fields,
                                     .links = kit->groups,
                                     .external = text_of(externals[i]),
                                     .adds_link = true};
    }
    snprintf(position, sizeof position, "%d", page_number);
    const struct dead_row dead = {.flow = TEXT_LITERAL("f"), .external = text_of(position), .payload = kit_text("raw")};
    const struct pending_row pending = {.datasource = TEXT_LITERAL("wells"), .external = text_of(position)};
    const struct log_row log = {1, LOG_INFO, text_of(position)};
    const struct checkpoint checkpoint = {.position = text_of(position)};
    struct page page = kit_effects(kit, effects, PAGE_ROWS);
    page.deads = &dead;
    page.pendings = &pending;
    page.logs = &log;
    page.checkpoint = &checkpoint;
    page.dead_count = page.pending_count = page.log_count = 1;
    bool ok = store_commit(kit->store, &page, &outcome, error);
    CHECK(!ok || outcome == COMMIT_DONE);
    return ok;
}

// Whatever happened, home holds whole pages: all of their rows, links and memory.
static int64_t check_whole(struct kit *kit) {
    int64_t pages = number(kit, "SELECT count(*) FROM weir_dead");
    CHECK_INT(number(kit, "SELECT count(*) FROM \"group\""), pages * PAGE_ROWS);
    CHECK_INT(number(kit, "SELECT count(*) FROM weir_link_1"), pages * PAGE_ROWS);
    CHECK_INT(number(kit, "SELECT count(*) FROM weir_pending"), pages);
    CHECK_INT(number(kit, "SELECT count(*) FROM weir_log"), pages);
    CHECK_INT(number(kit, "SELECT count(*) FROM weir_link_1 AS l JOIN \"group\" AS g ON g.id = l.home"
                          " AND g.seq = l.agreed_seq"),
              pages * PAGE_ROWS);
    CHECK_INT(number(kit, "SELECT value FROM weir_counter WHERE name = 'seq'"), pages * PAGE_ROWS);
    CHECK_INT(number(kit, "SELECT coalesce(max(CAST(position AS INTEGER)), 0) FROM weir_checkpoint"), pages);
    CHECK_INT(number(kit, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"), 0);
    return pages;
}

// The nth write of a page fails: the page is not there, the error says why, and the same page goes in afterwards.
static void fail_each_write(enum disk_trouble trouble, enum error_code code) {
    disk_fake_install();
    unsigned long nth = 1;
    for (bool failed = true; failed; nth++) {
        struct kit kit;
        kit_open(&kit, &store_sqlite, home_folder());
        kit_run(&kit);
        CHECK(commit_page(&kit, 1, &kit.error));
        disk_fake_fault(trouble, nth);
        bool ok = commit_page(&kit, 2, &kit.error);
        failed = disk_fake_struck();
        disk_fake_calm();
        CHECK(ok == !failed);
        if (failed) {
            CHECK_INT(kit.error.code, code);
            CHECK_INT(check_whole(&kit), 1);
            CHECK_OK(commit_page(&kit, 2, &kit.error), &kit.error);
        }
        CHECK_INT(check_whole(&kit), 2);
        kit_close(&kit);
        home_remove();
    }
    CHECK(nth > (trouble == DISK_EIO_SYNC ? 2 : 8)); // or the test looks at nothing
}

TEST(store_sqlite_fails, disk_full_at_each_write) {
    fail_each_write(DISK_FULL, ERROR_HOME_FULL);
}

TEST(store_sqlite_fails, disk_error_at_each_write) {
    fail_each_write(DISK_EIO_WRITE, ERROR_HOME_IO);
}

TEST(store_sqlite_fails, disk_error_at_each_sync) {
    fail_each_write(DISK_EIO_SYNC, ERROR_HOME_IO);
}

enum { BULK_IDS = 30, BULK_PASSES = 3 };

// Every id three times: the second form differs from the first, the third is the second again for even ids.
static void act_bulk(struct kit *kit) {
    struct effect effects[BULK_IDS * BULK_PASSES];
    char externals[BULK_IDS * BULK_PASSES][16];
    char forms[BULK_PASSES][8] = {"one", "two", "three"};
    struct value fields[BULK_PASSES][GROUP_FIELDS];
    int64_t first = kit_reserve(kit, BULK_IDS * BULK_PASSES);
    struct linkset *links = kit_linkset(kit, "ponds", kit->group, true);
    for (int i = 0; i < BULK_IDS * BULK_PASSES; i++) {
        int pass = i / BULK_IDS;
        int form = pass == 2 && i % 2 == 0 ? 1 : pass;
        fields[form][GROUP_CODE] = kit_text("A");
        fields[form][GROUP_NAME] = kit_text(forms[form]);
        snprintf(externals[i], sizeof externals[i], "%04d", (i % BULK_IDS) * 7919 % 1000);
        effects[i] = (struct effect){.kind = EFFECT_CREATE,
                                     .datatype = kit->group,
                                     .id = first + i,
                                     .fields = fields[form],
                                     .links = links,
                                     .external = text_of(externals[i]),
                                     .seen = kit_print(forms[form]),
                                     .adds_link = true};
    }
    kit_commit_effects(kit, effects, BULK_IDS * BULK_PASSES);
}

static int64_t writes;

// Whoever else asks for home's lock now must not get it.
static void check_locked(void) {
    char path[400];
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    snprintf(path, sizeof path, "%s/home.lock", home_folder());
    int file = open(path, O_RDWR | O_CLOEXEC);
    CHECK(file >= 0);
    CHECK(fcntl(file, F_OFD_SETLK, &lock) != 0);
    close(file);
    writes++;
}

// Making the file, migrations, pages, checkpoints, a settle: nothing is written outside the lock.
TEST(store_sqlite_fails, every_write_is_under_the_lock) {
    struct kit kit;
    int64_t repeats;
    int64_t conflicts;
    disk_fake_install();
    disk_fake_watch(check_locked);
    kit_open(&kit, &store_sqlite, home_folder());
    kit_run(&kit);
    for (int page = 1; page <= 2000; page++) {
        CHECK_OK(commit_page(&kit, page, &kit.error), &kit.error);
    }
    act_bulk(&kit);
    struct linkset *links = kit_linkset(&kit, "ponds", kit.group, true);
    CHECK_OK(store_settle(kit.store, links, &kit.lease, kit.run, 1, &repeats, &conflicts, &kit.error), &kit.error);
    kit_end(&kit, RUN_DONE, true);
    kit_reopen(&kit);
    kit_close(&kit);
    CHECK(number(&kit, "PRAGMA page_count") > 500); // it was checkpointed
    CHECK(writes > 4000);
    disk_fake_watch(NULL);
}

static unsigned long writes_left;

static void die_at_last(void) {
    if (--writes_left == 0) {
        raise(SIGKILL);
    }
}

// Runs `act` in a process of its own that dies before its nth write; gives whether it came to that.
static bool killed_at(unsigned long nth, void (*act)(void)) {
    int status;
    fflush(NULL);
    pid_t process = fork();
    CHECK(process >= 0);
    if (process == 0) {
        disk_fake_install();
        writes_left = nth;
        disk_fake_watch(die_at_last);
        act();
        _exit(0);
    }
    CHECK(waitpid(process, &status, 0) == process);
    CHECK(WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : WEXITSTATUS(status) == 0);
    return WIFSIGNALED(status);
}

static void act_from_nothing(void) {
    struct kit kit;
    kit_open(&kit, &store_sqlite, home_folder());
    kit_run(&kit);
    for (int page = 1; page <= 3; page++) {
        CHECK_OK(commit_page(&kit, page, &kit.error), &kit.error);
    }
    kit_close(&kit);
}

// From the making of the file to the third page: after a kill at any write, home opens, holds whole pages, and takes
// the rest.
TEST(store_sqlite_fails, killed_at_each_write) {
    (void)test_folder();
    unsigned long nth = 1;
    for (bool killed = true; killed; nth += 3) {
        struct kit kit;
        killed = killed_at(nth, act_from_nothing);
        kit_open(&kit, &store_sqlite, home_folder());
        kit_run(&kit);
        int64_t pages = check_whole(&kit);
        CHECK(killed || pages == 3);
        for (int page = (int)pages + 1; page <= 4; page++) {
            CHECK_OK(commit_page(&kit, page, &kit.error), &kit.error);
        }
        CHECK_INT(check_whole(&kit), 4);
        kit_close(&kit);
        home_remove();
    }
    CHECK(nth > 60);
}

static void act_settle(void) {
    struct kit kit;
    int64_t repeats;
    int64_t conflicts;
    kit_open(&kit, &store_sqlite, home_folder());
    kit_run(&kit);
    struct linkset *links = kit_linkset(&kit, "ponds", kit.group, true);
    CHECK_OK(store_settle(kit.store, links, &kit.lease, kit.run, 1, &repeats, &conflicts, &kit.error), &kit.error);
    kit_close(&kit);
}

static void check_settled(struct kit *kit) {
    CHECK_INT(number(kit, "SELECT count(*) FROM \"group\""), BULK_IDS);
    CHECK_INT(number(kit, "SELECT count(*) FROM weir_link_3"), BULK_IDS);
    CHECK_INT(number(kit, "SELECT count(DISTINCT external) FROM weir_link_3"), BULK_IDS);
    CHECK_INT(number(kit, "SELECT max(id) FROM \"group\""), BULK_IDS);
    CHECK_INT(number(kit, "SELECT count(*) FROM \"group\" WHERE name = 'two'"), BULK_IDS / 2);
    CHECK_INT(number(kit, "SELECT count(*) FROM \"group\" WHERE name = 'three'"), BULK_IDS / 2);
    CHECK_INT(number(kit, "SELECT count(*) FROM weir_conflict WHERE kind = 'repeat'"), BULK_IDS + BULK_IDS / 2);
    CHECK_INT(number(kit, "SELECT count(*) FROM weir_link_3 AS l JOIN \"group\" AS g ON g.id = l.home"
                          " WHERE g.seq = l.agreed_seq"),
              BULK_IDS);
    CHECK_INT(number(kit, "SELECT count(*) FROM sqlite_schema WHERE name GLOB 'weir_link_3_*'"), 1);
}

// A settle that is killed at any write and called again ends as one that wasn't.
TEST(store_sqlite_fails, settle_killed_at_each_write) {
    unsigned long nth = 1;
    for (bool killed = true; killed; nth++) {
        struct kit kit;
        int64_t repeats;
        int64_t conflicts;
        kit_open(&kit, &store_sqlite, home_folder());
        kit_run(&kit);
        act_bulk(&kit);
        kit_close(&kit);
        killed = killed_at(nth, act_settle);
        kit_open(&kit, &store_sqlite, home_folder());
        kit_run(&kit);
        struct linkset *links = kit_linkset(&kit, "ponds", kit.group, true);
        CHECK(killed || !links->bulk);
        CHECK_OK(store_settle(kit.store, links, &kit.lease, kit.run, 1, &repeats, &conflicts, &kit.error), &kit.error);
        check_settled(&kit);
        kit_close(&kit);
        home_remove();
    }
    CHECK(nth > 20);
}

// From its nth allocation on SQLite gets no memory: the page says so and is not there, and goes in afterwards. Every
// fifth: since all later ones fail too, the ones between are met as well.
TEST(store_sqlite_fails, memory_at_each_allocation_of_a_page) {
    heap_install();
    unsigned long nth = 1;
    for (bool failed = true; failed; nth += 5) {
        struct kit kit;
        kit_open(&kit, &store_sqlite, home_folder());
        kit_run(&kit);
        heap_fail_at(nth);
        bool ok = commit_page(&kit, 1, &kit.error);
        failed = heap_failed();
        heap_fail_at(0);
        CHECK(ok || failed); // a page may go in although SQLite went without some memory
        if (!ok) {
            CHECK_INT(kit.error.code, ERROR_MEMORY);
            CHECK_INT(check_whole(&kit), 0);
            CHECK_OK(commit_page(&kit, 1, &kit.error), &kit.error);
        }
        CHECK_INT(check_whole(&kit), 1);
        kit_close(&kit);
        home_remove();
    }
    CHECK(nth > 20);
}

// A page of both ways: a merge that home is ahead of, a deleted record, what was sent, an intent, a watermark, a held
// delete, a stale row.
static bool two_ways_page(struct kit *kit, const struct effect made[2], struct error *error) {
    const struct value fields[GROUP_FIELDS] = {kit_text("merged"), kit_text("a name")};
    const struct value agreed[GROUP_FIELDS] = {kit_text("theirs"), kit_text("a name")};
    struct effect effects[] = {kit_change(&made[0], EFFECT_UPDATE, 3, fields, "2"),
                               kit_change(&made[1], EFFECT_DELETE, 2, NULL, "")};
    effects[0].agreed = agreed;
    effects[0].sends = true;
    effects[0].sent = kit_print("sent");
    effects[1].links = NULL;
    const struct intent_row intent = {.operation = TEXT_LITERAL("1"), .form = {.kind = VALUE_MISSING}};
    const struct watermark_row watermark = {.key = TEXT_LITERAL("k"), .text = TEXT_LITERAL("1")};
    const struct held_row held = {.key = TEXT_LITERAL("k")};
    const struct stale_row stale = {.datatype = TEXT_LITERAL("group"), .home = 1};
    const struct inbox_row inbox = {.key = TEXT_LITERAL("k"), .batch = TEXT_LITERAL("b")};
    struct page page = kit_effects(kit, effects, 2);
    page.inboxes = &inbox;
    page.inbox_count = 1;
    page.intents = &intent;
    page.watermarks = &watermark;
    page.helds = &held;
    page.stales = &stale;
    page.intent_count = page.watermark_count = page.held_count = page.stale_count = 1;
    enum commit_outcome outcome;
    bool ok = store_commit(kit->store, &page, &outcome, error);
    CHECK(!ok || outcome == COMMIT_DONE);
    return ok;
}

static int64_t check_two_ways(struct kit *kit) {
    int64_t pages = number(kit, "SELECT count(*) FROM weir_intent");
    CHECK_INT(number(kit, "SELECT count(*) FROM weir_watermark"), pages);
    CHECK_INT(number(kit, "SELECT count(*) FROM weir_held"), pages);
    CHECK_INT(number(kit, "SELECT count(*) FROM weir_stale"), pages);
    CHECK_INT(number(kit, "SELECT count(*) FROM weir_tombstone"), pages);
    CHECK_INT(number(kit, "SELECT count(*) FROM weir_inbox"), pages);
    CHECK_INT(number(kit, "SELECT count(*) FROM weir_history"), 1 + pages);
    CHECK_INT(number(kit, "SELECT count(*) FROM weir_link_1 WHERE sent IS NOT NULL"), pages);
    CHECK_INT(number(kit, "SELECT value FROM weir_counter WHERE name = 'mark'"), pages);
    CHECK_INT(number(kit, "SELECT value FROM weir_counter WHERE name = 'seq'"), 3 + 3 * pages);
    return pages;
}

TEST(store_sqlite_fails, memory_at_each_allocation_of_two_ways) {
    heap_install();
    unsigned long nth = 1;
    for (bool failed = true; failed; nth += 5) {
        struct kit kit;
        kit_open(&kit, &store_sqlite, home_folder());
        CHECK_OK(store_track(kit.store, kit.groups, &kit.error), &kit.error);
        const struct effect made[2] = {kit_add_group(&kit, "a", "A", "1"), kit_add_group(&kit, "b", "B", "1")};
        const struct value fields[GROUP_FIELDS] = {kit_text("mine"), kit_text("a name")};
        struct effect edit = kit_change(&made[0], EFFECT_UPDATE, 1, fields, "");
        edit.links = NULL;
        kit_commit_effects(&kit, &edit, 1);
        heap_fail_at(nth);
        bool ok = two_ways_page(&kit, made, &kit.error);
        failed = heap_failed();
        heap_fail_at(0);
        CHECK(ok || failed);
        if (!ok) {
            CHECK_INT(kit.error.code, ERROR_MEMORY);
            CHECK_INT(check_two_ways(&kit), 0);
            CHECK_OK(two_ways_page(&kit, made, &kit.error), &kit.error);
        }
        CHECK_INT(check_two_ways(&kit), 1);
        kit_close(&kit);
        home_remove();
    }
    CHECK(nth > 20);
}

TEST(store_sqlite_fails, memory_at_each_allocation_of_opening) {
    heap_install();
    unsigned long nth = 1;
    for (bool failed = true; failed; nth += 31) {
        struct store_setup setup = {.folder = text_of(home_folder()), .create = true};
        struct store *store;
        struct error error;
        heap_fail_at(nth);
        bool ok = store_open(&store_sqlite, &setup, &store, &error);
        failed = heap_failed();
        heap_fail_at(0);
        CHECK(ok || error.code == ERROR_MEMORY);
        if (!ok) {
            CHECK_OK(store_open(&store_sqlite, &setup, &store, &error), &error);
        }
        store_close(store);
        home_remove();
    }
    CHECK(nth > 100);
}

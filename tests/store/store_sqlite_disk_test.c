#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "disk_fake.h"
#include "store/store_sqlite.h"
#include "store_sqlite_story.h"
#include "test.h"

// The real home on a disk that fails, or that dies and loses what was not synced, at each call in turn.
//
// First the story is told whole. What home holds after each of its commits is remembered. Then, whatever went wrong at
// any call: home is one of these, whole; no step that said yes is missing; and it goes on.
//
// WEIR_DISK_ALL=20 walks through every call, with twenty seeds; else some are left out. ctest would end it too early.

enum { STATES_MAX = 200 };

static struct {
    struct print states[STATES_MAX];
    size_t count;
    size_t after[STORY_STEPS_MAX]; // the state that a step led to
} told;

static const char *home_folder(void) {
    static char path[320];
    snprintf(path, sizeof path, "%s/data/acme", test_folder());
    return path;
}

static bool walks_all(void) {
    return getenv("WEIR_DISK_ALL") != NULL;
}

static uint64_t seeds_of_walk(void) {
    return walks_all() ? strtoul(getenv("WEIR_DISK_ALL"), NULL, 10) : 1;
}

static void home_remove(uint64_t seed) {
    char path[320];
    snprintf(path, sizeof path, "%s/data", test_folder());
    disk_fake_reset(seed);
    disk_fake_remove(path);
}

static void remember(void) {
    static bool is_looking;
    struct print now;
    if (is_looking) {
        return;
    }
    is_looking = true;
    // Not while the file is locked, before it has its log.
    if (story_print(home_folder(), &now, NULL) && !print_same(told.states[told.count - 1], now)) {
        CHECK(told.count < STATES_MAX);
        told.states[told.count++] = now;
    }
    is_looking = false;
}

// Tells the story whole; knows then what home may be after a step, and in the middle of one of several commits.
static void tell_whole(void) {
    struct story story;
    struct error error;
    CHECK(setenv("WEIR_LOG", "65536", 1) == 0);
    disk_fake_install();
    home_remove(0);
    told.count = 1; // there is no home
    story_begin(&story, home_folder());
    disk_fake_watch(remember);
    for (size_t i = 0; i < story_length(); i++) {
        CHECK_OK(story_tell(&story, i, &error), &error);
        remember();
        told.after[i] = told.count - 1;
    }
    disk_fake_watch(NULL);
    int64_t seq;
    CHECK_OK(store_sqlite.seq(story.kit.store, &seq, &error), &error);
    CHECK_INT(seq, story.seq);
    story_end(&story);
    CHECK(told.count > story_length() / 2); // or the test looks at nothing
}

// --- what may be ---

struct outcome {
    size_t step;  // that failed, or story_length()
    size_t state; // that home was found in
    char wrong[600];
};

// What home is, when all steps before `step` said yes and that one did not.
static bool check_home(size_t step, struct outcome *out) {
    struct print now;
    char damage[200];
    size_t first = step > 0 ? told.after[step - 1] : 0;
    size_t last = step < story_length() ? told.after[step] : first;
    out->step = step;
    if (!story_print(home_folder(), &now, damage) || damage[0] != '\0') {
        snprintf(out->wrong, sizeof out->wrong, "home is damaged: %s", damage);
        return false;
    }
    for (out->state = 0; out->state < told.count; out->state++) {
        if (print_same(told.states[out->state], now)) {
            break;
        }
    }
    if (out->state >= first && out->state <= last) {
        return true;
    }
    if (out->state == told.count) {
        snprintf(out->wrong, sizeof out->wrong, "home is as it never was");
    } else {
        snprintf(out->wrong, sizeof out->wrong, "home is as of commit %zu, not %zu to %zu", out->state, first, last);
    }
    return false;
}

// A mark that was told is never lost: or else a home from a backup would be taken for the newest.
static bool check_mark(int64_t told_marks, struct outcome *out) {
    int64_t mark = story_mark(home_folder());
    if (mark == told_marks || mark == told_marks + 1) {
        return true;
    }
    snprintf(out->wrong, sizeof out->wrong, "home.mark is %d, not %d", (int)mark, (int)told_marks);
    return false;
}

// Goes on, dies once more at rest, and has kept what it went on with.
static bool check_goes_on(struct story *story, struct outcome *out) {
    struct error error;
    struct print before;
    struct print after;
    char damage[200];
    // With a log that is long enough to be all there is.
    CHECK(setenv("WEIR_LOG", "16777216", 1) == 0);
    bool goes_on = story_go_on(story, &error);
    CHECK(setenv("WEIR_LOG", "65536", 1) == 0);
    if (!goes_on) {
        snprintf(out->wrong, sizeof out->wrong, "it does not go on: %s", error.message);
        return false;
    }
    CHECK(story_print(home_folder(), &before, NULL));
    disk_fake_power_off();
    story_end(story);
    disk_fake_revive();
    if (!story_print(home_folder(), &after, damage) || damage[0] != '\0' || !print_same(before, after)) {
        snprintf(out->wrong, sizeof out->wrong, "what it went on with is lost: %s", damage);
        return false;
    }
    return true;
}

static size_t tell_until_it_fails(struct story *story, struct error *error) {
    size_t step = 0;
    while (step < story_length() && story_tell(story, step, error)) {
        step++;
    }
    return step;
}

// One death, at the nth change. False when something is wrong.
static bool die_at(enum disk_trouble trouble, uint64_t nth, uint64_t seed, bool lies, struct outcome *out) {
    struct story story;
    struct error error;
    *out = (struct outcome){0};
    home_remove(seed);
    disk_fake_lie(lies);
    story_begin(&story, home_folder());
    disk_fake_fault(trouble, nth);
    size_t step = tell_until_it_fails(&story, &error);
    CHECK(step == story_length() || (disk_fake_is_dead() && error.code / 100 == 50));
    if (!disk_fake_is_dead()) { // the story was over before
        disk_fake_power_off();
    }
    int64_t marks = story.marks;
    story_end(&story);
    disk_fake_revive();
    story_begin(&story, home_folder());
    bool ok = check_home(step, out) && check_mark(marks, out) && check_goes_on(&story, out);
    story_end(&story);
    return ok;
}

static uint64_t changes_of_story(void) {
    struct outcome out;
    bool ok = die_at(DISK_POWER_OFF, UINT32_MAX, 0, false, &out);
    if (!ok) {
        test_fail(__FILE__, __LINE__, "the whole story: %s", out.wrong);
    }
    return disk_fake_calls(DISK_POWER_OFF);
}

static void die_at_each(enum disk_trouble trouble, uint64_t stride) {
    struct outcome out;
    tell_whole();
    uint64_t changes = changes_of_story();
    CHECK(changes > 200);
    for (uint64_t seed = 1; seed <= seeds_of_walk(); seed++) {
        for (uint64_t nth = 1; nth <= changes; nth += walks_all() ? 1 : stride) {
            if (!die_at(trouble, nth, seed * 1000003 + nth, false, &out)) {
                test_fail(__FILE__, __LINE__, "seed %d, change %d, in \"%s\": %s", (int)seed, (int)nth,
                          out.step < story_length() ? story_step_name(out.step) : "the end", out.wrong);
            }
        }
    }
}

TEST(store_sqlite_disk, power_off_at_each_change) {
    die_at_each(DISK_POWER_OFF, 3);
}

TEST(store_sqlite_disk, killed_at_each_change) {
    die_at_each(DISK_KILL, 7);
}

// The proof that these tests bite: on a disk whose syncs do nothing they find losses.
TEST(store_sqlite_disk, lying_disk_is_found_out) {
    struct outcome out;
    int lost = 0;
    tell_whole();
    uint64_t changes = changes_of_story();
    for (uint64_t nth = 5; nth <= changes; nth += changes / 20) {
        lost += die_at(DISK_POWER_OFF, nth, nth, true, &out) ? 0 : 1;
    }
    CHECK(lost > 5);
}

// --- calls that fail ---

static int done_anyway;

// What became of a step that failed, and of the rest of the story.
static bool check_told_again(struct story *story, size_t step, struct outcome *out) {
    struct error error;
    if (step < story_length()) {
        size_t before = step > 0 ? told.after[step - 1] : 0;
        if (!check_home(step, out)) {
            return false;
        }
        if (out->state != before && !story_step_repeats(step)) {
            done_anyway++; // it was done though an error came back: it is not told again
            return check_goes_on(story, out);
        }
    }
    for (size_t i = step; i < story_length(); i++) {
        if (!story_tell(story, i, &error)) {
            snprintf(out->wrong, sizeof out->wrong, "\"%s\" does not go: %s", story_step_name(i), error.message);
            return false;
        }
    }
    // Also what a failed sync has left unwritten is there again.
    disk_fake_power_off();
    story_end(story);
    disk_fake_revive();
    return check_home(story_length(), out);
}

struct trouble {
    enum disk_trouble kind;
    bool stays;   // it meets all calls from there on, until the step has failed
    bool reopens; // home is closed with what failed, and opened by the next process
};

static bool meets(struct trouble trouble, uint64_t nth, bool *struck, struct outcome *out) {
    struct story story;
    struct error error;
    *out = (struct outcome){0};
    home_remove(nth);
    story_begin(&story, home_folder());
    (trouble.stays ? disk_fake_fault_on : disk_fake_fault)(trouble.kind, nth);
    size_t step = tell_until_it_fails(&story, &error);
    *struck = disk_fake_struck();
    bool ok;
    if (step < story_length() && (!*struck || error.code / 100 != 50)) {
        snprintf(out->wrong, sizeof out->wrong, "W%d: %s", error.code, error.message);
        out->step = step;
        ok = false;
    } else if (trouble.reopens) {
        story_end(&story);
        disk_fake_calm();
        story_begin(&story, home_folder());
        ok = check_home(step, out) && check_goes_on(&story, out);
    } else {
        disk_fake_calm();
        ok = check_told_again(&story, step, out);
    }
    story_end(&story);
    return ok;
}

static void meets_each(enum disk_trouble kind, uint64_t stride) {
    struct outcome out;
    int times = 0;
    tell_whole();
    for (int i = 0; i < 4; i++) {
        struct trouble trouble = {.kind = kind, .stays = i / 2, .reopens = i % 2};
        bool struck = true;
        for (uint64_t nth = walks_all() ? 1 : 1 + (uint64_t)i; struck; nth += walks_all() ? 1 : stride) {
            if (!meets(trouble, nth, &struck, &out)) {
                test_fail(__FILE__, __LINE__, "call %d%s, in \"%s\"%s: %s", (int)nth,
                          trouble.stays ? " and all after" : "",
                          out.step < story_length() ? story_step_name(out.step) : "the end",
                          trouble.reopens ? ", opened again" : "", out.wrong);
            }
            times += struck;
        }
    }
    CHECK(times > 4); // or the test looks at nothing
}

TEST(store_sqlite_disk, write_fails) {
    meets_each(DISK_EIO_WRITE, 23);
    CHECK(done_anyway > 0); // the mark, after its commit
}

TEST(store_sqlite_disk, write_ends_early) {
    meets_each(DISK_SHORT_WRITE, 29);
}

TEST(store_sqlite_disk, disk_is_full) {
    meets_each(DISK_FULL, 31);
}

TEST(store_sqlite_disk, sync_fails) {
    meets_each(DISK_EIO_SYNC, 5);
}

TEST(store_sqlite_disk, read_fails) {
    meets_each(DISK_EIO_READ, 29);
}

TEST(store_sqlite_disk, truncate_fails) {
    meets_each(DISK_EIO_TRUNCATE, 1);
}

TEST(store_sqlite_disk, delete_fails) {
    meets_each(DISK_EIO_DELETE, 1);
}

TEST(store_sqlite_disk, open_fails) {
    meets_each(DISK_EIO_OPEN, 2);
}

// --- an older home ---

// As a weir of version 1 left it, whole on the disk.
static void old_home_make(const char *journal, uint64_t seed) {
    static char sql[64 * 1024];
    char path[400];
    sqlite3 *db;
    FILE *file = fopen(test_source_path("tests/store/home_version_1.sql"), "rb");
    CHECK(file != NULL);
    sql[fread(sql, 1, sizeof sql - 1, file)] = '\0';
    fclose(file);
    home_remove(seed);
    snprintf(path, sizeof path, "%s/data", test_folder());
    CHECK(mkdir(path, 0700) == 0 && mkdir(home_folder(), 0700) == 0);
    snprintf(path, sizeof path, "%s/home.db", home_folder());
    CHECK(sqlite3_open(path, &db) == SQLITE_OK);
    snprintf(path, sizeof path, "PRAGMA journal_mode=%s", journal);
    CHECK(sqlite3_exec(db, path, NULL, NULL, NULL) == SQLITE_OK);
    CHECK(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK);
    CHECK(sqlite3_close(db) == SQLITE_OK);
    disk_fake_reset(seed);
}

static bool home_open(void) {
    struct store_setup setup = {.folder = text_of(home_folder())};
    struct store *store;
    struct error error;
    error_clear(&error);
    bool ok = store_open(&store_sqlite, &setup, &store, &error);
    CHECK(ok || error.code / 100 == 50);
    store_close(store);
    return ok;
}

// It is the old one, whole, or the new one; and the next weir makes the new one of it.
static bool migrate_at(const char *journal, enum disk_trouble trouble, uint64_t nth, uint64_t seed) {
    struct print before;
    struct print after;
    struct print now;
    char damage[200];
    old_home_make(journal, seed);
    CHECK(story_print(home_folder(), &before, NULL));
    CHECK(home_open());
    CHECK(story_print(home_folder(), &after, NULL));
    old_home_make(journal, seed);
    disk_fake_fault(trouble, nth);
    bool ok = home_open();
    bool struck = disk_fake_struck();
    CHECK(ok || struck);
    if (disk_fake_is_dead()) {
        disk_fake_revive();
    } else {
        disk_fake_calm();
    }
    CHECK(story_print(home_folder(), &now, damage) && damage[0] == '\0');
    CHECK(print_same(now, after) || (!ok && print_same(now, before)));
    CHECK(home_open());
    disk_fake_power_off();
    disk_fake_revive();
    // What a killed process had written and not synced is synced with the next commit, and opening may make none.
    CHECK(story_print(home_folder(), &now, damage) && damage[0] == '\0');
    CHECK(print_same(now, after) || (trouble == DISK_KILL && print_same(now, before)));
    CHECK(home_open());
    CHECK(story_print(home_folder(), &now, NULL) && print_same(now, after));
    return struck;
}

static void migrate_at_each(enum disk_trouble trouble) {
    static const char *const journals[] = {"delete", "wal"};
    disk_fake_install();
    for (int i = 0; i < 2; i++) {
        for (uint64_t seed = 1; seed <= seeds_of_walk(); seed++) {
            uint64_t nth = 1;
            while (migrate_at(journals[i], trouble, nth, seed * 1000003 + nth)) {
                nth++;
            }
            CHECK(nth > (trouble == DISK_EIO_SYNC ? 1 : 5));
        }
    }
}

TEST(store_sqlite_disk, migration_and_power_off) {
    migrate_at_each(DISK_POWER_OFF);
}

TEST(store_sqlite_disk, migration_killed) {
    migrate_at_each(DISK_KILL);
}

TEST(store_sqlite_disk, migration_whose_writes_fail) {
    migrate_at_each(DISK_EIO_WRITE);
}

TEST(store_sqlite_disk, migration_whose_syncs_fail) {
    migrate_at_each(DISK_EIO_SYNC);
}

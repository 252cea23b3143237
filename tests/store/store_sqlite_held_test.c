#include <stdlib.h>

#include "contract/store_contract_kit.h"
#include "disk_fake.h"
#include "store/store_sqlite.h"

// A checkpoint that readers held up copies a part of the log and does not sync it. When the one that goes on from there
// can't sync either, all of it must be copied again: what was said to be committed is there when the power goes.
//
//    commit    reader                  its checkpoint
//    1         views since before it   copies nothing
//    2         views since 1           copies 1, and syncs nothing
//    3 ...     none                    copies the rest; some sync fails
//    the power goes

enum { COMMITS = 8, SYNCS = 12, SEEDS = 5, LONG = 60000 };

struct walk {
    struct kit kit;
    struct store *readers[2];
    struct effect made[COMMITS];
    bool said[COMMITS]; // it is committed
};

static const char *home_folder(void) {
    static char path[320];
    snprintf(path, sizeof path, "%s/data/acme", test_folder());
    return path;
}

// The first one is long: its pages are its own.
static struct effect make(struct walk *walk, size_t number) {
    size_t length = number == 0 ? LONG : 8;
    char *code = arena_take(walk->kit.arena, length + 1);
    CHECK(code != NULL);
    memset(code, 'a' + (int)number, length);
    code[length] = '\0';
    struct value *fields = arena_take(walk->kit.arena, GROUP_FIELDS * sizeof *fields);
    CHECK(fields != NULL);
    fields[GROUP_CODE] = kit_text(code);
    fields[GROUP_NAME] = value_null();
    return kit_create(&walk->kit, walk->kit.group, NULL, "", fields, "");
}

static void view(struct walk *walk, size_t reader) {
    const struct store_type *type = walk->kit.type;
    int64_t seq;
    CHECK_OK(type->snapshot(walk->readers[reader], &walk->kit.error), &walk->kit.error);
    CHECK_OK(type->seq(walk->readers[reader], &seq, &walk->kit.error), &walk->kit.error);
}

static void commit(struct walk *walk, size_t number) {
    struct page page = kit_effects(&walk->kit, &walk->made[number], 1);
    enum commit_outcome outcome;
    walk->said[number] = store_commit(walk->kit.store, &page, &outcome, &walk->kit.error);
    CHECK(!walk->said[number] || outcome == COMMIT_DONE);
}

static void begin(struct walk *walk, uint64_t seed) {
    char path[320];
    snprintf(path, sizeof path, "%s/data", test_folder());
    CHECK(setenv("WEIR_LOG", "1", 1) == 0);
    disk_fake_install();
    disk_fake_reset(seed);
    disk_fake_remove(path);
    kit_open(&walk->kit, &store_sqlite, home_folder());
    for (size_t i = 0; i < COMMITS; i++) {
        walk->made[i] = make(walk, i);
    }
    for (size_t i = 0; i < 2; i++) {
        walk->readers[i] = kit_another(&walk->kit);
    }
}

// False: something that was said to be committed is not there.
static bool is_whole(struct walk *walk) {
    struct kit after;
    bool whole = true;
    kit_open(&after, &store_sqlite, home_folder());
    for (size_t i = 0; i < COMMITS; i++) {
        struct home_row row = kit_record(&after, after.group, walk->made[i].id);
        whole = whole && (!walk->said[i] ||
                          (row.id != 0 && value_same(&row.fields[GROUP_CODE], &walk->made[i].fields[GROUP_CODE])));
    }
    kit_close(&after);
    return whole;
}

static bool play(uint64_t sync, uint64_t seed, bool *struck) {
    static struct walk walk;
    const struct store_type *type = &store_sqlite;
    memset(&walk, 0, sizeof walk);
    begin(&walk, seed);
    view(&walk, 0);
    commit(&walk, 0);
    view(&walk, 1);
    type->snapshot_end(walk.readers[0]);
    commit(&walk, 1);
    type->snapshot_end(walk.readers[1]);
    CHECK(walk.said[0] && walk.said[1]);
    disk_fake_fault(DISK_EIO_SYNC, sync);
    for (size_t i = 2; i < COMMITS; i++) {
        commit(&walk, i);
    }
    *struck = disk_fake_struck();
    disk_fake_power_off();
    store_close(walk.readers[0]);
    store_close(walk.readers[1]);
    store_close(walk.kit.store);
    disk_fake_revive();
    bool whole = is_whole(&walk);
    arena_clear(&walk.kit.memory);
    return whole;
}

TEST(store_sqlite_held, a_sync_that_fails_loses_nothing_that_was_copied_before) {
    for (uint64_t sync = 1; sync <= SYNCS; sync++) {
        for (uint64_t seed = 1; seed <= SEEDS; seed++) {
            bool struck;
            if (!play(sync, seed, &struck)) {
                test_fail(__FILE__, __LINE__, "sync %d, seed %d: what was committed is not there", (int)sync,
                          (int)seed);
            }
            CHECK(struck);
        }
    }
}

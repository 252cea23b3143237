#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "contract/store_contract_kit.h"
#include "store/store_sqlite.h"
#include "store/store_sqlite_internal.h"
#include "test.h"

// The file: how it is made, what is refused and left as it was.

static const char *home_folder(void) {
    static char path[320];
    snprintf(path, sizeof path, "%s/data/acme", test_folder());
    return path;
}

static const char *home_file(const char *name) {
    static char paths[4][400];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", home_folder(), name);
    return path;
}

static void home_make(void) {
    struct kit kit;
    kit_open(&kit, &store_sqlite, home_folder());
    kit_run(&kit);
    kit_add_group(&kit, "a", "A", "1");
    kit_close(&kit);
}

// Runs SQL on the file from outside.
static void home_change(const char *sql) {
    sqlite3 *db;
    CHECK(sqlite3_open(home_file("home.db"), &db) == SQLITE_OK);
    CHECK(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK);
    CHECK(sqlite3_close(db) == SQLITE_OK);
}

static int64_t home_number(const char *sql) {
    sqlite3 *db;
    sqlite3_stmt *statement;
    CHECK(sqlite3_open(home_file("home.db"), &db) == SQLITE_OK);
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    CHECK(sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK);
    CHECK(sqlite3_step(statement) == SQLITE_ROW);
    int64_t number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    CHECK(sqlite3_close(db) == SQLITE_OK);
    return number;
}

static struct print file_print(const char *path) {
    static char bytes[4 * 1024 * 1024];
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL);
    size_t length = fread(bytes, 1, sizeof bytes, file);
    CHECK(length < sizeof bytes);
    fclose(file);
    return print_of((struct text){bytes, length}, 0);
}

static void open_fails(enum error_code code, bool create, bool read_only) {
    struct store_setup setup = {.folder = text_of(home_folder()), .create = create, .read_only = read_only};
    struct store *store;
    struct error error;
    error_clear(&error);
    CHECK(!store_open(&store_sqlite, &setup, &store, &error));
    CHECK_INT(error.code, code);
}

TEST(store_sqlite, files_are_private) {
    struct stat found;
    umask(0);
    home_make();
    CHECK(stat(home_folder(), &found) == 0);
    CHECK_INT(found.st_mode & 0777, 0700);
    const char *const names[] = {"home.db", "home.db-wal", "home.lock"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        CHECK(stat(home_file(names[i]), &found) == 0);
        CHECK_INT(found.st_mode & 0777, 0600);
    }
    CHECK(stat(home_file("lease"), &found) == 0);
    CHECK_INT(found.st_mode & 0777, 0700);
}

TEST(store_sqlite, settings_of_the_file) {
    home_make();
    CHECK_INT(home_number("PRAGMA application_id"), 0x77656972);
    CHECK_INT(home_number("PRAGMA user_version"), 3);
    CHECK_INT(home_number("SELECT count(*) FROM pragma_journal_mode WHERE journal_mode = 'wal'"), 1);
    CHECK_INT(home_number("SELECT count(*) FROM pragma_table_list WHERE type = 'table' AND schema = 'main' AND NOT "
                          "\"strict\" AND name NOT LIKE 'sqlite_%'"),
              0);
    CHECK_INT(home_number("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"), 0);
}

// Closing copies nothing into the file by itself: that is a checkpoint, which belongs under the lock.
TEST(store_sqlite, closing_leaves_the_log) {
    struct stat found;
    home_make();
    CHECK(stat(home_file("home.db-wal"), &found) == 0);
    CHECK(found.st_size > 0);
}

TEST(store_sqlite, newer_home_is_left_alone) {
    home_make();
    home_change("PRAGMA user_version = 4; PRAGMA journal_mode = DELETE");
    struct print was = file_print(home_file("home.db"));
    open_fails(ERROR_HOME_NEWER, true, false);
    open_fails(ERROR_HOME_NEWER, false, true);
    CHECK(print_same(file_print(home_file("home.db")), was));
}

TEST(store_sqlite, newer_home_with_a_log_is_left_alone) {
    struct kit kit;
    kit_open(&kit, &store_sqlite, home_folder());
    kit_run(&kit);
    kit_add_group(&kit, "a", "A", "1");
    home_change("PRAGMA wal_autocheckpoint = 0; PRAGMA user_version = 4");
    struct print was = file_print(home_file("home.db"));
    struct print log = file_print(home_file("home.db-wal"));
    open_fails(ERROR_HOME_NEWER, true, false);
    CHECK(print_same(file_print(home_file("home.db")), was));
    CHECK(print_same(file_print(home_file("home.db-wal")), log));
    kit_close(&kit);
}

TEST(store_sqlite, text_is_no_home) {
    home_make();
    char junk[8192];
    memset(junk, 'x', sizeof junk);
    CHECK(unlink(home_file("home.db-wal")) == 0);
    test_write(home_file("home.db"), junk, sizeof junk);
    struct print was = file_print(home_file("home.db"));
    open_fails(ERROR_HOME_DAMAGED, true, false);
    open_fails(ERROR_HOME_DAMAGED, false, true);
    CHECK(print_same(file_print(home_file("home.db")), was));
}

TEST(store_sqlite, other_database_is_no_home) {
    home_make();
    CHECK(unlink(home_file("home.db")) == 0 && unlink(home_file("home.db-wal")) == 0 &&
          unlink(home_file("home.db-shm")) == 0);
    home_change("CREATE TABLE theirs(x); INSERT INTO theirs VALUES (1)");
    struct print was = file_print(home_file("home.db"));
    open_fails(ERROR_HOME_DAMAGED, true, false);
    CHECK(print_same(file_print(home_file("home.db")), was));
}

TEST(store_sqlite, folder_is_no_home) {
    char command[500];
    snprintf(command, sizeof command, "mkdir -p '%s'", home_file("home.db"));
    CHECK(system(command) == 0);
    open_fails(ERROR_HOME_DAMAGED, true, false);
    open_fails(ERROR_HOME_DAMAGED, false, true);
}

TEST(store_sqlite, file_in_place_of_the_folder) {
    char command[500];
    snprintf(command, sizeof command, "mkdir -p '%s/data'", test_folder());
    CHECK(system(command) == 0);
    test_write(home_folder(), "x", 1);
    open_fails(ERROR_HOME_OPEN, true, false);
    open_fails(ERROR_HOME_MISSING, false, false);
}

// A process that died right after it made the file.
TEST(store_sqlite, empty_file_is_finished) {
    char command[500];
    snprintf(command, sizeof command, "mkdir -p '%s'", home_folder());
    CHECK(system(command) == 0);
    test_write(home_file("home.db"), "", 0);
    open_fails(ERROR_HOME_MISSING, false, true);
    home_make();
    CHECK_INT(home_number("SELECT count(*) FROM \"group\""), 1);
}

TEST(store_sqlite, damaged_page_is_said) {
    struct kit kit;
    home_make();
    home_change("PRAGMA wal_checkpoint(TRUNCATE)");
    int64_t page = home_number("SELECT rootpage FROM sqlite_schema WHERE name = 'group'");
    int64_t bytes = home_number("PRAGMA page_size");
    int file = open(home_file("home.db"), O_RDWR | O_CLOEXEC);
    CHECK(file >= 0);
    char junk[512];
    memset(junk, 0xff, sizeof junk);
    CHECK(pwrite(file, junk, sizeof junk, (page - 1) * bytes) == (ssize_t)sizeof junk);
    close(file);
    kit_open(&kit, &store_sqlite, home_folder());
    struct home_row row;
    CHECK(!kit.store->type->record_find(kit.store, kit.group, 1, kit.arena, &row, &kit.error));
    CHECK_INT(kit.error.code, ERROR_HOME_DAMAGED);
    kit_run(&kit);
    struct value fields[GROUP_FIELDS] = {kit_text("B"), kit_text("B")};
    struct effect effect = kit_create(&kit, kit.group, kit.groups, "b", fields, "1");
    struct page again = kit_effects(&kit, &effect, 1);
    enum commit_outcome outcome;
    CHECK(!store_commit(kit.store, &again, &outcome, &kit.error));
    CHECK_INT(kit.error.code, ERROR_HOME_DAMAGED);
    kit_close(&kit);
}

TEST(store_sqlite, read_only_beside_a_run) {
    struct kit kit;
    kit_open(&kit, &store_sqlite, home_folder());
    kit_run(&kit);
    kit_add_group(&kit, "a", "A", "1");
    struct store_setup setup = {.folder = text_of(home_folder()), .read_only = true};
    struct kit reader = kit;
    CHECK_OK(store_open(&store_sqlite, &setup, &reader.store, &reader.error), &reader.error);
    CHECK_INT(kit_seq(&reader), 1);
    kit_add_group(&kit, "b", "B", "1");
    CHECK_INT(kit_seq(&reader), 2);
    struct linkset *links;
    CHECK_OK(store_linkset(reader.store, TEXT_LITERAL("wells"), reader.group, false, &links, &reader.error),
             &reader.error);
    CHECK_INT(kit_link(&reader, links, "b").home, 2);
    CHECK(!store_linkset(reader.store, TEXT_LITERAL("ponds"), reader.group, false, &links, &reader.error));
    CHECK_INT(reader.error.code, ERROR_NOT_THERE);
    store_close(reader.store);
    kit_close(&kit);
}

// On a disk that can't be written the log's index can't be made; a directory in its place is as good as that.
TEST(store_sqlite, read_only_without_a_log) {
    char command[1000];
    home_make();
    home_change("PRAGMA wal_checkpoint(TRUNCATE)");
    snprintf(command, sizeof command,
             "cd '%s' && rm -f home.db-wal home.db-shm && mkdir home.db-shm && "
             "mv '%s' '%s/data/a%%20?#b'",
             home_folder(), home_folder(), test_folder());
    CHECK(system(command) == 0);
    char folder[400];
    snprintf(folder, sizeof folder, "%s/data/a%%20?#b", test_folder());
    struct store_setup setup = {.folder = text_of(folder), .read_only = true};
    struct error error;
    struct store *store;
    int64_t seq;
    CHECK_OK(store_open(&store_sqlite, &setup, &store, &error), &error);
    CHECK_OK(store->type->seq(store, &seq, &error), &error);
    CHECK_INT(seq, 1);
    store_close(store);
}

// A print of the tables that some steps make, as text: a change of the schema is a new migration, not an edit of an old
// one.
static void check_schema(int steps, const char *expected) {
    sqlite3 *db;
    sqlite3_stmt *statement;
    struct print print = {0, 0};
    char hex[PRINT_HEX + 1];
    CHECK(sqlite3_open(":memory:", &db) == SQLITE_OK);
    for (int step = 0; step < steps; step++) {
        for (const char *const *sql = sqlite_migrations[step]; *sql != NULL; sql++) {
            CHECK(sqlite3_exec(db, *sql, NULL, NULL, NULL) == SQLITE_OK);
        }
    }
    CHECK(sqlite3_prepare_v2(db,
                             "SELECT sql FROM sqlite_schema WHERE tbl_name GLOB 'weir_*' AND sql IS NOT NULL"
                             " ORDER BY name",
                             -1, &statement, NULL) == SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        print = print_join(print, print_of(text_of((const char *)sqlite3_column_text(statement, 0)), 0));
    }
    sqlite3_finalize(statement);
    sqlite3_close(db);
    print_hex(print, hex);
    CHECK_TEXT(text_of(hex), expected);
}

TEST(store_sqlite, schema_of_each_version_stays) {
    CHECK(sqlite_migrations[HOME_VERSION] == NULL);
    check_schema(1, "30625b41f72a507043d99267b6a7ecc0");
    check_schema(2, "93ae1ab426b0554ca48ffb96cbcdfa58");
    check_schema(3, "1c997d9f4448721dcf039ebaa2d0a20a");
}

// Somebody turned the log off, or copied the file through a tool that did.
TEST(store_sqlite, log_is_turned_on_again) {
    struct kit kit;
    home_make();
    home_change("PRAGMA journal_mode = DELETE");
    CHECK_INT(home_number("SELECT count(*) FROM pragma_journal_mode WHERE journal_mode = 'wal'"), 0);
    kit_open(&kit, &store_sqlite, home_folder());
    CHECK_INT(home_number("SELECT count(*) FROM pragma_journal_mode WHERE journal_mode = 'wal'"), 1);
    CHECK_INT(kit_seq(&kit), 1);
    kit_close(&kit);
}

// A record that goes waits for nothing any more.
TEST(store_sqlite, deleted_record_leaves_no_waiting_field) {
    struct kit kit;
    kit_open(&kit, &store_sqlite, home_folder());
    kit_run(&kit);
    struct effect group = kit_add_group(&kit, "a", "A", "1");
    const struct pending_row pending = {.awaits_external = TEXT_LITERAL("x"),
                                        .datatype = TEXT_LITERAL("group"),
                                        .home = group.id,
                                        .field = TEXT_LITERAL("name")};
    struct page page = kit_page(&kit);
    page.pendings = &pending;
    page.pending_count = 1;
    kit_commit(&kit, &page);
    CHECK_INT(kit_pending_count(&kit, "", ""), 1);
    struct effect gone = kit_change(&group, EFFECT_DELETE, 1, NULL, "2");
    kit_commit_effects(&kit, &gone, 1);
    CHECK_INT(kit_pending_count(&kit, "", ""), 0);
    CHECK_INT(home_number("SELECT count(*) FROM weir_tombstone WHERE id = 1 AND seq = 2 AND datatype = 'group'"), 1);
    kit_close(&kit);
}

// Neighbours in a page that differ in what becomes of their links: one of each, both ways round.
TEST(store_sqlite, links_of_mixed_pages) {
    struct kit kit;
    kit_open(&kit, &store_sqlite, home_folder());
    kit_run(&kit);
    struct effect a = kit_add_group(&kit, "a", "A", "1");
    struct linkset *ponds = kit_linkset(&kit, "ponds", kit.group, false);
    struct effect effects[] = {kit_change(&a, EFFECT_AGREE, 1, NULL, "2"), kit_change(&a, EFFECT_AGREE, 1, NULL, "3"),
                               kit_change(&a, EFFECT_AGREE, 1, NULL, "4")};
    effects[1].links = ponds;
    effects[1].external = TEXT_LITERAL("p");
    effects[1].adds_link = true;
    kit_commit_effects(&kit, effects, 3);
    CHECK(print_same(kit_link(&kit, kit.groups, "a").seen, kit_print("4")));
    CHECK(print_same(kit_link(&kit, ponds, "p").seen, kit_print("3")));
    struct effect gone = kit_change(&a, EFFECT_DELETE, 1, NULL, "5");
    gone.links = NULL;
    kit_commit_effects(&kit, &gone, 1);
    const struct value fields[GROUP_FIELDS] = {kit_text("A"), kit_text("back")};
    struct effect news[] = {kit_create(&kit, kit.group, kit.groups, "b", fields, "1"),
                            kit_change(&a, EFFECT_CREATE, 0, fields, "6"),
                            kit_create(&kit, kit.group, kit.groups, "c", fields, "1")};
    kit_commit_effects(&kit, news, 3);
    CHECK_INT(kit_link(&kit, kit.groups, "a").home, a.id);
    CHECK(print_same(kit_link(&kit, kit.groups, "a").seen, kit_print("6")));
    CHECK_INT(kit_link(&kit, kit.groups, "c").agreed_seq, kit_record(&kit, kit.group, news[2].id).seq);
    CHECK_INT(home_number("SELECT count(*) FROM weir_tombstone"), 0);
    kit_close(&kit);
}

// The walk along the links must not keep an old view of home when nobody asked for one.
TEST(store_sqlite, walk_outside_a_snapshot_sees_what_is_new) {
    struct kit kit;
    kit_open(&kit, &store_sqlite, home_folder());
    kit_run(&kit);
    kit_add_group(&kit, "a", "A", "1");
    kit_add_group(&kit, "b", "B", "1");
    CHECK_INT(kit_link(&kit, kit.groups, "a").home, 1); // and stands before b
    kit_add_group(&kit, "c", "C", "1");
    CHECK_INT(kit_seq(&kit), 3);
    CHECK_INT(kit_link(&kit, kit.groups, "c").home, 3);
    kit_close(&kit);
}

// Two numbers that are one double are two keys; one number written in two ways is one.
TEST(store_sqlite, key_of_decimals_is_exact) {
    struct kit kit;
    kit_open(&kit, &store_sqlite, home_folder());
    const struct field field = {.name = TEXT_LITERAL("depth"), .type = FIELD_DECIMAL};
    const uint32_t key[] = {0};
    const struct datatype *datatype = kit_datatype(&kit, "well", &field, 1, key, 1, false);
    CHECK_OK(store_prepare(kit.store, &datatype, 1, TEXT_LITERAL("x"), &kit.error), &kit.error);
    const char *const numbers[] = {"9007199254740992", "9007199254740993", "9007199254740993.0"};
    for (size_t i = 0; i < 3; i++) {
        const struct value value = kit_decimal(numbers[i]);
        struct effect effect = kit_create(&kit, datatype, NULL, "", &value, "");
        kit_commit_effects(&kit, &effect, 1);
    }
    for (size_t i = 0; i < 3; i++) {
        const struct value value = kit_decimal(numbers[i]);
        int64_t ids[2];
        size_t count;
        CHECK_OK(kit.store->type->key_find(kit.store, datatype, &value, ids, &count, &kit.error), &kit.error);
        CHECK_INT(count, i == 0 ? 1 : 2);
        CHECK_INT(ids[0], i == 0 ? 1 : 2);
    }
    kit_close(&kit);
}

// A record that goes with a settle may have been found by another datasource meanwhile: its link goes on to the one
// that stays.
TEST(store_sqlite, settle_leads_other_links_on) {
    struct kit kit;
    int64_t repeats;
    int64_t conflicts;
    kit_open(&kit, &store_sqlite, home_folder());
    kit_run(&kit);
    struct linkset *others = kit.groups;
    kit.groups = kit_linkset(&kit, "ponds", kit.group, true);
    kit_add_group(&kit, "a", "A", "1");
    struct effect second = kit_add_group(&kit, "a", "B", "2");
    struct effect adopted = kit_change(&second, EFFECT_AGREE, 2, NULL, "3");
    adopted.links = others;
    adopted.external = TEXT_LITERAL("o");
    adopted.adds_link = true;
    kit_commit_effects(&kit, &adopted, 1);
    CHECK_OK(store_settle(kit.store, kit.groups, &kit.lease, kit.run, 1, &repeats, &conflicts, &kit.error), &kit.error);
    CHECK_INT(repeats, 1);
    CHECK_INT(kit_link(&kit, others, "o").home, 1);
    kit_close(&kit);
}

// How a query is answered, as SQLite tells it.
static void check_plan(const char *sql, const char *says) {
    sqlite3 *db;
    sqlite3_stmt *statement;
    char query[500];
    CHECK(sqlite3_open(home_file("home.db"), &db) == SQLITE_OK);
    snprintf(query, sizeof query, "EXPLAIN QUERY PLAN %s", sql);
    CHECK(sqlite3_prepare_v2(db, query, -1, &statement, NULL) == SQLITE_OK);
    CHECK(sqlite3_step(statement) == SQLITE_ROW);
    const char *plan = (const char *)sqlite3_column_text(statement, 3);
    if (strstr(plan, says) == NULL) {
        test_fail(__FILE__, __LINE__, "%s: %s, not %s", sql, plan, says);
    }
    sqlite3_finalize(statement);
    sqlite3_close(db);
}

// What a load asks for each record must be found by an index.
TEST(store_sqlite, questions_are_answered_by_indexes) {
    struct kit kit;
    home_make();
    kit_open(&kit, &store_sqlite, home_folder());
    const struct field field = {.name = TEXT_LITERAL("depth"), .type = FIELD_DECIMAL};
    const uint32_t key[] = {0};
    const struct datatype *datatype = kit_datatype(&kit, "well", &field, 1, key, 1, false);
    CHECK_OK(store_prepare(kit.store, &datatype, 1, TEXT_LITERAL("x"), &kit.error), &kit.error);
    check_plan("SELECT id FROM well WHERE CAST(\"depth\" AS REAL) = CAST(?1 AS REAL) ORDER BY id",
               "USING INDEX weir_key_well");
    check_plan("SELECT id FROM reading WHERE \"group\" = ?1 AND \"at\" = ?2", "INDEX weir_key_reading");
    check_plan("SELECT home FROM weir_link_1 WHERE external = ?1", "INDEX weir_link_1_external");
    check_plan("SELECT * FROM weir_pending WHERE home <> 0 AND home = ?1 AND datatype = ?2 AND field = ?3",
               "INDEX weir_pending_field");
    check_plan("DELETE FROM weir_pending WHERE datatype = ?1 AND home = ?2 AND home <> 0", "INDEX weir_pending_field");
    check_plan("SELECT id FROM weir_pending WHERE home = 0 AND datasource = ?1 AND datatype = ?2 AND external = ?3",
               "INDEX weir_pending_record");
    check_plan("SELECT id FROM weir_pending WHERE awaits_datasource = ?1 AND awaits_type = ?2 AND awaits_external = ?3"
               " ORDER BY id",
               "INDEX weir_pending_awaits");
    check_plan("SELECT id FROM weir_dead WHERE flow = ?1 AND type = ?2 AND external = ?3 AND direction = ?4",
               "INDEX weir_dead_record");
    check_plan("SELECT id FROM weir_conflict WHERE kind = 'repeat' AND datasource = ?1 AND datatype = ?2"
               " AND external = ?3 AND print = ?4",
               "INDEX weir_conflict_repeat");
    check_plan("UPDATE weir_run SET message = '' WHERE key = ?1 AND status = 'running'", "INDEX weir_run_live");
    check_plan("SELECT id FROM weir_intent WHERE operation = ?1", "INDEX sqlite_autoindex_weir_intent_1");
    check_plan("SELECT id FROM weir_held WHERE key = ?1 AND direction = ?2 AND datatype = ?3 AND home = ?4",
               "INDEX sqlite_autoindex_weir_held_1");
    check_plan("SELECT * FROM weir_inbox WHERE key = ?1 AND state = 'waiting' AND id > ?2 ORDER BY id ASC LIMIT ?3",
               "INDEX weir_inbox_waiting (key=? AND id>?)");
    check_plan("SELECT * FROM weir_inbox WHERE key = ?1 AND batch = ?4 AND id > ?2 ORDER BY id ASC LIMIT ?3",
               "INDEX sqlite_autoindex_weir_inbox_1 (key=? AND batch=?)");
    check_plan("SELECT * FROM weir_inbox WHERE ?4 = home AND home <> 0 AND sync = ?1 AND id < ?2 ORDER BY id DESC"
               " LIMIT ?3",
               "INDEX weir_inbox_home (home=? AND id<?)");
    check_plan("SELECT id FROM weir_inbox WHERE state = 'done' AND done_us < ?1 ORDER BY done_us LIMIT ?2",
               "INDEX weir_inbox_done");
    check_plan("SELECT fields FROM weir_history WHERE id = ?1 AND seq = ?2", "PRIMARY KEY");
    kit_close(&kit);
}

// What tracking and derived fields ask for each record must be found by an index, which a first load does without.
TEST(store_sqlite, indexes_of_two_ways) {
    static const struct derive derives[] = {{.field = 1, .function = 3}};
    const struct field fields[] = {{.name = TEXT_LITERAL("of"), .type = FIELD_REF, .target = TEXT_LITERAL("group")},
                                   {.name = TEXT_LITERAL("cost"), .type = FIELD_INTEGER}};
    struct kit kit;
    kit_open(&kit, &store_sqlite, home_folder());
    struct datatype bill = *kit_datatype(&kit, "bill", fields, 2, NULL, 0, false);
    const struct datatype *datatype = &bill;
    for (int i = 0; i < 3; i++) {
        bill.derives = derives;
        bill.derive_count = i == 1 ? 0 : 1;
        CHECK_OK(store_prepare(kit.store, &datatype, 1, TEXT_LITERAL("x"), &kit.error), &kit.error);
        CHECK_INT(home_number("SELECT count(*) FROM sqlite_schema WHERE name = 'weir_ref_bill.of'"), i != 1);
    }
    check_plan("SELECT id FROM bill WHERE \"of\" = ?1 AND id > ?2 ORDER BY id LIMIT ?3", "INDEX weir_ref_bill.of");
    struct linkset *links = kit_linkset(&kit, "wells", &bill, true);
    CHECK_OK(store_track(kit.store, links, &kit.error), &kit.error);
    CHECK_INT(home_number("SELECT count(*) FROM sqlite_schema WHERE tbl_name = 'bill' AND type = 'index'"), 0);
    kit_run(&kit);
    int64_t repeats;
    int64_t conflicts;
    CHECK_OK(store_settle(kit.store, links, &kit.lease, kit.run, 1, &repeats, &conflicts, &kit.error), &kit.error);
    check_plan("SELECT id FROM bill WHERE seq > ?1 ORDER BY seq LIMIT ?2", "INDEX weir_seq_bill");
    check_plan("SELECT id FROM bill WHERE \"of\" = ?1 AND id > ?2 ORDER BY id LIMIT ?3", "INDEX weir_ref_bill.of");
    check_plan("SELECT id FROM weir_tombstone WHERE datatype = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3",
               "INDEX weir_tombstone_seq");
    CHECK_OK(store_track(kit.store, kit.groups, &kit.error), &kit.error);
    check_plan("SELECT id FROM \"group\" WHERE seq > ?1 ORDER BY seq LIMIT ?2", "INDEX weir_seq_group");
    kit_close(&kit);
}

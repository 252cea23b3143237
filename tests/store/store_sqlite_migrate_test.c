#include <sqlite3.h>
#include <sys/stat.h>

#include "contract/store_contract_kit.h"
#include "store/store_sqlite.h"
#include "test.h"

// A home that an older weir made (tests/store/home_version_1.sql) comes up to date with all that is in it.

static const char *home_folder(void) {
    static char path[320];
    snprintf(path, sizeof path, "%s/mywell", test_folder());
    return path;
}

static sqlite3 *home_open(void) {
    sqlite3 *db;
    char path[400];
    snprintf(path, sizeof path, "%s/home.db", home_folder());
    CHECK(sqlite3_open(path, &db) == SQLITE_OK);
    return db;
}

static void home_restore(const char *more) {
    static char sql[64 * 1024];
    FILE *file = fopen(test_source_path("tests/store/home_version_1.sql"), "rb");
    CHECK(file != NULL);
    sql[fread(sql, 1, sizeof sql - 1, file)] = '\0';
    fclose(file);
    CHECK(mkdir(home_folder(), 0700) == 0);
    sqlite3 *db = home_open();
    CHECK(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK);
    CHECK(sqlite3_exec(db, more, NULL, NULL, NULL) == SQLITE_OK);
    CHECK(sqlite3_close(db) == SQLITE_OK);
}

static int64_t home_number(const char *sql) {
    sqlite3_stmt *statement;
    sqlite3 *db = home_open();
    CHECK(sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK);
    CHECK(sqlite3_step(statement) == SQLITE_ROW);
    int64_t number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    CHECK(sqlite3_close(db) == SQLITE_OK);
    return number;
}

static void home_kit(struct kit *kit) {
    *kit = (struct kit){.type = &store_sqlite, .folder = text_of(home_folder())};
    arena_init(&kit->memory, 64 * 1024 * 1024);
    kit->arena = &kit->memory;
    struct store_setup setup = {.folder = kit->folder};
    CHECK_OK(store_open(&store_sqlite, &setup, &kit->store, &kit->error), &kit->error);
}

static const struct datatype *known(struct kit *kit, const char *name) {
    const struct datatype *datatype;
    CHECK_OK(store_sqlite.datatype(kit->store, text_of(name), kit->arena, &datatype, &kit->error), &kit->error);
    CHECK(datatype != NULL);
    return datatype;
}

static void check_links(struct kit *kit) {
    const struct datatype *reading = known(kit, "reading");
    CHECK_INT(reading->derive_count, 0);
    struct linkset *links = kit_linkset(kit, "mywell_file", reading, false);
    CHECK(!links->bulk && !links->tracked);
    struct link link = kit_link(kit, links, "[\"313603\",\"1111\",\"2018/08/07\"]");
    CHECK_INT(link.home, 5);
    CHECK_INT(link.agreed_seq, 4);
    struct home_row row = kit_record(kit, reading, 5);
    CHECK_TEXT(row.origin, "mywell_file");
    CHECK_INT(row.seq, 4);
    struct kit_rows rows;
    kit_links(kit, reading, kit_scan(""), &rows);
    CHECK_INT(rows.count, 2);
    CHECK_INT(rows.as.links[0].link.bounces, 0);
    CHECK(print_same(rows.as.links[0].link.sent, (struct print){0, 0}));
}

static void check_rows(struct kit *kit) {
    struct kit_rows rows;
    kit_deads(kit, kit_scan("mywell/csv_readings:reading"), &rows);
    CHECK_INT(rows.count, 1);
    CHECK_TEXT(rows.as.deads[0].direction, "pull");
    CHECK_TEXT(rows.as.deads[0].code, "W4007");
    kit_pendings(kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 1);
    kit_conflicts(kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 1);
    kit_runs(kit, kit_scan(""), &rows);
    CHECK_INT(rows.count, 2);
    CHECK_INT(rows.as.runs[1].counts.read, 5);
    CHECK_INT(rows.as.runs[1].counts.pending, 1);
    CHECK_INT(rows.as.runs[1].request, 0);
    CHECK_INT(rows.as.runs[1].counts.conflicts + rows.as.runs[1].counts.held + rows.as.runs[1].until_us, 0);
    struct checkpoint checkpoint;
    CHECK(kit_checkpoint(kit, "mywell/csv_readings {\"file\":\"b.csv\"}", &checkpoint));
    CHECK_TEXT(checkpoint.position, "byte 17");
    CHECK_TEXT(checkpoint.since, "");
    CHECK_INT(checkpoint.counts.pending, 9);
    CHECK_INT(checkpoint.counts.held, 0);
}

TEST(store_sqlite_migrate, version_1_keeps_its_data) {
    struct kit kit;
    home_restore("");
    home_kit(&kit);
    CHECK_INT(home_number("PRAGMA user_version"), 3);
    check_links(&kit);
    check_rows(&kit);
    CHECK_INT(kit_seq(&kit), 6);
    CHECK_INT(kit_reserve(&kit, 1), 10);
    bool restored;
    CHECK_OK(store_sqlite.restored(kit.store, &restored, &kit.error), &kit.error);
    CHECK(!restored);
    kit_close(&kit);
    home_kit(&kit); // and once is enough
    check_links(&kit);
    check_rows(&kit);
    kit_close(&kit);
    CHECK_INT(home_number("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"), 0);
}

static bool count_change(void *context, const struct change_row *row, struct error *error) {
    (void)error;
    int64_t *last = context;
    CHECK(row->seq > *last);
    *last = row->seq;
    return true;
}

TEST(store_sqlite_migrate, version_1_goes_both_ways) {
    struct kit kit;
    home_restore("");
    home_kit(&kit);
    const struct datatype *resource = known(&kit, "resource");
    struct linkset *links = kit_linkset(&kit, "mywell", resource, false);
    CHECK_OK(store_track(kit.store, links, &kit.error), &kit.error);
    int64_t last = 0;
    CHECK_OK(store_sqlite.change_scan(kit.store, resource, 0, 0, count_change, &last, &kit.error), &kit.error);
    CHECK_INT(last, 6); // the delete
    struct effect effects[] = {
        {.kind = EFFECT_AGREE,
         .datatype = resource,
         .id = 1,
         .base_seq = 5,
         .links = links,
         .external = TEXT_LITERAL("[\"313603\",\"1111\"]"),
         .sends = true,
         .sent = kit_print("sent"),
         .bounces = 1},
        {.kind = EFFECT_FORGET,
         .datatype = resource,
         .id = 2,
         .links = links,
         .external = TEXT_LITERAL("[\"313603\",\"1170\"]")},
    };
    kit_commit_effects(&kit, effects, 2);
    struct link link = kit_link(&kit, links, "[\"313603\",\"1111\"]");
    CHECK_INT(link.agreed_seq, 5);
    CHECK(print_same(link.sent, kit_print("sent")));
    CHECK_INT(kit_link(&kit, links, "[\"313603\",\"1170\"]").home, 0);
    kit_close(&kit);
}

// A step that fails leaves the home as it was, for the weir that made it.
TEST(store_sqlite_migrate, version_1_stays_where_a_step_fails) {
    struct error error;
    struct store *store;
    home_restore("CREATE TABLE weir_stale(mine);");
    struct store_setup setup = {.folder = text_of(home_folder())};
    error_clear(&error);
    CHECK(!store_open(&store_sqlite, &setup, &store, &error));
    CHECK_INT(home_number("PRAGMA user_version"), 1);
    CHECK_INT(home_number("SELECT count(*) FROM pragma_table_info('weir_dead') WHERE name = 'direction'"), 0);
    CHECK_INT(home_number("SELECT count(*) FROM pragma_table_info('weir_link_1') WHERE name = 'bounces'"), 0);
}

TEST(store_sqlite_migrate, version_1_is_not_read_as_it_is) {
    struct error error;
    struct store *store;
    home_restore("");
    struct store_setup setup = {.folder = text_of(home_folder()), .read_only = true};
    error_clear(&error);
    CHECK(!store_open(&store_sqlite, &setup, &store, &error));
    CHECK_INT(error.code, ERROR_HOME_OPEN);
    CHECK_INT(home_number("PRAGMA user_version"), 1);
}

// What a migrated home has is what a new one has.
TEST(store_sqlite_migrate, version_1_ends_as_a_new_home) {
    struct kit kit;
    home_restore("");
    home_kit(&kit);
    kit_close(&kit);
    char folder[400];
    char sql[1000];
    snprintf(folder, sizeof folder, "%s/new", test_folder());
    kit_open(&kit, &store_sqlite, folder);
    kit_close(&kit);
    snprintf(sql, sizeof sql, "ATTACH '%s/home.db' AS new", folder);
    sqlite3 *db = home_open();
    sqlite3_stmt *statement;
    CHECK(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK);
    CHECK(sqlite3_prepare_v2(db,
                             "SELECT count(*) FROM new.sqlite_schema AS n WHERE name GLOB 'weir_*'"
                             " AND name NOT GLOB 'weir_key_*' AND name NOT GLOB 'weir_link_*' AND NOT EXISTS"
                             " (SELECT 1 FROM main.sqlite_schema AS m WHERE m.name = n.name AND m.sql IS n.sql)",
                             -1, &statement, NULL) == SQLITE_OK);
    CHECK(sqlite3_step(statement) == SQLITE_ROW);
    CHECK_INT(sqlite3_column_int64(statement, 0), 0);
    sqlite3_finalize(statement);
    CHECK(sqlite3_prepare_v2(db,
                             "SELECT (SELECT group_concat(name || type) FROM pragma_table_info('weir_link_1', 'new'))"
                             " = (SELECT group_concat(name || type) FROM pragma_table_info('weir_link_1', 'main'))",
                             -1, &statement, NULL) == SQLITE_OK);
    CHECK(sqlite3_step(statement) == SQLITE_ROW);
    CHECK_INT(sqlite3_column_int64(statement, 0), 1);
    sqlite3_finalize(statement);
    CHECK(sqlite3_close(db) == SQLITE_OK);
}

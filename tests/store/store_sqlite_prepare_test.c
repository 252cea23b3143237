#include <sqlite3.h>

#include "contract/store_contract_kit.h"
#include "store/store_sqlite.h"
#include "test.h"

// What only this store has of a datatype: its table, its view, the names it can't keep.

static const char *home_folder(void) {
    static char path[320];
    snprintf(path, sizeof path, "%s/acme", test_folder());
    return path;
}

// The first column of a query's first row, as text; "-" for none.
static const char *answer(const char *sql) {
    static char texts[4][2000];
    static int next;
    char *text = texts[next++ % 4];
    char path[400];
    sqlite3 *db;
    sqlite3_stmt *statement;
    snprintf(path, sizeof path, "%s/home.db", home_folder());
    CHECK(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK);
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) {
        test_fail(__FILE__, __LINE__, "%s: %s", sql, sqlite3_errmsg(db));
    }
    bool found = sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_type(statement, 0) != SQLITE_NULL;
    snprintf(text, sizeof texts[0], "%s", found ? (const char *)sqlite3_column_text(statement, 0) : "-");
    sqlite3_finalize(statement);
    CHECK(sqlite3_close(db) == SQLITE_OK);
    return text;
}

static void prepare(struct kit *kit, const struct datatype *datatype) {
    CHECK_OK(store_prepare(kit->store, &datatype, 1, TEXT_LITERAL("x"), &kit->error), &kit->error);
}

static void prepare_fails(struct kit *kit, const struct datatype *datatype, const char *says) {
    error_clear(&kit->error);
    CHECK(!store_prepare(kit->store, &datatype, 1, TEXT_LITERAL("x"), &kit->error));
    CHECK_INT(kit->error.code, ERROR_SCHEMA_CHANGE);
    if (strstr(kit->error.message, says) == NULL) {
        test_fail(__FILE__, __LINE__, "%s does not say %s", kit->error.message, says);
    }
}

static const struct datatype *with_field(struct kit *kit, const char *type, const char *name, enum field_type field) {
    const struct field fields[] = {{.name = TEXT_LITERAL("code"), .type = FIELD_TEXT},
                                   {.name = text_of(name), .type = field}};
    return kit_datatype(kit, type, fields, 2, NULL, 0, false);
}

TEST(store_sqlite_prepare, names_it_cannot_keep) {
    struct kit kit;
    kit_open_bare(&kit, &store_sqlite, home_folder());
    prepare_fails(&kit, with_field(&kit, "weir_run", "a", FIELD_TEXT), "weir_");
    prepare_fails(&kit, with_field(&kit, "Weir_thing", "a", FIELD_TEXT), "weir_");
    prepare_fails(&kit, with_field(&kit, "sqlite_x", "a", FIELD_TEXT), "sqlite_");
    prepare_fails(&kit, with_field(&kit, "well", "Origin", FIELD_TEXT), "origin");
    prepare_fails(&kit, with_field(&kit, "well", "CODE", FIELD_TEXT), "only in case");
    prepare(&kit, with_field(&kit, "well", "a", FIELD_TEXT));
    prepare_fails(&kit, with_field(&kit, "WELL", "a", FIELD_TEXT), "table or view well");
    prepare_fails(&kit, with_field(&kit, "well_view", "a", FIELD_TEXT), "table or view well_view");
    const uint32_t key[] = {0};
    const struct field json = {.name = TEXT_LITERAL("data"), .type = FIELD_JSON};
    prepare_fails(&kit, kit_datatype(&kit, "pump", &json, 1, key, 1, false), "json");
    CHECK_TEXT(text_of(answer("SELECT group_concat(name) FROM weir_datatype")), "well");
    kit_close(&kit);
}

TEST(store_sqlite_prepare, names_that_are_words_of_sql) {
    struct kit kit;
    const struct field fields[] = {{.name = TEXT_LITERAL("select"), .type = FIELD_TEXT},
                                   {.name = TEXT_LITERAL("order"), .type = FIELD_TIME},
                                   {.name = TEXT_LITERAL("index"), .type = FIELD_DECIMAL},
                                   {.name = TEXT_LITERAL("check"), .type = FIELD_BOOL},
                                   {.name = TEXT_LITERAL("rowid"), .type = FIELD_INTEGER}};
    const uint32_t key[] = {0, 2};
    kit_open_bare(&kit, &store_sqlite, home_folder());
    const struct datatype *datatype = kit_datatype(&kit, "table", fields, 5, key, 2, true);
    prepare(&kit, datatype);
    const struct value values[] = {kit_text("a"), value_integer(0), kit_decimal("12.50"), value_bool(true),
                                   value_integer(7)};
    struct effect effect = kit_create(&kit, datatype, NULL, "", values, "");
    kit_commit_effects(&kit, &effect, 1);
    struct home_row row = kit_record(&kit, datatype, effect.id);
    CHECK_INT(row.fields[4].as.integer, 7);
    CHECK_TEXT(text_of(answer("SELECT \"order\" FROM table_view")), "1970-01-01T00:00:00Z");
    kit_close(&kit);
}

static void view_shows(struct kit *kit, const struct datatype *datatype, int64_t at_us, const char *expected) {
    const struct value values[] = {value_integer(at_us), kit_decimal("10.50")};
    struct effect effect = kit_create(kit, datatype, NULL, "", values, "");
    kit_commit_effects(kit, &effect, 1);
    CHECK_TEXT(text_of(answer("SELECT at FROM visit_view ORDER BY id DESC LIMIT 1")), expected);
}

TEST(store_sqlite_prepare, view_shows_times_and_numbers) {
    struct kit kit;
    const struct field fields[] = {{.name = TEXT_LITERAL("at"), .type = FIELD_TIME},
                                   {.name = TEXT_LITERAL("value"), .type = FIELD_DECIMAL}};
    kit_open_bare(&kit, &store_sqlite, home_folder());
    const struct datatype *datatype = kit_datatype(&kit, "visit", fields, 2, NULL, 0, false);
    prepare(&kit, datatype);
    view_shows(&kit, datatype, 1533565800000000, "2018-08-06T14:30:00Z");
    view_shows(&kit, datatype, 1533565800120000, "2018-08-06T14:30:00.120Z");
    view_shows(&kit, datatype, 1533565800000001, "2018-08-06T14:30:00.000001Z");
    view_shows(&kit, datatype, -1, "1969-12-31T23:59:59.999999Z");
    view_shows(&kit, datatype, -1000, "1969-12-31T23:59:59.999Z");
    view_shows(&kit, datatype, -62167219200000000, "0000-01-01T00:00:00Z");
    view_shows(&kit, datatype, 253402300799999999, "9999-12-31T23:59:59.999999Z");
    view_shows(&kit, datatype, 253402300800000000, "253402300800000000");
    view_shows(&kit, datatype, INT64_MIN, "-9223372036854775808");
    CHECK_TEXT(text_of(answer("SELECT typeof(value) || value FROM visit_view")), "real10.5");
    CHECK_TEXT(text_of(answer("SELECT typeof(value) || value FROM visit")), "text10.50");
    kit_close(&kit);
}

// A field that was given up while it was empty leaves its column; the name may come again as another type.
TEST(store_sqlite_prepare, field_comes_again) {
    struct kit kit;
    kit_open_bare(&kit, &store_sqlite, home_folder());
    prepare(&kit, with_field(&kit, "well", "depth", FIELD_INTEGER));
    const struct field code = {.name = TEXT_LITERAL("code"), .type = FIELD_TEXT};
    const struct datatype *plain = kit_datatype(&kit, "well", &code, 1, NULL, 0, false);
    const struct value a = kit_text("a");
    prepare(&kit, plain);
    struct effect effect = kit_create(&kit, plain, NULL, "", &a, "");
    kit_commit_effects(&kit, &effect, 1);
    const struct datatype *again = with_field(&kit, "well", "Depth", FIELD_TEXT);
    prepare(&kit, again);
    struct home_row row = kit_record(&kit, again, effect.id);
    CHECK_TEXT(value_slice(&row.fields[0]), "a");
    CHECK_INT(row.fields[1].kind, VALUE_NULL);
    CHECK_TEXT(text_of(answer("SELECT type FROM pragma_table_info('well') WHERE name = 'Depth'")), "TEXT");
    kit_close(&kit);
}

TEST(store_sqlite_prepare, defaults_of_every_type) {
    struct kit kit;
    kit_open_bare(&kit, &store_sqlite, home_folder());
    const struct field code = {.name = TEXT_LITERAL("code"), .type = FIELD_TEXT};
    const struct datatype *plain = kit_datatype(&kit, "well", &code, 1, NULL, 0, false);
    const struct value a = kit_text("a");
    prepare(&kit, plain);
    struct effect effect = kit_create(&kit, plain, NULL, "", &a, "");
    kit_commit_effects(&kit, &effect, 1);
    const struct value items[] = {value_integer(1), kit_text("it's")};
    const struct field fields[] = {
        code,
        {.name = TEXT_LITERAL("t"), .type = FIELD_TEXT, .required = true, .fallback = kit_text("it's; --")},
        {.name = TEXT_LITERAL("i"), .type = FIELD_INTEGER, .fallback = value_integer(INT64_MIN)},
        {.name = TEXT_LITERAL("d"), .type = FIELD_DECIMAL, .fallback = kit_decimal("12.50")},
        {.name = TEXT_LITERAL("b"), .type = FIELD_BOOL, .fallback = value_bool(true)},
        {.name = TEXT_LITERAL("j"), .type = FIELD_JSON, .fallback = value_list(items, 2)},
        {.name = TEXT_LITERAL("n"), .type = FIELD_TIME},
    };
    const struct datatype *more = kit_datatype(&kit, "well", fields, 7, NULL, 0, false);
    prepare(&kit, more);
    struct home_row row = kit_record(&kit, more, effect.id);
    CHECK_INT(row.seq, 1);
    CHECK_TEXT(value_slice(&row.fields[1]), "it's; --");
    CHECK(row.fields[2].as.integer == INT64_MIN);
    CHECK_TEXT(value_slice(&row.fields[3]), "12.50");
    CHECK(row.fields[4].as.boolean);
    CHECK_TEXT(value_slice(&row.fields[5].as.items[1]), "it's");
    CHECK_INT(row.fields[6].kind, VALUE_NULL);
    kit_close(&kit);
}

// A script that declares what home remembers writes nothing, not even when another one holds the lock.
TEST(store_sqlite_prepare, known_datatypes_cost_nothing) {
    struct kit kit;
    kit_open(&kit, &store_sqlite, home_folder());
    struct kit other = kit;
    other.store = kit_another(&kit);
    kit_prepare(&kit);
    const char *was = answer("SELECT sum(value) FROM weir_counter");
    kit_prepare(&other);
    CHECK_TEXT(text_of(answer("SELECT sum(value) FROM weir_counter")), was);
    CHECK_TEXT(text_of(answer("SELECT count(*) FROM weir_script")), "1");
    store_close(other.store);
    kit_close(&kit);
}

// A first load into an empty table does without the index of the natural key; its end makes it.
TEST(store_sqlite_prepare, key_index_waits_for_a_first_load) {
    static const char index[] = "SELECT count(*) FROM sqlite_schema WHERE name = 'weir_key_group'";
    struct kit kit;
    kit_open(&kit, &store_sqlite, home_folder());
    kit_run(&kit);
    CHECK_TEXT(text_of(answer(index)), "1");
    struct linkset *bulk = kit_linkset(&kit, "ponds", kit.group, true);
    CHECK(bulk->bulk);
    CHECK_TEXT(text_of(answer(index)), "0");
    kit.groups = bulk;
    kit_add_group(&kit, "a", "A", "1");
    const struct value code = kit_text("A");
    int64_t ids[2];
    size_t count;
    CHECK_OK(kit.store->type->key_find(kit.store, kit.group, &code, ids, &count, &kit.error), &kit.error);
    CHECK_INT(count, 1);
    int64_t repeats;
    int64_t conflicts;
    CHECK_OK(store_settle(kit.store, bulk, &kit.lease, kit.run, 1, &repeats, &conflicts, &kit.error), &kit.error);
    CHECK_TEXT(text_of(answer(index)), "1");
    // With records in the table it stays: others may ask by key.
    CHECK(kit_linkset(&kit, "lakes", kit.group, true)->bulk);
    CHECK_TEXT(text_of(answer(index)), "1");
    kit_close(&kit);
}

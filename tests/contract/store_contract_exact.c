#include "contract/store_contract_kit.h"

// What goes in comes out as it was, whatever it is named.

static struct home_row put_and_get(struct kit *kit, const struct value *fields) {
    static int number;
    char external[16];
    snprintf(external, sizeof external, "%d", number++);
    struct effect made = kit_create(kit, kit->reading, kit->readings, external, fields, external);
    kit_commit_effects(kit, &made, 1);
    struct home_row row = kit_record(kit, kit->reading, made.id);
    CHECK_INT(row.id, made.id);
    return row;
}

void contract_exact_decimals(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    static const char *const texts[] = {
        "12.50",
        "0",
        "-0",
        "0.0",
        "1e3",
        "-3e-7",
        "1.0",
        "12345678901234567.89",
        "9223372036854775808",
        "1e400",
        "0.1",
        "1E+5",
        "3.141592653589793238462643383279502884197169399375105820974944592307816406286",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const struct value fields[READING_FIELDS] = {
            [READING_AT] = value_integer(1), [READING_VALUE] = kit_decimal(texts[i])};
        struct home_row row = put_and_get(&kit, fields);
        CHECK_INT(row.fields[READING_VALUE].kind, VALUE_DECIMAL);
        CHECK_TEXT(value_slice(&row.fields[READING_VALUE]), texts[i]);
    }
    kit_close(&kit);
}

void contract_exact_integers(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    static const int64_t numbers[] = {0, 1, -1, INT64_MAX, INT64_MIN, 9007199254740993, -9007199254740993};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        const struct value fields[READING_FIELDS] = {
            [READING_AT] = value_integer(numbers[i]), [READING_COUNT] = value_integer(numbers[i])};
        struct home_row row = put_and_get(&kit, fields);
        CHECK_INT(row.fields[READING_COUNT].kind, VALUE_INTEGER);
        CHECK_INT(row.fields[READING_COUNT].as.integer, numbers[i]);
        CHECK_INT(row.fields[READING_AT].kind, VALUE_INTEGER);
        CHECK_INT(row.fields[READING_AT].as.integer, numbers[i]);
    }
    kit_close(&kit);
}

void contract_exact_texts(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    static const char *const texts[] = {
        "",
        " ",
        "it's",
        "\"quoted\"",
        "'; DROP TABLE reading; --",
        "naïve ☃ 𝄞",
        "line\nline\r\n\ttab",
        "123",
        "1e3",
        "true",
        "null",
        "[\"a\"]",
        "\xEF\xBB\xBFz",
        "e\xCC\x81",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const struct value fields[READING_FIELDS] = {
            [READING_AT] = value_integer(1), [READING_NOTE] = kit_text(texts[i])};
        struct home_row row = put_and_get(&kit, fields);
        CHECK_INT(row.fields[READING_NOTE].kind, VALUE_TEXT);
        CHECK_TEXT(value_slice(&row.fields[READING_NOTE]), texts[i]);
    }
    enum { LONG = 3 * 1024 * 1024 };
    char *text = arena_take(kit.arena, LONG);
    CHECK(text != NULL);
    for (size_t i = 0; i < LONG; i++) {
        text[i] = (char)('a' + i % 26);
    }
    const struct value fields[READING_FIELDS] = {
        [READING_AT] = value_integer(1), [READING_NOTE] = value_text((struct text){text, LONG})};
    struct home_row row = put_and_get(&kit, fields);
    CHECK(value_same(&row.fields[READING_NOTE], &fields[READING_NOTE]));
    kit_close(&kit);
}

void contract_exact_null_and_empty(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    const struct value all_null[READING_FIELDS] = {[READING_AT] = value_integer(0), [READING_NOTE] = value_null()};
    struct home_row row = put_and_get(&kit, all_null); // the others are missing
    for (size_t i = 0; i < READING_FIELDS; i++) {
        CHECK_INT(row.fields[i].kind, i == READING_AT ? VALUE_INTEGER : VALUE_NULL);
    }
    CHECK_INT(row.extra.kind, VALUE_MISSING);
    const struct value empty[READING_FIELDS] = {[READING_AT] = value_integer(0),
                                                [READING_NOTE] = kit_text(""),
                                                [READING_GOOD] = value_bool(false),
                                                [READING_COUNT] = value_integer(0),
                                                [READING_DATA] = kit_text("")};
    row = put_and_get(&kit, empty);
    CHECK_INT(row.fields[READING_NOTE].kind, VALUE_TEXT);
    CHECK_INT(row.fields[READING_NOTE].length, 0);
    CHECK_INT(row.fields[READING_GOOD].kind, VALUE_BOOL);
    CHECK(!row.fields[READING_GOOD].as.boolean);
    CHECK_INT(row.fields[READING_COUNT].kind, VALUE_INTEGER);
    CHECK_INT(row.fields[READING_DATA].kind, VALUE_TEXT);
    CHECK_INT(row.fields[READING_DATA].length, 0);
    const struct value good[READING_FIELDS] = {[READING_AT] = value_integer(0), [READING_GOOD] = value_bool(true)};
    row = put_and_get(&kit, good);
    CHECK_INT(row.fields[READING_GOOD].kind, VALUE_BOOL);
    CHECK(row.fields[READING_GOOD].as.boolean);
    kit_close(&kit);
}

void contract_exact_json(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct value inner[] = {value_integer(9007199254740993), value_null(), value_bool(true)};
    const struct text inner_names[] = {TEXT_LITERAL("big"), TEXT_LITERAL(""), TEXT_LITERAL("it's \"näme\"")};
    const struct shape inner_shape = {3, inner_names};
    const struct object inner_object = {&inner_shape, inner};
    const struct shape no_shape = {0, inner_names};
    const struct object no_object = {&no_shape, inner};
    const struct value items[] = {
        value_object(&inner_object),
        value_list(NULL, 0),
        value_object(&no_object),
        kit_decimal("1.0"),
        kit_decimal("12345678901234567.89"),
        value_integer(INT64_MIN),
        kit_text("☃"),
        value_text((struct text){"a\0b", 3}),
        value_null(),
    };
    const struct value roots[] = {
        value_list(items, 9), value_object(&inner_object), kit_text("plain"),  value_bool(false),
        value_integer(5),     kit_decimal("5.0"),          value_list(NULL, 0)};
    for (size_t i = 0; i < sizeof roots / sizeof roots[0]; i++) {
        const struct value fields[READING_FIELDS] = {[READING_AT] = value_integer(1), [READING_DATA] = roots[i]};
        struct home_row row = put_and_get(&kit, fields);
        CHECK_INT(row.fields[READING_DATA].kind, roots[i].kind);
        CHECK(value_same(&row.fields[READING_DATA], &roots[i]));
        if (i == 0) {
            CHECK_TEXT(value_slice(&row.fields[READING_DATA].as.items[3]), "1.0");
            CHECK_TEXT(value_slice(&row.fields[READING_DATA].as.items[4]), "12345678901234567.89");
            CHECK_INT(row.fields[READING_DATA].as.items[5].as.integer, INT64_MIN);
        }
    }
    kit_close(&kit);
}

void contract_exact_extra(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct value extra[] = {kit_decimal("1.50"), value_integer(9007199254740993), kit_text("it's")};
    const struct text names[] = {TEXT_LITERAL("villageId,postcode"), TEXT_LITERAL("id"), TEXT_LITERAL("\"")};
    const struct shape shape = {3, names};
    const struct object object = {&shape, extra};
    const struct value fields[GROUP_FIELDS] = {kit_text("A"), value_null()};
    struct effect made = kit_create(&kit, kit.group, kit.groups, "a", fields, "1");
    made.extra = value_object(&object);
    kit_commit_effects(&kit, &made, 1);
    struct home_row row = kit_record(&kit, kit.group, made.id);
    CHECK(value_same(&row.extra, &made.extra));
    CHECK_TEXT(value_slice(object_find(row.extra.as.object, names[0])), "1.50");
    struct effect change = kit_change(&made, EFFECT_UPDATE, 1, fields, "2");
    change.extra = (struct value){.kind = VALUE_MISSING};
    kit_commit_effects(&kit, &change, 1);
    CHECK_INT(kit_record(&kit, kit.group, made.id).extra.kind, VALUE_MISSING);
    kit_close(&kit);
}

void contract_exact_references(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    struct effect group = kit_add_group(&kit, "g", "G", "1");
    const struct value fields[READING_FIELDS] = {
        [READING_AT] = value_integer(1), [READING_GROUP] = value_integer(group.id)};
    struct home_row row = put_and_get(&kit, fields);
    CHECK_INT(row.fields[READING_GROUP].kind, VALUE_INTEGER);
    CHECK_INT(row.fields[READING_GROUP].as.integer, group.id);
    kit_close(&kit);
}

static const char *const odd_names[] = {
    "it's", "\"quoted\"", "a;b--c", "näme ☃", "..", "/etc/passwd", "UPPER", "upper", "a b", "[\"313603\",\"1111\"]",
    "01",   "1",          "1.0",    "%",      "_",  "\n",          "table", "weir",
};
enum { ODD_NAMES = sizeof odd_names / sizeof odd_names[0] };

void contract_odd_externals(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    int64_t ids[ODD_NAMES + 2];
    char longest[2][1025] = {{0}, {0}};
    memset(longest[0], 'x', 1024);
    memset(longest[1], 'x', 1024);
    longest[1][1023] = 'y';
    for (size_t i = 0; i < ODD_NAMES; i++) {
        ids[i] = kit_add_group(&kit, odd_names[i], "A", odd_names[i]).id;
    }
    ids[ODD_NAMES] = kit_add_group(&kit, longest[0], "A", "x").id;
    ids[ODD_NAMES + 1] = kit_add_group(&kit, longest[1], "A", "y").id;
    kit_reopen(&kit);
    for (size_t i = 0; i < ODD_NAMES; i++) {
        CHECK_INT(kit_link(&kit, kit.groups, odd_names[i]).home, ids[i]);
        struct link link;
        struct text external;
        CHECK_OK(type->link_of(kit.store, kit.groups, ids[i], kit.arena, &link, &external, &kit.error), &kit.error);
        CHECK_TEXT(external, odd_names[i]);
    }
    CHECK_INT(kit_link(&kit, kit.groups, longest[0]).home, ids[ODD_NAMES]);
    CHECK_INT(kit_link(&kit, kit.groups, longest[1]).home, ids[ODD_NAMES + 1]);
    kit_close(&kit);
}

void contract_odd_datasources(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open(&kit, type, folder);
    int64_t ids[ODD_NAMES + 1];
    char longest[1025] = {0};
    memset(longest, 'x', 1024);
    for (size_t i = 0; i <= ODD_NAMES; i++) {
        const char *name = i < ODD_NAMES ? odd_names[i] : longest;
        kit.groups = kit_linkset(&kit, name, kit.group, i % 2 == 0);
        CHECK_TEXT(kit.groups->datasource, name);
        ids[i] = kit_add_group(&kit, "a", "A", name).id;
    }
    kit_reopen(&kit);
    kit_run(&kit);
    struct kit_rows rows;
    for (size_t i = 0; i <= ODD_NAMES; i++) {
        const char *name = i < ODD_NAMES ? odd_names[i] : longest;
        struct linkset *links = kit_linkset(&kit, name, kit.group, true);
        CHECK(links->bulk == (i % 2 == 0));
        int64_t repeats;
        int64_t conflicts;
        CHECK_OK(store_settle(kit.store, links, &kit.lease, kit.run, 1, &repeats, &conflicts, &kit.error), &kit.error);
        CHECK_INT(kit_link(&kit, links, "a").home, ids[i]);
        kit_links(&kit, kit.group, kit_scan(name), &rows);
        CHECK_INT(rows.count, 1);
        CHECK_TEXT(rows.as.links[0].datasource, name);
    }
    kit_close(&kit);
}

// Names that a database has a meaning for.
void contract_odd_datatypes(const struct store_type *type, const char *folder) {
    struct kit kit;
    kit_open_bare(&kit, type, folder);
    static const char *const names[] = {"table", "select", "order", "link", "run", "weir", "Reading2", "x"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct field fields[] = {{.name = TEXT_LITERAL("from"), .type = FIELD_TEXT},
                                       {.name = TEXT_LITERAL("where"), .type = FIELD_INTEGER},
                                       {.name = TEXT_LITERAL("rowid"), .type = FIELD_INTEGER},
                                       {.name = TEXT_LITERAL("oid"), .type = FIELD_TEXT}};
        const uint32_t key[] = {0, 2};
        const struct datatype *datatype = kit_datatype(&kit, names[i], fields, 4, key, 2, false);
        CHECK_OK(store_prepare(kit.store, &datatype, 1, TEXT_LITERAL(""), &kit.error), &kit.error);
        const struct value values[] = {kit_text(names[i]), value_integer(5), value_integer(77), kit_text("o")};
        struct effect made = kit_create(&kit, datatype, kit_linkset(&kit, "wells", datatype, false), "a", values, "1");
        kit_commit_effects(&kit, &made, 1);
        struct home_row row = kit_record(&kit, datatype, made.id);
        CHECK_TEXT(value_slice(&row.fields[0]), names[i]);
        CHECK_INT(row.fields[1].as.integer, 5);
        CHECK_INT(row.fields[2].as.integer, 77);
        CHECK_TEXT(value_slice(&row.fields[3]), "o");
        const struct value wanted[] = {kit_text(names[i]), value_integer(77)};
        int64_t ids[2];
        size_t count;
        CHECK_OK(type->key_find(kit.store, datatype, wanted, ids, &count, &kit.error), &kit.error);
        CHECK_INT(count, 1);
        CHECK_INT(ids[0], made.id);
    }
    kit_close(&kit);
}
